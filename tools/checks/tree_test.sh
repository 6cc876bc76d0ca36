#!/bin/sh
# tree_test.sh CHECK WORKSPACE-FILE - runs a check on the source tree itself.
# The tree is found through the WORKSPACE file, which Bazel hands over as a
# link: a check for files that nobody declared must see the real folders.
set -eu
check=$1
root=$(dirname "$(readlink -f "$2")")
exec sh "$root/tools/checks/$check" "$root"
