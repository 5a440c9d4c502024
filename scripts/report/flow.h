/* SPDX-License-Identifier: GPL-2.0 */
/* What ran in one call, as a tree: functions, the inlined ones too, and their steps. */
#ifndef _REPORT_FLOW_H
#define _REPORT_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "atlas.h"
#include "log.h"

/**
 * enum node_kind - what a node of the tree is
 * @FUNCTION: a function that was called
 * @INLINED: a function whose code is part of its caller's
 * @HELPER: the same, with no block of its own: it ran with the step before it
 * @STEP: a basic block
 */
enum node_kind { FUNCTION, INLINED, HELPER, STEP };

/**
 * enum way - which way a step's condition went
 * @NO_BRANCH: it has none
 * @TAKEN: the condition was true
 * @NOT_TAKEN: it was false
 * @WITHIN: the next part of the same condition was looked at
 * @UNTOLD: the record does not tell
 */
enum way { NO_BRANCH, TAKEN, NOT_TAKEN, WITHIN, UNTOLD };

/**
 * struct node - of the tree
 * @kind: what it is
 * @scope: the function; of a STEP, the innermost that its first statement is in
 * @at: of a STEP, where its first statement is; else where the function is called
 * @indirect: a FUNCTION that was called through a pointer
 * @foreign: a FUNCTION that nothing active can have called
 * @block: of a STEP
 * @first: the record it begins with, from 0 in its call
 * @last: the record it ends with
 * @way: of a STEP that ends in a condition
 * @condition: where that is
 * @guarded: the first line that runs when it is true
 * @guarded_end: the last line of that
 * @cmps: what a STEP compared
 * @cmp_count: how many
 * @enter: what a probe saw at the entry of a FUNCTION, or NULL
 * @leave: the same at its return
 * @latest: of a FUNCTION: the last STEP that is its own
 * @parent: the node that it is in, NULL: the top
 * @child: the first in it
 * @last_child: the last in it
 * @next: behind it in its parent
 * @previous: before it in its parent
 */
struct node {
	enum node_kind kind;
	int scope;
	struct place at;
	bool indirect;
	bool foreign;
	const struct block *block;
	size_t first;
	size_t last;
	enum way way;
	struct place condition;
	int guarded;
	int guarded_end;
	const struct comparison **cmps;
	size_t cmp_count;
	const struct event *enter;
	const struct event *leave;
	struct node *latest;
	struct node *parent;
	struct node *child;
	struct node *last_child;
	struct node *next;
	struct node *previous;
};

/**
 * struct flow - the tree of a call
 * @atlas: of its kernel
 * @call: it
 * @name: of its case; the number of the call is added where a case has several
 * @about: the case in words
 * @top: a node without a function, that holds the tree
 * @steps: the STEPs in the order in which they ran
 * @step_count: how many
 * @unknown: records that belong to no function of the atlas
 * @foreign: records that are not of the call: the task was preempted, or stopped
 */
struct flow {
	const struct atlas *atlas;
	const struct call *call;
	char *name;
	const char *about;
	struct node *top;
	struct node **steps;
	size_t step_count;
	size_t unknown;
	size_t foreign;
};

struct flow *flow_build(const struct atlas *atlas, const struct call *call,
			const struct call *compared);
void flow_add_values(struct flow *flow, const struct log *log, const char *comm, size_t nr);

const char *node_name(const struct flow *flow, const struct node *node);
struct node *flow_next(const struct node *node);
struct node *flow_find(const struct flow *flow, const char *function);
size_t flow_count(const struct flow *flow, const char *function);
const struct node *flow_last_taken_to(const struct flow *flow, const char *text,
				      struct place *line);
struct place flow_text_in(const struct flow *flow, const char *function, const char *text);

struct branch *new_branches(const struct atlas *atlas);
void find_ways(struct flow *flow, struct branch *branches);

#endif
