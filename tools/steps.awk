# steps.awk - the one reader of steps.txt, where each step of a chapter is told.
#
#     awk -f tools/steps.awk steps.txt                 a flat table
#     awk -v chapter=NN_name -f tools/steps.awk ...    C++: gate::kSteps
#
# The table has a line `step<TAB>key<TAB>value` for each value, in the order of
# the file. Runner, starter, board, hints, checks and slides read that.
#
# The form of steps.txt: `key: value`, one a line; an indented line continues
# the value above; a `step:` line starts a step; # starts a comment. Keys: step
# title suite task section minutes deadline (seconds) code (no, for a step that
# asks for none) mutant (no, and why, for one that no mutant teaches) needs (of
# the machine: descriptors N, threads N, memory N, in GiB, loopback) cause hint
# (three). Whatever else stands there is refused, with file and line.
#
# A value may have any character; a tab counts as a space. No sub() has a value
# as its replacement: awks do not agree on what a backslash means there.
function fail(message) {
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}
function trimmed(text) {
    gsub(/[ \t\r]+/, " ", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    return text
}
function quote(text,    i, c, quoted) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        quoted = quoted (c == "\\" || c == "\"" ? "\\" c : c)
    }
    return "\"" quoted "\""
}
function flush_step(    i) {
    if (step == "") return
    for (i = 1; i <= 3; i++) if (!(("hint" i) in value)) value["hint" i] = ""
    if (!("deadline" in value)) value["deadline"] = 20
    printf "    {%s, %s, %s,\n     %s,\n     %s, %s,\n     {%s,\n      %s,\n      %s},\n     %d, %s, %s},\n", \
        quote(step), quote(value["title"]), quote(value["suite"]), \
        quote(value["task"]), quote(value["section"]), quote(value["cause"]), \
        quote(value["hint1"]), quote(value["hint2"]), quote(value["hint3"]), \
        value["deadline"], value["code"] == "no" ? "false" : "true", \
        quote(value["needs"])
}
# flush_value: the value that was read last has come to its end
function flush_value(    i) {
    if (key == "") return
    if (key == "step") {
        if (chapter != "") flush_step()
        for (i in value) delete value[i]
        step = text
        hints = 0
        count++
        if (step !~ /^[0-9]+\.[0-9]+$/) fail("step '" step "' is no number like 3.2")
        if (step in seen) fail("step " step " is there twice")
        seen[step] = 1
    } else {
        if (step == "") fail("'" key ":' before the first 'step:'")
        if (key in value) fail("step " step " has two '" key ":'")
        if (key == "needs" && text !~ /^((descriptors|threads|memory) [0-9]+|loopback)(, ((descriptors|threads|memory) [0-9]+|loopback))*$/)
            fail("step " step " needs '" text "', which is no list of descriptors N, threads N, memory N, loopback")
        value[key == "hint" ? "hint" ++hints : key] = text
    }
    if (chapter == "") print step "\t" key "\t" text
    key = ""
}
BEGIN {
    split("step title suite task section minutes deadline code mutant needs explored cause hint", words, " ")
    for (i in words) known[words[i]] = 1
    if (chapter != "") {
        print "// Made from steps.txt by tools/steps.awk."
        print "#include \"tests/support/gate.h\""
        print "namespace gate {"
        print "extern const char *const kChapter;"
        printf "const char *const kChapter = \"%s\";\n", chapter
        print "extern const StepInfo kSteps[];"
        print "const StepInfo kSteps[] = {"
    }
}
/^#/ || /^[ \t\r]*$/ { next }
/^[ \t]/ {
    if (key == "") fail("an indented line continues nothing")
    text = trimmed(text " " $0)
    next
}
{
    flush_value()
    colon = index($0, ":")
    key = substr($0, 1, colon - 1)
    if (!(key in known)) fail("no key is called '" key "'")
    text = trimmed(substr($0, colon + 1))
}
END {
    if (failed) exit 1
    flush_value()
    if (failed) exit 1
    if (count == 0) fail("no step is there")
    if (chapter == "") exit 0
    flush_step()
    print "};"
    print "extern const int kStepCount;"
    printf "const int kStepCount = %d;\n", count
    print "}  // namespace gate"
}
