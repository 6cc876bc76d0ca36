#!/bin/sh
# command_test.sh - ./course on a small course: arguments, board, progress,
# gates, and output on a pipe.
set -u
# shellcheck source=tools/course/small_course.sh disable=SC1091
. "$(dirname "$0")/small_course.sh"
small_course

wait_said() { # wait_said WORDS: until they are in $tmp/said
    tries=0
    until grep -qF -- "$1" "$tmp/said" || [ "$tries" -gt 100 ]; do sleep 0.1 && tries=$((tries + 1)); done
    grep -qF -- "$1" "$tmp/said"
}

bounded() { (ulimit -f 20000 && timeout 30 "$course" "$@"); }

# Arguments
expect 2 'unknown command dance' "$course" dance
expect 2 'usage: ./course' "$course" dance
expect 2 'unknown option --fast' "$course" --fast
expect 2 "no chapter '9': there are 01 to 03" "$course" test 9
expect 2 "no chapter 'waker'" "$course" hint waker
expect 2 'too many arguments for test' "$course" test 1 2
expect 2 'too many arguments for help' "$course" help me
expect 2 'reset needs a chapter' "$course" reset
expect 2 'catchup needs a chapter' "$course" catchup
expect 2 'diff needs a chapter' "$course" diff
for name in reset catchup diff; do expect 2 "$name needs a chapter" bounded "$name" ''; done
for name in test watch hint trace mine; do expect 2 "no chapter ''" bounded "$name" ''; done
expect 2 'reset needs a chapter' bounded --yes reset ''
expect 2 'too many arguments for reset' bounded reset '' 2
expect 2 'too many arguments for reset' bounded reset 2 ''
expect 2 'too many arguments for help' bounded help ''
expect 2 'an empty word is no command' bounded ''
expect 2 'an empty word is no command' bounded '' reset 2
expect 0 'usage: ./course' "$course" help
expect 0 'usage: ./course' "$course" --help
for name in 2 02 02_two chapters/02_two/; do expect 0 'Step 2.1' "$course" hint "$name"; done

# The board of a beginner
have_googletest() { [ -d /usr/src/googletest/googletest ]; }
board() {
    if have_googletest; then expect 0 "$1" "$course"; else expect 1 googletest "$course"; fi
}
board '> 01  One                           0 of 2   ..'
board '0 of 6 steps. You are at 1.1: the first of chapter 1'
board 'Next: ./course test 1'
holds 'no file is made by looking' test ! -e "$tree/progress.txt"

# A gate that fails, then passes
printf '1.1 todo\n1.2 waiting\n' >"$tmp/verdicts"
expect 1 "the gate's board" "$course" test
expect 1 'Chapter 1: 0 of 2 steps' "$course" test 1
holds 'nothing passed' test ! -s "$tree/progress.txt"
printf '1.1 pass\n1.2 fail\n' >"$tmp/verdicts"
expect 1 '1 of 2 steps' "$course" test
holds 'progress has a line a step' grep -qx "1.1 passed $today" "$tree/progress.txt"
holds 'and no other' test "$(wc -l <"$tree/progress.txt")" -eq 1
sed -i 's/passed .*/passed 2020-02-02/' "$tree/progress.txt"
printf '1.1 pass\n1.2 pass\n' >"$tmp/verdicts"
expect 0 'Chapter 1 is done.' "$course" test
holds 'the first day counts' grep -qx '1.1 passed 2020-02-02' "$tree/progress.txt"
board '> 02  Two                           0 of 2   ..'
board '  01  One                           2 of 2   ##'
expect 0 'the gate' "$course" test 1
printf '2.1 pass\n2.2 crash\n' >"$tmp/verdicts"
expect 1 '1 of 2 steps' "$course" test
holds 'without a number: where you are' grep -q '^build.*//chapters/02_two:02_two$' "$tmp/asked"
printf '1.1 fail\n1.2 waiting\n' >"$tmp/verdicts"
expect 1 '1 of 2 steps' "$course" test 1
holds 'a step that fails again is open again' lacks '^1.1' "$tree/progress.txt"
holds 'one that waits stays' grep -q '^1.2 passed' "$tree/progress.txt"
printf '3.1 pass\n3.2 pass\n' >"$tmp/verdicts"
"$course" test 3 >/dev/null
holds 'steps are in order' test "$(cut -c1-3 "$tree/progress.txt" | tr '\n' ' ')" = '1.2 2.1 3.1 3.2 '

# The step at hand goes first, if others are before it
expect 0 'Chapter 3 is done' "$course" test 3
holds 'a chapter that is done has none' lacks 'first=' "$tmp/gate_asked"
printf '1.1 pass\n1.2 fail\n' >"$tmp/verdicts"
"$course" test 1 >/dev/null
"$course" test 1 >/dev/null
holds 'nor a step without code' lacks 'first=' "$tmp/gate_asked"
sed -i '/^code: no/d' "$tree/tests/01_one/steps.txt"
"$course" test 1 >/dev/null
holds 'the step at hand is first' grep -q -- '--first=1.2' "$tmp/gate_asked"
echo 'code: no' >>"$tree/tests/01_one/steps.txt"
printf '1.1 fail\n1.2 pass\n' >"$tmp/verdicts"
"$course" test 1 >/dev/null

# Where you are is where you tested last, or where progress.txt is in a new clone
rm "$tree/progress.txt" "$tree/.course/chapter"
board 'You are at 1.1'
printf '3.1 todo\n' >"$tmp/verdicts"
expect 1 'Chapter 3: 0 of 2 steps' "$course" test 3
board 'You are at 3.1: the first of chapter 3'
board '> 03  Three'
expect 0 'Step 3.1' "$course" hint
rm "$tree/.course/chapter" && echo '3.1 passed 2020-02-02' >"$tree/progress.txt"
board 'You are at 3.2'
echo '3.2 passed 2020-02-02' >>"$tree/progress.txt"
board 'You are at 1.1'
printf '1.2 passed 2020-02-02\n2.1 passed 2020-02-02\n' >"$tree/progress.txt"

# A compiler error is shown without Bazel's words
touch "$tmp/broken"
expect 1 "chapters/01_one/code.c:5:1: error: expected ';'" "$course" test 1
holds 'no word of Bazel' lacks 'INFO\|ERROR' "$tmp/said"
holds 'a build that fails is not progress' grep -q '^1.2 passed' "$tree/progress.txt"
holds 'and no verdict' grep -qx 'Chapter 1 was not tested: 1 of 2 steps, as before.' "$tmp/said"
printf 'x.c: At top level:\ncc1: note: unrecognized command-line option -Wno-x may have been intended\n' >"$tmp/broken"
expect 1 "error: expected ';'" "$course" test 1
holds "gcc's note on an option is not shown" lacks 'cc1\|top level' "$tmp/said"
printf 'x.c: At top level:\nx.c:1:1: error: here\n' >"$tmp/broken"
expect 1 'x.c: At top level:' "$course" test 1

# A letter of another encoding hides nothing
printf 'chapters/01_one/code.c:7:1: error: what of \374ber?\n    7 | "\374"\n' >"$tmp/broken"
LC_ALL=C.UTF-8 expect 1 "code.c:7:1: error: what of" "$course" test 1
holds 'nor the lines around it' grep -qaF "code.c:5:1: error" "$tmp/said"
holds 'and grep says nothing itself' lacks 'binary file' "$tmp/said"
printf 'INFO: in /home/j\374rg\nchapters/01_one/code.c:9:1: error: one\nERROR: Build did NOT complete\n' >"$tmp/broken"
LC_ALL=C.UTF-8 expect 1 "code.c:9:1: error: one" "$course" test 1

# Nor a place that Bazel cannot work in
odd="$tmp/Jörgs"
cp -r "$tree" "$odd"
printf "ERROR: Client cwd '%s' is not inside workspace '%s/J\357\277\275rgs'\n" "$odd" "$tmp" >"$tmp/broken"
LC_ALL=C.UTF-8 expect 1 "a letter such as ä or é in its name: move $odd elsewhere" "$odd/course" test 1
expect 1 'is not inside workspace' "$course" test 1
rm -r "$odd"
for odd in "$tmp/Jörgs" "$tmp/my home"; do
    mkdir "$odd"
    # shellcheck disable=SC2031 # meant
    HOME=$odd expect 1 'startup --output_user_root=/tmp/bazel-' "$course" test 1
    holds 'and says why' grep -qF "$odd/.cache" "$tmp/said"
done
rm -r "$tmp/my home" "$tmp/Jörgs"
echo 'ERROR: bazel does not work from paths containing spaces (/a b).' >"$tmp/broken"
expect 1 'cannot work below a folder with a space in its name' "$course" test 1
rm "$tmp/broken"

# Warnings of the learner's files are shown, once, and those alone
warning='chapters/01_one/code.c:3:9: warning: unused variable'
{
    printf 'INFO: Found 1 target...\nWARNING: From Compiling chapters/01_one/code.c:\n%s\n    3 | int \374;\n' "$warning"
    printf '(10:20:30) INFO: From Compiling chapters/01_one/code.c:\n%s\n    3 | int \374;\n' "$warning"
    printf 'INFO: From Compiling solutions/02_two/code.c:\nsolutions/02_two/code.c:1:1: warning: not theirs\n'
    printf 'INFO: Elapsed time: 1s\nINFO: Build completed successfully\n'
} >"$tmp/warned"
printf '1.1 pass\n1.2 fail\n' >"$tmp/verdicts"
LC_ALL=C.UTF-8 expect 1 'The compiler warns:' "$course" test 1
holds 'the warning is shown, once' test "$(grep -ac "^$warning" "$tmp/said")" -eq 1
holds 'with its line' grep -qa '^    3 | int' "$tmp/said"
holds 'before the verdict' test "$(grep -an "^the gate" "$tmp/said" | cut -d: -f1)" -gt "$(grep -an 'warning:' "$tmp/said" | cut -d: -f1)"
holds 'no other' lacks 'not theirs\|Elapsed\|INFO' "$tmp/said"
rm "$tmp/warned"
expect 1 '1 of 2 steps' "$course" test 1
holds 'nothing when there is nothing' lacks 'warns' "$tmp/said"

# What lies beside the chapter's files is not built, and named
folder="$tree/chapters/01_one"
expect 1 '1 of 2 steps' "$course" test 1
holds 'nothing beside, nothing said' lacks 'not built\|missing' "$tmp/said"
touch "$folder/code.c~" "$folder/#code.c#" "$folder/.code.c.swp" "$folder/notes.txt" "$folder/helper.h"
expect 1 '1 of 2 steps' "$course" test 1
holds 'what an editor keeps is not named, a header may be used' lacks 'not built' "$tmp/said"
touch "$folder/code copy.c" "$folder/old.c" "$folder/code.c.bak" "$folder/$(printf 'a\033[2J.c')"
expect 1 'not built: a?[2J.c, code copy.c, code.c.bak, old.c (in chapters/01_one' "$course" test 1
holds 'on one line' test "$(grep -c 'not built' "$tmp/said")" -eq 1
expect 1 'not built: ' "$course" mine 1
touch "$tmp/broken" && expect 1 'not built: ' "$course" test 1
rm "$tmp/broken" "$folder"/*.bak "$folder"/old.c "$folder/code copy.c" "$folder"/a*.c
mv "$folder/code.c" "$folder/kode.c"
expect 1 'missing: code.c (./course reset 1 puts it back)' "$course" test 1
mv "$folder/kode.c" "$folder/code.c"

# A contract that was edited is named, wherever that may show
echo '/* mine */' >>"$folder/code.h"
board 'Not as the course gives it: chapters/01_one/code.h. ./course restore puts it back.'
expect 1 'Not as the course gives it: chapters/01_one/code.h.' "$course" test 2
echo 'x' >"$tree/chapters/common/todo.h" && rm "$tree/chapters/03_three/code.h"
board 'chapters/common/todo.h, chapters/01_one/code.h, chapters/03_three/code.h'
expect 1 'Not as the course gives it: chapters/common/todo.h, chapters/01_one/code.h.' "$course" test 2
expect 0 'chapters/common are in' "$course" restore
board 'You are at'
holds 'nothing edited, nothing said' lacks 'Not as' "$tmp/said"
echo 'played with' >"$folder/demos/trace.c"
expect 1 'of 2 steps' "$course" test 2
holds 'demos are there for that' lacks 'Not as' "$tmp/said"

# The explorer has the last word on the steps that need it
printf '3.1 todo\n' >"$tmp/verdicts" && rm -f "$tree/progress.txt" "$tmp/explored"
"$course" test 3 >/dev/null
holds 'it is built with the gate when its step is at hand' grep -q '03_three:03_three //chapters/03_three:explored' "$tmp/asked"
holds 'it does not run for a step that fails' test ! -e "$tmp/explored"
printf '3.1 pass\n3.2 pass\n' >"$tmp/verdicts"
expect 0 'Chapter 3 is done' "$course" test 3
holds 'it runs for one that passes' grep -qF -- '--gtest_filter=CodeRuns.*' "$tmp/explored"
holds 'and says so' grep -qF 'The explorer found no run that goes wrong in: 3.1' "$tmp/said"
cat >"$tmp/run" <<'TEXT'
tests/explore/code_test.cc:163: Failure
Failed
data race on what is inside
  again:  EXPLORE_REPLAY='CodeRuns.One:ax5'

tests/explore/code_test.cc:166: Skipped

[  FAILED  ] CodeRuns.One (59 ms)
[==========] 10 tests from 5 test suites ran. (155 ms total)
TEXT
printf 'cause: It was planted.\n' | sed -i '/^explored:/r /dev/stdin' "$tree/tests/03_three/steps.txt"
expect 1 'step 3.1 failed in the explorer: the first of chapter 3' "$course" test 3
for line in '  data race on what is inside' '  test      CodeRuns.One' '  usually   It was planted.' \
    '  read      "3.1 First things" in chapters/03_three/README.md' '  hint      ./course hint 3' \
    "  again     EXPLORE_REPLAY='CodeRuns.One:ax5'" 'Chapter 3: 1 of 2 steps'; do
    holds "it says: $line" grep -qxF -- "$line" "$tmp/said"
done
holds 'it does not name what was left out' lacks 'Skipped' "$tmp/said"
holds 'the step is open again' lacks '^3.1' "$tree/progress.txt"
holds 'the other is not' grep -q '^3.2 passed' "$tree/progress.txt"
expect 1 'failed in the explorer' "$course" mine 3
rm "$tmp/run"

# Pipes get neither colour nor redrawing; any folder will do; links too
expect 0 'Chapter 3 is done' "$course" test 3
holds 'no escapes on a pipe' lacks "$(printf '\033')" "$tmp/said"
cd / && expect 0 'Chapter 3 is done' "$course" test 3
ln -s "$course" "$tmp/link" && expect 0 'Chapter 3 is done' "$tmp/link" test 3

# Everything on the learner's own code
: >"$tmp/asked"
expect 0 'Chapter 2, all on your own code' "$course" mine 3
holds 'mine builds three gates' test "$(grep -c 'config=mine' "$tmp/asked")" -eq 3
printf '3.1 fail\n' >"$tmp/verdicts"
expect 1 'Chapter 1, all on your own code' "$course" mine 1

# Watch tests once, again after a save, and then only when told
builds() { grep -c '^build' "$tmp/asked"; }
wait_for() { # wait_for COUNT: until so many builds were asked for
    tries=0
    until [ "$(builds)" -ge "$1" ] || [ "$tries" -gt 100 ]; do sleep 0.1 && tries=$((tries + 1)); done
    [ "$(builds)" -eq "$1" ]
}
: >"$tmp/asked"
"$course" watch 3 >"$tmp/said" 2>&1 </dev/null &
watcher=$!
holds 'watch tests at once' wait_for 1
holds 'and says how to stop' wait_said 'Ctrl-C ends'
echo '/* edited */' >>"$tree/chapters/03_three/code.c"
holds 'and again after a save' wait_for 2
kill "$watcher" && wait "$watcher"
holds 'ends when told to' test $? -eq 143
holds 'no escapes here either' lacks "$(printf '\033')" "$tmp/said"

# The picture of a run is another tool's work
expect 1 'tools/timeline/trace.sh is missing' "$course" trace 3
mkdir "$tree/tools/timeline"
# shellcheck disable=SC2016 # for the script
echo 'echo "drawing $1 with $BAZEL"' >"$tree/tools/timeline/trace.sh"
expect 0 "drawing 03_three with $tmp/bin/bazel" "$course" trace 3

# A picture takes the place of a link, and never goes through one
cp "$real/tools/timeline/trace.sh" "$tree/tools/timeline"
echo '/* trace.c - three tasks. */' >"$tree/chapters/03_three/demos/trace.c"
stand_in() { mkdir -p "$(dirname "$1")" && printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod +x "$1"; }
# shellcheck disable=SC2016 # for the scripts
stand_in "$tree/bazel-bin/chapters/03_three/trace" 'echo event >"$COURSE_TRACE"'
# shellcheck disable=SC2016 # for the scripts
stand_in "$tree/bazel-bin/tools/timeline/timeline" 'for word; do case $word in --svg=*) echo drawn >"${word#*=}" ;; --json=*) echo noted >"${word#*=}" ;; esac; done'
mkdir -p "$tree/trace" && echo precious >"$tmp/precious" && ln -s "$tmp/precious" "$tree/trace/03_three.svg"
ln "$tmp/precious" "$tree/trace/03_three.json"
expect 0 'drawn: ' "$course" trace 3
holds 'what the links led to stays' grep -qx precious "$tmp/precious"
holds 'the picture is there' grep -qx drawn "$tree/trace/03_three.svg"
holds 'and is no link' test ! -L "$tree/trace/03_three.svg"
holds 'the events, too' grep -qx noted "$tree/trace/03_three.json"
holds 'and no new name stays' test -z "$(find "$tree/trace" -name '.new.*')"
mv "$tree/trace" "$tmp/pictures" && ln -s "$tmp/pictures" "$tree/trace"
expect 1 'trace is a link' "$course" trace 3
rm "$tree/trace"

# Only regular files are read: a pipe would be waited for, a device has no end
folder="$tree/chapters/03_three"
for name in test watch trace mine; do
    mkfifo "$folder/pipe.c" && : >"$tmp/asked"
    expect 1 'chapters/03_three/pipe.c is not a regular file' bounded "$name" 3
    rm "$folder/pipe.c" && ln -s /dev/zero "$folder/zero.h"
    expect 1 'chapters/03_three/zero.h is not a regular file' bounded "$name" 3
    rm "$folder/zero.h"
    holds "$name builds nothing then" lacks '//chapters/03_three\|^build.*config=mine.*03' "$tmp/asked"
done
for name in progress.txt .course/hints .course/build.log .course/results; do
    rm -f "$tree/$name" && mkfifo "$tree/$name"
    expect 1 "$name is not a regular file" bounded hint 3
    expect 1 "$name is not a regular file" bounded test 3
    rm "$tree/$name" && mkdir "$tree/$name"
    expect 1 "$name is not a regular file" bounded hint 3
    rmdir "$tree/$name"
done

# What is written takes the place of a link, and never goes through one
mkdir "$tmp/elsewhere"
others() { for name in notes log hints results; do echo precious >"$tmp/elsewhere/$name"; done; }
untouched() { [ "$(cat "$tmp"/elsewhere/* | sort -u)" = precious ]; }
others
ln -s "$tmp/elsewhere/notes" "$tree/progress.txt.new"
ln -s "$tmp/elsewhere/log" "$tree/.course/build.log"
ln -s "$tmp/elsewhere/hints" "$tree/.course/hints"
ln -s "$tmp/elsewhere/results" "$tree/.course/results"
printf '3.1 pass\n3.2 fail\n' >"$tmp/verdicts"
expect 1 '1 of 2 steps' bounded test 3
expect 0 'Step 3.2' bounded hint 3
holds 'nothing elsewhere has changed' untouched
holds 'progress is written' grep -qx "3.1 passed $today" "$tree/progress.txt"
holds 'as any file of the learner' test "$(stat -c %a "$tree/progress.txt")" = "$(stat -c %a "$folder/code.h")"
holds 'the hint is remembered' grep -qx '3.2 1' "$tree/.course/hints"
holds 'and no new name stays' test -z "$(find "$tree" -name '.new.*')"
mv "$tree/progress.txt" "$tmp/elsewhere/notes" && ln -s "$tmp/elsewhere/notes" "$tree/progress.txt"
cp "$tmp/elsewhere/notes" "$tmp/before"
printf '3.1 pass\n3.2 pass\n' >"$tmp/verdicts"
expect 0 'Chapter 3 is done' bounded test 3
holds 'progress that is a link is read, and replaced' grep -q '^3.2' "$tree/progress.txt"
holds 'not what it led to' cmp -s "$tmp/before" "$tmp/elsewhere/notes"
mv "$tree/.course" "$tmp/elsewhere/state" && ln -s "$tmp/elsewhere/state" "$tree/.course"
for name in test hint 'reset' catchup; do expect 1 '.course is a link' bounded "$name" 3; done
rm "$tree/.course"

finish 170
