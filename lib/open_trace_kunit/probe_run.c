// SPDX-License-Identifier: GPL-2.0
/* See probe_run.h. */
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "guest.h"
#include "probe_run.h"
#include "process.h"

/* The tasks of open_trace.c, and the two triggers */
static const char *const traced[] = { "ot:", "user_trigger", NULL };

/* The run, NULL when it failed */
static struct probe_run *kept;
static bool has_run;

/**
 * probe_next() - look for an event
 * @run: where
 * @after: from where on; NULL: from the beginning
 * @comm: of its task
 * @function: its function
 * @enter: ENTER or LEAVE
 *
 * Return: it, or NULL.
 */
const struct watch_event *probe_next(const struct probe_run *run,
				     const struct watch_event *after,
				     const char *comm, const char *function,
				     bool enter)
{
	const struct watch_event *event = after ? after + 1 : run->watch->event;
	const struct watch_event *end = run->watch->event + atomic_read(&run->watch->seen);

	for (; event < end; event++)
		if (event->enter == enter && !strcmp(event->function, function) &&
		    !strcmp(event->comm, comm))
			return event;
	return NULL;
}

/**
 * probe_entry_for() - look for an entry that was given a name
 * @run: where
 * @after: from where on; NULL: from the beginning
 * @comm: of its task
 * @function: its function
 * @name: the last component
 *
 * Return: it, or NULL.
 */
const struct watch_event *probe_entry_for(const struct probe_run *run,
					  const struct watch_event *after,
					  const char *comm, const char *function,
					  const char *name)
{
	const struct watch_event *event = after;

	do {
		event = probe_next(run, event, comm, function, ENTER);
	} while (event && strcmp(watch_name(event, "name"), name));
	return event;
}

/* A miss of a name on ext4 for which a dentry was made: what it would be asked again */
static bool take_replay(const struct probe_run *run, const struct watch_event *open,
			struct replay *replay)
{
	const struct watch_event *left, *alloc, *made;

	left = probe_next(run, open, open->comm, DO_FILP_OPEN, LEAVE);
	if (!left || left->ret != (unsigned long)-ENOENT)
		return false;
	*replay = (struct replay){ };
	replay->name = kbasename(watch_name(open, "name"));
	alloc = probe_entry_for(run, open, open->comm, "d_alloc_parallel", replay->name);
	if (!alloc || alloc > left ||
	    watch_number(alloc, "s_magic") != EXT4_SUPER_MAGIC)
		return false;
	made = probe_next(run, alloc, open->comm, "__d_alloc", LEAVE);
	replay->comm = open->comm;
	replay->parent = (struct dentry *)(unsigned long)watch_number(alloc, "parent");
	replay->hash = watch_number(alloc, "hash");
	replay->made = made ? (struct dentry *)made->ret : NULL;
	return true;
}

/* Asks for it again, by d_lookup() in what its directory's path leads to. */
static void replay_miss(struct replay *replay, const char *name)
{
	struct qstr qstr = { .name = replay->name };
	struct path path;
	char *dir;
	int ret;

	dir = kasprintf(GFP_KERNEL, "%s/%.*s",
			str_has_prefix(name, GUEST_EXT4 "/") ? "" : GUEST_ROOT,
			(int)(kbasename(name) - name), name);
	if (!dir)
		return;
	ot_with_init_fs() {
		ret = kern_path(dir, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
	}
	kfree(dir);
	if (ret)
		return;
	qstr.len = strlen(replay->name);
	qstr.hash = replay->hash;
	replay->directory = path.dentry;
	replay->found = d_lookup(path.dentry, &qstr);
	if (replay->found) {
		replay->inode = d_inode(replay->found);
		replay->unhashed = d_unhashed(replay->found);
		replay->refcount = d_count(replay->found);
		dput(replay->found);
	}
	path_put(&path);
}

static void replay_all(struct probe_run *run)
{
	const struct watch_event *event;
	int i;

	for (i = 0; i < atomic_read(&run->watch->seen); i++) {
		struct replay *replay = &run->replays[run->replay_count];

		event = &run->watch->event[i];
		if (run->replay_count == REPLAYS_MAX || !event->enter ||
		    strcmp(event->function, DO_FILP_OPEN) ||
		    !take_replay(run, event, replay))
			continue;
		replay_miss(replay, watch_name(event, "name"));
		run->replay_count++;
	}
}

static void forget(struct probe_run *run)
{
	watch_free(run->watch);
	kfree(run->calls);
	kfree(run);
}

/**
 * probe_forget() - the suite has ended: nothing is kept
 */
void probe_forget(void)
{
	if (kept)
		forget(kept);
	kept = NULL;
	has_run = false;
}

static struct probe_run *new_run(struct kunit *test)
{
	struct probe_run *run = kzalloc(sizeof(*run), GFP_KERNEL);
	struct process_end end;
	bool ran;

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->watch = watch_begin(traced);
	if (!run->watch) {
		kfree(run);
		KUNIT_FAIL(test, "the functions could not be probed");
		return NULL;
	}
	ran = guest_run(test, "plain", &end);
	watch_end(run->watch);
	if (ran) {
		run->calls = kstrdup(end.output, GFP_KERNEL);
		replay_all(run);
		KUNIT_EXPECT_TRUE(test, values_print(run->watch, run->replays,
						     run->replay_count));
	}
	guest_unmount();
	if (run->calls)
		return run;
	forget(run);
	return NULL;
}

static const char *line_after(const char *line)
{
	line = strchrnul(line, '\n');
	return *line ? line + 1 : line;
}

/**
 * probe_call() - what the program says of a case
 * @run: the run
 * @name: of the case
 * @kind: of the line: call, result, skip
 *
 * Return: the line behind its kind, NULL when there is none.
 */
const char *probe_call(const struct probe_run *run, const char *name, const char *kind)
{
	bool here = false;
	const char *line;

	for (line = run->calls; *line; line = line_after(line)) {
		char word[16] = "", what[32] = "";
		int rest = 0;

		if (sscanf(line, "%*u %15s%n %31s", word, &rest, what) < 1)
			continue;
		if (!strcmp(word, "case"))
			here = !strcmp(what, name);
		else if (here && !strcmp(word, kind))
			return line + rest;
	}
	return NULL;
}

/**
 * probe_skip_unless_watched() - skip where nothing can be probed
 * @test: the test
 */
void probe_skip_unless_watched(struct kunit *test)
{
	const char *why = watch_cannot_be();

	if (why)
		kunit_skip(test, "%s", why);
}

/**
 * probe_run_with() - the run, if it has a case
 * @test: the test, which ends here when it has not
 * @name: of the case
 *
 * Context: process; sleeps.
 *
 * Return: the run.
 */
const struct probe_run *probe_run_with(struct kunit *test, const char *name)
{
	probe_skip_unless_watched(test);
	process_skip_unless_run(test);
	if (!has_run)
		kept = new_run(test);
	has_run = true;
	KUNIT_ASSERT_NOT_NULL_MSG(test, kept, "the run of open_trace failed");
	if (probe_call(kept, name, "skip"))
		kunit_skip(test, "no disk with ext4: scripts/report gives one");
	KUNIT_ASSERT_NOT_NULL_MSG(test, probe_call(kept, name, "result"),
				  "open_trace did not do %s", name);
	return kept;
}
