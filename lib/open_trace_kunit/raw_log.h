/* SPDX-License-Identifier: GPL-2.0 */
/* Lines for scripts/report, numbered and summed: see Documentation/raw-log.md. */
#ifndef _OPEN_TRACE_RAW_LOG_H
#define _OPEN_TRACE_RAW_LOG_H

#include <linux/compiler_attributes.h>

struct raw_log;

struct raw_log *raw_log_open(const char *kind);
void raw_log_begin(struct raw_log *log);
__printf(2, 3) void raw_log_put(struct raw_log *log, const char *format, ...);
void raw_log_put_quoted(struct raw_log *log, const char *text);
void raw_log_end(struct raw_log *log);
void raw_log_close(struct raw_log *log);

void raw_log_print(const char *line);

#endif
