// SPDX-License-Identifier: GPL-2.0
/*
 * F1 and F2 from outside: what a descriptor that open(2) gave says of its flags, and what
 * each flag makes of the file and of what can be done with the descriptor.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "common.h"

/* F1: what the kernel adds to an open: to that of a process with 64-bit offsets alone */
#if __SIZEOF_POINTER__ == 8 || defined(__x86_64__) || defined(__riscv)
#define ADDED		LARGEFILE
#else
#define ADDED		0
#endif

/* What O_SYNC adds to O_DSYNC: never to be used alone */
#define OT_SYNC		(O_SYNC & ~O_DSYNC)

#define ACCESS_MODE_3	3

#define CONTENT		"content"
#define LONG_AGO	(-1000)	/* even where the clock begins with the boot, in 1970 */

FIXTURE_SCRATCH(flags)

/* raw_open - open(2) as the kernel gets it: no O_LARGEFILE, no mode taken away */
static int raw_open(const char *path, int flags, mode_t mode)
{
	return syscall(__NR_openat, AT_FDCWD, path, flags, mode);
}

/* make_names - one of each kind, "missing" excepted */
static void make_names(struct __test_metadata *const _metadata)
{
	make_file(_metadata, "file", 0600, CONTENT);
	ASSERT_EQ(0, mkdir("dir", 0700));
	ASSERT_EQ(0, mkfifo("fifo", 0600));
	ASSERT_EQ(0, symlink("file", "link"));
	ASSERT_EQ(0, symlink("dir", "dirlink"));
	ASSERT_EQ(0, symlink("missing", "dangling"));
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static time_t mtime_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_mtime;
}

/* mode_of - type and permissions; 0, which no file has, on error */
static mode_t mode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_mode;
}

/* fdinfo_flags - the octal number behind "flags:", -1 where there is none */
static long fdinfo_flags(int fd)
{
	char path[64], text[1024];
	const char *line;
	ssize_t len;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY);
	len = read(info, text, sizeof(text) - 1);
	close(info);
	if (len < 0)
		return -1;
	text[len] = '\0';
	line = strstr(text, "flags:\t");
	return line ? strtol(line + strlen("flags:\t"), NULL, 8) : -1;
}

/*
 * What F_GETFL says of a descriptor opened so
 */
static const struct {
	const char *name;
	const char *path;
	int flags;
	int getfl;
} getfl_rows[] = {
	{ "O_RDONLY", "file", O_RDONLY, O_RDONLY | ADDED },
	{ "O_WRONLY", "file", O_WRONLY, O_WRONLY | ADDED },
	{ "O_RDWR", "file", O_RDWR, O_RDWR | ADDED },
	{ "access mode 3", "file", ACCESS_MODE_3, ACCESS_MODE_3 | ADDED },
	{ "O_RDONLY of a directory", "dir", O_RDONLY, O_RDONLY | ADDED },

	/* 32-bit programs may ask for what the others are given */
	{ "O_LARGEFILE", "file", O_RDWR | LARGEFILE, O_RDWR | LARGEFILE },

	/* what the opening itself is told is done with */
	{ "O_CREAT", "file", O_RDWR | O_CREAT, O_RDWR | ADDED },
	{ "O_CREAT of a new file", "new1", O_RDWR | O_CREAT, O_RDWR | ADDED },
	{ "O_CREAT|O_EXCL", "new2", O_RDWR | O_CREAT | O_EXCL, O_RDWR | ADDED },
	{ "O_EXCL alone", "file", O_RDWR | O_EXCL, O_RDWR | ADDED },
	{ "O_TRUNC", "file", O_RDWR | O_TRUNC, O_RDWR | ADDED },
	{ "O_NOCTTY", "file", O_RDWR | O_NOCTTY, O_RDWR | ADDED },
	{ "O_CLOEXEC", "file", O_RDWR | O_CLOEXEC, O_RDWR | ADDED },

	/* what stays with the file, those too that only matter to the walk */
	{ "O_APPEND", "file", O_RDWR | O_APPEND, O_RDWR | O_APPEND | ADDED },
	{ "O_NONBLOCK", "file", O_RDWR | O_NONBLOCK, O_RDWR | O_NONBLOCK | ADDED },
	{ "O_ASYNC", "file", O_RDWR | O_ASYNC, O_RDWR | O_ASYNC | ADDED },
	{ "O_NOATIME", "file", O_RDWR | O_NOATIME, O_RDWR | O_NOATIME | ADDED },
	{ "O_NOFOLLOW", "file", O_RDWR | O_NOFOLLOW, O_RDWR | O_NOFOLLOW | ADDED },
	{ "O_DIRECTORY", "dir", O_RDONLY | O_DIRECTORY, O_RDONLY | O_DIRECTORY | ADDED },

	/* O_SYNC is O_DSYNC and more */
	{ "O_DSYNC", "file", O_RDWR | O_DSYNC, O_RDWR | O_DSYNC | ADDED },
	{ "O_SYNC", "file", O_RDWR | O_SYNC, O_RDWR | O_SYNC | ADDED },
	{ "__O_SYNC", "file", O_RDWR | OT_SYNC, O_RDWR | OT_SYNC | O_DSYNC | ADDED },

	/* O_PATH beats everything but where the walk ends */
	{ "O_PATH", "file", O_PATH, O_PATH },
	{ "O_PATH|O_LARGEFILE", "file", O_PATH | LARGEFILE, O_PATH },
	{ "O_PATH|O_RDWR", "file", O_PATH | O_RDWR, O_PATH },
	{ "O_PATH|access mode 3", "file", O_PATH | ACCESS_MODE_3, O_PATH },
	{ "O_PATH|O_CREAT|O_EXCL", "file", O_PATH | O_CREAT | O_EXCL, O_PATH },
	{ "O_PATH|O_TRUNC", "file", O_PATH | O_TRUNC, O_PATH },
	{ "O_PATH|O_APPEND", "file", O_PATH | O_APPEND, O_PATH },
	{ "O_PATH|O_NONBLOCK", "file", O_PATH | O_NONBLOCK, O_PATH },
	{ "O_PATH|O_SYNC", "file", O_PATH | O_SYNC, O_PATH },
	{ "O_PATH|O_NOATIME", "file", O_PATH | O_NOATIME, O_PATH },
	{ "O_PATH|O_CLOEXEC", "file", O_PATH | O_CLOEXEC, O_PATH },
	{ "O_PATH|O_NOFOLLOW", "link", O_PATH | O_NOFOLLOW, O_PATH | O_NOFOLLOW },
	{ "O_PATH|O_DIRECTORY", "dir", O_PATH | O_DIRECTORY, O_PATH | O_DIRECTORY },
	{ "O_PATH|O_TMPFILE", "dir", O_PATH | O_TMPFILE | O_RDWR, O_PATH | O_DIRECTORY },
};

/* F1 */
TEST_F(flags, getfl_keeps_what_concerns_the_file)
{
	size_t i;
	int fd;

	make_names(_metadata);
	for (i = 0; i < ARRAY_SIZE(getfl_rows); i++) {
		fd = raw_open(getfl_rows[i].path, getfl_rows[i].flags, 0600);
		EXPECT_LE(0, fd) TH_LOG("%s: errno %d", getfl_rows[i].name, errno);
		EXPECT_EQ(getfl_rows[i].getfl, fcntl(fd, F_GETFL))
			TH_LOG("%s", getfl_rows[i].name);
		close(fd);
	}
}

/* F1: fdinfo is F_GETFL and the one flag of the descriptor */
TEST_F(flags, fdinfo_shows_the_flags_and_o_cloexec)
{
	size_t i;
	int fd;

	make_names(_metadata);
	for (i = 0; i < ARRAY_SIZE(getfl_rows); i++) {
		fd = raw_open(getfl_rows[i].path, getfl_rows[i].flags, 0600);
		EXPECT_LE(0, fd) TH_LOG("%s: errno %d", getfl_rows[i].name, errno);
		EXPECT_EQ(getfl_rows[i].getfl | (getfl_rows[i].flags & O_CLOEXEC),
			  fdinfo_flags(fd)) TH_LOG("%s", getfl_rows[i].name);
		close(fd);
	}
}

/* F1 of other releases and machines; the seed's own number on x86_64 */
TEST_F(flags, o_rdwr_is_the_seeds_number)
{
	int fd, want;

#if defined(__x86_64__)
	want = 0x8002;
#elif defined(__aarch64__)
	want = 0x20002;
#elif defined(__i386__) || defined(__arm__)
	want = 0x2;
#else
	want = O_RDWR | ADDED;
#endif
	make_file(_metadata, "file", 0600, "");
	fd = raw_open("file", O_RDWR, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(want, fcntl(fd, F_GETFL));
}

/* F1 of each of the calls: open(2) and creat(2) where the machine has them */
TEST_F(flags, every_call_adds_o_largefile)
{
	struct ot_open_how how = { .flags = O_RDWR };
	int fd;

	make_file(_metadata, "file", 0600, "");
#ifdef __NR_open
	fd = syscall(__NR_open, "file", O_RDWR, 0);
	EXPECT_EQ(O_RDWR | ADDED, fcntl(fd, F_GETFL)) TH_LOG("open");
#endif
	fd = syscall(__NR_openat, AT_FDCWD, "file", O_RDWR, 0);
	EXPECT_EQ(O_RDWR | ADDED, fcntl(fd, F_GETFL)) TH_LOG("openat");

	/*
	 * A 64-bit kernel has no 32-bit versions of these two, and adds it to 32-bit
	 * programs' calls as well: only there the kernel decides.
	 */
#ifdef __NR_creat
	fd = syscall(__NR_creat, "file", 0);
	EXPECT_EQ(O_WRONLY | LARGEFILE, fcntl(fd, F_GETFL) | (LARGEFILE ^ ADDED))
		TH_LOG("creat");
#endif
	fd = sys_openat2(AT_FDCWD, "file", &how, sizeof(how));
	EXPECT_EQ(O_RDWR | LARGEFILE, fcntl(fd, F_GETFL) | (LARGEFILE ^ ADDED))
		TH_LOG("openat2");
}

#ifdef __x86_64__
/* int80 - a 32-bit system call, which a 64-bit process may make too */
static int int80(long nr, long a, long b, long c, long d)
{
	long ret;

	/* what else may be taken for an argument is not a descriptor */
	asm volatile ("int $0x80" : "=a" (ret)
		      : "0" (nr), "b" (a), "c" (b), "d" (c), "S" (d), "D" (-1L)
		      : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

#define I386_OPEN	5
#define I386_CREAT	8
#define I386_GETPID	20
#define I386_OPENAT	295
#define I386_OPENAT2	437

/* has_int80 - a kernel without them kills who tries, UML takes the number for its own */
static bool has_int80(struct __test_metadata *const _metadata)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(int80(I386_GETPID, -1, 0, 0, 0) == getpid() ? 0 : 1);
	return wait_for(pid) == 0;
}

/* F1: the open of a 32-bit process */
TEST_F(flags, a_32_bit_open_adds_nothing)
{
	struct ot_open_how *how;
	char *name;
	long at;
	int fd;

	if (!has_int80(_metadata))
		SKIP(return, "this kernel has no 32-bit system calls");
	name = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, name);
	at = (long)name;
	memcpy(name, "file", sizeof("file"));
	make_file(_metadata, name, 0600, "");

	fd = int80(I386_OPENAT, AT_FDCWD, at, O_RDWR, 0);
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL)) TH_LOG("openat: %d", fd);
	fd = int80(I386_OPEN, at, O_RDWR, 0, 0);
	EXPECT_EQ(O_RDWR, fcntl(fd, F_GETFL)) TH_LOG("open: %d", fd);
	fd = int80(I386_OPEN, at, O_RDWR | LARGEFILE, 0, 0);
	EXPECT_EQ(O_RDWR | LARGEFILE, fcntl(fd, F_GETFL)) TH_LOG("asked: %d", fd);

	/* there are no 32-bit versions of these two */
	fd = int80(I386_CREAT, at, 0, 0, 0);
	EXPECT_EQ(O_WRONLY | LARGEFILE, fcntl(fd, F_GETFL)) TH_LOG("creat: %d", fd);
	how = (void *)(name + 64);
	*how = (struct ot_open_how) { .flags = O_RDWR };
	fd = int80(I386_OPENAT2, AT_FDCWD, at, at + 64, sizeof(*how));
	EXPECT_EQ(O_RDWR | LARGEFILE, fcntl(fd, F_GETFL)) TH_LOG("openat2: %d", fd);
}
#endif

/* F5: open(2) has never refused a bit that means nothing; nor may it keep one */
TEST_F(flags, unknown_flags_are_ignored)
{
	const unsigned int known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
		O_APPEND | O_NONBLOCK | O_DSYNC | O_ASYNC | O_DIRECT | LARGEFILE |
		O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_SYNC | O_PATH |
		O_TMPFILE | 1 << 26 /* O_EMPTYPATH of 7.2 */;
	unsigned int bit;
	int i, fd;

	make_names(_metadata);
	for (i = 0; i < 32; i++) {
		bit = 1u << i;
		if (known & bit)
			continue;
		fd = raw_open("file", O_RDWR | bit, 0);
		EXPECT_EQ(O_RDWR | ADDED, fcntl(fd, F_GETFL)) TH_LOG("bit %d", i);
		close(fd);
		/* one of them is openat2(2)'s regular files only, inside */
		fd = raw_open("dir", O_RDONLY | bit, 0);
		EXPECT_EQ(O_RDONLY | ADDED, fcntl(fd, F_GETFL))
			TH_LOG("bit %d of a directory", i);
		close(fd);
	}
}

/*
 * Access modes
 */
static int try_read(int fd)
{
	char c;

	return errno_of(pread(fd, &c, 1, 0));
}

static int try_write(int fd)
{
	return errno_of(pwrite(fd, "c", 1, 0));
}

static int try_map(int fd, int prot)
{
	void *map = mmap(NULL, 1, prot, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return errno;
	munmap(map, 1);
	return 0;
}

/* F2: FMODE_READ and FMODE_WRITE are the access mode plus one */
TEST_F(flags, access_mode_decides_what_can_be_done)
{
	static const struct {
		const char *name;
		int flags;
		int read, write, ftruncate, map, map_to_write;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, 0, EBADF, EINVAL, 0, EACCES },
		{ "O_WRONLY", O_WRONLY, EBADF, 0, 0, EACCES, EACCES },
		{ "O_RDWR", O_RDWR, 0, 0, 0, 0, 0 },
		{ "3", ACCESS_MODE_3, EBADF, EBADF, EINVAL, EACCES, EACCES },
	};
	size_t i;
	int fd;

	make_file(_metadata, "file", 0600, CONTENT);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = raw_open("file", rows[i].flags, 0);
		ASSERT_LE(0, fd) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].read, try_read(fd)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].write, try_write(fd)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].ftruncate, errno_of(ftruncate(fd, strlen(CONTENT))))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].map, try_map(fd, PROT_READ)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].map_to_write, try_map(fd, PROT_READ | PROT_WRITE))
			TH_LOG("%s", rows[i].name);
		close(fd);
	}
}

TEST_F(flags, access_mode_3_is_for_ioctl)
{
	int fd, left = -1;

	make_file(_metadata, "file", 0600, CONTENT);
	fd = raw_open("file", ACCESS_MODE_3, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ioctl(fd, FIONREAD, &left));
	EXPECT_EQ(strlen(CONTENT), left);
	EXPECT_EQ(0, fchmod(fd, 0640));
	EXPECT_EQ(S_IFREG | 0640, mode_of(fd));
}

/* F2: acc_mode, by the permissions that each needs of an existing file */
TEST_F(flags, flags_tell_which_permissions_are_needed)
{
	static const struct {
		const char *name;
		int flags;
		int none, read, write, both;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, EACCES, 0, EACCES, 0 },
		{ "O_WRONLY", O_WRONLY, EACCES, EACCES, 0, 0 },
		{ "O_RDWR", O_RDWR, EACCES, EACCES, EACCES, 0 },
		{ "3", ACCESS_MODE_3, EACCES, EACCES, EACCES, 0 },
		{ "O_RDONLY|O_TRUNC", O_RDONLY | O_TRUNC, EACCES, EACCES, EACCES, 0 },
		{ "O_WRONLY|O_TRUNC", O_WRONLY | O_TRUNC, EACCES, EACCES, 0, 0 },
		{ "O_RDONLY|O_CREAT", O_RDONLY | O_CREAT, EACCES, 0, EACCES, 0 },
		{ "O_RDONLY|O_APPEND", O_RDONLY | O_APPEND, EACCES, 0, EACCES, 0 },
		{ "O_WRONLY|O_APPEND", O_WRONLY | O_APPEND, EACCES, EACCES, 0, 0 },
		{ "O_PATH", O_PATH, 0, 0, 0, 0 },
		{ "O_PATH|O_RDWR|O_TRUNC", O_PATH | O_RDWR | O_TRUNC, 0, 0, 0, 0 },
	};
	size_t i;

	become_other(_metadata);
	make_file(_metadata, "none", 0000, "");
	make_file(_metadata, "read", 0400, "");
	make_file(_metadata, "write", 0200, "");
	make_file(_metadata, "both", 0600, "");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].none, open_errno("none", rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].read, open_errno("read", rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].write, open_errno("write", rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].both, open_errno("both", rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
	}
}

/* A new file's mode is for those who come later, O_TRUNC's need of writing too. */
TEST_F(flags, mode_does_not_limit_the_descriptor_that_made_the_file)
{
	static const struct {
		const char *name;
		int flags;
		mode_t mode;
		int read, write, again;
	} rows[] = {
		{ "O_RDWR, 0000", O_RDWR, 0000, 0, 0, EACCES },
		{ "O_RDWR, 0400", O_RDWR, 0400, 0, 0, EACCES },
		{ "O_WRONLY, 0400", O_WRONLY, 0400, EBADF, 0, EACCES },
		{ "O_RDONLY, 0200", O_RDONLY, 0200, 0, EBADF, EACCES },
		{ "O_RDONLY|O_TRUNC, 0400", O_RDONLY | O_TRUNC, 0400, 0, EBADF, EACCES },
		{ "O_RDWR, 0600", O_RDWR, 0600, 0, 0, 0 },
	};
	size_t i;
	int fd;

	become_other(_metadata);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = raw_open("file", rows[i].flags | O_CREAT, rows[i].mode);
		EXPECT_LE(0, fd) TH_LOG("%s: errno %d", rows[i].name, errno);
		EXPECT_EQ(rows[i].read, try_read(fd)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].write, try_write(fd)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].again, open_errno("file", rows[i].flags, 0))
			TH_LOG("%s", rows[i].name);
		close(fd);
		EXPECT_EQ(0, unlink("file"));
	}
}

/*
 * O_APPEND
 */
static void expect_content(struct __test_metadata *const _metadata, const char *path,
			   const char *want)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY);

	EXPECT_LE(0, read(fd, text, sizeof(text) - 1));
	EXPECT_STREQ(want, text);
	close(fd);
}

TEST_F(flags, append_writes_at_the_end_wherever_the_position_is)
{
	int fd;

	make_file(_metadata, "file", 0600, "ab");
	fd = open("file", O_WRONLY | O_APPEND);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(1, write(fd, "c", 1));
	EXPECT_EQ(3, lseek(fd, 0, SEEK_CUR));
	EXPECT_EQ(1, lseek(fd, 1, SEEK_SET));
	EXPECT_EQ(1, write(fd, "d", 1));
	expect_content(_metadata, "file", "abcd");
}

TEST_F(flags, append_follows_the_end_that_others_move)
{
	int one, two;

	make_file(_metadata, "file", 0600, "");
	one = open("file", O_WRONLY | O_APPEND);
	two = open("file", O_WRONLY | O_APPEND);
	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	EXPECT_EQ(1, write(one, "a", 1));
	EXPECT_EQ(1, write(two, "b", 1));
	EXPECT_EQ(1, write(one, "c", 1));
	expect_content(_metadata, "file", "abc");
}

TEST_F(flags, append_reads_where_the_position_is)
{
	char text[2] = "";
	int fd;

	make_file(_metadata, "file", 0600, "ab");
	fd = open("file", O_RDWR | O_APPEND);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, read(fd, text, 1));
	EXPECT_STREQ("a", text);
}

/* POSIX has it otherwise; BUGS of pwrite(2) */
TEST_F(flags, append_pwrite_ignores_the_offset)
{
	int fd;

	make_file(_metadata, "file", 0600, "ab");
	fd = open("file", O_WRONLY | O_APPEND);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, pwrite(fd, "c", 1, 0));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_CUR));
	expect_content(_metadata, "file", "abc");
}

/* the control of the four above */
TEST_F(flags, without_append_the_position_decides)
{
	int fd;

	make_file(_metadata, "file", 0600, "ab");
	fd = open("file", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, write(fd, "c", 1));
	EXPECT_EQ(1, pwrite(fd, "d", 1, 1));
	expect_content(_metadata, "file", "cd");
}

/*
 * O_TRUNC
 */
TEST_F(flags, truncation_empties_the_file)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
		off_t size;
	} rows[] = {
		{ "O_WRONLY", "file", O_WRONLY | O_TRUNC, 0 },
		{ "O_RDWR", "file", O_RDWR | O_TRUNC, 0 },
		{ "O_RDONLY", "file", O_RDONLY | O_TRUNC, 0 },
		{ "3", "file", ACCESS_MODE_3 | O_TRUNC, 0 },
		{ "O_CREAT", "file", O_WRONLY | O_CREAT | O_TRUNC, 0 },
		{ "O_APPEND", "file", O_WRONLY | O_APPEND | O_TRUNC, 0 },
		{ "a link", "link", O_WRONLY | O_TRUNC, 0 },
		{ "O_CREAT, a link", "link", O_WRONLY | O_CREAT | O_TRUNC, 0 },
		{ "none", "file", O_WRONLY, 7 },
		{ "none, O_CREAT", "file", O_WRONLY | O_CREAT, 7 },
		{ "O_PATH", "file", O_PATH | O_WRONLY | O_TRUNC, 7 },
	};
	size_t i;

	ASSERT_EQ(0, symlink("file", "link"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make_file(_metadata, "file", 0600, CONTENT);
		EXPECT_EQ(0, close_and_errno(raw_open(rows[i].path, rows[i].flags, 0)))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].size, size_of("file")) TH_LOG("%s", rows[i].name);
		ASSERT_EQ(0, unlink("file"));
	}
}

TEST_F(flags, failed_open_does_not_truncate)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
		int err;
	} rows[] = {
		{ "not permitted", "file", O_RDONLY | O_TRUNC, EACCES },
		{ "exists", "file", O_RDONLY | O_TRUNC | O_CREAT | O_EXCL, EEXIST },
		{ "not a directory", "file", O_RDONLY | O_TRUNC | O_DIRECTORY, ENOTDIR },
		{ "a slash", "file/", O_RDONLY | O_TRUNC, ENOTDIR },
		{ "a link", "link", O_RDONLY | O_TRUNC | O_NOFOLLOW, ELOOP },
		{ "create a directory", "file", O_RDONLY | O_TRUNC | O_CREAT | O_DIRECTORY,
		  EINVAL },
	};
	size_t i;

	become_other(_metadata);
	make_file(_metadata, "file", 0400, CONTENT);
	ASSERT_EQ(0, symlink("file", "link"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		/* but for the first, permission is not what is wrong */
		ASSERT_EQ(0, chmod("file", i == 0 ? 0400 : 0600));
		EXPECT_EQ(rows[i].err, open_errno(rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(7, size_of("file")) TH_LOG("%s", rows[i].name);
	}
}

TEST_F(flags, no_free_descriptor_does_not_truncate)
{
	struct rlimit limit, none;

	make_file(_metadata, "file", 0600, CONTENT);
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(EMFILE, open_errno("file", O_WRONLY | O_TRUNC, 0));
	EXPECT_EQ(EMFILE, open_errno("new", O_WRONLY | O_CREAT, 0600));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(7, size_of("file"));
	EXPECT_EQ(ENOENT, errno_of(access("new", F_OK)));
}

TEST_F(flags, truncation_leaves_what_a_fifo_holds)
{
	struct timespec long_ago[2] = { { .tv_sec = LONG_AGO }, { .tv_sec = LONG_AGO } };
	char text[8] = "";
	int fd;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	fd = open("fifo", O_RDWR | O_NONBLOCK);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, write(fd, "ab", 2));
	ASSERT_EQ(0, utimensat(AT_FDCWD, "fifo", long_ago, 0));
	EXPECT_EQ(0, open_errno("fifo", O_RDWR | O_NONBLOCK | O_TRUNC, 0));
	EXPECT_EQ(LONG_AGO, mtime_of("fifo"));
	EXPECT_EQ(2, read(fd, text, sizeof(text)));
	EXPECT_STREQ("ab", text);
}

TEST_F(flags, truncation_leaves_a_device_alone)
{
	struct timespec long_ago[2] = { { .tv_sec = LONG_AGO }, { .tv_sec = LONG_AGO } };

	if (!is_root())
		SKIP(return, "needs root to make a device");
	ASSERT_EQ(0, mknod("null", S_IFCHR | 0600, makedev(1, 3)));
	ASSERT_EQ(0, utimensat(AT_FDCWD, "null", long_ago, 0));
	EXPECT_EQ(0, open_errno("null", O_WRONLY | O_TRUNC, 0));
	EXPECT_EQ(0, open_errno("null", O_RDONLY | O_CREAT | O_TRUNC, 0600));
	EXPECT_EQ(LONG_AGO, mtime_of("null"));
}

/* POSIX wants it whatever the size was */
TEST_F(flags, truncation_of_an_empty_file_is_a_modification)
{
	struct timespec long_ago[2] = { { .tv_sec = LONG_AGO }, { .tv_sec = LONG_AGO } };

	make_file(_metadata, "file", 0600, "");
	ASSERT_EQ(0, utimensat(AT_FDCWD, "file", long_ago, 0));
	EXPECT_EQ(0, open_errno("file", O_WRONLY, 0));
	EXPECT_EQ(LONG_AGO, mtime_of("file"));
	EXPECT_EQ(0, open_errno("file", O_WRONLY | O_TRUNC, 0));
	EXPECT_LT(LONG_AGO, mtime_of("file"));
}

TEST_F(flags, truncation_by_an_ordinary_user_takes_setuid_and_setgid)
{
	int fd;

	become_other(_metadata);
	make_file(_metadata, "file", 06755, CONTENT);
	fd = open("file", O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(S_IFREG | 06755, mode_of(fd));
	EXPECT_EQ(0, open_errno("file", O_WRONLY | O_TRUNC, 0));
	EXPECT_EQ(S_IFREG | 0755, mode_of(fd));
}

/*
 * Which names are opened, and how: O_EXCL, O_NOFOLLOW, O_DIRECTORY
 */
struct name_row {
	const char *path;
	int flags;
	int err;
};

static void check_names(struct __test_metadata *const _metadata,
			const struct name_row *rows, size_t n)
{
	size_t i;

	make_names(_metadata);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(rows[i].err, open_errno(rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s, flags 0%o", rows[i].path, rows[i].flags);
	}
}

TEST_F(flags, excl_creates_or_fails)
{
	static const struct name_row rows[] = {
		{ "file", O_RDWR | O_CREAT | O_EXCL, EEXIST },
		{ "dir", O_RDONLY | O_CREAT | O_EXCL, EEXIST },
		{ "fifo", O_RDWR | O_CREAT | O_EXCL, EEXIST },
		{ "link", O_RDWR | O_CREAT | O_EXCL, EEXIST },
		{ "dangling", O_RDWR | O_CREAT | O_EXCL, EEXIST },
		{ ".", O_RDONLY | O_CREAT | O_EXCL, EEXIST },
		{ "missing", O_RDWR | O_CREAT | O_EXCL, 0 },
		{ "missing", O_RDWR | O_CREAT | O_EXCL, EEXIST },
	};

	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

TEST_F(flags, excl_without_creat_means_nothing)
{
	static const struct name_row rows[] = {
		{ "file", O_RDWR | O_EXCL, 0 },
		{ "link", O_RDWR | O_EXCL, 0 },
		{ "dir", O_RDONLY | O_EXCL, 0 },
		{ "missing", O_RDWR | O_EXCL, ENOENT },
	};

	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

TEST_F(flags, creat_makes_what_a_dangling_link_names)
{
	make_names(_metadata);
	EXPECT_EQ(ENOENT, open_errno("dangling", O_WRONLY, 0));
	EXPECT_EQ(0, open_errno("dangling", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(0, open_errno("missing", O_WRONLY | O_NOFOLLOW, 0));
}

TEST_F(flags, creat_refuses_a_directory_that_is_there)
{
	static const struct name_row rows[] = {
		{ "dir", O_RDONLY | O_CREAT, EISDIR },
		{ "dirlink", O_RDONLY | O_CREAT, EISDIR },
		{ ".", O_RDONLY | O_CREAT, EISDIR },
		{ "dir/..", O_RDONLY | O_CREAT, EISDIR },
		{ "dir", O_PATH | O_CREAT, 0 },
	};

	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

/* O_NOFOLLOW is about the last component only */
TEST_F(flags, nofollow_refuses_a_link_at_the_end)
{
	static const struct name_row rows[] = {
		{ "file", O_RDONLY | O_NOFOLLOW, 0 },
		{ "dir", O_RDONLY | O_NOFOLLOW, 0 },
		{ "link", O_RDONLY, 0 },
		{ "link", O_RDONLY | O_NOFOLLOW, ELOOP },
		{ "link", O_RDWR | O_NOFOLLOW | O_CREAT, ELOOP },
		{ "dirlink", O_RDONLY | O_NOFOLLOW, ELOOP },
		{ "dangling", O_RDONLY | O_NOFOLLOW, ELOOP },
		{ "dangling", O_RDWR | O_NOFOLLOW | O_CREAT, ELOOP },
		{ "dirlink/../file", O_RDONLY | O_NOFOLLOW, 0 },
		{ "dirlink/", O_RDONLY | O_NOFOLLOW, 0 },
		{ "dirlink/.", O_RDONLY | O_NOFOLLOW, 0 },
		/* the kind is looked at first */
		{ "dirlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY, ENOTDIR },
		{ "missing", O_RDONLY | O_NOFOLLOW, ENOENT },
	};

	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

/* a FIFO is refused before it can block */
TEST_F(flags, directory_refuses_what_is_none)
{
	static const struct name_row rows[] = {
		{ "dir", O_RDONLY | O_DIRECTORY, 0 },
		{ "dirlink", O_RDONLY | O_DIRECTORY, 0 },
		{ ".", O_RDONLY | O_DIRECTORY, 0 },
		{ "file", O_RDONLY | O_DIRECTORY, ENOTDIR },
		{ "file", O_RDWR | O_DIRECTORY, ENOTDIR },
		{ "file", O_PATH | O_DIRECTORY, ENOTDIR },
		{ "link", O_RDONLY | O_DIRECTORY, ENOTDIR },
		{ "fifo", O_RDONLY | O_DIRECTORY, ENOTDIR },
		{ "dir", O_WRONLY | O_DIRECTORY, EISDIR },
		{ "dir", O_RDWR | O_DIRECTORY, EISDIR },
		{ "dir", ACCESS_MODE_3 | O_DIRECTORY, EISDIR },
		{ "dir", O_RDONLY | O_TRUNC | O_DIRECTORY, EISDIR },
		{ "missing", O_RDONLY | O_DIRECTORY, ENOENT },
		{ "dir", O_RDONLY | O_CREAT | O_DIRECTORY, EINVAL },
		{ "missing", O_RDONLY | O_CREAT | O_DIRECTORY, EINVAL },
	};

	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

/*
 * O_PATH
 */
#define CALL(name, expr)	\
	static int call_##name(int fd) { return errno_of(expr); }

CALL(read, read(fd, (char[1]) { 0 }, 1))
CALL(write, write(fd, "c", 1))
CALL(lseek, lseek(fd, 0, SEEK_CUR))
CALL(ftruncate, ftruncate(fd, 0))
CALL(fallocate, fallocate(fd, 0, 0, 1))
CALL(fsync, fsync(fd))
CALL(fchmod, syscall(__NR_fchmod, fd, 0600))
CALL(fchown, fchown(fd, -1, -1))
CALL(fgetxattr, fgetxattr(fd, "user.a", NULL, 0))
CALL(flock, flock(fd, LOCK_SH | LOCK_NB))
CALL(ioctl, ioctl(fd, FIONREAD, &(int) { 0 }))
CALL(mmap, (long)mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0))
CALL(setfl, fcntl(fd, F_SETFL, O_NONBLOCK))
CALL(getfl, fcntl(fd, F_GETFL))
CALL(getfd, fcntl(fd, F_GETFD))
CALL(setfd, fcntl(fd, F_SETFD, FD_CLOEXEC))
CALL(dupfd, close(fcntl(fd, F_DUPFD, 0)))
CALL(dup, close(dup(fd)))
CALL(fstat, fstat(fd, &(struct stat) { 0 }))
CALL(fstatfs, fstatfs(fd, &(struct statfs) { 0 }))

TEST_F(flags, path_descriptor_is_good_for_the_name_only)
{
	static const struct {
		const char *name;
		int (*call)(int fd);
		int err;
	} rows[] = {
		{ "read", call_read, EBADF },
		{ "write", call_write, EBADF },
		{ "lseek", call_lseek, EBADF },
		{ "ftruncate", call_ftruncate, EBADF },
		{ "fallocate", call_fallocate, EBADF },
		{ "fsync", call_fsync, EBADF },
		{ "fchmod", call_fchmod, EBADF },
		{ "fchown", call_fchown, EBADF },
		{ "fgetxattr", call_fgetxattr, EBADF },
		{ "flock", call_flock, EBADF },
		{ "ioctl", call_ioctl, EBADF },
		{ "mmap", call_mmap, EBADF },
		{ "F_SETFL", call_setfl, EBADF },
		{ "F_GETFL", call_getfl, 0 },
		{ "F_GETFD", call_getfd, 0 },
		{ "F_SETFD", call_setfd, 0 },
		{ "F_DUPFD", call_dupfd, 0 },
		{ "dup", call_dup, 0 },
		{ "fstat", call_fstat, 0 },
		{ "fstatfs", call_fstatfs, 0 },
	};
	size_t i;
	int fd, err;

	make_file(_metadata, "file", 0600, CONTENT);
	fd = open("file", O_PATH | O_RDWR);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		err = rows[i].call(fd);
		EXPECT_EQ(rows[i].err, err) TH_LOG("%s", rows[i].name);
	}
}

TEST_F(flags, path_descriptor_of_a_directory_starts_walks)
{
	int fd;

	ASSERT_EQ(0, mkdir("dir", 0700));
	make_file(_metadata, "dir/file", 0600, CONTENT);
	fd = open("dir", O_PATH);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, openat_errno(fd, "file", O_RDWR, 0));
	EXPECT_EQ(0, openat_errno(fd, "new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(0, fchdir(fd));
	EXPECT_EQ(0, open_errno("new", O_RDWR, 0));
}

/* no permission of the file itself is needed, nor a driver, nor a peer */
TEST_F(flags, path_opens_what_cannot_be_opened)
{
	struct stat st;
	char to[8] = "";
	int fd;

	become_other(_metadata);
	make_file(_metadata, "closed", 0000, "");
	ASSERT_EQ(0, mknod("socket", S_IFSOCK | 0600, 0));
	ASSERT_EQ(0, mkfifo("fifo", 0600));
	ASSERT_EQ(0, mkdir("dir", 0000));
	ASSERT_EQ(0, symlink("closed", "link"));

	EXPECT_EQ(EACCES, open_errno("closed", O_RDONLY, 0));
	EXPECT_EQ(0, open_errno("closed", O_PATH, 0));
	EXPECT_EQ(ENXIO, open_errno("socket", O_RDONLY, 0));
	EXPECT_EQ(0, open_errno("socket", O_PATH, 0));
	EXPECT_EQ(ENXIO, open_errno("fifo", O_WRONLY | O_NONBLOCK, 0));
	EXPECT_EQ(0, open_errno("fifo", O_PATH | O_WRONLY, 0));
	EXPECT_EQ(0, open_errno("dir", O_PATH, 0));
	/* of the way there it is */
	EXPECT_EQ(EACCES, open_errno("dir/closed", O_PATH, 0));

	fd = open("link", O_PATH | O_NOFOLLOW);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(S_IFLNK, st.st_mode & S_IFMT);
	EXPECT_EQ(6, readlinkat(fd, "", to, sizeof(to) - 1));
	EXPECT_STREQ("closed", to);
}

TEST_F(flags, path_makes_nothing)
{
	make_names(_metadata);
	EXPECT_EQ(ENOENT, open_errno("missing", O_PATH | O_RDWR | O_CREAT, 0600));
	EXPECT_EQ(ENOENT, open_errno("missing", O_PATH | O_RDWR | O_CREAT | O_EXCL, 0600));
	EXPECT_EQ(ENOENT, open_errno("dangling", O_PATH | O_RDWR | O_CREAT, 0600));
	EXPECT_EQ(ENOENT, errno_of(access("missing", F_OK)));
}

/* Through /proc the file is opened again, by the permissions there are then. */
TEST_F(flags, path_descriptor_can_be_opened_in_earnest)
{
	/* for others the way there may be closed */
	int fd, proc = open("/proc/self/fd", O_PATH);
	char name[16];

	ASSERT_LE(0, proc);
	become_other(_metadata);
	make_file(_metadata, "file", 0400, CONTENT);
	fd = open("file", O_PATH);
	ASSERT_LE(0, fd);
	snprintf(name, sizeof(name), "%d", fd);
	EXPECT_EQ(EACCES, openat_errno(proc, name, O_RDWR, 0));
	EXPECT_EQ(0, openat_errno(proc, name, O_RDONLY, 0));
	ASSERT_EQ(0, chmod("file", 0600));
	EXPECT_EQ(0, openat_errno(proc, name, O_RDWR, 0));
	EXPECT_EQ(ELOOP, openat_errno(proc, name, O_RDWR | O_NOFOLLOW, 0));
}

/*
 * O_TMPFILE
 */
#define SKIP_WITHOUT_TMPFILE()							\
	do {									\
		if (open_errno(".", O_TMPFILE | O_RDWR, 0600) == EOPNOTSUPP)	\
			SKIP(return, "this filesystem has no O_TMPFILE");	\
	} while (0)

TEST_F(flags, tmpfile_has_no_name)
{
	struct stat st;
	int fd;

	SKIP_WITHOUT_TMPFILE();
	ASSERT_EQ(0, mkdir("dir", 0700));
	fd = raw_open("dir", O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(O_TMPFILE | O_RDWR | ADDED, fcntl(fd, F_GETFL));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(S_IFREG | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_nlink);
	EXPECT_EQ(geteuid(), st.st_uid);
	/* nothing in the way */
	EXPECT_EQ(0, rmdir("dir"));
	EXPECT_EQ(1, write(fd, "c", 1));
	EXPECT_EQ(0, try_read(fd));
}

TEST_F(flags, tmpfile_becomes_a_file_by_linkat)
{
	char path[64];
	int fd;

	SKIP_WITHOUT_TMPFILE();
	fd = raw_open(".", O_TMPFILE | O_WRONLY, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(7, write(fd, CONTENT, 7));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(0, errno_of(linkat(AT_FDCWD, path, AT_FDCWD, "file", AT_SYMLINK_FOLLOW)));
	expect_content(_metadata, "file", CONTENT);
	/* only the first of them is out of nothing */
	EXPECT_EQ(0, errno_of(linkat(AT_FDCWD, path, AT_FDCWD, "two", AT_SYMLINK_FOLLOW)));
	EXPECT_EQ(EEXIST, errno_of(linkat(AT_FDCWD, path, AT_FDCWD, "two",
					  AT_SYMLINK_FOLLOW)));
}

TEST_F(flags, tmpfile_with_excl_stays_nameless)
{
	char path[64];
	int fd;

	SKIP_WITHOUT_TMPFILE();
	fd = raw_open(".", O_TMPFILE | O_WRONLY | O_EXCL, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, write(fd, "c", 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(ENOENT, errno_of(linkat(AT_FDCWD, path, AT_FDCWD, "file",
					  AT_SYMLINK_FOLLOW)));
	EXPECT_EQ(ENOENT, errno_of(access("file", F_OK)));
}

/* F5 */
TEST_F(flags, tmpfile_wants_to_be_written_in_a_directory)
{
	static const struct name_row rows[] = {
		{ ".", O_TMPFILE | O_RDONLY, EINVAL },
		{ ".", O_TMPFILE | O_WRONLY, 0 },
		{ ".", O_TMPFILE | O_RDWR, 0 },
		{ ".", O_TMPFILE | ACCESS_MODE_3, 0 },
		{ ".", TMPFILE_BIT | O_RDWR, EINVAL },
		{ ".", O_TMPFILE | O_RDWR | O_CREAT, EINVAL },
		{ ".", O_TMPFILE | O_RDONLY | O_TRUNC, EINVAL },
		{ "dirlink", O_TMPFILE | O_RDWR, 0 },
		{ "dirlink", O_TMPFILE | O_RDWR | O_NOFOLLOW, ENOTDIR },
		{ "file", O_TMPFILE | O_RDWR, ENOTDIR },
		{ "missing", O_TMPFILE | O_RDWR, ENOENT },
	};

	SKIP_WITHOUT_TMPFILE();
	check_names(_metadata, rows, ARRAY_SIZE(rows));
}

TEST_F(flags, tmpfile_needs_a_directory_that_may_be_written)
{
	SKIP_WITHOUT_TMPFILE();
	become_other(_metadata);
	ASSERT_EQ(0, mkdir("dir", 0500));
	EXPECT_EQ(EACCES, open_errno("dir", O_TMPFILE | O_RDWR, 0600));
	ASSERT_EQ(0, chmod("dir", 0300));
	EXPECT_EQ(0, open_errno("dir", O_TMPFILE | O_RDWR, 0600));
}

TEST_F(flags, tmpfile_mode_does_not_limit_its_descriptor)
{
	int fd;

	SKIP_WITHOUT_TMPFILE();
	become_other(_metadata);
	fd = raw_open(".", O_TMPFILE | O_RDWR, 0000);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, try_write(fd));
	EXPECT_EQ(0, try_read(fd));
}

/*
 * O_CLOEXEC
 */
#define EXEC_FD		"OPEN_TRACE_EXEC_FD"

/* What this program does when a test executes it: say which of its descriptors is there. */
static void __attribute__((constructor)) in_exec(void)
{
	const char *fd = getenv(EXEC_FD);

	if (fd)
		_exit(errno_of(fcntl(atoi(fd), F_GETFD)));
}

/* errno_after_exec - of the use of a descriptor in the next program */
static int errno_after_exec(struct __test_metadata *const _metadata, int fd)
{
	char var[64], *argv[] = { "exe", NULL }, *envp[] = { var, NULL };
	pid_t pid = fork();
	int code;

	ASSERT_LE(0, pid);
	if (pid == 0) {
		snprintf(var, sizeof(var), EXEC_FD "=%d", fd);
		execve("/proc/self/exe", argv, envp);
		_exit(255);
	}
	code = wait_for(pid);
	ASSERT_LE(0, code);
	return code;
}

TEST_F(flags, cloexec_closes_on_exec)
{
	int closed, kept;

	make_file(_metadata, "file", 0600, "");
	closed = open("file", O_RDWR | O_CLOEXEC);
	kept = open("file", O_RDWR);
	ASSERT_LE(0, closed);
	ASSERT_LE(0, kept);
	EXPECT_EQ(EBADF, errno_after_exec(_metadata, closed));
	EXPECT_EQ(0, errno_after_exec(_metadata, kept));
	/* in this program nothing is closed */
	EXPECT_EQ(0, try_read(closed));
}

TEST_F(flags, cloexec_is_the_descriptors_and_not_the_files)
{
	int closed, kept;

	make_file(_metadata, "file", 0600, "");
	closed = open("file", O_RDWR | O_CLOEXEC);
	kept = dup(closed);
	ASSERT_LE(0, closed);
	ASSERT_LE(0, kept);
	EXPECT_EQ(FD_CLOEXEC, fcntl(closed, F_GETFD));
	EXPECT_EQ(0, fcntl(kept, F_GETFD));
	EXPECT_EQ(0, fdinfo_flags(kept) & O_CLOEXEC);
	EXPECT_EQ(0, errno_after_exec(_metadata, kept));
}

/* a descriptor's number does not keep what its last file was opened with */
TEST_F(flags, cloexec_is_not_inherited_by_the_next_file)
{
	int fd;

	make_file(_metadata, "file", 0600, "");
	fd = open("file", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(fd, open("file", O_RDWR));
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, errno_after_exec(_metadata, fd));
}

/*
 * O_NOATIME, O_NONBLOCK, O_ASYNC, O_DIRECT, O_NOCTTY
 */

/* atime_after_read - of a file that was last read long ago and changed since */
static time_t atime_after_read(struct __test_metadata *const _metadata, int flags)
{
	struct timespec times[2] = {
		{ .tv_sec = LONG_AGO }, { .tv_sec = LONG_AGO + 1 },
	};
	struct stat st;
	char c;
	int fd;

	ASSERT_EQ(0, utimensat(AT_FDCWD, "file", times, 0));
	fd = open("file", O_RDONLY | flags);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, read(fd, &c, 1));
	EXPECT_EQ(0, fstat(fd, &st));
	close(fd);
	return st.st_atime;
}

TEST_F(flags, noatime_reads_without_a_trace)
{
	struct statvfs fs;

	ASSERT_EQ(0, statvfs(".", &fs));
	if (fs.f_flag & ST_NOATIME)
		SKIP(return, "this filesystem is mounted noatime");
	make_file(_metadata, "file", 0600, CONTENT);
	EXPECT_EQ(LONG_AGO, atime_after_read(_metadata, O_NOATIME));
	EXPECT_LT(LONG_AGO, atime_after_read(_metadata, 0));
}

TEST_F(flags, noatime_is_for_the_owner)
{
	if (!is_root())
		SKIP(return, "needs root to make a file that is not one's own");
	make_file(_metadata, "file", 0666, CONTENT);
	ASSERT_EQ(0, chown("file", OTHER_UID + 1, -1));
	EXPECT_EQ(0, open_errno("file", O_RDONLY | O_NOATIME, 0));
	become_other(_metadata);
	EXPECT_EQ(EPERM, open_errno("file", O_RDONLY | O_NOATIME, 0));
	/* O_PATH ignores it */
	EXPECT_EQ(0, open_errno("file", O_PATH | O_NOATIME, 0));
	make_file(_metadata, "own", 0400, CONTENT);
	EXPECT_EQ(0, open_errno("own", O_RDONLY | O_NOATIME, 0));
}

/* fifo(7) */
TEST_F(flags, nonblock_opens_a_fifo_at_once_or_fails)
{
	char c;
	int r, w;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	EXPECT_EQ(ENXIO, open_errno("fifo", O_WRONLY | O_NONBLOCK, 0));
	EXPECT_EQ(EINVAL, open_errno("fifo", ACCESS_MODE_3 | O_NONBLOCK, 0));
	/* Linux: both ends at once need nobody */
	EXPECT_EQ(0, open_errno("fifo", O_RDWR, 0));

	r = open("fifo", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, r);
	EXPECT_EQ(0, read(r, &c, 1));
	w = open("fifo", O_WRONLY | O_NONBLOCK);
	ASSERT_LE(0, w);
	EXPECT_EQ(-1, read(r, &c, 1));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, write(w, "c", 1));
	EXPECT_EQ(1, read(r, &c, 1));
}

/* BUGS of open(2): the flag is kept, the signals are not asked for */
TEST_F(flags, async_of_open_sends_no_signal)
{
	struct timespec none = { 0 };
	sigset_t io, pending;
	int fd, other;

	sigemptyset(&io);
	sigaddset(&io, SIGIO);
	ASSERT_EQ(0, sigprocmask(SIG_BLOCK, &io, NULL));
	ASSERT_EQ(0, mkfifo("fifo", 0600));
	fd = raw_open("fifo", O_RDWR | O_NONBLOCK | O_ASYNC, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fcntl(fd, F_SETOWN, getpid()));
	EXPECT_EQ(1, write(fd, "c", 1));
	ASSERT_EQ(0, sigpending(&pending));
	EXPECT_EQ(0, sigismember(&pending, SIGIO));

	/* fcntl(2) does ask, where the flag is not there already */
	other = open("fifo", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, fcntl(other, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(other, F_SETFL, O_NONBLOCK | O_ASYNC));
	EXPECT_EQ(1, write(fd, "c", 1));
	EXPECT_EQ(SIGIO, sigtimedwait(&io, NULL, &none));
}

TEST_F(flags, direct_reads_what_it_wrote)
{
	/* more than any block */
	const size_t size = 1 << 16;
	char *out, *in;
	int fd;

	make_file(_metadata, "file", 0600, "");
	fd = raw_open("file", O_RDWR | O_DIRECT, 0);
	if (fd < 0 && errno == EINVAL)
		SKIP(return, "this filesystem has no O_DIRECT");
	ASSERT_LE(0, fd);
	EXPECT_EQ(O_RDWR | O_DIRECT | ADDED, fcntl(fd, F_GETFL));
	ASSERT_EQ(0, posix_memalign((void **)&out, size, size));
	ASSERT_EQ(0, posix_memalign((void **)&in, size, size));
	memset(out, 'c', size);
	EXPECT_EQ(size, write(fd, out, size));
	EXPECT_EQ(size, pread(fd, in, size, 0));
	EXPECT_EQ(0, memcmp(out, in, size));
}

/* is_own_terminal - in a session of one's own, after an open with those flags */
static int is_own_terminal(struct __test_metadata *const _metadata, const char *path,
			   int flags)
{
	pid_t pid = fork(), sid;
	int fd, code;

	ASSERT_LE(0, pid);
	if (pid == 0) {
		setsid();
		fd = open(path, O_RDWR | flags);
		if (fd < 0)
			_exit(2);
		_exit(ioctl(fd, TIOCGSID, &sid) == 0 && sid == getpid());
	}
	code = wait_for(pid);
	/* a session leader that leaves a terminal behind may get the hangup too */
	ASSERT_LE(0, code);
	return code;
}

TEST_F(flags, noctty_keeps_a_terminal_from_becoming_ones_own)
{
	const char *dir = is_root() ? "pts" : "/dev/pts";
	int fd, unlock = 0, nr;
	char path[64];

	if (is_root()) {
		ASSERT_EQ(0, mkdir(dir, 0700));
		if (mount("devpts", dir, "devpts", 0, "ptmxmode=0666") && errno == ENODEV)
			SKIP(return, "this kernel has no CONFIG_UNIX98_PTYS");
	}
	snprintf(path, sizeof(path), "%s/ptmx", dir);
	fd = open(path, O_RDWR | O_NOCTTY);
	if (fd < 0 && !is_root() && (errno == ENOENT || errno == EACCES))
		fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (fd < 0 && !is_root() && errno == ENOENT)
		SKIP(return, "no /dev/ptmx here");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ioctl(fd, TIOCSPTLCK, &unlock));
	ASSERT_EQ(0, ioctl(fd, TIOCGPTN, &nr));
	snprintf(path, sizeof(path), "%s/%d", dir, nr);
	EXPECT_EQ(0, is_own_terminal(_metadata, path, O_NOCTTY));
	EXPECT_EQ(1, is_own_terminal(_metadata, path, 0));
}

/*
 * The mode of a new file
 */
static const struct {
	mode_t mode, umask, want;
} mode_rows[] = {
	{ 0666, 0000, S_IFREG | 0666 },
	{ 0666, 0022, S_IFREG | 0644 },
	{ 0666, 0077, S_IFREG | 0600 },
	{ 0777, 0027, S_IFREG | 0750 },
	{ 0640, 0022, S_IFREG | 0640 },
	{ 0000, 0000, S_IFREG | 0000 },
	{ 0777, 0777, S_IFREG | 0000 },
	/* the umask is about permissions: these three are not in it */
	{ 04755, 0022, S_IFREG | 04755 },
	{ 02755, 0077, S_IFREG | 02700 },
	{ 01777, 0777, S_IFREG | 01000 },
	{ 07777, 07777, S_IFREG | 07000 },
	{ 07777, 0000, S_IFREG | 07777 },
	/* whatever kind is asked for, and nonsense */
	{ S_IFREG | 0644, 0000, S_IFREG | 0644 },
	{ S_IFDIR | 0755, 0022, S_IFREG | 0755 },
	{ S_IFIFO | 0600, 0022, S_IFREG | 0600 },
	{ 0xffff, 0077, S_IFREG | 07700 },
	{ ~0777, 0000, S_IFREG | 07000 },
};

static int make_by_open(mode_t mode)
{
	return raw_open("file", O_WRONLY | O_CREAT | O_EXCL, mode);
}

static int make_by_creat(mode_t mode)
{
#ifdef __NR_creat
	return syscall(__NR_creat, "file", mode);
#else
	return creat("file", mode);
#endif
}

static int make_by_tmpfile(mode_t mode)
{
	return raw_open(".", O_TMPFILE | O_WRONLY, mode);
}

static void check_modes(struct __test_metadata *const _metadata, int (*make)(mode_t mode))
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(mode_rows); i++) {
		umask(mode_rows[i].umask);
		fd = make(mode_rows[i].mode);
		EXPECT_LE(0, fd) TH_LOG("mode 0%o: errno %d", mode_rows[i].mode, errno);
		EXPECT_EQ(mode_rows[i].want, mode_of(fd))
			TH_LOG("mode 0%o, umask 0%o: want 0%o, is 0%o", mode_rows[i].mode,
			       mode_rows[i].umask, mode_rows[i].want, mode_of(fd));
		close(fd);
		unlink("file");
	}
}

TEST_F(flags, mode_of_a_new_file_is_less_the_umask)
{
	check_modes(_metadata, make_by_open);
}

TEST_F(flags, mode_of_a_new_file_by_creat_is_less_the_umask)
{
	check_modes(_metadata, make_by_creat);
}

/* field notes 6.2.15: before 6.0 it was not */
TEST_F(flags, mode_of_a_tmpfile_is_less_the_umask)
{
	SKIP_WITHOUT_TMPFILE();
	check_modes(_metadata, make_by_tmpfile);
}

TEST_F(flags, mode_is_only_looked_at_to_create)
{
	struct stat st;

	make_file(_metadata, "file", 0640, CONTENT);
	EXPECT_EQ(0, close_and_errno(raw_open("file", O_RDWR, 0777)));
	EXPECT_EQ(0, close_and_errno(raw_open("file", O_RDWR, 0xffff)));
	EXPECT_EQ(0, close_and_errno(raw_open("file", O_RDWR | O_CREAT, 0777)));
	EXPECT_EQ(0, close_and_errno(raw_open("file", O_RDWR | O_TRUNC, 0777)));
	EXPECT_EQ(0, close_and_errno(raw_open("file", O_PATH | O_CREAT, 0777)));
	EXPECT_EQ(0, stat("file", &st));
	EXPECT_EQ(S_IFREG | 0640, st.st_mode);
}

TEST_F(flags, new_file_is_its_makers)
{
	struct stat st;
	int fd;

	become_other(_metadata);
	fd = raw_open("file", O_WRONLY | O_CREAT, 0600);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(geteuid(), st.st_uid);
	EXPECT_EQ(getegid(), st.st_gid);
	EXPECT_EQ(1, st.st_nlink);
	EXPECT_EQ(0, st.st_size);
}

/* creat(2): each result as open(2)'s with O_CREAT|O_WRONLY|O_TRUNC */
TEST_F(flags, creat_is_an_open_to_create_write_and_truncate)
{
	const int flags = O_CREAT | O_WRONLY | O_TRUNC;
	static const struct {
		const char *path;
		int err;
	} rows[] = {
		{ "missing", 0 },
		{ "missing", 0 },
		{ "link", 0 },
		{ "dir", EISDIR },
		{ "dirlink", EISDIR },
		{ "none/file", ENOENT },
		{ "file/file", ENOTDIR },
		{ "missing/", EISDIR },
	};
	size_t i;
	int fd;

	make_names(_metadata);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].err, close_and_errno(creat(rows[i].path, 0600)))
			TH_LOG("creat(%s)", rows[i].path);
		EXPECT_EQ(rows[i].err, open_errno(rows[i].path, flags, 0600))
			TH_LOG("open(%s)", rows[i].path);
	}
	ASSERT_EQ(0, unlink("file"));
	make_file(_metadata, "file", 0600, CONTENT);
	fd = make_by_creat(0777);
	ASSERT_LE(0, fd);
	EXPECT_EQ(S_IFREG | 0600, mode_of(fd));
	EXPECT_EQ(0, size_of("file"));
	EXPECT_EQ(O_WRONLY, fcntl(fd, F_GETFL) & ~LARGEFILE);
	EXPECT_EQ(EBADF, try_read(fd));
	EXPECT_EQ(0, try_write(fd));
}

/*
 * Directories that have a say
 */
#define DIR_GID		(OTHER_UID + 2)

FIXTURE(setgid_dir) {
	char path[PATH_MAX];
	bool made;
};

/* Who makes a file in a setgid directory of DIR_GID, and what 02755 becomes there */
FIXTURE_VARIANT(setgid_dir) {
	bool root;
	bool member;
	mode_t executable;
};

FIXTURE_VARIANT_ADD(setgid_dir, root) {
	.root = true,
	.executable = S_IFREG | 02755,
};

FIXTURE_VARIANT_ADD(setgid_dir, member) {
	.member = true,
	.executable = S_IFREG | 02755,
};

FIXTURE_VARIANT_ADD(setgid_dir, stranger) {
	.executable = S_IFREG | 0755,
};

FIXTURE_SETUP(setgid_dir)
{
	gid_t gid = DIR_GID;

	scratch_enter(_metadata, self->path);
	self->made = is_root();
	if (!self->made)
		return;
	ASSERT_EQ(0, mkdir("dir", 0777));
	ASSERT_EQ(0, chown("dir", -1, DIR_GID));
	ASSERT_EQ(0, chmod("dir", 02777));
	ASSERT_EQ(0, chdir("dir"));
	if (variant->root)
		return;
	ASSERT_EQ(0, setgroups(variant->member ? 1 : 0, &gid));
	ASSERT_EQ(0, setresgid(OTHER_UID, OTHER_UID, OTHER_UID));
	ASSERT_EQ(0, setresuid(OTHER_UID, OTHER_UID, OTHER_UID));
}

FIXTURE_TEARDOWN(setgid_dir)
{
	scratch_leave(self->path);
}

/* check_setgid - the groups and modes of files made one way */
static void check_setgid(struct __test_metadata *const _metadata,
			 int (*make)(mode_t mode), mode_t executable)
{
	struct stat st;
	int fd;

	fd = make(0644);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(DIR_GID, st.st_gid);
	EXPECT_EQ(S_IFREG | 0644, st.st_mode);
	close(fd);
	unlink("file");

	/* what its group may not execute cannot lend the group */
	fd = make(02644);
	ASSERT_LE(0, fd);
	EXPECT_EQ(S_IFREG | 02644, mode_of(fd));
	close(fd);
	unlink("file");

	fd = make(02755);
	ASSERT_LE(0, fd);
	EXPECT_EQ(executable, mode_of(fd));
	close(fd);
	unlink("file");
}

/* inode(7); field notes 6.2.16 */
TEST_F(setgid_dir, gives_a_new_file_its_group)
{
	if (!self->made)
		SKIP(return, "needs root to give a directory a group");
	check_setgid(_metadata, make_by_open, variant->executable);
}

TEST_F(setgid_dir, gives_a_tmpfile_its_group)
{
	if (!self->made)
		SKIP(return, "needs root to give a directory a group");
	SKIP_WITHOUT_TMPFILE();
	check_setgid(_metadata, make_by_tmpfile, variant->executable);
}

/* The sticky bit of a directory is about removal, and not inherited. */
TEST_F(flags, sticky_directory_takes_new_files)
{
	int fd;

	ASSERT_EQ(0, mkdir("dir", 0777));
	ASSERT_EQ(0, chmod("dir", 01777));
	become_other(_metadata);
	ASSERT_EQ(0, chdir("dir"));
	fd = raw_open("file", O_WRONLY | O_CREAT, 0666);
	ASSERT_LE(0, fd);
	EXPECT_EQ(S_IFREG | 0666, mode_of(fd));
	/* one's own may be asked for again, whatever the sysctl says */
	EXPECT_EQ(0, open_errno("file", O_RDWR | O_CREAT, 0666));
	EXPECT_EQ(0, open_errno("file", O_RDWR | O_CREAT | O_TRUNC, 0666));
}

/* protected_regular in proc_sys_fs(5): by its value, those of O_CREAT of another's file */
TEST_F(flags, sticky_directory_may_refuse_to_create_what_another_has_made)
{
	static const struct {
		mode_t dir;
		uid_t file_owner;
		int err[3];
	} rows[] = {
		{ 01777, OTHER_UID + 1, { 0, EACCES, EACCES } },
		{ 01775, OTHER_UID + 1, { 0, 0, EACCES } },
		{ 01755, OTHER_UID + 1, { 0, 0, 0 } },
		{ 00777, OTHER_UID + 1, { 0, 0, 0 } },
		/* the directory's owner is trusted */
		{ 01777, OTHER_UID + 2, { 0, 0, 0 } },
	};
	char value = 0;
	size_t i;
	int fd;

	if (!is_root())
		SKIP(return, "needs root to make a file that is not one's own");
	fd = open("/proc/sys/fs/protected_regular", O_RDONLY);
	if (fd < 0 && errno == ENOENT)
		SKIP(return, "this kernel has no fs.protected_regular");
	ASSERT_EQ(1, read(fd, &value, 1));
	ASSERT_LE('0', value);
	ASSERT_GE('2', value);
	make_file(_metadata, "file", 0666, CONTENT);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, mkdir("dir", 0777));
		make_file(_metadata, "dir/file", 0666, CONTENT);
		ASSERT_EQ(0, chown("dir/file", rows[i].file_owner, -1));
		ASSERT_EQ(0, chown("dir", OTHER_UID + 2, -1));
		ASSERT_EQ(0, chmod("dir", rows[i].dir));
		EXPECT_EQ(rows[i].err[value - '0'],
			  open_errno("dir/file", O_RDWR | O_CREAT, 0666))
			TH_LOG("row %zu, fs.protected_regular=%c", i, value);
		EXPECT_EQ(0, open_errno("dir/file", O_RDWR | O_TRUNC, 0))
			TH_LOG("row %zu, not to create", i);
		ASSERT_EQ(0, unlink("dir/file"));
		ASSERT_EQ(0, rmdir("dir"));
	}
}

/* acl(5), as the kernel is told of it: linux/posix_acl_xattr.h is not always there */
#define ACL_XATTR	"system.posix_acl_default"
#define ACL_VERSION	2
#define ACL_USER_OBJ	0x01
#define ACL_USER	0x02
#define ACL_GROUP_OBJ	0x04
#define ACL_MASK	0x10
#define ACL_OTHER	0x20

struct acl_entry {
	uint16_t tag;
	uint16_t perm;
	uint32_t id;
};

/* set_default_acl - of the working directory; its errno */
static int set_default_acl(const struct acl_entry *entries, size_t n)
{
	struct {
		uint32_t version;
		struct acl_entry entries[8];
	} acl = { htole32(ACL_VERSION) };
	size_t i;

	for (i = 0; i < n; i++) {
		acl.entries[i].tag = htole16(entries[i].tag);
		acl.entries[i].perm = htole16(entries[i].perm);
		acl.entries[i].id = htole32(entries[i].id);
	}
	return errno_of(setxattr(".", ACL_XATTR, &acl,
				 sizeof(acl.version) + n * sizeof(*entries), 0));
}

/* check_modes_under_acl - rwx for the owner, mask rw- (of a user and r-x), --x for others */
static void check_modes_under_acl(struct __test_metadata *const _metadata,
				  int (*make)(mode_t mode))
{
	static const struct {
		mode_t mode, want;
	} rows[] = {
		{ 0777, S_IFREG | 0761 },
		{ 0666, S_IFREG | 0660 },
		{ 0640, S_IFREG | 0640 },
		{ 0000, S_IFREG | 0000 },
		{ 04711, S_IFREG | 04701 },
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = make(rows[i].mode);
		ASSERT_LE(0, fd);
		EXPECT_EQ(rows[i].want, mode_of(fd))
			TH_LOG("mode 0%o: want 0%o, is 0%o", rows[i].mode, rows[i].want,
			       mode_of(fd));
		close(fd);
		unlink("file");
	}
}

/* umask(2): a default ACL takes its place */
TEST_F(flags, default_acl_is_used_and_not_the_umask)
{
	static const struct acl_entry entries[] = {
		{ ACL_USER_OBJ, 7, -1 },
		{ ACL_USER, 7, OTHER_UID + 1 },
		{ ACL_GROUP_OBJ, 5, -1 },
		{ ACL_MASK, 6, -1 },
		{ ACL_OTHER, 1, -1 },
	};
	int err = set_default_acl(entries, ARRAY_SIZE(entries));

	if (err == EOPNOTSUPP)
		SKIP(return, "this filesystem has no ACLs");
	ASSERT_EQ(0, err);
	umask(0777);
	check_modes_under_acl(_metadata, make_by_open);
	check_modes_under_acl(_metadata, make_by_creat);
	if (open_errno(".", O_TMPFILE | O_RDWR, 0600) != EOPNOTSUPP)
		check_modes_under_acl(_metadata, make_by_tmpfile);
}

/* three entries are no more than a mode */
TEST_F(flags, default_acl_without_a_mask_is_a_umask)
{
	static const struct acl_entry entries[] = {
		{ ACL_USER_OBJ, 6, -1 },
		{ ACL_GROUP_OBJ, 5, -1 },
		{ ACL_OTHER, 0, -1 },
	};
	int fd, err = set_default_acl(entries, ARRAY_SIZE(entries));

	if (err == EOPNOTSUPP)
		SKIP(return, "this filesystem has no ACLs");
	ASSERT_EQ(0, err);
	umask(0777);
	fd = make_by_open(0777);
	ASSERT_LE(0, fd);
	EXPECT_EQ(S_IFREG | 0650, mode_of(fd));
}

TEST_HARNESS_MAIN
