#!/bin/sh
# whole.sh ROOT - is every chapter whole, and every folder in the manifest?
#
# A chapter has a lesson, a contract, a starter, a solution, answers, a gate
# with steps whose minutes add up, at least eight mutants, and a deck. A mutant is
# one patch of one file, with its step, its sentence and what a learner sees. Every step's section is a heading of the lesson, and
# every step is taught by a mutant or says `mutant: no` and why.
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

check_steps() {
    steps=$root/tests/$chapter/steps.txt
    [ -f "$steps" ] || return
    minutes=$(awk '/^minutes:/ { sum += $2 } END { print sum + 0 }' "$steps")
    [ "$minutes" = "$lab" ] || complain "$chapter: the steps take $minutes minutes, the manifest says $lab"
    for key in title suite task section minutes cause; do
        awk -v key="$key" '/^step:/ { if (s != "" && !ok) print s; s = $2; ok = 0; code = 1 }
            /^code: *no/ && key == "task" { ok = 1 }
            index($0, key ": ") == 1 { ok = 1 } END { if (!ok) print s }' "$steps" |
            while read -r step; do echo "$chapter: step $step has no '$key:'"; done
    done >"$scratch"
    awk '/^step:/ { if (s != "" && n != 3) print s; s = $2; n = 0 } /^hint:/ { n++ } END { if (n != 3) print s }' "$steps" |
        while read -r step; do echo "$chapter: step $step has not three hints"; done >>"$scratch"
    awk '/^step:/ { s = $2 } /^deadline:/ && $2 < 20 { print s }' "$steps" | while read -r step; do
        echo "$chapter: step $step ends within 20 seconds, twice the patience of gate::Eventually()"
    done >>"$scratch"
    sed -n 's/^section: *//p' "$steps" | while read -r section; do
        grep -qF -- "$section" "$root/chapters/$chapter/README.md" || echo "$chapter: no section '$section' in the lesson"
    done >>"$scratch"
    awk '/^step:/ { step = $2; code[step] = 1 } /^(code|mutant): *no/ { code[step] = 0 }
         END { for (s in code) if (code[s]) print s }' "$steps" | while read -r step; do
        grep -qs "^# step: $step\$" "$root/tests/$chapter"/mutants/*.patch || echo "$chapter: no mutant for step $step"
    done >>"$scratch"
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
trap 'rm -f "$scratch" "$table"' EXIT
chapter_table "$root" >"$table"
[ -s "$table" ] || complain "tools/chapters.bzl: no chapter found"
while IFS='|' read -r chapter _ _ lab; do
    check_pieces
    check_mutants
    check_steps
done <"$table"
check_orphans
echo "$(wc -l <"$table") chapters checked, $complaints complaints"
[ "$complaints" -eq 0 ]
