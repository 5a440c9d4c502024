// SPDX-License-Identifier: GPL-2.0
/* See worksheet.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "worksheet.h"

/* The gates of a candidate, by what their lines say, in the order of the loop */
static const struct {
	const char *name;
	const char *text;
} gates[] = {
	{ "hash", "d_name.hash != hash" },
	{ "parent", "d_parent != parent" },
	{ "hashed", "d_unhashed(dentry)" },
	{ "name", "d_same_name(" },
	{ "name (RCU-walk)", "dentry_cmp(" },
	{ "reference", "d_lockref.count++" },
};

static bool has_spot(const struct flow *flow, const struct node *step, const char *text)
{
	const struct scope *scopes = flow->atlas->scopes;

	for (size_t i = 0; i < step->block->spot_count; i++) {
		if (strstr(atlas_text(flow->atlas, step->block->spots[i].at), text))
			return true;
	}
	/* the line may be where the function that the block is of is inlined */
	for (int scope = step->scope; scope != NO_SCOPE; scope = scopes[scope].parent) {
		if (strstr(atlas_text(flow->atlas, scopes[scope].called), text))
			return true;
	}
	return strstr(atlas_text(flow->atlas, step->condition), text);
}

static bool is_in(const struct node *step, const struct node *outer)
{
	return step->first >= outer->first && step->first <= outer->last;
}

static void put_gate(FILE *out, const struct flow *flow, const struct node *lookup, size_t gate)
{
	struct place at = flow_text_in(flow, node_name(flow, lookup), gates[gate].text);
	size_t times = 0;

	if (at.file < 0)
		return;
	fprintf(out, "| %s | ", gates[gate].name);
	put_place(out, flow->atlas, at);
	fprintf(out, " `%s` | ", atlas_text(flow->atlas, at));
	for (size_t i = 0; i < flow->step_count; i++) {
		const struct node *step = flow->steps[i];

		if (!is_in(step, lookup) || !has_spot(flow, step, gates[gate].text))
			continue;
		times++;
		for (size_t j = 0; j < step->cmp_count; j++)
			fprintf(out, "%" PRIx64 " ? %" PRIx64 "; ", step->cmps[j]->a,
				step->cmps[j]->b);
	}
	fprintf(out, "| %zu |\n", times);
}

static void put_values(FILE *out, const char *when, const struct event *event)
{
	if (!event)
		return;
	fprintf(out, "- %s (line %u):", when, event->line);
	put_fields(out, event);
	fputc('\n', out);
}

static void put_lookup(FILE *out, const struct flow *flow, const struct node *lookup)
{
	fprintf(out, "\n### %s(), records %zu to %zu\n\n", node_name(flow, lookup),
		flow->call->first + lookup->first, flow->call->first + lookup->last);
	put_values(out, "entry", lookup->enter);
	put_values(out, "return", lookup->leave);
	fputs("\n| gate | line | compared (hexadecimal) | ran |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		put_gate(out, flow, lookup, i);
}

static bool is_lookup(const char *name)
{
	return !strcmp(name, "__d_lookup") || !strcmp(name, "__d_lookup_rcu");
}

static void put_chain(FILE *out, const struct log *log)
{
	fputs("\n## A chain of k candidates, measured\n\n", out);
	if (!log->chain_count) {
		fputs("Not measured in this run.\n", out);
		return;
	}
	fputs("| k | comparisons of a miss | ns | ns a candidate |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < log->chain_count; i++) {
		const struct chain *chain = &log->chains[i];

		fprintf(out, "| %lu | %lu | %lu | %lu |\n", chain->names, chain->comparisons,
			chain->ns, chain->names ? chain->ns / chain->names : 0);
	}
	fputs("\n![time against length](chain.svg)\n", out);
}

/**
 * write_worksheet() - the gates of each lookup of the first miss and of the second
 * @out: where to
 * @run: with the cases
 */
void write_worksheet(FILE *out, const struct run *run)
{
	static const char *const names[] = { "case17", "again" };

	fprintf(out, "# __d_lookup(), in numbers, on %s\n\n"
		"A gate that did not run had no candidate to judge: the bucket was empty, or an\n"
		"earlier gate passed it over.\n", run->name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct flow *flow = run_flow(run, names[i]);

		if (!flow)
			continue;
		fprintf(out, "\n## %s: %s\n", flow->name, flow->about);
		for (const struct node *node = flow->top->child; node; node = flow_next(node)) {
			if (node->kind != STEP && is_lookup(node_name(flow, node)))
				put_lookup(out, flow, node);
		}
	}
	fputs("\n## Asked once more\n\n", out);
	for (size_t i = 0; i < run->log->replay_count; i++)
		put_values(out, "d_lookup() with the captured parent, name and hash",
			   &run->log->replays[i]);
	if (!run->log->replay_count)
		fputs("Not in this run: that takes probes.\n", out);
	put_chain(out, run->log);
}

/* The picture, in pixels; both axes are logarithmic. */
#define WIDTH		640
#define HEIGHT		400
#define MARGIN		60

/* How many bits of a logarithm's fraction a picture shows */
#define FRACTION_BITS	12

/* The decimal logarithm; 0 for less than 1. Squaring moves its fraction up bit by bit. */
static double decades(double value)
{
	double result = 0, bit = 0.5;

	for (; value >= 10; value /= 10)
		result++;
	for (int i = 0; i < FRACTION_BITS && value > 1; i++, bit /= 2) {
		value *= value;
		if (value >= 10) {
			value /= 10;
			result += bit;
		}
	}
	return result;
}

static int whole_decades(double most)
{
	int whole = decades(most);

	return whole + (decades(most) > whole || !whole);
}

/**
 * write_chain_curve() - the time of a miss against the length of the chain, as SVG
 * @out: where to
 * @run: with the measured lengths
 */
void write_chain_curve(FILE *out, const struct run *run)
{
	const struct log *log = run->log;
	unsigned long most_names = 1, most_ns = 1;
	int across, up;

	for (size_t i = 0; i < log->chain_count; i++) {
		if (log->chains[i].names > most_names)
			most_names = log->chains[i].names;
		if (log->chains[i].ns > most_ns)
			most_ns = log->chains[i].ns;
	}
	across = whole_decades(most_names);
	up = whole_decades(most_ns);
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n"
		"<style>text { font: 12px sans-serif }</style>\n<title>Time of a miss against the length of the chain</title>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN);
	for (int i = 0; i <= across; i++)
		fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">10^%d</text>\n",
			MARGIN + (double)i / across * WIDTH, HEIGHT + MARGIN + 20, i);
	for (int i = 0; i <= up; i++)
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">10^%d ns</text>\n"
			"<path d=\"M%d %.1fh%d\" stroke=\"#ddd\"/>\n", MARGIN - 8,
			MARGIN + HEIGHT - (double)i / up * HEIGHT + 4, i, MARGIN,
			MARGIN + HEIGHT - (double)i / up * HEIGHT, WIDTH);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">candidates</text>\n"
		"<polyline fill=\"none\" stroke=\"#0b5cad\" stroke-width=\"2\" points=\"",
		MARGIN + WIDTH / 2, HEIGHT + MARGIN + 40);
	for (size_t i = 0; i < log->chain_count; i++)
		fprintf(out, "%.1f,%.1f ", MARGIN + decades(log->chains[i].names) / across * WIDTH,
			MARGIN + HEIGHT - decades(log->chains[i].ns) / up * HEIGHT);
	fputs("\"/>\n</svg>\n", out);
}
