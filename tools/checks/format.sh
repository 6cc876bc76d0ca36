#!/bin/sh
# format.sh ROOT - is all C and C++ formatted as .clang-format says?
set -eu
# shellcheck source=tools/checks/needs.sh
. "$(dirname "$0")/needs.sh"
cd "$1"
need clang-format-14
tracked '*.c' '*.h' '*.cc' ':!bench/peers'
xargs clang-format-14 --dry-run --Werror <"$files"
counted_files formatted
