/* SPDX-License-Identifier: GPL-2.0 */
/* The userspace programs that the suite carries: tools/testing/selftests/open_trace */
OT_PROGRAM(open_errno_test)
OT_PROGRAM(open_fd_test)
OT_PROGRAM(open_flags_test)
OT_PROGRAM(open_negative_test)
OT_PROGRAM(open_race_test)
OT_PROGRAM(openat2_how_test)
OT_PROGRAM(user_trigger)
#if defined(CONFIG_X86_64) || defined(CONFIG_ARM64)
OT_PROGRAM(user_trigger_raw_openat)
#endif
