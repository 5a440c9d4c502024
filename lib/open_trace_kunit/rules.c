// SPDX-License-Identifier: GPL-2.0
/* A filesystem that breaks the rules: the open ends with an error, and a warning. */
#include <kunit/test.h>
#include <linux/file.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* What comes of an open that the kernel warns of. */
static long warned_errno(struct rec_fs *fs, const char *name, int flags)
{
	struct ot_warning warning;
	long err;

	ot_warning_begin(fs->test, &warning);
	err = actor_errno(fs, name, flags, 0644);
	ot_warning_end(fs->test, &warning);
	return err;
}

/* Who opens a number twice is warned once. */
void filp_number_from_open_is_warned_of_once(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct ot_warning warning;
	long first, second;

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_answer(fs, REC_OPEN, 1);
	rec_answer(fs, REC_OPEN, 2);
	ot_warning_begin(test, &warning);
	first = actor_errno(fs, "f", O_RDONLY, 0);
	second = actor_errno(fs, "f", O_RDONLY, 0);
	ot_warning_ends_once(test, &warning, 2);
	KUNIT_EXPECT_EQ(test, first, -EINVAL);
	KUNIT_EXPECT_EQ(test, second, -EINVAL);
}

/* ->permission, which the open asks of the file, says 0 or -errno. */
void filp_permission_that_answers_a_number_is_einval(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	rec_forget(fs);
	rec_answer(fs, REC_PERMISSION, 0);	/* the root's */
	rec_answer(fs, REC_PERMISSION, 1);
	KUNIT_EXPECT_EQ(test, warned_errno(fs, "f", O_RDWR | O_TRUNC), -EINVAL);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(f read write)");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/* Makes a file and does not open it; the dentry is kept for the test. */
static int make_and_leave(struct rec_fs *fs, struct inode *dir, struct file *file,
			  umode_t mode)
{
	struct inode *inode = rec_iget(fs, fs->priv);

	if (!inode)
		return -ENOMEM;
	dget(file->f_path.dentry);
	d_instantiate(file->f_path.dentry, inode);
	file->f_inode = inode;
	return 0;
}

/* ->tmpfile that does not open its file has not succeeded. */
void filp_tmpfile_that_is_not_opened_is_einval(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct dentry *dentry;

	fs->priv = rec_add(fs, NULL, "f", S_IFREG | 0644);
	fs->tmpfile = make_and_leave;
	KUNIT_EXPECT_EQ(test, warned_errno(fs, ".", O_TMPFILE | O_RDWR), -EINVAL);
	KUNIT_EXPECT_EQ(test, fs->count[REC_OPEN], 0UL);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	dentry = (struct dentry *)rec_call(fs, REC_D_INIT, 0)->dentry;
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

/* Makes nothing, and says that all is well. */
static int make_nothing(struct rec_fs *fs, struct inode *dir, struct file *file,
			umode_t mode)
{
	dget(file->f_path.dentry);
	return 0;
}

/* C10: may_open() has an ENOENT of its own, for what no walk brings it. */
void filp_tmpfile_that_is_not_made_is_enoent(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct dentry *dentry;

	fs->tmpfile = make_nothing;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0644), -ENOENT);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	dentry = (struct dentry *)rec_call(fs, REC_D_INIT, 0)->dentry;
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

/* A mapping without operations is no hindrance, but for O_DIRECT. */
void filp_mapping_without_operations_opens(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, rec_add(fs, NULL, "f", S_IFREG | 0644));
	const struct address_space_operations *aops;

	KUNIT_ASSERT_NOT_NULL(test, inode);
	aops = inode->i_mapping->a_ops;
	inode->i_mapping->a_ops = NULL;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR, 0), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_DIRECT, 0), -EINVAL);
	inode->i_mapping->a_ops = aops;
	iput(inode);
}

/* vfs_lookup_open() is asked for what it cannot do: it warns, and does the rest. */
void lookup_vfs_lookup_open_warns_of_flags_and_modes(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		umode_t mode;
	} rows[] = {
		{ "a type in the mode", O_RDONLY, S_IFREG | 0644 },
		{ "O_APPEND", O_RDONLY | O_APPEND, 0644 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	struct qstr last = QSTR_INIT("f", 1);

	if (!OT_VFS_LOOKUP_OPEN)
		kunit_skip(test, "vfs_lookup_open() is in 7.3 and later");
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ot_warning warning;
		struct file *files[2];

		/* Twice, and warned of once. */
		ot_warning_begin(test, &warning);
		for (int j = 0; j < ARRAY_SIZE(files); j++)
			files[j] = ot_vfs_lookup_open(&root, &last, rows[i].flags,
						      rows[i].mode);
		ot_warning_ends_once(test, &warning, ARRAY_SIZE(files));
		for (int j = 0; j < ARRAY_SIZE(files); j++) {
			KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(files[j]), 0, "%s",
					    rows[i].name);
			if (!IS_ERR(files[j]))
				actor_close(files[j]);
		}
	}
}

/* A mode without a type: nothing is known of how to open it. */
void filp_mode_without_a_type_is_enxio(struct kunit *test)
{
	struct rec_fs *fs;

	if (IS_ENABLED(CONFIG_DEBUG_VFS))
		kunit_skip(test, "CONFIG_DEBUG_VFS ends the kernel for such a mode");
	fs = rec_mount(test, 0);
	rec_add(fs, NULL, "f", 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}
