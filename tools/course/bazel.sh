# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# bazel.sh - which Bazel there is, and whether it is one for this course. Sourced.
#
# The course is made and tried with 4.2. Older than 4 and newer than 6 it cannot
# be: what is between is not refused, but named when a build fails.

# plain_version WORDS: 4.2.3 out of "bazel 4.2.3- (@non-git)" or "4.2.3+ds-9"
plain_version() { echo "$1" | sed -n '1s/^[^0-9]*\([0-9][0-9]*\.[0-9][0-9.]*\).*/\1/p'; }

# bazel_version COMMAND: nothing if it cannot be told. Debian's Bazel does not know
# its own; the package does.
bazel_version() {
    number=$(cd "$root" && plain_version "$($1 --version 2>/dev/null)")
    [ -n "$number" ] || ! have dpkg-query ||
        number=$(plain_version "$(dpkg-query -W -f '${Version}' bazel-bootstrap 2>/dev/null)")
    echo "$number"
}

# fits VERSION
fits() {
    case $1 in
    '') ;;
    [0-3].* | [7-9].* | [1-9][0-9]*.*) return 1 ;;
    esac
}

# find_bazel: the command that runs Bazel; nothing if there is none. Bazelisk, where
# the other does not fit.
find_bazel() {
    if [ -n "${BAZEL:-}" ]; then
        echo "$BAZEL"
    elif have bazelisk && have bazel && ! fits "$(bazel_version bazel)"; then
        command -v bazelisk
    else
        command -v bazel || command -v bazelisk
    fi
}

how_to_bazel() {
    cat <<'TEXT'
Bazel has to be 4.2. Debian 12 has it (bazel-bootstrap). Elsewhere take Bazelisk, a
program of one file: it reads .bazeliskrc here and fetches just that Bazel. Put it
into your PATH as bazelisk; npm has it, too: npm install -g @bazel/bazelisk
TEXT
}

# need_bazel_that_fits: or it is the end. That there is one, others see to.
need_bazel_that_fits() {
    bazel=$(find_bazel)
    [ -n "$bazel" ] || return 0
    version=$(bazel_version "$bazel")
    ! fits "$version" || return 0
    complain "Bazel $version cannot build this course"
    printf '%s\nThen run ./course again.\n' "$(how_to_bazel)" >&2
    exit 1
}

# explain_tools: after a build that failed; a Bazel or a compiler with which nobody
# has tried may be why
explain_tools() {
    need_bazel_that_fits
    case $version in
    '' | 4.2 | 4.2.*) ;;
    *) complain "this is Bazel $version; the course is tried with 4.2 only" ;;
    esac
    version=$(gcc -dumpversion 2>/dev/null)
    case ${version%%.*} in
    [1-9] | 10) complain "this is gcc $version; the course needs 11 or newer" ;;
    esac
}
