#!/bin/sh
# mutate.sh [--changed] PATCH OUTDIR [PATCH] SOLUTION... - copies the solution
# files to OUTDIR and plants the bug that PATCH describes in them. The patch's
# paths are those of the repository (solutions/NN_name/file.c). With --changed,
# a source that the bug leaves alone becomes an empty file: it is compiled
# already, in the reference, and the linker finds it there.
set -eu
only_changed=false
if [ "$1" = --changed ]; then
    only_changed=true
    shift
fi
patch=$1
out=$2
shift 2
mkdir -p "$out"
for source; do
    case $source in
    *.c | *.h) cp "$source" "$out" && chmod u+w "$out/$(basename "$source")" ;;
    esac
done
patch --directory="$out" --strip=3 --fuzz=0 --quiet --no-backup-if-mismatch <"$patch"
$only_changed || exit 0
for source; do
    case $source in
    *.c) if cmp -s "$source" "$out/$(basename "$source")"; then : >"$out/$(basename "$source")"; fi ;;
    esac
done
