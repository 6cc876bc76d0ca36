#!/bin/sh
# variant.sh KIND CHANGE CODE UNUSED COMPILER COMPILE LINK SOURCE... -- HEADER...
#
# Makes CODE, a shared object that holds what CHANGE makes of some sources and
# nothing that it leaves alone. KIND mutant and weakened: a patch, which names its
# source (solutions/NN_name/file.c); if that is a header, all sources are compiled
# with it. KIND starter: steps.txt, and each source becomes a starter. COMPILER is
# a command, COMPILE and LINK are its options, quoted. UNUSED becomes the list of
# the files that had no part in it, one a line: CODE stays as it is when they change.
set -eu
kind=$1 change=$2 code=$3 unused=$4 compiler=$5 compile=$6 link=$7
shift 7
made=${code%.so}
rm -rf "$made"
mkdir -p "$made"
used=$made/used

# patched SOURCE...: makes the one that the patch names, and what it needs
patched() {
    name=$(sed -n 's|^+++ b/||p' "$change")
    for source; do
        case $source in
        --) break ;;
        *"$name") cp "$source" "$made" && original=$source ;;
        esac
    done
    [ -n "${original:-}" ] || { echo "$change: no source $name in this chapter" >&2 && exit 1; }
    name=$made/$(basename "$name")
    chmod u+w "$name"
    patch --fuzz=0 --quiet --no-backup-if-mismatch "$name" <"$change"
    echo "$original" >"$used"
    case $name in *.c) return ;; esac
    for source; do
        case $source in
        --) break ;;
        *.c) cp "$source" "$made" && echo "$source" >>"$used" ;;
        esac
    done
}

starters() {
    for source; do
        [ "$source" != -- ] || break
        echo "$source" >>"$used"
    done
    # shellcheck disable=SC2046 # a list of paths without spaces
    sh tools/starter.sh "$change" "$made" $(cat "$used")
}

case $kind in
mutant | weakened) patched "$@" ;;
starter) starters "$@" ;;
esac
objects=
for file in "$made"/*.c; do
    # What was changed comes first; a header is included with <>.
    eval "$compiler -iquote '$made' -isystem '$made' $compile" -MD -MF '"$file.d"' -c '"$file"' -o '"$file.o"'
    objects="$objects $file.o"
done
eval "$compiler -shared $link $objects" -o '"$code"'
cat "$made"/*.d | tr -d '\\' | tr -s ' ' '\n' >>"$used"
printf '%s\n' "$@" | awk 'NR == FNR { used[$0]; next } $0 != "--" && !($0 in used)' "$used" - >"$unused"
rm -rf "$made"
