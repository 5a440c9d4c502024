// SPDX-License-Identifier: GPL-2.0
#include "../../../tools/testing/selftests/open_trace/open_trace.c"
