# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# files.sh - puts other files in the place of a chapter's, never without keeping
# what was there: reset, catchup, restore; and diff, which only looks. Sourced.
#
# What is the chapter's: the files that the learner writes, and what the course
# gives beside them (given.sh). Whatever else lies in the folder is left alone.

make_scratch() { scratch=$(mktemp -d) || fail "cannot make a temporary folder"; }

drop_scratch() {
    [ -z "${scratch:-}" ] || rm -rf "$scratch"
    scratch=''
}

make_starter() {
    sh "$root/tools/starter.sh" "$root/tests/$1/steps.txt" "$scratch" "$root/solutions/$1"/*.[ch]
}

# make_reference FOLDER: the solution, without the starter's markers
make_reference() {
    for file in "$root/solutions/$1"/*.[ch]; do
        awk -v view=reference -f "$root/tools/starter.awk" "$file" >"$scratch/${file##*/}" || return
    done
}

# in_scratch: the names of the files there, one a line
in_scratch() {
    for file in "$scratch"/* "$scratch"/demos/*; do
        [ ! -f "$file" ] || echo "${file#"$scratch"/}"
    done
}

# changed_files FOLDER: those of which the chapter has another, or none
changed_files() {
    in_scratch | while read -r name; do
        cmp -s "$scratch/$name" "$root/chapters/$1/$name" || echo "$name"
    done
}

# save_files FOLDER NAME...: copies what is there to a new folder, `saved`
save_files() {
    saved=$state/saved/$(date +%Y-%m-%d)-$1
    mkdir -p "$state/saved" 2>/dev/null || fail "cannot write to $state: nothing was changed"
    first_saved=$saved copy=1
    until mkdir "$saved" 2>/dev/null; do
        [ -e "$saved" ] || fail "cannot make $saved: nothing was changed"
        copy=$((copy + 1)) saved=$first_saved-$copy
    done
    from=$root/chapters/$1
    shift
    for name; do
        case $name in */*) mkdir -p "$saved/${name%/*}" ;; esac
        cp -p "$from/$name" "$saved/$name" || fail "cannot save to $saved: nothing was changed"
    done
}

# put_files FOLDER: the files in scratch become those of the chapter. They are
# copied first: a disk that is full then has cost nothing.
put_files() {
    into=$1 had='' changes=$(changed_files "$1")
    for name in $changes; do [ ! -f "$root/chapters/$1/$name" ] || had="$had $name"; done
    # shellcheck disable=SC2086 # names
    { make_fresh "$root/chapters/$1" && mkdir "$fresh/demos" && copy_to "$fresh" $changes; } ||
        fail "cannot write to chapters/$1: nothing was changed"
    # shellcheck disable=SC2086 # names
    [ -z "$had" ] || save_files "$1" $had
    for name in $changes; do
        case $name in */*) mkdir -p "$root/chapters/$into/${name%/*}" ;; esac
        mv -f "$fresh/$name" "$root/chapters/$into/$name" ||
            fail "could not write chapters/$into; your files are in $saved"
    done
    drop_fresh
    # shellcheck disable=SC2086 # names
    [ -z "$had" ] || printf 'Your files of chapters/%s are in %s: %s\n' "$into" "$(below_root "$saved")" "$(printf '%s\n' $had | on_one_line)"
}

# copy_to FOLDER NAME...: out of scratch
copy_to() {
    copy_to=$1
    shift
    for name; do cp "$scratch/$name" "$copy_to/$name" || return; done
}

course_reset() {
    need_own_chapter "$1"
    make_scratch
    { make_starter "$1" && make_given "$1"; } || fail "cannot make the starter: nothing was changed"
    if [ -z "$(changed_files "$1")" ]; then
        echo "chapters/$1 has the untouched starter already."
    else
        put_files "$1"
        echo "chapters/$1 is the starter again."
    fi
    drop_scratch
    forget_chapter "$1"
}

give_reference() {
    need_own_chapter "$1"
    make_scratch
    { make_reference "$1" && make_given "$1"; } || fail "cannot read solutions/$1: nothing was changed"
    [ -z "$(changed_files "$1")" ] || put_files "$1"
    drop_scratch
    give_chapter "$1"
    echo "chapters/$1 has the reference now."
}

course_catchup() {
    for before in $(chapters_before "$1"); do
        read_state "$before"
        if is_finished; then
            echo "chapters/$before is finished and stays as it is."
        else
            give_reference "$before"
        fi
    done
    remember_chapter "$1"
    printf 'Ready for chapter %s: chapters/%s/README.md\n' "$(chapter_number "$1")" "$1"
}

# course_restore: of all chapters, what is not the learner's to write. Demos are
# there to be played with: only reset and catchup put them back.
course_restore() {
    # shellcheck disable=SC2046 # folders
    edited=$(edited_contract common $(chapter_folders "$root"))
    [ -n "$edited" ] || { echo "All contracts are as the course gives them." && return; }
    for folder in $(echo "$edited" | cut -d/ -f2 | sort -u); do
        need_own_chapter "$folder"
        make_scratch
        make_given "$folder" || fail "cannot read tools/course/given: nothing was changed"
        rm -rf "$scratch/demos"
        put_files "$folder"
        drop_scratch
    done
    echo "$edited" | sed 's/$/ is as the course gives it again./'
}

course_diff() {
    ask "This shows the reference solution of chapter $(chapter_number "$1"). Go on?"
    case $? in
    1) return 1 ;;
    2) fail "not shown: no terminal to ask on (--yes does not ask)" ;;
    esac
    need_chapter_files "$1"
    make_scratch
    { make_reference "$1" && make_given "$1"; } || fail "cannot read solutions/$1"
    in_scratch >"$scratch/.names"
    while read -r name; do diff_file "$1" "$name"; done <"$scratch/.names"
    drop_scratch
}

# diff_file FOLDER NAME: what is given is told of only when it was edited
diff_file() {
    yours=$root/chapters/$1/$2 reference="reference: solutions/$1/$2"
    [ -f "$yours" ] || yours=/dev/null
    [ -f "$root/solutions/$1/$2" ] || reference="as the course gives it: chapters/$1/$2"
    if cmp -s "$yours" "$scratch/$2"; then
        case $reference in reference*) echo "chapters/$1/$2 is the reference." ;; esac
    else
        diff -u ${green:+--color=always} --label "yours: chapters/$1/$2" --label "$reference" "$yours" "$scratch/$2"
    fi
}
