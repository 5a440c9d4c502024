# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What scripts/apply and scripts/unapply share. To be sourced after common.sh.
#
# A tree is changed by renames alone, each of which the kernel does wholly or not at
# all; all that takes time or space happens before, in $STAGE. So after an interrupt
# each file is the old one or the new one, and either script goes on from there.

PATCH=$REPO/Kconfig.patch
MANIFEST=.open_trace		# in an applied folder: sha256sum of what was put there
STAGE=.open_trace.stage		# in the tree: what is being prepared, or was

# patched_files: the tree's own files that Kconfig.patch changes
patched_files() { sed -n 's,^+++ b/,,p' "$PATCH"; }

# hunk_of FILE: its part of Kconfig.patch
hunk_of() { awk -v f="a/$1" '/^--- /{on = $2 == f} on' "$PATCH"; }

# patch_copy FILE COPY [-R]: the file with the hunk put in (or taken out) as COPY
patch_copy()
{
	hunk_of "$1" | patch -s -f -F0 -r - --no-backup-if-mismatch "${@:3}" -o "$2" "$1" \
		>/dev/null 2>&1
}

# hunk_state FILE: in, out, or conflict
hunk_state()
{
	if patch_copy "$1" - -R; then
		echo in
	elif patch_copy "$1" -; then
		echo out
	else
		echo conflict
	fi
}

# present_files PLACE OPTIONS...: what is in a folder of the overlay (for find, with these
# OPTIONS), but for what building it leaves there, which its .gitignore lists
present_files()
{
	local pattern built=()

	while read -r pattern; do
		built+=(! -path "$1$pattern")
	done < <(sed -n 's,^/,/,p' "$1/.gitignore" 2>/dev/null)
	find "$1" ! -type d ! -name "$MANIFEST" "${built[@]}" "${@:2}" -printf '%P\n' | sort
}

# own_files: what the overlay puts in a folder, for each folder of the repo
own_files() { present_files "$REPO/$1"; }

# changed_files SOURCE PLACE: what in the applied folder is not as it was put there: a link
# that leads elsewhere, a file with another checksum, or one that was not put there
changed_files()
{
	find "$2" -type l -printf '%l\t%P\n' |
		awk -F '\t' -v from="$REPO/$1" -v to="$2" '$1 != from "/" $2 { print to "/" $2 }'
	present_files "$2" -type f | (cd "$2" && xargs -r -d '\n' sha256sum) |
		{ grep -vxF -f "$2/$MANIFEST" || true; } | sed "s,^[0-9a-f]*  ,$2/,"
}

# is_current SOURCE PLACE LINK: the folder is what apply would put there now
is_current()
{
	local want have

	[ -f "$2/$MANIFEST" ] || return 1
	want=$(own_files "$1")
	have=$(present_files "$2")
	[ "$want" = "$have" ] || return 1
	[ "$3" = "$(head -n 1 "$2/$MANIFEST")" ] || return 1
	[ "$3" = linked ] || [ "$(manifest "$1" "$3")" = "$(cat "$2/$MANIFEST")" ]
}

# manifest SOURCE LINK: the manifest of a folder; its first line is how it was put there
manifest()
{
	echo "$2"
	[ "$2" = linked ] || (cd "$REPO/$1" && own_files "$1" | xargs -r sha256sum)
}

# enter_tree TREE: the checks that both scripts make; afterwards the tree is the working
# directory, nobody else changes it, and nothing of an interrupted run is left.
enter_tree()
{
	local found

	case $1 in
	*[[:space:]:]*) die "'$1' has a space or a colon, which kbuild cannot build; move it" ;;
	esac
	found=$(release "$1")
	[ -n "$found" ] || die "$1 is not a kernel tree; name the top of one"
	! older "$found" "$OLDEST" ||
		die "$1 is Linux $found; open_trace supports $OLDEST and later"
	cd "$1" || die "$1 cannot be entered"
	# access(2) knows read-only mounts too
	for found in . lib tools/testing/selftests; do
		[ -w "$found" ] || die "$1 cannot be written; make it writable, or copy it"
	done
	exec 8<Makefile
	flock -n 8 || die "another apply or unapply is at work in $1; wait for it"
	rm -rf "$STAGE"
	trap 'rm -rf "$STAGE"' EXIT
}

# stage_or_die COMMAND...: a step that needs space
stage_or_die() { "$@" 2>/dev/null || die "cannot write in $PWD; is there space left?"; }
