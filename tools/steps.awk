# steps.awk - turns a chapter's steps.txt into the C++ table gate::kSteps.
#
# steps.txt is the one place where a step is described: runner, starter,
# board, hints and slides all read it. Its form: `key: value`, one a line;
# an indented line continues the value above; a `step:` line starts a step;
# # starts a comment. Keys: step title suite task section minutes deadline
# (seconds) code (no, for a step that asks for none) cause hint (three).
function quote(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}
function flush_step(    i) {
    if (!("step" in value)) return
    for (i = 1; i <= 3; i++) if (!(i in hint)) hint[i] = ""
    if (!("deadline" in value)) value["deadline"] = 20
    printf "    {%s, %s, %s,\n     %s,\n     %s, %s,\n     {%s,\n      %s,\n      %s},\n     %d, %s},\n", \
        quote(value["step"]), quote(value["title"]), quote(value["suite"]), \
        quote(value["task"]), quote(value["section"]), quote(value["cause"]), \
        quote(hint[1]), quote(hint[2]), quote(hint[3]), \
        value["deadline"], value["code"] == "no" ? "false" : "true"
    delete value; delete hint; hints = 0
}
BEGIN {
    print "// Made from steps.txt by tools/steps.awk."
    print "#include \"tests/support/gate.h\""
    print "namespace gate {"
    print "extern const char *const kChapter;"
    printf "const char *const kChapter = \"%s\";\n", chapter
    print "extern const StepInfo kSteps[];"
    print "const StepInfo kSteps[] = {"
}
/^#/ || /^[ \t]*$/ { next }
/^[ \t]/ {
    sub(/^[ \t]+/, "")
    if (key == "hint") hint[hints] = hint[hints] " " $0
    else value[key] = value[key] " " $0
    next
}
{
    key = substr($0, 1, index($0, ":") - 1)
    text = substr($0, index($0, ":") + 1)
    sub(/^[ \t]+/, "", text)
    if (key == "step") { flush_step(); count++ }
    if (key == "hint") hint[++hints] = text
    else value[key] = text
}
END {
    flush_step()
    print "};"
    print "extern const int kStepCount;"
    printf "const int kStepCount = %d;\n", count
    print "}  // namespace gate"
}
