/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The recording filesystem: every hook that the open path calls is scripted by
 * the test and writes down the call, with what the dentry looked like then.
 */
#ifndef _OPEN_TRACE_RECFS_H
#define _OPEN_TRACE_RECFS_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mount.h>
#include <linux/spinlock.h>

struct kunit;

enum rec_op {
	REC_D_INIT,
	REC_D_RELEASE,
	REC_D_HASH,
	REC_D_COMPARE,
	REC_D_REVALIDATE,
	REC_D_WEAK_REVALIDATE,
	REC_D_AUTOMOUNT,
	REC_D_MANAGE,
	REC_LOOKUP,
	REC_CREATE,
	REC_ATOMIC_OPEN,
	REC_TMPFILE,
	REC_PERMISSION,
	REC_GET_LINK,
	REC_SETATTR,
	REC_OPEN,
	REC_RELEASE,
	REC_EVICT,
	REC_OPS
};

/* Hooks that a mount has only when the test asks: each changes the walk. */
#define REC_HAS_HASH		BIT(REC_D_HASH)
#define REC_HAS_COMPARE		BIT(REC_D_COMPARE)
#define REC_HAS_REVALIDATE	BIT(REC_D_REVALIDATE)
#define REC_HAS_WEAK_REVALIDATE	BIT(REC_D_WEAK_REVALIDATE)
#define REC_HAS_ATOMIC_OPEN	BIT(REC_ATOMIC_OPEN)
#define REC_HAS_TMPFILE		BIT(REC_TMPFILE)
#define REC_HAS_PERMISSION	BIT(REC_PERMISSION)
/* ... and one that it has unless the test asks otherwise. */
#define REC_NO_CREATE		BIT(REC_CREATE)

/* Any hash; the one beside it is in the same bucket on every machine. */
#define REC_HASH	0x059808aaU
#define REC_HASH_BESIDE	(REC_HASH ^ 1)

#define REC_NAME_MAX	31
#define REC_ANSWERS_MAX	8
#define REC_CALLS_MAX	96

/**
 * struct rec_call - one call of a hook, as it was when it came in
 * @op: which hook
 * @dentry: its dentry, NULL where the hook has none
 * @parent: of @dentry
 * @inode: of @dentry, or the inode that the hook was given
 * @dir: the directory that the hook was given, if any
 * @sb: of @dentry
 * @file: of ->open, ->release, ->atomic_open and ->tmpfile
 * @unhashed: @dentry was not in the hash
 * @in_lookup: @dentry was in the in-lookup hash
 * @count: @dentry's references
 * @hash: @dentry's name hash
 * @len: @dentry's name length
 * @name: the name's first bytes; of ->d_compare, the candidate's
 * @flags: LOOKUP_* of ->lookup, ->d_revalidate and ->d_manage, O_* of ->atomic_open,
 *	   MAY_* of ->permission, ATTR_* of ->setattr
 * @mode: of ->create, ->atomic_open and ->tmpfile
 * @excl: of ->create, where the release has it
 * @i_rwsem_write: the directory was locked exclusively
 */
struct rec_call {
	enum rec_op op;
	const struct dentry *dentry;
	const struct dentry *parent;
	const struct inode *inode;
	const struct inode *dir;
	const struct super_block *sb;
	const struct file *file;
	bool unhashed;
	bool in_lookup;
	int count;
	u32 hash;
	u32 len;
	char name[REC_NAME_MAX + 1];
	unsigned int flags;
	umode_t mode;
	bool excl;
	bool i_rwsem_write;
};

/**
 * struct rec_node - a file on the recording filesystem's disk
 * @list: in rec_fs.nodes
 * @fs: its filesystem
 * @dir: the directory that it is in
 * @name: its name there
 * @mode: type and permissions
 * @uid: owner
 * @gid: group
 * @i_flags: S_APPEND, S_IMMUTABLE, S_DEAD, ... that its inode gets
 * @rdev: device number of a device node
 * @size: its length in bytes
 * @target: of a symlink
 * @same: a hard link: the node whose inode this name leads to
 * @inode: the inode in memory, NULL when there is none
 *
 * The test may change what it likes until the first lookup makes the inode.
 */
struct rec_node {
	struct list_head list;
	struct rec_fs *fs;
	struct rec_node *dir;
	const char *name;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	unsigned int i_flags;
	dev_t rdev;
	loff_t size;
	const char *target;
	struct rec_node *same;
	struct inode *inode;
};

/**
 * struct rec_fs - one mount of the recording filesystem and what it recorded
 * @test: the test that mounted it
 * @mnt: the mount
 * @sb: its superblock
 * @root: the root directory's node
 * @task_fs: a struct fs_struct with root and working directory in the mount's
 *	     root and a umask of its own, 022 to begin with
 * @has: the REC_HAS_* of this mount
 * @count_only: BIT(op) for each hook whose calls are counted but not logged
 * @hash: what ->d_hash answers
 * @direct_io: ->open makes files that can do O_DIRECT
 * @lookup: in place of the default ->lookup; may sleep; NULL for the default
 * @atomic_open: in place of the default ->atomic_open; may sleep
 * @tmpfile: in place of the default ->tmpfile; may sleep
 * @get_link: in place of the default ->get_link; may sleep when it is given a
 *	      dentry
 * @put_link: called with the struct rec_fs when the walk needs no more what ->get_link
 *	      returned; must not sleep in RCU-walk; NULL for nothing
 * @create: called before the default ->create does its work; may sleep
 * @d_init: called after d_init is written down; may sleep
 * @d_revalidate: called before ->d_revalidate answers; must not sleep in RCU-walk
 * @permission: called before ->permission answers; must not sleep in RCU-walk
 * @d_manage: called before ->d_manage answers, but for RCU-walk; may sleep
 * @d_compare: called before ->d_compare answers, under the candidate's d_lock or
 *	       in RCU-walk; must not sleep
 * @priv: for the test's hooks
 * @count: calls of each hook so far
 */
struct rec_fs {
	struct kunit *test;
	struct vfsmount *mnt;
	struct super_block *sb;
	struct rec_node *root;
	struct fs_struct *task_fs;
	unsigned long has;
	unsigned long count_only;
	u32 hash;
	bool direct_io;
	struct dentry *(*lookup)(struct rec_fs *fs, struct inode *dir,
				 struct dentry *dentry, unsigned int flags);
	int (*atomic_open)(struct rec_fs *fs, struct inode *dir,
			   struct dentry *dentry, struct file *file,
			   unsigned int flags, umode_t mode);
	int (*tmpfile)(struct rec_fs *fs, struct inode *dir, struct file *file,
		       umode_t mode);
	const char *(*get_link)(struct rec_fs *fs, struct dentry *dentry,
				struct inode *inode);
	void (*put_link)(void *rec_fs);
	void (*create)(struct rec_fs *fs, struct inode *dir,
		       struct dentry *dentry);
	void (*d_init)(struct rec_fs *fs, struct dentry *dentry);
	void (*d_revalidate)(struct rec_fs *fs, struct dentry *dentry,
			     unsigned int flags);
	void (*permission)(struct rec_fs *fs, struct inode *inode, int mask);
	void (*d_manage)(struct rec_fs *fs, struct dentry *dentry);
	void (*d_compare)(struct rec_fs *fs, const struct dentry *dentry);
	void *priv;
	unsigned long count[REC_OPS];

	/* private: */
	struct list_head list;
	struct list_head nodes;
	struct inode_operations dir_iops;
	struct inode_operations file_iops;
	struct inode_operations link_iops;
	struct dentry_operations d_ops;
	spinlock_t lock;	/* of what follows, and of count[] */
	struct rec_call calls[REC_CALLS_MAX];
	unsigned int nr_calls;
	int answer[REC_OPS][REC_ANSWERS_MAX];
	unsigned int nr_answers[REC_OPS];
	unsigned int next_answer[REC_OPS];
	unsigned long inodes;
	bool unbalanced;
	bool killed;
};

struct rec_fs *rec_mount(struct kunit *test, unsigned long has);
void rec_unmount_all(struct kunit *test);
void rec_abandon(struct rec_fs *fs);

struct rec_node *rec_add(struct rec_fs *fs, struct rec_node *dir,
			 const char *name, umode_t mode);
struct rec_node *rec_symlink(struct rec_fs *fs, struct rec_node *dir,
			     const char *name, const char *target);
void rec_remove(struct rec_node *node);
struct dentry *rec_hash(struct rec_fs *fs, struct dentry *dir,
			const char *name, u32 hash);
struct dentry *rec_get_cached(struct dentry *dir, const char *name);
void rec_rename_meanwhile(void);

void rec_answer(struct rec_fs *fs, enum rec_op op, int value);

const char *rec_log(struct rec_fs *fs);
void rec_forget(struct rec_fs *fs);
const struct rec_call *rec_call(struct rec_fs *fs, enum rec_op op, int nth);

struct inode *rec_iget(struct rec_fs *fs, struct rec_node *node);
struct rec_node *rec_find(struct rec_fs *fs, const struct inode *dir,
			  const struct qstr *name);
struct dentry *rec_lookup(struct rec_fs *fs, struct inode *dir,
			  struct dentry *dentry, unsigned int flags);
int rec_instantiate(struct rec_fs *fs, struct inode *dir,
		    struct dentry *dentry, umode_t mode);
int rec_tmpfile(struct rec_fs *fs, struct inode *dir, struct file *file,
		umode_t mode);
int rec_finish_open(struct inode *inode, struct file *file);
int rec_writers(struct rec_fs *fs);

#endif
