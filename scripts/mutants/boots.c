// SPDX-License-Identifier: GPL-2.0
/*
 * Boots a kernel that has mutants, once for each of them, some at a time, and tells what
 * the suite says of it. A mutant is caught by the first test that fails, a panic, what a
 * checker of the kernel reports, or the time limit: its boot is then ended at once. First
 * come the cases that take no time; only who passes these meets the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_AT_ONCE	64
#define MAX_REPORTS	64
#define LINE_LENGTH	1024
#define PIPE_SIZE	(1 << 20)	/* User Mode Linux drops what a full pipe does not take */
#define FAST_LIMIT	8.0		/* seconds; without a mutant it takes a quarter of one */
#define SLOW_LIMIT	45.0		/* seconds; without a mutant it takes 3 to 12 */
#define SLAB_CHECKS	"slub_debug=FZP"	/* sanity, red zones, poison */
#define SAY_EVERY	5.0		/* seconds between lines of progress */

static const struct phase {
	const char *memory, *filter;
	double limit;
} phases[] = {
	{ "mem=128M", "kunit.filter=speed>slow", FAST_LIMIT },
	{ "mem=256M", "kunit.filter=speed<=slow", SLOW_LIMIT },
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define PHASES ((int)ARRAY_SIZE(phases))

/* One boot */
struct boot {
	pid_t pid;		/* 0: none */
	int from;		/* its output */
	int phase;
	unsigned int number;
	char id[128];
	double began, began_phase;
	char line[LINE_LENGTH];
	size_t length;
	char program[64];	/* whose subtests are told */
	char last[64];		/* the last case that ended */
	int failures, imbalances;
};

static const char *kernel, *folder;
static char reports[MAX_REPORTS][LINE_LENGTH];	/* what the kernel says without a mutant */
static int report_count;
static struct boot boots[MAX_AT_ONCE];
static int at_once;
static FILE *results;
static int all, done, caught;
static double began;
static volatile sig_atomic_t stopped;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "boots: %s: %s\n", what, which);
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void start(struct boot *boot)
{
	char mutant[64], place[4096];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE) < 0)
		die("no pipe", strerror(errno));
	snprintf(mutant, sizeof(mutant), "open_trace_mutant=%u", boot->number);
	snprintf(place, sizeof(place), "uml_dir=%s/", folder);
	boot->began_phase = now();
	boot->length = 0;
	boot->failures = 0;
	boot->imbalances = 0;
	*boot->program = '\0';
	snprintf(boot->last, sizeof(boot->last), "the start");
	boot->pid = fork();
	if (boot->pid < 0)
		die("no process", strerror(errno));
	if (!boot->pid) {
		setpgid(0, 0);
		dup2(ends[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
		dup2(STDIN_FILENO, STDERR_FILENO);
		execl(kernel, kernel, phases[boot->phase].memory, "console=tty", "lsm=open_trace",
		      SLAB_CHECKS, "kunit_shutdown=halt", "kunit.enable=1",
		      "kunit.filter_glob=open_trace",
		      phases[boot->phase].filter, mutant, place, NULL);
		_exit(127);
	}
	setpgid(boot->pid, boot->pid);
	close(ends[1]);
	boot->from = ends[0];
}

static void end(struct boot *boot)
{
	kill(-boot->pid, SIGKILL);
	waitpid(boot->pid, NULL, 0);
	close(boot->from);
	boot->pid = 0;
}

/* A mutant's verdict: survived, failed, imbalance, panic, report, hang, died */
static void give(struct boot *boot, const char *verdict, const char *by)
{
	end(boot);
	fprintf(results, "%s\t%s\t%s\t%.2f\n", boot->id, verdict, by, now() - boot->began);
	fflush(results);
	done++;
	caught += strcmp(verdict, "survived") != 0;
}

/* The name in a line of KTAP, into @name */
static bool name_after(const char *line, const char *begin, char name[64])
{
	size_t length = strlen(begin);

	return !strncmp(line, begin, length) && sscanf(line + length, "%*d %63s", name) == 1;
}

/* Does a checker of the kernel speak? */
static bool is_report(const char *line)
{
	return !strncmp(line, "WARNING: ", 9) || !strncmp(line, "BUG: ", 5) ||
	       !strncmp(line, "BUG ", 4) ||
	       !strncmp(line, "UBSAN: ", 7) || !strncmp(line, "INFO: task ", 11);
}

/* Of a report, what is the same in each boot: its file and line, or all up to an address */
static void shorten(const char *line, char short_line[LINE_LENGTH])
{
	const char *at = strstr(line, ".c:");

	if (at) {
		while (at > line && at[-1] != ' ')
			at--;
		snprintf(short_line, LINE_LENGTH, "%.*s", (int)strcspn(at, " "), at);
	} else {
		snprintf(short_line, LINE_LENGTH, "%s", line);
		if (strstr(short_line, " 0x"))
			*strstr(short_line, " 0x") = '\0';
	}
}

static bool is_known(const char *line)
{
	char name[LINE_LENGTH];
	int i;

	shorten(line, name);
	for (i = 0; i < report_count; i++)
		if (!strcmp(reports[i], name))
			return true;
	return false;
}

static bool says_what_is_left(const char *line)
{
	return strstr(line, " is left") || strstr(line, " are left") ||
	       strstr(line, "is still open") || strstr(line, "was not given back");
}

/* What a line says of the mutant; true when the boot goes on */
static bool read_line(struct boot *boot, const char *line)
{
	char name[64], by[160];

	if (strstr(line, "EXPECTATION FAILED") || strstr(line, "ASSERTION FAILED"))
		boot->failures++;
	else if (boot->failures && says_what_is_left(line))
		boot->imbalances++;
	if (sscanf(line, "        # Subtest: %63s", name) == 1)
		snprintf(boot->program, sizeof(boot->program), "%s", name);
	if (name_after(line, "        not ok ", name)) {
		snprintf(by, sizeof(by), "%s: %s", boot->program, name);
		give(boot, "failed", by);
	} else if (name_after(line, "    not ok ", name)) {
		give(boot, boot->failures && boot->failures == boot->imbalances ?
		     "imbalance" : "failed", name);
	} else if (!strncmp(line, "Kernel panic", 12)) {
		snprintf(by, sizeof(by), "after %s", boot->last);
		give(boot, "panic", by);
	} else if (is_report(line) && !is_known(line)) {
		snprintf(by, sizeof(by), "after %s: %.60s", boot->last, line);
		give(boot, "report", by);
	} else if (!strncmp(line, "ok 1 open_trace", 15)) {
		if (boot->phase + 1 == PHASES) {
			give(boot, "survived", "");
		} else {
			end(boot);
			boot->phase++;
			start(boot);
		}
	} else {
		name_after(line, "    ok ", boot->last);
		return true;
	}
	return false;
}

/* What can be read from a boot; it may end by that */
static void read_output(struct boot *boot)
{
	char *line = boot->line, *line_end, by[160];
	ssize_t got;

	got = read(boot->from, boot->line + boot->length, LINE_LENGTH - 1 - boot->length);
	if (got <= 0) {
		snprintf(by, sizeof(by), "after %s", boot->last);
		give(boot, "died", by);
		return;
	}
	boot->length += got;
	boot->line[boot->length] = '\0';
	while ((line_end = strchr(line, '\n'))) {
		*line_end = '\0';
		if (line_end > line && line_end[-1] == '\r')
			line_end[-1] = '\0';
		if (!read_line(boot, line))
			return;
		line = line_end + 1;
	}
	boot->length -= line - boot->line;
	if (boot->length == LINE_LENGTH - 1)
		boot->length = 0;	/* no line that tells anything is so long */
	memmove(boot->line, line, boot->length);
}

static void check_limits(void)
{
	struct boot *boot;
	char by[160];

	for (boot = boots; boot < boots + at_once; boot++) {
		if (!boot->pid || now() - boot->began_phase < phases[boot->phase].limit)
			continue;
		snprintf(by, sizeof(by), "after %s", boot->last);
		give(boot, "hang", by);
	}
}

static void say_progress(void)
{
	static double said;
	double minutes = (now() - began) / 60;

	if (now() - said < SAY_EVERY && done != all)
		return;
	said = now();
	fprintf(stderr, "mutants: %d of %d, %d caught, %.0f a minute, %.0f minutes left\n", done,
		all, caught, done / minutes, done ? (all - done) * minutes / done : 0);
}

/* Start a boot for the next mutant of the list; false when there is none */
static bool start_next(struct boot *boot)
{
	if (scanf("%u %127s", &boot->number, boot->id) != 2)
		return false;
	boot->phase = 0;
	boot->began = now();
	start(boot);
	return true;
}

static void run_all(void)
{
	struct pollfd polled[MAX_AT_ONCE];
	bool more = true;
	int i, running;

	do {
		running = 0;
		for (i = 0; i < at_once; i++) {
			if (!boots[i].pid && more)
				more = start_next(&boots[i]);
			polled[i].fd = boots[i].pid ? boots[i].from : -1;
			polled[i].events = POLLIN;
			running += boots[i].pid != 0;
		}
		poll(polled, at_once, 100);
		for (i = 0; i < at_once; i++)
			if (boots[i].pid && polled[i].revents)
				read_output(&boots[i]);
		check_limits();
		say_progress();
	} while (running && !stopped);
	for (i = 0; i < at_once; i++)
		if (boots[i].pid)
			end(&boots[i]);
}

/*
 * The kernel without a mutant: it must pass, or no mutant was caught by that. What checkers
 * say then, the suite provokes.
 */
static void run_unchanged(void)
{
	struct boot *boot = &boots[0];
	char line[LINE_LENGTH];
	bool passed;
	FILE *out;

	for (boot->phase = 0; boot->phase < PHASES; boot->phase++) {
		passed = false;
		start(boot);
		out = fdopen(dup(boot->from), "r");
		while (fgets(line, sizeof(line), out)) {
			line[strcspn(line, "\r\n")] = '\0';
			if (is_report(line) && report_count < MAX_REPORTS)
				shorten(line, reports[report_count++]);
			if (strstr(line, "not ok "))
				die("without a mutant there is a failure", line);
			passed |= !strncmp(line, "ok 1 open_trace", 15);
		}
		fclose(out);
		end(boot);
		if (!passed)
			die("without a mutant the suite does not end; see what it says by", kernel);
	}
}

static void stop(int number)
{
	stopped = number;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fputs("usage: boots KERNEL FOLDER RESULTS AT-ONCE HOW-MANY <NUMBERS-AND-IDS\n",
		      stderr);
		return 2;
	}
	kernel = argv[1];
	folder = argv[2];
	results = fopen(argv[3], "a");
	at_once = atoi(argv[4]);
	all = atoi(argv[5]);
	if (!results || at_once < 1 || at_once > MAX_AT_ONCE)
		die("cannot write, or too many at once", argv[3]);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	run_unchanged();
	began = now();
	run_all();
	return stopped ? 130 : 0;
}
