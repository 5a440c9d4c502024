// SPDX-License-Identifier: GPL-2.0
/* See watch.h. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "watch.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX	"open_trace."

static bool probed;
module_param(probed, bool, 0444);
MODULE_PARM_DESC(probed, "watch all tasks during the whole suite, to show that it changes nothing");

/* A case's events are some hundreds. */
#define EVENTS_MAX		4096
/* Of the whole suite the last ones are kept; a power of two. */
#define SUITE_EVENTS_MAX	64

/* Tasks that may be in a function at the same time; before, a probe misses them. */
#define ACTIVE_MAX		128

/*
 * What an event says of the arguments: these run in the probes' handlers, often with a
 * dentry's lock held. They only read.
 */

static void add(struct watch_event *event, const char *key,
		enum watch_format format, u64 number)
{
	if (WARN_ON_ONCE(event->count == WATCH_VALUES_MAX))
		return;
	event->value[event->count++] = (struct watch_value){ key, format, number };
}

static void add_pointer(struct watch_event *event, const char *key, const void *p)
{
	add(event, key, WATCH_POINTER, (unsigned long)p);
}

static void add_name(struct watch_event *event, const char *key,
		     const char *name, size_t len)
{
	size_t room = WATCH_TEXT_MAX - event->used;

	if (!room)
		return;
	add(event, key, WATCH_NAME, event->used);
	len = min(len, room - 1);
	memcpy(event->text + event->used, name, len);
	event->used += len;
	event->text[event->used++] = '\0';
}

static void add_qstr(struct watch_event *event, const struct qstr *name)
{
	/* __d_alloc() takes NULL for "/" */
	if (!name)
		return;
	add_name(event, "name", name->name, name->len);
	add(event, "len", WATCH_NUMBER, name->len);
	add(event, "hash", WATCH_FLAGS, name->hash);
}

static void add_super(struct watch_event *event, const struct super_block *sb)
{
	add_pointer(event, "sb", sb);
	add(event, "s_magic", WATCH_FLAGS, sb->s_magic);
	add(event, "s_blocksize", WATCH_NUMBER, sb->s_blocksize);
}

static void add_dentry(struct watch_event *event, struct dentry *dentry)
{
	if (IS_ERR_OR_NULL(dentry))
		return;
	add_pointer(event, "dentry", dentry);
	add_pointer(event, "inode", dentry->d_inode);
	add(event, "unhashed", WATCH_NUMBER, d_unhashed(dentry));
	add(event, "in_lookup", WATCH_NUMBER, !!d_in_lookup(dentry));
	add(event, "refcount", WATCH_NUMBER, d_count(dentry));
	add_pointer(event, "parent", dentry->d_parent);
	add_pointer(event, "sb", dentry->d_sb);
}

static void add_open_flags(struct watch_event *event, const struct open_flags *op)
{
	add(event, "open_flag", WATCH_FLAGS, (unsigned int)op->open_flag);
	add(event, "mode", WATCH_FLAGS, op->mode);
	add(event, "acc_mode", WATCH_FLAGS, (unsigned int)op->acc_mode);
	add(event, "intent", WATCH_FLAGS, (unsigned int)op->intent);
	add(event, "lookup_flags", WATCH_FLAGS, (unsigned int)op->lookup_flags);
}

/* An argument, by its place */
static void *pointer(struct pt_regs *regs, unsigned int n)
{
	return (void *)regs_get_kernel_argument(regs, n);
}

static int integer(struct pt_regs *regs, unsigned int n)
{
	return regs_get_kernel_argument(regs, n);
}

/*
 * The entries. Each returns what the decoder of the return is to look at once more, NULL
 * when that is what was returned.
 */

static void *enter_do_sys_openat2(struct watch_event *event, struct pt_regs *regs)
{
	const struct open_how *how = pointer(regs, 2);

	add(event, "dfd", WATCH_NUMBER, integer(regs, 0));
	add(event, "flags", WATCH_FLAGS, how->flags);
	add(event, "mode", WATCH_FLAGS, how->mode);
	add(event, "resolve", WATCH_FLAGS, how->resolve);
	return NULL;
}

static void *enter_do_filp_open(struct watch_event *event, struct pt_regs *regs)
{
	const struct filename *filename = pointer(regs, 1);
	struct open_flags *op = pointer(regs, 2);

	add(event, "dfd", WATCH_NUMBER, integer(regs, 0));
	add_pointer(event, "filename", filename);
	if (!IS_ERR(filename)) {
		add_name(event, "name", filename->name, strlen(filename->name));
		add(event, "filename_in_slab", WATCH_NUMBER, virt_addr_valid(filename) &&
		    folio_test_slab(virt_to_folio(filename)));
	}
	add_pointer(event, "op", op);
	/* above the stack pointer are the frames of those who called */
	add(event, "op_on_stack", WATCH_NUMBER, object_is_on_stack(op) &&
	    (unsigned long)op > kernel_stack_pointer(regs));
	add_open_flags(event, op);
	return op;
}

static void *enter_path_openat(struct watch_event *event, struct pt_regs *regs)
{
	add_pointer(event, "nameidata", pointer(regs, 0));
	add_pointer(event, "op", pointer(regs, 1));
	add(event, "flags", WATCH_FLAGS, (unsigned int)integer(regs, 2));
	return NULL;
}

static void *enter_lookup_open(struct watch_event *event, struct pt_regs *regs)
{
	add_pointer(event, "nameidata", pointer(regs, 0));
	add_pointer(event, "file", pointer(regs, 1));
	add_pointer(event, "op", pointer(regs, 2));
	return NULL;
}

/* What comes first is a nameidata or a path, by release. */
static void *enter_atomic_open(struct watch_event *event, struct pt_regs *regs)
{
	add_dentry(event, pointer(regs, 1));
	add_pointer(event, "file", pointer(regs, 2));
	add(event, "open_flag", WATCH_FLAGS, (unsigned int)integer(regs, 3));
	add(event, "mode", WATCH_FLAGS, (umode_t)integer(regs, 4));
	return NULL;
}

/* d_alloc_parallel(), d_lookup(), __d_lookup(): a directory, and a name in it */
static void *enter_child(struct watch_event *event, struct pt_regs *regs)
{
	struct dentry *parent = pointer(regs, 0);

	add_pointer(event, "parent", parent);
	add_pointer(event, "parent_inode", parent->d_inode);
	add_name(event, "parent_name", parent->d_name.name, parent->d_name.len);
	add_super(event, parent->d_sb);
	add_qstr(event, pointer(regs, 1));
	return NULL;
}

static void *enter_d_alloc(struct watch_event *event, struct pt_regs *regs)
{
	add_super(event, pointer(regs, 0));
	add_qstr(event, pointer(regs, 1));
	return NULL;
}

static void *enter_d_splice_alias(struct watch_event *event, struct pt_regs *regs)
{
	add_pointer(event, "new_inode", pointer(regs, 0));
	add_dentry(event, pointer(regs, 1));
	return pointer(regs, 1);
}

static void *enter_d_add(struct watch_event *event, struct pt_regs *regs)
{
	add_dentry(event, pointer(regs, 0));
	add_pointer(event, "new_inode", pointer(regs, 1));
	return pointer(regs, 0);
}

static void *enter_dentry(struct watch_event *event, struct pt_regs *regs)
{
	add_dentry(event, pointer(regs, 0));
	return pointer(regs, 0);
}

static void *enter_fput_close(struct watch_event *event, struct pt_regs *regs)
{
	add_pointer(event, "file", pointer(regs, 0));
	return NULL;
}

static void *enter_fd_install(struct watch_event *event, struct pt_regs *regs)
{
	add(event, "fd", WATCH_NUMBER, integer(regs, 0));
	add_pointer(event, "file", pointer(regs, 1));
	return NULL;
}

/* The returns */

static void leave_dentry(struct watch_event *event, void *about)
{
	add_dentry(event, about ?: (void *)event->ret);
}

static void leave_d_alloc(struct watch_event *event, void *about)
{
	struct dentry *dentry = (struct dentry *)event->ret;

	add_dentry(event, dentry);
	if (dentry)
		add_qstr(event, &dentry->d_name);
}

static void leave_do_filp_open(struct watch_event *event, void *about)
{
	add_open_flags(event, about);
}

/**
 * struct probe - a function, and how it is watched
 * @name: in the source
 * @result: what it returns
 * @enter: writes down its arguments
 * @leave: writes down what it left behind, or NULL
 * @kretprobe: the probe, armed when its address is not 0
 * @changed: of struct watch_function
 */
struct probe {
	const char *name;
	enum watch_returns result;
	void *(*enter)(struct watch_event *event, struct pt_regs *regs);
	void (*leave)(struct watch_event *event, void *about);
	struct kretprobe kretprobe;
	char changed[48];
};

#define NOTHING	WATCH_RETURNS_NOTHING
#define POINTER	WATCH_RETURNS_POINTER
#define INTEGER	WATCH_RETURNS_INTEGER

static struct probe probes[] = {
	{ "do_sys_openat2", INTEGER, enter_do_sys_openat2 },
	{ __stringify(ot_do_filp_open), POINTER, enter_do_filp_open, leave_do_filp_open },
	{ "path_openat", POINTER, enter_path_openat },
	{ "lookup_open", POINTER, enter_lookup_open, leave_dentry },
	{ "atomic_open", POINTER, enter_atomic_open, leave_dentry },
	{ "d_lookup", POINTER, enter_child, leave_dentry },
	{ "__d_lookup", POINTER, enter_child, leave_dentry },
	{ "d_alloc_parallel", POINTER, enter_child, leave_dentry },
	{ "__d_alloc", POINTER, enter_d_alloc, leave_d_alloc },
	{ "d_splice_alias", POINTER, enter_d_splice_alias, leave_dentry },
	{ "d_add", NOTHING, enter_d_add, leave_dentry },
	{ "__d_add", NOTHING, enter_d_add, leave_dentry },
	{ "__d_rehash", NOTHING, enter_dentry, leave_dentry },
	{ "__d_lookup_unhash", OT_D_LOOKUP_UNHASH_RETURNS, enter_dentry, leave_dentry },
	{ "fput_close", NOTHING, enter_fput_close },
	{ "fd_install", NOTHING, enter_fd_install },
};

/* What is on: a case's, else the whole suite's, else none */
static struct watch __rcu *watching;
static struct watch *suite_watch;

/**
 * struct inside - a task in a function
 * @watch: which recorded its entry
 * @about: what the entry returned
 */
struct inside {
	struct watch *watch;
	void *about;
};

static bool is_wanted(const struct watch *watch)
{
	const char *const *comm;

	if (!watch->comms)
		return true;
	for (comm = watch->comms; *comm; comm++)
		if (str_has_prefix(current->comm, *comm))
			return true;
	return false;
}

static struct watch_event *new_event(struct watch *watch, const struct probe *probe)
{
	unsigned int n = atomic_inc_return(&watch->seen) - 1;
	struct watch_event *event;

	if (!watch->comms)
		n %= watch->size;
	if (n >= watch->size)
		return NULL;
	event = &watch->event[n];
	event->function = probe->name;
	event->result = probe->result;
	event->pid = current->pid;
	event->tgid = current->tgid;
	memcpy(event->comm, current->comm, sizeof(event->comm));
	event->comm[sizeof(event->comm) - 1] = '\0';
	event->count = 0;
	event->used = 0;
	return event;
}

static int handle_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct probe *probe = container_of(get_kretprobe(instance), struct probe, kretprobe);
	struct inside *inside = (struct inside *)instance->data;
	struct watch *watch = rcu_dereference_sched(watching);
	struct watch_event *event;

	if (!watch)
		return 1;
	if (!is_wanted(watch)) {
		atomic_inc(&watch->passed);
		return 1;
	}
	*inside = (struct inside){ .watch = watch };
	event = new_event(watch, probe);
	if (!event)
		return 0;
	event->enter = true;
	inside->about = probe->enter(event, regs);
	return 0;
}

static int handle_leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct probe *probe = container_of(get_kretprobe(instance), struct probe, kretprobe);
	struct inside *inside = (struct inside *)instance->data;
	struct watch_event *event;

	if (inside->watch != rcu_dereference_sched(watching))
		return 0;
	event = new_event(inside->watch, probe);
	if (!event)
		return 0;
	event->enter = false;
	event->ret = regs_return_value(regs);
	if (probe->leave)
		probe->leave(event, inside->about);
	return 0;
}

/* A function of which the compiler made another takes other arguments. */
static void find_changed(struct probe *probe)
{
	static const char *const suffixes[] = { ".isra.0", ".constprop.0", ".part.0" };
	int i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(probe->changed, sizeof(probe->changed), "%s%s", probe->name,
			 suffixes[i]);
		if (kallsyms_lookup_name(probe->changed))
			return;
	}
	probe->changed[0] = '\0';
}

static void disarm(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].kretprobe.kp.addr)
			unregister_kretprobe(&probes[i].kretprobe);
}

static int arm(void)
{
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *probe = &probes[i];
		unsigned long address = kallsyms_lookup_name(probe->name);

		probe->kretprobe = (struct kretprobe){ };
		if (!address) {
			find_changed(probe);
			continue;
		}
		probe->kretprobe.kp.addr = (kprobe_opcode_t *)address;
		probe->kretprobe.entry_handler = handle_enter;
		probe->kretprobe.handler = handle_leave;
		probe->kretprobe.data_size = sizeof(struct inside);
		probe->kretprobe.maxactive = ACTIVE_MAX;
		ret = register_kretprobe(&probe->kretprobe);
		if (ret) {
			pr_err("open_trace: probing %s: error %d\n", probe->name, ret);
			probe->kretprobe.kp.addr = NULL;
			disarm();
			return ret;
		}
	}
	return 0;
}

static unsigned long missed(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		sum += probes[i].kretprobe.nmissed + probes[i].kretprobe.kp.nmissed;
	return sum;
}

static void watch_is(struct watch *watch)
{
	rcu_assign_pointer(watching, watch);
	/* the handlers run with preemption off */
	synchronize_rcu();
}

static struct watch *new_watch(unsigned int size, const char *const *comms)
{
	struct watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL);

	if (!watch)
		return NULL;
	watch->size = size;
	watch->comms = comms;
	watch->event = vzalloc(array_size(size, sizeof(*watch->event)));
	if (!watch->event) {
		kfree(watch);
		return NULL;
	}
	return watch;
}

/**
 * watch_cannot_be() - why nothing can be watched on this kernel
 *
 * Return: the reason in words, NULL when it can.
 */
const char *watch_cannot_be(void)
{
	return NULL;
}

/**
 * watch_begin() - watch some tasks
 * @comms: what their names begin with, up to a NULL; lives as long as the watch
 *
 * There is one watch at a time.
 *
 * Context: process; sleeps.
 *
 * Return: the watch, NULL when the functions could not be probed.
 */
struct watch *watch_begin(const char *const *comms)
{
	struct watch *watch = new_watch(EVENTS_MAX, comms);

	if (!watch)
		return NULL;
	if (!suite_watch && arm()) {
		watch_free(watch);
		return NULL;
	}
	watch->lost = missed();
	watch_is(watch);
	return watch;
}

/**
 * watch_end() - what was seen is complete
 * @watch: what watch_begin() returned; it may have ended already
 *
 * Context: process; sleeps.
 */
void watch_end(struct watch *watch)
{
	unsigned int seen;

	if (rcu_access_pointer(watching) != watch)
		return;
	watch_is(suite_watch);
	if (!suite_watch)
		disarm();
	seen = atomic_read(&watch->seen);
	watch->lost = missed() - watch->lost;
	if (seen > watch->size) {
		watch->lost += seen - watch->size;
		atomic_set(&watch->seen, watch->size);
	}
}

/**
 * watch_free() - its events are no longer needed
 * @watch: what watch_begin() returned, ended; or NULL
 */
void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	vfree(watch->event);
	kfree(watch);
}

/**
 * watch_function() - what became of a function
 * @nr: which, from 0
 * @function: is set
 *
 * Return: whether there are so many.
 */
bool watch_function(unsigned int nr, struct watch_function *function)
{
	if (nr >= ARRAY_SIZE(probes))
		return false;
	*function = (struct watch_function){
		.name = probes[nr].name,
		.address = (unsigned long)probes[nr].kretprobe.kp.addr,
	};
	memcpy(function->changed, probes[nr].changed, sizeof(function->changed));
	return true;
}

/**
 * watch_suite_begin() - with open_trace.probed, watch all tasks from now on
 *
 * Return: 0, or the errno.
 */
int watch_suite_begin(void)
{
	int ret;

	if (!probed)
		return 0;
	suite_watch = new_watch(SUITE_EVENTS_MAX, NULL);
	if (!suite_watch)
		return -ENOMEM;
	ret = arm();
	if (ret) {
		watch_free(suite_watch);
		suite_watch = NULL;
		return ret;
	}
	watch_is(suite_watch);
	return 0;
}

/**
 * watch_suite_end() - the end of watch_suite_begin()
 */
void watch_suite_end(void)
{
	if (!suite_watch)
		return;
	watch_is(NULL);
	disarm();
	pr_info("open_trace: probed: %u events, %lu missed\n",
		(unsigned int)atomic_read(&suite_watch->seen), missed());
	watch_free(suite_watch);
	suite_watch = NULL;
}
