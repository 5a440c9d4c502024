# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels broken by a patch, and what the suite says of them. To be sourced, after
# scratch.sh and ktap.sh.
# shellcheck disable=SC2034,SC2154 # they use what is set here; scratch() sets $tree, $build

BOOT_SECONDS=120
declare -A broken_locks

# broken_tree VERSION: a copy of that release to break, and its build, as $tree and $build;
# made by the first call, and then this script's alone until it ends
broken_tree()
{
	local lock

	if [ -z "${broken_locks[$1]-}" ]; then
		mkdir -p "$CACHE/broken"
		exec {lock}>"$CACHE/broken/$1.lock"
		flock -n "$lock" || die "another run breaks Linux $1; wait for it"
		scratch broken "$1" "$REPO/scripts/coverage/config" >&2
		renew_patched
		compile vmlinux >&2
		broken_locks[$1]=$lock
	fi
	tree=$CACHE/broken/$1
	build=$CACHE/build/broken-$1
}

# renew_patched: an interrupted run may have left objects of what it had patched, which are
# newer than the sources are now
renew_patched()
{
	local file

	[ -f "$build/last.patch" ] || return 0
	sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p' "$build/last.patch" | while read -r file; do
		cp "$tree/$file" "$tree/$file.new"
		mv -T "$tree/$file.new" "$tree/$file"
	done
}

# failures LOG: the tests that failed in a boot, one a line; of a boot that did not end, the
# case that it did not get over, too
failures()
{
	results "$1" | sed -n 's/^fail //p'
	! is_whole "$1" || return 0
	all_cases | sed -n "$(($(results "$1" | grep -vc :) + 1))p"
	echo "(does not end)"
}

# in_one_line NAMES: those that stand one a line, with commas
in_one_line() { paste -sd , <<<"$1" | sed 's/,/, /g'; }

# boot_and_list: build the copy, boot it, and print its failures()
boot_and_list()
{
	compile vmlinux >"$build/broken.log" 2>&1 || { echo "(does not build)"; return; }
	timeout -s KILL "$BOOT_SECONDS" "$build/vmlinux" mem=1G console=tty kunit_shutdown=halt \
		lsm=open_trace kunit.enable=1 kunit.filter_glob=open_trace </dev/null >"$build/broken.log" 2>&1 || true
	failures "$build/broken.log"
}

# break_by PATCH: what fails in the copy with the patch alone, as $found; false when the
# patch does not apply
break_by()
{
	found=
	patch -s -d "$tree" -p1 -F0 --dry-run <"$1" >/dev/null || return
	cp "$1" "$build/last.patch"
	patch -s -d "$tree" -p1 -F0 --no-backup-if-mismatch <"$1"
	found=$(boot_and_list 2>/dev/null)
	patch -s -d "$tree" -p1 -F0 --no-backup-if-mismatch -R <"$1"
}
