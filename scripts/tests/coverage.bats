# SPDX-License-Identifier: GPL-2.0
# scripts/coverage: its arguments, and how the figures of gcov are judged

load helpers

COVERAGE=$REPO/scripts/coverage

# a_program: one of two functions, run twice; its figures are ./first and ./second, the list
# of its functions ./functions, an empty list of what is unreachable ./unreachable
a_program()
{
	local run

	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p tree/fs
	cat >tree/fs/small.c <<-'END'
		static int half(int n)
		{
			if (n % 2)
				return -1;
			return n / 2;
		}

		int main(int argc, char **argv)
		{
			if (argc > 1 && argc < 3)
				return half(argc) - 1;
			if (argc > 5)
				argc = half(1);
			return argc > 5;
		}
	END
	printf '%s\n' '# what is measured' 'fs/small.c half' 'fs/small.c main' >functions
	: >unreachable
	gcc -O0 -fprofile-arcs -ftest-coverage -c tree/fs/small.c -o small.o
	gcc --coverage -o small small.o
	for run in first second; do
		rm -f small.gcda
		[ $run = first ] && ./small
		[ $run = second ] && ./small a
		gcov --branch-probabilities --json-format --stdout -o . tree/fs/small.c |
			jq -r --arg run $run --arg file fs/small.c -f "$COVERAGE/facts.jq" >"./$run"
	done
}

# table [NAME=VALUE ...]: what is made of them
table()
{
	awk -f "$COVERAGE/table" tree=tree release=6.12 functions=functions \
		unreachable=unreachable runs="first second" lines=0 branches=0 "$@" first second
}

# an_entry FUNCTION TEXT NEVER [WHY]: the list has it
an_entry()
{
	printf 'Function: %s\nText: %s\nNever: %s\nOn: 6.12\nWhy: %s\n\n' "$1" "$2" "$3" \
		"${4-nobody passes so much}" >>unreachable
}

@test "coverage tells what it does, and refuses what it does not know" {
	run "$COVERAGE/coverage" -h
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "usage: "* ]]
	refuses "coverage -h" "$COVERAGE/coverage" quickly
	refuses "no tree at" "$COVERAGE/coverage" LINUX=./nowhere
}

@test "every function whose coverage is measured is in a supported release" {
	while read -r file function; do
		found=
		for version in $SUPPORTED; do
			tree=$("$REPO/scripts/linux" "$version")
			! grep -qE "^[a-z].*[ *]$function\(" "$tree/$file" || found=1
		done
		[ -n "$found" ]
	done < <(grep -v '^#' "$REPO/scripts/functions")
}

@test "coverage counts each run's lines and branches, and both together" {
	a_program
	run table
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output =~ half\ +0/4\ +0/2\ +3/4\ +1/2\ +3/4\ +1/2\ +0\ +0 ]]
	[[ $output =~ main\ +4/6\ +2/6\ +3/6\ +2/6\ +5/6\ +4/6\ +0\ +0 ]]
	[[ $output =~ "2 functions"\ +4/10\ +2/8\ +6/10\ +3/8\ +8/10\ +5/8\ +0\ +0 ]]
}

@test "coverage names each line and branch that nothing covers" {
	a_program
	run table
	[[ $output == *"fs/small.c:4: half: never runs: return -1;"* ]]
	[[ $output == *"fs/small.c:13: main: never runs: argc = half(1);"* ]]
	[[ $output == *"fs/small.c:10: main: branch 3 of 4 is never taken: if (argc > 1 && argc < 3)"* ]]
	[[ $output == *"fs/small.c:12: main: branch 0 of 2 is never taken: if (argc > 5)"* ]]
}

@test "coverage leaves out what is listed as unreachable" {
	a_program
	an_entry half "return -1;" line
	an_entry main "argc = half(1);" line
	an_entry half "if (n % 2)" "branch 0 of 2"
	run table lines=100
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"8 of 8 lines (100.0 %), 5 of 7 branches (71.4 %)"* ]]
	[[ $output != *"never runs"* ]]
	[[ $output =~ half\ .*\ 1\ +1$'\n' ]]
}

@test "coverage is refused below its bar, in one line" {
	a_program
	run table lines=81
	[ "$status" -eq 1 ]
	[[ $output == *"coverage: Linux 6.12 is below the bar of 81 % of lines and 0 % of branches"* ]]
	run table branches=63
	[ "$status" -eq 1 ]
	run table lines=80 branches=62
	[ "$status" -eq 0 ]
}

@test "an entry of the unreachable that is covered is refused" {
	a_program
	an_entry half "return n / 2;" line
	run table
	[ "$status" -eq 1 ]
	[[ $output == *"unreachable:1: fs/small.c:5 is covered on 6.12: return n / 2;"* ]]
	: >unreachable
	an_entry half "if (n % 2)" "branches 0 1 of 2"
	run table
	[ "$status" -eq 1 ]
	[[ $output == *"fs/small.c:3 branch 1 is covered on 6.12: if (n % 2)"* ]]
}

@test "an entry of the unreachable that has vanished is refused" {
	a_program
	an_entry half "return -2;" line
	an_entry quarter "return -1;" line
	an_entry half "if (n % 2)" "branch 0 of 4"
	an_entry half "if (n % 2)" "branch 2 of 2"
	run table
	[ "$status" -eq 1 ]
	[[ $output == *"unreachable:1: half has no such line any more on 6.12: return -2;"* ]]
	[[ $output == *"quarter has no such line any more"* ]]
	[[ $output == *"fs/small.c:3 has 2 branches on 6.12, not 4"* ]]
	[[ $output == *"there is no branch 2 of 2"* ]]
}

@test "an entry of the unreachable has a reason, and is for its releases" {
	a_program
	an_entry half "return -1;" line ""
	run table
	[ "$status" -eq 1 ]
	[[ $output == *"unreachable:1: an entry has a Function"* ]]
	: >unreachable
	an_entry half "return n / 2;" line
	run table release=7.3
	[ "$status" -eq 0 ]
}

@test "coverage without a figure is refused" {
	a_program
	: >first
	: >second
	run table
	[ "$status" -eq 1 ]
	[[ $output == *"there are no figures"* ]]
}
