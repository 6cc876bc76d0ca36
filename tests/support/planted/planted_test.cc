// planted_test.cc - code that does to a gate what learners' code will do.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#include "chapters/common/panic.h"
#include "chapters/common/todo.h"
#include "tests/support/calm.h"
#include "tests/support/gate.h"
#include "tests/support/hang.h"
#include "tests/support/lock_looker.h"
#include "tests/support/probes.h"

extern "C" {
#include "tests/support/planted/crash.h"
}

using gate::FutureProbe;
using gate::Poll;
using gate::PollToEnd;
using gate::WakerProbe;

class Passes : public gate::Step {};
TEST_F(Passes, WithEveryProbe) {
  WakerProbe waker;
  FutureProbe leaf("leaf");
  EXPECT_EQ(POLL_PENDING, Poll(leaf.future(), waker));
  EXPECT_EQ(1, waker.clones());
  leaf.Complete(7);
  EXPECT_EQ(1, waker.wakes());
  EXPECT_EQ(POLL_READY, Poll(leaf.future(), waker));
  EXPECT_EQ(7, leaf.int_future()->result);
  future_drop(leaf.future());
  FutureProbe scripted("scripted", 2, 9);
  EXPECT_TRUE(PollToEnd(scripted.future(), waker));
  EXPECT_EQ(3, scripted.polls());
  future_drop(scripted.future());
}
TEST_F(Passes, CountingAllocations) {
  gate::Allocations::FailNth(2);
  void *first = malloc(10), *second = malloc(10), *third = malloc(10);
  EXPECT_NE(nullptr, first);
  EXPECT_EQ(nullptr, second);
  EXPECT_NE(nullptr, third);
  EXPECT_TRUE(gate::Allocations::failed());
  free(first);
  free(third);
}

class Fails : public gate::Step {};
TEST_F(Fails, InItsAssertion) {
  int wakes = 0;
  EXPECT_EQ(1, wakes) << "P2: a pending future asks for another poll";
}

class Todo : public gate::Step {};
TEST_F(Todo, IsReached) {
  TODO(0.3);
  EXPECT_EQ(1, 2);
}

class NullPointer : public gate::Step {};
TEST_F(NullPointer, IsWritten) {
  volatile int *nothing = nullptr;
  *nothing = 1;
}

class Panics : public gate::Step {};
TEST_F(Panics, WithAMessage) { panic("P4: polled after POLL_READY"); }

class Exits : public gate::Step {};
TEST_F(Exits, AsIfAllWereWell) { exit(0); }

class LosesAWakeup : public gate::Step {};
TEST_F(LosesAWakeup, AndSleeps) {
  WakerProbe waker("task");
  FutureProbe leaf("socket");
  Poll(leaf.future(), waker);
  gate::Note("waiting for the socket");
  int ends[2];
  ASSERT_EQ(0, pipe(ends));
  char byte;
  while (read(ends[0], &byte, 1) < 0) continue;
}

class Spins : public gate::Step {};
TEST_F(Spins, ForEver) {
  volatile bool go_on = true;
  while (go_on) continue;
}

class Forks : public gate::Step {};
TEST_F(Forks, AndForgets) {
  for (int i = 0; i < 3; i++)
    if (fork() == 0)
      for (;;) pause();
}

// Away from its group and session, and from its parent; twice.
class Daemons : public gate::Step {
 protected:
  void StartOne() {
    pid_t first = fork();
    if (first != 0) return void(waitpid(first, nullptr, 0));
    setsid();
    if (fork() != 0) _exit(0);
    setsid();
    for (;;) pause();
  }
};
TEST_F(Daemons, StayBehind) {
  StartOne();
  StartOne();
}
class DaemonsAndFails : public Daemons {};
TEST_F(DaemonsAndFails, Alike) {
  StartOne();
  EXPECT_EQ(1, 2) << "still heard";
}
// Each of them has a child that has a child; all sleep.
class DaemonsInARow : public Daemons {};
TEST_F(DaemonsInARow, AndHangs) {
  int ends[2];
  ASSERT_EQ(0, pipe(ends));
  if (fork() == 0) {
    setsid();
    fork();
    setsid();
    fork();
    write(ends[1], "x", 1);
    for (;;) pause();
  }
  char bytes[1];
  for (int i = 0; i < 4; i++) read(ends[0], bytes, 1);
  for (;;) pause();
}

class LeaksMemory : public gate::Step {};
TEST_F(LeaksMemory, Twice) {
  static void *keep[2];  // reachable: not for a sanitizer to find
  keep[0] = malloc(10);
  keep[1] = malloc(10);
  EXPECT_NE(keep[0], keep[1]);
}

class LeaksAMutex : public gate::Step {};
TEST_F(LeaksAMutex, Once) {
  static pthread_mutex_t lock;
  pthread_mutex_init(&lock, nullptr);
}

class MakesNoMutex : public gate::Step {};
TEST_F(MakesNoMutex, AndDestroysIt) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_destroy(&lock);
}

class LeaksADescriptor : public gate::Step {};
TEST_F(LeaksADescriptor, Once) { EXPECT_LE(0, dup(0)); }

class LeaksAWaker : public gate::Step {};
TEST_F(LeaksAWaker, Once) {
  WakerProbe waker;
  waker_clone(waker.waker());
}

class LeaksAFuture : public gate::Step {};
TEST_F(LeaksAFuture, Once) {
  WakerProbe waker;
  FutureProbe leaf("leaf", 1);
  Poll(leaf.future(), waker);
}

class BrokenPipe : public gate::Step {};
TEST_F(BrokenPipe, IsWrittenTo) {
  int ends[2];
  ASSERT_EQ(0, pipe(ends));
  close(ends[0]);
  EXPECT_EQ(1, write(ends[1], "x", 1));
}

class ClosesEverything : public gate::Step {};
TEST_F(ClosesEverything, AndFails) {
  for (int descriptor = 0; descriptor < 256; descriptor++) close(descriptor);
  EXPECT_EQ(1, 2) << "still heard";
}

class PrintsGarbage : public gate::Step {};
TEST_F(PrintsGarbage, AndFails) {
  for (int i = 0; i < 100000; i++) printf("%c]]>&<\"\033[31m garbage", i % 256);
  EXPECT_EQ(1, 2) << "still heard";
}

class Overflows : public gate::Step {};
static int Deeper(volatile int depth) {
  volatile char space[1000];
  space[0] = char(depth);
  return depth < 0 ? 0 : Deeper(depth + 1) + space[0];
}
TEST_F(Overflows, ItsStack) { EXPECT_EQ(0, Deeper(1)); }

class Stops : public gate::Step {};
TEST_F(Stops, Itself) { raise(SIGSTOP); }

class TellsItsStory : public gate::Step {};
TEST_F(TellsItsStory, AndSleeps) {
  gate::OnHang([] { return std::string("ann has left\nbob waits for it\n"); });
  for (;;) pause();
}

class TellsWhatStays : public gate::Step {
 protected:
  TellsWhatStays() {
    gate::OnHang([this] {
      return std::string(gate::IsHeld(&lock_) ? "it is held\n"
                                              : "it is free\n");
    });
  }
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
};
// Whoever looks finds it held, but for some nanoseconds in a million.
TEST_F(TellsWhatStays, AndSpins) {
  for (;;) {
    pthread_mutex_lock(&lock_);
    for (volatile int i = 0; i < 1000000; i = i + 1) continue;
    pthread_mutex_unlock(&lock_);
  }
}

// The same in a condition variable's hand.
class Waits : public TellsWhatStays {};
TEST_F(Waits, AndSpins) {
  static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  static const struct timespec past = {1, 0};
  pthread_mutex_lock(&lock_);
  for (;;) {
    for (volatile int i = 0; i < 1000000; i = i + 1) continue;
    pthread_cond_timedwait(&condition, &lock_, &past);
  }
}

// One keeps it and sleeps; the other one gives other locks back all the time.
class KeepsALock : public TellsWhatStays {};
TEST_F(KeepsALock, AndSpins) {
  static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
  std::atomic<bool> is_kept{false};
  std::thread keeper([&] {
    pthread_mutex_lock(&lock_);
    is_kept = true;
    for (;;) pause();
  });
  while (!is_kept) continue;
  for (;;) {
    pthread_mutex_lock(&other);
    pthread_mutex_unlock(&other);
  }
}

// Beside a busy program on the same processor a thread that is nice to it runs
// for some 15 of a thousand milliseconds: what takes 40 of them takes longer
// than this step's deadline. That is neither a spin nor a lost wakeup.
class IsStarved : public gate::Step {
 protected:
  static void PinToOneProcessor() {
    cpu_set_t all, one;
    ASSERT_EQ(0, sched_getaffinity(0, sizeof all, &all));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
      if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    ASSERT_EQ(0, sched_setaffinity(0, sizeof one, &one));
  }
  static pid_t StartBurner() {
    pid_t burner = fork();
    volatile bool go_on = burner == 0;
    while (go_on) continue;
    return burner;
  }
  static void Work(double milliseconds) {
    ASSERT_EQ(0, setpriority(PRIO_PROCESS, pid_t(gettid()), 19));
    struct timespec used = {0, 0};
    while (double(used.tv_nsec) < milliseconds * 1e6 && used.tv_sec == 0)
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  }
};
TEST_F(IsStarved, AndPasses) {
  PinToOneProcessor();
  pid_t burner = StartBurner();
  std::atomic<bool> is_done{false};
  std::thread thread([&] {
    Work(40);
    is_done = true;
  });
  EXPECT_TRUE(
      gate::Eventually("the work is done", [&] { return bool(is_done); }));
  kill(burner, SIGKILL);
  waitpid(burner, nullptr, 0);
  thread.join();
}

class CalmTimes : public gate::Step {
 protected:
  // A quarter of a second in which a thread ran and waited so long.
  static double Calm(double ran, double waited, bool is_runnable) {
    return gate::CalmPart(0.25, {{1, {5, 7, false}}},
                          {{1, {5 + ran, 7 + waited, is_runnable}}});
  }
};
TEST_F(CalmTimes, AreWhatNobodyWaits) {
  EXPECT_DOUBLE_EQ(0.25, Calm(0, 0, false)) << "it sleeps";
  EXPECT_DOUBLE_EQ(0.25, Calm(0.25, 0, true)) << "it runs";
  EXPECT_DOUBLE_EQ(0, Calm(0, 0, true)) << "it could run, and does not";
  EXPECT_DOUBLE_EQ(0.125, Calm(0.125, 0.125, false)) << "it had to wait";
  EXPECT_DOUBLE_EQ(0, Calm(0.125, 5, true)) << "a long wait is over";
  EXPECT_DOUBLE_EQ(0.5, gate::CalmPart(3600, {}, {})) << "we were stopped";
  EXPECT_DOUBLE_EQ(0.125, gate::CalmPart(0.25, {}, {{1, {1, 0.125, false}}}));
  EXPECT_DOUBLE_EQ(0, gate::CalmPart(0.25, {{1, {5, 7, false}}},
                                     {{1, {5, 7, false}}, {2, {0, 0, true}}}))
      << "one of them waits";
}

// The runner is stopped in the meantime: see verdicts_test.sh.
class WaitsForAFile : public gate::Step {};
TEST_F(WaitsForAFile, AndPasses) {
  int end = open(getenv("PLANTED_FIFO"), O_RDONLY);
  char byte;
  EXPECT_EQ(1, read(end, &byte, 1));
  close(end);
}

class OpensFiles : public gate::Step {};
TEST_F(OpensFiles, AboveADefault) {
  std::vector<int> files;
  for (int i = 0; i < 1500; i++) files.push_back(dup(0));
  EXPECT_LE(0, files.back()) << "a limit is in the way";
  for (int file : files) close(file);
}

class Connects : public gate::Step {};
TEST_F(Connects, ToItself) {}

class IsLeftOut : public gate::Step {};
TEST_F(IsLeftOut, ForWantOfAMachine) { GTEST_SKIP() << "no such machine"; }
TEST_F(IsLeftOut, IsNot) {}

class WakesForEver : public gate::Step {};
TEST_F(WakesForEver, AndIsCaught) {
  WakerProbe waker;
  FutureProbe leaf("leaf", 1000000);
  PollToEnd(leaf.future(), waker, 100);
  future_drop(leaf.future());
}

class PendingWithoutWake : public gate::Step {};
static enum poll PollSilent(struct future *, struct context *) {
  return POLL_PENDING;
}
TEST_F(PendingWithoutWake, IsCaught) {
  static const struct future_ops ops = {PollSilent, nullptr};
  struct future silent = {&ops};
  WakerProbe waker;
  PollToEnd(&silent, waker);
}

class PollsAfterReady : public gate::Step {};
TEST_F(PollsAfterReady, Once) {
  WakerProbe waker;
  FutureProbe leaf("leaf", 0);
  Poll(leaf.future(), waker);
  Poll(leaf.future(), waker);
  future_drop(leaf.future());
}

class Moves : public gate::Step {};
TEST_F(Moves, AfterItsFirstPoll) {
  WakerProbe waker;
  FutureProbe leaf("leaf", 1);
  gate::probe_future first = leaf.value();
  Poll(&first.base.base, waker);
  gate::probe_future second = first;
  Poll(&second.base.base, waker);
  future_drop(&second.base.base);
}

// What it printed last is shown, without the end of a line, too.
class Prints : public gate::Step {
 protected:
  Prints() { printf("a line\nand \033[31m\u00fc\r\xff"); }
};
class PrintsAndExits : public Prints {};
TEST_F(PrintsAndExits, InTheMiddle) { exit(0); }
class PrintsAndLeaves : public Prints {};
TEST_F(PrintsAndLeaves, InTheMiddle) { _exit(0); }
class PrintsAndAborts : public Prints {};
TEST_F(PrintsAndAborts, InTheMiddle) { abort(); }
class PrintsAndFallsToASignal : public Prints {};
TEST_F(PrintsAndFallsToASignal, InTheMiddle) { raise(SIGUSR1); }
class PrintsAndHangs : public Prints {};
TEST_F(PrintsAndHangs, InTheMiddle) { pause(); }
class PrintsAndSpins : public Prints {};
TEST_F(PrintsAndSpins, InTheMiddle) {
  volatile bool go_on = true;
  while (go_on) continue;
}
class PanicsInColour : public gate::Step {};
TEST_F(PanicsInColour, WithAMessage) { panic("P4: \033[2J\u2026"); }

// Where it has happened: the innermost place in a source in C.
class CrashesInAHeader : public gate::Step {};
TEST_F(CrashesInAHeader, OfItsSource) {
  WakerProbe waker;
  struct future nobody = {nullptr};
  planted_poll(&nobody, waker.context());
}
class CallsNothing : public gate::Step {};
TEST_F(CallsNothing, AtAll) { planted_call(nullptr); }
class CrashesInLibc : public gate::Step {};
TEST_F(CrashesInLibc, ForIt) { planted_copy(nullptr); }
class OverflowsInC : public gate::Step {};
TEST_F(OverflowsInC, ItsStack) { planted_overflow(); }
class ExitsInC : public gate::Step {};
TEST_F(ExitsInC, AsIfAllWereWell) { planted_exit(); }
class CrashesInAThread : public gate::Step {};
TEST_F(CrashesInAThread, OfItsOwn) { planted_thread(); }
class DropsUnderALock : public gate::Step {};
TEST_F(DropsUnderALock, Once) {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  gate::LockLooker looker(&lock);
  struct waker waker = waker_clone(looker.waker());
  planted_drop(&lock, &waker);
  EXPECT_TRUE(looker.always_free()) << "W1";
}

// How a failure is worded: see verdicts_test.sh.
class SaysASentence : public gate::Step {};
TEST_F(SaysASentence, OfItsOwn) {
  bool was_free = false;
  EXPECT_TRUE(was_free) << "W1: the poll cloned a waker with the lock held";
}
class SaysAFragment : public gate::Step {};
TEST_F(SaysAFragment, Only) {
  bool was_free = false;
  EXPECT_TRUE(was_free) << "W1: no lock";
}
class ComparesWithANumber : public gate::Step {};
TEST_F(ComparesWithANumber, ThatIsTheBound) {
  int polls = 1;
  EXPECT_LE(2, polls);
}
class ComparesTwo : public gate::Step {};
TEST_F(ComparesTwo, OfItsOwn) {
  int polls = 1, wakes = -11;
  EXPECT_LT(polls, wakes);
}
class NamesAPoll : public gate::Step {};
TEST_F(NamesAPoll, ByItsEnumerator) {
  WakerProbe waker;
  FutureProbe leaf("leaf", 0);
  enum poll first = Poll(leaf.future(), waker);
  future_drop(leaf.future());
  EXPECT_EQ(POLL_PENDING, first);
}
