// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs_context.h>
#include <linux/fs_struct.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "compat.h"
#include "recfs.h"

#define RECFS_MAGIC	0x4f54	/* "OT" */
#define REC_LOG_MAX	4096

static const char * const op_names[REC_OPS] = {
	[REC_D_INIT]		= "d_init",
	[REC_D_RELEASE]		= "d_release",
	[REC_D_HASH]		= "d_hash",
	[REC_D_COMPARE]		= "d_compare",
	[REC_D_REVALIDATE]	= "d_revalidate",
	[REC_D_WEAK_REVALIDATE]	= "d_weak_revalidate",
	[REC_D_AUTOMOUNT]	= "d_automount",
	[REC_D_MANAGE]		= "d_manage",
	[REC_LOOKUP]		= "lookup",
	[REC_CREATE]		= "create",
	[REC_ATOMIC_OPEN]	= "atomic_open",
	[REC_TMPFILE]		= "tmpfile",
	[REC_PERMISSION]	= "permission",
	[REC_GET_LINK]		= "get_link",
	[REC_SETATTR]		= "setattr",
	[REC_OPEN]		= "open",
	[REC_RELEASE]		= "release",
	[REC_EVICT]		= "evict",
};

static struct rec_fs *rec_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static struct rec_node *rec_node_of(const struct inode *inode)
{
	return inode->i_private;
}

/* What the dentry looks like now; it may be NULL, and may be changing (RCU). */
static struct rec_call rec_snapshot(enum rec_op op, const struct dentry *dentry)
{
	struct rec_call call = { .op = op, .dentry = dentry };

	if (!dentry || (rec_of(dentry->d_sb)->count_only & BIT(op)))
		return call;
	call.parent = dentry->d_parent;
	call.inode = d_inode(dentry);
	call.sb = dentry->d_sb;
	call.unhashed = d_unhashed(dentry);
	call.in_lookup = d_in_lookup(dentry);
	call.count = d_count(dentry);
	call.hash = dentry->d_name.hash;
	call.len = dentry->d_name.len;
	snprintf(call.name, sizeof(call.name), "%.*s", (int)call.len,
		 dentry->d_name.name);
	return call;
}

static void rec_snapshot_dir(struct rec_call *call, struct inode *dir)
{
	call->dir = dir;
	/* The caller holds it one way or the other. */
	if (inode_trylock_shared(dir))
		inode_unlock_shared(dir);
	else
		call->i_rwsem_write = true;
}

static void rec_name_inode(struct rec_call *call, const struct inode *inode)
{
	const struct rec_node *node = rec_node_of(inode);

	call->inode = inode;
	call->sb = inode->i_sb;
	strscpy(call->name, node ? node->name : "#tmp", sizeof(call->name));
}

/* Writes the call down; returns what the test wants it to answer. */
static int rec_call_answer(struct rec_fs *fs, const struct rec_call *call,
			   int otherwise)
{
	enum rec_op op = call->op;
	unsigned long irq;
	int answer = otherwise;

	spin_lock_irqsave(&fs->lock, irq);
	fs->count[op]++;
	if (!(fs->count_only & BIT(op))) {
		if (fs->nr_calls < REC_CALLS_MAX)
			fs->calls[fs->nr_calls] = *call;
		fs->nr_calls++;
	}
	if (fs->next_answer[op] < fs->nr_answers[op])
		answer = fs->answer[op][fs->next_answer[op]++];
	spin_unlock_irqrestore(&fs->lock, irq);
	return answer;
}

static int rec_d_init(struct dentry *dentry)
{
	struct rec_call call = rec_snapshot(REC_D_INIT, dentry);
	struct rec_fs *fs = rec_of(dentry->d_sb);
	int err = rec_call_answer(fs, &call, 0);

	/* A dentry that is refused is freed without a ->d_release. */
	if (err) {
		spin_lock_irq(&fs->lock);
		fs->count[REC_D_INIT]--;
		spin_unlock_irq(&fs->lock);
	} else if (fs->d_init) {
		fs->d_init(fs, dentry);
	}
	return err;
}

static void rec_d_release(struct dentry *dentry)
{
	struct rec_call call = rec_snapshot(REC_D_RELEASE, dentry);

	rec_call_answer(rec_of(dentry->d_sb), &call, 0);
}

static int rec_d_hash(const struct dentry *parent, struct qstr *name)
{
	struct rec_call call = rec_snapshot(REC_D_HASH, parent);
	struct rec_fs *fs = rec_of(parent->d_sb);
	int err;

	snprintf(call.name, sizeof(call.name), "%.*s", (int)name->len,
		 name->name);
	err = rec_call_answer(fs, &call, 0);
	if (!err)
		name->hash = fs->hash;
	return err;
}

static int rec_d_compare(const struct dentry *dentry, unsigned int len,
			 const char *str, const struct qstr *name)
{
	struct rec_fs *fs = rec_of(dentry->d_sb);
	struct rec_call call = { .op = REC_D_COMPARE, .dentry = dentry };
	int differs = len != name->len || memcmp(str, name->name, len);

	if (!(fs->count_only & BIT(REC_D_COMPARE))) {
		call = rec_snapshot(REC_D_COMPARE, dentry);
		snprintf(call.name, sizeof(call.name), "%.*s", (int)len, str);
	}
	if (fs->d_compare)
		fs->d_compare(fs, dentry);
	return rec_call_answer(fs, &call, differs);
}

static int rec_d_revalidate(OT_REVALIDATE_ARGS)
{
	struct rec_call call = rec_snapshot(REC_D_REVALIDATE, dentry);
	struct rec_fs *fs = rec_of(dentry->d_sb);

	call.flags = flags;
	if (fs->d_revalidate)
		fs->d_revalidate(fs, dentry, flags);
	/* In RCU-walk nobody holds the directory, nor need it be there. */
	if (!(flags & LOOKUP_RCU))
		rec_snapshot_dir(&call, d_inode(dentry->d_parent));
	return rec_call_answer(fs, &call, 1);
}

static int rec_d_weak_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct rec_call call = rec_snapshot(REC_D_WEAK_REVALIDATE, dentry);

	call.flags = flags;
	return rec_call_answer(rec_of(dentry->d_sb), &call, 1);
}

/* Nothing to mount: the directory is used as it is. */
static struct vfsmount *rec_d_automount(struct path *path)
{
	struct rec_call call = rec_snapshot(REC_D_AUTOMOUNT, path->dentry);

	return ERR_PTR(rec_call_answer(rec_of(path->dentry->d_sb), &call,
				       -EISDIR));
}

/* Of a dentry that a test made DCACHE_MANAGE_TRANSIT. */
static int rec_d_manage(const struct path *path, bool rcu)
{
	struct rec_call call = rec_snapshot(REC_D_MANAGE, path->dentry);
	struct rec_fs *fs = rec_of(path->dentry->d_sb);

	call.flags = rcu ? LOOKUP_RCU : 0;
	if (fs->d_manage && !rcu)
		fs->d_manage(fs, path->dentry);
	return rec_call_answer(fs, &call, 0);
}

/**
 * rec_find() - what the disk has under a name
 * @fs: the filesystem
 * @dir: the directory
 * @name: the name
 *
 * Return: the node, hard links followed, or NULL.
 */
struct rec_node *rec_find(struct rec_fs *fs, const struct inode *dir,
			  const struct qstr *name)
{
	struct rec_node *node;

	list_for_each_entry(node, &fs->nodes, list)
		if (node->dir == rec_node_of(dir) &&
		    strlen(node->name) == name->len &&
		    !memcmp(node->name, name->name, name->len))
			return node->same ? node->same : node;
	return NULL;
}

static const struct file_operations rec_fops;
static const struct address_space_operations rec_aops = { };

static struct inode *rec_new_inode(struct rec_fs *fs, umode_t mode, dev_t rdev)
{
	struct inode *inode = new_inode(fs->sb);

	if (!inode)
		return NULL;
	spin_lock(&fs->lock);
	fs->inodes++;
	spin_unlock(&fs->lock);
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	ot_inode_times_begin(inode);
	inode->i_mapping->a_ops = &rec_aops;
	inode->i_op = &fs->file_iops;
	if (S_ISDIR(mode)) {
		inode->i_op = &fs->dir_iops;
		inode->i_fop = &rec_fops;
		set_nlink(inode, 2);
	} else if (S_ISLNK(mode)) {
		inode->i_op = &fs->link_iops;
	} else if (S_ISREG(mode)) {
		inode->i_fop = &rec_fops;
	} else {
		init_special_inode(inode, mode, rdev);
	}
	return inode;
}

/**
 * rec_iget() - the inode of a node
 * @fs: the filesystem
 * @node: the node
 *
 * Context: may sleep.
 * Return: the inode with a reference for the caller, NULL without memory.
 */
struct inode *rec_iget(struct rec_fs *fs, struct rec_node *node)
{
	struct inode *inode = node->inode ? igrab(node->inode) : NULL;

	if (inode)
		return inode;
	inode = rec_new_inode(fs, node->mode, node->rdev);
	if (!inode)
		return NULL;
	inode->i_uid = node->uid;
	inode->i_gid = node->gid;
	inode->i_flags |= node->i_flags;
	i_size_write(inode, node->size);
	inode->i_private = node;
	node->inode = inode;
	return inode;
}

/**
 * rec_lookup() - what ->lookup does by default
 * @fs: the filesystem
 * @dir: the directory, locked
 * @dentry: the dentry to complete
 * @flags: LOOKUP_* flags
 *
 * Context: may sleep.
 * Return: what d_splice_alias() does.
 */
struct dentry *rec_lookup(struct rec_fs *fs, struct inode *dir,
			  struct dentry *dentry, unsigned int flags)
{
	struct rec_node *node = rec_find(fs, dir, &dentry->d_name);
	struct inode *inode = NULL;

	if (node) {
		inode = rec_iget(fs, node);
		if (!inode)
			return ERR_PTR(-ENOMEM);
	}
	return d_splice_alias(inode, dentry);
}

static struct dentry *rec_iop_lookup(struct inode *dir, struct dentry *dentry,
				     unsigned int flags)
{
	struct rec_call call = rec_snapshot(REC_LOOKUP, dentry);
	struct rec_fs *fs = rec_of(dir->i_sb);
	int err;

	call.flags = flags;
	rec_snapshot_dir(&call, dir);
	err = rec_call_answer(fs, &call, 0);
	if (err)
		return ERR_PTR(err);
	if (fs->lookup)
		return fs->lookup(fs, dir, dentry, flags);
	return rec_lookup(fs, dir, dentry, flags);
}

/**
 * rec_instantiate() - make a file on the disk and in a negative dentry
 * @fs: the filesystem
 * @dir: the directory, locked
 * @dentry: the negative dentry
 * @mode: type and permissions
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EEXIST of a dentry that is not negative: a kernel
 * that asks for that shall fail a case and not die.
 */
int rec_instantiate(struct rec_fs *fs, struct inode *dir,
		    struct dentry *dentry, umode_t mode)
{
	struct rec_node *node;
	struct inode *inode;
	char *name;

	if (d_really_is_positive(dentry))
		return -EEXIST;
	name = kstrndup(dentry->d_name.name, dentry->d_name.len, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	node = rec_add(fs, rec_node_of(dir), name, mode);
	kfree(name);
	node->uid = current_fsuid();
	node->gid = current_fsgid();
	inode = rec_iget(fs, node);
	if (!inode)
		return -ENOMEM;
	d_instantiate(dentry, inode);
	return 0;
}

static int rec_iop_create(OT_CREATE_ARGS)
{
	struct rec_call call = rec_snapshot(REC_CREATE, dentry);
	struct rec_fs *fs = rec_of(dir->i_sb);
	int err;

	call.mode = mode;
	call.excl = OT_CREATE_EXCL;
	rec_snapshot_dir(&call, dir);
	err = rec_call_answer(fs, &call, 0);
	if (err)
		return err;
	if (fs->create)
		fs->create(fs, dir, dentry);
	return rec_instantiate(fs, dir, dentry, mode);
}

/* As a network filesystem does: look up, create, and open a regular file. */
static int rec_atomic_open(struct rec_fs *fs, struct inode *dir,
			   struct dentry *dentry, struct file *file,
			   unsigned int flags, umode_t mode)
{
	struct dentry *res = NULL;
	int err;

	if (d_in_lookup(dentry)) {
		res = rec_lookup(fs, dir, dentry, 0);
		if (IS_ERR(res))
			return PTR_ERR(res);
		if (res)
			dentry = res;
	}
	if (d_is_negative(dentry) && (flags & O_CREAT)) {
		err = rec_instantiate(fs, dir, dentry, mode);
		if (err)
			goto out;
		file->f_mode |= FMODE_CREATED;
	}
	if (!d_is_reg(dentry))
		return finish_no_open(file, res);
	err = finish_open(file, dentry, NULL);
out:
	dput(res);
	return err;
}

static int rec_iop_atomic_open(struct inode *dir, struct dentry *dentry,
			       struct file *file, unsigned int flags,
			       umode_t mode)
{
	struct rec_call call = rec_snapshot(REC_ATOMIC_OPEN, dentry);
	struct rec_fs *fs = rec_of(dir->i_sb);
	int err;

	call.file = file;
	call.flags = flags;
	call.mode = mode;
	rec_snapshot_dir(&call, dir);
	err = rec_call_answer(fs, &call, 0);
	if (err)
		return err;
	if (fs->atomic_open)
		return fs->atomic_open(fs, dir, dentry, file, flags, mode);
	return rec_atomic_open(fs, dir, dentry, file, flags, mode);
}

/**
 * rec_tmpfile() - what ->tmpfile does by default
 * @fs: the filesystem
 * @dir: the directory
 * @file: the file to open
 * @mode: type and permissions
 *
 * Context: may sleep.
 * Return: 0, or why the file is not open.
 */
int rec_tmpfile(struct rec_fs *fs, struct inode *dir, struct file *file,
		umode_t mode)
{
	struct inode *inode = rec_new_inode(fs, mode, 0);

	if (!inode)
		return -ENOMEM;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

static int rec_iop_tmpfile(struct ot_idmap *idmap, struct inode *dir,
			   struct file *file, umode_t mode)
{
	struct rec_call call = { .op = REC_TMPFILE, .file = file, .mode = mode };
	struct rec_fs *fs = rec_of(dir->i_sb);
	int err;

	err = rec_call_answer(fs, &call, 0);
	if (err)
		return finish_open_simple(file, err);
	if (fs->tmpfile)
		return fs->tmpfile(fs, dir, file, mode);
	return rec_tmpfile(fs, dir, file, mode);
}

static int rec_iop_permission(struct ot_idmap *idmap, struct inode *inode,
			      int mask)
{
	struct rec_call call = { .op = REC_PERMISSION, .flags = mask };
	struct rec_fs *fs = rec_of(inode->i_sb);
	int err;

	rec_name_inode(&call, inode);
	if (fs->permission)
		fs->permission(fs, inode, mask);
	err = rec_call_answer(fs, &call, 0);
	return err ? err : generic_permission(idmap, inode, mask);
}

static const char *rec_iop_get_link(struct dentry *dentry, struct inode *inode,
				    struct delayed_call *done)
{
	struct rec_call call = rec_snapshot(REC_GET_LINK, dentry);
	struct rec_fs *fs = rec_of(inode->i_sb);
	int err;

	rec_name_inode(&call, inode);
	err = rec_call_answer(fs, &call, 0);
	if (err)
		return ERR_PTR(err);
	if (fs->put_link)
		set_delayed_call(done, fs->put_link, fs);
	if (fs->get_link)
		return fs->get_link(fs, dentry, inode);
	return rec_node_of(inode)->target;
}

static int rec_iop_setattr(struct ot_idmap *idmap, struct dentry *dentry,
			   struct iattr *attr)
{
	struct rec_call call = rec_snapshot(REC_SETATTR, dentry);
	int err;

	call.flags = attr->ia_valid;
	if (attr->ia_valid & ATTR_FILE)
		call.file = attr->ia_file;
	err = rec_call_answer(rec_of(dentry->d_sb), &call, 0);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE)
		i_size_write(d_inode(dentry), attr->ia_size);
	setattr_copy(idmap, d_inode(dentry), attr);
	return 0;
}

static int rec_fop_open(struct inode *inode, struct file *file)
{
	struct rec_call call = { .op = REC_OPEN, .file = file };
	struct rec_fs *fs = rec_of(inode->i_sb);
	int err;

	rec_name_inode(&call, inode);
	err = rec_call_answer(fs, &call, 0);
	if (err) {
		/* A file whose ->open failed gets no ->release. */
		spin_lock_irq(&fs->lock);
		fs->count[REC_OPEN]--;
		spin_unlock_irq(&fs->lock);
		return err;
	}
	if (fs->direct_io)
		file->f_mode |= FMODE_CAN_ODIRECT;
	return 0;
}

static int rec_fop_release(struct inode *inode, struct file *file)
{
	struct rec_call call = { .op = REC_RELEASE, .file = file };

	rec_name_inode(&call, inode);
	rec_call_answer(rec_of(inode->i_sb), &call, 0);
	return 0;
}

static ssize_t rec_fop_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	return 0;
}

static ssize_t rec_fop_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	return len;
}

static const struct file_operations rec_fops = {
	.open		= rec_fop_open,
	.release	= rec_fop_release,
	.read		= rec_fop_read,
	.write		= rec_fop_write,
	.llseek		= generic_file_llseek,
	.setlease	= generic_setlease,
};

static void rec_evict_inode(struct inode *inode)
{
	struct rec_fs *fs = rec_of(inode->i_sb);
	struct rec_call call = { .op = REC_EVICT };

	rec_name_inode(&call, inode);
	if (atomic_read(&inode->i_writecount))
		fs->unbalanced = true;
#if IS_ENABLED(CONFIG_FILE_LOCKING) || IS_ENABLED(CONFIG_IMA)
	if (atomic_read(&inode->i_readcount))
		fs->unbalanced = true;
#endif
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (rec_node_of(inode) && rec_node_of(inode)->inode == inode)
		rec_node_of(inode)->inode = NULL;
	rec_call_answer(fs, &call, 0);
}

static const struct super_operations rec_sops = {
	.evict_inode	= rec_evict_inode,
	.statfs		= simple_statfs,
};

static int rec_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct rec_fs *fs = sb->s_fs_info;
	struct inode *inode;

	fs->sb = sb;
	sb->s_magic = RECFS_MAGIC;
	sb->s_op = &rec_sops;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_time_gran = 1;
	ot_set_default_d_op(sb, &fs->d_ops);
	inode = rec_iget(fs, fs->root);
	if (!inode)
		return -ENOMEM;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int rec_parse_monolithic(struct fs_context *fc, void *data)
{
	fc->s_fs_info = data;
	return 0;
}

static int rec_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, rec_fill_super);
}

static const struct fs_context_operations rec_context_ops = {
	.parse_monolithic	= rec_parse_monolithic,
	.get_tree		= rec_get_tree,
};

static int rec_init_fs_context(struct fs_context *fc)
{
	fc->ops = &rec_context_ops;
	return 0;
}

static void rec_kill_sb(struct super_block *sb)
{
	struct rec_fs *fs = rec_of(sb);

	kill_anon_super(sb);
	fs->killed = true;
}

static struct file_system_type rec_type = {
	.name			= "open_trace_rec",
	.init_fs_context	= rec_init_fs_context,
	.kill_sb		= rec_kill_sb,
};

static void rec_set_ops(struct rec_fs *fs)
{
	fs->d_ops.d_init = rec_d_init;
	fs->d_ops.d_release = rec_d_release;
	if (fs->has & REC_HAS_HASH)
		fs->d_ops.d_hash = rec_d_hash;
	if (fs->has & REC_HAS_COMPARE)
		fs->d_ops.d_compare = rec_d_compare;
	if (fs->has & REC_HAS_REVALIDATE)
		fs->d_ops.d_revalidate = rec_d_revalidate;
	if (fs->has & REC_HAS_WEAK_REVALIDATE)
		fs->d_ops.d_weak_revalidate = rec_d_weak_revalidate;
	fs->d_ops.d_automount = rec_d_automount;
	fs->d_ops.d_manage = rec_d_manage;

	fs->file_iops.setattr = rec_iop_setattr;
	fs->link_iops.get_link = rec_iop_get_link;
	fs->dir_iops.lookup = rec_iop_lookup;
	if (!(fs->has & REC_NO_CREATE))
		fs->dir_iops.create = rec_iop_create;
	if (fs->has & REC_HAS_ATOMIC_OPEN)
		fs->dir_iops.atomic_open = rec_iop_atomic_open;
	if (fs->has & REC_HAS_TMPFILE)
		fs->dir_iops.tmpfile = rec_iop_tmpfile;
	if (fs->has & REC_HAS_PERMISSION) {
		fs->dir_iops.permission = rec_iop_permission;
		fs->file_iops.permission = rec_iop_permission;
	}
}

static void rec_free(struct rec_fs *fs)
{
	struct rec_node *node, *next;

	list_for_each_entry_safe(node, next, &fs->nodes, list)
		rec_remove(node);
	kfree(fs);
}

/**
 * rec_mount() - mount a recording filesystem for a test
 * @test: the test; its priv is the list of its mounts
 * @has: REC_HAS_* and REC_NO_*: the hooks that this mount has
 *
 * The root directory is empty, 0755 and root's. The mount is taken down, and
 * what it made is checked to be gone, by rec_unmount_all().
 *
 * Context: may sleep.
 * Return: the filesystem; the test is ended when there is none.
 */
struct rec_fs *rec_mount(struct kunit *test, unsigned long has)
{
	struct list_head *mounts = test->priv;
	struct rec_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
	struct path path;

	KUNIT_ASSERT_NOT_NULL(test, fs);
	spin_lock_init(&fs->lock);
	INIT_LIST_HEAD(&fs->nodes);
	fs->test = test;
	fs->has = has;
	rec_set_ops(fs);
	fs->root = rec_add(fs, NULL, "/", S_IFDIR | 0755);
	fs->mnt = vfs_kern_mount(&rec_type, SB_KERNMOUNT, rec_type.name, fs);
	if (IS_ERR(fs->mnt)) {
		KUNIT_FAIL(test, "mount: %ld", PTR_ERR(fs->mnt));
		rec_free(fs);
		KUNIT_ASSERT_TRUE(test, false);
	}
	/* As kern_mount() does; it takes no data. */
	real_mount(fs->mnt)->mnt_ns = MNT_NS_INTERNAL;
	list_add(&fs->list, mounts);

	fs->task_fs = copy_fs_struct(current->fs);
	KUNIT_ASSERT_NOT_NULL(test, fs->task_fs);
	path = (struct path){ .mnt = fs->mnt, .dentry = fs->mnt->mnt_root };
	set_fs_root(fs->task_fs, &path);
	set_fs_pwd(fs->task_fs, &path);
	fs->task_fs->umask = 0022;
	rec_forget(fs);
	return fs;
}

/**
 * rec_writers() - who has write access to the mount now
 * @fs: the filesystem
 *
 * Return: mnt_want_write() less mnt_drop_write().
 */
int rec_writers(struct rec_fs *fs)
{
	struct mount *m = real_mount(fs->mnt);
#ifdef CONFIG_SMP
	int cpu, n = 0;

	for_each_possible_cpu(cpu)
		n += per_cpu_ptr(m->mnt_pcp, cpu)->mnt_writers;
	return n;
#else
	return m->mnt_writers;
#endif
}

static void rec_unmount(struct kunit *test, struct rec_fs *fs)
{
	if (fs->task_fs)
		free_fs_struct(fs->task_fs);
	ot_flush_delayed_fput();
	KUNIT_EXPECT_EQ_MSG(test, rec_writers(fs), 0,
			    "write access to the mount was not given back");
	kern_unmount(fs->mnt);
	KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_OPEN], fs->count[REC_RELEASE],
			    "a file is still open");
	KUNIT_EXPECT_EQ_MSG(test, fs->count[REC_D_INIT],
			    fs->count[REC_D_RELEASE], "a dentry is left");
	KUNIT_EXPECT_EQ_MSG(test, fs->inodes, fs->count[REC_EVICT],
			    "an inode is left");
	KUNIT_EXPECT_FALSE_MSG(test, fs->unbalanced,
			       "an inode's readers or writers are left");
	KUNIT_EXPECT_TRUE_MSG(test, fs->killed, "the superblock is left");
	/* What is left still uses it. */
	if (fs->killed)
		rec_free(fs);
}

/**
 * rec_unmount_all() - take down a test's mounts; fail it when it left anything
 * @test: the test
 *
 * Context: may sleep; no hook may be running.
 */
void rec_unmount_all(struct kunit *test)
{
	struct list_head *mounts = test->priv;
	struct rec_fs *fs, *next;

	list_for_each_entry_safe(fs, next, mounts, list) {
		list_del(&fs->list);
		rec_unmount(test, fs);
	}
}

/**
 * rec_abandon() - leave a mount to a thread that did not come back from it
 * @fs: the filesystem; neither unmounted nor freed
 */
void rec_abandon(struct rec_fs *fs)
{
	list_del(&fs->list);
}

/**
 * rec_add() - put a file on the disk
 * @fs: the filesystem
 * @dir: the directory, NULL for the root
 * @name: the name, copied
 * @mode: type and permissions
 *
 * Context: may sleep. Not against a concurrent ->lookup of the filesystem.
 * Return: the node; the test is ended without memory.
 */
struct rec_node *rec_add(struct rec_fs *fs, struct rec_node *dir,
			 const char *name, umode_t mode)
{
	struct rec_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(fs->test, node);
	node->name = kstrdup(name, GFP_KERNEL);
	node->fs = fs;
	node->dir = dir ? dir : fs->root;
	node->mode = mode;
	list_add_tail(&node->list, &fs->nodes);
	return node;
}

/**
 * rec_symlink() - put a symlink on the disk
 * @fs: the filesystem
 * @dir: the directory, NULL for the root
 * @name: the name, copied
 * @target: where it leads; not copied
 *
 * Context: may sleep.
 * Return: the node.
 */
struct rec_node *rec_symlink(struct rec_fs *fs, struct rec_node *dir,
			     const char *name, const char *target)
{
	struct rec_node *node = rec_add(fs, dir, name, S_IFLNK | 0777);

	node->target = target;
	return node;
}

/**
 * rec_remove() - take a file from the disk
 * @node: the node; freed
 *
 * What the dcache knows of it stays.
 */
void rec_remove(struct rec_node *node)
{
	if (node->inode)
		node->inode->i_private = NULL;
	list_del(&node->list);
	kfree(node->name);
	kfree(node);
}

/**
 * rec_hash() - put a name that is missing into the dcache
 * @fs: the filesystem
 * @dir: the directory
 * @name: the name, copied
 * @hash: where it is hashed, whatever the name's own hash is
 *
 * The newest of a chain is the first that is scanned.
 *
 * Context: may sleep.
 * Return: the negative dentry, without a reference; the test is ended without
 * memory.
 */
struct dentry *rec_hash(struct rec_fs *fs, struct dentry *dir,
			const char *name, u32 hash)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));
	struct dentry *dentry;

	qstr.hash = hash;
	dentry = d_alloc(dir, &qstr);
	KUNIT_ASSERT_NOT_NULL(fs->test, dentry);
	d_add(dentry, NULL);
	dput(dentry);
	return dentry;
}

/**
 * rec_get_cached() - what the dcache has under a name
 * @dir: the directory
 * @name: the name
 *
 * Return: the dentry with a reference for the caller, or NULL.
 */
struct dentry *rec_get_cached(struct dentry *dir, const char *name)
{
	struct qstr qstr = QSTR_INIT(name, strlen(name));

	qstr.hash = full_name_hash(dir, name, qstr.len);
	return d_lookup(dir, &qstr);
}

/**
 * rec_rename_meanwhile() - what a rename elsewhere does to who scans a chain
 *
 * From rec_fs.d_compare, where a candidate's d_lock may be held. A rename takes
 * them the other way round, but none of this mount goes on: lockdep is not told.
 */
void rec_rename_meanwhile(void)
{
	lockdep_off();
	write_seqlock(&rename_lock);
	write_sequnlock(&rename_lock);
	lockdep_on();
}

/**
 * rec_answer() - script the answer to a coming call of a hook
 * @fs: the filesystem
 * @op: the hook
 * @value: what it returns: an error, or 0 to do its work; of ->d_revalidate
 *	   and ->d_compare their own values
 *
 * Answers are used up in their order; after the last the hook does its work.
 */
void rec_answer(struct rec_fs *fs, enum rec_op op, int value)
{
	if (fs->next_answer[op] == fs->nr_answers[op]) {
		fs->next_answer[op] = 0;
		fs->nr_answers[op] = 0;
	}
	KUNIT_ASSERT_LT(fs->test, fs->nr_answers[op],
			(unsigned int)REC_ANSWERS_MAX);
	fs->answer[op][fs->nr_answers[op]++] = value;
}

static const struct rec_flag {
	unsigned int flag;
	const char *name;
} lookup_flags[] = {
	{ LOOKUP_CREATE, " creat" },
	{ LOOKUP_EXCL, " excl" },
	{ LOOKUP_DIRECTORY, " dir" },
	{ LOOKUP_REVAL, " reval" },
	{ LOOKUP_RCU, " rcu" },
	{ }
}, mask_flags[] = {
	{ MAY_READ, " read" },
	{ MAY_WRITE, " write" },
	{ MAY_EXEC, " exec" },
	{ MAY_APPEND, " append" },
	{ MAY_NOT_BLOCK, " rcu" },
	{ }
};

static int rec_print_flags(char *buf, size_t size, unsigned int flags,
			   const struct rec_flag *names)
{
	int n = 0;

	for (; names->name; names++)
		if (flags & names->flag)
			n += scnprintf(buf + n, size - n, "%s", names->name);
	return n;
}

/**
 * rec_log() - the calls so far as text
 * @fs: the filesystem
 *
 * Return: the calls in order, as in "d_init(a) lookup(a creat) create(a 100644)",
 * for the life of the test. Of ->lookup, ->d_revalidate, ->d_weak_revalidate and
 * ->d_manage LOOKUP_CREATE, EXCL, DIRECTORY, REVAL and RCU are told; of ->permission the
 * mask; of ->create, ->atomic_open and ->tmpfile the mode.
 */
const char *rec_log(struct rec_fs *fs)
{
	char *log = kunit_kzalloc(fs->test, REC_LOG_MAX, GFP_KERNEL);
	unsigned int i, n = 0;

	KUNIT_ASSERT_NOT_NULL(fs->test, log);
	KUNIT_ASSERT_LE_MSG(fs->test, fs->nr_calls, (unsigned int)REC_CALLS_MAX,
			    "calls were lost");
	for (i = 0; i < fs->nr_calls; i++) {
		const struct rec_call *call = &fs->calls[i];

		n += scnprintf(log + n, REC_LOG_MAX - n, "%s%s(%s", i ? " " : "",
			       op_names[call->op], call->name);
		switch (call->op) {
		case REC_LOOKUP:
		case REC_D_REVALIDATE:
		case REC_D_WEAK_REVALIDATE:
		case REC_D_MANAGE:
			n += rec_print_flags(log + n, REC_LOG_MAX - n,
					     call->flags, lookup_flags);
			break;
		case REC_PERMISSION:
			n += rec_print_flags(log + n, REC_LOG_MAX - n,
					     call->flags, mask_flags);
			break;
		case REC_CREATE:
		case REC_ATOMIC_OPEN:
			n += scnprintf(log + n, REC_LOG_MAX - n, " %o",
				       call->mode);
			break;
		case REC_TMPFILE:
			n += scnprintf(log + n, REC_LOG_MAX - n, "%o",
				       call->mode);
			break;
		default:
			break;
		}
		n += scnprintf(log + n, REC_LOG_MAX - n, ")");
	}
	return log;
}

/**
 * rec_forget() - begin the log anew; the counts go on
 * @fs: the filesystem
 */
void rec_forget(struct rec_fs *fs)
{
	fs->nr_calls = 0;
}

/**
 * rec_call() - one call in the log
 * @fs: the filesystem
 * @op: the hook
 * @nth: which of its calls, from 0
 *
 * Return: the call; the test is ended when there was none.
 */
const struct rec_call *rec_call(struct rec_fs *fs, enum rec_op op, int nth)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, fs->nr_calls, REC_CALLS_MAX); i++)
		if (fs->calls[i].op == op && !nth--)
			return &fs->calls[i];
	KUNIT_FAIL(fs->test, "%s was not called so often", op_names[op]);
	KUNIT_ASSERT_TRUE(fs->test, false);
	return NULL;
}
