/* SPDX-License-Identifier: GPL-2.0 */
/* Memory and text, for all files of the report program. */
#ifndef _REPORT_UTIL_H
#define _REPORT_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(arr)		(sizeof(arr) / sizeof((arr)[0]))

/**
 * GROW() - room for one more element at the end of an array
 * @array: a pointer to its first element, which moves
 * @count: of its elements; it becomes one more
 *
 * The array has as many places as the next power of two. Exits when memory is out.
 *
 * Return: a pointer to the new element, all zero.
 */
#define GROW(array, count)						\
	(*(__typeof__((array)[0]) *)grow_array((void **)&(array), &(count), sizeof((array)[0])))

void *grow_array(void **array, size_t *count, size_t size);
void *zalloc(size_t count, size_t size);
char *copy_text(const char *from, size_t len);
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *read_file(const char *path, size_t *size);
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
