// SPDX-License-Identifier: GPL-2.0
/* See flags.h. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "util.h"

/**
 * struct bit - a flag by name
 * @value: its bits
 * @name: it
 */
struct bit {
	unsigned int value;
	const char *name;
};

/* A longer one stands before those that it holds. */
static const struct bit common_bits[] = {
	{ 04010000, "O_SYNC" }, { 010000, "O_DSYNC" }, { 01, "O_WRONLY" }, { 02, "O_RDWR" },
	{ 0100, "O_CREAT" }, { 0200, "O_EXCL" }, { 0400, "O_NOCTTY" }, { 01000, "O_TRUNC" },
	{ 02000, "O_APPEND" }, { 04000, "O_NONBLOCK" }, { 01000000, "O_NOATIME" },
	{ 02000000, "O_CLOEXEC" }, { 010000000, "O_PATH" }, { },
};

/* asm-generic's, which x86 has, too */
static const struct bit generic_bits[] = {
	{ 020200000, "O_TMPFILE" }, { 040000, "O_DIRECT" }, { 0100000, "O_LARGEFILE" },
	{ 0200000, "O_DIRECTORY" }, { 0400000, "O_NOFOLLOW" }, { },
};

static const struct bit arm64_bits[] = {
	{ 020040000, "O_TMPFILE" }, { 0200000, "O_DIRECT" }, { 0400000, "O_LARGEFILE" },
	{ 040000, "O_DIRECTORY" }, { 0100000, "O_NOFOLLOW" }, { },
};

static const struct bit access_bits[] = {
	{ 1, "MAY_EXEC" }, { 2, "MAY_WRITE" }, { 4, "MAY_READ" }, { 8, "MAY_APPEND" },
	{ 16, "MAY_ACCESS" }, { 32, "MAY_OPEN" }, { 64, "MAY_CHDIR" }, { },
};

static const struct bit no_bits[] = { { } };

/* Returns what of @value has no name in @bits. */
static unsigned int put_names(FILE *out, unsigned int value, const struct bit *bits,
			      const char **between)
{
	for (; value && bits->name; bits++) {
		if (!bits->value || (value & bits->value) != bits->value)
			continue;
		fprintf(out, "%s%s", *between, bits->name);
		*between = " | ";
		value &= ~bits->value;
	}
	return value;
}

static void put_bits(FILE *out, unsigned int value, const struct bit *bits,
		     const struct bit *more, const char *none)
{
	const char *between = "";

	fprintf(out, "%#x = %s", value, value ? "" : none);
	value = put_names(out, value, bits, &between);
	value = put_names(out, value, more, &between);
	if (value)
		fprintf(out, "%s%#x", between, value);
}

static void put_open_bits(FILE *out, const struct run *run, unsigned int value, const char *none)
{
	bool arm64 = !strcmp(run->log->machine, "aarch64");

	put_bits(out, value, common_bits, arm64 ? arm64_bits : generic_bits, none);
}

static void put_intent(FILE *out, const struct run *run, unsigned int value)
{
	static const char *const names[] = { "LOOKUP_OPEN", "LOOKUP_CREATE", "LOOKUP_EXCL" };
	struct bit bits[ARRAY_SIZE(names) + 1] = { };
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *fact = atlas_fact(run->atlas, names[i]);

		if (fact)
			bits[count++] = (struct bit){ strtoul(fact, NULL, 0), names[i] };
	}
	put_bits(out, value, bits, no_bits, "nothing");
}

static unsigned int value_of(const struct event *event, const char *key)
{
	const char *text = event_value(event, key);

	return text ? strtoul(text, NULL, 0) : 0;
}

static void put_arrival(FILE *out, const struct run *run, const struct flow *flow,
			const struct event *enter)
{
	unsigned int flags = value_of(enter, "open_flag"), added = flags & ~flow->call->flags;

	fprintf(out, "- %s() got (line %u): open_flag ", enter->function, enter->line);
	put_open_bits(out, run, flags, "O_RDONLY");
	fputs("\n- added on the way: ", out);
	put_open_bits(out, run, added, "nothing");
	fputs("\n- taken away: ", out);
	put_open_bits(out, run, flow->call->flags & ~flags, "nothing");
	fputs("\n- acc_mode ", out);
	put_bits(out, value_of(enter, "acc_mode"), access_bits, no_bits, "none");
	fputs("\n- intent ", out);
	put_intent(out, run, value_of(enter, "intent"));
	fprintf(out, "\n- mode %#o\n", value_of(enter, "mode"));
}

/* The lines of the source that touch the flags, of the functions that ran */
static void put_lines(FILE *out, const struct flow *flow)
{
	static const struct {
		const char *function;
		const char *text;
	} lines[] = {
		{ "__do_sys_openat", "O_LARGEFILE" }, { "__do_sys_open", "O_LARGEFILE" },
		{ "build_open_how", "VALID_OPEN_FLAGS" }, { "build_open_flags", "acc_mode = " },
		{ "build_open_flags", "op->open_flag = " },
		{ "build_open_flags", "op->intent = " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct place at = flow_text_in(flow, lines[i].function, lines[i].text);

		if (at.file < 0)
			continue;
		fprintf(out, "- %s() ran; ", lines[i].function);
		put_place(out, flow->atlas, at);
		fprintf(out, " `%s`\n", atlas_text(flow->atlas, at));
	}
}

/**
 * write_flags() - each case's flags, from the user to the walk
 * @out: where to
 * @run: with the cases
 */
void write_flags(FILE *out, const struct run *run)
{
	fprintf(out, "# The flags, on %s\n", run->name);
	for (size_t i = 0; i < run->count; i++) {
		const struct flow *flow = run->flows[i];
		const struct node *walk = flow_find(flow, "do_file_open") ?:
					  flow_find(flow, "do_filp_open");

		fprintf(out, "\n## %s: %s\n\n- the user passed ", flow->name, flow->about);
		put_open_bits(out, run, flow->call->flags, "O_RDONLY");
		fputc('\n', out);
		if (walk && walk->enter)
			put_arrival(out, run, flow, walk->enter);
		else
			fputs("- what the walk got: no values (no probes on this architecture)\n",
			      out);
		put_lines(out, flow);
	}
}
