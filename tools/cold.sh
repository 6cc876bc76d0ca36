#!/bin/sh
# cold.sh [--only ROW]... [--profiles FOLDER] OLD NEW - two commits side by side on
# this machine: fresh clones, cold output bases, no network. Prints a table in
# Markdown, the old commit's figure, the new one's, and their ratio. Rows:
#
#     all       bazel test //..., cold: wall and CPU
#     08, 12    that chapter's mutants after an edit of its reference, warm: wall
#     gate      the gate of 12 on its reference: wall, median of five
#     latency   edit to verdict, each chapter: median of ten
#     files     in the repository
#     ci        .ci/run, whole: wall; needs the network, and --only ci
#
# Ends with 1 if a test was red. Let nothing else run meanwhile. Times are seconds; CPU is that of all processes
# that Bazel started. With --profiles Bazel's profile of each run is kept there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 2
}

rows='' profiles='' old='' new=''
while [ $# -gt 0 ]; do
    case $1 in
    --only) [ $# -gt 1 ] || usage && rows="$rows $2" && shift ;;
    --profiles) [ $# -gt 1 ] || usage && profiles=$(mkdir -p "$2" && cd "$2" && pwd) && shift ;;
    -*) usage ;;
    *) if [ -z "$old" ]; then old=$1; elif [ -z "$new" ]; then new=$1; else usage; fi ;;
    esac
    shift
done
[ -n "$new" ] || usage
for row in $rows; do
    case $row in all | 08 | 12 | gate | latency | files | ci) ;; *) usage ;; esac
done
wanted() { case " ${rows:-all 08 12 gate latency files} " in *" $1 "*) ;; *) return 1 ;; esac }

# Without a network, but for this machine's own addresses, which the gates need.
if ! wanted ci && [ -z "${COLD_INSIDE:-}" ]; then
    for tool in unshare ip; do
        command -v "$tool" >/dev/null || { echo "cold.sh: $tool is missing (util-linux, iproute2)" >&2 && exit 1; }
    done
    only=$(for row in $rows; do printf ' --only %s' "$row"; done)
    export COLD_INSIDE=yes
    # shellcheck disable=SC2086,SC2016 # words; the inner shell's dollars
    exec unshare -n sh -c 'ip link set lo up && exec sh "$0" "$@"' "$0" $only \
        ${profiles:+--profiles "$profiles"} "$old" "$new"
fi

tmp=$(mktemp -d)
table=$tmp/table
bazel=${BAZEL:-bazel}
batch=''
red=0

# end_base BASE: ends its Bazel, and removes it; its files are read-only
end_base() {
    [ -d "$tmp/$1" ] || return 0
    (cd "$tmp/old" && $bazel --output_base="$tmp/$1" shutdown) >/dev/null 2>&1 || :
    chmod -R u+w "$tmp/$1"
    rm -rf "${tmp:?}/$1"
}
end() {
    for base in "$tmp"/base_*; do end_base "$(basename "$base")"; done
    rm -rf "$tmp"
}
trap 'end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { echo "cold.sh: $*" >&2; }
fail() {
    say "$@"
    exit 1
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# in_clone WHICH BASE COMMAND...: Bazel in a clone, by none but the clone's settings
in_clone() {
    clone=$tmp/$1 base=$tmp/$2
    shift 2
    (cd "$clone" && exec $bazel --nohome_rc --output_base="$base" ${batch:+--batch} "$@")
}

# measured WHAT COMMAND...: `wall` and `cpu` in milliseconds; ends if it fails,
# but for tests that do (status 3 of Bazel): the table tells of those
measured() {
    what=$1
    shift
    began=$(milliseconds)
    # The second line of `times` is that of all children, and of theirs.
    (
        "$@" >"$tmp/said" 2>&1 || echo $? >"$tmp/failed"
        times >"$tmp/times"
    )
    wall=$(($(milliseconds) - began))
    if [ -e "$tmp/failed" ] && [ "$(cat "$tmp/failed")" -eq 3 ]; then rm "$tmp/failed"; fi
    [ ! -e "$tmp/failed" ] || { tail -n 40 "$tmp/said" >&2 && fail "$what: failed"; }
    cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/); sum += part[1] * 60 + part[2] } }
               END { printf "%d", sum * 1000 }' "$tmp/times")
    say "$what: $wall ms, CPU $cpu ms"
}

# count_tests: the targets of the last run; never none
count_tests() {
    good=$(grep -cE '^//.* PASSED' "$tmp/said") || fail "no test has passed"
    bad=$(grep -cE '^//.* (FAILED|TIMEOUT|NO STATUS|FLAKY)' "$tmp/said") || :
    counted=$good
    [ "$bad" -gt 0 ] || return 0
    grep -E '^//.* (FAILED|TIMEOUT|NO STATUS|FLAKY)' "$tmp/said" >&2
    # shellcheck disable=SC2034 # for eval
    counted="$good ($bad red)" red=1
}

profile() { # profile NAME BASE
    [ -z "$profiles" ] || cp "$tmp/$2/command.profile.gz" "$profiles/$1.profile.gz" || fail "no profile of $1"
}

# row WHAT OLD NEW TARGET: numbers
row() {
    awk -v what="$1" -v old="$2" -v new="$3" -v target="$4" \
        'BEGIN { printf "| %s | %s | %s | %.3f | %s |\n", what, old, new, new / old, target }' >>"$table"
}
seconds() { awk -v ms="$1" 'BEGIN { printf "%.2f", ms / 1000 }'; }

row_all() {
    for which in old new; do
        batch=yes
        measured "all, $which" in_clone "$which" "base_$which" test --keep_going --noshow_progress //...
        batch=''
        count_tests
        eval "wall_$which=\$wall cpu_$which=\$cpu tests_$which=\$counted"
        profile "all.$which" "base_$which"
        end_base "base_$which"
    done
    # shellcheck disable=SC2154 # set by eval
    row "\`bazel test //...\`, $tests_old and $tests_new targets, wall" "$(seconds "$wall_old")" "$(seconds "$wall_new")" '≤ 0.2'
    # shellcheck disable=SC2154
    row "the same, CPU" "$(seconds "$cpu_old")" "$(seconds "$cpu_new")" '≤ 0.2'
}

folder_of() { (cd "$tmp/new/solutions" && echo "$1"_*); }

# row_mutants NUMBER: of what the edit changes everything is built anew
row_mutants() {
    folder=$(folder_of "$1")
    for which in old new; do
        measured "$1, $which, before" in_clone "$which" "base_$which" test --keep_going --noshow_progress "//tests/$folder/..."
        count_tests
        source=$(find "$tmp/$which/solutions/$folder" -name '*.c' | sort | head -n 1)
        echo 'int cold_edit(void); int cold_edit(void) { return 1; }' >>"$source"
        measured "$1, $which" in_clone "$which" "base_$which" test --keep_going --noshow_progress "//tests/$folder/..."
        count_tests
        eval "wall_$which=\$wall tests_$which=\$counted"
        profile "$1.$which" "base_$which"
        git -C "$tmp/$which" checkout -q -- solutions
    done
    row "mutants of $1 after an edit, $tests_old and $tests_new targets, wall" \
        "$(seconds "$wall_old")" "$(seconds "$wall_new")" '≤ 0.15'
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

row_gate() {
    folder=$(folder_of 12)
    for which in old new; do
        in_clone "$which" "base_$which" build --noshow_progress "//solutions/$folder" >"$tmp/said" 2>&1 || fail "gate of 12, $which: no build"
        for _ in 1 2 3 4 5; do
            measured "gate of 12, $which" "$tmp/$which/bazel-bin/solutions/$folder/$folder" --plain
            echo "$wall" >>"$tmp/gate.$which"
        done
    done
    row 'gate of 12 on its reference, wall' "$(seconds "$(median <"$tmp/gate.old")")" "$(seconds "$(median <"$tmp/gate.new")")" '≤ 0.3'
}

# Both by the same program: this one's.
row_latency() {
    for which in old new; do
        say "latency, $which"
        sh "$root/tools/course/latency.sh" --root "$tmp/$which" >"$tmp/latency.$which" || fail "latency, $which: failed"
    done
    while read -r folder _ old_ms _; do
        new_ms=$(awk -v folder="$folder" '$1 == folder { print $3 }' "$tmp/latency.new")
        [ -n "$new_ms" ] || fail "latency: no $folder in the new one"
        target='≤ 1.5 s'
        [ "$old_ms" -le 2500 ] || target="$target, ≤ 0.6"
        row "edit to verdict, $folder" "$(seconds "$old_ms")" "$(seconds "$new_ms")" "$target"
    done <"$tmp/latency.old"
}

row_files() {
    for which in old new; do eval "files_$which=$(git -C "$tmp/$which" ls-files | wc -l)"; done
    # shellcheck disable=SC2154 # set by eval
    row 'files in the repository' "$files_old" "$files_new" '≤ 2,200 files'
}

row_ci() {
    for which in old new; do
        measured ".ci/run, $which" env -C "$tmp/$which" bash .ci/run
        eval "wall_$which=$wall"
        say "$(tail -n 1 "$tmp/said")"
    done
    row '`.ci/run`, whole' "$(seconds "$wall_old")" "$(seconds "$wall_new")" '≤ 0.35'
}

for which in old new; do
    eval "commit=\$$which"
    commit=$(git -C "$root" rev-parse --verify --quiet "$commit^{commit}") || fail "no commit called '$commit'"
    git clone -q --no-checkout "$root" "$tmp/$which"
    git -C "$tmp/$which" checkout -q --detach "$commit"
    eval "$which=$(git -C "$root" rev-parse --short "$commit")"
done
{
    echo "| | $old | $new | ratio | target |"
    echo '|---|---|---|---|---|'
} >"$table"
if wanted all; then row_all; fi
if wanted 08; then row_mutants 08; fi
if wanted 12; then row_mutants 12; fi
if wanted gate; then row_gate; fi
if wanted latency; then row_latency; fi
if wanted files; then row_files; fi
if wanted ci; then row_ci; fi
cat "$table"
[ "$red" -eq 0 ]
