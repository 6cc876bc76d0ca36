#!/bin/sh
# c11_fence_warning.sh - gcc's warning of fences under ThreadSanitizer is never
# shown for C11's atomic_thread_fence().
#
# Seen: gcc 12.2.0 (Debian). With -fsanitize=thread, -Wtsan (on by default) warns that
# fences are not supported. It does for the built-in __atomic_thread_fence() and, since
# that calls it, for C++'s. C11's atomic_thread_fence() is a macro of <stdatomic.h>, a
# system header, and warnings of what such a macro expands to are left out, so C gets
# none, also with -Wall -Wextra -Wtsan; -Wsystem-headers shows it. What it would have
# warned of does happen: data that a release and an acquire fence order is
# reported as a race, which is false.
# What to do: let the atomic operations themselves release and acquire.
#
# Needs apt-get, dpkg-deb, libc's headers, as and ld; downloads pinned packages (32 MB).
set -eu
version=12.2.0-14+deb12u1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

for package in gcc-12 cpp-12 libgcc-12-dev libtsan2; do
    apt-get download -qq "$package=$version"
done
for file in *.deb; do dpkg-deb -x "$file" .; done
gcc=$folder/usr/bin/x86_64-linux-gnu-gcc-12

cat >c11.c <<'END'
#include <pthread.h>
#include <stdatomic.h>

#ifdef BUILT_IN
#undef atomic_thread_fence
#define atomic_thread_fence __atomic_thread_fence
#endif

static int data;
static atomic_int is_there;

static void *write_data(void *unused)
{
    data = 42;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&is_there, 1, memory_order_relaxed);
    return unused;
}

int main(void)
{
    pthread_t writer;

    pthread_create(&writer, 0, write_data, 0);
    while (!atomic_load_explicit(&is_there, memory_order_relaxed)) {}
    atomic_thread_fence(memory_order_acquire);
    int seen = data;
    pthread_join(writer, 0);
    return seen == 42 ? 0 : 1;
}
END

warnings() { # warnings FLAGS...
    "$gcc" -g -O1 -Wall -Wextra -fsanitize=thread "$@" -c c11.c -o c11.o 2>&1 | grep -c 'warning:.*\[-Wtsan\]$' || :
}
said="built-in: $(warnings -DBUILT_IN), C11: $(warnings -Wtsan), C11 with -Wsystem-headers: $(warnings -Wsystem-headers)"
warnings >/dev/null
"$gcc" c11.o -fsanitize=thread -pthread -o c11
LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu ./c11 2>report || :
said="$said, false races: $(grep -c 'WARNING: ThreadSanitizer: data race' report || :)"
echo "$said"
expected='built-in: 2, C11: 0, C11 with -Wsystem-headers: 2, false races: 1'
[ "$said" = "$expected" ] || { echo "expected: $expected" && cat report && exit 1; }
echo "as seen with gcc $version"
