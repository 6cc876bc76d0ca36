#!/bin/sh
# timeline_test.sh TIMELINE STORM - does the recorder record what happened,
# and does the tool draw it, also when a recording is broken?
#
# UPDATE_GOLDEN=1 writes testdata/*.svg and *.json anew.
set -u
timeline=$1
storm=$2
data=$(dirname "$0")/testdata
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        cat "$scratch/output"
    fi
}

same() { # same GOLDEN FILE
    [ "${UPDATE_GOLDEN:-}" != 1 ] || cp "$2" "$1"
    diff -u "$1" "$2"
}

# says STATUS TEXT COMMAND...: it ends with STATUS and one line with TEXT.
says() {
    wanted=$1
    text=$2
    shift 2
    status=0
    "$@" >"$scratch/said" 2>&1 || status=$?
    cat "$scratch/said"
    [ "$status" -eq "$wanted" ] && [ "$(wc -l <"$scratch/said")" -le 1 ] || return 1
    [ -z "$text" ] || grep -qF -- "$text" "$scratch/said"
}

draw() { # draw RECORDING
    "$timeline" "$1" --title="Three tasks" --svg="$scratch/a.svg" --json="$scratch/a.json"
}

# Every element of the picture is closed: a renderer will take it.
balanced() {
    awk '{ text = text $0 "\n" }
        END {
            gsub(/<style>[^<]*<\/style>/, "", text)
            while (match(text, /<[^>]*>/)) {
                tag = substr(text, RSTART + 1, RLENGTH - 2)
                text = substr(text, RSTART + RLENGTH)
                if (tag ~ /\/$/ || tag ~ /^[?!]/) continue
                name = tag; sub(/[ \n].*/, "", name)
                if (name ~ /^\//) { if (stack[depth--] != substr(name, 2)) exit 1 }
                else stack[++depth] = name
            }
            exit depth != 0
        }' "$1"
}

# Values become v, from the inside out, until one is left.
is_json() {
    LC_ALL=C awk '{ text = text $0 }
        END {
            gsub(/"([^"\\]|\\["\\])*"/, "s", text)
            gsub(/-?[0-9]+(\.[0-9]+)?/, "v", text)
            gsub(/[ \t]/, "", text)
            do {
                before = text
                gsub(/[{](s:[sv](,s:[sv])*)?[}]/, "v", text)
                gsub(/\[([sv](,[sv])*)?\]/, "v", text)
            } while (text != before)
            exit text != "v"
        }' "$1"
}

is_no_json() {
    is_json "$1"
    [ $? -eq 1 ]
}

is_unbalanced() {
    balanced "$1"
    [ $? -eq 1 ]
}

# Nothing is drawn that starts or ends beside the picture.
inside() {
    awk '/^<svg/ { match($0, /width="[0-9]+/); width = substr($0, RSTART + 7, RLENGTH - 7) + 0 }
        /^<(rect|text)/ && match($0, / x="[0-9.-]+/) {
            x = substr($0, RSTART + 4, RLENGTH - 4) + 0
            w = match($0, / width="[0-9.]+/) ? substr($0, RSTART + 8, RLENGTH - 8) + 0 : 0
            if (x < 0 || x + w > width) { print; exit 1 }
        }' "$1"
}

# The checks themselves refuse what is broken.
checks() {
    sed 's/<\/text>//' "$data/three_tasks.svg" >"$scratch/broken"
    check "an SVG with open elements is refused" is_unbalanced "$scratch/broken"
    sed '$d' "$data/three_tasks.json" >"$scratch/broken"
    check "JSON that breaks off is refused" is_no_json "$scratch/broken"
    sed '3s/,$//' "$data/three_tasks.json" >"$scratch/broken"
    check "JSON without a comma is refused" is_no_json "$scratch/broken"
}

golden() {
    check "a recording is drawn" draw "$data/three_tasks.trace"
    check "as an SVG like the golden one" same "$data/three_tasks.svg" "$scratch/a.svg"
    check "as JSON like the golden one" same "$data/three_tasks.json" "$scratch/a.json"
    check "the SVG is balanced" balanced "$scratch/a.svg"
    check "all of it is inside" inside "$scratch/a.svg"
    check "the JSON is JSON" is_json "$scratch/a.json"
    check "the same from standard input" sh -c "\"$timeline\" - --svg='$scratch/b.svg' --title='Three tasks' <'$data/three_tasks.trace'"
    check "and it is the same" cmp "$scratch/a.svg" "$scratch/b.svg"
}

hostile() {
    : >"$scratch/empty"
    check "an empty recording" says 1 "no events in it" draw "$scratch/empty"
    check "no recording" says 1 "No such file" draw "$scratch/nothing"
    check "a folder" says 1 "timeline:" draw "$scratch"
    head -c 400 "$data/three_tasks.trace" >"$scratch/cut"
    check "a recording that breaks off" says 0 "" draw "$scratch/cut"
    check "it says so" grep -q 'breaks off' "$scratch/a.svg"
    head -c 100000 /dev/urandom >"$scratch/noise"
    check "noise" says 1 "no events in it" draw "$scratch/noise"
    { cat "$data/three_tasks.trace" && head -c 100000 /dev/urandom; } >"$scratch/noise"
    check "noise after events" says 0 "lines are no events" draw "$scratch/noise"
    check "the SVG is balanced all the same" balanced "$scratch/a.svg"
    head -c 20000000 /dev/zero | tr '\0' 1 >"$scratch/line"
    check "one line of twenty megabytes" says 1 "no events in it" draw "$scratch/line"
    printf '%s\n' '10 1 name 0 0 <&"\>' '20 1 begin 0 0 <b>&' '30 1 end 0 0 -' 'lost 0' >"$scratch/markup"
    check "names with markup in them" draw "$scratch/markup"
    check "are escaped" balanced "$scratch/a.svg"
    check "in JSON, too" is_json "$scratch/a.json"
    printf '%s\n' '10 1 end 0 0 -' '20 1 ready 0x1 0 -' '5 1 begin 0 0 x' '99999999999999999999999 1 park 0 0 -' >"$scratch/wrong"
    check "ends that never began" draw "$scratch/wrong"
    awk 'BEGIN { for (i = 0; i < 3000; i++) print i, 1, "poll", "0x" i % 7 + 1, 0, "-" }' >"$scratch/deep"
    check "three thousand polls inside one another" draw "$scratch/deep"
    check "a wrong argument" says 2 "usage:" "$timeline" --nonsense
    check "a file that cannot be written" says 1 "No such file" "$timeline" "$data/three_tasks.trace" --svg="$scratch/no/a.svg"
}

recorder() {
    check "off, nothing is recorded" says 0 off env -u COURSE_TRACE "$storm" 2 10
    check "on, it says so" says 0 on env COURSE_TRACE="$scratch/storm" "$storm" 8 1000
    check "8 threads record 1,000 events each" test "$(grep -c 'begin\|end' "$scratch/storm")" -eq 8000
    # shellcheck disable=SC2016 # the dollars are awk's
    check "each is in order" awk '$3 == "begin" || $3 == "end" {
        if (strtonum_($4) <= last[$2]) exit 1; last[$2] = strtonum_($4) }
        function strtonum_(hex,    n, i) { for (i = 3; i <= length(hex); i++)
            n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return n }' "$scratch/storm"
    check "a name stays on its line, cut" grep -q 'begin 0x1 0 a storm of events with a name t$' "$scratch/storm"
    check "nothing is lost" grep -qx 'lost 0' "$scratch/storm"
    check "the storm is drawn" says 0 "" "$timeline" "$scratch/storm" --svg="$scratch/s.svg" --json="$scratch/s.json"
    check "too many events" says 0 on env COURSE_TRACE="$scratch/storm" "$storm" 4 60000
    check "are drawn" says 0 "" "$timeline" "$scratch/storm" --svg="$scratch/s.svg" --json="$scratch/s.json"
    check "only the first of them" grep -q "The first 400 of 200000 events" "$scratch/s.svg"
    check "what was lost is counted" grep -qx 'lost 40001' "$scratch/storm"
    check "a run that aborts" says 134 "" sh -c "{ COURSE_TRACE='$scratch/aborted' '$storm' 1 20 abort; } 2>/dev/null"
    check "is recorded, too" test "$(grep -c 'begin\|end' "$scratch/aborted")" -eq 20
    check "a recording that cannot be written" says 0 "cannot open" \
        sh -c "COURSE_TRACE=/nowhere/at/all '$storm' 1 1 2>&1 >/dev/null"
}

checks
golden
hostile
recorder
# A test that writes its XML itself needs no action of Bazel's for it, which no
# cache would have: its key has the test's duration in it.
[ -z "${XML_OUTPUT_FILE:-}" ] ||
    echo "<testsuites><testsuite name='timeline' tests='$((passed + failed))' failures='$failed'/></testsuites>" >"$XML_OUTPUT_FILE"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
