// SPDX-License-Identifier: GPL-2.0
/* Dentries from __d_alloc() to d_lookup(). */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
