# shellcheck shell=sh disable=SC2154 # variables are shared
# editor.sh - tells clangd which files there are, so that an editor finds where a
# function of another file is defined. Sourced.

# in_json TEXT: as a string of JSON
in_json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

# editor_files: the learner's files and what all chapters share
editor_files() {
    for folder in $(chapter_folders "$root"); do
        chapter_sources "$root" "$folder" | sed -n "s|.*\.c\$|chapters/$folder/&|p"
    done
    (cd "$root" && ls chapters/common/*.c)
}

# editor_table: the names that come in as compile_commands.json, with the options of compile_flags.txt
editor_table() {
    options=$(sed 's/.*/"&"/' "$root/compile_flags.txt" | tr '\n' ',')
    DIRECTORY=$(in_json "$root") OPTIONS=$options awk '
        { printf "%s\n  {\"directory\": %s,\n", (NR == 1 ? "[" : ","), ENVIRON["DIRECTORY"]
          printf "   \"file\": \"%s\",\n   \"arguments\": [\"cc\", %s \"-c\", \"%s\"]}", $0, ENVIRON["OPTIONS"], $0 }
        END { print "\n]" }'
}

# tell_editor: writes it where clangd looks, if that changes anything
tell_editor() {
    editor_files | editor_table >"$root/compile_commands.json.$$" 2>/dev/null || return 0
    if cmp -s "$root/compile_commands.json.$$" "$root/compile_commands.json"; then
        rm -f "$root/compile_commands.json.$$"
    else
        mv -f "$root/compile_commands.json.$$" "$root/compile_commands.json"
    fi
}
