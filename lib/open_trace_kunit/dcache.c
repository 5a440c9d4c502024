// SPDX-License-Identifier: GPL-2.0
/* Dentries from __d_alloc() to d_lookup(). */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* No release keeps so long a name inside of the dentry. */
#define LONG_NAME	"a-name-that-does-not-fit-into-any-dentry-of-any-release"
#define LONG_NAME_2	"another-name-that-does-not-fit-into-any-dentry-whatever"

static struct dentry *root_of(struct rec_fs *fs)
{
	return fs->mnt->mnt_root;
}

static struct qstr hashed_name(const char *name, u32 hash)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));

	qstr.hash = hash;
	return qstr;
}

/* The dentry that the dcache has under a name, only to be looked at. */
static struct dentry *cached(struct dentry *dir, const char *name)
{
	struct dentry *dentry = rec_get_cached(dir, name);

	dput(dentry);
	return dentry;
}

/* A directory on the disk and in the dcache. */
static struct dentry *make_dir(struct rec_fs *fs, const char *name)
{
	struct dentry *dir;

	rec_add(fs, NULL, name, S_IFDIR | 0755);
	KUNIT_ASSERT_EQ(fs->test, actor_errno(fs, name, O_DIRECTORY, 0), 0);
	dir = cached(root_of(fs), name);
	KUNIT_ASSERT_NOT_NULL(fs->test, dir);
	rec_forget(fs);
	return dir;
}

/* A file on the disk and in the dcache. */
static struct dentry *make_file(struct rec_fs *fs, const char *name)
{
	struct dentry *file;

	rec_add(fs, NULL, name, S_IFREG | 0644);
	KUNIT_ASSERT_EQ(fs->test, actor_errno(fs, name, O_RDONLY, 0), 0);
	file = cached(root_of(fs), name);
	KUNIT_ASSERT_NOT_NULL(fs->test, file);
	rec_forget(fs);
	return file;
}

/* A name that is known to be missing. */
static struct dentry *make_miss(struct rec_fs *fs, const char *name)
{
	struct dentry *miss;

	KUNIT_ASSERT_EQ(fs->test, actor_errno(fs, name, O_RDONLY, 0), -ENOENT);
	miss = cached(root_of(fs), name);
	KUNIT_ASSERT_NOT_NULL(fs->test, miss);
	rec_forget(fs);
	return miss;
}

/* C5: d_lookup() with parent, name and hash hits what the miss left. */
void dcache_miss_leaves_what_d_lookup_hits(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct dentry *made;
	struct dentry *found;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "missing", O_RDONLY, 0), -ENOENT);
	made = rec_call(fs, REC_D_INIT, 0)->dentry;
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_LOOKUP, 0)->dentry, made);

	found = rec_get_cached(root_of(fs), "missing");
	KUNIT_ASSERT_NOT_NULL(test, found);
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)found, made);
	KUNIT_EXPECT_NULL(test, found->d_inode);
	KUNIT_EXPECT_FALSE(test, d_unhashed(found));
	KUNIT_EXPECT_EQ(test, d_count(found), 1);
	dput(found);
}

/* C6: __d_alloc() makes it negative, unhashed, nobody's, with name and hash. */
void dcache_d_alloc_makes_it_negative_and_unhashed(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "missing", O_RDONLY, 0), -ENOENT);
	call = rec_call(fs, REC_D_INIT, 0);
	KUNIT_EXPECT_NULL(test, call->inode);
	KUNIT_EXPECT_TRUE(test, call->unhashed);
	KUNIT_EXPECT_FALSE(test, call->in_lookup);
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_STREQ(test, call->name, "missing");
	KUNIT_EXPECT_EQ(test, call->len, 7);
	KUNIT_EXPECT_EQ(test, call->hash,
			full_name_hash(root_of(fs), "missing", 7));
	KUNIT_EXPECT_PTR_EQ(test, call->sb, (const struct super_block *)fs->sb);
	/* d_alloc_parallel() gives it its directory only afterwards. */
	KUNIT_EXPECT_PTR_EQ(test, call->parent, call->dentry);
}

/* C6: ->lookup gets it in lookup, and still unhashed. */
void dcache_lookup_gets_it_in_lookup(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "missing", O_RDONLY, 0), -ENOENT);
	call = rec_call(fs, REC_LOOKUP, 0);
	KUNIT_EXPECT_NULL(test, call->inode);
	KUNIT_EXPECT_TRUE(test, call->unhashed);
	KUNIT_EXPECT_TRUE(test, call->in_lookup);
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_STREQ(test, call->name, "missing");
}

struct added {
	const struct add_row *row;
	bool in_lookup_before;
	bool unhashed;
	bool in_lookup;
	bool positive;
};

static const struct add_row {
	const char *name;
	bool splice;
	bool positive;
	int err;
} add_rows[] = {
	{ "d_splice_alias(NULL)", true, false, -ENOENT },
	{ "d_splice_alias(inode)", true, true, 0 },
	{ "d_add(NULL)", false, false, -ENOENT },
	{ "d_add(inode)", false, true, 0 },
	{ }
};

static struct dentry *add_lookup(struct rec_fs *fs, struct inode *dir,
				 struct dentry *dentry, unsigned int flags)
{
	struct added *added = fs->priv;
	struct inode *inode = NULL;
	struct dentry *res = NULL;

	if (added->row->positive)
		inode = rec_iget(fs, rec_find(fs, dir, &dentry->d_name));
	added->in_lookup_before = d_in_lookup(dentry);
	if (added->row->splice)
		res = d_splice_alias(inode, dentry);
	else
		d_add(dentry, inode);
	added->unhashed = d_unhashed(dentry);
	added->in_lookup = d_in_lookup(dentry);
	added->positive = d_inode(dentry);
	return res;
}

/* C6: __d_add() hashes it and ends the lookup, before ->lookup has returned. */
void dcache_adding_hashes_and_ends_the_lookup(struct kunit *test)
{
	const struct add_row *row;

	for (row = add_rows; row->name; row++) {
		struct rec_fs *fs = rec_mount(test, 0);
		struct added added = { .row = row };

		fs->lookup = add_lookup;
		fs->priv = &added;
		rec_add(fs, NULL, "a", S_IFREG | 0644);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "a", O_RDONLY, 0),
				    row->err, "%s", row->name);
		KUNIT_EXPECT_TRUE_MSG(test, added.in_lookup_before, "%s",
				      row->name);
		KUNIT_EXPECT_FALSE_MSG(test, added.unhashed, "%s", row->name);
		KUNIT_EXPECT_FALSE_MSG(test, added.in_lookup, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, added.positive, row->positive, "%s",
				    row->name);
	}
}

/* C6: the name's hash is what ->d_hash answered, where there is one. */
void dcache_d_hash_has_the_last_word(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);
	struct qstr scripted = hashed_name("a", REC_HASH);
	const struct dentry *made;
	struct dentry *found;

	fs->hash = REC_HASH;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_hash(a) d_init(a) lookup(a)");
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_D_INIT, 0)->hash, REC_HASH);

	made = rec_call(fs, REC_D_INIT, 0)->dentry;
	found = d_lookup(root_of(fs), &scripted);
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)found, made);
	dput(found);
	KUNIT_EXPECT_NULL(test, cached(root_of(fs), "a"));
}

/* An open is refused with what ->d_hash refuses the name with. */
void dcache_d_hash_error_is_the_answer(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);

	rec_answer(fs, REC_D_HASH, -EILSEQ);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -EILSEQ);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_hash(a)");
}

/* C7: parent, superblock and place among the siblings are the directory's. */
void dcache_belongs_to_its_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d");
	struct dentry *child;
	const struct rec_call *call;

	KUNIT_EXPECT_EQ(test, d_count(dir), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	call = rec_call(fs, REC_LOOKUP, 0);
	KUNIT_EXPECT_PTR_EQ(test, call->parent, (const struct dentry *)dir);
	KUNIT_EXPECT_PTR_EQ(test, call->dir, (const struct inode *)d_inode(dir));

	child = cached(dir, "a");
	KUNIT_ASSERT_NOT_NULL(test, child);
	KUNIT_EXPECT_PTR_EQ(test, child->d_parent, dir);
	KUNIT_EXPECT_PTR_EQ(test, child->d_sb, fs->sb);
	KUNIT_EXPECT_TRUE(test, ot_is_child(dir, child));
	KUNIT_EXPECT_FALSE(test, ot_is_child(root_of(fs), child));
	/* A child holds its parent, itself held by nobody. */
	KUNIT_EXPECT_EQ(test, d_count(child), 0);
	KUNIT_EXPECT_EQ(test, d_count(dir), 1);
}

/* C7: what is freed gives its place and its parent's reference back. */
void dcache_freed_leaves_its_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d");
	struct dentry *child;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	child = rec_get_cached(dir, "a");
	KUNIT_ASSERT_NOT_NULL(test, child);
	d_drop(child);
	KUNIT_EXPECT_TRUE(test, ot_is_child(dir, child));
	dput(child);
	KUNIT_EXPECT_FALSE(test, ot_is_child(dir, child));
	KUNIT_EXPECT_EQ(test, d_count(dir), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a) d_release(a)");
}

static struct dentry *find_rcu(const struct dentry *dir,
			       const struct qstr *name)
{
	struct dentry *dentry;
	unsigned int seq;

	rcu_read_lock();
	dentry = __d_lookup_rcu(dir, name, &seq);
	rcu_read_unlock();
	return dentry;
}

/* Who scans a chain, and the references that a hit takes. */
static const struct way {
	const char *name;
	unsigned long has;
	struct dentry *(*find)(const struct dentry *dir,
			       const struct qstr *name);
	int takes;
} ways[] = {
	{ "d_lookup", 0, d_lookup, 1 },
	{ "__d_lookup", 0, __d_lookup, 1 },
	{ "__d_lookup, ->d_compare", REC_HAS_COMPARE, __d_lookup, 1 },
	{ "__d_lookup_rcu", 0, find_rcu, 0 },
	{ "__d_lookup_rcu, ->d_compare", REC_HAS_COMPARE, find_rcu, 0 },
	{ }
};

/*
 * Looks for a name that is behind a wrong candidate; the right one is found,
 * and when that is gone none is.
 */
static void expect_passed_over(struct kunit *test, const struct way *way,
			       const struct qstr *name, struct dentry *right,
			       struct dentry *wrong)
{
	struct dentry *dir = right->d_parent;
	int held = d_count(wrong);
	struct dentry *found = way->find(dir, name);

	KUNIT_EXPECT_PTR_EQ_MSG(test, found, right, "%s", way->name);
	KUNIT_EXPECT_EQ_MSG(test, d_count(right), way->takes, "%s", way->name);
	KUNIT_EXPECT_EQ_MSG(test, d_count(wrong), held, "%s", way->name);
	if (way->takes)
		dput(found);

	d_drop(right);
	found = way->find(dir, name);
	KUNIT_EXPECT_NULL_MSG(test, found, "%s", way->name);
	KUNIT_EXPECT_EQ_MSG(test, d_count(right), 0, "%s", way->name);
	KUNIT_EXPECT_EQ_MSG(test, d_count(wrong), held, "%s", way->name);
	if (way->takes)
		dput(found);
}

/* C8: a candidate that fails only the gate of the name hash. */
void dcache_other_hash_is_passed_over(struct kunit *test)
{
	const struct qstr name = hashed_name("a", REC_HASH);
	const struct way *way;

	for (way = ways; way->name; way++) {
		struct rec_fs *fs = rec_mount(test, way->has);
		struct dentry *dir = root_of(fs);
		struct dentry *right = rec_hash(fs, dir, "a", REC_HASH);
		struct dentry *wrong = rec_hash(fs, dir, "a", REC_HASH_BESIDE);

		expect_passed_over(test, way, &name, right, wrong);
		if (way->has & REC_HAS_COMPARE)
			KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_COMPARE], 1,
					    "%s", way->name);
	}
}

/* C8: a candidate that fails only the gate of d_parent. */
void dcache_other_parent_is_passed_over(struct kunit *test)
{
	const struct qstr name = hashed_name("a", REC_HASH);
	const struct way *way;

	for (way = ways; way->name; way++) {
		struct rec_fs *fs = rec_mount(test, way->has);
		struct dentry *dir = make_dir(fs, "d");
		struct dentry *right = rec_hash(fs, root_of(fs), "a", REC_HASH);
		struct dentry *wrong = rec_hash(fs, dir, "a", REC_HASH);
		unsigned long before = fs->count[REC_D_COMPARE];

		expect_passed_over(test, way, &name, right, wrong);
		if (way->has & REC_HAS_COMPARE)
			KUNIT_EXPECT_EQ_MSG(test,
					    fs->count[REC_D_COMPARE] - before,
					    1, "%s", way->name);
	}
}

/*
 * C8: a candidate that fails only the gate of d_unhashed. Who drops it takes it
 * from the chain too, so only a reader that already stands on it meets that:
 * what such a reader meets is made here.
 */
void dcache_unhashed_is_passed_over(struct kunit *test)
{
	const struct qstr name = hashed_name("a", REC_HASH);
	const struct way *way;

	for (way = ways; way->name; way++) {
		struct rec_fs *fs = rec_mount(test, way->has);
		struct dentry *dir = root_of(fs);
		struct dentry *right = rec_hash(fs, dir, "a", REC_HASH);
		struct dentry *wrong = dget(rec_hash(fs, dir, "a", REC_HASH));
		/* Not the chain's first, that others may push aside. */
		struct dentry *first = dget(rec_hash(fs, dir, "a", REC_HASH_BESIDE));
		struct hlist_bl_node **pprev = wrong->d_hash.pprev;

		spin_lock(&wrong->d_lock);
		wrong->d_hash.pprev = NULL;
		spin_unlock(&wrong->d_lock);
		expect_passed_over(test, way, &name, right, wrong);
		spin_lock(&wrong->d_lock);
		wrong->d_hash.pprev = pprev;
		spin_unlock(&wrong->d_lock);
		dput(wrong);
		dput(first);
		if (way->has & REC_HAS_COMPARE)
			KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_COMPARE], 1,
					    "%s", way->name);
	}
}

/* C8: candidates that fail only the gate of d_same_name(), each in its way. */
void dcache_other_name_is_passed_over(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *wrong;
	} rows[] = {
		{ "a", "b" },
		{ "a", "ab" },
		{ "ab", "a" },
		{ "the-same-at-first-1", "the-same-at-first-2" },
	};
	const struct way *way;
	int i;

	for (way = ways; way->name; way++)
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			const struct qstr name = hashed_name(rows[i].name, REC_HASH);
			struct rec_fs *fs = rec_mount(test, way->has);
			struct dentry *dir = root_of(fs);
			struct dentry *right, *wrong;

			right = rec_hash(fs, dir, rows[i].name, REC_HASH);
			wrong = rec_hash(fs, dir, rows[i].wrong, REC_HASH);
			expect_passed_over(test, way, &name, right, wrong);
			/* Both, and the wrong one again. */
			if (way->has & REC_HAS_COMPARE)
				KUNIT_EXPECT_EQ_MSG(test,
						    fs->count[REC_D_COMPARE], 3,
						    "%s", way->name);
		}
}

/* C8: where there is a ->d_compare, its answer decides, whatever the names. */
void dcache_d_compare_has_the_last_word(struct kunit *test)
{
	const struct qstr name = hashed_name("a", REC_HASH);
	const struct way *way;

	for (way = ways; way->name; way++) {
		struct rec_fs *fs = rec_mount(test, way->has);
		struct dentry *other, *found;

		if (!(way->has & REC_HAS_COMPARE))
			continue;
		rec_hash(fs, root_of(fs), "a", REC_HASH);
		other = rec_hash(fs, root_of(fs), "A", REC_HASH);
		rec_answer(fs, REC_D_COMPARE, 0);
		rec_answer(fs, REC_D_COMPARE, 1);
		rec_answer(fs, REC_D_COMPARE, 1);

		found = way->find(root_of(fs), &name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, found, other, "%s", way->name);
		if (way->takes)
			dput(found);
		found = way->find(root_of(fs), &name);
		KUNIT_EXPECT_NULL_MSG(test, found, "%s", way->name);
		if (way->takes)
			dput(found);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_COMPARE], 3, "%s",
				    way->name);
	}
}

/* C8: a hit raises the count by exactly one, of a negative and a positive. */
void dcache_hit_takes_one_reference(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentries[] = { make_miss(fs, "a"), make_file(fs, "b") };
	static const char * const names[] = { "a", "b" };
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct dentry *dentry = dentries[i];

		KUNIT_EXPECT_EQ(test, d_count(dentry), 0);
		KUNIT_EXPECT_PTR_EQ(test, rec_get_cached(root_of(fs), names[i]),
				    dentry);
		KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
		KUNIT_EXPECT_PTR_EQ(test, rec_get_cached(root_of(fs), names[i]),
				    dentry);
		KUNIT_EXPECT_EQ(test, d_count(dentry), 2);
		dput(dentry);
		dput(dentry);
		KUNIT_EXPECT_EQ(test, d_count(dentry), 0);
	}
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* C8: RCU-walk finds it without a reference; leaving RCU-walk takes the one. */
void dcache_rcu_walk_takes_no_reference(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	struct dentry *dentry = make_file(fs, "a");
	struct file *file;

	rec_answer(fs, REC_D_REVALIDATE, -ECHILD);
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_PTR_EQ(test, file->f_path.dentry, dentry);
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	actor_close(file);

	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(a rcu) d_revalidate(a) open(a) release(a)");
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_D_REVALIDATE, 0)->count, 0);
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_D_REVALIDATE, 1)->count, 1);
	KUNIT_EXPECT_EQ(test, d_count(dentry), 0);
}

/* Whatever ->d_init says, the open has no memory; it leaves nothing. */
void dcache_refused_d_init_is_enomem(struct kunit *test)
{
	static const int errors[] = { -ENOMEM, -EIO, -EACCES };
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d");
	int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		rec_answer(fs, REC_D_INIT, errors[i]);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/" LONG_NAME, O_RDONLY,
						  0), -ENOMEM);
		KUNIT_EXPECT_EQ(test, d_count(dir), 0);
	}
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 1);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a)");
}

/* A name is kept whole, inside of the dentry while it fits. */
void dcache_name_of_any_length_is_kept(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	char name[NAME_MAX + 1] = "";
	struct dentry *dentry;
	unsigned int len;

	for (len = 1; len <= NAME_MAX; len++) {
		name[len - 1] = 'a' + len % 26;
		rec_forget(fs);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, name, O_RDONLY, 0),
				    -ENOENT, "%u", len);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, name, O_RDONLY, 0),
				    -ENOENT, "%u", len);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_LOOKUP], len, "%u", len);
		dentry = cached(root_of(fs), name);
		KUNIT_ASSERT_NOT_NULL_MSG(test, dentry, "%u", len);
		KUNIT_EXPECT_EQ_MSG(test, dentry->d_name.len, len, "%u", len);
		KUNIT_EXPECT_STREQ_MSG(test, dentry->d_name.name, name, "%u", len);
		KUNIT_EXPECT_EQ_MSG(test, dentry->d_name.name == dentry->d_iname,
				    len < DNAME_INLINE_LEN, "%u", len);
	}
}

static void rename_meanwhile(struct rec_fs *fs, const struct dentry *dentry)
{
	fs->d_compare = NULL;
	rec_rename_meanwhile();
}

/* A miss that a rename may have caused is looked up again. */
void dcache_rename_meanwhile_repeats_a_miss(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	const struct qstr name = hashed_name("a", REC_HASH);
	struct dentry *dentry = rec_hash(fs, root_of(fs), "a", REC_HASH);
	struct dentry *found;

	rec_answer(fs, REC_D_COMPARE, 1);
	fs->d_compare = rename_meanwhile;
	found = d_lookup(root_of(fs), &name);
	dput(found);
	KUNIT_EXPECT_PTR_EQ(test, found, dentry);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_COMPARE], 2);
}

/* A hit is a hit, whatever was renamed. */
void dcache_rename_meanwhile_leaves_a_hit(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	const struct qstr name = hashed_name("a", REC_HASH);
	struct dentry *dentry = rec_hash(fs, root_of(fs), "a", REC_HASH);
	struct dentry *found;

	fs->d_compare = rename_meanwhile;
	found = d_lookup(root_of(fs), &name);
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(found);
	KUNIT_EXPECT_PTR_EQ(test, found, dentry);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_COMPARE], 1);
}

/* __d_lookup() does not care for renames: its callers do. */
void dcache_d_lookup_without_the_rename_lock_is_not_repeated(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_COMPARE);
	const struct qstr name = hashed_name("b", REC_HASH);

	rec_hash(fs, root_of(fs), "a", REC_HASH);
	fs->d_compare = rename_meanwhile;
	KUNIT_EXPECT_NULL(test, __d_lookup(root_of(fs), &name));
	KUNIT_EXPECT_NULL(test, fs->d_compare);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_COMPARE], 1);
}

static const struct rename_row {
	const char *name;
	const char *from;
	const char *to;
} rename_rows[] = {
	{ "short to short", "a", "b" },
	{ "short to long", "a", LONG_NAME },
	{ "long to short", LONG_NAME, "b" },
	{ "long to long", LONG_NAME, LONG_NAME_2 },
	{ }
};

/* After d_move() the new name hits, the old one misses, the target is gone. */
void dcache_d_move_moves_the_name(struct kunit *test)
{
	const struct rename_row *row;

	for (row = rename_rows; row->name; row++) {
		struct rec_fs *fs = rec_mount(test, 0);
		struct dentry *dir = root_of(fs);
		struct dentry *moved = dget(make_file(fs, row->from));
		struct dentry *target = dget(make_miss(fs, row->to));

		inode_lock(d_inode(dir));
		d_move(moved, target);
		inode_unlock(d_inode(dir));
		KUNIT_EXPECT_NULL_MSG(test, cached(dir, row->from), "%s",
				      row->name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, cached(dir, row->to), moved, "%s",
					row->name);
		KUNIT_EXPECT_STREQ_MSG(test, moved->d_name.name, row->to, "%s",
				       row->name);
		KUNIT_EXPECT_TRUE_MSG(test, d_unhashed(target), "%s", row->name);
		dput(moved);
		dput(target);
	}
}

/* After d_exchange() each is found under the other's name. */
void dcache_d_exchange_swaps_the_names(struct kunit *test)
{
	const struct rename_row *row;

	for (row = rename_rows; row->name; row++) {
		struct rec_fs *fs = rec_mount(test, 0);
		struct dentry *dir = root_of(fs);
		struct dentry *one = dget(make_file(fs, row->from));
		struct dentry *two = dget(make_file(fs, row->to));

		inode_lock(d_inode(dir));
		d_exchange(one, two);
		inode_unlock(d_inode(dir));
		KUNIT_EXPECT_PTR_EQ_MSG(test, cached(dir, row->from), two, "%s",
					row->name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, cached(dir, row->to), one, "%s",
					row->name);
		KUNIT_EXPECT_STREQ_MSG(test, one->d_name.name, row->to, "%s",
				       row->name);
		KUNIT_EXPECT_STREQ_MSG(test, two->d_name.name, row->from, "%s",
				       row->name);
		dput(one);
		dput(two);
	}
}

/* C7: a dentry that moves takes its reference to the new directory. */
void dcache_d_move_changes_the_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *root = root_of(fs), *dir = make_dir(fs, "d");
	struct dentry *moved = dget(make_file(fs, "a"));
	struct dentry *target;
	int held = d_count(root);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/b", O_RDONLY, 0), -ENOENT);
	target = rec_get_cached(dir, "b");
	KUNIT_ASSERT_NOT_NULL(test, target);
	inode_lock_nested(d_inode(root), I_MUTEX_PARENT);
	inode_lock_nested(d_inode(dir), I_MUTEX_CHILD);
	d_move(moved, target);
	inode_unlock(d_inode(dir));
	inode_unlock(d_inode(root));
	dput(target);

	KUNIT_EXPECT_PTR_EQ(test, moved->d_parent, dir);
	KUNIT_EXPECT_TRUE(test, ot_is_child(dir, moved));
	KUNIT_EXPECT_FALSE(test, ot_is_child(root, moved));
	KUNIT_EXPECT_EQ(test, d_count(root), held - 1);
	KUNIT_EXPECT_EQ(test, d_count(dir), 1);
	KUNIT_EXPECT_NULL(test, cached(root, "a"));
	KUNIT_EXPECT_PTR_EQ(test, cached(dir, "b"), moved);
	dput(moved);
}

/* A renamed file opens under its new name from the cache, the old name misses. */
void dcache_open_after_d_move(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *moved = dget(make_file(fs, "a"));
	struct dentry *target = dget(make_miss(fs, "b"));

	inode_lock(d_inode(root_of(fs)));
	d_move(moved, target);
	inode_unlock(d_inode(root_of(fs)));
	dput(target);
	dput(moved);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(a) release(a)");
	rec_forget(fs);
	rec_answer(fs, REC_LOOKUP, -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) d_release(a)");
}

/* A dropped dentry is found no more: the next open makes another beside it. */
void dcache_dropped_is_looked_up_anew(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dropped = dget(make_miss(fs, "a"));

	d_drop(dropped);
	KUNIT_EXPECT_TRUE(test, d_unhashed(dropped));
	KUNIT_EXPECT_NULL(test, cached(root_of(fs), "a"));
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a)");
	KUNIT_EXPECT_PTR_NE(test, rec_call(fs, REC_D_INIT, 0)->dentry,
			    (const struct dentry *)dropped);
	dput(dropped);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) d_release(a)");
}

/* d_rehash() brings a dropped dentry back. */
void dcache_rehashed_is_found_again(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry = dget(make_miss(fs, "a"));

	d_drop(dentry);
	d_rehash(dentry);
	KUNIT_EXPECT_FALSE(test, d_unhashed(dentry));
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "a"), dentry);
	dput(dentry);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}

/* d_invalidate() drops a negative dentry. */
void dcache_invalidated_miss_is_dropped(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry = dget(make_miss(fs, "a"));

	d_invalidate(dentry);
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	dput(dentry);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_release(a)");
}

/* d_invalidate() drops a directory and frees what is unused below. */
void dcache_invalidated_directory_is_emptied(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = dget(make_dir(fs, "d"));

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	rec_forget(fs);
	d_invalidate(dir);
	KUNIT_EXPECT_TRUE(test, d_unhashed(dir));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_release(a)");
	dput(dir);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_release(a) evict(d) d_release(d)");
}

/* What was dropped before is not d_invalidate()'s business. */
void dcache_invalidating_the_dropped_does_nothing(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = dget(make_dir(fs, "d"));

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/a", O_RDONLY, 0), -ENOENT);
	d_drop(dir);
	rec_forget(fs);
	d_invalidate(dir);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, d_count(dir), 2);
	d_rehash(dir);
	dput(dir);
}

/* d_delete() by the only user leaves a negative dentry: a cached miss. */
void dcache_deleted_and_unused_is_a_cached_miss(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry = dget(make_file(fs, "a"));

	d_delete(dentry);
	KUNIT_EXPECT_NULL(test, d_inode(dentry));
	KUNIT_EXPECT_TRUE(test, d_is_negative(dentry));
	KUNIT_EXPECT_FALSE(test, d_unhashed(dentry));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "evict(a)");
	dput(dentry);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "evict(a)");
}

/* d_delete() of what is open leaves the file its inode, and drops the name. */
void dcache_deleted_and_open_is_dropped(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry = make_file(fs, "a");
	struct file *file = actor_open(fs, "a", O_RDONLY, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	rec_forget(fs);
	dget(dentry);
	d_delete(dentry);
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	KUNIT_EXPECT_PTR_EQ(test, d_inode(dentry), file_inode(file));
	dput(dentry);
	rec_answer(fs, REC_LOOKUP, -ENOENT);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) d_release(a)");
	rec_forget(fs);
	actor_close(file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "release(a) evict(a) d_release(a)");
}

/* d_mark_dontcache() has the last close free what is cached for ever else. */
void dcache_dontcache_is_freed_by_the_last_close(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry = make_file(fs, "a");

	d_mark_dontcache(d_inode(dentry));
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "open(a) release(a) evict(a) d_release(a)");
}

static void shrink_sb(struct dentry *dir)
{
	shrink_dcache_sb(dir->d_sb);
}

/* Shrinking frees an unused miss, and the next open makes it anew. */
void dcache_shrinking_frees_what_is_unused(struct kunit *test)
{
	static const struct {
		const char *name;
		void (*shrink)(struct dentry *dir);
	} rows[] = {
		{ "shrink_dcache_sb", shrink_sb },
		{ "shrink_dcache_parent", shrink_dcache_parent },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = rec_mount(test, 0);
		struct dentry *used = dget(make_miss(fs, "used"));

		make_miss(fs, LONG_NAME);
		make_miss(fs, "a");
		rows[i].shrink(root_of(fs));
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_RELEASE], 2, "%s",
				    rows[i].name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, cached(root_of(fs), "used"), used,
					"%s", rows[i].name);
		rec_forget(fs);
		KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0),
				-ENOENT);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), "d_init(a) lookup(a)",
				       "%s", rows[i].name);
		dput(used);
	}
}

/* The first use puts a dentry on the LRU, the second marks it referenced. */
void dcache_second_use_marks_it_referenced(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct dentry *dentry;

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	dentry = rec_call(fs, REC_D_INIT, 0)->dentry;
	KUNIT_EXPECT_TRUE(test, dentry->d_flags & DCACHE_LRU_LIST);
	KUNIT_EXPECT_FALSE(test, dentry->d_flags & DCACHE_REFERENCED);
	KUNIT_EXPECT_PTR_EQ(test, dentry,
			    (const struct dentry *)cached(root_of(fs), "a"));
	KUNIT_EXPECT_TRUE(test, dentry->d_flags & DCACHE_LRU_LIST);
	KUNIT_EXPECT_TRUE(test, dentry->d_flags & DCACHE_REFERENCED);
}

/* ->lookup of a directory that has a disconnected dentry connects that one. */
void dcache_disconnected_directory_is_connected(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *alias = d_obtain_alias(rec_iget(fs, node));

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, alias);
	KUNIT_EXPECT_TRUE(test, IS_ROOT(alias));
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_DIRECTORY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(d) lookup(d dir) d_release(d) open(d) release(d)");
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "d"), alias);
	KUNIT_EXPECT_PTR_EQ(test, alias->d_parent, root_of(fs));
	KUNIT_EXPECT_TRUE(test, ot_is_child(root_of(fs), alias));
	dput(alias);
}

/* A directory that ->lookup finds under a second name moves there. */
void dcache_directory_has_one_alias(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d");
	struct rec_node *node = rec_find(fs, d_inode(root_of(fs)), &dir->d_name);

	rec_add(fs, NULL, "e", S_IFDIR)->same = node;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "e", O_DIRECTORY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(e) lookup(e dir) d_release(e) open(d) release(d)");
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "e"), dir);
	KUNIT_EXPECT_NULL(test, cached(root_of(fs), "d"));
}

/* A file that ->lookup finds under a second name has a dentry for each. */
void dcache_file_has_many_aliases(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *one = make_file(fs, "a"), *two;
	struct rec_node *node = rec_find(fs, d_inode(root_of(fs)), &one->d_name);

	rec_add(fs, NULL, "b", S_IFREG)->same = node;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "b", O_RDONLY, 0), 0);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(b) lookup(b) open(a) release(a)");
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "a"), one);
	two = cached(root_of(fs), "b");
	KUNIT_ASSERT_NOT_NULL(test, two);
	KUNIT_EXPECT_PTR_NE(test, two, one);
	KUNIT_EXPECT_PTR_EQ(test, d_inode(two), d_inode(one));
}

/* ->lookup finds a directory inside of itself. */
void dcache_directory_in_itself_is_eloop(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d");
	struct rec_node *node = rec_find(fs, d_inode(root_of(fs)), &dir->d_name);

	rec_add(fs, node, "e", S_IFDIR)->same = node;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d/e", O_DIRECTORY, 0), -ELOOP);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(e) lookup(e dir) d_release(e)");
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "d"), dir);
	KUNIT_EXPECT_EQ(test, d_count(dir), 0);
}

/* A directory cannot move while a rename is on: stale, also when asked again. */
void dcache_directory_in_a_rename_is_estale(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dir = make_dir(fs, "d"), *other = make_dir(fs, "e");
	struct rec_node *node = rec_find(fs, d_inode(root_of(fs)), &dir->d_name);
	struct rec_node *to = rec_find(fs, d_inode(root_of(fs)), &other->d_name);
	const char *twice =
		"d_init(f) lookup(f) d_release(f) d_init(f) lookup(f reval) d_release(f)";
	long err;

	rec_add(fs, to, "f", S_IFDIR)->same = node;
	mutex_lock(&fs->sb->s_vfs_rename_mutex);
	err = actor_errno(fs, "e/f", O_RDONLY, 0);
	mutex_unlock(&fs->sb->s_vfs_rename_mutex);
	KUNIT_EXPECT_EQ(test, err, -ESTALE);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), twice);
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "d"), dir);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "e/f", O_DIRECTORY, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, cached(other, "f"), dir);
	KUNIT_EXPECT_PTR_EQ(test, dir->d_parent, other);
}

/* A root that a filesystem has beside its own: connected, it is a root no more. */
void dcache_secondary_root_is_connected(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *dir = d_obtain_root(rec_iget(fs, node));

	KUNIT_ASSERT_FALSE(test, IS_ERR(dir));
	KUNIT_EXPECT_TRUE(test, IS_ROOT(dir));
	KUNIT_EXPECT_EQ(test, dir->d_flags & DCACHE_DISCONNECTED, 0U);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_DIRECTORY, 0), 0);
	KUNIT_EXPECT_FALSE(test, IS_ROOT(dir));
	KUNIT_EXPECT_FALSE(test, d_unhashed(dir));
	KUNIT_EXPECT_PTR_EQ(test, dir->d_parent, root_of(fs));
	KUNIT_EXPECT_PTR_EQ(test, cached(root_of(fs), "d"), dir);
	KUNIT_EXPECT_TRUE(test, ot_is_child(root_of(fs), dir));
	KUNIT_EXPECT_NULL(test, fs->sb->s_roots.first);
	dput(dir);
}

/* ... and no rename, which has a lock that this needs not. */
void dcache_secondary_root_waits_for_no_rename(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "d", S_IFDIR | 0755);
	struct dentry *dir = d_obtain_root(rec_iget(fs, node));

	KUNIT_ASSERT_FALSE(test, IS_ERR(dir));
	mutex_lock(&fs->sb->s_vfs_rename_mutex);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "d", O_DIRECTORY, 0), 0);
	mutex_unlock(&fs->sb->s_vfs_rename_mutex);
	dput(dir);
}

/* A dentry that becomes positive tells those in RCU-walk, by its sequence. */
void dcache_adding_moves_the_sequence(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *node = rec_add(fs, NULL, "a", S_IFREG | 0644);
	const struct qstr name = hashed_name("a", REC_HASH);
	struct dentry *dentry = d_alloc(root_of(fs), &name);
	unsigned int before;

	KUNIT_ASSERT_NOT_NULL(test, dentry);
	before = raw_read_seqcount(&dentry->d_seq);
	d_add(dentry, rec_iget(fs, node));
	KUNIT_EXPECT_EQ(test, raw_read_seqcount(&dentry->d_seq), before + 2);
	dput(dentry);
}

/* What is no inode but an error is passed on; the dentry stays as it is. */
void dcache_splicing_an_error_is_the_error(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	const struct qstr name = hashed_name("a", REC_HASH);
	struct dentry *dentry = d_alloc(root_of(fs), &name);

	KUNIT_ASSERT_NOT_NULL(test, dentry);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(d_splice_alias(ERR_PTR(-EIO), dentry)),
			-EIO);
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	dput(dentry);
}
