/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions of the open path, watched by kretprobes: who entered them with what, and
 * what they returned.
 */
#ifndef _OPEN_TRACE_WATCH_H
#define _OPEN_TRACE_WATCH_H

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>

#define WATCH_VALUES_MAX	14
#define WATCH_TEXT_MAX		320

enum watch_format {
	WATCH_POINTER,
	WATCH_NUMBER,
	WATCH_FLAGS,
	WATCH_NAME,
};

/**
 * struct watch_value - something that was there when the event happened
 * @key: what it is
 * @format: how it is read
 * @number: its value; of a name: where it begins in the event's text
 */
struct watch_value {
	const char *key;
	enum watch_format format;
	u64 number;
};

enum watch_returns {
	WATCH_RETURNS_NOTHING,
	WATCH_RETURNS_POINTER,
	WATCH_RETURNS_INTEGER,
};

/**
 * struct watch_event - a function was entered, or left
 * @function: its name
 * @result: what it returns
 * @enter: it was entered
 * @pid: of the task
 * @tgid: of the task
 * @comm: of the task
 * @ret: what was returned
 * @count: how many values there are
 * @value: they
 * @used: how much of the text is in use
 * @text: names, each with a NUL; who is too long is cut
 */
struct watch_event {
	const char *function;
	enum watch_returns result;
	bool enter;
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
	unsigned long ret;
	unsigned int count;
	struct watch_value value[WATCH_VALUES_MAX];
	unsigned int used;
	char text[WATCH_TEXT_MAX];
};

/**
 * struct watch - what is seen of some tasks while it is on
 * @event: the events, in their order
 * @size: for how many there is room
 * @seen: how many there were
 * @passed: how many calls by other tasks there were
 * @lost: how many events could not be recorded; known when it has ended
 * @comms: what the names of the tasks begin with, up to a NULL; NULL: any task, and the
 *	event's room is used again and again
 */
struct watch {
	struct watch_event *event;
	unsigned int size;
	atomic_t seen;
	atomic_t passed;
	unsigned long lost;
	const char *const *comms;
};

/**
 * struct watch_function - a function that is watched
 * @name: in the source
 * @address: where it is; 0: nowhere, it was inlined
 * @changed: the compiler made this of it, and calls it otherwise; NULL: it did not
 */
struct watch_function {
	const char *name;
	unsigned long address;
	char changed[48];
};

#ifdef CONFIG_OPEN_TRACE_KUNIT_PROBES
const char *watch_cannot_be(void);
struct watch *watch_begin(const char *const *comms);
void watch_end(struct watch *watch);
void watch_free(struct watch *watch);
bool watch_function(unsigned int nr, struct watch_function *function);
int watch_suite_begin(void);
void watch_suite_end(void);
#else
static inline const char *watch_cannot_be(void)
{
	return "no kretprobes: an architecture that has them, and CONFIG_KPROBES";
}

static inline struct watch *watch_begin(const char *const *comms)
{
	return NULL;
}

static inline void watch_end(struct watch *watch) { }
static inline void watch_free(struct watch *watch) { }

static inline bool watch_function(unsigned int nr, struct watch_function *function)
{
	return false;
}

static inline int watch_suite_begin(void)
{
	return 0;
}

static inline void watch_suite_end(void) { }
#endif

/* Something that was there when @event happened, NULL when it was not */
static inline const struct watch_value *watch_value(const struct watch_event *event,
						    const char *key)
{
	unsigned int i;

	for (i = 0; event && i < event->count; i++)
		if (!strcmp(event->value[i].key, key))
			return &event->value[i];
	return NULL;
}

/* It, as a number; all bits when it was not there */
static inline u64 watch_number(const struct watch_event *event, const char *key)
{
	const struct watch_value *value = watch_value(event, key);

	return value ? value->number : U64_MAX;
}

/* It, as a name; "" when it was not there */
static inline const char *watch_name(const struct watch_event *event, const char *key)
{
	const struct watch_value *value = watch_value(event, key);

	return value ? event->text + value->number : "";
}

#endif
