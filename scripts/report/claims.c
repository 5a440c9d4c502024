// SPDX-License-Identifier: GPL-2.0
/*
 * See claims.h. A verdict rests on what was recorded in this run: blocks, values, or cases
 * of the suite that could have failed. What is not there is NOT_SEEN, never assumed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "escape.h"
#include "util.h"

/**
 * struct judge - a claim under judgement
 * @run: what was recorded
 * @suite: what the suite said
 * @out: the evidence, as it grows
 * @seen: something shows it
 * @against: something shows otherwise
 * @missing: something that would have to show it is not there
 */
struct judge {
	const struct run *run;
	const struct suite *suite;
	FILE *out;
	bool seen;
	bool against;
	bool missing;
};

static void __attribute__((format(printf, 2, 3))) note(struct judge *judge, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(judge->out, format, args);
	va_end(args);
	fputc('\n', judge->out);
}

/* One thing that has to hold; says so either way */
static bool __attribute__((format(printf, 3, 4)))
require(struct judge *judge, bool holds, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(judge->out, format, args);
	va_end(args);
	fputs(holds ? "\n" : ": it does not hold\n", judge->out);
	if (holds)
		judge->seen = true;
	else
		judge->against = true;
	return holds;
}

static void miss(struct judge *judge, const char *what)
{
	note(judge, "not recorded: %s", what);
	judge->missing = true;
}

static const struct flow *need_flow(struct judge *judge, const char *name)
{
	const struct flow *flow = run_flow(judge->run, name);

	if (!flow)
		miss(judge, name);
	return flow;
}

/* For claims that nothing but a probe can show */
static bool need_values(struct judge *judge)
{
	if (judge->run->log->event_count)
		return true;
	miss(judge, "values: this architecture has no probes, or they were not armed");
	return false;
}

/* A case of the suite, in the same run */
static void by_case(struct judge *judge, const char *name)
{
	static const char *const words[] = {
		[PASSED] = "passed", [FAILED] = "failed", [SKIPPED] = "skipped",
		[ABSENT] = "not run",
	};
	enum result result = suite_result(judge->suite, name);

	note(judge, "case %s: %s", name, words[result]);
	if (result == PASSED)
		judge->seen = true;
	else if (result == FAILED)
		judge->against = true;
	else
		judge->missing = true;
}

static void by_cases(struct judge *judge, const char *const *names)
{
	for (; *names; names++)
		by_case(judge, *names);
}

static void by_topic(struct judge *judge, const char *prefix)
{
	size_t passed = suite_passed(judge->suite, prefix);

	note(judge, "cases %s*: %zu passed", prefix, passed);
	if (passed)
		judge->seen = true;
	else
		judge->missing = true;
}

#define CASES(...)	((const char *const[]){ __VA_ARGS__, NULL })

/* The line of a node in the log, and its place in the source */
static char *where(const struct flow *flow, const struct node *node)
{
	return format_text("%s:%d (record %zu of %s)", atlas_path(flow->atlas, node->at),
			   node->at.line, flow->call->first + node->first, flow->name);
}

static const char *walk_name(const struct run *run)
{
	const char *fact = atlas_fact(run->atlas, "do_file_open");

	return fact && !strcmp(fact, "symbol") ? "do_file_open" : "do_filp_open";
}

/* Entries and returns of a function: as many, and each return of the task that entered */
static bool is_paired(const struct log *log, const char *function, size_t *entries)
{
	size_t depth = 0;

	*entries = 0;
	for (size_t i = 0; i < log->event_count; i++) {
		const struct event *event = &log->events[i];

		if (strcmp(event->function, function))
			continue;
		*entries += event->enter;
		if (!event->enter && !depth)
			return false;
		depth += event->enter ? 1 : -1;
	}
	return !depth;
}

/* Of one task, what was entered last returns first. */
static bool is_nested(const struct log *log, long pid)
{
	const struct event **open = zalloc(log->event_count, sizeof(*open));
	size_t depth = 0;
	bool nested = true;

	for (size_t i = 0; nested && i < log->event_count; i++) {
		const struct event *event = &log->events[i];

		if (event->pid != pid)
			continue;
		if (event->enter)
			open[depth++] = event;
		else
			nested = depth && !strcmp(open[--depth]->function, event->function);
	}
	free(open);
	return nested && !depth;
}

static void judge_nesting(struct judge *judge)
{
	const struct log *log = judge->run->log;
	size_t tasks = 0;

	for (size_t i = 0; i < log->event_count; i++) {
		bool known = false;

		for (size_t j = 0; j < i && !known; j++)
			known = log->events[j].pid == log->events[i].pid;
		if (known)
			continue;
		tasks++;
		if (!is_nested(log, log->events[i].pid))
			require(judge, false, "pid %ld: returns nested in entries",
				log->events[i].pid);
	}
	require(judge, !log->lost, "%zu events of %zu tasks, %lu lost", log->event_count, tasks,
		log->lost);
}

static void judge_c1(struct judge *judge)
{
	const char *walk = walk_name(judge->run);
	size_t entries;
	bool paired;

	if (need_values(judge)) {
		paired = is_paired(judge->run->log, walk, &entries);
		require(judge, entries && paired, "%s: %zu entries, each has its return", walk,
			entries);
		judge_nesting(judge);
	}
	for (size_t i = 0; i < judge->run->count; i++) {
		const struct flow *flow = judge->run->flows[i];

		if (flow_count(flow, walk) != 1) {
			require(judge, false, "%s: %s runs once", flow->name, walk);
			return;
		}
	}
	require(judge, judge->run->count, "control flow: %s runs once in each of %zu calls", walk,
		judge->run->count);
}

static const char *const probed[] = {
	"do_sys_openat2", "path_openat", "lookup_open", "atomic_open", "d_lookup",
	"__d_lookup", "d_alloc_parallel", "__d_alloc", "d_splice_alias", "__d_add",
	"__d_rehash", "__d_lookup_unhash", "fput_close", "fd_install",
};

static void judge_c2(struct judge *judge)
{
	const struct run *run = judge->run;
	size_t entries;
	bool paired;

	need_values(judge);
	for (size_t i = 0; i < ARRAY_SIZE(probed); i++) {
		const char *symbol = atlas_fact(run->atlas, probed[i]);
		size_t count = run_times(run, probed[i]);

		paired = is_paired(run->log, probed[i], &entries);
		if (entries)
			require(judge, paired,
				"%s: %zu entries and returns; %zu times in the control flow",
				probed[i], entries, count);
		else
			note(judge, "%s: %s; %zu times in the control flow", probed[i],
			     symbol && !strcmp(symbol, "symbol") ? "has a symbol" : "inlined",
			     count);
	}
	require(judge, run_times(run, "path_openat"), "the control flow shows which were inlined");
}

static void judge_c3(struct judge *judge)
{
	static const char *const classes[] = { "valid", "NULL" };
	const struct log *log = judge->run->log;
	size_t none = 0, errors = 0, counts[ARRAY_SIZE(classes)] = { };

	for (size_t i = 0; i < log->event_count; i++) {
		const char *class = event_value(&log->events[i], "class");

		if (log->events[i].enter)
			continue;
		if (!class) {
			none++;
			continue;
		}
		errors += !strncmp(class, "ERR_PTR", strlen("ERR_PTR"));
		for (size_t j = 0; j < ARRAY_SIZE(classes); j++)
			counts[j] += !strcmp(class, classes[j]);
	}
	if (log->event_count)
		require(judge, !none && errors && counts[0] && counts[1],
			"returns: %zu valid, %zu ERR_PTR by name, %zu NULL, %zu not classified",
			counts[0], errors, counts[1], none);
	by_cases(judge, CASES("lookup_result_is_file_or_errno", "lookup_error_is_returned",
			      "atomic_open_errors_are_passed_on", "filp_open_error_comes_back"));
}

static void require_miss(struct judge *judge, const struct flow *flow, const char *which,
			 size_t dentries)
{
	size_t made = flow_count(flow, "__d_alloc");

	require(judge, made == dentries && flow->call->result == -ENOENT,
		"%s: __d_alloc() %zu times, result %ld", which, made, flow->call->result);
}

static void judge_c4(struct judge *judge)
{
	const struct flow *first = need_flow(judge, "case17");
	const struct flow *second = need_flow(judge, "again");

	if (first)
		require_miss(judge, first, "first open", 1);
	if (second)
		require_miss(judge, second, "second open", 0);
	by_cases(judge, CASES("lookup_miss_asks_once", "lookup_negative_is_not_asked_again"));
}

static const struct event *event_of(const struct flow *flow, const char *function, bool enter)
{
	const struct node *node = flow ? flow_find(flow, function) : NULL;

	return node ? (enter ? node->enter : node->leave) : NULL;
}

static bool value_is(const struct event *event, const char *key, const char *value)
{
	const char *own = event ? event_value(event, key) : NULL;

	return own && value && !strcmp(own, value);
}

/* A pointer has as many digits as there are. */
static bool is_null(const struct event *event, const char *key)
{
	const char *own = event_value(event, key);

	return own && *own && !own[strspn(own, "0")];
}

static void judge_c5(struct judge *judge)
{
	const struct log *log = judge->run->log;

	for (size_t i = 0; i < log->replay_count; i++) {
		const struct event *replay = &log->replays[i];
		const char *made = event_value(replay, "made");

		require(judge, value_is(replay, "dentry", made) && is_null(replay, "inode") &&
			value_is(replay, "unhashed", "0"),
			"%s (line %u): d_lookup() hits %s, which __d_alloc() made",
			event_value(replay, "comm") ?: "replay", replay->line, made ?: "?");
	}
	by_case(judge, "dcache_miss_leaves_what_d_lookup_hits");
}

static void require_states(struct judge *judge, const struct event *event, const char *when,
			   const char *unhashed, const char *in_lookup)
{
	if (event)
		require(judge, is_null(event, "inode") &&
			value_is(event, "unhashed", unhashed) &&
			value_is(event, "in_lookup", in_lookup),
			"%s (line %u): inode NULL, unhashed %s, in_lookup %s", when, event->line,
			unhashed, in_lookup);
}

static void judge_c6(struct judge *judge)
{
	const struct flow *flow = run_flow(judge->run, "case17");

	require_states(judge, event_of(flow, "__d_alloc", false), "__d_alloc() returns", "1", "0");
	require_states(judge, event_of(flow, "d_splice_alias", true), "d_splice_alias() begins",
		       "1", "1");
	require_states(judge, event_of(flow, "d_splice_alias", false), "d_splice_alias() returns",
		       "0", "0");
	by_cases(judge, CASES("lookup_dentry_begins_unhashed", "lookup_sees_dentry_in_lookup",
			      "lookup_miss_leaves_hashed_negative",
			      "dcache_d_alloc_makes_it_negative_and_unhashed"));
}

static void judge_c7(struct judge *judge)
{
	by_cases(judge, CASES("dcache_belongs_to_its_directory",
			      "dcache_freed_leaves_its_directory"));
}

static void judge_c8(struct judge *judge)
{
	by_cases(judge, CASES("dcache_other_hash_is_passed_over",
			      "dcache_other_parent_is_passed_over",
			      "dcache_unhashed_is_passed_over",
			      "dcache_other_name_is_passed_over",
			      "dcache_hit_takes_one_reference"));
}

static void judge_c9(struct judge *judge)
{
	by_cases(judge, CASES("chain_miss_compares_every_candidate",
			      "chain_hit_compares_up_to_its_place",
			      "chain_thousand_names_in_256_buckets", "chain_million"));
}

/* The seed's may_open() against the condition that led to the error */
static void judge_birth(struct judge *judge, const char *name)
{
	const struct flow *flow = need_flow(judge, name);
	const struct node *step;
	struct place at;
	size_t seed;
	char *record;

	if (!flow)
		return;
	seed = flow_count(flow, "may_open");
	note(judge, "%s: may_open() ran %zu times, do_open() %zu times", name, seed,
	     flow_count(flow, "do_open"));
	if (seed)
		judge->seen = true;
	else
		judge->against = true;
	step = flow_last_taken_to(flow, "ENOENT", &at);
	if (!step) {
		miss(judge, "a condition that leads to ENOENT");
		return;
	}
	record = where(flow, step);
	note(judge, "%s: born in %s(), %s:%d `%s`, behind line %d `%s`; block at %s", name,
	     flow->atlas->scopes[step->scope].name, atlas_path(flow->atlas, at), at.line,
	     atlas_text(flow->atlas, at), step->condition.line,
	     atlas_text(flow->atlas, step->condition), record);
	free(record);
}

static void judge_c10(struct judge *judge)
{
	judge_birth(judge, "case17");
	judge_birth(judge, "again");
}

static void judge_c11(struct judge *judge)
{
	by_topic(judge, "lookup_");
	by_topic(judge, "create_");
	by_topic(judge, "atomic_");
}

static void judge_c12(struct judge *judge)
{
	static const char *const steps[] = {
		"__d_add", "__d_lookup_unhash", "__d_rehash", "d_lookup_done",
	};
	const struct flow *flow = need_flow(judge, "case17");

	for (size_t i = 0; flow && i < ARRAY_SIZE(steps); i++) {
		const struct node *node = flow_find(flow, steps[i]);

		if (node) {
			char *at = where(flow, node);

			require(judge, true, "%s(): ran, called at %s", steps[i], at);
			free(at);
		} else {
			miss(judge, steps[i]);
		}
	}
	if (flow)
		require(judge, !flow->unknown, "records that belong to no function: %zu",
			flow->unknown);
}

static void judge_c13(struct judge *judge)
{
	static const char *const programs[] = { "libc", "raw" };
	const struct run *run = judge->run;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		const struct flow *flow = need_flow(judge, programs[i]);
		size_t others = 0;

		for (size_t j = 0; flow && j < run->count; j++)
			others += !strncmp(run->flows[j]->name, programs[i], strlen(programs[i]));
		if (flow)
			require(judge, flow->call->result == -ENOENT,
				"%s: its own open is of %s, result %ld; before it %zu of the loader",
				programs[i], flow->call->path, flow->call->result, others - 1);
	}
}

static void judge_c14(struct judge *judge)
{
	size_t steps = 0, unknown = 0;

	for (size_t i = 0; i < judge->run->count; i++) {
		steps += judge->run->flows[i]->step_count;
		unknown += judge->run->flows[i]->unknown;
	}
	require(judge, steps && !unknown,
		"%zu calls, %zu blocks, each at file:line by the debug information of this kernel; %zu without",
		judge->run->count, steps, unknown);
}

static void judge_f1(struct judge *judge)
{
	const struct flow *flow = need_flow(judge, "arg3");
	const struct event *enter = event_of(flow, walk_name(judge->run), true);
	struct place at = { -1, 0 };

	if (flow)
		at = flow_text_in(flow, "__do_sys_openat", "O_LARGEFILE");
	if (enter)
		require(judge, !strcmp(judge->run->log->machine, "x86_64") ?
				       value_is(enter, "open_flag", "0x8002") :
				       !value_is(enter, "open_flag", "0x2"),
			"%s() got open_flag=%s for O_RDWR (line %u)", walk_name(judge->run),
			event_value(enter, "open_flag") ?: "?", enter->line);
	if (at.file >= 0)
		note(judge, "__do_sys_openat() ran, which adds it: %s:%d `%s`",
		     atlas_path(flow->atlas, at), at.line, atlas_text(flow->atlas, at));
	by_cases(judge, CASES("flags_largefile_is_the_architectures",
			      "flags_syscalls_add_largefile",
			      "flags_inside_add_no_largefile", "uapi_open_flags_test"));
}

static void judge_f2(struct judge *judge)
{
	const struct event *enter =
		event_of(run_flow(judge->run, "arg3"), walk_name(judge->run), true);

	if (enter)
		require(judge, value_is(enter, "acc_mode", "0x6"), "acc_mode=%s (line %u)",
			event_value(enter, "acc_mode") ?: "?", enter->line);
	by_case(judge, "flags_name_the_access");
}

static void judge_f3(struct judge *judge)
{
	const struct event *enter =
		event_of(run_flow(judge->run, "arg3"), walk_name(judge->run), true);
	const char *intent = enter ? event_value(enter, "intent") : NULL;
	const char *symbol = atlas_fact(judge->run->atlas, "LOOKUP_OPEN");

	if (intent && symbol)
		require(judge, strtoul(intent, NULL, 0) == strtoul(symbol, NULL, 0),
			"intent=%s (line %u), LOOKUP_OPEN is %s here (the seed's 0x100 is 6.x's)",
			intent, enter->line, symbol);
	by_case(judge, "flags_name_the_intent");
}

static void judge_f4(struct judge *judge)
{
	const struct flow *flow = need_flow(judge, "arg3");
	const char *walk = walk_name(judge->run);
	const struct event *enter = event_of(flow, walk, true);
	const struct node *build = flow ? flow_find(flow, "build_open_flags") : NULL;
	const struct node *node = flow ? flow_find(flow, walk) : NULL;

	if (build && node)
		require(judge, build->last < node->first,
			"build_open_flags() has ended at record %zu, %s() begins at record %zu",
			flow->call->first + build->last, walk, flow->call->first + node->first);
	need_values(judge);
	if (enter)
		require(judge, value_is(enter, "op_on_stack", "1"),
			"struct open_flags at %s is on the caller's kernel stack (line %u)",
			event_value(enter, "op") ?: "?", enter->line);
	if (enter)
		require(judge, value_is(enter, "filename_in_slab", "1"),
			"struct filename is a slab object (line %u)", enter->line);
}

static void judge_f5(struct judge *judge)
{
	by_topic(judge, "flags_");
	by_case(judge, "flags_every_set_obeys");
}

static void judge_r1(struct judge *judge)
{
	const struct flow *flow = need_flow(judge, "arg3");
	const struct event *opened = event_of(flow, walk_name(judge->run), false);
	const struct event *installed = event_of(flow, "fd_install", true);

	if (flow)
		require(judge, flow->call->result >= 0 && flow->call->result == flow->call->lowest,
			"the process gets descriptor %ld, the lowest free was %d",
			flow->call->result, flow->call->lowest);
	if (opened && installed)
		require(judge, value_is(installed, "file", event_value(opened, "ret")),
			"the file that was opened (line %u) is the one installed (line %u)",
			opened->line, installed->line);
	by_cases(judge, CASES("fd_leads_to_the_file_of_the_walk", "fd_lowest_free_is_given",
			      "fd_of_a_failure_is_free_again"));
}

static const struct {
	const char *id;
	const char *claim;
	void (*judge)(struct judge *judge);
} claims[] = {
	{ "C1", "every entry of do_filp_open (7.x: do_file_open) has one return of its task",
	  judge_c1 },
	{ "C2", "the same for every other function of the open path; inlined ones are named",
	  judge_c2 },
	{ "C3", "a return is a valid pointer, an ERR_PTR by name, or NULL", judge_c3 },
	{ "C4", "the first miss allocates a dentry and is ENOENT; the second allocates none",
	  judge_c4 },
	{ "C5", "d_lookup() afterwards hits the very dentry, negative and hashed", judge_c5 },
	{ "C6", "the dentry's states: unhashed; in lookup; hashed", judge_c6 },
	{ "C7", "its parent, superblock and sibling link are the directory's", judge_c7 },
	{ "C8", "each gate of __d_lookup() alone passes over; a hit takes one reference",
	  judge_c8 },
	{ "C9", "a chain costs a comparison per candidate", judge_c9 },
	{ "C10", "the ENOENT is born in may_open(), which sees a NULL inode", judge_c10 },
	{ "C11", "each branch of lookup_open()", judge_c11 },
	{ "C12", "the steps that the seed did not probe", judge_c12 },
	{ "C13", "the two triggers, the loader's opens apart from the program's own", judge_c13 },
	{ "C14", "every number is from the run, every file:line from its kernel", judge_c14 },
	{ "F1", "O_RDWR arrives with O_LARGEFILE (x86: 0x8002)", judge_f1 },
	{ "F2", "acc_mode of O_RDWR is 6", judge_f2 },
	{ "F3", "intent is LOOKUP_OPEN", judge_f3 },
	{ "F4", "struct open_flags is complete before the walk, on the stack; the name in a slab",
	  judge_f4 },
	{ "F5", "the rules of build_open_flags()", judge_f5 },
	{ "R1", "the file that was opened is the one installed, at the lowest free descriptor",
	  judge_r1 },
};

/**
 * claims_judge() - what a run says of each claim
 * @run: what was recorded
 * @suite: what the suite said in the same run
 *
 * Return: the findings; they live as long as the program.
 */
struct findings *claims_judge(const struct run *run, const struct suite *suite)
{
	struct findings *findings = zalloc(1, sizeof(*findings));

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct finding *finding = &GROW(findings->findings, findings->count);
		struct judge judge = { .run = run, .suite = suite };
		size_t size;

		finding->id = claims[i].id;
		finding->claim = claims[i].claim;
		judge.out = open_memstream(&finding->evidence, &size);
		if (!judge.out)
			die("out of memory");
		claims[i].judge(&judge);
		if (fclose(judge.out))
			die("out of memory");
		finding->verdict = judge.against ? OTHERWISE :
				   judge.seen && !judge.missing ? OBSERVED : NOT_SEEN;
	}
	return findings;
}

static const char *const verdicts[] = {
	[OBSERVED] = "observed", [OTHERWISE] = "the kernel does otherwise",
	[NOT_SEEN] = "not observed in this run",
};

/**
 * write_claims() - the findings as text
 * @out: where to
 * @run: that they are about
 * @findings: they
 */
void write_claims(FILE *out, const struct run *run, const struct findings *findings)
{
	fprintf(out, "# The claims, on %s\n\n| id | claim | verdict |\n|---|---|---|\n", run->name);
	for (size_t i = 0; i < findings->count; i++)
		fprintf(out, "| %s | %s | %s |\n", findings->findings[i].id,
			findings->findings[i].claim, verdicts[findings->findings[i].verdict]);
	fputs("\nRecord numbers are the log's; lines are those of its section of values.\n", out);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];
		char *text = copy_text(finding->evidence, strlen(finding->evidence));

		fprintf(out, "\n## %s: %s\n\n%s.\n\n", finding->id, finding->claim,
			verdicts[finding->verdict]);
		for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line;)
			fprintf(out, "- %s\n", line);
		free(text);
	}
}

/**
 * write_claims_json() - the same as JSON
 * @out: where to
 * @run: that they are about
 * @findings: they
 */
void write_claims_json(FILE *out, const struct run *run, const struct findings *findings)
{
	fputs("{\"kernel\": ", out);
	put_json(out, run->name);
	fputs(", \"claims\": [", out);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];

		fputs(i ? ",\n " : "\n ", out);
		fputs("{\"id\": ", out);
		put_json(out, finding->id);
		fputs(", \"claim\": ", out);
		put_json(out, finding->claim);
		fputs(", \"verdict\": ", out);
		put_json(out, verdicts[finding->verdict]);
		fputs(", \"evidence\": ", out);
		put_json(out, finding->evidence);
		fputc('}', out);
	}
	fputs("\n]}\n", out);
}
