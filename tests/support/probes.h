// probes.h - what gates count with: wakers, futures, allocations,
// descriptors, threads, CPU time.
//
// Probes keep their counters on a board in memory that the runner shares with
// the step's process, so that a hang or a crash can still be explained.
#ifndef TESTS_SUPPORT_PROBES_H
#define TESTS_SUPPORT_PROBES_H

#include <iosfwd>
#include <string>

extern "C" {
#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"
}

// For GoogleTest: the enumerator's name.
void PrintTo(enum poll poll, std::ostream *stream);

namespace gate {

// A waker that counts. All its clones share one data pointer, as Rust's
// Arc-backed wakers do, so waker_will_wake() between them is true. Any thread
// may use the waker. The probe outlives its wakers.
class WakerProbe {
 public:
  explicit WakerProbe(const char *name = "waker");
  ~WakerProbe();
  WakerProbe(const WakerProbe &) = delete;
  WakerProbe &operator=(const WakerProbe &) = delete;

  struct context *context();          // borrows the probe's own waker
  const struct waker *waker() const;  // the probe's own; do not consume it

  int clones() const;
  int wakes() const;  // by value and by reference
  int wakes_by_value() const;
  int wakes_by_ref() const;
  int drops() const;         // drops without a wake
  int live() const;          // clones - drops - wakes_by_value
  bool overdropped() const;  // live() was negative once: a double drop
  void Reset();              // counters to zero; live wakers stay counted

 private:
  int slot_;
  struct waker waker_;
  struct context context_;
};

// A leaf future that is scripted and counted. It may be copied into a
// combinator or task until its first poll; all copies share the counters.
//
//   FutureProbe leaf("left");       pending until Complete()
//   FutureProbe leaf("left", 2, 7); pending twice (it wakes itself), then
//                                   ready with result 7
struct probe_future {      // what code under test handles
  struct int_future base;  // result: as scripted
  int slot;
};

class FutureProbe {
 public:
  explicit FutureProbe(const char *name, int pending_polls = -1,
                       int result = 0);
  ~FutureProbe();
  FutureProbe(const FutureProbe &) = delete;
  FutureProbe &operator=(const FutureProbe &) = delete;

  struct future *future();                   // the probe's own instance
  struct int_future *int_future();           // the same
  const struct probe_future &value() const;  // to copy into a task

  // Makes it ready with `result` and wakes the latest waker, once. Any thread.
  void Complete(int result = 0);

  int polls() const;
  int drops() const;
  int polls_after_ready() const;
  int polls_after_drop() const;
  bool moved() const;        // polled or dropped elsewhere than first polled
  bool holds_waker() const;  // pending, and its waker is still there
  bool is_ready() const;     // has returned POLL_READY

 private:
  int slot_;
  struct probe_future own_;
};

// Allocations of the code under test (malloc and its family, at link time).
struct Allocations {
  static void Begin();            // a test begins: counts start at nought
  static long live();             // allocated and not freed, since then
  static long total();            // made since then
  static void FailNth(long nth);  // the nth from now returns NULL; 0: none
  static bool failed();           // the armed failure has happened
  // Since then, of small blocks that were freed not long ago:
  static bool written_after_free();
  static bool freed_twice();
  // What a read after the free finds, from now to the end of the test.
  static void FillFreedWith(unsigned char byte);
};

int OpenDescriptors();  // of this process now
int LiveThreads();      // started by the code under test and not finished
                        // (counted at link time: pthread_create and co.)
// The nth pthread_create() from now fails with EAGAIN, once; 0: none.
void FailNthThread(long nth);

// How often the code under test has called pthread_cond_wait(). It is counted
// with the caller's mutex held: who takes that mutex afterwards knows that the
// caller waits.
int ConditionWaits();

// The same of pthread_cond_timedwait().
int TimedConditionWaits();

// Until when the latest pthread_cond_timedwait() of the code under test waits,
// in seconds of whatever clock that is.
long LatestTimedWait();

// True once that thread of this process (gettid()) is asleep in the kernel:
// what it does next is up to somebody else. 0 is no thread.
bool IsAsleep(int thread);

// Waits, without sleeping on a fixed time, until `condition` holds; false
// after ten seconds (one, if the step has waited in vain before), or when
// TodoReached(). For events of other threads
// only: a test never waits for time to pass.
bool Eventually(const char *what, bool (*condition)(void *), void *data);
template <typename F>
bool Eventually(const char *what, F condition) {
  return Eventually(
      what, [](void *data) { return bool((*static_cast<F *>(data))()); },
      &condition);
}

// True once the code under test ran over a TODO that this step, or one before
// it, asks for: there is no use in waiting for what that code should do.
bool TodoReached();

// CPU and wall time of a stretch of code.
class Stopwatch {
 public:
  Stopwatch();
  double cpu_seconds() const;  // of the whole process
  double wall_seconds() const;

 private:
  double cpu_, wall_;
};

// Polls `future` with `probe`'s context and records the poll on the board; a
// poll that was not asked for by a wake is fine here (tests poll by hand).
enum poll Poll(struct future *future, WakerProbe &probe);

// Polls until ready, only ever after a wake, at most `limit` times; fails the
// test (and says who was never woken) when it is pending with no wake due or
// spins. Returns true when ready. For futures that complete on one thread.
bool PollToEnd(struct future *future, WakerProbe &probe, int limit = 1000);

// Says in a hang report what the step was doing: "joining the worker".
void Note(const char *format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace gate

#endif
