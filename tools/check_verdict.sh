#!/bin/sh
# check_verdict.sh GATE mutant PATCH GOLDEN
# check_verdict.sh GATE starter STEPS GOLDEN
#
# Runs a gate that must say no, and checks how it says it.
# A mutant's patch opens with `# step: 3.2`: the gate must pass every step
# before that one and fail there. The starter must get the verdict `todo` in
# every step that asks for code, and `pass` in no such step. The first lines
# that a learner sees must be those of the golden file.
#
# The verdict has to be right each time. Its words may depend on which of two
# threads came first, for that may be what is wrong with the mutant: where they
# differ, the gate is asked again, twice at most, and says "varied" here.
# TEXT_TRIES=1 finds those (bazel test --test_env=TEXT_TRIES=1).
set -u
gate=$1
kind=$2
source=$3
golden=$4
lines=16
results=${TEST_TMPDIR:-/tmp}/results.$$
seen=${TEST_TMPDIR:-/tmp}/seen.$$
trap 'rm -f "$results" "$seen" "$seen.head" "$seen.want" "$seen.got"' EXIT

complain() {
    echo "$*"
    echo "--- what the gate said:"
    head -n 60 "$seen"
    exit 1
}

check_mutant() {
    "$gate" --plain --results="$results" >"$seen" 2>&1 && complain "the mutant survives: every step passes"
    want=$(sed -n 's/^# step: *//p' "$source")
    [ -n "$want" ] || complain "$source has no '# step:' line"
    got=$(awk '$2 != "pass" { print $1; exit }' "$results")
    [ "$got" = "$want" ] || complain "step $want teaches this, but step $got failed first"
}

check_starter() {
    "$gate" --plain --all --results="$results" >"$seen" 2>&1 && complain "the untouched starter passes"
    for step in $(awk '/^step:/ { step = $2; code[step] = 1 } /^code: *no/ { code[step] = 0 }
                       END { for (s in code) if (code[s]) print s }' "$source"); do
        verdict=$(awk -v step="$step" '$1 "" == step "" { print $2 }' "$results")
        [ "$verdict" = todo ] || complain "step $step of the untouched starter: '$verdict' instead of 'todo'"
    done
    "$gate" --plain >"$seen" 2>&1
}

# How often a waker was cloned depends on where a test that steps through the
# code has stopped, and so on the compiler.
comparable() { sed 's/: [0-9]* clones, [0-9]* wakes/: N clones, N wakes/' "$1"; }

# Where a panic stands depends on who built it, and its line on what is above.
take_head() {
    head -n "$lines" "$seen" |
        sed 's#panic at [^ ]*/\([a-z_]*\.[ch]\):[0-9]*: #panic at \1: #' >"$seen.head"
}

says_the_same() { comparable "$seen.head" >"$seen.got" && diff -u "$seen.want" "$seen.got"; }

case $kind in
mutant | starter) ;;
*) complain "unknown kind $kind" ;;
esac
"check_$kind"
take_head
if [ -n "${UPDATE_GOLDEN:-}" ]; then
    cp "$seen.head" "$golden"
else
    comparable "$golden" >"$seen.want" || exit 1
    try=1
    while ! says_the_same; do
        [ "$try" -lt "${TEXT_TRIES:-3}" ] ||
            complain "the first $lines lines differ from $(basename "$golden"); if the new ones are better: tools/update"
        try=$((try + 1))
        echo "varied: asking again ($try)"
        "check_$kind"
        take_head
    done
fi
echo "1 check passed"
