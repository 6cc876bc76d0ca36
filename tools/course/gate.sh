# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# gate.sh - runs a chapter's gate, then its explorer. Sourced.
#
# `bazel test` would run them too, but its log appears only after the run and
# between Bazel's own words. So Bazel builds, and the gate speaks for itself.

# run_gate FOLDER FLAGS...: builds and runs; .course/results has the verdicts.
# `first` is the step to begin with, if any.
first=''

run_gate() {
    under_test=$1
    shift
    need_chapter_files "$under_test"
    rm -f "$state/results"
    at_hand=$(explorer_at_hand "$under_test")
    build_quietly "$@" "//chapters/$under_test:$under_test" ${at_hand:+"$at_hand"} || return
    binaries=$(built_at "$@")/chapters/$under_test
    (cd "$root" && exec "$binaries/$under_test" ${first:+"--first=$first"} --results="$state/results")
    verdict=$?
    explore_chapter "$under_test" "$@" || verdict=1
    return "$verdict"
}

test_chapter() {
    remember_chapter "$1"
    first=$(step_at_hand "$1")
    run_gate "$1"
    verdict=$?
    first=''
    record_results "$state/results"
    after_test "$1"
    return "$verdict"
}

# step_at_hand FOLDER: the first that has not passed, unless none is before it
step_at_hand() {
    read_state "$1"
    case $next in
    - | *.1) ;;
    *) [ "$(step_value "$1" "$next" code)" = no ] || echo "$next" ;;
    esac
}

after_test() {
    read_state "$1"
    number=$(chapter_number "$1")
    echo
    tell_beside "$1"
    if [ ! -s "$state/results" ]; then
        printf 'Chapter %s was not tested: %d of %d steps, as before.\n' "$number" "$finished" "$steps"
    elif is_finished && [ "$verdict" -eq 0 ]; then
        printf '%sChapter %s is done.%s The board: ./course\n' "$green" "$number" "$plain"
    else
        printf 'Chapter %s: %d of %d steps\n' "$number" "$finished" "$steps"
    fi
}

course_test() {
    need_tools
    test_chapter "$1"
}
