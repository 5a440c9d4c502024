/* SPDX-License-Identifier: GPL-2.0 */
/* The entry points of open(2) and its kin, called as the entry code calls them. */
#ifndef _OPEN_TRACE_SYSCALLS_H
#define _OPEN_TRACE_SYSCALLS_H

#include <linux/compat.h>
#include <linux/ptrace.h>
#include <linux/syscalls.h>

#ifndef CONFIG_ARCH_HAS_SYSCALL_WRAPPER
#define OT_SYSCALLS
#elif defined(CONFIG_X86_64)
#define OT_SYSCALLS
#define OT_WRAPPER(name)	__x64_sys_##name
#define OT_REGS(a, b, c, d)	{ .di = a, .si = b, .dx = c, .r10 = d }
#elif defined(CONFIG_ARM64)
#define OT_SYSCALLS
#define OT_WRAPPER(name)	__arm64_sys_##name
#define OT_REGS(a, b, c, d)	{ .regs = { a, b, c, d } }
#elif defined(CONFIG_RISCV)
#define OT_SYSCALLS
#define OT_WRAPPER(name)	__riscv_sys_##name
#define OT_REGS(a, b, c, d)	{ .orig_a0 = a, .a1 = b, .a2 = c, .a3 = d }
#endif

#ifdef OT_WRAPPER
long OT_WRAPPER(open)(const struct pt_regs *regs);
long OT_WRAPPER(creat)(const struct pt_regs *regs);
long OT_WRAPPER(openat)(const struct pt_regs *regs);
long OT_WRAPPER(openat2)(const struct pt_regs *regs);

static inline long ot_sys_open(const char __user *name, int flags, umode_t mode)
{
	struct pt_regs regs = OT_REGS((unsigned long)name, flags, mode, 0);

	return OT_WRAPPER(open)(&regs);
}

static inline long ot_sys_creat(const char __user *name, umode_t mode)
{
	struct pt_regs regs = OT_REGS((unsigned long)name, mode, 0, 0);

	return OT_WRAPPER(creat)(&regs);
}

static inline long ot_sys_openat(int dfd, const char __user *name, int flags,
				 umode_t mode)
{
	struct pt_regs regs = OT_REGS(dfd, (unsigned long)name, flags, mode);

	return OT_WRAPPER(openat)(&regs);
}

static inline long ot_sys_openat2(int dfd, const char __user *name,
				  struct open_how __user *how, size_t size)
{
	struct pt_regs regs = OT_REGS(dfd, (unsigned long)name,
				      (unsigned long)how, size);

	return OT_WRAPPER(openat2)(&regs);
}
#elif defined(OT_SYSCALLS)
#define ot_sys_open	sys_open
#define ot_sys_creat	sys_creat
#define ot_sys_openat	sys_openat

/* 6.1's prototype does not say __user. */
static inline long ot_sys_openat2(int dfd, const char __user *name,
				  struct open_how __user *how, size_t size)
{
	asmlinkage long (*call)(int dfd, const char __user *name,
				struct open_how __user *how, size_t size);

	call = (typeof(call))sys_openat2;
	return call(dfd, name, how, size);
}
#endif

/* ... and of a 32-bit task on a 64-bit kernel. */
#ifdef CONFIG_COMPAT
#ifndef CONFIG_ARCH_HAS_SYSCALL_WRAPPER
#define ot_compat_openat	compat_sys_openat
#elif defined(CONFIG_X86_64) && defined(CONFIG_IA32_EMULATION)
long __ia32_compat_sys_openat(const struct pt_regs *regs);

static inline long ot_compat_openat(int dfd, const char __user *name, int flags,
				    umode_t mode)
{
	struct pt_regs regs = { .bx = dfd, .cx = (unsigned long)name,
				.dx = flags, .si = mode };

	return __ia32_compat_sys_openat(&regs);
}

#define ot_compat_openat	ot_compat_openat
#elif defined(CONFIG_ARM64)
long __arm64_compat_sys_openat(const struct pt_regs *regs);

static inline long ot_compat_openat(int dfd, const char __user *name, int flags,
				    umode_t mode)
{
	struct pt_regs regs = OT_REGS(dfd, (unsigned long)name, flags, mode);

	return __arm64_compat_sys_openat(&regs);
}

#define ot_compat_openat	ot_compat_openat
#endif
#endif

#endif
