// plain_calls.cc - calls that a gate counts or answers by a script, and the
// explorer does not: the code under test is built for both. Nothing of it
// calls one of these while it is explored.
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>

extern "C" {

#define PASS(result, name, parameters, arguments) \
  result __real_##name parameters;                \
  result __wrap_##name parameters { return __real_##name arguments; }

PASS(int, accept, (int listener, sockaddr *address, socklen_t *size),
     (listener, address, size))
PASS(int, connect, (int socket, const sockaddr *address, socklen_t size),
     (socket, address, size))
PASS(int, getaddrinfo,
     (const char *host, const char *port, const addrinfo *hints,
      addrinfo **found),
     (host, port, hints, found))
PASS(int, posix_memalign, (void **memory, size_t alignment, size_t size),
     (memory, alignment, size))
PASS(int, pthread_detach, (pthread_t thread), (thread))
PASS(int, pthread_join, (pthread_t thread, void **result), (thread, result))
PASS(ssize_t, recv, (int socket, void *bytes, size_t size, int flags),
     (socket, bytes, size, flags))
PASS(ssize_t, recvfrom,
     (int socket, void *bytes, size_t size, int flags, sockaddr *from,
      socklen_t *from_size),
     (socket, bytes, size, flags, from, from_size))
PASS(ssize_t, send, (int socket, const void *bytes, size_t size, int flags),
     (socket, bytes, size, flags))
PASS(ssize_t, sendmsg, (int socket, const msghdr *message, int flags),
     (socket, message, flags))
PASS(ssize_t, sendto,
     (int socket, const void *bytes, size_t size, int flags, const sockaddr *to,
      socklen_t to_size),
     (socket, bytes, size, flags, to, to_size))
PASS(int, setsockopt,
     (int socket, int level, int name, const void *value, socklen_t size),
     (socket, level, name, value, size))
PASS(char *, strdup, (const char *text), (text))
PASS(char *, strndup, (const char *text, size_t size), (text, size))

// See tests/support/wrap.cc.
int explore_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*start)(void *), void *argument) {
  return pthread_create(thread, attributes, start, argument);
}

}  // extern "C"
