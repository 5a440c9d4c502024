// SPDX-License-Identifier: GPL-2.0
/* See cases.h. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "util.h"

/**
 * suite_read() - the results of a suite
 * @path: of a file with a line a case: "passed NAME", "failed NAME" or "skipped NAME", as
 *	scripts/report/report takes them from KTAP
 *
 * Exits with the file's name and line when it is something else.
 *
 * Return: they; they live as long as the program.
 */
struct suite *suite_read(const char *path)
{
	static const char *const words[] = {
		[PASSED] = "passed ", [FAILED] = "failed ", [SKIPPED] = "skipped ",
	};
	struct suite *suite = zalloc(1, sizeof(*suite));
	char *text = read_file(path, NULL), *rest = text, *line;
	size_t nr = 0, i;

	while ((line = strsep(&rest, "\n")) && *line) {
		struct suite_case *one = &GROW(suite->cases, suite->count);

		nr++;
		for (i = 0; i < ARRAY_SIZE(words); i++) {
			if (!strncmp(line, words[i], strlen(words[i])))
				break;
		}
		if (i == ARRAY_SIZE(words))
			die("%s:%zu: passed, failed or skipped is expected; make it anew", path,
			    nr);
		one->name = copy_text(strchr(line, ' ') + 1, strlen(strchr(line, ' ') + 1));
		one->result = i;
	}
	free(text);
	return suite;
}

/**
 * suite_result() - the result of a case
 * @suite: where to look
 * @name: of the case
 *
 * Return: it.
 */
enum result suite_result(const struct suite *suite, const char *name)
{
	for (size_t i = 0; i < suite->count; i++) {
		if (!strcmp(suite->cases[i].name, name))
			return suite->cases[i].result;
	}
	return ABSENT;
}

/**
 * suite_passed() - how many cases of a topic hold
 * @suite: where to look
 * @prefix: of their names
 *
 * Return: the number that passed; 0 as soon as one of them failed.
 */
size_t suite_passed(const struct suite *suite, const char *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->count; i++) {
		if (strncmp(suite->cases[i].name, prefix, strlen(prefix)))
			continue;
		if (suite->cases[i].result == FAILED)
			return 0;
		count += suite->cases[i].result == PASSED;
	}
	return count;
}
