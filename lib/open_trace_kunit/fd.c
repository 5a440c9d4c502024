// SPDX-License-Identifier: GPL-2.0
/* The descriptor. */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
