// SPDX-License-Identifier: GPL-2.0
/* See values.h. */
#include <linux/err.h>
#include <linux/kernel.h>

#include "raw_log.h"
#include "values.h"

static void put_pointer(struct raw_log *log, const char *key, unsigned long value)
{
	raw_log_put(log, " %s=%0*lx", key, (int)(2 * sizeof(value)), value);
}

/* What a return is (C3) */
static void put_class(struct raw_log *log, const struct watch_event *event)
{
	void *pointer = (void *)event->ret;

	switch (event->result) {
	case WATCH_RETURNS_NOTHING:
		raw_log_put(log, " class=void");
		break;
	case WATCH_RETURNS_INTEGER:
		raw_log_put(log, " ret=%d", (int)event->ret);
		if ((int)event->ret < 0)
			raw_log_put(log, " class=%pe", ERR_PTR((int)event->ret));
		else
			raw_log_put(log, " class=fd");
		break;
	case WATCH_RETURNS_POINTER:
		put_pointer(log, "ret", event->ret);
		if (IS_ERR(pointer))
			raw_log_put(log, " class=ERR_PTR(%pe)", pointer);
		else
			raw_log_put(log, " class=%s", pointer ? "valid" : "NULL");
		break;
	}
}

static void put_value(struct raw_log *log, const struct watch_event *event,
		      const struct watch_value *value)
{
	switch (value->format) {
	case WATCH_POINTER:
		put_pointer(log, value->key, value->number);
		break;
	case WATCH_NUMBER:
		raw_log_put(log, " %s=%lld", value->key, value->number);
		break;
	case WATCH_FLAGS:
		raw_log_put(log, " %s=%#llx", value->key, value->number);
		break;
	case WATCH_NAME:
		raw_log_put(log, " %s=", value->key);
		raw_log_put_quoted(log, event->text + value->number);
		break;
	}
}

static void print_event(struct raw_log *log, const struct watch_event *event)
{
	unsigned int i;

	raw_log_begin(log);
	raw_log_put(log, "%s %s pid=%d tgid=%d comm=", event->enter ? "enter" : "leave",
		    event->function, event->pid, event->tgid);
	raw_log_put_quoted(log, event->comm);
	if (!event->enter)
		put_class(log, event);
	for (i = 0; i < event->count; i++)
		put_value(log, event, &event->value[i]);
	raw_log_end(log);
}

static void print_functions(struct raw_log *log)
{
	struct watch_function function;
	unsigned int i;

	for (i = 0; watch_function(i, &function); i++) {
		raw_log_begin(log);
		if (function.address)
			raw_log_put(log, "probe %s %0*lx", function.name,
				    (int)(2 * sizeof(long)), function.address);
		else if (function.changed[0])
			raw_log_put(log, "absent %s changed=%s", function.name, function.changed);
		else
			raw_log_put(log, "absent %s", function.name);
		raw_log_end(log);
	}
}

static void print_replay(struct raw_log *log, const struct replay *replay)
{
	raw_log_begin(log);
	raw_log_put(log, "replay comm=");
	raw_log_put_quoted(log, replay->comm);
	put_pointer(log, "parent", (unsigned long)replay->parent);
	raw_log_put(log, " name=");
	raw_log_put_quoted(log, replay->name);
	raw_log_put(log, " hash=%#x", replay->hash);
	put_pointer(log, "made", (unsigned long)replay->made);
	put_pointer(log, "directory", (unsigned long)replay->directory);
	put_pointer(log, "dentry", (unsigned long)replay->found);
	if (replay->found) {
		put_pointer(log, "inode", (unsigned long)replay->inode);
		raw_log_put(log, " unhashed=%d refcount=%d", replay->unhashed, replay->refcount);
	}
	raw_log_end(log);
}

/**
 * values_print() - print the log of a watch
 * @watch: it, ended
 * @replays: what d_lookup() found afterwards
 * @count: how many
 *
 * Context: process; sleeps.
 *
 * Return: whether there was memory for it.
 */
bool values_print(const struct watch *watch, const struct replay *replays,
		  unsigned int count)
{
	struct raw_log *log = raw_log_open("values");
	unsigned int i;

	if (!log)
		return false;
	print_functions(log);
	for (i = 0; i < atomic_read(&watch->seen); i++)
		print_event(log, &watch->event[i]);
	for (i = 0; i < count; i++)
		print_replay(log, &replays[i]);
	raw_log_begin(log);
	raw_log_put(log, "lost %lu", watch->lost);
	raw_log_end(log);
	raw_log_close(log);
	return true;
}
