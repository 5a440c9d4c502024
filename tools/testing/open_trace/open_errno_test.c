// SPDX-License-Identifier: GPL-2.0
/*
 * The errors of open(2) and openat(2): each one that is documented and that a test can
 * cause, and which one the caller sees when two apply.
 *
 * Not here: EFBIG, which EOVERFLOW has replaced; EINVAL for a name that the filesystem
 * forbids, which takes such a filesystem; ETXTBSY for a file that the kernel is reading.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>

#include "common.h"

#define NAME_255		0xff
static char name_255[NAME_255 + 1];
static char name_256[NAME_255 + 2];

/* What one call is told, and what it has to say: 0 for a descriptor. */
struct row {
	const char *name;
	const char *path;
	int flags;
	int error;
};

static void expect_rows(struct __test_metadata *const _metadata, const struct row *row,
			size_t rows)
{
	for (; rows--; row++) {
		EXPECT_EQ(row->error, open_errno(row->path, row->flags, 0600))
			TH_LOG("%s: %s", row->name, row->path);
	}
}

#define EXPECT_ROWS(rows)						\
	expect_rows(_metadata, rows, sizeof(rows) / sizeof(struct row))

/* act_as - be that user, until another call; root can come back */
static void act_as(struct __test_metadata *const _metadata, uid_t uid)
{
	if (geteuid() != 0)
		ASSERT_EQ(0, seteuid(0));
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(uid, uid, 0));
	ASSERT_EQ(0, setresuid(uid, uid, 0));
}

/* read_text - the beginning of a small file as a string; -1 where there is none */
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? -1 : 0;
}

/* copy_file - so that the original stays as it is, whatever is done to the copy */
static void copy_file(struct __test_metadata *const _metadata, int in,
		      const char *to, mode_t mode)
{
	static char buf[1 << 16];
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	ssize_t n;

	ASSERT_LE(0, out) TH_LOG("%s: %s", to, strerror(errno));
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		ASSERT_EQ(n, write(out, buf, n));
	}
	ASSERT_EQ(0, n);
	ASSERT_EQ(0, close(out));
}

/* mount_tmpfs - a real tmpfs, which keeps limits; false where the kernel has none */
static bool mount_tmpfs(struct __test_metadata *const _metadata, const char *at,
			const char *options)
{
	struct statfs st;

	ASSERT_EQ(0, mkdir(at, 0777));
	if (mount("open_trace", at, "tmpfs", 0, options)) {
		ASSERT_TRUE(errno == ENODEV || errno == EINVAL);
		return false;
	}
	/* without CONFIG_TMPFS the name may stand for ramfs, or for what holds nothing */
	if (statfs(at, &st) == 0 && st.f_type == TMPFS_MAGIC)
		return true;
	ASSERT_EQ(0, umount2(at, MNT_DETACH));
	return false;
}

static void on_signal(int nr)
{
}

/* interrupt_soon - SIGALRM every few milliseconds from now on, or with 0 no more */
static void interrupt_soon(struct __test_metadata *const _metadata, int flags,
			   void (*handler)(int), int ms)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
	struct itimerval it = {
		.it_interval.tv_usec = ms * 1000, .it_value.tv_usec = ms * 1000,
	};

	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
}

/*
 * A directory with one of each, for tables. What is denied is denied to the owner too,
 * so that rows hold for whoever is not root.
 */
FIXTURE(tree) {
	char path[PATH_MAX];
};

static void tree_enter(struct __test_metadata *const _metadata, char *path)
{
	scratch_enter(_metadata, path);
	memset(name_255, 'n', sizeof(name_255) - 1);
	memset(name_256, 'n', sizeof(name_256) - 1);

	make_file(_metadata, "file", 0666, "content");
	make_file(_metadata, "r", 0444, "content");
	make_file(_metadata, "w", 0222, "content");
	make_file(_metadata, "x", 0111, "content");
	make_file(_metadata, "none", 0, "content");
	ASSERT_EQ(0, mkdir("dir", 0777));
	ASSERT_EQ(0, mkdir("dir_none", 0));
	ASSERT_EQ(0, mkdir("dir_ro", 0777));
	make_file(_metadata, "dir_ro/file", 0666, "");
	ASSERT_EQ(0, chmod("dir_ro", 0555));
	ASSERT_EQ(0, mkdir("dir_rw", 0777));
	make_file(_metadata, "dir_rw/file", 0666, "");
	ASSERT_EQ(0, chmod("dir_rw", 0666));
	ASSERT_EQ(0, symlink("file", "link"));
	ASSERT_EQ(0, symlink("dir", "link_dir"));
	ASSERT_EQ(0, symlink("missing", "dangling"));
	ASSERT_EQ(0, symlink("missing/", "dangling_slash"));
	ASSERT_EQ(0, symlink("missing/missing", "dangling_dir"));
	ASSERT_EQ(0, symlink("loop", "loop"));
	ASSERT_EQ(0, symlink("ring_2", "ring_1"));
	ASSERT_EQ(0, symlink("ring_1", "ring_2"));
	ASSERT_EQ(0, mkfifo("fifo", 0666));
	ASSERT_EQ(0, mkfifo("fifo_none", 0));
	ASSERT_EQ(0, mknod("sock", S_IFSOCK | 0666, 0));
	ASSERT_EQ(0, mknod("sock_none", S_IFSOCK, 0));
}

static void tree_leave(const char *path)
{
	/* only an ordinary user has anything to remove, and needs this for it */
	if (chdir(path) == 0 && chmod("dir_ro", 0777) == 0)
		chmod("dir_rw", 0777);
	scratch_leave(path);
}

FIXTURE_SETUP(tree)
{
	tree_enter(_metadata, self->path);
}

FIXTURE_TEARDOWN(tree)
{
	tree_leave(self->path);
}

/* EACCES: may the caller read, write, search, create? */

TEST_F(tree, file_mode_denies_with_eacces)
{
	static const struct row rows[] = {
		{ "read a readable file", "r", O_RDONLY, 0 },
		{ "write it", "r", O_WRONLY, EACCES },
		{ "read and write it", "r", O_RDWR, EACCES },
		{ "append to it", "r", O_WRONLY | O_APPEND, EACCES },
		{ "O_TRUNC is a write", "r", O_RDONLY | O_TRUNC, EACCES },
		{ "O_APPEND alone is no write", "r", O_RDONLY | O_APPEND, 0 },
		{ "access mode 3 asks for both", "r", O_ACCMODE, EACCES },
		{ "read a writable file", "w", O_RDONLY, EACCES },
		{ "write it", "w", O_WRONLY, 0 },
		{ "read and write it", "w", O_RDWR, EACCES },
		{ "access mode 3 asks for both", "w", O_ACCMODE, EACCES },
		{ "access mode 3 of both", "file", O_ACCMODE, 0 },
		{ "read an executable file", "x", O_RDONLY, EACCES },
		{ "read a file without a mode", "none", O_RDONLY, EACCES },
		{ "a path of it", "none", O_PATH, 0 },
		{ "O_CREAT adds no right", "r", O_WRONLY | O_CREAT, EACCES },
		{ "list a directory", "dir_ro", O_RDONLY | O_DIRECTORY, 0 },
		{ "list a closed one", "dir_none", O_RDONLY | O_DIRECTORY, EACCES },
		{ "a path of it", "dir_none", O_PATH | O_DIRECTORY, 0 },
	};

	become_other(_metadata);
	EXPECT_ROWS(rows);
}

TEST_F(tree, directory_without_search_is_eacces)
{
	static const struct row rows[] = {
		{ "read", "dir_rw/file", O_RDONLY, EACCES },
		{ "write", "dir_rw/file", O_WRONLY, EACCES },
		{ "a path", "dir_rw/file", O_PATH, EACCES },
		{ "create", "dir_rw/new", O_WRONLY | O_CREAT, EACCES },
		{ "itself by dot", "dir_rw/.", O_RDONLY, EACCES },
		{ "its parent by dots", "dir_rw/..", O_RDONLY, EACCES },
		{ "itself", "dir_rw", O_RDONLY, 0 },
		{ "itself with a slash", "dir_rw/", O_RDONLY, 0 },
		{ "search without read is enough", "dir_ro/file", O_RDWR, 0 },
	};
	int dir;

	become_other(_metadata);
	EXPECT_ROWS(rows);

	/* a descriptor saves no search */
	dir = open("dir_rw", O_PATH | O_CLOEXEC);
	ASSERT_LE(0, dir);
	EXPECT_EQ(EACCES, openat_errno(dir, "file", O_RDONLY, 0));
}

/* C11: create without permission */
TEST_F(tree, create_in_unwritable_directory_is_eacces)
{
	static const struct row rows[] = {
		{ "a new name", "dir_ro/new", O_WRONLY | O_CREAT, EACCES },
		{ "a new name to read", "dir_ro/new", O_RDONLY | O_CREAT, EACCES },
		{ "a new name alone", "dir_ro/new", O_CREAT | O_EXCL, EACCES },
		{ "nothing was made", "dir_ro/new", O_RDONLY, ENOENT },
		{ "what exists opens", "dir_ro/file", O_WRONLY | O_CREAT, 0 },
	};

	become_other(_metadata);
	EXPECT_ROWS(rows);
}

TEST_F(tree, root_is_not_denied_by_modes)
{
	static const struct row rows[] = {
		{ "a file", "none", O_RDWR, 0 },
		{ "a directory", "dir_none", O_RDONLY | O_DIRECTORY, 0 },
		{ "create", "dir_none/new", O_WRONLY | O_CREAT | O_EXCL, 0 },
	};

	if (!is_root())
		SKIP(return, "needs root to be root");
	EXPECT_ROWS(rows);
}

FIXTURE_SCRATCH(scratch)

TEST_F(scratch, device_on_nodev_mount_is_eacces)
{
	if (!is_root())
		SKIP(return, "needs root to make a device");
	ASSERT_EQ(0, mkdir("dir", 0777));
	ASSERT_EQ(0, mknod("dir/null", S_IFCHR | 0666, makedev(1, 3)));
	ASSERT_EQ(0, mkfifo("dir/fifo", 0666));
	ASSERT_EQ(0, mount("dir", "dir", NULL, MS_BIND, NULL));
	EXPECT_EQ(0, open_errno("dir/null", O_RDWR, 0));
	ASSERT_EQ(0, mount(NULL, "dir", NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL));
	EXPECT_EQ(EACCES, open_errno("dir/null", O_RDWR, 0));
	EXPECT_EQ(EACCES, open_errno("dir/null", O_RDONLY, 0));
	EXPECT_EQ(0, open_errno("dir/null", O_PATH, 0));
	EXPECT_EQ(0, open_errno("dir/fifo", O_RDWR, 0));
}

/*
 * A setting of the whole kernel, which the teardown puts back: through a descriptor, for
 * who knows what still opens then.
 */
FIXTURE(setting) {
	char path[PATH_MAX];
	char old[64];
	int fd;
};

FIXTURE_SETUP(setting)
{
	self->fd = -1;
	scratch_enter(_metadata, self->path);
}

static void setting_restore(int fd, const char *old)
{
	if (fd < 0 || (geteuid() != 0 && seteuid(0)))
		return;
	if (pwrite(fd, old, strlen(old), 0) < 0)
		perror("a setting of the kernel stays changed");
}

FIXTURE_TEARDOWN(setting)
{
	setting_restore(self->fd, self->old);
	scratch_leave(self->path);
}

/* change_setting - false where this kernel does not have it */
static bool change_setting(struct __test_metadata *const _metadata, const char *name,
			   const char *value, int *fd, char *old, size_t size)
{
	ssize_t n;

	if (*fd < 0) {
		*fd = open(name, O_RDWR | O_CLOEXEC);
		if (*fd < 0) {
			ASSERT_EQ(ENOENT, errno) TH_LOG("%s", name);
			return false;
		}
		n = pread(*fd, old, size - 1, 0);
		ASSERT_LT(0, n);
		old[n] = '\0';
	}
	ASSERT_EQ((ssize_t)strlen(value), pwrite(*fd, value, strlen(value), 0))
		TH_LOG("%s: %s", name, strerror(errno));
	return true;
}

#define CHANGE_SETTING(name, value)					\
	change_setting(_metadata, name, value, &self->fd, self->old,	\
		       sizeof(self->old))

/* EACCES of fs.protected_regular and fs.protected_fifos */

FIXTURE(sticky) {
	char path[PATH_MAX];
	char old[64];
	int fd;
};

FIXTURE_VARIANT(sticky) {
	const char *setting;
	mode_t type;
};

FIXTURE_VARIANT_ADD(sticky, regular) {
	.setting = "/proc/sys/fs/protected_regular", .type = S_IFREG,
};

FIXTURE_VARIANT_ADD(sticky, fifo) {
	.setting = "/proc/sys/fs/protected_fifos", .type = S_IFIFO,
};

FIXTURE_SETUP(sticky)
{
	self->fd = -1;
	scratch_enter(_metadata, self->path);
}

FIXTURE_TEARDOWN(sticky)
{
	setting_restore(self->fd, self->old);
	scratch_leave(self->path);
}

TEST_F(sticky, creat_of_anothers_file_is_eacces)
{
	/* The directory is root's. A and B are users. */
	enum { ROOT = 0, A = OTHER_UID, B = OTHER_UID + 1 };
	static const struct {
		const char *name;
		const char *value;
		mode_t dir;
		uid_t owner, opener;
		int flags, error;
	} rows[] = {
		{ "off", "0", 01777, A, B, O_CREAT, 0 },
		{ "another's file", "1", 01777, A, B, O_CREAT, EACCES },
		{ "even for root", "1", 01777, A, ROOT, O_CREAT, EACCES },
		{ "one's own", "1", 01777, A, A, O_CREAT, 0 },
		{ "the directory owner's", "1", 01777, ROOT, A, O_CREAT, 0 },
		{ "without O_CREAT", "1", 01777, A, B, 0, 0 },
		{ "not sticky", "1", 0777, A, B, O_CREAT, 0 },
		{ "O_EXCL: it exists", "1", 01777, A, B, O_CREAT | O_EXCL, EEXIST },
		{ "O_TRUNC", "1", 01777, A, B, O_CREAT | O_TRUNC, EACCES },
		{ "writable for the group, 1", "1", 01775, A, B, O_CREAT, 0 },
		{ "writable for the group, 2", "2", 01775, A, B, O_CREAT, EACCES },
		{ "the same for root", "2", 01775, A, ROOT, O_CREAT, EACCES },
		{ "writable for the owner, 2", "2", 01755, A, B, O_CREAT, 0 },
		{ "one's own, 2", "2", 01775, A, A, O_CREAT, 0 },
	};
	struct stat st;
	int i;

	if (!is_root())
		SKIP(return, "needs root to set %s", variant->setting);
	ASSERT_EQ(0, mkdir("dir", 0777));
	ASSERT_EQ(0, mknod("dir/it", variant->type | 0666, 0));
	if (variant->type == S_IFREG)
		ASSERT_EQ(0, truncate("dir/it", 5));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!CHANGE_SETTING(variant->setting, rows[i].value))
			SKIP(return, "no %s in this kernel", variant->setting);
		ASSERT_EQ(0, chmod("dir", rows[i].dir));
		ASSERT_EQ(0, lchown("dir/it", rows[i].owner, 0));
		act_as(_metadata, rows[i].opener);
		EXPECT_EQ(rows[i].error,
			  open_errno("dir/it", O_RDWR | rows[i].flags, 0666))
			TH_LOG("%s", rows[i].name);
		act_as(_metadata, 0);
	}
	ASSERT_EQ(0, lstat("dir/it", &st));
	EXPECT_EQ(variant->type == S_IFREG ? 5 : 0, st.st_size);
}

/* EBADF */
TEST_F(tree, relative_path_needs_a_descriptor)
{
	int dir = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int path = open("dir", O_PATH | O_CLOEXEC);

	ASSERT_LE(0, dir);
	ASSERT_LE(0, path);
	EXPECT_EQ(0, openat_errno(dir, ".", O_RDONLY, 0));
	EXPECT_EQ(0, openat_errno(path, ".", O_RDONLY, 0));
	ASSERT_EQ(0, close(dir));
	EXPECT_EQ(EBADF, openat_errno(dir, ".", O_RDONLY, 0));
	EXPECT_EQ(EBADF, openat_errno(dir, "new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EBADF, openat_errno(-1, ".", O_RDONLY, 0));
	EXPECT_EQ(EBADF, openat_errno(-1, "dir", O_PATH, 0));
	EXPECT_EQ(EBADF, openat_errno(AT_FDCWD - 1, ".", O_RDONLY, 0));
	EXPECT_EQ(EBADF, openat_errno(INT_MAX, ".", O_RDONLY, 0));
	/* nobody looks at it where the path starts at the root */
	EXPECT_EQ(0, openat_errno(-1, "/", O_RDONLY, 0));
}

/* EBUSY: two that want a block device for themselves */

/* free_loop - a loop device that nobody has, opened with O_EXCL; its name */
static int free_loop(struct __test_metadata *const _metadata, char *name, size_t size)
{
	int control, nr, fd = -1, tries;

	ASSERT_EQ(0, mkdir("dev", 0755));
	if (mount("dev", "dev", "devtmpfs", 0, NULL)) {
		ASSERT_EQ(ENODEV, errno);
		return -1;
	}
	control = open("dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0) {
		ASSERT_EQ(ENOENT, errno);
		return -1;
	}
	/* another may take it first */
	for (tries = 0; fd < 0 && tries < 16; tries++) {
		nr = ioctl(control, LOOP_CTL_GET_FREE);
		ASSERT_LE(0, nr) TH_LOG("%s", strerror(errno));
		snprintf(name, size, "dev/loop%d", nr);
		fd = open(name, O_RDWR | O_EXCL | O_CLOEXEC);
	}
	ASSERT_LE(0, fd) TH_LOG("%s: %s", name, strerror(errno));
	ASSERT_EQ(0, close(control));
	return fd;
}

TEST_F(scratch, claimed_block_device_is_ebusy)
{
	char loop[32];
	int claim, fd;

	if (!is_root())
		SKIP(return, "needs root to open a block device");
	claim = free_loop(_metadata, loop, sizeof(loop));
	if (claim < 0)
		SKIP(return, "no devtmpfs with loop devices in this kernel");
	EXPECT_EQ(EBUSY, open_errno(loop, O_RDONLY | O_EXCL, 0));
	EXPECT_EQ(EBUSY, open_errno(loop, O_RDWR | O_EXCL, 0));
	EXPECT_EQ(EEXIST, open_errno(loop, O_RDWR | O_CREAT | O_EXCL, 0));
	fd = open(loop, O_RDONLY | O_CLOEXEC);
	EXPECT_LE(0, fd);
	ASSERT_EQ(0, close(claim));
	EXPECT_EQ(0, open_errno(loop, O_RDONLY | O_EXCL, 0));
}

/* The image of an ext4 filesystem, which may lie under what is mounted for the test. */
FIXTURE(ext4) {
	char path[PATH_MAX];
	int image;
};

FIXTURE_SETUP(ext4)
{
	const char *name = getenv("OPEN_TRACE_EXT4");

	self->image = -1;
	if (name) {
		self->image = open(name, O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, self->image) TH_LOG("%s: %s", name, strerror(errno));
	}
	scratch_enter(_metadata, self->path);
}

FIXTURE_TEARDOWN(ext4)
{
	scratch_leave(self->path);
}

TEST_F(ext4, mounted_block_device_is_ebusy)
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	char loop[32];
	int fd, open_fd;

	if (!is_root())
		SKIP(return, "needs root to mount");
	if (self->image < 0)
		SKIP(return, "OPEN_TRACE_EXT4 names no ext4 image to mount");
	fd = free_loop(_metadata, loop, sizeof(loop));
	if (fd < 0)
		SKIP(return, "no devtmpfs with loop devices in this kernel");
	copy_file(_metadata, self->image, "image", 0600);
	config.fd = open("image", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, (int)config.fd);
	ASSERT_EQ(0, ioctl(fd, LOOP_CONFIGURE, &config));
	/* the image goes with the last one who has it open */
	open_fd = open(loop, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, open_fd);
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, mkdir("mnt", 0777));
	if (mount(loop, "mnt", "ext4", 0, NULL)) {
		ASSERT_EQ(ENODEV, errno);
		SKIP(return, "no ext4 in this kernel");
	}
	EXPECT_EQ(EBUSY, open_errno(loop, O_RDONLY | O_EXCL, 0));
	EXPECT_EQ(0, open_errno(loop, O_RDONLY, 0));
	ASSERT_EQ(0, umount("mnt"));
	EXPECT_EQ(0, open_errno(loop, O_RDONLY | O_EXCL, 0));
}

/* EDQUOT */
TEST_F(scratch, create_beyond_the_quota_is_edquot)
{
	if (!is_root())
		SKIP(return, "needs root to mount");
	if (!mount_tmpfs(_metadata, "q", "mode=0777,usrquota,usrquota_inode_hardlimit=1"))
		SKIP(return, "no quotas on tmpfs in this kernel");
	become_other(_metadata);
	EXPECT_EQ(0, open_errno("q/1", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EDQUOT, open_errno("q/2", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EDQUOT, open_errno("q", O_WRONLY | O_TMPFILE, 0600));
	EXPECT_EQ(0, open_errno("q/1", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENOENT, open_errno("q/2", O_RDONLY, 0));
}

/* ENOSPC */
TEST_F(scratch, create_without_room_is_enospc)
{
	if (!is_root())
		SKIP(return, "needs root to mount");
	/* the root directory is one of the two */
	if (!mount_tmpfs(_metadata, "full", "mode=0777,nr_inodes=2"))
		SKIP(return, "no tmpfs in this kernel");
	EXPECT_EQ(0, open_errno("full/1", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENOSPC, open_errno("full/2", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENOSPC, open_errno("full", O_WRONLY | O_TMPFILE, 0600));
	EXPECT_EQ(0, open_errno("full/1", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EEXIST, open_errno("full/1", O_WRONLY | O_CREAT | O_EXCL, 0600));
	EXPECT_EQ(ENOENT, open_errno("full/2", O_RDONLY, 0));
}

/* EEXIST: O_EXCL is content with nothing at all under the name */
TEST_F(tree, exclusive_create_of_what_exists_is_eexist)
{
	static const struct row rows[] = {
		{ "a file", "file", O_WRONLY, EEXIST },
		{ "a file to read", "file", O_RDONLY, EEXIST },
		{ "a file to truncate", "file", O_WRONLY | O_TRUNC, EEXIST },
		{ "a directory", "dir", O_RDONLY, EEXIST },
		{ "a link to a file", "link", O_WRONLY, EEXIST },
		{ "a link to nothing", "dangling", O_WRONLY, EEXIST },
		{ "a link to itself", "loop", O_WRONLY, EEXIST },
		{ "a fifo", "fifo", O_RDONLY, EEXIST },
		{ "a socket", "sock", O_RDONLY, EEXIST },
		{ "dot", ".", O_RDONLY, EEXIST },
		{ "dots", "dir/..", O_RDONLY, EEXIST },
		{ "the root", "/", O_RDONLY, EEXIST },
		{ "a new name", "new", O_WRONLY, 0 },
		{ "and again", "new", O_WRONLY, EEXIST },
	};
	struct stat st;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].error,
			  open_errno(rows[i].path,
				     rows[i].flags | O_CREAT | O_EXCL, 0600))
			TH_LOG("%s", rows[i].name);
	}
	ASSERT_EQ(0, stat("file", &st));
	EXPECT_EQ(7, st.st_size);
	EXPECT_EQ(-1, stat("missing", &st));
}

/* EFAULT: all of the path, to its zero, has to be readable */
TEST_F(tree, unreadable_path_is_efault)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = map + page;
	/* which the compiler must not know, or it objects */
	const char *null = getenv("OPEN_TRACE no such variable");

	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_EQ(0, mprotect(end, page, PROT_NONE));
	EXPECT_EQ(EFAULT, open_errno(null, O_RDONLY, 0));
	EXPECT_EQ(EFAULT, open_errno((char *)-1UL, O_RDONLY, 0));
	EXPECT_EQ(EFAULT, open_errno((char *)(~0UL - page * 16), O_RDONLY, 0));
	EXPECT_EQ(EFAULT, open_errno(end, O_RDONLY, 0));
	EXPECT_EQ(EFAULT, open_errno(end, O_WRONLY | O_CREAT, 0600));
	memcpy(end - 4, "file", 4);
	EXPECT_EQ(EFAULT, open_errno(end - 4, O_RDONLY, 0));
	/* not one byte more is read than there is */
	memcpy(end - 5, "file", 5);
	EXPECT_EQ(0, open_errno(end - 5, O_RDONLY, 0));
}

/* EINTR */

static void open_other_end(int nr)
{
	int fd = open("fifo", O_RDWR | O_CLOEXEC);

	/* stays open: the opener that goes on has to find it */
	(void)fd;
}

TEST_F(tree, fifo_open_interrupted_is_eintr)
{
	interrupt_soon(_metadata, 0, on_signal, 2);
	EXPECT_EQ(EINTR, open_errno("fifo", O_RDONLY, 0));
	EXPECT_EQ(EINTR, open_errno("fifo", O_WRONLY, 0));
}

TEST_F(tree, fifo_open_goes_on_after_a_restarting_handler)
{
	interrupt_soon(_metadata, SA_RESTART, open_other_end, 2);
	EXPECT_EQ(0, open_errno("fifo", O_RDONLY, 0));
}

/* take_lease - on a file of one's own, by the descriptor returned; -1: none to have */
static int take_lease(struct __test_metadata *const _metadata, int type)
{
	/* a lease to read is for who only reads */
	int fd = open("lease", (type == F_RDLCK ? O_RDONLY : O_RDWR) | O_CLOEXEC);

	ASSERT_LE(0, fd);
	signal(SIGIO, SIG_IGN);
	if (fcntl(fd, F_SETLEASE, type)) {
		ASSERT_EQ(EINVAL, errno);
		close(fd);
		return -1;
	}
	return fd;
}

TEST_F(scratch, open_interrupted_while_a_lease_breaks_is_eintr)
{
	int fd;

	make_file(_metadata, "lease", 0666, "");
	fd = take_lease(_metadata, F_WRLCK);
	if (fd < 0)
		SKIP(return, "no leases in this kernel, or on this filesystem");
	interrupt_soon(_metadata, 0, on_signal, 2);
	EXPECT_EQ(EINTR, open_errno("lease", O_RDONLY, 0));
	EXPECT_EQ(EINTR, open_errno("lease", O_RDWR, 0));
	interrupt_soon(_metadata, 0, on_signal, 0);
	ASSERT_EQ(0, fcntl(fd, F_SETLEASE, F_UNLCK));
	EXPECT_EQ(0, open_errno("lease", O_RDONLY, 0));
}

/* EWOULDBLOCK */
TEST_F(scratch, nonblocking_open_of_a_leased_file_is_ewouldblock)
{
	static const struct {
		const char *name;
		int type, flags, error;
	} rows[] = {
		{ "read against a reader's lease", F_RDLCK, O_RDONLY, 0 },
		{ "write against it", F_RDLCK, O_WRONLY, EWOULDBLOCK },
		{ "both against it", F_RDLCK, O_RDWR, EWOULDBLOCK },
		{ "a path against it", F_RDLCK, O_PATH, 0 },
		{ "read against a writer's lease", F_WRLCK, O_RDONLY, EWOULDBLOCK },
		{ "write against it", F_WRLCK, O_WRONLY, EWOULDBLOCK },
		{ "O_CREAT against it", F_WRLCK, O_RDONLY | O_CREAT, EWOULDBLOCK },
		{ "O_EXCL: it exists", F_WRLCK, O_CREAT | O_EXCL, EEXIST },
		{ "a path against it", F_WRLCK, O_PATH, 0 },
		{ "no lease", F_UNLCK, O_RDWR, 0 },
	};
	int i, fd;

	make_file(_metadata, "lease", 0666, "");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = -1;
		if (rows[i].type != F_UNLCK) {
			fd = take_lease(_metadata, rows[i].type);
			if (fd < 0)
				SKIP(return, "no leases in this kernel, or on this filesystem");
		}
		EXPECT_EQ(rows[i].error,
			  open_errno("lease", rows[i].flags | O_NONBLOCK, 0600))
			TH_LOG("%s", rows[i].name);
		close(fd);
	}
}

/* EINVAL, F5: flags that make no sense; and what open(2) ignores, which openat2(2) rejects */
TEST_F(tree, senseless_flags_are_einval)
{
	static const struct row rows[] = {
		{ "create a directory", "new", O_CREAT | O_DIRECTORY, EINVAL },
		{ "also one that exists", "dir", O_CREAT | O_DIRECTORY, EINVAL },
		{ "and alone", "new", O_CREAT | O_EXCL | O_DIRECTORY, EINVAL },
		{ "nothing was made", "new", O_PATH, ENOENT },
		{ "O_TMPFILE to read", ".", O_TMPFILE | O_RDONLY, EINVAL },
		{ "O_TMPFILE with O_CREAT", ".", O_TMPFILE | O_CREAT | O_RDWR, EINVAL },
		{ "half of O_TMPFILE", ".", TMPFILE_BIT | O_RDWR, EINVAL },
		{ "an unknown flag", "file", O_RDONLY | 1 << 30, 0 },
		{ "O_PATH with O_CREAT", "file", O_PATH | O_CREAT | O_EXCL, 0 },
		{ "O_PATH with O_TRUNC", "file", O_PATH | O_RDWR | O_TRUNC, 0 },
		{ "O_PATH with O_TMPFILE", "dir", O_PATH | O_RDWR | O_TMPFILE, 0 },
		{ "O_EXCL without O_CREAT", "file", O_EXCL, 0 },
	};
	struct stat st;

	EXPECT_ROWS(rows);
	EXPECT_EQ(0, open_errno("file", O_RDONLY, ~0));
	EXPECT_EQ(0, open_errno("new", O_WRONLY | O_CREAT, (mode_t)~07077));
	ASSERT_EQ(0, stat("file", &st));
	EXPECT_EQ(7, st.st_size);
}

TEST_F(scratch, direct_io_where_there_is_none_is_einval)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_LE(0, proc);
	become_other(_metadata);
	EXPECT_EQ(0, openat_errno(proc, "version", O_RDONLY, 0));
	EXPECT_EQ(EINVAL, openat_errno(proc, "version", O_RDONLY | O_DIRECT, 0));
	/* found last: even a permission comes before it */
	EXPECT_EQ(EACCES, openat_errno(proc, "version", O_WRONLY | O_DIRECT, 0));
}

/* EISDIR */
TEST_F(tree, writing_or_creating_a_directory_is_eisdir)
{
	static const struct row rows[] = {
		{ "write", "dir", O_WRONLY, EISDIR },
		{ "read and write", "dir", O_RDWR, EISDIR },
		{ "access mode 3", "dir", O_ACCMODE, EISDIR },
		{ "truncate", "dir", O_RDONLY | O_TRUNC, EISDIR },
		{ "O_DIRECTORY helps not", "dir", O_RDWR | O_DIRECTORY, EISDIR },
		{ "create", "dir", O_RDONLY | O_CREAT, EISDIR },
		{ "create through a link", "link_dir", O_RDONLY | O_CREAT, EISDIR },
		{ "write dot", ".", O_WRONLY, EISDIR },
		{ "create dot", ".", O_RDONLY | O_CREAT, EISDIR },
		{ "create dots", "dir/..", O_RDONLY | O_CREAT, EISDIR },
		{ "create the root", "/", O_RDONLY | O_CREAT, EISDIR },
		{ "read", "dir", O_RDONLY, 0 },
		{ "O_APPEND alone", "dir", O_RDONLY | O_APPEND, 0 },
		{ "a path", "dir", O_PATH | O_WRONLY, 0 },
	};

	EXPECT_ROWS(rows);
	EXPECT_EQ(EISDIR, close_and_errno(creat("dir", 0600)));
}

/* ELOOP */
TEST_F(tree, symlinks_without_end_are_eloop)
{
	static const struct row rows[] = {
		{ "to itself", "loop", O_RDONLY, ELOOP },
		{ "to each other", "ring_1", O_RDONLY, ELOOP },
		{ "as a directory", "loop/x", O_RDONLY, ELOOP },
		{ "to create", "loop", O_WRONLY | O_CREAT, ELOOP },
		{ "a path", "loop", O_PATH, ELOOP },
		{ "a path of the link", "loop", O_PATH | O_NOFOLLOW, 0 },
	};

	EXPECT_ROWS(rows);
}

TEST_F(tree, symlink_with_o_nofollow_is_eloop)
{
	static const struct row rows[] = {
		{ "to a file", "link", O_RDONLY, ELOOP },
		{ "to a directory", "link_dir", O_RDONLY, ELOOP },
		{ "to nothing", "dangling", O_RDONLY, ELOOP },
		{ "to create", "dangling", O_WRONLY | O_CREAT, ELOOP },
		{ "the kernel's own", "/proc/self/exe", O_RDONLY, ELOOP },
		{ "on the way it is followed", "link_dir/.", O_RDONLY, 0 },
		{ "so is one before a slash", "link_dir/", O_RDONLY, 0 },
		{ "a path of it", "link", O_PATH, 0 },
		{ "no link", "file", O_RDONLY, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].error, open_errno(rows[i].path,
						    rows[i].flags | O_NOFOLLOW, 0600))
			TH_LOG("%s", rows[i].name);
	}
}

/* path_resolution(7): 40 links in all, one after another or one in another */
TEST_F(scratch, forty_symlinks_are_followed_and_no_more)
{
	char to[16], name[16], path[128] = "";
	int i;

	make_file(_metadata, "0", 0600, "");
	for (i = 1; i <= 41; i++) {
		snprintf(to, sizeof(to), "%d", i - 1);
		snprintf(name, sizeof(name), "%d", i);
		ASSERT_EQ(0, symlink(to, name));
	}
	EXPECT_EQ(0, open_errno("40", O_RDONLY, 0));
	EXPECT_EQ(ELOOP, open_errno("41", O_RDONLY, 0));
	EXPECT_EQ(0, open_errno("41", O_PATH | O_NOFOLLOW, 0));

	ASSERT_EQ(0, symlink(".", "l"));
	for (i = 0; i < 40; i++)
		strcat(path, "l/");
	EXPECT_EQ(0, open_errno(path, O_RDONLY, 0));
	strcat(path, "l");
	EXPECT_EQ(ELOOP, open_errno(path, O_RDONLY, 0));
}

/* EMFILE: before any name is looked at, after the flags */
static struct rlimit take_descriptors(struct __test_metadata *const _metadata)
{
	struct rlimit old, none;

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	return old;
}

TEST_F(tree, no_descriptor_left_is_emfile)
{
	const struct {
		const char *name;
		int dir;
		const char *path;
		int flags, error;
	} rows[] = {
		{ "a file", AT_FDCWD, "file", O_RDONLY, EMFILE },
		{ "a path", AT_FDCWD, "file", O_PATH, EMFILE },
		{ "a missing name", AT_FDCWD, "missing", O_RDONLY, EMFILE },
		{ "a new name", AT_FDCWD, "new", O_WRONLY | O_CREAT, EMFILE },
		{ "one that exists", AT_FDCWD, "file", O_CREAT | O_EXCL, EMFILE },
		{ "a loop", AT_FDCWD, "loop", O_RDONLY, EMFILE },
		{ "a directory to write", AT_FDCWD, "dir", O_WRONLY, EMFILE },
		{ "a file as a directory", AT_FDCWD, "file/x", O_RDONLY, EMFILE },
		{ "a bad descriptor", -1, "file", O_RDONLY, EMFILE },
		{ "a long name", AT_FDCWD, name_256, O_RDONLY, EMFILE },
		{ "bad flags", AT_FDCWD, "file", O_CREAT | O_DIRECTORY, EINVAL },
	};
	struct rlimit old = take_descriptors(_metadata);
	struct stat st;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].error, openat_errno(rows[i].dir, rows[i].path,
						      rows[i].flags, 0600))
			TH_LOG("%s", rows[i].name);
	}
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_EQ(0, open_errno("file", O_RDONLY, 0));
	EXPECT_EQ(-1, lstat("new", &st));
}

/*
 * 7.x takes the descriptor before it reports what is wrong with the path's bytes, older
 * kernels after: the empty path tells which kernel this is, and the others have to agree.
 */
TEST_F(tree, no_descriptor_comes_before_every_bad_path_or_none)
{
	static char long_path[PATH_MAX + 1];
	const struct row paths[] = {
		{ "a bad pointer", NULL, O_RDONLY, EFAULT },
		{ "a long path", long_path, O_RDONLY, ENAMETOOLONG },
		{ "an empty path to create", "", O_WRONLY | O_CREAT, ENOENT },
	};
	struct rlimit old;
	int i, empty;

	memset(long_path, '/', PATH_MAX);
	old = take_descriptors(_metadata);
	empty = open_errno("", O_RDONLY, 0);
	EXPECT_TRUE(empty == ENOENT || empty == EMFILE) TH_LOG("%s", strerror(empty));
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		EXPECT_EQ(empty == EMFILE ? EMFILE : paths[i].error,
			  open_errno(paths[i].path, paths[i].flags, 0600))
			TH_LOG("%s", paths[i].name);
	}
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &old));
	EXPECT_EQ(ENOENT, open_errno("", O_RDONLY, 0));
}

/* ENAMETOOLONG: a name's length is the filesystem's business, which says it on lookup */
TEST_F(tree, name_of_256_bytes_is_enametoolong)
{
	char as_dir[300], in_unwritable[300], in_missing[300], in_closed[300];
	const struct row rows[] = {
		{ "255 bytes that are missing", name_255, O_RDONLY, ENOENT },
		{ "256 bytes", name_256, O_RDONLY, ENAMETOOLONG },
		{ "256 bytes again", name_256, O_RDONLY, ENAMETOOLONG },
		{ "a path", name_256, O_PATH, ENAMETOOLONG },
		{ "create 256 bytes", name_256, O_WRONLY | O_CREAT, ENAMETOOLONG },
		{ "alone", name_256, O_CREAT | O_EXCL, ENAMETOOLONG },
		{ "as a directory", as_dir, O_RDONLY, ENAMETOOLONG },
		{ "before EACCES of create", in_unwritable, O_CREAT, ENAMETOOLONG },
		{ "after EACCES of search", in_closed, O_RDONLY, EACCES },
		{ "after ENOENT on the way", in_missing, O_RDONLY, ENOENT },
		{ "create 255 bytes", name_255, O_WRONLY | O_CREAT, 0 },
		{ "open them", name_255, O_RDONLY, 0 },
	};

	if (pathconf(".", _PC_NAME_MAX) != NAME_255)
		SKIP(return, "names are not limited to 255 bytes on this filesystem");
	snprintf(as_dir, sizeof(as_dir), "%s/x", name_256);
	snprintf(in_unwritable, sizeof(in_unwritable), "dir_ro/%s", name_256);
	snprintf(in_missing, sizeof(in_missing), "missing/%s", name_256);
	snprintf(in_closed, sizeof(in_closed), "dir_rw/%s", name_256);
	become_other(_metadata);
	EXPECT_ROWS(rows);
}

/* PATH_MAX counts the zero at the end */
TEST_F(scratch, path_of_4096_bytes_is_enametoolong)
{
	char path[4096 + 1];
	int i;

	for (i = 0; i < 4096; i += 2)
		memcpy(path + i, "./", 2);
	path[4096] = '\0';
	EXPECT_EQ(ENAMETOOLONG, open_errno(path, O_RDONLY, 0));
	EXPECT_EQ(ENAMETOOLONG, open_errno(path, O_PATH, 0));
	path[4095] = '\0';
	EXPECT_EQ(0, open_errno(path, O_RDONLY, 0));
	/* the length counts, not what the path says */
	path[0] = '/';
	path[4095] = '/';
	path[4096] = '\0';
	EXPECT_EQ(ENAMETOOLONG, open_errno(path, O_RDONLY, 0));
}

/* ENFILE */

/* parent_of - the parent of a process, 0 for none */
static pid_t parent_of(pid_t pid)
{
	char path[32], stat[512], *end;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, stat, sizeof(stat)))
		return 0;
	end = strrchr(stat, ')');
	if (!end || sscanf(end + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static bool is_ancestor(pid_t pid)
{
	pid_t p;

	for (p = getpid(); p > 0; p = parent_of(p)) {
		if (p == pid)
			return true;
	}
	return false;
}

/*
 * nobody_else - is every program that runs on this kernel an ancestor of this one
 *
 * Asked before a limit of the whole kernel is lowered: true in a guest that was started
 * for the test. kthreadd is process 2 only where all of the kernel's processes are seen.
 */
static bool nobody_else(void)
{
	DIR *proc = opendir("/proc");
	char path[300], text[64];
	struct dirent *d;
	bool alone = true;

	if (!proc)
		return false;
	if (read_text("/proc/2/comm", text, sizeof(text)) || strcmp(text, "kthreadd\n"))
		alone = false;
	while (alone && (d = readdir(proc))) {
		int pid = atoi(d->d_name);

		if (pid <= 0)
			continue;
		/* what is only the kernel's has no command line */
		snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
		if (read_text(path, text, sizeof(text)) == 0 && text[0])
			alone = is_ancestor(pid);
	}
	closedir(proc);
	return alone;
}

TEST_F(setting, no_file_left_is_enfile)
{
	struct stat st;

	if (!is_root())
		SKIP(return, "needs root to set fs.file-max");
	if (!nobody_else())
		SKIP(return, "others run here, whom a low fs.file-max would hit: guests only");
	make_file(_metadata, "file", 0666, "");
	if (!CHANGE_SETTING("/proc/sys/fs/file-max", "0"))
		SKIP(return, "no fs.file-max in this kernel");
	/* root is exempt */
	EXPECT_EQ(0, open_errno("file", O_RDONLY, 0));
	act_as(_metadata, OTHER_UID);
	EXPECT_EQ(ENFILE, open_errno("file", O_RDONLY, 0));
	EXPECT_EQ(ENFILE, open_errno("file", O_PATH, 0));
	EXPECT_EQ(ENFILE, open_errno("missing", O_RDONLY, 0));
	EXPECT_EQ(ENFILE, open_errno("new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENFILE, openat_errno(-1, "file", O_RDONLY, 0));
	EXPECT_EQ(ENOENT, open_errno("", O_RDONLY, 0));
	EXPECT_EQ(-1, lstat("new", &st));
	act_as(_metadata, 0);
}

/* ENODEV and ENXIO: a name with nothing behind it */

TEST_F(tree, fifo_without_a_reader_is_enxio)
{
	int reader;

	EXPECT_EQ(ENXIO, open_errno("fifo", O_WRONLY | O_NONBLOCK, 0));
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	EXPECT_LE(0, reader);
	EXPECT_EQ(0, open_errno("fifo", O_WRONLY | O_NONBLOCK, 0));
	ASSERT_EQ(0, close(reader));
	EXPECT_EQ(ENXIO, open_errno("fifo", O_WRONLY | O_NONBLOCK, 0));
	EXPECT_EQ(0, open_errno("fifo", O_RDWR | O_NONBLOCK, 0));
}

TEST_F(tree, socket_is_enxio)
{
	static const struct row rows[] = {
		{ "read", "sock", O_RDONLY, ENXIO },
		{ "write", "sock", O_WRONLY, ENXIO },
		{ "both, and not wait", "sock", O_RDWR | O_NONBLOCK, ENXIO },
		{ "create", "sock", O_RDWR | O_CREAT, ENXIO },
		{ "truncate", "sock", O_RDWR | O_TRUNC, ENXIO },
		{ "a path", "sock", O_PATH, 0 },
	};

	EXPECT_ROWS(rows);
}

/* Everybody may make the whiteout, a character device 0:0. */
TEST_F(scratch, whiteout_device_is_enxio)
{
	struct statvfs st;

	ASSERT_EQ(0, mknod("wh", S_IFCHR | 0666, makedev(0, 0)))
		TH_LOG("%s", strerror(errno));
	ASSERT_EQ(0, statvfs(".", &st));
	EXPECT_EQ(st.f_flag & ST_NODEV ? EACCES : ENXIO, open_errno("wh", O_RDWR, 0));
	EXPECT_EQ(0, open_errno("wh", O_PATH, 0));
}

TEST_F(scratch, device_without_a_driver_is_enxio)
{
	char devices[8192];

	if (!is_root())
		SKIP(return, "needs root to make a device");
	/* beyond the last number that a driver can have */
	ASSERT_EQ(0, mknod("chr", S_IFCHR | 0666, makedev(4000, 1)));
	ASSERT_EQ(0, mknod("blk", S_IFBLK | 0666, makedev(4000, 1)));
	/* the memory devices, and a minor that none of them has */
	ASSERT_EQ(0, mknod("mem", S_IFCHR | 0666, makedev(1, 200)));
	EXPECT_EQ(ENXIO, open_errno("chr", O_RDWR, 0));
	EXPECT_EQ(ENXIO, open_errno("chr", O_RDONLY | O_NONBLOCK, 0));
	EXPECT_EQ(ENXIO, open_errno("mem", O_RDONLY, 0));

	ASSERT_EQ(0, read_text("/proc/devices", devices, sizeof(devices)));
	if (!strstr(devices, "Block devices:"))
		SKIP(return, "no block devices in this kernel; others: ENXIO as it should be");
	EXPECT_EQ(ENXIO, open_errno("blk", O_RDONLY, 0));
}

/* open(2) calls it a bug that it is not ENXIO; it is there to stay */
TEST_F(scratch, misc_device_without_a_driver_is_enodev)
{
	if (!is_root())
		SKIP(return, "needs root to make a device");
	/* 255 asks for any other minor, so none has it */
	ASSERT_EQ(0, mknod("misc", S_IFCHR | 0666, makedev(10, 255)));
	EXPECT_EQ(ENODEV, open_errno("misc", O_RDWR, 0));
}

/* ENOENT, C4 */
TEST_F(tree, what_is_not_there_is_enoent)
{
	static const struct row rows[] = {
		{ "a missing name", "missing", O_RDONLY, ENOENT },
		{ "once more", "missing", O_RDONLY, ENOENT },
		{ "to write", "missing", O_RDWR | O_TRUNC, ENOENT },
		{ "a path", "missing", O_PATH, ENOENT },
		{ "as a directory", "missing/x", O_RDONLY, ENOENT },
		{ "and back", "missing/..", O_RDONLY, ENOENT },
		{ "with a slash", "missing/", O_RDONLY, ENOENT },
		{ "create below it", "missing/x", O_WRONLY | O_CREAT, ENOENT },
		{ "a link to nothing", "dangling", O_RDONLY, ENOENT },
		{ "as a directory", "dangling/x", O_RDONLY, ENOENT },
		{ "create below nothing", "dangling_dir", O_WRONLY | O_CREAT, ENOENT },
		{ "an empty path", "", O_RDONLY, ENOENT },
		{ "an empty path to create", "", O_WRONLY | O_CREAT, ENOENT },
		{ "O_EXCL without O_CREAT", "missing", O_RDONLY | O_EXCL, ENOENT },
		{ "create through a link", "dangling", O_WRONLY | O_CREAT, 0 },
		{ "and it is there", "missing", O_RDONLY, 0 },
	};

	EXPECT_ROWS(rows);
}

/* C11: dead directory */
TEST_F(scratch, removed_directory_holds_nothing)
{
	int dir;

	ASSERT_EQ(0, mkdir("dir", 0777));
	dir = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	ASSERT_EQ(0, rmdir("dir"));
	EXPECT_EQ(ENOENT, openat_errno(dir, "new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENOENT, openat_errno(dir, "new", O_CREAT | O_EXCL, 0600));
	EXPECT_EQ(ENOENT, openat_errno(dir, "new", O_RDONLY, 0));
	EXPECT_EQ(ENOENT, openat_errno(dir, "", O_RDONLY, 0));
	EXPECT_EQ(0, openat_errno(dir, ".", O_RDONLY, 0));
}

/* ENOMEM */

TEST_F(setting, pipe_buffers_beyond_the_users_share_are_enomem)
{
	int p[2], pipes;

	if (!is_root())
		SKIP(return, "needs root to set fs.pipe-user-pages-hard");
	ASSERT_EQ(0, mkfifo("fifo", 0666));
	make_file(_metadata, "file", 0666, "");
	/* 32 MiB with 4 KiB pages: low enough to get there, too high for another user to notice */
	if (!CHANGE_SETTING("/proc/sys/fs/pipe-user-pages-hard", "8192"))
		SKIP(return, "no fs.pipe-user-pages-hard in this kernel");
	act_as(_metadata, OTHER_UID);
	EXPECT_EQ(0, open_errno("fifo", O_RDWR, 0));
	for (pipes = 0; pipes < 400 && pipe2(p, O_CLOEXEC) == 0; pipes++)
		fcntl(p[0], F_SETPIPE_SZ, 1 << 20);
	EXPECT_EQ(ENFILE, errno);
	EXPECT_EQ(ENOMEM, open_errno("fifo", O_RDWR, 0));
	EXPECT_EQ(ENOMEM, open_errno("fifo", O_RDONLY | O_NONBLOCK, 0));
	EXPECT_EQ(0, open_errno("file", O_RDWR, 0));
	act_as(_metadata, 0);
	/* who may override resources may have one */
	EXPECT_EQ(0, open_errno("fifo", O_RDWR, 0));
}

/* C11, C3: each allocation of an open in turn fails; what comes of it is an error or a file */
TEST_F(setting, failed_allocation_is_enomem)
{
	static const struct {
		const char *name, *path;
		/* the last: the memory filesystems' word for no inode */
		int flags, error, or_error;
	} rows[] = {
		{ "open", "file", O_RDWR, 0, ENOMEM },
		{ "miss", "missing", O_RDONLY, ENOENT, ENOMEM },
		{ "create", "new", O_WRONLY | O_CREAT | O_EXCL, 0, ENOSPC },
		{ "path", "file", O_PATH, 0, ENOMEM },
	};
	int i, nth, error, failed, fd, lowest;
	char left[16], text[16];
	struct stat st;

	if (!is_root())
		SKIP(return, "needs root to make allocations fail");
	if (access("/proc/self/fail-nth", F_OK))
		SKIP(return, "no CONFIG_FAULT_INJECTION in this kernel");
	ASSERT_EQ(0, mkdir("debug", 0700));
	if (mount("debugfs", "debug", "debugfs", 0, NULL)) {
		ASSERT_EQ(ENODEV, errno);
		SKIP(return, "no CONFIG_DEBUG_FS in this kernel");
	}
	if (!CHANGE_SETTING("debug/failslab/ignore-gfp-wait", "N"))
		SKIP(return, "no CONFIG_FAILSLAB in this kernel");

	make_file(_metadata, "file", 0600, "");
	fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	lowest = dup(fd);
	close(lowest);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		failed = 0;
		for (nth = 1; nth <= 1000; nth++) {
			snprintf(text, sizeof(text), "%d", nth);
			ASSERT_EQ((ssize_t)strlen(text), pwrite(fd, text, strlen(text), 0));
			error = open_errno(rows[i].path, rows[i].flags, 0600);
			memset(left, 0, sizeof(left));
			ASSERT_LT(0, pread(fd, left, sizeof(left) - 1, 0));
			ASSERT_EQ(1, pwrite(fd, "0", 1, 0));
			if (atoi(left))
				break;
			EXPECT_TRUE(error == ENOMEM || error == rows[i].error ||
				    error == rows[i].or_error)
				TH_LOG("%s, allocation %d: %s", rows[i].name, nth,
				       strerror(error));
			failed += error == ENOMEM;
			if (error && rows[i].flags & O_CREAT)
				EXPECT_EQ(-1, lstat(rows[i].path, &st));
			unlink("new");
		}
		/* the last one has not failed, and all is well */
		EXPECT_LT(nth, 1000);
		EXPECT_EQ(rows[i].error, error) TH_LOG("%s", rows[i].name);
		EXPECT_LE(2, failed) TH_LOG("%s", rows[i].name);
	}
	/* R1: no failure has kept a descriptor */
	EXPECT_EQ(lowest, dup(fd));
}

/* ENOTDIR */
TEST_F(tree, what_is_no_directory_is_enotdir)
{
	static const struct row rows[] = {
		{ "a file as a directory", "file/x", O_RDONLY, ENOTDIR },
		{ "its dot", "file/.", O_RDONLY, ENOTDIR },
		{ "its parent", "file/..", O_RDONLY, ENOTDIR },
		{ "with a slash", "file/", O_RDONLY, ENOTDIR },
		{ "through a link", "link/", O_RDONLY, ENOTDIR },
		{ "create below it", "file/x", O_WRONLY | O_CREAT, ENOTDIR },
		{ "a fifo as a directory", "fifo/x", O_RDONLY, ENOTDIR },
		{ "O_DIRECTORY, a file", "file", O_DIRECTORY, ENOTDIR },
		{ "a path of it", "file", O_DIRECTORY | O_PATH, ENOTDIR },
		{ "a link to a file", "link", O_DIRECTORY, ENOTDIR },
		{ "a fifo", "fifo", O_DIRECTORY | O_NONBLOCK, ENOTDIR },
		{ "a socket", "sock", O_DIRECTORY, ENOTDIR },
		{ "a link to a directory", "link_dir", O_DIRECTORY, 0 },
		{ "a directory", "dir", O_DIRECTORY, 0 },
	};

	EXPECT_ROWS(rows);
}

TEST_F(tree, descriptor_of_no_directory_is_enotdir)
{
	int file = open("file", O_RDONLY | O_CLOEXEC);
	int path = open("file", O_PATH | O_CLOEXEC);
	int link = open("link_dir", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int p[2];

	ASSERT_LE(0, file);
	ASSERT_LE(0, path);
	ASSERT_LE(0, link);
	ASSERT_EQ(0, pipe2(p, O_CLOEXEC));
	EXPECT_EQ(ENOTDIR, openat_errno(file, "x", O_RDONLY, 0));
	EXPECT_EQ(ENOTDIR, openat_errno(file, ".", O_RDONLY, 0));
	EXPECT_EQ(ENOTDIR, openat_errno(path, "x", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(ENOTDIR, openat_errno(link, "x", O_RDONLY, 0));
	EXPECT_EQ(ENOTDIR, openat_errno(p[0], "x", O_RDONLY, 0));
	EXPECT_EQ(ENOENT, openat_errno(file, "", O_RDONLY, 0));
	EXPECT_EQ(0, openat_errno(file, "/", O_RDONLY, 0));
}

/* EOPNOTSUPP: found after the permission to write the directory */
TEST_F(scratch, o_tmpfile_where_there_is_none_is_eopnotsupp)
{
	/* by a descriptor: a guest's root directory may be closed to others */
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ASSERT_LE(0, proc);
	/* /proc has none, and only root could write it */
	if (is_root()) {
		EXPECT_EQ(EOPNOTSUPP, openat_errno(proc, ".", O_TMPFILE | O_RDWR, 0600));
		EXPECT_EQ(EOPNOTSUPP, openat_errno(proc, ".", O_TMPFILE | O_WRONLY, 0600));
		become_other(_metadata);
	}
	EXPECT_EQ(0, openat_errno(proc, ".", O_RDONLY, 0));
	EXPECT_EQ(EACCES, openat_errno(proc, ".", O_TMPFILE | O_RDWR, 0600));
}

TEST_F(tree, o_tmpfile_wants_a_writable_directory)
{
	static const struct row rows[] = {
		{ "a directory", "dir", O_RDWR, 0 },
		{ "a link to one", "link_dir", O_WRONLY, 0 },
		{ "not to be followed", "link_dir", O_RDWR | O_NOFOLLOW, ENOTDIR },
		{ "for good", "dir", O_RDWR | O_EXCL, 0 },
		{ "an unwritable one", "dir_ro", O_RDWR, EACCES },
		{ "one without search", "dir_rw", O_RDWR, EACCES },
		{ "a file", "file", O_RDWR, ENOTDIR },
		{ "nothing", "missing", O_RDWR, ENOENT },
		{ "a link to nothing", "dangling", O_RDWR, ENOENT },
		{ "a loop", "loop", O_RDWR, ELOOP },
	};
	int i;

	become_other(_metadata);
	if (open_errno("dir", O_TMPFILE | O_RDWR, 0600) == EOPNOTSUPP)
		SKIP(return, "no O_TMPFILE on this filesystem");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].error,
			  open_errno(rows[i].path, rows[i].flags | O_TMPFILE, 0600))
			TH_LOG("%s", rows[i].name);
	}
}

/* EOVERFLOW */

/*
 * F1: only a 32-bit call comes without O_LARGEFILE
 *
 * It is the filesystem's ->open that asks. That of tmpfs came with O_DIRECT, in 6.6; ramfs
 * has none.
 */
TEST_F(scratch, file_of_2_gib_needs_o_largefile)
{
	const int without = sizeof(long) == 4 ? EOVERFLOW : 0;
	int fd = open64("big", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate64(fd, (1LL << 31) - 1)) TH_LOG("%s", strerror(errno));
	EXPECT_EQ(0, open_errno("big", O_RDONLY, 0));
	if (without && open_errno("big", O_RDONLY | O_DIRECT, 0) == EINVAL)
		SKIP(return, "this filesystem does not ask for O_LARGEFILE");
	ASSERT_EQ(0, ftruncate64(fd, 1LL << 31));
	EXPECT_EQ(without, open_errno("big", O_RDONLY, 0));
	EXPECT_EQ(without, open_errno("big", O_RDWR, 0));
	EXPECT_EQ(0, open_errno("big", O_PATH, 0));
	EXPECT_EQ(0, close_and_errno(open64("big", O_RDWR)));
	/* after it has been opened, too late for the size to matter */
	EXPECT_EQ(without, open_errno("big", O_WRONLY | O_TRUNC, 0));
	EXPECT_EQ(0, ftruncate64(fd, 0));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(0, open_errno("big", O_RDWR, 0));
}

/* An owner without a number on that filesystem; open(2) does not name the case. */
TEST_F(scratch, create_by_an_unmapped_owner_is_eoverflow)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
		ASSERT_TRUE(errno == EINVAL || errno == EPERM || errno == ENOSPC);
		SKIP(return, "no user namespaces for this user: %s", strerror(errno));
	}
	if (!mount_tmpfs(_metadata, "mnt", "mode=0777"))
		SKIP(return, "no tmpfs in this kernel");
	EXPECT_EQ(EOVERFLOW, open_errno("mnt/new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EOVERFLOW, open_errno("mnt", O_TMPFILE | O_WRONLY, 0600));
	EXPECT_EQ(ENOENT, open_errno("mnt/new", O_RDONLY, 0));
	EXPECT_EQ(0, open_errno("mnt", O_RDONLY, 0));
	ASSERT_EQ(0, umount2("mnt", MNT_DETACH));
}

/* EPERM */

TEST_F(scratch, o_noatime_of_anothers_file_is_eperm)
{
	make_file(_metadata, "file", 0666, "");
	EXPECT_EQ(0, open_errno("file", O_RDONLY | O_NOATIME, 0));
	/* /proc's files are root's, who may have it of all */
	EXPECT_EQ(is_root() ? 0 : EPERM,
		  open_errno("/proc/version", O_RDONLY | O_NOATIME, 0));
	if (!is_root())
		return;
	make_file(_metadata, "none", 0, "");
	ASSERT_EQ(0, chown("file", OTHER_UID + 1, OTHER_UID + 1));
	EXPECT_EQ(0, open_errno("file", O_RDONLY | O_NOATIME, 0));
	become_other(_metadata);
	EXPECT_EQ(EPERM, open_errno("file", O_RDONLY | O_NOATIME, 0));
	EXPECT_EQ(EPERM, open_errno("file", O_RDWR | O_NOATIME, 0));
	EXPECT_EQ(0, open_errno("file", O_RDWR, 0));
	EXPECT_EQ(EACCES, open_errno("none", O_RDONLY | O_NOATIME, 0));
}

/* mark - give a file one of the attributes of chattr(1); false where there are none */
static bool mark(struct __test_metadata *const _metadata, const char *path, int attr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error;

	ASSERT_LE(0, fd);
	error = ioctl(fd, FS_IOC_SETFLAGS, &attr) ? errno : 0;
	close(fd);
	ASSERT_TRUE(error == 0 || error == ENOTTY || error == EOPNOTSUPP)
		TH_LOG("%s", strerror(error));
	return error == 0;
}

TEST_F(tree, append_only_file_is_eperm)
{
	static const struct row rows[] = {
		{ "read", "file", O_RDONLY, 0 },
		{ "write", "file", O_WRONLY, EPERM },
		{ "read and write", "file", O_RDWR, EPERM },
		{ "access mode 3", "file", O_ACCMODE, EPERM },
		{ "append", "file", O_WRONLY | O_APPEND, 0 },
		{ "read and append", "file", O_RDWR | O_APPEND, 0 },
		{ "truncate", "file", O_RDONLY | O_TRUNC, EPERM },
		{ "append, truncate", "file", O_WRONLY | O_APPEND | O_TRUNC, EPERM },
		{ "create what is there", "file", O_RDONLY | O_CREAT, 0 },
		{ "EEXIST before it", "file", O_WRONLY | O_CREAT | O_EXCL, EEXIST },
		{ "create in such a directory", "dir/new", O_WRONLY | O_CREAT, 0 },
	};
	static const struct row other[] = {
		{ "EACCES before it", "none", O_WRONLY, EACCES },
		{ "for all", "file", O_WRONLY, EPERM },
	};

	if (!is_root())
		SKIP(return, "needs root to mark a file append-only");
	if (!mark(_metadata, "file", FS_APPEND_FL))
		SKIP(return, "no file attributes on this filesystem");
	ASSERT_TRUE(mark(_metadata, "none", FS_APPEND_FL));
	ASSERT_TRUE(mark(_metadata, "dir", FS_APPEND_FL));
	EXPECT_ROWS(rows);
	become_other(_metadata);
	EXPECT_ROWS(other);
}

TEST_F(tree, immutable_file_is_eperm)
{
	static const struct row rows[] = {
		{ "read", "file", O_RDONLY, 0 },
		{ "write", "file", O_WRONLY, EPERM },
		{ "append", "file", O_WRONLY | O_APPEND, EPERM },
		{ "truncate", "file", O_RDONLY | O_TRUNC, EPERM },
		{ "create what is there", "file", O_RDONLY | O_CREAT, 0 },
		{ "create in such a directory", "dir/new", O_WRONLY | O_CREAT, EPERM },
		{ "nothing was made", "dir/new", O_RDONLY, ENOENT },
		{ "O_TMPFILE in it", "dir", O_TMPFILE | O_WRONLY, EPERM },
		{ "EISDIR before it", "dir", O_WRONLY, EISDIR },
	};
	static const struct row other[] = {
		{ "before EACCES", "none", O_WRONLY, EPERM },
		{ "no EPERM to read", "none", O_RDONLY, EACCES },
	};

	if (!is_root())
		SKIP(return, "needs root to mark a file immutable");
	if (!mark(_metadata, "file", FS_IMMUTABLE_FL))
		SKIP(return, "no file attributes on this filesystem");
	ASSERT_TRUE(mark(_metadata, "none", FS_IMMUTABLE_FL));
	ASSERT_TRUE(mark(_metadata, "dir", FS_IMMUTABLE_FL));
	EXPECT_ROWS(rows);
	become_other(_metadata);
	EXPECT_ROWS(other);
}

/* A seal is asked for by what an open does, which is O_TRUNC alone. */
TEST_F(scratch, o_trunc_of_a_sealed_memfd_is_eperm)
{
	static const struct {
		const char *name;
		int seals, flags, error;
	} rows[] = {
		{ "no seal", 0, O_RDWR | O_TRUNC, 0 },
		{ "it cannot shrink", F_SEAL_SHRINK, O_RDWR | O_TRUNC, EPERM },
		{ "it need not to be read", F_SEAL_SHRINK, O_RDWR, 0 },
		{ "it cannot grow", F_SEAL_GROW, O_RDWR | O_TRUNC, 0 },
		{ "it cannot be written, but opened", F_SEAL_WRITE, O_RDWR, 0 },
		{ "and truncated", F_SEAL_WRITE, O_RDWR | O_TRUNC, 0 },
		{ "it cannot be sealed", F_SEAL_SEAL, O_RDWR | O_TRUNC, 0 },
	};
	char path[32];
	int i, fd, error;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = memfd_create("open_trace", MFD_ALLOW_SEALING | MFD_CLOEXEC);
		if (fd < 0) {
			error = errno;
			/* the same error as of a call that no kernel has */
			ASSERT_EQ(-1, syscall(-1));
			ASSERT_EQ(error, errno);
			SKIP(return, "no memfd in this kernel");
		}
		ASSERT_EQ(5, write(fd, "bytes", 5));
		ASSERT_EQ(0, fcntl(fd, F_ADD_SEALS, rows[i].seals));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		EXPECT_EQ(rows[i].error, open_errno(path, rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
		ASSERT_EQ(0, close(fd));
	}
}

/* EROFS: a filesystem that is read-only, and a mount that is, of one that is not */

FIXTURE(read_only) {
	char path[PATH_MAX];
};

FIXTURE_VARIANT(read_only) {
	unsigned long remount;
	/* to write a file that its mode denies */
	int denied;
	/* access mode 3: may it be written is asked, but nobody is going to */
	int mode_3;
};

FIXTURE_VARIANT_ADD(read_only, filesystem) {
	.remount = MS_REMOUNT | MS_RDONLY, .denied = EROFS, .mode_3 = EROFS,
};

FIXTURE_VARIANT_ADD(read_only, mount) {
	.remount = MS_REMOUNT | MS_BIND | MS_RDONLY, .denied = EACCES, .mode_3 = 0,
};

FIXTURE_SETUP(read_only)
{
	tree_enter(_metadata, self->path);
	if (!is_root())
		return;
	ASSERT_EQ(0, mknod("null", S_IFCHR | 0666, makedev(1, 3)));
	ASSERT_EQ(0, mount(NULL, self->path, NULL, variant->remount, NULL))
		TH_LOG("%s", strerror(errno));
}

FIXTURE_TEARDOWN(read_only)
{
	if (!is_root())
		tree_leave(self->path);
}

TEST_F(read_only, writing_is_erofs)
{
	static const struct row rows[] = {
		{ "read", "file", O_RDONLY, 0 },
		{ "write", "file", O_WRONLY, EROFS },
		{ "read and write", "file", O_RDWR, EROFS },
		{ "truncate", "file", O_RDONLY | O_TRUNC, EROFS },
		{ "create", "new", O_WRONLY | O_CREAT, EROFS },
		{ "create to read", "new", O_RDONLY | O_CREAT, EROFS },
		{ "create alone", "new", O_CREAT | O_EXCL, EROFS },
		{ "create through a link", "dangling", O_CREAT, EROFS },
		{ "O_TMPFILE", "dir", O_TMPFILE | O_WRONLY, EROFS },
		{ "create what is there", "file", O_RDONLY | O_CREAT, 0 },
		{ "a fifo is not written there", "fifo", O_RDWR, 0 },
		{ "nor a device", "null", O_WRONLY | O_TRUNC, 0 },
		{ "a path", "file", O_PATH | O_RDWR, 0 },
	};

	if (!is_root())
		SKIP(return, "needs root to mount");
	EXPECT_ROWS(rows);
	EXPECT_EQ(variant->mode_3, open_errno("file", O_ACCMODE, 0));
}

TEST_F(read_only, what_else_is_wrong_comes_first)
{
	static const struct row rows[] = {
		{ "EEXIST", "file", O_WRONLY | O_CREAT | O_EXCL, EEXIST },
		{ "EEXIST, truncated", "file", O_CREAT | O_EXCL | O_TRUNC, EEXIST },
		{ "EISDIR", "dir", O_WRONLY, EISDIR },
		{ "EISDIR, created", "dir", O_RDONLY | O_CREAT, EISDIR },
		{ "EISDIR, a slash", "new/", O_RDONLY | O_CREAT, EISDIR },
		{ "ENOENT", "missing", O_WRONLY, ENOENT },
		{ "ENOENT, truncated", "missing", O_WRONLY | O_TRUNC, ENOENT },
		{ "ENOENT on the way", "missing/x", O_CREAT, ENOENT },
		{ "ENOTDIR", "file", O_WRONLY | O_DIRECTORY, ENOTDIR },
		{ "ENOTDIR on the way", "file/x", O_CREAT, ENOTDIR },
		{ "ENAMETOOLONG", name_256, O_CREAT, ENAMETOOLONG },
		{ "ELOOP", "link", O_WRONLY | O_NOFOLLOW, ELOOP },
		{ "ENXIO", "sock", O_WRONLY, ENXIO },
		{ "EINVAL", "new", O_CREAT | O_DIRECTORY, EINVAL },
	};

	if (!is_root())
		SKIP(return, "needs root to mount");
	EXPECT_ROWS(rows);
}

/* The filesystem's own read-only comes before the modes, the mount's after them. */
TEST_F(read_only, permission_comes_before_that_of_the_mount)
{
	const struct row rows[] = {
		{ "write", "r", O_WRONLY, variant->denied },
		{ "read and write", "r", O_RDWR, variant->denied },
		{ "truncate: the mount is asked first", "r", O_TRUNC, EROFS },
		{ "create: so it is", "dir_ro/new", O_CREAT, EROFS },
		{ "O_TMPFILE: so it is", "dir_ro", O_TMPFILE | O_RDWR, EROFS },
		{ "search", "dir_rw/new", O_CREAT, EACCES },
		{ "read", "w", O_RDONLY, EACCES },
	};

	if (!is_root())
		SKIP(return, "needs root to mount");
	become_other(_metadata);
	EXPECT_ROWS(rows);
}

/* ETXTBSY */

/* start_stopped - run a program, and stop it before its first instruction */
static pid_t start_stopped(struct __test_metadata *const _metadata, const char *path)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(path, path, NULL);
		_exit(errno);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status))
		TH_LOG("%s: %s", path, strerror(WEXITSTATUS(status)));
	return pid;
}

TEST_F(scratch, writing_a_running_program_is_etxtbsy)
{
	static const struct row running[] = {
		{ "read", "program", O_RDONLY, 0 },
		{ "write", "program", O_WRONLY, ETXTBSY },
		{ "read and write", "program", O_RDWR, ETXTBSY },
		{ "truncate", "program", O_RDONLY | O_TRUNC, ETXTBSY },
		{ "a path", "program", O_PATH, 0 },
		{ "EEXIST before it", "program", O_CREAT | O_EXCL, EEXIST },
		{ "ENOTDIR before it", "program", O_RDWR | O_DIRECTORY, ENOTDIR },
	};
	struct statvfs st;
	pid_t pid;
	int exe;

	ASSERT_EQ(0, statvfs(".", &st));
	if (st.f_flag & ST_NOEXEC)
		SKIP(return, "programs do not run on this filesystem");
	exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, exe);
	copy_file(_metadata, exe, "program", 0777);
	pid = start_stopped(_metadata, "program");
	EXPECT_ROWS(running);
	ASSERT_EQ(0, chmod("program", 0555));
	if (fork() == 0) {
		become_other(_metadata);
		_exit(open_errno("program", O_WRONLY, 0));
	} else {
		int status;

		ASSERT_LT(0, wait(&status));
		EXPECT_EQ(EACCES, WEXITSTATUS(status));
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, chmod("program", 0777));
	EXPECT_EQ(0, open_errno("program", O_RDWR, 0));
}

/* The other side: what is open for writing does not run. */
TEST_F(scratch, running_a_file_open_for_writing_is_etxtbsy)
{
	static const struct {
		const char *name;
		int flags, error;
	} rows[] = {
		{ "to write", O_WRONLY, ETXTBSY },
		{ "to read and write", O_RDWR, ETXTBSY },
		{ "access mode 3 is no writer", O_ACCMODE, ENOEXEC },
		{ "to read", O_RDONLY, ENOEXEC },
		{ "a path", O_PATH | O_WRONLY, ENOEXEC },
	};
	struct statvfs st;
	int i, fd;

	ASSERT_EQ(0, statvfs(".", &st));
	if (st.f_flag & ST_NOEXEC)
		SKIP(return, "programs do not run on this filesystem");
	/* no program: that is found after what is looked for here */
	make_file(_metadata, "script", 0777, "?");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = open("script", rows[i].flags | O_CLOEXEC);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, execl("script", "script", NULL));
		EXPECT_EQ(rows[i].error, errno) TH_LOG("%s", rows[i].name);
		ASSERT_EQ(0, close(fd));
	}
}

/* Which error wins, by each of the calls that open. */

FIXTURE(order) {
	char path[PATH_MAX];
};

FIXTURE_VARIANT(order) {
	int (*call)(int dir, const char *path, int flags, mode_t mode);
};

#ifdef SYS_open
static int by_open(int dir, const char *path, int flags, mode_t mode)
{
	return close_and_errno(syscall(SYS_open, path, flags, mode));
}

FIXTURE_VARIANT_ADD(order, open) {
	.call = by_open,
};
#endif

static int by_openat2(int dir, const char *path, int flags, mode_t mode)
{
	/* a mode for nothing is an error here */
	if (!(flags & (O_CREAT | TMPFILE_BIT)))
		mode = 0;
	return openat2_errno(dir, path, (unsigned int)flags, mode, 0);
}

FIXTURE_VARIANT_ADD(order, openat) {
	.call = openat_errno,
};

FIXTURE_VARIANT_ADD(order, openat2) {
	.call = by_openat2,
};

FIXTURE_SETUP(order)
{
	tree_enter(_metadata, self->path);
	become_other(_metadata);
}

FIXTURE_TEARDOWN(order)
{
	tree_leave(self->path);
}

static void expect_order(struct __test_metadata *const _metadata,
			 int (*call)(int dir, const char *path, int flags, mode_t mode),
			 const struct row *row, size_t rows)
{
	for (; rows--; row++) {
		EXPECT_EQ(row->error, call(AT_FDCWD, row->path, row->flags, 0600))
			TH_LOG("%s: %s", row->name, row->path);
	}
}

#define EXPECT_ORDER(rows)						\
	expect_order(_metadata, variant->call, rows,			\
		     sizeof(rows) / sizeof(struct row))

/* The flags are looked at before anything else, then the bytes of the path. */
TEST_F(order, flags_then_path_then_names)
{
	static char long_path[PATH_MAX + 1];
	const struct row rows[] = {
		{ "EINVAL, not EFAULT", NULL, O_CREAT | O_DIRECTORY, EINVAL },
		{ "EINVAL, not ENAMETOOLONG", long_path, O_CREAT | O_DIRECTORY, EINVAL },
		{ "EINVAL, not EEXIST", "file", O_CREAT | O_EXCL | O_DIRECTORY, EINVAL },
		{ "EINVAL, not EISDIR", "dir", O_CREAT | O_DIRECTORY, EINVAL },
		{ "EINVAL, not ENOTDIR", "file", O_CREAT | O_DIRECTORY, EINVAL },
		{ "EINVAL, not EACCES", "dir_rw/x", O_CREAT | O_DIRECTORY, EINVAL },
		{ "EINVAL, not ENOENT", "missing", O_TMPFILE, EINVAL },
		{ "ENAMETOOLONG, not ENOTDIR", long_path, O_RDONLY, ENAMETOOLONG },
		{ "ENAMETOOLONG, not EISDIR", long_path, O_CREAT, ENAMETOOLONG },
	};

	memset(long_path, '/', PATH_MAX);
	memcpy(long_path, "file", 4);
	EXPECT_ORDER(rows);
}

/* The walk says what the first bad component says. */
TEST_F(order, first_component_that_fails_decides)
{
	static const struct row rows[] = {
		{ "ENOENT, not ENOTDIR", "missing/../file/x", O_RDONLY, ENOENT },
		{ "ENOTDIR, not ENOENT", "file/missing/x", O_RDONLY, ENOTDIR },
		{ "ENOTDIR, not EACCES", "none/x", O_RDONLY, ENOTDIR },
		{ "EACCES, not ENOENT", "dir_rw/missing", O_RDONLY, EACCES },
		{ "EACCES, not ENOENT below", "dir_rw/missing/x", O_RDONLY, EACCES },
		{ "EACCES, not EEXIST", "dir_rw/file", O_CREAT | O_EXCL, EACCES },
		{ "EACCES, not EISDIR", "dir_rw/.", O_WRONLY, EACCES },
		{ "EACCES, and not back", "dir_rw/../file", O_RDONLY, EACCES },
		{ "ELOOP, not ENOTDIR", "loop/x", O_RDONLY | O_DIRECTORY, ELOOP },
		{ "ELOOP, not EISDIR", "loop/", O_RDONLY, ELOOP },
		{ "ENOENT, not EACCES", "missing/x", O_WRONLY | O_CREAT, ENOENT },
		{ "ENOENT through a link", "dangling/x", O_CREAT, ENOENT },
	};

	EXPECT_ORDER(rows);
}

TEST_F(order, last_component)
{
	static const struct row rows[] = {
		/* O_NOFOLLOW */
		{ "ENOTDIR, not ELOOP", "link", O_DIRECTORY | O_NOFOLLOW, ENOTDIR },
		{ "to a directory too", "link_dir", O_DIRECTORY | O_NOFOLLOW, ENOTDIR },
		{ "and a path of it", "link_dir", O_PATH | O_DIRECTORY | O_NOFOLLOW,
		  ENOTDIR },
		{ "ELOOP, not ENOENT", "dangling", O_NOFOLLOW, ELOOP },
		{ "ELOOP, and nothing made", "dangling", O_CREAT | O_NOFOLLOW, ELOOP },
		{ "EEXIST, not ELOOP", "dangling", O_CREAT | O_EXCL | O_NOFOLLOW,
		  EEXIST },
		{ "EEXIST, not ELOOP of a ring", "ring_1", O_CREAT | O_EXCL, EEXIST },
		/* directories */
		{ "EEXIST, not EISDIR", "dir", O_CREAT | O_EXCL | O_WRONLY, EEXIST },
		{ "EISDIR, not EACCES", "dir_none", O_WRONLY, EISDIR },
		{ "EISDIR, not EACCES, created", "dir_none", O_CREAT, EISDIR },
		{ "EISDIR, not EACCES, truncated", "dir_none", O_TRUNC, EISDIR },
		{ "ENOTDIR, not EACCES", "none", O_RDWR | O_DIRECTORY, ENOTDIR },
		{ "EISDIR of O_DIRECTORY", "dir", O_RDWR | O_DIRECTORY, EISDIR },
		/* create */
		{ "EEXIST, not EACCES of the file", "none", O_CREAT | O_EXCL, EEXIST },
		{ "EEXIST, not EACCES of the directory", "dir_ro/file",
		  O_CREAT | O_EXCL, EEXIST },
		{ "EEXIST, not EACCES of a new one", "dir_ro/.", O_CREAT | O_EXCL,
		  EEXIST },
		{ "ENOENT, not EACCES", "dir_ro/new", O_WRONLY, ENOENT },
		{ "EACCES of a new one", "dir_ro/new", O_CREAT | O_EXCL, EACCES },
		/* others */
		{ "EACCES, not ENXIO of a fifo", "fifo_none", O_WRONLY | O_NONBLOCK,
		  EACCES },
		{ "EACCES, not ENXIO of a socket", "sock_none", O_RDWR, EACCES },
		{ "EEXIST, not ENXIO", "sock", O_CREAT | O_EXCL, EEXIST },
		{ "ENOTDIR, not ENXIO", "sock", O_DIRECTORY, ENOTDIR },
		{ "EACCES, and not truncated", "r", O_TRUNC, EACCES },
	};
	struct stat st;

	EXPECT_ORDER(rows);
	EXPECT_EQ(-1, lstat("missing", &st));
	ASSERT_EQ(0, stat("r", &st));
	EXPECT_EQ(7, st.st_size);
}

/* A slash at the end asks for a directory, which O_CREAT does not make. */
TEST_F(order, slash_at_the_end)
{
	static const struct row rows[] = {
		{ "of a file", "file/", O_RDONLY, ENOTDIR },
		{ "of a file to write", "file/", O_WRONLY, ENOTDIR },
		{ "of a closed file", "none/", O_RDONLY, ENOTDIR },
		{ "of nothing", "missing/", O_RDONLY, ENOENT },
		{ "of a link to a file", "link/", O_RDONLY, ENOTDIR },
		{ "of a link to nothing", "dangling/", O_RDONLY, ENOENT },
		{ "of a link to a directory", "link_dir/", O_RDONLY, 0 },
		{ "O_NOFOLLOW follows it", "link_dir/", O_NOFOLLOW, 0 },
		{ "O_NOFOLLOW follows it to nothing", "dangling/", O_NOFOLLOW, ENOENT },
		{ "O_NOFOLLOW follows it to a file", "link/", O_NOFOLLOW, ENOTDIR },
		{ "O_DIRECTORY and O_NOFOLLOW too", "link_dir/",
		  O_DIRECTORY | O_NOFOLLOW, 0 },
		{ "of a directory to write", "dir/", O_WRONLY, EISDIR },
		{ "create, EISDIR, not ENOENT", "new/", O_CREAT, EISDIR },
		{ "create, EISDIR, not ENOTDIR", "file/", O_CREAT, EISDIR },
		{ "create, EISDIR, not EEXIST", "file/", O_CREAT | O_EXCL, EISDIR },
		{ "a directory, not EEXIST", "dir/", O_CREAT | O_EXCL, EISDIR },
		{ "create, EISDIR, not EACCES", "dir_ro/new/", O_CREAT, EISDIR },
		{ "create, EISDIR, not ELOOP", "loop/", O_CREAT, EISDIR },
		{ "a link to nothing", "dangling/", O_CREAT, EISDIR },
		{ "a link to nothing and a slash", "dangling_slash", O_CREAT, EISDIR },
		{ "O_EXCL sees that link only", "dangling_slash", O_CREAT | O_EXCL,
		  EEXIST },
		{ "but on the way, ENOENT", "missing/new/", O_CREAT, ENOENT },
		{ "on the way, EACCES", "dir_rw/new/", O_CREAT, EACCES },
		{ "on the way, ENOTDIR", "file/new/", O_CREAT, ENOTDIR },
		{ "dot is no slash: EEXIST", "dir/.", O_CREAT | O_EXCL, EEXIST },
		{ "nor a dot and a slash", "dir/./", O_CREAT | O_EXCL, EEXIST },
		{ "the root is no name", "/", O_CREAT | O_EXCL, EEXIST },
		{ "of a fifo", "fifo/", O_RDONLY | O_NONBLOCK, ENOTDIR },
	};
	struct stat st;

	EXPECT_ORDER(rows);
	EXPECT_EQ(-1, lstat("new", &st));
	EXPECT_EQ(-1, lstat("missing", &st));
}

/* The descriptor is looked at when the walk begins. */
TEST_F(tree, bad_descriptor_comes_before_all_names)
{
	const struct row rows[] = {
		{ "EINVAL, not EBADF", "new", O_CREAT | O_DIRECTORY, EINVAL },
		{ "EFAULT, not EBADF", NULL, O_RDONLY, EFAULT },
		{ "ENOENT of an empty path", "", O_RDONLY, ENOENT },
		{ "EBADF, not ENOENT", "missing", O_RDONLY, EBADF },
		{ "EBADF, not ENAMETOOLONG", name_256, O_RDONLY, EBADF },
		{ "EBADF, not EISDIR", "new/", O_CREAT, EBADF },
		{ "no matter from the root", "/", O_WRONLY, EISDIR },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].error,
			  openat_errno(-1, rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].error, by_openat2(-1, rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s, openat2", rows[i].name);
	}
}

TEST_HARNESS_MAIN
