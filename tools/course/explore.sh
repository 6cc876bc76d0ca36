# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# explore.sh - where a chapter is explored beside its gate, the explorer has the
# last word on the steps that need it. Sourced.
#
# steps.txt says which tests of the explorer a step needs (`explored:`). They run
# after the gate, for the steps that have passed it, and in their order; the
# first that fails takes its step with it.

# explored_steps FOLDER: the steps that are explored, one a line
explored_steps() {
    [ ! -f "$root/tests/$1/steps.txt" ] ||
        steps_table "$root" "$1" | awk -F'\t' '$2 == "explored" { print $1 }'
}

# explorer_at_hand FOLDER: the explorer's target, if a step that needs it has
# passed or is the next one, and so can pass now
explorer_at_hand() {
    read_state "$1"
    explored_steps "$1" | awk -v next_step="$next" -v target="//chapters/$1:explored" '
        { split($1, at, "."); split(next_step, here, ".") }
        next_step == "-" || at[2] + 0 <= here[2] + 0 { print target; exit }'
}

# explored_and_passed FOLDER: of the gate that has just run
explored_and_passed() {
    explored_steps "$1" | awk '
        part == "results" { passed[$1] = $2 == "pass"; next }
        passed[$1]' part=results "$state/results" part=steps -
}

# explore_chapter FOLDER FLAGS...: 0 if all holds; run_gate has set `binaries`
explore_chapter() {
    explored=$1
    shift
    [ -s "$state/results" ] || return 0
    to_explore=$(explored_and_passed "$explored")
    [ -n "$to_explore" ] || return 0
    [ -n "$at_hand" ] || build_quietly "$@" "//chapters/$explored:explored" || return
    for explored_step in $to_explore; do
        passing "exploring $explored_step ..."
        explore_step "$explored" "$explored_step" || return
    done
    passed_by
    printf '  The explorer found no run that goes wrong in: %s\n' "$(echo "$to_explore" | on_one_line)"
}

# explore_step FOLDER STEP: what it printed is in .course/explored
explore_step() {
    rm -f "$state/explored"
    (cd "$root" && exec timeout -k 5 30 "$binaries/explored" --gtest_brief=1 --gtest_fail_fast \
        --gtest_filter="$(step_value "$1" "$2" explored)") >"$state/explored" 2>&1
    explorer_status=$?
    [ "$explorer_status" -ne 0 ] || return 0
    passed_by
    tell_explored "$1" "$2" "$explorer_status"
    awk -v step="$2" '$1 "" == step "" { $2 = "fail" } { print }' "$state/results" | replace "$state/results"
    return 1
}

# explored_story: the run that fails, without GoogleTest's words around it
explored_story() {
    LC_ALL=C awk '
        /^\[  FAILED  \] [^ ]* \(/ { test = $4; next }
        /^\[/ || /^tests\/explore\/.*: (Failure|Skipped)$/ || /^Failed$/ { next }
        /^ *again: / { sub(/^ */, "  "); again = $0; next }
        $0 !~ /^ *$/ { for (; blank > 0; blank--) print ""; print "  " $0; said = 1; next }
        said { blank = 1 }
        END { if (test != "") print "\n  test      " test
              if (again != "") { sub(/again: */, "again     ", again); print again } }
    ' "$state/explored"
}

# tell_explored FOLDER STEP STATUS
tell_explored() {
    printf '\n%sstep %s failed in the explorer%s: %s\n\n' "$red" "$2" "$plain" "$(step_value "$1" "$2" title)"
    case $3 in
    124 | 137) explored_what='a run came to no end within half a minute: a loop that waits for nothing' ;;
    *) explored_what='the gate passed, but a run that the machine may choose goes wrong' ;;
    esac
    printf '  what      %s\n\n' "$explored_what"
    explored_story
    step_value "$1" "$2" cause | fold -s -w 66 | sed '1s/^/  usually   /; 2,$s/^/            /; s/ *$//'
    printf '  read      "%s %s" in chapters/%s/README.md\n' "$2" "$(step_value "$1" "$2" section)" "$1"
    printf '            and "Reading a schedule" in tests/explore/README.md\n'
    printf '  hint      ./course hint %s\n' "$(chapter_number "$1")"
}
