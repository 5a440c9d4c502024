/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a kernel's debug information and source a log needs. It is made once from
 * vmlinux (dwarf.c), can be kept as a file (atlas.c), and is all that the reports read.
 */
#ifndef _REPORT_ATLAS_H
#define _REPORT_ATLAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NO_SCOPE	(-1)

/**
 * struct place - a line of the source
 * @file: index in the atlas' files, -1: not known
 * @line: from 1
 */
struct place {
	int file;
	int line;
};

/**
 * struct scope - a function, or one inlined copy of a function in another
 * @name: of the function
 * @parent: the scope that it is inlined in; NO_SCOPE: it is a function of its own
 * @declared: where it is defined
 * @called: where it is inlined
 */
struct scope {
	char *name;
	int parent;
	struct place declared;
	struct place called;
};

/**
 * struct spot - a line of the source in a scope
 * @scope: it
 * @at: the line
 */
struct spot {
	int scope;
	struct place at;
};

/**
 * struct site - a call that a block can make
 * @spot: of the call
 * @target: the name of what is called, NULL: through a pointer
 */
struct site {
	struct spot spot;
	char *target;
};

/**
 * struct block - a basic block
 * @pc: the address by which KCOV names it
 * @end: the first address behind it
 * @entry: it is the first of its function
 * @spot: of its first statement
 * @spots: each line in it
 * @spot_count: how many
 * @helpers: inlined functions in it that have no block of their own
 * @helper_count: how many
 * @sites: the calls in it
 * @site_count: how many
 */
struct block {
	uint64_t pc;
	uint64_t end;
	bool entry;
	struct spot spot;
	struct spot *spots;
	size_t spot_count;
	int *helpers;
	size_t helper_count;
	struct site *sites;
	size_t site_count;
};

/**
 * struct source - a file of the kernel
 * @path: from the top of its tree
 * @lines: its text, from line 1 at index 1; NULL where no report needs it
 * @count: of @lines
 */
struct source {
	char *path;
	char **lines;
	size_t count;
};

/**
 * struct fact - something to be said of the kernel
 * @key: what: config, compiler, a symbol
 * @value: in words
 */
struct fact {
	char *key;
	char *value;
};

/**
 * struct atlas - all of it
 * @files: the sources
 * @file_count: how many
 * @scopes: the functions and inlined copies
 * @scope_count: how many
 * @blocks: those in the log, by address
 * @block_count: how many
 * @facts: about the build
 * @fact_count: how many
 */
struct atlas {
	struct source *files;
	size_t file_count;
	struct scope *scopes;
	size_t scope_count;
	struct block *blocks;
	size_t block_count;
	struct fact *facts;
	size_t fact_count;
};

struct log;

struct atlas *atlas_from_dwarf(const char *vmlinux, const char *tree, const struct log *log);
struct atlas *atlas_read(const char *path);
void atlas_write(const struct atlas *atlas, FILE *out);

const struct block *atlas_block(const struct atlas *atlas, uint64_t pc);
const struct block *atlas_block_around(const struct atlas *atlas, uint64_t pc);
int atlas_function(const struct atlas *atlas, int scope);
const char *atlas_path(const struct atlas *atlas, struct place at);
const char *atlas_text(const struct atlas *atlas, struct place at);
const char *atlas_fact(const struct atlas *atlas, const char *key);

#endif
