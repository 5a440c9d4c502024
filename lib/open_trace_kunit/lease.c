// SPDX-License-Identifier: GPL-2.0
/* Leases: an open that conflicts breaks them. */
#include <kunit/test.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

/* Opens "f" and leases it. */
static struct file *lease(struct kunit *test, struct rec_fs *fs, int flags,
			  int type)
{
	struct file *file;

	if (!IS_ENABLED(CONFIG_FILE_LOCKING))
		kunit_skip(test, "this kernel has no leases (CONFIG_FILE_LOCKING)");
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	file = actor_open(fs, "f", flags, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, fcntl_setlease(0, file, type), 0);
	rec_forget(fs);
	return file;
}

/* C3: who opens what another leased gets EWOULDBLOCK, and the lease breaks. */
void filp_lease_stops_a_conflicting_open(struct kunit *test)
{
	static const struct {
		const char *name;
		int type;
		int flags;
		long err;
		int left;
	} rows[] = {
		{ "write lease, reader", F_WRLCK, O_RDONLY, -EWOULDBLOCK,
		  F_RDLCK },
		{ "write lease, writer", F_WRLCK, O_WRONLY, -EWOULDBLOCK,
		  F_UNLCK },
		{ "write lease, 3", F_WRLCK, O_ACCMODE, -EWOULDBLOCK, F_UNLCK },
		{ "read lease, writer", F_RDLCK, O_RDWR, -EWOULDBLOCK, F_UNLCK },
		{ "read lease, reader", F_RDLCK, O_RDONLY, 0, F_RDLCK },
		{ "write lease, O_PATH", F_WRLCK, O_PATH, 0, F_WRLCK },
	};

	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rec_fs *fs = rec_mount(test, 0);
		struct file *file = lease(test, fs, O_RDONLY, rows[i].type);
		bool opens = !rows[i].err && !(rows[i].flags & O_PATH);
		long err = actor_errno(fs, "f", rows[i].flags | O_NONBLOCK, 0);

		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].err, "%s", rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, fcntl_getlease(file), rows[i].left,
				    "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs),
				       opens ? "open(f) release(f)" : "", "%s",
				       rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%s",
				    rows[i].name);
		actor_close(file);
	}
}

/* C3: a lease that went is no hindrance. */
void filp_lease_ends_with_its_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = lease(test, fs, O_RDWR, F_WRLCK);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_NONBLOCK, 0),
			-EWOULDBLOCK);
	actor_close(file);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDWR | O_NONBLOCK, 0), 0);
}

/* C3: O_TRUNC of a leased file does not truncate it. */
void filp_lease_saves_the_contents(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = lease(test, fs, O_RDONLY, F_WRLCK);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_TRUNC |
					  O_NONBLOCK, 0), -EWOULDBLOCK);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	actor_close(file);
}

/* C3: a running program is ETXTBSY before its lease is asked. */
void filp_lease_comes_after_text_busy(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = lease(test, fs, O_RDONLY, F_RDLCK);

	KUNIT_ASSERT_EQ(test, deny_write_access(file), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_NONBLOCK, 0),
			-ETXTBSY);
	KUNIT_EXPECT_EQ(test, fcntl_getlease(file), F_RDLCK);
	allow_write_access(file);
	actor_close(file);
}

struct opener {
	struct actor actor;
	struct completion about;
	struct file *file;
};

static void open_leased(struct actor *actor)
{
	struct opener *opener = actor->data;

	complete(&opener->about);
	opener->file = actor_open(actor->fs, "f", O_WRONLY, 0);
}

/* C3: without O_NONBLOCK the open waits until the lease is given back. */
void filp_lease_is_waited_for(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct file *file = lease(test, fs, O_RDONLY, F_WRLCK);
	unsigned long end = jiffies + ACTOR_TIMEOUT;
	struct opener opener = {
		.actor = { .fn = open_leased, .data = &opener, .fs = fs },
	};

	init_completion(&opener.about);
	actor_start(test, &opener.actor);
	actor_wait(test, &opener.about);
	while (fcntl_getlease(file) != F_UNLCK && time_before(jiffies, end))
		cond_resched();
	KUNIT_EXPECT_FALSE(test, completion_done(&opener.actor.done));
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	actor_close(file);
	actor_join(test, &opener.actor);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, opener.file);
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "release(f) open(f)");
	actor_close(opener.file);
}
