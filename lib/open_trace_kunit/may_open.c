// SPDX-License-Identifier: GPL-2.0
/* What may be opened how: file types, permissions, inode flags and mounts. */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mount.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

#define USER	1000
#define OTHER	1001

#define NULL_DEVICE	MKDEV(MEM_MAJOR, 3)
#define NO_DEVICE	MKDEV(CHRDEV_MAJOR_MAX - 1, MINORMASK)

struct open_row {
	const char *name;
	int flags;
	long err;
	const char *log;
};

enum who { ROOT, OWNER, GROUP, OTHERS };

/* A file, its mount, who opens it how, and what comes of that. */
struct world {
	const char *name;
	umode_t mode;
	enum who who;
	int flags;
	long err;
	unsigned int i_flags;
	int mnt_flags;
	unsigned long s_flags;
	unsigned long s_iflags;
	int cap;
	bool running;
	const char *log;
};

/* Gets a name into the dcache, so that logs begin after the lookup. */
static void look_up(struct kunit *test, struct rec_fs *fs, const char *name)
{
	KUNIT_ASSERT_EQ(test, actor_errno(fs, name, O_PATH | O_NOFOLLOW, 0), 0);
	rec_forget(fs);
}

static void expect_row(struct kunit *test, struct rec_fs *fs,
		       const struct cred *cred, const char *path,
		       const struct open_row *row)
{
	long err;

	rec_forget(fs);
	if (cred)
		err = actor_errno_as(fs, cred, path, row->flags, 0);
	else
		err = actor_errno(fs, path, row->flags, 0);
	KUNIT_EXPECT_EQ_MSG(test, err, row->err, "%s", row->name);
	flush_delayed_fput();
	KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s", row->name);
	KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%s", row->name);
}

static void expect_rows(struct kunit *test, struct rec_fs *fs,
			const char *path, const struct open_row *rows)
{
	look_up(test, fs, path);
	for (; rows->name; rows++)
		expect_row(test, fs, NULL, path, rows);
}

static const struct cred *who_opens(struct kunit *test, const struct world *w)
{
	struct cred *cred;

	if (w->who == ROOT)
		return NULL;
	/* Nobody else has it yet. */
	cred = (struct cred *)actor_cred(test, USER);
	if (w->cap)
		cap_raise(cred->cap_effective, w->cap);
	return cred;
}

static void expect_world(struct kunit *test, const struct world *w)
{
	struct open_row row = { w->name, w->flags, w->err, w->log };
	const struct cred *cred = who_opens(test, w);
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "f", w->mode);
	struct file *at;

	node->uid = KUIDT_INIT(w->who == OWNER ? USER : OTHER);
	node->gid = KGIDT_INIT(w->who == OTHERS ? OTHER : USER);
	node->i_flags = w->i_flags;
	node->rdev = NULL_DEVICE;
	at = actor_open(fs, "f", O_PATH, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	fs->mnt->mnt_flags |= w->mnt_flags;
	fs->sb->s_flags |= w->s_flags;
	fs->sb->s_iflags |= w->s_iflags;
	if (w->running)
		KUNIT_ASSERT_EQ(test, deny_write_access(at), 0);
	if (!row.log)
		row.log = row.err ? "" : "open(f) release(f)";
	expect_row(test, fs, cred, "f", &row);
	if (w->running)
		allow_write_access(at);
	actor_close(at);
}

static void expect_worlds(struct kunit *test, const struct world *w, size_t n)
{
	while (n--)
		expect_world(test, w++);
}

/* C3: a regular file takes every access mode, and is no directory. */
void filp_regular_file_opens_in_every_mode(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, "open(f) release(f)" },
		{ "O_WRONLY", O_WRONLY, 0, "open(f) release(f)" },
		{ "O_RDWR", O_RDWR, 0, "open(f) release(f)" },
		{ "3", O_ACCMODE, 0, "open(f) release(f)" },
		{ "O_APPEND", O_WRONLY | O_APPEND, 0, "open(f) release(f)" },
		{ "O_NOFOLLOW", O_RDWR | O_NOFOLLOW, 0, "open(f) release(f)" },
		{ "O_TRUNC", O_WRONLY | O_TRUNC, 0,
		  "open(f) setattr(f) release(f)" },
		{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY, -ENOTDIR, "" },
		{ "O_PATH", O_PATH, 0, "" },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY, -ENOTDIR, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	expect_rows(test, fs, "f", rows);
}

/* C3: a directory opens without MAY_WRITE, which O_TRUNC implies. */
void filp_directory_opens_for_reading_only(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, "open(d) release(d)" },
		{ "O_WRONLY", O_WRONLY, -EISDIR, "" },
		{ "O_RDWR", O_RDWR, -EISDIR, "" },
		{ "3", O_ACCMODE, -EISDIR, "" },
		{ "O_TRUNC", O_RDONLY | O_TRUNC, -EISDIR, "" },
		{ "O_WRONLY|O_DIRECTORY", O_WRONLY | O_DIRECTORY, -EISDIR, "" },
		{ "O_APPEND", O_RDONLY | O_APPEND, 0, "open(d) release(d)" },
		{ "O_NOFOLLOW", O_RDONLY | O_NOFOLLOW, 0, "open(d) release(d)" },
		{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY, 0,
		  "open(d) release(d)" },
		{ "O_PATH", O_PATH, 0, "" },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY, 0, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	expect_rows(test, fs, "d", rows);
}

/* C3: a symlink that is not followed is ELOOP, and no directory before that. */
void filp_symlink_itself_does_not_open(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY | O_NOFOLLOW, -ELOOP, "" },
		{ "O_WRONLY", O_WRONLY | O_NOFOLLOW, -ELOOP, "" },
		{ "O_RDWR|O_TRUNC", O_RDWR | O_TRUNC | O_NOFOLLOW, -ELOOP, "" },
		{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, -ENOTDIR,
		  "" },
		{ "O_PATH", O_PATH | O_NOFOLLOW, 0, "" },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY | O_NOFOLLOW,
		  -ENOTDIR, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "l", "f");
	expect_rows(test, fs, "l", rows);
}

/* C3: a FIFO's O_NONBLOCK: a reader need not wait, a writer has no reader. */
void filp_fifo_without_a_partner(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY | O_NONBLOCK, 0, "" },
		{ "O_WRONLY", O_WRONLY | O_NONBLOCK, -ENXIO, "" },
		{ "O_RDWR", O_RDWR, 0, "" },
		{ "3", O_ACCMODE | O_NONBLOCK, -EINVAL, "" },
		{ "O_TRUNC", O_RDWR | O_TRUNC, 0, "" },
		{ "O_APPEND", O_RDWR | O_APPEND, 0, "" },
		{ "O_NOFOLLOW", O_RDWR | O_NOFOLLOW, 0, "" },
		{ "O_DIRECTORY", O_RDWR | O_DIRECTORY, -ENOTDIR, "" },
		{ "O_PATH", O_PATH, 0, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "p", S_IFIFO | 0644);
	expect_rows(test, fs, "p", rows);
}

/* C3: with a reader there, a FIFO opens for writing at once. */
void filp_fifo_with_a_reader(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *reader;

	rec_add(fs, NULL, "p", S_IFIFO | 0644);
	reader = actor_open(fs, "p", O_RDONLY | O_NONBLOCK, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reader);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "p", O_WRONLY | O_NONBLOCK, 0), 0);
	actor_close(reader);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "p", O_WRONLY | O_NONBLOCK, 0),
			-ENXIO);
}

/* C3: a socket in the filesystem is not for open(). */
void filp_socket_does_not_open(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY, -ENXIO, "" },
		{ "O_WRONLY", O_WRONLY, -ENXIO, "" },
		{ "O_RDWR", O_RDWR, -ENXIO, "" },
		{ "O_TRUNC", O_RDWR | O_TRUNC, -ENXIO, "" },
		{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY, -ENOTDIR, "" },
		{ "O_PATH", O_PATH, 0, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "s", S_IFSOCK | 0666);
	expect_rows(test, fs, "s", rows);
}

/* C3: a character device opens its driver, here /dev/null's. */
void filp_character_device_opens_its_driver(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, "" },
		{ "O_WRONLY", O_WRONLY, 0, "" },
		{ "O_RDWR", O_RDWR, 0, "" },
		{ "O_TRUNC", O_WRONLY | O_TRUNC, 0, "" },
		{ "O_NOFOLLOW", O_RDWR | O_NOFOLLOW, 0, "" },
		{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY, -ENOTDIR, "" },
		{ "O_PATH", O_PATH, 0, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	rec_add(fs, NULL, "c", S_IFCHR | 0666)->rdev = NULL_DEVICE;
	expect_rows(test, fs, "c", rows);
	file = actor_open(fs, "c", O_WRONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_NE(test, file->f_op, &def_chr_fops);
	KUNIT_EXPECT_NOT_NULL(test, file->f_op->write);
	actor_close(file);
}

/* C3: a device number that no driver has; 6.5 did away with ENODEV. */
void filp_device_without_a_driver(struct kunit *test)
{
	bool enodev = !IS_ENABLED(CONFIG_BLOCK) && !ot_since(6, 5);
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "c", S_IFCHR | 0666)->rdev = NO_DEVICE;
	rec_add(fs, NULL, "b", S_IFBLK | 0666)->rdev = NO_DEVICE;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "c", O_RDWR, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_RDWR, 0),
			enodev ? -ENODEV : -ENXIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_PATH, 0), 0);
}

/* C3: OPENAT2_REGULAR is EFTYPE for all else, before the type's own errno. */
void filp_regular_only_refuses_other_types(struct kunit *test)
{
#ifdef OPENAT2_REGULAR
	static const struct {
		const char *name;
		umode_t type;
		long err;
	} rows[] = {
		{ "file", S_IFREG, 0 },
		{ "dir", S_IFDIR, -EFTYPE },
		{ "fifo", S_IFIFO, -EFTYPE },
		{ "socket", S_IFSOCK, -EFTYPE },
		{ "char", S_IFCHR, -EFTYPE },
	};
	struct open_how how = { .flags = O_RDWR | OPENAT2_REGULAR };
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_add(fs, NULL, rows[i].name, rows[i].type | 0644);
		file = actor_openat2(fs, rows[i].name, &how);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), rows[i].err,
				    "%s", rows[i].name);
		if (!IS_ERR(file))
			actor_close(file);
	}
#else
	kunit_skip(test, "this kernel has no OPENAT2_REGULAR");
#endif
}

/* C3: of the mode bits one class decides, the first that is the opener's. */
void filp_mode_bits_of_owner_group_and_others(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "owner reads", S_IFREG | 0400, OWNER, O_RDONLY, 0 },
		{ "owner may not write",
		  S_IFREG | 0466, OWNER, O_WRONLY, -EACCES },
		{ "owner writes", S_IFREG | 0200, OWNER, O_WRONLY, 0 },
		{ "owner may not read",
		  S_IFREG | 0266, OWNER, O_RDONLY, -EACCES },
		{ "owner reads and writes", S_IFREG | 0600, OWNER, O_RDWR, 0 },
		{ "O_RDWR needs write",
		  S_IFREG | 0400, OWNER, O_RDWR, -EACCES },
		{ "O_RDWR needs read", S_IFREG | 0200, OWNER, O_RDWR, -EACCES },
		{ "3 needs write", S_IFREG | 0400, OWNER, O_ACCMODE, -EACCES },
		{ "3 needs read", S_IFREG | 0200, OWNER, O_ACCMODE, -EACCES },
		{ "owner not as group",
		  S_IFREG | 0077, OWNER, O_RDONLY, -EACCES },
		{ "group reads", S_IFREG | 0040, GROUP, O_RDONLY, 0 },
		{ "group may not write",
		  S_IFREG | 0646, GROUP, O_WRONLY, -EACCES },
		{ "group not as others",
		  S_IFREG | 0606, GROUP, O_RDONLY, -EACCES },
		{ "others read", S_IFREG | 0004, OTHERS, O_RDONLY, 0 },
		{ "others may not write",
		  S_IFREG | 0664, OTHERS, O_WRONLY, -EACCES },
		{ "others not as owner",
		  S_IFREG | 0660, OTHERS, O_RDONLY, -EACCES },
		{ "directory needs read",
		  S_IFDIR | 0711, OTHERS, O_RDONLY, -EACCES },
		{ "FIFO needs write", S_IFIFO | 0644, OTHERS, O_RDWR, -EACCES },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: O_TRUNC asks for write permission, with O_RDONLY too; O_APPEND does not. */
void filp_trunc_needs_write_permission(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "O_TRUNC without it",
		  S_IFREG | 0444, OWNER, O_RDONLY | O_TRUNC, -EACCES },
		{ "O_TRUNC with it",
		  S_IFREG | 0644, OWNER, O_RDONLY | O_TRUNC, 0,
		  .log = "open(f) setattr(f) release(f)" },
		{ "O_APPEND without it",
		  S_IFREG | 0444, OWNER, O_RDONLY | O_APPEND, 0 },
		{ "O_TRUNC of a FIFO",
		  S_IFIFO | 0444, OWNER, O_NONBLOCK | O_TRUNC, -EACCES },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: CAP_DAC_OVERRIDE opens all, CAP_DAC_READ_SEARCH for reading only. */
void filp_capabilities_override_mode_bits(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "root reads and writes", S_IFREG | 0, ROOT, O_RDWR, 0 },
		{ "root reads a directory", S_IFDIR | 0, ROOT, O_RDONLY, 0 },
		{ "override writes", S_IFREG | 0, OTHERS, O_RDWR, 0,
		  .cap = CAP_DAC_OVERRIDE },
		{ "read-search reads", S_IFREG | 0, OTHERS, O_RDONLY, 0,
		  .cap = CAP_DAC_READ_SEARCH },
		{ "read-search does not write",
		  S_IFREG | 0, OTHERS, O_WRONLY, -EACCES,
		  .cap = CAP_DAC_READ_SEARCH },
		{ "read-search reads a directory",
		  S_IFDIR | 0, OTHERS, O_RDONLY, 0,
		  .cap = CAP_DAC_READ_SEARCH },
		{ "another does not help",
		  S_IFREG | 0, OTHERS, O_RDONLY, -EACCES,
		  .cap = CAP_FOWNER },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: an append-only file is written with O_APPEND, by root too, and not cut. */
void filp_append_only_file_is_written_at_its_end(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "O_RDONLY", S_IFREG | 0644, ROOT, O_RDONLY, 0,
		  .i_flags = S_APPEND },
		{ "O_WRONLY", S_IFREG | 0644, ROOT, O_WRONLY, -EPERM,
		  .i_flags = S_APPEND },
		{ "O_RDWR", S_IFREG | 0644, ROOT, O_RDWR, -EPERM,
		  .i_flags = S_APPEND },
		{ "3", S_IFREG | 0644, ROOT, O_ACCMODE, -EPERM,
		  .i_flags = S_APPEND },
		{ "O_WRONLY|O_APPEND",
		  S_IFREG | 0644, ROOT, O_WRONLY | O_APPEND, 0,
		  .i_flags = S_APPEND },
		{ "O_RDWR|O_APPEND", S_IFREG | 0644, ROOT, O_RDWR | O_APPEND, 0,
		  .i_flags = S_APPEND },
		{ "O_TRUNC", S_IFREG | 0644, ROOT, O_RDONLY | O_TRUNC, -EPERM,
		  .i_flags = S_APPEND },
		{ "O_APPEND|O_TRUNC",
		  S_IFREG | 0644, ROOT, O_WRONLY | O_APPEND | O_TRUNC, -EPERM,
		  .i_flags = S_APPEND },
		{ "O_PATH", S_IFREG | 0644, ROOT, O_PATH, 0,
		  .i_flags = S_APPEND,
		  .log = "" },
		{ "O_TRUNC of a FIFO is nothing",
		  S_IFIFO | 0644, ROOT, O_RDWR | O_APPEND | O_TRUNC, 0,
		  .i_flags = S_APPEND,
		  .log = "" },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: an immutable file is for reading, for root too. */
void filp_immutable_file_is_not_written(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "O_RDONLY", S_IFREG | 0644, ROOT, O_RDONLY, 0,
		  .i_flags = S_IMMUTABLE },
		{ "O_WRONLY", S_IFREG | 0644, ROOT, O_WRONLY, -EPERM,
		  .i_flags = S_IMMUTABLE },
		{ "O_RDWR|O_APPEND",
		  S_IFREG | 0644, ROOT, O_RDWR | O_APPEND, -EPERM,
		  .i_flags = S_IMMUTABLE },
		{ "O_TRUNC", S_IFREG | 0644, ROOT, O_RDONLY | O_TRUNC, -EPERM,
		  .i_flags = S_IMMUTABLE },
		{ "O_RDONLY|O_APPEND",
		  S_IFREG | 0644, ROOT, O_RDONLY | O_APPEND, 0,
		  .i_flags = S_IMMUTABLE },
		{ "FIFO", S_IFIFO | 0644, ROOT, O_RDWR, -EPERM,
		  .i_flags = S_IMMUTABLE },
		{ "O_PATH", S_IFREG | 0644, ROOT, O_PATH, 0,
		  .i_flags = S_IMMUTABLE,
		  .log = "" },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: O_NOATIME is for the owner and CAP_FOWNER, whatever the mode bits say. */
void filp_noatime_is_for_the_owner(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "owner", S_IFREG | 0666, OWNER, O_RDONLY | O_NOATIME, 0 },
		{ "another",
		  S_IFREG | 0666, OTHERS, O_RDONLY | O_NOATIME, -EPERM },
		{ "group",
		  S_IFREG | 0666, GROUP, O_RDONLY | O_NOATIME, -EPERM },
		{ "CAP_FOWNER", S_IFREG | 0666, OTHERS, O_RDONLY | O_NOATIME, 0,
		  .cap = CAP_FOWNER },
		{ "root", S_IFREG | 0666, ROOT, O_RDONLY | O_NOATIME, 0 },
		{ "not asked for", S_IFREG | 0666, OTHERS, O_RDONLY, 0 },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: who is the owner must be known before a file is written, by root too. */
void filp_file_of_an_unmapped_owner_is_not_written(struct kunit *test)
{
	static const struct open_row rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, "open(f) release(f)" },
		{ "O_WRONLY", O_WRONLY, -EACCES, "" },
		{ "O_RDWR", O_RDWR, -EACCES, "" },
		{ "O_TRUNC", O_RDONLY | O_TRUNC, -EACCES, "" },
		{ "O_PATH", O_PATH, 0, "" },
		{ }
	};
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "f", S_IFREG | 0666)->uid = INVALID_UID;
	expect_rows(test, fs, "f", rows);
}

/* C3: nodev, of the mount or of the superblock, is about devices alone. */
void filp_nodev_mount_opens_no_device(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "device", S_IFCHR | 0666, ROOT, O_RDWR, 0,
		  .log = "" },
		{ "character device, mount",
		  S_IFCHR | 0666, ROOT, O_RDONLY, -EACCES,
		  .mnt_flags = MNT_NODEV },
		{ "character device, superblock",
		  S_IFCHR | 0666, ROOT, O_RDONLY, -EACCES,
		  .s_iflags = SB_I_NODEV },
		{ "block device, mount",
		  S_IFBLK | 0666, ROOT, O_RDONLY, -EACCES,
		  .mnt_flags = MNT_NODEV },
		{ "block device, superblock",
		  S_IFBLK | 0666, ROOT, O_RDONLY, -EACCES,
		  .s_iflags = SB_I_NODEV },
		{ "FIFO", S_IFIFO | 0666, ROOT, O_RDWR, 0,
		  .mnt_flags = MNT_NODEV,
		  .log = "" },
		{ "socket", S_IFSOCK | 0666, ROOT, O_RDWR, -ENXIO,
		  .mnt_flags = MNT_NODEV },
		{ "file", S_IFREG | 0666, ROOT, O_RDWR, 0,
		  .mnt_flags = MNT_NODEV },
		{ "directory", S_IFDIR | 0777, ROOT, O_RDONLY, 0,
		  .s_iflags = SB_I_NODEV },
		{ "O_PATH of a device", S_IFCHR | 0666, ROOT, O_PATH, 0,
		  .mnt_flags = MNT_NODEV,
		  .log = "" },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: read-only, of mount or superblock, is about files, not about devices. */
void filp_read_only_mount_opens_no_file_for_writing(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "mount, O_RDONLY", S_IFREG | 0644, ROOT, O_RDONLY, 0,
		  .mnt_flags = MNT_READONLY },
		{ "mount, O_WRONLY", S_IFREG | 0644, ROOT, O_WRONLY, -EROFS,
		  .mnt_flags = MNT_READONLY },
		{ "mount, O_RDWR", S_IFREG | 0644, ROOT, O_RDWR, -EROFS,
		  .mnt_flags = MNT_READONLY },
		{ "mount, O_TRUNC",
		  S_IFREG | 0644, ROOT, O_RDONLY | O_TRUNC, -EROFS,
		  .mnt_flags = MNT_READONLY },
		{ "mount, directory", S_IFDIR | 0755, ROOT, O_RDONLY, 0,
		  .mnt_flags = MNT_READONLY },
		{ "mount, FIFO", S_IFIFO | 0644, ROOT, O_RDWR | O_TRUNC, 0,
		  .mnt_flags = MNT_READONLY,
		  .log = "" },
		{ "mount, device", S_IFCHR | 0644, ROOT, O_WRONLY | O_TRUNC, 0,
		  .mnt_flags = MNT_READONLY,
		  .log = "" },
		{ "mount, O_PATH", S_IFREG | 0644, ROOT, O_PATH, 0,
		  .mnt_flags = MNT_READONLY,
		  .log = "" },
		{ "superblock, O_RDONLY", S_IFREG | 0644, ROOT, O_RDONLY, 0,
		  .s_flags = SB_RDONLY },
		{ "superblock, O_WRONLY",
		  S_IFREG | 0644, ROOT, O_WRONLY, -EROFS,
		  .s_flags = SB_RDONLY },
		{ "superblock, O_RDWR", S_IFREG | 0644, ROOT, O_RDWR, -EROFS,
		  .s_flags = SB_RDONLY },
		{ "superblock, O_TRUNC",
		  S_IFREG | 0644, ROOT, O_RDONLY | O_TRUNC, -EROFS,
		  .s_flags = SB_RDONLY },
		{ "superblock, directory", S_IFDIR | 0755, ROOT, O_RDONLY, 0,
		  .s_flags = SB_RDONLY },
		{ "superblock, FIFO", S_IFIFO | 0644, ROOT, O_RDWR | O_TRUNC, 0,
		  .s_flags = SB_RDONLY,
		  .log = "" },
		{ "superblock, device",
		  S_IFCHR | 0644, ROOT, O_WRONLY | O_TRUNC, 0,
		  .s_flags = SB_RDONLY,
		  .log = "" },
		{ "superblock, O_PATH", S_IFREG | 0644, ROOT, O_PATH, 0,
		  .s_flags = SB_RDONLY,
		  .log = "" },
		{ "mount, 3", S_IFREG | 0644, ROOT, O_ACCMODE, 0,
		  .mnt_flags = MNT_READONLY },
		{ "superblock, 3", S_IFREG | 0644, ROOT, O_ACCMODE, -EROFS,
		  .s_flags = SB_RDONLY },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: who is executed is not opened for writing, nor truncated. */
void filp_running_program_is_text_busy(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "O_RDONLY", S_IFREG | 0755, ROOT, O_RDONLY, 0,
		  .running = true },
		{ "O_WRONLY", S_IFREG | 0755, ROOT, O_WRONLY, -ETXTBSY,
		  .running = true },
		{ "O_RDWR", S_IFREG | 0755, ROOT, O_RDWR, -ETXTBSY,
		  .running = true },
		{ "3", S_IFREG | 0755, ROOT, O_ACCMODE, 0,
		  .running = true },
		{ "O_PATH", S_IFREG | 0755, ROOT, O_PATH, 0,
		  .running = true,
		  .log = "" },
		{ "O_WRONLY|O_TRUNC",
		  S_IFREG | 0755, ROOT, O_WRONLY | O_TRUNC, -ETXTBSY,
		  .running = true },
		{ "O_RDONLY|O_TRUNC, after ->open",
		  S_IFREG | 0755, ROOT, O_RDONLY | O_TRUNC, -ETXTBSY,
		  .running = true,
		  .log = "open(f) release(f)" },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: the type's errno and EEXIST come before the right to do it. */
void filp_precedence_of_type_errors(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "EISDIR before EACCES",
		  S_IFDIR | 0, OTHERS, O_WRONLY, -EISDIR },
		{ "EISDIR before EROFS",
		  S_IFDIR | 0755, ROOT, O_WRONLY, -EISDIR,
		  .s_flags = SB_RDONLY },
		{ "EISDIR before EPERM", S_IFDIR | 0755, ROOT, O_RDWR, -EISDIR,
		  .i_flags = S_IMMUTABLE },
		{ "EISDIR before the mount's EROFS",
		  S_IFDIR | 0755, ROOT, O_WRONLY | O_TRUNC, -EISDIR,
		  .mnt_flags = MNT_READONLY },
		{ "ENOTDIR before EACCES",
		  S_IFREG | 0, OTHERS, O_RDONLY | O_DIRECTORY, -ENOTDIR },
		{ "ENOTDIR before EROFS",
		  S_IFREG | 0644, ROOT, O_WRONLY | O_TRUNC | O_DIRECTORY, -ENOTDIR,
		  .mnt_flags = MNT_READONLY },
		{ "ENOTDIR before ENXIO",
		  S_IFSOCK | 0644, ROOT, O_RDONLY | O_DIRECTORY, -ENOTDIR },
		{ "EEXIST before EISDIR",
		  S_IFDIR | 0755, ROOT, O_CREAT | O_EXCL | O_WRONLY, -EEXIST },
		{ "EEXIST before EACCES",
		  S_IFREG | 0, OTHERS, O_CREAT | O_EXCL | O_RDWR, -EEXIST },
		{ "EEXIST before EROFS",
		  S_IFREG | 0644, ROOT, O_CREAT | O_EXCL | O_WRONLY, -EEXIST,
		  .mnt_flags = MNT_READONLY },
		{ "O_CREAT makes a directory EISDIR",
		  S_IFDIR | 0755, ROOT, O_CREAT | O_RDONLY, -EISDIR },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: EROFS of the superblock comes first, of the mount last. */
void filp_precedence_of_erofs(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "EACCES before the mount's EROFS",
		  S_IFREG | 0444, OTHERS, O_WRONLY, -EACCES,
		  .mnt_flags = MNT_READONLY },
		{ "superblock's EROFS before EACCES",
		  S_IFREG | 0444, OTHERS, O_WRONLY, -EROFS,
		  .s_flags = SB_RDONLY },
		{ "O_TRUNC's EROFS before EACCES",
		  S_IFREG | 0444, OTHERS, O_WRONLY | O_TRUNC, -EROFS,
		  .mnt_flags = MNT_READONLY },
		{ "EROFS before EPERM", S_IFREG | 0644, ROOT, O_WRONLY, -EROFS,
		  .s_flags = SB_RDONLY,
		  .i_flags = S_IMMUTABLE },
		{ "EPERM before the mount's EROFS",
		  S_IFREG | 0644, ROOT, O_WRONLY, -EPERM,
		  .mnt_flags = MNT_READONLY,
		  .i_flags = S_IMMUTABLE },
		{ "ETXTBSY before the mount's EROFS",
		  S_IFREG | 0755, ROOT, O_WRONLY, -ETXTBSY,
		  .running = true,
		  .mnt_flags = MNT_READONLY },
		{ "O_TRUNC's EROFS before ETXTBSY",
		  S_IFREG | 0755, ROOT, O_WRONLY | O_TRUNC, -EROFS,
		  .running = true,
		  .mnt_flags = MNT_READONLY },
		{ "superblock's EROFS before ETXTBSY",
		  S_IFREG | 0755, ROOT, O_WRONLY, -EROFS,
		  .running = true,
		  .s_flags = SB_RDONLY },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* C3: ->permission is told that an open asks, and for what. */
void filp_permission_is_told_of_the_open(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR, 0), 0);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_PERMISSION, 1)->flags,
			(unsigned int)(MAY_OPEN | MAY_READ | MAY_WRITE));
}

/* C3: EACCES, then EPERM, then what do_dentry_open() finds. */
void filp_precedence_of_permission(struct kunit *test)
{
	static const struct world worlds[] = {
		{ "immutable EPERM before EACCES",
		  S_IFREG | 0444, OTHERS, O_WRONLY, -EPERM,
		  .i_flags = S_IMMUTABLE },
		{ "EACCES before append-only EPERM",
		  S_IFREG | 0444, OTHERS, O_WRONLY, -EACCES,
		  .i_flags = S_APPEND },
		{ "EACCES before O_NOATIME's EPERM",
		  S_IFREG | 0, OTHERS, O_RDONLY | O_NOATIME, -EACCES },
		{ "EACCES before ETXTBSY",
		  S_IFREG | 0555, OTHERS, O_WRONLY, -EACCES,
		  .running = true },
		{ "EPERM before ETXTBSY",
		  S_IFREG | 0755, ROOT, O_WRONLY, -EPERM,
		  .running = true,
		  .i_flags = S_APPEND },
		{ "ETXTBSY before O_DIRECT's EINVAL",
		  S_IFREG | 0755, ROOT, O_WRONLY | O_DIRECT, -ETXTBSY,
		  .running = true },
		{ "EACCES before ENXIO",
		  S_IFSOCK | 0, OTHERS, O_RDONLY, -EACCES },
		{ "nodev's EACCES before immutable EPERM",
		  S_IFCHR | 0666, ROOT, O_WRONLY, -EACCES,
		  .mnt_flags = MNT_NODEV,
		  .i_flags = S_IMMUTABLE },
		{ "immutable EPERM before ENXIO",
		  S_IFSOCK | 0666, ROOT, O_WRONLY, -EPERM,
		  .i_flags = S_IMMUTABLE },
	};

	expect_worlds(test, worlds, ARRAY_SIZE(worlds));
}

/* Opens as execve() does; the errno, or 0 when it may run. */
static long run(struct rec_fs *fs, const struct cred *cred, const char *path)
{
	struct fs_struct *old_fs = actor_swap_fs(fs->task_fs);
	const struct cred *old = override_creds(cred);
	struct file *file = open_exec(path);

	revert_creds(old);
	actor_swap_fs(old_fs);
	if (IS_ERR(file)) {
		flush_delayed_fput();
		return PTR_ERR(file);
	}
	allow_write_access(file);
	actor_close(file);
	return 0;
}

/* C3: execution wants a regular file and an x bit, of root too, but no read. */
void filp_exec_open_wants_an_x_bit(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t mode;
		unsigned int uid;
		long err;
	} rows[] = {
		{ "x", S_IFREG | 0111, USER, 0 },
		{ "rw", S_IFREG | 0666, USER, -EACCES },
		{ "root-rw", S_IFREG | 0666, 0, -EACCES },
		{ "root-x", S_IFREG | 0001, 0, 0 },
		{ "dir", S_IFDIR | 0777, 0, -EACCES },
		{ "socket", S_IFSOCK | 0777, 0, -EACCES },
		{ "char", S_IFCHR | 0777, 0, -EACCES },
	};
	struct rec_fs *fs = rec_mount(test, 0);

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct cred *cred = rows[i].uid ?
			actor_cred(test, rows[i].uid) : current_cred();

		rec_add(fs, NULL, rows[i].name, rows[i].mode)->rdev =
			NULL_DEVICE;
		look_up(test, fs, rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, run(fs, cred, rows[i].name),
				    rows[i].err, "%s", rows[i].name);
		if (rows[i].err)
			KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), "", "%s",
					       rows[i].name);
	}
}

/* C3: noexec, of the mount or of the superblock, stops before ->open. */
void filp_noexec_mount_runs_nothing(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "x", S_IFREG | 0755);
	KUNIT_EXPECT_EQ(test, run(fs, current_cred(), "x"), 0);
	fs->mnt->mnt_flags |= MNT_NOEXEC;
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, run(fs, current_cred(), "x"), -EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	fs->mnt->mnt_flags &= ~MNT_NOEXEC;
	fs->sb->s_iflags |= SB_I_NOEXEC;
	KUNIT_EXPECT_EQ(test, run(fs, current_cred(), "x"), -EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "x", O_RDWR, 0), 0);
}

/* C3: who is open for writing is not executed; afterwards it is. */
void filp_file_open_for_writing_does_not_run(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *writer;

	rec_add(fs, NULL, "x", S_IFREG | 0755);
	writer = actor_open(fs, "x", O_WRONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, writer);
	KUNIT_EXPECT_EQ(test, run(fs, current_cred(), "x"), -ETXTBSY);
	actor_close(writer);
	KUNIT_EXPECT_EQ(test, run(fs, current_cred(), "x"), 0);
}
