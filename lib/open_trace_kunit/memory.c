// SPDX-License-Identifier: GPL-2.0
/* Opens without memory: each allocation of an open fails once, by fault injection. */
#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/sched.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "memory.h"
#include "recfs.h"

/* More than any open here allocates */
#define ALLOCATIONS_MAX	64

/* Longer than what a dentry has room for */
#define LONG_NAME	"a-name-that-is-longer-than-what-a-dentry-has-room-for-itself"

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAULT_INJECTION_DEBUG_FS)

struct starving {
	bool *spare;		/* allocations that may wait do not fail */
	unsigned long *verbose;
	bool was_spare;
	unsigned long was_verbose;
};

static void *failslab_setting(struct kunit *test, const char *name)
{
	struct dentry *dir = debugfs_lookup("failslab", NULL);
	struct dentry *file;
	void *setting;

	if (!dir)
		kunit_skip(test, "there is no failslab in debugfs");
	file = debugfs_lookup(name, dir);
	dput(dir);
	KUNIT_ASSERT_NOT_NULL_MSG(test, file, "%s", name);
	setting = d_inode(file)->i_private;
	dput(file);
	return setting;
}

static void memory_unstarve(void *data)
{
	struct starving *starving = data;

	*starving->spare = starving->was_spare;
	*starving->verbose = starving->was_verbose;
}

/**
 * memory_starve() - from now to the test's end allocations can be made to fail
 * @test: the test; skipped where the kernel has no failslab
 *
 * Context: process; may sleep.
 */
void memory_starve(struct kunit *test)
{
	struct starving *starving = kunit_kzalloc(test, sizeof(*starving),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, starving);
	starving->spare = failslab_setting(test, "ignore-gfp-wait");
	starving->verbose = failslab_setting(test, "verbose");
	starving->was_spare = *starving->spare;
	starving->was_verbose = *starving->verbose;
	ot_add_action(test, memory_unstarve, starving);
	*starving->spare = false;
	*starving->verbose = 0;
}

/**
 * memory_fail_nth() - one allocation of the calling task will fail
 * @n: which, from 1 on; memory_has_failed() takes it back
 *
 * Context: any task, after memory_starve().
 */
void memory_fail_nth(unsigned int n)
{
	WRITE_ONCE(current->fail_nth, n);
}

/**
 * memory_has_failed() - take memory_fail_nth() back
 *
 * Return: whether the allocation came, and failed.
 */
bool memory_has_failed(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}

#else

void memory_starve(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS");
}

void memory_fail_nth(unsigned int n)
{
}

bool memory_has_failed(void)
{
	return false;
}

#endif

struct way {
	const char *name;
	const char *path;
	int flags;
	unsigned long has;
	long err;		/* what comes out with memory */
	unsigned int fails;	/* so many of its allocations end the open, at least */
	struct file *(*open)(struct rec_fs *fs, const struct way *way);
};

static struct file *by_path(struct rec_fs *fs, const struct way *way)
{
	return actor_open(fs, way->path, way->flags, 0644);
}

static struct file *below_root(struct rec_fs *fs, const struct way *way)
{
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };

	return file_open_root(&root, way->path, way->flags, 0644);
}

static struct file *of_the_kernel(struct rec_fs *fs, const struct way *way)
{
	struct fs_struct *old = actor_swap_fs(fs->task_fs);
	struct file *file = filp_open(way->path, way->flags, 0644);

	actor_swap_fs(old);
	return file;
}

static struct file *of_a_dentry(struct rec_fs *fs, const struct way *way)
{
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };

	return dentry_open(&root, way->flags, current_cred());
}

static struct file *of_a_last_name(struct rec_fs *fs, const struct way *way)
{
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	struct qstr last = QSTR_INIT(way->path, strlen(way->path));

	return ot_vfs_lookup_open(&root, &last, way->flags, 0644);
}

/*
 * An open whose memory does not suffice is ENOMEM and leaves nothing, or does without;
 * with memory it does what it always does.
 */
void dcache_every_failed_allocation_is_enomem(struct kunit *test)
{
	static const struct way ways[] = {
		{ "a file", "f", O_RDWR, 0, 0, 3, by_path },
		{ "a miss", "none", O_RDONLY, 0, -ENOENT, 3, by_path },
		{ "a long name", LONG_NAME, O_RDONLY, 0, -ENOENT, 4, by_path },
		{ "an atomic open", "f", O_RDWR, REC_HAS_ATOMIC_OPEN, 0, 3, by_path },
		{ "no name", ".", O_TMPFILE | O_RDWR, REC_HAS_TMPFILE, 0, 3, by_path },
		{ "O_PATH", "f", O_PATH, 0, 0, 3, by_path },
		{ "below a root", "f", O_RDONLY, 0, 0, 3, below_root },
		{ "for the kernel", "f", O_RDONLY, 0, 0, 3, of_the_kernel },
		{ "of a dentry", "", O_RDONLY, 0, 0, 1, of_a_dentry },
		{ "of a last name", "f", O_RDONLY, 0, 0, 2, of_a_last_name },
	};

	memory_starve(test);
	for (int i = 0; i < ARRAY_SIZE(ways); i++) {
		const struct way *way = &ways[i];
		unsigned int nth, fails = 0;
		bool failed = true;

		if (way->open == of_a_last_name && !OT_VFS_LOOKUP_OPEN)
			continue;
		for (nth = 1; failed && nth < ALLOCATIONS_MAX; nth++) {
			struct rec_fs *fs = rec_mount(test, way->has);
			struct file *file;

			rec_add(fs, NULL, "f", S_IFREG | 0644);
			memory_fail_nth(nth);
			file = way->open(fs, way);
			failed = memory_has_failed();
			if (failed && PTR_ERR_OR_ZERO(file) == -ENOMEM)
				fails++;
			else
				KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), way->err,
						    "%s, allocation %u", way->name, nth);
			if (!IS_ERR(file))
				actor_close(file);
			KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%s, allocation %u",
					    way->name, nth);
		}
		KUNIT_EXPECT_FALSE_MSG(test, failed, "%s", way->name);
		KUNIT_EXPECT_GE_MSG(test, fails, way->fails, "%s", way->name);
	}
}
