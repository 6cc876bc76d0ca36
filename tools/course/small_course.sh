# shellcheck shell=sh disable=SC2034 # the tests use the variables
# small_course.sh - a course of three small chapters and a stand-in for
# Bazel, for the tests of ./course. Sourced; $1 is the WORKSPACE file.
#
# The stand-in writes its arguments to $tmp/asked, says what is in $tmp/warned, and
# fails to build when $tmp/broken exists. A gate's verdicts are what the test puts
# in $tmp/verdicts; it fails when one of them is not `pass`. The explorer of chapter
# 3, which step 3.1 needs, fails with what is in $tmp/run.

real=$(dirname "$(readlink -f "$1")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
today=$(date +%Y-%m-%d)
unset BAZEL NO_COLOR COURSE_TRACE

# expect STATUS WORDS COMMAND...: what it says, on both streams, is in $tmp/said
expect() {
    want=$1 words=$2
    shift 2
    "$@" >"$tmp/said" 2>&1 </dev/null
    got=$?
    if [ "$got" -eq "$want" ] && grep -qF -- "$words" "$tmp/said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: expected $want and '$words', got $got from: $*"
        sed 's/^/    /' "$tmp/said"
    fi
}

# holds WHAT TEST...: one more fact
holds() {
    fact=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAILED: $fact"; fi
}

# lacks WORDS FILE: the file is there, and they are not in it
lacks() {
    grep -q "$1" "$2"
    [ $? -eq 1 ]
}

# A test that writes its XML itself needs no action of Bazel's for it, which no
# cache would have: its key has the test's duration in it.
finish() {
    [ -z "${XML_OUTPUT_FILE:-}" ] ||
        echo "<testsuites><testsuite name='course' tests='$((passed + failed))' failures='$failed'/></testsuites>" >"$XML_OUTPUT_FILE"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -ge "$1" ]
}

small_chapter() {
    mkdir -p "$tree/chapters/$1" "$tree/solutions/$1" "$tree/tests/$1"
    number=${1%%_*} && number=${number#0}
    cat >"$tree/solutions/$1/code.c" <<TEXT
#include "chapters/common/todo.h"

int code(void)
{
    /* begin $number.1 */
    return $number;
    /* end $number.1: return 0; */
}
TEXT
    cat >"$tree/tests/$1/steps.txt" <<TEXT
# A comment
step: $number.1
title: the first of
    chapter $number
$([ "$number" -ne 3 ] || printf 'explored: CodeRuns.*\n ')
task: Return $number.
section: First things
hint: first question
hint: second idea,
    told on two lines
hint: third, the shape

step: $number.2
title: the second
code: no
task: Look.
section: Second things
hint: q
hint: i
hint: s
TEXT
    echo "int code(void);" >"$tree/chapters/$1/code.h"
    echo "learner_chapter()" >"$tree/chapters/$1/BUILD"
    mkdir "$tree/chapters/$1/demos" && echo "int main(void) { return 0; }" >"$tree/chapters/$1/demos/trace.c"
}

stand_ins() {
    mkdir -p "$tmp/bin" "$tree/bazel-bin"
    cat >"$tmp/bin/bazel" <<TEXT
#!/bin/sh
[ "\$1" != info ] || { echo "$tree/bazel-bin" && exit; }
echo "\$*" >>"$tmp/asked"
[ ! -e "$tmp/broken" ] || {
    echo "INFO: Analyzed target"
    echo "ERROR: /x/BUILD:3:16: C++ compilation of rule failed (Exit 1): gcc failed: error executing command"
    echo "chapters/01_one/code.c:5:1: error: expected ';'"
    cat "$tmp/broken"
    exit 1
} >&2
[ ! -e "$tmp/warned" ] || cat "$tmp/warned" >&2
TEXT
    chmod +x "$tmp/bin/bazel"
    small_explorer "$tree/bazel-bin/chapters/03_three/explored"
    for tool in g++ gcc patch; do ln -sf /bin/true "$tmp/bin/$tool"; done
    for folder in 01_one 02_two 03_three; do small_gate "$tree/bazel-bin/chapters/$folder/$folder"; done
}

small_gate() {
    mkdir -p "$(dirname "$1")"
    cat >"$1" <<TEXT
#!/bin/sh
for word; do case \$word in --results=*) cp "$tmp/verdicts" "\${word#--results=}" ;; esac; done
echo "the gate's board"
echo "\$*" >"$tmp/gate_asked"
grep -qv ' pass\$' "$tmp/verdicts"
[ \$? -eq 1 ]
TEXT
    chmod +x "$1"
}

small_explorer() {
    mkdir -p "$(dirname "$1")"
    cat >"$1" <<TEXT
#!/bin/sh
echo "\$*" >>"$tmp/explored"
[ ! -e "$tmp/run" ] || { cat "$tmp/run" && exit 1; }
TEXT
    chmod +x "$1"
}

# small_course: makes it anew in a folder with a space in its name; `tree`
small_course() {
    rm -rf "${tmp:?}"/*
    tree="$tmp/small course"
    mkdir -p "$tree/tools/checks" "$tmp/home"
    cp "$real/course" "$tree"
    cp -r "$real/tools/course" "$tree/tools"
    cp "$real"/tools/starter.sh "$real"/tools/starter.awk "$real"/tools/steps.awk "$tree/tools"
    cp "$real/tools/checks/manifest.sh" "$tree/tools/checks"
    printf '    ("%s", "%s", 10, 20, []),\n' 01_one One 02_two Two 03_three Three >"$tree/tools/chapters.bzl"
    printf 'SOURCES = {\n    "%s": ["code.c"],\n    "%s": ["code.c"],\n    "%s": ["code.c"],\n}\n' 01_one 02_two 03_three >>"$tree/tools/chapters.bzl"
    for folder in 01_one 02_two 03_three; do
        small_chapter "$folder"
        sh "$tree/tools/starter.sh" "$tree/tests/$folder/steps.txt" "$tree/chapters/$folder" "$tree/solutions/$folder/code.c"
    done
    mkdir -p "$tree/chapters/common" && echo '#define TODO(step)' >"$tree/chapters/common/todo.h"
    sh "$real/tools/checks/starters.sh" --write "$tree" >/dev/null
    stand_ins
    export HOME="$tmp/home" PATH="$tmp/bin:/usr/bin:/bin"
    course="$tree/course"
    cd "$tmp" || exit 1
}
