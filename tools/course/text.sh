# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# text.sh - what the learner sees: colours, complaints, questions. Sourced.
# Colour and redrawing are for terminals only; a pipe gets plain lines.

redraw=''
bold='' dim='' green='' red='' yellow='' plain=''
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    redraw=yes
    if [ -z "${NO_COLOR:-}" ]; then
        escape=$(printf '\033')
        bold="${escape}[1m" dim="${escape}[2m" plain="${escape}[0m"
        green="${escape}[32m" red="${escape}[31m" yellow="${escape}[33m"
    fi
fi

complain() { printf 'course: %s\n' "$*" >&2; }

fail() {
    complain "$@"
    drop_scratch
    drop_fresh
    exit 1
}

# wrong WHAT: the command line cannot be understood
wrong() {
    complain "$@"
    usage >&2
    exit 2
}

# passing WHAT: a line that goes away again; nothing on a pipe
passing() { [ -z "$redraw" ] || printf '\r\033[K%s%s%s' "$dim" "$*" "$plain"; }
passed_by() { [ -z "$redraw" ] || printf '\r\033[K'; }
clear_screen() { [ -z "$redraw" ] || printf '\033[H\033[2J'; }

# ask QUESTION: 0 for yes, 1 for no, 2 when there is nobody to ask
ask() {
    [ -z "$yes" ] || return 0
    [ -t 0 ] || return 2
    printf '%s [y/N] ' "$*" >&2
    read -r answer || answer=''
    case $answer in
    [Yy] | [Yy][Ee][Ss]) return 0 ;;
    *) return 1 ;;
    esac
}

# leave STATUS: on Ctrl-C; nothing half-drawn stays on the terminal
leave() {
    trap - INT TERM
    [ -z "$redraw" ] || printf '%s\r\033[K' "$plain"
    drop_scratch
    drop_fresh
    exit "$1"
}
