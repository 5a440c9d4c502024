// SPDX-License-Identifier: GPL-2.0
/* See atlas.h. As a file, an atlas is lines of words, its texts are at their ends. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "atlas.h"
#include "util.h"

#define TITLE	"atlas open_trace 1"

/**
 * atlas_block() - the block of an address
 * @atlas: where to look
 * @pc: as KCOV names it
 *
 * Return: it; NULL when there is none.
 */
const struct block *atlas_block(const struct atlas *atlas, uint64_t pc)
{
	const struct block *block = atlas_block_around(atlas, pc);

	return block && block->pc == pc ? block : NULL;
}

/**
 * atlas_block_around() - the block that an address is in
 * @atlas: where to look
 * @pc: an address behind an instruction of the block
 *
 * Return: it; NULL when it is in none that ran.
 */
const struct block *atlas_block_around(const struct atlas *atlas, uint64_t pc)
{
	size_t low = 0, high = atlas->block_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (atlas->blocks[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || pc > atlas->blocks[low - 1].end)
		return NULL;
	return &atlas->blocks[low - 1];
}

/**
 * atlas_function() - the function that a scope is in
 * @atlas: of the scope
 * @scope: it
 *
 * Return: the function's own scope, NO_SCOPE for NO_SCOPE.
 */
int atlas_function(const struct atlas *atlas, int scope)
{
	while (scope != NO_SCOPE && atlas->scopes[scope].parent != NO_SCOPE)
		scope = atlas->scopes[scope].parent;
	return scope;
}

/**
 * atlas_path() - the name of a place's file
 * @atlas: of the place
 * @at: it
 *
 * Return: the path from the top of the tree, "?" when it is not known.
 */
const char *atlas_path(const struct atlas *atlas, struct place at)
{
	return at.file < 0 ? "?" : atlas->files[at.file].path;
}

/**
 * atlas_text() - the source line of a place
 * @atlas: of the place
 * @at: it
 *
 * Return: the line's text, without the white space before it; empty when there is none.
 */
const char *atlas_text(const struct atlas *atlas, struct place at)
{
	const struct source *file;
	const char *text;

	if (at.file < 0 || at.line < 1)
		return "";
	file = &atlas->files[at.file];
	text = (size_t)at.line < file->count ? file->lines[at.line] : NULL;
	return text ? text + strspn(text, " \t") : "";
}

/**
 * atlas_fact() - what is known of the build
 * @atlas: where to look
 * @key: what
 *
 * Return: it in words, NULL when it is not known.
 */
const char *atlas_fact(const struct atlas *atlas, const char *key)
{
	for (size_t i = 0; i < atlas->fact_count; i++) {
		if (!strcmp(atlas->facts[i].key, key))
			return atlas->facts[i].value;
	}
	return NULL;
}

static void write_spot(FILE *out, const char *kind, const struct spot *spot)
{
	fprintf(out, "%s %d %d %d", kind, spot->scope, spot->at.file, spot->at.line);
}

static void write_block(FILE *out, const struct block *block)
{
	fprintf(out, "block %" PRIx64 " %" PRIx64 " %d", block->pc, block->end, block->entry);
	write_spot(out, "", &block->spot);
	fputc('\n', out);
	for (size_t i = 0; i < block->spot_count; i++) {
		write_spot(out, "spot", &block->spots[i]);
		fputc('\n', out);
	}
	for (size_t i = 0; i < block->helper_count; i++)
		fprintf(out, "helper %d\n", block->helpers[i]);
	for (size_t i = 0; i < block->site_count; i++) {
		write_spot(out, "site", &block->sites[i].spot);
		fprintf(out, " %s\n", block->sites[i].target ?: "");
	}
}

/**
 * atlas_write() - keep an atlas as a file
 * @atlas: it
 * @out: the file
 */
void atlas_write(const struct atlas *atlas, FILE *out)
{
	fputs(TITLE "\n", out);
	for (size_t i = 0; i < atlas->fact_count; i++)
		fprintf(out, "fact %s %s\n", atlas->facts[i].key, atlas->facts[i].value);
	for (size_t i = 0; i < atlas->file_count; i++) {
		const struct source *file = &atlas->files[i];

		fprintf(out, "file %s\n", file->path);
		for (size_t j = 0; j < file->count; j++) {
			if (file->lines[j])
				fprintf(out, "text %zu %s\n", j, file->lines[j]);
		}
	}
	for (size_t i = 0; i < atlas->scope_count; i++) {
		const struct scope *scope = &atlas->scopes[i];

		fprintf(out, "scope %d %d %d %d %d %s\n", scope->parent,
			scope->declared.file, scope->declared.line,
			scope->called.file, scope->called.line, scope->name);
	}
	for (size_t i = 0; i < atlas->block_count; i++)
		write_block(out, &atlas->blocks[i]);
}

/**
 * struct lines - a file that is read line by line
 * @path: of it
 * @nr: the line, from 1
 * @rest: what of it has not been read
 */
struct lines {
	const char *path;
	size_t nr;
	char *rest;
};

static _Noreturn void refuse(const struct lines *lines, const char *why)
{
	die("%s:%zu: %s; make it anew", lines->path, lines->nr, why);
}

static long take(struct lines *lines, int base, long low, unsigned long high)
{
	unsigned long value;
	char *end;

	value = strtoul(lines->rest, &end, base);
	if (end == lines->rest || (*end && *end != ' '))
		refuse(lines, "a number is expected");
	if ((low < 0 && (long)value < 0) ? (long)value < low : value > high)
		refuse(lines, "a number is out of bounds");
	lines->rest = *end ? end + 1 : end;
	return value;
}

#define ANY_ADDRESS	ULONG_MAX
#define LINE_LIMIT	(1 << 20)

static struct place take_place(struct lines *lines, const struct atlas *atlas)
{
	struct place at;

	at.file = take(lines, 10, -1, LINE_LIMIT);
	at.line = take(lines, 10, 0, LINE_LIMIT);
	if (at.file >= (int)atlas->file_count)
		refuse(lines, "there is no such file");
	return at;
}

static struct spot take_spot(struct lines *lines, const struct atlas *atlas)
{
	struct spot spot;

	spot.scope = take(lines, 10, NO_SCOPE, LINE_LIMIT);
	if (spot.scope >= (int)atlas->scope_count)
		refuse(lines, "there is no such scope");
	spot.at = take_place(lines, atlas);
	return spot;
}

static void take_text(struct lines *lines, struct atlas *atlas)
{
	struct source *file;
	size_t nr = take(lines, 10, 0, LINE_LIMIT);

	if (!atlas->file_count)
		refuse(lines, "a text belongs to a file");
	file = &atlas->files[atlas->file_count - 1];
	if (nr < file->count)
		refuse(lines, "the texts are out of order");
	while (file->count <= nr)
		GROW(file->lines, file->count) = NULL;
	file->lines[nr] = copy_text(lines->rest, strlen(lines->rest));
}

static void take_scope(struct lines *lines, struct atlas *atlas)
{
	struct scope scope;

	scope.parent = take(lines, 10, NO_SCOPE, LINE_LIMIT);
	if (scope.parent >= (int)atlas->scope_count)
		refuse(lines, "there is no such scope");
	scope.declared = take_place(lines, atlas);
	scope.called = take_place(lines, atlas);
	scope.name = copy_text(lines->rest, strlen(lines->rest));
	GROW(atlas->scopes, atlas->scope_count) = scope;
}

static void take_block(struct lines *lines, struct atlas *atlas)
{
	struct block block = { };

	block.pc = take(lines, 16, 0, ANY_ADDRESS);
	block.end = take(lines, 16, 0, ANY_ADDRESS);
	block.entry = take(lines, 10, 0, 1);
	block.spot = take_spot(lines, atlas);
	if (atlas->block_count && block.pc <= atlas->blocks[atlas->block_count - 1].pc)
		refuse(lines, "the blocks are out of order");
	GROW(atlas->blocks, atlas->block_count) = block;
}

/* A line that belongs to the block before it */
static void take_part(struct lines *lines, struct atlas *atlas, const char *kind)
{
	struct block *block;
	struct site *site;

	if (!atlas->block_count)
		refuse(lines, "it belongs to a block");
	block = &atlas->blocks[atlas->block_count - 1];
	if (!strcmp(kind, "spot")) {
		GROW(block->spots, block->spot_count) = take_spot(lines, atlas);
	} else if (!strcmp(kind, "helper")) {
		int scope = take(lines, 10, 0, LINE_LIMIT);

		if (scope >= (int)atlas->scope_count)
			refuse(lines, "there is no such scope");
		GROW(block->helpers, block->helper_count) = scope;
	} else if (!strcmp(kind, "site")) {
		struct spot spot = take_spot(lines, atlas);

		site = &GROW(block->sites, block->site_count);
		site->spot = spot;
		if (*lines->rest)
			site->target = copy_text(lines->rest, strlen(lines->rest));
	} else {
		refuse(lines, "unknown kind of line");
	}
}

static void take_line(struct lines *lines, struct atlas *atlas, char *line)
{
	char *end = strchr(line, ' ');

	if (!end)
		refuse(lines, "unknown kind of line");
	*end = '\0';
	lines->rest = end + 1;
	if (!strcmp(line, "fact")) {
		char *value = strchr(lines->rest, ' ');

		if (!value)
			refuse(lines, "a fact has a key and a value");
		GROW(atlas->facts, atlas->fact_count) = (struct fact){
			copy_text(lines->rest, value - lines->rest),
			copy_text(value + 1, strlen(value + 1)),
		};
	} else if (!strcmp(line, "file")) {
		GROW(atlas->files, atlas->file_count).path =
			copy_text(lines->rest, strlen(lines->rest));
	} else if (!strcmp(line, "text")) {
		take_text(lines, atlas);
	} else if (!strcmp(line, "scope")) {
		take_scope(lines, atlas);
	} else if (!strcmp(line, "block")) {
		take_block(lines, atlas);
	} else {
		take_part(lines, atlas, line);
	}
}

/**
 * atlas_read() - an atlas that was kept as a file
 * @path: of the file; exits with its name and line when it is none
 *
 * Return: it; it lives as long as the program.
 */
struct atlas *atlas_read(const char *path)
{
	struct lines lines = { .path = path };
	struct atlas *atlas = zalloc(1, sizeof(*atlas));
	size_t size;
	char *text = read_file(path, &size), *line = text, *end;

	while ((end = memchr(line, '\n', size - (line - text)))) {
		*end = '\0';
		if (!lines.nr++ ? !!strcmp(line, TITLE) : false)
			refuse(&lines, "this is no atlas");
		if (lines.nr > 1)
			take_line(&lines, atlas, line);
		line = end + 1;
	}
	lines.nr++;
	if (line != text + size || lines.nr < 2)
		refuse(&lines, "the line is not complete");
	free(text);
	return atlas;
}
