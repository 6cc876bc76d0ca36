#!/bin/sh
# wrapped_pthread_create.sh - gcc's own library answers --wrap=pthread_create.
#
# Seen: libgcc.a of gcc 12.2.0 for x86-64 (Debian's libgcc-12-dev) has a function
# __wrap_pthread_create, for programs with -fsplit-stack. A shared object whose
# link says --wrap=pthread_create and that leaves the counterpart to whoever loads
# it does not get that one: the linker takes libgcc's in, hides it in the object,
# and says nothing. The wrapper that the program has is never called. The
# library for arm64 has no such function, so there the same build works.
# What to do: rename the call for the compiler (-Dpthread_create=...) instead.
#
# Needs apt-get, dpkg-deb, gcc and nm; downloads two pinned packages (3 MB).
set -eu
version=12.2.0-14+deb12u1
cross_version=12.2.0-14cross1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

for package in libgcc-12-dev=$version libgcc-12-dev-arm64-cross=$cross_version; do
    apt-get download -qq "$package"
done
for file in *.deb; do dpkg-deb -x "$file" .; done
native=$(find . -path '*/x86_64-linux-gnu/12/libgcc.a')
cross=$(find . -path '*/aarch64-linux-gnu/12/libgcc.a')

cat >starts.c <<'END'
#include <pthread.h>

int start(pthread_t *thread, void *(*run)(void *))
{
    return pthread_create(thread, 0, run, 0);
}
END
gcc -fPIC -c starts.c -o starts.o
gcc -nostdlib -shared -Wl,--wrap=pthread_create starts.o "$native" -o starts.so

holds() { nm "$1" 2>/dev/null | grep -c ' [Tt] __wrap_pthread_create$' || :; }
said="libgcc.a for x86-64: $(holds "$native"), for arm64: $(holds "$cross"), in the shared object: $(holds starts.so)"
echo "$said"
expected='libgcc.a for x86-64: 1, for arm64: 0, in the shared object: 1'
[ "$said" = "$expected" ] || { echo "expected: $expected" && exit 1; }
nm starts.so | grep -q ' t __wrap_pthread_create$' || { echo 'it is not hidden any more' && exit 1; }
echo "as seen with gcc $version"
