#!/bin/sh
# trace.sh NN_name [--reference] [FOLDER] - records a run of the chapter's
# demos/trace.c and draws it, as FOLDER/NN_name.svg and .json (for
# ui.perfetto.dev). FOLDER is trace/ in the repository if it is not given.
# The learner's code is run, or the reference's; a run that hangs is ended
# after ten seconds, and one that crashes is drawn as far as it came.
set -eu
bazel=${BAZEL:-bazel}
here=$PWD
cd "$(dirname "$0")/../.."
chapter=${1:?usage: trace.sh NN_name [--reference] [FOLDER]}
shift
code=chapters
if [ "${1:-}" = --reference ]; then
    code=solutions
    shift
fi
case ${1:-} in '') folder=$PWD/trace ;; /*) folder=$1 ;; *) folder=$here/$1 ;; esac
[ -f "chapters/$chapter/demos/trace.c" ] || {
    echo "trace: $chapter has no demos/trace.c" >&2
    exit 2
}

$bazel build --noshow_progress --ui_event_filters=-info "//$code/$chapter:trace" //tools/timeline
bin=$($bazel info --ui_event_filters=-info bazel-bin 2>/dev/null)
recording=$(mktemp)
fresh=
trap 'rm -rf "$recording" ${fresh:+"$fresh"}' EXIT
status=0
COURSE_TRACE=$recording timeout -k 5 10 "$bin/$code/$chapter/trace" || status=$?
case $status in
0) ;;
124 | 137) echo "trace: the program did not end within ten seconds; this is what it did until then" >&2 ;;
*) echo "trace: the program ended with status $status; this is what it did until then" >&2 ;;
esac

# The last line only counts what was lost; without events it is the first.
[ "$(LC_ALL=C grep -acv '^lost' "$recording")" -gt 0 ] || {
    echo "trace: nothing was recorded, so there is nothing to draw" >&2
    exit 1
}

mkdir -p "$folder"
title=$(sed -n '1s/^\/\* trace.c - \(.*\)/\1/p' "chapters/$chapter/demos/trace.c" |
    sed 's/, for the figure\.$//; s/\.$//')
first=$(printf %.1s "$title" | tr '[:lower:]' '[:upper:]')
# Under new names first: a link is replaced, and what it leads to stays.
fresh=$(mktemp -d "$folder/.new.XXXXXX")
"$bin/tools/timeline/timeline" "$recording" --title="$first${title#?}" \
    --svg="$fresh/$chapter.svg" --json="$fresh/$chapter.json"
mv -f "$fresh/$chapter.svg" "$fresh/$chapter.json" "$folder"
echo "drawn: $folder/$chapter.svg"
echo "       $folder/$chapter.json, for ui.perfetto.dev or chrome://tracing"
