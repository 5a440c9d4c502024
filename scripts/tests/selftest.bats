#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# The runners of the userspace programs, with programs that end as no program should.

load helpers
bats_require_minimum_version 1.5.0

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# program NAME BODY: a program of kselftest's kind
program()
{
	printf '%s\n' '#include <signal.h>' '#include <stdio.h>' '#include <unistd.h>' \
		'int main(void) { setbuf(stdout, NULL); puts("TAP version 13");' "$2" '}' \
		>"repo/tools/testing/open_trace/$1_test.c"
}

# bad_programs: a repo whose programs pass, skip, fail, crash, hang and test nothing
bad_programs()
{
	mkdir repo
	cp -r "$REPO"/{Kconfig.patch,lib,scripts,tools} repo
	rm repo/tools/testing/open_trace/*_test.c
	echo timeout=2 >repo/tools/testing/open_trace/settings
	program pass 'puts("1..2\nok 1 a\nok 2 b # SKIP why"); return 0;'
	program fail 'puts("1..2\nok 1 a\nnot ok 2 b"); return 1;'
	program crash 'puts("1..2\nok 1 a"); raise(SIGSEGV); return 0;'
	program hang 'puts("1..1\nok 1 a"); fork(); for (;;) pause();'
	program empty 'return 0;'
}

# What these come to, with user_trigger, which passes, and where it is, the raw one
counted()
{
	local triggers=1

	! [[ $(uname -m) =~ ^(x86_64|aarch64)$ ]] || triggers=2
	[[ $1 == "$((4 + triggers)) passed, 4 failed, 1 skipped"* ]]
}

@test "selftest counts programs that fail, crash, hang and test nothing" {
	a_tree_of 6.12
	bad_programs
	from=$("$REPO/scripts/linux" 6.12)
	mkdir tree/scripts
	cp "$from"/scripts/*.include tree/scripts
	cp -r "$from/tools/scripts" tree/tools
	(cd "$from/tools/testing/selftests" && cp -r ./*.* Makefile kselftest \
		"$BATS_TEST_TMPDIR/tree/tools/testing/selftests")
	run repo/scripts/selftest LINUX="$PWD/tree"
	[ "$status" -eq 1 ]
	line=$(grep '^as .*, in all$' <<<"$output" | head -n 1)
	counted "${line#*: }"
}

@test "a guest's init counts programs that fail, crash, hang and test nothing" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, for a process namespace with a root of its own"
	bad_programs
	mkdir -p root/{dev,proc,sys,tmp,open_trace}
	for file in repo/tools/testing/open_trace/*_test.c "$REPO"/tools/testing/open_trace/user_trigger.[cS]; do
		gcc -static -o "root/open_trace/$(basename "$file" .c)" "$file"
	done
	gcc -static -DTIME_LIMIT=1 -o root/init "$REPO/scripts/guest/init.c"
	unshare --pid --fork --mount chroot root /init >log 2>&1 </dev/null || true
	run bash -c '. "$0/scripts/common.sh"; . "$0/scripts/tally.sh"
		tally_kselftest log 0 6; total' "$REPO"
	[ "$output" = "5 passed, 4 failed, 1 skipped" ]
	grep -q '^not ok [0-9] selftests: open_trace: hang_test # TIMEOUT$' log
	grep -q '^not ok [0-9] selftests: open_trace: crash_test # signal=11$' log
}
