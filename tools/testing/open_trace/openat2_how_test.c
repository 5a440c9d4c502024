// SPDX-License-Identifier: GPL-2.0
/*
 * openat2(2): its struct, what it refuses that open(2) lets pass, and what each RESOLVE_*
 * makes of a path. F5 from outside.
 */
#define _GNU_SOURCE
#include "common.h"

#include <sys/mman.h>
#include <sys/sysmacros.h>

#define BIT64(nr)		(1ULL << (nr))

#define HOW_SIZE		24	/* of the struct's first version */
#define RESOLVE_ALL		0x3f

/* 7.2 */
#define OPENAT2_REGULAR		BIT64(32)
#ifndef O_EMPTYPATH
#define O_EMPTYPATH		0x4000000
#endif
#ifndef EFTYPE
#define EFTYPE			134
#endif

/* Until 6.13 a flag of the kernel's own passed for none: this one, or bit 26. */
#define KERNEL_NONOTIFY		0x2000000

/* What the manual names, and 7.2's two. */
static const struct {
	const char *name;
	uint64_t flags;
} known_flags[] = {
	{ "access mode", O_ACCMODE },
	{ "O_CREAT", O_CREAT },
	{ "O_EXCL", O_EXCL },
	{ "O_NOCTTY", O_NOCTTY },
	{ "O_TRUNC", O_TRUNC },
	{ "O_APPEND", O_APPEND },
	{ "O_NONBLOCK", O_NONBLOCK },
	{ "O_SYNC", O_SYNC },
	{ "O_DSYNC", O_DSYNC },
	{ "O_ASYNC", O_ASYNC },
	{ "O_DIRECT", O_DIRECT },
	{ "O_LARGEFILE", LARGEFILE },
	{ "O_DIRECTORY", O_DIRECTORY },
	{ "O_NOFOLLOW", O_NOFOLLOW },
	{ "O_NOATIME", O_NOATIME },
	{ "O_CLOEXEC", O_CLOEXEC },
	{ "O_PATH", O_PATH },
	{ "O_TMPFILE", O_TMPFILE },
	{ "O_EMPTYPATH", O_EMPTYPATH },
	{ "OPENAT2_REGULAR", OPENAT2_REGULAR },
};

static uint64_t all_known_flags(void)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_flags); i++)
		all |= known_flags[i].flags;
	return all;
}

/* A path to walk, and where it ends. */
struct walk {
	const char *name;
	const char *path;
	int flags;
	int err;
	const char *reached;	/* from the scratch directory; err is 0 */
};

static void expect_walks(struct __test_metadata *const _metadata, int dir,
			 uint64_t resolve, const struct walk *rows, size_t size)
{
	const struct walk *end = rows + size / sizeof(*rows);

	for (; rows < end; rows++) {
		struct ot_open_how how = {
			.flags = rows->flags,
			.mode = rows->flags & O_CREAT ? 0600 : 0,
			.resolve = resolve,
		};
		int fd = sys_openat2(dir, rows->path, &how, sizeof(how));
		int err = fd < 0 ? errno : 0;

		EXPECT_EQ(rows->err, err)
			TH_LOG("%s: %s", rows->name, rows->path);
		if (fd < 0)
			continue;
		if (!rows->err)
			EXPECT_TRUE(is_file(fd, rows->reached, rows->flags))
				TH_LOG("%s: %s is not %s", rows->name,
				       rows->path, rows->reached);
		close(fd);
	}
}

#define EXPECT_WALKS(dir, resolve, rows) \
	expect_walks(_metadata, dir, resolve, rows, sizeof(rows))

static bool exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static bool has_proc(void)
{
	return access("/proc/self/fd", F_OK) == 0;
}

static void make_link(struct __test_metadata *const _metadata, const char *path,
		      const char *to)
{
	ASSERT_EQ(0, symlink(to, path)) TH_LOG("%s: %s", path, strerror(errno));
}

/*
 * The tree of the walks. They begin at "top"; the same name is there inside and outside,
 * so that the file tells which way the walk took.
 *
 *	file
 *	top/file, top/dir/file
 */
FIXTURE(tree) {
	char path[PATH_MAX];
	int top;
};

FIXTURE_SETUP(tree)
{
	char to[PATH_MAX + 16];

	scratch_enter(_metadata, self->path);
	ASSERT_EQ(0, mkdir("top", 0755));
	ASSERT_EQ(0, mkdir("top/dir", 0755));
	make_file(_metadata, "file", 0644, "outside");
	make_file(_metadata, "top/file", 0644, "top");
	make_file(_metadata, "top/dir/file", 0644, "dir");

	make_link(_metadata, "top/to_file", "file");
	make_link(_metadata, "top/to_dir", "dir");
	make_link(_metadata, "top/dir/up", "..");
	make_link(_metadata, "top/dir/to_up", "../file");
	make_link(_metadata, "top/chain", "chain2");
	make_link(_metadata, "top/chain2", "dir/chain3");
	make_link(_metadata, "top/dir/chain3", "../to_dir/file");
	make_link(_metadata, "top/loop", "loop");
	make_link(_metadata, "top/dangling", "new");
	make_link(_metadata, "top/out", "../file");
	make_link(_metadata, "top/out_dir", "..");
	make_link(_metadata, "top/out_new", "../new");
	make_link(_metadata, "top/out_and_in", "../top/file");
	make_link(_metadata, "top/chain_out", "to_dir/up/out");
	make_link(_metadata, "top/root", "/");
	make_link(_metadata, "top/root_file", "/file");
	make_link(_metadata, "top/root_dir", "/dir");
	make_link(_metadata, "top/root_up", "/../../file");
	make_link(_metadata, "top/root_new", "/new");
	snprintf(to, sizeof(to), "%s/top/file", self->path);
	make_link(_metadata, "top/absolute", to);

	self->top = open("top", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, self->top);
}

FIXTURE_TEARDOWN(tree)
{
	scratch_leave(self->path);
}

/* ---------------------------------------------------------------- the struct */

FIXTURE_SCRATCH(how);

/* pages_then_fault - @nr zeroed pages with unmapped memory behind them; its end */
static char *pages_then_fault(struct __test_metadata *const _metadata, int nr)
{
	long page = sysconf(_SC_PAGESIZE);
	char *mem = mmap(NULL, (nr + 1) * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, munmap(mem + nr * page, page));
	return mem + nr * page;
}

TEST_F(how, struct_smaller_than_the_first_is_einval)
{
	char how[HOW_SIZE] = { 0 };
	size_t size;

	for (size = 0; size < HOW_SIZE; size++) {
		int fd = sys_openat2(AT_FDCWD, ".", how, size);

		EXPECT_EQ(EINVAL, close_and_errno(fd)) TH_LOG("%zu", size);
		/* the struct is not even looked at */
		fd = sys_openat2(AT_FDCWD, ".", NULL, size);
		EXPECT_EQ(EINVAL, close_and_errno(fd)) TH_LOG("%zu, NULL", size);
	}
}

/* A program of a later kernel's struct runs on this one if it asks for nothing new. */
TEST_F(how, struct_with_zeros_behind_is_taken)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	const size_t sizes[] = {
		HOW_SIZE, 25, 31, 32, 33, 40, 63, 64, 100, 1024, page - 1, page,
	};
	char *end = pages_then_fault(_metadata, 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* nor is what is behind its end looked at */
		int fd = sys_openat2(AT_FDCWD, ".", end - sizes[i], sizes[i]);

		EXPECT_EQ(0, close_and_errno(fd)) TH_LOG("%zu", sizes[i]);
	}
}

TEST_F(how, struct_with_rubbish_behind_is_e2big)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	const struct {
		size_t size, at;
	} rows[] = {
		{ 25, 24 }, { 32, 24 }, { 32, 31 }, { 33, 32 }, { 39, 38 },
		{ 64, 24 }, { 64, 63 }, { 1000, 500 }, { 1000, 999 },
		{ page, 24 }, { page, page - 1 },
	};
	char *end = pages_then_fault(_metadata, 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *how = end - rows[i].size;
		int fd;

		how[rows[i].at] = 1;
		fd = sys_openat2(AT_FDCWD, ".", how, rows[i].size);
		EXPECT_EQ(E2BIG, close_and_errno(fd))
			TH_LOG("%zu of %zu", rows[i].at, rows[i].size);
		how[rows[i].at] = 0;
	}
}

TEST_F(how, struct_larger_than_a_page_is_e2big)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	const size_t sizes[] = {
		page + 1, page + HOW_SIZE, 2 * page, INT_MAX, SIZE_MAX,
	};
	char *end = pages_then_fault(_metadata, 2);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = sys_openat2(AT_FDCWD, ".", end - 2 * page, sizes[i]);

		EXPECT_EQ(E2BIG, close_and_errno(fd)) TH_LOG("%zu", sizes[i]);
		fd = sys_openat2(AT_FDCWD, ".", NULL, sizes[i]);
		EXPECT_EQ(E2BIG, close_and_errno(fd))
			TH_LOG("%zu, NULL", sizes[i]);
	}
}

TEST_F(how, struct_that_cannot_be_read_is_efault)
{
	char *end = pages_then_fault(_metadata, 1);
	const struct {
		const char *name;
		const void *how;
		size_t size;
	} rows[] = {
		{ "NULL", NULL, HOW_SIZE },
		{ "unmapped", end, HOW_SIZE },
		{ "its last byte", end - HOW_SIZE + 1, HOW_SIZE },
		{ "its last field", end - 16, HOW_SIZE },
		{ "the byte behind", end - HOW_SIZE, HOW_SIZE + 1 },
		{ "zeros behind", end - 64, 65 },
		{ "nearly all", end - 64, 1024 },
		{ "the kernel's", (void *)-4096L, HOW_SIZE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = sys_openat2(AT_FDCWD, ".", rows[i].how, rows[i].size);

		EXPECT_EQ(EFAULT, close_and_errno(fd)) TH_LOG("%s", rows[i].name);
	}
}

TEST_F(how, struct_may_be_at_any_address_and_read_only)
{
	struct ot_open_how how = { .flags = O_DIRECTORY };
	char *end = pages_then_fault(_metadata, 1);
	char *page = end - sysconf(_SC_PAGESIZE);
	int i;

	for (i = 0; i < 8; i++)
		memcpy(page + i * 65, &how, sizeof(how));
	ASSERT_EQ(0, mprotect(page, end - page, PROT_READ));
	for (i = 0; i < 8; i++) {
		int fd = sys_openat2(AT_FDCWD, ".", page + i * 65, sizeof(how));

		EXPECT_EQ(0, close_and_errno(fd)) TH_LOG("%d", i);
	}
}

TEST_F(how, flags_and_mode_are_as_in_the_struct)
{
	struct ot_open_how how = {
		.flags = O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
		.mode = 0640,
	};
	int fd = sys_openat2(AT_FDCWD, "new", &how, sizeof(how));
	struct stat st;

	ASSERT_LE(0, fd) TH_LOG("%s", strerror(errno));
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_EQ(S_IFREG | 0640, st.st_mode);
	EXPECT_EQ(O_RDWR | O_APPEND,
		  fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

/* --------------------------------------------- strict, where open(2) is not */

TEST_F(how, unknown_flag_is_einval)
{
	uint64_t known = all_known_flags() | KERNEL_NONOTIFY;
	int i;

	make_file(_metadata, "file", 0600, "");
	for (i = 0; i < 64; i++) {
		if (known & BIT64(i))
			continue;
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "file", BIT64(i), 0, 0))
			TH_LOG("bit %d", i);
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "file",
						O_PATH | BIT64(i), 0, 0))
			TH_LOG("bit %d and O_PATH", i);
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "new",
						O_CREAT | BIT64(i), 0600, 0))
			TH_LOG("bit %d and O_CREAT", i);
	}
	EXPECT_FALSE(exists("new"));
}

/* It was never to be had from outside: not let in, if not refused. */
TEST_F(how, flag_of_the_kernels_own_is_refused_or_ignored)
{
	struct ot_open_how how = { .flags = O_RDWR };
	int fd, plain;

	make_file(_metadata, "file", 0600, "");
	fd = sys_openat2(AT_FDCWD, "file", &how, sizeof(how));
	ASSERT_LE(0, fd);
	plain = fcntl(fd, F_GETFL);
	close(fd);
	how.flags |= KERNEL_NONOTIFY;
	fd = sys_openat2(AT_FDCWD, "file", &how, sizeof(how));
	EXPECT_TRUE(fd >= 0 ? fcntl(fd, F_GETFL) == plain : errno == EINVAL)
		TH_LOG("%s", fd >= 0 ? "let in" : strerror(errno));
}

/* F5: open(2) does not see what it does not know, nor does F_GETFL show it. */
TEST_F(how, unknown_flag_is_nothing_to_openat)
{
	uint64_t known = all_known_flags();
	int i, fd, plain;

	make_file(_metadata, "file", 0600, "");
	fd = open("file", O_RDWR);
	ASSERT_LE(0, fd);
	plain = fcntl(fd, F_GETFL);
	close(fd);
	for (i = 0; i < 32; i++) {
		if (known & BIT64(i))
			continue;
		fd = syscall(__NR_openat, AT_FDCWD, "file",
			     O_RDWR | (int)BIT64(i), 0);
		EXPECT_LE(0, fd) TH_LOG("bit %d: %s", i, strerror(errno));
		EXPECT_EQ(plain, fcntl(fd, F_GETFL)) TH_LOG("bit %d", i);
		close(fd);
	}
}

TEST_F(how, known_flag_is_taken)
{
	/* 7.2's two, and that of the filesystem, have tests of their own */
	uint64_t others = O_EMPTYPATH | OPENAT2_REGULAR | O_DIRECT;
	size_t i;

	make_file(_metadata, "file", 0600, "");
	for (i = 0; i < ARRAY_SIZE(known_flags); i++) {
		uint64_t flags = known_flags[i].flags;
		int err = flags == O_DIRECTORY ? ENOTDIR : 0;

		if ((flags & others) || (flags & O_TMPFILE) == O_TMPFILE)
			continue;
		EXPECT_EQ(err, openat2_errno(AT_FDCWD, "file", flags, 0, 0))
			TH_LOG("%s", known_flags[i].name);
	}
}

TEST_F(how, mode_without_creation_is_einval)
{
	static const struct {
		const char name[24];
		int flags;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY },
		{ "O_RDWR", O_RDWR },
		{ "O_EXCL", O_EXCL },
		{ "O_WRONLY|O_TRUNC", O_WRONLY | O_TRUNC },
		{ "O_DIRECTORY", O_DIRECTORY },
		{ "O_PATH", O_PATH },
	};
	static const uint64_t modes[] = { 01, 0600, 07777, S_IFREG, BIT64(32), ~0ULL };
	size_t i, j;

	make_file(_metadata, "file", 0600, "content");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (j = 0; j < ARRAY_SIZE(modes); j++) {
			EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "file",
							rows[i].flags, modes[j],
							0))
				TH_LOG("%s %#llo", rows[i].name,
				       (unsigned long long)modes[j]);
		}
}

/* Of all 64 bits the 12 of the permissions are a mode. */
TEST_F(how, mode_is_permissions_only)
{
	int i;

	for (i = 0; i < 64; i++) {
		EXPECT_EQ(i < 12 ? 0 : EINVAL,
			  openat2_errno(AT_FDCWD, "new", O_CREAT, BIT64(i), 0))
			TH_LOG("bit %d", i);
		EXPECT_EQ(i < 12, unlink("new") == 0) TH_LOG("bit %d", i);
	}
}

/* F5: open(2) takes the 12 bits, and only to make a file. */
TEST_F(how, openat_drops_what_is_no_mode)
{
	struct stat st;

	EXPECT_EQ(0, close_and_errno(syscall(__NR_openat, AT_FDCWD, "new", O_CREAT,
					     0x7fff0000 | S_IFDIR | 0610)));
	ASSERT_EQ(0, lstat("new", &st));
	EXPECT_EQ(S_IFREG | 0610, st.st_mode);
	/* the C library itself hides a mode that is not for O_CREAT */
	EXPECT_EQ(0, close_and_errno(syscall(__NR_openat, AT_FDCWD, "new",
					     O_RDONLY, 0777)));
}

TEST_F(how, unknown_resolve_is_einval)
{
	int i;

	for (i = 6; i < 64; i++) {
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, ".", 0, 0, BIT64(i)))
			TH_LOG("bit %d", i);
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, ".", O_PATH, 0,
						BIT64(i) | RESOLVE_BENEATH))
			TH_LOG("bit %d and RESOLVE_BENEATH", i);
	}
}

/* BENEATH refuses to leave, IN_ROOT says that there is no outside: not both. */
TEST_F(how, resolve_beneath_excludes_in_root)
{
	uint64_t resolve;

	for (resolve = 0; resolve <= RESOLVE_ALL; resolve++) {
		bool both = (resolve & RESOLVE_BENEATH) &&
			    (resolve & RESOLVE_IN_ROOT);

		EXPECT_EQ(both ? EINVAL : 0,
			  openat2_errno(AT_FDCWD, ".", O_PATH, 0, resolve))
			TH_LOG("%#llx", (unsigned long long)resolve);
	}
}

/* What goes with what: open(2) forgets some of what openat2(2) refuses. */
TEST_F(how, contradiction_is_einval)
{
	static const struct {
		const char *name;
		int flags;
		mode_t mode;
		int openat_err;
	} rows[] = {
		{ "O_PATH|O_RDWR", O_PATH | O_RDWR, 0, 0 },
		{ "O_PATH|O_WRONLY", O_PATH | O_WRONLY, 0, 0 },
		{ "O_PATH|O_TRUNC", O_PATH | O_TRUNC, 0, 0 },
		{ "O_PATH|O_APPEND", O_PATH | O_APPEND, 0, 0 },
		{ "O_PATH|O_NONBLOCK", O_PATH | O_NONBLOCK, 0, 0 },
		{ "O_PATH|O_EXCL", O_PATH | O_EXCL, 0, 0 },
		{ "O_PATH|O_CREAT", O_PATH | O_CREAT, 0600, 0 },
		{ "O_PATH|O_NOATIME", O_PATH | O_NOATIME, 0, 0 },
		{ "O_PATH|O_SYNC", O_PATH | O_SYNC, 0, 0 },
		{ "O_PATH|O_LARGEFILE", O_PATH | LARGEFILE, 0, 0 },
		{ "O_CREAT|O_DIRECTORY", O_CREAT | O_DIRECTORY, 0600, EINVAL },
		{ "O_TMPFILE|O_CREAT", O_TMPFILE | O_RDWR | O_CREAT, 0600, EINVAL },
		{ "O_TMPFILE, O_RDONLY", O_TMPFILE, 0600, EINVAL },
		{ "half an O_TMPFILE", TMPFILE_BIT | O_RDWR, 0600, EINVAL },
	};
	size_t i;

	make_file(_metadata, "file", 0600, "");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "file", rows[i].flags,
						rows[i].mode, 0))
			TH_LOG("%s", rows[i].name);
		EXPECT_EQ(rows[i].openat_err,
			  open_errno("file", rows[i].flags, rows[i].mode))
			TH_LOG("openat: %s", rows[i].name);
		EXPECT_EQ(EINVAL, openat2_errno(AT_FDCWD, "new", rows[i].flags,
						rows[i].mode, 0))
			TH_LOG("new: %s", rows[i].name);
	}
	EXPECT_FALSE(exists("new"));
}

/* Who asks for nonsense is told so, whatever the path, and not to try again. */
TEST_F(how, nonsense_is_seen_before_the_path)
{
	static const struct {
		const char name[24];
		uint64_t flags, mode, resolve;
	} rows[] = {
		{ "flag", BIT64(63), 0, 0 },
		{ "flag, to create", BIT64(63) | O_CREAT, 0, RESOLVE_CACHED },
		{ "mode", 0, 0600, 0 },
		{ "mode of O_TRUNC", O_TRUNC, 0600, RESOLVE_CACHED },
		{ "mode bits", O_CREAT, S_IFREG, RESOLVE_CACHED },
		{ "resolve", 0, 0, BIT64(63) },
		{ "resolve, to create", O_CREAT, 0, BIT64(63) | RESOLVE_CACHED },
		{ "scope", O_CREAT, 0,
		  RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED },
		{ "O_PATH", O_PATH | O_CREAT, 0, RESOLVE_CACHED },
		{ "O_DIRECTORY", O_DIRECTORY | O_CREAT, 0, RESOLVE_CACHED },
		{ "O_TMPFILE", O_TMPFILE, 0, RESOLVE_CACHED },
	};
	static const char *const paths[] = { NULL, "", "missing", "missing/x" };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (j = 0; j < ARRAY_SIZE(paths); j++) {
			EXPECT_EQ(EINVAL,
				  openat2_errno(-1, paths[j], rows[i].flags,
						rows[i].mode, rows[i].resolve))
				TH_LOG("%s: %s", rows[i].name,
				       paths[j] ?: "NULL");
		}
}

/* --------------------------------------------------------------- RESOLVE_* */

/* The tree, without any: what the others are to be compared with. */
TEST_F(tree, no_resolve_goes_everywhere)
{
	static const struct walk rows[] = {
		{ "inside", "dir/file", 0, 0, "top/dir/file" },
		{ "dotdot inside", "dir/../file", 0, 0, "top/file" },
		{ "dotdot outside", "../file", 0, 0, "file" },
		{ "out and in", "../top/file", 0, 0, "top/file" },
		{ "link", "to_file", 0, 0, "top/file" },
		{ "link up", "dir/to_up", 0, 0, "top/file" },
		{ "chain", "chain", 0, 0, "top/dir/file" },
		{ "link out", "out", 0, 0, "file" },
		{ "link out on the way", "out_dir/file", 0, 0, "file" },
		{ "chain out", "chain_out", 0, 0, "file" },
		{ "absolute link", "absolute", 0, 0, "top/file" },
		{ "root", "/", 0, 0, "/" },
		{ "link to root", "root", 0, 0, "/" },
		{ "loop", "loop", 0, ELOOP },
		{ "dangling", "dangling", 0, ENOENT },
	};

	EXPECT_WALKS(self->top, 0, rows);
}

TEST_F(tree, beneath_stays_beneath)
{
	static const struct walk rows[] = {
		{ "file", "file", 0, 0, "top/file" },
		{ "inside", "dir/file", 0, 0, "top/dir/file" },
		{ "itself", ".", 0, 0, "top" },
		{ "dotdot to itself", "dir/..", 0, 0, "top" },
		{ "dotdot inside", "dir/../file", 0, 0, "top/file" },
		{ "dotdot twice", "dir/../dir/../dir/file", 0, 0, "top/dir/file" },
		{ "link", "to_file", 0, 0, "top/file" },
		{ "link on the way", "to_dir/file", 0, 0, "top/dir/file" },
		{ "dotdot of a link", "to_dir/../file", 0, 0, "top/file" },
		{ "link to dotdot", "dir/up/file", 0, 0, "top/file" },
		{ "link up", "dir/to_up", 0, 0, "top/file" },
		{ "chain", "chain", 0, 0, "top/dir/file" },
		{ "to write", "dir/../file", O_RDWR | O_TRUNC, 0, "top/file" },
		{ "missing", "dir/../missing", 0, ENOENT },
		{ "dangling", "dangling", 0, ENOENT },
		{ "loop", "loop", 0, ELOOP },
		{ "not a directory", "file/file", 0, ENOTDIR },
	};

	EXPECT_WALKS(self->top, RESOLVE_BENEATH, rows);
}

TEST_F(tree, beneath_refuses_to_leave)
{
	static const struct walk rows[] = {
		{ "dotdot", "..", 0, EXDEV },
		{ "dotdot slash", "../", 0, EXDEV },
		{ "dotdot file", "../file", 0, EXDEV },
		{ "missing there", "../missing", 0, EXDEV },
		{ "later", "dir/../../file", 0, EXDEV },
		{ "out and in", "../top/file", 0, EXDEV },
		{ "link out", "out", 0, EXDEV },
		{ "link out on the way", "out_dir/file", 0, EXDEV },
		{ "link out to nothing", "out_new", 0, EXDEV },
		{ "link out and in", "out_and_in", 0, EXDEV },
		{ "chain out", "chain_out", 0, EXDEV },
		{ "root", "/", 0, EXDEV },
		{ "absolute", "/file", 0, EXDEV },
		{ "link to root", "root", 0, EXDEV },
		{ "absolute link", "root_file", 0, EXDEV },
		{ "absolute link to inside", "absolute", 0, EXDEV },
		{ "O_PATH", "..", O_PATH, EXDEV },
		{ "O_DIRECTORY", "..", O_DIRECTORY, EXDEV },
	};

	EXPECT_WALKS(self->top, RESOLVE_BENEATH, rows);
}

/* The same for a start at the working directory, or at a directory of this tree. */
TEST_F(tree, beneath_is_beneath_the_start)
{
	static const struct walk rows[] = {
		{ "link to dotdot", "up", 0, EXDEV },
		{ "link up", "to_up", 0, EXDEV },
		{ "the same, itself", "up", O_PATH | O_NOFOLLOW, 0, "up" },
		{ "file", "file", 0, 0, "file" },
	};
	int dir;

	ASSERT_EQ(0, chdir("top/dir"));
	EXPECT_WALKS(AT_FDCWD, RESOLVE_BENEATH, rows);
	dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, dir);
	EXPECT_WALKS(dir, RESOLVE_BENEATH, rows);
}

/* A symlink that is not followed leads nowhere. */
TEST_F(tree, beneath_lets_the_link_itself_be_opened)
{
	static const struct walk rows[] = {
		{ "link out", "out", O_PATH | O_NOFOLLOW, 0, "top/out" },
		{ "link to root", "root", O_PATH | O_NOFOLLOW, 0, "top/root" },
		{ "loop", "loop", O_PATH | O_NOFOLLOW, 0, "top/loop" },
		{ "to read", "out", O_NOFOLLOW, ELOOP },
		{ "slash behind", "out_dir/", O_PATH | O_NOFOLLOW, EXDEV },
	};

	EXPECT_WALKS(self->top, RESOLVE_BENEATH, rows);
}

TEST_F(tree, beneath_creates_beneath_only)
{
	static const struct walk inside[] = {
		{ "dotdot inside", "dir/../new", O_CREAT, 0, "top/new" },
		{ "dangling", "dangling", O_CREAT, 0, "top/new" },
		{ "again", "new", O_CREAT | O_EXCL, EEXIST },
		{ "the link", "out_new", O_CREAT | O_EXCL, EEXIST },
	};
	static const struct walk outside[] = {
		{ "dotdot", "../new", O_CREAT, EXDEV },
		{ "O_EXCL", "../new", O_CREAT | O_EXCL, EXDEV },
		{ "link out", "out_new", O_CREAT, EXDEV },
		{ "link out on the way", "out_dir/new", O_CREAT, EXDEV },
		{ "absolute", "/new", O_CREAT, EXDEV },
	};

	EXPECT_WALKS(self->top, RESOLVE_BENEATH, inside);
	EXPECT_WALKS(self->top, RESOLVE_BENEATH, outside);
	EXPECT_FALSE(exists("new"));
}

/* The start is the root: there is nothing above it, and absolute is from it. */
TEST_F(tree, in_root_has_no_outside)
{
	static const struct walk rows[] = {
		{ "file", "file", 0, 0, "top/file" },
		{ "dotdot inside", "dir/../file", 0, 0, "top/file" },
		{ "root", "/", 0, 0, "top" },
		{ "absolute", "/file", 0, 0, "top/file" },
		{ "absolute, further", "//dir/file", 0, 0, "top/dir/file" },
		{ "dotdot", "..", 0, 0, "top" },
		{ "dotdot file", "../file", 0, 0, "top/file" },
		{ "dotdot often", "../../dir/../../../file", 0, 0, "top/file" },
		{ "absolute dotdot", "/../file", 0, 0, "top/file" },
		{ "link out", "out", 0, 0, "top/file" },
		{ "link out on the way", "out_dir/file", 0, 0, "top/file" },
		{ "chain out", "chain_out", 0, 0, "top/file" },
		{ "chain", "chain", 0, 0, "top/dir/file" },
		{ "link to root", "root", 0, 0, "top" },
		{ "link to root on the way", "dir/up/root/file", 0, 0, "top/file" },
		{ "absolute link", "root_file", 0, 0, "top/file" },
		{ "its own dotdot", "root_up", 0, 0, "top/file" },
		{ "absolute link on the way", "root_dir/file", 0, 0,
		  "top/dir/file" },
		{ "dotdot of that", "root_dir/../file", 0, 0, "top/file" },
		{ "out and in", "out_and_in", 0, ENOENT },
		{ "absolute name of the file", "absolute", 0, ENOENT },
		{ "missing", "/missing", 0, ENOENT },
		{ "loop", "/loop", 0, ELOOP },
	};

	EXPECT_WALKS(self->top, RESOLVE_IN_ROOT, rows);
	ASSERT_EQ(0, fchdir(self->top));
	EXPECT_EQ(0, openat2_errno(AT_FDCWD, "/dir/file", 0, 0, RESOLVE_IN_ROOT));
}

TEST_F(tree, in_root_creates_below_it)
{
	static const struct walk rows[] = {
		{ "absolute", "/a", O_CREAT | O_EXCL, 0, "top/a" },
		{ "dotdot", "../../b", O_CREAT | O_EXCL, 0, "top/b" },
		{ "absolute link", "root_new", O_CREAT, 0, "top/new" },
		{ "link out", "out_new", O_CREAT, 0, "top/new" },
		{ "absolute, link out", "/out_dir/c", O_CREAT, 0, "top/c" },
	};

	EXPECT_WALKS(self->top, RESOLVE_IN_ROOT, rows);
	EXPECT_FALSE(exists("new"));
	EXPECT_FALSE(exists("a") || exists("b") || exists("c"));
	EXPECT_FALSE(exists("/a") || exists("/b") || exists("/c"));
}

/* To an absolute path the descriptor is nothing, unless it is the root. */
TEST_F(tree, absolute_path_needs_the_descriptor_in_root_only)
{
	const uint64_t in_root = RESOLVE_IN_ROOT;
	int file = open("file", O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, file);
	EXPECT_EQ(0, openat2_errno(-1, "/", 0, 0, 0));
	EXPECT_EQ(0, openat2_errno(file, "/", 0, 0, 0));
	EXPECT_EQ(EBADF, openat2_errno(-1, "/", 0, 0, in_root));
	EXPECT_EQ(EBADF, openat2_errno(-1, "file", 0, 0, in_root));
	EXPECT_EQ(ENOTDIR, openat2_errno(file, "/", 0, 0, in_root));
	EXPECT_EQ(ENOTDIR, openat2_errno(file, "..", 0, 0, in_root));
	EXPECT_EQ(EBADF, openat2_errno(-1, "file", 0, 0, RESOLVE_BENEATH));
	EXPECT_EQ(ENOTDIR, openat2_errno(file, "file", 0, 0, RESOLVE_BENEATH));
}

TEST_F(tree, no_symlinks_follows_none)
{
	static const struct walk rows[] = {
		{ "file", "file", 0, 0, "top/file" },
		{ "dotdot inside", "dir/../file", 0, 0, "top/file" },
		{ "dotdot outside", "../file", 0, 0, "file" },
		{ "root", "/", 0, 0, "/" },
		{ "link", "to_file", 0, ELOOP },
		{ "link on the way", "to_dir/file", 0, ELOOP },
		{ "link to dotdot", "dir/up/file", 0, ELOOP },
		{ "link out", "out", 0, ELOOP },
		{ "absolute link", "root_file", 0, ELOOP },
		{ "chain", "chain", 0, ELOOP },
		{ "loop", "loop", 0, ELOOP },
		{ "dangling", "dangling", 0, ELOOP },
		{ "dangling, to create", "dangling", O_CREAT, ELOOP },
		{ "with O_NOFOLLOW", "to_file", O_NOFOLLOW, ELOOP },
		{ "slash behind", "to_dir/", O_PATH | O_NOFOLLOW, ELOOP },
		{ "as a directory", "to_dir", O_DIRECTORY, ELOOP },
		{ "the link itself", "to_file", O_PATH | O_NOFOLLOW, 0,
		  "top/to_file" },
		{ "the name is taken", "dangling", O_CREAT | O_EXCL, EEXIST },
	};

	EXPECT_WALKS(self->top, RESOLVE_NO_SYMLINKS, rows);
	EXPECT_FALSE(exists("top/new"));
}

/* -------------------------------------------------- links of /proc that jump */

/* They go to a file, not along a path: "magic links". */
FIXTURE(magic) {
	char path[PATH_MAX];
	int top, proc_fd;
	char fd_path[64], fd_name[16], dir_path[64], file_in_dir[80], link[80];
};

FIXTURE_SETUP(magic)
{
	int file, dir;

	scratch_enter(_metadata, self->path);
	if (!has_proc())
		return;
	ASSERT_EQ(0, mkdir("top", 0755));
	make_file(_metadata, "file", 0644, "");
	make_file(_metadata, "top/file", 0644, "");
	self->top = open("top", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, self->top);
	dir = self->top;
	file = open("top/file", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, file);
	self->proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, self->proc_fd);

	snprintf(self->fd_name, sizeof(self->fd_name), "%d", file);
	snprintf(self->fd_path, sizeof(self->fd_path), "/proc/self/fd/%d", file);
	snprintf(self->dir_path, sizeof(self->dir_path), "/proc/self/fd/%d", dir);
	snprintf(self->file_in_dir, sizeof(self->file_in_dir), "%s/file",
		 self->dir_path);
	snprintf(self->link, sizeof(self->link), "top/to_magic");
	make_link(_metadata, self->link, self->fd_path);
}

FIXTURE_TEARDOWN(magic)
{
	scratch_leave(self->path);
}

TEST_F(magic, no_resolve_jumps)
{
	const struct walk rows[] = {
		{ "fd", self->fd_path, 0, 0, "top/file" },
		{ "fd of a directory", self->file_in_dir, 0, 0, "top/file" },
		{ "its dotdot", "/proc/self/cwd/../.", O_PATH, 0, ".." },
		{ "exe", "/proc/self/exe", O_PATH, 0, "/proc/self/exe" },
		{ "root", "/proc/self/root", O_PATH, 0, "/" },
		{ "cwd", "/proc/self/cwd/file", 0, 0, "file" },
		{ "link to one", self->link, 0, 0, "top/file" },
	};

	if (!has_proc())
		SKIP(return, "needs /proc");
	EXPECT_WALKS(AT_FDCWD, 0, rows);
}

TEST_F(magic, no_magiclinks_does_not_jump)
{
	const struct walk rows[] = {
		{ "fd", self->fd_path, 0, ELOOP },
		{ "fd, O_PATH", self->fd_path, O_PATH, ELOOP },
		{ "fd of a directory", self->dir_path, 0, ELOOP },
		{ "on the way", self->file_in_dir, 0, ELOOP },
		{ "exe", "/proc/self/exe", 0, ELOOP },
		{ "root", "/proc/self/root", 0, ELOOP },
		{ "root on the way", "/proc/self/root/proc", 0, ELOOP },
		{ "cwd", "/proc/self/cwd", 0, ELOOP },
		{ "link to one", self->link, 0, ELOOP },
		{ "not to be created", self->fd_path, O_CREAT, ELOOP },
	};

	if (!has_proc())
		SKIP(return, "needs /proc");
	EXPECT_WALKS(AT_FDCWD, RESOLVE_NO_MAGICLINKS, rows);
	EXPECT_WALKS(AT_FDCWD, RESOLVE_NO_SYMLINKS, rows);
}

/* ... and all other ways are open: a symlink of /proc that is a path, for one. */
TEST_F(magic, no_magiclinks_follows_plain_links)
{
	const struct walk rows[] = {
		{ "file", "top/file", 0, 0, "top/file" },
		{ "dotdot", "top/../file", 0, 0, "file" },
		{ "link", "to_file", 0, 0, "top/file" },
		{ "absolute link", "absolute", 0, 0, "top/file" },
		{ "/proc/self", "/proc/self/stat", 0, 0, "/proc/self/stat" },
		{ "/proc/mounts", "/proc/mounts", 0, 0, "/proc/self/mounts" },
		{ "itself", self->fd_path, O_PATH | O_NOFOLLOW, 0,
		  self->fd_path },
	};
	char to[PATH_MAX + 16];

	if (!has_proc())
		SKIP(return, "needs /proc");
	make_link(_metadata, "to_file", "top/file");
	snprintf(to, sizeof(to), "%s/top/file", self->path);
	make_link(_metadata, "absolute", to);
	EXPECT_WALKS(AT_FDCWD, RESOLVE_NO_MAGICLINKS, rows);
}

/* No scope holds where there is no path: a jump is refused even to the inside. */
TEST_F(magic, scope_is_not_left_by_a_jump)
{
	const struct walk rows[] = {
		{ "fd", self->fd_name, 0, EXDEV },
		{ "O_PATH", self->fd_name, O_PATH, EXDEV },
		{ "itself", self->fd_name, O_PATH | O_NOFOLLOW, 0,
		  self->fd_path },
	};
	char name[16];
	struct stat st;
	int stat_fd;
	int self_dir = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!has_proc())
		SKIP(return, "needs /proc");
	ASSERT_LE(0, self_dir);
	EXPECT_WALKS(self->proc_fd, RESOLVE_BENEATH, rows);
	EXPECT_WALKS(self->proc_fd, RESOLVE_IN_ROOT, rows);
	EXPECT_EQ(EXDEV, openat2_errno(self_dir, "root/proc", 0, 0,
				       RESOLVE_IN_ROOT));
	/* ... which this is: a file of /proc/self */
	stat_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, stat_fd);
	snprintf(name, sizeof(name), "fd/%d", stat_fd);
	EXPECT_EQ(0, openat2_errno(self_dir, name, 0, 0, 0));
	EXPECT_EQ(EXDEV, openat2_errno(self_dir, name, 0, 0, RESOLVE_BENEATH));
	EXPECT_EQ(EXDEV, openat2_errno(self_dir, name, 0, 0, RESOLVE_IN_ROOT));
	EXPECT_EQ(EXDEV, openat2_errno(self_dir, "cwd", 0, 0, RESOLVE_BENEATH));
	/* the walk got as far as the link, which is there */
	EXPECT_EQ(0, fstatat(self_dir, "cwd", &st, AT_SYMLINK_NOFOLLOW));
}

/* A jump is judged by where it ends. */
TEST_F(magic, no_xdev_jumps_within_a_mount_only)
{
	const struct walk rows[] = {
		{ "to another", self->fd_name, 0, EXDEV },
		{ "to another, O_PATH", self->fd_name, O_PATH, EXDEV },
	};
	char name[16];
	int fd;

	if (!has_proc())
		SKIP(return, "needs /proc");
	EXPECT_WALKS(self->proc_fd, RESOLVE_NO_XDEV, rows);
	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	snprintf(name, sizeof(name), "%d", fd);
	EXPECT_EQ(0, openat2_errno(self->proc_fd, name, 0, 0, RESOLVE_NO_XDEV));
}

/* ------------------------------------------------------------------- mounts */

/* Anybody: /proc is a mount. */
TEST_F(magic, no_xdev_stops_at_proc)
{
	static const struct walk rows[] = {
		{ "into", "/proc", 0, EXDEV },
		{ "into, O_PATH", "/proc", O_PATH | O_NOFOLLOW, EXDEV },
		{ "below", "/proc/self", 0, EXDEV },
		{ "missing below", "/proc/missing", 0, EXDEV },
		{ "root", "/", 0, 0, "/" },
		{ "above root", "/..", 0, 0, "/" },
	};
	static const struct walk in_proc[] = {
		{ "within", "sys/..", 0, 0, "/proc" },
		{ "within, a link", "mounts", 0, 0, "/proc/self/mounts" },
		{ "out of", "..", 0, EXDEV },
		{ "out of, later", "sys/../..", 0, EXDEV },
		{ "out and in", "../proc", 0, EXDEV },
		/* an absolute path does not begin at the descriptor */
		{ "root", "/", 0, 0, "/" },
	};
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!has_proc())
		SKIP(return, "needs /proc");
	ASSERT_LE(0, proc);
	EXPECT_WALKS(AT_FDCWD, RESOLVE_NO_XDEV, rows);
	EXPECT_WALKS(proc, RESOLVE_NO_XDEV, in_proc);
}

/* bind_mounts - top/bind is top/dir once more, top/bind_file is top/file */
static void bind_mounts(struct __test_metadata *const _metadata)
{
	ASSERT_EQ(0, mkdir("top/bind", 0755));
	make_file(_metadata, "top/bind_file", 0644, "");
	ASSERT_EQ(0, mount("top/dir", "top/bind", NULL, MS_BIND, NULL));
	ASSERT_EQ(0, mount("top/file", "top/bind_file", NULL, MS_BIND, NULL));
	make_link(_metadata, "top/to_bind", "bind/file");
	make_link(_metadata, "top/over_bind", "bind/../file");
}

/* It is the mount that counts, not the filesystem: a bind mount is another. */
TEST_F(tree, no_xdev_stops_at_a_mount)
{
	static const struct walk rows[] = {
		{ "within", "dir/file", 0, 0, "top/dir/file" },
		{ "dotdot within", "../file", 0, 0, "file" },
		{ "link within", "out", 0, 0, "file" },
		{ "chain within", "chain", 0, 0, "top/dir/file" },
		{ "into", "bind", 0, EXDEV },
		{ "into, O_PATH", "bind", O_PATH, EXDEV },
		{ "into, not following", "bind", O_PATH | O_NOFOLLOW, EXDEV },
		{ "through", "bind/file", 0, EXDEV },
		{ "missing behind", "bind/missing", 0, EXDEV },
		{ "in and out", "bind/../file", 0, EXDEV },
		{ "link into", "to_bind", 0, EXDEV },
		{ "link in and out", "over_bind", 0, EXDEV },
		{ "mounted file", "bind_file", 0, EXDEV },
		{ "to create", "bind/new", O_CREAT, EXDEV },
		{ "out", "../..", 0, EXDEV },
		{ "missing", "missing", 0, ENOENT },
	};
	static const struct walk in_bind[] = {
		{ "file", "file", 0, 0, "top/dir/file" },
		{ "itself", ".", 0, 0, "top/bind" },
		{ "out", "..", 0, EXDEV },
		{ "file out there", "../file", 0, EXDEV },
		{ "link out", "to_up", 0, EXDEV },
		{ "link dotdot", "up", 0, EXDEV },
	};
	int bind;

	if (!is_root())
		SKIP(return, "needs root to mount");
	bind_mounts(_metadata);
	EXPECT_WALKS(self->top, RESOLVE_NO_XDEV, rows);
	EXPECT_FALSE(exists("top/dir/new"));
	bind = open("top/bind", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, bind);
	EXPECT_WALKS(bind, RESOLVE_NO_XDEV, in_bind);
}

/* ... and the scopes do not mind mounts. */
TEST_F(tree, scope_contains_what_is_mounted_in_it)
{
	static const struct walk both[] = {
		{ "mount", "bind", 0, 0, "top/bind" },
		{ "file", "bind/file", 0, 0, "top/dir/file" },
		{ "link into", "to_bind", 0, 0, "top/dir/file" },
		{ "mounted file", "bind_file", 0, 0, "top/file" },
		{ "out again", "bind/..", 0, 0, "top" },
		{ "out again, file", "bind/../file", 0, 0, "top/file" },
		{ "link in and out", "over_bind", 0, 0, "top/file" },
		{ "link out of it", "bind/to_up", 0, 0, "top/file" },
	};
	static const struct walk beneath[] = {
		{ "too far", "bind/../../file", 0, EXDEV },
		{ "link too far", "bind/up/out", 0, EXDEV },
	};
	static const struct walk in_root[] = {
		{ "too far", "bind/../../file", 0, 0, "top/file" },
		{ "link too far", "bind/up/out", 0, 0, "top/file" },
		{ "absolute from in it", "bind/up/root_dir/file", 0, 0,
		  "top/dir/file" },
	};
	static const struct walk in_bind_beneath[] = {
		{ "out", "..", 0, EXDEV },
		{ "link out", "to_up", 0, EXDEV },
		{ "file", "file", 0, 0, "top/dir/file" },
	};
	static const struct walk in_bind_in_root[] = {
		{ "out", "..", 0, 0, "top/dir" },
		{ "link out", "to_up", 0, 0, "top/dir/file" },
		{ "absolute", "/file", 0, 0, "top/dir/file" },
	};
	int bind;

	if (!is_root())
		SKIP(return, "needs root to mount");
	bind_mounts(_metadata);
	EXPECT_WALKS(self->top, RESOLVE_BENEATH, both);
	EXPECT_WALKS(self->top, RESOLVE_IN_ROOT, both);
	EXPECT_WALKS(self->top, RESOLVE_BENEATH, beneath);
	EXPECT_WALKS(self->top, RESOLVE_IN_ROOT, in_root);
	/* the root of the walk is a directory of a mount, not just a directory */
	bind = open("top/bind", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ASSERT_LE(0, bind);
	EXPECT_WALKS(bind, RESOLVE_BENEATH, in_bind_beneath);
	EXPECT_WALKS(bind, RESOLVE_IN_ROOT, in_bind_in_root);
}

/* Two at once: each forbids what it forbids alone. */
TEST_F(tree, no_xdev_goes_with_the_scopes)
{
	static const struct walk beneath[] = {
		{ "within", "dir/../file", 0, 0, "top/file" },
		{ "into", "bind/file", 0, EXDEV },
		{ "dotdot", "../file", 0, EXDEV },
		{ "absolute link", "root_file", 0, EXDEV },
	};
	static const struct walk in_root[] = {
		{ "within", "../file", 0, 0, "top/file" },
		{ "absolute", "/file", 0, 0, "top/file" },
		{ "absolute link", "root_file", 0, 0, "top/file" },
		{ "into", "/bind/file", 0, EXDEV },
		{ "link into", "to_bind", 0, EXDEV },
	};

	if (!is_root())
		SKIP(return, "needs root to mount");
	bind_mounts(_metadata);
	EXPECT_WALKS(self->top, RESOLVE_NO_XDEV | RESOLVE_BENEATH, beneath);
	EXPECT_WALKS(self->top, RESOLVE_NO_XDEV | RESOLVE_IN_ROOT, in_root);
}

/*
 * An absolute symlink to the mount that it is on is refused, unless the walk has met its
 * root before: by a slash in front, or a "..". The manual says nothing of it.
 */
TEST_F(tree, no_xdev_follows_an_absolute_link_of_a_walk_that_knows_its_root)
{
	static const struct walk rows[] = {
		{ "link to root", "top/root", 0, EXDEV },
		{ "absolute link", "top/root_file", 0, EXDEV },
		{ "after a slash", "/top/root_file", 0, 0, "/file" },
		{ "after dotdot", "top/dir/../root_file", 0, 0, "/file" },
		{ "after a link's dotdot", "top/dir/up/root_file", 0, 0, "/file" },
		{ "relative link", "top/to_file", 0, 0, "/top/file" },
		{ "into", "/top/bind/file", 0, EXDEV },
	};

	if (!is_root())
		SKIP(return, "needs root to chroot");
	bind_mounts(_metadata);
	ASSERT_EQ(0, chroot("."));
	EXPECT_WALKS(AT_FDCWD, RESOLVE_NO_XDEV, rows);
}

/* ------------------------------------------------------------ RESOLVE_CACHED */

/* What was walked a moment ago is walked again without the filesystem. */
TEST_F(tree, cached_path_is_opened)
{
	static const struct walk rows[] = {
		{ "file", "file", 0, 0, "top/file" },
		{ "further", "dir/file", 0, 0, "top/dir/file" },
		{ "dotdot", "dir/../../file", 0, 0, "file" },
		{ "to write", "file", O_RDWR | O_APPEND, 0, "top/file" },
		{ "O_PATH", "file", O_PATH, 0, "top/file" },
		{ "O_EXCL", "file", O_EXCL, 0, "top/file" },
		/* shares a bit with O_TMPFILE: EAGAIN until 6.5 */
		{ "O_DIRECTORY", "dir", O_DIRECTORY, 0, "top/dir" },
		{ "O_PATH|O_DIRECTORY", "dir", O_PATH | O_DIRECTORY, 0, "top/dir" },
		{ "not a directory", "file", O_DIRECTORY, ENOTDIR },
		{ "directory, to write", "dir", O_RDWR, EISDIR },
	};

	EXPECT_WALKS(self->top, 0, rows);
	EXPECT_WALKS(self->top, RESOLVE_CACHED, rows);
}

/* A name that nobody has looked up is EAGAIN, whether it is there or not. */
TEST_F(tree, cached_is_eagain_for_a_name_never_met)
{
	static const struct walk rows[] = {
		{ "missing", "never_met", 0, EAGAIN },
		{ "below", "dir/never_met", 0, EAGAIN },
		{ "on the way", "never_met/file", 0, EAGAIN },
		{ "O_PATH", "never_met", O_PATH, EAGAIN },
		{ "scoped", "dir/../never_met", 0, EAGAIN },
	};

	EXPECT_WALKS(self->top, RESOLVE_CACHED, rows);
}

/* C4: the first lookup of a name that is there, seen by RESOLVE_CACHED on both sides. */
TEST_F(magic, cached_is_eagain_until_somebody_looks)
{
	static const char *const names[] = { "limits", "task", "maps", "cmdline" };
	/* of this process, which is new: nobody has looked there */
	int dir = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t i;

	if (!has_proc())
		SKIP(return, "needs /proc");
	ASSERT_LE(0, dir);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(EAGAIN, openat2_errno(dir, names[i], O_PATH, 0,
						RESOLVE_CACHED))
			TH_LOG("%s", names[i]);
		EXPECT_EQ(0, openat2_errno(dir, names[i], O_PATH, 0, 0))
			TH_LOG("%s", names[i]);
		EXPECT_EQ(0, openat2_errno(dir, names[i], O_PATH, 0,
					   RESOLVE_CACHED))
			TH_LOG("%s", names[i]);
	}
}

/* What changes the filesystem is not begun: EAGAIN up front, even of a cached name. */
TEST_F(tree, cached_changes_nothing)
{
	static const struct {
		const char name[24];
		int flags;
		const char *path;
	} rows[] = {
		{ "O_CREAT", O_CREAT, "new" },
		{ "O_CREAT of a file", O_CREAT | O_RDWR, "file" },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL, "file" },
		{ "O_TRUNC", O_TRUNC | O_WRONLY, "file" },
		{ "O_TRUNC of nothing", O_TRUNC | O_WRONLY, "missing" },
		{ "O_TMPFILE", O_TMPFILE | O_RDWR, "dir" },
		{ "no path", O_CREAT, NULL },
	};
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(EAGAIN, openat2_errno(self->top, rows[i].path,
						rows[i].flags, 0,
						RESOLVE_CACHED))
			TH_LOG("%s", rows[i].name);
	}
	EXPECT_FALSE(exists("top/new"));
	ASSERT_EQ(0, stat("top/file", &st));
	EXPECT_EQ(3, st.st_size);
}

/* ----------------------------------------------- 7.2: two flags more, or EINVAL */

/* knows_both - they came together: a kernel that takes one has to take the other */
static bool knows_both(int dir)
{
	return openat2_errno(dir, "file", OPENAT2_REGULAR, 0, 0) == 0 ||
	       openat2_errno(dir, "", O_PATH | O_EMPTYPATH, 0, 0) == 0 ||
	       openat_errno(dir, "", O_EMPTYPATH, 0) == 0;
}

/*
 * OPENAT2_REGULAR: nothing but a regular file is opened. A kernel that does not have it
 * refuses the bit whatever the path.
 */
TEST_F(tree, regular_only_is_eftype_for_others_or_unknown)
{
	static const struct {
		const char name[24];
		const char *path;
		int flags;
		int err;
	} rows[] = {
		{ "file", "file", O_RDONLY, 0 },
		{ "file, to write", "file", O_RDWR | O_TRUNC, 0 },
		{ "link to a file", "to_file", O_RDONLY, 0 },
		{ "new file", "new", O_CREAT | O_EXCL, 0 },
		{ "existing file", "new", O_CREAT, 0 },
		{ "directory", "dir", O_RDONLY, EFTYPE },
		{ "directory, to write", "dir", O_RDWR, EFTYPE },
		{ "link to a directory", "to_dir", O_RDONLY, EFTYPE },
		{ "FIFO", "fifo", O_RDONLY, EFTYPE },
		{ "FIFO, to write", "fifo", O_WRONLY | O_NONBLOCK, EFTYPE },
		{ "FIFO, to create", "fifo", O_RDWR | O_CREAT, EFTYPE },
		{ "socket", "socket", O_RDONLY, EFTYPE },
		{ "no access", "no_access", O_RDONLY, EACCES },
		{ "missing", "missing", O_RDONLY, ENOENT },
		{ "the link", "to_file", O_NOFOLLOW, EFTYPE },
		{ "taken", "fifo", O_CREAT | O_EXCL, EEXIST },
		{ "directory, to create", "dir", O_CREAT, EISDIR },
		{ "O_DIRECTORY", "dir", O_DIRECTORY, EINVAL },
		{ "O_PATH", "file", O_PATH, EINVAL },
		{ "O_TMPFILE", "dir", O_TMPFILE | O_RDWR, EINVAL },
	};
	bool known;
	size_t i;

	ASSERT_EQ(0, mkfifo("top/fifo", 0666));
	/* or a failure would be one that waits */
	ASSERT_LE(0, open("top/fifo", O_RDWR | O_CLOEXEC));
	ASSERT_EQ(0, mknod("top/socket", S_IFSOCK | 0666, 0));
	make_file(_metadata, "top/no_access", 0, "");
	if (is_root()) {
		ASSERT_EQ(0, chmod("top", 0777));
		ASSERT_EQ(0, chmod("top/file", 0666));
	}
	become_other(_metadata);

	known = knows_both(self->top);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(known ? rows[i].err : EINVAL,
			  openat2_errno(self->top, rows[i].path,
					OPENAT2_REGULAR | rows[i].flags,
					rows[i].flags & O_CREAT ? 0600 : 0, 0))
			TH_LOG("%s", rows[i].name);
	}
	EXPECT_EQ(known, exists("top/new"));
}

/*
 * O_EMPTYPATH: an empty path is the descriptor itself. Where the kernel does not have it,
 * an empty path is ENOENT to open(2), which does not see the bit; openat2(2) refuses the
 * bit, but until 6.13 took it for one of its own and ignored it.
 */
TEST_F(tree, empty_path_is_the_descriptor_or_enoent)
{
	enum { CWD, NONE, TOP, FILE_PATH, FILE_READ, LINK, NO_ACCESS, NR_DIRS };
	int dirs[NR_DIRS] = { AT_FDCWD, -1, self->top };
	static const struct {
		const char *name;
		int dir;
		const char *path;
		int flags;
		int err;	/* with O_EMPTYPATH */
		int plain_err;	/* without */
		const char *reached;
	} rows[] = {
		{ "cwd", CWD, "", O_RDONLY, 0, ENOENT, "." },
		{ "directory", TOP, "", O_RDONLY, 0, ENOENT, "top" },
		{ "as a directory", TOP, "", O_DIRECTORY, 0, ENOENT, "top" },
		{ "O_PATH", TOP, "", O_PATH, 0, ENOENT, "top" },
		{ "O_PATH to read", FILE_PATH, "", O_RDONLY, 0, ENOENT, "top/file" },
		{ "O_PATH to write", FILE_PATH, "", O_RDWR, 0, ENOENT, "top/file" },
		{ "O_RDONLY to write", FILE_READ, "", O_WRONLY, 0, ENOENT, "top/file" },
		{ "link", LINK, "", O_PATH | O_NOFOLLOW, 0, ENOENT, "top/to_file" },
		{ "link to read", LINK, "", O_RDONLY, ELOOP, ENOENT },
		{ "no access", NO_ACCESS, "", O_RDONLY, EACCES, ENOENT },
		{ "directory to write", TOP, "", O_RDWR, EISDIR, ENOENT },
		{ "file as a directory", FILE_PATH, "", O_DIRECTORY, ENOTDIR, ENOENT },
		{ "no descriptor", NONE, "", O_RDONLY, EBADF, ENOENT },
		{ "no path", TOP, NULL, O_RDONLY, EFAULT, EFAULT },
		{ "path", TOP, "file", O_RDONLY, 0, 0, "top/file" },
		{ "path from a file", FILE_PATH, "file", O_RDONLY, ENOTDIR, ENOTDIR },
		{ "missing", TOP, "missing", O_RDONLY, ENOENT, ENOENT },
	};
	int fd, err, ignored;
	bool known;
	size_t i;

	make_file(_metadata, "top/no_access", 0, "");
	if (is_root())
		ASSERT_EQ(0, chmod("top/file", 0666));
	dirs[FILE_PATH] = open("top/file", O_PATH | O_CLOEXEC);
	dirs[FILE_READ] = open("top/file", O_RDONLY | O_CLOEXEC);
	dirs[LINK] = open("top/to_file", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	dirs[NO_ACCESS] = open("top/no_access", O_PATH | O_CLOEXEC);
	for (i = TOP; i < NR_DIRS; i++) {
		ASSERT_LE(0, dirs[i]);
	}
	become_other(_metadata);

	known = knows_both(self->top);
	ignored = openat2_errno(self->top, "file", O_EMPTYPATH, 0, 0);
	ASSERT_TRUE(ignored == 0 || (ignored == EINVAL && !known))
		TH_LOG("%s", strerror(ignored));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int dir = dirs[rows[i].dir];
		int flags = rows[i].flags;

		err = known ? rows[i].err : rows[i].plain_err;
		fd = openat(dir, rows[i].path, flags | O_EMPTYPATH);
		EXPECT_EQ(err, fd < 0 ? errno : 0) TH_LOG("%s", rows[i].name);
		if (fd >= 0 && !err)
			EXPECT_TRUE(is_file(fd, rows[i].reached, flags))
				TH_LOG("%s", rows[i].name);
		close(fd);
		EXPECT_EQ(ignored ?: err,
			  openat2_errno(dir, rows[i].path, flags | O_EMPTYPATH,
					0, 0))
			TH_LOG("openat2: %s", rows[i].name);
		/* unasked, nobody gets it */
		EXPECT_EQ(rows[i].plain_err,
			  openat_errno(dir, rows[i].path, flags, 0))
			TH_LOG("without: %s", rows[i].name);
	}
}

TEST_HARNESS_MAIN
