# mutants.awk - is each mutant of a chapter whole, and each weakened order?
# Reads their paths, one a line, and prints what is wrong with them; patch.awk
# goes before. Variables: chapter, lesson (a file).
function complain(message) { print chapter ": " message }

# The words of the lesson, as `grep -w` takes them.
function read_lesson(    line, count, i, words) {
    while ((getline line < lesson) > 0) {
        count = split(line, words, /[^A-Za-z0-9_]+/)
        for (i = 1; i <= count; i++) in_lesson[words[i]] = 1
    }
}

function lacks(what, key) {
    if (head[key] == "") complain(what " has no '# " key ":'")
}

# `step 6.1 failed: ...`, or what else has become of it.
function names_its_step(    i) {
    for (i = 1; i <= said_count; i++)
        if (index(said[i], "step " head["step"] " ") == 1) return 1
    return 0
}

# What stands first below the headline of a failed expectation is a sentence: not
# two numbers, a condition, or a clause's name alone.
function lacks_sentence(    i, first, line) {
    for (i = 1; i <= said_count; i++) {
        line = said[i]
        if (index(line, "step " head["step"] " ") == 1) {
            if (line !~ /^step [0-9.]+ (failed|leaks|spins):/) return ""
            first = i + 1
        }
        if (line ~ /^  test /) break
        if (!first || i < first || line == "") continue
        if (line ~ /^  (expected|actual) /) return "says no sentence"
        if (line ~ /^  what / && said[i + 1] ~ /^  (expected|actual) +(true|false)$/) return "says no sentence"
        if (line ~ /^  ([A-Z]+[0-9]+( of [a-z_.]+)?(, |: *)?)+$/) return "names a clause alone"
        return ""
    }
    return ""
}

function check_mutant(name) {
    mutant_count++
    if (head["step"] !~ /^[0-9]+\.[0-9]+$/) complain("mutant " name " has no '# step:'")
    lacks("mutant " name, "what")
    if (said_count == 0) complain("mutant " name " does not tell what a learner sees: tools/update " chapter)
    else if (!names_its_step()) complain("what a learner sees of mutant " name " does not name step " head["step"])
    else if (lacks_sentence()) complain("what a learner sees of mutant " name " " lacks_sentence())
    if (!(name in in_lesson)) complain("the lesson does not name the mutant " name)
}

function check_weakened(name) {
    lacks("weakened order " name, "test")
    lacks("weakened order " name, "what")
    lacks("weakened order " name, "says")
}

BEGIN { read_lesson() }
{
    name = $0
    sub(/.*\//, "", name)
    if (name !~ /\.patch$/) {
        complain(name " lies among the mutants and is no patch")
        next
    }
    sub(/\.patch$/, "", name)
    if (!read_patch($0)) complain("mutant " name " cannot be read")
    if ($0 ~ /\/mutants\/[^\/]*$/) check_mutant(name)
    else check_weakened(name)
    if (file_count != 1) complain("mutant " name " changes " file_count " files instead of one")
    if (stray != "") complain("mutant " name ": neither '# key: ' nor '| ' above the diff: " stray)
}
END { if (mutant_count < 8) complain(mutant_count + 0 " mutants, and at least 8 are wanted") }
