// SPDX-License-Identifier: GPL-2.0
/* The suite. What it tests: cases.h. */
#include <kunit/test.h>
#include <linux/list.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "probe_run.h"
#include "recfs.h"
#include "watch.h"

/* A test's priv is the list of its mounts; it begins with none. */
static int open_trace_init(struct kunit *test)
{
	struct list_head *mounts = kunit_kzalloc(test, sizeof(*mounts), GFP_KERNEL);

	if (!mounts)
		return -ENOMEM;
	INIT_LIST_HEAD(mounts);
	test->priv = mounts;
	return 0;
}

static void open_trace_exit(struct kunit *test)
{
	if (test->priv)
		rec_unmount_all(test);
	KUNIT_EXPECT_EQ_MSG(test, actor_descriptors(), 0U,
			    "a descriptor is left");
}

static int open_trace_suite_init(struct kunit_suite *suite)
{
	return watch_suite_begin();
}

static void open_trace_suite_exit(struct kunit_suite *suite)
{
	probe_forget();
	watch_suite_end();
}

static struct kunit_case open_trace_cases[] = {
#define OT_CASE(name) KUNIT_CASE(name),
#define OT_CASE_SLOW(name) KUNIT_CASE_SLOW(name),
#include "cases.h"
	{ }
};

static struct kunit_suite open_trace_suite = {
	.name		= "open_trace",
	.suite_init	= open_trace_suite_init,
	.suite_exit	= open_trace_suite_exit,
	.init		= open_trace_init,
	.exit		= open_trace_exit,
	.test_cases	= open_trace_cases,
};

kunit_test_suite(open_trace_suite);

MODULE_LICENSE("GPL");
