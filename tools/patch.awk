# patch.awk - reads a patch that plants a bug; for a second -f behind it.
#
#     # step: 6.1              a mutant: the step whose gate must fail
#     # what: one sentence     what is wrong
#     | chapter 06_reactor     what a learner sees then; an empty line is |
#     --- a/solutions/...      the diff, of one file
#
# A weakened order (tests/explore/weakened) has `# test:` and `# says:`
# instead of a step and the lines with a bar. read_patch(path) fills
#
#     head[key]      what stands behind `# key: `
#     said[1..]      the lines with a bar, without it: said_count of them
#     file_count     how many files the diff changes
#     stray          a line above the diff that is none of these, or ""
#
# and returns false when the file cannot be read.
function is_said(line) { return line ~ /^\|( |$)/ }
function said_line(line) { return substr(line, 3) }
function starts_diff(line) { return line ~ /^--- a\// }

function read_key(line,    key, text) {
    key = text = substr(line, 3)
    sub(/:.*/, "", key)
    sub(/^[a-z]*: */, "", text)
    if (key in head) stray = line
    head[key] = text
}

function read_head_line(line) {
    if (is_said(line)) said[++said_count] = said_line(line)
    else if (line ~ /^# [a-z]+: /) read_key(line)
    else stray = line
}

function read_patch(path,    line, got, in_diff) {
    split("", head)
    split("", said)
    said_count = file_count = in_diff = 0
    stray = ""
    while ((got = (getline line < path)) > 0) {
        if (starts_diff(line)) in_diff = 1
        if (!in_diff) read_head_line(line)
        else if (line ~ /^\+\+\+ b\//) file_count++
    }
    close(path)
    return got == 0
}
