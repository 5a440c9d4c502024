// SPDX-License-Identifier: GPL-2.0
/* See escape.h. A byte that is no character is written as the log does it: \xNN. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "escape.h"
#include "util.h"

/* The bytes of the UTF-8 character that begins here; 0: none does */
static size_t utf8_length(const char *text)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0x20 }, { 0xe0, 0xc0, 0xa0 },
		{ 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};
	unsigned char c = *text;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		uint32_t value = c & ~forms[i].mask & 0xff;

		if ((c & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t j = 1; j <= i; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (text[j] & 0x3f);
		}
		if (value < forms[i].least || value == 0x7f || value > 0x10ffff ||
		    (value >= 0xd800 && value < 0xe000) || (value & 0xfffe) == 0xfffe)
			return 0;
		return i + 1;
	}
	return 0;
}

/* The bytes that begin a text and mean themselves wherever they are written */
static size_t plain_length(const char *text)
{
	size_t len = 0;

	while (text[len] >= ' ' && text[len] < 0x7f && text[len] != '&' && text[len] != '<' &&
	       text[len] != '>' && text[len] != '"' && text[len] != '\'' && text[len] != '\\')
		len++;
	return len;
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	case '\t': return "\t";
	case '\n': return "\n";
	}
	return NULL;
}

/**
 * put_html() - write a text so that HTML takes it as text
 * @out: where to
 * @text: it; it can also be an attribute's value, between quotes
 */
void put_html(FILE *out, const char *text)
{
	while (*text) {
		size_t len = plain_length(text) ?: utf8_length(text);
		const char *entity = html_entity(*text);

		if (entity)
			fputs(entity, out);
		else if (len)
			fwrite(text, 1, len, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
		text += len ?: 1;
	}
}

/**
 * put_json_part() - write a text as a part of a JSON string
 * @out: where to
 * @text: it
 */
void put_json_part(FILE *out, const char *text)
{
	while (*text) {
		size_t len = plain_length(text) ?: utf8_length(text);

		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (*text == '\t')
			fputs("\\t", out);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (len)
			fwrite(text, 1, len, out);
		else
			fprintf(out, "\\\\x%02x", (unsigned char)*text);
		text += len ?: 1;
	}
}

/**
 * put_json() - write a text as a JSON string
 * @out: where to
 * @text: it
 */
void put_json(FILE *out, const char *text)
{
	fputc('"', out);
	put_json_part(out, text);
	fputc('"', out);
}
