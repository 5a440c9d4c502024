// SPDX-License-Identifier: GPL-2.0
/*
 * C13: the open of the trace reports' case 17 by the C library: O_RDONLY of a name that
 * is missing. Traced, it is the process to look for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	char name[64];
	bool missing;
	int fd;

	/* as in the report: new in every process, so the dcache has never met it */
	snprintf(name, sizeof(name), "missing_case17_filp_%d.txt", getpid());
	fd = open(name, O_RDONLY);
	missing = fd < 0 && errno == ENOENT;

	printf("TAP version 13\n1..1\n");
	if (!missing)
		printf("# open(\"%s\"): %s\n", name,
		       fd < 0 ? strerror(errno) : "opened");
	printf("%s 1 open_of_missing_name_is_enoent\n", missing ? "ok" : "not ok");
	return !missing;
}
