# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared
# setup.sh - finds out what the machine lacks and installs it with apt, after
# a question. Sourced. What the list is for:
#   bazel-bootstrap   Bazel 4.2 as Debian packages it, with its JDK
#   g++               compiles the course (C) and its gates (C++)
#   googletest        the sources that the gates are built with
#   patch             plants the bugs that prove the gates

have() { command -v "$1" >/dev/null 2>&1; }

# find_bazel: the command that runs Bazel; nothing if there is none
find_bazel() {
    if [ -n "${BAZEL:-}" ]; then
        echo "$BAZEL"
    else
        command -v bazel || command -v bazelisk
    fi
}

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

without_apt() {
    complain "this system has no apt, and the course needs: $packages"
    cat >&2 <<'TEXT'
Install with your package manager: Bazel 4.2 or Bazelisk, gcc and g++ 12 or
newer, patch; GoogleTest is fetched, by checksum. Then run ./course again.
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

install_packages() {
    # shellcheck disable=SC2086 # lists of words
    {
        $sudo apt-get update -q &&
            $sudo env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends $packages
    } || refuse "apt did not succeed" "$sudo"
}

set_up() {
    [ "$(uname -s)" = Linux ] ||
        fail "the course needs Linux (epoll, futex); a virtual machine or a container will do"
    packages=$(missing_packages | tr '\n' ' ' | sed 's/ $//')
    [ -n "$packages" ] || return 0
    have apt-get || without_apt
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
    [ -z "$(missing_packages)" ] || fail "still missing:" "$(missing_packages | tr '\n' ' ')"
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
