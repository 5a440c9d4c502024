// SPDX-License-Identifier: GPL-2.0
/* do_file_open_root(): the kernel's opens below a path of its own. */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/limits.h>
#include <linux/slab.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

static long root_errno(const struct path *root, const char *name, int flags)
{
	struct file *file = file_open_root(root, name, flags, 0644);

	if (IS_ERR(file))
		return PTR_ERR(file);
	actor_close(file);
	return 0;
}

static struct path root_of(struct rec_fs *fs)
{
	return (struct path){ .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
}

/* F5: flags that contradict each other are refused before anything is asked. */
void filp_open_below_a_root_checks_the_flags(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
	} rows[] = {
		{ "a directory is not created", O_CREAT | O_DIRECTORY },
		{ "O_TMPFILE is for writing", O_TMPFILE | O_RDONLY },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);
	struct path root = root_of(fs);

	for (int i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, root_errno(&root, "f", rows[i].flags),
				    -EINVAL, "%s", rows[i].name);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* The root itself may be a symlink, which is not followed: only O_PATH opens it. */
void filp_open_below_a_symlink_is_eloop(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct path root = root_of(fs);
	struct file *link, *file;

	rec_symlink(fs, NULL, "l", "f");
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	link = actor_open(fs, "l", O_PATH | O_NOFOLLOW, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, link);
	KUNIT_EXPECT_EQ(test, root_errno(&link->f_path, "", O_RDONLY), -ELOOP);
	KUNIT_EXPECT_EQ(test, root_errno(&link->f_path, "f", O_RDONLY), -ELOOP);
	file = file_open_root(&link->f_path, "", O_PATH, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, link->f_path.dentry);
	actor_close(file);
	actor_close(link);
	KUNIT_EXPECT_EQ(test, root_errno(&root, "l", O_RDONLY), 0);
}

/* A walk that went stale is done again, as for open(): in refwalk, with LOOKUP_REVAL. */
void filp_open_below_a_root_is_tried_again(struct kunit *test)
{
	static const struct {
		const char *name;
		unsigned int stale;
		long err;
		const char *walks;
	} rows[] = {
		{ "once", 1, 0, "d_revalidate(f rcu) d_revalidate(f)" },
		{ "twice", 2, 0,
		  "d_revalidate(f rcu) d_revalidate(f) d_revalidate(f reval)" },
		{ "always", 3, -ESTALE,
		  "d_revalidate(f rcu) d_revalidate(f) d_revalidate(f reval)" },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	struct path root = root_of(fs);

	fs->count_only = BIT(REC_OPEN) | BIT(REC_RELEASE);
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, root_errno(&root, "f", O_PATH), 0);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		for (unsigned int n = 0; n < rows[i].stale; n++)
			rec_answer(fs, REC_OPEN, -EOPENSTALE);
		KUNIT_EXPECT_EQ_MSG(test, root_errno(&root, "f", O_RDONLY),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].walks, "%s",
				       rows[i].name);
	}
}

/* A path of PATH_MAX bytes with its NUL is one; a longer one is none, for the kernel, too. */
void filp_open_by_the_kernel_has_a_path_max(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct path root = root_of(fs);
	char *path = kunit_kzalloc(test, PATH_MAX + 2, GFP_KERNEL);
	struct fs_struct *old;
	struct file *file;

	KUNIT_ASSERT_NOT_NULL(test, path);
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	memset(path, '/', PATH_MAX);
	path[PATH_MAX - 2] = 'f';
	path[PATH_MAX - 1] = '\0';
	KUNIT_EXPECT_EQ(test, root_errno(&root, path, O_RDONLY), 0);
	path[PATH_MAX - 2] = '/';
	path[PATH_MAX - 1] = 'f';
	KUNIT_EXPECT_EQ(test, root_errno(&root, path, O_RDONLY), -ENAMETOOLONG);
	old = actor_swap_fs(fs->task_fs);
	file = filp_open(path, O_RDONLY, 0);
	actor_swap_fs(old);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -ENAMETOOLONG);
}
