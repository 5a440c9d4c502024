// SPDX-License-Identifier: GPL-2.0
/* See guest.h. */
#include <kunit/test.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>

#include "compat.h"
#include "guest.h"
#include "process.h"
#include "programs/carried.h"

/* What a recording may take: under TCG the console is slow. */
#define TIME_LIMIT	(240 * HZ)

/* What "open_trace guest" mounts, the inner ones first, and which of them it made */
static struct {
	const char *dir;
	bool made;
} guest_dirs[] = {
	{ "/sys/kernel/debug" },
	{ "/sys" },
	{ "/dev" },
	{ "/tmpfs" },
	{ GUEST_EXT4 },
};

static bool is_there(const char *dir)
{
	struct path path;

	if (kern_path(dir, LOOKUP_FOLLOW, &path))
		return false;
	path_put(&path);
	return true;
}

static void unmount(const char *dir)
{
	struct path path;

	if (kern_path(dir, LOOKUP_FOLLOW, &path))
		return;
	if (path.dentry == path.mnt->mnt_root)
		path_umount(&path, MNT_DETACH);	/* puts the path */
	else
		path_put(&path);
}

/**
 * guest_run() - run "open_trace guest HOW"
 * @test: the test, which fails when the program does
 * @how: record or plain
 * @end: how it ended; its output is freed with the test
 *
 * What it mounted is there until guest_unmount().
 *
 * Context: process; sleeps.
 *
 * Return: whether it did what it should.
 */
bool guest_run(struct kunit *test, const char *how, struct process_end *end)
{
	const char *const args[] = { "guest", how, NULL };
	const struct program program = CARRIED(open_trace, args);
	int i;

	ot_with_init_fs() {
		for (i = 0; i < ARRAY_SIZE(guest_dirs); i++)
			guest_dirs[i].made = !is_there(guest_dirs[i].dir);
	}
	if (!process_run(test, &program, TIME_LIMIT, end))
		return false;
	KUNIT_EXPECT_EQ_MSG(test, end->status, 0, "open_trace says: %s", end->output);
	return !end->status;
}

/**
 * guest_unmount() - leave nothing of guest_run()
 *
 * Context: process; sleeps.
 */
void guest_unmount(void)
{
	int i;

	ot_with_init_fs() {
		for (i = 0; i < ARRAY_SIZE(guest_dirs); i++) {
			unmount(guest_dirs[i].dir);
			if (guest_dirs[i].made)
				ot_rmdir(guest_dirs[i].dir);
		}
	}
}
