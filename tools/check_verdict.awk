# check_verdict.awk - judges one run of a gate for check_verdict.sh, after
# patch.awk. Variables:
#
#     kind       mutant or starter
#     source     the patch, or what steps.awk makes of steps.txt
#     starter    the file with what a learner sees of the starter
#     results    a line a step: number, verdict
#     status     the gate's exit status
#     output     what the gate said then
#     page       what a learner sees: of the starter, by another run
#     update     where the source is to be written anew, or empty
#
# Exit status: 0 all is right; 1 a complaint was printed; 3 only the words
# differ: they are in page.want and page.got, or, anew, in the file `update`.
function complain(message,    line, count) {
    print message
    print "--- what the gate said:"
    while (count++ < 60 && (getline line < output) > 0) print line
    failed = 1
    exit 1
}

function read_results(    line, field) {
    while ((getline line < results) > 0) {
        split(line, field, " ")
        verdict[field[1]] = field[2]
        if (first_failed == "" && field[2] != "pass") first_failed = field[1] ""
        result_count++
    }
}

function check_mutant() {
    if (!read_patch(source)) complain("cannot read " source)
    if (!("step" in head)) complain(source " has no '# step:' line")
    if (status == 0) complain("the mutant survives: every step passes")
    if (first_failed "" != head["step"] "")
        complain("step " head["step"] " teaches this, but step " first_failed " failed first")
}

function read_steps(    line, field) {
    while ((getline line < source) > 0) {
        split(line, field, "\t")
        if (field[2] == "step") {
            order[++step_count] = field[1] ""
            asks[field[1]] = 1
        } else if (field[2] == "code" && field[3] == "no") asks[field[1]] = 0
    }
}

function check_starter(    i, step) {
    read_steps()
    if (step_count == 0) complain("no step in " source)
    if (status == 0) complain("the untouched starter passes")
    for (i = 1; i <= step_count; i++) {
        step = order[i]
        if (asks[step] && verdict[step] != "todo")
            complain("step " step " of the untouched starter: '" verdict[step] "' instead of 'todo'")
    }
    while ((getline line < starter) > 0) said[++said_count] = line
}

# Where a panic stands depends on who built it, and its line on what is above.
function without_place(line,    place) {
    if (!match(line, /panic at [^ ]*\/[a-z_]*\.[ch]:[0-9]*: /)) return line
    place = substr(line, RSTART, RLENGTH)
    sub(/at [^ ]*\//, "at ", place)
    sub(/:[0-9]*: $/, ": ", place)
    return substr(line, 1, RSTART - 1) place substr(line, RSTART + RLENGTH)
}

# How often a waker was cloned depends on where a test that steps through the
# code has stopped, and so on the compiler.
function comparable(line) {
    sub(/: [0-9]* clones, [0-9]* wakes/, ": N clones, N wakes", line)
    return line
}

function read_page(    line) {
    while (seen_count < lines && (getline line < page) > 0) seen[++seen_count] = without_place(line)
}

function says_the_same(    i) {
    if (seen_count == 0 || seen_count != said_count) return 0
    for (i = 1; i <= seen_count; i++)
        if (comparable(seen[i]) != comparable(said[i])) return 0
    return 1
}

function write_both(    i) {
    printf "" >(page ".want")
    printf "" >(page ".got")
    for (i = 1; i <= said_count; i++) print comparable(said[i]) >(page ".want")
    for (i = 1; i <= seen_count; i++) print comparable(seen[i]) >(page ".got")
}

function write_seen(bar,    i, line) {
    for (i = 1; i <= seen_count; i++) {
        line = bar seen[i]
        if (bar != "") sub(/^\| $/, "|", line)
        print line >update
    }
}

# The patch as it was, with the new lines above its diff.
function write_patch(    line, in_diff) {
    while ((getline line < source) > 0) {
        if (!in_diff && starts_diff(line)) {
            write_seen("| ")
            in_diff = 1
        }
        if (in_diff || !is_said(line)) print line >update
    }
    close(source)
}

BEGIN {
    read_results()
    if (result_count == 0) complain("the gate ended with " status " and wrote no results")
    if (kind == "mutant") check_mutant()
    else check_starter()
    read_page()
    if (says_the_same()) exit 0
    if (update == "") write_both()
    else if (kind == "mutant") write_patch()
    else write_seen("")
    exit 3
}
