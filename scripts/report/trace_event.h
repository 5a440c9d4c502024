/* SPDX-License-Identifier: GPL-2.0 */
/* A run as Trace Event JSON, which Perfetto and chrome://tracing open. */
#ifndef _REPORT_TRACE_EVENT_H
#define _REPORT_TRACE_EVENT_H

#include <stdio.h>

#include "text.h"

void write_trace_events(FILE *out, const struct run *run);

#endif
