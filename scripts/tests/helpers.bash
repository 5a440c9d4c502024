# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts' tests share. bats: the common choice for testing shell commands.
# shellcheck disable=SC2034,SC2154 # the tests use CACHE, SUPPORTED; bats sets status, ...

# as where nobody sets it: what a tree gets by Python is seen
unset PYTHONDONTWRITEBYTECODE

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# not sourced here: common.sh sets shell options that bats does not work under
read -r CACHE SUPPORTED < <(bash -c '. "$0/scripts/common.sh"; echo "$CACHE ${SUPPORTED[*]}"' "$REPO")

# a_tree_of VERSION: the files of that release that the overlay has to do with, in ./tree
# and once more, to compare with, in ./before
a_tree_of()
{
	local from file

	from=$("$REPO/scripts/linux" "$1")
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p tree/{lib,fs,arch/um/include,tools/testing/selftests}
	for file in Makefile Kbuild fs/namei.c lib/Makefile lib/Kconfig.debug; do
		cp "$from/$file" "tree/$file"
	done
	# the cached tree has the overlay already
	for file in lib/Kconfig.debug lib/Makefile; do
		awk -v f="a/$file" '/^--- /{on = $2 == f} on' "$REPO/Kconfig.patch" |
			patch -s -R -F0 --no-backup-if-mismatch "tree/$file" || true
	done
	cp -r tree before
}

unchanged() { diff -r before tree; }

# shellcheck disable=SC2016 # make's variable, not the shell's
applied()
{
	diff -r -x .open_trace "$REPO/lib/open_trace_kunit" tree/lib/open_trace_kunit &&
	diff -r -x .open_trace "$REPO/tools/testing/open_trace" \
		tree/tools/testing/selftests/open_trace &&
	grep -q '^source "lib/open_trace_kunit/Kconfig"$' tree/lib/Kconfig.debug &&
	grep -qF 'obj-$(CONFIG_OPEN_TRACE_KUNIT_TEST) += open_trace_kunit/' tree/lib/Makefile &&
	[ ! -e tree/.open_trace.stage ]
}

# refuses WORDS COMMAND...: exits not 0, says one line that has the words
refuses()
{
	local words=$1

	shift
	run "$@"
	if [ "$status" -eq 0 ] || [ "${#lines[@]}" -ne 1 ] || [[ $output != *$words* ]]; then
		printf 'status %s, said: %s\n' "$status" "$output"
		return 1
	fi
}
