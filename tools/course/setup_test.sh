#!/bin/sh
# setup_test.sh - ./course on a machine that lacks things: what it says, what
# it runs, and that it runs nothing unasked. apt, sudo and id are stand-ins.
set -u
# shellcheck source=tools/course/small_course.sh disable=SC1091
. "$(dirname "$0")/small_course.sh"
small_course

# A PATH of nothing but the small tools that a bare Debian has
bare="$tmp/bare"
mkdir "$bare"
for tool in sh awk sed grep sort cut tr cat cp mv rm mkdir mktemp dirname readlink date uname cksum fold cmp diff ls env basename; do
    ln -s "$(command -v "$tool")" "$bare/$tool"
done
stand_in() { # stand_in NAME TEXT: in the place of a link, never through it
    rm -f "$bare/$1"
    printf '#!/bin/sh\n%s\n' "$2" >"$bare/$1"
    chmod +x "$bare/$1"
}
stand_in id 'echo 1000'
stand_in true ''
on_bare() { PATH="$bare" "$course" "$@"; }

expect 1 'this system has no apt' on_bare
stand_in apt-get "echo \"apt-get \$*\" >>\"$tmp/ran\""
expect 1 'bazel-bootstrap g++' on_bare
expect 1 'Run this as root, then ./course again:' on_bare --yes
expect 1 'apt-get update && apt-get install --no-install-recommends bazel-bootstrap' on_bare

stand_in sudo 'exit 1'
expect 1 'sudo cannot ask for a password here' on_bare --yes
expect 1 'sudo apt-get update && sudo apt-get install' on_bare --yes
# shellcheck disable=SC2016 # for the script
stand_in sudo '[ "$1" != -n ] || shift; exec "$@"'
expect 1 'no terminal to ask on' on_bare
stand_in id 'echo 0'
expect 1 'no terminal to ask on' on_bare
holds 'nothing ran unasked' test ! -e "$tmp/ran"

expect 1 'still missing' on_bare --yes
holds 'apt-get update ran first' grep -qx 'apt-get update -q' "$tmp/ran"
holds 'then the packages' grep -q 'apt-get install -q -y --no-install-recommends bazel-bootstrap g++' "$tmp/ran"
stand_in apt-get 'exit 100'
expect 1 'apt did not succeed' on_bare --yes
stand_in uname 'echo Darwin'
expect 1 'needs Linux' on_bare
rm "$bare/uname" && ln -s /bin/uname "$bare/uname"

# What needs no Bazel works before set-up; what does says so
expect 0 'usage: ./course' on_bare help
expect 0 'first question' on_bare hint 1
expect 0 'untouched starter already' on_bare reset 1
expect 1 'set-up is not done yet: run ./course' on_bare test 1
expect 1 'set-up is not done yet' on_bare watch 1

# A home that cannot be written: Bazel could not say it as plainly
for tool in bazel gcc; do ln -s "$tmp/bin/$tool" "$bare/$tool"; done
rm -rf "${tmp:?}/home" && echo file >"$tmp/home"
printf '1.1 pass\n1.2 pass\n' >"$tmp/verdicts"
expect 1 'startup --output_user_root=/tmp/bazel-' on_bare test 1
echo 'startup --output_user_root=/tmp/x' >"$tree/.bazelrc.user"
expect 0 'Chapter 1 is done' on_bare test 1

finish 20
