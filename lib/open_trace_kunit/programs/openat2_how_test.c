// SPDX-License-Identifier: GPL-2.0
#include "../../../tools/testing/selftests/open_trace/openat2_how_test.c"
