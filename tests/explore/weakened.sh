#!/bin/sh
# weakened.sh PROGRAM PATCH CODE - the test that the patch names must fail on
# this program, with the first line that the patch tells, and by the same
# execution each time. CODE is what the patch changes: see tools/with_code.sh.
# It prints how many executions that took: a number that no busy machine
# changes, so there is a limit to it.
set -u
[ $# -eq 3 ] || { echo "usage: weakened.sh PROGRAM PATCH CODE" >&2; exit 2; }
program=$1
patch=$2
changed=$3
limit=5000
# From the root of the tree, or of what Bazel shows of it.
tools=tools
explore=tests/explore
# shellcheck source=tools/with_code.sh disable=SC1091
. "$tools/with_code.sh"
check_code "$changed" || exit 1

# Bazel empties its own folder.
tmp=${TEST_TMPDIR:-}
trap 'write_report $? "$patch"; [ -n "${TEST_TMPDIR:-}" ] || rm -rf "$tmp"' EXIT
[ -n "$tmp" ] || tmp=$(mktemp -d) || exit 1
first=$tmp/first
second=$tmp/second

ask_awk() { awk -v patch="$patch" "$@" -f "$tools/patch.awk" -f "$explore/weakened.awk"; }

# The name of the test, or what is wrong with the patch.
test=$(ask_awk) || { echo "$test" && exit 1; }
export EXPLORE_FIGURES="$tmp/figures"
: >"$EXPLORE_FIGURES"
with_code "$changed" "$program" --gtest_filter="$test" >"$first" 2>&1
status=$?
with_code "$changed" "$program" --gtest_filter="$test" >"$second" 2>&1
ask_awk -v first="$first" -v second="$second" -v status="$status" -v figures="$EXPLORE_FIGURES" -v limit="$limit"
