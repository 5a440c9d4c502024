/* SPDX-License-Identifier: GPL-2.0 */
/* What became of the flags that the user passed. */
#ifndef _REPORT_FLAGS_H
#define _REPORT_FLAGS_H

#include <stdio.h>

#include "text.h"

void write_flags(FILE *out, const struct run *run);

#endif
