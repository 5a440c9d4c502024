# SPDX-License-Identifier: GPL-2.0
# The other scripts: help, bad input, the counting of results, KVM's stand-in

load helpers
bats_require_minimum_version 1.5.0

tally() { OPEN_TRACE_TALLY=only "$REPO/scripts/test" "$@"; }

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

@test "run refuses an unknown ARCH, argument, tree" {
	refuses "um or x86_64" "$REPO/scripts/run" ARCH=vax
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

@test "the QEMU stand-in drops -accel kvm and keeps the rest" {
	mkdir real stand
	printf '#!/bin/bash\nprintf "%%s\\n" "$@"\n' >real/qemu-system-x86_64
	chmod +x real/qemu-system-x86_64
	ln -s "$REPO/scripts/qemu_without_kvm" stand/qemu-system-x86_64
	PATH=$PWD/stand:$PWD/real:$PATH run qemu-system-x86_64 -m 1024 -accel kvm -accel hvf \
		-accel tcg -append 'console=ttyS0 a'
	[ "$output" = $'-m\n1024\n-accel\ntcg\n-append\nconsole=ttyS0 a' ]
}

@test "the README names cases that there are, and all of them in number" {
	cases=$(sed -nE 's/^OT_CASE(_SLOW)?\((.*)\)$/\2/p' "$REPO/lib/open_trace_kunit/cases.h")
	topics='flags|lookup|create|atomic|filp|dcache|chain|parallel|fd'
	named=$(grep -oE "\`($topics)_[a-z0-9_]+\`" "$REPO/README.md" | tr -d '`' | sort -u)
	[ "$(wc -l <<<"$named")" -gt 20 ]
	[ "$(grep -cvxF "$cases" <<<"$named")" -eq 0 ]
	grep -qF "($(wc -l <<<"$cases") subtests)" "$REPO/README.md"
}

setup() { cd "$BATS_TEST_TMPDIR" || exit; }
