#!/bin/sh
# editors.sh [ROOT] - does an editor understand the sources? clangd parses one file
# of each kind and complains of none; once with compile_flags.txt alone, as in a
# fresh clone, and once with the table that ./course writes.
set -u
root=$(cd "${1:-.}" && pwd)
clangd=${CLANGD:-clangd-14}
. "$root/tools/checks/needs.sh"
need "$clangd"
complaints=0
checked=0

one_of_each_kind() {
    cat <<'TEXT'
chapters/03_waker/parker.h
chapters/05_async_await/tree.c
chapters/12_work_stealing/demos/trace.c
solutions/05_async_await/async_macros.h
solutions/05_async_await/tree.c
tests/05_async_await/frame_test.cc
tests/explore/programs/planted.c
tests/support/gate.h
tests/support/run.cc
tools/timeline/main.c
bench/ours/current.c
TEXT
}

# understood FILE: the first lines only are tried for fixes; all of it is parsed
understood() {
    checked=$((checked + 1))
    [ -f "$root/$1" ] && said=$("$clangd" --check="$root/$1" --check-lines=1-2 2>&1) && case $said in
    *'All checks completed, 0 errors'*) return ;;
    esac
    printf '%s\n' "$said" | grep '^E' | head -n 3
    echo "clangd does not understand $1, $2"
    complaints=$((complaints + 1))
}

table=$root/compile_commands.json
mv -f "$table" "$table.kept" 2>/dev/null
trap 'rm -f "$table"; mv -f "$table.kept" "$table" 2>/dev/null' EXIT
for file in $(one_of_each_kind); do understood "$file" "in a fresh clone"; done
NO_COLOR=1 "$root/course" >/dev/null
[ -s "$table" ] || { echo "./course writes no compile_commands.json" && exit 1; }
for file in $(one_of_each_kind); do understood "$file" "after ./course"; done
echo "$checked files parsed, $complaints complaints"
[ "$complaints" -eq 0 ]
