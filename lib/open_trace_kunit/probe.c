// SPDX-License-Identifier: GPL-2.0
/* Cases probe_*: what recordings and probes of real opens show. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/string.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "guest.h"
#include "probe_run.h"
#include "process.h"
#include "raw_log.h"
#include "recfs.h"
#include "watch.h"

/**
 * struct recording - what the lines of a recording said so far
 * @cases: how many cases were recorded
 * @pcs: how many blocks of the case under way
 * @in_case: a case is under way
 * @in_call: a call is under way
 * @ended: the end was there
 * @name: of the case under way
 */
struct recording {
	unsigned int cases;
	unsigned int pcs;
	bool in_case;
	bool in_call;
	bool ended;
	char name[16];
};

static void end_case(struct kunit *test, struct recording *recording)
{
	if (recording->in_case)
		KUNIT_EXPECT_GT_MSG(test, recording->pcs, 0U, "%s", recording->name);
	recording->cases += recording->in_case;
	recording->in_case = false;
	recording->pcs = 0;
}

static void take_line(struct kunit *test, struct recording *recording, const char *line)
{
	char kind[16] = "", name[16] = "";

	if (sscanf(line, "%*u %15s %15s", kind, name) < 1)
		return;
	if (!strcmp(kind, "case")) {
		end_case(test, recording);
		recording->in_case = true;
		strscpy(recording->name, name, sizeof(recording->name));
	} else if (!strcmp(kind, "skip")) {
		recording->in_case = false;
	} else if (!strcmp(kind, "call")) {
		recording->in_call = true;
	} else if (!strcmp(kind, "result")) {
		recording->in_call = false;
	} else if (!strcmp(kind, "pc")) {
		recording->pcs += recording->in_call;
	} else if (!strcmp(kind, "end")) {
		end_case(test, recording);
		recording->ended = true;
	}
}

/* C10, C12: the blocks of each open are recorded; the log is printed for scripts/report. */
void probe_calls_recorded_by_kcov(struct kunit *test)
{
	struct recording recording = { };
	struct process_end end;
	char *text, *line;
	bool ran;

	if (!IS_ENABLED(CONFIG_KCOV_ENABLE_COMPARISONS))
		kunit_skip(test, "CONFIG_KCOV and CONFIG_KCOV_ENABLE_COMPARISONS are off");
	if (!IS_ENABLED(CONFIG_DEBUG_FS))
		kunit_skip(test, "CONFIG_DEBUG_FS is off");
	process_skip_unless_run(test);
	ran = guest_run(test, "record", &end);
	guest_unmount();
	if (!ran)
		return;
	text = end.output;
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		raw_log_print(line);
		take_line(test, &recording, line);
	}
	KUNIT_EXPECT_TRUE_MSG(test, recording.ended, "the log has no end");
	KUNIT_EXPECT_GT(test, recording.cases, 0U);
}

/**
 * struct meeting - two tasks that are in ->lookup at the same time
 * @missing: how many are not yet there
 * @all: completed when all are
 */
struct meeting {
	atomic_t missing;
	struct completion all;
};

static struct dentry *meet(struct rec_fs *fs, struct inode *dir,
			   struct dentry *dentry, unsigned int flags)
{
	struct meeting *meeting = fs->priv;

	if (atomic_dec_and_test(&meeting->missing))
		complete_all(&meeting->all);
	wait_for_completion_timeout(&meeting->all, ACTOR_TIMEOUT);
	return d_splice_alias(NULL, dentry);
}

static void open_own_name(struct actor *actor)
{
	char comm[TASK_COMM_LEN] = "";

	strscpy(comm, actor->data, sizeof(comm));
	set_task_comm(current, comm);
	actor_errno(actor->fs, comm, O_RDONLY, 0);
}

static void end_watch(void *data)
{
	watch_end(data);
	watch_free(data);
}

/* C1: only the tasks that are asked for are watched, whoever opens beside them. */
void probe_other_tasks_are_not_seen(struct kunit *test)
{
	static const char *const comms[] = { "ot:", NULL };
	static const char *const names[] = { "ot:one", "to:one" };
	struct actor *actor;
	struct meeting *meeting;
	struct rec_fs *fs;
	struct watch *watch;
	int i, seen;
	pid_t pid;

	probe_skip_unless_watched(test);
	/* not on the stack, which may be gone before the tasks */
	actor = kunit_kcalloc(test, 2, sizeof(*actor), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, actor);
	meeting = kunit_kzalloc(test, sizeof(*meeting), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, meeting);
	fs = rec_mount(test, 0);
	atomic_set(&meeting->missing, 2);
	init_completion(&meeting->all);
	fs->priv = meeting;
	fs->lookup = meet;

	watch = watch_begin(comms);
	KUNIT_ASSERT_NOT_NULL(test, watch);
	ot_add_action(test, end_watch, watch);
	for (i = 0; i < 2; i++) {
		actor[i] = (struct actor){
			.fn = open_own_name,
			.fs = fs,
			.data = (void *)names[i],
		};
		actor_start(test, &actor[i]);
	}
	pid = actor[0].task->pid;
	for (i = 0; i < 2; i++)
		actor_join(test, &actor[i]);
	watch_end(watch);

	seen = atomic_read(&watch->seen);
	KUNIT_EXPECT_TRUE(test, completion_done(&meeting->all));
	KUNIT_EXPECT_GT(test, seen, 0);
	KUNIT_EXPECT_GT(test, atomic_read(&watch->passed), 0);
	KUNIT_EXPECT_EQ(test, watch->lost, 0UL);
	for (i = 0; i < seen; i++) {
		KUNIT_EXPECT_EQ_MSG(test, watch->event[i].pid, pid, "%s by %s",
				    watch->event[i].function, watch->event[i].comm);
		KUNIT_EXPECT_STRNEQ(test, watch_name(&watch->event[i], "name"), names[1]);
	}
}

/* Checks that the events of one task nest: who was entered last is left first. */
static void expect_nested(struct kunit *test, const struct probe_run *run, pid_t pid)
{
	const char *stack[16];
	unsigned int depth = 0, i;

	for (i = 0; i < atomic_read(&run->watch->seen); i++) {
		const struct watch_event *event = &run->watch->event[i];

		if (event->pid != pid)
			continue;
		if (event->enter) {
			KUNIT_ASSERT_LT(test, depth, ARRAY_SIZE(stack));
			stack[depth++] = event->function;
			continue;
		}
		KUNIT_ASSERT_GT_MSG(test, depth, 0U, "%s was not entered",
				    event->function);
		KUNIT_EXPECT_STREQ(test, event->function, stack[--depth]);
	}
	KUNIT_EXPECT_EQ_MSG(test, depth, 0U, "of task %d", pid);
}

/* C1, C2: every function entered is left, once, by the same task; no event is lost. */
void probe_each_entry_returns(struct kunit *test)
{
	/* which the compiler cannot inline where they are called; if the release has them */
	static const char *const met[] = {
		DO_FILP_OPEN, "path_openat", "d_lookup", "d_alloc_parallel", "__d_alloc",
		"d_splice_alias", "fput_close", "fd_install",
	};
	const struct probe_run *run = probe_run_with(test, "tmpfs");
	struct watch_function function;
	unsigned int nr, i;
	pid_t pid = 0;

	KUNIT_EXPECT_EQ(test, run->watch->lost, 0UL);
	for (nr = 0; watch_function(nr, &function); nr++) {
		unsigned int entries = 0, returns = 0;

		for (i = 0; i < atomic_read(&run->watch->seen); i++) {
			const struct watch_event *event = &run->watch->event[i];

			if (strcmp(event->function, function.name))
				continue;
			entries += event->enter;
			returns += !event->enter;
		}
		KUNIT_EXPECT_EQ_MSG(test, entries, returns, "%s", function.name);
		for (i = 0; i < ARRAY_SIZE(met); i++) {
			/* on tmpfs alone nothing is spliced or installed */
			if (!strcmp(met[i], function.name) && function.address &&
			    !probe_call(run, "case17", "skip"))
				KUNIT_EXPECT_GT_MSG(test, entries, 0U, "%s", met[i]);
		}
	}
	for (i = 0; i < atomic_read(&run->watch->seen); i++) {
		if (run->watch->event[i].pid == pid)
			continue;
		pid = run->watch->event[i].pid;
		expect_nested(test, run, pid);
	}
}

static unsigned int count_entries(const struct probe_run *run, const char *comm,
				  const char *function)
{
	const struct watch_event *event = NULL;
	unsigned int n = 0;

	while ((event = probe_next(run, event, comm, function, ENTER)))
		n++;
	return n;
}

/* C3: a return is what it is: a valid pointer, ERR_PTR(-errno), NULL; or a number. */
void probe_returns_are_classified(struct kunit *test)
{
	static const struct {
		const char *comm;
		long error;
	} opens[] = {
		{ "ot:case17", -ENOENT },
		{ "ot:again", -ENOENT },
		{ "ot:arg3", 0 },
		{ "ot:create", 0 },
		{ "ot:excl", -EEXIST },
		{ "ot:dir", -EISDIR },
		{ "ot:tmpfs", -ENOENT },
	};
	const struct probe_run *run = probe_run_with(test, "case17");
	int i;

	for (i = 0; i < ARRAY_SIZE(opens); i++) {
		const char *comm = opens[i].comm;
		const struct watch_event *open, *syscall;

		KUNIT_EXPECT_EQ_MSG(test, count_entries(run, comm, DO_FILP_OPEN), 1U,
				    "%s", comm);
		open = probe_first(run, comm, DO_FILP_OPEN, LEAVE);
		syscall = probe_first(run, comm, "do_sys_openat2", LEAVE);
		KUNIT_ASSERT_NOT_NULL_MSG(test, open, "%s", comm);
		if (opens[i].error) {
			KUNIT_EXPECT_EQ_MSG(test, (long)open->ret, opens[i].error,
					    "%s", comm);
		} else {
			KUNIT_EXPECT_FALSE_MSG(test, IS_ERR_OR_NULL((void *)open->ret),
					       "%s", comm);
		}
		if (!syscall)
			continue;
		if (opens[i].error)
			KUNIT_EXPECT_EQ_MSG(test, (int)syscall->ret, (int)opens[i].error,
					    "%s", comm);
		else
			KUNIT_EXPECT_GE_MSG(test, (int)syscall->ret, 0, "%s", comm);
	}
	/* before there is a dentry, d_lookup() has none */
	KUNIT_EXPECT_EQ(test, probe_first(run, "ot:case17", "d_lookup", LEAVE)->ret, 0UL);
}

/* C4: the first miss makes one dentry for the name, the second none; both are ENOENT. */
void probe_second_miss_makes_no_dentry(struct kunit *test)
{
	const struct probe_run *run = probe_run_with(test, "case17");
	static const struct {
		const char *comm;
		unsigned int dentries;
	} misses[] = {
		{ "ot:case17", 1 },
		{ "ot:again", 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(misses); i++) {
		const char *comm = misses[i].comm;
		const char *name = kbasename(probe_path(run, comm));
		const struct watch_event *event = NULL;
		unsigned int n = 0;

		while ((event = probe_entry_for(run, event, comm, "__d_alloc", name)))
			n++;
		KUNIT_EXPECT_EQ_MSG(test, n, misses[i].dentries, "%s", comm);
		event = probe_first(run, comm, DO_FILP_OPEN, LEAVE);
		KUNIT_ASSERT_NOT_NULL(test, event);
		KUNIT_EXPECT_EQ_MSG(test, (long)event->ret, (long)-ENOENT, "%s", comm);
	}
}

/* Of an event that the compiler may have inlined: it is reported, and not checked. */
static bool is_seen(struct kunit *test, const struct watch_event *event,
		    const char *function)
{
	if (!event)
		kunit_info(test, "%s is inlined", function);
	return event;
}

static void expect_state(struct kunit *test, const struct watch_event *event,
			 const struct watch_event *made, bool unhashed, bool in_lookup)
{
	const char *where = event->enter ? "entry" : "return";

	KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "dentry"), (u64)made->ret,
			    "%s's %s", event->function, where);
	KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "inode"), 0ULL,
			    "%s's %s", event->function, where);
	KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "unhashed"), (u64)unhashed,
			    "%s's %s", event->function, where);
	KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "in_lookup"), (u64)in_lookup,
			    "%s's %s", event->function, where);
}

/*
 * C6, C7, C12: a dentry begins negative, unhashed and not in lookup, with the name as
 * asked; it is in lookup when the filesystem has it; then it is hashed and no longer in
 * lookup, in the directory's superblock and its child.
 */
void probe_states_of_the_dentry(struct kunit *test)
{
	static const struct {
		const char *function;
		bool enter;
		bool unhashed;
		bool in_lookup;
	} states[] = {
		{ "d_splice_alias", ENTER, true, true },
		{ "__d_add", ENTER, true, true },
		{ "__d_lookup_unhash", ENTER, true, true },
		{ "__d_lookup_unhash", LEAVE, true, false },
		{ "__d_rehash", ENTER, true, false },
		{ "__d_rehash", LEAVE, false, false },
		{ "__d_add", LEAVE, false, false },
		{ "d_splice_alias", LEAVE, false, false },
	};
	const struct probe_run *run = probe_run_with(test, "case17");
	const char *comm = "ot:case17", *name = kbasename(probe_path(run, comm));
	const struct watch_event *parallel, *asked, *made, *event, *last;
	int i;

	parallel = probe_entry_for(run, NULL, comm, "d_alloc_parallel", name);
	KUNIT_ASSERT_NOT_NULL(test, parallel);
	asked = probe_entry_for(run, parallel, comm, "__d_alloc", name);
	KUNIT_ASSERT_NOT_NULL(test, asked);
	made = probe_next(run, asked, comm, "__d_alloc", LEAVE);
	KUNIT_ASSERT_NOT_NULL(test, made);
	expect_state(test, made, made, true, false);
	KUNIT_EXPECT_STREQ(test, watch_name(made, "name"), name);
	KUNIT_EXPECT_EQ(test, watch_number(made, "len"), (u64)strlen(name));
	KUNIT_EXPECT_EQ(test, watch_number(made, "len"), watch_number(asked, "len"));
	KUNIT_EXPECT_EQ(test, watch_number(made, "hash"), watch_number(asked, "hash"));
	KUNIT_EXPECT_EQ(test, watch_number(made, "hash"), watch_number(parallel, "hash"));

	last = made;
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		event = probe_next(run, made, comm, states[i].function, states[i].enter);
		if (!is_seen(test, event, states[i].function))
			continue;
		expect_state(test, event, made, states[i].unhashed, states[i].in_lookup);
		KUNIT_EXPECT_EQ(test, watch_number(event, "parent"),
				watch_number(parallel, "parent"));
		KUNIT_EXPECT_EQ(test, watch_number(event, "sb"),
				watch_number(parallel, "sb"));
		KUNIT_EXPECT_TRUE_MSG(test, event > last, "%s comes before %s",
				      event->function, last->function);
		last = event;
	}
	KUNIT_EXPECT_STREQ(test, last->function, "d_splice_alias");
	KUNIT_EXPECT_EQ(test, watch_number(parallel, "s_magic"), (u64)EXT4_SUPER_MAGIC);
}

/* C5: after the miss, d_lookup() of the captured name hits the very dentry, negative. */
void probe_replay_hits(struct kunit *test)
{
	const struct probe_run *run = probe_run_with(test, "case17");
	bool of_case17 = false;
	unsigned int i;

	for (i = 0; i < run->replay_count; i++) {
		const struct replay *replay = &run->replays[i];

		of_case17 |= !strcmp(replay->comm, "ot:case17");
		KUNIT_EXPECT_PTR_EQ_MSG(test, replay->directory, replay->parent,
					"%s", replay->comm);
		KUNIT_EXPECT_NOT_NULL_MSG(test, replay->found, "%s", replay->comm);
		KUNIT_EXPECT_PTR_EQ_MSG(test, replay->found, replay->made,
					"%s", replay->comm);
		KUNIT_EXPECT_NULL_MSG(test, replay->inode, "%s", replay->comm);
		KUNIT_EXPECT_FALSE_MSG(test, replay->unhashed, "%s", replay->comm);
		KUNIT_EXPECT_EQ_MSG(test, replay->refcount, 1, "%s", replay->comm);
	}
	KUNIT_EXPECT_TRUE(test, of_case17);
}

/*
 * F1, F2, F4: what open(2) was asked for is complete when the walk begins, and stays as
 * it is. It is on the caller's stack; the name is a slab object.
 */
void probe_flags_are_complete_before_the_walk(struct kunit *test)
{
	static const char *const keys[] = {
		"open_flag", "mode", "acc_mode", "intent", "lookup_flags",
	};
	const struct probe_run *run = probe_run_with(test, "arg3");
	const int largefile = force_o_largefile() ? O_LARGEFILE : 0;
	const struct watch_event *enter, *leave;
	int i;

	enter = probe_first(run, "ot:arg3", DO_FILP_OPEN, ENTER);
	leave = probe_first(run, "ot:arg3", DO_FILP_OPEN, LEAVE);
	KUNIT_ASSERT_NOT_NULL(test, enter);
	KUNIT_ASSERT_NOT_NULL(test, leave);
	KUNIT_EXPECT_EQ(test, watch_number(enter, "open_flag"), (u64)(O_RDWR | largefile));
	KUNIT_EXPECT_EQ(test, watch_number(enter, "acc_mode"), (u64)(MAY_READ | MAY_WRITE));
	KUNIT_EXPECT_EQ(test, watch_number(enter, "intent"), (u64)LOOKUP_OPEN);
	KUNIT_EXPECT_EQ(test, watch_number(enter, "op_on_stack"), 1ULL);
	KUNIT_EXPECT_EQ(test, watch_number(enter, "filename_in_slab"), 1ULL);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_EXPECT_EQ_MSG(test, watch_number(leave, keys[i]),
				    watch_number(enter, keys[i]), "%s", keys[i]);
}

/* F2, F3: what each kind of open asks for */
void probe_intent_is_what_was_asked(struct kunit *test)
{
	static const struct {
		const char *comm;
		unsigned int acc_mode;
		unsigned int intent;
	} opens[] = {
		{ "ot:case17", MAY_READ, LOOKUP_OPEN },
		{ "ot:arg3", MAY_READ | MAY_WRITE, LOOKUP_OPEN },
		{ "ot:create", MAY_WRITE, LOOKUP_OPEN | LOOKUP_CREATE },
		{ "ot:excl", MAY_WRITE, LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL },
		{ "ot:dir", MAY_WRITE, LOOKUP_OPEN },
	};
	const struct probe_run *run = probe_run_with(test, "case17");
	int i;

	for (i = 0; i < ARRAY_SIZE(opens); i++) {
		const struct watch_event *event;

		event = probe_first(run, opens[i].comm, DO_FILP_OPEN, ENTER);
		KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "acc_mode"),
				    (u64)opens[i].acc_mode, "%s", opens[i].comm);
		KUNIT_EXPECT_EQ_MSG(test, watch_number(event, "intent"),
				    (u64)opens[i].intent, "%s", opens[i].comm);
	}
}

/* R1: the file of the walk is installed at the lowest free descriptor. */
void probe_file_is_the_one_installed(struct kunit *test)
{
	const struct probe_run *run = probe_run_with(test, "arg3");
	const char *call = probe_call(run, "arg3", "call");
	const char *result = probe_call(run, "arg3", "result");
	const struct watch_event *opened, *installed, *returned;
	int lowest, fd;

	KUNIT_ASSERT_NOT_NULL(test, call);
	if (sscanf(call, " openat path=%*s flags=%*s mode=%*s lowest=%d", &lowest) != 1)
		lowest = -1;
	if (sscanf(result, " %d %*s", &fd) != 1)
		fd = -1;
	KUNIT_EXPECT_GE(test, fd, 0);
	opened = probe_first(run, "ot:arg3", DO_FILP_OPEN, LEAVE);
	KUNIT_ASSERT_NOT_NULL(test, opened);
	installed = probe_next(run, opened, "ot:arg3", "fd_install", ENTER);
	KUNIT_ASSERT_NOT_NULL(test, installed);
	KUNIT_EXPECT_EQ(test, watch_number(installed, "file"), (u64)opened->ret);
	KUNIT_EXPECT_EQ(test, watch_number(installed, "fd"), (u64)fd);
	KUNIT_EXPECT_EQ(test, fd, lowest);
	returned = probe_next(run, installed, "ot:arg3", "do_sys_openat2", LEAVE);
	if (is_seen(test, returned, "do_sys_openat2"))
		KUNIT_EXPECT_EQ(test, (int)returned->ret, fd);
}
