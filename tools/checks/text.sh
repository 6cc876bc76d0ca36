#!/bin/sh
# text.sh ROOT - are the snippets of all Markdown files fresh, do their relative
# links lead somewhere, and do the filters that they tell a reader to type match
# a suite of tests?
set -u
root=$1
status=0
count=0
list=$(mktemp)
trap 'rm -f "$list" "$list.links" "$list.all" "$list.broken"' EXIT
: >"$list.all"
find "$root" \( -name node_modules -o -name out -o -name planted -o -name '.?*' -o -name 'bazel-*' \) -prune -o -name '*.md' -print |
    sort >"$list"
while read -r file; do
    count=$((count + 1))
    COURSE_ROOT=$root sh "$root/tools/snippets.sh" --check "$file" || status=1
    # [text](target) outside code fences; anchors and web addresses aside.
    awk '/^ *```/ { code = !code } !code { while (match($0, /\]\([^) ]+\)/)) {
            print substr($0, RSTART + 2, RLENGTH - 3); $0 = substr($0, RSTART + RLENGTH) } }' "$file" |
        sed 's/#.*//' | grep -v '^[a-z]*:' | grep . | sort -u >"$list.links"
    cat "$list.links" >>"$list.all"
    while read -r target; do
        [ -e "$(dirname "$file")/$target" ] || echo "${file#"$root"/}: broken link to $target"
    done <"$list.links" >"$list.broken"
    cat "$list.broken"
    [ ! -s "$list.broken" ] || status=1
done <"$list"
[ "$count" -gt 0 ] || { echo "no Markdown file found"; status=1; }
[ -s "$list.all" ] || { echo "no link found in any of them"; status=1; }

filters=0
for suite in $(grep -ho "gtest_filter='[^']*'" "$root"/chapters/*/README.md | sed "s/.*='//; s/'//" | tr ':' '\n' | sort -u); do
    filters=$((filters + 1))
    grep -qE "^TEST(_F|_P)?\(${suite%%.*}," "$root"/tests/*/*.cc || {
        echo "no suite of tests is called ${suite%%.*}, but a lesson has the filter $suite"
        status=1
    }
done
echo "$count texts checked, $(wc -l <"$list.all") links, $filters filters"
exit $status
