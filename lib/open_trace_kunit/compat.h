/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows a release: each difference between trees is one
 * named helper here.
 */
#ifndef _OPEN_TRACE_COMPAT_H
#define _OPEN_TRACE_COMPAT_H

#include <asm/sections.h>
#include <kunit/test.h>
#include <linux/bug.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kmsg_dump.h>
#include <linux/namei.h>
#include <linux/openat2.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../../fs/internal.h"
#include "../../fs/mount.h"

/*
 * ot_since() - for an expected value that changed: true from that release on
 * @major: first number of the release
 * @minor: its second number
 */
#define ot_since(major, minor) \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

/* 6.3: file locks and leases have a header of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <linux/filelock.h>
#endif

/* 6.3: inode operations take the mount's idmap, not its user namespace. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define ot_idmap user_namespace
#else
#define ot_idmap mnt_idmap
#endif

/* 6.14: ->d_revalidate is told the directory and the name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define OT_REVALIDATE_ARGS struct dentry *dentry, unsigned int flags
#else
#define OT_REVALIDATE_ARGS						\
	struct inode *dir, const struct qstr *name, struct dentry *dentry,	\
	unsigned int flags
#endif

/* 7.3: ->create is no longer told whether O_EXCL was asked for. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define OT_CREATE_ARGS							\
	struct ot_idmap *idmap, struct inode *dir, struct dentry *dentry,	\
	umode_t mode, bool excl
#define OT_CREATE_EXCL excl
#else
#define OT_CREATE_ARGS							\
	struct ot_idmap *idmap, struct inode *dir, struct dentry *dentry,	\
	umode_t mode
#define OT_CREATE_EXCL false
#endif

/* 6.17: the superblock's dentry operations have a setter. */
static inline void ot_set_default_d_op(struct super_block *sb,
				       const struct dentry_operations *ops)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	sb->s_d_op = ops;
#else
	set_default_d_op(sb, ops);
#endif
}

/* 6.7: an inode's times have setters; a new inode has those of a former one. */
static inline void ot_inode_times_begin(struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	inode->i_atime = (struct timespec64){ };
	inode->i_mtime = (struct timespec64){ };
	inode->i_ctime = (struct timespec64){ };
#else
	inode_set_atime(inode, 0, 0);
	inode_set_mtime(inode, 0, 0);
	inode_set_ctime(inode, 0, 0);
#endif
}

/* 6.8: a directory's children are an hlist. */
static inline bool ot_is_child(struct dentry *dir, const struct dentry *child)
{
	const struct dentry *dentry;
	bool found = false;

	spin_lock(&dir->d_lock);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	list_for_each_entry(dentry, &dir->d_subdirs, d_child)
#else
	hlist_for_each_entry(dentry, &dir->d_children, d_sib)
#endif
		found |= dentry == child;
	spin_unlock(&dir->d_lock);
	return found;
}

/* 7.0: do_filp_open() is called do_file_open(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define ot_do_filp_open do_filp_open
#else
#define ot_do_filp_open do_file_open
#endif

/* 7.3: lookup_open() for who is not a path walk. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define OT_VFS_LOOKUP_OPEN false
static inline struct file *ot_vfs_lookup_open(struct path *parent,
					      struct qstr *last, int flags,
					      umode_t mode)
{
	return ERR_PTR(-EOPNOTSUPP);
}
#else
#define OT_VFS_LOOKUP_OPEN true
#define ot_vfs_lookup_open vfs_lookup_open
#endif

#ifndef EFTYPE	/* 7.2 */
#define OT_EFTYPE EOPNOTSUPP
#else
#define OT_EFTYPE EFTYPE
#endif

/*
 * 7.0: flush_delayed_fput() also waits for a worker that has taken the files
 * already.
 */
static inline void ot_flush_delayed_fput(void)
{
	flush_delayed_fput();
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	__flush_workqueue(system_wq);
#endif
}

/* What warns once per boot shall do so for each test, and when the suite is run again. */
static inline void ot_warn_once_more(void)
{
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
}

/* 7.2: KUnit catches a warning; before, it is announced, may not panic, and is in the log. */
#ifdef kunit_warning_suppress
struct ot_warning {
	struct kunit_suppressed_warning *handle;
};

static inline void ot_warning_begin(struct kunit *test, struct ot_warning *w)
{
	ot_warn_once_more();
	w->handle = kunit_start_suppress_warning(test);
}

/* Where a warning is a trap, KUnit takes it before the kernel looks whether it is the first. */
static inline void ot_warning_ends_once(struct kunit *test, struct ot_warning *w,
					int times)
{
	int warnings = kunit_suppressed_warning_count(w->handle);

	kunit_end_suppress_warning(test, w->handle);
	if (!IS_ENABLED(CONFIG_GENERIC_BUG))
		times = 1;
	KUNIT_EXPECT_EQ(test, warnings, IS_ENABLED(CONFIG_BUG) ? times : 0);
}
#else
struct ot_warning {
	int panic_on_warn;
	struct kmsg_dump_iter log;	/* from its end */
};

static inline void ot_warning_begin(struct kunit *test, struct ot_warning *w)
{
	ot_warn_once_more();
	kunit_info(test, "the test provokes the warning that follows");
	w->log = (struct kmsg_dump_iter){ };
	kmsg_dump_rewind(&w->log);
	w->log.cur_seq = w->log.next_seq;
	w->panic_on_warn = panic_on_warn;
	panic_on_warn = 0;
}

static inline void ot_warning_ends_once(struct kunit *test, struct ot_warning *w,
					int times)
{
	char line[256];	/* one that is longer is not read */
	char pid[16], pid_at_end[16];	/* 6.19: the latter */
	int warnings = 0;

	panic_on_warn = w->panic_on_warn;
	snprintf(pid, sizeof(pid), " PID: %d ", current->pid);
	snprintf(pid_at_end, sizeof(pid_at_end), "/%d\n", current->pid);
	while (kmsg_dump_get_line(&w->log, false, line, sizeof(line), NULL))
		warnings += strstr(line, "WARNING: ") &&
			    (strstr(line, pid) || strstr(line, pid_at_end));
	KUNIT_EXPECT_EQ(test, warnings,
			IS_ENABLED(CONFIG_BUG) && IS_ENABLED(CONFIG_PRINTK));
}
#endif

/**
 * ot_warning_end() - since ot_warning_begin() the kernel has warned, once
 * @test: the test, which fails otherwise
 * @w: the warning; with ot_warning_ends_once(), one of what was done @times
 *
 * Context: the test's own task.
 */
static inline void ot_warning_end(struct kunit *test, struct ot_warning *w)
{
	ot_warning_ends_once(test, w, 1);
}

/* 6.14: FMODE_NONOTIFY became one value of a field of two bits. */
static inline bool ot_file_is_silent(const struct file *file)
{
#ifdef FMODE_FSNOTIFY_NONE
	return FMODE_FSNOTIFY_NONE(file->f_mode);
#else
	return file->f_mode & FMODE_NONOTIFY;
#endif
}

/* 6.19: an inode's state is behind accessors. */
static inline unsigned long ot_inode_state(struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
	return inode->i_state;
#else
	return inode_state_read_once(inode);
#endif
}

/* 6.16: lookup_one_len_unlocked() has another name and takes a qstr. */
static inline struct dentry *ot_lookup_unlocked(const char *name,
						struct dentry *dir)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
	return lookup_one_len_unlocked(name, dir, strlen(name));
#else
	return lookup_noperm_unlocked(&QSTR(name), dir);
#endif
}

/* 7.2: who waits for a lookup does so without the caller's wait queue. */
static inline struct dentry *ot_d_alloc_parallel(struct dentry *dir,
						 const struct qstr *name,
						 wait_queue_head_t *wq)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
	return d_alloc_parallel(dir, name, wq);
#else
	return d_alloc_parallel(dir, name);
#endif
}

/* ... and is told by a flag. The caller has the dentry's d_lock. */
static inline bool ot_has_lookup_waiter(const struct dentry *dentry)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
	/* d_lock orders it: under that lock a waiter puts itself on the queue. */
	return d_in_lookup(dentry) && waitqueue_active(dentry->d_wait);
#else
	return dentry->d_flags & DCACHE_LOOKUP_WAITERS;
#endif
}

/* What __d_alloc() clears of the alias's place. 7.2: those who wait for the dentry's end */
static inline bool ot_alias_is_clear(const struct dentry *dentry)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
	return hlist_unhashed(&dentry->d_u.d_alias);
#else
	return !dentry->waiters;
#endif
}

/* 7.2: two more flags; 0 before. */
#ifdef O_EMPTYPATH
#define OT_EMPTYPATH	O_EMPTYPATH
#else
#define OT_EMPTYPATH	0
#endif
#ifdef OPENAT2_REGULAR
#define OT_REGULAR	OPENAT2_REGULAR
#define OT_REGULAR_INSIDE	__O_REGULAR
#define OT_VALID_FLAGS	VALID_OPENAT2_FLAGS
#else
#define OT_REGULAR	0ULL
#define OT_REGULAR_INSIDE	0
#define OT_VALID_FLAGS	((u64)VALID_OPEN_FLAGS)
#endif

/* Until 6.13 a flag of the kernel's own passed for none; 0 since. */
#ifdef __FMODE_NONOTIFY
#define OT_NONOTIFY	((u64)__FMODE_NONOTIFY)
#else
#define OT_NONOTIFY	0ULL
#endif

/* 7.3: CONFIG_PROC_SYSCTL is a part of CONFIG_SYSCTL. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define OT_PROC_SYSCTL IS_ENABLED(CONFIG_PROC_SYSCTL)
#else
#define OT_PROC_SYSCTL IS_ENABLED(CONFIG_SYSCTL)
#endif

/* 7.3: kernel threads have a root of their own, which is empty; this is userspace's. */
#ifdef scoped_with_init_fs
#define ot_with_init_fs()	scoped_with_init_fs()
#else
#define ot_with_init_fs()
#endif

/**
 * ot_unlink() - remove a file
 * @path: from the root of the calling thread; it need not be there
 *
 * Context: process; may sleep.
 */
static inline void ot_unlink(const char *path)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	do_unlinkat(AT_FDCWD, getname_kernel(path));	/* puts the name */
#else
	CLASS(filename_kernel, name)(path);

	filename_unlinkat(AT_FDCWD, name);
#endif
}

/* Removes an empty directory, as ot_unlink() a file. */
static inline void ot_rmdir(const char *path)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	do_rmdir(AT_FDCWD, getname_kernel(path));	/* puts the name */
#else
	CLASS(filename_kernel, name)(path);

	filename_rmdir(AT_FDCWD, name);
#endif
}

/* Consoles with threads of their own, which 6.12 has first, may lag behind. */
static inline void ot_wait_for_console(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	pr_flush(1000, true);
#endif
}

/* 7.2: __d_lookup_unhash() returns nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
#define OT_D_LOOKUP_UNHASH_RETURNS	WATCH_RETURNS_POINTER
#else
#define OT_D_LOOKUP_UNHASH_RETURNS	WATCH_RETURNS_NOTHING
#endif

/* 6.2: truncating an open file has a security hook of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define OT_TRUNCATE_HOOK	path_truncate
#define OT_TRUNCATE_ARGS	const struct path *path
#define OT_TRUNCATE_INODE	d_inode(path->dentry)
#else
#define OT_TRUNCATE_HOOK	file_truncate
#define OT_TRUNCATE_ARGS	struct file *file
#define OT_TRUNCATE_INODE	file_inode(file)
#endif

/* 6.9: security modules are asked after the open, and told of a file without a name. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define OT_SECURITY_POST
#endif

/* 6.8: a security module has a number beside its name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
struct lsm_id {
	const char *name;
	u64 id;
};

#define ot_security_add_hooks(hooks, nr, lsmid)				\
	security_add_hooks(hooks, nr, (lsmid)->name)
#else
#define ot_security_add_hooks security_add_hooks
#endif

/* 6.19: DEFINE_LSM() takes both. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define OT_LSM_INFO_ID(lsmid)	.name = lsmid##_name
#else
#define OT_LSM_INFO_ID(lsmid)	.id = &(lsmid)
#endif

/**
 * ot_userspace_cannot_run() - why no process can run on this kernel
 *
 * 6.13: User Mode Linux keeps all of a process's registers; before, no more than
 * HOST_FP_SIZE longs of the extended ones, and kills a process that has more.
 *
 * Return: the reason in words, NULL when processes run.
 */
static inline const char *ot_userspace_cannot_run(void)
{
#if defined(CONFIG_UML) && defined(CONFIG_64BIT) && defined(HOST_FP_SIZE)
	unsigned int eax = 0xd, ebx, ecx = 0, edx;	/* the size of XSAVE's area */

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	if (ebx > HOST_FP_SIZE * sizeof(long))
		return "UML kills processes on a CPU with AMX; see open_trace's um-xstate.patch";
#endif
	return NULL;
}

#ifndef KUNIT_CASE_SLOW	/* 6.7 */
#define KUNIT_CASE_SLOW KUNIT_CASE
#endif

/* 6.6: KUnit has actions; before, a resource whose free is the action. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <kunit/resource.h>

struct ot_action {
	void (*fn)(void *arg);
	void *arg;
};

static inline int ot_action_init(struct kunit_resource *res, void *context)
{
	struct ot_action *action = kmemdup(context, sizeof(*action), GFP_KERNEL);

	res->data = action;
	return action ? 0 : -ENOMEM;
}

static inline void ot_action_free(struct kunit_resource *res)
{
	struct ot_action *action = res->data;

	action->fn(action->arg);
	kfree(action);
}

static inline void ot_add_action(struct kunit *test, void (*fn)(void *arg),
				 void *arg)
{
	struct ot_action action = { .fn = fn, .arg = arg };

	KUNIT_ASSERT_NOT_NULL(test, kunit_alloc_resource(test, ot_action_init,
							 ot_action_free,
							 GFP_KERNEL, &action));
}
#else
static inline void ot_add_action(struct kunit *test, void (*fn)(void *arg),
				 void *arg)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fn, arg), 0);
}
#endif

#endif
