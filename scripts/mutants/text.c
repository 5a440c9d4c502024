// SPDX-License-Identifier: GPL-2.0
/*
 * A source file with mutants: the text is never changed, only added to, so that each line
 * keeps its number. What a mutant has instead of an expression E comes as
 *
 *	(open_trace_mutant == 17 ? (the other expression) : (E))
 *
 * and a statement that it does not have as
 *
 *	if (open_trace_mutant == 18) { } else statement;
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mutants.h"

#define MAX_MUTANTS	8192
#define MAX_CHANGES	32	/* of one mutant */
#define MAX_INSERTIONS	32768
#define MAX_UNBUILDABLE	1024
#define ID_MASK		0xffffff

/* Mutants have returns without a value, or none, and compare what is always true. */
#define FIRST_LINES \
	"#pragma GCC diagnostic ignored \"-Wreturn-type\"\n" \
	"extern int " SWITCH ";\n" \
	"#line 1\n"

struct change {
	unsigned int from, to;
	char *with;
};

struct mutant {
	unsigned int number;
	const char *function, *operator;
	char *id;
	struct change changes[MAX_CHANGES];
	int count;
	bool is_twin;		/* another is the same */
	bool is_unbuildable;
};

static struct insertion {
	unsigned int at, order;
	bool opens;
	const char *pattern, *with;
	struct mutant *mutant;
} insertions[MAX_INSERTIONS];

static unsigned int insertion_count;
static struct mutant mutants[MAX_MUTANTS];
static unsigned int mutant_count;
static unsigned int last_number;
static char *unbuildable[MAX_UNBUILDABLE];
static int unbuildable_count;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "mutate: %s: %s\n", what, which);
	exit(1);
}

char *format(const char *pattern, ...)
{
	va_list args;
	char *string;

	va_start(args, pattern);
	if (vasprintf(&string, pattern, args) < 0)
		die("no memory", pattern);
	va_end(args);
	return string;
}

static FILE *open_or_die(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file)
		die(strerror(errno), path);
	return file;
}

struct text *read_text(char *path, const char *name)
{
	static struct text text;
	FILE *file = open_or_die(path, "r");
	struct stat stat;

	if (fstat(fileno(file), &stat))
		die(strerror(errno), path);
	text.path = path;
	text.name = name;
	text.length = stat.st_size;
	free(text.text);
	text.text = calloc(1, text.length + 1);
	if (!text.text || fread(text.text, 1, text.length, file) != text.length)
		die("cannot read", path);
	fclose(file);
	insertion_count = 0;
	mutant_count = 0;
	return &text;
}

void read_unbuildable(const char *path)
{
	FILE *file = fopen(path, "r");
	char *id;

	while (file && fscanf(file, "%ms", &id) == 1) {
		if (unbuildable_count == MAX_UNBUILDABLE)
			die("too many", path);
		unbuildable[unbuildable_count++] = id;
	}
	if (file)
		fclose(file);
}

struct mutant *add_mutant(struct text *text, const char *function, const char *operator)
{
	if (mutant_count == MAX_MUTANTS)
		die("too many mutants", text->name);
	mutants[mutant_count] = (struct mutant){ .number = ++last_number, .function = function,
						 .operator = operator };
	return &mutants[mutant_count++];
}

static bool is_same(struct mutant *one, struct change *change)
{
	return one->count == 1 && one->changes[0].from == change->from &&
	       one->changes[0].to == change->to && !strcmp(one->changes[0].with, change->with);
}

bool add_change(struct mutant *mutant, unsigned int from, unsigned int to, char *with)
{
	struct change change = { from, to, with };
	struct mutant *other;

	for (other = mutants; other < mutant && !mutant->count; other++)
		if (is_same(other, &change))
			mutant->is_twin = strcmp(mutant->operator, "pair-dropped");
	if (mutant->is_twin)
		return false;
	if (mutant->count == MAX_CHANGES)
		die("too many changes", mutant->function);
	mutant->changes[mutant->count++] = change;
	return true;
}

void add_insertion(struct text *text, struct mutant *mutant, unsigned int at, bool opens,
		   const char *pattern, const char *with)
{
	if (insertion_count == MAX_INSERTIONS)
		die("too many insertions", text->name);
	insertions[insertion_count] = (struct insertion){ at, insertion_count, opens, pattern,
							  with, mutant };
	insertion_count++;
}

/* FNV-1a, the common choice for a hash of a few lines that need not be secret */
static uint32_t hash(uint32_t value, const char *text, unsigned int length)
{
	while (length--)
		value = (value ^ (unsigned char)*text++) * 16777619;
	return value;
}

/* What was in the place of all changes, before and after */
static uint32_t hash_of(struct text *text, struct mutant *mutant)
{
	uint32_t value = 2166136261;
	struct change *change;

	for (change = mutant->changes; change < mutant->changes + mutant->count; change++) {
		value = hash(value, text->text + change->from, change->to - change->from);
		value = hash(value, change->with, strlen(change->with) + 1);
	}
	return value;
}

/*
 * An id stays when other lines of the function change: it comes from what is changed, and
 * from how often the function had the same before.
 */
static void give_ids(struct text *text)
{
	struct mutant *mutant, *other;
	int i, before;

	for (mutant = mutants; mutant < mutants + mutant_count; mutant++) {
		uint32_t value = hash_of(text, mutant);

		before = 0;
		for (other = mutants; other < mutant; other++)
			before += !other->is_twin && other->function == mutant->function &&
				  other->operator == mutant->operator &&
				  hash_of(text, other) == value;
		mutant->id = format("%s.%s.%06x", mutant->function, mutant->operator,
				    hash(value, (char *)&before, sizeof(before)) & ID_MASK);
		for (other = mutants; other < mutant; other++)
			if (!mutant->is_twin && !other->is_twin && !strcmp(other->id, mutant->id))
				die("two mutants have one id", mutant->id);
		for (i = 0; i < unbuildable_count; i++)
			mutant->is_unbuildable |= !strcmp(mutant->id, unbuildable[i]);
	}
}

static int compare(const void *left, const void *right)
{
	const struct insertion *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->opens != b->opens)
		return a->opens ? 1 : -1;
	return (a->opens ? a->order < b->order : a->order > b->order) ? -1 : 1;
}

static unsigned int line_of(struct text *text, unsigned int at)
{
	unsigned int i, line = 1;

	for (i = 0; i < at; i++)
		line += text->text[i] == '\n';
	return line;
}

static void write_source(struct text *text, const char *folder)
{
	char *path = format("%s/%s", folder, text->name);
	char *places = format("%s/places", folder);
	FILE *out = open_or_die(path, "w"), *to = open_or_die(places, "a");
	unsigned int at, line = 1, column = 1;
	struct insertion *next = insertions;

	qsort(insertions, insertion_count, sizeof(insertions[0]), compare);
	fputs(FIRST_LINES, out);
	for (at = 0; at < text->length; at++) {
		for (; next < insertions + insertion_count && next->at == at; next++) {
			char *inserted;

			if (next->mutant->is_unbuildable)
				continue;
			inserted = format(next->pattern, next->mutant->number, next->with);
			/* a mutant of several lines is put into one */
			for (char *c = inserted; *c; c++)
				if (*c == '\n')
					*c = ' ';
			fputs(inserted, out);
			fprintf(to, "%s\t%u\t%u\t%zu\t%s\n", text->name, line, column,
				column + strlen(inserted) - 1, next->mutant->id);
			column += strlen(inserted);
			free(inserted);
		}
		putc(text->text[at], out);
		column++;
		if (text->text[at] == '\n') {
			line++;
			column = 1;
		}
	}
	if (fclose(out) || fclose(to))
		die("cannot write", path);
	free(places);
	free(path);
}

/* Text in one line, each space of any length as one blank */
static void print_words(FILE *out, const char *text, unsigned int length)
{
	unsigned int i;

	for (i = 0; i < length; i++)
		if (!isspace((unsigned char)text[i]))
			putc(text[i], out);
		else if (i && !isspace((unsigned char)text[i - 1]))
			putc(' ', out);
}

static void write_list(struct text *text, const char *folder)
{
	char *path = format("%s/list", folder);
	FILE *out = open_or_die(path, "a");
	struct change *change;
	struct mutant *mutant;
	int i;

	for (mutant = mutants; mutant < mutants + mutant_count; mutant++) {
		if (mutant->is_twin)
			continue;
		fprintf(out, "%d\t%s\t%s\t%s\t%s\t%u\t",
			mutant->is_unbuildable ? 0 : (int)mutant->number, mutant->id,
			mutant->function, mutant->operator, text->name,
			line_of(text, mutant->changes[0].from));
		for (i = 0; i < mutant->count; i++) {
			change = &mutant->changes[i];
			if (i)
				fputs("; ", out);
			print_words(out, text->text + change->from, change->to - change->from);
		}
		putc('\t', out);
		print_words(out, mutant->changes[0].with, strlen(mutant->changes[0].with));
		putc('\n', out);
	}
	if (fclose(out))
		die("cannot write", path);
	free(path);
}

/* Each mutant as a patch, by diff */
static void write_diffs(struct text *text, const char *folder)
{
	struct mutant *mutant;
	unsigned int at;
	char *command;
	FILE *diff;
	int i;

	for (mutant = mutants; mutant < mutants + mutant_count; mutant++) {
		if (mutant->is_twin)
			continue;
		command = format("diff -u --label 'a/%s' --label 'b/%s' '%s' - >'%s/diffs/%s'",
				 text->name, text->name, text->path, folder, mutant->id);
		diff = popen(command, "w");
		if (!diff)
			die(strerror(errno), command);
		for (at = 0, i = 0; i < mutant->count; i++) {
			fwrite(text->text + at, 1, mutant->changes[i].from - at, diff);
			fputs(mutant->changes[i].with, diff);
			at = mutant->changes[i].to;
		}
		fwrite(text->text + at, 1, text->length - at, diff);
		pclose(diff);	/* 1: they differ */
		free(command);
	}
}

void write_mutants(struct text *text, const char *folder)
{
	give_ids(text);
	write_source(text, folder);
	write_list(text, folder);
	write_diffs(text, folder);
}
