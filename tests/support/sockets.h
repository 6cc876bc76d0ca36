// sockets.h - a kernel that is as awkward as the real one may be, on demand.
//
// accept4() and accept(), connect(), setsockopt(), recv(), send() and their
// kin, and timerfd_settime(), of the code under test pass through here.
// Everything is off until a test turns it on; a test begins with it off.
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <cstddef>

namespace gate {

struct Sockets {
  static void Reset();

  // recv() and send() move at most so many bytes at a time; 0: no limit.
  static void ShortTransfers(size_t limit);

  // send() takes at most so many bytes, and has then no room, once: EAGAIN. No
  // event says that there is room again; that is the test's to do.
  static void SmallRoom(size_t most);

  // Every second call that receives or sends fails with EINTR first.
  static void Interrupt(bool on);

  // The next `count` calls of accept4() or accept() fail with `error`.
  static void FailAccepts(int error, int count);

  // The next connect() does as it is told, and reports `error`.
  static void FailConnect(int error);

  // The next connect() is from the port that it goes to: nobody listens there,
  // and the kernel has happened to choose it.
  static void ConnectFromThePortItself();

  // The next setsockopt() fails with `error`.
  static void FailOption(int error);

  // The next send() and its kin fails with `error`.
  static void FailSend(int error);

  // The next `count` calls that receive, or send, fail with EAGAIN; of those
  // that send, every one, or every second.
  static void ReceiveNothing(int count);
  static void SendNothing(int count, int every = 1);

  // From now on no alarm goes off (timerfd_settime()), until the test says
  // so: the one that was set last, then, within the nanosecond.
  static void HoldAlarms(bool on);
  static void RingAlarm();
  static long alarm_milliseconds();  // what it was set to; 0: none was set

  // The next getaddrinfo() finds these addresses, in this order.
  static void ResolveTo(const char *first, const char *second);

  // Calls so far, failed ones included.
  static int accepts();
  static int connects();
  static int options();   // setsockopt()
  static int receives();  // recv() and recvfrom()
  static int sends();     // send(), sendmsg() and sendto()

  // A send() without MSG_NOSIGNAL was seen.
  static bool sent_without_nosignal();
};

}  // namespace gate

#endif
