// SPDX-License-Identifier: GPL-2.0
/* Who meets whom in d_alloc_parallel(). */
#include <kunit/test.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

#define PAR_THREADS	8
#define PAR_GATES	2
/* So many that some of them share a bucket of the in-lookup hash. */
#define PAR_DIRS	512

enum par_where {
	PAR_RUNS,
	PAR_HELD,
	PAR_WAITS_FOR_LOOKUP,
	PAR_WAITS_FOR_DIR,
	PAR_ENDED,
};

struct par;

/* A thread that looks up, opens or allocates one name, and what it got. */
struct par_thread {
	struct actor actor;
	struct par *par;
	struct dentry *dir;
	const char *name;
	int flags;
	wait_queue_head_t wq;
	struct dentry *dentry;
	struct file *file;
	bool in_lookup;
};

/* Where a thread is held, in the hook for this dentry, until it is opened. */
struct par_gate {
	struct task_struct *task;
	struct dentry *dentry;
	int waiters;
	struct completion reached;
	struct completion open;
	struct dentry *(*then)(struct rec_fs *fs, struct inode *dir,
			       struct dentry *dentry, unsigned int flags);
};

/* The threads of a test; not on its stack, which may be gone before them. */
struct par {
	struct kunit *test;
	struct rec_fs *fs;
	struct par_thread thread[PAR_THREADS];
	unsigned int threads;
	struct par_gate gate[PAR_GATES];
	unsigned int gates;
	atomic_t stops;
	unsigned long patience;
	struct dentry *alias;
	void *data;
};

/* Holds a thread of the test at the next gate, if there is one. */
static struct par_gate *par_stop(struct par *par, struct dentry *dentry)
{
	struct par_gate *gate;
	unsigned int i, n;

	for (i = 0; i < par->threads; i++)
		if (par->thread[i].actor.task == current)
			break;
	if (i == par->threads)
		return NULL;
	n = atomic_inc_return(&par->stops) - 1;
	if (n >= par->gates)
		return NULL;
	gate = &par->gate[n];
	gate->dentry = dentry;
	gate->task = current;
	complete(&gate->reached);
	wait_for_completion(&gate->open);
	return gate;
}

static struct dentry *par_lookup(struct rec_fs *fs, struct inode *dir,
				 struct dentry *dentry, unsigned int flags)
{
	struct par_gate *gate = par_stop(fs->priv, dentry);

	if (gate && gate->then)
		return gate->then(fs, dir, dentry, flags);
	return rec_lookup(fs, dir, dentry, flags);
}

static void par_create(struct rec_fs *fs, struct inode *dir,
		       struct dentry *dentry)
{
	par_stop(fs->priv, dentry);
}

static void par_d_init(struct rec_fs *fs, struct dentry *dentry)
{
	par_stop(fs->priv, dentry);
}

static int par_atomic_open(struct rec_fs *fs, struct inode *dir,
			   struct dentry *dentry, struct file *file,
			   unsigned int flags, umode_t mode)
{
	struct dentry *res;

	par_stop(fs->priv, dentry);
	if (!d_in_lookup(dentry))
		return finish_no_open(file, NULL);
	res = rec_lookup(fs, dir, dentry, 0);
	if (IS_ERR(res))
		return PTR_ERR(res);
	return finish_no_open(file, res);
}

/* Threads are held in @at, the first @gates that come. Nothing is cached. */
static struct par *par_new(struct rec_fs *fs, enum rec_op at,
			   unsigned int gates)
{
	struct par *par = kzalloc(sizeof(*par), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(fs->test, par);
	par->test = fs->test;
	par->fs = fs;
	par->gates = gates;
	par->patience = ACTOR_TIMEOUT;
	for (i = 0; i < PAR_GATES; i++) {
		init_completion(&par->gate[i].reached);
		init_completion(&par->gate[i].open);
	}
	fs->priv = par;
	fs->lookup = at == REC_LOOKUP ? par_lookup : NULL;
	fs->create = at == REC_CREATE ? par_create : NULL;
	fs->d_init = at == REC_D_INIT ? par_d_init : NULL;
	fs->atomic_open = at == REC_ATOMIC_OPEN ? par_atomic_open : NULL;
	shrink_dcache_parent(fs->sb->s_root);
	rec_forget(fs);
	return par;
}

static struct par_thread *par_thread_of(struct actor *actor)
{
	return container_of(actor, struct par_thread, actor);
}

static void par_look(struct actor *actor)
{
	struct par_thread *t = par_thread_of(actor);

	t->dentry = ot_lookup_unlocked(t->name, t->dir);
}

static void par_open(struct actor *actor)
{
	struct par_thread *t = par_thread_of(actor);

	t->file = actor_open(actor->fs, t->name, t->flags, 0644);
}

static struct qstr par_name(struct dentry *dir, const char *name)
{
	struct rec_fs *fs = dir->d_sb->s_fs_info;
	struct qstr qstr = QSTR_INIT(name, strlen(name));

	qstr.hash = full_name_hash(dir, name, qstr.len);
	if (fs->has & REC_HAS_HASH)
		qstr.hash = fs->hash;
	return qstr;
}

static void par_alloc(struct actor *actor)
{
	struct par_thread *t = par_thread_of(actor);
	struct qstr name = par_name(t->dir, t->name);

	t->dentry = ot_d_alloc_parallel(t->dir, &name, &t->wq);
	t->in_lookup = !IS_ERR(t->dentry) && d_in_lookup(t->dentry);
}

static struct par_thread *par_start_in(struct par *par, struct dentry *dir,
				       void (*fn)(struct actor *actor),
				       const char *name, int flags)
{
	struct par_thread *t = &par->thread[par->threads++];

	t->par = par;
	t->dir = dir;
	t->name = name;
	t->flags = flags;
	init_waitqueue_head(&t->wq);
	t->actor.fs = dir->d_sb->s_fs_info;
	t->actor.fn = fn;
	actor_start(par->test, &t->actor);
	/* On one processor it comes to its rest when the test next schedules. */
	sched_set_fifo(t->actor.task);
	return t;
}

static struct par_thread *par_start(struct par *par,
				    void (*fn)(struct actor *actor),
				    const char *name, int flags)
{
	return par_start_in(par, par->fs->sb->s_root, fn, name, flags);
}

/* Each waiter has a reference beside the one of who is in ->lookup. */
static int par_waiters(struct par_gate *gate)
{
	struct dentry *dentry = gate->dentry;
	int n = 0;

	spin_lock(&dentry->d_lock);
	if (d_in_lookup(dentry) && ot_has_lookup_waiter(dentry))
		n = d_count(dentry) - 1;
	spin_unlock(&dentry->d_lock);
	return n;
}

static enum par_where par_where(struct par_thread *t)
{
	struct par *par = t->par;
	struct par_gate *gate;
	unsigned int state;

	if (completion_done(&t->actor.done))
		return PAR_ENDED;
	state = READ_ONCE(t->actor.task->__state);
	/* Whoever sleeps has said before where. */
	smp_rmb();
	if (!(state & TASK_UNINTERRUPTIBLE))
		return PAR_RUNS;
	for (gate = par->gate; gate < par->gate + PAR_GATES; gate++) {
		if (!completion_done(&gate->reached) ||
		    completion_done(&gate->open))
			continue;
		if (gate->task == t->actor.task)
			return PAR_HELD;
		if (par_waiters(gate) > gate->waiters) {
			gate->waiters = par_waiters(gate);
			return PAR_WAITS_FOR_LOOKUP;
		}
	}
	if (rwsem_is_contended(&d_inode(t->dir)->i_rwsem))
		return PAR_WAITS_FOR_DIR;
	return PAR_RUNS;
}

/* Where the thread that was started last comes to rest. */
static enum par_where par_settle(struct par_thread *t)
{
	struct par *par = t->par;
	unsigned long end = jiffies + par->patience;
	enum par_where where;

	while ((where = par_where(t)) == PAR_RUNS && time_before(jiffies, end))
		schedule();
	if (where == PAR_RUNS)
		par->patience = HZ / 10;
	return where;
}

/* The test itself is in lookup of a dentry, as if it were held at gate 0. */
static void par_hold(struct par *par, struct dentry *dentry)
{
	par->gate[0].dentry = dentry;
	complete(&par->gate[0].reached);
}

static void par_let_go(struct par *par)
{
	unsigned int i;

	for (i = 0; i < PAR_GATES; i++)
		complete_all(&par->gate[i].open);
}

/* Who was not woken when he should have been is woken here, and told of. */
static bool par_rescue(struct par_thread *t)
{
	int tries;

	KUNIT_FAIL(t->par->test, "%s was not woken", t->name);
	for (tries = 0; tries < 10; tries++) {
		wake_up_process(t->actor.task);
		if (wait_for_completion_timeout(&t->actor.done, HZ / 10))
			return true;
	}
	return false;
}

/* Ends the test, and leaves behind what is theirs, when a thread is lost. */
static void par_join(struct par *par)
{
	struct par_thread *t;
	bool lost = false;

	par_let_go(par);
	for (t = par->thread; t < par->thread + par->threads; t++) {
		if (!wait_for_completion_timeout(&t->actor.done,
						 par->patience)) {
			/* The others have had that time, too. */
			par->patience = HZ / 10;
			if (!par_rescue(t)) {
				rec_abandon(t->actor.fs);
				lost = true;
				break;
			}
		}
		put_task_struct(t->actor.task);
	}
	KUNIT_ASSERT_FALSE_MSG(par->test, lost, "a thread is lost");
}

static void par_drop(struct dentry *dentry)
{
	if (IS_ERR_OR_NULL(dentry))
		return;
	d_lookup_done(dentry);
	dput(dentry);
}

static void par_free(struct par *par)
{
	struct par_thread *t;

	for (t = par->thread; t < par->thread + par->threads; t++) {
		par_drop(t->dentry);
		if (!IS_ERR_OR_NULL(t->file))
			actor_close(t->file);
	}
	dput(par->alias);
	par->fs->priv = NULL;
	par->fs->lookup = NULL;
	par->fs->create = NULL;
	par->fs->d_init = NULL;
	par->fs->atomic_open = NULL;
	kfree(par);
}

/* A thread is held in @name, and as many others as asked for wait for it. */
static void par_meet(struct par *par, void (*fn)(struct actor *actor),
		     const char *name, int waiters)
{
	struct kunit *test = par->test;

	KUNIT_EXPECT_EQ(test, par_settle(par_start(par, fn, name, O_RDONLY)),
			PAR_HELD);
	while (waiters--)
		KUNIT_EXPECT_EQ(test,
				par_settle(par_start(par, fn, name, O_RDONLY)),
				PAR_WAITS_FOR_LOOKUP);
}

static long par_errno(struct par_thread *t)
{
	if (IS_ERR(t->file))
		return PTR_ERR(t->file);
	return PTR_ERR_OR_ZERO(t->dentry);
}

static struct dentry *par_dentry(struct par_thread *t)
{
	if (IS_ERR_OR_NULL(t->file))
		return t->dentry;
	return t->file->f_path.dentry;
}

static bool par_created(struct par_thread *t)
{
	return !IS_ERR_OR_NULL(t->file) && t->file->f_mode & FMODE_CREATED;
}

static void par_expect_all_same(struct par *par, const char *what)
{
	unsigned int i;

	for (i = 0; i < par->threads; i++) {
		KUNIT_EXPECT_EQ_MSG(par->test, par_errno(&par->thread[i]), 0L,
				    "%s %u", what, i);
		KUNIT_EXPECT_PTR_EQ_MSG(par->test, par_dentry(&par->thread[i]),
					par_dentry(&par->thread[0]), "%s %u",
					what, i);
	}
}

/* Of a name in lookup there is one dentry, and each who waited gets it. */
void parallel_one_lookup_serves_all(struct kunit *test)
{
	static const struct {
		const char *name;
		int waiters;
		const char *log;
	} rows[] = {
		{ "none", 1, "d_init(none) lookup(none) d_init(none)" },
		{ "file", 1, "d_init(file) lookup(file) d_init(file)" },
		{ "n", 3, "d_init(n) lookup(n) d_init(n) d_init(n) d_init(n)" },
		{ "f", 3, "d_init(f) lookup(f) d_init(f) d_init(f) d_init(f)" },
	}, *row;
	struct rec_fs *fs = rec_mount(test, 0);
	unsigned long released;

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	fs->count_only = BIT(REC_D_RELEASE);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);
		const struct dentry *dentry;

		released = fs->count[REC_D_RELEASE];
		par_meet(par, par_look, row->name, row->waiters);
		par_join(par);
		par_expect_all_same(par, row->name);
		dentry = par->thread[0].dentry;
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(dentry), "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, d_count(dentry), row->waiters + 1,
				    "%s", row->name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, dentry,
					rec_call(fs, REC_LOOKUP, 0)->dentry,
					"%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), row->log, "%s",
				       row->name);
		KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_RELEASE] - released,
				    (unsigned long)row->waiters, "%s",
				    row->name);
		par_free(par);
	}
}

/* C4: two opens of a missing name ask the filesystem once and both fail. */
void parallel_opens_of_a_missing_name_ask_once(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);

	par_meet(par, par_open, "a", 1);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[0]), -ENOENT);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[1]), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a) d_init(a) d_release(a)");
	par_free(par);
}

/* Two opens of a file share the dentry and the lookup, not the struct file. */
void parallel_opens_of_a_file_share_its_dentry(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);

	fs->count_only = BIT(REC_OPEN) | BIT(REC_D_RELEASE);
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	par_meet(par, par_open, "a", 1);
	par_join(par);
	par_expect_all_same(par, "a");
	KUNIT_EXPECT_PTR_NE(test, par->thread[0].file, par->thread[1].file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a) d_init(a)");
	KUNIT_EXPECT_EQ(test, fs->count[REC_OPEN], 2UL);
	KUNIT_EXPECT_EQ(test, fs->count[REC_D_RELEASE], 1UL);
	par_free(par);
}

/* lookup_slow(): two walks meet in a directory on their way, too. */
void parallel_walks_share_a_directory(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);

	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	par_meet(par, par_open, "d/a", 1);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(d) lookup(d) d_init(d)");
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[0]), -ENOENT);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[1]), -ENOENT);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 2UL);
	par_free(par);
}

static struct dentry *par_fail(struct rec_fs *fs, struct inode *dir,
			       struct dentry *dentry, unsigned int flags)
{
	return ERR_PTR(-EIO);
}

static struct dentry *par_leave(struct rec_fs *fs, struct inode *dir,
				struct dentry *dentry, unsigned int flags)
{
	return NULL;
}

static struct dentry *par_answer_alias(struct rec_fs *fs, struct inode *dir,
				       struct dentry *dentry,
				       unsigned int flags)
{
	struct par *par = fs->priv;

	return dget(par->alias);
}

/* A waiter that finds the dentry unhashed afterwards asks by itself. */
void parallel_unhashed_result_is_looked_up_again(struct kunit *test)
{
	static const struct {
		const char *name;
		void (*fn)(struct actor *actor);
		struct dentry *(*then)(struct rec_fs *fs, struct inode *dir,
				       struct dentry *dentry,
				       unsigned int flags);
		long err;
	} rows[] = {
		{ "lookup: error", par_look, par_fail, -EIO },
		{ "lookup: left", par_look, par_leave, 0 },
		{ "lookup: another", par_look, par_answer_alias, 0 },
		{ "open: error", par_open, par_fail, -EIO },
		{ "open: left", par_open, par_leave, -ENOENT },
		{ "open: another", par_open, par_answer_alias, 0 },
	}, *row;
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	rec_add(fs, NULL, "other", S_IFREG | 0644);
	fs->count_only = BIT(REC_D_RELEASE) | BIT(REC_OPEN) | BIT(REC_RELEASE) |
			 BIT(REC_EVICT);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);
		struct par_thread *waiter = &par->thread[1];
		const struct dentry *dentry;

		par->gate[0].then = row->then;
		par->alias = ot_lookup_unlocked("other", fs->sb->s_root);
		rec_forget(fs);
		par_meet(par, row->fn, "a", 1);
		par_join(par);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(&par->thread[0]), row->err,
				    "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(waiter), 0L, "%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       "d_init(a) lookup(a) d_init(a) lookup(a)",
				       "%s", row->name);
		dentry = par_dentry(waiter);
		KUNIT_EXPECT_PTR_EQ_MSG(test, dentry,
					rec_call(fs, REC_D_INIT, 1)->dentry,
					"%s", row->name);
		KUNIT_EXPECT_TRUE_MSG(test,
				      !IS_ERR_OR_NULL(dentry) && d_is_reg(dentry),
				      "%s", row->name);
		par_free(par);
	}
}

/* After a failed ->lookup one waiter asks again, and the others wait for it. */
void parallel_waiters_of_an_error_meet_again(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);
	unsigned int i;

	par->gate[0].then = par_fail;
	par_meet(par, par_look, "a", 4);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[0]), -EIO);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 2UL);
	for (i = 1; i < par->threads; i++)
		KUNIT_EXPECT_PTR_EQ(test, par->thread[i].dentry,
				    par->thread[1].dentry);
	par_free(par);
}

/* d_splice_alias() of a directory known elsewhere: all get what it moved. */
void parallel_spliced_directory_serves_all(struct kunit *test)
{
	static const struct {
		const char *name;
		bool disconnected;
	} rows[] = {
		{ "by another name", false },
		{ "disconnected", true },
	}, *row;
	struct rec_fs *fs = rec_mount(test, 0);
	struct rec_node *dir = rec_add(fs, NULL, "old", S_IFDIR | 0755);

	rec_add(fs, NULL, "n", S_IFDIR | 0755)->same = dir;
	fs->count_only = BIT(REC_D_RELEASE);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);

		if (row->disconnected)
			par->alias = d_obtain_alias(rec_iget(fs, dir));
		else
			par->alias = ot_lookup_unlocked("old", fs->sb->s_root);
		rec_forget(fs);
		par_meet(par, par_look, "n", 3);
		par_join(par);
		par_expect_all_same(par, row->name);
		KUNIT_EXPECT_PTR_EQ_MSG(test, par->thread[0].dentry, par->alias,
					"%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, par->alias->d_name.name, "n",
				       "%s", row->name);
		KUNIT_EXPECT_FALSE_MSG(test, d_unhashed(par->alias), "%s",
				       row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       "d_init(n) lookup(n) d_init(n) d_init(n) d_init(n)",
				       "%s", row->name);
		par_free(par);
	}
}

/* What a waiter gets is revalidated by the waiter; the first need not. */
void parallel_waiter_revalidates(struct kunit *test)
{
	static const struct {
		const char *name;
		void (*fn)(struct actor *actor);
		int answer;
		long err;
		bool same;
		const char *more;
	} rows[] = {
		{ "lookup: valid", par_look, 1, 0, true, "" },
		{ "lookup: invalid", par_look, 0, 0, false,
		  " d_init(a) lookup(a)" },
		{ "lookup: error", par_look, -EIO, -EIO, false, "" },
		{ "open: valid", par_open, 1, 0, true, "" },
		{ "open: invalid", par_open, 0, 0, false,
		  " d_init(a) lookup(a)" },
		{ "open: error", par_open, -EIO, -EIO, false, "" },
	}, *row;
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	fs->count_only = BIT(REC_D_RELEASE) | BIT(REC_OPEN) | BIT(REC_RELEASE) |
			 BIT(REC_EVICT);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);
		struct par_thread *waiter = &par->thread[1];
		char log[96];

		rec_answer(fs, REC_D_REVALIDATE, row->answer);
		scnprintf(log, sizeof(log),
			  "d_init(a) lookup(a) d_init(a) d_revalidate(a)%s",
			  row->more);
		par_meet(par, row->fn, "a", 1);
		par_join(par);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(&par->thread[0]), 0L, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(waiter), row->err, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, row->same,
				    par_dentry(waiter) == par_dentry(&par->thread[0]),
				    "%s", row->name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), log, "%s", row->name);
		par_free(par);
	}
}

/* An open that finds its dentry invalid leaves it to whoever holds it. */
void parallel_invalidated_dentry_stays_with_its_holder(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_REVALIDATE);
	struct file *held, *file;

	rec_add(fs, NULL, "a", S_IFREG | 0644);
	held = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(held));
	rec_forget(fs);
	rec_answer(fs, REC_D_REVALIDATE, 0);
	file = actor_open(fs, "a", O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_revalidate(a rcu) d_init(a) lookup(a) open(a)");
	KUNIT_EXPECT_PTR_NE(test, held->f_path.dentry, file->f_path.dentry);
	KUNIT_EXPECT_PTR_EQ(test, file_inode(held), file_inode(file));
	KUNIT_EXPECT_TRUE(test, d_unhashed(held->f_path.dentry));
	KUNIT_EXPECT_FALSE(test, d_unhashed(file->f_path.dentry));
	actor_close(file);
	actor_close(held);
}

/* The match in the in-lookup hash is by name, not by its hash alone. */
void parallel_names_of_one_hash_do_not_meet(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);
	struct par *par = par_new(fs, REC_LOOKUP, 2);

	fs->count_only = BIT(REC_D_HASH);
	KUNIT_EXPECT_EQ(test, par_settle(par_start(par, par_look, "a", 0)),
			PAR_HELD);
	KUNIT_EXPECT_EQ(test, par_settle(par_start(par, par_look, "b", 0)),
			PAR_HELD);
	par_join(par);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a) d_init(b) lookup(b)");
	KUNIT_EXPECT_EQ(test, rec_call(fs, REC_LOOKUP, 0)->hash,
			rec_call(fs, REC_LOOKUP, 1)->hash);
	par_free(par);
}

/* ... and by filesystem: the same name elsewhere is another one. */
void parallel_mounts_do_not_meet(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);
	struct rec_fs *other = rec_mount(test, REC_HAS_HASH);
	struct par *par = par_new(fs, REC_LOOKUP, 2);

	fs->count_only = BIT(REC_D_HASH);
	other->count_only = BIT(REC_D_HASH);
	other->lookup = par_lookup;
	other->priv = par;
	KUNIT_EXPECT_EQ(test, par_settle(par_start(par, par_look, "a", 0)),
			PAR_HELD);
	KUNIT_EXPECT_EQ(test,
			par_settle(par_start_in(par, other->sb->s_root,
						par_look, "a", 0)),
			PAR_HELD);
	par_join(par);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a)");
	KUNIT_EXPECT_STREQ(test, rec_log(other), "d_init(a) lookup(a)");
	par_free(par);
}

struct par_dirs {
	wait_queue_head_t wq[PAR_DIRS];
	struct dentry *dir[PAR_DIRS];
	struct dentry *dentry[PAR_DIRS];
};

static void par_alloc_in_each(struct actor *actor)
{
	struct par_dirs *dirs = par_thread_of(actor)->par->data;
	int i;

	for (i = 0; i < PAR_DIRS; i++) {
		struct qstr name = par_name(dirs->dir[i], "a");

		/* For par_end_lookups(). */
		smp_store_release(&dirs->dentry[i],
				  ot_d_alloc_parallel(dirs->dir[i], &name,
						      &dirs->wq[i]));
	}
}

/* Lets those go on that wait for a dentry; returns how many there were. */
static int par_end_lookups(struct par_dirs *dirs)
{
	int i, met = 0;

	for (i = 0; i < PAR_DIRS; i++) {
		struct dentry *dentry;
		bool waits;

		/* From par_alloc_in_each(). */
		dentry = smp_load_acquire(&dirs->dentry[i]);
		if (!dentry)
			break;
		spin_lock(&dentry->d_lock);
		waits = ot_has_lookup_waiter(dentry);
		spin_unlock(&dentry->d_lock);
		if (waits) {
			met++;
			d_lookup_done(dentry);
		}
	}
	return met;
}

static struct dentry *par_lookup_node(struct rec_fs *fs, struct inode *dir,
				      struct dentry *dentry, unsigned int flags)
{
	return d_splice_alias(rec_iget(fs, fs->priv), dentry);
}

/* ... and by directory: one thread is in lookup of one name in many at once. */
void parallel_directories_do_not_meet(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);
	struct par_dirs *dirs = kzalloc(sizeof(*dirs), GFP_KERNEL);
	unsigned long end = jiffies + ACTOR_TIMEOUT;
	struct par *par;
	int i, met = 0;

	KUNIT_ASSERT_NOT_NULL(test, dirs);
	fs->count_only = -1;
	fs->lookup = par_lookup_node;
	for (i = 0; i < PAR_DIRS; i++) {
		char name[8];

		init_waitqueue_head(&dirs->wq[i]);
		scnprintf(name, sizeof(name), "%d", i);
		fs->priv = rec_add(fs, NULL, name, S_IFDIR | 0755);
		dirs->dir[i] = ot_lookup_unlocked(name, fs->sb->s_root);
	}
	par = par_new(fs, REC_LOOKUP, 0);
	par->data = dirs;
	par_start(par, par_alloc_in_each, "a", 0);
	while (!completion_done(&par->thread[0].actor.done) &&
	       time_before(jiffies, end)) {
		schedule();
		met += par_end_lookups(dirs);
	}
	par_join(par);
	KUNIT_EXPECT_EQ(test, met, 0);
	for (i = 0; i < PAR_DIRS; i++) {
		par_drop(dirs->dentry[i]);
		dput(dirs->dir[i]);
	}
	kfree(dirs);
	par_free(par);
}

/* A name is looked up while another one of the directory is in lookup. */
void parallel_other_names_do_not_wait(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *path;
		int flags;
		long err;
	} rows[] = {
		{ "missing", "b", O_RDONLY, -ENOENT },
		{ "file", "file", O_RDONLY, 0 },
		{ "for writing", "file", O_RDWR, 0 },
		{ "truncated", "file", O_WRONLY | O_TRUNC, 0 },
		{ "directory", "d", O_RDONLY | O_DIRECTORY, 0 },
		{ "below a directory", "d/b", O_RDONLY, -ENOENT },
	}, *row;
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);
		struct par_thread *t;

		par_meet(par, par_look, "a", 0);
		t = par_start(par, par_open, row->path, row->flags);
		KUNIT_EXPECT_EQ_MSG(test, par_settle(t), PAR_ENDED, "%s",
				    row->name);
		par_join(par);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(t), row->err, "%s",
				    row->name);
		KUNIT_EXPECT_FALSE_MSG(test,
				       rec_call(fs, REC_LOOKUP, 1)->i_rwsem_write,
				       "%s", row->name);
		par_free(par);
	}
}

/* O_CREAT has the directory to itself; 6.12: not when the file is cached. */
void parallel_creation_waits_for_a_lookup(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *path;
		bool cached;
		int flags;
		enum par_where where;
		long err;
	} rows[] = {
		{ "missing", "b", false, O_CREAT, PAR_WAITS_FOR_DIR, 0 },
		{ "missing, O_EXCL", "c", false, O_CREAT | O_EXCL,
		  PAR_WAITS_FOR_DIR, 0 },
		{ "the name in lookup", "a", false, O_CREAT, PAR_WAITS_FOR_DIR,
		  0 },
		{ "file", "file", false, O_CREAT, PAR_WAITS_FOR_DIR, 0 },
		{ "cached file", "file", true, O_CREAT,
		  ot_since(6, 12) ? PAR_ENDED : PAR_WAITS_FOR_DIR, 0 },
		{ "cached file, O_EXCL", "file", true, O_CREAT | O_EXCL,
		  PAR_WAITS_FOR_DIR, -EEXIST },
	}, *row;
	struct rec_fs *fs = rec_mount(test, 0);

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 1);
		struct par_thread *t;

		if (row->cached)
			par->alias = ot_lookup_unlocked("file", fs->sb->s_root);
		par_meet(par, par_look, "a", 0);
		t = par_start(par, par_open, row->path, row->flags);
		KUNIT_EXPECT_EQ_MSG(test, par_settle(t), row->where, "%s",
				    row->name);
		par_join(par);
		KUNIT_EXPECT_EQ_MSG(test, par_errno(t), row->err, "%s",
				    row->name);
		par_free(par);
	}
}

/*
 * The creator of a name in lookup finds it afterwards, and need not ask. Who has
 * looked it up may find it missing, or with another processor made already.
 */
void parallel_creator_uses_a_readers_miss(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);
	struct par_thread *reader, *creator;
	bool missed;

	reader = par_start(par, par_open, "a", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(reader), PAR_HELD);
	creator = par_start(par, par_open, "a", O_CREAT | O_RDWR);
	KUNIT_EXPECT_EQ(test, par_settle(creator), PAR_WAITS_FOR_DIR);
	par_join(par);
	missed = par_errno(reader) == -ENOENT;
	if (!missed)
		KUNIT_EXPECT_EQ(test, par_errno(reader), 0L);
	KUNIT_EXPECT_EQ(test, par_errno(creator), 0L);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), missed ?
			   "d_init(a) lookup(a) create(a 100644) open(a)" :
			   "d_init(a) lookup(a) create(a 100644) open(a) open(a)");
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_CREATE, 0)->dentry,
			    rec_call(fs, REC_LOOKUP, 0)->dentry);
	par_free(par);
}

/* While the creator is in ->lookup a reader waits, and gets the new file. */
void parallel_reader_waits_for_a_creators_lookup(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_LOOKUP, 1);
	struct par_thread *reader, *creator;

	fs->count_only = BIT(REC_OPEN);
	creator = par_start(par, par_open, "a", O_CREAT | O_RDWR);
	KUNIT_EXPECT_EQ(test, par_settle(creator), PAR_HELD);
	reader = par_start(par, par_open, "a", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(reader), PAR_WAITS_FOR_DIR);
	par_join(par);
	par_expect_all_same(par, "a");
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644)");
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_LOOKUP, 0)->in_lookup);
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_LOOKUP, 0)->i_rwsem_write);
	par_free(par);
}

/* While the creator is in ->create its name is a cached miss: ENOENT at once. */
void parallel_file_is_missing_until_it_is_created(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_CREATE, 1);
	struct par_thread *reader, *creator;

	creator = par_start(par, par_open, "a", O_CREAT | O_RDWR);
	KUNIT_EXPECT_EQ(test, par_settle(creator), PAR_HELD);
	reader = par_start(par, par_open, "a", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(reader), PAR_ENDED);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(reader), -ENOENT);
	KUNIT_EXPECT_EQ(test, par_errno(creator), 0L);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644) open(a)");
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_CREATE, 0)->unhashed);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), 0L);
	par_free(par);
}

/* Of a name that is not cached nothing is known before ->create is done. */
void parallel_lookup_waits_for_a_creation(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_CREATE, 1);
	struct par_thread *reader, *creator;

	creator = par_start(par, par_open, "a", O_CREAT | O_RDWR);
	KUNIT_EXPECT_EQ(test, par_settle(creator), PAR_HELD);
	reader = par_start(par, par_open, "b", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(reader), PAR_WAITS_FOR_DIR);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 1UL);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(reader), -ENOENT);
	KUNIT_EXPECT_EQ(test, fs->count[REC_LOOKUP], 2UL);
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_LOOKUP, 1)->i_rwsem_write);
	par_free(par);
}

/* As many creators as there can be; the first is held in ->create. */
static void par_create_all(struct par *par, int flags)
{
	struct kunit *test = par->test;

	KUNIT_EXPECT_EQ(test, par_settle(par_start(par, par_open, "a", flags)),
			PAR_HELD);
	while (par->threads < PAR_THREADS)
		KUNIT_EXPECT_EQ(test,
				par_settle(par_start(par, par_open, "a", flags)),
				PAR_WAITS_FOR_DIR);
}

/* O_CREAT|O_EXCL by many: one makes the file, and nobody else gets it. */
void parallel_exclusive_creation_has_one_winner(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_CREATE, 1);
	unsigned int i;

	par_create_all(par, O_CREAT | O_EXCL | O_RDWR);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[0]), 0L);
	for (i = 1; i < PAR_THREADS; i++)
		KUNIT_EXPECT_EQ(test, par_errno(&par->thread[i]), -EEXIST);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat excl) create(a 100644) open(a)");
	par_free(par);
}

/* O_CREAT by many: one makes the file, all open it. */
void parallel_creation_has_one_creator(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_CREATE, 1);
	unsigned int i;

	fs->count_only = BIT(REC_OPEN);
	par_create_all(par, O_CREAT | O_RDWR);
	par_join(par);
	par_expect_all_same(par, "a");
	for (i = 0; i < PAR_THREADS; i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    par_created(&par->thread[i]), i == 0, "%u",
				    i);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) lookup(a creat) create(a 100644)");
	KUNIT_EXPECT_EQ(test, fs->count[REC_OPEN], 8UL);
	par_free(par);
}

/* C6: the first in ->atomic_open has the dentry in lookup, who waited hashed. */
void parallel_atomic_opens_meet(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_ATOMIC_OPEN);
	struct par *par = par_new(fs, REC_ATOMIC_OPEN, 1);

	fs->count_only = BIT(REC_D_RELEASE);
	par_meet(par, par_open, "a", 1);
	par_join(par);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[0]), -ENOENT);
	KUNIT_EXPECT_EQ(test, par_errno(&par->thread[1]), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) atomic_open(a 0) d_init(a) atomic_open(a 0)");
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->in_lookup);
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_ATOMIC_OPEN, 1)->in_lookup);
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_ATOMIC_OPEN, 1)->unhashed);
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_ATOMIC_OPEN, 0)->dentry,
			    rec_call(fs, REC_ATOMIC_OPEN, 1)->dentry);
	par_free(par);
}

/* The name that is hashed while d_alloc_parallel() allocates is found after. */
void parallel_name_hashed_meanwhile_is_found(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct par *par = par_new(fs, REC_D_INIT, 1);
	struct par_thread *slow, *quick;

	fs->count_only = BIT(REC_OPEN);
	rec_add(fs, NULL, "a", S_IFREG | 0644);
	slow = par_start(par, par_open, "a", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(slow), PAR_HELD);
	quick = par_start(par, par_open, "a", O_RDONLY);
	KUNIT_EXPECT_EQ(test, par_settle(quick), PAR_ENDED);
	par_join(par);
	par_expect_all_same(par, "a");
	KUNIT_EXPECT_STREQ(test, rec_log(fs),
			   "d_init(a) d_init(a) lookup(a) d_release(a)");
	KUNIT_EXPECT_PTR_EQ(test, rec_call(fs, REC_D_RELEASE, 0)->dentry,
			    rec_call(fs, REC_D_INIT, 0)->dentry);
	par_free(par);
}

/* C6: a fresh name's dentry is in lookup, unhashed, and the caller's alone. */
void parallel_alloc_fresh(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *root = fs->sb->s_root;
	int count = d_count(root);
	struct qstr name = par_name(root, "fresh");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry = ot_d_alloc_parallel(root, &name, &wq);

	KUNIT_ASSERT_FALSE(test, IS_ERR(dentry));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(fresh)");
	KUNIT_EXPECT_FALSE(test, rec_call(fs, REC_D_INIT, 0)->in_lookup);
	KUNIT_EXPECT_TRUE(test, rec_call(fs, REC_D_INIT, 0)->unhashed);
	KUNIT_EXPECT_TRUE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	KUNIT_EXPECT_EQ(test, d_count(dentry), 1);
	KUNIT_EXPECT_NULL(test, d_inode(dentry));
	KUNIT_EXPECT_PTR_EQ(test, dentry->d_parent, root);
	KUNIT_EXPECT_EQ(test, d_count(root), count + 1);
	KUNIT_EXPECT_EQ(test, dentry->d_name.hash, name.hash);
	KUNIT_EXPECT_EQ(test, dentry->d_name.len, 5U);
	KUNIT_EXPECT_STREQ(test, dentry->d_name.name, "fresh");

	d_lookup_done(dentry);
	KUNIT_EXPECT_FALSE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_TRUE(test, d_unhashed(dentry));
	dput(dentry);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(fresh) d_release(fresh)");
	KUNIT_EXPECT_EQ(test, d_count(root), count);
}

/* A name that is hashed already, positive or not, is given out once more. */
void parallel_alloc_finds_the_hashed(struct kunit *test)
{
	static const char * const names[] = { "none", "file" };
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *root = fs->sb->s_root;
	int i;

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct qstr name = par_name(root, names[i]);
		DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
		struct dentry *hashed, *dentry;

		hashed = ot_lookup_unlocked(names[i], root);
		rec_forget(fs);
		dentry = ot_d_alloc_parallel(root, &name, &wq);
		KUNIT_EXPECT_PTR_EQ_MSG(test, dentry, hashed, "%s", names[i]);
		KUNIT_EXPECT_FALSE_MSG(test, d_in_lookup(dentry), "%s",
				       names[i]);
		KUNIT_EXPECT_EQ_MSG(test, d_count(hashed), 2, "%s", names[i]);
		KUNIT_EXPECT_PTR_EQ_MSG(test,
					rec_call(fs, REC_D_RELEASE, 0)->dentry,
					rec_call(fs, REC_D_INIT, 0)->dentry,
					"%s", names[i]);
		par_drop(dentry);
		dput(hashed);
	}
}

struct par_meanwhile {
	void (*act)(struct par_meanwhile *m);
	struct dentry *dentry;
	struct dentry *target;
	struct inode *inode;
};

static void par_add(struct par_meanwhile *m)
{
	d_add(m->dentry, m->inode);
	m->inode = NULL;
}

static void par_drop_hashed(struct par_meanwhile *m)
{
	d_drop(m->dentry);
}

static void par_move(struct par_meanwhile *m)
{
	d_move(m->dentry, m->target);
}

static void par_add_and_drop(struct par_meanwhile *m)
{
	par_add(m);
	d_drop(m->dentry);
}

static void par_add_and_move(struct par_meanwhile *m)
{
	par_add(m);
	par_move(m);
}

/* It is woken with the dentry hashed; only what still matches is taken. */
void parallel_waiter_takes_only_a_match(struct kunit *test)
{
	static const struct {
		const char *name;
		void (*act)(struct par_meanwhile *m);
		const char *dir;
		const char *target;
		bool match;
		u32 hash;
	} rows[] = {
		{ "added", par_add, NULL, "b", true },
		{ "dropped", par_add_and_drop, NULL, "b", false },
		{ "another name", par_add_and_move, NULL, "b", false },
		{ "another hash", par_add_and_move, NULL, "a", false, 1 },
		{ "another directory", par_add_and_move, "d", "a", false },
	}, *row;
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH);
	struct dentry *root = fs->sb->s_root;
	struct rec_node *node = rec_add(fs, NULL, "a", S_IFREG | 0644);

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "cannot keep the waiter from running");
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	for (row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		struct par *par = par_new(fs, REC_LOOKUP, 0);
		struct par_meanwhile m = { .inode = rec_iget(fs, node) };
		struct par_thread *waiter;
		struct qstr name;
		DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);

		par->alias = row->dir ? ot_lookup_unlocked(row->dir, root) :
			     dget(root);
		name = par_name(par->alias, row->target);
		name.hash ^= row->hash;
		m.target = d_alloc(par->alias, &name);
		name = par_name(root, "a");
		m.dentry = ot_d_alloc_parallel(root, &name, &wq);
		par_hold(par, m.dentry);
		waiter = par_start(par, par_alloc, "a", 0);
		KUNIT_EXPECT_EQ_MSG(test, par_settle(waiter),
				    PAR_WAITS_FOR_LOOKUP, "%s", row->name);

		/* Its processor is kept until all is done. */
		migrate_disable();
		set_cpus_allowed_ptr(waiter->actor.task,
				     cpumask_of(smp_processor_id()));
		preempt_disable();
		row->act(&m);
		preempt_enable();
		migrate_enable();
		par_join(par);
		KUNIT_EXPECT_EQ_MSG(test, waiter->dentry == m.dentry,
				    row->match, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, waiter->in_lookup, !row->match, "%s",
				    row->name);
		spin_lock(&m.dentry->d_lock);
		KUNIT_EXPECT_FALSE_MSG(test, ot_has_lookup_waiter(m.dentry),
				       "%s", row->name);
		spin_unlock(&m.dentry->d_lock);
		KUNIT_EXPECT_EQ_MSG(test, d_count(m.dentry),
				    row->match ? 2 : 1, "%s", row->name);
		dput(m.target);
		dput(m.dentry);
		par_free(par);
	}
}

/* d_lookup_done() of a dentry that never came to be: the waiter begins anew. */
void parallel_waiter_of_a_dropped_dentry_begins_anew(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *root = fs->sb->s_root;
	struct par *par = par_new(fs, REC_LOOKUP, 0);
	struct qstr name = par_name(root, "a");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct dentry *dentry = ot_d_alloc_parallel(root, &name, &wq);
	struct par_thread *waiter;

	par_hold(par, dentry);
	waiter = par_start(par, par_alloc, "a", 0);
	KUNIT_EXPECT_EQ(test, par_settle(waiter), PAR_WAITS_FOR_LOOKUP);
	par_let_go(par);
	d_lookup_done(dentry);
	dput(dentry);
	par_join(par);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) d_init(a) d_release(a)");
	KUNIT_EXPECT_PTR_EQ(test, (const struct dentry *)waiter->dentry,
			    rec_call(fs, REC_D_INIT, 1)->dentry);
	KUNIT_EXPECT_TRUE(test, waiter->in_lookup);
	KUNIT_EXPECT_EQ(test, d_count(waiter->dentry), 1);
	par_free(par);
}

/* In the middle of a walk of the chain, which has no lock, something happens. */
static void par_interfere(struct rec_fs *fs, const struct dentry *dentry)
{
	struct par_meanwhile *m = fs->priv;
	void (*act)(struct par_meanwhile *m) = m->act;

	m->act = NULL;
	if (act)
		act(m);
}

struct par_newcomer {
	bool child;
	bool in_lookup;
};

static void par_look_at_newcomer(struct rec_fs *fs, const struct dentry *dentry)
{
	const struct dentry *new = rec_call(fs, REC_D_INIT, 0)->dentry;
	struct par_newcomer *newcomer = fs->priv;

	newcomer->child = ot_is_child(fs->sb->s_root, new);
	newcomer->in_lookup = d_in_lookup(new);
}

/*
 * Who goes through a directory's children sees it from the beginning as what it
 * is. 6.17, and the stable releases that took it over.
 */
void parallel_alloc_is_in_lookup_among_its_siblings(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH | REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct dentry *other = ot_lookup_unlocked("b", root);
	struct qstr name = par_name(root, "a");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct par_newcomer newcomer = { };
	struct dentry *dentry;

	rec_forget(fs);
	fs->priv = &newcomer;
	fs->d_compare = par_look_at_newcomer;
	dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->d_compare = NULL;
	KUNIT_EXPECT_TRUE(test, newcomer.child);
	KUNIT_EXPECT_EQ(test, newcomer.in_lookup, ot_since(6, 12));
	par_drop(dentry);
	dput(other);
}

/* i_dir_seq: what is added while the chain is searched is not missed. */
void parallel_alloc_sees_an_addition(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH | REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct dentry *other = ot_lookup_unlocked("b", root);
	struct qstr name = par_name(root, "a");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct par_meanwhile m = { .act = par_add };
	struct dentry *dentry;

	m.dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->priv = &m;
	fs->d_compare = par_interfere;
	dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->d_compare = NULL;
	KUNIT_EXPECT_NULL(test, m.act);
	KUNIT_EXPECT_PTR_EQ(test, dentry, m.dentry);
	KUNIT_EXPECT_FALSE(test, d_in_lookup(dentry));
	par_drop(dentry);
	dput(m.dentry);
	dput(other);
}

/* rename_lock: nor is what is renamed to the name. */
void parallel_alloc_sees_a_rename(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH | REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct qstr name = par_name(root, "a");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct par_meanwhile m = { .act = par_move };
	struct dentry *dentry, *other;

	rec_add(fs, NULL, "file", S_IFREG | 0644);
	m.dentry = ot_lookup_unlocked("file", root);
	/* Hashed last it is met first, and what moves is behind it. */
	other = ot_lookup_unlocked("b", root);
	m.target = d_alloc(root, &name);
	fs->priv = &m;
	fs->d_compare = par_interfere;
	dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->d_compare = NULL;
	KUNIT_EXPECT_NULL(test, m.act);
	KUNIT_EXPECT_PTR_EQ(test, dentry, m.dentry);
	KUNIT_EXPECT_FALSE(test, d_in_lookup(dentry));
	par_drop(dentry);
	dput(m.target);
	dput(m.dentry);
	dput(other);
}

/* d_seq: what is found is not given out when it is dropped just then. */
void parallel_alloc_sees_a_drop(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_HASH | REC_HAS_COMPARE);
	struct dentry *root = fs->sb->s_root;
	struct qstr name = par_name(root, "a");
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct par_meanwhile m = { .act = par_drop_hashed };
	struct dentry *dentry;

	m.dentry = ot_lookup_unlocked("a", root);
	fs->priv = &m;
	fs->d_compare = par_interfere;
	dentry = ot_d_alloc_parallel(root, &name, &wq);
	fs->d_compare = NULL;
	KUNIT_EXPECT_NULL(test, m.act);
	KUNIT_EXPECT_PTR_NE(test, dentry, m.dentry);
	KUNIT_EXPECT_TRUE(test, d_in_lookup(dentry));
	KUNIT_EXPECT_EQ(test, d_count(m.dentry), 1);
	par_drop(dentry);
	dput(m.dentry);
}
