/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of __d_lookup(), and what a chain costs. */
#ifndef _REPORT_WORKSHEET_H
#define _REPORT_WORKSHEET_H

#include <stdio.h>

#include "text.h"

void write_worksheet(FILE *out, const struct run *run);
void write_chain_curve(FILE *out, const struct run *run);

#endif
