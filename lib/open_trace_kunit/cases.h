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

/* walk.c: the way to the last component */
OT_CASE(walk_trailing_slash_means_directory)
OT_CASE(walk_o_directory_wants_directory)
OT_CASE(walk_o_nofollow_is_for_the_last)
OT_CASE(walk_o_path_nofollow_opens_symlink)
OT_CASE(walk_follows_symlinks)
OT_CASE(walk_follows_nested_symlinks)
OT_CASE(walk_symlink_to_itself_is_eloop)
OT_CASE(walk_passes_40_symlinks)
OT_CASE(walk_redone_counts_symlinks_on)
OT_CASE(walk_get_link_error_is_returned)
OT_CASE(walk_get_link_may_ask_for_refwalk)
OT_CASE(walk_symlink_with_atime_due_leaves_rcu)
OT_CASE(walk_dots_are_not_looked_up)
OT_CASE(walk_empty_path_opens_start)
OT_CASE(walk_has_no_name_max)
OT_CASE(walk_path_max_counts_the_nul)
OT_CASE(walk_component_must_be_directory)
OT_CASE(walk_cached_component_must_be_directory)
OT_CASE(walk_needs_search_permission)
OT_CASE(walk_asks_permission_then_name)
OT_CASE(walk_permission_may_ask_for_refwalk)
OT_CASE(walk_permission_error_is_returned)
OT_CASE(walk_revalidates_each_component)
OT_CASE(walk_stale_component_is_replaced)
OT_CASE(walk_component_error_is_returned)
OT_CASE(walk_end_without_lookup_is_revalidated)
OT_CASE(walk_triggers_automount)
OT_CASE(walk_automount_error_is_returned)
OT_CASE(walk_automount_is_tried_again)
OT_CASE(walk_nosymfollow_mount_is_eloop)
OT_CASE(walk_resolve_no_symlinks)
OT_CASE(walk_resolve_beneath)
OT_CASE(walk_resolve_in_root)
OT_CASE(walk_resolve_no_xdev_stays_on_mount)
OT_CASE(walk_resolve_no_xdev_wants_known_root)
OT_CASE(walk_resolve_magic_link)
OT_CASE(walk_resolve_no_magiclinks_follows_names)
OT_CASE(walk_resolve_cached_asks_nobody)
OT_CASE(walk_resolve_cached_opens_cached)
OT_CASE(walk_resolve_cached_never_blocks)

/* create.c: lookup_open() with O_CREAT */

/* atomic.c: a filesystem with ->atomic_open */
OT_CASE(atomic_open_of_a_file_is_one_call)
OT_CASE(atomic_open_gets_a_dentry_in_lookup)
OT_CASE(atomic_open_gets_the_mount_in_the_file)
OT_CASE(atomic_open_of_a_cached_negative_dentry)
OT_CASE(atomic_open_is_not_asked_for_a_cached_file)
OT_CASE(atomic_open_after_a_failed_revalidation)
OT_CASE(atomic_open_creates)
OT_CASE(atomic_open_of_a_new_file_is_not_denied)
OT_CASE(atomic_open_may_create_without_opening)
OT_CASE(atomic_open_gets_the_mode)
OT_CASE(atomic_open_denied_creation_unlocks_the_directory)
OT_CASE(atomic_open_gets_the_flags)
OT_CASE(atomic_open_on_a_read_only_mount)
OT_CASE(atomic_open_on_a_read_only_filesystem)
OT_CASE(atomic_open_in_a_directory_of_others)
OT_CASE(atomic_open_error_wins_over_the_denied_creation)
OT_CASE(atomic_open_errors_are_passed_on)
OT_CASE(atomic_open_error_keeps_a_cached_dentry)
OT_CASE(atomic_open_stale_walks_are_retried)
OT_CASE(atomic_open_stale_open_is_retried)
OT_CASE(atomic_open_ends_the_lookup)
OT_CASE(atomic_open_that_fails_after_opening_closes)
OT_CASE(atomic_open_without_direct_io_closes)
OT_CASE(atomic_open_passes_on_the_error_of_open)
OT_CASE(atomic_open_may_open_its_own_way)
OT_CASE(atomic_no_open_leaves_the_open_to_the_vfs)
OT_CASE(atomic_no_open_of_another_dentry)
OT_CASE(atomic_no_open_of_a_moved_directory)
OT_CASE(atomic_no_open_of_a_negative_dentry)
OT_CASE(atomic_no_open_of_an_error)
OT_CASE(atomic_no_open_goes_on_as_after_lookup)
OT_CASE(atomic_open_of_another_dentry)
OT_CASE(atomic_open_without_an_answer_is_an_error)
OT_CASE(atomic_open_is_checked_afterwards)
OT_CASE(atomic_no_open_is_checked_before)
OT_CASE(atomic_open_that_is_refused_closes)
OT_CASE(atomic_open_that_is_not_truncated_closes)
OT_CASE(atomic_open_is_told_to_want_a_directory)
OT_CASE(atomic_open_does_not_create_with_a_slash)
OT_CASE(atomic_open_is_only_for_the_file_itself)
OT_CASE(atomic_open_is_not_asked_for_what_must_be_cached)
OT_CASE(atomic_open_has_write_access)
OT_CASE(atomic_open_of_a_regular_file_only)
OT_CASE(atomic_vfs_lookup_open)
OT_CASE(atomic_dentry_create)
OT_CASE(atomic_dentry_create_error_keeps_the_dentry)
OT_CASE(atomic_dentry_create_needs_permission)
OT_CASE(atomic_dentry_open_only_opens)

/* filp.c: do_open(), may_open() and the struct file */

/* dcache.c: dentries from __d_alloc() to d_lookup() */

/* chain.c: what a hash chain costs */

/* parallel.c: who meets whom in d_alloc_parallel() */

/* fd.c: the descriptor */

#undef OT_CASE_SLOW
#undef OT_CASE
