// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer: a log, and behind a line of '=' an atlas, read and reported. Numbers and
 * checksum of the log are put in here, or no mutation would come further than these.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../claims.h"
#include "../flags.h"
#include "../html.h"
#include "../text.h"
#include "../trace_event.h"
#include "../util.h"
#include "../worksheet.h"

#define BETWEEN		"\n====\n"

static jmp_buf refused;

/* What is wrong is an answer, too. */
void die(const char *format, ...)
{
	(void)format;
	longjmp(refused, 1);
}

/*
 * What the program allocates lives as long as it, and here that is one input: the
 * linker's --wrap leads its calls here.
 */

#define SLOTS	(1 << 20)

static void *slots[SLOTS];
static size_t slot_count;

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static void *keep(void *memory)
{
	if (memory && slot_count < SLOTS)
		slots[slot_count++] = memory;
	return memory;
}

static void forget(void *memory)
{
	for (size_t i = slot_count; memory && i-- > 0;) {
		if (slots[i] == memory) {
			slots[i] = slots[--slot_count];
			return;
		}
	}
}

void *__wrap_calloc(size_t count, size_t size)
{
	return keep(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
	forget(memory);
	return keep(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

static void free_all(void)
{
	while (slot_count)
		__real_free(slots[--slot_count]);
}

static void write_whole(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(text, 1, size, file) != size || fclose(file))
		abort();
}

/* Each line with its number, and the end with the checksum */
static void write_log(const char *path, const char *text, size_t size)
{
	const char *end = text + size, *line = text;
	uint64_t sum = 0xcbf29ce484222325;
	FILE *file = fopen(path, "we");
	unsigned int nr = 0;

	if (!file)
		abort();
	while (line < end) {
		const char *next = memchr(line, '\n', end - line) ?: end;
		char *whole;
		int len = asprintf(&whole, "%u %.*s\n", ++nr, (int)(next - line), line);

		for (int i = 0; i < len; i++)
			sum = (sum ^ (unsigned char)whole[i]) * 0x100000001b3;
		fwrite(whole, 1, len, file);
		__real_free(whole);
		line = next + 1;
	}
	fprintf(file, "%u end %016" PRIx64 "\n", nr + 1, sum);
	fclose(file);
}

static void report(const char *log, const char *atlas, const char *suite)
{
	static FILE *out;
	struct run *run;

	if (!out)
		out = fopen("/dev/null", "we");
	run = run_read(log, atlas);
	write_trace_report(out, run);
	write_replay(out, run);
	write_worksheet(out, run);
	write_chain_curve(out, run);
	write_flags(out, run);
	write_trace_events(out, run);
	write_claims(out, run, claims_judge(run, suite_read(suite)));
	for (size_t i = 0; i < run->count; i++) {
		write_flow(out, run->flows[i]);
		write_reverse_tree(out, run->flows[i]);
		write_steps(out, run->flows[i]);
	}
	write_page(out, &run, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char log[64], atlas[64], suite[64];
	const char *text = (const char *)data, *between;

	if (!*log) {
		snprintf(log, sizeof(log), "/dev/shm/open_trace.%d.log", getpid());
		snprintf(atlas, sizeof(atlas), "/dev/shm/open_trace.%d.atlas", getpid());
		snprintf(suite, sizeof(suite), "/dev/shm/open_trace.%d.suite", getpid());
		write_whole(suite, "passed lookup_miss_asks_once\n", 29);
	}
	between = memmem(text, size, BETWEEN, strlen(BETWEEN));
	if (between) {
		write_log(log, text, between - text);
		between += strlen(BETWEEN);
		write_whole(atlas, between, text + size - between);
	} else {
		/* as it is, and so mostly broken */
		write_whole(log, text, size);
		write_whole(atlas, text, size);
	}
	if (!setjmp(refused))
		report(log, atlas, suite);
	free_all();
	return 0;
}
