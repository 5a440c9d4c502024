// SPDX-License-Identifier: GPL-2.0
/*
 * The first and only process of a guest that is made of the test programs alone: runs
 * each file of /open_trace, prints what kselftest's runner would print, ends the guest.
 *
 * usage: init [PROGRAM ...]   on the kernel's command line, after "--"
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(arr)	(sizeof(arr) / sizeof((arr)[0]))

#define PROGRAMS	"/open_trace"

/* What one program may take, in seconds: ten times what the slowest takes under TCG. */
#ifndef TIME_LIMIT
#define TIME_LIMIT	120
#endif

/* kselftest's exit code of a program that skips as a whole */
#define KSFT_SKIP	4

static const struct {
	const char *type;
	const char *at;
	mode_t mode;
} mounts[] = {
	{ "proc", "/proc", 0555 },
	{ "sysfs", "/sys", 0555 },
	{ "debugfs", "/sys/kernel/debug", 0 },
	{ "devtmpfs", "/dev", 0755 },
	{ "tmpfs", "/tmp", 01777 },
};

static void mount_all(void)
{
	size_t i;

	umask(0);
	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (mounts[i].mode)
			mkdir(mounts[i].at, mounts[i].mode);
		mount(mounts[i].type, mounts[i].at, mounts[i].type, 0,
		      strcmp(mounts[i].type, "tmpfs") ? NULL : "mode=01777");
	}
}

static volatile sig_atomic_t timed_out;

/* All but this process end, and with them whoever held the pipe open. */
static void on_alarm(int sig)
{
	(void)sig;
	timed_out = 1;
	kill(-1, SIGKILL);
}

/* Each line of the program is part of its result: it begins with a mark. */
static void print_marked(FILE *from)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, from)) > 0)
		printf("# %s%s", line, line[len - 1] == '\n' ? "" : "\n");
	free(line);
}

static void run_program(int nr, const char *name)
{
	const char *why = NULL;
	int status, out[2];
	char text[64];
	FILE *from;
	pid_t pid;

	printf("# selftests: open_trace: %s\n", name);
	fflush(stdout);
	from = pipe2(out, O_CLOEXEC) ? NULL : fdopen(out[0], "r");
	if (!from) {
		printf("not ok %d selftests: open_trace: %s # no pipe\n", nr, name);
		return;
	}
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		setsid();
		if (chdir(PROGRAMS) == 0)
			execl(name, name, NULL);
		fprintf(stderr, "not executed: %s\n", strerror(errno));
		_exit(127);
	}
	close(out[1]);
	timed_out = 0;
	alarm(TIME_LIMIT);
	print_marked(from);
	fclose(from);
	waitpid(pid, &status, 0);
	alarm(0);
	if (timed_out) {
		why = "TIMEOUT";
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "signal=%d", WTERMSIG(status));
		why = text;
	} else if (WEXITSTATUS(status) && WEXITSTATUS(status) != KSFT_SKIP) {
		snprintf(text, sizeof(text), "exit=%d", WEXITSTATUS(status));
		why = text;
	}
	if (why)
		printf("not ok %d selftests: open_trace: %s # %s\n", nr, name, why);
	else
		printf("ok %d selftests: open_trace: %s%s\n", nr, name,
		       WEXITSTATUS(status) ? " # SKIP" : "");
}

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct dirent **found = NULL;
	int i, n = 0;

	mount_all();
	sigaction(SIGALRM, &act, NULL);
	if (argc <= 1)
		n = scandir(PROGRAMS, &found, no_dots, alphasort);
	if (n < 0)
		n = 0;
	printf("TAP version 13\n1..%d\n", argc > 1 ? argc - 1 : n);
	for (i = 1; i < argc; i++)
		run_program(i, argv[i]);
	for (i = 0; i < n; i++)
		run_program(i + 1, found[i]->d_name);
	fflush(stdout);
	sync();
	/* QEMU runs with -no-reboot, and User Mode Linux ends either way. */
	reboot(RB_AUTOBOOT);
	return 1;
}
