// SPDX-License-Identifier: GPL-2.0
/* lookup_open() without creation: how the last component gets its dentry. */
#include <kunit/test.h>
#include <linux/stringhash.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* Parts of a log, of a file "a". */
#define ASKED	"d_init(a) lookup(a)"
#define OPENED	"open(a) release(a)"
#define DROPPED	"evict(a) d_release(a)"

/* C4: the first miss makes one dentry and asks the filesystem once. */
void lookup_miss_asks_once(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a)");
}

/* C4: the second miss is the dcache's answer: no dentry is made, nobody asked. */
void lookup_negative_is_not_asked_again(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	actor_errno(fs, "a", O_RDONLY, 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* C6: a dentry begins negative, unhashed, not in lookup, held once. */
void lookup_dentry_begins_unhashed(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *call;

	actor_errno(fs, "abc", O_RDONLY, 0);
	call = rec_call(fs, REC_D_INIT, 0);
	KUNIT_EXPECT_PTR_EQ(test, call->inode, NULL);
	KUNIT_EXPECT_TRUE(test, call->unhashed);
	KUNIT_EXPECT_FALSE(test, call->in_lookup);
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_EQ(test, call->len, 3U);
	KUNIT_EXPECT_EQ(test, call->hash,
			full_name_hash(fs->sb->s_root, "abc", 3));
}

/* C6: ->lookup is given that dentry, in lookup, under the shared lock. */
void lookup_sees_dentry_in_lookup(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *call;

	actor_errno(fs, "abc", O_RDWR, 0);
	call = rec_call(fs, REC_LOOKUP, 0);
	KUNIT_EXPECT_PTR_EQ(test, call->dentry,
			    rec_call(fs, REC_D_INIT, 0)->dentry);
	KUNIT_EXPECT_PTR_EQ(test, call->parent,
			    (const struct dentry *)fs->sb->s_root);
	KUNIT_EXPECT_PTR_EQ(test, call->dir,
			    (const struct inode *)d_inode(fs->sb->s_root));
	KUNIT_EXPECT_PTR_EQ(test, call->inode, NULL);
	KUNIT_EXPECT_TRUE(test, call->unhashed);
	KUNIT_EXPECT_TRUE(test, call->in_lookup);
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_FALSE(test, call->i_rwsem_write);
}

/* C6: what a miss leaves is that dentry, hashed, negative, held by nobody. */
void lookup_miss_leaves_hashed_negative(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry;

	actor_errno(fs, "a", O_RDONLY, 0);
	dentry = rec_get_cached(fs->sb->s_root, "a");
	KUNIT_ASSERT_NOT_NULL(test, dentry);
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)dentry,
			    rec_call(fs, REC_LOOKUP, 0)->dentry);
	KUNIT_EXPECT_PTR_EQ(test, d_inode(dentry), NULL);
	KUNIT_EXPECT_FALSE(test, d_unhashed(dentry));
	KUNIT_EXPECT_FALSE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

/* C11: a cached positive dentry is opened, the filesystem not asked again. */
void lookup_positive_is_not_asked_again(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *first, *second;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	first = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, first);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) open(a)");
	rec_forget(fs);
	second = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(a)");
	if (!IS_ERR(second)) {
		KUNIT_EXPECT_PTR_NE(test, first, second);
		KUNIT_EXPECT_PTR_EQ(test, first->f_path.dentry,
				    second->f_path.dentry);
		KUNIT_EXPECT_EQ(test, d_count(first->f_path.dentry), 2);
		actor_close(second);
	}
	actor_close(first);
}

/* C10: a miss gives back the write access to the mount that it took. */
void lookup_miss_gives_write_access_back(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDWR, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

static struct dentry *lookup_count_writers(struct rec_fs *fs, struct inode *dir,
					   struct dentry *dentry,
					   unsigned int flags)
{
	*(int *)fs->priv = rec_writers(fs);
	return rec_lookup(fs, dir, dentry, flags);
}

static const struct lookup_write {
	const char *name;
	int flags;
	int writers;
} lookup_writes[] = {
	{ "O_RDONLY", O_RDONLY, 0 },
	{ "O_WRONLY", O_WRONLY, 1 },
	{ "O_RDWR", O_RDWR, 1 },
	{ "O_TRUNC", O_RDONLY | O_TRUNC, 1 },
	{ "O_APPEND", O_RDONLY | O_APPEND, 0 },
};

/* lookup_open() runs with write access when the flags can need it. */
void lookup_holds_write_access(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_writes); i++) {
		const struct lookup_write *row = &lookup_writes[i];
		struct rec_fs *fs = rec_mount(test, 0);
		int writers = -1;

		fs->lookup = lookup_count_writers;
		fs->priv = &writers;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", row->flags, 0),
				    -ENOENT, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, writers, row->writers, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%s", row->name);
	}
}

/* C10: on a read-only filesystem a missing name is missing, not EROFS. */
void lookup_miss_on_read_only_is_enoent(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->sb->s_flags |= SB_RDONLY;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_RDWR, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDWR, 0), -EROFS);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(b) lookup(b) d_init(a) lookup(a)");
}

/* C11: a dead directory is not asked, no dentry is made in it. */
void lookup_dead_directory_is_not_asked(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);

	rec_add(fs, d, "a", S_IFREG | 0644);
	d->i_flags = S_DEAD;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(d) lookup(d)");
}

/* The same for a component that is not the last. */
void lookup_dead_directory_is_not_walked(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct rec_node *e = rec_add(fs, d, "e", S_IFDIR | 0755);

	rec_add(fs, e, "a", S_IFREG | 0644);
	d->i_flags = S_DEAD;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/e/a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(d) lookup(d)");
}

/* C11: only who would ask looks at S_DEAD: what is cached is still found. */
void lookup_dead_directory_has_its_cache(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);

	rec_add(fs, d, "a", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), 0);
	d->inode->i_flags |= S_DEAD;
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(a) release(a)");
}

/* One open of the cached file "a", and what ->d_revalidate answers in turn. */
struct lookup_reval {
	const char *name;
	int flags;
	int answers[4];
	int nr;
	long err;
	const char *log;
};

static void lookup_revalidate(struct kunit *test,
			      const struct lookup_reval *row, umode_t mode)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	int i;

	if (mode)
		rec_add(fs, NULL, "a", mode);
	actor_errno(fs, "a", O_RDONLY, 0);
	KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_REVALIDATE], 0UL,
			    "%s: a new dentry needs none", row->name);
	for (i = 0; i < row->nr; i++)
		rec_answer(fs, REC_D_REVALIDATE, row->answers[i]);
	rec_forget(fs);
	KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", row->flags, 0), row->err,
			    "%s", row->name);
	KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s", row->name);
}

#define ANSWERS(...) \
	{ __VA_ARGS__ }, .nr = sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)

static const struct lookup_reval lookup_fast_revals[] = {
	{ "valid", O_RDONLY, ANSWERS(1), .err = 0,
	  .log = "d_revalidate(a rcu) open(a) release(a)" },
	{ "stale name", O_RDONLY, ANSWERS(0), .err = 0,
	  .log = "d_revalidate(a rcu) " DROPPED " " ASKED " " OPENED },
	{ "error", O_RDONLY, ANSWERS(-EIO), .err = -EIO,
	  .log = "d_revalidate(a rcu)" },
	{ "another error", O_RDWR, ANSWERS(-EACCES), .err = -EACCES,
	  .log = "d_revalidate(a rcu)" },
	{ "blocks, valid", O_RDONLY, ANSWERS(-ECHILD, 1), .err = 0,
	  .log = "d_revalidate(a rcu) d_revalidate(a) open(a) release(a)" },
	{ "blocks, stale name", O_RDONLY, ANSWERS(-ECHILD, 0), .err = 0,
	  .log = "d_revalidate(a rcu) d_revalidate(a) "
		 DROPPED " " ASKED " " OPENED },
	{ "blocks, error", O_RDONLY, ANSWERS(-ECHILD, -EIO), .err = -EIO,
	  .log = "d_revalidate(a rcu) d_revalidate(a)" },
	{ "ESTALE once", O_RDONLY, ANSWERS(-ESTALE, 1), .err = 0,
	  .log = "d_revalidate(a rcu) d_revalidate(a reval) open(a) release(a)" },
	{ "ESTALE, then stale name", O_RDONLY, ANSWERS(-ESTALE, 0), .err = 0,
	  .log = "d_revalidate(a rcu) d_revalidate(a reval) "
		 DROPPED " d_init(a) lookup(a reval) " OPENED },
	{ "ESTALE twice", O_RDONLY, ANSWERS(-ESTALE, -ESTALE), .err = -ESTALE,
	  .log = "d_revalidate(a rcu) d_revalidate(a reval)" },
	{ "blocks, ESTALE twice", O_RDONLY, ANSWERS(-ECHILD, -ESTALE, -ESTALE),
	  .err = -ESTALE,
	  .log = "d_revalidate(a rcu) d_revalidate(a) d_revalidate(a reval)" },
	{ "blocks although it may", O_RDONLY, ANSWERS(-ECHILD, -ECHILD, 1),
	  .err = 0,
	  .log = "d_revalidate(a rcu) d_revalidate(a) d_revalidate(a) open(a) release(a)" },
};

/* C3, C11: ->d_revalidate > 0, 0, < 0 for a name that lookup_fast() found. */
void lookup_revalidates_cached_positive(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_fast_revals); i++)
		lookup_revalidate(test, &lookup_fast_revals[i],
				  S_IFREG | 0666);
}

static const struct lookup_reval lookup_negative_revals[] = {
	{ "valid", O_RDONLY, ANSWERS(1), .err = -ENOENT,
	  .log = "d_revalidate(a rcu)" },
	{ "stale name", O_RDONLY, ANSWERS(0), .err = -ENOENT,
	  .log = "d_revalidate(a rcu) d_release(a) d_init(a) lookup(a)" },
	{ "error", O_RDONLY, ANSWERS(-EIO), .err = -EIO,
	  .log = "d_revalidate(a rcu)" },
	{ "blocks, valid", O_RDONLY, ANSWERS(-ECHILD, 1), .err = -ENOENT,
	  .log = "d_revalidate(a rcu) d_revalidate(a)" },
};

/* C11: a negative dentry is revalidated like any other. */
void lookup_revalidates_cached_negative(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_negative_revals); i++)
		lookup_revalidate(test, &lookup_negative_revals[i], 0);
}

/* O_EXCL goes past lookup_fast(): lookup_open()'s own loop revalidates. */
static const struct lookup_reval lookup_open_revals[] = {
	{ "valid", O_CREAT | O_EXCL, ANSWERS(1), .err = -EEXIST,
	  .log = "d_revalidate(a creat excl)" },
	{ "stale name", O_CREAT | O_EXCL, ANSWERS(0), .err = -EEXIST,
	  .log = "d_revalidate(a creat excl) "
		 DROPPED " d_init(a) lookup(a creat excl)" },
	{ "error", O_CREAT | O_EXCL, ANSWERS(-EIO), .err = -EIO,
	  .log = "d_revalidate(a creat excl)" },
	{ "ESTALE once", O_CREAT | O_EXCL, ANSWERS(-ESTALE, 1), .err = -EEXIST,
	  .log = "d_revalidate(a creat excl) d_revalidate(a creat excl reval)" },
	{ "ESTALE twice", O_CREAT | O_EXCL, ANSWERS(-ESTALE, -ESTALE),
	  .err = -ESTALE,
	  .log = "d_revalidate(a creat excl) d_revalidate(a creat excl reval)" },
};

/* C11: ->d_revalidate > 0, 0, < 0 for a name that lookup_open() found. */
void lookup_revalidates_in_lookup_open(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_open_revals); i++)
		lookup_revalidate(test, &lookup_open_revals[i], S_IFREG | 0666);
}

/* C11: who revalidates a miss away finds the file that came meanwhile. */
void lookup_revalidated_miss_finds_new_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);

	KUNIT_ASSERT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
}

/* A stale name gets a dentry of its own beside the one that is still held. */
void lookup_stale_dentry_is_replaced(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	struct file *old, *new;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	old = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, old);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	new = actor_open(fs, "a", O_RDONLY, 0);
	if (!IS_ERR(new)) {
		KUNIT_EXPECT_PTR_NE(test, new->f_path.dentry,
				    old->f_path.dentry);
		KUNIT_EXPECT_PTR_EQ(test, file_inode(new), file_inode(old));
		KUNIT_EXPECT_TRUE(test, d_unhashed(old->f_path.dentry));
		KUNIT_EXPECT_FALSE(test, d_unhashed(new->f_path.dentry));
		actor_close(new);
	}
	actor_close(old);
	KUNIT_EXPECT_FALSE(test, IS_ERR(new));
}

/* Only "stale" unhashes: after an error the same dentry answers. */
void lookup_revalidate_error_keeps_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	rec_answer(fs, REC_D_REVALIDATE, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -EIO);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(a rcu) open(a) release(a)");
}

/* The intent to open is told for the last component only. */
void lookup_intent_is_for_the_last_component(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *d, *a;

	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	d = rec_call(fs, REC_LOOKUP, 0);
	a = rec_call(fs, REC_LOOKUP, 1);
	KUNIT_EXPECT_EQ(test, d->flags & (LOOKUP_PARENT | LOOKUP_OPEN),
			(unsigned int)LOOKUP_PARENT);
	KUNIT_EXPECT_EQ(test, a->flags & (LOOKUP_PARENT | LOOKUP_OPEN),
			(unsigned int)LOOKUP_OPEN);
}

static struct dentry *lookup_d_add(struct rec_fs *fs, struct inode *dir,
				   struct dentry *dentry, unsigned int flags)
{
	d_add(dentry, rec_iget(fs, rec_find(fs, dir, &dentry->d_name)));
	return NULL;
}

/* C11: ->lookup may make the dentry positive itself and return NULL. */
void lookup_that_adds_returns_its_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	fs->lookup = lookup_d_add;
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) open(a)");
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)file->f_path.dentry,
			    rec_call(fs, REC_LOOKUP, 0)->dentry);
	KUNIT_EXPECT_EQ(test, d_count(file->f_path.dentry), 1);
	actor_close(file);
}

/* C11: another dentry that ->lookup returns takes the place of the new one. */
void lookup_that_returns_alias_opens_alias(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *alias, *now;
	struct file *file;

	rec_add(fs, NULL, "e", S_IFDIR | 0755)->same = d;
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "d", O_RDONLY, 0), 0);
	alias = rec_get_cached(fs->sb->s_root, "d");
	KUNIT_ASSERT_NOT_NULL(test, alias);
	rec_forget(fs);
	file = actor_open(fs, "e", O_RDONLY, 0);
	now = rec_get_cached(fs->sb->s_root, "e");
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(e) lookup(e) d_release(e) open(d)");
	KUNIT_EXPECT_PTR_EQ(test, now, alias);
	/* Ours, twice, and the file's. */
	KUNIT_EXPECT_EQ(test, d_count(alias), 3);
	dput(now);
	dput(alias);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, alias);
	actor_close(file);
}

/* The same for a component that is not the last. */
void lookup_that_returns_alias_walks_alias(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *d = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *alias;

	rec_add(fs, d, "a", S_IFREG | 0644);
	rec_add(fs, NULL, "e", S_IFDIR | 0755)->same = d;
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "e/a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(e) lookup(e) d_release(e) open(a) release(a)");
	alias = rec_get_cached(fs->sb->s_root, "e");
	KUNIT_ASSERT_NOT_NULL(test, alias);
	/* Ours, and the cached child's. */
	KUNIT_EXPECT_EQ(test, d_count(alias), 2);
	dput(alias);
}

static const struct lookup_error {
	const char *name;
	int err;
	long result;
	const char *log;
} lookup_errors[] = {
	{ "EIO", -EIO, -EIO, "d_init(a) lookup(a) d_release(a)" },
	{ "ENOMEM", -ENOMEM, -ENOMEM, "d_init(a) lookup(a) d_release(a)" },
	{ "EACCES", -EACCES, -EACCES, "d_init(a) lookup(a) d_release(a)" },
	{ "ENOENT", -ENOENT, -ENOENT, "d_init(a) lookup(a) d_release(a)" },
	{ "ENAMETOOLONG", -ENAMETOOLONG, -ENAMETOOLONG,
	  "d_init(a) lookup(a) d_release(a)" },
	{ "ESTALE: again, with LOOKUP_REVAL", -ESTALE, -ESTALE,
	  ASKED " d_release(a) d_init(a) lookup(a reval) d_release(a)" },
	{ "ECHILD: the walk is redone", -ECHILD, -ECHILD,
	  "d_init(a) lookup(a) d_release(a) d_init(a) lookup(a) d_release(a)" },
	{ "EOPENSTALE: both, and ESTALE", -EOPENSTALE, -ESTALE,
	  ASKED " d_release(a) "
	  ASKED " d_release(a) d_init(a) lookup(a reval) d_release(a)" },
};

/* C3, C11: ->lookup's error is the open's; two of them are tried again. */
void lookup_error_is_returned(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_errors); i++) {
		const struct lookup_error *row = &lookup_errors[i];
		struct rec_fs *fs = rec_mount(test, 0);
		int n;

		rec_add(fs, NULL, "a", S_IFREG | 0644);
		for (n = 0; n < 3; n++)
			rec_answer(fs, REC_LOOKUP, row->err);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_RDONLY, 0),
				    row->result, "%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s",
				       row->name);
	}
}

/* The second try after ESTALE and its kin may succeed, and then does. */
void lookup_error_tried_again_may_succeed(struct kunit *test)
{
	static const int errors[] = { -ESTALE, -ECHILD, -EOPENSTALE };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		struct rec_fs *fs = rec_mount(test, 0);

		rec_add(fs, NULL, "a", S_IFREG | 0644);
		rec_answer(fs, REC_LOOKUP, errors[i]);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_RDONLY, 0), 0,
				    "%pe", ERR_PTR(errors[i]));
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_LOOKUP], 2UL, "%pe",
				    ERR_PTR(errors[i]));
	}
}

/* C11: an error leaves no dentry: the next open asks again. */
void lookup_error_is_not_cached(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_answer(fs, REC_LOOKUP, -EIO);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, rec_get_cached(fs->sb->s_root, "a"), NULL);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
}

/* A dentry that cannot be made is ENOMEM, and ->lookup not asked. */
void lookup_without_dentry_is_enomem(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	rec_answer(fs, REC_D_INIT, -EINVAL);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOMEM);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a)");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

static struct dentry *lookup_nothing(struct rec_fs *fs, struct inode *dir,
				     struct dentry *dentry, unsigned int flags)
{
	return NULL;
}

/* C6, C11: a dentry that ->lookup left unhashed and negative is not kept. */
void lookup_unhashed_negative_is_asked_again(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	fs->lookup = lookup_nothing;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   ASKED " d_release(a) " ASKED " d_release(a)");
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_D_RELEASE, 0)->in_lookup);
}

static struct dentry *lookup_drop(struct rec_fs *fs, struct inode *dir,
				  struct dentry *dentry, unsigned int flags)
{
	lookup_d_add(fs, dir, dentry, flags);
	d_drop(dentry);
	return NULL;
}

/* C11: one that it left unhashed and positive is opened, and not kept. */
void lookup_unhashed_positive_is_opened(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file;

	fs->lookup = lookup_drop;
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_TRUE(test, d_unhashed(file->f_path.dentry));
	KUNIT_EXPECT_EQ(test, d_count(file->f_path.dentry), 1);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   ASKED " " OPENED " " DROPPED " "
			   ASKED " " OPENED " " DROPPED);
}

static const struct lookup_result {
	const char *name;
	const char *path;
	int flags;
	long err;
} lookup_results[] = {
	{ "file", "f", O_RDONLY, 0 },
	{ "directory", "d", O_RDONLY, 0 },
	{ "path only", "f", O_PATH, 0 },
	{ "missing", "none", O_RDONLY, -ENOENT },
	{ "missing and cached", "none", O_RDONLY, -ENOENT },
	{ "path only, missing", "none", O_PATH, -ENOENT },
	{ "not a directory", "f", O_DIRECTORY, -ENOTDIR },
	{ "directory to write", "d", O_WRONLY, -EISDIR },
	{ "->open fails", "odd", O_RDONLY, -EXFULL },
};

/* C3: an open returns a file or one errno as ERR_PTR(), and never NULL. */
void lookup_result_is_file_or_errno(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	unsigned int i;

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	rec_add(fs, NULL, "odd", S_IFREG | 0644);
	for (i = 0; i < ARRAY_SIZE(lookup_results); i++) {
		const struct lookup_result *row = &lookup_results[i];
		struct file *file;

		if (!strcmp(row->path, "odd"))
			rec_answer(fs, REC_OPEN, row->err);
		file = actor_open(fs, row->path, row->flags, 0);
		KUNIT_EXPECT_NOT_NULL_MSG(test, file, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), (int)row->err,
				    "%s", row->name);
		if (IS_ERR_OR_NULL(file))
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, file->f_mode & FMODE_OPENED, "%s",
				      row->name);
		actor_close(file);
	}
}

static const struct lookup_permission {
	const char *name;
	int flags;
} lookup_permissions[] = {
	{ "O_RDONLY", O_RDONLY },
	{ "O_WRONLY", O_WRONLY },
	{ "O_RDWR", O_RDWR },
	{ "no access", O_ACCMODE },
	{ "O_TRUNC", O_WRONLY | O_TRUNC },
	{ "O_APPEND", O_WRONLY | O_APPEND },
	{ "O_NOATIME", O_RDONLY | O_NOATIME },
	{ "O_PATH", O_PATH },
};

/* C10: who has no right to anything but the search gets ENOENT, not EACCES. */
void lookup_miss_asks_no_permission(struct kunit *test)
{
	const struct cred *user = actor_cred(test, 1000);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lookup_permissions); i++) {
		const struct lookup_permission *row = &lookup_permissions[i];
		struct rec_fs *fs = rec_mount(test, REC_HAS_PERMISSION);

		d_inode(fs->sb->s_root)->i_mode = S_IFDIR | 0711;
		KUNIT_EXPECT_EQ_MSG(test,
				    actor_errno_as(fs, user, "a", row->flags, 0),
				    -ENOENT, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test,
				    actor_errno_as(fs, user, "a", row->flags, 0),
				    -ENOENT, "%s, cached", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       "permission(/ exec rcu) "
				       ASKED " permission(/ exec rcu)",
				       "%s", row->name);
	}
}

/*
 * C10: the walk itself returns ENOENT. do_open() would say ENOTDIR of a
 * negative dentry before it came to may_open()'s ENOENT.
 */
void lookup_miss_ends_the_walk(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_DIRECTORY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a dir)");
}

/* C10: the same in RCU-walk, where another line says it. */
void lookup_cached_miss_ends_the_walk(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	actor_errno(fs, "a", O_RDONLY, 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_DIRECTORY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

static struct file *lookup_vfs_open(struct rec_fs *fs, const char *name,
				    int flags, umode_t mode)
{
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	struct qstr last = QSTR_INIT(name, strlen(name));

	return ot_vfs_lookup_open(&root, &last, flags, mode);
}

static const struct lookup_vfs {
	const char *name;
	umode_t mode;
	int flags;
	long err;
	const char *log;
} lookup_vfs_rows[] = {
	{ "missing", 0, O_RDONLY, -ENOENT, "d_init(a) lookup(a)" },
	{ "file", S_IFREG | 0644, O_RDONLY, 0,
	  "d_init(a) lookup(a) open(a) release(a)" },
	{ "file that must not be there", S_IFREG | 0644, O_CREAT | O_EXCL,
	  -EEXIST, "d_init(a) lookup(a creat excl)" },
	{ "file that may be there", S_IFREG | 0644, O_CREAT, 0,
	  "d_init(a) lookup(a creat) open(a) release(a)" },
	{ "directory", S_IFDIR | 0755, O_RDONLY, -EISDIR,
	  "d_init(a) lookup(a)" },
	{ "symlink", S_IFLNK | 0777, O_RDONLY, -ELOOP, "d_init(a) lookup(a)" },
	{ "character device", S_IFCHR | 0644, O_RDONLY, -ENODEV,
	  "d_init(a) lookup(a)" },
	{ "block device", S_IFBLK | 0644, O_RDONLY, -ENODEV,
	  "d_init(a) lookup(a)" },
	{ "FIFO", S_IFIFO | 0644, O_RDONLY, -OT_EFTYPE, "d_init(a) lookup(a)" },
	{ "socket", S_IFSOCK | 0644, O_RDONLY, -OT_EFTYPE,
	  "d_init(a) lookup(a)" },
	{ "directory and O_EXCL", S_IFDIR | 0755, O_CREAT | O_EXCL, -EEXIST,
	  "d_init(a) lookup(a creat excl)" },
};

/* vfs_lookup_open() opens regular files only, and says what else it found. */
void lookup_vfs_lookup_open_wants_a_file(struct kunit *test)
{
	unsigned int i;

	if (!OT_VFS_LOOKUP_OPEN)
		kunit_skip(test, "vfs_lookup_open() is in 7.3 and later");
	for (i = 0; i < ARRAY_SIZE(lookup_vfs_rows); i++) {
		const struct lookup_vfs *row = &lookup_vfs_rows[i];
		struct rec_fs *fs = rec_mount(test, 0);
		struct file *file;

		if (row->mode)
			rec_add(fs, NULL, "a", row->mode);
		file = lookup_vfs_open(fs, "a", row->flags, 0644);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), (int)row->err,
				    "%s", row->name);
		if (!IS_ERR_OR_NULL(file))
			actor_close(file);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s",
				       row->name);
	}
}

/* lookup_open() without lookup_fast() before it: its own loop, without RCU. */
void lookup_vfs_lookup_open_revalidates(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	struct file *file;

	if (!OT_VFS_LOOKUP_OPEN)
		kunit_skip(test, "vfs_lookup_open() is in 7.3 and later");
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	rec_forget(fs);
	rec_answer(fs, REC_D_REVALIDATE, 1);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	file = lookup_vfs_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	actor_close(file);
	file = lookup_vfs_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(a) " OPENED " d_revalidate(a) "
			   DROPPED " " ASKED " " OPENED);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_D_REVALIDATE, 0)->flags,
			(unsigned int)LOOKUP_OPEN);
}

static const struct lookup_vfs_name {
	const char *name;
	const char *last;
} lookup_vfs_names[] = {
	{ "empty", "" },
	{ "itself", "." },
	{ "parent", ".." },
	{ "a path", "a/b" },
};

/* vfs_lookup_open() takes one component, and nothing that a walk is for. */
void lookup_vfs_lookup_open_wants_a_name(struct kunit *test)
{
	struct rec_fs *fs;
	unsigned int i;

	if (!OT_VFS_LOOKUP_OPEN)
		kunit_skip(test, "vfs_lookup_open() is in 7.3 and later");
	fs = rec_mount(test, 0);
	for (i = 0; i < ARRAY_SIZE(lookup_vfs_names); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    PTR_ERR_OR_ZERO(lookup_vfs_open(fs, lookup_vfs_names[i].last,
								    O_RDONLY, 0)),
				    -EACCES, "%s", lookup_vfs_names[i].name);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}
