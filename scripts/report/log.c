// SPDX-License-Identifier: GPL-2.0
/* See log.h. A log that is not whole is refused with the line at which it breaks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "util.h"

#define FNV_BASIS	0xcbf29ce484222325
#define FNV_PRIME	0x100000001b3

/**
 * struct reader - a log under way
 * @path: of the file
 * @log: what has been read
 * @nr: the file's line, from 1
 * @seq: the section's line, from 1; 0: between sections
 * @sum: the checksum of the section so far
 * @read_line: reads a line of this section
 * @one: the case that the lines are about
 * @pass: the same
 * @call: the same; NULL: none is open
 */
struct reader {
	const char *path;
	struct log *log;
	size_t nr;
	unsigned int seq;
	uint64_t sum;
	void (*read_line)(struct reader *reader, const char *kind, char *rest);
	struct traced_case *one;
	struct pass *pass;
	struct call *call;
};

static _Noreturn void refuse(const struct reader *reader, const char *why)
{
	die("%s:%zu: %s; record it anew", reader->path, reader->nr, why);
}

static uint64_t add_to_sum(uint64_t sum, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)text[i]) * FNV_PRIME;
	return sum;
}

/* The word at *text, which moves behind it; what is left is empty at the end. */
static char *next_word(char **text)
{
	char *word = *text, *end = strchr(word, ' ');

	if (end) {
		*end = '\0';
		*text = end + 1;
	} else {
		*text = word + strlen(word);
	}
	return word;
}

static uint64_t number(const struct reader *reader, const char *word, int base)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, base);
	if (errno || end == word || *end)
		refuse(reader, "a number is expected");
	return value;
}

static long signed_number(const struct reader *reader, const char *word)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (errno || end == word || *end)
		refuse(reader, "a number is expected");
	return value;
}

static char *copy_word(const char *word)
{
	return copy_text(word, strlen(word));
}

/* key=value ...: a value in quotes has no space in it, see the format */
static void read_fields(const struct reader *reader, struct event *event, char *rest)
{
	while (*rest) {
		struct field *field = &GROW(event->fields, event->count);
		char *word = next_word(&rest), *value = strchr(word, '=');

		if (!value || value == word)
			refuse(reader, "key=value is expected");
		*value++ = '\0';
		field->key = copy_word(word);
		field->value = copy_word(value);
	}
}

/**
 * event_value() - a value of an event
 * @event: it
 * @key: the name of the value
 *
 * Return: the value as the log has it, NULL when there is none.
 */
const char *event_value(const struct event *event, const char *key)
{
	for (size_t i = 0; i < event->count; i++) {
		if (!strcmp(event->fields[i].key, key))
			return event->fields[i].value;
	}
	return NULL;
}

static void read_event(const struct reader *reader, bool enter, char *rest)
{
	struct event *event = &GROW(reader->log->events, reader->log->event_count);
	const char *pid, *comm;

	event->line = reader->seq;
	event->enter = enter;
	event->function = copy_word(next_word(&rest));
	read_fields(reader, event, rest);
	pid = event_value(event, "pid");
	comm = event_value(event, "comm");
	if (!pid || !comm)
		refuse(reader, "an event names its pid and comm");
	event->pid = signed_number(reader, pid);
	event->comm = copy_word(comm);
}

static void read_call(struct reader *reader, char *rest)
{
	struct event fields = { };
	const char *path, *flags, *mode, *lowest;

	if (!reader->pass)
		refuse(reader, "a call belongs to a pass");
	reader->call = &GROW(reader->pass->calls, reader->pass->count);
	next_word(&rest);
	read_fields(reader, &fields, rest);
	path = event_value(&fields, "path");
	flags = event_value(&fields, "flags");
	mode = event_value(&fields, "mode");
	lowest = event_value(&fields, "lowest");
	if (!path || !flags || !mode || !lowest)
		refuse(reader, "a call has path, flags, mode and lowest");
	reader->call->path = copy_word(path);
	reader->call->flags = number(reader, flags, 0);
	reader->call->mode = number(reader, mode, 0);
	reader->call->lowest = signed_number(reader, lowest);
	reader->call->first = reader->seq + 1;
	for (size_t i = 0; i < fields.count; i++) {
		free(fields.fields[i].key);
		free(fields.fields[i].value);
	}
	free(fields.fields);
}

static void read_case(struct reader *reader, char *rest)
{
	struct log *log = reader->log;
	char *name = next_word(&rest);

	for (size_t i = 0; i < log->case_count; i++) {
		if (!strcmp(log->cases[i].name, name))
			refuse(reader, "this case was there before");
	}
	reader->one = &GROW(log->cases, log->case_count);
	reader->pass = NULL;
	reader->one->name = copy_word(name);
	reader->one->about = copy_word(rest);
}

static void read_pass(struct reader *reader, const char *name)
{
	if (!reader->one)
		refuse(reader, "a pass belongs to a case");
	if (!strcmp(name, "blocks"))
		reader->pass = &reader->one->blocks;
	else if (!strcmp(name, "compare"))
		reader->pass = &reader->one->compare;
	else
		refuse(reader, "the passes of a recording are blocks and compare");
	if (reader->pass->count)
		refuse(reader, "this pass was there before");
}

static void read_record(struct reader *reader, const char *kind, char *rest)
{
	struct call *call = reader->call;

	if (!call)
		refuse(reader, "a record belongs to a call");
	if (!strcmp(kind, "pc")) {
		GROW(call->pcs, call->pc_count) = number(reader, rest, 16);
	} else if (!strcmp(kind, "cmp")) {
		struct comparison *cmp = &GROW(call->cmps, call->cmp_count);

		cmp->type = number(reader, next_word(&rest), 16);
		cmp->a = number(reader, next_word(&rest), 16);
		cmp->b = number(reader, next_word(&rest), 16);
		cmp->pc = number(reader, rest, 16);
	} else {
		call->result = signed_number(reader, rest);
		reader->call = NULL;
	}
}

/* Of a call, once it has begun */
static bool is_record(const char *kind)
{
	return !strcmp(kind, "pc") || !strcmp(kind, "cmp") || !strcmp(kind, "result");
}

static void read_calls_line(struct reader *reader, const char *kind, char *rest)
{
	if (is_record(kind)) {
		read_record(reader, kind, rest);
	} else if (reader->call) {
		refuse(reader, "the call before has no result");
	} else if (!strcmp(kind, "case")) {
		read_case(reader, rest);
	} else if (!strcmp(kind, "skip")) {
		if (!reader->one || reader->one->skip)
			refuse(reader, "a skip belongs to a case");
		reader->one->skip = copy_word(rest);
	} else if (!strcmp(kind, "pass")) {
		read_pass(reader, rest);
	} else if (!strcmp(kind, "call")) {
		read_call(reader, rest);
	} else {
		refuse(reader, "unknown kind of line");
	}
}

static void read_values_line(struct reader *reader, const char *kind, char *rest)
{
	struct log *log = reader->log;

	if (!strcmp(kind, "enter") || !strcmp(kind, "leave")) {
		read_event(reader, *kind == 'e', rest);
	} else if (!strcmp(kind, "probe") || !strcmp(kind, "absent")) {
		struct probe *probe = &GROW(log->probes, log->probe_count);

		probe->function = copy_word(next_word(&rest));
		probe->address = *kind == 'p' ? number(reader, rest, 16) : 0;
	} else if (!strcmp(kind, "replay")) {
		struct event *replay = &GROW(log->replays, log->replay_count);

		replay->line = reader->seq;
		read_fields(reader, replay, rest);
	} else if (!strcmp(kind, "lost")) {
		log->lost += number(reader, rest, 10);
	} else {
		refuse(reader, "unknown kind of line");
	}
}

static void read_chains_line(struct reader *reader, const char *kind, char *rest)
{
	struct chain *chain;

	if (strcmp(kind, "chain"))
		refuse(reader, "unknown kind of line");
	chain = &GROW(reader->log->chains, reader->log->chain_count);
	chain->names = number(reader, next_word(&rest), 10);
	chain->comparisons = number(reader, next_word(&rest), 10);
	chain->ns = number(reader, rest, 10);
}

static const struct {
	const char *name;
	void (*read_line)(struct reader *reader, const char *kind, char *rest);
} sections[] = {
	{ "calls", read_calls_line },
	{ "values", read_values_line },
	{ "chains", read_chains_line },
};

static void begin_section(struct reader *reader, const char *kind, char *rest)
{
	size_t i;

	if (strcmp(kind, "log") || strcmp(next_word(&rest), "open_trace"))
		refuse(reader, "a section begins with \"1 log open_trace 1 KIND\"");
	if (strcmp(next_word(&rest), "1"))
		refuse(reader, "only version 1 of the format is known");
	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!strcmp(rest, sections[i].name))
			break;
	}
	if (i == ARRAY_SIZE(sections))
		refuse(reader, "a section is of calls, values or chains");
	reader->read_line = sections[i].read_line;
	reader->log->has_values |= reader->read_line == read_values_line;
	reader->one = NULL;
	reader->pass = NULL;
	reader->call = NULL;
}

static void read_kernel(struct reader *reader, char *rest)
{
	struct log *log = reader->log;
	char *release = next_word(&rest);

	if (log->release && (strcmp(log->release, release) || strcmp(log->machine, rest)))
		refuse(reader, "this section is of another kernel");
	if (log->release)
		return;
	log->release = copy_word(release);
	log->machine = copy_word(rest);
}

static void end_section(struct reader *reader, uint64_t sum, const char *rest)
{
	if (reader->call)
		refuse(reader, "the last call has no result");
	if (number(reader, rest, 16) != sum)
		refuse(reader, "the checksum is another");
	reader->log->checksum = add_to_sum(reader->log->checksum, rest, strlen(rest));
	reader->seq = 0;
}

static void read_line(struct reader *reader, char *line, size_t len)
{
	uint64_t before = reader->sum;
	const char *kind;
	char *rest = line;

	if (memchr(line, '\0', len))
		refuse(reader, "a NUL");
	if (!reader->seq)
		before = FNV_BASIS;
	reader->sum = add_to_sum(add_to_sum(before, line, len), "\n", 1);
	if (number(reader, next_word(&rest), 10) != ++reader->seq)
		refuse(reader, "the line before is missing");
	kind = next_word(&rest);
	if (reader->seq == 1)
		begin_section(reader, kind, rest);
	else if (reader->seq == 2)
		strcmp(kind, "kernel") ? refuse(reader, "the kernel is expected") :
					 read_kernel(reader, rest);
	else if (!strcmp(kind, "end"))
		end_section(reader, before, rest);
	else
		reader->read_line(reader, kind, rest);
}

/**
 * log_read() - read and check a log
 * @path: of the file
 *
 * Exits with one line, the file's name and line number when it is not whole.
 *
 * Return: what it says; it lives as long as the program.
 */
struct log *log_read(const char *path)
{
	struct reader reader = { .path = path, .log = zalloc(1, sizeof(struct log)) };
	size_t size;
	char *text = read_file(path, &size), *line = text, *end;

	reader.log->checksum = FNV_BASIS;
	while ((end = memchr(line, '\n', size - (line - text)))) {
		reader.nr++;
		*end = '\0';
		read_line(&reader, line, end - line);
		line = end + 1;
	}
	reader.nr++;
	if (line != text + size)
		refuse(&reader, "the line is not complete");
	if (reader.seq)
		refuse(&reader, "the end is missing");
	if (!reader.log->release)
		refuse(&reader, "there is no log");
	free(text);
	return reader.log;
}
