# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# chapters.sh - which chapters and steps there are, from the manifest and
# every chapter's steps.txt. Sourced.

chapter_title() {
    chapter_table "$root" | awk -F'|' -v folder="$1" '$1 == folder { print $2 }'
}

chapter_range() {
    chapter_folders "$root" | sed 's/_.*//' |
        awk 'NR == 1 { first = $0 } { last = $0 } END { print "there are " first " to " last }'
}

# chapter_named WORD: the folder that 3, 03, 03_waker or chapters/03_waker/
# means
chapter_named() {
    word=${1%/}
    word=${word##*/}
    case $word in
    [0-9]) word=0$word ;;
    esac
    for folder in $(chapter_folders "$root"); do
        case $word in
        "$folder" | "${folder%%_*}") echo "$folder" && return ;;
        esac
    done
    return 1
}

# chapter_number FOLDER: 3 for 03_waker, as the learner types it
chapter_number() {
    number=${1%%_*}
    echo "${number#0}"
}

chapters_before() {
    chapter_folders "$root" | awk -v folder="$1" '$0 == folder { exit } { print }'
}

# chapters_from FOLDER: it and those after it
chapters_from() {
    chapter_folders "$root" | awk -v folder="$1" '$0 == folder { on = 1 } on'
}

# step_value FOLDER STEP KEY [NTH]: a value from steps.txt, as one line
step_value() {
    [ -f "$root/tests/$1/steps.txt" ] || return 0
    steps_table "$root" "$1" | awk -F'\t' -v step="$2" -v key="$3" -v nth="${4:-1}" '
        $1 "" == step "" && $2 == key && ++seen == nth { print $3 }'
}
