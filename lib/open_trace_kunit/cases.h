/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The suite's table of contents: every case by name, one file a topic.
 * Whoever includes it gets the cases declared; the suite's own file defines
 * OT_CASE and OT_CASE_SLOW first and gets them listed.
 */
#ifndef OT_CASE
struct kunit;
#define OT_CASE(name)		void name(struct kunit *test);
#define OT_CASE_SLOW(name)	OT_CASE(name)
#endif

/* flags.c: build_open_how() and build_open_flags() */

/* lookup.c: lookup_open() without creation */
OT_CASE(lookup_miss_asks_once)
OT_CASE(lookup_negative_is_not_asked_again)
OT_CASE(lookup_dentry_begins_unhashed)
OT_CASE(lookup_sees_dentry_in_lookup)
OT_CASE(lookup_miss_leaves_hashed_negative)
OT_CASE(lookup_positive_is_not_asked_again)
OT_CASE(lookup_miss_gives_write_access_back)
OT_CASE(lookup_holds_write_access)
OT_CASE(lookup_miss_on_read_only_is_enoent)
OT_CASE(lookup_dead_directory_is_not_asked)
OT_CASE(lookup_dead_directory_is_not_walked)
OT_CASE(lookup_dead_directory_has_its_cache)
OT_CASE(lookup_revalidates_cached_positive)
OT_CASE(lookup_revalidates_cached_negative)
OT_CASE(lookup_revalidates_in_lookup_open)
OT_CASE(lookup_revalidated_miss_finds_new_file)
OT_CASE(lookup_stale_dentry_is_replaced)
OT_CASE(lookup_revalidate_error_keeps_dentry)
OT_CASE(lookup_intent_is_for_the_last_component)
OT_CASE(lookup_that_adds_returns_its_dentry)
OT_CASE(lookup_that_returns_alias_opens_alias)
OT_CASE(lookup_that_returns_alias_walks_alias)
OT_CASE(lookup_error_is_returned)
OT_CASE(lookup_error_tried_again_may_succeed)
OT_CASE(lookup_error_is_not_cached)
OT_CASE(lookup_without_dentry_is_enomem)
OT_CASE(lookup_unhashed_negative_is_asked_again)
OT_CASE(lookup_unhashed_positive_is_opened)
OT_CASE(lookup_result_is_file_or_errno)
OT_CASE(lookup_miss_asks_no_permission)
OT_CASE(lookup_miss_ends_the_walk)
OT_CASE(lookup_cached_miss_ends_the_walk)
OT_CASE(lookup_vfs_lookup_open_wants_a_file)
OT_CASE(lookup_vfs_lookup_open_revalidates)
OT_CASE(lookup_vfs_lookup_open_wants_a_name)

/* create.c: lookup_open() with O_CREAT */

/* atomic.c: a filesystem with ->atomic_open */

/* filp.c: do_open(), may_open() and the struct file */

/* dcache.c: dentries from __d_alloc() to d_lookup() */

/* chain.c: what a hash chain costs */

/* parallel.c: who meets whom in d_alloc_parallel() */

/* fd.c: the descriptor */

#undef OT_CASE_SLOW
#undef OT_CASE
