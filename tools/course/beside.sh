# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# beside.sh - what lies beside a chapter's files and looks like one, and which of
# the chapter's is not there. Sourced.

# not_built FOLDER: files of code in the folder that are not the chapter's own: a
# backup, another attempt, a helper. What an editor hides or marks as its own
# (.name, name~, #name#) is nobody's attempt.
not_built() (
    own=" $(chapter_sources "$root" "$1" | tr '\n' ' ') "
    cd "$root/chapters/$1" || exit
    for file in *.c *.cc *.cpp *.[ch][!a-z~]*; do
        case "$own" in *" $file "*) continue ;; esac
        case $file in
        *~ | '#'*) ;;
        *) [ ! -e "$file" ] || printf '%s\n' "$file" | LC_ALL=C tr '\001-\011\013-\037\177' '?' ;;
        esac
    done | LC_ALL=C sort -u
)

# not_there FOLDER
not_there() {
    for file in $(chapter_sources "$root" "$1"); do
        [ -e "$root/chapters/$1/$file" ] || echo "$file"
    done
}

# on_one_line: the lines that come in, as a list
on_one_line() { awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { if (NR > 0) print "" }'; }

# tell_beside FOLDER: nothing when there is nothing
tell_beside() {
    beside=$(not_built "$1" | on_one_line)
    [ -z "$beside" ] || printf 'not built: %s (in chapters/%s, and none of its own files)\n' "$beside" "$1"
    absent=$(not_there "$1" | on_one_line)
    [ -z "$absent" ] || printf 'missing: %s (./course reset %s puts it back)\n' "$absent" "$(chapter_number "$1")"
    # shellcheck disable=SC2046 # folders
    tell_contract $(up_to "$1")
}
