// SPDX-License-Identifier: GPL-2.0
/* lookup_open() with O_CREAT. */
#include <kunit/test.h>
#include <linux/fs_struct.h>
#include <linux/sched/signal.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "events.h"
#include "procfs.h"
#include "recfs.h"

#define USER	1000
#define OTHER	1001

/* An open and its log, which is told in two halves: the way there and the file. */
struct create_row {
	const char *name;
	long err;
	const char *asked;
	const char *done;
};

static const char *create_log(struct kunit *test, const char *asked,
			      const char *done)
{
	size_t size = strlen(asked) + strlen(done) + sizeof(" ");
	char *log = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	snprintf(log, size, "%s%s%s", asked, *asked && *done ? " " : "", done);
	return log;
}

/* One of each kind of name: "gone" and "cached" are in the dcache. */
static struct rec_fs *create_world(struct kunit *test, unsigned long has)
{
	struct rec_fs *fs = rec_mount(test, has);

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	rec_add(fs, NULL, "cached", S_IFREG | 0644);
	rec_add(fs, NULL, "target", S_IFREG | 0644);
	rec_add(fs, NULL, "dir", S_IFDIR | 0755);
	rec_add(fs, NULL, "fifo", S_IFIFO | 0644);
	rec_symlink(fs, NULL, "link", "target");
	rec_symlink(fs, NULL, "loose", "made");
	rec_symlink(fs, NULL, "todir", "dir");
	rec_symlink(fs, NULL, "slash", "new/");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "gone", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_RDONLY, 0), 0);
	rec_forget(fs);
	return fs;
}

/* Neither write access to the mount nor the directory's lock is left. */
static void create_expect_free(struct kunit *test, struct rec_fs *fs)
{
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	KUNIT_EXPECT_FALSE(test, inode_is_locked(fs->root->inode));
}

static void create_expect_rows(struct kunit *test, int flags,
			       const struct create_row *row, size_t rows)
{
	struct rec_fs *fs = create_world(test, 0);

	for (; rows; row++, rows--) {
		rec_forget(fs);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, row->name, flags,
						      0644),
				    row->err, "%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       create_log(test, row->asked, row->done),
				       "%s", row->name);
		create_expect_free(test, fs);
	}
}

/* C11: O_CREAT makes what is missing, opens what is there, and follows links. */
void create_plain(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new", 0, "d_init(new) lookup(new creat)",
		  "create(new 100644) open(new) release(new)" },
		{ "gone", 0, "",
		  "create(gone 100644) open(gone) release(gone)" },
		{ "file", 0, "d_init(file) lookup(file creat)",
		  "open(file) release(file)" },
		{ "cached", 0, "", "open(cached) release(cached)" },
		{ "dir", -EISDIR, "d_init(dir) lookup(dir creat)", "" },
		{ "link", 0,
		  "d_init(link) lookup(link creat) get_link(link)",
		  "d_init(target) lookup(target creat) open(target) release(target)" },
		{ "loose", 0,
		  "d_init(loose) lookup(loose creat) get_link(loose)",
		  "d_init(made) lookup(made creat) create(made 100644) open(made) release(made)" },
		{ "fifo", 0, "d_init(fifo) lookup(fifo creat)", "" },
	};

	create_expect_rows(test, O_CREAT | O_RDWR, rows, ARRAY_SIZE(rows));
}

/* C11: O_EXCL makes what is missing, and whatever is there is EEXIST, links too. */
void create_exclusive(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new", 0, "d_init(new) lookup(new creat excl)",
		  "create(new 100644) open(new) release(new)" },
		{ "gone", 0, "",
		  "create(gone 100644) open(gone) release(gone)" },
		{ "file", -EEXIST, "d_init(file) lookup(file creat excl)", "" },
		{ "cached", -EEXIST, "", "" },
		{ "dir", -EEXIST, "d_init(dir) lookup(dir creat excl)", "" },
		{ "link", -EEXIST, "d_init(link) lookup(link creat excl)", "" },
		{ "loose", -EEXIST, "d_init(loose) lookup(loose creat excl)",
		  "" },
		{ "fifo", -EEXIST, "d_init(fifo) lookup(fifo creat excl)", "" },
	};

	create_expect_rows(test, O_CREAT | O_EXCL | O_RDWR, rows,
			   ARRAY_SIZE(rows));
	create_expect_rows(test, O_CREAT | O_EXCL | O_TRUNC | O_RDWR, rows,
			   ARRAY_SIZE(rows));
}

/* C11: O_TRUNC cuts a regular file that was there, and nothing that was made. */
void create_truncating(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new", 0, "d_init(new) lookup(new creat)",
		  "create(new 100644) open(new) release(new)" },
		{ "gone", 0, "",
		  "create(gone 100644) open(gone) release(gone)" },
		{ "file", 0, "d_init(file) lookup(file creat)",
		  "open(file) setattr(file) release(file)" },
		{ "cached", 0, "",
		  "open(cached) setattr(cached) release(cached)" },
		{ "dir", -EISDIR, "d_init(dir) lookup(dir creat)", "" },
		{ "link", 0,
		  "d_init(link) lookup(link creat) get_link(link) d_init(target)",
		  "lookup(target creat) open(target) setattr(target) release(target)" },
		{ "loose", 0,
		  "d_init(loose) lookup(loose creat) get_link(loose)",
		  "d_init(made) lookup(made creat) create(made 100644) open(made) release(made)" },
		{ "fifo", 0, "d_init(fifo) lookup(fifo creat)", "" },
	};

	create_expect_rows(test, O_CREAT | O_TRUNC | O_RDWR, rows,
			   ARRAY_SIZE(rows));
}

/* C11: a name that cannot be a new file's is refused before the disk is asked. */
void create_impossible_names(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new/", -EISDIR, "", "" },
		{ "cached/", -EISDIR, "", "" },
		{ "dir/", -EISDIR, "", "" },
		{ ".", -EISDIR, "", "" },
		{ "..", -EISDIR, "", "" },
		{ "/", -EISDIR, "", "" },
		{ "dir", -EISDIR, "d_init(dir) lookup(dir creat)", "" },
		{ "new/a", -ENOENT, "d_init(new) lookup(new)", "" },
		{ "cached/a", -ENOTDIR, "", "" },
		{ "todir", -EISDIR,
		  "d_init(todir) lookup(todir creat) get_link(todir)",
		  "" },
		{ "slash", -EISDIR,
		  "d_init(slash) lookup(slash creat) get_link(slash)",
		  "" },
	};

	create_expect_rows(test, O_CREAT, rows, ARRAY_SIZE(rows));
}

/* C11: with O_EXCL a name that is there is EEXIST, "." as well; "new/" still is not. */
void create_exclusive_impossible_names(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new/", -EISDIR, "", "" },
		{ "cached/", -EISDIR, "", "" },
		{ ".", -EEXIST, "", "" },
		{ "..", -EEXIST, "", "" },
		{ "/", -EEXIST, "", "" },
	};

	create_expect_rows(test, O_CREAT | O_EXCL | O_RDWR, rows,
			   ARRAY_SIZE(rows));
}

/* F5: no file is made where a directory is asked for, and nobody is asked. */
void create_directory_flag(struct kunit *test)
{
	static const struct create_row rows[] = {
		{ "new", -EINVAL, "", "" },
		{ "dir", -EINVAL, "", "" },
	};

	create_expect_rows(test, O_CREAT | O_DIRECTORY, rows, ARRAY_SIZE(rows));
}

/* A loose link that may not be followed is ELOOP, and its target is not made. */
void create_nofollow_makes_no_target(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "loose",
					  O_CREAT | O_NOFOLLOW, 0644), -ELOOP);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(loose) lookup(loose creat)");
	create_expect_free(test, fs);
}

/* C11: in a removed directory nothing is made; it is not even asked. */
void create_in_dead_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "dead", S_IFDIR | 0755)->i_flags = S_DEAD;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "dead/a", O_CREAT, 0644),
			-ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(dead) lookup(dead)");
	create_expect_free(test, fs);
}

/* C6, C7: what ->create gets: a hashed negative dentry in the locked directory. */
void create_is_given_a_negative_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	call = rec_call(fs, REC_CREATE, 0);
	KUNIT_EXPECT_NULL(test, call->inode);
	KUNIT_EXPECT_FALSE(test, call->unhashed);
	KUNIT_EXPECT_FALSE(test, call->in_lookup);
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_PTR_EQ(test, call->parent, fs->mnt->mnt_root);
	KUNIT_EXPECT_PTR_EQ(test, call->dir, fs->root->inode);
	KUNIT_EXPECT_PTR_EQ(test, call->dentry,
			    rec_call(fs, REC_LOOKUP, 0)->dentry);
	KUNIT_EXPECT_TRUE(test, call->i_rwsem_write);
}

/* ->create is told of O_EXCL until 7.3, when the argument went. */
void create_is_told_of_excl(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	bool told = !ot_since(7, 3);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_CREAT | O_EXCL, 0644), 0);
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_CREATE, 0)->excl);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_CREATE, 1)->excl, told);
}

/* The directory is locked exclusively for ->lookup only if it may be created in. */
void create_locks_the_directory(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		bool exclusive;
	} rows[] = {
		{ "read", O_RDONLY, false },
		{ "write", O_WRONLY | O_TRUNC, false },
		{ "create", O_CREAT | O_RDONLY, true },
		{ "exclusive", O_CREAT | O_EXCL | O_RDWR, true },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		actor_errno(fs, rows[i].name, rows[i].flags, 0644);
		KUNIT_EXPECT_EQ_MSG(test,
				    rec_call(fs, REC_LOOKUP, i)->i_rwsem_write,
				    rows[i].exclusive, "%s", rows[i].name);
		create_expect_free(test, fs);
	}
}

/* 6.12 looks for an existing file before it takes the lock; 6.1 under the lock. */
void create_existing_is_found_without_the_lock(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	bool fast = ot_since(6, 12);

	/* Leaves RCU-walk, or i_rwsem could not be looked at. */
	if (fast)
		rec_answer(fs, REC_D_REVALIDATE, -ECHILD);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, fast ?
				      "d_revalidate(cached creat rcu) d_revalidate(cached creat)" :
				      "d_revalidate(cached creat)",
				      "open(cached) release(cached)"));
	KUNIT_EXPECT_EQ(test,
			rec_call(fs, REC_D_REVALIDATE, fast)->i_rwsem_write,
			!fast);
}

/* C11: in RCU-walk an existing file is opened, a known miss is asked for again. */
void create_looks_in_rcu_first(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	bool fast = ot_since(6, 12);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), fast ?
			   "d_revalidate(cached creat rcu) open(cached) release(cached)" :
			   "d_revalidate(cached creat) open(cached) release(cached)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "gone", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, fast ?
				      "d_revalidate(gone creat rcu) d_revalidate(gone creat)" :
				      "d_revalidate(gone creat)",
				      "create(gone 100644) open(gone) release(gone)"));
}

/* C11: RCU-walk has no reference to what it finds, and puts none. */
void create_puts_nothing_of_rcu(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	struct dentry *gone = rec_get_cached(fs->sb->s_root, "gone");

	KUNIT_ASSERT_NOT_NULL(test, gone);
	rec_answer(fs, REC_CREATE, -ENOSPC);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "gone", O_CREAT, 0644), -ENOSPC);
	/* What has no reference may be gone: it is not put. */
	KUNIT_ASSERT_EQ(test, d_count(gone), 1);
	dput(gone);
}

/* O_EXCL does not look before it has the lock: what it finds is no use. */
void create_exclusive_goes_for_the_lock(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT | O_EXCL, 0644),
			-EEXIST);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(cached creat excl)");
	KUNIT_EXPECT_TRUE(test,
			  rec_call(fs, REC_D_REVALIDATE, 0)->i_rwsem_write);
}

/* C11: d_revalidate 0 under O_CREAT: the old dentry goes and the disk is asked. */
void create_stale_dentry_is_looked_up_again(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	const char *asked = "d_init(cached) lookup(cached creat) open(cached) release(cached)";
	const char *gone = ot_since(6, 12) ?
		"d_revalidate(cached creat rcu) evict(cached) d_release(cached)" :
		"d_revalidate(cached creat) evict(cached) d_release(cached)";

	rec_answer(fs, REC_D_REVALIDATE, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, gone, asked));
}

/* C11: d_revalidate < 0 under O_CREAT comes back, and nothing is made. */
void create_revalidate_error_comes_back(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);

	rec_answer(fs, REC_D_REVALIDATE, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "gone", O_CREAT | O_EXCL, 0644),
			-EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_revalidate(gone creat excl)");
	create_expect_free(test, fs);
}

/* C11: ->lookup's error comes back; nothing is made and the dentry goes. */
void create_lookup_error_comes_back(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_answer(fs, REC_LOOKUP, -ENAMETOOLONG);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644),
			-ENAMETOOLONG);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) d_release(a)");
	create_expect_free(test, fs);
}

/* ->lookup that answers with a dentry of its own: fs->priv is its inode's node. */
static struct dentry *create_lookup_other(struct rec_fs *fs, struct inode *dir,
					  struct dentry *dentry,
					  unsigned int flags)
{
	struct dentry *other = d_alloc(dentry->d_parent, &dentry->d_name);

	if (!other)
		return ERR_PTR(-ENOMEM);
	d_add(other, fs->priv ? rec_iget(fs, fs->priv) : NULL);
	return other;
}

/* C11: ->lookup returns another dentry that has a file: opened, not made. */
void create_opens_what_lookup_returns(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->priv = rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->lookup = create_lookup_other;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) d_init(a) d_release(a) open(a) release(a)");
}

/* C11: ->lookup returns another dentry without a file: that one is created. */
void create_fills_what_lookup_returns(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->lookup = create_lookup_other;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, "d_init(a) lookup(a creat) d_init(a) d_release(a)",
				      "create(a 100644) open(a) release(a)"));
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_CREATE, 0)->dentry,
			    rec_call(fs, REC_D_INIT, 1)->dentry);
}

static struct dentry *create_lookup_nothing(struct rec_fs *fs,
					    struct inode *dir,
					    struct dentry *dentry,
					    unsigned int flags)
{
	return NULL;
}

/* C11: ->lookup may leave the dentry unhashed; ->create gets it out of lookup. */
void create_after_lookup_did_nothing(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->lookup = create_lookup_nothing;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, "d_init(a) lookup(a creat) create(a 100644)",
				      "open(a) release(a) evict(a) d_release(a)"));
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_LOOKUP, 0)->in_lookup);
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_CREATE, 0)->unhashed);
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_CREATE, 0)->in_lookup);
}

/* FMODE_CREATED tells who made the file, and nobody else. */
void create_fmode_created(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		bool created;
	} rows[] = {
		{ "new", O_CREAT, true },
		{ "new", O_CREAT, false },
		{ "gone", O_CREAT | O_EXCL, true },
		{ "cached", O_CREAT, false },
		{ "file", O_CREAT, false },
		{ "target", O_RDONLY, false },
		{ "loose", O_CREAT, true },
		{ "loose", O_CREAT, false },
	};
	struct rec_fs *fs = create_world(test, 0);
	struct file *file;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		file = actor_open(fs, rows[i].name, rows[i].flags, 0644);
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%d %s", i,
				       rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, !!(file->f_mode & FMODE_CREATED),
				    rows[i].created, "%d %s", i, rows[i].name);
		actor_close(file);
	}
}

/* Who makes a file may use it, whatever its mode; whoever comes later may not. */
void create_mode_is_for_later_opens(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct cred *user = actor_cred(test, USER);
	struct file *file;

	fs->root->inode->i_mode = S_IFDIR | 0777;
	file = actor_open_as(fs, user, "a", O_CREAT | O_RDWR, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_READ);
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_WRITE);
	actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100000) open(a) release(a)");
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "a", O_CREAT | O_RDWR,
					     0), -EACCES);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "a", O_RDONLY, 0),
			-EACCES);
}

/* An existing file is opened with its own permissions: O_CREAT helps nobody. */
void create_existing_checks_permission(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	const struct cred *user = actor_cred(test, USER);

	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "cached",
					     O_CREAT | O_RDWR, 0666), -EACCES);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "cached",
					     O_CREAT | O_TRUNC, 0666), -EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "cached", O_CREAT, 0666),
			0);
	create_expect_free(test, fs);
}

/* O_TRUNC of what was there: size and times by way of this open file. */
void create_truncates_through_the_file(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT | O_TRUNC,
					  0644), 0);
	call = rec_call(fs, REC_SETATTR, 0);
	KUNIT_EXPECT_EQ(test, call->flags,
			(unsigned int)(ATTR_SIZE | ATTR_MTIME | ATTR_CTIME |
				       ATTR_OPEN | ATTR_FILE));
	KUNIT_EXPECT_PTR_EQ(test, call->file,
			    rec_call(fs, REC_OPEN, 0)->file);
	create_expect_free(test, fs);
}

/* The mode that ->create gets: permissions less the umask, a regular file's. */
void create_umask(struct kunit *test)
{
	static const struct {
		const char *name;
		int umask;
		umode_t mode;
		umode_t created;
	} rows[] = {
		{ "usual", 0022, 0666, S_IFREG | 0644 },
		{ "none", 0, 0777, S_IFREG | 0777 },
		{ "private", 0077, 0666, S_IFREG | 0600 },
		{ "all", 0777, 0777, S_IFREG },
		{ "no mode", 0022, 0, S_IFREG },
		{ "set-id and sticky", 0022, 07777, S_IFREG | 07755 },
		{ "set-id alone", 0777, 07777, S_IFREG | 07000 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fs->task_fs->umask = rows[i].umask;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, rows[i].name, O_CREAT,
						      rows[i].mode), 0, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_CREATE, i)->mode,
				    rows[i].created, "%s", rows[i].name);
	}
}

/* A filesystem that does ACLs, or says so, applies the umask itself. */
void create_umask_is_left_to_acls(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	int ways = 0;

#ifdef SB_I_NOUMASK
	fs->sb->s_iflags |= SB_I_NOUMASK;
	actor_errno(fs, "noumask", O_CREAT, 0666);
	fs->sb->s_iflags &= ~SB_I_NOUMASK;
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_CREATE, ways++)->mode,
			S_IFREG | 0666);
#endif
	if (IS_ENABLED(CONFIG_FS_POSIX_ACL)) {
		fs->sb->s_flags |= SB_POSIXACL;
		actor_errno(fs, "acl", O_CREAT, 0666);
		fs->sb->s_flags &= ~SB_POSIXACL;
		KUNIT_EXPECT_EQ(test, rec_call(fs, REC_CREATE, ways++)->mode,
				S_IFREG | 0666);
	}
	if (!ways)
		kunit_skip(test, "needs CONFIG_FS_POSIX_ACL");
}

/* In a set-group-id directory a stranger gets no set-group-id program. */
void create_setgid_directory(struct kunit *test)
{
	static const struct {
		const char *name;
		umode_t dir;
		unsigned int gid;
		unsigned int uid;
		umode_t mode;
		umode_t created;
		umode_t umask;
	} rows[] = {
		{ "stranger", 02777, OTHER, USER, 02775, 0775 },
		{ "member", 02777, USER, USER, 02775, 02775 },
		{ "root", 02777, OTHER, 0, 02775, 02775 },
		{ "not executable", 02777, OTHER, USER, 02764, 02764 },
		{ "not set-group-id", 02777, OTHER, USER, 04775, 04775 },
		{ "plain directory", 0777, OTHER, USER, 02775, 02775 },
		/* It was to be executable, whatever the umask leaves. */
		{ "umask takes the x", 02777, OTHER, USER, 02775, 0765, 0010 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	const struct cred *user = actor_cred(test, USER);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fs->task_fs->umask = rows[i].umask;
		fs->root->inode->i_mode = S_IFDIR | rows[i].dir;
		fs->root->inode->i_gid = KGIDT_INIT(rows[i].gid);
		actor_errno_as(fs, rows[i].uid ? user : current_cred(),
			       rows[i].name, O_CREAT, rows[i].mode);
		KUNIT_EXPECT_EQ_MSG(test, rec_call(fs, REC_CREATE, i)->mode,
				    S_IFREG | rows[i].created, "%s",
				    rows[i].name);
	}
}

/* ->create's error comes back; the dentry stays negative and is tried again. */
void create_error_comes_back(struct kunit *test)
{
	static const int errors[] = { -ENOSPC, -EDQUOT, -EIO, -EEXIST, -EROFS };
	struct rec_fs *fs = rec_mount(test, 0);
	int i;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		rec_forget(fs);
		rec_answer(fs, REC_CREATE, errors[i]);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644),
				errors[i]);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0),
				-ENOENT);
		KUNIT_EXPECT_STREQ(test, rec_log(fs), "create(a 100644)");
		create_expect_free(test, fs);
	}
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "create(a 100644) open(a) release(a)");
}

/* ->create's ESTALE is tried once more, revalidating; a second one comes back. */
void create_estale_is_tried_once_more(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	/* In lookup_fast() and in lookup_open(); 6.1 only in the latter. */
	const char *again = ot_since(6, 12) ?
		"d_revalidate(a creat reval) d_revalidate(a creat reval) create(a 100644)" :
		"d_revalidate(a creat reval) create(a 100644)";

	rec_answer(fs, REC_CREATE, -ESTALE);
	rec_answer(fs, REC_CREATE, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -ESTALE);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, "d_init(a) lookup(a creat) create(a 100644)",
				      again));
	rec_answer(fs, REC_CREATE, -ESTALE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	create_expect_free(test, fs);
}

/* ->open's error after ->create comes back, and the file stays. */
void create_survives_failed_open(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_answer(fs, REC_OPEN, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT | O_RDWR, 0644),
			-EIO);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644) open(a)");
	create_expect_free(test, fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT | O_EXCL, 0644),
			-EEXIST);
}

/*
 * Where nothing may be made in the root directory: a miss has @err, with O_EXCL
 * too, but what is there opens, or is EEXIST.
 */
static void create_expect_refused(struct kunit *test, struct rec_fs *fs,
				  const struct cred *cred, long err)
{
	rec_add(fs, NULL, "file", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, cred, "miss", O_CREAT, 0644),
			err);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(miss) lookup(miss creat)");
	create_expect_free(test, fs);

	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, cred, "miss",
					     O_CREAT | O_EXCL | O_RDWR, 0644),
			err);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, cred, "miss",
					     O_CREAT | O_TRUNC, 0644), err);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");

	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, cred, "file",
					     O_CREAT | O_EXCL, 0644), -EEXIST);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(file) lookup(file creat excl)");

	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, cred, "file", O_CREAT, 0644),
			0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(file) release(file)");
	create_expect_free(test, fs);
}

/* C11: a directory without ->create is EACCES on a miss. */
void create_without_create(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_NO_CREATE);

	create_expect_refused(test, fs, current_cred(), -EACCES);
}

/* C11: a read-only mount is EROFS on a miss. */
void create_on_readonly_mount(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->mnt->mnt_flags |= MNT_READONLY;
	create_expect_refused(test, fs, current_cred(), -EROFS);
}

/* C11: so is a read-only superblock. */
void create_on_readonly_superblock(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->sb->s_flags |= SB_RDONLY;
	create_expect_refused(test, fs, current_cred(), -EROFS);
}

/* C11: no permission to write the directory is EACCES on a miss. */
void create_without_write_permission(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	create_expect_refused(test, fs, actor_cred(test, USER), -EACCES);
}

/* C11: an immutable directory is EPERM on a miss, for root too. */
void create_in_immutable_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->root->inode->i_flags |= S_IMMUTABLE;
	create_expect_refused(test, fs, current_cred(), -EPERM);
}

/* A directory whose owner has no mapping is EACCES on a miss, for root too. */
void create_in_unmapped_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->root->inode->i_mode = S_IFDIR | 0777;
	fs->root->inode->i_uid = INVALID_UID;
	create_expect_refused(test, fs, current_cred(), -EACCES);
}

/* Whoever has no id that could own a file gets EOVERFLOW on a miss. */
void create_by_unmapped_user(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->root->inode->i_mode = S_IFDIR | 0777;
	create_expect_refused(test, fs, actor_cred(test, -1), -EOVERFLOW);
}

/* Why nothing may be made: the mount comes before the permission. */
void create_readonly_comes_before_permission(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->mnt->mnt_flags |= MNT_READONLY;
	create_expect_refused(test, fs, actor_cred(test, USER), -EROFS);
}

/* O_CREAT of an existing file for writing on what is read-only: EROFS, no ->open. */
void create_existing_for_write_on_readonly(struct kunit *test)
{
	static const int flags[] = { O_WRONLY, O_RDWR, O_TRUNC };
	struct rec_fs *fs = create_world(test, 0);
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		fs->mnt->mnt_flags |= MNT_READONLY;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "cached",
						      O_CREAT | flags[i], 0644),
				    -EROFS, "mount %d", i);
		fs->mnt->mnt_flags &= ~MNT_READONLY;
		fs->sb->s_flags |= SB_RDONLY;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "cached",
						      O_CREAT | flags[i], 0644),
				    -EROFS, "superblock %d", i);
		fs->sb->s_flags &= ~SB_RDONLY;
	}
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	create_expect_free(test, fs);
}

/* A directory that may not be searched is EACCES before its ->lookup. */
void create_without_search_permission(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "dir", S_IFDIR | 0666);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, actor_cred(test, USER),
					     "dir/a", O_CREAT, 0644), -EACCES);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(dir) lookup(dir)");
}

/* May write and search: the permission that is asked for a new file. */
void create_asks_to_write_the_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);
	const char *made =
		"lookup(a creat) create(a 100644) permission(a) open(a) release(a)";

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test,
				      "permission(/ exec rcu) d_init(a) permission(/ write exec)",
				      made));
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "permission(/ exec rcu) permission(a read) open(a) release(a)");
}

/* An append-only directory takes new files. */
void create_in_append_only_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->root->inode->i_flags |= S_APPEND;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT | O_RDWR, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644) open(a) release(a)");
}

static void create_note_writers(struct rec_fs *fs, struct inode *dir,
				struct dentry *dentry)
{
	*(int *)fs->priv = rec_writers(fs);
}

static struct dentry *create_lookup_note_writers(struct rec_fs *fs,
						 struct inode *dir,
						 struct dentry *dentry,
						 unsigned int flags)
{
	*(int *)fs->priv = rec_writers(fs);
	return rec_lookup(fs, dir, dentry, flags);
}

/* ->create runs with write access to the mount, which ends with it. */
void create_holds_write_access(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	int writers = -1;

	fs->priv = &writers;
	fs->create = create_note_writers;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_EQ(test, writers, 1);
	create_expect_free(test, fs);
}

/* ->lookup runs with write access to the mount if the open could write. */
void create_write_access_in_lookup(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		int writers;
	} rows[] = {
		{ "read", O_RDONLY, 0 },
		{ "path", O_PATH, 0 },
		{ "write", O_WRONLY, 1 },
		{ "read and write", O_RDWR, 1 },
		{ "truncate", O_TRUNC, 1 },
		{ "create", O_CREAT, 1 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	int i, writers;

	fs->priv = &writers;
	fs->lookup = create_lookup_note_writers;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		writers = -1;
		actor_errno(fs, rows[i].name, rows[i].flags, 0644);
		KUNIT_EXPECT_EQ_MSG(test, writers, rows[i].writers, "%s",
				    rows[i].name);
		create_expect_free(test, fs);
	}
}

/* One access to the mount for the open file, none left of its creation. */
void create_leaves_one_writer(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = actor_open(fs, "a", O_CREAT | O_RDWR | O_TRUNC,
				       0644);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 1);
	actor_close(file);
	create_expect_free(test, fs);
}

/* Writes a one-digit sysctl through @proc; the digit that was there, or -errno. */
static int create_sysctl(struct vfsmount *proc, const char *name, char digit)
{
	struct file *file = file_open_root_mnt(proc, name, O_RDWR, 0);
	ssize_t n, written;
	loff_t pos = 0;
	char old;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_read(file, &old, 1, &pos);
	pos = 0;
	written = kernel_write(file, &digit, 1, &pos);
	actor_close(file);
	return n == 1 && written == 1 ? old : -EIO;
}

/* actor_errno_as() while the sysctls have these values. */
static long create_protected(struct kunit *test, struct vfsmount *proc,
			     char regular, char fifos, struct rec_fs *fs,
			     const struct cred *cred, const char *name,
			     int flags)
{
	int old_regular = create_sysctl(proc, "sys/fs/protected_regular",
					regular);
	int old_fifos = create_sysctl(proc, "sys/fs/protected_fifos", fifos);
	long err = actor_errno_as(fs, cred, name, flags, 0666);

	if (old_regular >= 0)
		create_sysctl(proc, "sys/fs/protected_regular", old_regular);
	if (old_fifos >= 0)
		create_sysctl(proc, "sys/fs/protected_fifos", old_fifos);
	KUNIT_EXPECT_GE(test, old_regular, 0);
	KUNIT_EXPECT_GE(test, old_fifos, 0);
	return err;
}

/* What somebody put into a sticky directory, and who wants to create over it. */
struct create_sticky {
	const char *name;
	char regular;
	char fifos;
	umode_t dir;
	unsigned int dir_uid;
	umode_t file;
	unsigned int file_uid;
	unsigned int uid;
	int flags;
	long err;
	umode_t dir_later;
	unsigned int dir_uid_later;
};

/* The directory changes while its file is looked up. */
static struct dentry *create_lookup_later(struct rec_fs *fs, struct inode *dir,
					  struct dentry *dentry,
					  unsigned int flags)
{
	const struct create_sticky *row = fs->priv;

	if ((flags & LOOKUP_CREATE) && row->dir_later) {
		dir->i_mode = S_IFDIR | row->dir_later;
		dir->i_uid = KUIDT_INIT(row->dir_uid_later);
	}
	return rec_lookup(fs, dir, dentry, flags);
}

static void create_expect_sticky(struct kunit *test,
				 const struct create_sticky *row, size_t rows)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct cred *user = actor_cred(test, USER);
	struct vfsmount *proc = procfs_mount(test);
	struct rec_node *dir;
	char path[64];
	long err;

	fs->lookup = create_lookup_later;
	for (; rows; row++, rows--) {
		dir = rec_add(fs, NULL, row->name, S_IFDIR | row->dir);
		dir->uid = KUIDT_INIT(row->dir_uid);
		if (row->file)
			rec_add(fs, dir, "a", row->file)->uid =
				KUIDT_INIT(row->file_uid);
		snprintf(path, sizeof(path), "%s/a", row->name);
		fs->priv = (void *)row;
		err = create_protected(test, proc, row->regular, row->fifos, fs,
				       row->uid ? user : current_cred(), path,
				       row->flags);
		KUNIT_EXPECT_EQ_MSG(test, err, row->err, "%s", row->name);
	}
}

#define STICKY	(01777)
#define TEAM	(01775)
#define FILE	(S_IFREG | 0666)
#define PIPE	(S_IFIFO | 0666)
#define CREAT	(O_CREAT | O_RDWR)

/* In RCU-walk, between the search of the dcache and the lock, a rename came. */
static void create_change_directory(struct rec_fs *fs, struct dentry *dentry,
				    unsigned int flags)
{
	struct dentry *dir = fs->sb->s_root;

	if (!(flags & LOOKUP_RCU))
		return;
	spin_lock(&dir->d_lock);
	raw_write_seqcount_begin(&dir->d_seq);
	raw_write_seqcount_end(&dir->d_seq);
	spin_unlock(&dir->d_lock);
}

/* A directory that changes before it is locked is walked to once more. */
void create_in_a_directory_that_changes(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);

	KUNIT_ASSERT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	rec_forget(fs);
	fs->d_revalidate = create_change_directory;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test, ot_since(6, 12) ?
				      "d_revalidate(a creat rcu) d_revalidate(a creat)" : "",
				      "d_revalidate(a creat) create(a 100644) open(a) release(a)"));
	create_expect_free(test, fs);
}

/* fs.protected_regular: no O_CREAT of another's file in a sticky directory. */
void create_protected_regular(struct kunit *test)
{
	static const struct create_sticky rows[] = {
		{ "off", '0', '2', STICKY, 0, FILE, OTHER, USER, CREAT, 0 },
		{ "on", '1', '0', STICKY, 0, FILE, OTHER, USER, CREAT, -EACCES },
		{ "root too", '1', '0', STICKY, OTHER, FILE, USER, 0, CREAT,
		  -EACCES },
		{ "to read", '1', '0', STICKY, 0, FILE, OTHER, USER, O_CREAT,
		  -EACCES },
		{ "not O_CREAT", '2', '2', STICKY, 0, FILE, OTHER, USER, O_RDWR,
		  0 },
		{ "own file", '2', '2', STICKY, 0, FILE, USER, USER, CREAT, 0 },
		{ "directory's owner", '2', '2', STICKY, OTHER, FILE, OTHER,
		  USER, CREAT, 0 },
		{ "not sticky", '2', '2', 0777, 0, FILE, OTHER, USER, CREAT, 0 },
		{ "group 1", '1', '0', TEAM, 0, FILE, OTHER, USER, CREAT, 0 },
		{ "group 1, FIFOs 2", '1', '2', TEAM, 0, FILE, OTHER, USER,
		  CREAT, 0 },
		{ "group 2", '2', '0', TEAM, 0, FILE, OTHER, USER, CREAT,
		  -EACCES },
		{ "new file", '2', '2', STICKY, OTHER, 0, 0, USER, CREAT, 0 },
		{ "nobody writes", '2', '2', 01755, 0, FILE, OTHER, USER, CREAT,
		  0 },
	};

	create_expect_sticky(test, rows, ARRAY_SIZE(rows));
}

/* fs.protected_fifos: the same for FIFOs, apart from protected_regular. */
void create_protected_fifos(struct kunit *test)
{
	static const struct create_sticky rows[] = {
		{ "off", '2', '0', STICKY, 0, PIPE, OTHER, USER, CREAT, 0 },
		{ "on", '0', '1', STICKY, 0, PIPE, OTHER, USER, CREAT, -EACCES },
		{ "root too", '0', '1', STICKY, OTHER, PIPE, USER, 0, CREAT,
		  -EACCES },
		{ "not O_CREAT", '2', '2', STICKY, 0, PIPE, OTHER, USER, O_RDWR,
		  0 },
		{ "own", '2', '2', STICKY, 0, PIPE, USER, USER, CREAT, 0 },
		{ "directory's owner", '2', '2', STICKY, OTHER, PIPE, OTHER,
		  USER, CREAT, 0 },
		{ "group 1", '2', '1', TEAM, 0, PIPE, OTHER, USER, CREAT, 0 },
		{ "group 2", '0', '2', TEAM, 0, PIPE, OTHER, USER, CREAT,
		  -EACCES },
	};

	create_expect_sticky(test, rows, ARRAY_SIZE(rows));
}

/* The directory as it was walked: when the file is found, it may be gone. */
void create_protected_by_the_directory_walked(struct kunit *test)
{
	static const struct create_sticky rows[] = {
		{ "was sticky", '1', '1', STICKY, 0, FILE, OTHER, USER, CREAT,
		  -EACCES, 0777, 0 },
		{ "becomes sticky", '1', '1', 0777, 0, FILE, OTHER, USER, CREAT,
		  0, STICKY, 0 },
		{ "becomes the file's owner's", '1', '1', STICKY, 0, FILE,
		  OTHER, USER, CREAT, -EACCES, STICKY, OTHER },
		{ "was the file's owner's", '1', '1', STICKY, OTHER, FILE,
		  OTHER, USER, CREAT, 0, STICKY, 0 },
	};

	create_expect_sticky(test, rows, ARRAY_SIZE(rows));
}

/* What a watcher of the directory hears of each open. */
void create_events(struct kunit *test)
{
	/* 6.1 tells of an open in do_sys_openat2(), above what is called here. */
	bool open = ot_since(6, 5);
	const struct {
		const char *name;
		int flags;
		const char *events;
	} rows[] = {
		{ "new", O_CREAT | O_RDWR, open ?
		  "create(new) open(new) close_write(new)" :
		  "create(new) close_write(new)" },
		{ "gone", O_CREAT | O_EXCL | O_TRUNC, open ?
		  "create(gone) open(gone) close_nowrite(gone)" :
		  "create(gone) close_nowrite(gone)" },
		{ "cached", O_CREAT, open ?
		  "open(cached) close_nowrite(cached)" :
		  "close_nowrite(cached)" },
		{ "file", O_RDWR, open ?
		  "open(file) close_write(file)" : "close_write(file)" },
		{ "file", O_CREAT | O_TRUNC | O_WRONLY, open ?
		  "open(file) modify(file) close_write(file)" :
		  "modify(file) close_write(file)" },
		{ "loose", O_CREAT, open ?
		  "create(made) open(made) close_nowrite(made)" :
		  "create(made) close_nowrite(made)" },
		{ "file", O_PATH, "" },
	};
	struct rec_fs *fs = create_world(test, 0);
	struct events *events = events_watch(test, fs->root->inode);
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		events_forget(events);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, rows[i].name,
						  rows[i].flags, 0644), 0);
		KUNIT_EXPECT_STREQ_MSG(test, events_log(events),
				       rows[i].events, "%s", rows[i].name);
	}
}

/* An open that fails is not told of; a file that was made before it failed is. */
void create_events_of_failure(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	struct events *events = events_watch(test, fs->root->inode);

	rec_answer(fs, REC_CREATE, -ENOSPC);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -ENOSPC);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT | O_EXCL, 0644),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "dir", O_CREAT, 0644), -EISDIR);
	KUNIT_EXPECT_STREQ(test, events_log(events), "");
	rec_answer(fs, REC_OPEN, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -EIO);
	KUNIT_EXPECT_STREQ(test, events_log(events), "create(a)");
}

/* With ->atomic_open the file is told of before its opening, and that once. */
void create_events_of_atomic_open(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct events *events = events_watch(test, fs->root->inode);
	bool open = ot_since(6, 10);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, events_log(events), open ?
			   "create(a) open(a) close_nowrite(a)" :
			   "create(a) close_nowrite(a)");
	rec_add(fs, NULL, "file", S_IFREG | 0644);
	events_forget(events);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "file", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, events_log(events), open ?
			   "open(file) close_nowrite(file)" :
			   "close_nowrite(file)");
}

#if defined(CONFIG_FILE_LOCKING) && defined(LEASE_BREAK_DIR_CREATE)

/* Somebody who has a delegation of the root directory. */
struct create_holder {
	struct actor actor;
	struct file *file;
	struct completion asked;
	unsigned int breaks;
	bool keeps;
};

static bool create_lm_break(struct file_lease *lease)
{
	struct create_holder *holder = lease->c.flc_owner;

	holder->breaks++;
	if (!holder->keeps)
		complete(&holder->asked);
	return false;
}

static int create_lm_open_conflict(struct file *file, int arg)
{
	return 0;
}

static const struct lease_manager_operations create_lm_ops = {
	.lm_break		= create_lm_break,
	.lm_change		= lease_modify,
	.lm_open_conflict	= create_lm_open_conflict,
};

/* Gives the delegation back when asked: with the directory's lock, as nfsd may. */
static void create_hold(struct actor *actor)
{
	struct create_holder *holder = actor->data;
	struct inode *dir = file_inode(holder->file);
	void *owner = holder;

	wait_for_completion(&holder->asked);
	inode_lock(dir);
	generic_setlease(holder->file, F_UNLCK, NULL, &owner);
	inode_unlock(dir);
}

static void create_delegate(struct kunit *test, struct rec_fs *fs,
			    struct create_holder *holder, unsigned int flags)
{
	struct file_lease *lease = locks_alloc_lease();
	int err;

	KUNIT_ASSERT_NOT_NULL(test, lease);
	holder->file = actor_open(fs, "/", O_RDONLY | O_DIRECTORY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(holder->file));
	init_completion(&holder->asked);
	lease->fl_lmops = &create_lm_ops;
	lease->c.flc_flags = FL_DELEG | flags;
	lease->c.flc_type = F_RDLCK;
	lease->c.flc_owner = holder;
	lease->c.flc_file = holder->file;
	err = generic_setlease(holder->file, F_RDLCK, &lease, NULL);
	if (lease)
		locks_free_lease(lease);
	rec_forget(fs);
	holder->actor.fn = create_hold;
	holder->actor.fs = fs;
	holder->actor.data = holder;
	actor_start(test, &holder->actor);
	KUNIT_EXPECT_EQ(test, err, 0);
}

/* Ends the delegation, if nobody has asked for it. */
static void create_undelegate(struct kunit *test, struct create_holder *holder)
{
	complete(&holder->asked);
	actor_join(test, &holder->actor);
	actor_close(holder->file);
}

/* A delegation of the directory is broken: waited for unlocked, then all again. */
void create_breaks_delegation(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	struct create_holder holder = { };

	create_delegate(test, fs, &holder, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   create_log(test,
				      "d_init(a) lookup(a creat) d_revalidate(a creat)",
				      "create(a 100644) open(a) release(a)"));
	KUNIT_EXPECT_EQ(test, holder.breaks, 1U);
	create_undelegate(test, &holder);
	create_expect_free(test, fs);
}

/* A signal ends the wait for it, and the open; nothing is made. */
void create_waiting_for_a_delegation_is_interrupted(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	struct create_holder holder = { .keeps = true };

	create_delegate(test, fs, &holder, 0);
	allow_signal(SIGINT);
	send_sig(SIGINT, current, 1);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), -ERESTARTSYS);
	flush_signals(current);
	disallow_signal(SIGINT);
	KUNIT_EXPECT_EQ(test, holder.breaks, 1U);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a creat)");
	create_undelegate(test, &holder);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	create_expect_free(test, fs);
}

/* An open that makes nothing leaves the delegation alone. */
void create_existing_keeps_delegation(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, 0);
	const struct cred *user = actor_cred(test, USER);
	struct create_holder holder = { };

	create_delegate(test, fs, &holder, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "file", O_CREAT, 0644), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "cached", O_CREAT | O_EXCL, 0644),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, actor_errno_as(fs, user, "gone", O_CREAT, 0644),
			-EACCES);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "gone", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, holder.breaks, 0U);
	create_undelegate(test, &holder);
}

/* A delegation may have nothing against new files. */
void create_ignored_by_delegation(struct kunit *test)
{
	struct rec_fs *fs = create_world(test, REC_HAS_REVALIDATE);
	struct create_holder holder = { };

	create_delegate(test, fs, &holder, FL_IGN_DIR_CREATE);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_CREAT, 0644), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644) open(a) release(a)");
	KUNIT_EXPECT_EQ(test, holder.breaks, 0U);
	create_undelegate(test, &holder);
}

#else

void create_breaks_delegation(struct kunit *test)
{
	kunit_skip(test, "needs directory delegations and CONFIG_FILE_LOCKING");
}

void create_waiting_for_a_delegation_is_interrupted(struct kunit *test)
{
	create_breaks_delegation(test);
}

void create_existing_keeps_delegation(struct kunit *test)
{
	create_breaks_delegation(test);
}

void create_ignored_by_delegation(struct kunit *test)
{
	create_breaks_delegation(test);
}

#endif
