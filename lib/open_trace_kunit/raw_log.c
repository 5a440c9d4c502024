// SPDX-License-Identifier: GPL-2.0
/* See raw_log.h. */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "compat.h"
#include "raw_log.h"

#define FNV_BASIS	0xcbf29ce484222325ULL
#define FNV_PRIME	0x100000001b3ULL

/* What printk takes in one line, less what it puts before */
#define LINE_LIMIT	960

/**
 * struct raw_log - a section, and its line under way
 * @nr: the line's number
 * @sum: the checksum of all lines before
 * @len: how long the line is
 * @text: it
 */
struct raw_log {
	unsigned int nr;
	u64 sum;
	size_t len;
	char text[LINE_LIMIT];
};

/**
 * raw_log_print() - print a line for the host
 * @line: it, with its number; what is printed before it tells it from others
 *
 * Context: process; sleeps.
 */
void raw_log_print(const char *line)
{
	static unsigned int lines;

	pr_info("open_trace: %s\n", line);
	/* what the console has not taken, the next lines overwrite */
	if (++lines % 64 == 0)
		ot_wait_for_console();
}

/**
 * raw_log_put() - add to the line under way
 * @log: of the line
 * @format: as printf() takes it
 */
void raw_log_put(struct raw_log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log->len += vscnprintf(log->text + log->len, LINE_LIMIT - log->len, format, args);
	va_end(args);
}

/**
 * raw_log_put_quoted() - add a text in quotes; bytes that are not plain are \\xNN
 * @log: of the line
 * @text: it
 */
void raw_log_put_quoted(struct raw_log *log, const char *text)
{
	raw_log_put(log, "\"");
	for (; *text; text++) {
		unsigned char c = *text;

		if (isascii(c) && isgraph(c) && c != '"' && c != '\\')
			raw_log_put(log, "%c", c);
		else
			raw_log_put(log, "\\x%02x", c);
	}
	raw_log_put(log, "\"");
}

/**
 * raw_log_begin() - begin a line
 * @log: of the line
 */
void raw_log_begin(struct raw_log *log)
{
	log->len = 0;
	raw_log_put(log, "%u ", ++log->nr);
}

static void add_to_sum(struct raw_log *log, char c)
{
	log->sum = (log->sum ^ (unsigned char)c) * FNV_PRIME;
}

/**
 * raw_log_end() - print the line under way
 * @log: of the line
 *
 * Context: process; sleeps.
 */
void raw_log_end(struct raw_log *log)
{
	size_t i;

	for (i = 0; i < log->len; i++)
		add_to_sum(log, log->text[i]);
	add_to_sum(log, '\n');
	raw_log_print(log->text);
}

/**
 * raw_log_open() - begin a section
 * @kind: of what it is
 *
 * Context: process; sleeps.
 *
 * Return: it, for raw_log_close(); NULL when memory is out.
 */
struct raw_log *raw_log_open(const char *kind)
{
	struct raw_log *log = kzalloc(sizeof(*log), GFP_KERNEL);

	if (!log)
		return NULL;
	log->sum = FNV_BASIS;
	raw_log_begin(log);
	raw_log_put(log, "log open_trace 1 %s", kind);
	raw_log_end(log);
	raw_log_begin(log);
	raw_log_put(log, "kernel %s %s", init_utsname()->release, init_utsname()->machine);
	raw_log_end(log);
	return log;
}

/**
 * raw_log_close() - end a section by its checksum
 * @log: it; freed
 */
void raw_log_close(struct raw_log *log)
{
	raw_log_begin(log);
	raw_log_put(log, "end %016llx", log->sum);
	raw_log_print(log->text);
	kfree(log);
}
