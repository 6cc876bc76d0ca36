#!/bin/sh
# weakened.sh PROGRAM PATCH - the test that the patch names must fail on this
# program, with the first line that the patch tells, and by the same execution
# each time. It prints how many executions that took: a number that no busy
# machine changes, so there is a limit to it.
set -u
program=$1
patch=$2
limit=5000
tmp=${TEST_TMPDIR:-/tmp}/weakened.$$
mkdir -p "$tmp"
trap 'rm -rf "$tmp"' EXIT

complain() {
    echo "$(basename "$patch"): $*"
    cat "$tmp/first"
    exit 1
}

head_line() {
    sed -n "s/^# $1: *//p" "$patch"
}

run() {
    EXPLORE_FIGURES=$tmp/figures "$program" --gtest_filter="$test" >"$tmp/out" 2>&1
    status=$?
    # But for times, which GoogleTest prints.
    sed 's/ ([0-9]* ms.*//' "$tmp/out" >"$tmp/$1"
    return $status
}

test=$(head_line test)
says=$(head_line says)
: >"$tmp/first"
for line in test what says; do
    [ -n "$(head_line $line)" ] || complain "no '# $line:' in its head"
done
run first && complain "nothing finds it: $test passes"
grep -q -F -x "$says" "$tmp/first" || complain "$test fails, but does not say: $says"
figures=$(head -n 1 "$tmp/figures")
run second
cmp -s "$tmp/first" "$tmp/second" || complain "another execution fails when it runs again"
# shellcheck disable=SC2086 # its words
set -- $figures
[ $(($2 + $4)) -le $limit ] || complain "found, but not within $limit executions: $figures"
echo "$test: found after $(($2 + $4)) executions, in $8 ms"
