/* SPDX-License-Identifier: GPL-2.0 */
/* The log of what probes saw, for scripts/report: see Documentation/raw-log.md. */
#ifndef _OPEN_TRACE_VALUES_H
#define _OPEN_TRACE_VALUES_H

#include <linux/types.h>

#include "watch.h"

struct dentry;

/**
 * struct replay - d_lookup() asked once more, for a name that was missing (C5)
 * @comm: of the task that opened it
 * @parent: the directory, as it was captured
 * @name: the same
 * @hash: the same
 * @made: the dentry that __d_alloc() made for it
 * @directory: what the directory's path leads to now
 * @found: what d_lookup() returned; it is only compared
 * @inode: of @found, and what follows
 * @unhashed: ...
 * @refcount: ...
 */
struct replay {
	const char *comm;
	struct dentry *parent;
	const char *name;
	u32 hash;
	struct dentry *made;
	struct dentry *directory;
	struct dentry *found;
	struct inode *inode;
	bool unhashed;
	int refcount;
};

bool values_print(const struct watch *watch, const struct replay *replays,
		  unsigned int count);

#endif
