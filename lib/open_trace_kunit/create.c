// SPDX-License-Identifier: GPL-2.0
/* lookup_open() with O_CREAT. */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
