#!/bin/sh
# checks_test.sh - do the checks turn red when they should? Plants one
# violation of each kind in a copy of the tree or before a stand-in for a
# gate, and expects a complaint that names it.
set -u
root=$(dirname "$(readlink -f "$1")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# expect green|red WORDS COMMAND...
expect() {
    want=$1
    words=$2
    shift 2
    if "$@" >"$tmp/said" 2>&1; then got=green; else got=red; fi
    if [ "$got" = "$want" ] && grep -qF -- "$words" "$tmp/said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: expected $want and '$words', got $got from: $*"
        sed 's/^/    /' "$tmp/said" | head -n 20
    fi
}

file=solutions/01_small/small.c
printf -- '--- a/%s\n+++ b/%s\n@@ -6 +6 @@\n-    return 1;\n+    return 2;\n' $file $file >"$tmp/diff"

# A small course of one chapter that every check likes.
small_tree() {
    rm -rf "$tmp/tree"
    mkdir -p "$tmp/tree/tools" "$tmp/tree/slides"
    cp -r "$root/tools/checks" "$root/tools"/*.sh "$root/tools"/*.awk "$tmp/tree/tools"
    cd "$tmp/tree" || exit 1
    printf '    ("01_small", "Small", 10, 20, []),\nSOURCES = {\n    "01_small": ["small.c"],\n}\n' >tools/chapters.bzl
    mkdir -p chapters/01_small/demos solutions/01_small tests/01_small/mutants tests/explore/weakened/01_small
    printf '#include "chapters/common/todo.h"\n\nint small(void)\n{\n    /* begin 1.1 */\n    return 1;\n    /* end 1.1: return 0; */\n}\n' >solutions/01_small/small.c
    printf 'step: 1.1\ntitle: a\nsuite: A\ntask: Return one.\nsection: One\nminutes: 20\ncause: c\nhint: a\nhint: b\nhint: c\n' >tests/01_small/steps.txt
    for file in chapters/01_small/small.h chapters/01_small/BUILD chapters/01_small/demos/demo.c \
        solutions/01_small/ANSWERS.md tests/01_small/small_test.cc slides/01_small.md tests/01_small/starter.txt; do
        echo x >"$file"
    done
    printf '## 1.1 One\n[the contract](small.h)\n' >chapters/01_small/README.md
    for mutant in a b c d e f g h; do
        printf '# step: 1.1\n# what: something\n| chapter 01_small\n|\n| step 1.1 failed: a\n' |
            cat - "$tmp/diff" >"tests/01_small/mutants/mutant_$mutant.patch"
        echo "mutant_$mutant" >>chapters/01_small/README.md
    done
    printf '# test: A.B\n# what: something\n# says: data race\n' | cat - "$tmp/diff" >tests/explore/weakened/01_small/w.patch
    mkdir -p tools/course chapters/common && echo '#define TODO(step)' >chapters/common/todo.h
    cp "$root/tools/course/given.sh" tools/course
    sh tools/checks/starters.sh --write . >/dev/null
}

explored_tree() { # explored_tree PATTERNS: with three tests of the explorer, and what the step says
    small_tree
    printf 'EXPLORED = {\n    "01_small": ["small"],\n}\n' >>tools/chapters.bzl
    printf 'TEST_F(ARuns, One) {\nTEST_F(ARuns, Two) {\nTEST_F(BRuns, One) {\n' >tests/explore/small_test.cc
    [ -z "$1" ] || sed -i "s/^suite: A/&\nexplored: $1/" tests/01_small/steps.txt
}

whole() { expect "$1" "$2" sh "$tmp/tree/tools/checks/whole.sh" "$tmp/tree"; }
starters() { expect "$1" "$2" sh "$tmp/tree/tools/checks/starters.sh" "$tmp/tree"; }
text() { expect "$1" "$2" sh "$tmp/tree/tools/checks/text.sh" "$tmp/tree"; }

small_tree
whole green '1 chapters checked, 0 complaints'
starters green 'files compared'
text green 'texts checked'

for piece in chapters/01_small/README.md chapters/01_small/small.h chapters/01_small/small.c \
    solutions/01_small/small.c solutions/01_small/ANSWERS.md tests/01_small/small_test.cc \
    tests/01_small/steps.txt slides/01_small.md chapters/01_small/demos/demo.c; do
    small_tree
    rm "$piece"
    whole red '01_small: no '
done
small_tree && touch solutions/01_small/other.c && whole red 'lacks other.c, so nothing builds it'
small_tree && cp chapters/01_small/small.c 'chapters/01_small/a copy.c' && whole green ', 0 complaints'
small_tree && sed -i 's/"small.c"/"small.c", "large.c"/' tools/chapters.bzl && whole red 'no large.c in chapters/'
bug=tests/01_small/mutants/mutant_a.patch
small_tree && rm $bug && whole red '7 mutants'
small_tree && echo x >tests/01_small/mutants/old.orig && whole red 'old.orig lies among the mutants'
small_tree && mkdir tests/01_small/mutants/old && whole red 'old lies among the mutants'
small_tree && sed -i '/^# step/d' $bug && whole red "mutant_a has no '# step:'"
small_tree && sed -i 's/^| step.*/&\n|\n|   M2, M3\n|   expected  1\n|\n|   test      A/' $bug && whole red 'mutant_a names a clause alone'
small_tree && sed -i 's/^| step.*/&\n|\n|   N1:\n|   expected  1\n|   test      A/' $bug && whole red 'mutant_a names a clause alone'
small_tree && sed -i 's/^| step.*/&\n|\n|   expected  1\n|   actual    2\n|\n|   test      A/' $bug && whole red 'mutant_a says no sentence'
small_tree && sed -i 's/^| step.*/&\n|\n|   what      is_up\n|   expected  true\n|   actual    false\n|   test      A/' $bug && whole red 'mutant_a says no sentence'
small_tree && sed -i 's/^| step.*/&\n|\n|   M2: an item got lost\n|   expected  1\n|   test      A/' $bug && whole green '0 complaints'
small_tree && sed -i 's/^# step: 1.1/# step: one/' $bug && whole red "mutant_a has no '# step:'"
small_tree && sed -i '/^# what/d' $bug && whole red "mutant_a has no '# what:'"
small_tree && sed -i 's/^# what: .*/# what: /' $bug && whole red "mutant_a has no '# what:'"
small_tree && sed -i '/^|/d' $bug && whole red 'mutant_a does not tell what a learner sees'
small_tree && sed -i 's/^| step 1.1/| step 1.10/' $bug && whole red 'mutant_a does not name step 1.1'
small_tree && sed "s/small\.c/large.c/" "$tmp/diff" >>$bug && whole red 'mutant_a changes 2 files'
small_tree && sed -i '/^---/,$d' $bug && whole red 'mutant_a changes 0 files'
small_tree && sed -i 's/^| chapter/chapter/' $bug && whole red "neither '# key: ' nor '| ' above the diff: chapter"
small_tree && sed -i 's/^# what/# step: 1.1\n# what/' $bug && whole red "above the diff: # step: 1.1"
weakened=tests/explore/weakened/01_small/w.patch
for key in test what says; do small_tree && sed -i "/^# $key/d" $weakened && whole red "weakened order w has no '# $key:'"; done
small_tree && sed "s/small\.c/large.c/" "$tmp/diff" >>$weakened && whole red 'w changes 2 files'
small_tree && rm tests/01_small/starter.txt && whole red 'no text of the starter'
small_tree && sed -i 's/mutant_c//' chapters/01_small/README.md && whole red 'does not name the mutant mutant_c'
small_tree && sed -i 's/## 1.1 One/## 1.1 Two/' chapters/01_small/README.md && whole red "no section 'One'"
small_tree && sed -i 's/minutes: 20/minutes: 15/' tests/01_small/steps.txt && whole red '15 minutes'
small_tree && echo 'deadline: 10' >>tests/01_small/steps.txt && whole red 'step 1.1 ends within'
small_tree && echo 'deadline: 40' >>tests/01_small/steps.txt && whole green '0 complaints'
small_tree && echo 'deadlin: 40' >>tests/01_small/steps.txt && whole red "no key is called 'deadlin'"
small_tree && sed -i '$d' tests/01_small/steps.txt && whole red 'three hints'
small_tree && sed -i 's/^# step: 1.1/# step: 1.2/' tests/01_small/mutants/*.patch && whole red 'no mutant for step 1.1'
small_tree && sed -i 's/awk/nothing/' tools/checks/whole.sh && whole red 'could not be read'
explored_tree 'ARuns.*:BRuns.One' && whole green '0 complaints'
explored_tree '*-ARuns.Two' && whole red 'ARuns.Two of tests/explore belongs to 0 steps'
explored_tree '' && whole red 'BRuns.One of tests/explore belongs to 0 steps'
explored_tree 'ARuns.*:BRuns.On' && whole red 'BRuns.One of tests/explore belongs to 0 steps'
explored_tree '*' && printf 'step: 1.2\nexplored: BRuns.*\n' >>tests/01_small/steps.txt && whole red 'BRuns.One of tests/explore belongs to 2 steps'
small_tree && sed -i 's/^suite: A/&\nexplored: CRuns.*/' tests/01_small/steps.txt && whole red 'step 1.1 is explored by no test'
small_tree && mkdir chapters/02_orphan && whole red 'chapters/02_orphan: not in'
small_tree && echo >tools/chapters.bzl && whole red 'no chapter found'

small_tree && echo '/* drift */' >>chapters/01_small/small.c && starters red 'is not what'
small_tree && echo 'y' >>chapters/01_small/small.h && starters red 'tools/course/given/01_small.txt is not what chapters/01_small has'
small_tree && echo 'y' >>chapters/01_small/demos/demo.c && starters red 'given/01_small.txt is not'
small_tree && echo 'y' >>chapters/common/todo.h && starters red 'given/common.txt is not'
small_tree && echo 'y' >chapters/01_small/new.h && starters red 'given/01_small.txt is not'
small_tree && rm tools/course/given/01_small.txt && starters red 'given/01_small.txt is not'
small_tree && echo 'int forgotten;' >chapters/01_small/forgotten.c && starters red 'forgotten.c'
small_tree && sed -i 's/end 1.1/end 1.2/' solutions/01_small/small.c && starters red 'closes begin'
small_tree && sed -i '/end 1.1/d' solutions/01_small/small.c && starters red 'never closed'
small_tree && sed -i '/todo.h/d' solutions/01_small/small.c && starters red 'include "chapters/common/todo.h"'

small_tree && sed -i '/contract/d' chapters/01_small/README.md && text red 'no link found'
small_tree && echo "--test_arg=--gtest_filter='SmallRuns.*:TypoRuns.*'" >>chapters/01_small/README.md && text red 'called SmallRuns'
echo 'TEST_F(SmallRuns, Once)' >tests/01_small/small_test.cc && text red 'called TypoRuns'
echo 'TEST(TypoRuns, Once)' >>tests/01_small/small_test.cc && text green '2 filters'
small_tree && echo '[x](nowhere.md)' >>chapters/01_small/README.md && text red 'broken link to nowhere.md'
small_tree && printf '<!-- snippet: solutions/01_small/small.c small -->\n```c\nold\n```\n<!-- end snippet -->\n' >>chapters/01_small/README.md && text red 'out of date'
small_tree && printf '<!-- snippet: solutions/01_small/small.c gone -->\n<!-- end snippet -->\n' >>chapters/01_small/README.md && text red 'no gone in'
snippet() { printf '<!-- snippet: %s -->\n```text\n%s```\n<!-- end snippet -->\n' "$1" "$2" >>chapters/01_small/README.md; }
small_tree && snippet $bug 'chapter 01_small

step 1.1 failed: a
' && text green 'texts checked'
small_tree && snippet $bug '| chapter 01_small
' && text red 'out of date'

# A stand-in for a gate: writes the results in $verdicts, says "board".
cat >"$tmp/gate" <<'END'
#!/bin/sh
for argument; do
    case $argument in --results=*) printf '%b' "$verdicts" >"${argument#--results=}" ;; esac
done
if [ -n "${varies:-}" ] && [ ! -e "$varies" ]; then board=late && : >"$varies"; fi
echo "${board:-board}"
case $verdicts in *todo* | *fail*) exit 1 ;; esac
END
chmod +x "$tmp/gate"
small_patch() { printf '# step: 1.2\n# what: w\n| %s\n--- a/s.c\n+++ b/s.c\n| no text\n' "$1" >"$tmp/patch"; }
small_patch board
echo board >"$tmp/starter"
printf 'step: 1.1\nstep: 1.2\ncode: no\nstep: 1.3\n' >"$tmp/steps"
unset UPDATE EMULATOR TEXT_TRIES
code=-
judge() { # judge COLOUR WORDS VERDICTS ARGUMENTS...
    colour=$1
    words=$2
    verdicts=$3
    shift 3
    export verdicts
    expect "$colour" "$words" sh "$root/tools/check_verdict.sh" "$tmp/gate" "$@" "$code"
}
mutant() { judge "$1" "$2" "$3" mutant "$tmp/patch"; }
starter() { judge "$1" "$2" "$3" starter "$tmp/steps" "$tmp/starter"; }
mutant green 'check passed' '1.1 pass\n1.2 fail\n1.3 waiting\n'
mutant red 'survives' '1.1 pass\n1.2 pass\n1.3 pass\n'
mutant red 'step 1.1 failed first' '1.1 fail\n1.2 waiting\n'
mutant red 'step 1.3 failed first' '1.1 pass\n1.2 pass\n1.3 fail\n'
mutant red 'step 1.20 failed first' '1.1 pass\n1.20 fail\n'
mutant red 'wrote no results' ''
starter green 'check passed' '1.1 todo\n1.2 pass\n1.3 todo\n'
starter red "step 1.3 of the untouched starter: 'pass'" '1.1 todo\n1.2 pass\n1.3 pass\n'
starter red "step 1.1 of the untouched starter: 'crash'" '1.1 crash\n1.2 fail\n1.3 todo\n'
starter red 'untouched starter passes' '1.1 pass\n1.2 pass\n1.3 pass\n'
export varies TEXT_TRIES
varies=$tmp/one TEXT_TRIES=3
mutant green 'varied: asking again (2)' '1.1 pass\n1.2 fail\n'
varies=$tmp/two TEXT_TRIES=1
mutant red 'lines differ' '1.1 pass\n1.2 fail\n'
unset varies TEXT_TRIES
small_patch other
mutant red 'lines differ from patch' '1.1 pass\n1.2 fail\n'
sed -i '/^| other/d' "$tmp/patch"
mutant red 'lines differ from patch' '1.1 pass\n1.2 fail\n'
sed -i '/^# step/d' "$tmp/patch"
mutant red "has no '# step:'" '1.1 pass\n1.2 fail\n'
rm "$tmp/patch"
mutant red 'cannot read' '1.1 pass\n1.2 fail\n'
echo other >"$tmp/starter"
starter red 'lines differ from starter' '1.1 todo\n1.2 pass\n1.3 todo\n'

# What differs from build to build is not compared.
export board
board='panic at /a/b.c/slot_map.c:12: no: 3 clones, 4 wakes' && small_patch 'panic at slot_map.c: no: 5 clones, 6 wakes'
mutant green 'check passed' '1.2 fail\n'
board='panic at /a/slot_map.c:12: yes' && mutant red '+panic at slot_map.c: yes' '1.2 fail\n'
unset board

same() { cmp "$1" "$2" && echo same; }
# UPDATE writes the words in place, and nothing else.
export UPDATE=1
small_patch other
mutant green 'updated' '1.2 fail\n'
cp "$tmp/patch" "$tmp/updated" && small_patch board
expect green same same "$tmp/updated" "$tmp/patch"
mutant green 'check passed' '1.2 fail\n' # and now it is fresh
small_patch other && cp "$tmp/patch" "$tmp/updated"
mutant red 'step 1.1 failed first' '1.1 fail\n'
expect green same same "$tmp/updated" "$tmp/patch"
starter green 'updated' '1.1 todo\n1.2 pass\n1.3 todo\n'
expect green board cat "$tmp/starter"
unset UPDATE

# The changed code is there, and goes in front of the gate and of nothing else.
# Stand-ins: a library that every program has anyway, and an awk and an emulator
# that tell what they were given.
small_patch board
code=$tmp/none.so && mutant red 'none.so: the changed code does not exist' '1.2 fail\n'
: >"$tmp/empty.so"
code=$tmp/empty.so && mutant red 'empty.so: the changed code is an empty file' '1.2 fail\n'
code= && mutant red 'needs a path' '1.2 fail\n'
expect red 'usage' sh "$root/tools/check_verdict.sh" "$tmp/gate" mutant "$tmp/patch"
expect red 'usage' sh "$root/tools/check_verdict.sh" "$tmp/gate" starter "$tmp/steps" "$tmp/starter"
code=$(ldd "$(command -v cat)" | awk '/libc\./ { print $3; exit }')
printf '#!/bin/sh\necho "with $LD_PRELOAD"\nfor a; do case $a in --results=*) echo 1.2 fail >"${a#*=}" ;; esac; done\nexit 1\n' >"$tmp/gate"
mkdir -p "$tmp/bin"
printf '#!/bin/sh\n[ -z "$LD_PRELOAD" ] || exit 9\nexec %s "$@"\n' "$(command -v awk)" >"$tmp/bin/awk"
printf '#!/bin/sh\n[ -z "$LD_PRELOAD" ] && [ "$1" = -L ] || exit 9\nshift 2\nexport "${QEMU_SET_ENV:-none=}"\nexec "$@"\n' >"$tmp/bin/emulator"
chmod +x "$tmp/bin/awk" "$tmp/bin/emulator"
small_patch "with $code"
export PATH="$tmp/bin:$PATH"
mutant green 'check passed' ''
export EMULATOR='emulator -L /usr/elsewhere'
mutant green 'check passed' ''
code=- && mutant red '+with' ''
unset EMULATOR

# A stand-in for the explorer: the words in $says, as often as they were asked
# for, and its figures.
cat >"$tmp/explorer" <<'END'
#!/bin/sh
[ "$*" = --gtest_filter=A.B ] || exit 0
echo run >>"$runs"
echo "name 10 x ${executions:-20} x x x 5" >>"$EXPLORE_FIGURES"
printf '%b\n' "$says"
[ -z "${each_its_own:-}" ] || grep -c . "$runs"
echo "[  FAILED  ] A.B ($(grep -c . "$runs") ms)"
exit "${status:-1}"
END
chmod +x "$tmp/explorer"
export says='first\ndata race' runs="$tmp/runs" executions status each_its_own
cd "$root" || exit 1
order() { expect "$1" "$2" sh tests/explore/weakened.sh "$tmp/explorer" "$tmp/patch" "$code"; }
weak_patch() { printf '# test: A.B\n# what: w\n# says: data race\n--- a/s.c\n+++ b/s.c\n' >"$tmp/patch"; }
weak_patch
order green 'A.B: found after 30 executions, in 5 ms'
status=0 && order red 'nothing finds it: A.B passes'
status=
says='a data race' && order red 'does not say: data race'
says='data race'
each_its_own=1 && order red 'another execution fails'
each_its_own=
executions=5000 && order red 'not within 5000 executions'
executions=
for key in test what says; do weak_patch && sed -i "/^# $key/d" "$tmp/patch" && order red "no '# $key:' in its head"; done
rm "$tmp/patch" && order red 'cannot be read'
weak_patch
code=$tmp/empty.so && order red 'the changed code is an empty file'
expect red 'usage' sh tests/explore/weakened.sh "$tmp/explorer" "$tmp/patch"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 90 ]
