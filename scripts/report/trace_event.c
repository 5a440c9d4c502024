// SPDX-License-Identifier: GPL-2.0
/*
 * See trace_event.h. There is no clock in a log: a microsecond is a record, and when
 * something was is the number of its record in the log. What ran with a step and has no
 * record of its own shares the microsecond with it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "escape.h"
#include "trace_event.h"
#include "util.h"

#define CLOCK	"time is the number of the record in the log, as microseconds"

/* Of a record, in nanoseconds */
#define RECORD	1000

/**
 * struct track - where events go
 * @out: to this file
 * @flow: of this call
 * @pid: the number of its case
 * @tid: the number of the call in its case
 */
struct track {
	FILE *out;
	const struct flow *flow;
	size_t pid;
	size_t tid;
};

/**
 * struct slice - a time
 * @from: its begin, in nanoseconds from the call's begin
 * @to: its end
 */
struct slice {
	uint64_t from;
	uint64_t to;
};

static void put_place_arg(const struct track *track, struct place at)
{
	fputs("\"at\":\"", track->out);
	put_json_part(track->out, atlas_path(track->flow->atlas, at));
	fprintf(track->out, ":%d\"", at.line);
}

static void put_event_arg(FILE *out, const char *name, const struct event *event)
{
	if (!event)
		return;
	fprintf(out, ",\"%s\":{", name);
	for (size_t i = 0; i < event->count; i++) {
		fputs(i ? "," : "", out);
		put_json(out, event->fields[i].key);
		fputc(':', out);
		put_json(out, event->fields[i].value);
	}
	fputc('}', out);
}

static void put_comparison_arg(FILE *out, const struct node *step)
{
	if (!step->cmp_count)
		return;
	fputs(",\"compared\":[", out);
	for (size_t i = 0; i < step->cmp_count; i++)
		fprintf(out, "%s\"%" PRIx64 " ? %" PRIx64 "\"", i ? "," : "", step->cmps[i]->a,
			step->cmps[i]->b);
	fputc(']', out);
}

static void put_args(const struct track *track, const struct node *node)
{
	static const char *const kinds[] = {
		[FUNCTION] = "called", [INLINED] = "inlined",
		[HELPER] = "inlined, no block of its own", [STEP] = "a basic block",
	};
	const char *way = way_words(node->way);

	put_place_arg(track, node->at);
	fprintf(track->out, ",\"kind\":\"%s\"",
		node->indirect ? "called through a pointer" : kinds[node->kind]);
	if (way)
		fprintf(track->out, ",\"condition\":\"%s\"", way);
	put_comparison_arg(track->out, node);
	put_event_arg(track->out, "entry", node->enter);
	put_event_arg(track->out, "return", node->leave);
}

static void put_name(const struct track *track, const struct node *node)
{
	const char *text = node->kind == STEP ? atlas_text(track->flow->atlas, node->at) :
						node_name(track->flow, node);

	put_json(track->out, *text ? text : "?");
}

static void put_slice(const struct track *track, const struct node *node, struct slice slice)
{
	uint64_t from = slice.from + track->flow->call->first * (uint64_t)RECORD;
	uint64_t length = slice.to - slice.from;

	fputs(",\n{\"name\":", track->out);
	put_name(track, node);
	fprintf(track->out, ",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":%zu,\"tid\":%zu",
		node->kind == STEP ? "step" : "function", track->pid, track->tid);
	fprintf(track->out, ",\"ts\":%" PRIu64 ".%03" PRIu64 ",\"dur\":%" PRIu64 ".%03" PRIu64,
		from / RECORD, from % RECORD, length / RECORD, length % RECORD);
	fputs(",\"args\":{", track->out);
	put_args(track, node);
	fputs("}}", track->out);
}

/* A helper that made a call, or had another helper make it, lasts as long as that. */
static bool is_longer(const struct node *helper)
{
	return helper->last > helper->first;
}

/*
 * The helpers from @node on divide what is left of their record. The longer ones come
 * last, and one after the other, as they did.
 */
static void put_helpers(const struct track *track, const struct node *node, struct slice left)
{
	const struct node *end = node;
	uint64_t each, from = left.from;
	size_t count = 0;

	for (; end && end->kind == HELPER && end->first == node->first; end = end->next)
		count++;
	if (!count)
		return;
	each = (left.to - left.from) / count;
	for (int longer = 0; longer < 2; longer++) {
		for (const struct node *helper = node; helper != end; helper = helper->next) {
			struct slice own = { from, from < left.to ? from + each : from };
			struct slice inner = own;

			if (is_longer(helper) != longer)
				continue;
			if (longer)
				own.to = (helper->last + 1) * (uint64_t)RECORD;
			put_slice(track, helper, own);
			if (helper->child)
				put_helpers(track, helper->child, inner);
			from = own.to;
		}
	}
}

static void put_node(const struct track *track, const struct node *node)
{
	struct slice own = {
		node->first * (uint64_t)RECORD, (node->last + 1) * (uint64_t)RECORD,
	};
	struct slice left = { own.from + RECORD / 2, own.from + RECORD };
	const struct node *next = node->next;

	if (node->kind == HELPER)	/* put with its step */
		return;
	if (node->kind == STEP && next && next->kind == HELPER && next->first == node->first) {
		own.to = left.from;
		put_slice(track, node, own);
		put_helpers(track, next, left);
	} else {
		put_slice(track, node, own);
	}
}

static void put_label(const struct track *track, const char *what, const char *label)
{
	fprintf(track->out, ",\n{\"name\":\"%s\",\"ph\":\"M\",\"pid\":%zu,\"tid\":%zu", what,
		track->pid, track->tid);
	fputs(",\"args\":{\"name\":", track->out);
	put_json(track->out, label);
	fputs("}}", track->out);
}

static void put_flow(const struct track *track)
{
	const struct call *call = track->flow->call;
	char *label = format_text("openat(%s, %#x) = %ld", call->path, call->flags, call->result);

	put_label(track, "thread_name", label);
	free(label);
	for (const struct node *node = track->flow->top->child; node; node = flow_next(node))
		put_node(track, node);
}

static void put_other(FILE *out, const struct run *run)
{
	fputs("{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"clock\":\"" CLOCK "\",\"kernel\":",
	      out);
	put_json(out, run->name);
	fprintf(out, ",\"log\":\"%016" PRIx64 "\"},\n\"traceEvents\":[\n", run->log->checksum);
}

/**
 * write_trace_events() - a run as Trace Event JSON
 * @out: where to
 * @run: it; each case is a process, each call of a case a thread of it
 */
void write_trace_events(FILE *out, const struct run *run)
{
	struct track track = { .out = out };
	size_t flow = 0;

	put_other(out, run);
	fputs("{\"name\":\"process_labels\",\"ph\":\"M\",\"pid\":1,\"tid\":1,", out);
	fputs("\"args\":{\"labels\":\"" CLOCK "\"}}", out);
	for (size_t i = 0; i < run->log->case_count; i++) {
		const struct traced_case *one = &run->log->cases[i];
		char *label = format_text("%s: %s", one->name, one->about);

		track.pid = i + 1;
		track.tid = 1;
		put_label(&track, "process_name", label);
		free(label);
		for (; track.tid <= one->blocks.count; track.tid++) {
			track.flow = run->flows[flow++];
			put_flow(&track);
		}
	}
	fputs("\n]}\n", out);
}
