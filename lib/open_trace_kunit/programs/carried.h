/* SPDX-License-Identifier: GPL-2.0 */
/* The programs as data, where carried.S puts them. */
#ifndef _OPEN_TRACE_CARRIED_H
#define _OPEN_TRACE_CARRIED_H

#define OT_PROGRAM(name) extern const char open_trace_##name[], open_trace_##name##_end[];
OT_PROGRAM(ends)
#include "list.h"
#undef OT_PROGRAM

#endif
