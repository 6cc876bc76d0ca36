#!/bin/sh
# cache.sh [TARGET...] - does a disk cache work across clones? Two clones of the
# last commit, in folders of different length, build and test the targets with
# one --disk_cache and output bases of their own: in the second, every action
# must be a hit, or its key holds a path of this machine. The second is cloned as
# Git for Windows is set up; .gitattributes sees to it that the files are the same.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
bazel=${BAZEL:-bazel}
[ $# -gt 0 ] || set -- //solutions/02_future //tests/02_future/... //chapters/common/... \
    //tools/timeline/... //tools/course/... //tests/explore:litmus_test
tmp=$(mktemp -d)
trap 'end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

end() {
    chmod -R u+w "$tmp"
    rm -rf "$tmp"
}

# in_clone NAME CRLF TARGET...: CRLF is git's core.autocrlf; Debian's Bazel needs the system's settings, so those stay
in_clone() {
    clone=$tmp/$1/clone
    crlf=$2
    shift 2
    git clone -q -c core.autocrlf="$crlf" "$root" "$clone"
    (cd "$clone" && exec $bazel --nohome_rc --batch --output_base="$clone.base" test \
        --noshow_progress --disk_cache="$tmp/cache" --execution_log_json_file="$clone.log" "$@") >"$clone.said" 2>&1 && return
    tail -n 40 "$clone.said" >&2
    exit 1
}

# misses LOG: the outputs of each action that was no hit
misses() {
    awk '/"listedOutputs"/ { outputs = $0; sub(/^[^:]*: */, "", outputs) }
         /"remoteCacheHit": false/ { print "not in the cache: " outputs }' "$1"
}

in_clone first false "$@"
in_clone a_second_place true "$@"
processes=$(grep -E '^INFO: [0-9]+ process(es)?: ' "$tmp/a_second_place/clone.said") || {
    echo "Bazel does not tell how its actions ran" >&2
    exit 1
}
echo "$processes"
hits=$(echo "$processes" | grep -oE '[0-9]+ (disk|remote) cache hit' | awk '{ sum += $1 } END { print sum + 0 }')
others=$(echo "$processes" | sed 's/^INFO: [0-9]* process[es]*: //; s/\.$//' | tr ',' '\n' |
    grep -vE ' (disk cache hit|remote cache hit|internal)$' || :)
if [ "$hits" -eq 0 ] || [ -n "$others" ]; then
    misses "$tmp/a_second_place/clone.log" | head -n 20
    echo "a second clone built anew:${others:- everything}"
    exit 1
fi
echo "$hits actions, all of them hits"
