/* SPDX-License-Identifier: GPL-2.0 */
/* The page: every call of every kernel as a tree beside the source, in one file. */
#ifndef _REPORT_HTML_H
#define _REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "text.h"

void write_page(FILE *out, struct run *const *runs, size_t count);

#endif
