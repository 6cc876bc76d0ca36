# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# given.sh - what the course gives beside the learner's own files: the contracts
# (headers), the demos, the BUILD files, and all of chapters/common. Sourced.
#
# tools/course/given/ has a copy of it, made by tools/update and compared by
# tools/checks/starters.sh. Git could not tell: a learner's commit has the
# learner's edits, and an archive of the course has no git. In a copy a line
# `=== NAME CHECKSUM SIZE` (cksum's) stands before each file.

given_list() { echo "$1/tools/course/given/$2.txt"; }

# write_given ROOT FOLDER: its files as such a copy
write_given() (
    own=" $(chapter_sources "$1" "$2" | tr '\n' ' ') "
    cd "$1/chapters/$2" || exit
    for file in BUILD *.[ch] demos/*.[ch]; do
        case "$2 $own" in
        common\ *) ;;
        *" $file "*) continue ;;
        *) case $file in *.c) [ "${file%/*}" = demos ] || continue ;; esac ;;
        esac
        [ -f "$file" ] || continue
        printf '=== %s %s\n' "$file" "$(cksum <"$file")"
        cat "$file"
    done
)

# make_given FOLDER: those files, in scratch
make_given() {
    [ -f "$(given_list "$root" "$1")" ] || return 0
    mkdir -p "$scratch/demos" || return
    LC_ALL=C awk -v to="$scratch" '
        /^=== [^ ]+ [0-9]+ [0-9]+$/ { if (file != "") close(file); file = to "/" $2; printf "" >file; next }
        { print >file }' "$(given_list "$root" "$1")"
}

# contract FOLDER...: of all but the demos, a line `CHECKSUM SIZE PATH` each
contract() {
    for given; do
        [ ! -f "$(given_list "$root" "$given")" ] ||
            sed -n "s|^=== \([^ /]*\) \([0-9]* [0-9]*\)\$|\2 chapters/$given/\1|p" "$(given_list "$root" "$given")"
    done
}

# edited_contract FOLDER...: what of it is not as the course gives it, a path each
edited_contract() {
    wanted=$(contract "$@")
    set --
    for path in $(printf '%s\n' "$wanted" | cut -d' ' -f3); do
        [ ! -f "$root/$path" ] || set -- "$@" "$path"
    done
    {
        [ $# -eq 0 ] || (cd "$root" && cksum "$@")
        printf '%s\n' "$wanted" | sed 's/^./wanted &/'
    } | awk '$1 != "wanted" { is[$1, $2, $3]; next } !(($2, $3, $4) in is) { print $4 }'
}

# tell_contract FOLDER...
tell_contract() {
    edited=$(edited_contract "$@")
    [ -n "$edited" ] || return 0
    printf '%sNot as the course gives it:%s %s. ./course restore puts it back.\n' "$yellow" "$plain" "$(echo "$edited" | on_one_line)"
}

# up_to FOLDER: the folders that a chapter is built of
up_to() { echo common && chapters_before "$1" && echo "$1"; }
