/* SPDX-License-Identifier: GPL-2.0 */
/* What mutate.c asks of text.c: the mutants of a source file, and how they are written. */
#ifndef MUTANTS_H
#define MUTANTS_H

#include <stdbool.h>

/* The variable that says which mutant is to live; switch.c has it */
#define SWITCH "open_trace_mutant"

struct mutant;

/**
 * struct text - a source file
 * @text: what is in it, ends with a NUL
 * @length: its bytes
 * @path: where it is
 * @name: what it is called in the tree
 */
struct text {
	char *text;
	unsigned int length;
	char *path;
	const char *name;
};

/**
 * format() - what printf would print
 * @pattern: as printf takes it
 *
 * Return: a string to be freed. The program ends when there is no memory.
 */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/**
 * read_text() - read a source file; the mutants of the one before are forgotten
 * @path: where it is; kept
 * @name: what it is called in the tree; kept
 *
 * Return: it. The program ends when it cannot be read.
 */
struct text *read_text(char *path, const char *name);

/**
 * read_unbuildable() - read the ids, one a line, of mutants that shall only be listed
 * @path: the file; none at all is as an empty one
 */
void read_unbuildable(const char *path);

/**
 * add_mutant() - begin a mutant
 * @text: the file
 * @function: whose it is; kept
 * @operator: what kind of change it is; kept
 *
 * Return: it, for add_change() and add_insertion()
 */
struct mutant *add_mutant(struct text *text, const char *function, const char *operator);

/**
 * add_change() - what a mutant has in the place of what
 * @mutant: whose
 * @from: offset of the first byte
 * @to: offset behind the last
 * @with: what is there instead; taken
 *
 * Return: false when another mutant is the same: then this one is none any more.
 */
bool add_change(struct mutant *mutant, unsigned int from, unsigned int to, char *with);

/**
 * add_insertion() - text that the file gets for a mutant
 * @text: the file
 * @mutant: for whom
 * @at: offset
 * @opens: whether it begins something; what begins first is ended last
 * @pattern: as printf takes it, with the mutant's number and @with; kept
 * @with: a string, or NULL; kept
 */
void add_insertion(struct text *text, struct mutant *mutant, unsigned int at, bool opens,
		   const char *pattern, const char *with);

/**
 * write_mutants() - write the file with all its mutants, and what there is to know of them
 * @text: the file
 * @folder: where to. The file goes there by its name; list and places get lines more:
 *	number, id, function, operator, file, line, what, with what; and file, line, first and
 *	last column of an insertion, id. diffs/ID is the mutant as a patch.
 */
void write_mutants(struct text *text, const char *folder);

#endif
