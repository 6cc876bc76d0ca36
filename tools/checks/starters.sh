#!/bin/sh
# starters.sh [--write] ROOT [CHAPTER...] - are the starters in chapters/ the
# ones that the solutions make, and are the copies of what the course gives beside
# them (tools/course/given) true? With --write both are made anew: that undoes
# whatever a reader wrote in a starter, and takes the headers as they are.
set -u
write=
if [ "$1" = --write ]; then
    write=yes
    shift
fi
root=$1
shift
. "$(dirname "$0")/manifest.sh"
. "$(dirname "$0")/../course/given.sh"
# shellcheck disable=SC2046 # one word a folder
[ $# -gt 0 ] || set -- $(chapter_folders "$root")
made=$(mktemp -d)
trap 'rm -rf "$made" "$made.given"' EXIT
status=0
count=0

given() { # given FOLDER: the copy of what the course gives
    list=$(given_list "$root" "$1")
    write_given "$root" "$1" >"$made.given"
    count=$((count + 1))
    cmp -s "$made.given" "$list" && return
    if [ -n "$write" ]; then
        mkdir -p "${list%/*}" && cp "$made.given" "$list"
    else
        diff -u "$list" "$made.given"
        echo "${list#"$root"/} is not what chapters/$1 has: tools/update"
        status=1
    fi
}

for chapter; do
    rm -rf "${made:?}"/*
    before=$count
    sh "$root/tools/starter.sh" "$root/tests/$chapter/steps.txt" "$made" "$root/solutions/$chapter"/*.[ch] || exit 1
    for file in "$made"/* "$root/chapters/$chapter"/*.c; do
        [ -f "$file" ] || continue # a new chapter has no starter yet
        name=$(basename "$file")
        count=$((count + 1))
        if [ -n "$write" ] && [ -f "$made/$name" ]; then
            cmp -s "$made/$name" "$root/chapters/$chapter/$name" || cp "$made/$name" "$root/chapters/$chapter/$name"
        elif ! diff -u "$root/chapters/$chapter/$name" "$made/$name"; then
            echo "chapters/$chapter/$name is not what solutions/$chapter/$name makes: tools/update"
            status=1
        fi
    done
    given "$chapter"
    [ "$count" -gt "$before" ] || { echo "no starter found in chapters/$chapter"; status=1; }
done
given common
[ "$count" -gt 0 ] || { echo "no starter found"; status=1; }
echo "$count files compared"
exit $status
