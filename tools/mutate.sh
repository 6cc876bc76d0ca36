#!/bin/sh
# mutate.sh PATCH OUTDIR [PATCH] SOLUTION... - copies the solution files to
# OUTDIR and plants the bug that PATCH describes in them. The patch's paths
# are those of the repository (solutions/NN_name/file.c).
set -eu
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
