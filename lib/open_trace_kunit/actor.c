// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>

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

static void actor_put_mm(void *mm)
{
	mmput(mm);
}

static unsigned long actor_map(struct mm_struct *mm)
{
	unsigned long size = PAGE_ALIGN(ACTOR_USER_SIZE);
	unsigned long addr;

	kthread_use_mm(mm);
	addr = vm_mmap(NULL, 0, size + PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (!IS_ERR_VALUE(addr))
		vm_munmap(addr + size, PAGE_SIZE);
	kthread_unuse_mm(mm);
	return IS_ERR_VALUE(addr) ? addr : addr + size - ACTOR_USER_SIZE;
}

/**
 * actor_user() - give the current thread what system calls need
 * @test: the test; ended when there is no memory
 * @fs: the mount that the calls are made in
 *
 * The thread gets a table of descriptors of its own, as empty as the one that
 * all kernel threads share; it has it to its end.
 *
 * Context: may sleep.
 * Return: user memory, gone with the test.
 */
struct actor_user *actor_user(struct kunit *test, struct rec_fs *fs)
{
	struct actor_user *user = kunit_kzalloc(test, sizeof(*user), GFP_KERNEL);
	unsigned long addr;

	if (!IS_ENABLED(CONFIG_MMU))
		kunit_skip(test, "without an MMU no thread has memory of its own");
	KUNIT_ASSERT_NOT_NULL(test, user);
	KUNIT_ASSERT_EQ(test, unshare_files(), 0);
	user->fs = fs;
	user->mm = mm_alloc();
	KUNIT_ASSERT_NOT_NULL(test, user->mm);
	ot_add_action(test, actor_put_mm, user->mm);
	user->mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(user->mm, &current->signal->rlim[RLIMIT_STACK]);
	addr = actor_map(user->mm);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	user->mem = (char __user *)addr;
	return user;
}

/**
 * actor_syscall() - do something as a task with user memory, inside the mount
 * @user: what actor_user() gave this very thread
 * @mem: what is copied to its memory before
 * @size: of @mem
 * @call: what to do
 * @data: for @call
 *
 * Context: may sleep.
 * Return: what @call returned; -ENOMEM when the copy did not succeed.
 */
long actor_syscall(struct actor_user *user, const void *mem, size_t size,
		   long (*call)(struct actor_user *user, void *data),
		   void *data)
{
	struct fs_struct *old;
	long ret = -ENOMEM;

	kthread_use_mm(user->mm);
	old = actor_swap_fs(user->fs->task_fs);
	if (!copy_to_user(user->mem, mem, size))
		ret = call(user, data);
	actor_swap_fs(old);
	kthread_unuse_mm(user->mm);
	return ret;
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
