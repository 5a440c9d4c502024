// SPDX-License-Identifier: GPL-2.0
/* What the kernel gets that has mutants: at the end of fs/open.c. */

/* Which mutant lives, from when the suite begins */
int open_trace_mutant;
static int open_trace_mutant_asked;

static int __init ask_for_mutant(char *number)
{
	return kstrtoint(number, 0, &open_trace_mutant_asked) == 0;
}
__setup("open_trace_mutant=", ask_for_mutant);

static int __init let_mutant_live(void)
{
	open_trace_mutant = open_trace_mutant_asked;
	return 0;
}
late_initcall_sync(let_mutant_live);
