# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How a run of the suite is recorded. To be sourced, after common.sh; uses $tree, $name,
# $ARCH and $build.
# shellcheck disable=SC2154

HERE=$REPO/scripts/report
IMAGE_SIZE=32M
LIMIT=1200	# seconds that a boot may take

# shellcheck source=scripts/kunit.sh
. "$REPO/scripts/kunit.sh"
trap kunit_leave EXIT
trap 'exit 130' INT TERM
kunit_need e2fsprogs:/sbin/mke2fs libdw-dev:/usr/include/elfutils/libdw.h \
	libelf-dev:/usr/include/libelf.h

# build_report: the program that reads logs
build_report()
{
	program=$CACHE/build/report
	mkdir -p "$program"
	make -s -C "$HERE" OUT="$program" >"$bin/log" 2>&1 ||
		{ cat "$bin/log" >&2; die "the report program does not build; see above"; }
	report=$program/report
}

# libraries CC PROGRAM: what it loads, and where it looks for that, a file a line
libraries()
{
	local place from

	if [ "$1" = gcc ]; then
		ldd "$2" | grep -o '/[^ ]*' | sed 's/.*/& &/'
		return
	fi
	"${1%gcc}readelf" -ld "$2" |
		sed -nE 's,.*interpreter: (.*)\]$,\1,p; s,.*\(NEEDED\).*\[(.*)\]$,/lib/\1,p' |
		while read -r place; do
			from=$("$1" -print-file-name="${place##*/}")
			[ -f "$from" ] || return
			echo "$from $place"
		done
}

# make_image: a disk with the programs that are traced; each pass has a root of its own
make_image()
{
	local pass root from library programs=$REPO/tools/testing/open_trace cc=gcc

	[ "$ARCH" != arm64 ] || cc=${ARM64}gcc
	for pass in blocks compare plain; do
		root=$bin/disk/$pass
		mkdir -p "$root"
		"$cc" -O2 -o "$root/user_trigger" "$programs/user_trigger.c"
		"$cc" -nostdlib -static -o "$root/user_trigger_raw_openat" \
			"$programs/user_trigger_raw_openat.S"
		libraries "$cc" "$root/user_trigger" >"$bin/libraries" ||
			die "the C library that $cc links is not there; install libc6 for it"
		while read -r from library; do
			mkdir -p "$root${library%/*}"
			cp -L "$from" "$root$library"
		done <"$bin/libraries"
	done
	truncate -s "$IMAGE_SIZE" "$bin/disk.img"
	/sbin/mke2fs -q -t ext4 -d "$bin/disk" "$bin/disk.img" 2>/dev/null ||
		die "mke2fs cannot make a disk; is there space in ${TMPDIR:-/tmp}?"
}

# merge FILE...: kernel options; the first file that has one wins
merge()
{
	awk '/CONFIG_/ { name = $0; sub(/^# /, "", name); sub(/[ =].*/, "", name)
		if (!(name in seen)) print; seen[name] = 1 }' "$@"
}

# boot_um FILTER ARGUMENTS...: boot the kernel in $build, its output in test.log. Not by kunit.py:
# User Mode Linux drops lines when the pipe is full that kunit.py reads from; a file never is.
boot_um()
{
	local filter=$1

	shift
	timeout -k 5 "$LIMIT" "$build/linux" mem=1G console=tty kunit_shutdown=halt kunit.enable=1 \
		"kunit.filter_glob=$filter" "ubd0=$bin/run.img" "$@" </dev/null >"$build/test.log" 2>"$bin/uml.log" ||
		true	# the verdict is in the log
	(cd "$tree" && ./tools/testing/kunit/kunit.py parse "$build/test.log")
}

# record FILTER ARGUMENTS...: build $tree's kernel in $build, and run the suite there with
# these ARGUMENTS of the kernel
record()
{
	local filter=$1 object config=("--kunitconfig=$bin/kunitconfig") options

	shift
	# each run writes to its own
	cp --sparse=always "$bin/disk.img" "$bin/run.img"
	case $ARCH in
	um) options=("$HERE/um.config") ;;
	arm64) options=("$HERE"/{arm64,qemu}.config) ;;
	*) options=("$HERE/qemu.config") ;;
	esac
	merge "${options[@]}" "$REPO/lib/open_trace_kunit/.kunitconfig" >"$bin/kunitconfig"
	rm -f "$build/test.log"
	if [ "$ARCH" = um ]; then
		# they run before there is a task to record for
		for object in vsprintf cmdline kstrtox ubd_kern; do
			config+=(--make_options "KCOV_INSTRUMENT_$object.o=n")
		done
		kunit_build "$build" "${config[@]}" && boot_um "$filter" "$@"
	else
		kunit_run "$build" "$filter" "${config[@]}" --timeout="$LIMIT" \
			"${@/#/--kernel_args=}" --qemu_args "-drive file=$bin/run.img,if=virtio,format=raw"
	fi >"$bin/suite.log"
}

# extract FROM TO: the log out of what the kernel printed
extract()
{
	sed -n 's/\r$//; s/^.*open_trace: \([0-9][0-9]* .*\)$/\1/p' "$1" >"$2/raw.log"
	"$report" check "$2/raw.log"
	# a case's own line; its subtests are further right
	sed -nE 's/\r$//
		s/^    not ok [0-9]+ ([a-z0-9_]+)( .*)?$/failed \1/p
		s/^    ok [0-9]+ ([a-z0-9_]+) # SKIP.*$/skipped \1/p
		s/^    ok [0-9]+ ([a-z0-9_]+)$/passed \1/p' "$1" >"$2/suite"
}
