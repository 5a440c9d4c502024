# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts share. To be sourced, not run.
# shellcheck disable=SC2034 # they use what is set here

set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${OPEN_TRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/open_trace}

# kunit.py is the tree's own, and leaves nothing there
export PYTHONDONTWRITEBYTECODE=1

OLDEST=6.1		# the first release that is supported
DEFAULT=6.12		# the release that is taken when none is asked for
# What scripts/test runs on, and what CI stands on: "newest" is the newest there is.
SUPPORTED=(6.1 6.12 7.3)

# The overlay: folder of this repo, and its place in a tree. scripts/apply puts it there.
OVERLAY=(
	"lib/open_trace_kunit lib/open_trace_kunit"
	"tools/testing/open_trace tools/testing/selftests/open_trace"
)

# What a kernel build and the overlay need; for need()
BUILD_TOOLS=(gcc:gcc libc6-dev:/usr/include/stdlib.h make:make flex:flex bison:bison bc:bc
	python3:python3 xz-utils:xz patch:patch)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# usage: the script's own leading comment, without the marks
usage() { sed -n '3,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# bad_use MESSAGE: the command line was wrong
bad_use() { say "$* (see ${0##*/} -h)"; exit 2; }

# need PACKAGE:COMMAND-OR-FILE ...: install what is missing, or name it and stop.
need()
{
	local item missing=() root=()

	for item in "$@"; do
		case ${item#*:} in
		/*)	[ -e "${item#*:}" ] ;;
		*)	command -v "${item#*:}" >/dev/null ;;
		esac || missing+=("${item%%:*}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		root=(sudo -n)
		sudo -n true 2>/dev/null ||
			die "missing tools; as root, run: apt-get install ${missing[*]}"
	fi
	command -v apt-get >/dev/null || die "missing tools; install: ${missing[*]}"
	say "installing ${missing[*]}"
	{ "${root[@]}" apt-get update &&
	  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "${missing[@]}"; } >&2 ||
		die "apt-get could not install: ${missing[*]}"
}

# want WHAT PACKAGE:FILE ...: install what is missing if that can be done; without it,
# say what is left out.
want()
{
	local what=$1

	shift
	(need "$@") 2>/dev/null || say "without ${*%%:*}: $what"
}

# check_trees LINUX...: end where one is a path, and no tree is there
check_trees()
{
	local one

	for one; do
		case $one in
		*/*) [ -d "$one" ] || die "there is no tree at $one" ;;
		esac
	done
}

# find_tree: $LINUX, a release or a path, as $tree; its $name among builds; $own is set
# for a tree of the user's that has not the overlay, and shall not have it afterwards.
find_tree()
{
	if [ -d "$LINUX" ]; then
		tree=$(cd "$LINUX" && pwd)
		name=$(basename "$tree")-$(cksum <<<"$tree" | cut -d ' ' -f 1)
		[ -f "$tree/lib/open_trace_kunit/.open_trace" ] || own=1
		return
	fi
	check_trees "$LINUX"
	tree=$("$REPO/scripts/linux" "$LINUX")
	name=$(basename "$tree")
}

# release TREE: VERSION.PATCHLEVEL of a kernel tree, nothing when it is none
release()
{
	[ -f "$1/Makefile" ] && [ -f "$1/Kbuild" ] && [ -f "$1/fs/namei.c" ] || return 0
	sed -n 's/^VERSION = \([0-9]*\)$/\1/p; s/^PATCHLEVEL = \([0-9]*\)$/.\1/p' \
		"$1/Makefile" | tr -d '\n'
}

# older A B: true when release A is older than release B
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
