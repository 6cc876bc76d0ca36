# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# regular.sh - what may stand where a file of the learner's is expected.
# Sourced.
#
# Regular files are read, and links to such: a pipe would be waited for, and
# a device has no end. What is written is written under a new name beside the
# old one and renamed, so it takes the place of a link and never goes through
# one; and a folder that is a link is not ours to empty or to fill.

# not_regular PATH...: the first that is there and is no regular file, in
# `odd`. A link that leads nowhere is one, too.
not_regular() {
    for odd; do
        [ -f "$odd" ] || { [ ! -e "$odd" ] && [ ! -L "$odd" ]; } || return 0
    done
    return 1
}

below_root() { echo "${1#"$root"/}"; }

# need_regular PATH...: nothing else is there, or that is the end
need_regular() {
    ! not_regular "$@" || fail "$(below_root "$odd") is not a regular file: move it elsewhere"
}

# need_chapter_files FOLDER: before the learner's files are read
need_chapter_files() {
    need_regular "$root/chapters/$1"/*.[ch] "$root/chapters/$1"/demos/*.[ch] "$root/chapters/$1/BUILD"
}

need_own_folder() {
    [ ! -L "$1" ] || fail "$(below_root "$1") is a link, and what it leads to is not ours: nothing was changed"
}

# need_own_state: before anything is read or kept in .course and progress.txt
need_own_state() {
    need_own_folder "$state"
    need_own_folder "$state/saved"
    need_regular "$progress" "$state/hints" "$state/build.log" "$state/results" \
        "$state/explored" "$state/chapter" "$root/.bazelrc.user"
}

# need_own_chapter FOLDER: before its files give way to others
need_own_chapter() {
    need_own_folder "$root/chapters"
    need_own_folder "$root/chapters/$1"
    need_own_folder "$root/chapters/$1/demos"
    need_chapter_files "$1"
}

# make_fresh FOLDER: a new folder in it, `fresh`, for files that are moved from
# there to their places. (mktemp's files would be their owner's only.)
make_fresh() { fresh=$(mktemp -d "$1/.new.XXXXXX" 2>/dev/null); }

drop_fresh() {
    [ -z "${fresh:-}" ] || rm -rf "$fresh"
    fresh=''
}

# replace PATH: what comes in becomes the file
replace() {
    make_fresh "${1%/*}" || return
    { cat >"$fresh/${1##*/}" && mv -f "$fresh/${1##*/}" "$1"; } 2>/dev/null
    replaced=$?
    drop_fresh
    return "$replaced"
}
