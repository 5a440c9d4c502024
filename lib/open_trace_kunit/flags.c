// SPDX-License-Identifier: GPL-2.0
/* build_open_how() and build_open_flags(). */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
