#!/bin/sh
# setup_test.sh - ./course on a machine that lacks things: what it says, what
# it runs, and that it runs nothing unasked. apt, sudo and id are stand-ins.
set -u
# shellcheck source=tools/course/small_course.sh disable=SC1091
. "$(dirname "$0")/small_course.sh"
small_course
sed -i 's|/usr/src/googletest|/nowhere|' "$tree/tools/course/setup.sh" # it is missing here

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
for words in 'dnf install gcc gcc-c++ patch' 'pacman -S --needed gcc patch' '11 or newer' '.bazeliskrc' 'bazel-bootstrap g++ patch'; do
    holds "without apt it says: $words" grep -qF -- "$words" "$tmp/said"
done
holds 'GoogleTest is fetched there' lacks googletest "$tmp/said"
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

# What apt does not have, or has in a version that does not fit, is not asked for,
# and the command that cannot succeed is not advised
stand_in apt-get "echo \"apt-get \$*\" >>\"$tmp/ran\""
# shellcheck disable=SC2016 # for the script
stand_in apt-cache 'case $2 in
bazel-bootstrap) echo "  Candidate: $BAZEL_CANDIDATE" ;;
googletest) ;;
*) printf "%s:\n  Installed: (none)\n  Candidate: 1.0\n" "$2" ;;
esac'
for candidate in '(none)' 3.5.1+ds-4 7.1.0-1 10.0-1; do
    rm -f "$tmp/ran"
    BAZEL_CANDIDATE=$candidate expect 1 "this system's apt has no Bazel that fits" on_bare --yes
    holds "$candidate: it tells of Bazelisk" grep -qF 'npm install -g @bazel/bazelisk' "$tmp/said"
    holds "$candidate: it does not advise apt again" lacks 'Run this' "$tmp/said"
    holds "$candidate: it installs the rest" grep -qE -- '--no-install-recommends g\+\+( patch)?$' "$tmp/ran"
done
BAZEL_CANDIDATE=4.2.3+ds-9 expect 1 'still missing' on_bare --yes
holds 'what fits is installed' grep -qE -- '--no-install-recommends bazel-bootstrap g\+\+' "$tmp/ran"

# A Bazel that cannot build the course is said before anything else
for tool in g++ gcc patch; do ln -sf "$tmp/bin/$tool" "$bare/$tool"; done
bazel_is() { stand_in "$1" "echo 'bazel $2'"; }
for version in 0.29.1 3.5.1 7.0.0 8.4.2 10.0.1; do
    bazel_is bazel "$version"
    expect 1 "Bazel $version cannot build this course" on_bare
    holds "$version: and how to get the right one" grep -qF 'reads .bazeliskrc here' "$tmp/said"
    holds "$version: nothing else" lacks 'Async from Scratch' "$tmp/said"
done
for version in 4.2.3 '4.2.3- (@non-git)' 5.4.0 6.5.0 no_version; do
    bazel_is bazel "$version"
    expect 0 'Async from Scratch' on_bare
done
holds 'GoogleTest is fetched where apt has none' lacks googletest "$tmp/said"
mv "$bare/apt-get" "$tmp/apt-get"
expect 0 'Async from Scratch' on_bare
mv "$tmp/apt-get" "$bare/apt-get"
stand_in dpkg-query 'echo 3.5.1+ds-4'
expect 1 'Bazel 3.5.1 cannot build this course' on_bare
stand_in dpkg-query 'echo 4.2.3+ds-9'
expect 0 'Async from Scratch' on_bare
bazel_is bazel 8.0.0 && bazel_is bazelisk 4.2.3
expect 0 'Async from Scratch' on_bare
bazel_is bazelisk 7.4.0
expect 1 'Bazel 7.4.0 cannot build this course' on_bare
rm "$bare/bazelisk"
failing_bazel() { stand_in bazel "[ \"\$1\" = --version ] && echo 'bazel $1' && exit; echo 'ERROR: no such thing'; exit 1"; }
failing_bazel 7.0.0
expect 1 'Bazel 7.0.0 cannot build this course' on_bare test 1
failing_bazel 6.5.0
expect 1 'this is Bazel 6.5.0; the course is tried with 4.2 only' on_bare test 1
stand_in gcc 'echo 9'
expect 1 'this is gcc 9; the course needs 11 or newer' on_bare test 1
failing_bazel 4.2.3
stand_in gcc 'echo 12'
expect 1 'ERROR: no such thing' on_bare test 1
holds 'the right ones are not blamed' lacks 'this is' "$tmp/said"
for tool in bazel gcc g++; do rm "$bare/$tool"; done
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

finish 75
