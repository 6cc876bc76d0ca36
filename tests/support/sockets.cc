// sockets.cc - scripted answers in front of three system calls (--wrap).
#include "tests/support/sockets.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

extern "C" {
int __real_accept4(int socket, struct sockaddr *address, socklen_t *size,
                   int flags);
ssize_t __real_recv(int socket, void *bytes, size_t size, int flags);
int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **result);
ssize_t __real_send(int socket, const void *bytes, size_t size, int flags);
}

namespace {

std::atomic<size_t> limit;
std::atomic<bool> interrupt, without_nosignal;
std::atomic<int> accept_error, accept_failures;
const char *resolved[2];
std::atomic<int> accepts, receives, sends;

bool IsInterrupted(int call) {
  if (!interrupt || call % 2 == 0) return false;
  errno = EINTR;
  return true;
}

size_t Limited(size_t size) {
  size_t most = limit;
  return most == 0 ? size : std::min(size, most);
}

}  // namespace

extern "C" {

int __wrap_accept4(int socket, struct sockaddr *address, socklen_t *size,
                   int flags) {
  accepts++;
  if (accept_failures > 0 && accept_failures-- > 0) {
    errno = accept_error;
    return -1;
  }
  return __real_accept4(socket, address, size, flags);
}

// Two answers chained into one; freeaddrinfo() frees entry by entry.
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **result) {
  if (resolved[0] == nullptr)
    return __real_getaddrinfo(host, port, hints, result);
  int error = __real_getaddrinfo(resolved[0], port, hints, result);
  if (error == 0)
    error = __real_getaddrinfo(resolved[1], port, hints, &(*result)->ai_next);
  resolved[0] = nullptr;
  return error;
}

ssize_t __wrap_recv(int socket, void *bytes, size_t size, int flags) {
  if (IsInterrupted(++receives)) return -1;
  return __real_recv(socket, bytes, Limited(size), flags);
}

ssize_t __wrap_send(int socket, const void *bytes, size_t size, int flags) {
  if ((flags & MSG_NOSIGNAL) == 0) without_nosignal = true;
  if (IsInterrupted(++sends)) return -1;
  return __real_send(socket, bytes, Limited(size), flags);
}

}  // extern "C"

namespace gate {

void Sockets::Reset() {
  limit = 0;
  resolved[0] = nullptr;
  interrupt = without_nosignal = false;
  accept_failures = accept_error = 0;
  ::accepts = ::receives = ::sends = 0;
}

void Sockets::ResolveTo(const char *first, const char *second) {
  resolved[0] = first;
  resolved[1] = second;
}

void Sockets::ShortTransfers(size_t most) { limit = most; }
void Sockets::Interrupt(bool on) { interrupt = on; }
void Sockets::FailAccepts(int error, int count) {
  accept_error = error;
  accept_failures = count;
}
int Sockets::accepts() { return ::accepts; }
int Sockets::receives() { return ::receives; }
int Sockets::sends() { return ::sends; }
bool Sockets::sent_without_nosignal() { return without_nosignal; }

}  // namespace gate
