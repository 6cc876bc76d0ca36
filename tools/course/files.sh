# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# files.sh - puts other files in the place of the learner's, never without
# keeping the learner's: reset, catchup; and diff, which only looks. Sourced.

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

# same_files FOLDER: has the chapter exactly the files in scratch? Of headers
# only those that are an exercise are in there.
same_files() {
    for file in "$scratch"/* "$root/chapters/$1"/*.c; do
        cmp -s "$scratch/${file##*/}" "$root/chapters/$1/${file##*/}" || return
    done
}

# save_files FOLDER: copies the learner's files to a new folder, `saved`
save_files() {
    saved=$state/saved/$(date +%Y-%m-%d)-$1
    mkdir -p "$state/saved" 2>/dev/null || fail "cannot write to $state: nothing was changed"
    first=$saved copy=1
    until mkdir "$saved" 2>/dev/null; do
        [ -e "$saved" ] || fail "cannot make $saved: nothing was changed"
        copy=$((copy + 1)) saved=$first-$copy
    done
    cp -p "$root/chapters/$1"/*.[ch] "$saved" || fail "cannot save to $saved: nothing was changed"
    printf 'Your files of chapter %s are in %s\n' "$(chapter_number "$1")" "$(below_root "$saved")"
}

# put_files FOLDER: the files in scratch become those of the chapter. They are
# copied first: a disk that is full then has cost nothing.
put_files() {
    { make_fresh "$root/chapters/$1" && cp "$scratch"/* "$fresh"; } ||
        fail "cannot write to chapters/$1: nothing was changed"
    save_files "$1"
    { rm -f "$root/chapters/$1"/*.c && mv -f "$fresh"/* "$root/chapters/$1"; } ||
        fail "could not write chapters/$1; your files are in $saved"
    drop_fresh
}

course_reset() {
    need_own_chapter "$1"
    make_scratch
    make_starter "$1" || fail "cannot make the starter: nothing was changed"
    if same_files "$1"; then
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
    make_reference "$1" || fail "cannot read solutions/$1: nothing was changed"
    same_files "$1" || put_files "$1"
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
    printf 'Ready for chapter %s: chapters/%s/README.md\n' "$(chapter_number "$1")" "$1"
}

course_diff() {
    ask "This shows the reference solution of chapter $(chapter_number "$1"). Go on?"
    case $? in
    1) return 1 ;;
    2) fail "not shown: no terminal to ask on (--yes does not ask)" ;;
    esac
    need_chapter_files "$1"
    make_scratch
    make_reference "$1" || fail "cannot read solutions/$1"
    for file in "$scratch"/*; do diff_file "$1" "${file##*/}"; done
    drop_scratch
}

diff_file() {
    yours=$root/chapters/$1/$2
    [ -f "$yours" ] || yours=/dev/null
    diff -u ${green:+--color=always} --label "yours: chapters/$1/$2" \
        --label "reference: solutions/$1/$2" "$yours" "$scratch/$2" &&
        echo "chapters/$1/$2 is the reference."
}
