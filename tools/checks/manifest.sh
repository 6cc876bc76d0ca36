# shellcheck shell=sh
# manifest.sh - reads tools/chapters.bzl for shell tools. Sourced.

# chapter_table ROOT: one line a chapter: folder|title|lecture|lab
chapter_table() {
    sed -n 's/^    ("\([0-9][0-9]_[a-z_]*\)", "\([^"]*\)", \([0-9]*\), \([0-9]*\), .*/\1|\2|\3|\4/p' \
        "$1/tools/chapters.bzl"
}

# chapter_folders ROOT: one folder a line
chapter_folders() {
    chapter_table "$1" | cut -d'|' -f1
}
