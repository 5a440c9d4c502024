/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs share: the calls under test, a directory to make them in, and who
 * makes them.
 */
#ifndef _OPEN_TRACE_COMMON_H
#define _OPEN_TRACE_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

/* The harness leaves a test by longjmp(), after which it reads nothing of it. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(arr)		(sizeof(arr) / sizeof((arr)[0]))
#endif

/*
 * The headers may be the distribution's, which are older than the kernel: what they lack
 * is here. <linux/openat2.h> would clash with the <fcntl.h> of later C libraries.
 */
#ifndef __NR_openat2
#define __NR_openat2		437
#endif
#ifndef RESOLVE_NO_XDEV
#define RESOLVE_NO_XDEV		0x01
#define RESOLVE_NO_MAGICLINKS	0x02
#define RESOLVE_NO_SYMLINKS	0x04
#define RESOLVE_BENEATH		0x08
#define RESOLVE_IN_ROOT		0x10
#endif
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED		0x20
#endif

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE		(1 << 1)
#endif

/* The bit of O_LARGEFILE: to the 64-bit <fcntl.h> it is 0, to the kernel never. */
#if defined(__arm__) || defined(__aarch64__) || defined(__m68k__) || defined(__alpha__)
#define LARGEFILE		0400000
#elif defined(__powerpc__)
#define LARGEFILE		0200000
#elif defined(__mips__)
#define LARGEFILE		0020000
#elif defined(__hppa__)
#define LARGEFILE		0004000
#elif defined(__sparc__)
#define LARGEFILE		01000000
#else
#define LARGEFILE		0100000
#endif

/* O_TMPFILE contains O_DIRECTORY; this is what it adds. */
#define TMPFILE_BIT		(O_TMPFILE & ~O_DIRECTORY)

/* The user's view of struct open_how; a later kernel's may be longer. */
struct ot_open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

static inline int sys_openat2(int dir, const char *path, const void *how,
			      size_t size)
{
	return syscall(__NR_openat2, dir, path, how, size);
}

/* close_and_errno - 0 for a descriptor, which is closed; errno for -1 */
static inline int close_and_errno(int fd)
{
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* openat_errno - what the call says: 0 when it opened, else errno */
static inline int openat_errno(int dir, const char *path, int flags,
			       mode_t mode)
{
	return close_and_errno(openat(dir, path, flags, mode));
}

/* open_errno - the same from the working directory */
static inline int open_errno(const char *path, int flags, mode_t mode)
{
	return openat_errno(AT_FDCWD, path, flags, mode);
}

/* openat2_errno - the same for openat2(2) with a struct of the first size */
static inline int openat2_errno(int dir, const char *path, uint64_t flags,
				uint64_t mode, uint64_t resolve)
{
	struct ot_open_how how = {
		.flags = flags, .mode = mode, .resolve = resolve,
	};

	return close_and_errno(sys_openat2(dir, path, &how, sizeof(how)));
}

/* errno_of - 0, or errno, for what a call that makes no descriptor returned */
static inline int errno_of(long ret)
{
	return ret == -1 ? errno : 0;
}

/* is_file - is what the descriptor leads to what an open of that name, so, leads to */
static inline bool is_file(int fd, const char *name, int flags)
{
	struct stat is, want;

	return fstat(fd, &is) == 0 &&
	       fstatat(AT_FDCWD, name, &want,
		       flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0) == 0 &&
	       is.st_ino == want.st_ino && is.st_dev == want.st_dev;
}

/* wait_for - the exit code of a child, -1 if it did not exit */
static inline int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* make_file - a regular file with that mode (whatever the umask) and content */
static inline void make_file(struct __test_metadata *const _metadata,
			     const char *path, mode_t mode, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ASSERT_LE(0, fd) TH_LOG("making %s: %s", path, strerror(errno));
	ASSERT_EQ((ssize_t)strlen(content), write(fd, content, strlen(content)));
	ASSERT_EQ(0, fchmod(fd, mode));
	ASSERT_EQ(0, close(fd));
}

/*
 * is_root - may this process do what root may: mount, make devices, become others?
 *
 * The root of a user namespace may not. Without /proc, in a bare guest, there is none.
 */
static inline bool is_root(void)
{
	unsigned int inside, outside, count;
	char map[64];
	ssize_t len;
	int fd;

	if (geteuid())
		return false;
	fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	len = read(fd, map, sizeof(map) - 1);
	close(fd);
	if (len < 0)
		return false;
	map[len] = '\0';
	return sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 &&
	       inside == outside && count == UINT_MAX;
}

/* A user that owns nothing; it need not be in any table of users. */
#define OTHER_UID	54321

/*
 * become_other - give up root for good, and stay who one is without it
 *
 * To be called in a test's own process (each has one), after all that needs root.
 */
static inline void become_other(struct __test_metadata *const _metadata)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { };

	if (!is_root()) {
		ASSERT_EQ(0, syscall(__NR_capset, &header, none));
		return;
	}
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(OTHER_UID, OTHER_UID, OTHER_UID));
	ASSERT_EQ(0, setresuid(OTHER_UID, OTHER_UID, OTHER_UID));
}

/* mount_proc - /proc as it ought to be, where nobody has mounted it: a bare guest */
static inline void mount_proc(void)
{
	if (access("/proc/self", F_OK) == 0)
		return;
	mkdir("/proc", 0555);
	mount("proc", "/proc", "proc", 0, NULL);
}

/*
 * mount_memory - an empty filesystem in memory at a directory, which becomes the working
 * directory; its type, NULL on error
 */
static inline const char *mount_memory(const char *at)
{
	/* without CONFIG_TMPFS the type may be there, and hold nothing */
	static const char *const types[] = { "tmpfs", "ramfs" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (mount("open_trace", at, types[i], 0, "mode=0777"))
			continue;
		if (chdir(at) == 0 && mkdir("probe", 0700) == 0 &&
		    rmdir("probe") == 0)
			return types[i];
		umount2(at, MNT_DETACH);
	}
	return NULL;
}

static inline int scratch_unlink(const char *path, const struct stat *st, int type,
				 struct FTW *ftw)
{
	return remove(path);
}

#define SCRATCH_NAME		"/open_trace."

/*
 * scratch_enter - make an empty directory and go there
 *
 * Root gets a filesystem in memory, where everybody may write, over $TMPDIR or /tmp in a
 * mount namespace of the process's own: it goes when the process goes, whoever it is by
 * then. Others get a directory in $TMPDIR or /tmp. The umask becomes 0.
 *
 * @path: PATH_MAX bytes for its absolute name, which scratch_leave() wants back.
 */
static inline void scratch_enter(struct __test_metadata *const _metadata,
				 char *path)
{
	const char *top = getenv("TMPDIR") ?: "/tmp";

	umask(0);
	if (is_root()) {
		mkdir(top, 01777);
		ASSERT_EQ(0, unshare(CLONE_NEWNS));
		ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		mount_proc();
		ASSERT_TRUE(!!mount_memory(top));
	} else {
		snprintf(path, PATH_MAX, "%s" SCRATCH_NAME "XXXXXX", top);
		ASSERT_TRUE(!!mkdtemp(path)) TH_LOG("%s", strerror(errno));
		ASSERT_EQ(0, chdir(path));
	}
	ASSERT_TRUE(!!getcwd(path, PATH_MAX));
}

/* scratch_leave - remove what scratch_enter() made where it does not go by itself */
static inline void scratch_leave(const char *path)
{
	if (strstr(path, SCRATCH_NAME) && chdir("/") == 0)
		nftw(path, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/*
 * The fixture of most tests: an empty directory, which is the working directory, in a
 * process (and for root a mount namespace) of the test's own.
 */
#define FIXTURE_SCRATCH(name)						\
	FIXTURE(name) {							\
		char path[PATH_MAX];					\
	};								\
	FIXTURE_SETUP(name)						\
	{								\
		scratch_enter(_metadata, self->path);			\
	}								\
	FIXTURE_TEARDOWN(name)						\
	{								\
		scratch_leave(self->path);				\
	}

#endif
