#!/bin/sh
# check_verdict.sh GATE mutant PATCH CODE
# check_verdict.sh GATE starter STEPS STARTER_TXT CODE
#
# Runs a gate that must say no, and checks how it says it. CODE is what the
# mutant or the starter changes: see with_code.sh.
# A mutant's patch has a line `# step: 3.2` (see patch.awk): the gate must pass
# every step before that one and fail there. The starter must get the verdict
# `todo` in every step that asks for code, and `pass` in no such step. The first
# lines that a learner sees must be those of the patch, or of STARTER_TXT.
#
# The verdict has to be right each time. Its words may depend on which of two
# threads came first, for that may be what is wrong with the mutant: where they
# differ, the gate is asked again, twice at most, and says "varied" here.
# TEXT_TRIES=1 finds those (bazel test --test_env=TEXT_TRIES=1).
# UPDATE=1 writes the new words into PATCH or STARTER_TXT instead.
#
# Some thousand of these run at a time: a run is the gate and one awk.
set -u
lines=16
# Bazel knows this script by another name, and starts it above tools/.
tools=${0%/*}
[ -e "$tools/check_verdict.awk" ] || tools=tools
# shellcheck source=tools/with_code.sh disable=SC1091
. "$tools/with_code.sh"

usage() {
    sed -n '2,3s/^# /usage: /p' "$tools/check_verdict.sh" >&2
    exit 2
}

[ $# -ge 4 ] || usage
gate=$1
kind=$2
source=$3
case $kind.$# in
mutant.4) words=$3 ;;
starter.5) words=$4 && shift ;;
*) usage ;;
esac
changed=$4
check_code "$changed" || exit 1

# Bazel empties its own folder.
tmp=${TEST_TMPDIR:-}
trap 'write_report $? "$3"; [ -n "${TEST_TMPDIR:-}" ] || rm -rf "$tmp"' EXIT
[ -n "$tmp" ] || tmp=$(mktemp -d) || exit 1
results=$tmp/results
if [ "$kind" = starter ]; then
    awk -f "$tools/steps.awk" "$source" >"$tmp/steps" || exit 1
    source=$tmp/steps
fi
page=$tmp/page

# Exit status: that of check_verdict.awk.
judge() {
    output=$page
    : >"$results"
    if [ "$kind" = starter ]; then
        output=$tmp/all
        with_code "$changed" "$gate" --plain --all --results="$results" >"$output" 2>&1
        status=$?
        with_code "$changed" "$gate" --plain >"$page" 2>&1
    else
        with_code "$changed" "$gate" --plain --results="$results" >"$page" 2>&1
        status=$?
    fi
    awk -v kind="$kind" -v source="$source" -v starter="$words" -v results="$results" -v status="$status" \
        -v output="$output" -v page="$page" -v lines="$lines" -v update="${UPDATE:+$words.new}" \
        -f "$tools/patch.awk" -f "$tools/check_verdict.awk"
}

try=1
while
    judge
    judged=$?
    [ "$judged" -eq 3 ]
do
    if [ -n "${UPDATE:-}" ]; then
        mv "$words.new" "$words" && echo "updated $words" && exit 0
        exit 1
    fi
    diff -u "$page.want" "$page.got"
    if [ "$try" -ge "${TEXT_TRIES:-3}" ]; then
        echo "the first $lines lines differ from ${words##*/}; if the new ones are better: tools/update"
        echo "--- what the gate said:"
        head -n 60 "$page"
        exit 1
    fi
    try=$((try + 1))
    echo "varied: asking again ($try)"
done
[ "$judged" -eq 0 ] || exit 1
echo "1 check passed"
