// SPDX-License-Identifier: GPL-2.0
/*
 * Makes mutants of functions of the kernel: each a small change that a test should notice.
 * All of them are compiled into one kernel, each behind a comparison with a variable, so
 * that a whole run needs one build; text.c writes them so.
 *
 * The front end is libclang, Clang's own stable interface for C: it knows what is a
 * condition, a statement, a constant, also behind the kernel's macros.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clang-c/Index.h>

#include "mutants.h"

#define MAX_CHILDREN 64		/* of one node; statements of a block among them */
#define MAX_FUNCTIONS 128
#define MAX_CALLS 512		/* of one function */

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct range {
	unsigned int from, to;	/* offsets in the file */
};

struct children {
	CXCursor of[MAX_CHILDREN];
	int count;
};

static struct {
	char *file[MAX_FUNCTIONS], *name[MAX_FUNCTIONS];
	int count;
} functions;

static struct text *source;
static const char *function;
static unsigned int function_end;

static void *die(const char *what, const char *which)
{
	fprintf(stderr, "mutate: %s: %s\n", what, which);
	exit(1);
}

/* The spelling of a cursor, to be freed */
static char *name_of(CXCursor cursor)
{
	CXString string = clang_getCursorSpelling(cursor);
	char *name = strdup(clang_getCString(string));

	clang_disposeString(string);
	return name;
}

static enum CXChildVisitResult collect(CXCursor child, CXCursor parent, CXClientData data)
{
	struct children *children = data;

	(void)parent;
	if (children->count == MAX_CHILDREN)
		die("a node has too many children", function);
	children->of[children->count++] = child;
	return CXChildVisit_Continue;
}

static struct children children_of(CXCursor cursor)
{
	struct children children = { .count = 0 };

	clang_visitChildren(cursor, collect, &children);
	return children;
}

static bool is_word(unsigned int at)
{
	return isalnum((unsigned char)source->text[at]) || source->text[at] == '_';
}

static bool starts_with_word(unsigned int at, const char *word)
{
	return !strncmp(source->text + at, word, strlen(word)) && !is_word(at + strlen(word));
}

/* Where the word at @at ends */
static unsigned int word_end(unsigned int at)
{
	while (is_word(at))
		at++;
	return at;
}

/* Where the bracket that opens at @at is closed, one further */
static unsigned int bracket_end(unsigned int at)
{
	int depth = 0;

	do {
		depth += (source->text[at] == '(') - (source->text[at] == ')');
		at++;
	} while (depth && source->text[at]);
	return at;
}

static bool is_balanced(struct range range)
{
	int depth = 0;
	unsigned int i;

	for (i = range.from; i < range.to && depth >= 0; i++)
		depth += (source->text[i] == '(') - (source->text[i] == ')');
	return !depth;
}

/* Where an expression ends that is told to end at @at, if the last word is a macro */
static unsigned int expression_end(unsigned int at)
{
	unsigned int last = at - 1;

	while (isspace((unsigned char)source->text[last]))
		last--;
	if (strchr("~!&|^+-*/<>=?:", source->text[last]) &&
	    strncmp(source->text + last - 1, "++", 2) && strncmp(source->text + last - 1, "--", 2))
		while (isspace((unsigned char)source->text[at]))
			at++;
	else if (!isspace((unsigned char)source->text[at - 1]))
		return at;
	if (!is_word(at))
		return at;
	at = word_end(at);
	return source->text[at] == '(' ? bracket_end(at) : at;
}

/*
 * The place of a cursor as the file has it. What comes out of a macro has the place of the
 * macro's use; of a macro in an argument of a macro libclang tells the wrong end.
 */
static struct range range_of(CXCursor cursor)
{
	CXSourceRange extent = clang_getCursorExtent(cursor);
	struct range range;

	clang_getFileLocation(clang_getRangeStart(extent), NULL, NULL, NULL, &range.from);
	clang_getFileLocation(clang_getRangeEnd(extent), NULL, NULL, NULL, &range.to);
	if (range.to > range.from)
		range.to = expression_end(range.to);
	if (range.to <= range.from || !is_balanced(range)) {
		range.to = word_end(range.from);
		if (source->text[range.to] == '(')
			range.to = bracket_end(range.to);
	}
	return range;
}

/* The text of a range in brackets, to be freed */
static char *bracketed(struct range range)
{
	return format("(%.*s)", (int)(range.to - range.from), source->text + range.from);
}

/*
 * instead - a mutant that has another expression in the place of one
 * @operator: its name
 * @range: the expression
 * @with: the other one; taken
 */
static void instead(const char *operator, struct range range, char *with)
{
	struct mutant *mutant = add_mutant(source, function, operator);

	if (add_change(mutant, range.from, range.to, with)) {
		add_insertion(source, mutant, range.from, true, "(" SWITCH " == %u ? %s : (", with);
		add_insertion(source, mutant, range.to, false, "))", NULL);
	}
}

static void drop(struct mutant *mutant, struct range range)
{
	if (add_change(mutant, range.from, range.to, strdup("")))
		add_insertion(source, mutant, range.from, true, "if (" SWITCH " == %u) { } else ",
			      NULL);
}

/* dropped - a mutant without a statement */
static void dropped(const char *operator, struct range range)
{
	drop(add_mutant(source, function, operator), range);
}

/* Functions that are called in pairs */
static const char *const pairs[][2] = {
	{ "rcu_read_lock", "rcu_read_unlock" },
	{ "spin_lock", "spin_unlock" },
	{ "spin_lock_nested", "spin_unlock" },
	{ "hlist_bl_lock", "hlist_bl_unlock" },
	{ "inode_lock", "inode_unlock" },
	{ "inode_lock_shared", "inode_unlock_shared" },
	{ "read_seqbegin", "read_seqretry" },
	{ "dget", "dput" },
	{ "path_get", "path_put" },
	{ "mnt_want_write", "mnt_drop_write" },
	{ "get_write_access", "put_write_access" },
	{ "raw_write_seqcount_begin", "raw_write_seqcount_end" },
	{ "write_seqlock", "write_sequnlock" },
	{ "start_dir_add", "end_dir_add" },
};

/* What is called in a function, as a statement of its own: function and arguments */
static struct {
	struct range range;
	char *name, *arguments;
} calls[MAX_CALLS];

static int call_count;

/* Is it a call of the function, with what call @other has for arguments? */
static bool is_call(int i, const char *name, int other)
{
	return !strcmp(calls[i].name, name) && !strcmp(calls[i].arguments, calls[other].arguments);
}

/* A mutant without call @first, the like, and those of its partner @second */
static void drop_pair(int first, const char *second)
{
	struct mutant *mutant;
	int i;

	for (i = 0; i < call_count && !is_call(i, second, first); i++)
		;
	if (i == call_count)
		return;
	mutant = add_mutant(source, function, "pair-dropped");
	for (i = 0; i < call_count; i++)
		if (is_call(i, calls[first].name, first) || is_call(i, second, first))
			drop(mutant, calls[i].range);
}

/* Mutants without either of a pair, wherever the function has it */
static void drop_pairs(void)
{
	size_t pair;
	int i, before;

	for (pair = 0; pair < ARRAY_SIZE(pairs); pair++)
		for (i = 0; i < call_count; i++) {
			before = 0;
			while (before < i && !is_call(before, pairs[pair][0], i))
				before++;
			if (before == i && is_call(i, pairs[pair][0], i))
				drop_pair(i, pairs[pair][1]);
		}
}

/* The statement is a call: keep its name for drop_pairs() */
static void keep_call(struct range range)
{
	unsigned int end = word_end(range.from);

	if (source->text[end] != '(' || call_count == MAX_CALLS)
		return;
	calls[call_count].range = range;
	calls[call_count].arguments = format("%.*s", (int)(range.to - end), source->text + end);
	calls[call_count++].name = format("%.*s", (int)(end - range.from),
					  source->text + range.from);
}

/* What likely() and unlikely() are about */
static struct range inside_likely(struct range range)
{
	if (starts_with_word(range.from, "likely") || starts_with_word(range.from, "unlikely")) {
		range.from = word_end(range.from) + 1;
		range.to--;
	}
	return range;
}

/* Is a condition one comparison or negation? Then that has its own mutant, the same. */
static bool is_negated_elsewhere(struct range range)
{
	bool simple = source->text[range.from] == '!';
	int depth = 0;
	unsigned int i;

	for (i = range.from; i < range.to; i++) {
		depth += (source->text[i] == '(') - (source->text[i] == ')');
		if (depth)
			continue;
		if (!strncmp(source->text + i, "&&", 2) || !strncmp(source->text + i, "||", 2))
			return false;
		if (!strncmp(source->text + i, "==", 2) || !strncmp(source->text + i, "!=", 2))
			simple = true;
	}
	return simple;
}

static void mutate_condition(CXCursor cursor, bool loops)
{
	struct range range = range_of(cursor);
	char *text = bracketed(range);

	if (!is_negated_elsewhere(inside_likely(range)))
		instead("condition-negated", range, format("!%s", text));
	if (!loops)
		instead("condition-true", range, format("((void)%s, 1)", text));
	instead("condition-false", range, format("((void)%s, 0)", text));
	free(text);
}

static void walk(CXCursor cursor);
static void walk_statement(CXCursor cursor);

static const struct {
	const char *from, *to, *name;
} operators[] = {
	{ "&&", "||", "and-or" },
	{ "||", "&&", "and-or" },
	{ "&", "|", "bits" },
	{ "|", "&", "bits" },
	{ "^", "|", "bits" },
	{ "==", "!=", "relation" },
	{ "!=", "==", "relation" },
	{ "<", "<=", "off-by-one" },
	{ "<=", "<", "off-by-one" },
	{ ">", ">=", "off-by-one" },
	{ ">=", ">", "off-by-one" },
	{ "+", "-", "arithmetic" },
	{ "-", "+", "arithmetic" },
	{ "<<", ">>", "arithmetic" },
	{ ">>", "<<", "arithmetic" },
	{ "+=", "-=", "arithmetic" },
	{ "-=", "+=", "arithmetic" },
	{ "|=", "&=", "bits" },
	{ "&=", "|=", "bits" },
};

/* The operator between two operands, into @found; false when a macro is in the way */
static bool operator_between(struct range left, struct range right, char found[4])
{
	unsigned int from = left.to, to = right.from;

	while (from < to && isspace((unsigned char)source->text[from]))
		from++;
	while (to > from && isspace((unsigned char)source->text[to - 1]))
		to--;
	if (to <= from || to - from > 3)
		return false;
	snprintf(found, 4, "%.*s", (int)(to - from), source->text + from);
	return true;
}

static void mutate_binary(struct range range, struct children *operands)
{
	struct range left = range_of(operands->of[0]), right = range_of(operands->of[1]);
	char found[4];
	size_t i;

	if (left.from != range.from || right.to != range.to || left.to > right.from ||
	    !operator_between(left, right, found))
		return;
	for (i = 0; i < ARRAY_SIZE(operators); i++)
		if (!strcmp(found, operators[i].from))
			instead(operators[i].name, range,
				format("((%.*s) %s (%.*s))", (int)(left.to - left.from),
				       source->text + left.from, operators[i].to,
				       (int)(right.to - right.from), source->text + right.from));
	if (!strcmp(found, "&&") || !strcmp(found, "||")) {
		instead("condition-dropped", range, bracketed(left));
		instead("condition-dropped", range, bracketed(right));
	}
}

static void mutate_unary(struct range range, struct children *operands)
{
	struct range operand = range_of(operands->of[0]);

	if (operand.from != range.from + 1 || operand.to != range.to)
		return;
	switch (source->text[range.from]) {
	case '!':
		instead("not-dropped", range, format("!!%s", bracketed(operand)));
		break;
	case '~':
		instead("bits", range, bracketed(operand));
	}
}

static CXType plain_type(CXCursor cursor)
{
	return clang_getUnqualifiedType(clang_getCanonicalType(clang_getCursorType(cursor)));
}

/* Have two ranges the same text? */
static bool is_same(struct range a, struct range b)
{
	return a.to - a.from == b.to - b.from &&
	       !memcmp(source->text + a.from, source->text + b.from, a.to - a.from);
}

/* May two arguments change places? */
static bool are_alike(CXCursor a, CXCursor b)
{
	CXType left = plain_type(a), right = plain_type(b);

	if (left.kind == CXType_Pointer && right.kind == CXType_Pointer) {
		left = clang_getUnqualifiedType(clang_getPointeeType(left));
		right = clang_getUnqualifiedType(clang_getPointeeType(right));
	}
	return clang_equalTypes(left, right) ||
	       (left.kind >= CXType_Bool && left.kind <= CXType_Int128 &&
		right.kind >= CXType_Bool && right.kind <= CXType_Int128);
}

static void mutate_call(CXCursor cursor, struct range range)
{
	int i, count = clang_Cursor_getNumArguments(cursor);
	struct range at[2], last = { range.from, range.from };

	if (!strchr("(-.", source->text[word_end(range.from)]))
		return;
	for (i = 0; i + 1 < count; i++) {
		at[0] = range_of(clang_Cursor_getArgument(cursor, i));
		at[1] = range_of(clang_Cursor_getArgument(cursor, i + 1));
		if (at[0].from <= last.from || at[1].from <= at[0].to || at[1].to >= range.to)
			return;
		last = at[0];
		if (!are_alike(clang_Cursor_getArgument(cursor, i),
			       clang_Cursor_getArgument(cursor, i + 1)) || is_same(at[0], at[1]))
			continue;
		instead("arguments-swapped", range,
			format("%.*s%.*s%.*s%.*s%.*s", (int)(at[0].from - range.from),
			       source->text + range.from, (int)(at[1].to - at[1].from),
			       source->text + at[1].from, (int)(at[1].from - at[0].to),
			       source->text + at[0].to, (int)(at[0].to - at[0].from),
			       source->text + at[0].from, (int)(range.to - at[1].to),
			       source->text + at[1].to));
	}
}

/* A constant by its value and name: an error, a bit, a number */
static bool mutate_constant(CXCursor cursor, struct range range)
{
	const char *text = source->text + range.from;
	int length = range.to - range.from;
	CXEvalResult result;
	long long value = 0;

	if (word_end(range.from) != range.to)
		return false;
	if (starts_with_word(range.from, "true") || starts_with_word(range.from, "false")) {
		instead("constant", range, strdup(*text == 't' ? "false" : "true"));
		return true;
	}
	if (islower((unsigned char)*text) || starts_with_word(range.from, "NULL"))
		return false;
	result = clang_Cursor_Evaluate(cursor);
	if (!result || clang_EvalResult_getKind(result) != CXEval_Int) {
		clang_EvalResult_dispose(result);
		return false;
	}
	value = clang_EvalResult_getAsLongLong(result);
	clang_EvalResult_dispose(result);
	if (isdigit((unsigned char)*text))
		instead("off-by-one", range,
			format("(%.*s %c 1)", length, text, value ? '-' : '+'));
	else if (*text == 'E')
		instead("errno", range, format("(%.*s + 1)", length, text));
	else if (value)
		instead("bits", range, format("(%.*s << 1)", length, text));
	return true;
}

static void walk_all(struct children *children, int from)
{
	int i;

	for (i = from; i < children->count; i++)
		walk(children->of[i]);
}

/* An expression, and what is in it */
static void walk_expression(CXCursor cursor, struct range range)
{
	struct children children = children_of(cursor);

	if (clang_isExpression(clang_getCursorKind(cursor)) && mutate_constant(cursor, range))
		return;
	switch (clang_getCursorKind(cursor)) {
	case CXCursor_BinaryOperator:
	case CXCursor_CompoundAssignOperator:
		mutate_binary(range, &children);
		break;
	case CXCursor_UnaryOperator:
		mutate_unary(range, &children);
		break;
	case CXCursor_ConditionalOperator:
		if (range_of(children.of[0]).from == range.from &&
		    range_of(children.of[0]).to < range.to)
			mutate_condition(children.of[0], false);
		break;
	case CXCursor_CallExpr:
		mutate_call(cursor, range);
		break;
	case CXCursor_UnaryExpr:	/* sizeof */
		return;
	default:
		break;
	}
	walk_all(&children, 0);
}

static void walk_declaration(CXCursor cursor)
{
	struct children children = children_of(cursor);
	int i;

	if (clang_Cursor_getStorageClass(cursor) == CX_SC_Static)
		return;
	for (i = 0; i < children.count; i++)
		if (clang_isExpression(clang_getCursorKind(children.of[i])))
			walk(children.of[i]);
}

/* for (;;): which of its parts are there, only the text tells */
static void walk_for(struct range range, struct children *children)
{
	unsigned int first, second, end = bracket_end(word_end(range.from) + 1);
	struct range at;
	int i;

	first = strchr(source->text + range.from, ';') - source->text;
	second = strchr(source->text + first + 1, ';') - source->text;
	for (i = 0; i < children->count; i++) {
		at = range_of(children->of[i]);
		if (at.from > first && at.from < second)
			mutate_condition(children->of[i], true);
		if (at.from >= end)
			walk_statement(children->of[i]);
		else
			walk(children->of[i]);
	}
}

/* Does nothing of the function follow? Without such a return its result would be anything. */
static bool ends_function(struct range range)
{
	while (strchr("; \t\n}", source->text[range.to]) && range.to < function_end)
		range.to++;
	return range.to == function_end;
}

/* A node whose statement begins with its keyword, so is no macro's */
static void walk_control(CXCursor cursor, struct range range)
{
	struct children children = children_of(cursor);

	switch (clang_getCursorKind(cursor)) {
	case CXCursor_IfStmt:
		mutate_condition(children.of[0], false);
		walk(children.of[0]);
		walk_statement(children.of[1]);
		if (children.count > 2)
			walk_statement(children.of[2]);
		break;
	case CXCursor_WhileStmt:
		mutate_condition(children.of[0], true);
		walk(children.of[0]);
		walk_statement(children.of[1]);
		break;
	case CXCursor_DoStmt:
		walk_statement(children.of[0]);
		mutate_condition(children.of[1], true);
		walk(children.of[1]);
		break;
	case CXCursor_ForStmt:
		walk_for(range, &children);
		break;
	case CXCursor_SwitchStmt:
		walk(children.of[0]);
		walk_statement(children.of[1]);
		break;
	case CXCursor_CaseStmt:		/* the last child is the statement */
	case CXCursor_DefaultStmt:
	case CXCursor_LabelStmt:
		walk_statement(children.of[children.count - 1]);
		break;
	case CXCursor_ReturnStmt:
		if (!ends_function(range))
			dropped("return-dropped", range);
		walk_all(&children, 0);
		break;
	case CXCursor_GotoStmt:
	case CXCursor_BreakStmt:
	case CXCursor_ContinueStmt:
		dropped("jump-dropped", range);
		break;
	default:
		break;
	}
}

static const struct {
	enum CXCursorKind kind;
	const char *word;
} keywords[] = {
	{ CXCursor_IfStmt, "if" },
	{ CXCursor_WhileStmt, "while" },
	{ CXCursor_DoStmt, "do" },
	{ CXCursor_ForStmt, "for" },
	{ CXCursor_SwitchStmt, "switch" },
	{ CXCursor_CaseStmt, "case" },
	{ CXCursor_DefaultStmt, "default" },
	{ CXCursor_ReturnStmt, "return" },
	{ CXCursor_GotoStmt, "goto" },
	{ CXCursor_BreakStmt, "break" },
	{ CXCursor_ContinueStmt, "continue" },
};

static bool is_control(CXCursor cursor, struct range range)
{
	size_t i;

	if (clang_getCursorKind(cursor) == CXCursor_LabelStmt)
		return true;
	for (i = 0; i < ARRAY_SIZE(keywords); i++)
		if (clang_getCursorKind(cursor) == keywords[i].kind)
			return starts_with_word(range.from, keywords[i].word);
	return false;
}

/* A node that may be left out by an if before it */
static void walk_statement(CXCursor cursor)
{
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	struct range range = range_of(cursor);
	struct children children;

	/* what makes no code */
	if (kind == CXCursor_NullStmt ||
	    !strncmp(source->text + range.from, "BUILD_BUG_ON", strlen("BUILD_BUG_ON")) ||
	    starts_with_word(range.from, "fallthrough"))
		return;
	if (kind == CXCursor_CompoundStmt && source->text[range.from] == '{') {
		children = children_of(cursor);
		for (int i = 0; i < children.count; i++)
			walk_statement(children.of[i]);
	} else if (kind == CXCursor_DeclStmt) {
		walk(cursor);
	} else if (is_control(cursor, range)) {
		walk_control(cursor, range);
	} else {
		dropped("statement-dropped", range);
		keep_call(range);
		walk(cursor);
	}
}

static void walk(CXCursor cursor)
{
	enum CXCursorKind kind = clang_getCursorKind(cursor);
	struct range range = range_of(cursor);
	struct children children;

	if (kind == CXCursor_VarDecl) {
		walk_declaration(cursor);
	} else if (kind == CXCursor_CompoundStmt && source->text[range.from] == '{') {
		walk_statement(cursor);	/* the body of a loop that is a macro */
	} else if (clang_isExpression(kind)) {
		walk_expression(cursor, range);
	} else if (kind == CXCursor_DeclStmt || clang_isStatement(kind)) {
		/* a macro's: what the file has in it are its arguments */
		children = children_of(cursor);
		walk_all(&children, 0);
	}
}

static bool is_wanted(const char *file, const char *name)
{
	int i;

	for (i = 0; i < functions.count; i++)
		if (!strcmp(functions.file[i], file) && !strcmp(functions.name[i], name))
			return true;
	return false;
}

static enum CXChildVisitResult visit_function(CXCursor cursor, CXCursor parent, CXClientData file)
{
	struct children children;
	char *name;
	int i;

	(void)parent;
	if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl ||
	    !clang_isCursorDefinition(cursor) ||
	    !clang_Location_isFromMainFile(clang_getCursorLocation(cursor)))
		return CXChildVisit_Continue;
	name = name_of(cursor);
	if (is_wanted(file, name)) {
		function = name;	/* the mutants keep it */
		function_end = range_of(cursor).to;
		call_count = 0;
		children = children_of(cursor);
		for (i = 0; i < children.count; i++)
			if (clang_getCursorKind(children.of[i]) == CXCursor_CompoundStmt)
				walk_statement(children.of[i]);
		drop_pairs();
	} else {
		free(name);
	}
	return CXChildVisit_Continue;
}

static void read_functions(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];

	if (!file)
		die("cannot read", path);
	while (fgets(line, sizeof(line), file)) {
		if (*line == '#')
			continue;
		if (functions.count == MAX_FUNCTIONS ||
		    sscanf(line, "%ms %ms", &functions.file[functions.count],
			   &functions.name[functions.count]) != 2)
			die("not a file and a function", line);
		functions.count++;
	}
	fclose(file);
}

static void mutate_file(const char *tree, const char *file, const char *const *flags, int count,
			const char *out)
{
	CXIndex index = clang_createIndex(0, 0);
	char *path = format("%s/%s", tree, file);
	CXTranslationUnit unit;
	unsigned int i;

	source = read_text(path, file);
	if (clang_parseTranslationUnit2(index, path, flags, count, NULL, 0, 0, &unit))
		die("cannot be parsed", path);
	for (i = 0; i < clang_getNumDiagnostics(unit); i++) {
		CXDiagnostic said = clang_getDiagnostic(unit, i);

		if (clang_getDiagnosticSeverity(said) >= CXDiagnostic_Error)
			die("cannot be parsed",
			    clang_getCString(clang_getDiagnosticSpelling(said)));
		clang_disposeDiagnostic(said);
	}
	clang_visitChildren(clang_getTranslationUnitCursor(unit), visit_function, (void *)file);
	write_mutants(source, out);
	clang_disposeTranslationUnit(unit);
	clang_disposeIndex(index);
	free(path);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 6 || strcmp(argv[5], "--")) {
		fputs("usage: mutate TREE FUNCTIONS UNBUILDABLE OUT -- COMPILER FLAGS\n", stderr);
		return 2;
	}
	read_functions(argv[2]);
	read_unbuildable(argv[3]);
	for (i = 0; i < functions.count; i++)
		if (!i || strcmp(functions.file[i], functions.file[i - 1]))
			mutate_file(argv[1], functions.file[i], (const char *const *)argv + 6,
				    argc - 6, argv[4]);
	return 0;
}
