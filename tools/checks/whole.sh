#!/bin/sh
# whole.sh ROOT - is every chapter whole, and every folder in the manifest?
#
# A chapter has a lesson, a contract, a starter, a solution (the files that the
# manifest names, and no others), answers, a gate
# with steps whose minutes add up, at least eight mutants, and a deck. A mutant is
# one patch of one file, with its step, its sentence and what a learner sees. Every step's section is a heading of the lesson, and
# every step is taught by a mutant or says `mutant: no` and why. Each test of the
# explorer beside the gate belongs to one step.
set -u
root=$1
. "$(dirname "$0")/manifest.sh"
complaints=0
complain() {
    echo "$*"
    complaints=$((complaints + 1))
}

# Each line of $scratch.
complain_of_each() {
    while read -r line; do complain "$line"; done <"$scratch"
}

has() { # has FILE-OR-PATTERN WHAT
    # shellcheck disable=SC2086 # the pattern is meant to be expanded
    set -- "$2" $1
    [ -s "$2" ] || complain "$chapter: no $1 (${2#"$root"/})"
}

check_pieces() {
    has "$root/chapters/$chapter/README.md" lesson
    has "$root/chapters/$chapter/*.h" contract
    has "$root/chapters/$chapter/*.c" starter
    has "$root/chapters/$chapter/demos/*.c" demo
    has "$root/chapters/$chapter/BUILD" "BUILD file"
    has "$root/solutions/$chapter/*.c" solution
    has "$root/solutions/$chapter/ANSWERS.md" answers
    has "$root/tests/$chapter/*_test.cc" gate
    has "$root/tests/$chapter/steps.txt" steps
    has "$root/tests/$chapter/starter.txt" "text of the starter"
    has "$root/slides/$chapter.md" deck
}

# The manifest's list is what is built: in solutions/ nothing else, in chapters/
# nothing less (a learner may have more).
check_sources() {
    chapter_sources "$root" "$chapter" >"$scratch"
    for file in "$root/solutions/$chapter"/*.[ch]; do
        [ ! -e "$file" ] || grep -qxF "${file##*/}" "$scratch" ||
            complain "$chapter: SOURCES in tools/chapters.bzl lacks ${file##*/}, so nothing builds it"
    done
    while read -r source; do
        for folder in solutions chapters; do
            [ -f "$root/$folder/$chapter/$source" ] || complain "$chapter: no $source in $folder/, and SOURCES names it"
        done
    done <"$scratch"
}

# In tests/ and in the explorer's folder. Whatever else lies there, a person
# has forgotten.
check_mutants() {
    for patch in "$root/tests/$chapter"/mutants/* "$root/tests/explore/weakened/$chapter"/*; do
        [ -e "$patch" ] && echo "$patch"
    done |
        awk -v chapter="$chapter" -v lesson="$root/chapters/$chapter/README.md" \
            -f "$root/tools/patch.awk" -f "$root/tools/checks/mutants.awk" >"$scratch"
    [ $? -eq 0 ] || complain "$chapter: the mutants could not be read"
    complain_of_each
}

# steps_without KEY: of those that need it
steps_without() {
    awk -F'\t' -v key="$1" '$2 == "step" { step[++n] = $1; ok[$1] = 0 } $2 == key { ok[$1] = 1 }
        $2 == "code" && $3 == "no" && key == "task" { ok[$1] = 1 }
        END { for (i = 1; i <= n; i++) if (!ok[step[i]]) print step[i] }' "$steps"
}

check_steps() {
    [ -f "$root/tests/$chapter/steps.txt" ] || return
    steps_table "$root" "$chapter" >"$steps" 2>"$scratch" || {
        complain "$chapter: $(cat "$scratch")"
        return
    }
    minutes=$(awk -F'\t' '$2 == "minutes" { sum += $3 } END { print sum + 0 }' "$steps")
    [ "$minutes" = "$lab" ] || complain "$chapter: the steps take $minutes minutes, the manifest says $lab"
    for key in title suite task section minutes cause; do
        for step in $(steps_without "$key"); do echo "$chapter: step $step has no '$key:'"; done
    done >"$scratch"
    awk -F'\t' -v chapter="$chapter" '
        $2 == "step" { step[++n] = $1 } $2 == "hint" { hints[$1]++ }
        $2 == "deadline" && $3 < 20 {
            print chapter ": step " $1 " ends within 20 seconds, twice the patience of gate::Eventually()" }
        END { for (i = 1; i <= n; i++) if (hints[step[i]] != 3) print chapter ": step " step[i] " has not three hints" }
    ' "$steps" >>"$scratch"
    awk -F'\t' '$2 == "section" { print $3 }' "$steps" | while read -r section; do
        grep -qF -- "$section" "$root/chapters/$chapter/README.md" || echo "$chapter: no section '$section' in the lesson"
    done >>"$scratch"
    for step in $(awk -F'\t' '$2 == "step" { all[$1] = 1 } ($2 == "code" || $2 == "mutant") && $3 ~ /^no/ { delete all[$1] }
        END { for (step in all) print step }' "$steps"); do
        grep -qs "^# step: $step\$" "$root/tests/$chapter"/mutants/*.patch || echo "$chapter: no mutant for step $step"
    done >>"$scratch"
    complain_of_each
}

# What `explored:` says is a --gtest_filter: patterns, and after a - those that
# are left out.
check_explored() {
    for name in $(manifest_list "$root" EXPLORED | awk -v chapter="$chapter" '$1 == chapter { $1 = ""; print }'); do
        sed -n 's/^TEST_F(\([A-Za-z0-9]*\), *\([A-Za-z0-9]*\)).*/\1.\2/p' "$root/tests/explore/${name}_test.cc"
    done | awk -F'\t' -v chapter="$chapter" '
        function pattern_of(text) { gsub(/\./, "[.]", text); gsub(/\*/, ".*", text); gsub(/:/, "|", text); return "^(" text ")$" }
        part == "steps" && $2 == "explored" {
            step[++n] = $1; split($3, side, "-"); wanted[n] = pattern_of(side[1]); left_out[n] = pattern_of(side[2]) }
        part == "steps" { next }
        { count = 0
          for (i = 1; i <= n; i++) if ($0 ~ wanted[i] && $0 !~ left_out[i]) { count++; used[i] = 1 }
          if (count != 1) print chapter ": " $0 " of tests/explore belongs to " count " steps, and not to one (explored:)" }
        END { for (i = 1; i <= n; i++) if (!used[i]) print chapter ": step " step[i] " is explored by no test (explored:)" }
    ' part=steps "$steps" part=tests - >"$scratch"
    complain_of_each
}

check_orphans() {
    for folder in "$root"/chapters/[0-9]* "$root"/solutions/[0-9]* "$root"/tests/[0-9]* "$root"/slides/[0-9]*.md; do
        [ -e "$folder" ] || continue
        chapter_folders "$root" | grep -qx "$(basename "$folder" .md)" ||
            complain "${folder#"$root"/}: not in tools/chapters.bzl"
    done
}

scratch=$(mktemp)
table=$(mktemp)
steps=$(mktemp)
trap 'rm -f "$scratch" "$table" "$steps"' EXIT
chapter_table "$root" >"$table"
[ -s "$table" ] || complain "tools/chapters.bzl: no chapter found"
while IFS='|' read -r chapter _ _ lab; do
    check_pieces
    check_sources
    check_mutants
    check_steps
    check_explored
done <"$table"
check_orphans
echo "$(wc -l <"$table") chapters checked, $complaints complaints"
[ "$complaints" -eq 0 ]
