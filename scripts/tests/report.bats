#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# The report program, on the samples in Documentation/reports.

load helpers
bats_require_minimum_version 1.5.0

SAMPLES=$REPO/Documentation/reports
A_SAMPLE=$SAMPLES/6.12-um

setup_file()
{
	# shellcheck source=scripts/common.sh
	. "$REPO/scripts/common.sh"
	need gcc:gcc make:make libc6-dev:/usr/include/stdlib.h valgrind:valgrind \
		libdw-dev:/usr/include/elfutils/libdw.h binutils:readelf
	export BUILD=$BATS_FILE_TMPDIR/build ASAN=$BATS_FILE_TMPDIR/asan
	mkdir "$BUILD" "$ASAN"
	make -s -C "$REPO/scripts/report" OUT="$BUILD"
	make -s -C "$REPO/scripts/report" OUT="$ASAN" \
		CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# refused WHAT LINE: the log is refused at that line, with these words, in one line
refused()
{
	run "$BUILD/report" check log
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "report: log:$2: "*"$1"* ]]
	ASAN_OPTIONS=detect_leaks=0 run "$ASAN/report" check log
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "the samples' reports are what the program makes of the samples' logs" {
	for sample in "$SAMPLES"/*/; do
		sample=${sample%/}
		rm -rf made
		"$BUILD/report" reports "$sample/raw.log" "$sample/atlas" "$sample/suite" made
		# what is kept of them; the largest are not
		for file in "$sample"/*; do
			case ${file##*/} in
			raw.log|atlas|suite) ;;
			*) diff -u "$file" "made/${file##*/}" ;;
			esac
		done
	done
}

@test "a whole log is taken" {
	"$BUILD/report" check "$A_SAMPLE/raw.log"
}

@test "a log that is cut at a line is refused" {
	head -n 100 "$A_SAMPLE/raw.log" >log
	refused "the end is missing" 101
}

@test "a log that is cut within a line is refused" {
	head -c 5000 "$A_SAMPLE/raw.log" >log
	refused "the line is not complete" "$(($(wc -l <log) + 1))"
}

@test "a log that lacks a line is refused where it is missing" {
	sed 50d "$A_SAMPLE/raw.log" >log
	refused "the line before is missing" 50
}

@test "a log with an altered byte is refused by its checksum" {
	sed '50s/.$/x/' "$A_SAMPLE/raw.log" >log
	refused "a number is expected" 50
	sed '0,/missing_case17/s//messing_case17/' "$A_SAMPLE/raw.log" >log
	refused "the checksum is another" \
		"$(awk '/messing/ { seen = 1 } seen && $2 == "end" { print NR; exit }' log)"
}

@test "a log that is none is refused" {
	echo "hello" >log
	refused "" 1
	: >log
	refused "" 1
	printf '1 log open_trace 2 calls\n' >log
	refused "version 1" 1
	head -c 10000 /dev/zero >log
	refused "" 1
}

@test "an atlas that is cut or altered is refused" {
	head -c 5000 "$A_SAMPLE/atlas" >atlas
	run "$BUILD/report" flow "$A_SAMPLE/raw.log" atlas
	[ "$status" -eq 1 ]
	[[ $output == "report: atlas:"*": the line is not complete"* ]]
	sed '/^block/s/ .*/ rubbish/' "$A_SAMPLE/atlas" >atlas
	run "$BUILD/report" flow "$A_SAMPLE/raw.log" atlas
	[ "$status" -eq 1 ]
	[[ $output == "report: atlas:"*": a number is expected"* ]]
}

@test "it is clean under ASan, UBSan and valgrind" {
	export ASAN_OPTIONS=detect_leaks=0
	"$ASAN/report" reports "$A_SAMPLE/raw.log" "$A_SAMPLE/atlas" "$A_SAMPLE/suite" out
	"$ASAN/report" page "$A_SAMPLE/raw.log" "$A_SAMPLE/atlas" >html
	# what it allocates lives as long as it does
	valgrind -q --error-exitcode=9 --leak-check=no \
		"$BUILD/report" reports "$A_SAMPLE/raw.log" "$A_SAMPLE/atlas" "$A_SAMPLE/suite" out
}

@test "it links libdw, libelf and libc alone" {
	run readelf -d "$BUILD/report"
	[[ $output == *libdw* ]]
	run grep -vE 'libdw|libelf|libc\.so' <(grep NEEDED <<<"$output")
	[ "$status" -eq 1 ]
}

@test "the reports say where they cannot be written" {
	run "$BUILD/report" reports "$A_SAMPLE/raw.log" "$A_SAMPLE/atlas" "$A_SAMPLE/suite" /dev/null/x
	[ "$status" -eq 1 ]
	[[ $output == "report: cannot make /dev/null/x: "* ]]
}
