/* SPDX-License-Identifier: GPL-2.0 */
/* Who opens: a task inside a mount, with credentials, alone or beside others. */
#ifndef _OPEN_TRACE_ACTOR_H
#define _OPEN_TRACE_ACTOR_H

#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>

#include "recfs.h"

/* Longer than any test takes: who waits for so long fails. */
#define ACTOR_TIMEOUT	(30 * HZ)

struct file *actor_open(struct rec_fs *fs, const char *name, int flags,
			umode_t mode);
struct file *actor_open_as(struct rec_fs *fs, const struct cred *cred,
			   const char *name, int flags, umode_t mode);
struct file *actor_openat2(struct rec_fs *fs, const char *name,
			   const struct open_how *how);
long actor_errno(struct rec_fs *fs, const char *name, int flags, umode_t mode);
long actor_errno_as(struct rec_fs *fs, const struct cred *cred,
		    const char *name, int flags, umode_t mode);
void actor_close(struct file *file);

const struct cred *actor_cred(struct kunit *test, unsigned int uid);

struct fs_struct *actor_swap_fs(struct fs_struct *new);

unsigned int actor_descriptors(void);

#define ACTOR_USER_SIZE	(2 * PATH_MAX)

/**
 * struct actor_user - what a system call needs that a kernel thread has not
 * @fs: the mount that the task is in
 * @mm: its address space
 * @mem: ACTOR_USER_SIZE bytes that can be read and written; a fault behind them
 */
struct actor_user {
	struct rec_fs *fs;
	struct mm_struct *mm;
	char __user *mem;
};

struct actor_user *actor_user(struct kunit *test, struct rec_fs *fs);
long actor_syscall(struct actor_user *user, const void *mem, size_t size,
		   long (*call)(struct actor_user *user, void *data),
		   void *data);

/**
 * struct actor - a kernel thread that does one thing
 * @fn: what it does
 * @data: for @fn and the test
 * @fs: where it does it: its root and working directory
 * @task: the thread; there until actor_join()
 * @done: completed when @fn has returned
 */
struct actor {
	void (*fn)(struct actor *actor);
	void *data;
	struct rec_fs *fs;
	struct task_struct *task;
	struct completion done;
};

void actor_start(struct kunit *test, struct actor *actor);
void actor_join(struct kunit *test, struct actor *actor);
void actor_wait(struct kunit *test, struct completion *what);

#endif
