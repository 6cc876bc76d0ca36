# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# gate.sh - builds a chapter's gate and runs it. Sourced.
#
# `bazel test` would run it too, but its log appears only after the run and
# between Bazel's own words. So Bazel builds, and the gate speaks for itself.

bazel_do() {
    # shellcheck disable=SC2086 # BAZEL may be a command with arguments
    (cd "$root" && exec $bazel "$@")
}

# plain_errors: what the compiler said, without what Bazel says around it
plain_errors() {
    grep -vE \
        -e '^(\([0-9:]*\) )?(INFO|Loading|Analyzing|DEBUG|FAILED|WARNING|Target|Use --|Starting local|Extracting|OpenJDK)' \
        -e '^(\([0-9:]*\) )?ERROR: .*(failed: \(Exit|failed \(Exit|error executing|NOT complete)' \
        -e '^ *$'
}

# build_quietly FLAGS... TARGET: one passing line, and errors if it fails
build_quietly() {
    { mkdir -p "$state" && rm -f "$state/build.log"; } 2>/dev/null || fail "cannot write to $state"
    if [ -d "$root/bazel-bin/external" ]; then
        passing "building ..."
    else
        passing "building ... (the first time this takes a minute or two)"
    fi
    # In a subshell: on Ctrl-C our own words must not go to the log.
    (bazel_do build --noshow_progress --show_result=0 "$@") >"$state/build.log" 2>&1
    built=$?
    passed_by
    [ "$built" -ne 0 ] || return 0
    no_spaces
    plain_errors <"$state/build.log" || cat "$state/build.log"
    printf '\n%sThat does not build.%s All of it: .course/build.log\n' "$red" "$plain"
    return "$built"
}

# no_spaces: Bazel 4.2 gives up on some paths
no_spaces() {
    grep -q 'paths containing spaces' "$state/build.log" || return 0
    fail "Bazel cannot work below a folder with a space in its name: move $root elsewhere"
}

# gate_binary FOLDER FLAGS...: where Bazel put it. The link bazel-bin could be
# older than this build, or absent from a file system that has no links.
gate_binary() {
    gate=chapters/$1/$1
    shift
    echo "$(bazel_do info "$@" bazel-bin 2>/dev/null)/$gate"
}

# run_gate FOLDER FLAGS...: builds and runs; .course/results has the verdicts
run_gate() {
    under_test=$1
    shift
    need_chapter_files "$under_test"
    rm -f "$state/results"
    build_quietly "$@" "//chapters/$under_test:$under_test" || return
    binary=$(gate_binary "$under_test" "$@")
    (cd "$root" && exec "$binary" --results="$state/results")
}

test_chapter() {
    run_gate "$1"
    verdict=$?
    record_results "$state/results"
    after_test "$1"
    return "$verdict"
}

after_test() {
    read_state "$1"
    number=$(chapter_number "$1")
    if is_finished && [ "$verdict" -eq 0 ]; then
        printf '\n%sChapter %s is done.%s The board: ./course\n' "$green" "$number" "$plain"
    else
        printf '\nChapter %s: %d of %d steps\n' "$number" "$finished" "$steps"
    fi
}

course_test() {
    need_tools
    test_chapter "$1"
}
