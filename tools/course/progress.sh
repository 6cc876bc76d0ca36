# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# progress.sh - which steps have passed. Sourced.
#
# progress.txt has a line a step, in order: `3.2 passed 2026-11-21`, or
# `3.2 given 2026-11-21` when catchup put the reference there. A step that
# fails again loses its line, so the board never flatters.

old_progress() { [ ! -f "$progress" ] || cat "$progress"; }

# chapter_state FOLDER: five words: how many steps, how many of them finished,
# how many of those given, the first unfinished (or -), and a bar
chapter_state() {
    if [ ! -f "$root/tests/$1/steps.txt" ]; then
        echo '0 0 0 - .'
        return
    fi
    {
        old_progress
        steps_table "$root" "$1"
    } | awk '
        $2 == "passed" || $2 == "given" { state[$1] = $2 }
        $2 == "step" {
            steps++
            if (state[$1] == "passed") { finished++; bar = bar "#" }
            else if (state[$1] == "given") { finished++; given++; bar = bar "+" }
            else { bar = bar "."; if (first == "") first = $1 }
        }
        END { print steps + 0, finished + 0, given + 0, first == "" ? "-" : first, bar == "" ? "." : bar }
    '
}

# read_state FOLDER: the same in the variables steps finished given next bar
read_state() {
    # shellcheck disable=SC2046 # five words
    set -- $(chapter_state "$1")
    steps=$1 finished=$2 given=$3 next=$4 bar=$5
}

is_finished() { [ "$steps" -gt 0 ] && [ "$finished" -eq "$steps" ]; }

# remember_chapter FOLDER: the one that is worked on; .course/chapter has it
remember_chapter() {
    { mkdir -p "$state" && echo "$1" | replace "$state/chapter"; } 2>/dev/null || complain "cannot write to $state"
}

# last_chapter: the one that was tested last, else the last that has any step;
# who began at the ninth is not sent to the first
last_chapter() {
    last=$(cat "$state/chapter" 2>/dev/null)
    case $last in
    '') last=$(old_progress | awk -F. '$2 ~ /passed/ && $1 > last { last = $1 } END { print last + 0 }') ;;
    esac
    chapter_named "$last" || chapter_folders "$root" | sed 1q
}

# current_chapter: the first that is not finished, from the last one on, else
# before it, else the last
current_chapter() {
    last=$(last_chapter)
    for folder in $(chapters_from "$last") $(chapters_before "$last"); do
        read_state "$folder"
        is_finished || { echo "$folder" && return; }
    done
    chapter_folders "$root" | sed -n '$p'
}

# write_progress: progress.txt becomes what comes in, in the order of steps
write_progress() {
    sort -t . -k 1,1n -k 2,2n | replace "$progress" && return
    complain "cannot write $progress: progress is not recorded"
    return 1
}

# record_results FILE: lines `3.2 pass`, `3.3 fail`, `3.4 waiting` from a gate
record_results() {
    [ -s "$1" ] || return 0
    old_progress | awk -v today="$(date +%Y-%m-%d)" '
        part == "results" { verdict[$1] = $2; next }
        !($1 in verdict) || verdict[$1] ~ /^(pass|waiting|skip|busy)$/ { print; known[$1] = 1 }
        END { for (step in verdict) if (verdict[step] == "pass" && !(step in known)) print step, "passed", today }
    ' part=results "$1" part=progress - | write_progress
}

# forget_chapter FOLDER: a chapter that starts anew has no step finished
forget_chapter() {
    [ -f "$progress" ] || return 0
    old_progress | awk -v prefix="$(chapter_number "$1")." 'index($1, prefix) != 1' | write_progress
}

# give_chapter FOLDER: its steps that have not passed are marked as given
give_chapter() {
    {
        old_progress
        steps_table "$root" "$1" | awk -v today="$(date +%Y-%m-%d)" '$2 == "step" { print $1, "given", today }'
    } | awk '!seen[$1]++' | write_progress
}
