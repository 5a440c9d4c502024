// SPDX-License-Identifier: GPL-2.0
/* What an open takes of memory it gives back, and what it gets is as if it were new. */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "memory.h"
#include "recfs.h"
#include "syscalls.h"

/*
 * So often that what each leaks adds up: 200 bytes of a dentry to 400 pages, a name of 250
 * bytes to more. Larger pages take more of them.
 */
#define TURNS		(8192 * PAGE_SIZE / SZ_4K)
#define TURNS_AT_ONCE	512
/* A name has PATH_MAX bytes of its own while it is used. */
#define NAMES		(1024 * PAGE_SIZE / SZ_4K)
/* What slabs may have more afterwards: they keep some, and count each processor's late. */
#define PAGES_MORE	200
/* Dentries, so many that a new one has the place of an old one */
#define DENTRIES	64

/* A name that has much memory of its own */
#define LONG		250

static unsigned long slab_pages(void)
{
	rcu_barrier();
	return global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B) +
	       global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
}

static struct dentry *alloc_dentry(struct rec_fs *fs, const char *name)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));

	return d_alloc(fs->mnt->mnt_root, &qstr);
}

enum failure { NOTHING_FAILS, NAME_FAILS, INIT_FAILS };

/* Of the allocations of a dentry with a long name, the name's: the last that it has to have */
static unsigned int names_allocation(struct rec_fs *fs, const char *name)
{
	unsigned int nth, names = 0;
	struct dentry *dentry;
	bool failed = true;

	for (nth = 1; failed; nth++) {
		memory_fail_nth(nth);
		dentry = alloc_dentry(fs, name);
		failed = memory_has_failed();
		if (!dentry)
			names = nth;
		dput(dentry);
	}
	return names;
}

/* Dentries of a name so long are made and given back; fails the test when memory is not. */
static void make_and_put(struct kunit *test, size_t length, enum failure failure)
{
	char *name = kunit_kzalloc(test, length + 1, GFP_KERNEL);
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *dentry;
	unsigned int names = 0;
	unsigned long before;
	bool failed = true;
	int turn;

	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'a', length);
	fs->count_only |= BIT(REC_D_INIT) | BIT(REC_D_RELEASE);
	if (failure == NAME_FAILS)
		names = names_allocation(fs, name);
	before = slab_pages();
	for (turn = 0; turn < TURNS; turn++) {
		if (failure == INIT_FAILS)
			rec_answer(fs, REC_D_INIT, -EINVAL);
		if (failure == NAME_FAILS)
			memory_fail_nth(names);
		dentry = alloc_dentry(fs, name);
		if (failure == NAME_FAILS)
			failed = memory_has_failed();
		dput(dentry);
		KUNIT_ASSERT_TRUE_MSG(test, failed, "turn %d", turn);
		KUNIT_ASSERT_EQ_MSG(test, !dentry, failure != NOTHING_FAILS, "turn %d",
				    turn);
		if (turn % TURNS_AT_ONCE == 0)
			rcu_barrier();
	}
	KUNIT_EXPECT_LT(test, slab_pages(), before + PAGES_MORE);
}

/* A name that has memory of its own gives it back with its dentry. */
void dcache_long_name_is_freed(struct kunit *test)
{
	make_and_put(test, LONG, NOTHING_FAILS);
}

/* A dentry for whose name there is no memory is freed. */
void dcache_failed_name_frees_the_dentry(struct kunit *test)
{
	memory_starve(test);
	make_and_put(test, LONG, NAME_FAILS);
}

/* A dentry whose ->d_init fails is freed, ... */
void dcache_failed_init_frees_the_dentry(struct kunit *test)
{
	make_and_put(test, 1, INIT_FAILS);
}

/* ... and its name, too. */
void dcache_failed_init_frees_the_name(struct kunit *test)
{
	make_and_put(test, LONG, INIT_FAILS);
}

/* Where another dentry was, __d_alloc() leaves nothing of it. */
void dcache_used_memory_is_as_new(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct dentry *old[DENTRIES], *new;
	int i, j, again = 0;

	fs->count_only |= BIT(REC_D_INIT) | BIT(REC_D_RELEASE);
	for (i = 0; i < DENTRIES; i++) {
		old[i] = alloc_dentry(fs, "a");
		KUNIT_ASSERT_NOT_NULL(test, old[i]);
		old[i]->d_iname[DNAME_INLINE_LEN - 1] = 'x';
		old[i]->d_hash.next = &old[i]->d_hash;
		old[i]->d_flags |= DCACHE_FSNOTIFY_PARENT_WATCHED;
		raw_write_seqcount_begin(&old[i]->d_seq);
	}
	for (i = 0; i < DENTRIES; i++)
		dput(old[i]);
	rcu_barrier();
	for (i = 0; i < DENTRIES; i++) {
		new = alloc_dentry(fs, "a");
		KUNIT_ASSERT_NOT_NULL(test, new);
		for (j = 0; j < DENTRIES; j++)
			again += old[j] == new;
		KUNIT_EXPECT_EQ(test, new->d_iname[DNAME_INLINE_LEN - 1], '\0');
		KUNIT_EXPECT_EQ(test, raw_read_seqcount(&new->d_seq), 0U);
		KUNIT_EXPECT_EQ(test, new->d_flags & DCACHE_FSNOTIFY_PARENT_WATCHED, 0U);
		KUNIT_EXPECT_NULL(test, new->d_hash.next);
		KUNIT_EXPECT_TRUE(test, ot_alias_is_clear(new));
		dput(new);
	}
	if (!again)
		kunit_skip(test, "no dentry was made where one had been");
}

/* C3: dentry_open() that fails puts the file that it had made. */
void filp_dentry_open_that_fails_puts_the_file(struct kunit *test)
{
	const struct cred *user = actor_cred(test, 1000);
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *at, *file;
	long before;

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	at = actor_open(fs, "f", O_PATH, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, at);
	before = atomic_long_read(&user->usage);
	rec_answer(fs, REC_OPEN, -ENXIO);
	file = dentry_open(&at->f_path, O_RDWR, user);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -ENXIO);
	ot_flush_delayed_fput();
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->usage), before);
	actor_close(at);
}

/* The kernel's own open puts the name that it made of the path. */
void filp_open_by_the_kernel_puts_the_name(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct fs_struct *old = actor_swap_fs(fs->task_fs);
	unsigned long before = slab_pages();
	int i;

	for (i = 0; i < NAMES; i++)
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(filp_open("/a", O_RDONLY, 0)),
				-ENOENT);
	actor_swap_fs(old);
	KUNIT_EXPECT_LT(test, slab_pages(), before + PAGES_MORE);
}

/* ... and so does one below a root, which leaves no walk behind either. */
void filp_open_below_a_root_leaves_nothing(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct path root = { .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	unsigned long before = slab_pages();
	int i;

	for (i = 0; i < NAMES; i++)
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file_open_root(&root, "a",
								     O_RDONLY, 0)),
				-ENOENT);
	KUNIT_EXPECT_NULL(test, current->nameidata);
	KUNIT_EXPECT_LT(test, slab_pages(), before + PAGES_MORE);
}

#ifdef OT_SYSCALLS
static long open_often(struct actor_user *user, void *data)
{
	long err = -ENOENT;
	int i;

	for (i = 0; i < NAMES && err == -ENOENT; i++)
		err = ot_sys_openat(AT_FDCWD, user->mem, O_RDONLY, 0);
	return err;
}

/* ... and so do the system calls. */
void fd_open_puts_the_name(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct actor_user *user = actor_user(test, fs);
	unsigned long before = slab_pages();

	KUNIT_EXPECT_EQ(test, actor_syscall(user, "/a", sizeof("/a"), open_often, NULL),
			-ENOENT);
	KUNIT_EXPECT_LT(test, slab_pages(), before + PAGES_MORE);
}
#else
void fd_open_puts_the_name(struct kunit *test)
{
	kunit_skip(test, "this architecture's system calls cannot be called from here");
}
#endif
