// explore.h - every run of a few threads, one after the other.
//
// A scenario is a set-up, two to four threads and an end. Explore() runs it
// again and again: on one thread of the machine, with a schedule that it
// chooses, and with every value that C11 allows an atomic load to return. The
// code under test is the learner's plain C: atomics, mutexes, condition
// variables, futex waits, malloc. A run fails
//
//   - if Check() finds something false, or the code panics or crashes;
//   - if two threads race for plain memory (C11, 5.1.2.4 p25);
//   - if freed memory is used, or freed again, or memory is never freed;
//   - if all threads wait (a deadlock, a lost wake-up), or spin for ever.
//
// The first failing run is told as a schedule in columns, a thread each.
// What is explored and what is not: tests/explore/README.md.
//
//   static struct parker parker;
//   static explore::Var<int> news;
//
//   TEST_F(ParkerStep, NewsArriveInAnyOrder) {
//     explore::Scenario scenario;
//     scenario.setup = [] {
//       parker_init(&parker);
//       explore::Name(&parker.state, "parker.state");
//       news.Init(0, "news");
//     };
//     scenario.Thread("parks", [] {
//       parker_park(&parker);
//       explore::Check(news.Get() == 1, "K3: the news of the unpark");
//     });
//     scenario.Thread("unparks", [] {
//       news.Set(1);
//       parker_unpark(&parker);
//     });
//     EXPECT_HOLDS(scenario);
//   }
//
// Set-up runs anew before each execution and brings all that the threads
// share to where it was; so do not rely on anything of the run before. A run
// that fails is left in the middle: keep no C++ object with a destructor on
// the stack of a thread of the scenario, and use no EXPECT_ in there.
#ifndef TESTS_EXPLORE_EXPLORE_H
#define TESTS_EXPLORE_EXPLORE_H

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace explore {

// False where the code under test is built without the hooks: under the
// sanitizers, which have hooks of their own. Explore() does nothing there, and
// holds.
bool IsOn();

struct Options {
  // -1: all interleavings, each once (up to the order of what does not
  // matter). n: those with at most n switches away from a thread that could
  // have gone on; the search then does not know which runs are the same.
  int preemptions = -1;
  long executions = 200000;  // no more than these; see Result::complete
  int steps = 2000;          // visible operations a run; more is a livelock
  // Loads may return old values, and a store may come before others in the
  // modification order that ran before it. Off: only the newest, only last.
  bool stale_loads = true;
  bool reorder_stores = true;
  int spurious = 0;  // so many weak compare-exchanges a run fail for no reason
  int spurious_wakes = 0;  // so many futex and condition waits a run do
  // So many waits a run time out when others could go on; and as many as
  // it takes when nobody can.
  int timeouts = 1;
  bool leaks = true;  // what is allocated must be freed by the end
  // > 0: so many runs by random priorities (PCT) in place of the search.
  long random_runs = 0;
  int random_switches = 3;  // points at which the running thread drops back
  unsigned seed = 1;
  // True: the search may end at its limit, and that is no failure.
  bool may_be_incomplete = false;
};

struct Result {
  bool failed = false;
  bool complete = true;  // every run was tried, up to the options
  bool skipped = false;  // IsOn() is false
  std::string what;      // "data race on news", one line; empty if it holds
  std::string story;     // all of it: schedule, sentence, how to replay
  std::string replay;    // of the failing run, for EXPLORE_REPLAY
  long executions = 0;   // runs to their end
  long cut = 0;          // runs given up half-way as the same as others
  long steps = 0;        // visible operations in all
  double seconds = 0;
};

struct Scenario {
  std::function<void()> setup;   // before all threads
  std::function<void()> finish;  // after all threads have ended
  struct Body {
    const char *name;
    std::function<void()> run;
  };
  std::vector<Body> threads;

  void Thread(const char *name, std::function<void()> run) {
    threads.push_back({name, std::move(run)});
  }
};

// Not from two threads at a time. With EXPLORE_REPLAY in the environment,
// runs only that execution, and tells it, failed or not.
Result Explore(const Scenario &scenario, const Options &options = {});

// ------------------------------------------------- inside setup, threads, end

// Fails this execution. The text is kept by address: a literal.
void Check(bool condition, const char *what);

// How the story calls this memory; from setup. The text is a literal.
void NameRange(const volatile void *memory, size_t size, const char *name);
template <typename T>
void Name(const volatile T *object, const char *name) {
  NameRange(object, sizeof *object, name);
}

// The others may go on: what a loop that polls does between two looks.
void Yield();

// Which thread of the scenario runs, from 0; -1 in setup and finish.
int Self();

// Plain memory, as if the thread's own C code read and wrote it: a gate is
// not built with the hooks. Two threads that race for it fail. `pc` is where.
void PlainRead(const volatile void *memory, size_t size, const void *pc);
void PlainWrite(volatile void *memory, size_t size, const void *pc);
template <typename T>
class Var {
 public:
  void Init(T value, const char *name = nullptr) {
    if (name != nullptr) Name(&value_, name);
    Set(value);
  }
  __attribute__((noinline)) T Get() const {
    PlainRead(&value_, sizeof value_, __builtin_return_address(0));
    return value_;
  }
  __attribute__((noinline)) void Set(T value) {
    PlainWrite(&value_, sizeof value_, __builtin_return_address(0));
    value_ = value;
  }

 private:
  T value_ = T();
};

// An atomic of the test's own; orders are __ATOMIC_RELAXED and so on.
// Init() it in setup.
class Atomic {
 public:
  void Init(uint32_t value, const char *name = nullptr);
  uint32_t Load(int order = __ATOMIC_RELAXED);
  void Store(uint32_t value, int order = __ATOMIC_RELAXED);
  uint32_t Add(uint32_t value, int order = __ATOMIC_RELAXED);

 private:
  uint32_t value_ = 0;
};

// A wait for another thread without a loop: what came before Set() has
// happened for whoever returns from Wait(). Reset() it in setup.
class Flag {
 public:
  void Reset(const char *name = "flag");
  void Set();          // release
  void SetSilently();  // tells nothing but itself: relaxed
  void Wait();         // until it is set; acquire
  bool Take();         // was it set? clear it: acquire
  void WaitAndTake();  // both, in one step

 private:
  uint32_t set_ = 0;
};

// A count that is no business of the code under test: it orders nothing, is
// never a place to switch threads at, and no race. Reset() it in setup.
class Counter {
 public:
  void Reset() { value_ = 0; }
  void Add(int n = 1) { value_ += n; }
  int value() const { return value_; }

 private:
  int value_ = 0;
};

// For EXPECT_HOLDS.
::testing::AssertionResult Holds(const Scenario &scenario,
                                 const Options &options = {});

}  // namespace explore

// Every execution holds, and the search was complete unless the options say
// that it need not be. Prints the story of the first that fails.
#define EXPECT_HOLDS(...)                                             \
  do {                                                                \
    ::testing::AssertionResult holds = ::explore::Holds(__VA_ARGS__); \
    if (!holds) ADD_FAILURE() << holds.message();                     \
  } while (false)

#endif
