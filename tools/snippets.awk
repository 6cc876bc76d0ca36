# snippets.awk - prints a Markdown file with its snippets cut afresh.
#
#     <!-- snippet: PATH NAME -->   the function, struct, enum or macro NAME
#     <!-- snippet: PATH A..B -->   from the first line containing A to the
#                                   next line that contains B
#     <!-- snippet: PATH -->        the whole file
#     ```c
#     ...replaced...
#     ```
#     <!-- end snippet -->
#
# A definition starts at column one on the line that introduces NAME (or, for
# a function whose return type stands alone, one line above) and ends with
# the first line that starts with `}`; a macro ends where its backslashes do.
# The fence that stands in the file is kept, so its language is the writer's.
# PATH is from the repository's root. Of a patch (tools/patch.awk), its snippet
# is what a learner sees. Variables: root; tools, where starter.awk is, which
# reads the markers.
function fail(message) {
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}
function is_start(line, name,    word) {
    if (line !~ /^[a-z#]/) return 0
    if (line ~ "^#define " name "[( ]") return 1
    if (line ~ "^(struct|enum|union) " name " [{]$") return 1
    if (line ~ "^(struct|enum|union) " name "$") return 1
    return line ~ "(^|[ *])" name "[(]" && line !~ /;$/
}
function quoted(word) {
    if (word ~ /'/) fail("a path with a quote in it: " word)
    return "'" word "'"
}
# The next line that a snippet may hold: of a patch, the lines with a bar.
function next_line(source, path,    got) {
    while ((got = (source | getline line)) > 0) {
        if (path !~ /\.patch$/) return 1
        if (starts_diff(line)) {
            while ((got = (source | getline line)) > 0) continue
            return got
        }
        if (is_said(line)) {
            line = said_line(line)
            return 1
        }
    }
    return got
}
function cut(path, name,    text, seen, from, to, macro, previous) {
    text = ""; seen = 0; previous = ""
    if (name ~ /\.\./) {
        from = name; sub(/\.\..*/, "", from)
        to = name; sub(/.*\.\./, "", to)
    }
    # Lines that only the starter generator needs are left out.
    source = "cat"
    if (path ~ /\/solutions\/.*\.[ch]$/) source = "awk -v view=reference -f " quoted(tools "/starter.awk")
    source = source " " quoted(path)
    while ((got = next_line(source, path)) > 0) {
        if (name == "") { text = text line "\n"; seen = 1; continue }
        if (!seen && (from != "" ? index(line, from) : is_start(line, name))) {
            seen = 1
            macro = (line ~ /^#define/)
            if (from == "") comment_above = previous
        } else if (!seen) { previous = line; continue }
        text = text line "\n"
        if (from != "") { if (text != line "\n" && index(line, to)) break; continue }
        if (macro && line !~ /\\$/) break
        if (!macro && line ~ /^}/) break
        if (!macro && line ~ /;$/ && text == line "\n") break
    }
    # A source that was not read to its end may complain of that.
    if (close(source) != 0 && got <= 0) fail("cannot read " path)
    if (!seen) fail("no " name " in " path)
    return text
}
/^ *<!-- snippet: / {
    if (inside) fail("snippet inside a snippet")
    print
    line = $0
    sub(/^ *<!-- snippet: */, "", line); sub(/ *-->.*/, "", line)
    path = line; sub(/ .*/, "", path)
    name = ""
    if (index(line, " ")) { name = line; sub(/^[^ ]* +/, "", name) }
    body = cut(root "/" path, name)
    inside = 1; fence = ""
    count++
    next
}
/^ *<!-- end snippet -->/ {
    if (!inside) fail("end without a snippet")
    if (fence == "") { print "```"; printf "%s", body; print "```" }
    print
    inside = 0
    next
}
inside && /^ *```/ {
    if (fence == "") { fence = $0; print; printf "%s", body; print "```" }
    next
}
inside { next }
{ print }
END {
    if (failed) exit 1
    if (inside) fail("a snippet is never closed")
}
