#!/bin/sh
# latency.sh [CHAPTER-FOLDER [TIMES]] - how long from an edited line of a
# starter to its gate's verdict, with everything built and Bazel running?
# Edits a clone in a temporary folder, so commit first. Prints each time and
# the median, in milliseconds.
set -eu
root=$(dirname "$(readlink -f "$0")")/../..
chapter=${1:-01_blocking_server}
times=${2:-10}
tmp=$(mktemp -d)
trap 'end' EXIT
trap 'exit 130' INT

end() {
    (cd "$tmp/clone" && ${BAZEL:-bazel} shutdown) >/dev/null 2>&1 || true
    # Bazel's own folder for the clone goes too; its files are read-only.
    [ -z "${base:-}" ] || { chmod -R u+w "$base" && rm -rf "$base"; }
    rm -rf "$tmp"
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# edit NUMBER: another line in the first task, which changes the object code
edit() {
    sed "s/@/$1/" "$tmp/marked" >"$file"
}

git clone -q "$root" "$tmp/clone"
cd "$tmp/clone"
file=$(grep -l '^ *TODO(' chapters/"$chapter"/*.c | head -n 1)
awk '{ print } /^ *TODO\(/ && !n++ { print "    { static volatile int edited; edited = @; (void)edited; }" }' "$file" >"$tmp/marked"

edit 0
echo "building everything once"
./course test "$chapter" >"$tmp/said" 2>&1 || true
base=$(${BAZEL:-bazel} info output_base 2>/dev/null)
if [ ! -s .course/results ]; then
    cat "$tmp/said"
    exit 1
fi

for run in $(seq "$times"); do
    edit "$run"
    began=$(milliseconds)
    ./course test "$chapter" >/dev/null 2>&1 || true
    echo $(($(milliseconds) - began))
done | tee "$tmp/times"
sort -n "$tmp/times" | awk '{ t[NR] = $1 } END { print "median " t[int((NR + 1) / 2)] " ms of " NR }'
