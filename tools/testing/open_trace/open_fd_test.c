// SPDX-License-Identifier: GPL-2.0
/*
 * R1: the descriptor that open gives: which number, to which file, until when, and none
 * when it fails.
 */
#define _GNU_SOURCE
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#ifndef __NR_close_range
#define __NR_close_range	436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	0x4
#endif

#define FIRST_FD		3	/* the lowest free one: see the fixture */

static int sys_close_range(unsigned int first, unsigned int last, int flags)
{
	return syscall(__NR_close_range, first, last, flags);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

static int set_limit(rlim_t descriptors)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -1;
	limit.rlim_cur = descriptors;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* A file "a", a file "b" and a directory "d"; the descriptors 0, 1 and 2 and no other. */
FIXTURE(fd) {
	char path[PATH_MAX];
};

FIXTURE_SETUP(fd)
{
	int i;

	scratch_enter(_metadata, self->path);
	make_file(_metadata, "a", 0644, "file a");
	make_file(_metadata, "b", 0644, "file b");
	ASSERT_EQ(0, mkdir("d", 0755));
	ASSERT_EQ(0, sys_close_range(FIRST_FD, ~0U, 0));
	for (i = 0; i < FIRST_FD; i++) {
		if (!is_open(i))
			ASSERT_EQ(i, open("/", O_PATH));
	}
}

FIXTURE_TEARDOWN(fd)
{
	/* that takes descriptors */
	sys_close_range(FIRST_FD, ~0U, 0);
	set_limit(64);
	scratch_leave(self->path);
}

/* ---------------------------------------------------------- which number */

TEST_F(fd, lowest_free_is_given)
{
	int i;

	for (i = 3; i < 8; i++) {
		EXPECT_EQ(i, open("a", O_RDONLY));
	}
	EXPECT_EQ(0, close(6));
	EXPECT_EQ(0, close(4));
	EXPECT_EQ(4, open("a", O_RDONLY));
	EXPECT_EQ(6, open("a", O_RDONLY));
	EXPECT_EQ(8, open("a", O_RDONLY));
}

TEST_F(fd, standard_input_is_a_number_like_others)
{
	EXPECT_EQ(0, close(0));
	EXPECT_EQ(0, open("a", O_RDONLY));
	EXPECT_EQ(3, open("a", O_RDONLY));
	EXPECT_TRUE(is_file(0, "a", 0));
}

/* The table grows by words of 64 bits: holes on both sides of its seams. */
TEST_F(fd, holes_are_filled_in_order)
{
	static const int holes[] = {
		3, 4, 31, 32, 62, 63, 64, 65, 127, 128, 200, 255, 256, 257, 298,
	};
	int i;

	for (i = 3; i < 300; i++) {
		ASSERT_EQ(i, open("a", O_PATH));
	}
	/* from above, from below: the order of closing is forgotten */
	for (i = ARRAY_SIZE(holes) - 1; i >= 0; i -= 2) {
		EXPECT_EQ(0, close(holes[i]));
	}
	for (i = 1; i < ARRAY_SIZE(holes); i += 2) {
		EXPECT_EQ(0, close(holes[i]));
	}
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		EXPECT_EQ(holes[i], open("b", O_PATH));
		EXPECT_TRUE(is_file(holes[i], "b", 0)) TH_LOG("%d", holes[i]);
	}
	EXPECT_EQ(300, open("a", O_PATH));
	/* what was open all the time is what it was */
	EXPECT_TRUE(is_file(66, "a", 0));
	EXPECT_TRUE(is_file(299, "a", 0));
}

static int call_open(const char *path)
{
	return open(path, O_RDWR | O_CREAT, 0600);
}

static int call_creat(const char *path)
{
	return creat(path, 0600);
}

static int call_openat(const char *path)
{
	return openat(AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
}

static int call_openat2(const char *path)
{
	struct ot_open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600 };

	return sys_openat2(AT_FDCWD, path, &how, sizeof(how));
}

TEST_F(fd, every_call_gives_the_lowest)
{
	static const struct {
		const char *name;
		int (*call)(const char *path);
	} rows[] = {
		{ "open", call_open },
		{ "creat", call_creat },
		{ "openat", call_openat },
		{ "openat2", call_openat2 },
	};
	int i;

	for (i = 3; i < 8; i++) {
		ASSERT_EQ(i, open("a", O_RDONLY));
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(0, close(5));
		EXPECT_EQ(5, rows[i].call("a")) TH_LOG("%s", rows[i].name);
		EXPECT_TRUE(is_file(5, "a", 0)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(0, close(4));
		EXPECT_EQ(4, rows[i].call("new")) TH_LOG("%s", rows[i].name);
		EXPECT_TRUE(is_file(4, "new", 0)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(0, unlink("new")) TH_LOG("%s", rows[i].name);
	}
}

static int dup_dup2(void)
{
	return dup2(3, 10);
}

static int dup_dup3(void)
{
	return dup3(3, 10, O_CLOEXEC);
}

static int dup_fcntl(void)
{
	return fcntl(3, F_DUPFD, 10);
}

static int dup_fcntl_cloexec(void)
{
	return fcntl(3, F_DUPFD_CLOEXEC, 10);
}

/* Who asks for a number gets it; the lower ones are as free as before. */
TEST_F(fd, lowest_is_below_a_chosen_one)
{
	static const struct {
		const char *name;
		int (*dup)(void);
	} rows[] = {
		{ "dup2", dup_dup2 },
		{ "dup3", dup_dup3 },
		{ "F_DUPFD", dup_fcntl },
		{ "F_DUPFD_CLOEXEC", dup_fcntl_cloexec },
	};
	int i, fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(3, open("a", O_RDONLY)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(10, rows[i].dup()) TH_LOG("%s", rows[i].name);
		for (fd = 4; fd < 10; fd++) {
			EXPECT_EQ(fd, open("b", O_RDONLY))
				TH_LOG("%s", rows[i].name);
		}
		/* ... and it is taken when its turn comes */
		EXPECT_EQ(11, open("b", O_RDONLY)) TH_LOG("%s", rows[i].name);
		EXPECT_TRUE(is_file(10, "a", 0)) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(0, sys_close_range(3, 11, 0)) TH_LOG("%s", rows[i].name);
	}
}

TEST_F(fd, dup2_takes_a_hole_and_frees_none)
{
	int i;

	for (i = 3; i < 7; i++) {
		ASSERT_EQ(i, open("a", O_RDONLY));
	}
	EXPECT_EQ(0, close(4));
	EXPECT_EQ(4, dup2(3, 4));
	EXPECT_EQ(7, open("b", O_RDONLY));
	/* over another one, over itself */
	EXPECT_EQ(5, dup2(7, 5));
	EXPECT_EQ(6, dup2(6, 6));
	EXPECT_EQ(8, open("a", O_RDONLY));
	EXPECT_TRUE(is_file(5, "b", 0));
	EXPECT_TRUE(is_file(6, "a", 0));
}

TEST_F(fd, closed_range_is_a_hole)
{
	int i;

	for (i = 3; i < 130; i++) {
		ASSERT_EQ(i, open("a", O_PATH));
	}
	EXPECT_EQ(0, sys_close_range(60, 70, 0));
	for (i = 60; i <= 70; i++) {
		EXPECT_EQ(i, open("b", O_PATH));
	}
	EXPECT_EQ(130, open("b", O_PATH));
	/* a flag is no hole */
	EXPECT_EQ(0, sys_close_range(10, 20, CLOSE_RANGE_CLOEXEC));
	EXPECT_EQ(131, open("b", O_PATH));
	EXPECT_TRUE(is_cloexec(10));
	EXPECT_EQ(0, sys_close_range(3, ~0U, 0));
	EXPECT_EQ(3, open("b", O_PATH));
}

/* ------------------------------------------------------------ O_CLOEXEC */

/* The flag is the descriptor's: the next with that number does not inherit it. */
TEST_F(fd, cloexec_is_as_asked_each_time)
{
	static const struct {
		const char *name;
		int flags;
		bool cloexec;
	} rows[] = {
		{ "none", O_RDONLY, false },
		{ "O_CLOEXEC", O_CLOEXEC, true },
		{ "none again", O_RDONLY, false },
		{ "O_PATH|O_CLOEXEC", O_PATH | O_CLOEXEC, true },
		{ "O_PATH", O_PATH, false },
		{ "O_CREAT|O_CLOEXEC", O_CREAT | O_CLOEXEC, true },
		{ "O_CREAT", O_CREAT, false },
		{ "O_RDWR|O_TRUNC|O_CLOEXEC", O_RDWR | O_TRUNC | O_CLOEXEC, true },
		{ "O_RDWR|O_APPEND", O_RDWR | O_APPEND, false },
	};
	int i, call;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (call = 0; call < 2; call++) {
			struct ot_open_how how = { .flags = rows[i].flags };
			int fd = call ? sys_openat2(AT_FDCWD, "a", &how, sizeof(how)) :
					open("a", rows[i].flags, 0600);

			EXPECT_EQ(3, fd) TH_LOG("%s", rows[i].name);
			EXPECT_EQ(rows[i].cloexec ? FD_CLOEXEC : 0,
				  fcntl(fd, F_GETFD)) TH_LOG("%s", rows[i].name);
			/* it is no flag of the file */
			EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_CLOEXEC)
				TH_LOG("%s", rows[i].name);
			close(fd);
		}
}

TEST_F(fd, cloexec_is_not_shared_by_copies)
{
	ASSERT_EQ(3, open("a", O_RDONLY | O_CLOEXEC));
	EXPECT_EQ(4, dup(3));
	EXPECT_EQ(5, fcntl(3, F_DUPFD_CLOEXEC, 0));
	EXPECT_TRUE(is_cloexec(3));
	EXPECT_FALSE(is_cloexec(4));
	EXPECT_TRUE(is_cloexec(5));
	EXPECT_EQ(0, fcntl(5, F_SETFD, 0));
	EXPECT_TRUE(is_cloexec(3));
	EXPECT_EQ(6, open("a", O_RDONLY));
	EXPECT_FALSE(is_cloexec(6));
}

#define LOOK_AT_DESCRIPTORS	"OPEN_TRACE_LOOK_AT_DESCRIPTORS"

/* This program, executed by its own test: which of the descriptors from 3 are open? */
static void __attribute__((constructor)) look_at_descriptors(void)
{
	int i, open = 0;

	if (!getenv(LOOK_AT_DESCRIPTORS))
		return;
	for (i = 0; i < 8; i++)
		open |= is_open(FIRST_FD + i) << i;
	_exit(open);
}

/* after_exec - bit i is set: descriptor FIRST_FD + i is open in a program that we start */
static int after_exec(void)
{
	char *argv[2] = { "look_at_descriptors", NULL };
	char *envp[2] = { LOOK_AT_DESCRIPTORS "=1", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(errno == ENOENT ? 0xfe : 0xff);
	}
	return wait_for(pid);
}

TEST_F(fd, exec_closes_what_is_cloexec)
{
	if (access("/proc/self/exe", F_OK) && errno == ENOENT)
		SKIP(return, "needs /proc to find this program");
	EXPECT_EQ(0, after_exec());
	ASSERT_EQ(3, open("a", O_RDONLY));
	ASSERT_EQ(4, open("a", O_RDONLY | O_CLOEXEC));
	ASSERT_EQ(5, open("d", O_PATH | O_CLOEXEC));
	ASSERT_EQ(6, open("d", O_PATH));
	ASSERT_EQ(7, dup(4));
	EXPECT_EQ(0x19, after_exec());	/* 3, 6, 7 */
	/* here nothing was closed */
	EXPECT_TRUE(is_open(4));
	EXPECT_TRUE(is_open(5));
	ASSERT_EQ(0, fcntl(3, F_SETFD, FD_CLOEXEC));
	ASSERT_EQ(0, fcntl(4, F_SETFD, 0));
	EXPECT_EQ(0x1a, after_exec());	/* 4, 6, 7 */
}

TEST_F(fd, failed_exec_closes_nothing)
{
	char *argv[2] = { "missing", NULL };

	ASSERT_EQ(3, open("a", O_RDONLY | O_CLOEXEC));
	EXPECT_EQ(-1, execve("missing", argv, argv + 1));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(-1, execve("a", argv, argv + 1));
	EXPECT_EQ(EACCES, errno);
	EXPECT_TRUE(is_cloexec(3));
	EXPECT_EQ(4, open("a", O_RDONLY));
}

/* --------------------------------------------------------- to which file */

TEST_F(fd, leads_to_the_file_just_opened)
{
	static const struct {
		const char name[24];
		const char *path;
		int flags;
		const char *file;
	} rows[] = {
		{ "file", "a", O_RDONLY, "a" },
		{ "another file", "b", O_RDWR, "b" },
		{ "new file", "new", O_RDWR | O_CREAT | O_EXCL, "new" },
		{ "directory", "d", O_RDONLY, "d" },
		{ "by another way", "d/../b", O_RDONLY, "b" },
		{ "link", "link", O_RDONLY, "a" },
		{ "the link itself", "link", O_PATH | O_NOFOLLOW, "link" },
		{ "O_PATH", "b", O_PATH, "b" },
		{ "FIFO", "fifo", O_RDWR, "fifo" },
		{ "created through a link", "to_new2", O_RDWR | O_CREAT, "new2" },
		{ "second name", "hard", O_RDONLY, "a" },
	};
	int i;

	ASSERT_EQ(0, symlink("a", "link"));
	ASSERT_EQ(0, symlink("new2", "to_new2"));
	ASSERT_EQ(0, mkfifo("fifo", 0600));
	ASSERT_EQ(0, link("a", "hard"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(3 + i, open(rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s", rows[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_TRUE(is_file(3 + i, rows[i].file, rows[i].flags))
			TH_LOG("%s", rows[i].name);
	}
}

/* What the name is later, or that it is no more, is nothing to the descriptor. */
TEST_F(fd, leads_to_the_file_whatever_becomes_of_its_name)
{
	char buf[16] = { 0 };

	ASSERT_EQ(3, open("a", O_RDONLY));
	ASSERT_EQ(0, rename("a", "d/c"));
	EXPECT_TRUE(is_file(3, "d/c", 0));
	ASSERT_EQ(0, rename("b", "a"));
	ASSERT_EQ(4, open("a", O_RDONLY));
	EXPECT_TRUE(is_file(3, "d/c", 0));
	EXPECT_TRUE(is_file(4, "a", 0));
	ASSERT_EQ(0, unlink("d/c"));
	EXPECT_EQ(6, read(3, buf, sizeof(buf)));
	EXPECT_STREQ("file a", buf);
}

TEST_F(fd, each_open_has_its_own_offset)
{
	char buf[16];

	ASSERT_EQ(3, open("a", O_RDONLY));
	ASSERT_EQ(4, open("a", O_RDONLY));
	ASSERT_EQ(5, dup(3));
	EXPECT_EQ(4, read(3, buf, 4));
	EXPECT_EQ(0, lseek(4, 0, SEEK_CUR));
	EXPECT_EQ(4, lseek(5, 0, SEEK_CUR));	/* a copy is no other open */
	EXPECT_EQ(1, lseek(4, 1, SEEK_SET));
	EXPECT_EQ(4, lseek(3, 0, SEEK_CUR));
}

TEST_F(fd, each_open_has_its_own_flags)
{
	ASSERT_EQ(3, open("a", O_RDWR));
	ASSERT_EQ(4, open("a", O_RDONLY | O_APPEND));
	ASSERT_EQ(5, dup(3));
	EXPECT_EQ(0, fcntl(3, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(O_RDONLY | O_APPEND,
		  fcntl(4, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	EXPECT_EQ(O_RDWR | O_NONBLOCK,
		  fcntl(5, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
}

/* openat() begins at what its descriptor leads to, wherever that is by now. */
TEST_F(fd, openat_begins_at_the_descriptor)
{
	ASSERT_EQ(0, mkdir("d/e", 0755));
	make_file(_metadata, "d/x", 0600, "");
	make_file(_metadata, "d/e/x", 0600, "");
	ASSERT_EQ(3, open("d", O_PATH));
	ASSERT_EQ(4, open("d/e", O_RDONLY | O_DIRECTORY));

	EXPECT_EQ(5, openat(3, "x", O_RDONLY));
	EXPECT_EQ(6, openat(4, "x", O_RDONLY));
	EXPECT_EQ(7, openat(4, "../x", O_RDONLY));
	EXPECT_TRUE(is_file(5, "d/x", 0));
	EXPECT_TRUE(is_file(6, "d/e/x", 0));
	EXPECT_TRUE(is_file(7, "d/x", 0));
	EXPECT_EQ(ENOENT, open_errno("x", O_RDONLY, 0));

	ASSERT_EQ(0, rename("d", "moved"));
	EXPECT_EQ(8, openat(3, "new", O_RDONLY | O_CREAT, 0600));
	EXPECT_TRUE(is_file(8, "moved/new", 0));

	/* another directory at the same number */
	ASSERT_EQ(3, dup2(4, 3));
	EXPECT_EQ(9, openat(3, "x", O_RDONLY));
	EXPECT_TRUE(is_file(9, "moved/e/x", 0));
}

TEST_F(fd, openat_refuses_what_is_no_directory)
{
	static const struct {
		const char name[28];
		int dir;
		const char *path;
		int err;
	} rows[] = {
		{ "file", 3, "a", ENOTDIR },
		{ "link", 4, "a", ENOTDIR },
		{ "removed directory", 5, "a", ENOENT },
		{ "removed directory, itself", 5, ".", 0 },
		{ "not open", 6, "a", EBADF },
		{ "negative", -1, "a", EBADF },
		{ "not AT_FDCWD", -101, "a", EBADF },
		{ "far", 1 << 30, "a", EBADF },
		{ "file, absolute", 3, "/", 0 },
		{ "not open, absolute", 6, "/", 0 },
		{ "negative, absolute", -1, "/", 0 },
	};
	int i;

	ASSERT_EQ(0, symlink("d", "link"));
	ASSERT_EQ(3, open("a", O_RDONLY));
	ASSERT_EQ(4, open("link", O_PATH | O_NOFOLLOW));
	ASSERT_EQ(5, open("d", O_RDONLY));
	ASSERT_EQ(0, rmdir("d"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].err,
			  openat_errno(rows[i].dir, rows[i].path, O_RDONLY, 0))
			TH_LOG("%s", rows[i].name);
	}
}

/* -------------------------------------------------------------- the limit */

TEST_F(fd, no_descriptor_above_the_limit)
{
	struct ot_open_how how = { 0 };
	int i;

	ASSERT_EQ(0, set_limit(8));
	for (i = 3; i < 8; i++) {
		EXPECT_EQ(i, open("a", O_RDONLY));
	}
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
	EXPECT_EQ(EMFILE, open_errno("a", O_PATH, 0));
	EXPECT_EQ(EMFILE, open_errno("missing", O_RDONLY, 0));
	EXPECT_EQ(EMFILE, close_and_errno(sys_openat2(AT_FDCWD, "a", &how,
						      sizeof(how))));
	/* one close, one open, and which one does not matter */
	EXPECT_EQ(0, close(5));
	EXPECT_EQ(5, open("b", O_RDONLY));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
	EXPECT_TRUE(is_file(5, "b", 0));
	ASSERT_EQ(0, set_limit(9));
	EXPECT_EQ(8, open("a", O_RDONLY));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
}

/* It is the number that is limited: what is open above stays open, and is not counted. */
TEST_F(fd, limit_is_of_the_number_given)
{
	char c;
	int i;

	for (i = 3; i < 8; i++) {
		ASSERT_EQ(i, open("a", O_RDONLY));
	}
	ASSERT_EQ(0, set_limit(5));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
	EXPECT_EQ(1, read(7, &c, 1));
	EXPECT_EQ(0, close(6));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
	EXPECT_EQ(0, close(4));
	EXPECT_EQ(4, open("a", O_RDONLY));
	ASSERT_EQ(0, set_limit(0));
	EXPECT_EQ(0, close(3));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
	ASSERT_EQ(0, set_limit(4));
	EXPECT_EQ(3, open("a", O_RDONLY));
	ASSERT_EQ(0, set_limit(64));
	EXPECT_EQ(6, open("a", O_RDONLY));
}

/* R1: no descriptor, no walk: nothing is made, emptied or waited for. */
TEST_F(fd, at_the_limit_nothing_is_done)
{
	struct stat st;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	/* or a failure would be one that waits */
	ASSERT_EQ(3, open("fifo", O_RDWR));
	ASSERT_EQ(0, set_limit(4));
	EXPECT_EQ(EMFILE, open_errno("new", O_WRONLY | O_CREAT, 0600));
	EXPECT_EQ(EMFILE, open_errno("new", O_WRONLY | O_CREAT | O_EXCL, 0600));
	EXPECT_EQ(EMFILE, open_errno("a", O_WRONLY | O_TRUNC, 0));
	EXPECT_EQ(EMFILE, open_errno("fifo", O_RDONLY, 0));
	EXPECT_EQ(ENOENT, lstat("new", &st) ? errno : 0);
	ASSERT_EQ(0, stat("a", &st));
	EXPECT_EQ(6, st.st_size);
	/* flags that make no sense are seen before */
	EXPECT_EQ(EINVAL, open_errno("d", O_CREAT | O_DIRECTORY, 0600));
}

/* -------------------------------------------------------- after a failure */

enum who {
	ANY,
	ROOT,	/* only root gets that far */
	OTHER,	/* root would not fail */
};

struct failure {
	const char *name;
	const char *path;
	int flags;
	int err;
	uint64_t resolve;
	enum who who;
};

static char long_name[NAME_MAX + 2], long_path[PATH_MAX + 1];

static const struct failure failures[] = {
	{ "missing", "missing", O_RDONLY, ENOENT },
	{ "missing directory", "missing/x", O_RDWR | O_CREAT, ENOENT },
	{ "empty path", "", O_RDONLY, ENOENT },
	{ "dangling link", "dangling", O_RDONLY, ENOENT },
	{ "no path", NULL, O_RDONLY, EFAULT },
	{ "unreadable path", (const char *)1, O_RDONLY, EFAULT },
	{ "exists", "a", O_CREAT | O_EXCL | O_WRONLY, EEXIST },
	{ "link exists", "dangling", O_CREAT | O_EXCL, EEXIST },
	{ "loop", "loop", O_RDONLY, ELOOP },
	{ "O_NOFOLLOW", "dangling", O_NOFOLLOW, ELOOP },
	{ "not a directory", "a/x", O_RDONLY, ENOTDIR },
	{ "O_DIRECTORY", "a", O_DIRECTORY, ENOTDIR },
	{ "slash behind", "a/", O_RDONLY, ENOTDIR },
	{ "O_PATH", "a/x", O_PATH, ENOTDIR },
	{ "directory to write", "d", O_RDWR, EISDIR },
	{ "directory to create", "d", O_CREAT, EISDIR },
	{ "directory to be", "new/", O_CREAT, EISDIR },
	{ "nobody reads", "fifo", O_WRONLY | O_NONBLOCK, ENXIO },
	{ "socket", "socket", O_RDONLY, ENXIO },
	{ "O_CREAT|O_DIRECTORY", "new", O_CREAT | O_DIRECTORY, EINVAL },
	{ "O_TMPFILE to read", "d", O_TMPFILE, EINVAL },
	{ "O_TMPFILE of a file", "a", O_TMPFILE | O_RDWR, ENOTDIR },
	{ "O_TMPFILE of nothing", "missing", O_TMPFILE | O_RDWR, ENOENT },
	{ "O_TMPFILE where none can be", "/proc", O_TMPFILE | O_RDWR, EOPNOTSUPP,
	  .who = ROOT },
	{ "/proc takes no files", "/proc/new", O_CREAT, ENOENT, .who = ROOT },
	{ "long name", long_name, O_RDONLY, ENAMETOOLONG },
	{ "long name to create", long_name, O_CREAT | O_RDWR, ENAMETOOLONG },
	{ "long path", long_path, O_RDONLY, ENAMETOOLONG },
	{ "no access", "none", O_RDONLY, EACCES, .who = OTHER },
	{ "no access to write", "read_only", O_WRONLY, EACCES, .who = OTHER },
	{ "no access to truncate", "read_only", O_TRUNC, EACCES, .who = OTHER },
	{ "no search", "closed/x", O_RDONLY, EACCES, .who = OTHER },
	{ "no new files", "closed/x", O_CREAT | O_RDWR, EACCES, .who = OTHER },
	{ "O_TMPFILE there", "closed", O_TMPFILE | O_RDWR, EACCES, .who = OTHER },
	{ "O_NOATIME", "roots", O_NOATIME, EPERM, .who = OTHER },
	{ "beneath", "../x", O_RDONLY, EXDEV, RESOLVE_BENEATH },
	{ "beneath, absolute", "/", O_PATH, EXDEV, RESOLVE_BENEATH },
	{ "no symlinks", "dangling", O_CREAT, ELOOP, RESOLVE_NO_SYMLINKS },
	{ "not cached", "never_met", O_RDONLY, EAGAIN, RESOLVE_CACHED },
	{ "cached and created", "a", O_CREAT, EAGAIN, RESOLVE_CACHED },
	{ "both scopes", "a", O_RDONLY, EINVAL,
	  RESOLVE_BENEATH | RESOLVE_IN_ROOT },
	{ "unknown resolve", "a", O_RDONLY, EINVAL, 1ULL << 40 },
};

/* open_set - bit i is set: descriptor i is open. What leaks takes the lowest numbers. */
static unsigned int open_set(void)
{
	unsigned int set = 0;
	int i;

	for (i = 0; i < 16; i++)
		set |= (unsigned int)is_open(i) << i;
	return set;
}

static void make_failures(struct __test_metadata *const _metadata)
{
	memset(long_name, 'n', sizeof(long_name) - 1);
	memset(long_path, '/', sizeof(long_path) - 1);
	ASSERT_EQ(0, symlink("nothing", "dangling"));
	ASSERT_EQ(0, symlink("loop", "loop"));
	ASSERT_EQ(0, mkfifo("fifo", 0666));
	ASSERT_EQ(0, mknod("socket", S_IFSOCK | 0666, 0));
	make_file(_metadata, "none", 0, "");
	make_file(_metadata, "read_only", 0444, "content");
	make_file(_metadata, "roots", 0444, "");
	ASSERT_EQ(0, mkdir("closed", 0));
	ASSERT_EQ(0, chmod("a", 0666));
	ASSERT_EQ(0, chmod("d", 0777));
}

static void expect_nothing_left(struct __test_metadata *const _metadata, bool roots)
{
	unsigned int before;
	size_t i;

	/* 3, -, 5, -, 7 */
	ASSERT_EQ(3, dup(0));
	ASSERT_EQ(5, dup2(3, 5));
	ASSERT_EQ(7, dup2(3, 7));
	before = open_set();
	ASSERT_EQ(0xaf, before);
	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		const struct failure *f = &failures[i];
		struct ot_open_how how = {
			.flags = f->flags, .resolve = f->resolve,
		};
		int fd;

		if (f->who == (is_root() ? OTHER : ROOT))
			continue;
		/* only in a mount of root's is a file not this user's */
		if (f->err == EPERM && !roots)
			continue;
		fd = f->resolve ? sys_openat2(AT_FDCWD, f->path, &how, sizeof(how)) :
				  open(f->path, f->flags, 0600);
		EXPECT_EQ(f->err, fd < 0 ? errno : 0) TH_LOG("%s", f->name);
		EXPECT_EQ(before, open_set()) TH_LOG("%s", f->name);
		/* with O_CLOEXEC, too, the flag of a descriptor that never was */
		EXPECT_GT(0, open(f->path, O_CLOEXEC | O_CREAT | O_DIRECTORY, 0));
		fd = open("a", O_RDONLY);
		EXPECT_EQ(4, fd) TH_LOG("%s", f->name);
		EXPECT_EQ(0, fcntl(fd, F_GETFD)) TH_LOG("%s", f->name);
		EXPECT_TRUE(is_file(fd, "a", 0)) TH_LOG("%s", f->name);
		close(fd);
	}
}

TEST_F(fd, nothing_is_left_by_a_failure)
{
	make_failures(_metadata);
	expect_nothing_left(_metadata, false);
}

TEST_F(fd, nothing_is_left_by_a_refusal)
{
	bool root = is_root();

	make_failures(_metadata);
	become_other(_metadata);
	expect_nothing_left(_metadata, root);
}

TEST_F(fd, nothing_is_left_by_a_read_only_mount)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
	} rows[] = {
		{ "to write", "a", O_WRONLY },
		{ "to truncate", "a", O_TRUNC },
		{ "to create", "new", O_CREAT },
		{ "O_TMPFILE", ".", O_TMPFILE | O_RDWR },
	};
	int i;

	if (!is_root())
		SKIP(return, "needs root to mount");
	ASSERT_EQ(0, mount(NULL, self->path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
			   NULL));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(EROFS, open_errno(rows[i].path, rows[i].flags, 0600))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(7, open_set()) TH_LOG("%s", rows[i].name);
		EXPECT_EQ(3, open("a", O_RDONLY)) TH_LOG("%s", rows[i].name);
		close(3);
	}
}

/* A thousand failures cost no descriptor, nor does the limit come nearer. */
TEST_F(fd, failures_do_not_add_up)
{
	int i;

	ASSERT_EQ(0, set_limit(FIRST_FD + 1));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(ENOENT, open_errno("missing", O_RDONLY, 0));
		ASSERT_EQ(EISDIR, open_errno("d", O_WRONLY, 0));
	}
	EXPECT_EQ(3, open("a", O_RDONLY));
	EXPECT_EQ(EMFILE, open_errno("a", O_RDONLY, 0));
}

static void do_nothing(int signal)
{
}

/* A signal ends the wait for a writer; the descriptor that was kept for it is free again. */
TEST_F(fd, nothing_is_left_by_an_interrupted_open)
{
	struct sigaction action = { .sa_handler = do_nothing };
	/* again and again: the first may come before the open */
	struct itimerval timer = {
		.it_interval.tv_usec = 2000, .it_value.tv_usec = 2000,
	};
	int fd, err;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	fd = open("fifo", O_RDONLY);
	err = errno;
	memset(&timer, 0, sizeof(timer));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(EINTR, err);
	EXPECT_EQ(7, open_set());
	EXPECT_EQ(3, open("a", O_RDONLY));
}

/* --------------------------------------------------- threads and processes */

static bool is_late(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - since->tv_sec >= 10;
}

/* An open() that waits for somebody at the other end of "fifo". */
struct waiting {
	pthread_t thread;
	int fd;
	bool done;
};

static void *wait_in_open(void *arg)
{
	struct waiting *w = arg;

	/* the only free descriptor may be taken just now, by who looks for it */
	do {
		w->fd = open("fifo", O_RDONLY | O_CLOEXEC);
	} while (w->fd < 0 && errno == EMFILE);
	__atomic_store_n(&w->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* start_waiting - returns when descriptor 3 is the thread's, which waits in open() */
static void start_waiting(struct __test_metadata *const _metadata, struct waiting *w)
{
	struct timespec start;

	ASSERT_EQ(0, mkfifo("fifo", 0600));
	ASSERT_EQ(0, set_limit(FIRST_FD + 1));
	ASSERT_EQ(0, pthread_create(&w->thread, NULL, wait_in_open, w));
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (open_errno("a", O_RDONLY, 0) != EMFILE) {
		ASSERT_FALSE(is_late(&start));
		sched_yield();
	}
	ASSERT_EQ(0, set_limit(64));
}

/* stop_waiting - let it have its writer, and its descriptor */
static void stop_waiting(struct __test_metadata *const _metadata, struct waiting *w)
{
	struct timespec start;
	int fd;

	ASSERT_FALSE(__atomic_load_n(&w->done, __ATOMIC_SEQ_CST));
	clock_gettime(CLOCK_MONOTONIC, &start);
	while ((fd = open("fifo", O_WRONLY | O_NONBLOCK)) < 0 && errno == ENXIO) {
		ASSERT_FALSE(is_late(&start));
		sched_yield();
	}
	ASSERT_LT(FIRST_FD, fd);
	ASSERT_EQ(0, pthread_join(w->thread, NULL));
}

/* R1: before the walk it is reserved, after it, it leads somewhere. */
TEST_F(fd, reserved_during_the_walk_is_nobodys)
{
	struct waiting w = { .fd = -1 };

	start_waiting(_metadata, &w);
	/* it is given to nobody else */
	EXPECT_EQ(4, open("a", O_RDONLY));
	EXPECT_EQ(5, dup(4));
	/* ... and leads nowhere */
	EXPECT_FALSE(is_open(3));
	EXPECT_EQ(-1, close(3));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(EBADF, openat_errno(3, "a", O_RDONLY, 0));
	/* ... nor can it be put somewhere: dup(2) */
	EXPECT_EQ(-1, dup2(4, 3));
	EXPECT_EQ(EBUSY, errno);
	EXPECT_EQ(6, open("a", O_RDONLY));
	stop_waiting(_metadata, &w);
	EXPECT_EQ(3, w.fd);
	EXPECT_TRUE(is_file(3, "fifo", 0));
	EXPECT_TRUE(is_cloexec(3));
}

/* A table that is copied meanwhile does not have it. */
TEST_F(fd, reserved_during_the_walk_is_free_after_fork)
{
	struct waiting w = { .fd = -1 };
	pid_t pid;

	start_waiting(_metadata, &w);
	pid = fork();
	if (pid == 0)
		_exit(open("a", O_RDONLY));
	EXPECT_EQ(3, wait_for(pid));
	EXPECT_EQ(4, open("a", O_RDONLY));
	stop_waiting(_metadata, &w);
	EXPECT_EQ(3, w.fd);
}

#define NR_THREADS		4
#define NR_OPENS		50	/* of each */
#define NR_ROUNDS		100
#define NR_ROUNDS_ALONE		28	/* one processor: they meet at each fourth */

struct opener {
	pthread_t thread;
	pthread_barrier_t *barrier;
	char name[8];
	struct stat st;
	int fds[NR_OPENS];
	int others;	/* descriptors that led to another's file */
	int failed;
};

static bool is_own(const struct opener *o, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == o->st.st_ino;
}

static void *open_and_keep(void *arg)
{
	struct opener *o = arg;
	int i;

	pthread_barrier_wait(o->barrier);
	for (i = 0; i < NR_OPENS; i++) {
		o->fds[i] = open(o->name, O_RDONLY);
		o->failed += o->fds[i] < 0;
		if (i % 16 == 0)
			sched_yield();
	}
	return NULL;
}

static void *open_and_close(void *arg)
{
	int rounds = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? NR_ROUNDS : NR_ROUNDS_ALONE;
	struct opener *o = arg;
	int i, j;

	pthread_barrier_wait(o->barrier);
	for (i = 0; i < rounds; i++) {
		int nr = 1 + i % 7;

		for (j = 0; j < nr; j++) {
			o->fds[j] = open(o->name, O_RDONLY);
			o->failed += o->fds[j] < 0;
			/* a failure on the way, which must not take a neighbour's */
			o->failed += open_errno("missing", O_RDONLY, 0) != ENOENT;
		}
		if (i % 4 == 0)
			sched_yield();
		for (j = 0; j < nr; j++) {
			o->others += !is_own(o, o->fds[j]);
			o->failed += close(o->fds[j]) != 0;
		}
	}
	return NULL;
}

static void run_openers(struct __test_metadata *const _metadata,
			struct opener *openers, void *(*fn)(void *))
{
	pthread_barrier_t barrier;
	int i;

	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, NR_THREADS));
	for (i = 0; i < NR_THREADS; i++) {
		struct opener *o = &openers[i];

		snprintf(o->name, sizeof(o->name), "f%d", i);
		make_file(_metadata, o->name, 0600, "");
		ASSERT_EQ(0, stat(o->name, &o->st));
		o->barrier = &barrier;
	}
	for (i = 0; i < NR_THREADS; i++) {
		ASSERT_EQ(0, pthread_create(&openers[i].thread, NULL, fn,
					    &openers[i]));
	}
	for (i = 0; i < NR_THREADS; i++) {
		ASSERT_EQ(0, pthread_join(openers[i].thread, NULL));
		EXPECT_EQ(0, openers[i].failed);
		EXPECT_EQ(0, openers[i].others);
	}
}

/* Together they get the lowest numbers, each once, and each leads to its opener's file. */
TEST_F(fd, threads_share_the_numbers_out)
{
	static struct opener openers[NR_THREADS];
	char given[FIRST_FD + NR_THREADS * NR_OPENS] = { 0 };
	int i, j;

	run_openers(_metadata, openers, open_and_keep);
	for (i = 0; i < NR_THREADS; i++)
		for (j = 0; j < NR_OPENS; j++) {
			int fd = openers[i].fds[j];

			ASSERT_LE(FIRST_FD, fd);
			ASSERT_GT(ARRAY_SIZE(given), fd);
			EXPECT_EQ(0, given[fd]++) TH_LOG("%d", fd);
			EXPECT_TRUE(is_own(&openers[i], fd)) TH_LOG("%d", fd);
			/* a thread's own come in order */
			if (j)
				EXPECT_LT(openers[i].fds[j - 1], fd);
		}
}

/* Closed and given again under everybody's hands, a number is one thread's at a time. */
TEST_F(fd, threads_never_get_anothers)
{
	static struct opener openers[NR_THREADS];

	run_openers(_metadata, openers, open_and_close);
	EXPECT_EQ(7, open_set());
	EXPECT_EQ(3, open("a", O_RDONLY));
}

/* open_and_close_there - in another process: open "b", close 3 */
static int open_and_close_there(void *arg)
{
	if (open("b", O_RDONLY) != 4)
		return 1;
	return close(3) ? 2 : 0;
}

static int unshare_first(void *arg)
{
	return unshare(CLONE_FILES) ? 3 : open_and_close_there(arg);
}

/* run_clone - a process with or without a table of descriptors of its own; its exit code */
static int run_clone(struct __test_metadata *const _metadata, int (*fn)(void *),
		     int flags)
{
	const size_t size = 64 * 1024;
	char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int ret;

	ASSERT_NE(MAP_FAILED, stack);
	ret = wait_for(clone(fn, stack + size, flags | SIGCHLD, NULL));
	munmap(stack, size);
	return ret;
}

TEST_F(fd, clone_files_shares_the_table)
{
	ASSERT_EQ(3, open("a", O_RDONLY));
	EXPECT_EQ(0, run_clone(_metadata, open_and_close_there, CLONE_FILES));
	EXPECT_FALSE(is_open(3));
	EXPECT_TRUE(is_file(4, "b", 0));
	EXPECT_EQ(3, open("a", O_RDONLY));
	EXPECT_EQ(5, open("a", O_RDONLY));
}

TEST_F(fd, fork_copies_the_table)
{
	char buf[4];
	pid_t pid;

	ASSERT_EQ(3, open("a", O_RDONLY));
	EXPECT_EQ(0, run_clone(_metadata, open_and_close_there, 0));
	EXPECT_TRUE(is_file(3, "a", 0));
	EXPECT_FALSE(is_open(4));
	EXPECT_EQ(4, open("a", O_RDONLY));
	/* of what was open before, the child has the same open file */
	pid = fork();
	if (pid == 0)
		_exit(read(3, buf, 4) == 4 && read(4, buf, 1) == 1 ? 0 : 1);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(4, lseek(3, 0, SEEK_CUR));
	EXPECT_EQ(1, lseek(4, 0, SEEK_CUR));
}

TEST_F(fd, unshared_table_is_a_copy)
{
	ASSERT_EQ(3, open("a", O_RDONLY));
	EXPECT_EQ(0, run_clone(_metadata, unshare_first, CLONE_FILES));
	EXPECT_TRUE(is_file(3, "a", 0));
	EXPECT_EQ(4, open("a", O_RDONLY));
}

TEST_HARNESS_MAIN
