// SPDX-License-Identifier: GPL-2.0
/* The descriptor. */
#include <kunit/test.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

struct fd_call {
	int dfd;
	const char __user *name;
	int flags;
	umode_t mode;
	unsigned long limit;	/* RLIMIT_NOFILE */
};

static long fd_do_sys_open(struct actor_user *user, void *data)
{
	struct rlimit *rlim = &current->signal->rlim[RLIMIT_NOFILE];
	unsigned long limit = rlim->rlim_cur;
	struct fd_call *call = data;
	long fd;

	rlim->rlim_cur = call->limit;
	fd = do_sys_open(call->dfd, call->name, call->flags, call->mode);
	rlim->rlim_cur = limit;
	return fd;
}

static long fd_openat(struct actor_user *user, int dfd, const char *name, int flags)
{
	struct fd_call call = {
		.dfd = dfd,
		.name = user->mem,
		.flags = flags,
		.mode = 0600,
		.limit = 1024,
	};

	return actor_syscall(user, name, strlen(name) + 1, fd_do_sys_open, &call);
}

static long fd_open(struct actor_user *user, const char *name, int flags)
{
	return fd_openat(user, AT_FDCWD, name, flags);
}

static long fd_open_limited(struct actor_user *user, unsigned long limit,
			    const char *name, int flags)
{
	struct fd_call call = {
		.dfd = AT_FDCWD,
		.name = user->mem,
		.flags = flags,
		.limit = limit,
	};

	return actor_syscall(user, name, strlen(name) + 1, fd_do_sys_open, &call);
}

/* The name is where the pointer says; @mem is put in its place all the same. */
static long fd_open_pointer(struct actor_user *user, const char __user *name,
			    const void *mem, size_t size, unsigned long limit)
{
	struct fd_call call = {
		.dfd = AT_FDCWD,
		.name = name,
		.flags = O_PATH,
		.limit = limit,
	};

	return actor_syscall(user, mem, size, fd_do_sys_open, &call);
}

/* Without a reference: good as long as the descriptor is open. */
static struct file *fd_leads_to(long fd)
{
	struct file *file = fget_raw(fd);

	if (file)
		fput(file);
	return file;
}

static struct inode *fd_inode(long fd)
{
	struct file *file = fd_leads_to(fd);

	return file ? file_inode(file) : NULL;
}

/* A mount with a file in it. */
static struct rec_fs *fd_mount(struct kunit *test, unsigned long has)
{
	struct rec_fs *fs = rec_mount(test, has);

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	return fs;
}

static struct actor_user *fd_user(struct kunit *test)
{
	return actor_user(test, fd_mount(test, 0));
}

/* R1: the lowest free descriptor is given, and holes are filled from below. */
void fd_lowest_free_is_given(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	int i;

	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_RDONLY), i);
	close_fd(3);
	close_fd(1);
	KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_RDONLY), 1);
	KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_RDONLY), 3);
	KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_RDONLY), 5);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, close_fd(i), 0);
	KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_RDONLY), 0);
	KUNIT_EXPECT_EQ(test, close_fd(0), 0);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* R1: the struct file of the walk is the one at the descriptor, however it was opened. */
void fd_leads_to_the_file_of_the_walk(struct kunit *test)
{
	static const struct {
		const char *name;
		unsigned long has;
		const char *path;
		int flags;
		enum rec_op op;
		const char *log;
	} rows[] = {
		{ "open", 0, "a", O_RDWR, REC_OPEN, "d_init(a) lookup(a) open(a)" },
		{ "create", 0, "b", O_RDWR | O_CREAT, REC_OPEN,
		  "d_init(b) lookup(b creat) create(b 100600) open(b)" },
		{ "atomic_open", REC_HAS_ATOMIC_OPEN, "a", O_RDWR,
		  REC_ATOMIC_OPEN, "d_init(a) atomic_open(a 0) open(a)" },
		{ "tmpfile", REC_HAS_TMPFILE, ".", O_RDWR | O_TMPFILE, REC_TMPFILE,
		  "d_init(/) tmpfile(100600) open(#tmp)" },
	};
	struct actor_user *user = fd_user(test);
	struct file *file;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		user->fs = fd_mount(test, rows[i].has);
		KUNIT_ASSERT_EQ_MSG(test, fd_open(user, rows[i].path,
						  rows[i].flags),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(user->fs), rows[i].log, "%s",
				       rows[i].name);
		file = fget_raw(0);
		KUNIT_ASSERT_NOT_NULL_MSG(test, file, "%s", rows[i].name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, (const struct file *)file,
					rec_call(user->fs, rows[i].op, 0)->file,
					"%s", rows[i].name);
		/* the descriptor's reference and ours */
		KUNIT_EXPECT_EQ_MSG(test, (long)file_count(file), 2L, "%s",
				    rows[i].name);
		fput(file);
		close_fd(0);
		KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
	}
}

/* R1: each open has a struct file of its own. */
void fd_of_each_open_is_another_file(struct kunit *test)
{
	struct actor_user *user = fd_user(test);

	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_RDONLY), 0);
	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_RDONLY), 1);
	KUNIT_EXPECT_PTR_NE(test, fd_leads_to(0), fd_leads_to(1));
	KUNIT_EXPECT_PTR_EQ(test, fd_inode(0), fd_inode(1));
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs),
			   "d_init(a) lookup(a) open(a) open(a)");
	close_fd(0);
	close_fd(1);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* O_CLOEXEC sets the descriptor's flag; its absence clears what the last one left. */
void fd_cloexec_is_as_asked(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		bool cloexec;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, false },
		{ "O_CLOEXEC", O_CLOEXEC, true },
		{ "O_RDONLY again", O_RDONLY, false },
		{ "O_PATH|O_CLOEXEC", O_PATH | O_CLOEXEC, true },
		{ "O_PATH", O_PATH, false },
		{ "O_CREAT|O_CLOEXEC", O_CREAT | O_CLOEXEC, true },
		{ "O_CREAT", O_CREAT, false },
	};
	struct actor_user *user = fd_user(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_EQ_MSG(test, fd_open(user, "a", rows[i].flags), 0,
				    "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, get_close_on_exec(0), rows[i].cloexec,
				    "%s", rows[i].name);
		close_fd(0);
	}
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

struct fd_seen {
	unsigned int descriptors;
	struct file *file;
};

static struct dentry *fd_look_at_table(struct rec_fs *fs, struct inode *dir,
				       struct dentry *dentry, unsigned int flags)
{
	struct fd_seen *seen = fs->priv;

	seen->descriptors = actor_descriptors();
	seen->file = fd_leads_to(0);
	return rec_lookup(fs, dir, dentry, flags);
}

/* R1: during the walk the descriptor is taken, but leads nowhere yet. */
void fd_is_reserved_during_the_walk(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	struct fd_seen seen = { .file = ERR_PTR(-EIO) };

	user->fs->priv = &seen;
	user->fs->lookup = fd_look_at_table;
	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_RDONLY), 0);
	KUNIT_EXPECT_EQ(test, seen.descriptors, 1U);
	KUNIT_EXPECT_NULL(test, seen.file);
	KUNIT_EXPECT_NOT_NULL(test, fd_leads_to(0));
	close_fd(0);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* R1, C3: an error leaves no descriptor behind; the next open is given the same. */
void fd_of_a_failure_is_free_again(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
		enum rec_op op;	/* fails with EIO */
		long err;
		const char *log;
	} rows[] = {
		{ "missing", "m", O_RDONLY, REC_OPS, -ENOENT,
		  "d_init(m) lookup(m)" },
		{ "no such path", "", O_RDONLY, REC_OPS, -ENOENT, "" },
		{ "flags", "a", O_CREAT | O_DIRECTORY, REC_OPS, -EINVAL, "" },
		{ "lookup", "a", O_RDONLY, REC_LOOKUP, -EIO,
		  "d_init(a) lookup(a) d_release(a)" },
		{ "open", "a", O_RDONLY, REC_OPEN, -EIO,
		  "d_init(a) lookup(a) open(a)" },
		{ "create", "b", O_CREAT, REC_CREATE, -EIO,
		  "d_init(b) lookup(b creat) create(b 100600)" },
		{ "exists", "a", O_CREAT | O_EXCL, REC_OPS, -EEXIST,
		  "d_init(a) lookup(a creat excl)" },
		{ "directory", "a", O_DIRECTORY, REC_OPS, -ENOTDIR,
		  "d_init(a) lookup(a dir)" },
	};
	struct actor_user *user = fd_user(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		user->fs = fd_mount(test, 0);
		if (rows[i].op != REC_OPS)
			rec_answer(user->fs, rows[i].op, -EIO);
		KUNIT_EXPECT_EQ_MSG(test, fd_open(user, rows[i].path,
						  rows[i].flags),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(user->fs), rows[i].log, "%s",
				       rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, actor_descriptors(), 0U, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, fd_open(user, "a", O_RDONLY), 0, "%s",
				    rows[i].name);
		close_fd(0);
	}
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* A name that the task cannot read is EFAULT, and nothing is walked or taken. */
void fd_bad_pointer_is_efault(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	char __user *end = user->mem + ACTOR_USER_SIZE;
	struct {
		const char *name;
		const char __user *pointer;
	} rows[] = {
		{ "NULL", NULL },
		{ "one", (char __user *)1 },
		{ "behind the memory", end },
		{ "the kernel's", (char __force __user *)rows },
		{ "the last", (char __user *)-1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, fd_open_pointer(user, rows[i].pointer,
							  "a", 2, 1),
				    -EFAULT, "%s", rows[i].name);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "");
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* A name may end with the task's memory, but not go on behind it. */
void fd_name_ends_with_the_memory(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	char __user *end = user->mem + ACTOR_USER_SIZE;
	char *mem = kunit_kzalloc(test, ACTOR_USER_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem[ACTOR_USER_SIZE - 2] = 'a';
	KUNIT_EXPECT_EQ(test, fd_open_pointer(user, end - 2, mem, ACTOR_USER_SIZE,
					      1), 0);
	KUNIT_EXPECT_EQ(test, close_fd(0), 0);
	mem[ACTOR_USER_SIZE - 1] = 'a';
	KUNIT_EXPECT_EQ(test, fd_open_pointer(user, end - 1, mem, ACTOR_USER_SIZE,
					      1), -EFAULT);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* "a" by a path of that many bytes: "a", "/a", "./a", "/./a", ... */
static long fd_open_long(struct actor_user *user, char *buf, int len)
{
	int i;

	buf[len] = '\0';
	for (i = 0; i < len; i++)
		buf[len - 1 - i] = "/."[(i + 1) & 1];
	buf[len - 1] = 'a';
	return fd_open(user, buf, O_PATH);
}

/* A path of up to PATH_MAX - 1 bytes arrives whole, wherever the kernel keeps it. */
void fd_path_of_any_length_arrives(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	char *buf = kunit_kzalloc(test, PATH_MAX + 2, GFP_KERNEL);
	struct inode *a;
	int len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_PATH), 0);
	a = fd_inode(0);
	KUNIT_ASSERT_NOT_NULL(test, a);
	for (len = 1; len < PATH_MAX; len = len == 256 ? PATH_MAX - 64 : len + 1) {
		KUNIT_ASSERT_EQ_MSG(test, fd_open_long(user, buf, len), 1, "%d",
				    len);
		KUNIT_EXPECT_PTR_EQ_MSG(test, fd_inode(1), a, "%d", len);
		close_fd(1);
	}
	KUNIT_EXPECT_EQ(test, fd_open_long(user, buf, PATH_MAX), -ENAMETOOLONG);
	KUNIT_EXPECT_EQ(test, fd_open_long(user, buf, PATH_MAX + 1), -ENAMETOOLONG);
	close_fd(0);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* R1: no descriptor, no walk: at the limit the filesystem is not asked. */
void fd_limit_comes_before_the_walk(struct kunit *test)
{
	struct actor_user *user = fd_user(test);

	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 0, "a", O_RDONLY), -EMFILE);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 0, "m", O_RDONLY), -EMFILE);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "");
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);

	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 1, "a", O_RDONLY), 0);
	rec_forget(user->fs);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 1, "a", O_RDONLY), -EMFILE);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "");
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 2, "a", O_RDONLY), 1);
	close_fd(0);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 1, "a", O_RDONLY), 0);
	close_fd(0);
	close_fd(1);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* What is wrong first: the flags, the name and the limit; since 7.0 the limit, the name. */
void fd_errors_have_an_order(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	char *long_name = kunit_kzalloc(test, PATH_MAX + 2, GFP_KERNEL);
	char __user *bad = user->mem + ACTOR_USER_SIZE;
	bool limit_first = ot_since(7, 0);

	KUNIT_ASSERT_NOT_NULL(test, long_name);
	memset(long_name, 'n', PATH_MAX + 1);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 0, "",
					      O_CREAT | O_DIRECTORY), -EINVAL);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 0, "", O_RDONLY),
			limit_first ? -EMFILE : -ENOENT);
	KUNIT_EXPECT_EQ(test, fd_open_limited(user, 0, long_name, O_RDONLY),
			limit_first ? -EMFILE : -ENAMETOOLONG);
	KUNIT_EXPECT_EQ(test, fd_open_pointer(user, bad, "a", 2, 0),
			limit_first ? -EMFILE : -EFAULT);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "");
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* O_PATH: a descriptor of a file that was found and not opened. */
void fd_of_o_path_opens_nothing(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	struct file *file;

	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_PATH | O_RDWR | O_TRUNC), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "d_init(a) lookup(a)");
	file = fd_leads_to(0);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, file->f_flags, (unsigned int)O_PATH);
	KUNIT_EXPECT_EQ(test, (__force u32)(file->f_mode &
					    (FMODE_PATH | FMODE_READ | FMODE_WRITE)),
			(__force u32)FMODE_PATH);
	/* who wants to read or write does not get it */
	file = fget(0);
	KUNIT_EXPECT_NULL(test, file);
	if (file)
		fput(file);
	close_fd(0);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
	flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "d_init(a) lookup(a)");
}

/* 7.2: O_EMPTYPATH opens the directory itself; before, the bit is not seen. */
void fd_of_an_empty_path(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	int flags = O_RDONLY | O_DIRECTORY | (1 << 26);

	if (OT_EMPTYPATH == 0) {
		KUNIT_EXPECT_EQ(test, fd_open(user, "", flags), -ENOENT);
		KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
		return;
	}
	KUNIT_ASSERT_EQ(test, fd_open(user, "", flags), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "open(/)");
	KUNIT_EXPECT_PTR_EQ(test, fd_inode(0),
			    d_inode(user->fs->mnt->mnt_root));
	/* ... or the file behind a descriptor */
	KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_PATH), 1);
	KUNIT_EXPECT_EQ(test, fd_openat(user, 1, "", O_RDONLY | (1 << 26)), 2);
	KUNIT_EXPECT_PTR_EQ(test, fd_inode(2), fd_inode(1));
	close_fd(0);
	close_fd(1);
	close_fd(2);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* A relative path begins at the descriptor that openat() was given. */
void fd_is_where_a_path_begins(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	struct rec_node *dir;

	dir = rec_add(user->fs, NULL, "d", S_IFDIR | 0755);
	rec_add(user->fs, dir, "b", S_IFREG | 0600);
	KUNIT_ASSERT_EQ(test, fd_open(user, "d", O_PATH), 0);
	KUNIT_ASSERT_EQ(test, fd_open(user, "a", O_RDONLY), 1);
	rec_forget(user->fs);

	KUNIT_EXPECT_EQ(test, fd_openat(user, 0, "b", O_RDONLY), 2);
	KUNIT_EXPECT_STREQ(test, rec_log(user->fs), "d_init(b) lookup(b) open(b)");
	KUNIT_EXPECT_EQ(test, fd_open(user, "b", O_RDONLY), -ENOENT);
	KUNIT_EXPECT_EQ(test, fd_openat(user, 1, "b", O_RDONLY), -ENOTDIR);
	KUNIT_EXPECT_EQ(test, fd_openat(user, 3, "b", O_RDONLY), -EBADF);
	/* an absolute path does not care */
	KUNIT_EXPECT_EQ(test, fd_openat(user, 99, "/d/b", O_RDONLY), 3);
	KUNIT_EXPECT_PTR_EQ(test, fd_inode(3), fd_inode(2));
	close_fd(0);
	close_fd(1);
	close_fd(2);
	close_fd(3);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* R1: when the table of descriptors grows, nothing of it is lost. */
void fd_table_grows_with_its_contents(struct kunit *test)
{
	struct actor_user *user = fd_user(test);
	struct file *files[BITS_PER_LONG + 2];
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		int cloexec = i & 1 ? O_CLOEXEC : 0;

		KUNIT_EXPECT_EQ(test, fd_open(user, "a", O_PATH | cloexec), i);
		files[i] = fd_leads_to(i);
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		KUNIT_EXPECT_PTR_EQ_MSG(test, fd_leads_to(i), files[i], "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, get_close_on_exec(i), i & 1, "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, close_fd(i), 0, "%d", i);
	}
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}
