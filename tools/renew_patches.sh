#!/bin/sh
# renew_patches.sh ROOT [NN_name...] - makes the patches of mutants and of
# weakened orders fit the working tree again. `tools/update --patches` is how
# people start it.
#
# A patch that fits exactly, where it says, is left alone. For another, the
# newest committed version of its source that it fits is the base: a three-way
# merge brings what has changed since and the bug together, and the patch gets
# new hunks below its old head. A person has to look at a patch when the two
# are in conflict, when the bug or a part of it is gone, or when the patch fits
# no version: it is named at the end, with exit status 1, and stays as it was.
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
cd "$1"
shift
. "$tools/checks/manifest.sh"
export LC_ALL=C
for tool in git patch diff awk; do
    command -v "$tool" >/dev/null || { echo "renew_patches.sh needs $tool" >&2 && exit 2; }
done
git rev-parse --verify --quiet HEAD >/dev/null || { echo "$PWD is no git repository with a commit" >&2 && exit 2; }
# shellcheck disable=SC2046 # one word a folder
[ $# -gt 0 ] || set -- $(chapter_folders .)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
total=0
renewed=0
: >"$tmp/look"

# fits FILE PATCH OUT: 0 if it does exactly and where it says, 3 if it does
# some lines off, 1 if not at all. OUT is the file with the bug.
fits() {
    cp "$1" "$3"
    patch --fuzz=0 --force --no-backup-if-mismatch --reject-file=- "$3" <"$2" >"$tmp/patched" 2>&1 || return 1
    ! grep -q '(offset ' "$tmp/patched" || return 3
}

# The source that a patch changes, as the patch calls it; nothing if there are
# two of them.
source_of() { sed -n 's#^+++ b/##p' "$1" | awk '{ name = $0 } END { if (NR == 1) print name }'; }

# What a source is called now, if it was renamed since.
name_now() {
    [ -e "$tmp/renamed" ] || {
        git diff -M --diff-filter=R --name-status --relative HEAD
        git log -M --diff-filter=R --name-status --relative --format=
    } >"$tmp/renamed"
    name=$1
    for _ in 1 2 3 4 5; do
        [ ! -f "$name" ] || break
        name=$(awk -F '\t' -v old="$name" '$2 == old { print $3; exit }' "$tmp/renamed")
    done
    [ -f "$name" ] && echo "$name"
}

# versions SOURCE: the folder with its committed versions, as 1, 2, ... from
# the newest. A version that is not there (the source was removed) is none.
versions() {
    folder=$tmp/versions/$1
    if [ ! -d "$folder" ]; then
        mkdir -p "$folder"
        number=1
        for commit in $(git log --format=%H -- "$1"); do
            git show "$commit:./$1" >"$folder/$number" 2>/dev/null && number=$((number + 1))
        done
        [ ! -e "$folder/$number" ] || rm "$folder/$number"
    fi
    echo "$folder"
}

# find_base SOURCE PATCH: leaves the base in $tmp/base and its mutant in
# $tmp/mutated. A version that the patch fits some lines off will do if there is
# none that it fits just where it says.
find_base() {
    folder=$(versions "$1")
    off=
    number=1
    while [ -e "$folder/$number" ]; do
        fit=0
        fits "$folder/$number" "$2" "$tmp/mutated" || fit=$?
        [ $fit -ne 0 ] || break
        [ $fit -ne 3 ] || off=${off:-$number}
        number=$((number + 1))
    done
    [ -e "$folder/$number" ] || number=$off
    [ -n "$number" ] || return 1
    cp "$folder/$number" "$tmp/base"
    fits "$tmp/base" "$2" "$tmp/mutated" || [ $? -eq 3 ]
}

# How many lines go and how many come from one file to another.
changes() { diff "$1" "$2" | awk '/^</ { gone++ } /^>/ { come++ } END { print gone + 0, come + 0 }'; }

# write_patch PATCH SOURCE: its old head, and the way from the source to
# $tmp/merged. It is put in place only if that is where it leads.
write_patch() {
    sed '/^--- a\//,$d' "$1" >"$tmp/new.patch"
    diff -U 3 --label "a/$2" --label "b/$2" "$2" "$tmp/merged" >>"$tmp/new.patch" || [ $? -eq 1 ]
    fits "$2" "$tmp/new.patch" "$tmp/check" && cmp -s "$tmp/check" "$tmp/merged" && cp "$tmp/new.patch" "$1"
}

look() { echo "$1: $2" >>"$tmp/look"; }

renew() { # renew PATCH
    old=$(source_of "$1")
    if [ -z "$old" ]; then
        look "$1" "it changes no file, or more than one"
        return
    fi
    if ! now=$(name_now "$old"); then
        look "$1" "there is no $old"
        return
    fi
    [ "$old" != "$now" ] || ! fits "$now" "$1" "$tmp/mutated" || return 0
    if ! find_base "$old" "$1"; then
        look "$1" "it fits no version of $old"
        return
    fi
    cp "$now" "$tmp/merged"
    if ! git merge-file -q "$tmp/merged" "$tmp/base" "$tmp/mutated"; then
        look "$1" "the bug and a change of $now are in conflict"
    elif cmp -s "$tmp/merged" "$now"; then
        look "$1" "the bug is gone: $now has become like it"
    elif [ "$(changes "$tmp/base" "$tmp/mutated")" != "$(changes "$now" "$tmp/merged")" ]; then
        look "$1" "a part of the bug is gone: $now has become like it"
    elif write_patch "$1" "$now"; then
        renewed=$((renewed + 1))
        echo "renewed $1"
    else
        look "$1" "the new hunks do not lead to the bug"
    fi
}

for chapter; do
    for patch in tests/"$chapter"/mutants/*.patch tests/explore/weakened/"$chapter"/*.patch; do
        [ -f "$patch" ] || continue
        total=$((total + 1))
        renew "$patch"
    done
done
[ "$total" -gt 0 ] || { echo "no patch found" >&2 && exit 2; }
echo "$total patches, $renewed renewed"
[ -s "$tmp/look" ] || exit 0
echo "A person has to look at these:"
sed 's/^/  /' "$tmp/look"
exit 1
