# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels whose fs/ is changed on purpose, for measuring the suite. To be sourced, after
# common.sh. The tree that the copy is taken from is never written to: its files are shared
# by hard links, so whoever changes one in the copy puts a new file in its place.
# shellcheck disable=SC2034,SC2154 # they use what is set here; find_tree sets $name

FUNCTIONS=$REPO/scripts/functions	# what is measured, and the files where that is
mapfile -t MEASURED < <(sed -n 's/^\(fs\/[^ ]*\) .*/\1/p' "$FUNCTIONS" | sort -u)

# copy_tree FROM TO: by links; the Makefile is a file of its own, as scripts/apply locks it
copy_tree()
{
	rm -rf "$2"
	mkdir -p "${2%/*}"
	cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; } ||
		die "cannot copy $1 to $2; is there space left?"
	cp -p "$1/Makefile" "$2/Makefile.new"
	mv "$2/Makefile.new" "$2/Makefile"
}

# scratch PURPOSE LINUX [CONFIG...]: copy $LINUX, a release or a tree, with the overlay: what was
# copied is $from, the copy $tree, its build folder $build, its name among builds $name;
# configured with the suite's .kunitconfig, and as far as the release has it with the files CONFIG
scratch()
{
	local LINUX=$2 own=''

	need "${BUILD_TOOLS[@]}"
	find_tree
	from=$tree
	[ -n "$(release "$from")" ] || die "$from is not a kernel tree; name the top of one"
	tree=$CACHE/$1/$name
	build=$CACHE/build/$1-$name
	say "copying $from"
	mkdir -p "$build"
	copy_tree "$from" "$tree"
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
