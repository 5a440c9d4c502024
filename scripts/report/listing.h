/* SPDX-License-Identifier: GPL-2.0 */
/* The source of the functions that a page shows, each once, with the lines that ran. */
#ifndef _REPORT_LISTING_H
#define _REPORT_LISTING_H

#include "flow.h"
#include "text.h"

/**
 * struct listing - the source of a function
 * @name: of the function
 * @first: where it is declared
 * @last: its last line
 */
struct listing {
	const char *name;
	struct place first;
	int last;
};

struct listed_line;

/**
 * struct listings - those of a kernel
 * @atlas: of the kernel
 * @nr: of the kernel in the page
 * @flows: the calls that the page shows
 * @flow_count: how many
 * @all: the listings, in the order in which the functions first ran
 * @count: how many
 * @lines: by file and line, what is known of it
 */
struct listings {
	const struct atlas *atlas;
	size_t nr;
	const struct flow **flows;
	size_t flow_count;
	struct listing *all;
	size_t count;
	struct listed_line **lines;
};

void listings_fill(struct listings *listings);
void put_anchor(FILE *out, const struct listings *listings, struct place at);
void put_listings(FILE *out, const struct listings *listings);

#endif
