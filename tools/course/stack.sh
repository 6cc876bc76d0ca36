# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# stack.sh - chapters on top of each other: the gates with nothing but the
# learner's code below them, and the picture of a run. Sourced.

course_mine() {
    need_tools
    worst=0
    for below in $(chapters_before "$1") "$1"; do
        printf '%sChapter %s, all on your own code%s\n' "$bold" "$(chapter_number "$below")" "$plain"
        run_gate "$below" --config=mine || worst=$?
        tell_beside "$below"
    done
    return "$worst"
}

course_trace() {
    [ -f "$root/tools/timeline/trace.sh" ] || fail "tools/timeline/trace.sh is missing"
    need_tools
    need_chapter_files "$1"
    need_own_folder "$root/trace"
    tell_beside "$1"
    BAZEL=$bazel sh "$root/tools/timeline/trace.sh" "$1"
}
