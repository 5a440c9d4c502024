// SPDX-License-Identifier: GPL-2.0
/* What a hash chain costs. */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "raw_log.h"
#include "recfs.h"

static struct rec_fs *mount_chain(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH | REC_HAS_COMPARE);

	fs->hash = REC_HASH;
	fs->count_only = BIT(REC_D_COMPARE) | BIT(REC_D_HASH) |
			 BIT(REC_D_INIT) | BIT(REC_D_RELEASE);
	return fs;
}

/* Hashes names @from ... @to - 1, the last at the head of the chain. */
static void grow_chain(struct rec_fs *fs, u32 hash, int from, int to)
{
	char name[12];

	for (; from < to; from++) {
		snprintf(name, sizeof(name), "%d", from);
		rec_hash(fs, fs->mnt->mnt_root, name, hash);
	}
}

/* Name comparisons of one d_lookup(); @hit: whether it is to hit. */
static unsigned long cost(struct rec_fs *fs, const char *name, u32 hash,
			  bool hit)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));
	unsigned long before = fs->count[REC_D_COMPARE];
	struct dentry *dentry;

	qstr.hash = hash;
	dentry = d_lookup(fs->mnt->mnt_root, &qstr);
	dput(dentry);
	KUNIT_EXPECT_EQ_MSG(fs->test, !!dentry, hit, "%s", name);
	return fs->count[REC_D_COMPARE] - before;
}

/* C9: a miss compares each of the chain's k names, none in an empty bucket. */
void chain_miss_compares_every_candidate(struct kunit *test)
{
	static const int lengths[] = { 0, 1, 2, 7, 100 };
	int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct rec_fs *fs = mount_chain(test);

		grow_chain(fs, REC_HASH, 0, lengths[i]);
		KUNIT_EXPECT_EQ(test, cost(fs, "missing", REC_HASH, false),
				lengths[i]);
	}
}

/* C9: a hit at index i compares i + 1 names, the newest being at the head. */
void chain_hit_compares_up_to_its_place(struct kunit *test)
{
	static const char * const from_head[] = {
		"6", "5", "4", "3", "2", "1", "0"
	};
	struct rec_fs *fs = mount_chain(test);
	int i;

	grow_chain(fs, REC_HASH, 0, 7);
	for (i = 0; i < ARRAY_SIZE(from_head); i++)
		KUNIT_EXPECT_EQ(test, cost(fs, from_head[i], REC_HASH, true), i + 1);
}

/* C9: who is in the bucket with another hash costs no comparison. */
void chain_other_hash_costs_no_comparison(struct kunit *test)
{
	struct rec_fs *fs = mount_chain(test);

	grow_chain(fs, REC_HASH, 0, 1);
	grow_chain(fs, REC_HASH_BESIDE, 1, 8);
	KUNIT_EXPECT_EQ(test, cost(fs, "missing", REC_HASH, false), 1);
	KUNIT_EXPECT_EQ(test, cost(fs, "0", REC_HASH, true), 1);
	KUNIT_EXPECT_EQ(test, cost(fs, "missing", REC_HASH_BESIDE, false), 7);
}

/* C9: who is dropped or freed costs nothing any more. */
void chain_shrinks_with_what_leaves_it(struct kunit *test)
{
	struct rec_fs *fs = mount_chain(test);
	struct dentry *dentry;

	grow_chain(fs, REC_HASH, 0, 3);
	dentry = dget(rec_hash(fs, fs->mnt->mnt_root, "3", REC_HASH));
	grow_chain(fs, REC_HASH, 4, 7);
	d_drop(dentry);
	KUNIT_EXPECT_EQ(test, cost(fs, "missing", REC_HASH, false), 6);
	KUNIT_EXPECT_EQ(test, cost(fs, "2", REC_HASH, true), 4);
	/* Back at the head. */
	d_rehash(dentry);
	KUNIT_EXPECT_EQ(test, cost(fs, "3", REC_HASH, true), 1);
	KUNIT_EXPECT_EQ(test, cost(fs, "2", REC_HASH, true), 5);
	dput(dentry);
	shrink_dcache_sb(fs->sb);
	KUNIT_EXPECT_EQ(test, cost(fs, "missing", REC_HASH, false), 0);
}

/*
 * C9: an open that misses scans the chain in RCU-walk, in d_lookup() and in
 * d_alloc_parallel(); since 6.12 O_CREAT without O_EXCL tries RCU-walk too.
 */
void chain_open_that_misses_scans_it_three_times(struct kunit *test)
{
	const struct {
		const char *name;
		int flags;
		int scans;
		int err;
	} rows[] = {
		{ "O_RDONLY", O_RDONLY, 3, -ENOENT },
		{ "O_RDWR", O_RDWR, 3, -ENOENT },
		{ "O_CREAT", O_CREAT, ot_since(6, 12) ? 3 : 2, 0 },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL, 2, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = mount_chain(test);

		grow_chain(fs, REC_HASH, 0, 7);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "missing",
						      rows[i].flags, 0600),
				    rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_COMPARE],
				    7 * rows[i].scans, "%s", rows[i].name);
	}
}

/* C9: an open that hits compares up to the name's place, in RCU-walk, once. */
void chain_open_that_hits_scans_up_to_its_place(struct kunit *test)
{
	struct rec_fs *fs = mount_chain(test);

	grow_chain(fs, REC_HASH, 0, 7);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "3", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_COMPARE], 4);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 0);
}

struct rename_at {
	int compare;
	int so_far;
};

static void rename_at(struct rec_fs *fs, const struct dentry *dentry)
{
	struct rename_at *at = fs->priv;

	if (++at->so_far == at->compare)
		rec_rename_meanwhile();
}

/*
 * A rename meanwhile costs the scan that it met once more, where a miss has to
 * be certain: not in RCU-walk, that is only a try.
 */
void chain_rename_meanwhile_repeats_the_scan(struct kunit *test)
{
	static const struct {
		const char *name;
		int compare;
		int scans;
	} rows[] = {
		{ "in RCU-walk", 1, 3 },
		{ "in d_lookup()", 4, 4 },
		{ "in d_alloc_parallel()", 7, 4 },
		{ "afterwards", 10, 3 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = mount_chain(test);
		struct rename_at at = { .compare = rows[i].compare };

		grow_chain(fs, REC_HASH, 0, 3);
		fs->priv = &at;
		fs->d_compare = rename_at;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "missing", O_RDONLY,
						      0),
				    -ENOENT, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_COMPARE],
				    3 * rows[i].scans, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_LOOKUP], 1, "%s",
				    rows[i].name);
	}
}

/* C9: consecutive hashes put 1000 names into 232 buckets by 4 and 24 by 3. */
void chain_thousand_names_in_256_buckets(struct kunit *test)
{
	struct rec_fs *fs = mount_chain(test);
	int by_cost[6] = { };
	int i;

	/* The first bits of a hash choose the bucket. */
	for (i = 0; i < 1000; i++)
		grow_chain(fs, (u32)(i % 256) << 24, i, i + 1);
	for (i = 0; i < 256; i++) {
		unsigned long n = cost(fs, "missing", (u32)i << 24, false);

		by_cost[min(n, 5UL)]++;
	}
	KUNIT_EXPECT_EQ(test, by_cost[4], 232);
	KUNIT_EXPECT_EQ(test, by_cost[3], 24);
}

#define MILLION		1000000
/* What has to stay free for everybody else. */
#define ENOUGH_PAGES	(SZ_16M >> PAGE_SHIFT)

static void skip_without_memory(struct kunit *test, unsigned long pages)
{
	if (si_mem_available() < (long)(pages + ENOUGH_PAGES))
		kunit_skip(test, "not enough memory for %d dentries", MILLION);
}

static void grow_long_chain(struct kunit *test, struct rec_fs *fs, int from,
			    int to)
{
	for (; from < to; from++) {
		grow_chain(fs, REC_HASH, from, from + 1);
		if (from % 4096)
			continue;
		cond_resched();
		/* A debugging kernel's dentries may be larger. */
		skip_without_memory(test, 0);
	}
}

static void end_log(void *data)
{
	raw_log_close(data);
}

/* For scripts/report: what it cost */
static void print_cost(struct raw_log *log, int names, unsigned long comparisons, u64 ns)
{
	raw_log_begin(log);
	raw_log_put(log, "chain %d %lu %llu", names, comparisons, ns);
	raw_log_end(log);
}

/* C9: the cost is the chain's length up to a million, in names and in time. */
void chain_million(struct kunit *test)
{
	struct raw_log *log;
	struct rec_fs *fs;
	u64 thousand = 0, last = 0;
	int have = 0, k;

	skip_without_memory(test, PFN_UP(MILLION * sizeof(struct dentry) * 5 / 4));
	fs = mount_chain(test);
	log = raw_log_open("chains");
	KUNIT_ASSERT_NOT_NULL(test, log);
	ot_add_action(test, end_log, log);
	for (k = 1; k <= MILLION; k *= 10) {
		unsigned long comparisons;
		u64 start;

		grow_long_chain(test, fs, have, k);
		have = k;
		start = ktime_get_ns();
		comparisons = cost(fs, "missing", REC_HASH, false);
		last = ktime_get_ns() - start;
		KUNIT_EXPECT_EQ(test, comparisons, k);
		if (k == 1000)
			thousand = last;
		print_cost(log, k, comparisons, last);
		cond_resched();
		KUNIT_EXPECT_EQ(test, cost(fs, "0", REC_HASH, true), k);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, last, thousand);
}
