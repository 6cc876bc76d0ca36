#!/bin/sh
# shell.sh ROOT - what does shellcheck say of all that is shell: *.sh, and
# whatever begins with #! and a shell.
set -eu
# shellcheck source=tools/checks/needs.sh
. "$(dirname "$0")/needs.sh"
cd "$1"
need shellcheck
tracked ':!*.patch'
while read -r file; do
    case $file in
    *.sh) echo "$file" ;;
    *) # a file of other bytes has no such first line
        first=''
        { read -r first <"$file"; } 2>/dev/null || :
        case $first in '#!/bin/sh'* | '#!/usr/bin/env bash'*) echo "$file" ;; esac
        ;;
    esac
done <"$files" >"$files.shell"
mv "$files.shell" "$files"
xargs shellcheck --severity=warning -x <"$files"
counted_files 'of shell'
[ -s "$files" ]
