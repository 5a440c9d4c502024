// SPDX-License-Identifier: GPL-2.0
/* A filesystem with ->atomic_open. */
#include <kunit/test.h>
#include <linux/fs_struct.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* The parts of which the expected logs are made. */
#define SEEN		"d_init(a) atomic_open(a 0)"
#define OPENED		SEEN " open(a) release(a)"
#define TRUNCATED	SEEN " open(a) setattr(a) release(a)"
#define FAILED		SEEN " d_release(a)"
#define SEEN_MODE	"d_init(a) atomic_open(a 100644)"
#define OPENED_MODE	SEEN_MODE " open(a) release(a)"
#define TRUNCATED_MODE	SEEN_MODE " open(a) setattr(a) release(a)"
#define FAILED_MODE	SEEN_MODE " d_release(a)"
#define MAY_WALK	"permission(/ exec rcu) d_init(a) "
#define MAY_CREATE	MAY_WALK "permission(/ write exec) "

/* What came of an open that failed is put by a worker. */
static long settled(long err)
{
	ot_flush_delayed_fput();
	return err;
}

/* As if nothing had been opened yet: empties the dcache and the log. */
static void start_over(struct rec_fs *fs)
{
	shrink_dcache_sb(fs->sb);
	rec_forget(fs);
}

static void look_up(struct rec_fs *fs, struct inode *dir, struct dentry *dentry)
{
	if (d_in_lookup(dentry))
		KUNIT_EXPECT_NULL(fs->test, rec_lookup(fs, dir, dentry, 0));
}

/* The hooks below stand in place of recfs's ->atomic_open. */

static int look_up_only(struct rec_fs *fs, struct inode *dir,
			struct dentry *dentry, struct file *file,
			unsigned int flags, umode_t mode)
{
	look_up(fs, dir, dentry);
	return finish_no_open(file, NULL);
}

static int look_up_same(struct rec_fs *fs, struct inode *dir,
			struct dentry *dentry, struct file *file,
			unsigned int flags, umode_t mode)
{
	look_up(fs, dir, dentry);
	return finish_no_open(file, dget(dentry));
}

/* priv: another dentry */
static int look_up_other(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	return finish_no_open(file, dget(fs->priv));
}

static int look_up_error(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	return finish_no_open(file, ERR_PTR(-ENOTDIR));
}

/* priv: another dentry */
static int open_other(struct rec_fs *fs, struct inode *dir,
		      struct dentry *dentry, struct file *file,
		      unsigned int flags, umode_t mode)
{
	return finish_open(file, fs->priv, NULL);
}

/* Opens whatever it is, a directory or a symlink as well. */
static int open_anything(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	look_up(fs, dir, dentry);
	return finish_open(file, dentry, NULL);
}

static int open_and_fail(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	int err = open_anything(fs, dir, dentry, file, flags, mode);

	return err ? err : -EIO;
}

/* ->open fails: the file is then as if nobody had tried. */
static int open_in_vain(struct rec_fs *fs, struct inode *dir,
			struct dentry *dentry, struct file *file,
			unsigned int flags, umode_t mode)
{
	int err = open_anything(fs, dir, dentry, file, flags, mode);

	KUNIT_EXPECT_EQ(fs->test, err, -ENXIO);
	KUNIT_EXPECT_NULL(fs->test, file->f_path.mnt);
	KUNIT_EXPECT_NULL(fs->test, file->f_path.dentry);
	KUNIT_EXPECT_NULL(fs->test, file->f_inode);
	return err;
}

static int own_open(struct inode *inode, struct file *file)
{
	file->private_data = inode;
	return inode->i_fop->open(inode, file);
}

static int open_its_own_way(struct rec_fs *fs, struct inode *dir,
			    struct dentry *dentry, struct file *file,
			    unsigned int flags, umode_t mode)
{
	look_up(fs, dir, dentry);
	return finish_open(file, dentry, own_open);
}

static int create_only(struct rec_fs *fs, struct inode *dir,
		       struct dentry *dentry, struct file *file,
		       unsigned int flags, umode_t mode)
{
	int err;

	look_up(fs, dir, dentry);
	err = rec_instantiate(fs, dir, dentry, mode);
	file->f_mode |= FMODE_CREATED;
	return err ? err : finish_no_open(file, NULL);
}

/* What it creates is append-only from the beginning. */
static int create_append_only(struct rec_fs *fs, struct inode *dir,
			      struct dentry *dentry, struct file *file,
			      unsigned int flags, umode_t mode)
{
	int err;

	look_up(fs, dir, dentry);
	err = rec_instantiate(fs, dir, dentry, mode);
	if (err)
		return err;
	d_inode(dentry)->i_flags |= S_APPEND;
	file->f_mode |= FMODE_CREATED;
	return finish_open(file, dentry, NULL);
}

/* priv: where the dentry is kept */
static int keep_and_fail(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	*(struct dentry **)fs->priv = dget(dentry);
	return -EIO;
}

/* priv: where to count */
static int count_writers(struct rec_fs *fs, struct inode *dir,
			 struct dentry *dentry, struct file *file,
			 unsigned int flags, umode_t mode)
{
	*(int *)fs->priv = rec_writers(fs);
	return look_up_only(fs, dir, dentry, file, flags, mode);
}

/* priv: where to put the file's mount */
static int copy_mount(struct rec_fs *fs, struct inode *dir,
		      struct dentry *dentry, struct file *file,
		      unsigned int flags, umode_t mode)
{
	*(struct vfsmount **)fs->priv = file->f_path.mnt;
	return look_up_only(fs, dir, dentry, file, flags, mode);
}

static int forget(struct rec_fs *fs, struct inode *dir, struct dentry *dentry,
		  struct file *file, unsigned int flags, umode_t mode)
{
	return 0;
}

/* C11: lookup and open are one call, and ->lookup is not asked. */
void atomic_open_of_a_file_is_one_call(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	const struct rec_call *call;
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) atomic_open(a 0) open(a)");
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_OPENED);
	KUNIT_EXPECT_FALSE(test, file->f_mode & FMODE_CREATED);
	call = rec_call(fs, REC_ATOMIC_OPEN, 0);
	KUNIT_EXPECT_PTR_EQ(test, call->file, (const struct file *)file);
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)file->f_path.dentry,
			    call->dentry);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.mnt, fs->mnt);
	KUNIT_EXPECT_FALSE(test, d_in_lookup(file->f_path.dentry));
	KUNIT_EXPECT_FALSE(test, d_unhashed(file->f_path.dentry));
	KUNIT_EXPECT_EQ(test, d_count(file->f_path.dentry), 1);
	actor_close(file);
}

/* C11: it is asked for a dentry in lookup; creation locks the directory. */
void atomic_open_gets_a_dentry_in_lookup(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		bool exclusive;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, false },
		{ "O_WRONLY", O_WRONLY, false },
		{ "O_TRUNC", O_RDWR | O_TRUNC, false },
		{ "O_CREAT", O_CREAT, true },
		{ "O_EXCL", O_CREAT | O_EXCL, true },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *root = fs->mnt->mnt_root;
	int i;

	fs->atomic_open = look_up_only;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct rec_call *call;

		start_over(fs);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", rows[i].flags, 0644),
				    -ENOENT, "%s", rows[i].name);
		call = rec_call(fs, REC_ATOMIC_OPEN, 0);
		KUNIT_EXPECT_TRUE_MSG(test, call->in_lookup, "%s", rows[i].name);
		KUNIT_EXPECT_TRUE_MSG(test, call->unhashed, "%s", rows[i].name);
		KUNIT_EXPECT_NULL_MSG(test, call->inode, "%s", rows[i].name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, call->parent,
					(const struct dentry *)root,
					"%s", rows[i].name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, call->dir,
					(const struct inode *)d_inode(root),
					"%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, call->count, 1, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, call->i_rwsem_write, rows[i].exclusive,
				    "%s", rows[i].name);
	}
}

/* The file that the filesystem gets has its mount already. */
void atomic_open_gets_the_mount_in_the_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct vfsmount *mnt = NULL;

	fs->priv = &mnt;
	fs->atomic_open = copy_mount;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_PTR_EQ(test, mnt, fs->mnt);
}

/* C11: a cached negative dentry is an answer, but not for O_CREAT. */
void atomic_open_of_a_cached_negative_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), SEEN);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "atomic_open(a 100644) open(a) release(a)");
	call = rec_call(fs, REC_ATOMIC_OPEN, 0);
	KUNIT_EXPECT_FALSE(test, call->in_lookup);
	KUNIT_EXPECT_FALSE(test, call->unhashed);
	KUNIT_EXPECT_NULL(test, call->inode);
}

/* C11: a cached positive dentry goes to ->open, with O_CREAT as well. */
void atomic_open_is_not_asked_for_a_cached_file(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		long err;
		const char *log;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, "open(a) release(a)" },
		{ "O_CREAT", O_CREAT | O_RDWR, 0, "open(a) release(a)" },
		{ "O_TRUNC", O_WRONLY | O_TRUNC, 0,
		  "open(a) setattr(a) release(a)" },
		{ "O_EXCL", O_CREAT | O_EXCL, -EEXIST, "" },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", rows[i].flags, 0644),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
	}
}

#define STALE	"d_revalidate(a creat) d_release(a) "

/* C11: a cached dentry that is stale is replaced by one in lookup. */
void atomic_open_after_a_failed_revalidation(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_REVALIDATE);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	rec_forget(fs);
	/* 6.12 looks without the directory's lock first. */
	if (ot_since(6, 12))
		rec_answer(fs, REC_D_REVALIDATE, 1);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), ot_since(6, 12) ?
			   "d_revalidate(a creat rcu) " STALE OPENED_MODE :
			   STALE OPENED_MODE);
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->in_lookup);
}

/* C11: creation is part of the same call; ->create is not asked. */
void atomic_open_creates(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct file *file = actor_open(fs, "a", O_CREAT | O_WRONLY, 0644);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) atomic_open(a 100644) open(a)");
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_OPENED);
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_CREATED);
	actor_close(file);
}

/* Who made the file may use it, whatever its mode; but only this once. */
void atomic_open_of_a_new_file_is_not_denied(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_PERMISSION);
	const struct cred *user = actor_cred(test, 1000);

	d_inode(fs->mnt->mnt_root)->i_mode = S_IFDIR | 0777;
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "a", O_CREAT | O_RDWR, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   MAY_CREATE "atomic_open(a 100000) open(a) permission(a) release(a)");
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "a", O_CREAT | O_RDWR, 0),
			-EACCES);
}

/* A file made but not opened is opened by the VFS, and not denied either. */
void atomic_open_may_create_without_opening(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_PERMISSION);
	const struct cred *user = actor_cred(test, 1000);

	d_inode(fs->mnt->mnt_root)->i_mode = S_IFDIR | 0777;
	fs->atomic_open = create_only;
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "a",
					     O_CREAT | O_EXCL | O_RDWR, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   MAY_CREATE "atomic_open(a 100000) permission(a) open(a) release(a)");
}

/* The mode comes as a regular file's, without what the umask takes. */
void atomic_open_gets_the_mode(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t umask;
		umode_t mode;
		const char *log;
	} rows[] = {
		{ "0666 & ~022", 0022, 0666, "d_init(a) atomic_open(a 100644)" },
		{ "0777 & ~077", 0077, 0777, "d_init(a) atomic_open(a 100700)" },
		{ "nothing", 0022, 0, "d_init(a) atomic_open(a 100000)" },
		{ "all bits", 0, 07777, "d_init(a) atomic_open(a 107777)" },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	fs->atomic_open = look_up_only;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		start_over(fs);
		fs->task_fs->umask = rows[i].umask;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_CREAT, rows[i].mode),
				    -ENOENT, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
	}
}

/* After a creation that was denied the directory is unlocked as it was locked. */
void atomic_open_denied_creation_unlocks_the_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct inode *dir = d_inode(fs->mnt->mnt_root);
	bool unlocked;

	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, actor_cred(test, 1000), "a",
					     O_CREAT, 0644), -EACCES);
	unlocked = inode_trylock(dir);
	KUNIT_EXPECT_TRUE(test, unlocked);
	if (unlocked)
		inode_unlock(dir);
}

/* One open of a file that exists and of one that does not. */
struct flags_row {
	const char *name;
	int flags;
	unsigned int seen;
	long exists_err;
	const char *exists_log;
	long missing_err;
	const char *missing_log;
};

static void open_row(struct rec_fs *fs, const struct cred *cred,
		     const struct flags_row *row, bool exists)
{
	struct kunit *test = fs->test;
	const char *what = exists ? "exists" : "missing";
	struct qstr name = QSTR_INIT("a", 1);
	struct rec_node *node;
	long err;

	if (exists)
		rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_forget(fs);
	err = settled(actor_errno_as(fs, cred, "a", row->flags, 0644));
	KUNIT_EXPECT_EQ_MSG(test, err,
			    exists ? row->exists_err : row->missing_err,
			    "%s, %s", row->name, what);
	KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
			       exists ? row->exists_log : row->missing_log,
			       "%s, %s", row->name, what);
	KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->flags,
			    row->seen, "%s, %s", row->name, what);
	shrink_dcache_sb(fs->sb);
	node = rec_find(fs, d_inode(fs->mnt->mnt_root), &name);
	if (node)
		rec_remove(node);
}

static void open_rows(struct rec_fs *fs, const struct cred *cred,
		      const struct flags_row *row)
{
	for (; row->name; row++) {
		open_row(fs, cred, row, true);
		open_row(fs, cred, row, false);
	}
}

/* C11: the flags as asked for, but O_EXCL without O_TRUNC, and 3 as O_RDWR. */
void atomic_open_gets_the_flags(struct kunit *test)
{
	static const struct flags_row rows[] = {
		{ "O_RDONLY", O_RDONLY, O_RDONLY,
		  0, OPENED, -ENOENT, SEEN },
		{ "O_WRONLY", O_WRONLY, O_WRONLY,
		  0, OPENED, -ENOENT, SEEN },
		{ "O_RDWR", O_RDWR, O_RDWR,
		  0, OPENED, -ENOENT, SEEN },
		{ "3", O_ACCMODE, O_RDWR,
		  0, OPENED, -ENOENT, SEEN },
		{ "others", O_RDWR | O_APPEND | O_NONBLOCK | O_NOCTTY,
		  O_RDWR | O_APPEND | O_NONBLOCK | O_NOCTTY,
		  0, OPENED, -ENOENT, SEEN },
		{ "O_TRUNC", O_TRUNC, O_TRUNC,
		  0, TRUNCATED, -ENOENT, SEEN },
		{ "O_WRONLY, O_TRUNC", O_WRONLY | O_TRUNC, O_WRONLY | O_TRUNC,
		  0, TRUNCATED, -ENOENT, SEEN },
		{ "O_EXCL alone", O_EXCL, O_EXCL,
		  0, OPENED, -ENOENT, SEEN },
		{ "O_CREAT", O_CREAT, O_CREAT,
		  0, OPENED_MODE, 0, OPENED_MODE },
		{ "O_CREAT, O_RDWR", O_CREAT | O_RDWR, O_CREAT | O_RDWR,
		  0, OPENED_MODE, 0, OPENED_MODE },
		{ "O_CREAT, O_WRONLY, O_TRUNC", O_CREAT | O_WRONLY | O_TRUNC,
		  O_CREAT | O_WRONLY | O_TRUNC,
		  0, TRUNCATED_MODE, 0, OPENED_MODE },
		{ "O_CREAT, O_EXCL", O_CREAT | O_EXCL, O_CREAT | O_EXCL,
		  -EEXIST, OPENED_MODE, 0, OPENED_MODE },
		{ "O_CREAT, O_EXCL, O_RDWR, O_TRUNC",
		  O_CREAT | O_EXCL | O_RDWR | O_TRUNC,
		  O_CREAT | O_EXCL | O_RDWR,
		  -EEXIST, OPENED_MODE, 0, OPENED_MODE },
		{ }
	};

	open_rows(rec_mount(test, REC_HAS_ATOMIC_OPEN), current_cred(), rows);
}

static const struct flags_row read_only_rows[] = {
	{ "O_RDONLY", O_RDONLY, O_RDONLY, 0, OPENED, -ENOENT, SEEN },
	{ "O_WRONLY", O_WRONLY, O_WRONLY, -EROFS, SEEN, -ENOENT, SEEN },
	{ "O_TRUNC", O_TRUNC, O_RDONLY, -EROFS, OPENED, -ENOENT, SEEN },
	{ "O_CREAT", O_CREAT, O_RDONLY, 0, OPENED_MODE, -EROFS, SEEN_MODE },
	{ "O_CREAT, O_EXCL", O_CREAT | O_EXCL, O_EXCL,
	  -EEXIST, OPENED_MODE, -EROFS, SEEN_MODE },
	{ "O_CREAT, O_RDWR, O_TRUNC", O_CREAT | O_RDWR | O_TRUNC, O_RDWR,
	  -EROFS, SEEN_MODE, -EROFS, SEEN_MODE },
	{ }
};

/* C11: without write access O_CREAT and O_TRUNC are not passed on. */
void atomic_open_on_a_read_only_mount(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	fs->mnt->mnt_flags |= MNT_READONLY;
	open_rows(fs, current_cred(), read_only_rows);
}

/* C11: nor where the whole filesystem is read-only. */
void atomic_open_on_a_read_only_filesystem(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	fs->sb->s_flags |= SB_RDONLY;
	open_rows(fs, current_cred(), read_only_rows);
}

/* C11: without permission to create O_CREAT is not passed on. */
void atomic_open_in_a_directory_of_others(struct kunit *test)
{
	static const struct flags_row rows[] = {
		{ "O_RDONLY", O_RDONLY, O_RDONLY,
		  0, OPENED, -ENOENT, SEEN },
		{ "O_CREAT", O_CREAT, O_RDONLY,
		  0, OPENED_MODE, -EACCES, SEEN_MODE },
		{ "O_CREAT, O_EXCL", O_CREAT | O_EXCL, O_EXCL,
		  -EEXIST, OPENED_MODE, -EACCES, SEEN_MODE },
		{ "O_CREAT, O_WRONLY, O_TRUNC", O_CREAT | O_WRONLY | O_TRUNC,
		  O_WRONLY | O_TRUNC,
		  -EACCES, OPENED_MODE, -EACCES, SEEN_MODE },
		{ "O_CREAT, O_EXCL, O_TRUNC", O_CREAT | O_EXCL | O_TRUNC, O_EXCL,
		  -EEXIST, OPENED_MODE, -EACCES, SEEN_MODE },
		{ }
	};

	open_rows(rec_mount(test, REC_HAS_ATOMIC_OPEN), actor_cred(test, 1000),
		  rows);
}

/* C11: only "it is missing" gives way to why it can not be made. */
void atomic_open_error_wins_over_the_denied_creation(struct kunit *test)
{
	static const struct {
		const char *name;
		int answer;
		long err;
	} rows[] = {
		{ "ENOENT", -ENOENT, -EROFS },
		{ "EIO", -EIO, -EIO },
		{ "EACCES", -EACCES, -EACCES },
		{ "ENOTDIR", -ENOTDIR, -ENOTDIR },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	fs->mnt->mnt_flags |= MNT_READONLY;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		rec_answer(fs, REC_ATOMIC_OPEN, rows[i].answer);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_CREAT, 0644),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       FAILED_MODE,
				       "%s", rows[i].name);
	}
}

/* C3: an error is passed on, asked for once, and leaves no dentry. */
void atomic_open_errors_are_passed_on(struct kunit *test)
{
	static const struct {
		const char *name;
		int err;
	} rows[] = {
		{ "EIO", -EIO },
		{ "ENOENT", -ENOENT },
		{ "EACCES", -EACCES },
		{ "EEXIST", -EEXIST },
		{ "ENOMEM", -ENOMEM },
		{ "EINTR", -EINTR },
		{ "EOPNOTSUPP", -EOPNOTSUPP },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		rec_answer(fs, REC_ATOMIC_OPEN, rows[i].err);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_RDONLY, 0),
				    (long)rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       FAILED,
				       "%s", rows[i].name);
	}
}

/* C3: an error about a cached dentry leaves it cached. */
void atomic_open_error_keeps_a_cached_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	rec_forget(fs);
	rec_answer(fs, REC_ATOMIC_OPEN, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "atomic_open(a 100644)");
}

#define WALK_RCU	"d_revalidate(d rcu) d_init(a) atomic_open(a 0)"
#define WALK_REF	"d_revalidate(d) d_init(a) atomic_open(a 0)"
#define WALK_REVAL	"d_revalidate(d reval) d_init(a) atomic_open(a 0)"
#define THEN		" d_release(a) "
#define AT_LAST		" open(a) release(a)"

/* C3: what makes the whole walk begin again, how, and for how long. */
void atomic_open_stale_walks_are_retried(struct kunit *test)
{
	static const struct {
		const char *name;
		int answers[4];
		long err;
		const char *log;
	} rows[] = {
		{ "ESTALE", { -ESTALE }, 0,
		  WALK_RCU THEN WALK_REVAL AT_LAST },
		{ "ESTALE twice", { -ESTALE, -ESTALE }, -ESTALE,
		  WALK_RCU THEN WALK_REVAL " d_release(a)" },
		{ "ECHILD", { -ECHILD }, 0,
		  WALK_RCU THEN WALK_REF AT_LAST },
		{ "ECHILD twice", { -ECHILD, -ECHILD }, -ECHILD,
		  WALK_RCU THEN WALK_REF " d_release(a)" },
		{ "ECHILD, ESTALE", { -ECHILD, -ESTALE }, 0,
		  WALK_RCU THEN WALK_REF THEN WALK_REVAL AT_LAST },
		{ "EOPENSTALE", { -EOPENSTALE }, 0,
		  WALK_RCU THEN WALK_REF AT_LAST },
		{ "EOPENSTALE twice", { -EOPENSTALE, -EOPENSTALE }, 0,
		  WALK_RCU THEN WALK_REF THEN WALK_REVAL AT_LAST },
		{ "EOPENSTALE for ever",
		  { -EOPENSTALE, -EOPENSTALE, -EOPENSTALE }, -ESTALE,
		  WALK_RCU THEN WALK_REF THEN WALK_REVAL " d_release(a)" },
	};
	int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
						    REC_HAS_REVALIDATE);

		rec_add(fs, rec_add(fs, NULL, "d", S_IFDIR | 0755), "a",
			S_IFREG | 0644);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_RDONLY, 0), 0);
		rec_forget(fs);
		for (j = 0; rows[i].answers[j]; j++)
			rec_answer(fs, REC_ATOMIC_OPEN, rows[i].answers[j]);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "d/a", O_RDONLY, 0),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
	}
}

/* C3: a stale ->open does that too; the dentry is cached by then. */
void atomic_open_stale_open_is_retried(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_REVALIDATE);

	rec_add(fs, rec_add(fs, NULL, "d", S_IFDIR | 0755), "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_RDONLY, 0), 0);
	rec_forget(fs);
	rec_answer(fs, REC_OPEN, -EOPENSTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), WALK_RCU
			   " open(a) d_revalidate(d) d_revalidate(a) open(a) release(a)");
}

/* C11: lookup ends with the call, whatever the filesystem did to the dentry. */
void atomic_open_ends_the_lookup(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *dentry = NULL;

	fs->priv = &dentry;
	fs->atomic_open = keep_and_fail;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -EIO);
	KUNIT_ASSERT_NOT_NULL(test, dentry);
	KUNIT_EXPECT_FALSE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	if (d_in_lookup(dentry))
		d_lookup_done(dentry);
	dput(dentry);
}

/* A file that the filesystem opened is closed when it then fails. */
void atomic_open_that_fails_after_opening_closes(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->atomic_open = open_and_fail;
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", O_RDWR, 0)), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   OPENED);
}

/* ... also where finish_open() itself fails after ->open did not. */
void atomic_open_without_direct_io_closes(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", O_DIRECT, 0)), -EINVAL);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), OPENED);
}

/* finish_open() hands on what ->open says; what it refused is not closed. */
void atomic_open_passes_on_the_error_of_open(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_answer(fs, REC_OPEN, -ENXIO);
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", O_RDWR, 0)), -ENXIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) atomic_open(a 0) open(a)");
}

/* ... and leaves the file without path and inode. */
void atomic_open_that_fails_forgets_the_path(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_answer(fs, REC_OPEN, -ENXIO);
	fs->atomic_open = open_in_vain;
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", O_RDWR, 0)), -ENXIO);
}

/* finish_open() calls the filesystem's own function in place of ->open. */
void atomic_open_may_open_its_own_way(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->atomic_open = open_its_own_way;
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_EQ(test, file->private_data, (void *)file_inode(file));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) atomic_open(a 0) open(a)");
	actor_close(file);
}

/* C11: finish_no_open(NULL): the VFS opens the dentry that it asked about. */
void atomic_no_open_leaves_the_open_to_the_vfs(struct kunit *test)
{
	static int (* const hooks[])(struct rec_fs *fs, struct inode *dir,
				     struct dentry *dentry, struct file *file,
				     unsigned int flags, umode_t mode) = {
		look_up_only, look_up_same,
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		const struct rec_call *call;
		struct file *file;

		start_over(fs);
		fs->atomic_open = hooks[i];
		file = actor_open(fs, "a", O_RDONLY, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       "d_init(a) atomic_open(a 0) open(a)",
				       "hook %d", i);
		call = rec_call(fs, REC_ATOMIC_OPEN, 0);
		KUNIT_EXPECT_PTR_EQ_MSG(test, call->dentry,
					(const struct dentry *)file->f_path.dentry,
					"hook %d", i);
		KUNIT_EXPECT_EQ_MSG(test, d_count(file->f_path.dentry), 1,
				    "hook %d", i);
		actor_close(file);
	}
}

/* The dentry of the name, with a reference for the caller. */
static struct dentry *cached(struct rec_fs *fs, const char *name)
{
	struct file *file = actor_open(fs, name, O_RDONLY, 0);
	struct dentry *dentry;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(fs->test, file);
	dentry = dget(file->f_path.dentry);
	actor_close(file);
	rec_forget(fs);
	return dentry;
}

/* C11: finish_no_open(another): the VFS opens that and drops the one it had. */
void atomic_no_open_of_another_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *other;
	struct file *file;

	rec_add(fs, NULL, "b", S_IFREG | 0644);
	other = cached(fs, "b");
	fs->priv = other;
	fs->atomic_open = look_up_other;
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) atomic_open(a 0) d_release(a) open(b)");
	if (!IS_ERR(file)) {
		KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, other);
		KUNIT_EXPECT_EQ(test, d_count(other), 2);
		actor_close(file);
	}
	KUNIT_EXPECT_EQ(test, d_count(other), 1);
	dput(other);
}

/* C11: so it goes with a directory that was known by another name. */
void atomic_no_open_of_a_moved_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct rec_node *node = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *dentry = cached(fs, "d");
	struct file *file;

	rec_add(fs, NULL, "e", S_IFDIR | 0755)->same = node;
	file = actor_open(fs, "e", O_RDONLY, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(e) atomic_open(e 0) d_release(e) open(d)");
	if (!IS_ERR(file)) {
		KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, dentry);
		actor_close(file);
	}
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

/* C11: finish_no_open(negative): the file is missing, with O_CREAT as well. */
void atomic_no_open_of_a_negative_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	fs->atomic_open = look_up_only;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), SEEN);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "atomic_open(a 100644)");
	start_over(fs);
	fs->atomic_open = look_up_same;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) atomic_open(a 100644)");
}

/* finish_no_open() takes what ->lookup returned, an error as well. */
void atomic_no_open_of_an_error(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	fs->atomic_open = look_up_error;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOTDIR);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   FAILED);
}

/* C11: what is no regular file goes on as after ->lookup. */
void atomic_no_open_goes_on_as_after_lookup(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
		long err;
		const char *log;
	} rows[] = {
		{ "directory", "d", O_RDONLY, 0,
		  "d_init(d) atomic_open(d 0) open(d) release(d)" },
		{ "directory, O_DIRECTORY", "d", O_DIRECTORY, 0,
		  "d_init(d) atomic_open(d 0) open(d) release(d)" },
		{ "directory, O_WRONLY", "d", O_WRONLY, -EISDIR,
		  "d_init(d) atomic_open(d 0)" },
		{ "directory, O_CREAT", "d", O_CREAT, -EISDIR,
		  "d_init(d) atomic_open(d 100644)" },
		{ "directory, O_EXCL", "d", O_CREAT | O_EXCL, -EEXIST,
		  "d_init(d) atomic_open(d 100644)" },
		{ "symlink", "l", O_RDONLY, 0,
		  "d_init(l) atomic_open(l 0) get_link(l) " OPENED },
		{ "symlink, O_NOFOLLOW", "l", O_NOFOLLOW, -ELOOP,
		  "d_init(l) atomic_open(l 0)" },
		{ "symlink, O_EXCL", "l", O_CREAT | O_EXCL, -EEXIST,
		  "d_init(l) atomic_open(l 100644)" },
		{ "symlink, O_DIRECTORY", "l", O_DIRECTORY, -ENOTDIR,
		  "d_init(l) atomic_open(l 0) get_link(l) " OPENED },
		{ "FIFO", "p", O_RDONLY | O_NONBLOCK, 0,
		  "d_init(p) atomic_open(p 0)" },
		{ "FIFO, O_DIRECTORY", "p", O_DIRECTORY | O_NONBLOCK, -ENOTDIR,
		  "d_init(p) atomic_open(p 0)" },
		{ "socket", "s", O_RDWR, -ENXIO,
		  "d_init(s) atomic_open(s 0)" },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	rec_add(fs, NULL, "p", S_IFIFO | 0644);
	rec_add(fs, NULL, "s", S_IFSOCK | 0644);
	rec_symlink(fs, NULL, "l", "a");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		long err;

		start_over(fs);
		err = settled(actor_errno(fs, rows[i].path, rows[i].flags, 0644));
		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
	}
}

/* C11: finish_open(another): the open file's path ends there. */
void atomic_open_of_another_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *other;
	struct file *file;

	rec_add(fs, NULL, "b", S_IFREG | 0644);
	other = cached(fs, "b");
	fs->priv = other;
	fs->atomic_open = open_other;
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) atomic_open(a 0) open(b) d_release(a)");
	if (!IS_ERR(file)) {
		KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, other);
		KUNIT_EXPECT_PTR_EQ(test, file->f_path.mnt, fs->mnt);
		KUNIT_EXPECT_EQ(test, d_count(other), 2);
		actor_close(file);
	}
	KUNIT_EXPECT_EQ(test, d_count(other), 1);
	dput(other);
}

/* C3: success without a dentry is a filesystem's bug: EIO and a warning. */
void atomic_open_without_an_answer_is_an_error(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct ot_warning warning;
	long err;

	fs->atomic_open = forget;
	ot_warning_begin(test, &warning);
	err = actor_errno(fs, "a", O_RDONLY, 0);
	ot_warning_end(test, &warning);
	KUNIT_EXPECT_EQ(test, err, -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   FAILED);
}

/* Who may not read the file is told so after the filesystem has opened it. */
void atomic_open_is_checked_afterwards(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_PERMISSION);
	const struct cred *user = actor_cred(test, 1000);

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	KUNIT_EXPECT_EQ(test, settled(actor_errno_as(fs, user, "a", O_RDONLY, 0)),
			-EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   MAY_WALK "atomic_open(a 0) open(a) permission(a read) release(a)");
}

/* ... and before anything is opened when it has only looked it up. */
void atomic_no_open_is_checked_before(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_PERMISSION);
	const struct cred *user = actor_cred(test, 1000);

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	fs->atomic_open = look_up_only;
	KUNIT_EXPECT_EQ(test, settled(actor_errno_as(fs, user, "a", O_RDONLY, 0)),
			-EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   MAY_WALK "atomic_open(a 0) permission(a read)");
}

/* What the filesystem has opened is closed when do_open() refuses it. */
void atomic_open_that_is_refused_closes(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t type;
		int flags;
		long err;
		const char *log;
	} rows[] = {
		{ "a file that exists, O_EXCL", S_IFREG, O_CREAT | O_EXCL,
		  -EEXIST, OPENED_MODE },
		{ "a directory, O_CREAT", S_IFDIR, O_CREAT,
		  -EISDIR, OPENED_MODE },
		{ "a file, O_DIRECTORY", S_IFREG, O_DIRECTORY,
		  -ENOTDIR, OPENED },
		{ "a directory, O_WRONLY", S_IFDIR, O_WRONLY,
		  -EISDIR, OPENED },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	fs->atomic_open = open_anything;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_node *node = rec_add(fs, NULL, "a", rows[i].type | 0644);
		long err;

		rec_forget(fs);
		err = settled(actor_errno(fs, "a", rows[i].flags, 0644));
		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
		shrink_dcache_sb(fs->sb);
		rec_remove(node);
	}
}

/* C11: O_TRUNC is not asked of a file that is new: nobody may truncate this one. */
void atomic_new_append_only_file_is_not_truncated(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	const int flags = O_CREAT | O_TRUNC | O_WRONLY | O_APPEND;

	fs->atomic_open = create_append_only;
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", flags, 0644)), 0);
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", flags, 0644)), -EPERM);
}

/* ... and when it can not be truncated. */
void atomic_open_that_is_not_truncated_closes(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_answer(fs, REC_SETATTR, -EPERM);
	KUNIT_EXPECT_EQ(test, settled(actor_errno(fs, "a", O_RDWR | O_TRUNC, 0)),
			-EPERM);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), TRUNCATED);
}

/* C11: who wants a directory, by flag or slash, says so to the filesystem. */
void atomic_open_is_told_to_want_a_directory(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		unsigned int seen;
		long err;
		const char *log;
	} rows[] = {
		{ "d", O_RDONLY, 0, 0,
		  "d_init(d) atomic_open(d 0) open(d) release(d)" },
		{ "d", O_DIRECTORY, O_DIRECTORY, 0,
		  "d_init(d) atomic_open(d 0) open(d) release(d)" },
		{ "d/", O_RDONLY, O_DIRECTORY, 0,
		  "d_init(d) atomic_open(d 0) open(d) release(d)" },
		{ "a/", O_RDONLY, O_DIRECTORY, -ENOTDIR,
		  OPENED },
		{ "a/", O_RDWR, O_DIRECTORY | O_RDWR, -ENOTDIR,
		  OPENED },
		{ "b/", O_RDONLY, O_DIRECTORY, -ENOENT,
		  "d_init(b) atomic_open(b 0)" },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		long err;

		start_over(fs);
		err = settled(actor_errno(fs, rows[i].name, rows[i].flags, 0));
		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].err, "%s %x",
				    rows[i].name, rows[i].flags);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s %x",
				       rows[i].name, rows[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->flags,
				    rows[i].seen, "%s %x", rows[i].name,
				    rows[i].flags);
	}
}

/* A name with a slash can not be made; nobody is asked. */
void atomic_open_does_not_create_with_a_slash(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a/", O_CREAT, 0644), -EISDIR);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* Components on the way, O_PATH and O_TMPFILE ask ->lookup. */
void atomic_open_is_only_for_the_file_itself(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_TMPFILE);
	struct file *file;

	rec_add(fs, rec_add(fs, NULL, "d", S_IFDIR | 0755), "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(d) lookup(d) " OPENED);
	start_over(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(d) lookup(d)");
	start_over(fs);
	file = actor_open(fs, "d", O_TMPFILE | O_RDWR, 0600);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(d) lookup(d dir) d_init(/) tmpfile(100600) open(#tmp)");
	actor_close(file);
}

/* RESOLVE_CACHED may not ask the filesystem. */
void atomic_open_is_not_asked_for_what_must_be_cached(struct kunit *test)
{
	struct open_how how = { .resolve = RESOLVE_CACHED };
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	file = actor_openat2(fs, "a", &how);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -EAGAIN);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	rec_forget(fs);
	file = actor_openat2(fs, "a", &how);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), 0);
	if (!IS_ERR(file))
		actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(a) release(a)");
}

/* Write access to the mount is there for who may need it, and given back. */
void atomic_open_has_write_access(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		bool read_only;
		int during;
		int after;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, false, 0, 0 },
		{ "O_WRONLY", O_WRONLY, false, 1, 1 },
		{ "O_RDWR", O_RDWR, false, 1, 1 },
		{ "3", O_ACCMODE, false, 1, 0 },
		{ "O_TRUNC", O_TRUNC, false, 1, 0 },
		{ "O_CREAT", O_CREAT, false, 1, 0 },
		{ "O_CREAT, O_RDWR", O_CREAT | O_RDWR, false, 1, 1 },
		{ "O_CREAT, read-only", O_CREAT, true, 0, 0 },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i, during;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->priv = &during;
	fs->atomic_open = count_writers;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct file *file;

		start_over(fs);
		during = -1;
		if (rows[i].read_only)
			fs->mnt->mnt_flags |= MNT_READONLY;
		file = actor_open(fs, "a", rows[i].flags, 0644);
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, during, rows[i].during, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), rows[i].after, "%s",
				    rows[i].name);
		actor_close(file);
	}
}

/* Only a regular file is wanted: the filesystem is told, and has a say. */
void atomic_open_of_a_regular_file_only(struct kunit *test)
{
	static const struct {
		const char *name;
		int answer;
		long err;
		const char *log;
	} rows[] = {
		{ "a", 0, 0, OPENED },
		{ "a", -OT_EFTYPE, -OT_EFTYPE,
		  FAILED },
		{ "d", 0, -OT_EFTYPE, "d_init(d) atomic_open(d 0)" },
		{ "b", 0, -ENOENT, "d_init(b) atomic_open(b 0)" },
	};
	struct open_how how = { .flags = OT_REGULAR };
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	int i;

	if (!OT_REGULAR)
		kunit_skip(test, "openat2() has no OPENAT2_REGULAR");
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct file *file;

		start_over(fs);
		rec_answer(fs, REC_ATOMIC_OPEN, rows[i].answer);
		file = actor_openat2(fs, rows[i].name, &how);
		KUNIT_EXPECT_EQ_MSG(test, (long)PTR_ERR_OR_ZERO(file), rows[i].err,
				    "%s, %d", rows[i].name, rows[i].answer);
		if (!IS_ERR(file)) {
			KUNIT_EXPECT_EQ(test, file->f_flags & OT_REGULAR_INSIDE, 0U);
			actor_close(file);
		}
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log,
				       "%s, %d", rows[i].name, rows[i].answer);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->flags,
				    (unsigned int)OT_REGULAR_INSIDE,
				    "%s, %d", rows[i].name, rows[i].answer);
	}
}

#define ASKED	"d_init(a) atomic_open(a 100600)"

/* C11: a caller without a path gets only a regular file, and the right errno. */
void atomic_vfs_lookup_open(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t type;
		int flags;
		long err;
		const char *log;
	} rows[] = {
		{ "file", S_IFREG, O_RDONLY, 0, ASKED " open(a) release(a)" },
		{ "file, O_CREAT", S_IFREG, O_CREAT | O_RDWR, 0,
		  ASKED " open(a) release(a)" },
		{ "file, O_EXCL", S_IFREG, O_CREAT | O_EXCL, -EEXIST,
		  ASKED " open(a) release(a)" },
		{ "missing", 0, O_RDONLY, -ENOENT, ASKED },
		{ "missing, O_CREAT", 0, O_CREAT | O_RDWR, 0,
		  ASKED " open(a) release(a)" },
		{ "missing, O_EXCL", 0, O_CREAT | O_EXCL, 0,
		  ASKED " open(a) release(a)" },
		{ "directory", S_IFDIR, O_RDONLY, -EISDIR, ASKED },
		{ "symlink", S_IFLNK, O_RDONLY, -ELOOP, ASKED },
		{ "device", S_IFCHR, O_RDONLY, -ENODEV, ASKED },
		{ "FIFO", S_IFIFO, O_RDWR, -OT_EFTYPE, ASKED },
	};
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	int i;

	if (!OT_VFS_LOOKUP_OPEN)
		kunit_skip(test, "there is no vfs_lookup_open() before 7.3");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct qstr name = QSTR_INIT("a", 1);
		struct rec_node *node;
		struct file *file;

		if (rows[i].type)
			rec_add(fs, NULL, "a", rows[i].type | 0644);
		rec_forget(fs);
		file = ot_vfs_lookup_open(&root, &name, rows[i].flags, 0600);
		KUNIT_EXPECT_EQ_MSG(test, (long)PTR_ERR_OR_ZERO(file), rows[i].err,
				    "%s", rows[i].name);
		if (!IS_ERR(file))
			actor_close(file);
		ot_flush_delayed_fput();
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->flags,
				    rows[i].flags | (unsigned int)OT_REGULAR_INSIDE,
				    "%s", rows[i].name);
		shrink_dcache_sb(fs->sb);
		node = rec_find(fs, d_inode(root.dentry), &name);
		if (node)
			rec_remove(node);
	}
}

/* A negative dentry as a caller of dentry_create() has looked it up. */
static struct dentry *negative(struct rec_fs *fs, const char *name)
{
	struct dentry *dentry = d_alloc_name(fs->mnt->mnt_root, name);

	KUNIT_ASSERT_NOT_NULL(fs->test, dentry);
	d_add(dentry, NULL);
	rec_forget(fs);
	return dentry;
}

/* As nfsd does: with write access, in a directory that it has locked. */
static struct file *create_locked(struct rec_fs *fs, struct path *path,
				  const struct cred *cred)
{
	struct inode *dir = d_inode(fs->mnt->mnt_root);
	const struct cred *old = override_creds(cred);
	int err = mnt_want_write(fs->mnt);
	struct file *file;

	inode_lock(dir);
	file = err ? ERR_PTR(err) : dentry_create(path, O_CREAT | O_RDWR, 0600, cred);
	inode_unlock(dir);
	if (!err)
		mnt_drop_write(fs->mnt);
	revert_creds(old);
	return file;
}

/* dentry_create() asks ->atomic_open since 7.0, ->create before. */
void atomic_dentry_create(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *dentry = negative(fs, "a");
	struct path path = { .mnt = fs->mnt, .dentry = dentry };
	struct file *file = create_locked(fs, &path, current_cred());

	KUNIT_EXPECT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_PTR_EQ(test, path.dentry, dentry);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), IS_ERR(file) ? 0 : 1);
	if (!IS_ERR(file)) {
		KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, dentry);
		KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_OPENED);
		actor_close(file);
	}
	KUNIT_EXPECT_STREQ(test, rec_log(fs), ot_since(7, 0) ?
			   "atomic_open(a 100600) open(a) release(a)" :
			   "create(a 100600) open(a) release(a)");
	dput(dentry);
}

/* ... of which an error leaves the dentry with the caller. */
void atomic_dentry_create_error_keeps_the_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *dentry = negative(fs, "a");
	struct path path = { .mnt = fs->mnt, .dentry = dentry };
	struct file *file;

	rec_answer(fs, ot_since(7, 0) ? REC_ATOMIC_OPEN : REC_CREATE, -EIO);
	file = create_locked(fs, &path, current_cred());
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), ot_since(7, 0) ?
			   "atomic_open(a 100600)" : "create(a 100600)");
	KUNIT_EXPECT_PTR_EQ(test, path.dentry, dentry);
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

/* ... and is denied to who may not write the directory. */
void atomic_dentry_create_needs_permission(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct dentry *dentry = negative(fs, "a");
	struct path path = { .mnt = fs->mnt, .dentry = dentry };
	struct file *file = create_locked(fs, &path, actor_cred(test, 1000));

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), ot_since(7, 0) ?
			   "atomic_open(a 100600)" : "");
	KUNIT_EXPECT_PTR_EQ(test, path.dentry, dentry);
	dput(dentry);
}

/* dentry_open() has no name to look up: only ->open, and no permission. */
void atomic_dentry_open_only_opens(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN |
					    REC_HAS_PERMISSION);
	struct path path = { .mnt = fs->mnt };
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0);
	path.dentry = cached(fs, "a");
	file = dentry_open(&path, O_RDWR, actor_cred(test, 1000));
	KUNIT_EXPECT_FALSE(test, IS_ERR(file));
	if (!IS_ERR(file))
		actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(a) release(a)");
	dput(path.dentry);
}
