# shellcheck shell=sh
# sections.sh - runs checks one after the other, counts them, and tells how long
# each took. Nothing is skipped because it is slow. Sourced.

passed=0
failed=0
log=$(mktemp)
times=$(mktemp)
trap 'rm -f "$log" "$log.status" "$times"' EXIT

# begin WHAT; then counts COUNT COUNT: what a section has passed and failed
begin() {
    what=$1
    began=$(date +%s)
    printf '\n== %s\n' "$what"
}
counts() {
    seconds=$(($(date +%s) - began))
    passed=$((passed + $1))
    failed=$((failed + $2))
    printf '%6d s  %5d passed  %3d failed  %s\n' "$seconds" "$1" "$2" "$what" >>"$times"
    printf '== %d s: %s\n' "$seconds" "$what"
}

# logged COMMAND...: what it says is shown and in $log; its status is its own
logged() {
    {
        "$@" 2>&1
        echo $? >"$log.status"
    } | tee "$log"
    return "$(cat "$log.status")"
}

# one WHAT COMMAND...: a check that counts as one
one() {
    begin "$1"
    shift
    if "$@"; then counts 1 0; else echo "FAILED: $*" && counts 0 1; fi
}

# counted WHAT COMMAND...: a run that prints `N passed, N failed` at its end
counted() {
    begin "$1"
    shift
    status=0
    logged "$@" || status=$?
    # shellcheck disable=SC2046 # words: N passed, N failed
    set -- $(LC_ALL=C grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [ $# -eq 0 ]; then
        echo "FAILED: printed no count" && counts 0 1
    elif [ "$status" -ne 0 ] && [ "$3" -eq 0 ]; then
        echo "FAILED: ended with status $status" && counts "$1" 1
    else
        counts "$1" "$3"
    fi
}

# tests WHAT ARGUMENTS...: a `bazel test`, counted by target
tests() {
    begin "$1"
    shift
    status=0
    logged "${BAZEL:-bazel}" test --noshow_progress --keep_going "$@" || status=$?
    good=$(LC_ALL=C grep -acE '^//.* PASSED' "$log")
    bad=$(LC_ALL=C grep -acE '^//.* (FAILED|TIMEOUT|NO STATUS|FLAKY)' "$log")
    if [ "$good" -eq 0 ] || { [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
        echo "FAILED: bazel test ended with $status, $good passed"
        bad=$((bad + 1))
    fi
    counts "$good" "$bad"
}

# summary: a table of all sections, and one line; true if nothing failed
summary() {
    printf '\n'
    cat "$times"
    printf '\n%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
