// SPDX-License-Identifier: GPL-2.0
/* lookup_open() without creation. */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* C4: the first miss makes the dentry and asks the filesystem, the second neither. */
void lookup_miss(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "d_init(a) lookup(a)");
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "a", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
}
