# SPDX-License-Identifier: GPL-2.0
# The report's page, in Chromium; and the events for Perfetto

load helpers

setup_file()
{
	export PYTHONDONTWRITEBYTECODE=1
	export REPORT=$BATS_FILE_TMPDIR/report PAGE=$BATS_FILE_TMPDIR/page.html
	# shellcheck disable=SC2016 # the inner shell's
	bash -c '. "$0/scripts/common.sh"
		need gcc:gcc make:make python3:python3 libdw-dev:/usr/include/elfutils/libdw.h \
			libelf-dev:/usr/include/libelf.h
		want "the page is not tested" chromium:chromium chromium-driver:chromedriver' "$REPO"
	make -s -C "$REPO/scripts/report" OUT="$BATS_FILE_TMPDIR"
	python3 "$BATS_TEST_DIRNAME/page.py" make "$BATS_FILE_TMPDIR"
	cd "$BATS_FILE_TMPDIR" || return
	"$REPORT" page log-6.1.1 atlas log-6.12.2 atlas log-7.3.3 atlas >"$PAGE"
}

in_browser()
{
	if ! command -v chromium || ! command -v chromedriver; then
		skip "there is no Chromium"
	fi
	python3 "$BATS_TEST_DIRNAME/page.py" "$1" "$PAGE"
}

@test "the page folds" { in_browser folds; }
@test "the page shows what matches a filter, and what that is in" { in_browser filters; }
@test "the page compares opens and kernels, and marks what differs" { in_browser compares; }
@test "the page shows source, comparisons and values" { in_browser shows_source; }
@test "the page can be used by the keyboard" { in_browser has_keys; }
@test "a log's text stays text in the page; it asks for nothing, logs no error" { in_browser is_text; }
@test "the page separates the loader's opens from the program's" { in_browser names_the_loader; }
@test "the page can be read without a script" { in_browser needs_no_script; }

@test "the page's links lead somewhere" { python3 "$BATS_TEST_DIRNAME/page.py" links_lead "$PAGE"; }
@test "the page is the same each time" {
	cd "$BATS_FILE_TMPDIR"
	"$REPORT" page log-6.1.1 atlas log-6.12.2 atlas log-7.3.3 atlas | cmp - "$PAGE"
}

@test "events are JSON and nest" {
	"$REPORT" events "$BATS_FILE_TMPDIR/log-6.1.1" "$BATS_FILE_TMPDIR/atlas" >"$BATS_TEST_TMPDIR/events"
	python3 "$BATS_TEST_DIRNAME/page.py" nest "$BATS_TEST_TMPDIR/events"
}
