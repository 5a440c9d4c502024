// SPDX-License-Identifier: GPL-2.0
/* Which way each condition went: the source says what it guards, the next step where it went. */
#include <ctype.h>
#include <stdlib.h>
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

	for (size_t i = index + 1; i < flow->step_count; i++) {
		if (flow->steps[i]->first > here->last)
			break;
		if (function_of(flow->steps[i]) == here)
			return flow->steps[i];
	}
	return NULL;
}

/* The compiler can give an instruction the line of another function: not in this one's text */
static bool is_in_text(const struct flow *flow, const struct spot *spot)
{
	const struct scope *scope = &flow->atlas->scopes[spot->scope];
	const struct source *file = &flow->atlas->files[spot->at.file];

	if (scope->declared.file != spot->at.file || spot->at.line < scope->declared.line)
		return false;
	for (int line = scope->declared.line; line < spot->at.line; line++) {
		if ((size_t)line >= file->count || !file->lines[line] || *file->lines[line] == '}')
			return false;
	}
	return true;
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
		    (found && spot->at.line < found->at.line) || !is_in_text(flow, spot))
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

/* The last statement of what a condition guards; empty when it is a block in a block */
static const char *last_statement(const struct source *file, const struct extent *guarded)
{
	for (int line = guarded->last; line >= guarded->first; line--) {
		const char *text = file->lines[line];

		text = text ? text + strspn(text, " \t}") : "";
		if (*text)
			return text;
	}
	return "";
}

/* The line of a label, looked for after @line, then before it; 0: there is none */
static int line_of_label(const struct source *file, const char *label, int line)
{
	size_t len = strcspn(label, ";");

	for (int down = 1; down >= 0; down--) {
		for (int at = line; at > 0 && (size_t)at < file->count; at += down ? 1 : -1) {
			const char *text = file->lines[at];

			if (!text || (*text == '}' && down))
				break;
			text += *text == ' ';
			if (!strncmp(text, label, len) && text[len] == ':')
				return at;
		}
	}
	return 0;
}

static bool code_between(const struct source *file, int first, int last)
{
	for (int line = first; line <= last; line++) {
		const char *text = file->lines[line];

		text = text ? text + strspn(text, " \t}") : "";
		if (*text && strncmp(text, "/*", 2) && *text != '*')
			return true;
	}
	return false;
}

/*
 * The next step is not in what the condition guards. That may be for want of a block: a
 * jump needs none.
 */
static enum way jumped(const struct source *file, const struct extent *guarded, int next)
{
	const char *statement = last_statement(file, guarded);
	int label;

	if (!strncmp(statement, "goto ", 5)) {
		label = line_of_label(file, statement + 5, guarded->last);
		if (label > guarded->last && next >= label)
			return code_between(file, guarded->last + 1, label - 1) ?
			       TAKEN : UNTOLD;
		if (label && label < guarded->first && next >= label &&
		    next < guarded->first)
			return TAKEN;
		return NOT_TAKEN;
	}
	/* out of the function: the other way leads there over the code that follows */
	if (!next && is_word(statement, "return"))
		return code_between(file, guarded->last + 1, guarded->last + 1) ? TAKEN : UNTOLD;
	return NOT_TAKEN;
}

/**
 * struct branch - the condition of a block
 * @known: it has been looked for
 * @spot: where it is, NULL: the block has none
 * @condition: its lines
 * @guarded: the lines that run when it is true
 */
struct branch {
	bool known;
	const struct spot *spot;
	struct extent condition;
	struct extent guarded;
};

static enum way way_of(const struct flow *flow, size_t index, const struct branch *branch)
{
	struct node *step = flow->steps[index], *next = next_here(flow, index);
	const struct extent *condition = &branch->condition, *guarded = &branch->guarded;
	int line;

	step->condition = branch->spot->at;
	step->guarded = guarded->first;
	step->guarded_end = guarded->last;
	line = next ? line_in_scope(flow, next, step->scope) : 0;
	if (in_extent(guarded, line) && !in_extent(condition, line))
		return TAKEN;
	if (in_extent(condition, line))
		return guarded->first == condition->last && guarded->first == guarded->last ?
		       UNTOLD : WITHIN;
	return jumped(&flow->atlas->files[branch->spot->at.file], guarded, line);
}

/**
 * new_branches() - what find_ways() learns of the conditions of a kernel
 * @atlas: of the kernel
 *
 * Return: nothing yet; to be freed.
 */
struct branch *new_branches(const struct atlas *atlas)
{
	return zalloc(atlas->block_count, sizeof(struct branch));
}

/**
 * find_ways() - say of each step which way its condition went
 * @flow: the tree; @way and what belongs to it are set in its steps
 * @branches: what was learnt from other trees of the same kernel, and is from this one
 */
void find_ways(struct flow *flow, struct branch *branches)
{
	for (size_t i = 0; i < flow->step_count; i++) {
		struct node *step = flow->steps[i];
		struct branch *branch = &branches[step->block - flow->atlas->blocks];

		if (!branch->known)
			branch->spot = condition_spot(flow, step, &branch->condition,
						      &branch->guarded);
		branch->known = true;
		if (branch->spot)
			step->way = way_of(flow, i, branch);
	}
}
