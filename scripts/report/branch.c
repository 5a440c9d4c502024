// SPDX-License-Identifier: GPL-2.0
/* Which way each condition went: the source says what it guards, the next step where it went. */
#include <ctype.h>
#include <string.h>

#include "flow.h"
#include "util.h"

/* Longer statements are no kernel code. */
#define STATEMENT_LINES	400

/**
 * struct extent - lines of a file
 * @first: the first
 * @last: the last
 */
struct extent {
	int first;
	int last;
};

/**
 * struct text - a position in a file of the atlas
 * @file: it
 * @line: the line
 * @at: the character in it
 */
struct text {
	const struct source *file;
	int line;
	const char *at;
};

static bool begin_line(struct text *text, int line)
{
	text->line = line;
	text->at = (size_t)line < text->file->count ? text->file->lines[line] : NULL;
	return text->at;
}

/* Moves to the next character that is code; false: the text ends. */
static bool skip_to_code(struct text *text)
{
	for (;;) {
		while (isspace((unsigned char)*text->at))
			text->at++;
		if (!strncmp(text->at, "/*", 2)) {
			const char *end;

			while (!(end = strstr(text->at, "*/"))) {
				if (!begin_line(text, text->line + 1))
					return false;
			}
			text->at = end + 2;
			continue;
		}
		if (*text->at && strncmp(text->at, "//", 2) && *text->at != '\\')
			return true;
		if (!begin_line(text, text->line + 1))
			return false;
	}
}

/* From an opening bracket to behind the one that closes it */
static bool skip_brackets(struct text *text, char open, char close)
{
	int depth = 0, limit = text->line + STATEMENT_LINES;
	char quote = 0;

	while (text->line < limit) {
		if (!quote && !skip_to_code(text))
			return false;
		if (!*text->at)
			return false;
		if (quote) {
			if (*text->at == '\\' && text->at[1])
				text->at++;
			else if (*text->at == quote)
				quote = 0;
		} else if (*text->at == '"' || *text->at == '\'') {
			quote = *text->at;
		} else if (*text->at == open) {
			depth++;
		} else if (*text->at == close && !--depth) {
			text->at++;
			return true;
		}
		text->at++;
	}
	return false;
}

static bool is_word(const char *at, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(at, word, len) && !isalnum((unsigned char)at[len]) && at[len] != '_';
}

/* The statement that begins here: a block, another condition, or up to its semicolon */
static bool skip_statement(struct text *text)
{
	int limit = text->line + STATEMENT_LINES;

	if (!skip_to_code(text))
		return false;
	if (*text->at == '{')
		return skip_brackets(text, '{', '}');
	if (is_word(text->at, "if") || is_word(text->at, "for") || is_word(text->at, "while")) {
		while (*text->at != '(') {
			if (!*text->at++)
				return false;
		}
		return skip_brackets(text, '(', ')') && skip_statement(text);
	}
	while (text->line < limit) {
		if (!skip_to_code(text))
			return false;
		if (*text->at == '(') {
			if (!skip_brackets(text, '(', ')'))
				return false;
			continue;
		}
		if (*text->at++ == ';')
			return true;
	}
	return false;
}

/* The keyword of a condition at the begin of a line, behind a brace and an else */
static const char *keyword_in(const char *line)
{
	line += strspn(line, " \t");
	if (*line == '}')
		line += 1 + strspn(line + 1, " \t");
	if (is_word(line, "else"))
		line += 4 + strspn(line + 4, " \t");
	if (is_word(line, "if") || is_word(line, "while") || is_word(line, "for"))
		return line;
	return NULL;
}

/*
 * The condition that a place is in, which may have begun some lines before, and what it
 * guards
 */
static bool find_condition(const struct source *file, int line, struct extent *condition,
			   struct extent *guarded)
{
	struct text text = { .file = file };
	const char *keyword = NULL;
	int first;

	for (first = line; first > line - 8 && first > 0 && !keyword; first--) {
		if (!begin_line(&text, first))
			return false;
		keyword = keyword_in(text.at);
	}
	if (!keyword)
		return false;
	first++;
	text.at = strchr(keyword, '(');
	if (!text.at || !skip_brackets(&text, '(', ')'))
		return false;
	*condition = (struct extent){ first, text.line };
	if (line > text.line || !skip_to_code(&text))
		return false;
	guarded->first = text.line;
	if (!skip_statement(&text))
		return false;
	guarded->last = text.line;
	return true;
}

static bool in_extent(const struct extent *extent, int line)
{
	return line >= extent->first && line <= extent->last;
}

/* The line of a later step, seen from the scope of this one; 0: it has left it */
static int line_in_scope(const struct flow *flow, const struct node *later, int scope)
{
	const struct atlas *atlas = flow->atlas;
	int line = later->at.line, inner = later->scope;

	while (inner != NO_SCOPE && inner != scope) {
		line = atlas->scopes[inner].called.line;
		inner = atlas->scopes[inner].parent;
	}
	return inner == scope ? line : 0;
}

static struct node *function_of(struct node *node)
{
	do {
		node = node->parent;
	} while (node->parent && node->kind != FUNCTION);
	return node;
}

/* The next step of the same activation; NULL: it returns */
static struct node *next_here(const struct flow *flow, size_t index)
{
	struct node *here = function_of(flow->steps[index]);

	for (size_t i = index + 1; i < flow->step_count && flow->steps[i]->first <= here->last; i++) {
		if (function_of(flow->steps[i]) == here)
			return flow->steps[i];
	}
	return NULL;
}

/* A step can reach several lines; the condition is in the last one of its own scope. */
static const struct spot *condition_spot(const struct flow *flow, const struct node *step,
					 struct extent *condition, struct extent *guarded)
{
	const struct spot *found = NULL;

	for (size_t i = 0; i < step->block->spot_count; i++) {
		const struct spot *spot = &step->block->spots[i];
		struct extent here, body;

		if (spot->scope != step->scope || spot->at.file < 0 ||
		    (found && spot->at.line < found->at.line))
			continue;
		if (!find_condition(&flow->atlas->files[spot->at.file], spot->at.line, &here,
				    &body))
			continue;
		*condition = here;
		*guarded = body;
		found = spot;
	}
	return found;
}

static enum way way_of(const struct flow *flow, size_t index)
{
	const struct node *step = flow->steps[index], *next = next_here(flow, index);
	struct extent condition = { }, guarded = { };
	int line;

	if (!condition_spot(flow, step, &condition, &guarded))
		return NO_BRANCH;
	line = next ? line_in_scope(flow, next, step->scope) : 0;
	if (in_extent(&guarded, line) && !in_extent(&condition, line))
		return TAKEN;
	if (in_extent(&condition, line))
		return guarded.first == condition.last && guarded.first == guarded.last ?
		       UNTOLD : WITHIN;
	/* it has left the function: by a return that is guarded, or at its end */
	for (size_t i = 0; i < step->block->spot_count; i++) {
		const struct spot *spot = &step->block->spots[i];

		if (spot->scope == step->scope && in_extent(&guarded, spot->at.line) &&
		    !in_extent(&condition, spot->at.line))
			return line ? NOT_TAKEN : UNTOLD;
	}
	return NOT_TAKEN;
}

/**
 * find_ways() - say of each step which way its condition went
 * @flow: the tree, whose steps' @way is set
 */
void find_ways(struct flow *flow)
{
	for (size_t i = 0; i < flow->step_count; i++)
		flow->steps[i]->way = way_of(flow, i);
}
