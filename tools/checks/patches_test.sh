#!/bin/sh
# patches_test.sh WORKSPACE-FILE - does `tools/update --patches` renew what it
# can, and leave to a person what it must? In a small repository of its own.
set -u
root=$(dirname "$(readlink -f "$1")")
for tool in git patch diff; do
    command -v "$tool" >/dev/null || { echo "FAILED: this test needs $tool" && exit 1; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Nobody's settings, and not the repository of a hook that runs this.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME="$tmp"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
passed=0
failed=0
tree=$tmp/tree
source=solutions/01_small/small.c
mutants=tests/01_small/mutants
weakened=tests/explore/weakened/01_small

check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what: $*"
        sed 's/^/    /' "$tmp/said"
    fi
}

says() { grep -qF -- "$1" "$tmp/said"; }
says_not() { ! grep -qF -- "$1" "$tmp/said"; }

renew() { # renew STATUS
    (cd "$tree" && sh tools/update --patches) >"$tmp/said" 2>&1
    check "exit status $1" [ $? -eq "$1" ]
}

commit() { (cd "$tree" && git add -A && git commit -q -m "$1") || exit 1; }
edit() { sed -i "$1" "$tree/$source"; }

# plant NAME SED-SCRIPT: saves the bug as a patch, with a head.
plant() {
    {
        printf '# step: 1.1\n# what: %s\n| step 1.1 failed: small\n|\n|   expected  1\n' "$1"
        cp "$tree/$source" "$tmp/bug.c"
        sed -i "$2" "$tmp/bug.c"
        diff -U 3 --label "a/$source" --label "b/$source" "$tree/$source" "$tmp/bug.c"
    } >"$tree/$mutants/$1.patch"
    [ $? -eq 1 ] || exit 1 # diff's: they differ
}

# leads_to NAME LINE: the patch fits without an offset, and makes this line.
leads_to() {
    patch --fuzz=0 --force --output="$tmp/made.c" "$tree/$source" <"$tree/$mutants/$1.patch" >"$tmp/said" 2>&1 &&
        says_not offset && grep -qxF -- "$2" "$tmp/made.c"
}

# Thirty lines, with a bug in line 15, the patch of which is in `near` (and in
# any other name that a test wants).
small_repository() {
    rm -rf "$tree"
    mkdir -p "$tree/tools" "$tree/solutions/01_small" "$tree/$mutants"
    cp -r "$root/tools/checks" "$root/tools/update" "$root/tools"/*.sh "$root/tools"/*.awk "$tree/tools"
    printf '    ("01_small", "Small", 10, 20, []),\n' >"$tree/tools/chapters.bzl"
    awk 'BEGIN { for (i = 1; i <= 30; i++) print "line(" i ");" }' >"$tree/$source"
    git init -q "$tree" || exit 1
    plant near 's/line(15);/bug(15);/'
    commit first
}

small_repository
renew 0
check 'nothing is to be done' says '1 patches, 0 renewed'
check 'nothing is changed' git -C "$tree" diff --quiet

# An edit in the hunk's context.
small_repository && edit 's/line(13);/other(13);/'
renew 0
check 'the context is new' leads_to near 'bug(15);'
check 'it has the edit' grep -qx ' other(13);' "$tree/$mutants/near.patch"
sed '/^---/,$d' "$tree/$mutants/near.patch" >"$tmp/head"
check 'the head is as it was' [ "$(git -C "$tree" show "HEAD:$mutants/near.patch" | head -n 5)" = "$(cat "$tmp/head")" ]
check 'git takes it' git -C "$tree" apply --check "$mutants/near.patch"
commit second
renew 0
check 'a second time there is nothing to do' says '0 renewed'

# An edit far above: only numbers change. Another that was committed already.
small_repository && edit '2s/$/\nmore();\nmore();/'
renew 0
check 'the numbers are new' grep -q '^@@ -14,7 +14,7 @@' "$tree/$mutants/near.patch"
check 'nothing else is' [ "$(git -C "$tree" diff --numstat -- $mutants | cut -f1,2)" = "$(printf '1\t1')" ]
small_repository && edit '2s/$/\nmore();/' && commit moved && edit 's/line(17);/other(17);/' && commit near
renew 0
check 'the base is an old version' leads_to near 'bug(15);'

# The same lines stand twice: the right ones of them are meant.
small_repository
for _ in 1 2; do sed -n 1,9p "$tree/$source"; done >"$tmp/twice" && cp "$tmp/twice" "$tree/$source"
rm "$tree/$mutants/near.patch"
plant second '14s/line(5);/bug(5);/' && commit twice && edit '1s/^/new();\nnew();\nnew();\nnew();\nnew();\nnew();\n/'
renew 0
check 'the second of two places' leads_to second 'bug(5);'
check 'and not the first' [ "$(grep -n 'bug(5);' "$tmp/made.c")" = '20:bug(5);' ]

# For a person: a conflict, a bug that is no more, half a bug, a stranger.
small_repository && edit 's/line(15);/other(15);/' && cp "$tree/$mutants/near.patch" "$tmp/near.patch"
renew 1
check 'a conflict' says "$mutants/near.patch: the bug and a change of $source are in conflict"
check 'the old patch is kept' cmp -s "$tmp/near.patch" "$tree/$mutants/near.patch"
small_repository && edit 's/line(15);/bug(15);/'
renew 1
check 'a bug that is no more' says "$mutants/near.patch: the bug is gone"
check 'its old patch is kept' cmp -s "$tmp/near.patch" "$tree/$mutants/near.patch"
small_repository && plant two 's/line(\(5\|25\));/bug(\1);/' && commit two && edit 's/line(5);/bug(5);/'
renew 1
check 'half a bug' says "$mutants/two.patch: a part of the bug is gone"
small_repository && sed -i 's/^ line(14);/ never(14);/' "$tree/$mutants/near.patch"
cp "$tree/$mutants/near.patch" "$tmp/near.patch"
renew 1
check 'a stranger' says "$mutants/near.patch: it fits no version of $source"
check "the stranger's patch is kept" cmp -s "$tmp/near.patch" "$tree/$mutants/near.patch"
small_repository && sed '1,5d' "$tree/$mutants/near.patch" | sed 's/small\.c/large.c/' >>"$tree/$mutants/near.patch"
renew 1
check 'two files' says "$mutants/near.patch: it changes no file, or more than one"
small_repository && rm "$tree/$source"
renew 1
check 'no source' says "$mutants/near.patch: there is no $source"

# One for a person does not stop the others.
small_repository && plant above 's/line(5);/bug(5);/' && plant zebra 's/line(25);/bug(25);/' && commit three
edit 's/line(15);/other(15);/; s/line(3);/other(3);/; s/line(27);/other(27);/'
renew 1
check 'two renewed' says '3 patches, 2 renewed'
check 'the one before' leads_to above 'bug(5);'
check 'the one behind' leads_to zebra 'bug(25);'

# A source with a new name, and a weakened order.
small_repository && (cd "$tree" && git mv "$source" solutions/01_small/large.c) && commit renamed
renew 0
check 'the new name' grep -qx '+++ b/solutions/01_small/large.c' "$tree/$mutants/near.patch"
check 'git takes that, too' git -C "$tree" apply --check "$mutants/near.patch"
small_repository && mkdir -p "$tree/$weakened" && (cd "$tree" && git mv "$mutants/near.patch" "$weakened/near.patch")
commit weakened && edit 's/line(13);/other(13);/'
renew 0
check 'a weakened order' says "renewed $weakened/near.patch"

# Nothing to look at, or nothing to look with.
small_repository && rm "$tree/$mutants/near.patch"
renew 2
check 'no patch' says 'no patch found'
small_repository && rm -rf "$tree/.git"
(cd "$tree" && GIT_CEILING_DIRECTORIES=$tmp sh tools/update --patches) >"$tmp/said" 2>&1
check 'no repository fails' [ $? -eq 2 ]
check 'no repository' says 'is no git repository'
mkdir "$tmp/bin" && for tool in sh dirname sed cut; do ln -s "$(command -v "$tool")" "$tmp/bin/$tool"; done
(cd "$tree" && PATH=$tmp/bin sh tools/update --patches) >"$tmp/said" 2>&1
check 'no git fails' [ $? -eq 2 ]
check 'no git' says 'needs git'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 45 ]
