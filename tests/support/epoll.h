// epoll.h - epoll as the code under test sees it: counted, and on demand by a
// script instead of the kernel's.
//
// epoll_create1(), epoll_ctl(), epoll_wait(), eventfd() and write() of the
// code under test pass through here. Until a test scripts something, the
// kernel answers. A test begins with nothing scripted and all counts at zero.
#ifndef TESTS_SUPPORT_EPOLL_H
#define TESTS_SUPPORT_EPOLL_H

#include <cstdint>
#include <vector>

namespace gate {

struct Epoll {
  struct Event {
    int descriptor;  // one that is registered, or was
    uint32_t events;
  };

  static void Reset();

  // The next epoll_wait() returns these, in this order, and does not ask the
  // kernel. Each carries the token with which its descriptor was added last.
  static void Deliver(const std::vector<Event> &events);

  // The same with tokens of your own.
  static void DeliverTokens(
      const std::vector<std::pair<uint64_t, uint32_t>> &events);

  // The next epoll_wait(), or EPOLL_CTL_ADD, fails with `error`.
  static void FailNextWait(int error);
  static void FailNextAdd(int error);

  // From now on epoll_wait() without a script finds nothing, and returns at
  // once whatever its timeout: for code that would sleep.
  static void Silence(bool on);

  static int waits();           // calls of epoll_wait()
  static int sleeps();          // of these, with a timeout that is not 0
  static int last_timeout();    // of the last one, in milliseconds
  static int last_room();       // of the last one: how many events fit
  static int adds();            // EPOLL_CTL_ADD that succeeded
  static int changes();         // EPOLL_CTL_MOD
  static int removes();         // EPOLL_CTL_DEL that succeeded
  static int eventfd_writes();  // write() to an eventfd
  static bool is_sleeping();    // a thread is in an epoll_wait() that sleeps
  static uint32_t events_of(int descriptor);  // as it was added; 0: never
  static uint64_t token_of(int descriptor);   // the same
};

}  // namespace gate

#endif
