// SPDX-License-Identifier: GPL-2.0
/* See values.h. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/utsname.h>

#include "compat.h"
#include "values.h"

#define FNV_BASIS	0xcbf29ce484222325ULL
#define FNV_PRIME	0x100000001b3ULL

/* What printk takes in one line, less what it puts before */
#define LINE_MAX	960

/**
 * struct line - the log's line under way
 * @nr: its number
 * @sum: the checksum of all lines before
 * @len: how long it is
 * @text: it
 */
struct line {
	unsigned int nr;
	u64 sum;
	size_t len;
	char text[LINE_MAX];
};

/**
 * values_print_line() - print a line for the host
 * @line: it; what it begins with tells it from others
 */
void values_print_line(const char *line)
{
	static unsigned int lines;

	pr_info("open_trace: %s\n", line);
	/* what the console has not taken, the next lines overwrite */
	if (++lines % 64 == 0)
		ot_wait_for_console();
}

static __printf(2, 3) void put(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line->len += vscnprintf(line->text + line->len, LINE_MAX - line->len,
				format, args);
	va_end(args);
}

static void begin(struct line *line)
{
	line->len = 0;
	put(line, "%u ", ++line->nr);
}

static void add_to_sum(struct line *line, char c)
{
	line->sum = (line->sum ^ (unsigned char)c) * FNV_PRIME;
}

static void end(struct line *line)
{
	size_t i;

	for (i = 0; i < line->len; i++)
		add_to_sum(line, line->text[i]);
	add_to_sum(line, '\n');
	values_print_line(line->text);
}

/* A name in quotes; bytes that are not plain are \xNN. */
static void put_quoted(struct line *line, const char *name)
{
	put(line, "\"");
	for (; *name; name++) {
		unsigned char c = *name;

		if (isascii(c) && isgraph(c) && c != '"' && c != '\\')
			put(line, "%c", c);
		else
			put(line, "\\x%02x", c);
	}
	put(line, "\"");
}

static void put_pointer(struct line *line, const char *key, unsigned long value)
{
	put(line, " %s=%0*lx", key, (int)(2 * sizeof(value)), value);
}

/* What a return is (C3) */
static void put_class(struct line *line, const struct watch_event *event)
{
	void *pointer = (void *)event->ret;

	switch (event->returns) {
	case WATCH_RETURNS_NOTHING:
		put(line, " class=void");
		break;
	case WATCH_RETURNS_INTEGER:
		put(line, " ret=%d", (int)event->ret);
		if ((int)event->ret < 0)
			put(line, " class=%pe", ERR_PTR((int)event->ret));
		else
			put(line, " class=fd");
		break;
	case WATCH_RETURNS_POINTER:
		put_pointer(line, "ret", event->ret);
		if (IS_ERR(pointer))
			put(line, " class=ERR_PTR(%pe)", pointer);
		else
			put(line, " class=%s", pointer ? "valid" : "NULL");
		break;
	}
}

static void put_value(struct line *line, const struct watch_event *event,
		      const struct watch_value *value)
{
	switch (value->format) {
	case WATCH_POINTER:
		put_pointer(line, value->key, value->number);
		break;
	case WATCH_NUMBER:
		put(line, " %s=%lld", value->key, value->number);
		break;
	case WATCH_FLAGS:
		put(line, " %s=%#llx", value->key, value->number);
		break;
	case WATCH_NAME:
		put(line, " %s=", value->key);
		put_quoted(line, event->text + value->number);
		break;
	}
}

static void print_event(struct line *line, const struct watch_event *event)
{
	unsigned int i;

	begin(line);
	put(line, "%s %s pid=%d tgid=%d comm=", event->enter ? "enter" : "leave",
	    event->function, event->pid, event->tgid);
	put_quoted(line, event->comm);
	if (!event->enter)
		put_class(line, event);
	for (i = 0; i < event->count; i++)
		put_value(line, event, &event->value[i]);
	end(line);
}

static void print_functions(struct line *line)
{
	struct watch_function function;
	unsigned int i;

	for (i = 0; watch_function(i, &function); i++) {
		begin(line);
		if (function.address)
			put(line, "probe %s %0*lx", function.name,
			    (int)(2 * sizeof(long)), function.address);
		else if (function.changed[0])
			put(line, "absent %s changed=%s", function.name, function.changed);
		else
			put(line, "absent %s", function.name);
		end(line);
	}
}

static void print_replay(struct line *line, const struct replay *replay)
{
	begin(line);
	put(line, "replay comm=");
	put_quoted(line, replay->comm);
	put_pointer(line, "parent", (unsigned long)replay->parent);
	put(line, " name=");
	put_quoted(line, replay->name);
	put(line, " hash=%#x", replay->hash);
	put_pointer(line, "made", (unsigned long)replay->made);
	put_pointer(line, "directory", (unsigned long)replay->directory);
	put_pointer(line, "dentry", (unsigned long)replay->found);
	if (replay->found) {
		put_pointer(line, "inode", (unsigned long)replay->inode);
		put(line, " unhashed=%d refcount=%d", replay->unhashed, replay->refcount);
	}
	end(line);
}

/**
 * values_print() - print the log of a watch
 * @watch: it, ended
 * @replays: what d_lookup() found afterwards
 * @count: how many
 *
 * Context: process; KUnit's cases run one after the other.
 */
void values_print(const struct watch *watch, const struct replay *replays,
		  unsigned int count)
{
	static struct line line;	/* too large for the stack */
	unsigned int i;

	line.nr = 0;
	line.sum = FNV_BASIS;
	begin(&line);
	put(&line, "log open_trace 1 values");
	end(&line);
	begin(&line);
	put(&line, "kernel %s %s", init_utsname()->release, init_utsname()->machine);
	end(&line);
	print_functions(&line);
	for (i = 0; i < atomic_read(&watch->seen); i++)
		print_event(&line, &watch->event[i]);
	for (i = 0; i < count; i++)
		print_replay(&line, &replays[i]);
	begin(&line);
	put(&line, "lost %lu", watch->lost);
	end(&line);
	begin(&line);
	put(&line, "end %016llx", line.sum);
	values_print_line(line.text);
}
