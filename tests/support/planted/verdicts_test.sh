#!/bin/sh
# verdicts_test.sh GATE EXPLORER - does the runner give each planted step its
# verdict, in words that help, and leave nothing running?
set -u
gate=$1
explorer=$2
# Every process that a gate starts inherits this name.
mark=PLANTED_BY=$$
results=${TEST_TMPDIR:-/tmp}/results
count=57 # steps
passed=0
failed=0

gate() { # the gate, in the emulation of --config=arm64, if it is for that
    env "$mark" ${EMULATOR-} "$gate" "$@"
}
explorer() { ${EMULATOR-} "$explorer" "$@"; }

check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
    fi
}

# marked: the processes that a gate has left behind. Neither ps nor pgrep is in
# every Debian; /proc is.
marked() {
    for process in /proc/[0-9]*; do
        tr '\000' '\n' 2>/dev/null <"$process/environ" | grep -qx "$mark" && echo "${process#/proc/}"
    done
}

# in_the_end COMMAND...: what was killed may need a moment to be gone
in_the_end() {
    tries=0
    until "$@" || [ "$tries" -ge 200 ]; do sleep 0.1 && tries=$((tries + 1)); done
    "$@"
}
none_is_left() { [ -z "$(marked)" ]; }
one_is_left() { [ "$(marked)" = "$left" ]; }

says() { # says STEP VERDICT WORDS: what a learner sees for that step alone
    gate --plain --step="$1" --results="$results" >"$results.said" 2>&1
    check "step $1 ends with status 1" [ $? -eq 1 ]
    got=$(awk -v step="$1" '$1 "" == step "" { print $2 }' "$results")
    check "step $1: $2, not '$got'" [ "$got" = "$2" ]
    if tr -s ' \n' ' ' <"$results.said" | grep -qF -- "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: step $1 does not say '$3' but:"
        sed 's/^/    /' "$results.said" | head -n 20
    fi
}

shows() { # shows STEP WORDS: at the end of the page, what the step has printed
    gate --step="$1" >"$results.said" 2>&1
    check "step $1 shows '$2'" grep -qxF -- "$2" "$results.said"
    check "step $1: no control character" [ "$(LC_ALL=C tr -d '\n\t -~\200-\377' <"$results.said" | wc -c)" -eq 0 ]
}

check "step 0.1 passes" gate --plain --step=0.1
says 0.2 fail 'P2: a pending future asks for another poll'
says 0.3 todo 'step 0.3 is not implemented yet'
says 0.4 crash "${CRASH_WORDS:-touched memory that is not there}"
[ -n "${CRASH_WORDS:-}" ] || { # an emulator has its own end for these
    says 0.44 crash 'where in future_poll(), called by planted_poll(), crash.c'
    says 0.45 crash 'where in planted_call(), crash.c'
    says 0.46 crash 'where in planted_copy(), crash.c'
    says 0.47 crash 'where in deeper(), crash.c'
    says 0.49 crash 'where in write_to_nothing(), crash.c'
}
says 0.48 crash 'where in planted_exit(), crash.c'
says 0.50 fail 'W1: a waker was dropped with the lock held, in waker_drop(), called by planted_drop(), crash.c test'
says 0.51 fail 'W1: the poll cloned a waker with the lock held test OfItsOwn read'
says 0.52 fail 'W1: no lock what was_free expected true actual false test Only usually It was planted. read'
says 0.53 fail 'expected at least 2 actual 1 (polls) test'
says 0.54 fail 'expected polls < wakes actual 1 and -11 = -EAGAIN test'
says 0.55 fail 'expected POLL_PENDING actual POLL_READY (first) test'
says 0.5 crash 'P4: polled after POLL_READY'
says 0.6 crash 'called exit(0) in the middle'
says 0.7 hang 'socket: pending, polled 1 time; it holds a waker and was not completed'
says 0.8 spin 'kept the processor busy and came to no end'
says 0.9 leak 'left 3 processes that the step had started still ran: a copy of itself (fork)'
says 0.10 leak '2 allocation(s) were never freed'
says 0.11 leak '1 file descriptor(s) were never closed'
says 0.12 leak 'W2: every clone of a waker is dropped'
says 0.13 leak 'P5: leaf was polled and never dropped'
says 0.14 crash 'SIGPIPE: send with MSG_NOSIGNAL'
says 0.15 fail 'still heard'
says 0.16 fail 'still heard'
says 0.17 crash "${CRASH_WORDS:-a stack that overflowed}"
says 0.18 hang 'a signal stopped it'
says 0.19 spin 'it wakes itself for ever'
says 0.20 fail 'no wake is due: nobody would ever poll it again'
says 0.21 fail 'P4: leaf was polled again after it had returned POLL_READY'
says 0.22 fail 'P6: leaf was moved after its first poll'
says 0.23 fail 'no test for this step'
says 0.24 hang 'stuck ann has left stuck bob waits for it'
says 0.25 spin 'stuck it is free'
says 0.27 spin 'stuck it is free'
says 0.28 spin 'stuck it is held'
says 0.56 leak '1 mutex(es) were never destroyed'
says 0.57 leak '1 mutex(es) were destroyed that nobody had made'
says 0.29 crash 'called exit(0) in the middle'
says 0.30 crash 'called exit(0) in the middle'
says 0.31 crash 'it aborted (SIGABRT)'
says 0.32 crash 'a signal ended it: SIGUSR1'
says 0.33 hang 'asleep'
says 0.34 spin 'kept the processor busy'
for step in 29 30 31 32 33 34; do shows "0.$step" '  | and \x1b[31mü\r\xff'; done
says 0.35 crash 'P4: \x1b[2J…'
shows 0.16 '  It printed, at last:'
says 0.36 leak 'left 2 processes that the step had started still ran'
says 0.37 fail 'still heard expected 1 actual 2 left a process that the step had started'
says 0.38 hang 'left 4 processes that the step had started still ran'
check "nothing is left of daemons" none_is_left

# A runner that is told to end ends them, too, and nothing else.
(
    sleep 60 &
    echo $! >"$results.other"
    exec env "$mark" "$gate" --step=0.38 >"$results.said" 2>&1
) &
runner=$!
daemons() { [ "$(marked | wc -l)" -eq "$1" ]; }
check "the runner and five processes of the step run" in_the_end daemons 6
kill "$runner"
wait "$runner"
check "the signal ends the runner" [ $? -eq 143 ]
check "and with it all daemons, at once" none_is_left
check "a child that was there before lives" kill "$(cat "$results.other")"

# A busy machine, or a runner that was stopped, is no fault of the code.
check "step 0.39, which is starved, passes" gate --plain --step=0.39
check "step 0.40 passes" gate --plain --step=0.40
export PLANTED_FIFO="$results.fifo"
mkfifo "$PLANTED_FIFO"
env "$mark" "$gate" --plain --step=0.41 >"$results.said" 2>&1 &
runner=$!
exec 9>"$PLANTED_FIFO" # waits until the step has opened it
kill -STOP "$runner"
sleep 6
kill -CONT "$runner"
# Looks once, at least.
sleep 1
(echo >&9) 2>/dev/null
exec 9>&-
wait "$runner"
check "step 0.41, whose runner was stopped, passes" [ $? -eq 0 ]

# What the machine does not give is no fault of the code, and no pass.
skips() { # skips STEP WORDS COMMAND...: the gate, started by the command, leaves the step out
    skipped=$1 words=$2
    shift 2
    env "$mark" "$@" "$gate" --plain --step="$skipped" --results="$results" >"$results.said" 2>&1
    check "step $skipped is not passed by $*" [ $? -eq 1 ]
    check "step $skipped is left out by $*" grep -q "^$skipped skip " "$results"
    tr -s ' \n' ' ' <"$results.said" >"$results.line"
    check "it says '$words'" grep -qF -- "$words" "$results.line"
}
skips 0.26 '(ForWantOfAMachine is left out: no such machine)' env
# shellcheck disable=SC3045 # dash and bash have -H
hard=$(ulimit -Hn)
if [ "$hard" = unlimited ] || [ "$hard" -ge 1600 ]; then
    check "step 0.42 passes" sh -c 'ulimit -Sn 512 && "$1" --plain --step=0.42' - "$gate"
fi
for limit in '-n 512:it needs 1600 open files, and this shell allows 512. The cure: `ulimit -n 1600`' \
    '-v 1000000:it needs 1 GiB of address space, and this shell allows 976 MiB. The cure: `ulimit -v' \
    '-n 60:the gate lacks something: it needs 64 open files' \
    '-s 100:it needs a stack of 256 KiB'; do
    # shellcheck disable=SC2086,SC2030,SC2031 # an option and its value
    (ulimit ${limit%%:*} && skips 0.42 "${limit#*:}" env; echo "$passed $failed" >"$results.counts")
    read -r passed failed <"$results.counts"
done
check "--needs tells them" sh -c '"$1" --needs | grep -qx "0.42 needs 1600 open files, .*"' - "$gate"
check "step 0.43 passes" gate --plain --step=0.43
# Where a user may make a network without a loopback.
if unshare -rn true 2>/dev/null; then
    skips 0.43 'it needs connections to 127.0.0.1, and one failed (Network is unreachable). The cure' unshare -rn
fi

gate --plain --results="$results" >"$results.said" 2>&1
check "a run stops at the first failure" [ "$(awk '$2 == "waiting"' "$results" | wc -l)" -eq $((count - 2)) ]
check "and says what waits" grep -q "0.3 to 0.$count are waiting for 0.2" "$results.said"
(
    export XML_OUTPUT_FILE="$results.xml"
    PLANTED_FIFO=/dev/zero gate --all --results="$results" >"$results.said" 2>&1
)
check "--all runs every step" [ "$(awk '$2 == "waiting"' "$results" | wc -l)" -eq 0 ]
check "the XML has every step" [ "$(grep -c '<testcase ' "$results.xml")" -eq "$count" ]
check "the XML is well formed" perl -e '
    local $/; $_ = <>; s/<\?.*?\?>//; my @open;
    while (/<(\/?)(\w+)((?:\s+\w+="[^"<]*")*)\s*(\/?)>|&(?!amp;|lt;|gt;|quot;)/g) {
        exit 1 unless defined $2;
        if ($1) { exit 1 unless pop @open eq $2 } elsif (!$4) { push @open, $2 }
    }
    exit(@open ? 1 : 0)' "$results.xml"
check "--list names every step" [ "$(gate --list | wc -l)" -eq "$count" ]
refuses() { # refuses WORDS ARGUMENT...: the gate does, with status 2
    words=$1
    shift
    refused_by gate "$words" "$@"
}
refused_by() { # refused_by PROGRAM WORDS ARGUMENT...
    refuser=$1 words=$2
    shift 2
    "$refuser" "$@" >"$results.said" 2>&1
    check "$* is refused with status 2" [ $? -eq 2 ]
    check "$*: '$words'" grep -qF -- "$words" "$results.said"
}
refuses 'unknown argument --nonsense' --nonsense
refuses 'no step 9.9; --list names them' --step=9.9
refuses 'no test matches typo; --list names the steps' --gtest_filter=typo
refuses 'no test matches Typo.*;' --gtest_filter='Passes.*:Typo.*'
refuses 'no test matches Passes.*-*;' --gtest_filter='Passes.*-*'
refuses 'no test of step 0.2 is wanted' --step=0.2 --gtest_filter='Passes.*'
refuses 'step 0.23 has no test' --step=0.23 --no-fork

gate --plain --gtest_filter='Passes.C*:IsLeftOut.IsNot' >"$results.said" 2>&1
check "a filter that matches is obeyed" [ $? -eq 0 ]
check "only steps with such a test run" [ "$(grep -c ' ok: ' "$results.said")" -eq 2 ]
check "and in a step only such tests" [ "$(grep -c 'left out' "$results.said")" -eq 0 ]
GTEST_FILTER='Fails.*' gate --plain >"$results.said" 2>&1
check "one that matches a test that fails fails" grep -qF '0.2   fail: ' "$results.said"

# The step at hand first, with its page at once; then those before it.
before() { # before WORDS WORDS: the one line stands above the other
    awk -v one="$1" -v other="$2" 'index($0, one) { seen = 1 } index($0, other) { print seen + 0; exit }' "$results.said" | grep -qx 1
}
verdict() { [ "$(awk -v step="$1" '$1 "" == step "" { print $2 }' "$results")" = "$2" ]; }
gate --plain --first=0.6 --results="$results" >"$results.said" 2>&1
check "--first: a step that fails is a failure" [ $? -eq 1 ]
check "its page comes before that of an earlier step" before 'step 0.6 crashed' 'step 0.2 failed'
check "and once" [ "$(grep -c 'step 0.6 crashed' "$results.said")" -eq 1 ]
check "the board is in order" before '0.2   fail' '0.6   crash'
check "it names no range across a step that ran" grep -qx '  the others are waiting for 0.2' "$results.said"
for pair in '0.1 pass' '0.2 fail' '0.3 waiting' '0.6 crash' '0.7 waiting'; do
    # shellcheck disable=SC2086 # two words
    check "--first: $pair" verdict $pair
done
gate --plain --first=0.1 --results="$results" >"$results.said" 2>&1
check "--first: a step that passes says so before others fail" before 'step 0.1 passed.' 'step 0.2 failed'
check "and it is no range either way" grep -qE '^  0.3 to 0.[0-9]+ are waiting for 0.2$' "$results.said"
gate --plain --first=0.40 --gtest_filter='Passes.*:CalmTimes.*' --results="$results" >"$results.said" 2>&1
check "--first: all that is wanted passes" [ $? -eq 0 ]
check "the others have run" verdict 0.1 pass
refuses 'no step 9.9; --list names them' --first=9.9

gate --gtest_list_tests >"$results.said"
check "--gtest_list_tests lists" grep -qx '  CountingAllocations' "$results.said"

refused_by explorer 'no test matches typo; --gtest_list_tests names them' --gtest_filter=typo
explorer --gtest_filter='*Litmus*' --gtest_list_tests >"$results.said"
check "--gtest_list_tests lists in the explorer's programs" grep -q '^  ' "$results.said"

env "$mark" sleep 60 &
left=$!
check "a process that is left behind is seen" in_the_end one_is_left
kill "$left"
wait "$left"
check "nothing is left running" in_the_end none_is_left

# A test that writes its XML itself needs no action of Bazel's for it, which no
# cache would have: its key has the test's duration in it.
[ -z "${XML_OUTPUT_FILE:-}" ] ||
    echo "<testsuites><testsuite name='verdicts' tests='$((passed + failed))' failures='$failed'/></testsuites>" >"$XML_OUTPUT_FILE"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
