/* SPDX-License-Identifier: GPL-2.0 */
/* A run of the program open_trace, and what it mounts. */
#ifndef _OPEN_TRACE_GUEST_H
#define _OPEN_TRACE_GUEST_H

#include <kunit/test.h>

#include "process.h"

/* Where it mounts the disk, and what is the root of the disk's own programs, run plainly */
#define GUEST_EXT4	"/ext4"
#define GUEST_ROOT	GUEST_EXT4 "/plain"

bool guest_run(struct kunit *test, const char *how, struct process_end *end);
void guest_unmount(void);

#endif
