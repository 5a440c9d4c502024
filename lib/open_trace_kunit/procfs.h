/* SPDX-License-Identifier: GPL-2.0 */
/* A procfs to read and to set sysctls. */
#ifndef _OPEN_TRACE_PROCFS_H
#define _OPEN_TRACE_PROCFS_H

struct kunit;
struct vfsmount;

struct vfsmount *procfs_mount(struct kunit *test);

#endif
