# weakened.awk - reads the patch of a weakened order, and judges two runs of
# its test, for weakened.sh and after patch.awk. Variables:
#
#     patch      its head names the test and the first line of the verdict
#     first, second   what the runs said; if they are missing, the name of the
#                test is printed and that is all
#     status     the first run's exit status
#     figures    a line of the explorer: how many executions it took
#     limit      how many these may be
function complain(message,    line) {
    sub(/.*\//, "", patch)
    print patch ": " message
    while (first != "" && (getline line < first) > 0) print line
    exit 1
}

function check_head(    i, count, keys) {
    if (!read_patch(patch)) complain("cannot be read")
    count = split("test what says", keys, " ")
    for (i = 1; i <= count; i++)
        if (head[keys[i]] == "") complain("no '# " keys[i] ":' in its head")
}

# But for times, which GoogleTest prints.
function without_times(line) {
    sub(/ \([0-9]* ms.*/, "", line)
    return line
}

# Both runs to their end; found if a line of the first is the verdict's.
function compare_runs(    line, other, got, also) {
    do {
        got = (getline line < first) > 0
        also = (getline other < second) > 0
        if (got != also || (got && without_times(line) != without_times(other)))
            different = 1
        if (got && without_times(line) == head["says"]) found = 1
    } while (got)
    close(first)
}

function check_figures(    line, field, executions) {
    if ((getline line < figures) <= 0) complain("the explorer wrote no figures")
    split(line, field, " ")
    executions = field[2] + field[4]
    if (executions > limit) complain("found, but not within " limit " executions: " line)
    print head["test"] ": found after " executions " executions, in " field[8] " ms"
}

BEGIN {
    check_head()
    if (first == "") {
        print head["test"]
        exit 0
    }
    compare_runs()
    if (status == 0) complain("nothing finds it: " head["test"] " passes")
    if (!found) complain(head["test"] " fails, but does not say: " head["says"])
    if (different) complain("another execution fails when it runs again")
    check_figures()
}
