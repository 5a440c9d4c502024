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
OT_CASE(lookup_miss)

/* create.c: lookup_open() with O_CREAT */

/* atomic.c: a filesystem with ->atomic_open */

/* filp.c: do_open(), may_open() and the struct file */

/* dcache.c: dentries from __d_alloc() to d_lookup() */

/* chain.c: what a hash chain costs */

/* parallel.c: who meets whom in d_alloc_parallel() */

/* fd.c: the descriptor */

#undef OT_CASE_SLOW
#undef OT_CASE
