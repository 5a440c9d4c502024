/* SPDX-License-Identifier: GPL-2.0 */
/* What the suite said in the same run: the result of each of its cases. */
#ifndef _REPORT_CASES_H
#define _REPORT_CASES_H

#include <stddef.h>

/**
 * enum result - of a case
 * @PASSED: it was run and holds
 * @FAILED: it was run and does not
 * @SKIPPED: it was not run
 * @ABSENT: this suite has not got it
 */
enum result { PASSED, FAILED, SKIPPED, ABSENT };

/**
 * struct suite_case - a case of the suite
 * @name: of it
 * @result: what it said
 */
struct suite_case {
	char *name;
	enum result result;
};

/**
 * struct suite - all results
 * @cases: they
 * @count: how many
 */
struct suite {
	struct suite_case *cases;
	size_t count;
};

struct suite *suite_read(const char *path);
enum result suite_result(const struct suite *suite, const char *name);
size_t suite_passed(const struct suite *suite, const char *prefix);

#endif
