# shellcheck shell=sh
# with_code.sh - runs a gate with other code in front of its own. Sourced.
#
# CODE is a shared object with the files that a mutant or the starter changes;
# - is none: the gate holds them already. The dynamic linker puts it in front,
# for the gate alone and for no tool of the script. EMULATOR may name an
# emulator: "qemu-aarch64 -L /usr/aarch64-linux-gnu". The emulator itself must
# not load the object, so QEMU is told to hand it on.

# check_code CODE: says what is wrong with it, and fails, if something is.
check_code() {
    case $1 in
    -) return 0 ;;
    */*) ;;
    *) echo "$1: the changed code needs a path with a slash in it" && return 1 ;;
    esac
    [ -f "$1" ] || { echo "$1: the changed code does not exist" && return 1; }
    [ -s "$1" ] || { echo "$1: the changed code is an empty file" && return 1; }
}

# with_code CODE GATE ARGUMENT...
with_code() {
    code=$1
    shift
    # shellcheck disable=SC2086 # an emulator and its arguments
    if [ "$code" = - ]; then
        ${EMULATOR:-} "$@"
    elif [ -n "${EMULATOR:-}" ]; then
        QEMU_SET_ENV="LD_PRELOAD=$code" $EMULATOR "$@"
    else
        LD_PRELOAD=$code "$@"
    fi
}

# Bazel's report says what the check found, and not what the gate did, which has
# to fail.
report=${XML_OUTPUT_FILE:-}
unset XML_OUTPUT_FILE TEST_UNDECLARED_OUTPUTS_DIR

# write_report STATUS NAME: for Bazel, in the form that it knows from JUnit
write_report() {
    [ -n "$report" ] || return 0
    failure=''
    [ "$1" -eq 0 ] || failure='<failure message="see the log"/>'
    printf '<testsuites><testsuite name="verdict" tests="1" failures="%d"><testcase name="%s">%s</testcase></testsuite></testsuites>\n' \
        $(($1 != 0)) "${2##*/}" "$failure" >"$report"
}
