// SPDX-License-Identifier: GPL-2.0
/* The trees as text. See text.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

/**
 * way_words() - a way in words
 * @way: it
 *
 * Return: them; NULL for NO_BRANCH.
 */
const char *way_words(enum way way)
{
	static const char *const words[] = {
		[TAKEN] = "true", [NOT_TAKEN] = "false", [WITHIN] = "goes on",
		[UNTOLD] = "the record does not tell",
	};

	return words[way];
}

/**
 * put_place() - write a place as file:line
 * @out: where to
 * @atlas: of the place
 * @at: it
 */
void put_place(FILE *out, const struct atlas *atlas, struct place at)
{
	fputs(atlas_path(atlas, at), out);
	fprintf(out, ":%d", at.line);
}

/**
 * put_fields() - write the values of an event, each with a space before it
 * @out: where to
 * @event: it
 */
void put_fields(FILE *out, const struct event *event)
{
	for (size_t i = 0; i < event->count; i++)
		fprintf(out, " %s=%s", event->fields[i].key, event->fields[i].value);
}

static void put_comparisons(FILE *out, const struct node *step)
{
	for (size_t i = 0; i < step->cmp_count; i++)
		fprintf(out, "  [%" PRIx64 " ? %" PRIx64 "]", step->cmps[i]->a,
			step->cmps[i]->b);
}

static const char *kind_words(const struct node *node)
{
	return node->kind == INLINED ? " inlined" :
	       node->kind == HELPER ? " inlined, no block of its own" :
	       node->indirect ? " through a pointer" : "";
}

/* Deep trees are long, and most of them is what is before the words. */
static const char bars[] = "|   |   |   |   |   |   |   |   ";
static const char spaces[] = "                ";

/* Both have that many. */
#define UNITS		8

/* @depth units of @units, which has UNITS of them */
static void put_repeated(FILE *out, const char *units, unsigned int depth)
{
	size_t unit = strlen(units) / UNITS;

	for (; depth >= UNITS; depth -= UNITS)
		fwrite(units, unit, UNITS, out);
	fwrite(units, unit, depth, out);
}

/* A line of the reverse tree: its number, and bars for the depth */
static void begin_line(FILE *out, size_t *nr, unsigned int depth)
{
	put_repeated(out, bars, depth);
	fprintf(out, "#%zu ", ++*nr);
}

static void put_line_of(FILE *out, const struct flow *flow, struct place at)
{
	put_place(out, flow->atlas, at);
	fprintf(out, "  %s", atlas_text(flow->atlas, at));
}

/* Which way it went, and which condition that is unless it is the step's own line */
static void put_way(FILE *out, const struct flow *flow, const struct node *step)
{
	if (step->way == NO_BRANCH)
		return;
	if (step->condition.line != step->at.line) {
		fputs("  ", out);
		put_line_of(out, flow, step->condition);
	}
	fprintf(out, "  -> %s", way_words(step->way));
}

static void put_step_back(FILE *out, const struct flow *flow, const struct node *step,
			  size_t *nr, unsigned int depth)
{
	bool resumed = step->previous && step->previous->kind == FUNCTION;

	begin_line(out, nr, depth);
	fputs(resumed ? "RESUME " : "DATA ", out);
	put_line_of(out, flow, step->at);
	put_comparisons(out, step);
	put_way(out, flow, step);
	fprintf(out, "  (record %zu)\n", flow->call->first + step->first);
}

static void put_tree_back(FILE *out, const struct flow *flow, const struct node *node,
			  size_t *nr, unsigned int depth)
{
	const struct node *child;

	if (node->kind == STEP) {
		put_step_back(out, flow, node, nr, depth);
		return;
	}
	if (node->kind == HELPER) {
		begin_line(out, nr, depth);
		fprintf(out, "INLINE %s  ", node_name(flow, node));
		put_line_of(out, flow, node->at);
		fputc('\n', out);
		for (child = node->last_child; child; child = child->previous)
			put_tree_back(out, flow, child, nr, depth + 1);
		return;
	}
	begin_line(out, nr, depth);
	fprintf(out, "RET  %s  ", node_name(flow, node));
	put_place(out, flow->atlas, flow->atlas->scopes[node->scope].declared);
	if (node->leave)
		put_fields(out, node->leave);
	fputc('\n', out);
	for (child = node->last_child; child; child = child->previous)
		put_tree_back(out, flow, child, nr, depth + 1);
	begin_line(out, nr, depth);
	fprintf(out, "CALL %s%s  ", node_name(flow, node), kind_words(node));
	put_line_of(out, flow, node->at);
	if (node->enter)
		put_fields(out, node->enter);
	fputc('\n', out);
}

static void put_result(FILE *out, const struct call *call)
{
	if (call->result < 0)
		fprintf(out, "%ld (%s)", call->result, strerrorname_np(-call->result) ?: "?");
	else
		fprintf(out, "descriptor %ld", call->result);
}

/**
 * write_reverse_tree() - the whole call from its end to its start
 * @out: where to
 * @flow: its tree
 */
void write_reverse_tree(FILE *out, const struct flow *flow)
{
	size_t nr = 0;

	fprintf(out, "# Reverse full trace: %s, %s\n\n", flow->name, flow->about);
	fputs("From the end to the start. RET: a function returns; CALL: where it was called;\n"
	      "RESUME: its caller goes on; DATA: a basic block; INLINE: an inlined function that\n"
	      "ran with the block below it. Each line is one that ran, at file:line of the kernel,\n"
	      "with what the kernel compared in brackets.\n\n", out);
	fprintf(out, "openat(AT_FDCWD, %s, %#x) -> ", flow->call->path, flow->call->flags);
	put_result(out, flow->call);
	fputs("\n\n", out);
	for (const struct node *node = flow->top->last_child; node; node = node->previous)
		put_tree_back(out, flow, node, &nr, 0);
}

static void put_indented(FILE *out, unsigned int depth)
{
	put_repeated(out, spaces, depth);
}

/**
 * write_flow() - the call from its start, with no address in it
 * @out: where to
 * @flow: its tree
 *
 * Two runs that took the same way give the same bytes.
 */
void write_flow(FILE *out, const struct flow *flow)
{
	unsigned int depth;

	fprintf(out, "%s\n", flow->name);
	for (const struct node *node = flow->top->child; node; node = flow_next(node)) {
		depth = 0;
		for (const struct node *outer = node->parent; outer; outer = outer->parent)
			depth++;
		put_indented(out, depth);
		if (node->kind == STEP)
			put_place(out, flow->atlas, node->at);
		else
			fprintf(out, "%s%s", node_name(flow, node), kind_words(node));
		fputc('\n', out);
	}
}

static bool is_within(const struct node *node, const struct node *outer)
{
	while (node && node != outer)
		node = node->parent;
	return node;
}

static void put_caller(FILE *out, const struct flow *flow, const struct node *node)
{
	const struct node *outer = node->parent;

	if (!outer || !outer->parent)
		return;
	fprintf(out, "  %s(", node_name(flow, outer));
	put_place(out, flow->atlas, node->kind == STEP ? outer->at : node->at);
	fputc(')', out);
}

static void put_step(FILE *out, const struct flow *flow, const struct node *node, size_t nr)
{
	fprintf(out, "%zu. %s  %s  ", nr, node_name(flow, node),
		node->way == NO_BRANCH ? "DATA" : "BRANCH");
	put_place(out, flow->atlas, node->at);
	put_caller(out, flow, node);
	fprintf(out, "  %s", atlas_text(flow->atlas, node->at));
	put_comparisons(out, node);
	put_way(out, flow, node);
	fputc('\n', out);
}

static size_t put_returns(FILE *out, const struct flow *flow, const struct node *node,
			  const struct node *next, const struct node *top, size_t nr)
{
	for (; node && !is_within(next, node); node = node->parent) {
		if (node->kind != STEP) {
			fprintf(out, "%zu. %s  RET  ", ++nr, node_name(flow, node));
			put_place(out, flow->atlas, flow->atlas->scopes[node->scope].declared);
			if (node->leave)
				put_fields(out, node->leave);
			fputc('\n', out);
		}
		if (node == top)
			break;
	}
	return nr;
}

/* Where the walk ended in a case that has no lookup_open() */
static void put_no_lookup(FILE *out, const struct flow *flow)
{
	const struct node *last = NULL;

	fputs("lookup_open() did not run: the walk had its dentry from the cache before.\n"
	      "The functions of the lookup that ran:\n\n", out);
	for (const struct node *node = flow->top->child; node; node = flow_next(node)) {
		const char *name = node_name(flow, node);

		if (node->kind == STEP || (strcmp(name, "lookup_fast") &&
					   strcmp(name, "lookup_fast_for_open") &&
					   strcmp(name, "open_last_lookups")))
			continue;
		fprintf(out, "- %s  ", name);
		put_line_of(out, flow, node->at);
		fputc('\n', out);
		last = node;
	}
	if (!last)
		fputs("- none\n", out);
}

/**
 * write_steps() - lookup_open() step by step, and all that it called
 * @out: where to
 * @flow: the tree of a call
 */
void write_steps(FILE *out, const struct flow *flow)
{
	const struct node *top = flow_find(flow, "lookup_open"), *node = top, *next;
	size_t nr = 0;

	fprintf(out, "# lookup_open(), step by step: %s, %s\n\n", flow->name, flow->about);
	if (!top) {
		put_no_lookup(out, flow);
		return;
	}
	fputs("Each line: the function, what happens, file:line, its caller, the source, what\n"
	      "was compared (in brackets), and which way a condition went. Every step is one that\n"
	      "was recorded.\n\n", out);
	while (node && is_within(node, top)) {
		if (node->kind == STEP) {
			put_step(out, flow, node, ++nr);
		} else {
			fprintf(out, "%zu. %s  CALL%s  ", ++nr, node_name(flow, node),
				kind_words(node));
			put_line_of(out, flow, node->at);
			if (node->enter)
				put_fields(out, node->enter);
			fputc('\n', out);
		}
		next = flow_next(node);
		nr = put_returns(out, flow, node, next, top, nr);
		node = next;
	}
}

/* Return signatures, by class, as they first came */
struct signature {
	const char *class;
	size_t count;
};

static void put_signatures(FILE *out, const struct log *log)
{
	struct signature *signatures = NULL;
	size_t count = 0, i;

	for (size_t nr = 0; nr < log->event_count; nr++) {
		const char *class = event_value(&log->events[nr], "class");

		if (log->events[nr].enter || !class)
			continue;
		for (i = 0; i < count && strcmp(signatures[i].class, class); i++)
			;
		if (i == count)
			GROW(signatures, count).class = class;
		signatures[i].count++;
	}
	fputs("\n## Return signatures\n\n| signature | returns |\n|---|---|\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "| %s | %zu |\n", signatures[i].class, signatures[i].count);
	free(signatures);
}

static void put_counts(FILE *out, const struct run *run)
{
	const struct log *log = run->log;

	fputs("\n## Probes\n\n| function | address | entries | returns | in the control flow |\n"
	      "|---|---|---|---|---|\n", out);
	for (size_t i = 0; i < log->probe_count; i++) {
		const struct probe *probe = &log->probes[i];
		size_t entries = 0, returns = 0;

		for (size_t j = 0; j < log->event_count; j++) {
			if (strcmp(log->events[j].function, probe->function))
				continue;
			entries += log->events[j].enter;
			returns += !log->events[j].enter;
		}
		if (probe->address)
			fprintf(out, "| %s | %" PRIx64 " |", probe->function, probe->address);
		else
			fprintf(out, "| %s | inlined, or not in this kernel |", probe->function);
		fprintf(out, " %zu | %zu | %zu |\n", entries, returns,
			run_times(run, probe->function));
	}
	fprintf(out, "\nEvents lost: %lu.\n", log->lost);
}

/**
 * write_trace_report() - what was recorded, and of what
 * @out: where to
 * @run: it
 */
void write_trace_report(FILE *out, const struct run *run)
{
	const struct log *log = run->log;

	fprintf(out, "# Trace report: %s\n\n| | |\n|---|---|\n", run->name);
	for (size_t i = 0; i < run->atlas->fact_count; i++) {
		const struct fact *fact = &run->atlas->facts[i];

		if (strcmp(fact->value, "symbol") && strcmp(fact->value, "none"))
			fprintf(out, "| %s | %s |\n", fact->key, fact->value);
	}
	fprintf(out, "| checksum of the raw log | %016" PRIx64 " |\n"
		"\n## Calls\n\n| case | path | flags | result | blocks | comparisons | not its own | first record |\n"
		"|---|---|---|---|---|---|---|---|\n", log->checksum);
	for (size_t i = 0; i < run->count; i++) {
		const struct flow *flow = run->flows[i];
		size_t cmps = 0;

		for (size_t j = 0; j < flow->step_count; j++)
			cmps += flow->steps[j]->cmp_count;
		fprintf(out, "| %s | %s | %#x | ", flow->name, flow->call->path, flow->call->flags);
		put_result(out, flow->call);
		fprintf(out, " | %zu | %zu | %zu | %u |\n", flow->step_count, cmps, flow->foreign,
			flow->call->first);
	}
	for (size_t i = 0; i < log->case_count; i++) {
		if (log->cases[i].skip)
			fprintf(out, "\n%s was skipped: %s.\n", log->cases[i].name,
				log->cases[i].skip);
	}
	if (!log->probe_count) {
		fputs("\n## Probes\n\n"
		      "None: this architecture has none, or they were not armed.\n", out);
		return;
	}
	put_counts(out, run);
	put_signatures(out, log);
}

/**
 * write_replay() - d_lookup(), asked once more with what was captured
 * @out: where to
 * @run: with the replays
 */
void write_replay(FILE *out, const struct run *run)
{
	const struct log *log = run->log;

	for (size_t i = 0; i < log->event_count; i++) {
		const struct event *event = &log->events[i];

		if (strcmp(event->function, "d_alloc_parallel") &&
		    strcmp(event->function, "__d_alloc"))
			continue;
		fprintf(out, "%u %s %s", event->line, event->enter ? "enter" : "leave",
			event->function);
		put_fields(out, event);
		fputc('\n', out);
	}
	for (size_t i = 0; i < log->replay_count; i++) {
		fprintf(out, "%u replay", log->replays[i].line);
		put_fields(out, &log->replays[i]);
		fputc('\n', out);
	}
	if (!log->replay_count)
		fputs("no probes, no replay; the suite's dcache_ cases ask from inside\n", out);
}
