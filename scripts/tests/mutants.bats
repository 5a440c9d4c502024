#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# scripts/mutants: what it makes of a source is what it says, and its verdicts.

setup_file()
{
	load helpers
	export TOOLS=$BATS_FILE_TMPDIR/tools
	# shellcheck disable=SC2016 # the other shell's variables
	bash -c '. "$0/scripts/common.sh"; need "libclang-19-dev:/usr/lib/llvm-19/include/clang-c/Index.h"' "$REPO"
	mkdir -p "$TOOLS"
	make -s -C "$REPO/scripts/mutants" OUT="$TOOLS"
}

setup() { load helpers; HERE=$REPO/scripts/mutants; cd "$BATS_TEST_TMPDIR" || return; }

# a source with one of each; its main prints what each input gives
write_source()
{
	mkdir -p tree/fs out/fs out/diffs
	cat >tree/fs/small.c <<'END'
#define ENOENT 2
#define BIT_A 1
#define BIT_B 4
#define unlikely(x) __builtin_expect(!!(x), 0)
#define for_each(i, n) for (i = 0; i < (n); i++)
int printf(const char *format, ...);
static int depth;
static void lock(int n) { depth += n; }
static int pair(int a, int b) { return 10 * a + b; }
int f(int x, int y)
{
	int i, sum = x + 1, flags = 0;

	lock(1);
	if (unlikely(x < 0 && y > 1))
		return -ENOENT;
	else if (!x)
		goto out;
	for (i = 0; i <= y; i++)
		sum += i;
	for_each(i, x) {
		if (i == 2)
			continue;
		sum -= i;
	}
	flags |= BIT_A;
	if (x & BIT_B || y > 3)
		flags |= BIT_B;
	switch (x) {
	case 3:
		sum = pair(x, y);
		break;
	default:
		sum++;
	}
	sum += y ? 1 : 5;
out:
	lock(2);
	return sum * 8 + (flags & ~BIT_A);
}
int g(void) { return 1; }
int main(void)
{
	int x, y;

	for (x = -2; x < 6; x++)
		for (y = -1; y < 6; y++)
			printf("%d %d\n", f(x, y), depth);
	return 0;
}
END
	echo fs/small.c f >functions
}

make_mutants() { "$TOOLS/mutate" tree functions "${1:-none}" out -- -Wno-everything; }

@test "each mutant of one program does what its patch does" {
	write_source
	make_mutants
	sed 's/^extern int/int/
		s/int main(void)/#include <stdlib.h>\nint main(int argc, char **argv)/
		s/^\tint x, y;$/&\n\n\topen_trace_mutant = argc > 1 ? atoi(argv[1]) : 0;/' out/fs/small.c >all.c
	gcc -w -o all all.c
	gcc -w -o plain tree/fs/small.c
	diff <(./plain) <(./all)
	[ "$(wc -l <out/list)" -gt 60 ]
	while IFS=$'\t' read -r number id _; do
		cp tree/fs/small.c one.c
		patch -s one.c "out/diffs/$id"
		gcc -w -o one one.c
		one=$(timeout 1 ./one | head -n 100) || true
		both=$(timeout 1 ./all "$number" | head -n 100) || true
		[ "$one" = "$both" ] || { echo "$id: $one: $both"; return 1; }
	done <out/list
}

@test "there are mutants of each kind, and none elsewhere" {
	write_source
	make_mutants
	run cut -f 3 out/list
	[ "$(sort -u <<<"$output")" = f ]
	run cut -f 4 out/list
	for kind in condition-negated condition-true condition-false condition-dropped and-or not-dropped \
		statement-dropped return-dropped jump-dropped bits errno off-by-one relation arithmetic \
		arguments-swapped; do
		grep -qx "$kind" <<<"$output" || { echo "no $kind"; return 1; }
	done
}

@test "an id stays when other lines change" {
	write_source
	make_mutants
	cut -f 2 out/list >before
	sed -i 's/^\tlock(2);$/\tlock(3);\n&/' tree/fs/small.c
	rm -r out
	mkdir -p out/fs out/diffs
	make_mutants
	run grep -vxF -f <(cut -f 2 out/list) before
	[ -z "$output" ]
}

@test "what does not build is listed, and not there" {
	write_source
	make_mutants
	id=$(sed -n 5p out/list | cut -f 2)
	number=$(sed -n 5p out/list | cut -f 1)
	grep -q "open_trace_mutant == $number)\|open_trace_mutant == $number " out/fs/small.c
	rm -r out
	mkdir -p out/fs out/diffs
	echo "$id" >unbuildable
	make_mutants unbuildable
	[ "$(sed -n 5p out/list | cut -f 1,2)" = "0"$'\t'"$id" ]
	run grep -c "open_trace_mutant == $number)\|open_trace_mutant == $number " out/fs/small.c
	[ "$output" = 0 ]
}

# a program that says what a kernel would, by the mutant's number
write_kernel()
{
	cat >kernel <<'END'
#!/bin/bash
for word; do
	case $word in
	open_trace_mutant=*) number=${word#*=} ;;
	esac
done
echo "WARNING: CPU: 0 PID: 402 at fs/known.c:1 0x0"
echo "    ok 1 first"
case $number in
1) echo "    not ok 2 second" ;;
2) echo "    # second: EXPECTATION FAILED at x.c:1"; echo "a dentry is left"; echo "    not ok 2 second" ;;
3) echo "    # second: EXPECTATION FAILED at x.c:1"; echo "    # second: EXPECTATION FAILED at x.c:2"
   echo "a dentry is left"; echo "    not ok 2 second" ;;
4) echo "Kernel panic - not syncing: oops" ;;
5) echo "WARNING: CPU: 0 PID: 402 at fs/new.c:1 0x0" ;;
6) exit ;;
7) sleep 20 ;;
8) echo "        # Subtest: uapi_some"; echo "        not ok 4 tree.one" ;;
esac
echo "ok 1 open_trace"
END
	chmod +x kernel
}

@test "verdicts are told apart" {
	write_kernel
	for number in 1 2 3 4 5 6 7 8 9; do
		echo "$number id$number"
	done | "$TOOLS/boots" ./kernel . results 2 9
	run cut -f 1-3 <(sort results)
	[ "${lines[0]}" = $'id1\tfailed\tsecond' ]
	[ "${lines[1]}" = $'id2\timbalance\tsecond' ]
	[ "${lines[2]}" = $'id3\tfailed\tsecond' ]
	[ "${lines[3]}" = $'id4\tpanic\tafter first' ]
	[[ ${lines[4]} = $'id5\treport\tafter first: WARNING'* ]]
	[ "${lines[5]}" = $'id6\tdied\tafter first' ]
	[ "${lines[6]}" = $'id7\thang\tafter first' ]
	[ "${lines[7]}" = $'id8\tfailed\tuapi_some: tree.one' ]
	[ "${lines[8]}" = $'id9\tsurvived\t' ]
	[ ${#lines[@]} -eq 9 ]
}

@test "a kernel that fails without a mutant is refused" {
	write_kernel
	sed -i 's/^echo "WARNING.*/echo "    not ok 3 third"/' kernel
	run "$TOOLS/boots" ./kernel . results 2 1 <<<"9 id9"
	[ "$status" -eq 1 ]
	[[ $output = *"without a mutant there is a failure"*third* ]]
}

# table BAR: of what is in known and results
table()
{
	for id in a b c d; do printf '1\t%s\tf\tkind\tfs/f.c\t1\tx\ty\n' "$id"; done >list
	cut -f 2 list >wanted
	awk -F '\t' -v bar="$1" -v sampled='' -f "$HERE/table.awk" from=known known from=results results \
		from=wanted wanted from=list list
}

@test "the bar counts what is caught of what can be" {
	printf 'a\tfailed\tx\t1\nb\tpanic\tx\t1\nc\tsurvived\t\t1\nd\tsurvived\t\t1\n' >results
	: >known
	run table 51
	[ "$status" -eq 1 ]
	[[ $output = *"50.0 %"*"below the bar of 51 of 100" ]]
	echo d >known
	run table 66
	[ "$status" -eq 0 ]
	run table 67
	[ "$status" -eq 1 ]
}

@test "what is listed as equivalent has to be a mutant, and not caught" {
	printf 'a\tfailed\tx\t1\nb\tpanic\tx\t1\n' >results
	echo a >known
	run table 0
	[ "$status" -eq 1 ]
	[[ $output = *"a, listed as equivalent, is caught"* ]]
	echo z >known
	run table 0
	[ "$status" -eq 1 ]
	[[ $output = *"z, listed as equivalent, is no mutant"* ]]
}

@test "bad arguments are named" {
	run "$HERE/mutants" FUNC=no_such_function
	[ "$status" -eq 1 ]
	[[ $output = *"scripts/functions has no 'no_such_function'"* ]]
	refuses "no tree at" "$HERE/mutants" LINUX=./nowhere
	run "$HERE/mutants" SAMPLE=x
	[ "$status" -eq 2 ]
	run "$HERE/mutants" --what
	[ "$status" -eq 2 ]
}
