/* SPDX-License-Identifier: GPL-2.0 */
/* The programs as data, where carried.S puts them. */
#ifndef _OPEN_TRACE_CARRIED_H
#define _OPEN_TRACE_CARRIED_H

#define OT_PROGRAM(name) extern const char open_trace_##name[], open_trace_##name##_end[];
OT_PROGRAM(ends)
OT_PROGRAM(open_trace)
#include "list.h"
#undef OT_PROGRAM

/* One of them with its arguments, as process_run() takes it */
#ifdef CONFIG_OPEN_TRACE_KUNIT_PROGRAMS
#define CARRIED(prog, arguments)					\
	((struct program){						\
		.name = "/" #prog,					\
		.image = open_trace_##prog,				\
		.size = open_trace_##prog##_end - open_trace_##prog,	\
		.args = arguments,					\
	})
#else
#define CARRIED(prog, arguments)	((struct program){ .name = "/" #prog, .args = arguments })
#endif

#endif
