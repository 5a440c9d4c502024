# SPDX-License-Identifier: GPL-2.0
# scripts/watch, in a copy of the 6.12 tree: each test saves a file and reads what is said. The
# build is kept, so that only the first run of these takes minutes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2314 # sed's own; bats runs each in a shell of its own

load helpers

setup_file()
{
	local from file lock

	export TREE=$CACHE/watched/6.12 SAID=$BATS_FILE_TMPDIR/said
	from=$("$REPO/scripts/linux" 6.12)
	# scripts/bench works there, too
	mkdir -p "$CACHE/watched"
	exec {lock}>"$CACHE/watched/lock"
	flock "$lock"
	bash -c '. "$0/scripts/common.sh"; . "$0/scripts/scratch.sh"; copy_tree "$@"' "$REPO" "$from" "$TREE"
	"$REPO/scripts/unapply" --force "$TREE"
	# an interrupted run may have left objects of what it had saved
	for file in fs/{namei,open,dcache}.c; do
		cp "$from/$file" "$TREE/$file.new"
		mv "$TREE/$file.new" "$TREE/$file"
	done
	(cd "$TREE" && find . | sort) >"$BATS_FILE_TMPDIR/files"
	: >"$SAID"
	edit fs/namei.c "$RULE_BROKEN"
	# bats ignores SIGINT for what is in the background
	env --default-signal=INT "$REPO/scripts/watch" LINUX="$TREE" >"$SAID" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 1800 'first build: [0-9]+ passed'
}

teardown_file()
{
	kill "$(<"$BATS_FILE_TMPDIR/pid")" 2>/dev/null || true
}

setup()
{
	from=$CACHE/linux/6.12
	mark=$(wc -l <"$SAID")
}

new() { tail -n "+$((mark + 1))" "$SAID"; }

# wait_for SECONDS REGEX: until that is said
wait_for()
{
	local until=$((SECONDS + $1))

	mark=${mark:-0}
	while ! new | grep -qE "$2"; do
		if [ "$SECONDS" -ge "$until" ] || ! kill -0 "$(<"$BATS_FILE_TMPDIR/pid")"; then
			new
			return 1
		fi
		sleep .1
	done
}

# edit FILE SED-EXPRESSION: as an editor that saves by renaming does
edit()
{
	sed "$2" "$TREE/$1" >"$TREE/$1.new"
	mv "$TREE/$1.new" "$TREE/$1"
}

# restore FILE: saved as it was, but now
restore()
{
	cp "$from/$1" "$TREE/$1.new"
	mv "$TREE/$1.new" "$TREE/$1"
}

RULE_BROKEN='s/mode = mode_strip_umask(dir, mode);/;/'
VERDICT='[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped \(build'

@test "watch refuses what is no kernel tree" {
	mkdir "$BATS_TEST_TMPDIR/no"
	refuses "not a kernel tree" "$REPO/scripts/watch" LINUX="$BATS_TEST_TMPDIR/no"
	refuses "no tree at" "$REPO/scripts/watch" LINUX=./nowhere
	refuses "watch -h" "$REPO/scripts/watch" now
}

@test "the first verdict names the cases that fail, and why" {
	mark=0
	new | grep -qx 'fails: create_umask'
	new | grep -q 'EXPECTATION FAILED at lib/open_trace_kunit/create.c'
	! new | grep -qE 'skips|passes'
}

@test "a save that mends it names them again, and nothing else" {
	restore fs/namei.c
	wait_for 300 "fs/namei.c: [0-9]+ passed, 0 failed"
	new | grep -qx 'passes again: create_umask'
	! new | grep -q 'fails:'
}

@test "the slow cases and the programs come after" {
	wait_for 600 "the slow cases and the programs: [0-9]+ passed, 0 failed"
}

@test "a save that changes nothing says one line" {
	edit fs/open.c '$a/* a comment */'
	wait_for 300 "fs/open.c: $VERDICT"
	[ "$(new | wc -l)" -eq 1 ]
}

@test "several files saved at once are one build" {
	restore fs/open.c
	edit fs/namei.c '$a/* a comment */'
	wait_for 300 "fs/namei.c fs/open.c: $VERDICT"
	[ "$(new | grep -cE "$VERDICT")" -eq 1 ]
}

@test "a save during a build is built, too" {
	edit fs/namei.c "$RULE_BROKEN"
	sleep 1.5
	restore fs/namei.c
	wait_for 300 "fs/namei.c: $VERDICT"
	sleep 1
	[ "$(new | grep -cE "$VERDICT")" -eq 1 ]
	! new | grep -q 'fails:'
}

@test "a save that breaks a rule names the cases that fail, and why" {
	edit fs/namei.c "$RULE_BROKEN"
	wait_for 300 "fs/namei.c: $VERDICT"
	new | grep -qx 'fails: create_umask'
	new | grep -q 'EXPECTATION FAILED at lib/open_trace_kunit/create.c'
	! new | grep -q 'passes again'
}

@test "a file saved with a date of the past is built" {
	cp -p "$from/fs/namei.c" "$TREE/fs/namei.c.new"
	mv "$TREE/fs/namei.c.new" "$TREE/fs/namei.c"
	wait_for 300 "fs/namei.c: $VERDICT"
	new | grep -qx 'passes again: create_umask'
}

@test "what the compiler says is shown" {
	edit fs/namei.c 's/mode = mode_strip_umask(dir, mode);/mode = no_such_function(mode);/'
	wait_for 300 "fs/namei.c: does not build"
	new | grep -q 'fs/namei.c:[0-9]*:[0-9]*: error: .*no_such_function'
	! new | grep -q '^make'
	mark=$(wc -l <"$SAID")
	restore fs/namei.c
	wait_for 300 "fs/namei.c: [0-9]+ passed, 0 failed"
	! new | grep -q 'passes again'
}

@test "a kernel that panics in a case names it, and goes on after the next save" {
	edit fs/namei.c 's/mode = mode_strip_umask(dir, mode);/if (current_umask() == 0077) panic("watch");/'
	wait_for 300 "fs/namei.c: $VERDICT"
	new | grep -qx 'fails: create_umask'
	new | grep -q 'panic - not syncing: watch'
	mark=$(wc -l <"$SAID")
	restore fs/namei.c
	wait_for 300 "fs/namei.c: [0-9]+ passed, 0 failed"
	new | grep -qx 'passes again: create_umask'
}

@test "a kernel that panics at boot says so" {
	edit fs/dcache.c '/^void __init vfs_caches_init(void)/,/^{/s/^{/&\n\tpanic("watch");/'
	wait_for 300 "$VERDICT"
	new | grep -q 'the kernel does not come up'
	new | grep -q 'panic - not syncing: watch'
	mark=$(wc -l <"$SAID")
	restore fs/dcache.c
	wait_for 300 "[0-9]+ passed, 0 failed"
}

@test "the suite itself is watched" {
	touch "$REPO/lib/open_trace_kunit/lease.c"
	wait_for 300 "lib/open_trace_kunit/lease.c: [0-9]+ passed, 0 failed"
}

@test "Ctrl-C leaves the tree as it was" {
	kill -INT "$(<"$BATS_FILE_TMPDIR/pid")"
	while kill -0 "$(<"$BATS_FILE_TMPDIR/pid")" 2>/dev/null; do sleep .1; done
	(cd "$TREE" && find . | sort) | diff "$BATS_FILE_TMPDIR/files" -
	diff "$from/fs/namei.c" "$TREE/fs/namei.c"
	! grep -q open_trace "$TREE/lib/Makefile"
	! pgrep -f "$TREE"
}
