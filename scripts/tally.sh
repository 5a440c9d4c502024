# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Counts test results. To be sourced after common.sh.

passed=0 failed=0 skipped=0

# tally PASSED FAILED SKIPPED: add to the totals
tally() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

# total: the last line of whoever counts
total() { echo "$passed passed, $failed failed, $skipped skipped"; }

# tally_tap FILE CODE: count the top level results of a TAP file, and its plan's missing
# ones as failed; a program that says by its exit code that it failed has failed.
tally_tap()
{
	local counts

	counts=$(awk -v code="$2" '
		/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0 }
		/^ok .*# [sS][kK][iI][pP]/ { skip++; next }
		/^ok / { pass++ }
		/^not ok / { fail++ }
		END {
			seen = pass + fail + skip
			if (plan > seen)
				fail += plan - seen
			if (code && !fail || !plan && !seen)
				fail++
			print pass + 0, fail + 0, skip + 0
		}' "$1")
	# shellcheck disable=SC2086 # three numbers
	tally $counts
}

# tally_kunit FILE CODE: the same for what kunit.py --json wrote
tally_kunit()
{
	local counts

	counts=$(jq -r --argjson code "$2" '
		[.. | objects | select(has("test_cases")) | .test_cases[].status] |
		(map(select(. == "PASS")) | length) as $pass |
		(map(select(. == "SKIP")) | length) as $skip |
		(length - $pass - $skip) as $fail |
		"\($pass) \(if $fail == 0 and ($code != 0 or length == 0) then 1 else $fail end) \($skip)"
		' "$1" 2>/dev/null) || counts="0 1 0"
	# shellcheck disable=SC2086 # three numbers
	tally $counts
}

# tally_kselftest FILE CODE PROGRAMS: the same for what kselftest's runner printed about
# that many programs: their results are its comments. A program that does not say how it
# ended, ends badly without a result that says so, or tests nothing, counts as one failure.
tally_kselftest()
{
	local counts

	counts=$(awk -v code="$2" -v programs="$3" '
		{ sub(/\r$/, "") }
		/^# 1\.\.[0-9]+/ { plan = substr($2, 4) + 0; next }
		/^# ok .*# SKIP/ { skip++; seen++; next }
		/^# ok / { pass++; seen++; next }
		/^# not ok / { fail++; seen++; bad++; next }
		/^(not )?ok [0-9]+ selftests: / {
			ended++
			if (plan > seen) {
				fail += plan - seen
				bad++
			}
			if (!seen && /# SKIP/)
				skip++
			else if (!bad && (/^not/ || !seen))
				fail++
			plan = seen = bad = 0
		}
		END {
			if (ended < programs)
				fail += programs - ended
			if (code && !fail || !ended)
				fail++
			print pass + 0, fail + 0, skip + 0
		}' "$1")
	# shellcheck disable=SC2086 # three numbers
	tally $counts
}
