# shellcheck shell=sh
# manifest.sh - the one reader of tools/chapters.bzl outside of Bazel, and the
# door to that of steps.txt. Sourced.

# chapter_table ROOT: one line a chapter: folder|title|lecture|lab
chapter_table() {
    sed -n 's/^    ("\([0-9][0-9]_[a-z_]*\)", "\([^"]*\)", \([0-9]*\), \([0-9]*\), .*/\1|\2|\3|\4/p' \
        "$1/tools/chapters.bzl"
}

# manifest_list ROOT NAME: the entries of the list or table NAME (EXPLORING,
# EXPLORED, SOURCES), one a line: a chapter's folder, and the names that belong to it
manifest_list() {
    awk -v table="$2 = " 'index($0, table) == 1 { on = 1 }
        on && /"/ { gsub(/[^a-z0-9_. ]/, " "); $1 = $1; print }
        /^[]}]/ { on = 0 }' "$1/tools/chapters.bzl"
}

# steps_table ROOT FOLDER: a line `step<TAB>key<TAB>value` for each value
steps_table() {
    awk -f "$1/tools/steps.awk" "$1/tests/$2/steps.txt"
}

# chapter_folders ROOT: one folder a line
chapter_folders() {
    chapter_table "$1" | cut -d'|' -f1
}

# chapter_sources ROOT FOLDER: the names of the chapter's own files, one a line
chapter_sources() {
    manifest_list "$1" SOURCES | awk -v chapter="$2" '$1 == chapter { for (i = 2; i <= NF; i++) print $i }'
}
