#!/bin/sh
# starter.sh STEPS OUTDIR [STEPS] SOLUTION... - writes the starter of each
# solution file to OUTDIR. See starter.awk for the markers.
set -eu
tools=$(dirname "$0")
steps=$1
out=$2
shift 2
mkdir -p "$out"
tasks=$(mktemp)
trap 'rm -f "$tasks"' EXIT
awk -f "$tools/steps.awk" "$steps" >"$tasks"
for source; do
    case $source in
    *.c | *.h)
        to=$out/$(basename "$source")
        # A file without a region is given whole; others need todo.h.
        awk -v tasks="$tasks" -f "$tools/starter.awk" "$source" >"$to.new"
        if grep -q '^ *TODO(' "$to.new" && ! grep -q 'common/todo.h' "$to.new"; then
            echo "$source: include \"chapters/common/todo.h\" in it" >&2
            exit 1
        fi
        mv "$to.new" "$to"
        ;;
    esac
done
