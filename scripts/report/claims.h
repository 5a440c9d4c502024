/* SPDX-License-Identifier: GPL-2.0 */
/* Each claim of the seeds, and what this run says of it. */
#ifndef _REPORT_CLAIMS_H
#define _REPORT_CLAIMS_H

#include <stdio.h>

#include "cases.h"
#include "text.h"

/**
 * enum verdict - on a claim
 * @OBSERVED: this run shows it
 * @OTHERWISE: this run shows that the kernel does otherwise
 * @NOT_SEEN: this run does not show it
 */
enum verdict { OBSERVED, OTHERWISE, NOT_SEEN };

/**
 * struct finding - a claim and the verdict on it
 * @id: of the claim
 * @claim: what the seed says
 * @verdict: what this run says
 * @evidence: by what: lines of text, with record numbers and file:line
 */
struct finding {
	const char *id;
	const char *claim;
	enum verdict verdict;
	char *evidence;
};

/**
 * struct findings - on all claims
 * @findings: they
 * @count: how many
 */
struct findings {
	struct finding *findings;
	size_t count;
};

struct findings *claims_judge(const struct run *run, const struct suite *suite);
void write_claims(FILE *out, const struct run *run, const struct findings *findings);
void write_claims_json(FILE *out, const struct run *run, const struct findings *findings);

#endif
