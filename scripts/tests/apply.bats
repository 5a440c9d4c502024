# SPDX-License-Identifier: GPL-2.0
# scripts/apply and scripts/unapply
# shellcheck disable=SC2016 # the inner shell expands it

load helpers

APPLY=$REPO/scripts/apply
UNAPPLY=$REPO/scripts/unapply

there_and_back()
{
	a_tree_of "$1"
	"$APPLY" tree
	applied
	"$UNAPPLY" tree
	unchanged
}

@test "applies to 6.1 and leaves it as it was" { there_and_back 6.1; }
@test "applies to 6.12 and leaves it as it was" { there_and_back 6.12; }
@test "applies to 7.3 and leaves it as it was" {
	"$REPO/scripts/linux" 7.3 || skip "Debian has no 7.3 today"
	there_and_back 7.3
}

@test "Kconfig.patch applies without fuzz" {
	for version in $SUPPORTED; do
		[ -d "$CACHE/linux/$version" ] || continue
		a_tree_of "$version"
		run patch -d tree -p1 --dry-run -F0 <"$REPO/Kconfig.patch"
		[ "$status" -eq 0 ]
		[[ $output != *fuzz* ]]
		rm -rf tree before
	done
}

@test "applying twice is a no-op that says so" {
	a_tree_of 6.12
	"$APPLY" tree
	cp -r tree once
	run "$APPLY" tree
	[ "$status" -eq 0 ]
	[[ $output == *"nothing to do"* ]]
	diff -r once tree
}

@test "unapplying twice is a no-op that says so" {
	a_tree_of 6.12
	run "$UNAPPLY" tree
	[ "$status" -eq 0 ]
	[[ $output == *"nothing to do"* ]]
	unchanged
}

@test "apply --link makes links that reach the repo's files" {
	a_tree_of 6.12
	"$APPLY" --link tree
	applied
	[ -L tree/lib/open_trace_kunit/recfs.c ]
	[ ! -L tree/lib/open_trace_kunit ]
	run "$APPLY" --link tree
	[[ $output == *"nothing to do"* ]]
	"$UNAPPLY" tree
	unchanged
}

@test "links become copies, copies links" {
	a_tree_of 6.12
	"$APPLY" --link tree
	"$APPLY" tree
	[ ! -L tree/lib/open_trace_kunit/recfs.c ]
	"$APPLY" --link tree
	[ -L tree/lib/open_trace_kunit/recfs.c ]
	"$UNAPPLY" tree
	unchanged
}

@test "an older overlay is brought up to date" {
	a_tree_of 6.12
	"$APPLY" tree
	cd tree/lib/open_trace_kunit
	echo old >recfs.c
	sed -i "s/.*  recfs.c$/$(sha256sum <recfs.c | cut -c-64)  recfs.c/" .open_trace
	cd ../../..
	"$APPLY" tree
	applied
}

@test "unapply keeps the user's other changes" {
	a_tree_of 6.12
	"$APPLY" tree
	echo "# mine" >>tree/lib/Makefile
	"$UNAPPLY" tree
	echo "# mine" >>before/lib/Makefile
	unchanged
}

@test "what the user changed in the folder is not deleted unless told to" {
	a_tree_of 6.12
	"$APPLY" tree
	echo "/* mine */" >>tree/lib/open_trace_kunit/recfs.c
	touch tree/lib/open_trace_kunit/mine.c
	cp -r tree mine
	refuses "recfs.c" "$UNAPPLY" tree
	refuses "mine.c" "$UNAPPLY" tree
	refuses "recfs.c" "$APPLY" tree
	diff -r mine tree
	"$APPLY" --force tree
	applied
	touch tree/lib/open_trace_kunit/mine.c
	"$UNAPPLY" --force tree
	unchanged
}

@test "what building the programs leaves in their folder goes with it" {
	a_tree_of 6.12
	"$APPLY" tree
	touch tree/tools/testing/selftests/open_trace/{open_fd_test,user_trigger}
	run "$APPLY" tree
	[[ $output == *"nothing to do"* ]]
	"$UNAPPLY" tree
	unchanged
}

@test "refuses: no kernel tree" {
	mkdir "$BATS_TEST_TMPDIR/no"
	refuses "not a kernel tree" "$APPLY" "$BATS_TEST_TMPDIR/no"
	refuses "not a kernel tree" "$APPLY" "$BATS_TEST_TMPDIR/nowhere"
	refuses "not a kernel tree" "$UNAPPLY" "$BATS_TEST_TMPDIR/no"
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/no")" ]
}

@test "refuses: a release before 6.1" {
	a_tree_of 6.1
	sed -i -e 's/^VERSION = .*/VERSION = 5/' -e 's/^PATCHLEVEL = .*/PATCHLEVEL = 19/' \
		tree/Makefile before/Makefile
	refuses "supports 6.1 and later" "$APPLY" tree
	unchanged
}

@test "takes a release of two digits as later than 6.1" {
	a_tree_of 6.12
	sed -i -e 's/^VERSION = .*/VERSION = 10/' -e 's/^PATCHLEVEL = .*/PATCHLEVEL = 0/' \
		tree/Makefile
	"$APPLY" tree
	applied
}

@test "refuses: the hunk does not apply" {
	a_tree_of 6.12
	sed -i 's,^source "lib/kunit/Kconfig",# &,' tree/lib/Kconfig.debug before/lib/Kconfig.debug
	refuses "does not apply to lib/Kconfig.debug" "$APPLY" tree
	unchanged
}

@test "refuses: only the second hunk does not apply" {
	a_tree_of 6.12
	sed -i '/^ccflags-remove/d' tree/lib/Makefile before/lib/Makefile
	refuses "does not apply to lib/Makefile" "$APPLY" tree
	unchanged
}

@test "refuses: a foreign lib/open_trace_kunit" {
	a_tree_of 6.12
	mkdir {tree,before}/lib/open_trace_kunit
	touch {tree,before}/lib/open_trace_kunit/theirs.c
	refuses "not open_trace's" "$APPLY" tree
	refuses "not open_trace's" "$APPLY" --force tree
	refuses "not open_trace's" "$UNAPPLY" --force tree
	unchanged
}

@test "refuses: a read-only tree" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here, so no read-only mount"
	a_tree_of 6.12
	refuses "cannot be written" unshare -rm sh -c \
		'mount --bind tree tree && mount -o remount,bind,ro tree && exec "$0" tree' "$APPLY"
	unchanged
}

@test "refuses: no space left" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here, so no small filesystem"
	a_tree_of 6.12
	# room for the tree and little more
	local size=$(($(du -sk tree | cut -f 1) + 40))
	unshare -rm bash -c '
		mkdir small && mount -t tmpfs -o size='$size'k none small &&
		cp -r tree small && cd small || exit 99
		"$0" tree >../said 2>&1; code=$?
		[ $code -ne 0 ] && [ "$(wc -l <../said)" = 1 ] && grep -q "space left" ../said &&
		diff -r ../before tree' "$APPLY"
}

@test "refuses: a path with a space" {
	a_tree_of 6.12
	mv tree "a tree"
	refuses "space or a colon" "$APPLY" "a tree"
	mv "a tree" tree
	unchanged
}

@test "refuses: a tree that was built in place" {
	a_tree_of 6.12
	touch {tree,before}/.config
	refuses "make -C tree mrproper" "$APPLY" tree
	unchanged
	rm {tree,before}/.config
	mkdir -p {tree,before}/arch/um/include/generated
	refuses "make -C tree mrproper" "$APPLY" tree
	unchanged
}

@test "refuses: two at a time" {
	a_tree_of 6.12
	exec 7<tree/Makefile
	flock 7
	refuses "another apply or unapply" "$APPLY" tree
	unchanged
}

@test "refuses: a wrong command line" {
	refuses "apply -h" "$APPLY"
	refuses "apply -h" "$APPLY" --what
	refuses "apply -h" "$APPLY" a b
	refuses "unapply -h" "$UNAPPLY"
}

# kill_at N COMMAND...: kill -9 before the N-th command that the script runs
kill_at()
{
	cat >trap.bash <<-'EOF'
		if [ "${0##*/}" = "$KILL_WHAT" ]; then
			steps=0
			set -T
			trap '[ $((++steps)) -ne "$KILL_AT" ] || kill -9 $BASHPID $$' DEBUG
		fi
	EOF
	KILL_AT=$1 KILL_WHAT=${2##*/} BASH_ENV=$PWD/trap.bash "${@:2}" 2>/dev/null
}

# interrupted COMMAND: kill it at each of its steps; both ways out must be good
interrupted()
{
	local step=0 code=137

	while [ "$code" -eq 137 ]; do
		step=$((step + 1))
		rm -rf tree
		cp -r "$from" tree
		code=0
		kill_at "$step" "$1" tree || code=$?
		cp -r tree torn
		if ! "$APPLY" tree || ! applied; then
			echo "apply, after $1 died at step $step"
			return 1
		fi
		rm -rf tree
		mv torn tree
		if ! "$UNAPPLY" tree || ! unchanged; then
			echo "unapply, after $1 died at step $step"
			return 1
		fi
	done
	[ "$code" -eq 0 ]
	echo "# $step steps" >&3
	[ "$step" -gt 20 ]
}

@test "killed at any step, apply leaves what apply and unapply can mend" {
	a_tree_of 6.12
	from=before
	interrupted "$APPLY"
}

@test "killed at any step, unapply leaves what apply and unapply can mend" {
	a_tree_of 6.12
	"$APPLY" tree
	cp -r tree from
	from=from
	interrupted "$UNAPPLY"
}
