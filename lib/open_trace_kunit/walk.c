// SPDX-License-Identifier: GPL-2.0
/* The walk: components, slashes, dots, symlinks, permissions and RESOLVE_*. */
#include <kunit/test.h>
#include <linux/fs_struct.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* How many symlinks one path may lead through: path_resolution(7). */
#define WALK_LINKS_MAX	40

/* One open with a cold dcache, and what the filesystem was asked. */
struct walk_row {
	const char *name;
	const char *path;
	u64 flags;
	u64 resolve;
	long err;
	const char *log;
};

/* Who makes and frees what is not the walk's business: see lookup.c. */
static struct rec_fs *walk_mount_empty(struct kunit *test, unsigned long has)
{
	struct rec_fs *fs = rec_mount(test, has);

	fs->count_only = BIT(REC_D_INIT) | BIT(REC_D_RELEASE) |
			 BIT(REC_RELEASE) | BIT(REC_EVICT);
	return fs;
}

static struct rec_fs *walk_mount(struct kunit *test, unsigned long has)
{
	struct rec_fs *fs = walk_mount_empty(test, has);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);

	rec_add(fs, d, "e", S_IFDIR | 0755);
	rec_add(fs, d, "in", S_IFREG | 0644);
	rec_symlink(fs, d, "abs", "/in");
	rec_symlink(fs, d, "up", "../in");
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "lf", "f");
	rec_symlink(fs, NULL, "lf2", "lf");
	rec_symlink(fs, NULL, "lf3", "//f");
	rec_symlink(fs, NULL, "ld", "d");
	rec_symlink(fs, NULL, "lroot", "/");
	rec_symlink(fs, NULL, "dangling", "none");
	rec_symlink(fs, NULL, "self", "self");
	rec_symlink(fs, NULL, "here", ".");
	return fs;
}

static long walk_openat2(struct rec_fs *fs, const char *path, u64 flags,
			 u64 resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };
	struct file *file = actor_openat2(fs, path, &how);

	if (IS_ERR(file))
		return PTR_ERR(file);
	actor_close(file);
	return 0;
}

static struct path walk_root(struct rec_fs *fs)
{
	return (struct path){ .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
}

/* Make a directory, or file, the working directory. */
static void walk_chdir(struct rec_fs *fs, const char *path)
{
	struct file *file = actor_open(fs, path, O_PATH, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(fs->test, file);
	set_fs_pwd(fs->task_fs, &file->f_path);
	actor_close(file);
}

static void walk_row(struct rec_fs *fs, const struct walk_row *row)
{
	rec_forget(fs);
	KUNIT_EXPECT_EQ_MSG(fs->test,
			    walk_openat2(fs, row->path, row->flags, row->resolve),
			    row->err, "%s", row->name);
	KUNIT_EXPECT_STREQ_MSG(fs->test, rec_log(fs), row->log, "%s",
			       row->name);
}

/* Each row has a mount of its own. */
static void walk_rows(struct kunit *test, const struct walk_row *row,
		      unsigned int n)
{
	for (; n--; row++)
		walk_row(walk_mount(test, 0), row);
}

static const struct walk_row walk_slashes[] = {
	{ "missing", "none/", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(none dir)" },
	{ "file", "f/", O_RDONLY, .err = -ENOTDIR, .log = "lookup(f dir)" },
	{ "file, path only", "f/", O_PATH, .err = -ENOTDIR,
	  .log = "lookup(f dir)" },
	{ "directory", "d/", O_RDONLY, .log = "lookup(d dir) open(d)" },
	{ "several slashes", "d///", O_RDONLY,
	  .log = "lookup(d dir) open(d)" },
	{ "symlink to a directory", "ld/", O_RDONLY,
	  .log = "lookup(ld dir) get_link(ld) lookup(d dir) open(d)" },
	{ "symlink to a file", "lf/", O_RDONLY, .err = -ENOTDIR,
	  .log = "lookup(lf dir) get_link(lf) lookup(f dir)" },
	{ "dangling symlink", "dangling/", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(dangling dir) get_link(dangling) lookup(none dir)" },
	{ "symlink, O_NOFOLLOW", "ld/", O_RDONLY | O_NOFOLLOW,
	  .log = "lookup(ld dir) get_link(ld) lookup(d dir) open(d)" },
	{ "symlink, O_NOFOLLOW, path only", "ld/", O_PATH | O_NOFOLLOW,
	  .log = "lookup(ld dir) get_link(ld) lookup(d dir)" },
};

/* C11: a trailing slash asks for a directory and follows a symlink. */
void lookup_trailing_slash_means_directory(struct kunit *test)
{
	walk_rows(test, walk_slashes, ARRAY_SIZE(walk_slashes));
}

static const struct walk_row walk_directories[] = {
	{ "directory", "d", O_DIRECTORY, .log = "lookup(d dir) open(d)" },
	{ "directory to write", "d", O_DIRECTORY | O_WRONLY, .err = -EISDIR,
	  .log = "lookup(d dir)" },
	{ "file", "f", O_DIRECTORY, .err = -ENOTDIR, .log = "lookup(f dir)" },
	{ "missing", "none", O_DIRECTORY, .err = -ENOENT,
	  .log = "lookup(none dir)" },
	{ "symlink to a directory", "ld", O_DIRECTORY,
	  .log = "lookup(ld dir) get_link(ld) lookup(d dir) open(d)" },
	{ "symlink to a file", "lf", O_DIRECTORY, .err = -ENOTDIR,
	  .log = "lookup(lf dir) get_link(lf) lookup(f dir)" },
	{ "symlink not followed", "ld", O_DIRECTORY | O_NOFOLLOW,
	  .err = -ENOTDIR, .log = "lookup(ld dir)" },
	{ "dangling symlink not followed", "dangling",
	  O_DIRECTORY | O_NOFOLLOW, .err = -ENOTDIR,
	  .log = "lookup(dangling dir)" },
	{ "path only, directory", "d", O_DIRECTORY | O_PATH,
	  .log = "lookup(d dir)" },
	{ "path only, file", "f", O_DIRECTORY | O_PATH, .err = -ENOTDIR,
	  .log = "lookup(f dir)" },
	{ "path only, symlink not followed", "ld",
	  O_DIRECTORY | O_PATH | O_NOFOLLOW, .err = -ENOTDIR,
	  .log = "lookup(ld dir)" },
};

/* C11: O_DIRECTORY is ENOTDIR of all that is there and no directory. */
void lookup_o_directory_wants_directory(struct kunit *test)
{
	walk_rows(test, walk_directories, ARRAY_SIZE(walk_directories));
}

static const struct walk_row walk_nofollows[] = {
	{ "file", "f", O_NOFOLLOW, .log = "lookup(f) open(f)" },
	{ "symlink", "lf", O_NOFOLLOW, .err = -ELOOP, .log = "lookup(lf)" },
	{ "symlink to a directory", "ld", O_NOFOLLOW, .err = -ELOOP,
	  .log = "lookup(ld)" },
	{ "dangling symlink", "dangling", O_NOFOLLOW, .err = -ELOOP,
	  .log = "lookup(dangling)" },
	{ "symlink on the way", "ld/in", O_NOFOLLOW,
	  .log = "lookup(ld) get_link(ld) lookup(d) lookup(in) open(in)" },
};

/* C11: O_NOFOLLOW is ELOOP of a symlink that is last, and only of that. */
void lookup_o_nofollow_is_for_the_last(struct kunit *test)
{
	walk_rows(test, walk_nofollows, ARRAY_SIZE(walk_nofollows));
}

/* O_PATH with O_NOFOLLOW opens the symlink itself. */
void lookup_o_path_nofollow_opens_symlink(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);
	struct file *file = actor_open(fs, "lf", O_PATH | O_NOFOLLOW, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_TRUE(test, S_ISLNK(file_inode(file)->i_mode));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(lf)");
	actor_close(file);
}

static const struct walk_row walk_symlinks[] = {
	{ "relative", "lf", O_RDONLY,
	  .log = "lookup(lf) get_link(lf) lookup(f) open(f)" },
	{ "absolute", "lf3", O_RDONLY,
	  .log = "lookup(lf3) get_link(lf3) lookup(f) open(f)" },
	{ "path only", "lf", O_PATH, .log = "lookup(lf) get_link(lf) lookup(f)" },
	{ "to a symlink", "lf2", O_RDONLY,
	  .log = "lookup(lf2) get_link(lf2) lookup(lf) get_link(lf) lookup(f) open(f)" },
	{ "dangling", "dangling", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(dangling) get_link(dangling) lookup(none)" },
	{ "on the way", "ld/in", O_RDONLY,
	  .log = "lookup(ld) get_link(ld) lookup(d) lookup(in) open(in)" },
	{ "from where it is", "d/up", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(d) lookup(up) get_link(up) lookup(in)" },
	{ "to the root", "lroot", O_RDONLY, .log = "lookup(lroot) get_link(lroot) open(/)" },
	{ "to itself, by a dot", "here", O_RDONLY,
	  .log = "lookup(here) get_link(here) open(/)" },
};

/* A symlink is followed from its own directory, or from the root. */
void lookup_follows_symlinks(struct kunit *test)
{
	walk_rows(test, walk_symlinks, ARRAY_SIZE(walk_symlinks));
}

/* What follows a symlink is remembered, also beyond the first two. */
void lookup_follows_nested_symlinks(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);
	struct rec_node *d = NULL;
	int n;

	for (n = 0; n < 4; n++)
		d = rec_add(fs, d, "d", S_IFDIR | 0755);
	rec_add(fs, d, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "a", "b/d");
	rec_symlink(fs, NULL, "b", "c/d");
	rec_symlink(fs, NULL, "c", "l/d");
	rec_symlink(fs, NULL, "l", "d");
	fs->count_only |= BIT(REC_LOOKUP);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a/f", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "get_link(a) get_link(b) get_link(c) get_link(l) open(f)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a/f", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "get_link(a) get_link(b) get_link(c) get_link(l) open(f)");
}

/* What the open intends is told at its end, not on the way there through a symlink. */
void lookup_beyond_a_symlink_intends_nothing(struct kunit *test)
{
	const unsigned int intent = LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL;
	struct rec_fs *fs = walk_mount_empty(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);

	rec_add(fs, d, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "l", "d/f");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_CREAT | O_RDWR, 0644), 0);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_LOOKUP, 0)->flags & intent,
			(unsigned int)(LOOKUP_OPEN | LOOKUP_CREATE));
	KUNIT_EXPECT_STREQ(test, rec_call(fs, REC_LOOKUP, 1)->name, "d");
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_LOOKUP, 1)->flags & intent, 0U);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_LOOKUP, 2)->flags & intent,
			(unsigned int)(LOOKUP_OPEN | LOOKUP_CREATE));
}

/* priv: how often ->open had been called by then */
static void count_opens(void *rec_fs)
{
	struct rec_fs *fs = rec_fs;
	unsigned long *opens = fs->priv;

	*opens = fs->count[REC_OPEN] + fs->count[REC_LOOKUP];
}

/* What ->get_link returned is put as soon as the walk is through with it. */
void lookup_symlink_is_put_before_what_it_leads_to(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);
	unsigned long before = ULONG_MAX;

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_symlink(fs, NULL, "l", "f");
	rec_symlink(fs, NULL, "here", ".");
	fs->put_link = count_opens;
	fs->priv = &before;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, before, 2UL);	/* the two lookups */
	before = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, before, 3UL);	/* and the first open */
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "here", O_RDONLY, 0), 0);
	before = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "here", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, before, 6UL);	/* and another lookup, and two opens */
}

/* A symlink to itself is ELOOP after as many steps as a path may have. */
void lookup_symlink_to_itself_is_eloop(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "self", O_RDONLY, 0), -ELOOP);
	KUNIT_EXPECT_EQ(test, fs->count[REC_GET_LINK],
			(unsigned long)WALK_LINKS_MAX);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 1UL);
}

/* A path through so many symlinks, to the file "f". */
static const char *walk_links(struct kunit *test, int links)
{
	char *path = kunit_kzalloc(test, PATH_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, path);
	while (links--)
		strcat(path, "here/");
	return strcat(path, "f");
}

/* 40 symlinks can be passed, 41 not, in either walk. */
void lookup_passes_40_symlinks(struct kunit *test)
{
	const char *max = walk_links(test, WALK_LINKS_MAX);
	const char *more = walk_links(test, WALK_LINKS_MAX + 1);
	struct rec_fs *fs = walk_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, max, O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, max, O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, more, O_RDONLY, 0), -ELOOP);
	fs = walk_mount(test, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, more, O_RDONLY, 0), -ELOOP);
}

/* A walk that is redone goes on counting: 21 symlinks twice are too many. */
void lookup_redone_counts_symlinks_on(struct kunit *test)
{
	const char *half = walk_links(test, WALK_LINKS_MAX / 2);
	const char *more = walk_links(test, WALK_LINKS_MAX / 2 + 1);
	struct rec_fs *fs = walk_mount(test, 0);

	rec_answer(fs, REC_LOOKUP, 0);
	rec_answer(fs, REC_LOOKUP, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, half, O_RDONLY, 0), 0);
	fs = walk_mount(test, 0);
	rec_answer(fs, REC_LOOKUP, 0);
	rec_answer(fs, REC_LOOKUP, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, more, O_RDONLY, 0), -ELOOP);
}

/* ->get_link's error is the open's. */
void lookup_get_link_error_is_returned(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	rec_answer(fs, REC_GET_LINK, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "lf", O_RDONLY, 0), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(lf) get_link(lf)");
}

/*
 * C3: RCU-walk gives ->get_link no dentry; who needs one says ECHILD, and the
 * walk goes on from there in ref-walk.
 */
void lookup_get_link_may_ask_for_refwalk(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, REC_HAS_PERMISSION);
	struct rec_node *link = rec_symlink(fs, NULL, "l", "f");

	link->i_flags = S_NOATIME;
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	rec_forget(fs);
	rec_answer(fs, REC_GET_LINK, -ECHILD);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) get_link(l) get_link(l) permission(/ exec)");
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_GET_LINK, 0)->dentry, NULL);
	KUNIT_EXPECT_PTR_NE(test, rec_call(fs, REC_GET_LINK, 1)->dentry, NULL);
}

/* A symlink whose atime is due takes the walk out of RCU before it is read. */
void lookup_symlink_with_atime_due_leaves_rcu(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);
	struct rec_node *link = rec_symlink(fs, NULL, "l", "f");

	link->i_flags = S_NOATIME;
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	/* It still has the atime that it began with, in 1970. */
	link->inode->i_flags &= ~S_NOATIME;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "l", O_RDONLY, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_GET_LINK, 1)->dentry, NULL);
	KUNIT_EXPECT_PTR_NE(test, rec_call(fs, REC_GET_LINK, 2)->dentry, NULL);
}

static const struct walk_row walk_dots[] = {
	{ "here", ".", O_RDONLY, .log = "open(/)" },
	{ "above the root", "..", O_RDONLY, .log = "open(/)" },
	{ "far above the root", "../../..", O_RDONLY, .log = "open(/)" },
	{ "root", "/", O_RDONLY, .log = "open(/)" },
	{ "root, many slashes", "///", O_RDONLY, .log = "open(/)" },
	{ "above the root, absolute", "/..", O_RDONLY, .log = "open(/)" },
	{ "directory itself", "d/.", O_RDONLY, .log = "lookup(d) open(d)" },
	{ "its parent", "d/..", O_RDONLY, .log = "lookup(d) open(/)" },
	{ "up two", "d/e/..", O_RDONLY,
	  .log = "lookup(d) lookup(e) open(d)" },
	{ "out and in", "d/../f", O_RDONLY,
	  .log = "lookup(d) lookup(f) open(f)" },
	{ "dots and slashes", ".//d/.///in", O_RDONLY,
	  .log = "lookup(d) lookup(in) open(in)" },
	{ "parent of what a symlink leads to", "ld/..", O_RDONLY,
	  .log = "lookup(ld) get_link(ld) lookup(d) open(/)" },
	{ "file itself", "f/.", O_RDONLY, .err = -ENOTDIR, .log = "lookup(f)" },
	{ "parent of a file", "f/..", O_RDONLY, .err = -ENOTDIR,
	  .log = "lookup(f)" },
	{ "parent of what is missing", "none/..", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(none)" },
	{ "three dots are a name", "...", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(...)" },
	{ "a dot begins a name", ".a", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(.a)" },
	{ "two dots begin a name", "..a", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(..a)" },
	{ "dots, path only", "d/..", O_PATH, .log = "lookup(d)" },
};

/* "." and ".." are the walk's own: nobody is asked for them. */
void lookup_dots_are_not_looked_up(struct kunit *test)
{
	walk_rows(test, walk_dots, ARRAY_SIZE(walk_dots));
}

/*
 * The walk takes an empty path for its start, directory or not: ENOENT, or
 * O_EMPTYPATH where there is one, is getname()'s business.
 */
void lookup_empty_path_opens_start(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);
	u64 flags = O_RDONLY | OT_EMPTYPATH;

	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "", flags, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(/)");
	walk_chdir(fs, "f");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "", flags, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f)");
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "", O_DIRECTORY, 0), -ENOTDIR);
}

/* A path of the given length, all of one letter. */
static char *walk_long(struct kunit *test, size_t len)
{
	char *path = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, path);
	return memset(path, 'a', len);
}

/* NAME_MAX is for the filesystem to check: the walk asks for any length. */
void lookup_has_no_name_max(struct kunit *test)
{
	static const unsigned int lens[] = { NAME_MAX, NAME_MAX + 1,
					     PATH_MAX - 1 };
	struct rec_fs *fs = walk_mount_empty(test, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		char *path = walk_long(test, lens[i]);

		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, path, O_RDONLY, 0),
				    -ENOENT, "%u", lens[i]);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_LOOKUP, i)->len,
				    lens[i], "%u", lens[i]);
	}
}

/* PATH_MAX is checked, with the NUL, before there is a walk. */
void lookup_path_max_counts_the_nul(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);
	char *path = walk_long(test, PATH_MAX);

	memset(path, '/', PATH_MAX - 1);
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, path, O_RDONLY, 0),
			-ENAMETOOLONG);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, path + 1, O_RDONLY, 0), 0);
}

static const struct walk_row walk_middles[] = {
	{ "missing", "none/f", O_RDONLY, .err = -ENOENT, .log = "lookup(none)" },
	{ "file", "f/f", O_RDONLY, .err = -ENOTDIR, .log = "lookup(f)" },
	{ "symlink to a file", "lf/f", O_RDONLY, .err = -ENOTDIR,
	  .log = "lookup(lf) get_link(lf) lookup(f)" },
	{ "dangling symlink", "dangling/f", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(dangling) get_link(dangling) lookup(none)" },
	{ "directories", "d/e/none", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(d) lookup(e) lookup(none)" },
};

/* A component on the way must be a directory; nothing after it is asked for. */
void lookup_component_must_be_directory(struct kunit *test)
{
	walk_rows(test, walk_middles, ARRAY_SIZE(walk_middles));
}

/* The same when the component is cached, in RCU-walk. */
void lookup_cached_component_must_be_directory(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	actor_errno(fs, "f", O_RDONLY, 0);
	actor_errno(fs, "none", O_RDONLY, 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f/f", O_RDONLY, 0), -ENOTDIR);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "none/f", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* A directory that may not be searched is EACCES; the name is not asked for. */
void lookup_needs_search_permission(struct kunit *test)
{
	const struct cred *user = actor_cred(test, 1000);
	struct rec_fs *fs = walk_mount_empty(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0644);

	rec_add(fs, d, "f", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d/f", O_RDONLY, 0),
			-EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(d)");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/f", O_RDONLY, 0), 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d/f", O_RDONLY, 0),
			-EACCES);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "d", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(d)");
}

/* Each directory is asked before its name is; the cold walk leaves RCU. */
void lookup_asks_permission_then_name(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_PERMISSION);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) lookup(f) permission(f read) open(f)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) lookup(d) permission(d exec) lookup(in)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(d exec rcu)");
}

/* C3: a ->permission that would block is asked again, and RCU-walk left. */
void lookup_permission_may_ask_for_refwalk(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_PERMISSION);

	actor_errno(fs, "d/in", O_RDONLY, 0);
	rec_forget(fs);
	rec_answer(fs, REC_PERMISSION, -ECHILD);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(/ exec) permission(d exec)");
}

/* C3: any other error of ->permission is final in RCU-walk too. */
void lookup_permission_error_is_returned(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_PERMISSION);

	actor_errno(fs, "d/in", O_RDONLY, 0);
	rec_forget(fs);
	rec_answer(fs, REC_PERMISSION, 0);
	rec_answer(fs, REC_PERMISSION, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_RDONLY, 0), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(d exec rcu)");
}

/* As rmdir does it while the walk is in the directory, which nobody holds. */
static void walk_remove(struct rec_fs *fs, struct inode *inode, int mask)
{
	struct dentry *dentry = fs->priv;

	if (inode == d_inode(dentry) && (mask & MAY_NOT_BLOCK))
		d_delete(dentry);
}

/* C3: RCU-walk goes by the inode that it has: the dentry may have lost it. */
void lookup_directory_may_go_in_rcu(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, REC_HAS_PERMISSION);
	struct dentry *dentry;
	struct inode *inode;

	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP))
		kunit_skip(test, "removes it where rmdir could not: in RCU-walk");
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	dentry = ot_lookup_unlocked("d", fs->sb->s_root);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dentry));
	inode = igrab(d_inode(dentry));
	rec_forget(fs);
	fs->priv = dentry;
	fs->permission = walk_remove;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_TRUE(test, d_really_is_negative(dentry));
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(d exec rcu) permission(/ exec)");
	dput(dentry);
	iput(inode);
}

/* ->d_revalidate of a component on the way: ESTALE redoes the whole walk. */
void lookup_revalidates_each_component(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_REVALIDATE);

	actor_errno(fs, "d/in", O_RDONLY, 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(d rcu) d_revalidate(in rcu) open(in)");
	rec_forget(fs);
	rec_answer(fs, REC_D_REVALIDATE, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_PATH, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(d rcu) d_revalidate(d reval) d_revalidate(in reval)");
}

/* A stale name on the way is looked up anew, and what is below it with it. */
void lookup_stale_component_is_replaced(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_REVALIDATE);

	actor_errno(fs, "d", O_RDONLY, 0);
	rec_forget(fs);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(d rcu) lookup(d) lookup(in) open(in)");
}

/* ->lookup's error on the way is the open's, and redone when it is ESTALE. */
void lookup_component_error_is_returned(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	rec_answer(fs, REC_LOOKUP, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_RDONLY, 0), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(d)");
	rec_forget(fs);
	rec_answer(fs, REC_LOOKUP, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/in", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "lookup(d) lookup(d reval) lookup(in reval) open(in)");
}

static const struct walk_weak {
	const char *name;
	const char *path;
	int first;
	int second;
	long err;
	const char *log;
} walk_weaks[] = {
	{ "here", ".", 1, 1, 0, "d_weak_revalidate(/) open(/)" },
	{ "root", "/", 1, 1, 0, "d_weak_revalidate(/) open(/)" },
	{ "above", "d/..", 1, 1, 0,
	  "lookup(d) d_weak_revalidate(/) open(/)" },
	{ "symlink to the root", "lroot", 1, 1, 0,
	  "lookup(lroot) get_link(lroot) d_weak_revalidate(/) open(/)" },
	{ "name", "f", 0, 0, 0, "lookup(f) open(f)" },
	{ "name after dots", "d/../f", 0, 0, 0,
	  "lookup(d) lookup(f) open(f)" },
	{ "dot after a name", "d/.", 0, 0, 0, "lookup(d) open(d)" },
	{ "error", ".", -EIO, 1, -EIO, "d_weak_revalidate(/)" },
	{ "stale once", ".", 0, 1, 0,
	  "d_weak_revalidate(/) d_weak_revalidate(/ reval) open(/)" },
	{ "stale twice", ".", 0, 0, -ESTALE,
	  "d_weak_revalidate(/) d_weak_revalidate(/ reval)" },
};

/* Where the walk ends without a lookup, ->d_weak_revalidate is asked. */
void lookup_end_without_lookup_is_revalidated(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(walk_weaks); i++) {
		const struct walk_weak *row = &walk_weaks[i];
		struct rec_fs *fs = walk_mount(test, REC_HAS_WEAK_REVALIDATE);

		rec_answer(fs, REC_D_WEAK_REVALIDATE, row->first);
		rec_answer(fs, REC_D_WEAK_REVALIDATE, row->second);
		KUNIT_EXPECT_EQ_MSG(test,
				    actor_errno(fs, row->path, O_RDONLY, 0),
				    row->err, "%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s",
				       row->name);
	}
}

static const struct walk_row walk_automounts[] = {
	{ "opened", "m", O_RDONLY, .log = "lookup(m) d_automount(m) open(m)" },
	{ "on the way", "m/f", O_RDONLY, .err = -ENOENT,
	  .log = "lookup(m) d_automount(m) lookup(f)" },
	{ "path only", "m", O_PATH, .log = "lookup(m)" },
	{ "path only, directory", "m", O_PATH | O_DIRECTORY,
	  .log = "lookup(m dir) d_automount(m)" },
	{ "path only, slash", "m/", O_PATH, .log = "lookup(m dir) d_automount(m)" },
	{ "no crossing", "m", O_RDONLY, RESOLVE_NO_XDEV, .err = -EXDEV,
	  .log = "lookup(m)" },
	{ "no crossing, path only", "m", O_PATH, RESOLVE_NO_XDEV,
	  .log = "lookup(m)" },
};

/* An automount is triggered by who uses it, and never by RESOLVE_NO_XDEV. */
void lookup_triggers_automount(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(walk_automounts); i++) {
		struct rec_fs *fs = walk_mount(test, 0);

		rec_add(fs, NULL, "m", S_IFDIR | 0755)->i_flags = S_AUTOMOUNT;
		walk_row(fs, &walk_automounts[i]);
	}
}

/* An automount that fails is the open's error. */
void lookup_automount_error_is_returned(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);

	rec_add(fs, NULL, "m", S_IFDIR | 0755)->i_flags = S_AUTOMOUNT;
	rec_answer(fs, REC_D_AUTOMOUNT, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "m", O_RDONLY, 0), -EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(m) d_automount(m)");
}

/* One that mounts nothing is tried again until it says that it will not. */
void lookup_automount_is_tried_again(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);
	unsigned long i;

	fs->count_only |= BIT(REC_D_AUTOMOUNT);
	rec_add(fs, NULL, "m", S_IFDIR | 0755)->i_flags = S_AUTOMOUNT;
	for (i = 0; i < REC_ANSWERS_MAX; i++)
		rec_answer(fs, REC_D_AUTOMOUNT, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "m", O_RDONLY, 0), 0);
	/* Each of the answers, and then the default one. */
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_AUTOMOUNT],
			REC_ANSWERS_MAX + 1UL);
}

static struct dentry *walk_managed_miss(struct rec_fs *fs, struct inode *dir,
					struct dentry *dentry,
					unsigned int flags)
{
	spin_lock(&dentry->d_lock);
	dentry->d_flags |= DCACHE_MANAGE_TRANSIT;
	spin_unlock(&dentry->d_lock);
	return rec_lookup(fs, dir, dentry, flags);
}

static void walk_make(struct rec_fs *fs, struct dentry *dentry)
{
	KUNIT_EXPECT_EQ(fs->test, rec_instantiate(fs, d_inode(dentry->d_parent),
						  dentry, S_IFREG | 0644), 0);
}

/* ->d_manage may wait until there is a file: what it leaves is what counts. */
void lookup_managed_dentry_may_become_positive(struct kunit *test)
{
	struct rec_fs *fs = walk_mount_empty(test, 0);

	fs->lookup = walk_managed_miss;
	fs->d_manage = walk_make;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "lookup(a) d_manage(a) open(a)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_manage(a rcu) open(a)");
}

/* A symlink on a mount without symlinks is ELOOP, and is not read. */
void lookup_nosymfollow_mount_is_eloop(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	fs->mnt->mnt_flags |= MNT_NOSYMFOLLOW;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "lf", O_RDONLY, 0), -ELOOP);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "ld/in", O_RDONLY, 0), -ELOOP);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, fs->count[REC_GET_LINK], 0UL);
}

static const struct walk_row walk_no_symlinks[] = {
	{ "file", "f", O_RDONLY, RESOLVE_NO_SYMLINKS,
	  .log = "lookup(f) open(f)" },
	{ "last", "lf", O_RDONLY, RESOLVE_NO_SYMLINKS, .err = -ELOOP,
	  .log = "lookup(lf)" },
	{ "on the way", "ld/in", O_RDONLY, RESOLVE_NO_SYMLINKS, .err = -ELOOP,
	  .log = "lookup(ld)" },
	{ "last, with a slash", "ld/", O_RDONLY, RESOLVE_NO_SYMLINKS,
	  .err = -ELOOP, .log = "lookup(ld dir)" },
	{ "symlink itself", "lf", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS,
	  .log = "lookup(lf)" },
};

/* RESOLVE_NO_SYMLINKS: a symlink is ELOOP anywhere, and is not read. */
void lookup_resolve_no_symlinks(struct kunit *test)
{
	walk_rows(test, walk_no_symlinks, ARRAY_SIZE(walk_no_symlinks));
}

static const struct walk_row walk_beneath[] = {
	{ "name", "in", O_RDONLY, RESOLVE_BENEATH,
	  .log = "lookup(in) open(in)" },
	{ "absolute", "/f", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "" },
	{ "root", "/", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV, .log = "" },
	{ "parent", "..", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "" },
	{ "from the parent", "../f", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "" },
	{ "itself", ".", O_RDONLY, RESOLVE_BENEATH, .log = "open(d)" },
	{ "parent inside", "e/..", O_RDONLY, RESOLVE_BENEATH,
	  .log = "lookup(e) open(d)" },
	{ "out and in", "e/../in", O_RDONLY, RESOLVE_BENEATH,
	  .log = "lookup(e) lookup(in) open(in)" },
	{ "in and out", "e/../../f", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "lookup(e)" },
	{ "absolute symlink", "abs", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "lookup(abs) get_link(abs)" },
	{ "symlink out", "up", O_RDONLY, RESOLVE_BENEATH, .err = -EXDEV,
	  .log = "lookup(up) get_link(up)" },
};

static const struct walk_row walk_in_root[] = {
	{ "name", "in", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(in) open(in)" },
	{ "absolute", "/in", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(in) open(in)" },
	{ "root", "/", O_RDONLY, RESOLVE_IN_ROOT, .log = "open(d)" },
	{ "parent", "..", O_RDONLY, RESOLVE_IN_ROOT, .log = "open(d)" },
	{ "from the parent", "../../in", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(in) open(in)" },
	{ "in and out", "e/../../in", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(e) lookup(in) open(in)" },
	{ "absolute symlink", "abs", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(abs) get_link(abs) lookup(in) open(in)" },
	{ "symlink out", "up", O_RDONLY, RESOLVE_IN_ROOT,
	  .log = "lookup(up) get_link(up) lookup(in) open(in)" },
	{ "what is outside", "/f", O_RDONLY, RESOLVE_IN_ROOT, .err = -ENOENT,
	  .log = "lookup(f)" },
};

static void walk_rows_in_d(struct kunit *test, const struct walk_row *row,
			   unsigned int n)
{
	for (; n--; row++) {
		struct rec_fs *fs = walk_mount(test, 0);

		walk_chdir(fs, "d");
		walk_row(fs, row);
	}
}

/* RESOLVE_BENEATH: whatever leads out of the start is EXDEV. */
void lookup_resolve_beneath(struct kunit *test)
{
	walk_rows_in_d(test, walk_beneath, ARRAY_SIZE(walk_beneath));
}

/* RESOLVE_IN_ROOT: the start is the root, for the path and its symlinks. */
void lookup_resolve_in_root(struct kunit *test)
{
	walk_rows_in_d(test, walk_in_root, ARRAY_SIZE(walk_in_root));
}

/* RESOLVE_NO_XDEV: a symlink to the root is EXDEV when that is elsewhere. */
void lookup_resolve_no_xdev_stays_on_mount(struct kunit *test)
{
	struct rec_fs *there = walk_mount(test, 0);
	struct rec_fs *fs = walk_mount(test, 0);
	struct path root = walk_root(there);

	set_fs_root(fs->task_fs, &root);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "d/../lf3", O_RDONLY,
					   RESOLVE_NO_XDEV), -EXDEV);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "lf", O_RDONLY,
					   RESOLVE_NO_XDEV), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(there), "");
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "d/../lf3", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(there), "lookup(f) open(f)");
}

static const struct walk_row walk_no_xdev[] = {
	{ "absolute path", "/f", O_RDONLY, RESOLVE_NO_XDEV,
	  .log = "lookup(f) open(f)" },
	{ "absolute path and symlink", "/lf3", O_RDONLY, RESOLVE_NO_XDEV,
	  .log = "lookup(lf3) get_link(lf3) lookup(f) open(f)" },
	{ "after a parent", "../lf3", O_RDONLY, RESOLVE_NO_XDEV,
	  .log = "lookup(lf3) get_link(lf3) lookup(f) open(f)" },
	{ "symlink first", "lf3", O_RDONLY, RESOLVE_NO_XDEV, .err = -EXDEV,
	  .log = "lookup(lf3) get_link(lf3)" },
};

/*
 * RESOLVE_NO_XDEV on one mount: a jump to the root is none, if the walk knows
 * its root already. A symlink that makes it fetch the root is EXDEV.
 */
void lookup_resolve_no_xdev_wants_known_root(struct kunit *test)
{
	walk_rows(test, walk_no_xdev, ARRAY_SIZE(walk_no_xdev));
}

static const char *walk_jump(struct rec_fs *fs, struct dentry *dentry,
			     struct inode *inode)
{
	struct path *to = fs->priv;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	path_get(to);
	return ERR_PTR(nd_jump_link(to));
}

static const struct walk_magic {
	const char *name;
	bool there;
	u64 resolve;
	long err;
	unsigned long read;
} walk_magics[] = {
	{ "here", false, 0, 0, 1 },
	{ "there", true, 0, 0, 1 },
	{ "no magic links", false, RESOLVE_NO_MAGICLINKS, -ELOOP, 1 },
	{ "no symlinks", false, RESOLVE_NO_SYMLINKS, -ELOOP, 0 },
	{ "no crossing, here", false, RESOLVE_NO_XDEV, 0, 1 },
	{ "no crossing, there", true, RESOLVE_NO_XDEV, -EXDEV, 1 },
	{ "beneath", false, RESOLVE_BENEATH, -EXDEV, 1 },
	{ "in root", false, RESOLVE_IN_ROOT, -EXDEV, 1 },
};

/* A symlink that jumps is what RESOLVE_* let it be. */
void lookup_resolve_magic_link(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(walk_magics); i++) {
		const struct walk_magic *row = &walk_magics[i];
		struct rec_fs *there = walk_mount(test, 0);
		struct rec_fs *fs = walk_mount(test, 0);
		struct rec_fs *to = row->there ? there : fs;
		struct path root = walk_root(to);

		fs->get_link = walk_jump;
		fs->priv = &root;
		KUNIT_EXPECT_EQ_MSG(test,
				    walk_openat2(fs, "lf", O_RDONLY,
						 row->resolve),
				    row->err, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_GET_LINK], row->read,
				    "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, to->count[REC_OPEN],
				    row->err ? 0UL : 1UL, "%s", row->name);
	}
}

/* RESOLVE_NO_MAGICLINKS leaves ordinary symlinks alone. */
void lookup_resolve_no_magiclinks_follows_names(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);

	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "lf2", O_RDONLY,
					   RESOLVE_NO_MAGICLINKS), 0);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "lf3", O_RDONLY,
					   RESOLVE_NO_MAGICLINKS), 0);
}

static const struct walk_row walk_uncached[] = {
	{ "file", "f", O_RDONLY, RESOLVE_CACHED, .err = -EAGAIN, .log = "" },
	{ "missing", "none", O_RDONLY, RESOLVE_CACHED, .err = -EAGAIN,
	  .log = "" },
	{ "on the way", "d/in", O_RDONLY, RESOLVE_CACHED, .err = -EAGAIN,
	  .log = "" },
	{ "path only", "f", O_PATH, RESOLVE_CACHED, .err = -EAGAIN,
	  .log = "" },
	{ "start", ".", O_RDONLY, RESOLVE_CACHED, .log = "open(/)" },
	{ "root", "/", O_RDONLY, RESOLVE_CACHED, .log = "open(/)" },
	{ "above the root", "..", O_RDONLY, RESOLVE_CACHED, .log = "open(/)" },
};

/* RESOLVE_CACHED: what is not in the dcache is EAGAIN; nobody is asked. */
void lookup_resolve_cached_asks_nobody(struct kunit *test)
{
	walk_rows(test, walk_uncached, ARRAY_SIZE(walk_uncached));
}

static const struct walk_row walk_cached[] = {
	{ "file", "f", O_RDONLY, RESOLVE_CACHED, .log = "open(f)" },
	{ "file to write", "f", O_RDWR, RESOLVE_CACHED, .log = "open(f)" },
	{ "path only", "f", O_PATH, RESOLVE_CACHED, .log = "" },
	{ "missing", "none", O_RDONLY, RESOLVE_CACHED, .err = -ENOENT,
	  .log = "" },
	{ "on the way", "d/in", O_RDONLY, RESOLVE_CACHED, .log = "open(in)" },
	{ "up", "d/../f", O_RDONLY, RESOLVE_CACHED, .log = "open(f)" },
	{ "not a directory", "f/", O_RDONLY, RESOLVE_CACHED, .err = -ENOTDIR,
	  .log = "" },
	{ "symlink", "l", O_RDONLY, RESOLVE_CACHED,
	  .log = "get_link(l) open(f)" },
};

/* RESOLVE_CACHED: what is in the dcache is opened, or known to be missing. */
void lookup_resolve_cached_opens_cached(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, 0);
	unsigned int i;

	rec_symlink(fs, NULL, "l", "f")->i_flags = S_NOATIME;
	for (i = 0; i < ARRAY_SIZE(walk_cached); i++) {
		actor_errno(fs, walk_cached[i].path, O_RDONLY, 0);
		walk_row(fs, &walk_cached[i]);
	}
}

/* RESOLVE_CACHED: who would have to leave RCU-walk is told EAGAIN instead. */
void lookup_resolve_cached_never_blocks(struct kunit *test)
{
	struct rec_fs *fs = walk_mount(test, REC_HAS_REVALIDATE |
					     REC_HAS_PERMISSION);
	static const int answers[] = { 0, -ECHILD };
	unsigned int i;

	actor_errno(fs, "lf", O_RDONLY, 0);
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		rec_forget(fs);
		rec_answer(fs, REC_D_REVALIDATE, answers[i]);
		KUNIT_EXPECT_EQ_MSG(test, walk_openat2(fs, "f", O_RDONLY,
						       RESOLVE_CACHED),
				    -EAGAIN, "->d_revalidate: %d", answers[i]);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       "permission(/ exec rcu) d_revalidate(f rcu)",
				       "->d_revalidate: %d", answers[i]);
	}
	rec_forget(fs);
	rec_answer(fs, REC_PERMISSION, -ECHILD);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "f", O_RDONLY, RESOLVE_CACHED),
			-EAGAIN);
	rec_answer(fs, REC_GET_LINK, -ECHILD);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "lf", O_RDONLY, RESOLVE_CACHED),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, walk_openat2(fs, "f", O_RDONLY, RESOLVE_CACHED),
			0);
}
