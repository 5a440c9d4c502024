// SPDX-License-Identifier: GPL-2.0
/*
 * What d_alloc_parallel() seldom meets. Some of it takes another processor at the same
 * chain in the same instant: here ->d_compare, in the middle of the search, does what that
 * one would.
 */
#include <kunit/test.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/stringhash.h>

#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* As lockref_mark_dead() leaves it */
#define DEAD	-128

/**
 * struct other - what the other processor does, and how often it was its turn
 * @act: what it does at its turn @turns
 * @dentry: whose candidate it is
 * @dir: the directory
 * @count: what the candidate's was
 * @turns: so far
 */
struct other {
	void (*act)(struct other *other);
	struct dentry *dentry;
	struct inode *dir;
	int count;
	unsigned int turns;
};

static void its_turn(struct rec_fs *fs, const struct dentry *dentry)
{
	struct other *other = fs->priv;

	other->turns++;
	other->act(other);
}

static struct qstr name_in(const struct dentry *dir, const char *name)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));

	qstr.hash = full_name_hash(dir, name, qstr.len);
	return qstr;
}

/* Dead when it is found, alive when it is found again */
static void die_and_rise(struct other *other)
{
	if (other->turns == 1) {
		other->count = other->dentry->d_lockref.count;
		other->dentry->d_lockref.count = DEAD;
	} else if (other->turns == 2) {
		other->dentry->d_lockref.count = other->count;
	}
}

/* What d_alloc_parallel() returns for a name that is hashed, beside @other */
static struct dentry *find_hashed(struct rec_fs *fs, struct other *other,
				  wait_queue_head_t *wq)
{
	struct dentry *root = fs->sb->s_root;
	struct qstr name = name_in(root, "a");
	struct dentry *dentry;

	other->dentry = rec_hash(fs, root, "a", name.hash);
	fs->priv = other;
	fs->d_compare = its_turn;
	dentry = ot_d_alloc_parallel(root, &name, wq);
	fs->d_compare = NULL;
	KUNIT_ASSERT_FALSE(fs->test, IS_ERR(dentry));
	return dentry;
}

/* A hashed dentry that is being freed is not taken. */
void parallel_alloc_takes_no_dead_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	struct other other = { .act = die_and_rise };
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry = find_hashed(fs, &other, &wq);

	KUNIT_EXPECT_PTR_EQ(test, dentry, other.dentry);
	KUNIT_EXPECT_EQ(test, other.turns, 2U);
	if (other.turns == 2) {
		KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
		dput(dentry);
	} else {
		other.dentry->d_lockref.count = other.count;
	}
}

static void change_once(struct other *other)
{
	if (other->turns > 1)
		return;
	spin_lock(&other->dentry->d_lock);
	raw_write_seqcount_begin(&other->dentry->d_seq);
	raw_write_seqcount_end(&other->dentry->d_seq);
	spin_unlock(&other->dentry->d_lock);
}

/* A hashed dentry that changes before it is taken is given back, and searched again. */
void parallel_alloc_takes_no_changed_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	struct other other = { .act = change_once };
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry = find_hashed(fs, &other, &wq);

	KUNIT_EXPECT_PTR_EQ(test, dentry, other.dentry);
	KUNIT_EXPECT_EQ(test, other.turns, 2U);
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}

static void end_addition(struct other *other)
{
	if (other->turns == 2)
		other->dir->i_dir_seq++;
}

/* While something is being added to the directory, nothing is; then it is. */
void parallel_alloc_awaits_the_end_of_an_addition(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct qstr name = name_in(root, "a");
	struct other other = { .act = end_addition, .dir = d_inode(root) };
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry;

	rec_hash(fs, root, "b", name.hash);
	fs->priv = &other;
	fs->d_compare = its_turn;
	d_inode(root)->i_dir_seq++;
	dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->d_compare = NULL;
	KUNIT_EXPECT_EQ(test, d_inode(root)->i_dir_seq & 1, 0U);
	KUNIT_EXPECT_EQ(test, other.turns, 3U);
	KUNIT_EXPECT_TRUE(test, d_in_lookup(dentry));
	d_lookup_done(dentry);
	dput(dentry);
}

/* Nor is a dentry in lookup waited for that is being freed. */
void parallel_alloc_waits_for_no_dead_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct qstr name = name_in(root, "a");
	struct other other = { .act = die_and_rise };
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq2);
	struct dentry *dentry;

	other.dentry = ot_d_alloc_parallel(root, &name, &wq);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other.dentry));
	fs->priv = &other;
	fs->d_compare = its_turn;
	rec_answer(fs, REC_D_COMPARE, 0);
	rec_answer(fs, REC_D_COMPARE, 1);	/* not to wait for oneself */
	dentry = ot_d_alloc_parallel(root, &name, &wq2);
	fs->d_compare = NULL;
	KUNIT_EXPECT_PTR_NE(test, dentry, other.dentry);
	KUNIT_EXPECT_EQ(test, other.turns, 2U);
	KUNIT_EXPECT_EQ(test, d_count(other.dentry), 1);
	KUNIT_EXPECT_TRUE(test, d_in_lookup(dentry));
	d_lookup_done(dentry);
	dput(dentry);
	d_lookup_done(other.dentry);
	dput(other.dentry);
}

/* Names of other hashes in lookup are passed over, though they are in the same bucket. */
void parallel_names_of_one_bucket_do_not_meet(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct qstr name = name_in(root, "a");
	struct qstr beside = QSTR_INIT("b", 1);
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq2);
	u32 at = (unsigned long)root / L1_CACHE_BYTES;
	struct dentry *dentry, *other;

	/* As in_lookup_hash() has it: there are 1024 buckets. */
	beside.hash = name.hash + 1;
	while (hash_32(beside.hash + at, 10) != hash_32(name.hash + at, 10))
		beside.hash++;
	other = ot_d_alloc_parallel(root, &beside, &wq);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	dentry = ot_d_alloc_parallel(root, &name, &wq2);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dentry));
	KUNIT_EXPECT_PTR_NE(test, dentry, other);
	KUNIT_EXPECT_TRUE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_TRUE(test, d_in_lookup(other));
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_COMPARE], 0UL);
	d_lookup_done(dentry);
	dput(dentry);
	d_lookup_done(other);
	dput(other);
}

/* What is looked up below a directory whose place is not known has no known place. */
void parallel_alloc_below_the_disconnected(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *dir = d_obtain_alias(rec_iget(fs, node));
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry;
	struct qstr name;

	KUNIT_ASSERT_FALSE(test, IS_ERR(dir));
	KUNIT_EXPECT_NE(test, dir->d_flags & DCACHE_DISCONNECTED, 0U);
	name = name_in(dir, "a");
	dentry = ot_d_alloc_parallel(dir, &name, &wq);
	KUNIT_EXPECT_NE(test, dentry->d_flags & DCACHE_DISCONNECTED, 0U);
	d_lookup_done(dentry);
	dput(dentry);
	dput(dir);

	name = name_in(fs->sb->s_root, "a");
	dentry = ot_d_alloc_parallel(fs->sb->s_root, &name, &wq);
	KUNIT_EXPECT_EQ(test, dentry->d_flags & DCACHE_DISCONNECTED, 0U);
	d_lookup_done(dentry);
	dput(dentry);
}
