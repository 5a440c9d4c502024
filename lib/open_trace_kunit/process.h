/* SPDX-License-Identifier: GPL-2.0 */
/* A userspace program, run as a process on this kernel. */
#ifndef _OPEN_TRACE_PROCESS_H
#define _OPEN_TRACE_PROCESS_H

#include <kunit/test.h>
#include <linux/types.h>

/**
 * struct program - what is run
 * @name: of the file that it becomes, in the root of userspace; begins with a slash
 * @image: the file's bytes: a static executable
 * @size: how many
 * @args: its arguments, up to a NULL; or NULL: it has none
 */
struct program {
	const char *name;
	const void *image;
	size_t size;
	const char *const *args;
};

/**
 * struct process_end - how it ended
 * @status: as wait(2) gives it, or a negative errno: it never began
 * @hung: whether it was killed because it took too long
 * @output: all that it wrote to its standard output and error, and a NUL
 */
struct process_end {
	int status;
	bool hung;
	char *output;
};

/* More arguments than any program is given */
#define PROGRAM_ARGS_MAX	4

void process_skip_unless_run(struct kunit *test);
bool process_run(struct kunit *test, const struct program *program, long limit,
		 struct process_end *end);

#endif
