// SPDX-License-Identifier: GPL-2.0
/*
 * Cases uapi_*: the programs of tools/testing/selftests/open_trace, each run as a real
 * process on this kernel. What a program reports are the case's own subtests.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "cases.h"
#include "compat.h"
#include "process.h"
#include "programs/carried.h"

/* What a program's results are printed behind: a level below the case's. */
#define INDENT		"        "

/* What one program may take: many times what the slowest takes under TCG. */
#define TIME_LIMIT	(120 * HZ)

/* kselftest's exit code of a program that skips as a whole */
#define KSFT_SKIP	4

/**
 * struct tally - what a program's output says
 * @plan: how many results it announced; -1 when it did not
 * @seen: how many there are
 * @failed: how many of these are "not ok"
 * @disorder: a result has not the number that is its turn
 * @skip: why it skips as a whole, or NULL
 */
struct tally {
	int plan;
	int seen;
	int failed;
	bool disorder;
	const char *skip;
};

/*
 * take_result() - count and print a line that is a result: "ok 1 name", "not ok 1 name"
 * @running: what the harness said that it runs; a skip of 6.1's harness has no name
 *
 * Return: whether it is one.
 */
static bool take_result(struct kunit *print, struct tally *tally,
			const char *line, const char *running)
{
	bool ok = !str_has_prefix(line, "not ");
	const char *rest = line + (ok ? 0 : strlen("not "));
	int nr, len = 0;

	if (sscanf(rest, "ok %d%n", &nr, &len) != 1)
		return false;
	tally->seen++;
	tally->failed += !ok;
	tally->disorder |= nr != tally->seen;
	rest = skip_spaces(rest + len);
	if (print)
		kunit_log(KERN_INFO, print, INDENT "%sok %d %s%s%s",
			  ok ? "" : "not ", nr, *rest == '#' ? running : "",
			  *rest == '#' ? " " : "", rest);
	return true;
}

static bool take_plan(struct kunit *print, struct tally *tally, char *line)
{
	char *why;

	if (tally->plan >= 0 || sscanf(line, "1..%d", &tally->plan) != 1)
		return false;
	why = strstr(line, "# SKIP");
	if (!tally->plan && why)
		tally->skip = skip_spaces(why + strlen("# SKIP"));
	if (print)
		kunit_log(KERN_INFO, print, INDENT "1..%d", tally->plan);
	return true;
}

/* Counts the results, and prints them as the subtests of @print unless that is NULL. */
static struct tally take_output(struct kunit *print, char *text)
{
	struct tally tally = { .plan = -1 };
	char running[64] = "unnamed";
	char *line;

	if (print) {
		kunit_log(KERN_INFO, print, INDENT "KTAP version 1");
		kunit_log(KERN_INFO, print, INDENT "# Subtest: %s", print->name);
	}
	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, "# RUN %63s", running) == 1 && !print)
			continue;
		if (!*line || str_has_prefix(line, "TAP version") ||
		    take_plan(print, &tally, line) ||
		    take_result(print, &tally, line, running) || !print)
			continue;
		kunit_log(KERN_INFO, print, INDENT "%s%s", *line == '#' ? "" : "# ", line);
	}
	return tally;
}

/* Why a program failed, as a format for one number in @nr; NULL when it did not. */
static const char *verdict(const struct tally *tally,
			   const struct process_end *end, int *nr)
{
	int code = (end->status >> 8) & 0xff;

	*nr = end->status;
	if (end->status < 0)
		return "it could not be run: error %d";
	if (end->hung)
		return "it hangs; it was killed, status %d";
	*nr = end->status & 0x7f;
	if (*nr)
		return "it died by signal %d";
	*nr = tally->failed;
	if (*nr)
		return "%d of its tests failed";
	*nr = tally->seen;
	if (tally->plan < 0)
		return "it announced no results; it has %d";
	if (tally->disorder)
		return "its results are out of order; there are %d";
	if (tally->plan != tally->seen)
		return "it has %d results, and announced others";
	*nr = code;
	if (code && code != KSFT_SKIP)
		return "it exits with %d, and no test of it failed";
	if (!tally->seen && !tally->skip)
		return "it tests nothing; exit code %d";
	return NULL;
}

#ifdef CONFIG_OPEN_TRACE_KUNIT_PROGRAMS
static void run(struct kunit *test, const struct program *program)
{
	struct process_end end;
	struct tally tally;
	const char *why;
	int nr;

	process_skip_unless_run(test);
	if (!process_run(test, program, TIME_LIMIT, &end))
		return;
	tally = take_output(test, end.output);
	why = verdict(&tally, &end, &nr);
	if (why)
		KUNIT_FAIL(test, why, nr);
	else if (tally.skip)
		kunit_skip(test, "%s", tally.skip);
}

#define OT_PROGRAM(prog)						\
	void uapi_##prog(struct kunit *test)				\
	{								\
		const struct program program = CARRIED(prog, NULL);	\
									\
		run(test, &program);					\
	}
#else
#define OT_PROGRAM(prog)						\
	void uapi_##prog(struct kunit *test)				\
	{								\
		process_skip_unless_run(test);				\
	}
#endif

/* Each end that is no success is seen as what it is: see programs/ends.c. */
void uapi_ends_are_told_apart(struct kunit *test)
{
	static const struct {
		const char *how;
		const char *why;
		long limit;
	} ends[] = {
		{ "passes", NULL },
		{ "skips", NULL },
		{ "fails", "1 of its tests failed" },
		{ "says one thing and exits with another",
		  "it exits with 1, and no test of it failed" },
		{ "dies", "it died by signal 11" },
		{ "hangs", "it hangs; it was killed, status 9", HZ / 4 },
		{ "breaks off", "it has 1 results, and announced others" },
		{ "counts wrong", "its results are out of order; there are 2" },
		{ "announces nothing", "it announced no results; it has 1" },
		{ "tests nothing", "it tests nothing; exit code 0" },
		{ "says nothing", "it announced no results; it has 0" },
	};
	int i;

	process_skip_unless_run(test);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const char *const args[] = { ends[i].how, NULL };
		const struct program program = CARRIED(ends, args);
		struct process_end end;
		struct tally tally;
		const char *format;
		char why[64] = "";
		int nr;

		if (!process_run(test, &program, ends[i].limit ?: TIME_LIMIT, &end))
			continue;
		tally = take_output(NULL, end.output);
		format = verdict(&tally, &end, &nr);
		if (format)
			snprintf(why, sizeof(why), format, nr);
		KUNIT_EXPECT_STREQ_MSG(test, why, ends[i].why ?: "", "%s", ends[i].how);
	}
}

#include "programs/list.h"
