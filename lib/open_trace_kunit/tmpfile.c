// SPDX-License-Identifier: GPL-2.0
/* O_TMPFILE: do_tmpfile() and vfs_tmpfile(). */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "events.h"
#include "recfs.h"

#define USER	1000

/* C3: a nameless file: a dentry outside the hash, no link, open. */
void filp_tmpfile_has_no_name(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct file *file = actor_open(fs, ".", O_TMPFILE | O_RDWR, 0666);
	struct inode *inode;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(/) tmpfile(100644) open(#tmp)");
	inode = file_inode(file);
	KUNIT_EXPECT_TRUE(test, S_ISREG(inode->i_mode));
	KUNIT_EXPECT_EQ(test, inode->i_nlink, 0U);
	KUNIT_EXPECT_TRUE(test, d_unhashed(file->f_path.dentry));
	KUNIT_EXPECT_PTR_EQ(test, d_inode(file->f_path.dentry), inode);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry->d_parent,
			    fs->mnt->mnt_root);
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_TMPFILE, 0)->file, file);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, fs->count[REC_EVICT], 1UL);
}

/* C3: the umask applies, and new permissions do not hinder who made the file. */
void filp_tmpfile_mode_meets_the_umask(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t umask;
		umode_t mode;
		umode_t want;
	} rows[] = {
		{ "no umask", 0, 0666, S_IFREG | 0666 },
		{ "022", 0022, 0666, S_IFREG | 0644 },
		{ "077", 0077, 0777, S_IFREG | 0700 },
		{ "setuid stays", 0022, 04755, S_IFREG | 04755 },
		{ "none at all", 0777, 0777, S_IFREG },
	};
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct file *file;

	rec_add(fs, NULL, "d", S_IFDIR | 0777);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		fs->task_fs->umask = rows[i].umask;
		file = actor_open_as(fs, user, "d", O_TMPFILE | O_RDWR,
				     rows[i].mode);
		KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, file, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_TMPFILE, 0)->mode,
				    rows[i].want, "%s", rows[i].name);
		actor_close(file);
	}
}

/* C3: a setgid directory of a group that is not the maker's gives no setgid. */
void filp_tmpfile_setgid_is_not_for_strangers(struct kunit *test)
{
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	rec_add(fs, NULL, "d", S_IFDIR | S_ISGID | 0777);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_TMPFILE | O_RDWR, 02755), 0);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_TMPFILE, 0)->mode,
			S_IFREG | 02755);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d", O_TMPFILE | O_RDWR,
					     02755), 0);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_TMPFILE, 1)->mode,
			S_IFREG | 0755);
}

/* C3: O_EXCL makes a file that can never be given a name. */
void filp_tmpfile_is_linkable_without_excl(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct file *file = actor_open(fs, ".", O_TMPFILE | O_RDWR, 0600);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_NE(test, ot_inode_state(file_inode(file)) & I_LINKABLE,
			0UL);
	actor_close(file);
	file = actor_open(fs, ".", O_TMPFILE | O_EXCL | O_RDWR, 0600);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, ot_inode_state(file_inode(file)) & I_LINKABLE,
			0UL);
	actor_close(file);
}

/* R1: f_flags keeps O_TMPFILE, with the O_DIRECTORY in it, but not O_EXCL. */
void filp_tmpfile_stays_in_the_flags(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct file *file = actor_open(fs, ".", O_TMPFILE | O_EXCL | O_WRONLY,
				       0600);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)(O_TMPFILE | O_WRONLY));
	actor_close(file);
}

/* R1: who watches the directory is told of the open, though there is no name. */
void filp_tmpfile_open_is_told(struct kunit *test)
{
	struct events *events;
	struct rec_fs *fs;

	if (!ot_since(6, 5))
		kunit_skip(test, "before 6.5 only the system calls tell of an open");
	fs = rec_mount(test, REC_HAS_TMPFILE);
	events = events_watch(test, d_inode(fs->mnt->mnt_root));
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(events_log(events), "open(#"),
				  "%s", events_log(events));
}

/* C3: a filesystem without ->tmpfile. */
void filp_tmpfile_needs_the_operation(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* C3: the name is of a directory that is there; the last symlink is followed. */
void filp_tmpfile_is_made_in_a_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	int flags = O_TMPFILE | O_RDWR;

	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "l", "d");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", flags, 0600), -ENOTDIR);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "none", flags, 0600), -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", flags | O_NOFOLLOW, 0600),
			-ENOTDIR);
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 0UL);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", flags, 0600), 0);
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 1UL);
}

/* C3: making the file wants write and search permission of the directory. */
void filp_tmpfile_wants_write_and_search(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t mode;
		long err;
	} rows[] = {
		{ "write and search", 0773, 0 },
		{ "search only", 0771, -EACCES },
		{ "write only", 0772, -EACCES },
		{ "read and search", 0775, -EACCES },
	};
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_add(fs, NULL, rows[i].name, S_IFDIR | rows[i].mode);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno_as(fs, user, rows[i].name,
							 O_TMPFILE | O_RDWR,
							 0600),
				    rows[i].err, "%s", rows[i].name);
	}
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 1UL);
}

/* C3: nothing is made on what is read-only, not even without a name. */
void filp_tmpfile_read_only_mount(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	int flags = O_TMPFILE | O_RDWR;

	fs->mnt->mnt_flags |= MNT_READONLY;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", flags, 0600), -EROFS);
	fs->mnt->mnt_flags &= ~MNT_READONLY;
	fs->sb->s_flags |= SB_RDONLY;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", flags, 0600), -EROFS);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* C3: an immutable directory takes no file. */
void filp_tmpfile_immutable_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	rec_add(fs, NULL, "d", S_IFDIR | 0755)->i_flags = S_IMMUTABLE;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_TMPFILE | O_RDWR, 0600),
			-EPERM);
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 0UL);
}

/* C3: who has no id on the filesystem makes no file there. */
void filp_tmpfile_of_an_unmapped_maker(struct kunit *test)
{
	struct cred *nobody = (struct cred *)actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	nobody->fsuid = INVALID_UID;
	rec_add(fs, NULL, "d", S_IFDIR | 0777);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, nobody, "d",
					     O_TMPFILE | O_RDWR, 0600),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 0UL);
}

/* C3: what ->tmpfile says comes back, and its dentry goes. */
void filp_tmpfile_error_comes_back(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	rec_answer(fs, REC_TMPFILE, -ENOSPC);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-ENOSPC);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(/) tmpfile(100600) d_release(/)");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/* C3: a file that was made and that ->open refuses goes again. */
void filp_tmpfile_open_error_comes_back(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);

	rec_answer(fs, REC_OPEN, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-EIO);
	KUNIT_EXPECT_EQ(test, fs->count[REC_TMPFILE], 1UL);
	KUNIT_EXPECT_EQ(test, fs->count[REC_EVICT], 1UL);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_RELEASE], 1UL);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/* As a filesystem that finds its disk full when the file is already open. */
static int fail_after_opening(struct rec_fs *fs, struct inode *dir,
			      struct file *file, umode_t mode)
{
	int err = rec_tmpfile(fs, dir, file, mode);

	if (err)
		return err;
	fs->priv = get_file(file);
	return -ENOSPC;
}

/* C3: such a file is put by who allocated it, and by nobody else. */
void filp_tmpfile_that_fails_after_opening_is_put_once(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct file *file;

	fs->tmpfile = fail_after_opening;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-ENOSPC);
	file = fs->priv;
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, fs->count[REC_RELEASE], 0UL);
	KUNIT_ASSERT_EQ(test, (long)file_count(file), 1L);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, fs->count[REC_RELEASE], 1UL);
}

static int see_writers(struct rec_fs *fs, struct inode *dir, struct file *file,
		       umode_t mode)
{
	*(int *)fs->priv = rec_writers(fs);
	return finish_open_simple(file, -EDQUOT);
}

/* C3: the mount is held for writing while the file is made, then by the file. */
void filp_tmpfile_takes_write_access(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	int writers = -1;
	struct file *file;

	fs->priv = &writers;
	fs->tmpfile = see_writers;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-EDQUOT);
	KUNIT_EXPECT_EQ(test, writers, 1);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	fs->tmpfile = NULL;
	file = actor_open(fs, ".", O_TMPFILE | O_WRONLY, 0600);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&file_inode(file)->i_writecount), 1);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}
