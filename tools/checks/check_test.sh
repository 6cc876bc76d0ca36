#!/bin/sh
# check_test.sh WORKSPACE-FILE - tools/check in a small tree with stand-ins for
# its tools: what runs, that a missing tool is red, and whose hooks it leaves
# alone.
set -u
root=$(dirname "$(readlink -f "$1")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
unset BAZEL

expect() { # expect STATUS WORDS COMMAND...
    want=$1 words=$2
    shift 2
    "$@" >"$tmp/said" 2>&1
    got=$?
    if [ "$got" -eq "$want" ] && grep -qF -- "$words" "$tmp/said"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: expected $want and '$words', got $got from: $*"
        sed 's/^/    /' "$tmp/said"
    fi
}

stand_in() { # stand_in NAME TEXT
    rm -f "$tmp/bin/$1"
    printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1"
    chmod +x "$tmp/bin/$1"
}

# Nothing but what a bare Debian has, and the stand-ins.
mkdir -p "$tmp/bin" "$tmp/tree/tools" "$tmp/tree/.ci" "$tmp/hooks"
for tool in sh awk sed grep sort cut tr cat cp mv rm mkdir mktemp dirname readlink date wc head tail tee xargs \
    basename find env chmod cmp diff printf; do
    ln -s "$(command -v "$tool")" "$tmp/bin/$tool"
done
export PATH="$tmp/bin"
cp -r "$root/tools/check" "$root/tools/checks" "$tmp/tree/tools"
printf '    ("01_one", "One", 10, 20, []),\n' >"$tmp/tree/tools/chapters.bzl"
check="$tmp/tree/tools/check"
for inner in readers_test starters text whole; do
    printf 'echo "1 passed, 0 failed"\n' >"$tmp/tree/tools/checks/$inner.sh"
done
echo 'int x;' >"$tmp/tree/a.c"
echo '#!/bin/sh' >"$tmp/tree/script"
git_here() { # git_here FILE...: git, if these are all the files that it knows
    stand_in git "case \$1 in
ls-files) printf '%s\\n' $* ;;
rev-parse) echo '$tmp/hooks' ;;
esac"
}

# All tools are there
git_here a.c script gone.c
for tool in clang-format-14 codespell shellcheck; do stand_in "$tool" "echo \"$tool \$*\""; done
stand_in bazel "echo \"\$*\" >>'$tmp/asked'; echo '//a:b (cached) PASSED in 0.1s'"
expect 0 '8 passed, 0 failed' "$check"
expect 0 'gates on the references' "$check"
expect 0 'clang-format-14 --dry-run --Werror a.c' "$check" --quick
expect 0 'shellcheck --severity=warning -x script' "$check" --quick
: >"$tmp/asked"
expect 0 '7 passed, 0 failed' "$check" --quick
expect 0 'chapters are whole' "$check" 1
expect 0 '//solutions/01_one/... //tests/01_one/...' cat "$tmp/asked"
expect 2 "no chapter '7'" "$check" 7
expect 2 'check --install-hook' "$check" --nonsense

# A check that fails, that finds no file, or whose tool is missing is red
stand_in codespell 'exit 65'
expect 1 '6 passed, 1 failed' "$check" --quick
rm "$tmp/bin/codespell"
expect 1 'codespell is missing: apt-get install codespell' "$check" --quick
stand_in codespell ''
git_here gone.c
expect 1 'no file to check' "$check" --quick
rm "$tmp/bin/git"
expect 1 'git is missing' "$check" --quick
git_here a.c script
stand_in bazel 'echo nothing'
expect 1 'bazel test ended with 0, 0 passed' "$check"
stand_in bazel "echo '//a:b FAILED in 3s'; exit 3"
expect 1 '7 passed, 2 failed' "$check"
rm "$tmp/bin/bazel"
expect 1 'bazel is missing: ./course' "$check"
printf 'echo "no count"\n' >"$tmp/tree/tools/checks/readers_test.sh"
expect 1 'printed no count' "$check" --quick

# The hook: ours may be put there again, another one stays
expect 0 'runs tools/check --quick before each commit' "$check" --install-hook
expect 0 'exec "$(git rev-parse --show-toplevel)/tools/check" --quick' cat "$tmp/hooks/pre-commit"
expect 0 'pre-commit' find "$tmp/hooks" -name pre-commit -perm -100
expect 0 'before each commit' "$check" --install-hook
echo 'echo mine' >"$tmp/hooks/pre-commit"
expect 1 'is there already and is not ours' "$check" --install-hook
expect 0 'echo mine' cat "$tmp/hooks/pre-commit"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -ge 20 ]
