# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The log of a boot with the suite, read. To be sourced, after common.sh. A test has the name
# of its case; that of a program, which is a subtest, is "CASE: TEST".

# all_cases: every case of the suite, in the order in which they run, one a line
all_cases()
{
	local suite=$REPO/lib/open_trace_kunit

	sed -nE 's/^OT_CASE(_SLOW)?\((.*)\)$/\2/p' "$suite/cases.h"
	sed -nE 's/^OT_PROGRAM\((.*)\)$/uapi_\1/p' "$suite/programs/list.h"
}

# results LOG: "pass NAME", "fail NAME" or "skip NAME" of each test, one a line
results()
{
	awk '
	function result(name) {
		print (/ # SKIP/ ? "skip" : $1 == "not" ? "fail" : "pass"), name
	}
	/^        # Subtest: / { outer = $3 }
	/^        (not )?ok [0-9]+ / { result(outer ": " ($1 == "not" ? $4 : $3)) }
	/^    (not )?ok [0-9]+ / { result($1 == "not" ? $4 : $3) }' "$1"
}

# is_whole LOG: the suite came to its end
is_whole() { grep -qE '^(not )?ok 1 open_trace' "$1"; }

# said LOG NAME: what a test said before its result; of no NAME, what came after the last one
said()
{
	awk -v name="$2" '
	/^        # Subtest: / { outer = $3; text = ""; next }
	/^        (not )?ok [0-9]+ / { mine = outer ": " ($1 == "not" ? $4 : $3) == name }
	/^    (not )?ok [0-9]+ / { mine = ($1 == "not" ? $4 : $3) == name }
	/^ +(not )?ok [0-9]+ / { if (mine) exit; text = ""; next }
	{ text = text $0 "\n" }
	END { if (mine || name == "") printf "%s", text }' "$1"
}

# counts FILE: of results(); a case that is a program counts as its tests
counts()
{
	awk '
	{ name = $0; sub(/^[^ ]* /, "", name) }
	name ~ /: / { program[$2] = 1 }
	!(name ":" in program) { n[$1]++ }
	END { printf "%d passed, %d failed, %d skipped", n["pass"], n["fail"], n["skip"] }' "$1"
}
