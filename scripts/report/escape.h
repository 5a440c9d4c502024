/* SPDX-License-Identifier: GPL-2.0 */
/* Text of any bytes, as HTML and JSON want it. */
#ifndef _REPORT_ESCAPE_H
#define _REPORT_ESCAPE_H

#include <stdio.h>

void put_html(FILE *out, const char *text);
void put_json(FILE *out, const char *text);
void put_json_part(FILE *out, const char *text);

#endif
