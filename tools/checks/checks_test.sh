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

# A small course of one chapter that every check likes.
small_tree() {
    rm -rf "$tmp/tree"
    mkdir -p "$tmp/tree/tools" "$tmp/tree/slides"
    cp -r "$root/tools/checks" "$root/tools"/*.sh "$root/tools"/*.awk "$tmp/tree/tools"
    cd "$tmp/tree" || exit 1
    printf '    ("01_small", "Small", 10, 20, []),\n' >tools/chapters.bzl
    mkdir -p chapters/01_small/demos solutions/01_small tests/01_small/mutants tests/01_small/golden
    printf '#include "chapters/common/todo.h"\n\nint small(void)\n{\n    /* begin 1.1 */\n    return 1;\n    /* end 1.1: return 0; */\n}\n' >solutions/01_small/small.c
    printf 'step: 1.1\ntitle: a\nsuite: A\ntask: Return one.\nsection: One\nminutes: 20\ncause: c\nhint: a\nhint: b\nhint: c\n' >tests/01_small/steps.txt
    for file in chapters/01_small/small.h chapters/01_small/BUILD chapters/01_small/demos/demo.c \
        solutions/01_small/ANSWERS.md tests/01_small/small_test.cc slides/01_small.md tests/01_small/golden/starter.txt; do
        echo x >"$file"
    done
    printf '## 1.1 One\n' >chapters/01_small/README.md
    for mutant in a b c d e f g h; do
        printf '# step: 1.1\n# what: something\n' >"tests/01_small/mutants/mutant_$mutant.patch"
        echo x >"tests/01_small/golden/mutant_$mutant.txt"
        echo "mutant_$mutant" >>chapters/01_small/README.md
    done
    sh tools/starter.sh tests/01_small/steps.txt chapters/01_small solutions/01_small/*.c
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
small_tree && rm tests/01_small/mutants/mutant_a.patch tests/01_small/golden/mutant_a.txt && whole red '7 mutants'
small_tree && rm tests/01_small/golden/mutant_a.txt && whole red 'no golden file'
small_tree && echo x >tests/01_small/golden/old.txt && whole red 'belongs to no mutant'
small_tree && echo '#' >tests/01_small/mutants/mutant_a.patch && whole red "no '# step:'"
small_tree && sed -i 's/mutant_c//' chapters/01_small/README.md && whole red 'does not name the mutant mutant_c'
small_tree && sed -i 's/## 1.1 One/## 1.1 Two/' chapters/01_small/README.md && whole red "no section 'One'"
small_tree && sed -i 's/minutes: 20/minutes: 15/' tests/01_small/steps.txt && whole red '15 minutes'
small_tree && echo 'deadline: 10' >>tests/01_small/steps.txt && whole red 'step 1.1 ends within'
small_tree && echo 'deadline: 40' >>tests/01_small/steps.txt && whole green '0 complaints'
small_tree && sed -i '$d' tests/01_small/steps.txt && whole red 'three hints'
small_tree && sed -i 's/^# step: 1.1/# step: 1.2/' tests/01_small/mutants/*.patch && whole red 'no mutant for step 1.1'
small_tree && mkdir chapters/02_orphan && whole red 'chapters/02_orphan: not in'
small_tree && echo >tools/chapters.bzl && whole red 'no chapter found'

small_tree && echo '/* drift */' >>chapters/01_small/small.c && starters red 'is not what'
small_tree && echo 'int forgotten;' >chapters/01_small/forgotten.c && starters red 'forgotten.c'
small_tree && sed -i 's/end 1.1/end 1.2/' solutions/01_small/small.c && starters red 'closes begin'
small_tree && sed -i '/end 1.1/d' solutions/01_small/small.c && starters red 'never closed'
small_tree && sed -i '/todo.h/d' solutions/01_small/small.c && starters red 'include "chapters/common/todo.h"'

small_tree && echo '[x](nowhere.md)' >>chapters/01_small/README.md && text red 'broken link to nowhere.md'
small_tree && printf '<!-- snippet: solutions/01_small/small.c small -->\n```c\nold\n```\n<!-- end snippet -->\n' >>chapters/01_small/README.md && text red 'out of date'
small_tree && printf '<!-- snippet: solutions/01_small/small.c gone -->\n<!-- end snippet -->\n' >>chapters/01_small/README.md && text red 'no gone in'

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
echo board >"$tmp/golden"
printf '# step: 1.2\n' >"$tmp/patch"
printf 'step: 1.1\nstep: 1.2\ncode: no\nstep: 1.3\n' >"$tmp/steps"
verdict() { # verdict COLOUR WORDS KIND SOURCE VERDICTS
    expect "$1" "$2" env verdicts="$5" UPDATE_GOLDEN= sh "$root/tools/check_verdict.sh" "$tmp/gate" "$3" "$4" "$tmp/golden"
}
verdict green 'check passed' mutant "$tmp/patch" '1.1 pass\n1.2 fail\n1.3 waiting\n'
verdict red 'survives' mutant "$tmp/patch" '1.1 pass\n1.2 pass\n1.3 pass\n'
verdict red 'step 1.1 failed first' mutant "$tmp/patch" '1.1 fail\n1.2 waiting\n'
verdict red 'step 1.3 failed first' mutant "$tmp/patch" '1.1 pass\n1.2 pass\n1.3 fail\n'
verdict green 'check passed' starter "$tmp/steps" '1.1 todo\n1.2 pass\n1.3 todo\n'
verdict red "step 1.3 of the untouched starter: 'pass'" starter "$tmp/steps" '1.1 todo\n1.2 pass\n1.3 pass\n'
verdict red "step 1.1 of the untouched starter: 'crash'" starter "$tmp/steps" '1.1 crash\n1.2 fail\n1.3 todo\n'
verdict red 'untouched starter passes' starter "$tmp/steps" '1.1 pass\n1.2 pass\n1.3 pass\n'
export varies TEXT_TRIES
varies=$tmp/one TEXT_TRIES=3
verdict green 'varied: asking again (2)' mutant "$tmp/patch" '1.1 pass\n1.2 fail\n'
varies=$tmp/two TEXT_TRIES=1
verdict red 'lines differ' mutant "$tmp/patch" '1.1 pass\n1.2 fail\n'
unset varies TEXT_TRIES
echo other >"$tmp/golden"
verdict red 'lines differ' mutant "$tmp/patch" '1.1 pass\n1.2 fail\n'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 30 ]
