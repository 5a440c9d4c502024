// SPDX-License-Identifier: GPL-2.0
/* Who meets whom in d_alloc_parallel(). */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
