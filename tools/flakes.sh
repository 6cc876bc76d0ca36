#!/bin/sh
# flakes.sh COUNT TARGET... - runs each gate COUNT times on a quiet machine and
# COUNT times with every core busy, and counts the runs that failed.
#
#     tools/flakes.sh 200 //solutions/03_waker
#
# A gate that fails once in a thousand runs is a bug of the first rank: exit
# status 1 if any run failed, and its output is shown. BAZEL and BAZEL_FLAGS
# ("--config=tsan") may be set.
set -eu
bazel=${BAZEL:-bazel}
cd "$(dirname "$0")/.."
[ $# -ge 2 ] && [ "$1" -ge 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
count=$1
shift
output=$(mktemp)
burners=
stop_burners() {
    for burner in $burners; do kill "$burner" 2>/dev/null || :; done
    burners=
}
trap 'stop_burners; rm -f "$output"' EXIT
trap 'exit 130' INT TERM

# Two for each core, so that a gate's threads are taken off theirs all the time.
start_burners() {
    cores=$(nproc)
    while [ "$cores" -gt 0 ]; do
        for _ in 1 2; do
            sh -c 'while :; do :; done' &
            burners="$burners $!"
        done
        cores=$((cores - 1))
    done
}

# The gate's binary, by the name of its target (//a/b or //a/b:c).
binary_of() {
    case $1 in *:*) echo "$bin/${1#//}" | tr ':' '/' ;; *) echo "$bin/${1#//}/$(basename "$1")" ;; esac
}

runs() { # runs GATE WHEN
    failed=0
    run=0
    while [ "$run" -lt "$count" ]; do
        run=$((run + 1))
        if ! "$1" --plain >"$output" 2>&1; then
            failed=$((failed + 1))
            echo "run $run, $2:"
            cat "$output"
        fi
    done
    echo "$(basename "$1"), $2: $count runs, $failed failed"
    all_failed=$((all_failed + failed))
}

# shellcheck disable=SC2086 # a list of flags
$bazel build ${BAZEL_FLAGS:-} "$@"
# shellcheck disable=SC2086
bin=$($bazel info ${BAZEL_FLAGS:-} bazel-bin)
all_failed=0
for target; do runs "$(binary_of "$target")" quiet; done
start_burners
for target; do runs "$(binary_of "$target")" busy; done
[ "$all_failed" -eq 0 ]
