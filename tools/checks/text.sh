#!/bin/sh
# text.sh ROOT - are the snippets of all Markdown files fresh, and do their
# relative links lead somewhere?
set -u
root=$1
status=0
count=0
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find "$root" \( -name node_modules -o -name out -o -name planted -o -name '.?*' -o -name 'bazel-*' \) -prune -o -name '*.md' -print |
    sort >"$list"
while read -r file; do
    count=$((count + 1))
    COURSE_ROOT=$root sh "$root/tools/snippets.sh" --check "$file" || status=1
    # [text](target) outside code fences; anchors and web addresses aside.
    awk '/^ *```/ { code = !code } !code { while (match($0, /\]\([^) ]+\)/)) {
            print substr($0, RSTART + 2, RLENGTH - 3); $0 = substr($0, RSTART + RLENGTH) } }' "$file" |
        sed 's/#.*//' | grep -v '^[a-z]*:' | grep . | sort -u | while read -r target; do
        [ -e "$(dirname "$file")/$target" ] || echo "${file#"$root"/}: broken link to $target"
    done >"$list.broken"
    cat "$list.broken"
    [ ! -s "$list.broken" ] || status=1
done <"$list"
rm -f "$list.broken"
[ "$count" -gt 0 ] || { echo "no Markdown file found"; status=1; }
echo "$count texts checked"
exit $status
