// SPDX-License-Identifier: GPL-2.0
/* See util.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/**
 * zalloc() - memory of zeros
 * @count: of elements
 * @size: of each
 *
 * Return: it; exits when there is none.
 */
void *zalloc(size_t count, size_t size)
{
	void *memory = calloc(count ?: 1, size);

	if (!memory)
		die("out of memory");
	return memory;
}

/* See GROW(). */
void *grow_array(void **array, size_t *count, size_t size)
{
	char *element;

	/* full when the count is nothing or a power of two */
	if (!(*count & (*count - 1))) {
		*array = realloc(*array, (*count ? *count * 2 : 1) * size);
		if (!*array)
			die("out of memory");
	}
	element = (char *)*array + (*count)++ * size;
	return memset(element, 0, size);
}

/**
 * copy_text() - a string of its own
 * @from: its first character
 * @len: how many of them
 *
 * Return: it, with a NUL at its end.
 */
char *copy_text(const char *from, size_t len)
{
	char *text = zalloc(len + 1, 1);

	return memcpy(text, from, len);
}

/**
 * format_text() - a string of its own
 * @format: as printf() takes it
 *
 * Return: it.
 */
char *format_text(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die("out of memory");
	va_end(args);
	return text;
}

/**
 * read_file() - the whole of a file
 * @path: of it; exits when it cannot be read
 * @size: set to its length, if not NULL
 *
 * Return: its bytes, and a NUL.
 */
char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	size_t room = 1 << 16, len = 0, got;
	char *text = zalloc(room, 1);

	if (!file)
		die("cannot read %s: %s", path, strerror(errno));
	while ((got = fread(text + len, 1, room - len - 1, file))) {
		len += got;
		if (len == room - 1) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				die("out of memory");
		}
	}
	if (ferror(file))
		die("cannot read %s: %s", path, strerror(errno));
	fclose(file);
	text[len] = '\0';
	if (size)
		*size = len;
	return text;
}
