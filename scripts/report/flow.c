// SPDX-License-Identifier: GPL-2.0
/*
 * See flow.h. A function's first block names a call; any other block belongs to the
 * innermost activation of its function, and those within have returned. Where there is no
 * activation, a call is named too: the first block by address need not run first.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "util.h"

/* The function that all opens come to, and what those have in their names that call it */
#define ROOT		"do_sys_openat2"
#define WRAPPER		"sys_open"

static struct node *add_node(struct node *parent, enum node_kind kind, int scope, size_t record)
{
	struct node *node = zalloc(1, sizeof(*node));

	node->kind = kind;
	node->scope = scope;
	node->at.file = -1;
	node->first = record;
	node->last = record;
	node->parent = parent;
	node->previous = parent->last_child;
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->child = node;
	parent->last_child = node;
	return node;
}

/**
 * flow_next() - the node that comes after
 * @node: it
 *
 * Return: its first child, else the next one that is not in it; NULL at the end.
 */
struct node *flow_next(const struct node *node)
{
	if (node->child)
		return node->child;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

/**
 * node_name() - the function that a node is about
 * @flow: of the node
 * @node: it
 *
 * Return: the name; "?" when the atlas has none.
 */
const char *node_name(const struct flow *flow, const struct node *node)
{
	return node->scope == NO_SCOPE ? "?" : flow->atlas->scopes[node->scope].name;
}

static bool is_called(const struct node *node)
{
	return node->kind != STEP;
}

/**
 * flow_find() - the first time that a function ran
 * @flow: where to look
 * @function: its name
 *
 * Return: the node; NULL: it did not run.
 */
struct node *flow_find(const struct flow *flow, const char *function)
{
	for (struct node *node = flow->top->child; node; node = flow_next(node)) {
		if (is_called(node) && !strcmp(node_name(flow, node), function))
			return node;
	}
	return NULL;
}

/**
 * flow_count() - how often a function ran
 * @flow: where to look
 * @function: its name
 *
 * Return: the number of its nodes.
 */
size_t flow_count(const struct flow *flow, const char *function)
{
	const struct atlas *atlas = flow->atlas;
	bool *wanted = zalloc(atlas->scope_count, sizeof(*wanted));
	size_t count = 0;

	for (size_t i = 0; i < atlas->scope_count; i++)
		wanted[i] = !strcmp(atlas->scopes[i].name, function);
	for (struct node *node = flow->top->child; node; node = flow_next(node))
		count += is_called(node) && wanted[node->scope];
	free(wanted);
	return count;
}

static bool guards(const struct flow *flow, const struct node *step, const char *text,
		   struct place *line)
{
	*line = (struct place){ step->condition.file, step->guarded };
	for (; line->line <= step->guarded_end; line->line++) {
		if (strstr(atlas_text(flow->atlas, *line), text))
			return true;
	}
	return false;
}

/**
 * flow_last_taken_to() - the last condition that led to a text
 * @flow: where to look
 * @text: what a line that it guards has to have
 * @line: set to that line
 *
 * Return: the step of the condition, which was true or, where the record does not tell,
 * may have been; NULL: there is none.
 */
const struct node *flow_last_taken_to(const struct flow *flow, const char *text,
				      struct place *line)
{
	for (size_t i = flow->step_count; i-- > 0;) {
		const struct node *step = flow->steps[i];

		if ((step->way == TAKEN || step->way == UNTOLD) &&
		    guards(flow, step, text, line))
			return step;
	}
	return NULL;
}

/**
 * flow_text_in() - a line of a function that ran
 * @flow: where to look
 * @function: its name
 * @text: what the line has to have
 *
 * Return: the line; its file is -1 when the function did not run, or has no such line.
 */
struct place flow_text_in(const struct flow *flow, const char *function, const char *text)
{
	const struct node *node = flow_find(flow, function);
	struct place at = { -1, 0 };
	const struct source *file;

	if (!node || flow->atlas->scopes[node->scope].declared.file < 0)
		return at;
	at = flow->atlas->scopes[node->scope].declared;
	file = &flow->atlas->files[at.file];
	for (; (size_t)at.line < file->count && file->lines[at.line]; at.line++) {
		if (strstr(file->lines[at.line], text))
			return at;
		if (*file->lines[at.line] == '}')
			break;
	}
	at.file = -1;
	return at;
}

static struct node *around(struct node *node)
{
	while (node->parent && node->kind != FUNCTION)
		node = node->parent;
	return node;
}

/* Where the innermost activation of a function goes on, from @node outwards */
static struct node *resume(const struct flow *flow, struct node *node, int function)
{
	for (; node; node = around(node)->parent) {
		if (atlas_function(flow->atlas, around(node)->scope) == function)
			return node;
	}
	return NULL;
}

/* A helper that ran with the last step in @node */
static struct node *helper_in(const struct node *node, int scope)
{
	for (struct node *child = node->last_child; child && child->kind == HELPER;
	     child = child->previous) {
		if (child->scope == scope)
			return child;
	}
	return NULL;
}

/*
 * The node of @scope, in the activation that @node is in: the nodes that are open already
 * are kept as far as they go.
 */
static struct node *enter_scope(struct flow *flow, struct node *node, int scope, size_t record)
{
	struct node *outer, *open;
	int parent;

	if (scope == NO_SCOPE)
		return around(node);
	parent = flow->atlas->scopes[scope].parent;
	if (parent == NO_SCOPE)
		return around(node);
	for (open = node; open->parent && open->kind != FUNCTION; open = open->parent) {
		if (open->scope == scope)
			return open;
	}
	outer = enter_scope(flow, node, parent, record);
	open = helper_in(outer, scope);
	if (open)
		return open;
	open = add_node(outer, INLINED, scope, record);
	open->at = flow->atlas->scopes[scope].called;
	return open;
}

/* The call of @function that a block makes: by its name, else through a pointer */
static const struct site *site_of(const struct block *block, const char *function)
{
	const struct site *pointer = NULL;

	for (size_t i = 0; i < block->site_count; i++) {
		const struct site *site = &block->sites[i];

		if (site->target && !strcmp(site->target, function))
			return site;
		if (!site->target)
			pointer = site;
	}
	return pointer;
}

static bool is_recorded(const struct atlas *atlas, const char *function)
{
	for (size_t i = 0; i < atlas->scope_count; i++) {
		if (atlas->scopes[i].parent == NO_SCOPE &&
		    !strcmp(atlas->scopes[i].name, function))
			return true;
	}
	return false;
}

/**
 * enum calls - can a block have called a function?
 * @NEVER: it calls nothing, or others
 * @OVER: over a function that records nothing
 * @POINTER: through a pointer
 * @NAMED: by its name
 */
enum calls { NEVER, OVER, POINTER, NAMED };

/* Never comes back, and is called from wherever a function ends */
#define NO_CALL		"__stack_chk_fail"

static enum calls calls(const struct atlas *atlas, const struct block *block, const char *function)
{
	enum calls how = NEVER;

	for (size_t i = 0; i < block->site_count; i++) {
		const char *target = block->sites[i].target;

		if (target && !strcmp(target, function))
			return NAMED;
		if (!target)
			how = POINTER;
		else if (how == NEVER && strcmp(target, NO_CALL) && !is_recorded(atlas, target))
			how = OVER;
	}
	return how;
}

static bool is_foreign(const struct node *node)
{
	for (; node; node = node->parent) {
		if (node->foreign)
			return true;
	}
	return false;
}

/* The innermost activation whose last step can have called, one that is not foreign if so */
static struct node *caller_of(struct flow *flow, struct node *node, const char *function,
			      enum calls least, bool own)
{
	for (; node->parent; node = around(node)->parent) {
		const struct node *latest = around(node)->latest;

		if (latest && (!own || !is_foreign(node)) &&
		    calls(flow->atlas, latest->block, function) >= least)
			return node;
	}
	return NULL;
}

/*
 * Who called it; those within have returned. When nobody can have, it is the scheduler's,
 * or whoever's who stops the task: foreign.
 */
static struct node *find_caller(struct flow *flow, struct node *node, const char *function)
{
	struct node *caller = NULL;

	if (is_foreign(node))
		caller = caller_of(flow, node, function, NAMED, true);
	return caller ?: caller_of(flow, node, function, OVER, false);
}

static struct node *enter_function(struct flow *flow, struct node *here,
				   const struct block *block, size_t record)
{
	int scope = atlas_function(flow->atlas, block->spot.scope);
	const char *name = flow->atlas->scopes[scope].name;
	struct node *caller = find_caller(flow, here, name), *node;
	const struct site *site = NULL;

	if (!caller) {
		node = add_node(here, FUNCTION, scope, record);
		node->foreign = here->parent;
		return node;
	}
	site = site_of(around(caller)->latest->block, name);
	if (site)
		caller = enter_scope(flow, caller, site->spot.scope, record);
	node = add_node(caller, FUNCTION, scope, record);
	node->at = site ? site->spot.at : around(caller)->latest->at;
	node->indirect = site && !site->target;
	return node;
}

static void add_helpers(struct flow *flow, struct node *in, const struct block *block,
			size_t record)
{
	for (size_t i = 0; i < block->helper_count; i++) {
		int scope = block->helpers[i];
		struct node *outer = helper_in(in, flow->atlas->scopes[scope].parent) ?: in;
		struct node *helper = add_node(outer, HELPER, scope, record);

		helper->at = flow->atlas->scopes[scope].called;
	}
}

static struct node *add_step(struct flow *flow, struct node *node, const struct block *block,
			     size_t record)
{
	struct node *step;

	node = enter_scope(flow, node, block->spot.scope, record);
	step = add_node(node, STEP, block->spot.scope, record);
	step->block = block;
	step->at = block->spot.at;
	around(node)->latest = step;
	GROW(flow->steps, flow->step_count) = step;
	add_helpers(flow, node, block, record);
	return node;
}

static void build_tree(struct flow *flow)
{
	struct node *node = flow->top;

	for (size_t i = 0; i < flow->call->pc_count; i++) {
		const struct block *block = atlas_block(flow->atlas, flow->call->pcs[i]);
		struct node *open;

		if (!block || block->spot.scope == NO_SCOPE) {
			flow->unknown++;
			continue;
		}
		open = block->entry ? NULL :
		       resume(flow, node, atlas_function(flow->atlas, block->spot.scope));
		if (!open)
			open = enter_function(flow, node, block, i);
		node = add_step(flow, open, block, i);
		for (open = node; open; open = open->parent)
			open->last = i;
	}
}

static void drop(struct node *node)
{
	struct node *parent = node->parent;

	if (node->previous)
		node->previous->next = node->next;
	else
		parent->child = node->next;
	if (node->next)
		node->next->previous = node->previous;
	else
		parent->last_child = node->previous;
}

static void drop_foreign(struct node *node)
{
	struct node *next;

	for (node = node->child; node; node = next) {
		next = node->next;
		if (node->foreign)
			drop(node);
		else
			drop_foreign(node);
	}
}

/*
 * The system call alone is kept: what is recorded before and after it is of whoever stops
 * the process, and of the way into the kernel.
 */
static void trim(struct flow *flow)
{
	struct node *kept = flow_find(flow, ROOT);
	size_t count = 0;

	if (!kept)
		return;
	while (kept->parent->parent && strstr(node_name(flow, kept->parent), WRAPPER))
		kept = kept->parent;
	kept->foreign = false;
	flow->top->child = kept;
	flow->top->last_child = kept;
	kept->parent = flow->top;
	kept->next = NULL;
	kept->previous = NULL;
	for (size_t i = 0; i < flow->step_count; i++) {
		struct node *step = flow->steps[i];

		if (step->first < kept->first || step->first > kept->last)
			continue;
		if (is_foreign(step))
			flow->foreign++;
		else
			flow->steps[count++] = step;
	}
	flow->step_count = count;
	drop_foreign(kept);
}

/* Steps of one block, in their order */
struct visits {
	struct node **steps;
	size_t count;
};

/**
 * struct turn - of the comparisons at an address, which one
 * @before: so many came before it
 * @total: so many are there
 */
struct turn {
	size_t before;
	size_t total;
};

static int by_pc(const void *a, const void *b)
{
	const struct comparison *const *x = a, *const *y = b;

	if ((*x)->pc != (*y)->pc)
		return (*x)->pc < (*y)->pc ? -1 : 1;
	return *x < *y ? -1 : 1;
}

static struct turn *turns_of(const struct call *compared)
{
	const struct comparison **sorted = zalloc(compared->cmp_count, sizeof(*sorted));
	struct turn *turns = zalloc(compared->cmp_count, sizeof(*turns));
	size_t end;

	for (size_t i = 0; i < compared->cmp_count; i++)
		sorted[i] = &compared->cmps[i];
	qsort(sorted, compared->cmp_count, sizeof(*sorted), by_pc);
	for (size_t first = 0; first < compared->cmp_count; first = end) {
		for (end = first; end < compared->cmp_count; end++) {
			if (sorted[end]->pc != sorted[first]->pc)
				break;
		}
		for (size_t i = first; i < end; i++)
			turns[sorted[i] - compared->cmps] = (struct turn){ i - first, end - first };
	}
	free(sorted);
	return turns;
}

/*
 * The second run is the same as the first: what it compared at an address for the n-th
 * time belongs to the n-th visit of the address' block. A switch compares several times.
 */
static void add_comparisons(struct flow *flow, const struct call *compared)
{
	const struct atlas *atlas = flow->atlas;
	struct visits *visits = zalloc(atlas->block_count, sizeof(*visits));
	struct turn *turns = turns_of(compared);

	for (size_t i = 0; i < flow->step_count; i++) {
		struct visits *of = &visits[flow->steps[i]->block - atlas->blocks];

		GROW(of->steps, of->count) = flow->steps[i];
	}
	for (size_t i = 0; i < compared->cmp_count; i++) {
		const struct comparison *cmp = &compared->cmps[i];
		const struct block *block = atlas_block_around(atlas, cmp->pc);
		const struct turn *turn = &turns[i];
		struct visits *of;
		struct node *step;

		if (!block || !visits[block - atlas->blocks].count)
			continue;
		of = &visits[block - atlas->blocks];
		if (turn->total % of->count)
			continue;
		step = of->steps[turn->before / (turn->total / of->count)];
		GROW(step->cmps, step->cmp_count) = cmp;
	}
	for (size_t i = 0; i < atlas->block_count; i++)
		free(visits[i].steps);
	free(visits);
	free(turns);
}

/**
 * flow_build() - the tree of a call
 * @atlas: of the kernel
 * @call: its basic blocks
 * @compared: the comparisons of the second, identical call; or NULL
 *
 * Return: the tree; it lives as long as the program.
 */
struct flow *flow_build(const struct atlas *atlas, const struct call *call,
			const struct call *compared)
{
	struct flow *flow = zalloc(1, sizeof(*flow));

	flow->atlas = atlas;
	flow->call = call;
	flow->top = zalloc(1, sizeof(*flow->top));
	flow->top->kind = FUNCTION;
	flow->top->scope = NO_SCOPE;
	build_tree(flow);
	trim(flow);
	if (compared)
		add_comparisons(flow, compared);
	return flow;
}

/* The n-th time that a function of that name was called, from 0 */
static struct node *nth_call(const struct flow *flow, const char *function, size_t n)
{
	for (struct node *node = flow->top->child; node; node = flow_next(node)) {
		if (is_called(node) && !strcmp(node_name(flow, node), function) && !n--)
			return node;
	}
	return NULL;
}

static size_t entries_before(const struct event *from, const struct event *event)
{
	size_t count = 0;

	for (; from < event; from++)
		count += from->enter && from->pid == event->pid &&
			 !strcmp(from->function, event->function);
	return count;
}

static const struct event *return_of(const struct log *log, const struct event *enter)
{
	const struct event *end = log->events + log->event_count;
	int depth = 0;

	for (const struct event *event = enter; event < end; event++) {
		if (event->pid != enter->pid || strcmp(event->function, enter->function))
			continue;
		depth += event->enter ? 1 : -1;
		if (!depth)
			return event;
	}
	return NULL;
}

/**
 * flow_add_values() - what the probes saw joins the functions that ran
 * @flow: the tree of a call
 * @log: with the events
 * @comm: of the task that made the call
 * @nr: which of that task's calls it is, from 0
 *
 * The n-th entry of a function belongs to the n-th node of it in the call.
 */
void flow_add_values(struct flow *flow, const struct log *log, const char *comm, size_t nr)
{
	const struct event *root = NULL, *end = NULL;

	for (size_t i = 0; i < log->event_count && !root; i++) {
		const struct event *event = &log->events[i];

		if (event->enter && !strcmp(event->comm, comm) &&
		    !strcmp(event->function, ROOT) && !nr--)
			root = event;
	}
	if (root)
		end = return_of(log, root);
	for (const struct event *event = root; end && event < end; event++) {
		struct node *node;

		if (!event->enter || event->pid != root->pid)
			continue;
		node = nth_call(flow, event->function, entries_before(root, event));
		if (node) {
			node->enter = event;
			node->leave = return_of(log, event);
		}
	}
}
