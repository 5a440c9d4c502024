# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The suite in a tree, by the tree's own kunit.py. To be sourced, after common.sh; uses
# $tree, $name and $ARCH.
# shellcheck disable=SC2154

ARM64=aarch64-linux-gnu-	# its tools' names begin so

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
	arm64) set -- "$@" "gcc-aarch64-linux-gnu:${ARM64}gcc" qemu-system-arm:qemu-system-aarch64
		[ "$(uname -m)" = aarch64 ] ||
			set -- "$@" libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdlib.h ;;
	*) bad_use "ARCH is um, x86_64 or arm64, not '$ARCH'" ;;
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

# without_kvm QEMU: from now on it is asked for no more than TCG
without_kvm()
{
	say "no KVM that can run a guest is known of here; using TCG"
	ln -sf "$REPO/scripts/qemu_without_kvm" "$bin/$1"
	PATH=$bin:$PATH
}

# kunit_do VERB BUILD OPTIONS...: kunit.py, in the tree, with progress
kunit_do()
{
	local verb=$1 build=$2 code=0
	local options=("--build_dir=$build" "--jobs=$(nproc)")

	shift 2
	case $ARCH in
	x86_64)	options+=("--arch=$ARCH")
		"$REPO/scripts/kvm" || without_kvm qemu-system-x86_64 ;;
	arm64)	options+=("--arch=$ARCH" "--cross_compile=$ARM64")
		without_kvm qemu-system-aarch64 ;;	# there is no trial for it
	esac
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
