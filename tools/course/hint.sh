# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# hint.sh - three hints a step, one more each time. Sourced.
# .course/hints remembers: `3.2 2` when two hints of step 3.2 were seen.

hints_seen() {
    { [ ! -f "$state/hints" ] || cat "$state/hints"; } |
        awk -v step="$1" '($1 "") == (step "") { seen = $2 } END { print seen + 0 }'
}

remember_hint() {
    mkdir -p "$state" 2>/dev/null && {
        [ ! -f "$state/hints" ] || cat "$state/hints"
        echo "$1 $2"
    } | replace "$state/hints" ||
        complain "cannot write to $state: the next hint will be this one again"
}

course_hint() {
    read_state "$1"
    number=$(chapter_number "$1")
    [ "$steps" -gt 0 ] || fail "chapter $number has no steps"
    if is_finished; then
        echo "Every step of chapter $number has passed."
        return
    fi
    level=$(($(hints_seen "$next") + 1))
    [ "$level" -le 3 ] || level=3
    show_hint "$1" "$next" "$level"
    remember_hint "$next" "$level"
}

# show_hint FOLDER STEP LEVEL
show_hint() {
    printf '%sStep %s: %s%s\n\n' "$bold" "$2" "$(step_value "$1" "$2" title)" "$plain"
    step_value "$1" "$2" hint "$3" | fold -s -w 76 | sed 's/^/    /; s/ *$//'
    printf '\nHint %d of 3. The lesson: chapters/%s/README.md, "%s".\n' \
        "$3" "$1" "$(step_value "$1" "$2" section)"
    case $2 in *.1) printf 'Past this step? Only ./course test %s notes how far you are.\n' "$number" ;; esac
    if [ "$3" -lt 3 ]; then
        printf 'Still stuck? ./course hint %s\n' "$number"
    else
        printf 'That was the last. The reference: ./course diff %s\n' "$number"
    fi
}
