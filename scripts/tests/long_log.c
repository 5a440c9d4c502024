// SPDX-License-Identifier: GPL-2.0
/* long_log LOG RECORDS: a log with the first case of LOG again and again */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t sum = 0xcbf29ce484222325;
static unsigned int lines;

static void put(const char *text)
{
	char number[16];
	const char *const parts[] = { number, text };

	snprintf(number, sizeof(number), "%u ", ++lines);
	for (int i = 0; i < 2; i++) {
		for (const char *at = parts[i]; *at; at++)
			sum = (sum ^ (unsigned char)*at) * 0x100000001b3;
		fputs(parts[i], stdout);
	}
}

int main(int argc, char **argv)
{
	static char *kept[100000];
	unsigned int count = 0, wanted, nr = 0;
	FILE *log = argc == 3 ? fopen(argv[1], "r") : NULL;
	char line[8192];

	if (!log)
		return 2;
	wanted = atoi(argv[2]);
	while (fgets(line, sizeof(line), log) && count < 100000) {
		const char *text = strchr(line, ' ') + 1;

		if (!count && strcmp(text, "log open_trace 1 calls\n"))
			continue;
		/* the section's head, and the lines of its first case */
		if (count > 3 && (!strncmp(text, "case ", 5) || !strncmp(text, "end ", 4)))
			break;
		kept[count++] = strdup(text);
	}
	put(kept[0]);
	put(kept[1]);
	while (lines < wanted) {
		snprintf(line, sizeof(line), "case case%u of many\n", nr++);
		put(line);
		for (unsigned int i = 3; i < count; i++)
			put(kept[i]);
	}
	printf("%u end %016" PRIx64 "\n", lines + 1, sum);
	return 0;
}
