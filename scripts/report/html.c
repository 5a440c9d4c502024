// SPDX-License-Identifier: GPL-2.0
/*
 * See html.h. The page is whole without a script: the trees fold by themselves, and each
 * line links to the source further down. What page.js adds is to see them side by side.
 * Trees and source are in <noscript>: a browser that runs scripts takes that for one text,
 * which costs it nothing, and page.js makes of it what is looked at.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html.h"
#include "listing.h"
#include "util.h"

/* html_parts.S */
extern const char page_html[], page_css[], page_js[];

/* What the page may load: nothing */
#define POLICY "default-src 'none'; img-src data:; style-src 'unsafe-inline'; " SCRIPTS
#define SCRIPTS "script-src 'unsafe-inline'"

/* So many comparisons of a step are shown; what has more is a switch. */
#define CMPS_SHOWN	2

/**
 * struct sheet - a kernel's part of the page
 * @run: it
 * @listings: its source
 * @shown: by case, its call that is shown; NULL: it did not run
 */
struct sheet {
	const struct run *run;
	struct listings listings;
	const struct flow **shown;
};

static void put_escaped_place(FILE *out, const struct atlas *atlas, struct place at)
{
	put_html(out, atlas_path(atlas, at));
	fprintf(out, ":%d", at.line);
}

static void put_event(FILE *out, const char *title, const struct event *event)
{
	fprintf(out, "%s\n", title);
	for (size_t i = 0; i < event->count; i++) {
		put_html(out, event->fields[i].key);
		fputc('=', out);
		put_html(out, event->fields[i].value);
		fputc('\n', out);
	}
}

/* What a probe saw, on hover */
static void put_values(FILE *out, const struct node *node)
{
	if (!node->enter && !node->leave)
		return;
	fputs(" title=\"", out);
	if (node->enter)
		put_event(out, "At its entry:", node->enter);
	if (node->leave)
		put_event(out, "At its return:", node->leave);
	fputc('"', out);
}

/* How a call ended: a class of return values that says all of it is enough. */
static void put_return(FILE *out, const struct node *node)
{
	const char *ret, *class;

	if (!node->leave)
		return;
	ret = event_value(node->leave, "ret");
	class = event_value(node->leave, "class");
	if (!ret || (class && strcmp(class, "fd")))
		ret = class;
	if (!ret || !strcmp(ret, "void"))
		return;
	fputs(" <samp>", out);
	put_html(out, ret);
	fputs("</samp>", out);
}

static const char *kind_of(const struct node *node)
{
	return node->kind == INLINED ? " <i>inlined</i>" :
	       node->kind == HELPER ? " <i title=\"no block of its own\">inlined</i>" :
	       node->indirect ? " <i>through a pointer</i>" : "";
}

static void put_function(FILE *out, const struct listings *listings, const struct flow *flow,
			 const struct node *node)
{
	struct place declared = { .file = -1 };

	if (node->scope != NO_SCOPE)
		declared = flow->atlas->scopes[node->scope].declared;
	put_anchor(out, listings, declared);
	put_html(out, node_name(flow, node));
	fprintf(out, "</a>%s", kind_of(node));
	put_return(out, node);
	if (node->at.file < 0)
		return;
	fputc(' ', out);
	put_anchor(out, listings, node->at);
	put_escaped_place(out, flow->atlas, node->at);
	fputs("</a>", out);
}

static void put_way(FILE *out, enum way way)
{
	if (way == UNTOLD)
		fprintf(out, " <b class=o title=\"%s\">?</b>", way_words(way));
	else if (way != NO_BRANCH)
		fprintf(out, " <b%s>%s</b>",
			way == TAKEN ? "" : way == NOT_TAKEN ? " class=n" : " class=o",
			way_words(way));
}

static void put_comparison(FILE *out, const struct comparison *cmp)
{
	fprintf(out, "%" PRIx64 " ? %" PRIx64, cmp->a, cmp->b);
}

static void put_comparisons(FILE *out, const struct node *step)
{
	if (!step->cmp_count)
		return;
	fputs(" <small title=\"Compared (KCOV):\n", out);
	for (size_t i = 0; i < step->cmp_count; i++) {
		const struct comparison *cmp = step->cmps[i];

		put_comparison(out, cmp);
		fprintf(out, ", %u bit%s\n", 8 << (cmp->type >> 1 & 3),
			cmp->type & 1 ? ", one of them a constant" : "");
	}
	fputs("\">", out);
	for (size_t i = 0; i < step->cmp_count && i < CMPS_SHOWN; i++) {
		fputs(i ? ", " : "", out);
		put_comparison(out, step->cmps[i]);
	}
	fprintf(out, "%s</small>", step->cmp_count > CMPS_SHOWN ? ", …" : "");
}

static void put_step(FILE *out, const struct listings *listings, const struct flow *flow,
		     const struct node *step)
{
	fputs("<p>", out);
	put_anchor(out, listings, step->at);
	put_escaped_place(out, flow->atlas, step->at);
	fputs("</a> <code>", out);
	put_html(out, atlas_text(flow->atlas, step->at));
	fputs("</code>", out);
	put_way(out, step->way);
	put_comparisons(out, step);
	fputc('\n', out);
}

static bool is_around(const struct node *node, const struct node *inner)
{
	while (inner && inner != node)
		inner = inner->parent;
	return inner;
}

static void begin_node(FILE *out, const struct listings *listings, const struct flow *flow,
		       const struct node *node, const struct node *spine)
{
	if (node->kind == STEP) {
		put_step(out, listings, flow, node);
		return;
	}
	if (node->child)
		fprintf(out, "<details%s><summary", is_around(node, spine) ? " open" : "");
	else
		fputs("<p class=f", out);
	put_values(out, node);
	fputc('>', out);
	put_function(out, listings, flow, node);
	fputs(node->child ? "</summary>\n" : "\n", out);
}

/* It begins unfolded down to where a name is looked up and perhaps made. */
static const struct node *spine_of(const struct flow *flow)
{
	return flow_find(flow, "lookup_open") ?: flow_find(flow, "path_openat");
}

/* The depth is the log's, the stack is not: no function calls itself here. */
static void put_tree(FILE *out, const struct listings *listings, const struct flow *flow)
{
	const struct node *node = flow->top->child, *spine = spine_of(flow);

	fputs("<div class=tree><noscript>\n", out);
	while (node) {
		begin_node(out, listings, flow, node, spine);
		if (node->child) {
			node = node->child;
			continue;
		}
		while (node && !node->next) {
			node = node->parent;
			fputs(node && node != flow->top ? "</details>\n" : "", out);
		}
		node = node ? node->next : NULL;
	}
	fputs("</noscript></div>\n", out);
}

static void put_result(FILE *out, const struct call *call)
{
	const char *name = call->result < 0 ? strerrorname_np(-call->result) : NULL;

	if (name)
		fprintf(out, "<b class=err>-%s</b>", name);
	else
		fprintf(out, "<b>%ld</b>", call->result);
}

static void put_call(FILE *out, const struct call *call)
{
	fputs("<code>openat(AT_FDCWD, ", out);
	put_html(out, call->path);
	fprintf(out, ", %#x", call->flags);
	if (call->mode)
		fprintf(out, ", %#o", call->mode);
	fputs(")</code> = ", out);
	put_result(out, call);
}

/* What a program's loader opens is not what the program does (claim C13). */
static void put_loader(FILE *out, const struct traced_case *one)
{
	size_t count = one->blocks.count - 1;

	if (!count)
		return;
	fputs("<details class=loader><summary>Before it, the loader tried to open ", out);
	fprintf(out, "%zu file%s</summary><ol>\n", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++) {
		fputs("<li>", out);
		put_call(out, &one->blocks.calls[i]);
		fputc('\n', out);
	}
	fputs("</ol></details>\n", out);
}

static void put_counts(FILE *out, const struct flow *flow)
{
	size_t functions = 0;

	for (const struct node *node = flow->top->child; node; node = flow_next(node))
		functions += node->kind != STEP;
	fprintf(out, "<p class=meta>%zu functions, %zu steps, from record %zu of the log on",
		functions, flow->step_count, flow->call->first + flow->top->child->first);
	if (flow->unknown)
		fprintf(out, "; %zu records belong to no function", flow->unknown);
	fputs("</p>", out);
}

static void put_case(FILE *out, const struct sheet *sheet, size_t nr, size_t shown)
{
	const struct flow *flow = sheet->shown[nr];
	const struct traced_case *one = &sheet->run->log->cases[nr];

	fprintf(out, "<article id=c%zu.%zu data-run=%zu data-shown=%zu data-release=\"",
		sheet->listings.nr, nr, sheet->listings.nr, shown);
	put_html(out, sheet->run->log->release);
	fputs("\" data-case=\"", out);
	put_html(out, one->name);
	fputs("\"><header><h3>", out);
	put_html(out, one->name);
	fputs(" <small>", out);
	put_html(out, sheet->run->name);
	fputs("</small></h3><p class=about>", out);
	put_html(out, one->about);
	fputs("</p><p class=call>", out);
	put_call(out, flow->call);
	fputs("</p>", out);
	if (flow->top->child)
		put_counts(out, flow);
	put_loader(out, one);
	fputs("</header>\n", out);
	put_tree(out, &sheet->listings, flow);
	fputs("</article>\n", out);
}

static void put_fact(FILE *out, const char *key, const char *value)
{
	fputs("<div><dt>", out);
	put_html(out, key);
	fputs("</dt><dd>", out);
	put_html(out, value);
	fputs("</dd></div>\n", out);
}

static void put_inlined(FILE *out, const struct atlas *atlas)
{
	const char *before = "<div><dt>no function of its own</dt><dd>";

	for (size_t i = 0; i < atlas->fact_count; i++) {
		if (strcmp(atlas->facts[i].value, "none"))
			continue;
		fputs(before, out);
		put_html(out, atlas->facts[i].key);
		before = ", ";
	}
	if (*before == ',')
		fputs("</dd></div>\n", out);
}

static void put_facts(FILE *out, const struct run *run)
{
	char *sum = format_text("%016" PRIx64, run->log->checksum);

	fputs("<dl class=facts>\n", out);
	put_fact(out, "release", run->log->release);
	put_fact(out, "machine", run->log->machine);
	for (size_t i = 0; i < run->atlas->fact_count; i++) {
		const struct fact *fact = &run->atlas->facts[i];

		if (strcmp(fact->value, "symbol") && strcmp(fact->value, "none"))
			put_fact(out, fact->key, fact->value);
	}
	put_inlined(out, run->atlas);
	put_fact(out, "raw log", sum);
	if (!run->log->has_values)
		put_fact(out, "values", "the log has none");
	fputs("</dl>\n", out);
	free(sum);
}

static void put_contents(FILE *out, const struct sheet *sheet)
{
	fputs("<ul class=contents>\n", out);
	for (size_t i = 0; i < sheet->run->log->case_count; i++) {
		const struct traced_case *one = &sheet->run->log->cases[i];

		fputs("<li>", out);
		if (sheet->shown[i])
			fprintf(out, "<a href=#c%zu.%zu>", sheet->listings.nr, i);
		put_html(out, one->name);
		fprintf(out, "%s: ", sheet->shown[i] ? "</a>" : "");
		put_html(out, one->about);
		if (!sheet->shown[i])
			fputs("; not run: ", out);
		if (!sheet->shown[i])
			put_html(out, one->skip ?: "nothing was recorded");
		fputc('\n', out);
	}
	fputs("</ul>\n", out);
}

static void put_sheet(FILE *out, const struct sheet *sheet)
{
	size_t shown = 0;

	fprintf(out, "<section class=kernel id=k%zu><h2>", sheet->listings.nr);
	put_html(out, sheet->run->name);
	fputs("</h2>\n", out);
	put_facts(out, sheet->run);
	put_contents(out, sheet);
	for (size_t i = 0; i < sheet->run->log->case_count; i++) {
		if (sheet->shown[i])
			put_case(out, sheet, i, shown++);
	}
	fputs("</section>\n", out);
}

static void fill_sheet(struct sheet *sheet, const struct run *run, size_t nr)
{
	const struct log *log = run->log;
	size_t flow = 0;

	sheet->run = run;
	sheet->shown = zalloc(log->case_count, sizeof(*sheet->shown));
	sheet->listings.atlas = run->atlas;
	sheet->listings.nr = nr;
	for (size_t i = 0; i < log->case_count; i++) {
		if (!log->cases[i].blocks.count)
			continue;
		flow += log->cases[i].blocks.count;
		sheet->shown[i] = run->flows[flow - 1];
		GROW(sheet->listings.flows, sheet->listings.flow_count) = sheet->shown[i];
	}
	listings_fill(&sheet->listings);
}

static void put_head(FILE *out, const struct sheet *sheets, size_t count)
{
	fputs("<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"" POLICY "\">\n"
	      "<link rel=icon href=\"data:,\">\n<title>Inside open(2): Linux", out);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : " ", out);
		put_html(out, sheets[i].run->log->release);
	}
	fprintf(out, "</title>\n<style>\n%s</style>\n"
		"<script>document.documentElement.className = \"js\";</script>\n</head>\n<body>\n",
		page_css);
}

static void put_sources(FILE *out, const struct sheet *sheets, size_t count)
{
	fputs("<section id=sources>\n", out);
	for (size_t i = 0; i < count; i++) {
		fputs("<h2>The source: ", out);
		put_html(out, sheets[i].run->name);
		fputs("</h2>\n", out);
		put_listings(out, &sheets[i].listings);
	}
	fputs("</section>\n", out);
}

/**
 * write_page() - the page of some kernels
 * @out: where to
 * @runs: the kernels
 * @count: how many
 */
void write_page(FILE *out, struct run *const *runs, size_t count)
{
	struct sheet *sheets = zalloc(count, sizeof(*sheets));

	for (size_t i = 0; i < count; i++)
		fill_sheet(&sheets[i], runs[i], i);
	put_head(out, sheets, count);
	fputs(page_html, out);
	fputs("<main id=trees>\n", out);
	for (size_t i = 0; i < count; i++)
		put_sheet(out, &sheets[i]);
	fputs("</main>\n<aside id=pane aria-label=Source></aside>\n", out);
	put_sources(out, sheets, count);
	fprintf(out, "<script>\n%s</script>\n</body>\n</html>\n", page_js);
}
