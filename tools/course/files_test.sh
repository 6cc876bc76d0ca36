#!/bin/sh
# files_test.sh - hint, reset, catchup and diff on a small course: what they
# show, and that the learner's files survive them.
set -u
# shellcheck source=tools/course/small_course.sh disable=SC1091
. "$(dirname "$0")/small_course.sh"
small_course
mine="$tree/chapters/02_two/code.c"
saved="$tree/.course/saved/$today-02_two"

# Hints go up level by level, each step on its own
expect 0 'first question' "$course" hint 2
expect 0 'second idea, told on two lines' "$course" hint 2
expect 0 'third, the shape' "$course" hint 2
expect 0 'third, the shape' "$course" hint 2
expect 0 'Hint 1 of 3. The lesson: chapters/03_three/README.md, "First things"' "$course" hint 3
echo '2.1 passed 2020-02-02' >"$tree/progress.txt"
expect 0 'Step 2.2: the second' "$course" hint 2
holds 'a new step starts with a question' grep -qx '    q' "$tmp/said"
echo '2.2 passed 2020-02-02' >>"$tree/progress.txt"
expect 0 'Every step of chapter 2 has passed' "$course" hint 2

# Reset keeps the learner's files, every time in a folder of its own
echo '1.1 passed 2020-02-02' >>"$tree/progress.txt"
cp "$mine" "$tmp/starter"
expect 0 'untouched starter already' "$course" reset 2
holds 'nothing to save' test ! -e "$saved"
echo 'first work' >"$mine" && echo '2.1 passed 2020-02-02' >>"$tree/progress.txt"
expect 0 "Your files of chapters/02_two are in .course/saved/$today-02_two: code.c" "$course" reset 2
holds 'the starter is back' cmp -s "$mine" "$tmp/starter"
holds 'the work is saved' grep -qx 'first work' "$saved/code.c"
holds 'and nothing that is as it was' test ! -e "$saved/code.h"
holds 'progress of the chapter is gone' lacks '^2' "$tree/progress.txt"
holds 'that of others is not' grep -q '^1.1' "$tree/progress.txt"
echo 'second work' >"$mine" && echo 'helper' >"$tree/chapters/02_two/more.c"
cp "$tree/chapters/02_two/code.h" "$tmp/contract"
expect 0 "$today-02_two-2" "$course" reset 2
holds 'nothing is overwritten' grep -qx 'first work' "$saved/code.c"
holds 'the second is apart' grep -qx 'second work' "$saved-2/code.c"
holds 'files of their own are left alone' grep -qx helper "$tree/chapters/02_two/more.c"

# What the course gives is the chapter's, too: contract, demos, BUILD
demo="$tree/chapters/02_two/demos/trace.c" header="$tree/chapters/02_two/code.h"
cp "$demo" "$tmp/demo"
broken() { echo 'broken' >"$header" && echo 'played with' >"$demo" && rm -f "$tree/chapters/02_two/BUILD"; }
rm -rf "$tree/.course/saved" && broken
expect 0 "are in .course/saved/$today-02_two: code.h, demos/trace.c" "$course" reset 2
holds 'the contract is back' cmp -s "$header" "$tmp/contract"
holds 'the demo, too' cmp -s "$demo" "$tmp/demo"
holds 'what was missing, too' grep -qx 'learner_chapter()' "$tree/chapters/02_two/BUILD"
holds 'the edited contract is saved' grep -qx broken "$saved/code.h"
holds 'the edited demo, too' grep -qx 'played with' "$saved/demos/trace.c"
holds 'and no more' test ! -e "$saved/code.c"
expect 0 'untouched starter already' "$course" reset 2
rm -rf "$tree/.course/saved" && broken && rm -r "$tree/chapters/02_two/demos"
expect 0 "are in .course/saved/$today-02_two: code.h" "$course" reset 2
holds 'a folder of demos that is gone comes back' cmp -s "$demo" "$tmp/demo"
rm -rf "$tree/.course/saved" && broken
expect 0 'Ready for chapter 3' "$course" catchup 3
holds 'catchup: the contract is back' cmp -s "$header" "$tmp/contract"
holds 'catchup: the demo, too' cmp -s "$demo" "$tmp/demo"
holds 'catchup: all is saved' test -f "$saved/code.c" -a -f "$saved/code.h" -a -f "$saved/demos/trace.c"
holds 'given or not, the chapter is complete' test -f "$tree/chapters/02_two/BUILD"
small_course
cp "$header" "$tmp/contract" && broken
expect 0 '+++ as the course gives it: chapters/02_two/code.h' "$course" diff 2 --yes
holds 'with what was edited' grep -qx -- '-broken' "$tmp/said"
holds 'the demo, too' grep -qx -- '-played with' "$tmp/said"

# Restore: the contracts only, of all chapters
echo 'my two' >"$mine" && echo '2.1 passed 2020-02-02' >"$tree/progress.txt"
echo 'my list' >"$tree/chapters/common/todo.h"
expect 0 "chapters/02_two are in .course/saved/$today-02_two: code.h" "$course" restore
holds 'it names each file' grep -qx 'chapters/02_two/code.h is as the course gives it again.' "$tmp/said"
holds 'common, too' grep -qx 'chapters/common/todo.h is as the course gives it again.' "$tmp/said"
holds 'what is in common is saved' grep -qx 'my list' "$tree/.course/saved/$today-common/todo.h"
holds 'and is back' grep -qx '#define TODO(step)' "$tree/chapters/common/todo.h"
holds 'the contract is back' cmp -s "$header" "$tmp/contract"
holds 'the learner files stay' grep -qx 'my two' "$mine"
holds 'demos stay' grep -qx 'played with' "$demo"
holds 'progress stays' grep -qx '2.1 passed 2020-02-02' "$tree/progress.txt"
expect 0 'All contracts are as the course gives them.' "$course" restore
expect 2 'too many arguments for restore' "$course" restore 2
small_course

# When the starter or the saved folder cannot be made, nothing changes
echo 'third work' >"$mine"
sed -i 's/end 2.1.*/end 2.2 *\//' "$tree/solutions/02_two/code.c"
expect 1 'nothing was changed' "$course" reset 2
holds 'still the work' grep -qx 'third work' "$mine"
small_course
echo 'third work' >"$mine"
echo in the way >"$tree/.course"
expect 1 'nothing was changed' "$course" reset 2
holds 'still the work, again' grep -qx 'third work' "$mine"

# Catchup gives what is unfinished, and leaves what is finished
small_course
printf '1.1 passed 2020-02-02\n1.2 passed 2020-02-02\n2.1 passed 2020-02-02\n' >"$tree/progress.txt"
echo 'my one' >"$tree/chapters/01_one/code.c"
echo 'my two' >"$mine"
expect 0 'Ready for chapter 3' "$course" catchup 3
holds 'finished work stays' grep -qx 'my one' "$tree/chapters/01_one/code.c"
holds 'the reference is there' grep -q 'return 2;' "$mine"
holds 'without markers' lacks 'begin 2.1\|end 2.1' "$mine"
holds 'unfinished work is saved' grep -qx 'my two' "$saved/code.c"
holds 'chapter 3 is untouched' grep -q 'TODO(3.1)' "$tree/chapters/03_three/code.c"
holds 'given is not passed' grep -qx "2.2 given $today" "$tree/progress.txt"
holds 'passed stays passed' grep -qx '2.1 passed 2020-02-02' "$tree/progress.txt"
expect 0 'Step 3.1' "$course" hint
expect 0 'Ready for chapter 1' "$course" catchup 1

# Only regular files are compared, saved and removed: a pipe would be waited
# for, a device has no end, and a folder is no file
bounded() { (ulimit -f 20000 && timeout 30 "$course" "$@"); }
strange() { # strange WHAT: makes it in chapter 2, as `odd`
    odd="$tree/chapters/02_two/odd.$2"
    case $1 in
    pipe) mkfifo "$odd" ;;
    folder) mkdir "$odd" ;;
    *) ln -s "$1" "$odd" ;;
    esac
}
for ending in c h; do
    for kind in pipe folder /dev/zero /dev/null "$tmp" nowhere; do
        small_course
        echo 'my two' >"$mine"
        strange "$kind" "$ending"
        for name in 'reset 2' 'catchup 3' 'diff 2 --yes'; do
            # shellcheck disable=SC2086 # words
            expect 1 "chapters/02_two/odd.$ending is not a regular file" bounded $name
        done
        holds "$kind: still the work" grep -qx 'my two' "$mine"
        holds "$kind: it stays" test -n "$(find "$odd" -prune)"
        holds "$kind: nothing was saved of it" test ! -e "$saved"
    done
done

# Links are replaced, and what they lead to stays
elsewhere() { [ "$(cat "$tmp/elsewhere/file")" = "$1" ]; }
for way in -s ''; do
    for name in code.c code.h demos/trace.c; do
        small_course
        [ "$name" != code.h ] || printf '%s\n' '/* begin 2.1: x */' '#define X 1' '/* end 2.1: #define X 0 */' >"$tree/solutions/02_two/code.h"
        mkdir "$tmp/elsewhere" && echo precious >"$tmp/elsewhere/file"
        ln -f ${way:+-s} "$tmp/elsewhere/file" "$tree/chapters/02_two/$name"
        expect 0 'is the starter again' bounded reset 2
        holds "$name, a link ${way:-by name}: what it led to stays" elsewhere precious
        holds "$name: is no link any more" test ! -L "$tree/chapters/02_two/$name"
        holds "$name: what it led to is saved" grep -qx precious "$saved/$name"
    done
    small_course
    mkdir "$tmp/elsewhere" && echo precious >"$tmp/elsewhere/file"
    ln -f ${way:+-s} "$tmp/elsewhere/file" "$tree/chapters/02_two/more.c" && echo 'my two' >"$mine"
    expect 0 'is the starter again' bounded reset 2
    holds 'one that is none of the chapter stays' grep -qx precious "$tree/chapters/02_two/more.c"
done
holds 'files have the usual rights' test "$(stat -c %a "$mine")" = "$(stat -c %a "$tree/tools/chapters.bzl")"
holds 'and no new name stays' test -z "$(find "$tree" -name '.new.*')"

# A chapter, or all of them, or the place for what is saved elsewhere: not ours
# to empty
small_course
for place in chapters/02_two chapters/02_two/demos chapters .course .course/saved; do
    small_course
    echo 'my two' >"$mine"
    mkdir -p "$tree/.course/saved" && mv "$tree/$place" "$tmp/elsewhere" && ln -s "$tmp/elsewhere" "$tree/$place"
    find "$tmp/elsewhere" | sort >"$tmp/before"
    for name in 'reset 2' 'catchup 3'; do
        # shellcheck disable=SC2086 # words
        expect 1 "$place is a link" bounded $name
        holds 'and nothing was changed' grep -q 'nothing was changed' "$tmp/said"
    done
    holds "$place: all is there" test "$(find "$tmp/elsewhere" | sort)" = "$(cat "$tmp/before")"
    holds "$place: still the work" grep -qx 'my two' "$mine"
done

# A disk that fills up while the starter is copied leaves the work in place
small_course
echo 'my two' >"$mine"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\ncase $* in *"/chapters/02_two"*) case $1 in -p) ;; *) echo "No space left on device" >&2 && exit 1 ;; esac ;; esac\nexec /bin/cp "$@"\n' >"$tmp/bin/cp"
chmod +x "$tmp/bin/cp"
expect 1 'nothing was changed' "$course" reset 2
holds 'the disk was full' grep -q 'No space left' "$tmp/said"
holds 'still the work, on a full disk' grep -qx 'my two' "$mine"
holds 'nothing half-made stays' test -z "$(find "$tree" -name '.new.*')"
rm "$tmp/bin/cp"

# Diff is a spoiler: it asks, and without a terminal it does not show
small_course
expect 1 'no terminal to ask on' "$course" diff 2
holds 'nothing was shown' lacks 'return 2' "$tmp/said"
expect 0 '+    return 2;' "$course" diff 2 --yes
expect 0 '+++ reference: solutions/02_two/code.c' "$course" --yes diff 2
holds 'markers are not shown' lacks 'begin 2.1' "$tmp/said"
"$course" catchup 3 >"$tmp/said"
expect 0 'chapters/02_two/code.c is the reference' "$course" diff 2 --yes

# A header that is itself an exercise is the learner's, as the .c files are
small_course
printf '%s\n' '/* begin 2.1: write it */' '#define WORK 1' '/* end 2.1: #define WORK 0 */' \
    >"$tree/solutions/02_two/work.h"
echo '#define WORK 5' >"$tree/chapters/02_two/work.h"
expect 0 'is the starter again' "$course" reset 2
holds 'the header, too' grep -qx '#define WORK 0' "$tree/chapters/02_two/work.h"
holds 'what it was is saved' grep -qx '#define WORK 5' "$saved/work.h"
expect 0 '+#define WORK 1' "$course" diff 2 --yes

finish 200
