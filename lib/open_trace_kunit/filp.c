// SPDX-License-Identifier: GPL-2.0
/* do_dentry_open() and path_openat()'s end: what struct file comes out. */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pagemap.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

#define USER	1000

#define SEEKABLE	(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE)
#define CAN		(FMODE_CAN_READ | FMODE_CAN_WRITE)
#define LOOKED_AT	(FMODE_READ | FMODE_WRITE | CAN | SEEKABLE |	\
			 FMODE_OPENED | FMODE_CREATED | FMODE_WRITER |	\
			 FMODE_ATOMIC_POS | FMODE_STREAM | FMODE_PATH)

/* Not every configuration counts them. */
static void expect_readers(struct kunit *test, const struct inode *inode,
			   int readers, const char *name)
{
#if IS_ENABLED(CONFIG_FILE_LOCKING) || IS_ENABLED(CONFIG_IMA)
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&inode->i_readcount), readers,
			    "%s", name);
#endif
}

static unsigned int bits(fmode_t mode)
{
	return (__force unsigned int)mode;
}

/* Puts a regular file "f" on the disk and into the dcache. */
static struct rec_node *add_file(struct kunit *test, struct rec_fs *fs)
{
	struct rec_node *node = rec_add(fs, NULL, "f", S_IFREG | 0644);

	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	rec_forget(fs);
	return node;
}

static struct file *must_open(struct kunit *test, struct rec_fs *fs,
			      const char *name, int flags)
{
	struct file *file = actor_open(fs, name, flags, 0644);

	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, file, "%s: %ld", name,
					 PTR_ERR(file));
	return file;
}

/* R1: f_mode says what was asked, what the file can, and what it holds. */
void filp_mode_follows_access_and_type(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t type;
		int flags;
		fmode_t mode;
	} rows[] = {
		{ "r", S_IFREG, O_RDONLY, FMODE_OPENED | FMODE_READ |
		  FMODE_CAN_READ | SEEKABLE | FMODE_ATOMIC_POS },
		{ "w", S_IFREG, O_WRONLY, FMODE_OPENED | FMODE_WRITE |
		  FMODE_CAN_WRITE | FMODE_WRITER | SEEKABLE |
		  FMODE_ATOMIC_POS },
		{ "rw", S_IFREG, O_RDWR, FMODE_OPENED | FMODE_READ |
		  FMODE_WRITE | CAN | FMODE_WRITER | SEEKABLE |
		  FMODE_ATOMIC_POS },
		{ "3", S_IFREG, O_ACCMODE, FMODE_OPENED | SEEKABLE |
		  FMODE_ATOMIC_POS },
		{ "dir", S_IFDIR, O_RDONLY, FMODE_OPENED | FMODE_READ |
		  FMODE_CAN_READ | SEEKABLE | FMODE_ATOMIC_POS },
		{ "fifo", S_IFIFO, O_RDWR, FMODE_OPENED | FMODE_READ |
		  FMODE_WRITE | CAN | FMODE_STREAM },
		{ "null", S_IFCHR, O_RDWR, FMODE_OPENED | FMODE_READ |
		  FMODE_WRITE | CAN | SEEKABLE },
		{ "path", S_IFREG, O_PATH, FMODE_OPENED | FMODE_PATH },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_add(fs, NULL, rows[i].name, rows[i].type | 0644)->rdev =
			MKDEV(MEM_MAJOR, 3);
		file = must_open(test, fs, rows[i].name, rows[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, bits(file->f_mode & LOOKED_AT),
				    bits(rows[i].mode), "%s", rows[i].name);
		actor_close(file);
	}
}

/* R1: f_flags forgets how the file came about and keeps the rest. */
void filp_flags_forget_the_creation(struct kunit *test)
{
	static const int kept = O_RDWR | O_APPEND | O_NONBLOCK | O_SYNC |
		O_NOATIME | O_NOFOLLOW | O_LARGEFILE | FASYNC;
	static const struct {
		const char *name;
		int flags;
		int want;
	} rows[] = {
		{ "f", O_RDWR | O_CREAT | O_NOCTTY | O_TRUNC | O_CLOEXEC, O_RDWR },
		{ "f", kept, kept },
		{ "f", O_ACCMODE, O_ACCMODE },
		{ ".", O_DIRECTORY, O_RDONLY | O_DIRECTORY },
		{ "new", O_WRONLY | O_CREAT | O_EXCL | O_DSYNC,
		  O_WRONLY | O_DSYNC },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		file = must_open(test, fs, rows[i].name, rows[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, file->f_flags,
				    (unsigned int)rows[i].want, "row %d, %s", i,
				    rows[i].name);
		actor_close(file);
	}
}

/* R1: the internal bit of OPENAT2_REGULAR does not stay in f_flags. */
void filp_flags_forget_regular_only(struct kunit *test)
{
#ifdef OPENAT2_REGULAR
	struct open_how how = { .flags = O_RDWR | OPENAT2_REGULAR };
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	file = actor_openat2(fs, "f", &how);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_RDWR);
	actor_close(file);
#else
	kunit_skip(test, "this kernel has no OPENAT2_REGULAR");
#endif
}

/* R1: the iocb flags of later reads and writes are those of the open. */
void filp_iocb_flags_follow_flags(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		int iocb;
	} rows[] = {
		{ "none", O_RDWR, 0 },
		{ "O_APPEND", O_WRONLY | O_APPEND, IOCB_APPEND },
		{ "O_DIRECT", O_RDWR | O_DIRECT, IOCB_DIRECT },
		{ "O_DSYNC", O_WRONLY | O_DSYNC, IOCB_DSYNC },
		{ "O_SYNC", O_WRONLY | O_SYNC, IOCB_DSYNC | IOCB_SYNC },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	fs->direct_io = true;
	add_file(test, fs);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		file = must_open(test, fs, "f", rows[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, (int)file->f_iocb_flags, rows[i].iocb,
				    "%s", rows[i].name);
		actor_close(file);
	}
}

/* R1: the file is at its beginning, and leads to what the name led to. */
void filp_file_leads_to_what_was_opened(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = add_file(test, fs);
	struct inode *inode = rec_iget(fs, node);
	struct file *file = must_open(test, fs, "f", O_RDWR | O_APPEND);

	i_size_write(inode, 5);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.mnt, fs->mnt);
	KUNIT_EXPECT_PTR_EQ(test, d_inode(file->f_path.dentry), inode);
	KUNIT_EXPECT_STREQ(test, file->f_path.dentry->d_name.name, "f");
	KUNIT_EXPECT_PTR_EQ(test, file_inode(file), inode);
	KUNIT_EXPECT_PTR_EQ(test, file->f_mapping, &inode->i_data);
	KUNIT_EXPECT_PTR_EQ(test, file->f_op, inode->i_fop);
	KUNIT_EXPECT_EQ(test, file->f_pos, 0LL);
	KUNIT_EXPECT_EQ(test, file_count(file), 1L);
	KUNIT_EXPECT_EQ(test, file->f_ra.prev_pos, -1LL);
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_OPEN, 0)->file, file);
	actor_close(file);
	iput(inode);
}

/* R1: the file keeps its opener's credentials. */
void filp_file_has_its_openers_credentials(struct kunit *test)
{
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	file = actor_open_as(fs, user, "f", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_EQ(test, file->f_cred, user);
	actor_close(file);
}

/* R1: FMODE_CREATED tells the file that O_CREAT made from one that was there. */
void filp_only_a_new_file_is_created(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = must_open(test, fs, "f", O_CREAT | O_WRONLY);

	KUNIT_EXPECT_NE(test, bits(file->f_mode & FMODE_CREATED), 0U);
	actor_close(file);
	file = must_open(test, fs, "f", O_CREAT | O_WRONLY);
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & FMODE_CREATED), 0U);
	actor_close(file);
}

/* R1: fsnotify is silent about O_PATH files (since 6.10), and about no other. */
void filp_only_path_files_are_silent(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	file = must_open(test, fs, "f", O_RDWR);
	KUNIT_EXPECT_FALSE(test, ot_file_is_silent(file));
	actor_close(file);
	file = must_open(test, fs, "f", O_PATH);
	KUNIT_EXPECT_EQ(test, ot_file_is_silent(file), ot_since(6, 10));
	actor_close(file);
}

/* R1: a reader or a writer is counted at the inode, a writer at the mount. */
void filp_readers_and_writers_are_counted(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t type;
		int flags;
		int readers;
		int writers;
	} rows[] = {
		{ "r", S_IFREG, O_RDONLY, 1, 0 },
		{ "w", S_IFREG, O_WRONLY, 0, 1 },
		{ "rw", S_IFREG, O_RDWR, 0, 1 },
		{ "3", S_IFREG, O_ACCMODE, 0, 0 },
		{ "path", S_IFREG, O_PATH, 0, 0 },
		{ "dir", S_IFDIR, O_RDONLY, 1, 0 },
		{ "fifo", S_IFIFO, O_RDWR, 0, 0 },
		{ "null", S_IFCHR, O_WRONLY, 0, 0 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode;
	struct file *file;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_add(fs, NULL, rows[i].name, rows[i].type | 0644)->rdev =
			MKDEV(MEM_MAJOR, 3);
		file = must_open(test, fs, rows[i].name, rows[i].flags);
		inode = file_inode(file);
		expect_readers(test, inode, rows[i].readers, rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&inode->i_writecount),
				    rows[i].writers, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), rows[i].writers, "%s",
				    rows[i].name);
		actor_close(file);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%s",
				    rows[i].name);
	}
}

/* R1: an O_PATH file has no operations; the filesystem knows nothing of it. */
void filp_path_file_has_no_operations(struct kunit *test)
{
	static const struct file_operations none = { };
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	file = must_open(test, fs, "f", O_PATH);
	KUNIT_EXPECT_EQ(test, memcmp(file->f_op, &none, sizeof(none)), 0);
	KUNIT_EXPECT_STREQ(test, file->f_path.dentry->d_name.name, "f");
	KUNIT_EXPECT_PTR_EQ(test, file_inode(file),
			    d_inode(file->f_path.dentry));
	actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* R1: of the flags beside O_PATH only those of the walk stay. */
void filp_path_file_keeps_the_walks_flags(struct kunit *test)
{
	int walk = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = must_open(test, fs, ".", walk | O_RDWR | O_CREAT |
				      O_TRUNC | O_APPEND | O_NONBLOCK |
				      O_CLOEXEC);

	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)walk);
	actor_close(file);
}

/* C3: O_PATH asks for the directories' search permission, the file for nothing. */
void filp_path_open_asks_for_search_only(struct kunit *test)
{
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);
	struct rec_node *d;

	d = rec_add(fs, NULL, "d", S_IFDIR | 0711);
	rec_add(fs, d, "f", S_IFREG);
	d = rec_add(fs, NULL, "closed", S_IFDIR | 0766);
	rec_add(fs, d, "f", S_IFREG | 0777);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d/f", O_PATH, 0), 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d/f", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(d exec rcu)");
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "closed/f", O_PATH, 0),
			-EACCES);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "closed", O_PATH, 0), 0);
}

/* R1: O_PATH|O_NOFOLLOW gives the symlink, unread. */
void filp_path_file_can_be_a_symlink(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	rec_symlink(fs, NULL, "l", "nowhere");
	file = must_open(test, fs, "l", O_PATH | O_NOFOLLOW);
	KUNIT_EXPECT_TRUE(test, S_ISLNK(file_inode(file)->i_mode));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(l) lookup(l)");
	actor_close(file);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_PATH, 0), -ENOENT);
}

/* C3: O_TRUNC opens the file first, then cuts it through it. */
void filp_trunc_follows_open(struct kunit *test)
{
	unsigned int valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME | ATTR_OPEN |
			     ATTR_FILE;
	const struct rec_call *call;
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode;
	struct file *file;

	add_file(test, fs)->size = 5;
	file = must_open(test, fs, "f", O_RDONLY | O_TRUNC);
	inode = file_inode(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f) setattr(f)");
	call = rec_call(fs, REC_SETATTR, 0);
	KUNIT_EXPECT_EQ(test, call->flags & valid, valid);
	KUNIT_EXPECT_PTR_EQ(test, call->file, file);
	KUNIT_EXPECT_EQ(test, i_size_read(inode), 0LL);
	actor_close(file);
}

/* C3: a truncation that fails takes the open file back. */
void filp_trunc_error_closes_the_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));

	i_size_write(inode, 5);
	rec_answer(fs, REC_SETATTR, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_TRUNC, 0), -EIO);
	flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f) setattr(f) release(f)");
	KUNIT_EXPECT_EQ(test, i_size_read(inode), 5LL);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&inode->i_writecount), 0);
	iput(inode);
}

struct trunc_seen {
	int mount_writers;
	int inode_writers;
};

static int see_writers(struct ot_idmap *idmap, struct dentry *dentry,
		       struct iattr *attr)
{
	struct rec_fs *fs = dentry->d_sb->s_fs_info;
	struct trunc_seen *seen = fs->priv;

	seen->mount_writers = rec_writers(fs);
	seen->inode_writers = atomic_read(&d_inode(dentry)->i_writecount);
	return 0;
}

/* C3: the truncation has write access of its own, beside the open file's. */
void filp_trunc_has_write_access_of_its_own(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct trunc_seen seen = { };

	fs->priv = &seen;
	fs->file_iops.setattr = see_writers;
	add_file(test, fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY | O_TRUNC, 0), 0);
	KUNIT_EXPECT_EQ(test, seen.mount_writers, 1);
	KUNIT_EXPECT_EQ(test, seen.inode_writers, 1);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_TRUNC, 0), 0);
	KUNIT_EXPECT_EQ(test, seen.mount_writers, 2);
	KUNIT_EXPECT_EQ(test, seen.inode_writers, 2);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/* C3: who truncates a setuid program takes the setuid bit from it. */
void filp_trunc_drops_setuid(struct kunit *test)
{
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));

	inode->i_mode = S_IFREG | 04777;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY | O_TRUNC, 0), 0);
	KUNIT_EXPECT_EQ(test, inode->i_mode, S_IFREG | 04777);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "f", O_RDONLY | O_TRUNC,
					     0), 0);
	KUNIT_EXPECT_EQ(test, inode->i_mode, S_IFREG | 0777);
	iput(inode);
}

/* C3: what ->open says is what open() says, and nothing is held afterwards. */
void filp_open_error_comes_back(struct kunit *test)
{
	static const int errors[] = { -EIO, -ENXIO, -ENOMEM, -EBUSY, -EPERM };
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));

	for (int i = 0; i < ARRAY_SIZE(errors); i++) {
		int flags = modes[i % ARRAY_SIZE(modes)];

		rec_answer(fs, REC_OPEN, errors[i]);
		rec_forget(fs);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", flags, 0), errors[i]);
		KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f)");
		KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&inode->i_writecount), 0);
		expect_readers(test, inode, 0, "after the error");
	}
	iput(inode);
}

/* C3: a file that ->open refused is not truncated. */
void filp_open_error_saves_the_contents(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	add_file(test, fs);
	rec_answer(fs, REC_OPEN, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_TRUNC, 0), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f)");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/* C3: path_openat() begins anew for a stale file, and gives up with ESTALE. */
void filp_stale_open_is_tried_again(struct kunit *test)
{
	static const struct {
		const char *name;
		int answer;
		int times;
		long err;
		const char *log;
	} rows[] = {
		{ "EOPENSTALE once", -EOPENSTALE, 1, 0,
		  "open(f) open(f) release(f)" },
		{ "EOPENSTALE twice", -EOPENSTALE, 2, 0,
		  "open(f) open(f) open(f) release(f)" },
		{ "EOPENSTALE for good", -EOPENSTALE, 3, -ESTALE,
		  "open(f) open(f) open(f)" },
		{ "ESTALE once", -ESTALE, 1, 0, "open(f) open(f) release(f)" },
		{ "ESTALE for good", -ESTALE, 2, -ESTALE, "open(f) open(f)" },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = rec_mount(test, 0);

		add_file(test, fs);
		for (int n = 0; n < rows[i].times; n++)
			rec_answer(fs, REC_OPEN, rows[i].answer);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "f", O_RDONLY, 0),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), rows[i].log, "%s",
				       rows[i].name);
	}
}

static ssize_t no_read(struct file *file, char __user *buf, size_t len,
		       loff_t *pos)
{
	return 0;
}

static ssize_t no_write(struct file *file, const char __user *buf, size_t len,
			loff_t *pos)
{
	return len;
}

static ssize_t no_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	return 0;
}

/* R1: a file can what it has operations for; ->open is not needed. */
void filp_operations_decide_what_a_file_can(struct kunit *test)
{
	static const struct {
		const char *name;
		const struct file_operations fop;
		fmode_t can;
	} rows[] = {
		{ "none", { }, 0 },
		{ "read", { .read = no_read }, FMODE_CAN_READ },
		{ "read_iter", { .read_iter = no_iter }, FMODE_CAN_READ },
		{ "write", { .write = no_write }, FMODE_CAN_WRITE },
		{ "write_iter", { .write_iter = no_iter }, FMODE_CAN_WRITE },
		{ "llseek", { .llseek = noop_llseek }, FMODE_LSEEK },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));
	struct file *file;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		inode->i_fop = &rows[i].fop;
		file = must_open(test, fs, "f", O_RDWR);
		KUNIT_EXPECT_EQ_MSG(test, bits(file->f_mode & (CAN | FMODE_LSEEK)),
				    bits(rows[i].can), "%s", rows[i].name);
		actor_close(file);
	}
	iput(inode);
}

/* R1: what a file can but was not opened for, it may not. */
void filp_operations_need_the_access_mode(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	add_file(test, fs);
	file = must_open(test, fs, "f", O_RDONLY);
	KUNIT_EXPECT_NOT_NULL(test, file->f_op->write);
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & CAN), bits(FMODE_CAN_READ));
	actor_close(file);
	file = must_open(test, fs, "f", O_WRONLY);
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & CAN), bits(FMODE_CAN_WRITE));
	actor_close(file);
}

/* R1: ->open may take away what it finds set: here the position. */
void filp_open_may_forbid_seeking(struct kunit *test)
{
	static const struct file_operations fop = {
		.open = nonseekable_open,
		.read = no_read,
		.llseek = noop_llseek,
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));
	struct file *file;

	inode->i_fop = &fop;
	file = must_open(test, fs, "f", O_RDONLY);
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & SEEKABLE), 0U);
	actor_close(file);
	iput(inode);
}

static int forbid_pread(struct inode *inode, struct file *file)
{
	file->f_mode &= ~FMODE_PREAD;
	return 0;
}

/* R1: without ->llseek a file has a place that cannot be moved, whatever else it may. */
void filp_without_llseek_cannot_seek(struct kunit *test)
{
	static const struct file_operations fop = {
		.open = forbid_pread,
		.read = no_read,
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));
	struct file *file;

	inode->i_fop = &fop;
	file = must_open(test, fs, "f", O_RDONLY);
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & SEEKABLE), bits(FMODE_PWRITE));
	actor_close(file);
	iput(inode);
}

/* C3: O_DIRECT is refused after ->open, which may allow it, before O_TRUNC. */
void filp_direct_io_is_decided_by_open(struct kunit *test)
{
	static const struct address_space_operations direct = {
		.direct_IO = noop_direct_IO,
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_DIRECT | O_TRUNC,
					  0), -EINVAL);
	flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f) release(f)");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	fs->direct_io = true;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_DIRECT, 0), 0);
	fs->direct_io = false;
	inode->i_mapping->a_ops = &direct;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_DIRECT, 0), 0);
	iput(inode);
}

/* C3: a new file whose O_DIRECT is refused is there all the same. */
void filp_direct_io_refused_leaves_a_new_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "n", O_CREAT | O_RDWR | O_DIRECT,
					  0644), -EINVAL);
	flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(n) lookup(n creat) create(n 100644) open(n) release(n)");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "n", O_RDWR, 0), 0);
}

/* R1: a file is told of a writeback error that nobody saw yet, or a later one. */
void filp_writeback_error_is_told_once(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));
	struct file *first, *second;

	mapping_set_error(inode->i_mapping, -EIO);
	first = must_open(test, fs, "f", O_RDONLY);
	KUNIT_EXPECT_EQ(test, file_check_and_advance_wb_err(first), -EIO);
	KUNIT_EXPECT_EQ(test, errseq_check_and_advance(&fs->sb->s_wb_err,
						       &first->f_sb_err), -EIO);
	second = must_open(test, fs, "f", O_RDONLY);
	KUNIT_EXPECT_EQ(test, file_check_and_advance_wb_err(second), 0);
	KUNIT_EXPECT_EQ(test, errseq_check(&fs->sb->s_wb_err,
					   second->f_sb_err), 0);
	mapping_set_error(inode->i_mapping, -ENOSPC);
	KUNIT_EXPECT_EQ(test, file_check_and_advance_wb_err(second), -ENOSPC);
	KUNIT_EXPECT_EQ(test, errseq_check(&fs->sb->s_wb_err,
					   second->f_sb_err), -ENOSPC);
	actor_close(first);
	actor_close(second);
	iput(inode);
}

/* C3: an inode that nobody gave file operations cannot be opened; the kernel warns. */
void filp_inode_without_operations_is_enodev(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, add_file(test, fs));
	const struct file_operations *fop = inode->i_fop;

	inode->i_fop = NULL;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR, 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	inode->i_fop = fop;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR, 0), 0);
	iput(inode);
}

/* R1: what execve() opens is for reading, and marked in f_flags. */
void filp_exec_open_is_marked(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct fs_struct *old;
	struct file *file;

	rec_add(fs, NULL, "x", S_IFREG | 0755);
	old = actor_swap_fs(fs->task_fs);
	file = open_exec("x");
	actor_swap_fs(old);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags,
			(unsigned int)(O_LARGEFILE | __FMODE_EXEC));
	KUNIT_EXPECT_EQ(test, bits(file->f_mode & (FMODE_READ | FMODE_WRITE)),
			bits(FMODE_READ));
	KUNIT_EXPECT_EQ(test, atomic_read(&file_inode(file)->i_writecount), -1);
	allow_write_access(file);
	actor_close(file);
}

/* C3, F1: filp_open() starts where the task is, and adds no flag. */
void filp_open_by_the_kernel(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct fs_struct *old;
	struct file *file, *wrong;

	add_file(test, fs);
	old = actor_swap_fs(fs->task_fs);
	file = filp_open("/../f", O_RDWR, 0);
	wrong = filp_open("f", O_RDONLY | O_CREAT | O_DIRECTORY, 0);
	actor_swap_fs(old);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_RDWR);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(wrong), -EINVAL);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f)");
	actor_close(file);
}

/* C3: file_open_name() is filp_open() with the name in hand. */
void filp_open_by_struct_filename(struct kunit *test)
{
	struct filename *name = getname_kernel("f");
	struct rec_fs *fs = rec_mount(test, 0);
	struct fs_struct *old;
	struct file *file, *wrong;

	add_file(test, fs);
	old = actor_swap_fs(fs->task_fs);
	file = file_open_name(name, O_WRONLY, 0);
	wrong = file_open_name(name, O_RDONLY | O_DIRECTORY, 0);
	actor_swap_fs(old);
	putname(name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_WRONLY);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(wrong), -ENOTDIR);
	actor_close(file);
}

/* C3: file_open_root() begins at the path it is given, and does not leave it. */
void filp_open_below_a_root(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct file *root, *file;

	add_file(test, fs);
	rec_add(fs, d, "f", S_IFREG | 0644)->size = 7;
	root = must_open(test, fs, "d", O_PATH);
	file = file_open_root(&root->f_path, "/../f", O_RDWR, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, i_size_read(file_inode(file)), 7LL);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_RDWR);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file_open_root(&root->f_path, "g",
							     O_RDWR, 0)),
			-ENOENT);
	actor_close(root);
}

/* C3: dentry_open() asks no permission and cuts nothing: that is its caller's. */
void filp_dentry_open_checks_no_permission(struct kunit *test)
{
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *at, *file;

	rec_add(fs, NULL, "f", S_IFREG)->i_flags = S_IMMUTABLE;
	at = must_open(test, fs, "f", O_PATH);
	rec_forget(fs);
	file = dentry_open(&at->f_path, O_RDWR | O_TRUNC, user);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f)");
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_RDWR);
	KUNIT_EXPECT_PTR_EQ(test, file->f_cred, user);
	actor_close(file);
	actor_close(at);
}

/* C3: ->open that returns a number above 0 has failed, with -EINVAL; the kernel warns. */
void filp_number_from_open_is_einval(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *at, *file;

	add_file(test, fs);
	at = must_open(test, fs, "f", O_PATH);
	rec_answer(fs, REC_OPEN, 1);
	file = dentry_open(&at->f_path, O_RDWR, current_cred());
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -EINVAL);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	actor_close(at);
}

/* C3: dentry_open() takes write access, and fails where there is none. */
void filp_dentry_open_takes_write_access(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *at, *file;

	add_file(test, fs);
	at = must_open(test, fs, "f", O_PATH);
	file = dentry_open(&at->f_path, O_WRONLY, current_cred());
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 1);
	KUNIT_EXPECT_EQ(test, deny_write_access(at), -ETXTBSY);
	actor_close(file);
	KUNIT_ASSERT_EQ(test, deny_write_access(at), 0);
	file = dentry_open(&at->f_path, O_WRONLY, current_cred());
	allow_write_access(at);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -ETXTBSY);
	fs->mnt->mnt_flags |= MNT_READONLY;
	file = dentry_open(&at->f_path, O_WRONLY, current_cred());
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -EROFS);
	actor_close(at);
}
