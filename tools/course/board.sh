# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# board.sh - chapters, steps passed, where you are, the next command. Sourced.

show_board() {
    here=$(current_chapter)
    all=0 all_finished=0
    printf '%sAsync from Scratch%s\n\n' "$bold" "$plain"
    for folder in $(chapter_folders "$root"); do
        read_state "$folder"
        all=$((all + steps)) all_finished=$((all_finished + finished))
        board_row "$folder"
    done
    printf '\n%d of %d steps' "$all_finished" "$all"
    read_state "$here"
    where_you_are "$here"
    # shellcheck disable=SC2046 # folders
    tell_contract common $(chapter_folders "$root")
}

# board_row FOLDER: one chapter, whose state was read last
board_row() {
    mark=' ' colour='' note=''
    if is_finished; then
        colour=$green
    elif [ "$1" = "$here" ]; then
        mark='>' colour=$bold
    fi
    [ "$given" -eq 0 ] || note="  ($given given)"
    printf '%s%s %s  %-28s %2d of %-2d  %s%s%s\n' "$colour" "$mark" "${1%%_*}" \
        "$(chapter_title "$1")" "$finished" "$steps" "$bar" "$note" "${colour:+$plain}"
}

# where_you_are FOLDER: for the chapter whose state was read last
where_you_are() {
    number=$(chapter_number "$1")
    if is_finished; then
        printf ': all there are.\n\nNext: %s./course mine%s, all of it on your own code\n' "$bold" "$plain"
        return
    fi
    [ "$next" = - ] || printf '. You are at %s: %s' "$next" "$(step_value "$1" "$next" title)"
    printf '\n\nRead: chapters/%s/README.md\n' "$1"
    printf 'Next: %s./course test %s%s, and ./course hint %s when stuck\n' "$bold" "$number" "$plain" "$number"
}
