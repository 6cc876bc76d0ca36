# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# watch.sh - the gate again at every save. Sourced.
#
# What counts is whether the contents of the files changed, looked at twice a
# second: that works on shared folders too, where no event ever comes. Where
# inotifywait is installed it only shortens the wait.

contents() {
    ! not_regular "$root/chapters/$1"/*.[ch] && cksum "$root/chapters/$1"/*.[ch] 2>/dev/null
}

wait_a_little() {
    if have inotifywait; then
        inotifywait -qq -t 1 -e close_write,moved_to,delete "$root/chapters/$1" 2>/dev/null
        [ $? -eq 1 ] || return 0
    fi
    sleep 0.5
}

course_watch() {
    need_tools
    while :; do
        tested=$(contents "$1")
        clear_screen
        printf '%sChapter %s at %s%s\n' "$bold" "$(chapter_number "$1")" "$(date +%H:%M:%S)" "$plain"
        test_chapter "$1"
        printf '%sWatching chapters/%s; Ctrl-C ends.%s\n' "$dim" "$1" "$plain"
        while [ "$(contents "$1")" = "$tested" ]; do wait_a_little "$1"; done
        sleep 0.1 # some editors save by removing and renaming
    done
}
