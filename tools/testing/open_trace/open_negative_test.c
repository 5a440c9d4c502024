// SPDX-License-Identifier: GPL-2.0
/*
 * The miss from outside: the name that is not there, what the dcache remembers of it, and
 * what ends that memory (C4, C5).
 *
 * Two witnesses tell what the dcache holds. openat2(2) with RESOLVE_CACHED answers from it
 * alone: see cached(). And the kernel counts its unused negative dentries.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/loop.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include "common.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE	0x1
#endif
#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE		0x4C0A
struct loop_config {
	uint32_t fd;
	uint32_t block_size;
	struct loop_info64 info;
	uint64_t reserved[8];
};
#endif

#define TMPFS			0x01021994

/* What a filesystem leaves in the dcache */
struct dcache_rule {
	const char *fs;
	unsigned long magic;
	bool keeps_miss;	/* a miss leaves a negative dentry */
	bool keeps_unlinked;	/* a removed name that nobody holds does so too */
	bool drops_link;	/* a new link is to be looked up, as a miss would */
};

/*
 * Filesystems whose dentries are all they have ask for a dentry to go with its last user, when
 * it is negative: d_delete or DCACHE_DONTCACHE.
 */
static const struct dcache_rule dcache_rules[] = {
	{ "tmpfs", TMPFS, false, false },
	{ "ramfs", 0x858458f6, false, false },
	{ "ext4",  0x0000ef53, true,  true },
};

/* Its layers, here in memory, keep no misses themselves. */
static const struct dcache_rule overlay_rule = {
	"overlayfs", 0x794c7630, true, false, true
};

static const struct dcache_rule *dcache_rule_of_cwd(void)
{
	struct statfs st;
	size_t i;

	if (statfs(".", &st))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(dcache_rules); i++) {
		if ((unsigned long)st.f_type == dcache_rules[i].magic)
			return &dcache_rules[i];
	}
	return NULL;
}

/*
 * cached_as - what the dcache alone says of a name
 *
 * EAGAIN: it holds no dentry of that name; ENOENT: a negative one; 0: a positive one.
 * A rename or a mount that goes on elsewhere may turn an answer into EAGAIN, so EAGAIN
 * counts when it is the answer time and again; asking changes nothing.
 */
static int cached_as(const char *path, uint64_t flags)
{
	int tries = 16;
	int err;

	do {
		err = openat2_errno(AT_FDCWD, path, flags, 0, RESOLVE_CACHED);
	} while (err == EAGAIN && --tries);
	return err;
}

static int cached(const char *path)
{
	return cached_as(path, O_RDONLY | O_NONBLOCK);
}

static int miss(const char *path)
{
	return open_errno(path, O_RDONLY, 0);
}

static int make(const char *path)
{
	return open_errno(path, O_RDWR | O_CREAT | O_EXCL, 0644);
}

static int rename_errno(const char *from, const char *to, unsigned int flags)
{
	return errno_of(syscall(__NR_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}

/* as_other - open as somebody whom modes bind; root gives itself up for the call only */
static int as_other(const char *path, uint64_t flags, uint64_t resolve)
{
	bool root = is_root();
	int err;

	if (root && seteuid(OTHER_UID))
		return -1;
	err = openat2_errno(AT_FDCWD, path, flags, flags & O_CREAT ? 0644 : 0, resolve);
	if (root && seteuid(0))
		return -1;
	return err;
}

/* in_child - what another process is told */
static int in_child(int (*call)(const char *path), const char *path)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(call(path));
	return pid < 0 ? -1 : wait_for(pid);
}

/* inode_of - the inode of a new, open file; 0 if it cannot be opened */
static ino_t inode_of(const char *path, int flags)
{
	struct stat st = { .st_ino = 0 };
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		return 0;
	fstat(fd, &st);
	close(fd);
	return st.st_ino;
}

/* ------------------------------------------------------------- the places to miss in */

struct place {
	char scratch[PATH_MAX];
	char dir[32];			/* the test's own directory below top, or "" */
	int top;
	const char *mount;		/* a superblock of this program's, or NULL */
	const char *absent;		/* why there is no such place here */
	const struct dcache_rule *rule;	/* NULL where none is known */
};

FIXTURE(miss) {
	struct place place;
};

static void make_dirs(struct __test_metadata *const _metadata, const char *const *dirs)
{
	for (; *dirs; dirs++) {
		ASSERT_EQ(0, mkdir(*dirs, 0777)) TH_LOG("%s: %s", *dirs, strerror(errno));
	}
}

#define MAKE_DIRS(...)								\
	make_dirs(_metadata, (const char *const []){ __VA_ARGS__, NULL })

/*
 * What this program has mounted or opened for all of its tests, in a mount namespace of its
 * own, that goes with it.
 */
static struct {
	int directory;			/* OPEN_TRACE_DIR, or where we began */
	int ext4;			/* the root of an ext4, or -1 */
	bool ext4_is_ours;		/* nobody else may have it mounted */
	const char *no_ext4;		/* why there is none */
	char error[256];		/* why there is none, where there should be */
} given = { .directory = -1, .ext4 = -1 };

#define EXT4_MOUNT		"ext4"

#define GIVEN_ERROR(format, ...)						\
	snprintf(given.error, sizeof(given.error), format ": %s", ##__VA_ARGS__, \
		 strerror(errno))

/* make_image - a small ext4 in an unlinked file here; -1 where that cannot be */
static int make_image(void)
{
	static const char *const tools[] = { "/sbin/mke2fs", "/usr/sbin/mke2fs" };
	const char *tool = NULL;
	pid_t pid;
	int image;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tools) && !tool; i++) {
		if (access(tools[i], X_OK) == 0)
			tool = tools[i];
	}
	if (!tool) {
		given.no_ext4 = "no mke2fs, and OPEN_TRACE_EXT4 names no device or image";
		return -1;
	}
	image = open("ext4.img", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (image < 0 || ftruncate(image, 4 << 20)) {
		GIVEN_ERROR("making ext4.img");
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		execl(tool, tool, "-q", "-F", "-t", "ext4", "-b", "1024", "-N", "512",
		      "ext4.img", NULL);
		_exit(127);
	}
	if (pid < 0 || wait_for(pid)) {
		GIVEN_ERROR("%s", tool);
		close(image);
		return -1;
	}
	unlink("ext4.img");
	return image;
}

/* loop_in_use - the loop device, opened, that this file is already behind; else -1 */
static int loop_in_use(int image, char *path, size_t size)
{
	struct loop_info64 info;
	struct dirent *entry;
	unsigned int number;
	struct stat st;
	int loop = -1;
	DIR *dev;

	if (fstat(image, &st))
		return -1;
	dev = opendir("/dev");
	while (dev && loop < 0 && (entry = readdir(dev))) {
		if (sscanf(entry->d_name, "loop%u", &number) != 1)
			continue;
		snprintf(path, size, "/dev/loop%u", number);
		loop = open(path, O_RDWR | O_CLOEXEC);
		if (loop < 0)
			continue;
		if (ioctl(loop, LOOP_GET_STATUS64, &info) ||
		    info.lo_inode != st.st_ino || info.lo_device != st.st_dev) {
			close(loop);
			loop = -1;
		}
	}
	if (dev)
		closedir(dev);
	return loop;
}

/* loop_free - a free loop device, opened and with that image behind it; else -1 */
static int loop_free(int control, int image, char *path, size_t size)
{
	struct loop_config config = {
		.fd = image, .info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};
	int loop, number, tries;

	/* somebody else may be faster, and take it */
	for (tries = 0; tries < 100; tries++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			break;
		snprintf(path, size, "/dev/loop%d", number);
		loop = open(path, O_RDWR | O_CLOEXEC);
		if (loop < 0)
			break;
		if (ioctl(loop, LOOP_CONFIGURE, &config) == 0)
			return loop;
		close(loop);
		if (errno != EBUSY)
			break;
	}
	GIVEN_ERROR("a loop device for the image");
	return -1;
}

/* reopen_to_read - a kernel may refuse to mount a device that somebody can write to */
static int reopen_to_read(int fd)
{
	char path[64];
	int reader;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	if (reader < 0)
		GIVEN_ERROR("reading %s", path);
	close(fd);
	return reader;
}

/*
 * loop_attach - the image behind a loop device, which goes with its last user
 *
 * An image that already is behind one is used through that: two would tear it.
 */
static int loop_attach(int image, char *path, size_t size)
{
	int control, loop;

	/* as for /proc, a bare guest's may be empty */
	if (access("/dev/loop-control", F_OK)) {
		mkdir("/dev", 0755);
		mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	}
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0) {
		if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
			given.no_ext4 = "the kernel has no loop devices";
		else
			GIVEN_ERROR("/dev/loop-control");
		return -1;
	}
	/* of two of these programs one attaches it, the other finds it so */
	flock(image, LOCK_EX);
	loop = loop_in_use(image, path, size);
	given.ext4_is_ours = loop < 0;
	if (loop < 0)
		loop = loop_free(control, image, path, size);
	flock(image, LOCK_UN);
	close(control);
	return loop < 0 ? loop : reopen_to_read(loop);
}

/* find_ext4 - mount that of OPEN_TRACE_EXT4, or a new one, in the working directory */
static void find_ext4(int backing)
{
	char source[64];
	struct stat st;
	int loop = -1;

	if (backing < 0)
		backing = make_image();
	if (backing < 0 || fstat(backing, &st))
		return;
	if (S_ISBLK(st.st_mode)) {
		backing = reopen_to_read(backing);
		snprintf(source, sizeof(source), "/proc/self/fd/%d", backing);
	} else {
		loop = loop_attach(backing, source, sizeof(source));
	}
	if (S_ISBLK(st.st_mode) || loop >= 0) {
		if (mkdir(EXT4_MOUNT, 0755) == 0 &&
		    mount(source, EXT4_MOUNT, "ext4", 0, NULL) == 0)
			given.ext4 = open(EXT4_MOUNT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		else if (errno == ENODEV)
			given.no_ext4 = "the kernel has no ext4";
		else
			GIVEN_ERROR("mounting ext4 of %s", source);
	}
	close(backing);
	if (loop >= 0)
		close(loop);
}

/* Before main(): mounting ext4 for each test would take longer than all of them. */
static __attribute__((constructor)) void find_given(void)
{
	const char *directory = getenv("OPEN_TRACE_DIR");
	const char *ext4 = getenv("OPEN_TRACE_EXT4");
	const char *top = getenv("TMPDIR") ?: "/tmp";
	int backing = -1;
	int cwd;

	umask(0);
	if (is_root() && (unshare(CLONE_NEWNS) ||
			  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))) {
		GIVEN_ERROR("a mount namespace");
		return;
	}
	/* all that has a name before that name may be covered */
	cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	given.directory = open(directory ?: ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (given.directory < 0)
		GIVEN_ERROR("OPEN_TRACE_DIR: %s", directory);
	if (!is_root()) {
		given.no_ext4 = "needs root to mount ext4";
		return;
	}
	mount_proc();
	if (ext4) {
		backing = open(ext4, O_RDWR | O_CLOEXEC);
		if (backing < 0) {
			GIVEN_ERROR("OPEN_TRACE_EXT4: %s", ext4);
			return;
		}
	}
	mkdir(top, 01777);
	if (mount_memory(top))
		find_ext4(backing);
	else
		GIVEN_ERROR("a filesystem in memory at %s", top);
	fchdir(cwd);
	close(cwd);
}

/* own_dir - a directory of the test's own, in its own mount namespace, below what is given */
static void own_dir(struct __test_metadata *const _metadata, struct place *self, int top)
{
	ASSERT_EQ(0, fchdir(top));
	/* takes the working directory along: its mount becomes that of the new namespace */
	if (is_root())
		ASSERT_EQ(0, unshare(CLONE_NEWNS));
	self->top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, self->top);
	snprintf(self->dir, sizeof(self->dir), "open_trace.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir)) TH_LOG("%s", strerror(errno));
	ASSERT_EQ(0, chmod(self->dir, 0755));
	ASSERT_EQ(0, chdir(self->dir));
	self->rule = dcache_rule_of_cwd();
}

static void enter_scratch(struct __test_metadata *const _metadata, struct place *self)
{
	scratch_enter(_metadata, self->scratch);
	self->rule = dcache_rule_of_cwd();
}

static void enter_directory(struct __test_metadata *const _metadata, struct place *self)
{
	if (!getenv("OPEN_TRACE_DIR") && faccessat(given.directory, ".", W_OK, 0)) {
		self->absent = "OPEN_TRACE_DIR names no directory, and this one is not ours";
		return;
	}
	ASSERT_LE(0, given.directory) TH_LOG("%s", given.error);
	own_dir(_metadata, self, given.directory);
}

static void enter_ext4(struct __test_metadata *const _metadata, struct place *self)
{
	if (given.no_ext4) {
		self->absent = given.no_ext4;
		return;
	}
	ASSERT_LE(0, given.ext4) TH_LOG("%s", given.error);
	own_dir(_metadata, self, given.ext4);
	if (given.ext4_is_ours)
		self->mount = "..";
}

/* overlay_mount - an overlayfs at merged, here; why not, where it cannot be */
static const char *overlay_mount(struct __test_metadata *const _metadata)
{
	struct statfs st;

	ASSERT_EQ(0, statfs(".", &st));
	if (st.f_type != TMPFS)
		return "needs tmpfs for overlayfs: ramfs has no extended attributes";
	MAKE_DIRS("lower", "lower/dir", "upper", "work", "merged");
	if (setxattr("upper", "trusted.open_trace", "", 0, 0)) {
		ASSERT_EQ(EOPNOTSUPP, errno);
		return "overlayfs on tmpfs needs CONFIG_TMPFS_XATTR";
	}
	make_file(_metadata, "lower/file", 0644, "lower");
	make_file(_metadata, "lower/dir/file", 0644, "lower");
	if (mount("overlay", "merged", "overlay", 0,
		  "lowerdir=lower,upperdir=upper,workdir=work") == 0)
		return NULL;
	ASSERT_EQ(ENODEV, errno) TH_LOG("overlayfs: %s", strerror(errno));
	return "the kernel has no overlayfs";
}

static void enter_overlay(struct __test_metadata *const _metadata, struct place *self)
{
	if (!is_root()) {
		self->absent = "needs root to mount overlayfs";
		return;
	}
	scratch_enter(_metadata, self->scratch);
	self->absent = overlay_mount(_metadata);
	if (self->absent)
		return;
	ASSERT_EQ(0, chdir("merged"));
	self->rule = &overlay_rule;
	self->mount = ".";
}

static void leave(struct __test_metadata *const _metadata, struct place *self)
{
	if (self->top >= 0) {
		EXPECT_EQ(0, fchdir(self->top));
		EXPECT_EQ(0, nftw(self->dir, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS));
		EXPECT_EQ(ENOENT, open_errno(self->dir, O_PATH, 0));
		close(self->top);
	}
	scratch_leave(self->scratch);
}

FIXTURE_VARIANT(miss) {
	void (*enter)(struct __test_metadata *const _metadata, struct place *self);
};

/* tmpfs, or ramfs, for root; others what $TMPDIR is on */
FIXTURE_VARIANT_ADD(miss, scratch) { .enter = enter_scratch, };
FIXTURE_VARIANT_ADD(miss, ext4) { .enter = enter_ext4, };
FIXTURE_VARIANT_ADD(miss, overlay) { .enter = enter_overlay, };
FIXTURE_VARIANT_ADD(miss, directory) { .enter = enter_directory, };

FIXTURE_SETUP(miss)
{
	self->place.top = -1;
	variant->enter(_metadata, &self->place);
}

FIXTURE_TEARDOWN(miss)
{
	leave(_metadata, &self->place);
}

/*
 * A test in each place. That a place is absent is said here: after a SKIP in a setup the
 * harness of 6.1 runs the test none the less.
 */
#define TEST_MISS(name)								\
	static void name##_there(struct __test_metadata *const _metadata,	\
				 struct place *self);				\
	TEST_F(miss, name)							\
	{									\
		if (self->place.absent)						\
			SKIP(return, "%s", self->place.absent);			\
		name##_there(_metadata, &self->place);				\
	}									\
	static void name##_there(struct __test_metadata *const _metadata,	\
				 struct place *self)

#define NEEDS_RULE()								\
	do {									\
		if (!self->rule)						\
			SKIP(return, "no rule is known for this filesystem's dentries"); \
	} while (0)

#define NEEDS_MISS_KEPT()							\
	do {									\
		NEEDS_RULE();							\
		if (!self->rule->keeps_miss)					\
			SKIP(return, "%s keeps no negative dentries", self->rule->fs); \
	} while (0)

#define NEEDS_ROOT(what)							\
	do {									\
		if (!is_root())							\
			SKIP(return, "needs root to " what);			\
	} while (0)

/*
 * alone - is this a machine of our own: no process but our own parents
 *
 * Then nothing else moves the kernel's counts. Kernel threads have no executable.
 */
static bool alone(void)
{
	char path[64], target[64] = "";
	long pid, parent = getpid();
	struct dirent *entry;
	bool others = false;
	long parents[16];
	size_t i, n = 0;
	DIR *proc;
	FILE *stat;

	/* a container sees few processes of many: this is the first namespace's number */
	if (readlink("/proc/self/ns/pid", target, sizeof(target) - 1) > 0 &&
	    strcmp(target, "pid:[4026531836]"))
		return false;
	while (parent > 0 && n < ARRAY_SIZE(parents)) {
		parents[n++] = parent;
		snprintf(path, sizeof(path), "/proc/%ld/stat", parent);
		stat = fopen(path, "re");
		if (!stat || fscanf(stat, "%*d (%*[^)]) %*c %ld", &parent) != 1)
			return false;
		fclose(stat);
	}
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		pid = strtol(entry->d_name, NULL, 10);
		snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
		if (pid <= 0 || readlink(path, target, sizeof(target)) < 0)
			continue;
		for (i = 0; i < n && parents[i] != pid; i++)
			;
		others |= i == n;
	}
	if (proc)
		closedir(proc);
	return proc && !others;
}

/* many - how many names: exact counts need few, where nobody else moves them */
static int many(void)
{
	return is_root() && alone() ? 100 : 3000;
}

/* What cached() says of a name that was missed, and of one that was removed */
static int after_miss(const struct dcache_rule *rule)
{
	return rule->keeps_miss ? ENOENT : EAGAIN;
}

/* A later kernel's administrator may choose that removed names leave none. */
static const char dentry_policy[] = "/proc/sys/fs/dentry-negative";

static int after_removal(const struct dcache_rule *rule)
{
	char policy = '0';
	int fd = open(dentry_policy, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &policy, 1) != 1)
			policy = '?';
		close(fd);
	}
	return rule->keeps_unlinked && policy == '0' ? ENOENT : EAGAIN;
}

/* ------------------------------------------------------------------ a miss, and again */

/* C4 */
TEST_MISS(unknown_name_is_enoent_again_and_again)
{
	int i;

	for (i = 0; i < 100; i++) {
		EXPECT_EQ(ENOENT, open_errno("a", i & O_ACCMODE, 0)) TH_LOG("time %d", i);
	}
}

/* C4, C5: the dcache knows nothing of it, then that it is not there */
TEST_MISS(first_miss_leaves_what_the_second_finds)
{
	NEEDS_RULE();
	EXPECT_EQ(EAGAIN, cached("a"));
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(after_miss(self->rule), cached("a"));
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(after_miss(self->rule), cached("a"));
}

static int open_write(const char *path)
{
	return open_errno(path, O_WRONLY, 0);
}

static int open_truncate(const char *path)
{
	return open_errno(path, O_RDWR | O_TRUNC, 0);
}

static int open_path(const char *path)
{
	return open_errno(path, O_PATH, 0);
}

static int open_directory(const char *path)
{
	return open_errno(path, O_RDONLY | O_DIRECTORY, 0);
}

static int open_nofollow(const char *path)
{
	return open_errno(path, O_RDONLY | O_NOFOLLOW, 0);
}

static int open_excl_alone(const char *path)
{
	return open_errno(path, O_RDONLY | O_EXCL, 0);
}

static int open_beneath(const char *path)
{
	return openat2_errno(AT_FDCWD, path, O_RDONLY, 0, RESOLVE_BENEATH);
}

static int open_no_symlinks(const char *path)
{
	return openat2_errno(AT_FDCWD, path, O_RDONLY, 0, RESOLVE_NO_SYMLINKS);
}

static int call_stat(const char *path)
{
	struct stat st;

	return errno_of(stat(path, &st));
}

static int call_access(const char *path)
{
	return errno_of(access(path, F_OK));
}

static int call_readlink(const char *path)
{
	char target[8];

	return errno_of(readlink(path, target, sizeof(target)));
}

static int call_chdir(const char *path)
{
	return errno_of(chdir(path));
}

static int call_chmod(const char *path)
{
	return errno_of(chmod(path, 0600));
}

static int call_truncate(const char *path)
{
	return errno_of(truncate(path, 0));
}

static int call_execve(const char *path)
{
	char *const none[] = { NULL };

	return errno_of(execve(path, none, none));
}

static int call_unlink(const char *path)
{
	return errno_of(unlink(path));
}

static int call_rmdir(const char *path)
{
	return errno_of(rmdir(path));
}

static int call_rename_from(const char *path)
{
	return errno_of(rename(path, "target"));
}

static int call_link_from(const char *path)
{
	return errno_of(link(path, "target"));
}

/* C4: whoever asks, and for whatever: one miss, known to all */
TEST_MISS(every_call_misses_alike)
{
	static const struct {
		const char *name;
		int (*call)(const char *path);
	} rows[] = {
		{ "O_RDONLY",		miss },
		{ "O_WRONLY",		open_write },
		{ "O_RDWR|O_TRUNC",	open_truncate },
		{ "O_PATH",		open_path },
		{ "O_DIRECTORY",	open_directory },
		{ "O_NOFOLLOW",		open_nofollow },
		{ "O_EXCL",		open_excl_alone },
		{ "RESOLVE_BENEATH",	open_beneath },
		{ "RESOLVE_NO_SYMLINKS", open_no_symlinks },
		{ "stat",		call_stat },
		{ "access",		call_access },
		{ "readlink",		call_readlink },
		{ "chdir",		call_chdir },
		{ "chmod",		call_chmod },
		{ "truncate",		call_truncate },
		{ "execve",		call_execve },
		{ "unlink",		call_unlink },
		{ "rmdir",		call_rmdir },
		{ "rename from",	call_rename_from },
		{ "link from",		call_link_from },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].name;
		char name[16];

		snprintf(name, sizeof(name), "a%zu", i);
		EXPECT_EQ(ENOENT, rows[i].call(name)) TH_LOG("%s", row);
		if (self->rule)
			EXPECT_EQ(after_miss(self->rule), cached(name)) TH_LOG("%s", row);
		EXPECT_EQ(ENOENT, rows[i].call(name)) TH_LOG("%s, again", row);
		EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s, then open", row);
	}
}

/* C8: no name is taken for another */
TEST_MISS(many_missed_names_are_separate)
{
	const int names = many();
	char name[32];
	int i;

	for (i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "name %d", i);
		ASSERT_EQ(ENOENT, miss(name)) TH_LOG("%s", name);
	}
	for (i = 0; i < names; i += 40) {
		snprintf(name, sizeof(name), "name %d", i);
		ASSERT_EQ(0, make(name)) TH_LOG("%s", name);
	}
	for (i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "name %d", i);
		ASSERT_EQ(i % 40 ? ENOENT : 0, miss(name)) TH_LOG("%s", name);
	}
}

/* C8: a byte more, a byte less, another byte anywhere make another name */
TEST_MISS(names_close_to_one_that_exists_are_missed)
{
	static const char there[] = "0123456789abcdefghi";
	const size_t len = sizeof(there) - 1;
	char name[2 * sizeof(there)];
	size_t i;
	int round;

	ASSERT_EQ(0, make(there));
	for (round = 0; round < 2; round++) {
		for (i = 0; i < len; i++) {
			memcpy(name, there, sizeof(there));
			name[i] ^= 1;
			EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s", name);
		}
		for (i = 1; i <= 2 * len; i++) {
			sprintf(name, "%s%s", there, there);
			name[i] = '\0';
			EXPECT_EQ(i == len ? 0 : ENOENT, miss(name)) TH_LOG("%s", name);
		}
	}
}

/* C8: a dentry belongs to its directory */
TEST_MISS(same_name_in_two_directories_is_two_names)
{
	MAKE_DIRS("d", "e");
	EXPECT_EQ(ENOENT, miss("d/a"));
	if (self->rule)
		EXPECT_EQ(EAGAIN, cached("e/a"));
	EXPECT_EQ(ENOENT, miss("e/a"));
	ASSERT_EQ(0, make("e/a"));
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, miss("e/a"));
	EXPECT_EQ(ENOENT, miss("a"));
}

/* The filesystem refuses to look for it: nothing is learned of it. */
TEST_MISS(name_too_long_is_never_remembered)
{
	char name[NAME_MAX + 2];

	memset(name, 'a', sizeof(name) - 1);
	name[NAME_MAX + 1] = '\0';
	EXPECT_EQ(ENAMETOOLONG, miss(name));
	EXPECT_EQ(ENAMETOOLONG, miss(name));
	if (self->rule)
		EXPECT_EQ(EAGAIN, cached(name));
	name[NAME_MAX] = '\0';
	EXPECT_EQ(ENOENT, miss(name));
	if (self->rule)
		EXPECT_EQ(after_miss(self->rule), cached(name));
	EXPECT_EQ(0, make(name));
	EXPECT_EQ(0, miss(name));
}

TEST_MISS(missing_component_is_the_miss)
{
	EXPECT_EQ(ENOENT, miss("a/b/c"));
	EXPECT_EQ(ENOENT, open_errno("a/b/c", O_WRONLY | O_CREAT, 0644));
	if (self->rule) {
		EXPECT_EQ(after_miss(self->rule), cached("a"));
		EXPECT_EQ(after_miss(self->rule), cached("a/b/c"));
	}
	MAKE_DIRS("a");
	if (self->rule)
		EXPECT_EQ(EAGAIN, cached("a/b"));
	EXPECT_EQ(ENOENT, miss("a/b/c"));
	MAKE_DIRS("a/b");
	EXPECT_EQ(ENOENT, miss("a/b/c"));
	EXPECT_EQ(0, make("a/b/c"));
	EXPECT_EQ(0, miss("a/b/c"));
}

TEST_MISS(trailing_slash_misses_the_same_name)
{
	EXPECT_EQ(ENOENT, miss("a/"));
	if (self->rule)
		EXPECT_EQ(after_miss(self->rule), cached("a"));
	EXPECT_EQ(EISDIR, open_errno("a/", O_WRONLY | O_CREAT, 0644));
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(0, make("a"));
	EXPECT_EQ(ENOTDIR, miss("a/"));
	EXPECT_EQ(0, unlink("a"));
	EXPECT_EQ(ENOENT, miss("a/"));
	MAKE_DIRS("a");
	EXPECT_EQ(0, miss("a/"));
}

/* ------------------------------------------------------- a miss, then something is there */

static int make_dir(const char *path)
{
	return errno_of(mkdir(path, 0755));
}

static int make_symlink(const char *path)
{
	return errno_of(symlink("source", path));
}

static int make_link(const char *path)
{
	return errno_of(link("source", path));
}

static int make_fifo(const char *path)
{
	return errno_of(mknod(path, S_IFIFO | 0644, 0));
}

static int make_socket(const char *path)
{
	return errno_of(mknod(path, S_IFSOCK | 0644, 0));
}

static int make_plain_node(const char *path)
{
	return errno_of(mknod(path, S_IFREG | 0644, 0));
}

static int make_creat(const char *path)
{
	return close_and_errno(creat(path, 0644));
}

static int make_by_rename(const char *path)
{
	int err = make("moves");

	return err ?: rename_errno("moves", path, 0);
}

static int make_by_rename_noreplace(const char *path)
{
	int err = make("moves");

	return err ?: rename_errno("moves", path, RENAME_NOREPLACE);
}

static int make_by_rename_of_dir(const char *path)
{
	int err = make_dir("moves");

	return err ?: rename_errno("moves", path, 0);
}

static int make_by_rename_from_dir(const char *path)
{
	int err = make("sub/moves");

	return err ?: rename_errno("sub/moves", path, 0);
}

static int make_by_tmpfile(const char *path)
{
	char magic[64];
	int fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
	int err;

	if (fd < 0)
		return errno;
	snprintf(magic, sizeof(magic), "/proc/self/fd/%d", fd);
	err = errno_of(linkat(AT_FDCWD, magic, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	close(fd);
	return err;
}

TEST_MISS(name_made_after_a_miss_is_found)
{
	static const struct {
		const char *name;
		int (*make)(const char *path);
		mode_t type;
		int open;
		int unless;
		bool link;
	} rows[] = {
		{ "open O_CREAT|O_EXCL", make,		S_IFREG },
		{ "creat",		make_creat,	S_IFREG },
		{ "mkdir",		make_dir,	S_IFDIR },
		{ "symlink",		make_symlink,	S_IFLNK },
		{ "link",		make_link,	S_IFREG, .link = true },
		{ "mknod of a file",	make_plain_node, S_IFREG },
		{ "mknod of a FIFO",	make_fifo,	S_IFIFO },
		{ "mknod of a socket",	make_socket,	S_IFSOCK, ENXIO },
		{ "rename",		make_by_rename,	S_IFREG },
		{ "RENAME_NOREPLACE",	make_by_rename_noreplace, S_IFREG },
		{ "rename of a directory", make_by_rename_of_dir, S_IFDIR },
		{ "rename from a directory", make_by_rename_from_dir, S_IFREG },
		{ "O_TMPFILE and linkat", make_by_tmpfile, S_IFREG, .link = true,
		  .unless = EOPNOTSUPP },
	};
	struct stat st;
	size_t i;
	int err;

	ASSERT_EQ(0, make("source"));
	MAKE_DIRS("sub");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].name;
		char name[16];

		snprintf(name, sizeof(name), "a%zu", i);
		EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s", row);
		EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s", row);
		err = rows[i].make(name);
		if (err && err == rows[i].unless)
			continue;
		EXPECT_EQ(0, err) TH_LOG("%s", row);
		/* C4: the negative dentry turned positive, or another took its place */
		if (self->rule) {
			EXPECT_EQ(rows[i].link && self->rule->drops_link ? EAGAIN : 0,
				  cached_as(name, O_PATH | O_NOFOLLOW)) {
				TH_LOG("%s", row);
			}
		}
		EXPECT_EQ(rows[i].open, open_errno(name, O_RDONLY | O_NONBLOCK, 0)) {
			TH_LOG("%s", row);
		}
		st.st_mode = 0;
		EXPECT_EQ(0, lstat(name, &st)) TH_LOG("%s", row);
		EXPECT_EQ(rows[i].type, st.st_mode & S_IFMT) TH_LOG("%s", row);
		EXPECT_EQ(EEXIST, make(name)) TH_LOG("%s", row);
	}
}

TEST_MISS(exclusive_create_after_a_miss_wins_once)
{
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(ENOENT, miss("a"));
		EXPECT_EQ(0, open_errno("a", O_RDWR | O_CREAT | O_EXCL, 0644));
		EXPECT_EQ(EEXIST, open_errno("a", O_RDWR | O_CREAT | O_EXCL, 0644));
		EXPECT_EQ(0, miss("a"));
		EXPECT_EQ(0, unlink("a"));
	}
}

TEST_MISS(create_after_a_miss_makes_one_file)
{
	ino_t made;

	EXPECT_EQ(ENOENT, miss("a"));
	made = inode_of("a", O_RDWR | O_CREAT);
	EXPECT_NE(0, made);
	EXPECT_EQ(made, inode_of("a", O_RDWR | O_CREAT));
	EXPECT_EQ(made, inode_of("a", O_RDONLY));
}

/* C11: the lookup of a create that may not be is a miss for whoever asks next */
TEST_MISS(refused_create_leaves_a_miss)
{
	MAKE_DIRS("d");
	ASSERT_EQ(0, chmod("d", 0555));
	EXPECT_EQ(EACCES, as_other("d/a", O_WRONLY | O_CREAT, 0));
	if (self->rule)
		EXPECT_EQ(after_miss(self->rule), cached("d/a"));
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(EACCES, as_other("d/a", O_WRONLY | O_CREAT, 0));
	ASSERT_EQ(0, chmod("d", 0755));
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(0, miss("d/a"));
}

/* That a name is missing is known to those only who may search its directory. */
TEST_MISS(cached_miss_is_behind_search_permission)
{
	int told;

	MAKE_DIRS("d");
	EXPECT_EQ(ENOENT, miss("d/a"));
	ASSERT_EQ(0, chmod("d", 0));
	EXPECT_EQ(EACCES, as_other("d/a", O_RDONLY, 0));
	EXPECT_EQ(EACCES, as_other("d/a", O_RDONLY, 0));
	/* nor does the dcache tell: EACCES, or EAGAIN from where that is checked twice */
	told = as_other("d/a", O_RDONLY, RESOLVE_CACHED);
	EXPECT_TRUE(told == EACCES || told == EAGAIN) TH_LOG("%s", strerror(told));
	ASSERT_EQ(0, chmod("d", 0755));
	EXPECT_EQ(ENOENT, as_other("d/a", O_RDONLY, 0));
}

/* ----------------------------------------------- something is removed, then it is a miss */

static int held = -1;

static int unlink_held(const char *path)
{
	held = open(path, O_RDONLY | O_CLOEXEC);
	return held < 0 ? errno : errno_of(unlink(path));
}

static int rmdir_held(const char *path)
{
	held = open(path, O_RDONLY | O_CLOEXEC);
	return held < 0 ? errno : errno_of(rmdir(path));
}

static int unlink_one_of_two(const char *path)
{
	return errno_of(link(path, "sub/link")) ?: errno_of(unlink(path));
}

static int rename_away(const char *path)
{
	return rename_errno(path, "away", 0);
}

static int rename_to_dir(const char *path)
{
	return rename_errno(path, "sub/away", 0);
}

static int rename_over(const char *path)
{
	int err = make("over");

	return err ?: rename_errno(path, "over", 0);
}

static int rename_dir_away(const char *path)
{
	return rename_errno(path, "dir_away", 0);
}

TEST_MISS(removed_name_is_missed)
{
	static const struct {
		const char *name;
		int (*make)(const char *path);
		int (*remove)(const char *path);
		bool stays;		/* the dentry stays, and turns negative */
	} rows[] = {
		{ "unlink",		make,		call_unlink, true },
		{ "unlink of one of two links", make,	unlink_one_of_two, true },
		{ "unlink of a FIFO",	make_fifo,	call_unlink, true },
		{ "rmdir",		make_dir,	call_rmdir, true },
		{ "unlink of an open file", make,	unlink_held },
		{ "rmdir of an open directory", make_dir, rmdir_held },
		{ "rename",		make,		rename_away },
		{ "rename to a directory", make,	rename_to_dir },
		{ "rename over a file",	make,		rename_over },
		{ "rename of a directory", make_dir,	rename_dir_away },
	};
	const int stays = self->rule ? after_removal(self->rule) : -1;
	size_t i;

	MAKE_DIRS("sub");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].name;
		char name[16];

		snprintf(name, sizeof(name), "a%zu", i);
		ASSERT_EQ(0, rows[i].make(name)) TH_LOG("%s", row);
		EXPECT_EQ(0, rows[i].remove(name)) TH_LOG("%s", row);
		if (self->rule) {
			EXPECT_EQ(rows[i].stays ? stays : EAGAIN, cached(name)) {
				TH_LOG("%s", row);
			}
		}
		EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s", row);
		EXPECT_EQ(ENOENT, miss(name)) TH_LOG("%s, again", row);
		EXPECT_EQ(0, make(name)) TH_LOG("%s, then made", row);
		EXPECT_EQ(0, miss(name)) TH_LOG("%s, then made", row);
		if (held >= 0)
			close(held);
		held = -1;
	}
}

TEST_MISS(name_of_an_open_file_is_free_for_another)
{
	int fd = open("a", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ino_t other;
	struct stat st;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(0, unlink("a"));
	EXPECT_EQ(ENOENT, miss("a"));
	other = inode_of("a", O_RDWR | O_CREAT | O_EXCL);
	EXPECT_NE(0, other);
	EXPECT_NE(st.st_ino, other);
	EXPECT_EQ(other, inode_of("a", O_RDONLY));
	close(fd);
	EXPECT_EQ(other, inode_of("a", O_RDONLY));
}

TEST_MISS(renames_in_a_circle_leave_one_name)
{
	static const char *const names[] = { "a", "b", "c" };
	int i, j;

	ASSERT_EQ(0, make("a"));
	for (i = 0; i < 6; i++) {
		for (j = 0; j < 3; j++) {
			EXPECT_EQ(j == i % 3 ? 0 : ENOENT, miss(names[j])) {
				TH_LOG("%s after %d renames", names[j], i);
			}
		}
		ASSERT_EQ(0, rename(names[i % 3], names[(i + 1) % 3]));
	}
}

/* ------------------------------------------------------ directories that come and go */

TEST_MISS(directory_made_again_knows_no_old_misses)
{
	int i;

	for (i = 0; i < 3; i++) {
		MAKE_DIRS("d");
		if (self->rule) {
			EXPECT_EQ(EAGAIN, cached("d/a"));
			EXPECT_EQ(EAGAIN, cached("d/b"));
		}
		EXPECT_EQ(ENOENT, miss("d/a"));
		EXPECT_EQ(0, make("d/b"));
		EXPECT_EQ(0, miss("d/b"));
		EXPECT_EQ(0, unlink("d/b"));
		EXPECT_EQ(0, rmdir("d"));
		EXPECT_EQ(ENOENT, miss("d/a"));
		EXPECT_EQ(ENOENT, miss("d/b"));
	}
	MAKE_DIRS("d");
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(0, miss("d/a"));
}

/* C11: a dead directory has no names, and takes none */
TEST_MISS(removed_directory_that_is_held_misses_all)
{
	int dir;

	MAKE_DIRS("d");
	dir = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	EXPECT_EQ(ENOENT, openat_errno(dir, "a", O_RDONLY, 0));
	ASSERT_EQ(0, rmdir("d"));
	EXPECT_EQ(ENOENT, openat_errno(dir, "a", O_RDONLY, 0));
	EXPECT_EQ(ENOENT, openat_errno(dir, "a", O_WRONLY | O_CREAT, 0644));
	EXPECT_EQ(ENOENT, openat_errno(dir, "b", O_WRONLY | O_CREAT, 0644));
	MAKE_DIRS("d");
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(ENOENT, openat_errno(dir, "a", O_RDONLY, 0));
	EXPECT_EQ(0, miss("d/a"));
	close(dir);
}

TEST_MISS(misses_move_with_their_directory)
{
	MAKE_DIRS("d");
	EXPECT_EQ(0, make("d/there"));
	EXPECT_EQ(ENOENT, miss("d/a"));
	ASSERT_EQ(0, rename("d", "e"));
	if (self->rule) {
		EXPECT_EQ(EAGAIN, cached("d/a"));
		EXPECT_EQ(after_miss(self->rule), cached("e/a"));
		EXPECT_EQ(0, cached("e/there"));
	}
	EXPECT_EQ(ENOENT, miss("d/there"));
	EXPECT_EQ(ENOENT, miss("e/a"));
	EXPECT_EQ(0, make("e/a"));
	EXPECT_EQ(0, miss("e/a"));
	MAKE_DIRS("d");
	EXPECT_EQ(ENOENT, miss("d/a"));
}

TEST_MISS(exchanged_directories_exchange_their_misses)
{
	int err;

	MAKE_DIRS("d", "e");
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(ENOENT, miss("e/a"));
	err = rename_errno("d", "e", RENAME_EXCHANGE);
	if (err == EINVAL && !self->rule)
		SKIP(return, "the filesystem has no RENAME_EXCHANGE");
	ASSERT_EQ(0, err);
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, miss("e/a"));
	if (self->rule) {
		EXPECT_EQ(after_miss(self->rule), cached("d/a"));
		EXPECT_EQ(0, cached("e/a"));
	}
}

/* -------------------------------------------------------- other ways to the same name */

TEST_MISS(each_way_to_a_name_is_one_miss)
{
	static const struct {
		const char *name;
		const char *format;	/* takes the name in d */
		bool at;		/* from d, not from the working directory */
	} rows[] = {
		{ "plain",			"d/%s" },
		{ "dots",			"././d/./%s" },
		{ "slashes",			"d///%s" },
		{ "dot-dot",			"d/sub/../%s" },
		{ "dot-dot twice",		"d/sub/../../d/%s" },
		{ "symlink to the directory",	"to_d/%s" },
		{ "symlink to the name",	"to_%s" },
		{ "symlink to the symlink",	"to_to_%s" },
		{ "dirfd",			"%s", true },
		{ "dirfd and dot-dot",		"sub/../%s", true },
		{ "magic link",			"/proc/self/cwd/d/%s" },
	};
	size_t i;
	int dir;

	MAKE_DIRS("d", "d/sub");
	ASSERT_EQ(0, symlink("d", "to_d"));
	dir = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *row = rows[i].name;
		int from = rows[i].at ? dir : AT_FDCWD;
		char name[16], plain[32], link[32], link2[32], path[64];

		snprintf(name, sizeof(name), "a%zu", i);
		snprintf(plain, sizeof(plain), "d/%s", name);
		snprintf(link, sizeof(link), "to_%s", name);
		snprintf(link2, sizeof(link2), "to_to_%s", name);
		snprintf(path, sizeof(path), rows[i].format, name);
		ASSERT_EQ(0, symlink(plain, link)) TH_LOG("%s", row);
		ASSERT_EQ(0, symlink(link, link2)) TH_LOG("%s", row);

		EXPECT_EQ(ENOENT, openat_errno(from, path, O_RDONLY, 0)) TH_LOG("%s", row);
		if (self->rule)
			EXPECT_EQ(after_miss(self->rule), cached(plain)) TH_LOG("%s", row);
		EXPECT_EQ(0, make(plain)) TH_LOG("%s", row);
		EXPECT_EQ(0, openat_errno(from, path, O_RDONLY, 0)) TH_LOG("%s", row);
		EXPECT_EQ(0, unlink(plain)) TH_LOG("%s", row);
		EXPECT_EQ(ENOENT, openat_errno(from, path, O_RDONLY, 0)) TH_LOG("%s", row);
		EXPECT_EQ(0, openat_errno(from, path, O_WRONLY | O_CREAT, 0644)) {
			TH_LOG("%s", row);
		}
		EXPECT_EQ(0, miss(plain)) TH_LOG("%s", row);
	}
	close(dir);
}

TEST_MISS(symlink_is_missed_where_it_points_now)
{
	ASSERT_EQ(0, make("here"));
	ASSERT_EQ(0, symlink("nowhere", "link"));
	EXPECT_EQ(ENOENT, miss("link"));
	EXPECT_EQ(EEXIST, open_errno("link", O_WRONLY | O_CREAT | O_EXCL, 0644));
	EXPECT_EQ(ENOENT, miss("link"));
	ASSERT_EQ(0, symlink("here", "new"));
	ASSERT_EQ(0, rename("new", "link"));
	EXPECT_EQ(0, miss("link"));
	ASSERT_EQ(0, symlink("nowhere", "new"));
	ASSERT_EQ(0, rename("new", "link"));
	EXPECT_EQ(ENOENT, miss("link"));
	EXPECT_EQ(ENOENT, miss("nowhere"));
}

TEST_MISS(other_process_shares_the_miss)
{
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(ENOENT, in_child(miss, "a"));
	EXPECT_EQ(0, in_child(make, "a"));
	EXPECT_EQ(0, miss("a"));
	EXPECT_EQ(0, in_child(call_unlink, "a"));
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(ENOENT, in_child(miss, "b"));
	if (self->rule) {
		EXPECT_EQ(after_miss(self->rule), cached("b"));
		EXPECT_EQ(after_miss(self->rule), in_child(cached, "a"));
	}
}

TEST_MISS(bind_mount_shares_the_miss)
{
	NEEDS_ROOT("mount");
	MAKE_DIRS("d", "bound");
	ASSERT_EQ(0, mount("d", "bound", NULL, MS_BIND, NULL));
	EXPECT_EQ(ENOENT, miss("bound/a"));
	if (self->rule)
		EXPECT_EQ(after_miss(self->rule), cached("d/a"));
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(0, miss("bound/a"));
	EXPECT_EQ(0, unlink("bound/a"));
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, make("bound/a"));
	EXPECT_EQ(0, miss("d/a"));
	EXPECT_EQ(0, umount2("bound", 0));
	EXPECT_EQ(ENOENT, miss("bound/a"));
	EXPECT_EQ(0, miss("d/a"));
}

TEST_MISS(mount_covers_the_miss)
{
	NEEDS_ROOT("mount");
	MAKE_DIRS("d");
	EXPECT_EQ(ENOENT, miss("d/a"));
	ASSERT_EQ(0, mount("open_trace", "d", "ramfs", 0, NULL));
	EXPECT_EQ(ENOENT, miss("d/a"));
	EXPECT_EQ(0, make("d/a"));
	EXPECT_EQ(0, miss("d/a"));
	EXPECT_EQ(0, umount2("d", 0));
	if (self->rule)
		EXPECT_EQ(after_miss(self->rule), cached("d/a"));
	EXPECT_EQ(ENOENT, miss("d/a"));
}

/* ----------------------------------------------------------- what the kernel counts */

static const char dentry_state[] = "/proc/sys/fs/dentry-state";

/* negatives - unused negative dentries, in all of the machine; -1 on error */
static long negatives(int fd)
{
	char text[160] = "";
	long count;

	if (pread(fd, text, sizeof(text) - 1, 0) < 0 ||
	    sscanf(text, "%*d %*d %*d %*d %ld", &count) != 1)
		return -1;
	return count;
}

static int link_to_source(const char *path)
{
	return errno_of(link("source", path));
}

static int rmdir_d(const char *path)
{
	return errno_of(rmdir("d"));
}

/* on_names - of that many names in d, for how many the call says so */
static int on_names(int names, int (*call)(const char *path), int says)
{
	char name[32];
	int i, n = 0;

	for (i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		n += call(name) == says;
	}
	return n;
}

/* C4: one negative dentry a name, at the first miss; each leaves when the name is made */
TEST_MISS(kernel_counts_one_negative_a_missed_name)
{
	const int names = many();
	const struct {
		const char *name;
		int (*call)(const char *path);
		int says;
		int names;
		int kept_miss;	/* change of the count a name, where misses are kept */
		int kept_unlinked;	/* where unlinked names are too */
	} steps[] = {
		{ "first miss",	miss,		ENOENT,	names,  1,  1 },
		{ "second miss", miss,		ENOENT,	names,  0,  0 },
		{ "made",	link_to_source,	0,	names, -1, -1 },
		{ "opened",	miss,		0,	names,  0,  0 },
		{ "unlinked",	call_unlink,	0,	names,  0,  1 },
		{ "missed then", miss,		ENOENT,	names,  1,  0 },
		{ "directory removed", rmdir_d,	0,	1,     -1, -1 },
	};
	const size_t last = ARRAY_SIZE(steps) - 1;
	long before, count, change[ARRAY_SIZE(steps)], want[ARRAY_SIZE(steps)];
	int fd = open(dentry_state, O_RDONLY | O_CLOEXEC);
	const bool quiet = is_root() && alone();
	const long slack = quiet ? 0 : names / 8;
	bool right = false;
	int tries;
	size_t i;

	if (fd < 0 && errno == ENOENT)
		SKIP(return, "the kernel has no %s", dentry_state);
	ASSERT_LE(0, fd);
	NEEDS_RULE();
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		want[i] = 0;
		if (self->rule->keeps_miss)
			want[i] = names * (after_removal(self->rule) == ENOENT ?
					   steps[i].kept_unlinked : steps[i].kept_miss);
	}
	/* the directory's own name, which is then missing too */
	if (after_removal(self->rule) == ENOENT)
		want[last]++;

	ASSERT_EQ(0, make("source"));
	/* where others live they may have moved it: another try */
	for (tries = 0; tries < (quiet ? 1 : 20) && !right; tries++) {
		right = true;
		MAKE_DIRS("d");
		before = negatives(fd);
		ASSERT_LE(0, before);
		for (i = 0; i < ARRAY_SIZE(steps); i++) {
			ASSERT_EQ(steps[i].names,
				  on_names(steps[i].names, steps[i].call, steps[i].says)) {
				TH_LOG("%s", steps[i].name);
			}
			count = negatives(fd);
			ASSERT_LE(0, count);
			change[i] = count - before;
			before = count;
			if (labs(change[i] - want[i]) > slack)
				right = false;
		}
	}
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT_GE(slack, labs(change[i] - want[i])) {
			TH_LOG("%s: %ld, not %ld within %ld", steps[i].name, change[i],
			       want[i], slack);
		}
	}
	close(fd);
}

/* A remount sheds all dentries that nobody uses: the next to ask is the first again. */
TEST_MISS(shed_dentries_are_missed_anew)
{
	NEEDS_MISS_KEPT();
	if (!self->mount)
		SKIP(return, "needs a superblock of its own");
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(0, make("there"));
	EXPECT_EQ(ENOENT, cached("a"));
	EXPECT_EQ(0, cached("there"));
	ASSERT_EQ(0, mount(NULL, self->mount, NULL, MS_REMOUNT, NULL)) {
		TH_LOG("%s", strerror(errno));
	}
	EXPECT_EQ(EAGAIN, cached("a"));
	EXPECT_EQ(EAGAIN, cached("there"));
	EXPECT_EQ(ENOENT, miss("a"));
	EXPECT_EQ(0, miss("there"));
	EXPECT_EQ(ENOENT, cached("a"));
	EXPECT_EQ(0, cached("there"));
}

/* cached_after - what cached() says of a name that was removed under that policy */
static int cached_after(const char *policy, const char *path)
{
	int fd = open(dentry_policy, O_RDWR | O_CLOEXEC);
	int said = -1;

	if (fd >= 0 && pwrite(fd, policy, 1, 0) == 1 && make(path) == 0 &&
	    unlink(path) == 0)
		said = cached(path);
	close(fd);
	return said;
}

/* fs.dentry-negative = 1: a removed name leaves no dentry; a missed one still does */
TEST_MISS(policy_may_drop_removed_names)
{
	if (access(dentry_policy, F_OK) && errno == ENOENT)
		SKIP(return, "the kernel has no %s", dentry_policy);
	NEEDS_MISS_KEPT();
	if (!is_root() || !alone())
		SKIP(return, "%s is everybody's: needs a guest of its own", dentry_policy);
	EXPECT_EQ(self->rule->keeps_unlinked ? ENOENT : EAGAIN, cached_after("0", "a"));
	EXPECT_EQ(EAGAIN, cached_after("1", "b"));
	EXPECT_EQ(ENOENT, miss("b"));
	EXPECT_EQ(ENOENT, cached("b"));
	EXPECT_EQ(self->rule->keeps_unlinked ? ENOENT : EAGAIN, cached_after("0", "c"));
}

/* ------------------------------------------------------------- overlayfs' own misses */

static bool says(const char *path, const char *text)
{
	char found[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool same = fd >= 0 && read(fd, found, sizeof(found) - 1) >= 0 &&
		    strcmp(found, text) == 0;

	if (fd >= 0)
		close(fd);
	return same;
}

FIXTURE(overlay) {
	char scratch[PATH_MAX];
	const char *absent;
};

FIXTURE_SETUP(overlay)
{
	if (!is_root()) {
		self->absent = "needs root to mount overlayfs";
		return;
	}
	scratch_enter(_metadata, self->scratch);
	self->absent = overlay_mount(_metadata);
}

FIXTURE_TEARDOWN(overlay)
{
	if (!self->absent)
		EXPECT_EQ(0, umount2("merged", 0)) TH_LOG("%s", strerror(errno));
	scratch_leave(self->scratch);
}

TEST_F(overlay, whiteout_is_a_miss)
{
	int i;

	if (self->absent)
		SKIP(return, "%s", self->absent);
	EXPECT_TRUE(says("merged/file", "lower"));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, unlink("merged/file"));
		EXPECT_EQ(ENOENT, miss("merged/file"));
		EXPECT_EQ(ENOENT, miss("merged/file"));
		EXPECT_EQ(ENOENT, cached("merged/file"));
		EXPECT_TRUE(says("lower/file", "lower"));
		EXPECT_EQ(0, make("merged/file"));
		EXPECT_TRUE(says("merged/file", ""));
	}
}

TEST_F(overlay, name_moved_off_the_lower_layer_is_missed)
{
	if (self->absent)
		SKIP(return, "%s", self->absent);
	EXPECT_EQ(ENOENT, miss("merged/moved"));
	ASSERT_EQ(0, rename("merged/file", "merged/moved"));
	EXPECT_EQ(ENOENT, miss("merged/file"));
	EXPECT_TRUE(says("merged/moved", "lower"));
	ASSERT_EQ(0, rename("merged/moved", "merged/file"));
	EXPECT_EQ(ENOENT, miss("merged/moved"));
	EXPECT_TRUE(says("merged/file", "lower"));
}

TEST_F(overlay, directory_made_again_hides_the_lower_names)
{
	if (self->absent)
		SKIP(return, "%s", self->absent);
	EXPECT_TRUE(says("merged/dir/file", "lower"));
	EXPECT_EQ(0, unlink("merged/dir/file"));
	EXPECT_EQ(ENOENT, miss("merged/dir/file"));
	EXPECT_EQ(0, rmdir("merged/dir"));
	EXPECT_EQ(ENOENT, miss("merged/dir/file"));
	EXPECT_EQ(0, make_dir("merged/dir"));
	EXPECT_EQ(ENOENT, miss("merged/dir/file"));
	EXPECT_EQ(ENOENT, miss("merged/dir/file"));
	EXPECT_EQ(0, make("merged/dir/file"));
	EXPECT_TRUE(says("merged/dir/file", ""));
	EXPECT_TRUE(says("lower/dir/file", "lower"));
}

TEST_HARNESS_MAIN
