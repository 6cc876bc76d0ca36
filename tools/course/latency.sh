#!/bin/sh
# latency.sh [--times N] [--root FOLDER] [CHAPTER-FOLDER...] - how long from an
# edited line of a starter to its gate's verdict, with everything built and Bazel
# running? For each chapter, or those that are named, a line with the median, in
# milliseconds, and all times: of ten edits, or N. Edits a clone of the
# repository (or of FOLDER's) in a temporary folder, so commit first. No network
# is needed.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
course=$root
times=10
while [ $# -gt 0 ]; do
    case $1 in
    --times) times=$2 && shift 2 ;;
    --root) course=$2 && shift 2 ;;
    -*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2 && exit 2 ;;
    *) break ;;
    esac
done
[ "$times" -ge 1 ] || exit 2
. "$root/tools/checks/manifest.sh"
# shellcheck disable=SC2046 # one word a folder
[ $# -gt 0 ] || set -- $(chapter_folders "$course")
[ $# -gt 0 ] || { echo "latency.sh: no chapter" >&2 && exit 1; }
bazel=${BAZEL:-bazel}
tmp=$(mktemp -d)
base=''
trap 'end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

end() {
    [ ! -d "$tmp/clone" ] || (cd "$tmp/clone" && $bazel shutdown) >/dev/null 2>&1 || :
    # Bazel's own folder for the clone goes too; its files are read-only.
    [ -z "$base" ] || { chmod -R u+w "$base" && rm -rf "$base"; }
    rm -rf "$tmp"
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# mark CHAPTER: a copy of its first file with a task, with a place for the edit,
# which is to change the object code
mark() {
    file=$(grep -l '^ *TODO(' chapters/"$1"/*.c | head -n 1)
    [ -n "$file" ] || { echo "latency.sh: no TODO in chapters/$1" >&2 && exit 1; }
    awk '{ print } /^ *TODO\(/ && !n++ { print "    { static volatile int edited; edited = @; (void)edited; }" }' "$file" >"$tmp/marked"
}

# verdict CHAPTER NUMBER: another line in the first task, and what the gate says
verdict() {
    sed "s/@/$2/" "$tmp/marked" >"$file"
    rm -f .course/results
    ./course test "$1" >"$tmp/said" 2>&1 || : # a starter does not pass
    [ -s .course/results ] && return
    cat "$tmp/said" >&2
    echo "latency.sh: $1 gave no verdict" >&2
    exit 1
}

git clone -q "$course" "$tmp/clone"
cd "$tmp/clone"
base=$($bazel info output_base 2>/dev/null)
for chapter; do
    mark "$chapter"
    verdict "$chapter" 0
    : >"$tmp/times"
    for run in $(seq "$times"); do
        began=$(milliseconds)
        verdict "$chapter" "$run"
        echo $(($(milliseconds) - began)) >>"$tmp/times"
    done
    median=$(sort -n "$tmp/times" | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')
    echo "$chapter median $median ms of $times: $(tr '\n' ' ' <"$tmp/times")"
done
