# SPDX-License-Identifier: GPL-2.0
# Each target is the script of its name; scripts/NAME -h tells what it does.

export LINUX ARCH FILTER CASE OUT

.PHONY: help run selftest report test lint bench clean
help run selftest test lint bench clean:
	@scripts/$@

# its folder has its name
report:
	@scripts/report/report
