// SPDX-License-Identifier: GPL-2.0
/* See process.h. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/syscalls.h>
#include <linux/umh.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "process.h"

/* Where a program writes to, from the root of userspace */
#define OUTPUT		"/open_trace_output"

/* More output than that is no report. */
#define OUTPUT_LIMIT	SZ_16M

#define NO_LIBC	\
	"no static libc when the kernel was built: install libc6-dev or libc6-dev-ARCH-cross"

/**
 * struct process - a program under way
 * @work: runs it
 * @program: it
 * @out: what it writes to
 * @session: of it and its children
 * @status: of struct process_end
 * @done: completed when it has ended
 */
struct process {
	struct work_struct work;
	const struct program *program;
	struct file *out;
	struct pid *session;
	int status;
	struct completion done;
};

/* In the process, before it becomes the program. */
static int process_begin(struct subprocess_info *info, struct cred *new)
{
	struct process *process = info->data;
	int fd, ret;

	ret = ksys_setsid();
	if (ret < 0)
		return ret;
	process->session = get_pid(task_session(current));
	for (fd = 0; fd <= 2; fd++) {
		ret = replace_fd(fd, process->out, 0);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void process_work(struct work_struct *work)
{
	struct process *process = container_of(work, struct process, work);
	const char *name = process->program->name;
	const char *const *args = process->program->args;
	char *argv[PROGRAM_ARGS_MAX + 2] = { (char *)name };
	char *envp[2] = { "HOME=/" };
	struct subprocess_info *info;
	int i;

	for (i = 0; args && args[i] && i < PROGRAM_ARGS_MAX; i++)
		argv[i + 1] = (char *)args[i];
	info = call_usermodehelper_setup(name, argv, envp, GFP_KERNEL,
					 process_begin, NULL, process);
	process->status = info ? call_usermodehelper_exec(info, UMH_WAIT_PROC) :
				 -ENOMEM;
	complete(&process->done);
}

/* It, and what it left behind: nothing of it outlives the case. */
static void process_kill(struct process *process)
{
	struct task_struct *task;

	if (!process->session)
		return;
	rcu_read_lock();
	do_each_pid_task(process->session, PIDTYPE_SID, task) {
		send_sig(SIGKILL, task, 1);
	} while_each_pid_task(process->session, PIDTYPE_SID, task);
	rcu_read_unlock();
}

/* Starts the program and waits for its end, or brings it about after @limit jiffies. */
static void process_wait(struct process *process, long limit,
			 struct process_end *end)
{
	init_completion(&process->done);
	INIT_WORK_ONSTACK(&process->work, process_work);
	queue_work(system_unbound_wq, &process->work);
	end->hung = !wait_for_completion_timeout(&process->done, limit);
	if (end->hung) {
		process_kill(process);
		wait_for_completion(&process->done);
	}
	flush_work(&process->work);
	destroy_work_on_stack(&process->work);
	process_kill(process);
	put_pid(process->session);
	end->status = process->status;
}

/* Writes the program into the root of userspace; it is closed when this returns. */
static int program_install(const struct program *program)
{
	struct file *file;
	loff_t pos = 0;
	ssize_t ret;

	file = filp_open(program->name, O_WRONLY | O_CREAT | O_EXCL, 0755);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, program->image, program->size, &pos);
	fput(file);
	/* a file that is open for writing cannot be run */
	ot_flush_delayed_fput();
	if (ret < 0)
		return ret;
	return ret == program->size ? 0 : -ENOSPC;
}

static void free_text(void *text)
{
	kvfree(text);
}

static char *read_all(struct kunit *test, struct file *file)
{
	size_t size = min_t(loff_t, i_size_read(file_inode(file)), OUTPUT_LIMIT);
	char *text = kvzalloc(size + 1, GFP_KERNEL);
	loff_t pos = 0;

	if (!text)
		return NULL;
	ot_add_action(test, free_text, text);
	return kernel_read(file, text, size, &pos) == size ? text : NULL;
}

/**
 * process_skip_unless_run() - skip where no program can be run
 * @test: the test
 */
void process_skip_unless_run(struct kunit *test)
{
	const char *why = ot_userspace_cannot_run();

	if (!IS_ENABLED(CONFIG_OPEN_TRACE_KUNIT_PROGRAMS))
		kunit_skip(test, NO_LIBC);
	if (why)
		kunit_skip(test, "%s", why);
}

/**
 * process_run() - run a program to its end
 * @test: the test, which fails when that could not be tried
 * @program: what to run
 * @limit: the jiffies after which it hangs: it is killed, with its session
 * @end: how it ended; its output is freed with the test
 *
 * It runs as root, in the root of userspace, which is a filesystem in memory while KUnit
 * runs at boot. Nothing is left there.
 *
 * Context: process; sleeps.
 *
 * Return: whether @end is set.
 */
bool process_run(struct kunit *test, const struct program *program, long limit,
		 struct process_end *end)
{
	struct process process = { .program = program };
	int ret;

	*end = (struct process_end){ };
	ot_with_init_fs() {
		ret = program_install(program);
		process.out = filp_open(OUTPUT, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0600);
	}
	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "writing %s", program->name);
	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(process.out), "%pe", process.out);
	if (!ret && !IS_ERR(process.out)) {
		process_wait(&process, limit, end);
		end->output = read_all(test, process.out);
		KUNIT_EXPECT_NOT_NULL_MSG(test, end->output, "reading what it wrote");
	}
	if (!IS_ERR(process.out))
		fput(process.out);
	ot_with_init_fs() {
		ot_unlink(program->name);
		ot_unlink(OUTPUT);
	}
	ot_flush_delayed_fput();
	return end->output;
}
