#!/bin/sh
# starters.sh [--write] ROOT [CHAPTER...] - are the starters in chapters/ the
# ones that the solutions make? With --write they are made anew: that undoes
# whatever a reader wrote there.
set -u
write=
if [ "$1" = --write ]; then
    write=yes
    shift
fi
root=$1
shift
. "$(dirname "$0")/manifest.sh"
# shellcheck disable=SC2046 # one word a folder
[ $# -gt 0 ] || set -- $(chapter_folders "$root")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
status=0
count=0
for chapter; do
    rm -rf "${made:?}"/*
    before=$count
    sh "$root/tools/starter.sh" "$root/tests/$chapter/steps.txt" "$made" "$root/solutions/$chapter"/*.[ch] || exit 1
    for file in "$made"/* "$root/chapters/$chapter"/*.c; do
        [ -e "$file" ] || continue # a new chapter has no starter yet
        name=$(basename "$file")
        count=$((count + 1))
        if [ -n "$write" ] && [ -f "$made/$name" ]; then
            cmp -s "$made/$name" "$root/chapters/$chapter/$name" || cp "$made/$name" "$root/chapters/$chapter/$name"
        elif ! diff -u "$root/chapters/$chapter/$name" "$made/$name"; then
            echo "chapters/$chapter/$name is not what solutions/$chapter/$name makes: tools/update"
            status=1
        fi
    done
    [ "$count" -gt "$before" ] || { echo "no starter found in chapters/$chapter"; status=1; }
done
[ "$count" -gt 0 ] || { echo "no starter found"; status=1; }
echo "$count files compared"
exit $status
