# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The suite in a tree, by the tree's own kunit.py. To be sourced, after common.sh; uses
# $tree, $name and $ARCH.
# shellcheck disable=SC2154

bin=""
progress=""

# kunit_leave: take back what a run changed
# shellcheck disable=SC2317 # traps call it
kunit_leave()
{
	[ -z "$progress" ] || kill "$progress" 2>/dev/null || true
	[ -z "$bin" ] || rm -rf "$bin"
	[ -z "${own-}" ] || "$REPO/scripts/unapply" "$tree" || true
}

# kunit_need PACKAGE:FILE...: what building for $ARCH takes, and these; makes $bin, a folder
# for this run
kunit_need()
{
	case $ARCH in
	um) ;;
	x86_64) set -- "$@" libelf-dev:/usr/include/libelf.h qemu-system-x86:qemu-system-x86_64 ;;
	*) bad_use "ARCH is um or x86_64, not '$ARCH'" ;;
	esac
	case $CACHE in
	*[[:space:]:]*) die "'$CACHE' has a space or a colon, which kbuild cannot build; set OPEN_TRACE_CACHE" ;;
	esac
	need "${BUILD_TOOLS[@]}" "$@"
	bin=$(mktemp -d)
}

# kunit.py is silent while make runs, which takes minutes the first time.
kunit_show_progress()
{
	local began=$SECONDS objects

	while sleep 15; do
		objects=$(find "$1" -name '*.o' -newer "$bin" 2>/dev/null | wc -l)
		[ "$objects" -eq 0 ] ||
			say "building: $objects objects in $((SECONDS - began)) s"
	done
}

# kunit_do VERB BUILD OPTIONS...: kunit.py, in the tree, with progress
kunit_do()
{
	local verb=$1 build=$2 code=0
	local options=("--build_dir=$build" "--jobs=$(nproc)")

	shift 2
	if [ "$ARCH" != um ]; then
		options+=("--arch=$ARCH")
		if ! "$REPO/scripts/kvm"; then
			say "KVM cannot run a guest here; using TCG"
			ln -sf "$REPO/scripts/qemu_without_kvm" "$bin/qemu-system-$ARCH"
			PATH=$bin:$PATH
		fi
	fi
	mkdir -p "$build"
	kunit_show_progress "$build" &
	progress=$!
	set -- ./tools/testing/kunit/kunit.py "$verb" "${options[@]}" "$@"
	say "in $tree: $*"
	(cd "$tree" && "$@" </dev/null) || code=$?
	kill "$progress" 2>/dev/null || true
	progress=
	return "$code"
}

# kunit_build BUILD OPTIONS...: build the kernel there
kunit_build() { kunit_do build "$@"; }

# kunit_run BUILD FILTER OPTIONS...: build, boot, and show what the suite says
kunit_run()
{
	local build=$1 filter=$2

	shift 2
	kunit_do run "$build" "$@" "$filter"
}
