# SPDX-License-Identifier: GPL-2.0
# Each target is the script of its name; scripts/NAME -h tells what it does.

export LINUX ARCH FILTER CASE OUT FUNC SAMPLE

.PHONY: help run watch selftest report coverage mutants regressions test lint bench clean
help run watch selftest test lint bench clean:
	@scripts/$@

# their folders have their names
report coverage mutants regressions:
	@scripts/$@/$@
