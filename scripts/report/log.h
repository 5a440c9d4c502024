/* SPDX-License-Identifier: GPL-2.0 */
/* The raw log of a run: what it says, checked. Its format: Documentation/raw-log.md */
#ifndef _REPORT_LOG_H
#define _REPORT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct comparison - what the kernel compared
 * @type: KCOV's: bit 0: one of them is a constant; bits 1 and 2: log2 of their size
 * @a: one operand
 * @b: the other
 * @pc: where
 */
struct comparison {
	uint64_t type;
	uint64_t a;
	uint64_t b;
	uint64_t pc;
};

/**
 * struct call - one open, as its caller knows it
 * @path: what it was asked to open, escaped as in the log
 * @flags: of openat(2)
 * @mode: of openat(2)
 * @lowest: the lowest free descriptor before, -1: not known
 * @result: a descriptor or a negative errno
 * @first: the number of the log's line of its first record; they follow each other
 * @pcs: the blocks that ran, in their order
 * @pc_count: how many
 * @cmps: the comparisons, in their order
 * @cmp_count: how many
 */
struct call {
	char *path;
	unsigned int flags;
	unsigned int mode;
	int lowest;
	long result;
	unsigned int first;
	uint64_t *pcs;
	size_t pc_count;
	struct comparison *cmps;
	size_t cmp_count;
};

/**
 * struct pass - the calls of one way to run a case
 * @calls: they
 * @count: how many
 */
struct pass {
	struct call *calls;
	size_t count;
};

/**
 * struct traced_case - one case
 * @name: its id
 * @about: in words
 * @skip: why it was not run, or NULL
 * @blocks: the run that recorded basic blocks
 * @compare: the run that recorded comparisons
 */
struct traced_case {
	char *name;
	char *about;
	char *skip;
	struct pass blocks;
	struct pass compare;
};

/**
 * struct field - a value of an event
 * @key: its name
 * @value: as the log has it, quotes and all
 */
struct field {
	char *key;
	char *value;
};

/**
 * struct event - what a probe saw
 * @line: its number in the log's section of values
 * @enter: the function's entry; else its return
 * @function: its name
 * @fields: the values, in the log's order
 * @count: how many
 * @pid: of the task, from the fields
 * @comm: of the task, from the fields
 */
struct event {
	unsigned int line;
	bool enter;
	char *function;
	struct field *fields;
	size_t count;
	long pid;
	char *comm;
};

/**
 * struct probe - a function that was to be probed
 * @function: its name
 * @address: where; 0: it has no symbol
 */
struct probe {
	char *function;
	uint64_t address;
};

/**
 * struct chain - what a miss in a hash chain cost
 * @names: the candidates in it
 * @comparisons: of names that the miss made
 * @ns: that it took
 */
struct chain {
	unsigned long names;
	unsigned long comparisons;
	unsigned long ns;
};

/**
 * struct log - a whole log
 * @release: of the kernel, as uname(2) has it
 * @machine: the same
 * @cases: they, in the log's order
 * @case_count: how many
 * @has_values: there is a section of values
 * @probes: they
 * @probe_count: how many
 * @events: they, in the order in which they happened
 * @event_count: how many
 * @replays: what d_lookup() found when it was asked once more (C5)
 * @replay_count: how many
 * @lost: events that the probes could not record
 * @chains: what the suite measured
 * @chain_count: how many
 * @checksum: over the sections' own checksums
 */
struct log {
	char *release;
	char *machine;
	struct traced_case *cases;
	size_t case_count;
	bool has_values;
	struct probe *probes;
	size_t probe_count;
	struct event *events;
	size_t event_count;
	struct event *replays;
	size_t replay_count;
	unsigned long lost;
	struct chain *chains;
	size_t chain_count;
	uint64_t checksum;
};

struct log *log_read(const char *path);
const char *event_value(const struct event *event, const char *key);

#endif
