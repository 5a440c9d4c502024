# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels whose fs/ is changed on purpose, for measuring the suite. To be sourced, after
# common.sh. The tree that the copy is taken from is never written to: its files are shared
# by hard links, so whoever changes one in the copy puts a new file in its place.
# shellcheck disable=SC2034,SC2154 # they use what is set here; find_tree sets $name

# scratch PURPOSE LINUX [CONFIG...]: copy $LINUX, a release or a tree, with the overlay: what was
# copied is $from, the copy $tree, its build folder $build, its name among builds $name;
# configured with the suite's .kunitconfig, and as far as the release has it with the files CONFIG
scratch()
{
	local LINUX=$2 own=''

	need "${BUILD_TOOLS[@]}"
	find_tree
	from=$tree
	tree=$CACHE/$1/$name
	build=$CACHE/build/$1-$name
	say "copying $from"
	rm -rf "$tree"
	mkdir -p "$CACHE/$1" "$build"
	cp -al "$from" "$tree" 2>/dev/null || { rm -rf "$tree"; cp -a "$from" "$tree"; } ||
		die "cannot copy $from to $tree; is there space left?"
	"$REPO/scripts/apply" --link "$tree" 2>/dev/null || "$REPO/scripts/apply" --link "$tree"
	(cd "$tree" && ./tools/testing/kunit/kunit.py config --build_dir="$build" \
		--kunitconfig=lib/open_trace_kunit >"$build/config.log" 2>&1) ||
		die "the kernel cannot be configured; see $build/config.log"
	[ $# -gt 2 ] || return 0
	cat "${@:3}" >>"$build/.config"
	compile olddefconfig >"$build/config.log" 2>&1 ||
		die "the kernel cannot be configured; see $build/config.log"
}

# compile TARGET...: in the copy; the same sources make the same kernel, to the byte
compile()
{
	make -s -C "$tree" ARCH=um O="$build" -j"$(nproc)" KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP=@0 "$@"
}
