// SPDX-License-Identifier: GPL-2.0
/* See listing.h. */
#include <string.h>

#include "escape.h"
#include "listing.h"
#include "util.h"

/**
 * struct listed_line - a line of a file
 * @listed: it is in a listing
 * @linked: the page has a link to it
 * @ran: of each flow, whether it ran there; NULL: it ran nowhere
 */
struct listed_line {
	bool listed;
	bool linked;
	bool *ran;
};

static const char *text_of(const struct listings *listings, int file, size_t line)
{
	const struct source *source = &listings->atlas->files[file];

	return line < source->count ? source->lines[line] : NULL;
}

static struct listed_line *line_at(const struct listings *listings, struct place at)
{
	if (at.file < 0 || at.line < 1 || !text_of(listings, at.file, at.line))
		return NULL;
	return &listings->lines[at.file][at.line];
}

/* From where a function is declared to its last brace; what has none is one statement. */
static int last_line(const struct listings *listings, struct place first)
{
	int line = first.line, depth = 0;
	bool begun = false;
	const char *text;

	for (; (text = text_of(listings, first.file, line)); line++) {
		if (listings->lines[first.file][line].listed || (!*text && !begun))
			break;
		for (const char *at = text; *at; at++) {
			begun |= *at == '{';
			depth += (*at == '{') - (*at == '}');
		}
		if (*text == '}' || (begun && depth <= 0))
			return line;
	}
	return line > first.line ? line - 1 : line;
}

static void add_listing(struct listings *listings, int scope)
{
	struct listing listing = { };
	struct listed_line *line;

	if (scope == NO_SCOPE)
		return;
	listing.name = listings->atlas->scopes[scope].name;
	listing.first = listings->atlas->scopes[scope].declared;
	line = line_at(listings, listing.first);
	if (!line)
		return;
	line->linked = true;
	if (line->listed)
		return;
	listing.last = last_line(listings, listing.first);
	for (int i = listing.first.line; i <= listing.last; i++)
		listings->lines[listing.first.file][i].listed = true;
	GROW(listings->all, listings->count) = listing;
}

static void mark_ran(struct listings *listings, struct place at, size_t flow)
{
	struct listed_line *line = line_at(listings, at);

	if (!line)
		return;
	if (!line->ran)
		line->ran = zalloc(listings->flow_count, sizeof(*line->ran));
	line->ran[flow] = true;
}

/*
 * Each line of a step, and where a function is called. The call of a helper is linked only:
 * the compiler may have made one of several.
 */
static void mark_node(struct listings *listings, const struct node *node, size_t flow)
{
	struct listed_line *line = line_at(listings, node->at);

	if (line)
		line->linked = true;
	if (node->kind != HELPER)
		mark_ran(listings, node->at, flow);
	for (size_t i = 0; node->block && i < node->block->spot_count; i++)
		mark_ran(listings, node->block->spots[i].at, flow);
}

static void add_flow(struct listings *listings, size_t nr)
{
	for (const struct node *node = listings->flows[nr]->top->child; node;
	     node = flow_next(node)) {
		mark_node(listings, node, nr);
		add_listing(listings, node->scope);
	}
}

/**
 * listings_fill() - find out what is to be listed
 * @listings: with a kernel and its flows
 */
void listings_fill(struct listings *listings)
{
	const struct atlas *atlas = listings->atlas;

	listings->lines = zalloc(atlas->file_count, sizeof(*listings->lines));
	for (size_t i = 0; i < atlas->file_count; i++)
		listings->lines[i] = zalloc(atlas->files[i].count, sizeof(**listings->lines));
	for (size_t i = 0; i < listings->flow_count; i++)
		add_flow(listings, i);
}

/**
 * put_anchor() - write the begin of a link to a line
 * @out: where to
 * @listings: that have the line
 * @at: the line; when it is not listed, the link leads nowhere
 */
void put_anchor(FILE *out, const struct listings *listings, struct place at)
{
	const struct listed_line *line = line_at(listings, at);

	if (line && line->listed)
		fprintf(out, "<a href=#%zu.%d.%d>", listings->nr, at.file, at.line);
	else
		fputs("<a>", out);
}

static void put_ran(FILE *out, const struct listings *listings, const bool *ran)
{
	const char *before = " class=ran data-ran=\"";

	for (size_t i = 0; i < listings->flow_count; i++) {
		if (!ran[i])
			continue;
		fprintf(out, "%s%zu", before, i);
		before = " ";
	}
	fputc('"', out);
}

static void put_line(FILE *out, const struct listings *listings, struct place at)
{
	const struct listed_line *line = line_at(listings, at);
	bool marked = line->linked || line->ran;

	if (marked)
		fprintf(out, "<b id=%zu.%d.%d", listings->nr, at.file, at.line);
	if (line->ran)
		put_ran(out, listings, line->ran);
	/* eight columns, so that the text's tabs stay where they were */
	fprintf(out, "%s<i>%6d  </i>", marked ? ">" : "", at.line);
	put_html(out, text_of(listings, at.file, at.line));
	fprintf(out, "\n%s", marked ? "</b>" : "");
}

static void put_listing(FILE *out, const struct listings *listings,
			const struct listing *listing)
{
	struct place at = listing->first;

	fputs("<div class=listing><noscript><h3>", out);
	put_html(out, listing->name);
	fputs(" <small>", out);
	put_html(out, atlas_path(listings->atlas, at));
	fprintf(out, ":%d</small></h3><pre>", at.line);
	for (; at.line <= listing->last; at.line++)
		put_line(out, listings, at);
	fputs("</pre></noscript></div>\n", out);
}

/**
 * put_listings() - write the source
 * @out: where to
 * @listings: what of it
 */
void put_listings(FILE *out, const struct listings *listings)
{
	for (size_t i = 0; i < listings->count; i++)
		put_listing(out, listings, &listings->all[i]);
}
