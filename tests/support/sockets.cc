// sockets.cc - scripted answers in front of a few system calls (--wrap).
#include "tests/support/sockets.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "tests/explore/ticks.h"

extern "C" {
int __real_accept4(int socket, struct sockaddr *address, socklen_t *size,
                   int flags);
ssize_t __real_recv(int socket, void *bytes, size_t size, int flags);
int __real_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **result);
ssize_t __real_send(int socket, const void *bytes, size_t size, int flags);
int __real_connect(int socket, const struct sockaddr *address, socklen_t size);
ssize_t __real_recvfrom(int socket, void *bytes, size_t size, int flags,
                        struct sockaddr *from, socklen_t *from_size);
ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
int __real_setsockopt(int socket, int level, int name, const void *value,
                      socklen_t size);
int __real_timerfd_settime(int descriptor, int flags,
                           const struct itimerspec *value,
                           struct itimerspec *old);
ssize_t __real_sendto(int socket, const void *bytes, size_t size, int flags,
                      const struct sockaddr *to, socklen_t to_size);
}

namespace {

std::atomic<size_t> limit, room;
std::atomic<bool> is_full;
std::atomic<bool> interrupt, without_nosignal;
std::atomic<int> accept_error, accept_failures;
const char *resolved[2];
std::atomic<int> connect_error, option_error, send_error, no_receives, no_sends;
std::atomic<int> no_sends_every{1};
std::atomic<bool> from_itself;
std::atomic<int> accepts, connects, options, receives, sends;

std::atomic<bool> alarms_are_held;
std::atomic<int> alarm_descriptor;
std::atomic<long> alarm_milliseconds;

// True if this call fails by the script, with errno set.
bool Fails(int call, std::atomic<int> &nothing) {
  bool is_nothing = nothing > 0 && nothing-- > 0;
  if (!is_nothing && (!interrupt || call % 2 == 0)) return false;
  errno = is_nothing ? EAGAIN : EINTR;
  return true;
}

// As above, for a call that sends.
bool SendFails(int call) {
  static std::atomic<int> none;
  if (send_error == 0)
    return Fails(call, call % no_sends_every == 0 ? no_sends : none);
  errno = send_error.exchange(0);
  return true;
}

void NoteFlags(int flags) {
  if ((flags & MSG_NOSIGNAL) == 0) without_nosignal = true;
}

size_t Limited(size_t size) {
  size_t most = limit;
  return most == 0 ? size : std::min(size, most);
}

}  // namespace

extern "C" {

int __wrap_accept4(int socket, struct sockaddr *address, socklen_t *size,
                   int flags) {
  explore::Call call;
  accepts++;
  if (accept_failures > 0 && accept_failures-- > 0) {
    errno = accept_error;
    return -1;
  }
  return __real_accept4(socket, address, size, flags);
}

// What accept() does, too: it is accept4() without flags.
int __wrap_accept(int socket, struct sockaddr *address, socklen_t *size) {
  explore::Call call;
  return __wrap_accept4(socket, address, size, 0);
}

// Two answers chained into one; freeaddrinfo() frees entry by entry.
int __wrap_getaddrinfo(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **result) {
  explore::Call call;
  if (resolved[0] == nullptr)
    return __real_getaddrinfo(host, port, hints, result);
  int error = __real_getaddrinfo(resolved[0], port, hints, result);
  if (error == 0)
    error = __real_getaddrinfo(resolved[1], port, hints, &(*result)->ai_next);
  resolved[0] = nullptr;
  return error;
}

int __wrap_connect(int socket, const struct sockaddr *address, socklen_t size) {
  explore::Call call;
  connects++;
  if (from_itself.exchange(false)) {
    int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bind(socket, address, size);
  }
  int result = __real_connect(socket, address, size);
  if (connect_error == 0) return result;
  errno = connect_error.exchange(0);
  return -1;
}

int __wrap_setsockopt(int socket, int level, int name, const void *value,
                      socklen_t size) {
  explore::Call call;
  options++;
  if (option_error == 0)
    return __real_setsockopt(socket, level, name, value, size);
  errno = option_error.exchange(0);
  return -1;
}

int __wrap_timerfd_settime(int descriptor, int flags,
                           const struct itimerspec *value,
                           struct itimerspec *old) {
  static const struct itimerspec kNever = {};
  explore::Call call;
  alarm_descriptor = descriptor;
  alarm_milliseconds =
      value->it_value.tv_sec * 1000 + value->it_value.tv_nsec / 1000000;
  return __real_timerfd_settime(descriptor, flags,
                                alarms_are_held ? &kNever : value, old);
}

ssize_t __wrap_recv(int socket, void *bytes, size_t size, int flags) {
  explore::Call call;
  if (Fails(++receives, no_receives)) return -1;
  return __real_recv(socket, bytes, Limited(size), flags);
}

ssize_t __wrap_recvfrom(int socket, void *bytes, size_t size, int flags,
                        struct sockaddr *from, socklen_t *from_size) {
  explore::Call call;
  if (Fails(++receives, no_receives)) return -1;
  return __real_recvfrom(socket, bytes, size, flags, from, from_size);
}

ssize_t __wrap_send(int socket, const void *bytes, size_t size, int flags) {
  explore::Call call;
  NoteFlags(flags);
  if (SendFails(++sends)) return -1;
  if (room == 0) return __real_send(socket, bytes, Limited(size), flags);
  if (is_full.exchange(false)) {
    errno = EAGAIN;
    return -1;
  }
  is_full = size > room;
  return __real_send(socket, bytes, std::min(size, size_t(room)), flags);
}

ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags) {
  explore::Call call;
  NoteFlags(flags);
  if (SendFails(++sends)) return -1;
  return __real_sendmsg(socket, message, flags);
}

ssize_t __wrap_sendto(int socket, const void *bytes, size_t size, int flags,
                      const struct sockaddr *to, socklen_t to_size) {
  explore::Call call;
  if (SendFails(++sends)) return -1;
  return __real_sendto(socket, bytes, size, flags, to, to_size);
}

}  // extern "C"

namespace gate {

void Sockets::Reset() {
  limit = room = 0;
  is_full = false;
  resolved[0] = nullptr;
  interrupt = without_nosignal = false;
  accept_failures = accept_error = connect_error = option_error = 0;
  from_itself = alarms_are_held = false;
  ::alarm_milliseconds = 0;
  no_receives = no_sends = send_error = 0;
  no_sends_every = 1;
  ::accepts = ::connects = ::options = ::receives = ::sends = 0;
}

void Sockets::ResolveTo(const char *first, const char *second) {
  resolved[0] = first;
  resolved[1] = second;
}

void Sockets::ShortTransfers(size_t most) { limit = most; }
void Sockets::SmallRoom(size_t most) { room = most; }
void Sockets::Interrupt(bool on) { interrupt = on; }
void Sockets::FailAccepts(int error, int count) {
  accept_error = error;
  accept_failures = count;
}
void Sockets::FailConnect(int error) { connect_error = error; }
void Sockets::ConnectFromThePortItself() { from_itself = true; }
void Sockets::HoldAlarms(bool on) { alarms_are_held = on; }
void Sockets::RingAlarm() {
  static const struct itimerspec kAtOnce = {{}, {0, 1}};
  __real_timerfd_settime(alarm_descriptor, 0, &kAtOnce, nullptr);
}
long Sockets::alarm_milliseconds() { return ::alarm_milliseconds; }
void Sockets::FailOption(int error) { option_error = error; }
void Sockets::FailSend(int error) { send_error = error; }
void Sockets::ReceiveNothing(int count) { no_receives = count; }
void Sockets::SendNothing(int count, int every) {
  no_sends_every = every;
  no_sends = count;
}
int Sockets::accepts() { return ::accepts; }
int Sockets::connects() { return ::connects; }
int Sockets::options() { return ::options; }
int Sockets::receives() { return ::receives; }
int Sockets::sends() { return ::sends; }
bool Sockets::sent_without_nosignal() { return without_nosignal; }

}  // namespace gate
