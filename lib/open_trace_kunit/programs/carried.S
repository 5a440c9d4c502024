/* SPDX-License-Identifier: GPL-2.0 */
/* The programs, as data: open_trace_NAME up to open_trace_NAME_end. */

#define OT_PROGRAM(name)						\
	.globl open_trace_##name, open_trace_##name##_end;		\
	.balign 16;							\
open_trace_##name:							\
	.incbin OT_PATH(name);						\
open_trace_##name##_end:

#define OT_PATH(name)		OT_STRING(lib/open_trace_kunit/programs/name)
#define OT_STRING(path)		#path

	.section .rodata, "a"
OT_PROGRAM(ends)
OT_PROGRAM(open_trace)
#include "list.h"

	.section .note.GNU-stack, "", %progbits
