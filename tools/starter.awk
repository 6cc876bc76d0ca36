# starter.awk - the one reader of the markers in a solution file. It cuts the
# starter of a chapter out of it, or the reference without the markers.
#
# A region of the solution that the reader is to write stands between
#     /* begin 3.2 */    or    /* begin 3.2: what to do here */
#     /* end 3.2 */      or    /* end 3.2: return -ENOSYS; */
# Either comment may go on over several lines.
# Inside a function the region becomes the task as a comment, TODO(3.2) and
# the code after `end 3.2:`. A region that starts in column one holds
# helpers, which the reader may or may not want: it becomes nothing, or the
# comment after `begin 3.2:`. Variables: tasks (what steps.awk makes of
# steps.txt); view=reference for what stands there, but for the markers.
function wrap_comment(indent, text,    words, n, i, line) {
    n = split(text, words, " ")
    line = indent "/* " words[1]
    for (i = 2; i <= n; i++) {
        if (length(line " " words[i]) > 76) {
            print line
            line = indent " * " words[i]
        } else line = line " " words[i]
    }
    print line " */"
}
function fail(message) {
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}
# The comment that starts on this line, with its further lines glued on: text
# loses what makes it a comment, code keeps all but the marker's indent.
function whole_comment(glue, is_code,    text, line) {
    text = $0
    while (text !~ /\*\/ *$/) {
        if ((getline line) <= 0) fail("a marker's comment is never closed")
        if (is_code && index(line, indent) == 1) line = substr(line, length(indent) + 1)
        else sub(/^ *(\* )?/, "", line)
        text = text glue line
    }
    return text
}
BEGIN {
    while (view != "reference" && (got = (getline line < tasks)) > 0) {
        split(line, field, "\t")
        if (field[2] == "step") task[field[1]] = ""
        if (field[2] == "task") task[field[1]] = field[3]
    }
    if (got < 0) fail("cannot read " tasks)
}
match($0, /^ *\/\* begin [0-9]+\.[0-9]+/) {
    if (open != "") fail("begin inside begin " open)
    indent = $0; sub(/\/\*.*/, "", indent)
    open = whole_comment(" ", 0); sub(/^ *\/\* begin /, "", open)
    text = open
    sub(/[: ].*/, "", open)
    if (view == "reference") next
    if (text ~ /:/) { sub(/^[0-9.]+: */, "", text); sub(/ *\*\/$/, "", text) } else text = ""
    if (!(open in task)) fail("no step " open " in steps.txt")
    if (indent != "") {
        wrap_comment(indent, "TODO(" open "): " (text != "" ? text : task[open]))
        print indent "TODO(" open ");"
    } else if (text != "") wrap_comment("", "TODO(" open "): " text)
    next
}
match($0, /^ *\/\* end [0-9]+\.[0-9]+/) {
    text = whole_comment("\n" indent, 1)
    sub(/^ *\/\* end /, "", text); sub(/ *\*\/$/, "", text)
    number = text; sub(/[: \n].*/, "", number)
    if (number != open) fail("end " number " closes begin " open)
    open = ""
    if (view == "reference") next
    if (text ~ /:/) { sub(/^[0-9.]+: */, "", text); print indent text }
    squeeze = (indent == "")
    next
}
view == "reference" { print; next }
open != "" { next }
{
    if (squeeze && $0 == "" && last == "") { next } # one blank line, not two
    squeeze = 0
    print
    last = $0
}
END { if (!failed && open != "") fail("begin " open " is never closed") }
