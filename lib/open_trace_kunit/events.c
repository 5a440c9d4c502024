// SPDX-License-Identifier: GPL-2.0
/* What fsnotify tells the watcher of a directory, in order. */
#include <kunit/test.h>
#include <linux/fsnotify_backend.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "compat.h"
#include "events.h"

#ifdef CONFIG_FSNOTIFY

#define EVENTS_MAX	32
#define EVENT_NAME_MAX	15
#define EVENTS_LOG_MAX	1024

static const struct event_name {
	u32 mask;
	const char *name;
} event_names[] = {
	{ FS_CREATE, "create" },
	{ FS_OPEN, "open" },
	{ FS_ACCESS, "access" },
	{ FS_MODIFY, "modify" },
	{ FS_ATTRIB, "attrib" },
	{ FS_CLOSE_WRITE, "close_write" },
	{ FS_CLOSE_NOWRITE, "close_nowrite" },
	{ FS_DELETE, "delete" },
};

struct event {
	u32 mask;
	char name[EVENT_NAME_MAX + 1];
};

/* The mark's memory is freed when fsnotify is done with it. */
struct events_mark {
	struct fsnotify_mark mark;
	struct events *events;
};

struct events {
	struct kunit *test;
	struct fsnotify_group *group;
	spinlock_t lock;	/* of what follows */
	struct event event[EVENTS_MAX];
	unsigned int nr;
};

static int events_handle(struct fsnotify_mark *mark, u32 mask,
			 struct inode *inode, struct inode *dir,
			 const struct qstr *name, u32 cookie)
{
	struct events *events = container_of(mark, struct events_mark,
					     mark)->events;
	struct event event = { .mask = mask & ALL_FSNOTIFY_EVENTS };

	/* Nameless: of the directory itself. */
	snprintf(event.name, sizeof(event.name), "%.*s",
		 name ? (int)name->len : 1, name ? (char *)name->name : ".");
	spin_lock(&events->lock);
	if (events->nr < EVENTS_MAX)
		events->event[events->nr] = event;
	events->nr++;
	spin_unlock(&events->lock);
	return 0;
}

static void events_free_mark(struct fsnotify_mark *mark)
{
	kfree(container_of(mark, struct events_mark, mark));
}

static const struct fsnotify_ops events_ops = {
	.handle_inode_event	= events_handle,
	.free_mark		= events_free_mark,
};

static void events_end(void *data)
{
	struct events *events = data;

	fsnotify_destroy_group(events->group);
}

/**
 * events_watch() - write down what fsnotify tells of a directory
 * @test: the test; the watch ends with it. Skipped without CONFIG_FSNOTIFY.
 * @dir: the directory, watched with its children as inotify does
 *
 * Context: may sleep.
 * Return: the events; the test is ended when there can be none.
 */
struct events *events_watch(struct kunit *test, struct inode *dir)
{
	struct events *events = kunit_kzalloc(test, sizeof(*events), GFP_KERNEL);
	struct events_mark *mark;
	unsigned int i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, events);
	spin_lock_init(&events->lock);
	events->test = test;
	events->group = fsnotify_alloc_group(&events_ops, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(events->group));
	ot_add_action(test, events_end, events);

	mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mark);
	mark->events = events;
	fsnotify_init_mark(&mark->mark, events->group);
	mark->mark.mask = FS_EVENT_ON_CHILD;
	for (i = 0; i < ARRAY_SIZE(event_names); i++)
		mark->mark.mask |= event_names[i].mask;
	err = fsnotify_add_inode_mark(&mark->mark, dir, 0);
	fsnotify_put_mark(&mark->mark);
	KUNIT_ASSERT_EQ(test, err, 0);
	return events;
}

/**
 * events_log() - the events so far as text
 * @events: the events
 *
 * Return: the events in order, as in "create(a) open(a) close_write(a)", for the
 * life of the test. Those of the directory itself have the name ".".
 */
const char *events_log(struct events *events)
{
	char *log = kunit_kzalloc(events->test, EVENTS_LOG_MAX, GFP_KERNEL);
	unsigned int i, j, n = 0;

	KUNIT_ASSERT_NOT_NULL(events->test, log);
	KUNIT_ASSERT_LE_MSG(events->test, events->nr, (unsigned int)EVENTS_MAX,
			    "events were lost");
	for (i = 0; i < events->nr; i++)
		for (j = 0; j < ARRAY_SIZE(event_names); j++)
			if (events->event[i].mask & event_names[j].mask)
				n += scnprintf(log + n, EVENTS_LOG_MAX - n,
					       "%s%s(%s)", n ? " " : "",
					       event_names[j].name,
					       events->event[i].name);
	return log;
}

/**
 * events_forget() - begin the log anew
 * @events: the events
 */
void events_forget(struct events *events)
{
	events->nr = 0;
}

#else /* !CONFIG_FSNOTIFY */

struct events *events_watch(struct kunit *test, struct inode *dir)
{
	kunit_skip(test, "needs CONFIG_FSNOTIFY");
	return NULL;
}

const char *events_log(struct events *events)
{
	return NULL;
}

void events_forget(struct events *events)
{
}

#endif
