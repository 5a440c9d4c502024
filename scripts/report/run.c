// SPDX-License-Identifier: GPL-2.0
/* A kernel's run: its log, its atlas, and the tree of each call. See text.h. */
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

/* What a task is called while it does a case, see open_trace.c */
#define COMM_PREFIX	"ot:"

/* The cases that are programs have their names, as long as a comm is. */
static const struct {
	const char *name;
	const char *comm;
} programs[] = {
	{ "libc", "user_trigger" },
	{ "raw", "user_trigger_ra" },
};

static char *comm_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!strcmp(programs[i].name, name))
			return format_text("\"%s\"", programs[i].comm);
	}
	return format_text("\"" COMM_PREFIX "%.12s\"", name);
}

static void add_flows(struct run *run, const struct traced_case *one,
		      struct branch *branches)
{
	char *comm = comm_of(one->name);

	for (size_t i = 0; i < one->blocks.count; i++) {
		const struct call *compared = NULL;
		struct flow *flow;

		if (one->compare.count == one->blocks.count)
			compared = &one->compare.calls[i];
		flow = flow_build(run->atlas, &one->blocks.calls[i], compared);
		find_ways(flow, branches);
		flow->name = one->blocks.count == 1 ? format_text("%s", one->name) :
						      format_text("%s.%zu", one->name, i + 1);
		flow->about = one->about;
		flow_add_values(flow, run->log, comm, i);
		GROW(run->flows, run->count) = flow;
	}
	free(comm);
}

static void count_times(struct run *run)
{
	run->times = zalloc(run->atlas->scope_count, sizeof(*run->times));
	for (size_t i = 0; i < run->count; i++) {
		for (struct node *node = run->flows[i]->top->child; node; node = flow_next(node)) {
			if (node->kind != STEP)
				run->times[node->scope]++;
		}
	}
}

/**
 * run_times() - how often a function ran, in all calls
 * @run: they
 * @function: its name
 *
 * Return: the number.
 */
size_t run_times(const struct run *run, const char *function)
{
	size_t times = 0;

	for (size_t i = 0; i < run->atlas->scope_count; i++) {
		if (!strcmp(run->atlas->scopes[i].name, function))
			times += run->times[i];
	}
	return times;
}

/**
 * run_read() - a run that is kept as files
 * @log_path: the log's
 * @atlas_path: the atlas'
 *
 * Return: the run; it lives as long as the program.
 */
struct run *run_read(const char *log_path, const char *atlas_path)
{
	struct run *run = zalloc(1, sizeof(*run));
	struct log *log = log_read(log_path);
	struct atlas *atlas = atlas_read(atlas_path);
	struct branch *branches = new_branches(atlas);

	run->log = log;
	run->atlas = atlas;
	run->name = format_text("Linux %s (%s)", log->release,
				atlas_fact(atlas, "arch") ?: log->machine);
	for (size_t i = 0; i < log->case_count; i++)
		add_flows(run, &log->cases[i], branches);
	free(branches);
	count_times(run);
	return run;
}

/**
 * run_flow() - the tree of a case
 * @run: with the case
 * @name: of the case
 *
 * Return: it, NULL: it was not recorded. Of a case of several calls, it is the last: the
 * one that the program was written to do.
 */
const struct flow *run_flow(const struct run *run, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = run->count; i-- > 0;) {
		const char *own = run->flows[i]->name;

		if (!strncmp(own, name, len) && (!own[len] || own[len] == '.'))
			return run->flows[i];
	}
	return NULL;
}
