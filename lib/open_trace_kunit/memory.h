/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail when a test wants it. */
#ifndef _OPEN_TRACE_MEMORY_H
#define _OPEN_TRACE_MEMORY_H

#include <linux/types.h>

struct kunit;

void memory_starve(struct kunit *test);
void memory_fail_nth(unsigned int n);
bool memory_has_failed(void);

#endif
