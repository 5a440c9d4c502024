// SPDX-License-Identifier: GPL-2.0
/*
 * Who else may refuse an open: a security module, which is the suite's own, and a watcher
 * with fsnotify's permission events.
 */
#include <kunit/test.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fsnotify_backend.h>
#include <linux/lsm_hooks.h>
#include <linux/slab.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"

#define USER	1000

enum question {
	ASK_FILE_OPEN,
	ASK_FILE_POST_OPEN,
	ASK_TRUNCATE,
	ASK_PATH_MKNOD,
	ASK_INODE_CREATE,
	TOLD_OF_INODE,		/* and has no say */
	TOLD_OF_TMPFILE,
	QUESTIONS
};

/**
 * struct guard - what the security module says of one mount
 * @sb: the mount's superblock
 * @answer: to each question: 0 or -errno
 * @asked: how often, or told
 * @mode: of the file whose making path_mknod was last asked of
 * @dev: and its device number
 */
struct guard {
	const struct super_block *sb;
	int answer[QUESTIONS];
	unsigned int asked[QUESTIONS];
	umode_t mode;
	unsigned int dev;
};

#ifdef CONFIG_SECURITY

static bool guard_is_there;
static struct guard guard;	/* of the case that runs; modules are for ever */

static bool guard_is_of(const struct inode *inode)
{
	return READ_ONCE(guard.sb) == inode->i_sb;
}

static int guard_ask(enum question question, const struct inode *inode)
{
	if (!guard_is_of(inode))
		return 0;
	guard.asked[question]++;
	return guard.answer[question];
}

static int guard_file_open(struct file *file)
{
	return guard_ask(ASK_FILE_OPEN, file_inode(file));
}

static int guard_truncate(OT_TRUNCATE_ARGS)
{
	return guard_ask(ASK_TRUNCATE, OT_TRUNCATE_INODE);
}

static int guard_inode_create(struct inode *dir, struct dentry *dentry,
			      umode_t mode)
{
	return guard_ask(ASK_INODE_CREATE, dir);
}

static void guard_d_instantiate(struct dentry *dentry, struct inode *inode)
{
	guard_ask(TOLD_OF_INODE, inode);
}

#ifdef OT_SECURITY_POST
static int guard_file_post_open(struct file *file, int mask)
{
	return guard_ask(ASK_FILE_POST_OPEN, file_inode(file));
}

static void guard_post_create_tmpfile(struct ot_idmap *idmap,
				      struct inode *inode)
{
	guard_ask(TOLD_OF_TMPFILE, inode);
}
#endif

#ifdef CONFIG_SECURITY_PATH
static int guard_path_mknod(const struct path *dir, struct dentry *dentry,
			    umode_t mode, unsigned int dev)
{
	if (guard_is_of(d_inode(dir->dentry))) {
		guard.mode = mode;
		guard.dev = dev;
	}
	return guard_ask(ASK_PATH_MKNOD, d_inode(dir->dentry));
}
#endif

static struct security_hook_list guard_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(file_open, guard_file_open),
	LSM_HOOK_INIT(inode_create, guard_inode_create),
	LSM_HOOK_INIT(OT_TRUNCATE_HOOK, guard_truncate),
	LSM_HOOK_INIT(d_instantiate, guard_d_instantiate),
#ifdef OT_SECURITY_POST
	LSM_HOOK_INIT(file_post_open, guard_file_post_open),
	LSM_HOOK_INIT(inode_post_create_tmpfile, guard_post_create_tmpfile),
#endif
#ifdef CONFIG_SECURITY_PATH
	LSM_HOOK_INIT(path_mknod, guard_path_mknod),
#endif
};

static const char guard_id_name[] = "open_trace";
static const struct lsm_id guard_id = { .name = guard_id_name, .id = 0x4f54 };

static int __init guard_init(void)
{
	ot_security_add_hooks(guard_hooks, ARRAY_SIZE(guard_hooks), &guard_id);
	guard_is_there = true;
	return 0;
}

/* It takes part only where it is asked to. */
DEFINE_LSM(open_trace) = {
	OT_LSM_INFO_ID(guard_id),
	.init	= guard_init,
};

static void guard_leave(void *data)
{
	WRITE_ONCE(guard.sb, NULL);
}

static struct guard *guard_begin(struct kunit *test, struct rec_fs *fs)
{
	if (!guard_is_there)
		kunit_skip(test, "the kernel was not booted with lsm=open_trace");
	guard = (struct guard){ };
	ot_add_action(test, guard_leave, NULL);
	WRITE_ONCE(guard.sb, fs->sb);
	return &guard;
}

#else

static struct guard *guard_begin(struct kunit *test, struct rec_fs *fs)
{
	kunit_skip(test, "needs CONFIG_SECURITY");
	return NULL;
}

#endif

/* A module's refusal is the open's error; ->open does not learn of it. */
void filp_security_refuses_the_open(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		int answer;
		bool asked;
	} rows[] = {
		{ "f", O_RDONLY, -EPERM, true },
		{ "f", O_RDWR, -EACCES, true },
		{ "f", O_WRONLY | O_TRUNC, -EINTR, true },
		{ "f", O_WRONLY | O_CREAT, -EPERM, true },
		{ "d", O_RDONLY | O_DIRECTORY, -EACCES, true },
		{ "f", O_PATH, -EPERM, false },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);

	rec_add(fs, NULL, "f", S_IFREG | 0644)->size = 1;
	rec_add(fs, NULL, "d", S_IFDIR | 0755);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "d", O_PATH, 0), 0);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		rec_forget(fs);
		now->asked[ASK_FILE_OPEN] = 0;
		now->answer[ASK_FILE_OPEN] = rows[i].answer;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, rows[i].name,
						      rows[i].flags, 0644),
				    rows[i].asked ? rows[i].answer : 0,
				    "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, now->asked[ASK_FILE_OPEN],
				    (unsigned int)rows[i].asked, "row %d", i);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), "", "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "row %d", i);
	}
}

/* A running program is ETXTBSY unasked; a lease stays whole when it is refused. */
void filp_security_comes_between_text_busy_and_the_lease(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);
	struct file *file;

	if (!IS_ENABLED(CONFIG_FILE_LOCKING))
		kunit_skip(test, "this kernel has no leases (CONFIG_FILE_LOCKING)");
	rec_add(fs, NULL, "f", S_IFREG | 0644);
	file = actor_open(fs, "f", O_RDONLY, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, fcntl_setlease(0, file, F_RDLCK), 0);
	now->asked[ASK_FILE_OPEN] = 0;
	now->answer[ASK_FILE_OPEN] = -EPERM;

	KUNIT_ASSERT_EQ(test, deny_write_access(file), 0);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_NONBLOCK, 0),
			-ETXTBSY);
	allow_write_access(file);
	KUNIT_EXPECT_EQ(test, now->asked[ASK_FILE_OPEN], 0U);

	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_NONBLOCK, 0),
			-EPERM);
	KUNIT_EXPECT_EQ(test, fcntl_getlease(file), F_RDLCK);
	actor_close(file);
}

/* 6.9: a module is asked once more, of the open file; O_TRUNC comes after. */
void filp_security_refuses_the_opened_file(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);

	if (!ot_since(6, 9))
		kunit_skip(test, "this kernel does not ask after the open");
	rec_add(fs, NULL, "f", S_IFREG | 0644)->size = 1;
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	rec_forget(fs);
	now->answer[ASK_FILE_POST_OPEN] = -EACCES;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_TRUNC, 0),
			-EACCES);
	ot_flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f) release(f)");
	KUNIT_EXPECT_EQ(test, now->asked[ASK_FILE_POST_OPEN], 1U);
	KUNIT_EXPECT_EQ(test, now->asked[ASK_TRUNCATE], 0U);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "missing", O_RDONLY, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, now->asked[ASK_FILE_POST_OPEN], 1U);
}

/* A refused O_TRUNC closes the file, and leaves it as it was. */
void filp_security_refuses_the_truncation(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);

	if (!ot_since(6, 2) && !IS_ENABLED(CONFIG_SECURITY_PATH))
		kunit_skip(test, "needs CONFIG_SECURITY_PATH");
	rec_add(fs, NULL, "f", S_IFREG | 0644)->size = 1;
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	rec_forget(fs);
	now->answer[ASK_TRUNCATE] = -EPERM;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, now->asked[ASK_TRUNCATE], 0U);
	rec_forget(fs);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_WRONLY | O_TRUNC, 0),
			-EPERM);
	ot_flush_delayed_fput();
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "open(f) release(f)");
	KUNIT_EXPECT_EQ(test, now->asked[ASK_TRUNCATE], 1U);
	KUNIT_EXPECT_EQ(test, rec_writers(fs), 0);
}

/*
 * A module may refuse a new name, before the directory's permissions are looked at
 * (path_mknod) and after (inode_create). It is not asked of a file that is there.
 */
void create_security_refuses_the_name(struct kunit *test)
{
	static const struct {
		const char *name;
		enum question question;
		long err_as_user;
	} rows[] = {
		{ "path_mknod", ASK_PATH_MKNOD, -EPERM },
		{ "inode_create", ASK_INODE_CREATE, -EACCES },
	};
	const struct cred *user = actor_cred(test, USER);
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "new", O_PATH, 0), -ENOENT);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		enum question question = rows[i].question;

		if (question == ASK_PATH_MKNOD && !IS_ENABLED(CONFIG_SECURITY_PATH))
			continue;
		rec_forget(fs);
		now->answer[question] = -EPERM;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "new", O_CREAT | O_WRONLY,
						      0644), -EPERM, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, now->asked[question], 1U, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, actor_errno_as(fs, user, "new",
							 O_CREAT | O_WRONLY, 0644),
				    rows[i].err_as_user, "%s", rows[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, rec_log(fs), "", "%s", rows[i].name);
		if (question == ASK_PATH_MKNOD) {
			KUNIT_EXPECT_EQ(test, now->mode, S_IFREG | 0644);
			KUNIT_EXPECT_EQ(test, now->dev, 0U);
		}
		now->asked[question] = 0;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "f", O_CREAT | O_RDONLY,
						      0644), 0, "%s",
				    rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, now->asked[question], 0U, "%s",
				    rows[i].name);
		now->answer[question] = 0;
	}
}

/* A module is told of an inode when a dentry gets it, and of no other lookup. */
void dcache_security_is_told_of_each_inode(struct kunit *test)
{
	static const struct {
		const char *name;
		int flags;
		long err;
		unsigned int told;
	} rows[] = {
		{ "f", O_RDONLY, 0, 1 },
		{ "f", O_RDONLY, 0, 0 },
		{ "none", O_RDONLY, -ENOENT, 0 },
		{ "new", O_CREAT | O_RDWR, 0, 1 },
		{ "new", O_CREAT | O_RDWR, 0, 0 },
	};
	struct rec_fs *fs = rec_mount(test, 0);
	struct guard *now = guard_begin(test, fs);

	rec_add(fs, NULL, "f", S_IFREG | 0644);
	for (int i = 0; i < ARRAY_SIZE(rows); i++) {
		now->asked[TOLD_OF_INODE] = 0;
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, rows[i].name,
						      rows[i].flags, 0644),
				    rows[i].err, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, now->asked[TOLD_OF_INODE], rows[i].told,
				    "row %d", i);
	}
}

/* 6.9: a module is told of a file without a name, unless it was not made. */
void filp_security_is_told_of_a_tmpfile(struct kunit *test)
{
	struct rec_fs *fs = rec_mount(test, REC_HAS_TMPFILE);
	struct guard *now = guard_begin(test, fs);

	if (!ot_since(6, 9))
		kunit_skip(test, "this kernel does not tell");
	rec_answer(fs, REC_TMPFILE, -ENOSPC);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, now->asked[TOLD_OF_TMPFILE], 0U);
	KUNIT_EXPECT_EQ(test, actor_errno(fs, ".", O_TMPFILE | O_RDWR, 0600), 0);
	KUNIT_EXPECT_EQ(test, now->asked[TOLD_OF_TMPFILE], 1U);
}

#if defined(CONFIG_FSNOTIFY) && defined(CONFIG_FANOTIFY_ACCESS_PERMISSIONS)

/**
 * struct watcher - one that is asked before a file is opened
 * @group: its fsnotify group
 * @answer: 0 or -errno
 * @asked: how often
 */
struct watcher {
	struct fsnotify_group *group;
	int answer;
	unsigned int asked;
};

struct watcher_mark {
	struct fsnotify_mark mark;
	struct watcher *watcher;
};

static int watcher_handle(struct fsnotify_mark *mark, u32 mask,
			  struct inode *inode, struct inode *dir,
			  const struct qstr *name, u32 cookie)
{
	struct watcher *watcher = container_of(mark, struct watcher_mark,
					       mark)->watcher;

	watcher->asked++;
	return watcher->answer;
}

static void watcher_free_mark(struct fsnotify_mark *mark)
{
	kfree(container_of(mark, struct watcher_mark, mark));
}

static const struct fsnotify_ops watcher_ops = {
	.handle_inode_event	= watcher_handle,
	.free_mark		= watcher_free_mark,
};

static void watcher_leave(void *data)
{
	struct watcher *watcher = data;

	fsnotify_destroy_group(watcher->group);
}

static struct watcher *watcher_begin(struct kunit *test, struct inode *inode)
{
	struct watcher *watcher = kunit_kzalloc(test, sizeof(*watcher), GFP_KERNEL);
	struct watcher_mark *mark;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, watcher);
	watcher->group = fsnotify_alloc_group(&watcher_ops, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(watcher->group));
	watcher->group->priority = 1;	/* who reads what is opened, as virus scanners do */
	ot_add_action(test, watcher_leave, watcher);
	mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mark);
	mark->watcher = watcher;
	fsnotify_init_mark(&mark->mark, watcher->group);
	mark->mark.mask = FS_OPEN_PERM;
	err = fsnotify_add_inode_mark(&mark->mark, inode, 0);
	fsnotify_put_mark(&mark->mark);
	KUNIT_ASSERT_EQ(test, err, 0);
	return watcher;
}

/* A watcher's refusal is the open's error; a lease stays whole. */
void filp_watcher_refuses_the_open(struct kunit *test)
{
	static const int flags[] = { O_RDONLY, O_RDWR, O_WRONLY | O_TRUNC };
	struct rec_fs *fs = rec_mount(test, 0);
	struct inode *inode = rec_iget(fs, rec_add(fs, NULL, "f", S_IFREG | 0644));
	struct watcher *watcher = watcher_begin(test, inode);

	iput(inode);
	KUNIT_ASSERT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	rec_forget(fs);
	watcher->answer = -EPERM;
	for (int i = 0; i < ARRAY_SIZE(flags); i++) {
		KUNIT_EXPECT_EQ_MSG(test, actor_errno(fs, "f", flags[i], 0), -EPERM,
				    "%#x", flags[i]);
		KUNIT_EXPECT_EQ_MSG(test, watcher->asked, i + 1U, "%#x", flags[i]);
		KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0, "%#x", flags[i]);
	}
	KUNIT_EXPECT_STREQ(test, rec_log(fs), "");
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_PATH, 0), 0);
	KUNIT_EXPECT_EQ(test, watcher->asked, 3U);
	watcher->answer = 0;
	KUNIT_EXPECT_EQ(test, actor_errno(fs, "f", O_RDONLY, 0), 0);
	KUNIT_EXPECT_EQ(test, watcher->asked, 4U);
}

#else

void filp_watcher_refuses_the_open(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_FANOTIFY_ACCESS_PERMISSIONS");
}

#endif
