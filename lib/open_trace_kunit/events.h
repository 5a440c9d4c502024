/* SPDX-License-Identifier: GPL-2.0 */
/* What fsnotify tells the watcher of a directory, in order. */
#ifndef _OPEN_TRACE_EVENTS_H
#define _OPEN_TRACE_EVENTS_H

struct events;
struct inode;
struct kunit;

struct events *events_watch(struct kunit *test, struct inode *dir);
const char *events_log(struct events *events);
void events_forget(struct events *events);

#endif
