// SPDX-License-Identifier: GPL-2.0
/* build_open_how() and build_open_flags(). */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
#include "syscalls.h"

struct flags_bit {
	const char *name;
	u64 bit;
};

#define FLAGS_BIT(flag) { #flag, flag }

/* What open(2) and openat2(2) document, less the access modes. */
static const struct flags_bit flags_known[] = {
	FLAGS_BIT(O_CREAT),
	FLAGS_BIT(O_EXCL),
	FLAGS_BIT(O_NOCTTY),
	FLAGS_BIT(O_TRUNC),
	FLAGS_BIT(O_APPEND),
	FLAGS_BIT(O_NDELAY),
	FLAGS_BIT(O_NONBLOCK),
	FLAGS_BIT(__O_SYNC),
	FLAGS_BIT(O_DSYNC),
	FLAGS_BIT(FASYNC),
	FLAGS_BIT(O_DIRECT),
	FLAGS_BIT(O_LARGEFILE),
	FLAGS_BIT(O_DIRECTORY),
	FLAGS_BIT(O_NOFOLLOW),
	FLAGS_BIT(O_NOATIME),
	FLAGS_BIT(O_CLOEXEC),
	FLAGS_BIT(O_PATH),
	FLAGS_BIT(__O_TMPFILE),
	{ "O_EMPTYPATH", OT_EMPTYPATH },
};

static const struct {
	const char *name;
	u64 resolve;
	int lookup;
} flags_resolve[] = {
	{ "RESOLVE_NO_XDEV", RESOLVE_NO_XDEV, LOOKUP_NO_XDEV },
	{ "RESOLVE_NO_MAGICLINKS", RESOLVE_NO_MAGICLINKS, LOOKUP_NO_MAGICLINKS },
	{ "RESOLVE_NO_SYMLINKS", RESOLVE_NO_SYMLINKS, LOOKUP_NO_SYMLINKS },
	{ "RESOLVE_BENEATH", RESOLVE_BENEATH, LOOKUP_BENEATH },
	{ "RESOLVE_IN_ROOT", RESOLVE_IN_ROOT, LOOKUP_IN_ROOT },
	{ "RESOLVE_CACHED", RESOLVE_CACHED, LOOKUP_CACHED },
};

static u64 flags_known_bits(void)
{
	u64 bits = O_ACCMODE;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags_known); i++)
		bits |= flags_known[i].bit;
	return bits;
}

/* As openat2(2) has them checked. What is not written stays recognisable. */
static int flags_build(struct open_flags *op, u64 flags, u64 mode, u64 resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };

	memset(op, 0x5a, sizeof(*op));
	return build_open_flags(&how, op);
}

static int flags_errno(u64 flags, u64 mode, u64 resolve)
{
	struct open_flags op;

	return flags_build(&op, flags, mode, resolve);
}

/* F2: the access mode, O_TRUNC and O_APPEND say what the file's permissions must allow. */
void flags_name_the_access(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int acc_mode;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, 4 },
		{ "O_WRONLY", O_WRONLY, 2 },
		{ "O_RDWR", O_RDWR, 6 },
		{ "3", 3, 6 },
		{ "O_RDONLY|O_TRUNC", O_RDONLY | O_TRUNC, 4 | 2 },
		{ "O_WRONLY|O_TRUNC", O_WRONLY | O_TRUNC, 2 },
		{ "O_RDONLY|O_APPEND", O_RDONLY | O_APPEND, 4 | 8 },
		{ "O_RDWR|O_APPEND", O_RDWR | O_APPEND, 6 | 8 },
		{ "O_TRUNC|O_APPEND", O_TRUNC | O_APPEND, 4 | 2 | 8 },
		{ "O_RDONLY|O_CREAT", O_RDONLY | O_CREAT, 4 },
		{ "O_WRONLY|O_CREAT|O_EXCL", O_WRONLY | O_CREAT | O_EXCL, 2 },
		{ "O_WRONLY|O_TMPFILE", O_WRONLY | O_TMPFILE, 2 },
		{ "O_RDONLY|O_DIRECTORY", O_RDONLY | O_DIRECTORY, 4 },
		{ "O_PATH", O_PATH, 0 },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY, 0 },
	};
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, rows[i].flags, 0, 0),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.acc_mode, rows[i].acc_mode, "%s",
				    rows[i].name);
	}
}

/* F3: the intent tells the filesystem that it is an open, and of what kind. */
void flags_name_the_intent(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int intent;
	} rows[] = {
		{ "O_RDWR", O_RDWR, LOOKUP_OPEN },
		{ "O_CREAT", O_CREAT, LOOKUP_OPEN | LOOKUP_CREATE },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL,
		  LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL },
		{ "O_EXCL", O_EXCL, LOOKUP_OPEN },
		{ "O_TMPFILE", O_RDWR | O_TMPFILE, LOOKUP_OPEN },
		{ "O_TMPFILE|O_EXCL", O_RDWR | O_TMPFILE | O_EXCL, LOOKUP_OPEN },
		{ "O_DIRECTORY", O_DIRECTORY, LOOKUP_OPEN },
		{ "O_PATH", O_PATH, 0 },
		{ "O_PATH|O_NOFOLLOW", O_PATH | O_NOFOLLOW, 0 },
	};
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, rows[i].flags, 0, 0),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.intent, rows[i].intent, "%s",
				    rows[i].name);
	}
	kunit_info(test, "intent of O_RDWR: LOOKUP_OPEN = %#x",
		   (unsigned int)LOOKUP_OPEN);
}

/* What is made is a regular file; what is not made has no mode. */
void flags_mode_is_a_regular_files(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags, mode;
		umode_t op_mode;
	} rows[] = {
		{ "O_CREAT 0644", O_CREAT, 0644, 0100644 },
		{ "O_CREAT 0", O_CREAT, 0, 0100000 },
		{ "O_CREAT 07777", O_CREAT, 07777, 0107777 },
		{ "O_TMPFILE 0600", O_TMPFILE | O_RDWR, 0600, 0100600 },
		{ "O_RDONLY", O_RDONLY, 0, 0 },
		{ "O_EXCL", O_EXCL, 0, 0 },
		{ "O_DIRECTORY", O_DIRECTORY, 0, 0 },
		{ "O_PATH", O_PATH, 0, 0 },
	};
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, rows[i].flags,
						      rows[i].mode, 0),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.mode, rows[i].op_mode, "%s",
				    rows[i].name);
	}
}

/* A symlink in the last place is followed, unless a new file was asked for or itself. */
void flags_follow_the_last_symlink(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int lookup;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, LOOKUP_FOLLOW },
		{ "O_NOFOLLOW", O_NOFOLLOW, 0 },
		{ "O_CREAT", O_CREAT, LOOKUP_FOLLOW },
		{ "O_EXCL", O_EXCL, LOOKUP_FOLLOW },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL, 0 },
		{ "O_DIRECTORY", O_DIRECTORY, LOOKUP_FOLLOW | LOOKUP_DIRECTORY },
		{ "O_DIRECTORY|O_NOFOLLOW", O_DIRECTORY | O_NOFOLLOW,
		  LOOKUP_DIRECTORY },
		{ "O_TMPFILE|O_EXCL", O_TMPFILE | O_WRONLY | O_EXCL,
		  LOOKUP_FOLLOW | LOOKUP_DIRECTORY },
		{ "O_PATH", O_PATH, LOOKUP_FOLLOW },
		{ "O_PATH|O_NOFOLLOW", O_PATH | O_NOFOLLOW, 0 },
	};
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, rows[i].flags, 0, 0),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.lookup_flags, rows[i].lookup, "%s",
				    rows[i].name);
	}
}

/* O_CREAT|O_EXCL follows no symlink, but the file is not to say O_NOFOLLOW. */
void flags_excl_leaves_nofollow_unsaid(struct kunit *test)
{
	struct open_flags op;

	KUNIT_EXPECT_EQ(test, flags_build(&op, O_CREAT | O_EXCL, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.open_flag, O_CREAT | O_EXCL);
}

/* Each RESOLVE_* restricts the walk by its LOOKUP_*, and all but one pair at once. */
void flags_resolve_restricts_the_walk(struct kunit *test)
{
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags_resolve); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, O_NOFOLLOW, 0,
						      flags_resolve[i].resolve),
				    0, "%s", flags_resolve[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.lookup_flags,
				    flags_resolve[i].lookup, "%s",
				    flags_resolve[i].name);
	}
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_NOFOLLOW, 0,
					  RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS |
					  RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH |
					  RESOLVE_CACHED), 0);
	KUNIT_EXPECT_EQ(test, op.lookup_flags,
			LOOKUP_NO_XDEV | LOOKUP_NO_MAGICLINKS |
			LOOKUP_NO_SYMLINKS | LOOKUP_BENEATH | LOOKUP_CACHED);
}

/* F5: one can be beneath a directory or have it for a root, not both. */
void flags_beneath_excludes_in_root(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, flags_errno(O_RDONLY, 0,
					  RESOLVE_BENEATH | RESOLVE_IN_ROOT),
			-EINVAL);
}

/* F5: of all 64 bits of resolve only the named ones are taken. */
void flags_unknown_resolve_is_refused(struct kunit *test)
{
	u64 named = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags_resolve); i++)
		named |= flags_resolve[i].resolve;
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(O_RDONLY, 0, BIT_ULL(i)),
				    named & BIT_ULL(i) ? 0 : -EINVAL, "bit %d", i);
}

/* F5: each flag that is documented is taken, with what it needs beside it. */
void flags_known_flags_are_taken(struct kunit *test)
{
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags_known); i++) {
		u64 flags = flags_known[i].bit;

		if (flags & __O_TMPFILE)
			flags |= O_DIRECTORY | O_RDWR;
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, flags, 0, 0), 0, "%s",
				    flags_known[i].name);
	}
}

/* F5: of all 64 bits of flags only the named ones are taken; until 6.13 one more is. */
void flags_unknown_flags_are_refused(struct kunit *test)
{
	u64 taken = flags_known_bits() | OT_REGULAR | OT_NONOTIFY;
	int i;

	for (i = 0; i < 64; i++) {
		if (taken & BIT_ULL(i))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(BIT_ULL(i), 0, 0), -EINVAL,
				    "bit %d", i);
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(O_PATH | BIT_ULL(i), 0, 0),
				    -EINVAL, "bit %d and O_PATH", i);
	}
}

/* F5: what the kernel uses itself does not come in from outside. */
void flags_nonotify_does_not_get_in(struct kunit *test)
{
	struct open_flags op;

	if (!OT_NONOTIFY) {
		KUNIT_EXPECT_EQ(test, flags_errno((__force u64)FMODE_NONOTIFY, 0, 0),
				-EINVAL);
		return;
	}
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_RDWR | OT_NONOTIFY, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.open_flag, O_RDWR);
}

/* F5: a mode is for what is made. */
void flags_mode_needs_creation(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int err;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, -EINVAL },
		{ "O_EXCL", O_EXCL, -EINVAL },
		{ "O_TRUNC", O_TRUNC | O_WRONLY, -EINVAL },
		{ "O_DIRECTORY", O_DIRECTORY, -EINVAL },
		{ "O_PATH", O_PATH, -EINVAL },
		{ "O_CREAT", O_CREAT, 0 },
		{ "O_TMPFILE", O_TMPFILE | O_RDWR, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(rows[i].flags, 0600, 0),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(rows[i].flags, BIT_ULL(32), 0),
				    -EINVAL, "%s, high half", rows[i].name);
	}
}

/* F5: a mode is made of the 12 permission bits; of all 64 nothing else. */
void flags_mode_is_permissions_only(struct kunit *test)
{
	int i;

	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(O_CREAT, BIT_ULL(i), 0),
				    i < 12 ? 0 : -EINVAL, "O_CREAT, bit %d", i);
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(O_TMPFILE | O_RDWR,
						      BIT_ULL(i), 0),
				    i < 12 ? 0 : -EINVAL, "O_TMPFILE, bit %d", i);
	}
}

/* F5: open() makes no directories; before 6.4 it made a regular file instead. */
void flags_directory_excludes_creat(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, flags_errno(O_DIRECTORY | O_CREAT, 0755, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(O_DIRECTORY | O_CREAT | O_EXCL | O_RDWR,
					  0755, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(O_TMPFILE | O_CREAT | O_RDWR, 0755, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(O_DIRECTORY, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, flags_errno(O_CREAT, 0755, 0), 0);
}

/* F5: O_TMPFILE is a directory and to be written to. */
void flags_tmpfile_needs_directory_and_write(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int err;
	} rows[] = {
		{ "no O_DIRECTORY", __O_TMPFILE | O_RDWR, -EINVAL },
		{ "no O_DIRECTORY but O_CREAT", __O_TMPFILE | O_RDWR | O_CREAT,
		  -EINVAL },
		{ "O_RDONLY", O_TMPFILE | O_RDONLY, -EINVAL },
		{ "O_RDONLY|O_TRUNC", O_TMPFILE | O_RDONLY | O_TRUNC, -EINVAL },
		{ "O_RDONLY|O_APPEND", O_TMPFILE | O_RDONLY | O_APPEND, -EINVAL },
		{ "O_WRONLY", O_TMPFILE | O_WRONLY, 0 },
		{ "O_RDWR", O_TMPFILE | O_RDWR, 0 },
		{ "3", O_TMPFILE | 3, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(rows[i].flags, 0600, 0),
				    rows[i].err, "%s", rows[i].name);
}

/* F5: O_PATH reads and writes nothing: openat2() takes nothing with it that would. */
void flags_path_goes_with_few(struct kunit *test)
{
	u64 few = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_PATH | OT_EMPTYPATH;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags_known); i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(O_PATH | flags_known[i].bit,
						      0, 0),
				    flags_known[i].bit & ~few ? -EINVAL : 0, "%s",
				    flags_known[i].name);
	KUNIT_EXPECT_EQ(test, flags_errno(few, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, flags_errno(O_PATH | O_WRONLY, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(O_PATH | O_RDWR, 0, 0), -EINVAL);
}

/* F5: what cannot be done from the cache alone is not begun. */
void flags_cached_changes_nothing(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int err;
	} rows[] = {
		{ "O_CREAT", O_CREAT, -EAGAIN },
		{ "O_TRUNC", O_TRUNC | O_WRONLY, -EAGAIN },
		{ "O_TMPFILE", O_TMPFILE | O_RDWR, -EAGAIN },
		/* O_TMPFILE has its bit in it: EAGAIN until 6.5. */
		{ "O_DIRECTORY", O_DIRECTORY, 0 },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY, 0 },
		{ "O_EXCL", O_EXCL, 0 },
		{ "O_RDWR|O_APPEND", O_RDWR | O_APPEND, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(rows[i].flags, 0,
						      RESOLVE_CACHED),
				    rows[i].err, "%s", rows[i].name);
}

/* F5: who asks for nonsense is told so, not to try again. */
void flags_nonsense_is_not_eagain(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags, mode, resolve;
	} rows[] = {
		{ "mode", O_TRUNC | O_WRONLY, 0644, 0 },
		{ "mode bits", O_CREAT, S_IFREG, 0 },
		{ "directory", O_CREAT | O_DIRECTORY, 0, 0 },
		{ "tmpfile", O_TMPFILE | O_RDONLY, 0, 0 },
		{ "path", O_PATH | O_CREAT, 0, 0 },
		{ "scope", O_CREAT, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT },
		{ "unknown resolve", O_CREAT, 0, BIT_ULL(63) },
		{ "unknown flag", O_CREAT | BIT_ULL(63), 0, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_errno(rows[i].flags, rows[i].mode,
						      rows[i].resolve |
						      RESOLVE_CACHED),
				    -EINVAL, "%s", rows[i].name);
}

/* F5: O_SYNC is two bits; the stronger one never comes without the other. */
void flags_sync_implies_dsync(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 flags;
		int open_flag;
	} rows[] = {
		{ "__O_SYNC", __O_SYNC, __O_SYNC | O_DSYNC },
		{ "O_SYNC", O_SYNC, __O_SYNC | O_DSYNC },
		{ "O_DSYNC", O_DSYNC, O_DSYNC },
		{ "neither", 0, 0 },
	};
	struct open_flags op;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, flags_build(&op, O_RDWR | rows[i].flags,
						      0, 0),
				    0, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, op.open_flag,
				    O_RDWR | rows[i].open_flag, "%s",
				    rows[i].name);
	}
}

/* O_CLOEXEC is the descriptor's, not the file's. */
void flags_cloexec_is_not_the_files(struct kunit *test)
{
	struct open_flags op;

	KUNIT_EXPECT_EQ(test, flags_build(&op, O_RDWR | O_CLOEXEC, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.open_flag, O_RDWR);
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_PATH | O_CLOEXEC, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.open_flag, O_PATH);
}

/* F5: "only a regular file", 7.2: a bit that no int holds becomes one that does. */
void flags_regular_is_carried_inside(struct kunit *test)
{
	u64 regular = BIT_ULL(32);
	struct open_flags op;

	if (!OT_REGULAR) {
		KUNIT_EXPECT_EQ(test, flags_errno(regular, 0, 0), -EINVAL);
		return;
	}
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_RDWR | regular, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.open_flag, O_RDWR | OT_REGULAR_INSIDE);
	KUNIT_EXPECT_EQ(test, op.lookup_flags, LOOKUP_FOLLOW);
	KUNIT_EXPECT_EQ(test, flags_errno(O_CREAT | regular, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, flags_errno(O_DIRECTORY | regular, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(O_PATH | regular, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_errno(OT_REGULAR_INSIDE, 0, 0), -EINVAL);
}

/* F5: an empty path may be asked for since 7.2. */
void flags_emptypath_allows_an_empty_path(struct kunit *test)
{
	u64 emptypath = BIT_ULL(26);
	struct open_flags op;

	if (OT_EMPTYPATH == 0) {
		int err = emptypath == OT_NONOTIFY ? 0 : -EINVAL;

		KUNIT_EXPECT_EQ(test, flags_errno(emptypath, 0, 0), err);
		return;
	}
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_RDWR | emptypath, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.lookup_flags, LOOKUP_FOLLOW | LOOKUP_EMPTY);
	KUNIT_EXPECT_EQ(test, flags_build(&op, O_PATH | emptypath, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, op.lookup_flags, LOOKUP_FOLLOW | LOOKUP_EMPTY);
}

/* F5: what open(2) does not know it does not see. */
void flags_how_drops_the_unknown(struct kunit *test)
{
	u64 known = flags_known_bits();
	struct open_how how;
	int i;

	for (i = 0; i < 32; i++) {
		u64 bit = BIT_ULL(i) & known;

		if (bit == O_PATH)
			continue;
		how = build_open_how(O_NOCTTY | (int)BIT_ULL(i), 0);
		KUNIT_EXPECT_EQ_MSG(test, how.flags, O_NOCTTY | bit, "bit %d", i);
		KUNIT_EXPECT_EQ_MSG(test, how.mode, 0ULL, "bit %d", i);
		KUNIT_EXPECT_EQ_MSG(test, how.resolve, 0ULL, "bit %d", i);
	}
}

/* F5: with O_PATH, open(2) forgets what openat2(2) would refuse. */
void flags_how_keeps_what_goes_with_path(struct kunit *test)
{
	u64 few = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_PATH | OT_EMPTYPATH;
	struct open_how how = build_open_how(-1, 0777);
	int i;

	KUNIT_EXPECT_EQ(test, how.flags, few);
	KUNIT_EXPECT_EQ(test, how.mode, 0ULL);
	for (i = 0; i < ARRAY_SIZE(flags_known); i++) {
		how = build_open_how(O_PATH | (int)flags_known[i].bit, 0777);
		KUNIT_EXPECT_EQ_MSG(test, how.flags,
				    O_PATH | (flags_known[i].bit & few), "%s",
				    flags_known[i].name);
		KUNIT_EXPECT_EQ_MSG(test, how.mode, 0ULL, "%s",
				    flags_known[i].name);
	}
}

/* F5: open(2) takes the 12 permission bits of the mode, and only to make a file. */
void flags_how_has_a_mode_to_create(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		u64 mode;
	} rows[] = {
		{ "O_CREAT", O_CREAT, 07777 },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL, 07777 },
		{ "O_TMPFILE", O_TMPFILE | O_RDWR, 07777 },
		{ "O_RDWR", O_RDWR, 0 },
		{ "O_TRUNC", O_TRUNC, 0 },
		{ "O_DIRECTORY", O_DIRECTORY, 0 },
		{ "O_PATH|O_CREAT", O_PATH | O_CREAT, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct open_how how = build_open_how(rows[i].flags, (umode_t)-1);

		KUNIT_EXPECT_EQ_MSG(test, how.mode, rows[i].mode, "%s",
				    rows[i].name);
	}
}

static bool flags_has(u64 flags, u64 all)
{
	return (flags & all) == all;
}

/* Nobody could do this, or nobody could say what it means. */
static bool flags_contradict(const struct open_how *how)
{
	u64 flags = how->flags;
	bool makes = flags & (O_CREAT | __O_TMPFILE);

	if (how->resolve > 0x3f ||
	    flags_has(how->resolve, RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return true;
	if (how->mode > (makes ? 07777 : 0))
		return true;
	if (flags_has(flags, O_CREAT | O_DIRECTORY))
		return true;
	if (flags_has(flags, __O_TMPFILE) &&
	    (!flags_has(flags, O_DIRECTORY) || (flags & O_ACCMODE) == O_RDONLY))
		return true;
	if (OT_REGULAR && flags_has(flags, OT_REGULAR | O_DIRECTORY))
		return true;
	return flags_has(flags, O_PATH) &&
	       (flags & ~(u64)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC |
			       OT_EMPTYPATH));
}

static const char *flags_bad_access(const struct open_how *how,
				    const struct open_flags *op)
{
	bool path = flags_has(how->flags, O_PATH);
	u64 mode = how->flags & O_ACCMODE;

	if (flags_has(op->acc_mode, MAY_READ) != (!path && mode != O_WRONLY))
		return "MAY_READ unless O_WRONLY or O_PATH";
	if (flags_has(op->acc_mode, MAY_WRITE) !=
	    (mode != O_RDONLY || flags_has(how->flags, O_TRUNC)))
		return "MAY_WRITE to write or truncate";
	if (flags_has(op->acc_mode, MAY_APPEND) != flags_has(how->flags, O_APPEND))
		return "MAY_APPEND with O_APPEND";
	if (op->acc_mode & ~(MAY_READ | MAY_WRITE | MAY_APPEND))
		return "no other access";
	return NULL;
}

static const char *flags_bad_intent(const struct open_how *how,
				    const struct open_flags *op)
{
	if (flags_has(op->intent, LOOKUP_OPEN) == flags_has(how->flags, O_PATH))
		return "LOOKUP_OPEN unless O_PATH";
	if (flags_has(op->intent, LOOKUP_CREATE) != flags_has(how->flags, O_CREAT))
		return "LOOKUP_CREATE with O_CREAT";
	if (flags_has(op->intent, LOOKUP_EXCL) !=
	    flags_has(how->flags, O_CREAT | O_EXCL))
		return "LOOKUP_EXCL with O_CREAT and O_EXCL";
	if (op->intent & ~(LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL))
		return "no other intent";
	return NULL;
}

static const char *flags_bad_walk(const struct open_how *how,
				  const struct open_flags *op)
{
	int i, rest = op->lookup_flags;

	if (flags_has(rest, LOOKUP_FOLLOW) ==
	    (flags_has(how->flags, O_NOFOLLOW) ||
	     flags_has(how->flags, O_CREAT | O_EXCL)))
		return "LOOKUP_FOLLOW unless O_NOFOLLOW or O_CREAT and O_EXCL";
	if (flags_has(rest, LOOKUP_DIRECTORY) != flags_has(how->flags, O_DIRECTORY))
		return "LOOKUP_DIRECTORY with O_DIRECTORY";
	if (flags_has(rest, LOOKUP_EMPTY) !=
	    (OT_EMPTYPATH != 0 && flags_has(how->flags, OT_EMPTYPATH)))
		return "LOOKUP_EMPTY with O_EMPTYPATH";
	rest &= ~(LOOKUP_FOLLOW | LOOKUP_DIRECTORY | LOOKUP_EMPTY);
	for (i = 0; how->resolve && i < ARRAY_SIZE(flags_resolve); i++)
		if (how->resolve & flags_resolve[i].resolve)
			rest ^= flags_resolve[i].lookup;
	return rest ? "the LOOKUP_* of each RESOLVE_* and no other" : NULL;
}

static const char *flags_bad_file(const struct open_how *how,
				  const struct open_flags *op)
{
	u64 same = OT_VALID_FLAGS & ~(u64)(O_CLOEXEC | O_DSYNC) & ~OT_REGULAR;
	bool makes = how->flags & (O_CREAT | __O_TMPFILE);

	if ((op->open_flag ^ how->flags) & same)
		return "the file's flags as asked";
	if (flags_has(op->open_flag, O_DSYNC) !=
	    !!(how->flags & (O_DSYNC | __O_SYNC)))
		return "O_DSYNC with __O_SYNC";
	if (flags_has(op->open_flag, O_CLOEXEC))
		return "no O_CLOEXEC";
	if (OT_REGULAR && flags_has(op->open_flag, OT_REGULAR_INSIDE) !=
			  flags_has(how->flags, OT_REGULAR))
		return "__O_REGULAR with OPENAT2_REGULAR";
	if ((u32)op->open_flag & ~(u32)(OT_VALID_FLAGS | OT_REGULAR_INSIDE))
		return "no other flag of the file";
	if (op->mode != (makes ? S_IFREG | how->mode : 0))
		return "S_IFREG and the mode to create";
	return NULL;
}

struct flags_sweep {
	unsigned long calls;
	unsigned long taken;
	unsigned long refused;
	unsigned long broken;	/* rules: how often, which first and by what */
	const char *rule;
	struct open_how how;
};

static const char *flags_broken_rule(struct flags_sweep *sweep,
				     const struct open_how *how)
{
	bool changes = how->flags & (O_CREAT | O_TRUNC | __O_TMPFILE);
	struct open_flags op = { -1, -1, -1, -1, -1 };
	const char *rule;
	int err = build_open_flags(how, &op);

	if (err)
		sweep->refused++;
	else
		sweep->taken++;
	if (flags_contradict(how))
		return err == -EINVAL ? NULL : "EINVAL";
	if (changes && (how->resolve & RESOLVE_CACHED))
		return err == -EAGAIN ? NULL : "EAGAIN";
	if (err)
		return "no error";
	rule = flags_bad_access(how, &op);
	if (!rule)
		rule = flags_bad_intent(how, &op);
	if (!rule)
		rule = flags_bad_walk(how, &op);
	if (!rule)
		rule = flags_bad_file(how, &op);
	return rule;
}

static void flags_sweep_one(struct flags_sweep *sweep, const struct open_how *how)
{
	const char *rule = flags_broken_rule(sweep, how);

	sweep->calls++;
	if (rule && !sweep->broken++) {
		sweep->rule = rule;
		sweep->how = *how;
	}
}

/* With each resolve bit where it is taken; with something odd in any case. */
static void flags_sweep_set(struct flags_sweep *sweep, u64 flags, unsigned long nth)
{
	static const u64 resolves[] = {
		0,
		RESOLVE_BENEATH | RESOLVE_IN_ROOT,
		RESOLVE_CACHED | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
		RESOLVE_CACHED | BIT_ULL(6),
		BIT_ULL(63),
	};
	static const u64 modes[] = { 0, 07777, 010000, BIT_ULL(32), 0644, 0, 1 };
	bool makes = flags & (O_CREAT | __O_TMPFILE);
	struct open_how how = { .flags = flags, .mode = makes ? 0640 : 0 };
	unsigned long taken = sweep->taken;
	int i;

	flags_sweep_one(sweep, &how);
	for (i = 0; i < ARRAY_SIZE(flags_resolve) && sweep->taken > taken; i++) {
		how.resolve = flags_resolve[i].resolve;
		flags_sweep_one(sweep, &how);
	}
	how.resolve = resolves[nth % ARRAY_SIZE(resolves)];
	how.mode = modes[nth % ARRAY_SIZE(modes)];
	flags_sweep_one(sweep, &how);
}

/* F2, F3, F5: every set of the valid flags, with resolve bits and modes, obeys. */
void flags_every_set_obeys(struct kunit *test)
{
	const u64 valid = OT_VALID_FLAGS;
	const unsigned int bits = hweight64(valid);
	struct flags_sweep sweep = { };
	unsigned long sets = 0;
	u64 flags = 0;

	do {
		flags_sweep_set(&sweep, flags, sets);
		if (!(++sets % 4096))
			cond_resched();
		/* the next larger set of valid bits; after the last, none */
		flags = (flags - valid) & valid;
	} while (flags);

	KUNIT_EXPECT_EQ_MSG(test, sweep.broken, 0UL,
			    "%s; first by flags %#llx mode %#llo resolve %#llx",
			    sweep.rule, sweep.how.flags, sweep.how.mode,
			    sweep.how.resolve);
	KUNIT_EXPECT_EQ(test, sets, 1UL << bits);
	KUNIT_EXPECT_GT(test, sweep.calls, 2 * sets);
	KUNIT_EXPECT_GT(test, sweep.taken, 0UL);
	KUNIT_EXPECT_GT(test, sweep.refused, 0UL);
	kunit_info(test, "%lu sets of flags: %lu calls, %lu taken, %lu refused",
		   sets, sweep.calls, sweep.taken, sweep.refused);
}

/* The bit as each architecture's asm/fcntl.h has it. */
static unsigned int flags_largefile(void)
{
	if (IS_ENABLED(CONFIG_ALPHA) || IS_ENABLED(CONFIG_ARM) ||
	    IS_ENABLED(CONFIG_ARM64) || IS_ENABLED(CONFIG_M68K))
		return 0x20000;
	if (IS_ENABLED(CONFIG_MIPS))
		return 0x2000;
	if (IS_ENABLED(CONFIG_PARISC))
		return 0x800;
	if (IS_ENABLED(CONFIG_PPC))
		return 0x10000;
	if (IS_ENABLED(CONFIG_SPARC))
		return 0x40000;
	return 0x8000;
}

/* F1: what reaches do_filp_open() for O_RDWR is 0x8002 on x86, to read and write. */
void flags_largefile_is_the_architectures(struct kunit *test)
{
	struct open_flags op;

	KUNIT_EXPECT_EQ(test, flags_build(&op, O_RDWR | O_LARGEFILE, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, (unsigned int)op.open_flag, 2 | flags_largefile());
	KUNIT_EXPECT_EQ(test, op.acc_mode, 6);
}

static unsigned int flags_close(struct file *file)
{
	unsigned int flags = file->f_flags;

	actor_close(file);
	return flags;
}

/* F1: the open file says what reached do_filp_open(): 0x8002 on x86. */
void flags_of_the_file_are_those_asked(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	file = actor_open(fs, "a", O_RDWR | O_LARGEFILE, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, flags_close(file), 2 | flags_largefile());
	file = actor_open(fs, "a", O_RDWR, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, flags_close(file), 2U);
}

static long flags_open_errno(struct rec_fs *fs, const char *name, u64 flags)
{
	struct open_how how = { .flags = flags };
	struct file *file = actor_openat2(fs, name, &how);

	if (IS_ERR(file))
		return PTR_ERR(file);
	actor_close(file);
	return 0;
}

/* F5: 7.2: who asks for a regular file gets no other, and the file does not tell. */
void flags_regular_opens_nothing_else(struct kunit *test)
{
	struct open_how how = { .flags = O_NONBLOCK | BIT_ULL(32) };
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	rec_add(fs, NULL, "p", S_IFIFO | 0600);
	file = actor_openat2(fs, "a", &how);
	if (!OT_REGULAR) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(file), -EINVAL);
		return;
	}
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, flags_close(file), (unsigned int)O_NONBLOCK);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, flags_open_errno(fs, "d", how.flags), -OT_EFTYPE);
	KUNIT_EXPECT_EQ(test, flags_open_errno(fs, "p", how.flags), -OT_EFTYPE);
	KUNIT_EXPECT_EQ(test, flags_open_errno(fs, "m", how.flags), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(d) lookup(d) d_init(p) lookup(p) d_init(m) lookup(m)");
}

static void flags_filp_open(struct actor *actor)
{
	actor->data = filp_open("/a", O_RDWR, 0);
}

/* F1: inside the kernel nobody adds O_LARGEFILE. */
void flags_inside_add_no_largefile(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor actor = { .fn = flags_filp_open, .fs = fs };
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	struct file *file;

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	actor_start(test, &actor);
	actor_join(test, &actor);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, actor.data);
	KUNIT_EXPECT_EQ_MSG(test, flags_close(actor.data), 2U, "filp_open");

	file = file_open_root(&root, "a", O_RDWR, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ_MSG(test, flags_close(file), 2U, "file_open_root");
}

#ifdef OT_SYSCALLS
/* What the call made of it: the file's flags, as fcntl(F_GETFL) tells them. */
static long flags_of_descriptor(long fd)
{
	struct file *file;
	long flags;

	if (fd < 0)
		return fd;
	file = fget_raw(fd);
	if (!file)
		return -EBADF;
	flags = file->f_flags;
	fput(file);
	close_fd(fd);
	return flags;
}

static long flags_do_sys_open(struct actor_user *user, void *data)
{
	return flags_of_descriptor(do_sys_open(AT_FDCWD, user->mem, O_RDWR, 0));
}

static long flags_sys_open(struct actor_user *user, void *data)
{
	return flags_of_descriptor(ot_sys_open(user->mem, O_RDWR, 0));
}

static long flags_sys_creat(struct actor_user *user, void *data)
{
	return flags_of_descriptor(ot_sys_creat(user->mem, 0600));
}

static long flags_sys_openat(struct actor_user *user, void *data)
{
	return flags_of_descriptor(ot_sys_openat(AT_FDCWD, user->mem, O_RDWR, 0));
}

struct flags_openat2 {
	size_t size;
	struct open_how how;
	u64 tail[4];
};

/* The struct is in the last bytes of the memory: what is longer ends in a fault. */
static long flags_sys_openat2(struct actor_user *user, void *data)
{
	const struct flags_openat2 *call = data;
	size_t size = min(call->size, sizeof(call->how) + sizeof(call->tail));
	char __user *end = user->mem + ACTOR_USER_SIZE;
	struct open_how __user *how = (void __user *)(end - size);

	if (copy_to_user(how, &call->how, size))
		return -ENOMEM;
	return flags_of_descriptor(ot_sys_openat2(AT_FDCWD, user->mem, how,
						  call->size));
}

#ifdef ot_compat_openat
static long flags_compat_openat(struct actor_user *user, void *data)
{
	return flags_of_descriptor(ot_compat_openat(AT_FDCWD, user->mem, O_RDWR,
						    0));
}
#endif

static long flags_by_syscall(struct actor_user *user, void *data,
			     long (*call)(struct actor_user *user, void *data))
{
	static const char name[] = "a";

	return actor_syscall(user, name, sizeof(name), call, data);
}

static long flags_openat2(struct actor_user *user, u64 flags, u64 mode,
			  size_t size, u64 last)
{
	struct flags_openat2 call = {
		.size = size,
		.how = { .flags = flags, .mode = mode },
		.tail[3] = last,
	};

	return flags_by_syscall(user, &call, flags_sys_openat2);
}

/* F1: the system calls of a 64-bit task add O_LARGEFILE: O_RDWR is 0x8002 on x86. */
void flags_syscalls_add_largefile(struct kunit *test)
{
	unsigned int large = force_o_largefile() ? flags_largefile() : 0;
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor_user *user = actor_user(test, fs);

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	KUNIT_EXPECT_EQ(test, flags_by_syscall(user, NULL, flags_sys_open),
			2 | large);
	KUNIT_EXPECT_EQ(test, flags_by_syscall(user, NULL, flags_sys_openat),
			2 | large);
	KUNIT_EXPECT_EQ(test, flags_by_syscall(user, NULL, flags_sys_creat),
			1 | large);
	KUNIT_EXPECT_EQ(test, flags_openat2(user, O_RDWR, 0, 24, 0), 2 | large);
	/* openat2() takes no O_LARGEFILE with O_PATH, so it must not add it. */
	KUNIT_EXPECT_EQ(test, flags_openat2(user, O_PATH, 0, 24, 0), O_PATH);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* F1: neither what they share adds it, nor the calls of a 32-bit task. */
void flags_compat_adds_no_largefile(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor_user *user = actor_user(test, fs);

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	KUNIT_EXPECT_EQ(test, flags_by_syscall(user, NULL, flags_do_sys_open), 2);
#ifdef ot_compat_openat
	KUNIT_EXPECT_EQ(test, flags_by_syscall(user, NULL, flags_compat_openat), 2);
#endif
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

static long flags_sys_open_path(struct actor_user *user, void *data)
{
	return flags_of_descriptor(ot_sys_open(user->mem, *(int *)data, -1));
}

/* F5: openat2() refuses what open() has always overlooked. */
void flags_openat2_overlooks_nothing(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		u64 mode;
		long open;
	} rows[] = {
		{ "O_PATH|O_TRUNC", O_PATH | O_TRUNC, 0, O_PATH },
		{ "unknown flag", O_PATH | BIT(31), 0, O_PATH },
		{ "mode", O_PATH, 0600, O_PATH },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor_user *user = actor_user(test, fs);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int flags = rows[i].flags;

		KUNIT_EXPECT_EQ_MSG(test, flags_by_syscall(user, &flags,
							   flags_sys_open_path),
				    rows[i].open, "open, %s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, flags_openat2(user, (unsigned int)flags,
							rows[i].mode, 24, 0),
				    -EINVAL, "openat2, %s", rows[i].name);
	}
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}

/* F5: a longer struct open_how is taken when what is not known of it is zero. */
void flags_openat2_takes_later_versions(struct kunit *test)
{
	static const struct {
		const char *name;
		size_t size;
		u64 last;
		long err;
	} rows[] = {
		{ "none", 0, 0, -EINVAL },
		{ "short by a byte", 23, 0, -EINVAL },
		{ "the first version", 24, 0, O_PATH },
		{ "longer by a byte", 25, 0, O_PATH },
		{ "longer", 56, 0, O_PATH },
		{ "longer, not zero", 56, 1, -E2BIG },
		{ "longer, not zero at the end", 56, BIT_ULL(63),
		  -E2BIG },
		{ "longer than there is", 57, 0, -EFAULT },
		{ "a page and more", PAGE_SIZE + 1, 0, -E2BIG },
		{ "huge", SIZE_MAX, 0, -E2BIG },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor_user *user = actor_user(test, fs);
	int i;

	rec_add(fs, NULL, "a", S_IFREG | 0600);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, flags_openat2(user, O_PATH, 0,
							rows[i].size,
							rows[i].last),
				    rows[i].err, "%s", rows[i].name);
	KUNIT_EXPECT_EQ(test, actor_descriptors(), 0U);
}
#else
void flags_openat2_overlooks_nothing(struct kunit *test)
{
	kunit_skip(test, "not told how to call this architecture's system calls");
}

void flags_openat2_takes_later_versions(struct kunit *test)
{
	kunit_skip(test, "not told how to call this architecture's system calls");
}

void flags_syscalls_add_largefile(struct kunit *test)
{
	kunit_skip(test, "not told how to call this architecture's system calls");
}

void flags_compat_adds_no_largefile(struct kunit *test)
{
	kunit_skip(test, "not told how to call this architecture's system calls");
}
#endif
