// SPDX-License-Identifier: GPL-2.0
/* What procfs shows of the dcache, and what it asks of it. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/mount.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "procfs.h"
#include "recfs.h"

#define DENTRY_STATE	"sys/fs/dentry-state"
#define DENTRIES	100
/* Others may make a dentry meanwhile, but not each time. */
#define ATTEMPTS	10

static void procfs_unmount(void *proc)
{
	kern_unmount(proc);
}

/**
 * procfs_mount() - a mount of procfs, gone at the test's end
 * @test: the test; skipped where procfs has no sysctls
 *
 * Context: process; may sleep.
 *
 * Return: the mount.
 */
struct vfsmount *procfs_mount(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *proc;

	if (!OT_PROC_SYSCTL || !type)
		kunit_skip(test, "needs sysctls in procfs");
	proc = kern_mount(type);
	module_put(type->owner);
	KUNIT_ASSERT_FALSE(test, IS_ERR(proc));
	ot_add_action(test, procfs_unmount, proc);
	return proc;
}

/* The number of dentries, which dentry-state begins with; -1 when it cannot be read */
static long dentries(struct file *state)
{
	char text[64] = "";
	loff_t pos = 0;
	long number;

	if (kernel_read(state, text, sizeof(text) - 1, &pos) < 0 ||
	    sscanf(text, "%ld", &number) != 1)
		return -1;
	return number;
}

/* Each dentry that is made counts one more, each that is freed one less. */
void dcache_every_dentry_is_counted(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct qstr name = QSTR_INIT("a", 1);
	struct file *state = file_open_root_mnt(procfs_mount(test), DENTRY_STATE,
						O_RDONLY, 0);
	struct dentry *made[DENTRIES];
	long before, with, after;
	int attempt, i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(state));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		before = dentries(state);
		for (i = 0; i < DENTRIES; i++)
			made[i] = d_alloc(fs->sb->s_root, &name);
		with = dentries(state);
		for (i = 0; i < DENTRIES; i++)
			dput(made[i]);
		after = dentries(state);
		if (with == before + DENTRIES && after == before)
			break;
	}
	actor_close(state);
	KUNIT_EXPECT_GE(test, before, 0L);
	KUNIT_EXPECT_EQ(test, with, before + DENTRIES);
	KUNIT_EXPECT_EQ(test, after, before);
}

/* A dentry of procfs has no operations but those that are given with its inode, as below sys. */
void dcache_spliced_dentry_has_operations_of_its_own(struct kunit *test)
{
	struct file *file = file_open_root_mnt(procfs_mount(test), DENTRY_STATE,
					       O_RDONLY, 0);
	const unsigned int of_sysctls = DCACHE_OP_REVALIDATE | DCACHE_OP_COMPARE |
					DCACHE_OP_DELETE;
	const struct dentry_operations *operations;
	const struct dentry *dentry;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	dentry = file->f_path.dentry;
	operations = dentry->d_op;
	KUNIT_EXPECT_EQ(test, dentry->d_sb->s_root->d_flags & of_sysctls, 0U);
	KUNIT_EXPECT_EQ(test, dentry->d_flags & of_sysctls, of_sysctls);
	KUNIT_EXPECT_TRUE(test,
			  operations && operations->d_revalidate &&
			  operations->d_compare && operations->d_delete);
	actor_close(file);
}
