// sockets.h - a kernel that is as awkward as the real one may be, on demand.
//
// accept4(), recv() and send() of the code under test pass through here.
// Everything is off until a test turns it on; a test begins with it off.
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <cstddef>

namespace gate {

struct Sockets {
  static void Reset();

  // recv() and send() move at most so many bytes at a time; 0: no limit.
  static void ShortTransfers(size_t limit);

  // Every second recv() and send() fails with EINTR first.
  static void Interrupt(bool on);

  // The next `count` calls of accept4() fail with `error`.
  static void FailAccepts(int error, int count);

  // The next getaddrinfo() finds these addresses, in this order.
  static void ResolveTo(const char *first, const char *second);

  // Calls so far, failed ones included.
  static int accepts();
  static int receives();
  static int sends();

  // A send() without MSG_NOSIGNAL was seen.
  static bool sent_without_nosignal();
};

}  // namespace gate

#endif
