/* SPDX-License-Identifier: GPL-2.0 */
/*
 * C13: the open of the trace reports' case 17 with no C library and no loader: every
 * system call of this process is one of those below.
 */
#include <asm/unistd.h>

#define AT_FDCWD	-100
#define O_RDONLY	0
#define ENOENT		2
#define STDOUT_FILENO	1

/* SYSCALL NR: the arguments are in ARG0 to ARG3, and so is the result in RET */
#if defined(__x86_64__)
#define RET	%rax
#define SYSCALL(nr)	mov $nr, %eax; syscall
#define SET(reg, n)	mov $n, reg
#define ADDRESS(reg, symbol)	lea symbol(%rip), reg
#define ARG0	%rdi
#define ARG1	%rsi
#define ARG2	%rdx
#define ARG3	%r10
#define KEPT	%rbx
#define UNLESS_RET_IS(n, label)	cmp $n, RET; jne label
#define GOTO(label)	jmp label
#define MOVE(to, from)	mov from, to
#elif defined(__aarch64__)
#define RET	x0
/* without the # of an immediate, which the preprocessor takes for its own */
#define SYSCALL(nr)	mov x8, nr; svc 0
#define SET(reg, n)	mov reg, n
#define ADDRESS(reg, symbol)	adr reg, symbol
#define ARG0	x0
#define ARG1	x1
#define ARG2	x2
#define ARG3	x3
#define KEPT	x19
#define UNLESS_RET_IS(n, label)	cmp RET, n; b.ne label
#define GOTO(label)	b label
#define MOVE(to, from)	mov to, from
#endif

	.text
	.globl _start
_start:
	SET(ARG0, AT_FDCWD)
	ADDRESS(ARG1, name)
	SET(ARG2, O_RDONLY)
	SET(ARG3, 0)
	SYSCALL(__NR_openat)
	UNLESS_RET_IS(-ENOENT, failed)

	ADDRESS(ARG1, passed_text)
	SET(ARG2, passed_end - passed_text)
	SET(KEPT, 0)
	GOTO(end)
failed:
	ADDRESS(ARG1, failed_text)
	SET(ARG2, failed_end - failed_text)
	SET(KEPT, 1)
end:
	SET(ARG0, STDOUT_FILENO)
	SYSCALL(__NR_write)
	MOVE(ARG0, KEPT)
	SYSCALL(__NR_exit)

	.section .rodata
name:
	.asciz "missing_case17_filp_raw.txt"
passed_text:
	.ascii "TAP version 13\n1..1\nok 1 open_of_missing_name_is_enoent\n"
passed_end:
failed_text:
	.ascii "TAP version 13\n1..1\nnot ok 1 open_of_missing_name_is_enoent\n"
failed_end:

	.section .note.GNU-stack, "", %progbits
