#!/bin/sh
# figures.sh - runs all that is explored, and prints how much that is and how
# long it takes. For maintainers:
#     sh tests/explore/figures.sh >tests/explore/figures.txt
#     sh tools/snippets.sh --write tests/explore/README.md
# Executions are the same on each machine; times are not.
set -eu
cd "$(dirname "$0")/../.."
bazel=${BAZEL:-bazel}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

. tools/checks/manifest.sh
entries() { manifest_list . "$1"; }

# Is one memory order all that the patch changes?
is_order() {
    awk '/^(---|\+\+\+) / { next }
         /^[-+]/ { sign = substr($0, 1, 1); text = substr($0, 2); words += gsub(/memory_order_[a-z_]*/, "", text)
                   gsub(/[ ]/, "", text); all[sign] = all[sign] text }
         END { exit !(words && all["-"] == all["+"]) }' "$1"
}

# NAME FIGURES - scenarios, executions, milliseconds, of all its lines.
sum() {
    awk -v name="$1" '{ runs += $2 + $4; ms += $8 } END { printf "%-32s %9d %11d %8d\n", name, NR, runs, ms }' "$2"
}

# NAME FIGURES... - each of a program that fails: its last line counts.
most() {
    name=$1
    shift
    for file; do tail -n 1 "$file"; done |
        awk -v name="$name" '{ n++; runs = $2 + $4; if (runs > most) most = runs; if ($8 > ms) ms = $8 }
                             END { printf "%-32s %9d %11d %8d\n", name, n, most, ms }'
}

# CODE FIGURES PROGRAM ARGUMENT... - a program on changed code, which fails.
with() {
    code=$1
    figures=$2
    shift 2
    [ -s "$code" ] || { echo "no $code" >&2 && exit 1; }
    env LD_PRELOAD="$code" EXPLORE_FIGURES="$figures" "$@" >/dev/null && echo "$code: nothing finds it" >&2
    [ -s "$figures" ] || { echo "$code: nothing was explored" >&2 && exit 1; }
}

gates=$(entries EXPLORING)
targets=//tests/explore/...
for chapter in $gates; do
    targets="$targets //solutions/$chapter"
    for patch in tests/"$chapter"/mutants/*.patch; do
        ! is_order "$patch" || targets="$targets //tests/$chapter:mutant_$(basename "$patch" .patch)_test"
    done
done
# shellcheck disable=SC2086 # a list of targets
$bazel build $targets >&2
bin=$($bazel info bazel-bin 2>/dev/null)

printf '%-32s %9s %11s %8s\n' 'tests' scenarios executions ms
for chapter in $gates; do
    EXPLORE_FIGURES=$tmp/gate.$chapter "$bin/solutions/$chapter/$chapter" --plain >/dev/null
    sum "$chapter, in its gate" "$tmp/gate.$chapter"
done
entries EXPLORED | while read -r chapter names; do
    for name in $names; do
        EXPLORE_FIGURES=$tmp/test.$name "$bin/tests/explore/${name}_test" >/dev/null
        sum "$chapter, $name" "$tmp/test.$name"
    done
done

printf '\n%-32s %9s %11s %8s\n' 'orders that are too weak: most' mutants executions ms
for chapter in $gates; do
    for patch in tests/"$chapter"/mutants/*.patch; do
        is_order "$patch" || continue
        name=$(basename "$patch" .patch)
        with "$bin/tests/$chapter/mutant_$name.so" "$tmp/weak.$chapter.$name" "$bin/solutions/$chapter/$chapter" --plain
    done
    most "$chapter, in its gate" "$tmp/weak.$chapter".*
done
entries EXPLORED | while read -r chapter names; do
    for patch in tests/explore/weakened/"$chapter"/*.patch; do
        name=$(basename "$patch" .patch)
        with "$bin/tests/explore/weakened_$(printf %.2s "$chapter")_$name.so" "$tmp/weak.$chapter.$name" \
            "$bin/tests/explore/$chapter" --gtest_filter="$(sed -n 's/^# test: *//p' "$patch")"
    done
    most "$chapter" "$tmp/weak.$chapter".*
done
