# SPDX-License-Identifier: GPL-2.0
# scripts/regressions: its patches, without building any. make regressions does that.

load helpers

BUGS=$REPO/scripts/regressions

header() { sed -n "/^--- /q;s/^$1: //p" "$2"; }

# log FILE: what a boot printed
log() { bash -c '. "$0/scripts/common.sh"; . "$0/scripts/ktap.sh"; . "$0/scripts/broken.sh"; failures "$1"' "$REPO" "$1"; }

@test "each regression says in which tree, which bug, and who catches it" {
	for patch in "$BUGS"/*.patch; do
		echo "$patch"
		[[ $(head -n 1 "$patch") == "Tree: "* ]]
		[[ $(header Bug "$patch") =~ ^.+" - "[0-9a-f]{12}, ]]
		[ -n "$(header 'Caught by' "$patch")" ]
	done
}

@test "what catches a regression is a case of the suite, or a test of a program" {
	sed -nE 's/^OT_CASE(_SLOW)?\((.*)\)$/\2/p' "$REPO/lib/open_trace_kunit/cases.h" >"$BATS_TEST_TMPDIR/cases"
	for patch in "$BUGS"/*.patch; do
		header 'Caught by' "$patch" | while read -r name test; do
			echo "$patch: $name $test"
			if [ -z "$test" ]; then
				grep -qx "$name" "$BATS_TEST_TMPDIR/cases"
			else
				program=${name#uapi_}
				grep -q "^TEST.*[(, ]${test#*.})" "$REPO/tools/testing/open_trace/${program%:}.c"
			fi
		done
	done
}

@test "each regression applies to its trees" {
	for patch in "$BUGS"/*.patch; do
		for version in $(header Tree "$patch"); do
			echo "$patch on $version"
			tree=$("$REPO/scripts/linux" "$version") || continue
			patch -s -d "$tree" -p1 -F0 --dry-run <"$patch"
		done
	done
}

@test "at least 12 bugs are put back" {
	[ "$(cat "$BUGS"/*.patch | sed -n 's/^Bug: //p' | sort -u | wc -l)" -ge 12 ]
}

@test "what failed in a boot is read from its log" {
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' '    ok 1 flags_name_the_access' '    not ok 2 flags_name_the_intent' \
		'        # Subtest: uapi_open_fd_test' '        ok 1 fd.a' '        not ok 2 fd.b' \
		'        ok 3 fd.c # SKIP why' '    not ok 3 uapi_open_fd_test' \
		'    ok 4 uapi_open_flags_test # SKIP why' 'not ok 1 open_trace' >whole
	run log whole
	[ "$output" = $'flags_name_the_intent\nuapi_open_fd_test: fd.b\nuapi_open_fd_test' ]
}

@test "a boot that ends too early names the case that it did not get over" {
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' '    ok 1 flags_name_the_access' 'Kernel panic' >early
	run log early
	[ "$output" = $'flags_name_the_intent\n(does not end)' ]
}

@test "regressions refuses what it does not know" {
	refuses "regressions -h" "$BUGS/regressions" --all
	refuses "no patch is called so" "$BUGS/regressions" nobody
}
