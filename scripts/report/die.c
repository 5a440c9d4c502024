// SPDX-License-Identifier: GPL-2.0
/* How the program ends when something is wrong; a fuzzer goes on instead. See util.h. */
#include <stdarg.h>
#include <stdlib.h>

#include "util.h"

/**
 * die() - end the program with one line of what was wrong
 * @format: of that line, as printf() takes it
 */
void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("report: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}
