#!/bin/sh
# readers_test.sh WORKSPACE-FILE - do the readers of steps.txt, the manifest and
# the markers read odd input right, with each awk that is here? READERS_AWKS
# names those that have to be here, as tools/check does.
set -u
root=$(dirname "$(readlink -f "$1")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
tab=$(printf '\t')

same() { # same WHAT: what was got is what is wanted
    if diff -u "$tmp/wanted" "$tmp/got" >"$tmp/diff"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED with $awk: $1"
        cat "$tmp/diff"
    fi
}

# refuses WORDS TEXT: such a steps.txt is refused, with file and line
refuses() {
    printf "$2" >"$tmp/steps.txt"
    awk -f "$root/tools/steps.awk" "$tmp/steps.txt" >/dev/null 2>"$tmp/said"
    status=$?
    printf '1 %s\n' "steps.txt:$1" >"$tmp/wanted"
    echo "$status $(sed "s|^$tmp/||" "$tmp/said")" >"$tmp/got"
    same "refuses: $1"
}

odd_steps() {
    cat >"$tmp/steps.txt" <<'TEXT'
# a comment: with a colon
step: 7.10
title: "quoted", \n, \\, a & b, a\&b: and `such`
suite: One Two

   # no comment: it continues
hint:   three   blanks
hint: https://a.b/c: d
    goes on: here
TAB and more
hint: ümlaut – 100 %d %s $1 ${x}
task:
    begins below
code: no
step: 7.2
title: last, without an end of line
TEXT
    sed "s/^TAB/$tab/; s/\$/$(printf '\r')/" "$tmp/steps.txt" | head -c -1 >"$tmp/crlf.txt"
    cat >"$tmp/wanted" <<'TEXT'
7.10|step|7.10
7.10|title|"quoted", \n, \\, a & b, a\&b: and `such`
7.10|suite|One Two # no comment: it continues
7.10|hint|three blanks
7.10|hint|https://a.b/c: d goes on: here and more
7.10|hint|ümlaut – 100 %d %s $1 ${x}
7.10|task|begins below
7.10|code|no
7.2|step|7.2
7.2|title|last, without an end of line
TEXT
    awk -f "$root/tools/steps.awk" "$tmp/crlf.txt" | tr '\t' '|' >"$tmp/got"
    same 'odd input, lines that end as on Windows'
    cat >"$tmp/wanted" <<'TEXT'
    {"7.10", "\"quoted\", \\n, \\\\, a & b, a\\&b: and `such`", "One Two # no comment: it continues",
     "begins below",
     "", "",
     {"three blanks",
      "https://a.b/c: d goes on: here and more",
      "ümlaut – 100 %d %s $1 ${x}"},
     20, false, ""},
TEXT
    awk -v chapter=07_odd -f "$root/tools/steps.awk" "$tmp/crlf.txt" | sed -n '/"7.10"/,/20, /p' >"$tmp/got"
    same 'the same as C++'
}

refusals() {
    refuses "2: no key is called 'deadlin'" 'step: 1.1\ndeadlin: 3\n'
    refuses "1: no key is called ''" 'without a colon\n'
    refuses "1: an indented line continues nothing" ' indented\nstep: 1.1\n'
    refuses "2: 'title:' before the first 'step:'" 'title: a\nstep: 1.1\n'
    refuses "3: step 1.1 has two 'title:'" 'step: 1.1\ntitle: a\ntitle: b\n'
    refuses "3: step 1.1 is there twice" 'step: 1.1\ntitle: a\nstep: 1.1\n'
    refuses "2: step 1.1 needs 'luck', which is no list of descriptors N, threads N, memory N, loopback" 'step: 1.1\nneeds: luck\n'
    refuses "1: step 'one' is no number like 3.2" 'step: one\n'
    refuses "1: no step is there" '# nothing\n'
}

manifest() {
    mkdir -p "$tmp/tree/tools"
    cat >"$tmp/tree/tools/chapters.bzl" <<'TEXT'
CHAPTERS = [
    ("01_a", "One: a & b", 40, 80, []),
    ("02_b_c", "Two", 5, 6, ["01_a"]),
]
SOME = [
    "01_a",
]
TABLE = {
    "01_a": ["x.c", "y_z.h"],
    "02_b_c": ["w"],
}
OTHER = ["no"]
TEXT
    printf '%s\n' '01_a|One: a & b|40|80' '02_b_c|Two|5|6' 01_a 02_b_c 01_a '01_a x.c y_z.h' '02_b_c w' w >"$tmp/wanted"
    (
        . "$root/tools/checks/manifest.sh"
        chapter_table "$tmp/tree"
        chapter_folders "$tmp/tree"
        manifest_list "$tmp/tree" SOME
        manifest_list "$tmp/tree" TABLE
        sed -i 's/^TABLE/SOURCES/' "$tmp/tree/tools/chapters.bzl"
        chapter_sources "$tmp/tree" 02_b_c
    ) >"$tmp/got"
    same 'the manifest'
}

markers() {
    cat >"$tmp/code.c" <<'TEXT'
#include "chapters/common/todo.h"
/* begin 1.1: a helper,
 * perhaps */
static int helper;
/* end 1.1 */

int code(void)
{
    /* begin 1.1 */
    return helper; /* a & b: "\n" */
    /* end 1.1: if (x)
     *     return '\\'; */
}
TEXT
    printf 'step: 1.1\ntask: Say "\\n" & \\\\.\n' >"$tmp/steps.txt"
    cat >"$tmp/wanted" <<'TEXT'
#include "chapters/common/todo.h"
static int helper;

int code(void)
{
    return helper; /* a & b: "\n" */
}
#include "chapters/common/todo.h"
/* TODO(1.1): a helper, perhaps */

int code(void)
{
    /* TODO(1.1): Say "\n" & \\. */
    TODO(1.1);
    if (x)
     *     return '\\';
}
TEXT
    awk -v view=reference -f "$root/tools/starter.awk" "$tmp/code.c" >"$tmp/got"
    sh "$root/tools/starter.sh" "$tmp/steps.txt" "$tmp/starter" "$tmp/code.c"
    cat "$tmp/starter/code.c" >>"$tmp/got"
    same 'the markers'
    printf '%s\n' '<!-- snippet: solutions/code.c code -->' '```c' 'old' '```' '<!-- end snippet -->' >"$tmp/text.md"
    mkdir -p "$tmp/solutions" && cp "$tmp/code.c" "$tmp/solutions"
    COURSE_ROOT=$tmp sh "$root/tools/snippets.sh" --write "$tmp/text.md" >/dev/null
    printf '%s\n' '<!-- snippet: solutions/code.c code -->' '```c' 'int code(void)' '{' \
        '    return helper; /* a & b: "\n" */' '}' '```' '<!-- end snippet -->' >"$tmp/wanted"
    cp "$tmp/text.md" "$tmp/got"
    same 'a snippet is without markers'
}

used=
mkdir "$tmp/bin"
path=$PATH
for awk in mawk gawk busybox; do
    where=$(PATH=$path command -v "$awk")
    if [ -z "$where" ]; then
        case " ${READERS_AWKS:-} " in *" $awk "*) echo "FAILED: no $awk is here" && failed=$((failed + 1)) ;; esac
        continue
    fi
    [ "$awk" != busybox ] || where="$where awk"
    printf '#!/bin/sh\nexec %s "$@"\n' "$where" >"$tmp/bin/awk"
    chmod +x "$tmp/bin/awk"
    PATH=$tmp/bin:$path
    used="$used $awk"
    odd_steps
    refusals
    manifest
    markers
done
echo "awks:${used:- none}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -ge 13 ]
