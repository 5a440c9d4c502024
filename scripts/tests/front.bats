# SPDX-License-Identifier: GPL-2.0
# The other scripts: help, bad input, the counting of results, KVM's stand-in

load helpers
bats_require_minimum_version 1.5.0

# shellcheck disable=SC2016 # the inner shell's
tally()
{
	bash -c '. "$0/scripts/common.sh"; . "$0/scripts/tally.sh"; "tally_$1" "${@:2}"; total' \
		"$REPO" "$@"
}

@test "every script tells what it does" {
	for script in "$REPO"/scripts/*; do
		[ -x "$script" ] && [ -f "$script" ] || continue
		run "$script" -h
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "usage: "* ]]
		[ "${#lines[@]}" -gt 1 ]
	done
}

@test "make without a target is make help, and lists every script" {
	run make -s -C "$REPO"
	[ "$status" -eq 0 ]
	for script in "$REPO"/scripts/*; do
		[ -x "$script" ] && [ -f "$script" ] || continue
		[[ $output == *"  ${script##*/} "* ]]
	done
}

@test "every make target is a script" {
	read -ra targets < <(sed -n 's/^\.PHONY: //p' "$REPO/Makefile")
	[ "${#targets[@]}" -gt 0 ]
	for target in "${targets[@]}"; do
		[ -x "$REPO/scripts/$target" ]
	done
}

@test "linux refuses what is no release" {
	refuses "linux -h" "$REPO/scripts/linux"
	refuses "linux -h" "$REPO/scripts/linux" six
}

@test "linux names the releases there are when one is gone" {
	"$REPO/scripts/linux" 6.12
	run "$REPO/scripts/linux" 5.99
	[ "$status" -ne 0 ]
	[[ ${lines[-1]} == *"Debian has no linux-source-5.99 today; there are: "*6.12* ]]
}

@test "linux prints the path alone" {
	run --separate-stderr "$REPO/scripts/linux" 6.12
	[ "$status" -eq 0 ]
	[ "$output" = "$CACHE/linux/6.12" ]
	[ -f "$output/fs/namei.c" ]
}

@test "linux mends the trees that need it, and no others" {
	for version in $SUPPORTED; do
		tree=$("$REPO/scripts/linux" "$version")
		fixed=0
		patch -s -f -R -p1 -F0 --dry-run -d "$tree" <"$REPO/scripts/fixups/um-xstate.patch" \
			>/dev/null 2>&1 || fixed=$?
		case $version in
		6.*) [ "$fixed" -eq 0 ] ;;
		*) [ "$fixed" -ne 0 ] ;;
		esac
	done
}

@test "run refuses an unknown ARCH, argument, tree" {
	refuses "um, x86_64 or arm64" "$REPO/scripts/run" ARCH=vax
	refuses "run -h" "$REPO/scripts/run" quickly
	refuses "no tree at" "$REPO/scripts/run" LINUX=./nowhere
	refuses "space or a colon" env OPEN_TRACE_CACHE="$BATS_TEST_TMPDIR/a b" "$REPO/scripts/run"
}

@test "tools that are missing are named when they cannot be installed" {
	[ "$(id -u)" -ne 0 ] || id nobody >/dev/null
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in bash env dirname basename id cksum cut sed; do
		ln -s "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bin"
	done
	# id says that this is not root; there is no sudo
	rm "$BATS_TEST_TMPDIR/bin/id"
	printf '#!/bin/bash\necho 1000\n' >"$BATS_TEST_TMPDIR/bin/id"
	chmod +x "$BATS_TEST_TMPDIR/bin/id"
	refuses "apt-get install" env PATH="$BATS_TEST_TMPDIR/bin" "$REPO/scripts/run"
	[[ $output == *flex* ]]
	[[ $output == *bison* ]]
}

@test "TAP is counted by its lines" {
	printf '%s\n' 1..4 'ok 1 a' 'not ok 2 b' 'ok 3 c # skip why' 'ok 4 d' >tap
	run tally tap tap 1
	[ "$output" = "2 passed, 1 failed, 1 skipped" ]
}

@test "TAP that ends before its plan has failed" {
	printf '%s\n' 1..3 'ok 1 a' >tap
	run tally tap tap 0
	[ "$output" = "1 passed, 2 failed, 0 skipped" ]
}

@test "TAP of nothing has failed" {
	: >tap
	run tally tap tap 0
	[ "$output" = "0 passed, 1 failed, 0 skipped" ]
}

@test "a program that exits not 0 with all ok has failed" {
	printf '%s\n' 1..1 'ok 1 a' >tap
	run tally tap tap 3
	[ "$output" = "1 passed, 1 failed, 0 skipped" ]
}

@test "KUnit's results are counted by case" {
	cat >json <<-'EOF'
	{"name": "KUnit Test Group", "sub_groups": [{"name": "open_trace",
	 "test_cases": [{"name": "a", "status": "PASS"}, {"name": "b", "status": "SKIP"},
	  {"name": "c", "status": "FAIL"}, {"name": "d", "status": "ERROR"}], "sub_groups": []}],
	 "test_cases": []}
	EOF
	run tally kunit json 1
	[ "$output" = "1 passed, 2 failed, 1 skipped" ]
}

@test "KUnit that ran nothing, left nothing, or exited not 0 has failed" {
	echo '{"sub_groups": [], "test_cases": []}' >json
	run tally kunit json 0
	[ "$output" = "0 passed, 1 failed, 0 skipped" ]
	run tally kunit nothing 0
	[ "$output" = "0 passed, 1 failed, 0 skipped" ]
	echo '{"test_cases": [{"name": "a", "status": "PASS"}]}' >json
	run tally kunit json 1
	[ "$output" = "1 passed, 1 failed, 0 skipped" ]
}

@test "kselftest's results are those of the programs" {
	printf '%s\n' 'TAP version 13' '1..2' '# selftests: open_trace: a' '# TAP version 13' \
		'# 1..3' '# #  RUN  x ...' '# ok 1 x' '# not ok 2 y' '# ok 3 # SKIP why' \
		'not ok 1 selftests: open_trace: a # exit=1' '# selftests: open_trace: b' \
		'# 1..1' '# ok 1 z' 'ok 2 selftests: open_trace: b' >log
	run tally kselftest log 0 2
	[ "$output" = "2 passed, 1 failed, 1 skipped" ]
	sed -i 's/$/\r/' log	# a serial console
	run tally kselftest log 0 2
	[ "$output" = "2 passed, 1 failed, 1 skipped" ]
}

@test "kselftest's programs that die, hang, test nothing or never ran have failed" {
	printf '%s\n' '# 1..3' '# ok 1 x' 'not ok 1 selftests: open_trace: a # exit=139' >log
	run tally kselftest log 0 1
	[ "$output" = "1 passed, 2 failed, 0 skipped" ]
	printf '%s\n' '# 1..1' '# ok 1 x' 'not ok 1 selftests: open_trace: a # TIMEOUT' >log
	run tally kselftest log 0 1
	[ "$output" = "1 passed, 1 failed, 0 skipped" ]
	echo 'ok 1 selftests: open_trace: a' >log
	run tally kselftest log 0 1
	[ "$output" = "0 passed, 1 failed, 0 skipped" ]
	echo 'ok 1 selftests: open_trace: a # SKIP' >log
	run tally kselftest log 0 1
	[ "$output" = "0 passed, 0 failed, 1 skipped" ]
	printf '%s\n' '# 1..1' '# ok 1 x' 'ok 1 selftests: open_trace: a' >log
	run tally kselftest log 0 3
	[ "$output" = "1 passed, 2 failed, 0 skipped" ]
	run tally kselftest log 2 1
	[ "$output" = "1 passed, 1 failed, 0 skipped" ]
	: >log
	run tally kselftest log 0 0
	[ "$output" = "0 passed, 1 failed, 0 skipped" ]
}

@test "the QEMU stand-in drops -accel kvm and keeps the rest" {
	mkdir real stand
	printf '#!/bin/bash\nprintf "%%s\\n" "$@"\n' >real/qemu-system-x86_64
	chmod +x real/qemu-system-x86_64
	ln -s "$REPO/scripts/qemu_without_kvm" stand/qemu-system-x86_64
	PATH=$PWD/stand:$PWD/real:$PATH run qemu-system-x86_64 -m 1024 -accel kvm -accel hvf \
		-accel tcg -append 'console=ttyS0 a'
	[ "$output" = $'-m\n1024\n-accel\ntcg\n-append\nconsole=ttyS0 a' ]
}

@test "the README names tests that there are, and all cases in number" {
	cases=$(sed -nE 's/^OT_CASE(_SLOW)?\((.*)\)$/\2/p' "$REPO/lib/open_trace_kunit/cases.h"
		sed -nE 's/^OT_PROGRAM\((.*)\)$/uapi_\1/p' "$REPO/lib/open_trace_kunit/programs/list.h")
	grep -qF "($(wc -l <<<"$cases") subtests)" "$REPO/README.md"
	topics='flags|lookup|create|atomic|filp|dcache|chain|parallel|fd|uapi'
	named=$(grep -oE "\`($topics)_[a-z0-9_]+\`" "$REPO/README.md" | tr -d '`' | sort -u)
	[ "$(wc -l <<<"$named")" -gt 20 ]
	[ "$(grep -cvxF "$cases" <<<"$named")" -eq 0 ]
	named=$(sed -n 's/.*from outside//p' "$REPO/README.md" |
		grep -oE "\`[a-z0-9]+(_[a-z0-9]+){2,}\`" | tr -d '`')
	[ "$(wc -l <<<"$named")" -gt 5 ]
	for name in $named; do
		grep -qw "$name" "$REPO"/tools/testing/open_trace/*.c ||
			[ -f "$REPO/tools/testing/open_trace/$name.c" ]
	done
}

setup() { cd "$BATS_TEST_TMPDIR" || exit; }
