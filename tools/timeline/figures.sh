#!/bin/sh
# figures.sh [NN_name...] - draws chapters/NN_name/images/trace.svg anew from
# a run of the reference, for every chapter that has demos/trace.c.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
. tools/checks/manifest.sh
# shellcheck disable=SC2046 # one word a folder
[ $# -gt 0 ] || set -- $(chapter_folders .)
drawn=0
for chapter; do
    [ -f "chapters/$chapter/demos/trace.c" ] || continue
    sh tools/timeline/trace.sh "$chapter" --reference "$folder"
    mkdir -p "chapters/$chapter/images"
    cp "$folder/$chapter.svg" "chapters/$chapter/images/trace.svg"
    drawn=$((drawn + 1))
done
echo "$drawn figures drawn"
[ "$drawn" -gt 0 ]
