# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# build.sh - has Bazel build, and tells what comes of it without Bazel's own
# words. Sourced. A log is read byte by byte: one letter of another encoding must
# not hide the line that it stands in.

bazel_do() {
    # shellcheck disable=SC2086 # BAZEL may be a command with arguments
    (cd "$root" && exec $bazel "$@")
}

# log_has WORDS
log_has() { LC_ALL=C grep -qa -- "$1" "$state/build.log"; }

# plain_errors: what the compiler said, without what Bazel says around it, and
# without gcc's note on options that a newer gcc knows
plain_errors() {
    LC_ALL=C grep -avE \
        -e '^(\([0-9:]*\) )?(INFO|Loading|Analyzing|DEBUG|FAILED|WARNING|Target|Use --|Starting local|Extracting|OpenJDK)' \
        -e '^(\([0-9:]*\) )?ERROR: .*(failed: \(Exit|failed \(Exit|error executing|NOT complete)' \
        -e '^ *$' |
        LC_ALL=C awk '
            /^cc1(plus)?: note: unrecognized command-line option/ { held = ""; next }
            held != "" { print held; held = "" }
            /: At top level:$/ { held = $0; next }
            { print; said = 1 }
            END { if (held != "") print held; exit !said }'
}

# plain_warnings: what the compiler said of the learner's files in a build that
# succeeded; once, though two targets have compiled the file
plain_warnings() {
    LC_ALL=C awk '
        function tell() { if (text != "" && !(text in told)) printf "%s", text; told[text]; text = "" }
        /^(\([0-9:]*\) )?(INFO|WARNING|ERROR|DEBUG): / { tell(); on = / From Compiling chapters\/[0-9]/; next }
        on && !/^ *$/ { text = text $0 "\n" }
        END { tell() }'
}

# build_quietly FLAGS... TARGETS: one passing line, and errors if it fails
build_quietly() {
    { mkdir -p "$state" && rm -f "$state/build.log"; } 2>/dev/null || fail "cannot write to $state"
    if [ -d "$root/bazel-bin/external" ]; then
        passing "building ..."
    else
        passing "building ... (the first time this takes a minute or two)"
    fi
    # In a subshell: on Ctrl-C our own words must not go to the log.
    (bazel_do build --noshow_progress --show_result=0 "$@") >"$state/build.log" 2>&1
    built=$?
    passed_by
    if [ "$built" -eq 0 ]; then
        tell_warnings
    else
        explain_place
        explain_tools
        plain_errors <"$state/build.log" || cat "$state/build.log"
        printf '\n%sThat does not build.%s All of it: .course/build.log\n' "$red" "$plain"
    fi
    return "$built"
}

tell_warnings() {
    warnings=$(plain_warnings <"$state/build.log")
    [ -z "$warnings" ] || printf '%sThe compiler warns:%s\n%s\n\n' "$yellow" "$plain" "$warnings"
}

# is_english PATH, is_plain PATH: without letters beyond English; without spaces, too
is_english() { [ -z "$(printf %s "$1" | LC_ALL=C tr -d ' -~')" ]; }
is_plain() { [ -z "$(printf %s "$1" | LC_ALL=C tr -d '!-~')" ]; }

# explain_place: Bazel 4.2 gives up on some paths
explain_place() {
    ! log_has 'paths containing spaces' ||
        fail "Bazel cannot work below a folder with a space in its name: move $root elsewhere"
    is_english "$root" || ! log_has '^ERROR: Client cwd .* is not inside workspace' ||
        fail "Bazel cannot work below a folder with a letter such as ä or é in its name: move $root elsewhere"
}

# built_at FLAGS...: the folder where Bazel puts what it builds. The link
# bazel-bin could be older than this build, or absent from a file system that has
# no links.
built_at() { bazel_do info "$@" bazel-bin 2>/dev/null; }
