/* SPDX-License-Identifier: GPL-2.0 */
/* The reports that are text: one function writes one. */
#ifndef _REPORT_TEXT_H
#define _REPORT_TEXT_H

#include <stdio.h>

#include "flow.h"

/**
 * struct run - all that is known of one kernel's run
 * @name: the kernel, for headings
 * @log: what was recorded
 * @atlas: what it means
 * @flows: the tree of each call that was recorded, in the log's order
 * @count: how many
 * @times: how often each scope of the atlas ran, in all of them
 */
struct run {
	char *name;
	struct log *log;
	struct atlas *atlas;
	struct flow **flows;
	size_t count;
	size_t *times;
};

struct run *run_read(const char *log_path, const char *atlas_path);
const struct flow *run_flow(const struct run *run, const char *name);
size_t run_times(const struct run *run, const char *function);

const char *way_words(enum way way);
void put_place(FILE *out, const struct atlas *atlas, struct place at);
void put_fields(FILE *out, const struct event *event);

void write_trace_report(FILE *out, const struct run *run);
void write_replay(FILE *out, const struct run *run);
void write_reverse_tree(FILE *out, const struct flow *flow);
void write_steps(FILE *out, const struct flow *flow);
void write_flow(FILE *out, const struct flow *flow);

#endif
