// SPDX-License-Identifier: GPL-2.0
/* A filesystem with ->atomic_open. */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
