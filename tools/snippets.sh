#!/bin/sh
# snippets.sh --write FILE.md...   cuts the snippets of each file afresh
# snippets.sh --check FILE.md...   says which files are out of date (exit 1)
#
# Code and transcripts in lessons, answers and slides are never pasted; see
# snippets.awk for the markers.
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
root=${COURSE_ROOT:-$(dirname "$tools")}
mode=$1
shift
status=0
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
for file; do
    if ! awk -v root="$root" -v tools="$tools" -f "$tools/patch.awk" -f "$tools/snippets.awk" "$file" >"$fresh"; then
        status=1
    elif cmp -s "$fresh" "$file"; then
        :
    elif [ "$mode" = --write ]; then
        cat "$fresh" >"$file"
        echo "updated $file"
    else
        diff -u "$file" "$fresh" || true
        echo "$file: out of date; run tools/snippets.sh --write $file"
        status=1
    fi
done
exit $status
