// reactor_test.cc - steps 6.4 and 6.5: one turn, and the sleep.
#include <sys/epoll.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/06_reactor/reactor_fixture.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/06_reactor/wakeup.h"
}

namespace {

using gate::Allocations;
using gate::Epoll;
using gate::FutureProbe;
using gate::WakerProbe;

bool IsOpen(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// ---------------------------------------------------------------- step 6.4

class TurnStep : public ReactorFixture {
 protected:
  // Registers a descriptor; the source owns it from then on.
  struct io_source *Register(int descriptor, int bits = 0) {
    struct io_source *source = nullptr;
    EXPECT_EQ(0,
              reactor_register(&reactor_, descriptor, uint16_t(bits), &source));
    return source;
  }
  enum poll PollRead(struct io_source *source, struct context *cx) {
    return io_source_poll_ready(source, IO_READ, cx, &ready_);
  }
  enum poll PollRead(struct io_source *source, WakerProbe &probe) {
    return PollRead(source, probe.context());
  }
  struct ready_event ready_ = {0, 0};
  WakerProbe probe_{"reader"};
};

TEST_F(TurnStep, RegisteredOnceForEverything) {
  RawPair pair;
  int adds = Epoll::adds();
  struct io_source *source = Register(pair.near);
  ASSERT_NE(nullptr, source) << "reactor_register() failed";
  pair.TakeNear();
  EXPECT_EQ(adds + 1, Epoll::adds()) << "T1: one EPOLL_CTL_ADD";
  uint32_t events = Epoll::events_of(source->descriptor);
  EXPECT_NE(0u, events & EPOLLET) << "T1: edge-triggered";
  EXPECT_NE(0u, events & EPOLLIN) << "T1: for reading";
  EXPECT_NE(0u, events & EPOLLOUT) << "T1: for writing";
  EXPECT_NE(0u, events & EPOLLRDHUP) << "T1: for the end of reading";
  EXPECT_NE(0u, events & EPOLLPRI) << "T1: for urgent data";
  EXPECT_EQ(POLL_PENDING, PollRead(source, probe_));
  Turn();
  io_source_close(source);
  EXPECT_EQ(0, Epoll::changes()) << "T1: and never another word about it";
}

TEST_F(TurnStep, AnEventReachesItsSource) {
  RawPair one, two;
  struct io_source *first = Register(one.TakeNear());
  struct io_source *second = Register(two.TakeNear());
  ASSERT_TRUE(first != nullptr && second != nullptr);
  WakerProbe other("another reader");
  ASSERT_EQ(POLL_PENDING, PollRead(first, probe_));
  ASSERT_EQ(POLL_PENDING, PollRead(second, other));
  int waits = Epoll::waits();
  Epoll::Deliver({{second->descriptor, EPOLLIN}});
  EXPECT_EQ(1, Turn()) << "T2: it returns how many events there were";
  EXPECT_EQ(waits + 1, Epoll::waits()) << "T2: asked once";
  EXPECT_EQ(1, other.wakes()) << "T2: its reader is woken";
  EXPECT_EQ(0, probe_.wakes()) << "T2: and no other";
  EXPECT_EQ(POLL_READY, PollRead(second, other));
  EXPECT_EQ(POLL_PENDING, PollRead(first, probe_));
  EXPECT_EQ(1u, reactor_.events) << "reactor.events counts it";
  io_source_close(first);
  io_source_close(second);
}

TEST_F(TurnStep, TheKernelIsAsked) {
  RawPair pair;
  struct io_source *source = Register(pair.TakeNear());
  ASSERT_NE(nullptr, source);
  Turn();
  ASSERT_EQ(POLL_PENDING, PollRead(source, probe_)) << "nobody has written";
  pair.Say("hello");
  Turn();
  EXPECT_EQ(1, probe_.wakes()) << "T2: bytes have arrived";
  ASSERT_EQ(POLL_READY, PollRead(source, probe_));
  pair.CloseFar();
  Turn();
  ASSERT_EQ(POLL_READY, PollRead(source, probe_));
  EXPECT_NE(0, ready_.bits & READY_READ_CLOSED) << "T1: and then the end";
  io_source_close(source);
}

TEST_F(TurnStep, ASignalIsNoEvent) {
  int waits = Epoll::waits();
  Epoll::FailNextWait(EINTR);
  EXPECT_EQ(0, Turn()) << "EINTR: nothing has happened";
  EXPECT_EQ(waits + 1, Epoll::waits()) << "T2: asked once, as ever";
}

TEST_F(TurnStep, ManyEventsATurn) {
  constexpr int kSources = REACTOR_EVENTS + 50;
  std::vector<std::unique_ptr<RawPair>> pairs;
  std::vector<struct io_source *> sources;
  std::vector<std::unique_ptr<WakerProbe>> probes;
  for (int i = 0; i < kSources; i++) {
    pairs.push_back(std::make_unique<RawPair>());
    sources.push_back(Register(pairs.back()->TakeNear()));
    ASSERT_NE(nullptr, sources.back());
  }
  Turn();
  Turn();
  for (int i = 0; i < kSources; i++) {
    probes.push_back(std::make_unique<WakerProbe>("reader"));
    ASSERT_EQ(POLL_PENDING, PollRead(sources[size_t(i)], *probes[size_t(i)]));
    pairs[size_t(i)]->Say("x");
  }
  EXPECT_EQ(REACTOR_EVENTS, Turn()) << "T2: as many as fit";
  EXPECT_EQ(50, Turn()) << "and the others at the next turn: none starves";
  int woken = 0;
  for (auto &probe : probes) woken += probe->wakes();
  EXPECT_EQ(kSources, woken) << "T2: each source had its event, once";
  for (struct io_source *source : sources) io_source_close(source);
}

TEST_F(TurnStep, AnEventForAClosedSource) {
  RawPair pair;
  struct io_source *source = Register(pair.TakeNear());
  ASSERT_NE(nullptr, source);
  ASSERT_EQ(POLL_PENDING, PollRead(source, probe_));
  Epoll::Deliver({{source->descriptor, EPOLLIN}});
  io_source_close(source);
  EXPECT_EQ(0, probe_.live()) << "I5: its waker is given back";
  Turn();
  EXPECT_EQ(0, probe_.wakes()) << "I4: nobody is there for this event";
  EXPECT_TRUE(gate::IsFree(&reactor_.sources.lock))
      << "T5: the turn met an event of a source that is gone, and kept the "
         "table's lock";
}

TEST_F(TurnStep, ClosedByAnEarlierEventOfTheBatch) {
  RawPair one, two;
  struct io_source *first = Register(one.TakeNear());
  struct io_source *second = Register(two.TakeNear());
  ASSERT_TRUE(first != nullptr && second != nullptr);
  ActingWaker closing([&] { io_source_close(second); });
  ASSERT_EQ(POLL_PENDING, PollRead(first, closing.context()));
  ASSERT_EQ(POLL_PENDING, PollRead(second, probe_));
  Epoll::Deliver({{first->descriptor, EPOLLIN}, {second->descriptor, EPOLLIN}});
  Turn();
  EXPECT_EQ(0, probe_.wakes())
      << "T3: an event that is in hand for a closed source reaches nobody";
  EXPECT_EQ(0, probe_.live()) << "I5: its waker was given back";
  io_source_close(first);
}

TEST_F(TurnStep, AReusedDescriptorGetsNoOldEvent) {
  RawPair one, two, three;
  struct io_source *first = Register(one.TakeNear());
  struct io_source *second = Register(two.TakeNear());
  ASSERT_TRUE(first != nullptr && second != nullptr);
  struct io_source *reborn = nullptr;
  int number = second->descriptor;
  ActingWaker replacing([&] {
    io_source_close(second);
    int same = fcntl(three.near, F_DUPFD, number);
    ASSERT_EQ(number, same);
    reborn = Register(same);
    ASSERT_NE(nullptr, reborn);
    EXPECT_EQ(POLL_PENDING, PollRead(reborn, probe_));
  });
  ASSERT_EQ(POLL_PENDING, PollRead(first, replacing.context()));
  Epoll::Deliver({{first->descriptor, EPOLLIN}, {number, EPOLLIN}});
  Turn();
  ASSERT_NE(nullptr, reborn);
  EXPECT_EQ(second, reborn) << "G2: the slot is used again, and the number";
  EXPECT_EQ(0, probe_.wakes())
      << "T3: the event was for the descriptor that had this number before";
  EXPECT_EQ(POLL_PENDING, PollRead(reborn, probe_)) << "T3";
  io_source_close(first);
  io_source_close(reborn);
}

TEST_F(TurnStep, TheFirstOfTwoWakesClosesTheSource) {
  RawPair one, two;
  struct io_source *source = Register(one.TakeNear()), *reborn = nullptr;
  ASSERT_NE(nullptr, source);
  ActingWaker replacing([&] {
    io_source_close(source);
    reborn = Register(two.TakeNear());
    EXPECT_EQ(POLL_PENDING, io_source_poll_ready(reborn, IO_WRITE,
                                                 probe_.context(), &ready_));
  });
  ASSERT_EQ(POLL_PENDING, PollRead(source, replacing.context()));
  Epoll::Deliver({{source->descriptor, EPOLLIN | EPOLLOUT}});
  Turn();
  ASSERT_EQ(source, reborn) << "G2: the slot is used again";
  EXPECT_EQ(0, probe_.wakes())
      << "I4: the reader's wake closed the source; the writer in its slot is "
         "another one's";
  io_source_close(reborn);
}

TEST_F(TurnStep, ClosedIsOutOfEpoll) {
  RawPair pair;
  int copy = dup(pair.near);  // as a child process would have one
  struct io_source *source = Register(pair.TakeNear());
  ASSERT_NE(nullptr, source);
  Turn();
  int removes = Epoll::removes();
  io_source_close(source);
  pair.Say("hello");
  EXPECT_EQ(0, Turn())
      << "I4: the descriptor is closed, but epoll watches the open file, of "
         "which there is a copy: take it out (EPOLL_CTL_DEL)";
  EXPECT_EQ(removes + 1, Epoll::removes()) << "I4";
  close(copy);
}

TEST_F(TurnStep, TheLastOwnerCloses) {
  RawPair pair;
  struct io_source *source = Register(pair.TakeNear());
  ASSERT_NE(nullptr, source);
  int descriptor = source->descriptor;
  EXPECT_EQ(source, io_source_share(source));
  io_source_close(source);
  EXPECT_TRUE(IsOpen(descriptor)) << "I4: there is another owner";
  io_source_close(source);
  EXPECT_FALSE(IsOpen(descriptor)) << "I4: that was the last one";
}

// Each owner closes in the middle of what the other one does.
TEST_F(TurnStep, TwoOwnersCloseAtOnce) {
  bool was_called = true;
  for (long nth = 1; was_called && !HasFailure(); nth++) {
    RawPair pair;
    struct io_source *source = Register(pair.TakeNear());
    ASSERT_NE(nullptr, source);
    int descriptor = source->descriptor;
    io_source_share(source);
    was_called = gate::InterruptAt(
        nth, [&] { io_source_close(source); },
        [&] { io_source_close(source); });
    if (!was_called) io_source_close(source);
    ASSERT_FALSE(IsOpen(descriptor)) << "I4, I6: one of the two was the last";
    ASSERT_EQ(0u, reactor_.sources.live) << "I4, I6";
  }
}

TEST_F(TurnStep, TwoOwnersShareAtOnce) {
  bool was_called = true;
  for (long nth = 1; was_called && !HasFailure(); nth++) {
    RawPair pair;
    struct io_source *source = Register(pair.TakeNear());
    ASSERT_NE(nullptr, source);
    int descriptor = source->descriptor, owners = 2;
    was_called = gate::InterruptAt(
        nth, [&] { io_source_share(source); },
        [&] {
          io_source_share(source);
          owners++;
        });
    while (--owners > 0) io_source_close(source);
    ASSERT_TRUE(IsOpen(descriptor)) << "I4, I6: one of them was not counted";
    io_source_close(source);
    ASSERT_FALSE(IsOpen(descriptor)) << "I4, I6";
  }
}

// Another thread takes the slot as soon as it is free, and leaves its waker.
TEST_F(TurnStep, TheNextOneInTheSlotKeepsItsWaker) {
  WakerProbe next("the next one in the slot");
  bool was_called = true;
  for (long nth = 1; was_called && !HasFailure(); nth++) {
    next.Reset();
    RawPair pair;
    struct io_source *source = Register(pair.TakeNear()), *taken = nullptr;
    ASSERT_NE(nullptr, source);
    was_called = gate::InterruptAt(
        nth, [&] { io_source_close(source); },
        [&] {
          if (reactor_.sources.live > 0 ||
              !gate::IsFree(&reactor_.sources.lock))
            return;
          taken = source_table_take(&reactor_.sources);
          readiness_init(&taken->readiness, 0);
          PollRead(taken, next);
        });
    if (taken == nullptr) continue;
    EXPECT_EQ(1, next.live() + next.wakes())
        << "I5, I6: the wakers go before the slot is free: after that they are "
           "somebody else's";
    waker_cell_clear(&taken->wakers[IO_READ]);
    source_table_free(&reactor_.sources, taken);
  }
}

// Another thread closes the source and opens one in its slot, in the middle of
// a turn that has an end to report.
TEST_F(TurnStep, AnEndIsNotForTheNextOneInTheSlot) {
  bool was_called = true;
  for (long nth = 1; was_called && !HasFailure(); nth++) {
    RawPair pair;
    struct io_source *source = Register(pair.TakeNear());
    ASSERT_NE(nullptr, source);
    int descriptor = source->descriptor;
    bool is_reused = false;
    Epoll::Deliver({{descriptor, EPOLLIN | EPOLLHUP}});
    was_called = gate::InterruptAt(
        nth, [&] { Turn(); },
        [&] {
          if (!gate::IsFree(&reactor_.sources.lock)) return;
          source_table_free(&reactor_.sources, source);
          source_table_take(&reactor_.sources);
          source->descriptor = descriptor;
          readiness_init(&source->readiness, 0);
          is_reused = true;
        });
    if (is_reused) {
      EXPECT_EQ(POLL_PENDING, PollRead(source, probe_))
          << "T3: the end was the other one's, and nothing ever clears it (N3)";
    }
    io_source_close(source);
  }
}

// Two threads register, wait, share and close; this one turns.
TEST_F(TurnStep, SourcesComeAndGoWhileItTurns) {
  std::atomic<int> unwoken{0}, left{2};
  auto come_and_go = [&] {
    WakerProbe probe("reader");
    for (int round = 0; round < 100 && !gate::TodoReached(); round++) {
      RawPair pair;
      probe.Reset();
      struct io_source *source = nullptr;
      struct ready_event ready;
      if (reactor_register(&reactor_, pair.TakeNear(), 0, &source) != 0) break;
      io_source_share(source);
      io_source_poll_ready(source, IO_READ, probe.context(), &ready);
      pair.Say("hello");
      if (round % 2 == 0 && !gate::Eventually("the reader is woken", [&] {
            return probe.wakes() > 0;
          }))
        unwoken++;
      std::thread other([&] { io_source_close(source); });
      io_source_close(source);
      other.join();
      // The one that turns may have taken the waker, and be about to wake it.
      gate::Eventually("all wakes are over", [&] { return probe.live() == 0; });
    }
    left--;
  };
  gate::Note("two threads that open and close sources, and one that turns");
  std::thread one(come_and_go), two(come_and_go);
  while (left > 0) reactor_turn(&reactor_, 1);
  one.join();
  two.join();
  EXPECT_EQ(0, unwoken) << "T2, T5";
  EXPECT_EQ(0u, reactor_.sources.live) << "T5";
}

TEST_F(TurnStep, WhatEpollRefuses) {
  RawPair pair;
  struct io_source *source = nullptr;
  Epoll::FailNextAdd(ENOSPC);
  EXPECT_EQ(-ENOSPC, reactor_register(&reactor_, pair.near, 0, &source));
  EXPECT_TRUE(IsOpen(pair.near)) << "the descriptor is still the caller's";
  EXPECT_EQ(nullptr, source) << "outputs are untouched on failure";
  EXPECT_EQ(0u, reactor_.sources.live) << "and the slot is free again";
}

TEST_F(TurnStep, WithoutMemory) {
  RawPair pair;
  struct io_source *source = nullptr;
  for (long nth = 1; nth <= 2; nth++) {
    Allocations::FailNth(nth);
    EXPECT_EQ(-ENOMEM, reactor_register(&reactor_, pair.near, 0, &source));
    ASSERT_TRUE(Allocations::failed());
  }
  EXPECT_TRUE(IsOpen(pair.near)) << "the descriptor is still the caller's";
}

TEST_F(TurnStep, ItStartsOutAsItIsTold) {
  RawPair pair;
  struct io_source *source = Register(pair.TakeNear(), READY_READ);
  ASSERT_NE(nullptr, source);
  EXPECT_EQ(POLL_READY, PollRead(source, probe_));
  EXPECT_EQ(0, ready_.tick);
  io_source_close(source);
}

TEST_F(TurnStep, AnEndWithOpenSourcesIsAMistake) {
  EXPECT_TRUE(gate::Panics(
      [&] {
        Register(RawPair().TakeNear());
        reactor_end(&reactor_);
      },
      "still open"));
}

TEST_F(TurnStep, NoReactorWithoutMemory) {
  struct reactor reactor;
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, reactor_init(&reactor));
  Epoll::FailNextAdd(ENOSPC);
  EXPECT_EQ(-ENOSPC, reactor_init(&reactor)) << "and nothing is left open";
}

// ---------------------------------------------------------------- step 6.5

// An executor that sleeps in the reactor.
class WakeupStep : public ReactorFixture {
 protected:
  void SetUp() override {
    ReactorFixture::SetUp();
    ASSERT_EQ(0, executor_init(&executor_));
    executor_set_driver(&executor_, &reactor_.driver);
  }
  void TearDown() override {
    if (!HasFailure()) executor_end(&executor_);
    ReactorFixture::TearDown();
  }
  void Park(int64_t timeout) { driver_park(&reactor_.driver, timeout); }
  int Spawn(FutureProbe &probe) {
    return executor_spawn(&executor_, &probe.value().base,
                          sizeof(gate::probe_future), nullptr);
  }
  struct executor executor_ = {};
};

TEST_F(WakeupStep, PrepareAndFinish) {
  struct wakeup *wakeup;
  ASSERT_EQ(0, wakeup_create(&wakeup));
  struct waker waker = wakeup_waker(wakeup);
  EXPECT_TRUE(wakeup_prepare(wakeup)) << "U1: nobody wants the thread";
  for (int i = 0; i < 3; i++) waker_wake_by_ref(&waker);
  EXPECT_EQ(1, Epoll::eventfd_writes())
      << "U2: a wake ends the sleep; of several, one makes a system call";
  wakeup_finish(wakeup);
  EXPECT_TRUE(wakeup_prepare(wakeup)) << "U1: those wakes are spent";
  wakeup_finish(wakeup);
  waker_wake_by_ref(&waker);
  EXPECT_EQ(1, Epoll::eventfd_writes())
      << "U2: nobody sleeps, so nobody needs a system call";
  EXPECT_FALSE(wakeup_prepare(wakeup)) << "U1: a wake came first";
  wakeup_finish(wakeup);
  EXPECT_TRUE(wakeup_prepare(wakeup)) << "U1: once";
  waker_drop(&waker);
  wakeup_unref(wakeup);
}

// A wake comes in the middle of a prepare, at each place.
TEST_F(WakeupStep, AWakeWhilePreparing) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    struct wakeup *wakeup;
    ASSERT_EQ(0, wakeup_create(&wakeup));
    struct waker waker = wakeup_waker(wakeup);
    int writes = Epoll::eventfd_writes();
    bool sleeps = false;
    was_called = gate::InterruptAt(
        nth, [&] { sleeps = wakeup_prepare(wakeup); },
        [&] { waker_wake_by_ref(&waker); });
    if (was_called && sleeps) {
      ASSERT_EQ(writes + 1, Epoll::eventfd_writes())
          << "U2: it goes to sleep, and nothing will end that";
    }
    waker_drop(&waker);
    wakeup_unref(wakeup);
  }
}

TEST_F(WakeupStep, AWakeBeforeTheSleep) {
  struct waker waker = driver_unparker(&reactor_.driver);
  waker_wake_by_ref(&waker);
  gate::Note("parking after a wake: this must not sleep");
  Park(-1);
  EXPECT_EQ(0, Epoll::last_timeout()) << "D2 of driver.h: the wake is not lost";
  Epoll::Silence(true);
  Park(-1);
  EXPECT_EQ(-1, Epoll::last_timeout()) << "D2 of driver.h: and it counts once";
  waker_drop(&waker);
}

TEST_F(WakeupStep, NewsIsNotForgottenOverAWake) {
  RawPair pair;
  WakerProbe probe("reader");
  struct ready_event ready;
  struct io_source *source = nullptr;
  ASSERT_EQ(0, reactor_register(&reactor_, pair.TakeNear(), 0, &source));
  ASSERT_EQ(POLL_PENDING,
            io_source_poll_ready(source, IO_READ, probe.context(), &ready));
  struct waker waker = driver_unparker(&reactor_.driver);
  waker_wake(&waker);
  Epoll::Deliver({{source->descriptor, EPOLLIN}});
  Park(-1);
  EXPECT_EQ(1, probe.wakes()) << "D1 of driver.h: a park that does not sleep "
                                 "looks for news all the same";
  io_source_close(source);
}

TEST_F(WakeupStep, TimeoutsAreRoundedUp) {
  const struct {
    int64_t nanoseconds;
    int milliseconds;
  } kTable[] = {
      {-1, -1},     {0, 0},       {1, 1},
      {1000000, 1}, {1000001, 2}, {INT64_MAX, INT_MAX},
  };
  Epoll::Silence(true);
  for (const auto &row : kTable) {
    Park(row.nanoseconds);
    EXPECT_EQ(row.milliseconds, Epoll::last_timeout())
        << "D1 of driver.h: " << row.nanoseconds << " nanoseconds";
  }
}

TEST_F(WakeupStep, ALookIsNotASleep) {
  struct waker waker = driver_unparker(&reactor_.driver);
  waker_wake_by_ref(&waker);
  Park(0);
  EXPECT_EQ(0, Epoll::sleeps()) << "D1 of driver.h: 0 only looks";
  gate::Note("parking: this must not sleep, as the wake is not spent yet");
  Park(-1);
  EXPECT_EQ(0, Epoll::last_timeout())
      << "D2 of driver.h: a look spends no wake: that is for the next sleep";
  waker_drop(&waker);
}

TEST_F(WakeupStep, ALateWakeIsHarmless) {
  struct reactor reactor;
  ASSERT_EQ(0, reactor_init(&reactor));
  struct waker waker = driver_unparker(&reactor.driver);
  struct waker copy = waker_clone(&waker);
  reactor_end(&reactor);
  waker_wake(&waker);
  waker_drop(&copy);  // U4: the last one takes the memory along (see leaks)
}

// The driver goes from thread to thread; none of them sleeps over a wake.
TEST_F(WakeupStep, TwoThreadsParkInTurn) {
  std::mutex driver;
  std::atomic<int> parks{0};
  constexpr int kParks = 200;
  auto park = [&] {
    while (parks < kParks) {
      std::lock_guard<std::mutex> guard(driver);
      if (parks < kParks && driver_park(&reactor_.driver, -1)) parks++;
    }
  };
  gate::Note("two threads that park in turn, and one that wakes them");
  struct waker waker = driver_unparker(&reactor_.driver);
  std::thread one(park), two(park);
  for (int seen = 0; seen < kParks && !gate::TodoReached();) {
    waker_wake_by_ref(&waker);
    if (!gate::Eventually("a park ends", [&] { return parks > seen; })) break;
    seen = parks;
  }
  waker_wake_by_ref(&waker);
  one.join();
  two.join();
  EXPECT_EQ(kParks, parks) << "T5, D2 of driver.h: each wake ends a sleep";
  waker_drop(&waker);
}

TEST_F(WakeupStep, IdleIsOneCall) {
  FutureProbe future("a number from another thread");
  ASSERT_EQ(0, Spawn(future));
  std::thread other([&] {
    gate::Eventually("the executor sleeps in epoll_wait()",
                     [] { return Epoll::is_sleeping(); });
    future.Complete();
  });
  gate::Note("an executor that sleeps until another thread wakes its task");
  executor_run(&executor_);
  other.join();
  EXPECT_EQ(1, Epoll::waits())
      << "T4: with nothing to do it is in one epoll_wait(), and no other";
  EXPECT_EQ(1, Epoll::sleeps()) << "T4: without a timeout";
  EXPECT_EQ(1, Epoll::eventfd_writes()) << "U2: one wake, one system call";
  EXPECT_EQ(2, future.polls());
}

TEST_F(WakeupStep, NothingToDoNoCall) {
  FutureProbe future("ready at once", 0, 7);
  ASSERT_EQ(0, Spawn(future));
  executor_run(&executor_);
  EXPECT_EQ(0, Epoll::waits()) << "T4: nothing to wait for, no system call";
}

TEST_F(WakeupStep, WhileItIsBusyItLooksNowAndThen) {
  FutureProbe busy("wakes itself", 10 * DRIVER_INTERVAL);
  ASSERT_EQ(0, Spawn(busy));
  executor_run(&executor_);
  EXPECT_EQ(10, Epoll::waits()) << "E7: a look every DRIVER_INTERVAL turns";
  EXPECT_EQ(0, Epoll::sleeps()) << "E7: and no sleep";
}

TEST_F(WakeupStep, WakesFromManyThreads) {
  constexpr int kThreads = 4, kRounds = 200;
  for (int round = 0; round < kRounds; round++) {
    std::vector<std::unique_ptr<FutureProbe>> futures;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; i++) {
      futures.push_back(std::make_unique<FutureProbe>("a number"));
      ASSERT_EQ(0, Spawn(*futures.back()));
    }
    for (auto &future : futures)
      threads.emplace_back([&future] {
        gate::Eventually("its waker is there",
                         [&] { return future->holds_waker(); });
        future->Complete();
      });
    gate::Note("an executor that four threads wake");
    executor_run(&executor_);
    for (std::thread &thread : threads) thread.join();
    for (auto &future : futures) ASSERT_EQ(1, future->drops());
  }
}

}  // namespace
