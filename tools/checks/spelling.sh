#!/bin/sh
# spelling.sh ROOT - does codespell know a better word? .ci/words.txt has those
# that are meant.
set -eu
# shellcheck source=tools/checks/needs.sh
. "$(dirname "$0")/needs.sh"
cd "$1"
need codespell
tracked ':!*package-lock.json' ':!*.svg'
xargs codespell --ignore-words=.ci/words.txt <"$files"
counted_files spelled
