// SPDX-License-Identifier: GPL-2.0
/* A program that ends as it is told to: what uapi_ends_are_told_apart runs. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	setbuf(stdout, NULL);
	if (!strcmp(how, "passes")) {
		puts("TAP version 13\n1..2\nok 1 a\nok 2 b # SKIP why");
		return 0;
	}
	if (!strcmp(how, "fails")) {
		puts("TAP version 13\n1..2\nok 1 a\nnot ok 2 b");
		return 1;
	}
	if (!strcmp(how, "skips")) {
		puts("TAP version 13\n1..0 # SKIP why");
		return 4;
	}
	if (!strcmp(how, "says one thing and exits with another")) {
		puts("TAP version 13\n1..1\nok 1 a");
		return 1;
	}
	if (!strcmp(how, "dies")) {
		puts("TAP version 13\n1..2\nok 1 a");
		raise(SIGSEGV);
	}
	if (!strcmp(how, "hangs")) {
		puts("TAP version 13\n1..1\nok 1 a");
		fork();
		for (;;)
			pause();
	}
	if (!strcmp(how, "breaks off")) {
		puts("TAP version 13\n1..2\nok 1 a");
		return 0;
	}
	if (!strcmp(how, "counts wrong")) {
		puts("TAP version 13\n1..2\nok 2 a\nok 1 b");
		return 0;
	}
	if (!strcmp(how, "announces nothing")) {
		puts("ok 1 a");
		return 0;
	}
	if (!strcmp(how, "tests nothing"))
		puts("TAP version 13\n1..0");
	return 0;
}
