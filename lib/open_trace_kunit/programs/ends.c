// SPDX-License-Identifier: GPL-2.0
/* A program that ends as it is told to: what uapi_ends_are_told_apart runs. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DIES	-1
#define HANGS	-2

static const struct {
	const char *how;
	const char *says;
	int code;
} ends[] = {
	{ "passes", "TAP version 13\n1..2\nok 1 a\nok 2 b # SKIP why\n", 0 },
	{ "fails", "TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n", 1 },
	{ "skips", "TAP version 13\n1..0 # SKIP why\n", 4 },
	{ "says one thing and exits with another", "TAP version 13\n1..1\nok 1 a\n", 1 },
	{ "dies", "TAP version 13\n1..2\nok 1 a\n", DIES },
	{ "hangs", "TAP version 13\n1..1\nok 1 a\n", HANGS },
	{ "breaks off", "TAP version 13\n1..2\nok 1 a\n", 0 },
	{ "counts wrong", "TAP version 13\n1..2\nok 2 a\nok 1 b\n", 0 },
	{ "announces nothing", "ok 1 a\n", 0 },
	{ "tests nothing", "TAP version 13\n1..0\n", 0 },
	{ "says nothing", "", 0 },
	{ }
};

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc > 1 && ends[i].how; i++) {
		if (strcmp(argv[1], ends[i].how))
			continue;
		fputs(ends[i].says, stdout);
		fflush(stdout);
		if (ends[i].code == DIES)
			raise(SIGSEGV);
		if (ends[i].code == HANGS) {
			fork();
			for (;;)
				pause();
		}
		return ends[i].code;
	}
	return 127;
}
