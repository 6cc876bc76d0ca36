#!/bin/sh
# emulated.sh PROGRAM ARGUMENT... - runs a test of --config=arm64: a program by
# Debian's emulation of an arm64 processor, a script by its shell. A script finds
# in EMULATOR what it has to put before a program that it runs.
set -u
[ "$(uname -m)" != aarch64 ] || exec "$@" # no emulation is needed
EMULATOR=qemu-aarch64-static
QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
export EMULATOR QEMU_LD_PREFIX

refuse() {
    echo "$1: install Debian's package $2"
    exit 1
}

command -v "$EMULATOR" >/dev/null ||
    refuse "there is no $EMULATOR to run programs for arm64" qemu-user-static
[ -e "$QEMU_LD_PREFIX/lib/ld-linux-aarch64.so.1" ] ||
    refuse "there is no C library for arm64 in $QEMU_LD_PREFIX" g++-aarch64-linux-gnu

case $(head -c 2 "$1") in
'#!') exec "$@" ;;
*) exec "$EMULATOR" "$@" ;;
esac
