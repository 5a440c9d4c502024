// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include "actor.h"
#include "compat.h"

/**
 * actor_swap_fs() - give the current task another root and working directory
 * @new: what it gets; to be undone before the test can end
 *
 * Return: what it had.
 */
struct fs_struct *actor_swap_fs(struct fs_struct *new)
{
	struct fs_struct *old;

	task_lock(current);
	old = current->fs;
	current->fs = new;
	task_unlock(current);
	return old;
}

/**
 * actor_openat2() - open as openat2(AT_FDCWD, ...) would
 * @fs: the mount; its root is the task's root and working directory
 * @name: the path
 * @how: flags, mode and resolve, checked as openat2() has them checked
 *
 * Context: may sleep.
 * Return: the file or ERR_PTR().
 */
struct file *actor_openat2(struct rec_fs *fs, const char *name,
			   const struct open_how *how)
{
	struct fs_struct *old;
	struct open_flags op;
	struct filename *path;
	struct file *file;
	int err = build_open_flags(how, &op);

	if (err)
		return ERR_PTR(err);
	path = getname_kernel(name);
	if (IS_ERR(path))
		return ERR_CAST(path);
	old = actor_swap_fs(fs->task_fs);
	file = ot_do_filp_open(AT_FDCWD, path, &op);
	actor_swap_fs(old);
	putname(path);
	return file;
}

/**
 * actor_open() - open as open() would, as root
 * @fs: the mount; its root is the task's root and working directory
 * @name: the path
 * @flags: O_* flags
 * @mode: permissions of a file that is made
 *
 * Context: may sleep.
 * Return: the file or ERR_PTR().
 */
struct file *actor_open(struct rec_fs *fs, const char *name, int flags,
			umode_t mode)
{
	struct open_how how = build_open_how(flags, mode);

	return actor_openat2(fs, name, &how);
}

/**
 * actor_open_as() - actor_open() by somebody else
 * @fs: the mount
 * @cred: who
 * @name: the path
 * @flags: O_* flags
 * @mode: permissions of a file that is made
 *
 * Context: may sleep.
 * Return: the file or ERR_PTR().
 */
struct file *actor_open_as(struct rec_fs *fs, const struct cred *cred,
			   const char *name, int flags, umode_t mode)
{
	const struct cred *old = override_creds(cred);
	struct file *file = actor_open(fs, name, flags, mode);

	revert_creds(old);
	return file;
}

/**
 * actor_errno() - actor_open(), and close what came of it
 * @fs: the mount
 * @name: the path
 * @flags: O_* flags
 * @mode: permissions of a file that is made
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
long actor_errno(struct rec_fs *fs, const char *name, int flags, umode_t mode)
{
	struct file *file = actor_open(fs, name, flags, mode);

	if (IS_ERR(file))
		return PTR_ERR(file);
	actor_close(file);
	return 0;
}

/**
 * actor_errno_as() - actor_errno() by somebody else
 * @fs: the mount
 * @cred: who
 * @name: the path
 * @flags: O_* flags
 * @mode: permissions of a file that is made
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
long actor_errno_as(struct rec_fs *fs, const struct cred *cred,
		    const char *name, int flags, umode_t mode)
{
	struct file *file = actor_open_as(fs, cred, name, flags, mode);

	if (IS_ERR(file))
		return PTR_ERR(file);
	actor_close(file);
	return 0;
}

/**
 * actor_close() - close a file at once
 * @file: the file
 *
 * A kernel thread's fput() would leave it to a worker.
 *
 * Context: may sleep.
 */
void actor_close(struct file *file)
{
	__fput_sync(file);
}

static void actor_put_cred(void *cred)
{
	put_cred(cred);
}

/**
 * actor_cred() - credentials of an ordinary user
 * @test: the test; they are gone with it
 * @uid: user and group id
 *
 * Context: may sleep.
 * Return: credentials without any capability.
 */
const struct cred *actor_cred(struct kunit *test, unsigned int uid)
{
	struct cred *cred = prepare_creds();

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->uid = KUIDT_INIT(uid);
	cred->suid = cred->uid;
	cred->euid = cred->uid;
	cred->fsuid = cred->uid;
	cred->gid = KGIDT_INIT(uid);
	cred->sgid = cred->gid;
	cred->egid = cred->gid;
	cred->fsgid = cred->gid;
	cap_clear(cred->cap_effective);
	cap_clear(cred->cap_permitted);
	ot_add_action(test, actor_put_cred, cred);
	return cred;
}

/**
 * actor_descriptors() - how many descriptors the current task has open
 *
 * Return: their number.
 */
unsigned int actor_descriptors(void)
{
	struct fdtable *fdt;
	unsigned int n;

	rcu_read_lock();
	fdt = files_fdtable(current->files);
	n = bitmap_weight(fdt->open_fds, fdt->max_fds);
	rcu_read_unlock();
	return n;
}

static int actor_thread(void *data)
{
	struct actor *actor = data;
	struct fs_struct *old = actor_swap_fs(actor->fs->task_fs);

	actor->fn(actor);
	actor_swap_fs(old);
	complete(&actor->done);
	return 0;
}

/**
 * actor_start() - let a thread do its thing
 * @test: the test; ended when there is no thread
 * @actor: fn, fs and data are set
 *
 * Context: may sleep.
 */
void actor_start(struct kunit *test, struct actor *actor)
{
	init_completion(&actor->done);
	actor->task = kthread_create(actor_thread, actor, "open_trace");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, actor->task);
	get_task_struct(actor->task);
	wake_up_process(actor->task);
}

/**
 * actor_join() - wait until a thread has done its thing
 * @test: the test; ended when that takes too long
 * @actor: the started actor
 *
 * Context: sleeps.
 */
void actor_join(struct kunit *test, struct actor *actor)
{
	actor_wait(test, &actor->done);
	put_task_struct(actor->task);
}

/**
 * actor_wait() - wait for a completion
 * @test: the test; ended when that takes too long
 * @what: the completion
 *
 * Context: sleeps.
 */
void actor_wait(struct kunit *test, struct completion *what)
{
	KUNIT_ASSERT_NE_MSG(test, wait_for_completion_timeout(what, ACTOR_TIMEOUT),
			    0UL, "somebody did not come");
}
