// SPDX-License-Identifier: GPL-2.0
/* do_open(), may_open() and the struct file. */
#include <kunit/test.h>

#include "actor.h"
#include "cases.h"
#include "compat.h"
#include "recfs.h"
