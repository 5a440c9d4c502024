/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What probes saw of a run of the program open_trace. It runs once, for the first case
 * that asks; what was seen is kept until the suite ends.
 */
#ifndef _OPEN_TRACE_PROBE_RUN_H
#define _OPEN_TRACE_PROBE_RUN_H

#include <kunit/test.h>
#include <linux/stringify.h>

#include "compat.h"
#include "values.h"
#include "watch.h"

#define DO_FILP_OPEN	__stringify(ot_do_filp_open)

#define ENTER		true
#define LEAVE		false

#define REPLAYS_MAX	8

/**
 * struct probe_run - "open_trace guest plain", and what the probes saw of it
 * @watch: what they saw
 * @calls: what the program says that it did
 * @replays: d_lookup() of what it missed
 * @replay_count: how many
 */
struct probe_run {
	struct watch *watch;
	char *calls;
	struct replay replays[REPLAYS_MAX];
	unsigned int replay_count;
};

void probe_skip_unless_watched(struct kunit *test);
const struct probe_run *probe_run_with(struct kunit *test, const char *name);
void probe_forget(void);

const char *probe_call(const struct probe_run *run, const char *name, const char *kind);
const struct watch_event *probe_next(const struct probe_run *run,
				     const struct watch_event *after,
				     const char *comm, const char *function,
				     bool enter);
const struct watch_event *probe_entry_for(const struct probe_run *run,
					  const struct watch_event *after,
					  const char *comm, const char *function,
					  const char *name);

/* The first event of a task in a function */
static inline const struct watch_event *probe_first(const struct probe_run *run,
						    const char *comm,
						    const char *function, bool enter)
{
	return probe_next(run, NULL, comm, function, enter);
}

/* The path that a task's first open was asked for */
static inline const char *probe_path(const struct probe_run *run, const char *comm)
{
	return watch_name(probe_first(run, comm, DO_FILP_OPEN, ENTER), "name");
}

#endif
