# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# setup.sh - finds out what the machine lacks and installs it with apt, after
# a question. Sourced. What the list is for:
#   bazel-bootstrap   Bazel 4.2 as Debian packages it, with its JDK
#   g++               compiles the course (C) and its gates (C++)
#   googletest        the sources that the gates are built with
#   patch             plants the bugs that prove the gates

have() { command -v "$1" >/dev/null 2>&1; }

missing_packages() {
    [ -n "$(find_bazel)" ] || echo bazel-bootstrap
    have g++ && have gcc || echo g++
    [ -d /usr/src/googletest/googletest ] || echo googletest
    have patch || echo patch
}

# install_command SUDO: what a person would type
install_command() {
    echo "$1apt-get update && $1apt-get install --no-install-recommends $packages"
}

# refuse WHY [SUDO]
refuse() {
    complain "$1"
    if [ -n "${2:-}" ]; then who=''; else who=' as root'; fi
    printf 'Run this%s, then ./course again:\n    %s\n' "$who" "$(install_command "${2:-}")" >&2
    exit 1
}

# without_apt: GoogleTest is fetched then, by checksum
without_apt() {
    packages=$(echo "$packages" | sed 's/ *googletest//')
    [ -n "$packages" ] || return 0
    complain "this system has no apt, and the course still needs: $packages"
    cat >&2 <<TEXT
Install gcc and g++ (11 or newer) and patch with your package manager:
    Fedora   dnf install gcc gcc-c++ patch
    Arch     pacman -S --needed gcc patch
$(how_to_bazel)
Then run ./course again.
TEXT
    exit 1
}

# become_root: sets `sudo` to what gives apt its rights, or refuses
become_root() {
    sudo=''
    [ "$(id -u)" -ne 0 ] || return 0
    have sudo || refuse "missing: $packages; only root may install, and there is no sudo"
    sudo='sudo '
    [ -t 0 ] || sudo -n true 2>/dev/null ||
        refuse "missing: $packages; sudo cannot ask for a password here" "$sudo"
}

# offered PACKAGE: does apt have it, and Bazel in a version that fits?
offered() {
    have apt-cache || return 0
    candidate=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
    case $1:$candidate in
    *: | *:'(none)') return 1 ;;
    bazel*) fits "$(plain_version "$candidate")" ;;
    esac
}

# install_packages: what apt offers of them; the rest is in `refused`
install_packages() {
    $sudo apt-get update -q || refuse "apt did not succeed" "$sudo"
    wanted=$packages packages='' refused=''
    for package in $wanted; do
        if offered "$package"; then packages="$packages $package"; else refused="$refused $package"; fi
    done
    packages=${packages# } refused=${refused# }
    # shellcheck disable=SC2086 # a list of words
    [ -z "$packages" ] || $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $packages ||
        refuse "apt did not succeed" "$sudo"
}

# still_missing: GoogleTest is fetched, by checksum, where apt has none
still_missing() {
    lacking=$(missing_packages | grep -v '^googletest$' | tr '\n' ' ')
    [ -n "$lacking" ] || return 0
    case " $refused" in
    *' bazel'*)
        complain "this system's apt has no Bazel that fits"
        printf '%s\nThen run ./course again.\n' "$(how_to_bazel)" >&2
        exit 1
        ;;
    esac
    fail "still missing: $lacking"
}

set_up() {
    [ "$(uname -s)" = Linux ] ||
        fail "the course needs Linux (epoll, futex); a virtual machine or a container will do"
    packages=$(missing_packages | tr '\n' ' ' | sed 's/ $//')
    need_bazel_that_fits
    [ -n "$packages" ] || return 0
    have apt-get || { without_apt && return; }
    [ "$packages" != googletest ] || offered googletest || return 0
    become_root
    printf 'Missing: %s\nTo run:  %s\n' "$packages" "$(install_command "$sudo")"
    case $packages in
    *bazel*) echo "With all that Bazel needs: 250 MB to download, 800 MB on the disk." ;;
    esac
    ask "Go ahead?"
    case $? in
    1) refuse "nothing was installed" "$sudo" ;;
    2) refuse "nothing was installed: no terminal to ask on (--yes does not ask)" "$sudo" ;;
    esac
    install_packages
    still_missing
    need_bazel_that_fits
    echo
}

# need_tools: for the commands that build; sets `bazel`
need_tools() {
    bazel=$(find_bazel)
    { [ -n "$bazel" ] && have gcc; } || fail "set-up is not done yet: run ./course"
    ! grep -qs output_user_root "$root/.bazelrc.user" || return 0
    cache=${HOME:-/nonexistent}/.cache
    is_plain "$cache" || no_cache "and cannot: a space, or a letter such as ä or é, is in its name"
    { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null || no_cache "which cannot be written"
}

# no_cache WHY
no_cache() {
    complain "Bazel keeps its files in $cache, $1"
    cat >&2 <<TEXT
Name another folder in $root/.bazelrc.user, with the line
    startup --output_user_root=/tmp/bazel-$(id -u)
TEXT
    exit 1
}
