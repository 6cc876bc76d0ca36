# shellcheck shell=sh
# needs.sh - what every check needs: its tools, and something to check. A check
# whose tool is missing, or that looks at no file, has failed. Sourced.

# need TOOL [PACKAGE]: ends the check if the tool is missing
need() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "$1 is missing: apt-get install ${2:-$1}" >&2
    exit 1
}

# tracked PATHSPEC...: the files that git knows and that are there, into $files
tracked() {
    need git
    files=$(mktemp)
    trap 'rm -f "$files"' EXIT
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done >"$files"
    [ -s "$files" ] && return
    echo "no file to check: does git know this folder?" >&2
    exit 1
}

counted_files() { echo "$(wc -l <"$files") files $1"; }
