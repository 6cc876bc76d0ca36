// notify_test.cc - step 9.10: one, all, and a permit that is left.
#include <random>

#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/budget.h"
#include "tests/support/acting_waker.h"
#include "tests/support/interrupt.h"

extern "C" {
#include "chapters/09_mutex/notify.h"
}

using gate::Panics;

class NotifyStep : public gate::Step {
 protected:
  static constexpr int kMost = 3;

  void SetUp() override {
    gate::Step::SetUp();
    memset(&notify_, kOld, sizeof notify_);
    notify_init(&notify_);
    gate::OnHang([this] { return KeptLock(&notify_.lock); });
  }
  void End() {
    EXPECT_TRUE(list_is_empty(&notify_.waiters))
        << "P5: all have gone, and one stands in the list still";
    ExpectAtRest(&notify_.lock);
    if (!HasFailure()) notify_end(&notify_);
  }
  void Init(int i) { notified_init(&waits_[i], &notify_); }
  struct future *Future(int i) {
    return &waits_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Come(int i) {
    Init(i);
    return PollIt(i);
  }
  void Drop(int i) { future_drop(Future(i)); }
  void One() { notify_one(&notify_); }
  void All() { notify_all(&notify_); }
  bool TouchesLocked(const std::function<void()> &body) {
    auto *first = reinterpret_cast<const char *>(&notify_.has_permit);
    auto *end = reinterpret_cast<const char *>(&notify_.waiters + 1);
    return gate::TouchesLocked(first, size_t(end - first), &notify_.lock, body);
  }
  // Is there a permit? It is taken.
  bool TakePermit() {
    struct notified wait;
    WakerProbe probe("once");
    notified_init(&wait, &notify_);
    bool is_there = Poll(&wait.base.base, probe) == POLL_READY;
    future_drop(&wait.base.base);
    return is_there;
  }

  WakerProbe probes_[kMost] = {WakerProbe("first"), WakerProbe("second"),
                               WakerProbe("third")};
  struct notify notify_;
  struct notified waits_[kMost];
};

TEST_F(NotifyStep, One) {
  for (int i = 0; i < kMost; i++) ASSERT_EQ(POLL_PENDING, Come(i));
  ASSERT_EQ(POLL_PENDING, PollIt(0)) << "polled for another reason";
  EXPECT_EQ(1, probes_[0].live())
      << "P2: one waker, however often it is polled";
  for (int i = 0; i < kMost; i++) {
    One();
    EXPECT_EQ(1, probes_[i].wakes()) << "N1: the first who waits";
    for (int j = i + 1; j < kMost; j++) {
      EXPECT_EQ(0, probes_[j].wakes()) << "N1: and nobody else";
      ASSERT_EQ(POLL_PENDING, PollIt(j)) << "N1: it was not meant";
    }
    ASSERT_EQ(POLL_READY, PollIt(i))
        << "N1: it was chosen, or there was a permit";
    EXPECT_EQ(0, waits_[i].base.result);
    Drop(i);
  }
  EXPECT_FALSE(TakePermit()) << "N1: each was for somebody";
  End();
}

TEST_F(NotifyStep, APermitIsLeft) {
  One();
  ASSERT_EQ(POLL_READY, Come(0)) << "N1: it came before anybody waited";
  EXPECT_EQ(0, probes_[0].clones()) << "no waker is needed for that";
  ASSERT_EQ(POLL_PENDING, Come(1)) << "N1: it is taken";
  One();
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(0);
  Drop(1);
  One();
  One();
  EXPECT_TRUE(TakePermit()) << "N1: it was chosen, or there was a permit";
  EXPECT_FALSE(TakePermit()) << "N2: there is at most one";
  End();
}

TEST_F(NotifyStep, All) {
  for (int i = 0; i < 2; i++) ASSERT_EQ(POLL_PENDING, Come(i));
  All();
  ASSERT_EQ(POLL_PENDING, Come(2)) << "N3: who comes later waits";
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(1, probes_[i].wakes()) << "N3: all who waited at that moment";
    ASSERT_EQ(POLL_READY, PollIt(i)) << "N3: all who waited at that moment";
    Drop(i);
  }
  EXPECT_EQ(0, probes_[2].wakes()) << "N3: all who waited at that moment";
  Drop(2);
  EXPECT_FALSE(TakePermit()) << "N3: it leaves no permit";
  All();
  EXPECT_FALSE(TakePermit()) << "N3: also if nobody waits";
  One();
  All();
  EXPECT_TRUE(TakePermit()) << "N3: and takes none away";
  End();
}

TEST_F(NotifyStep, TheChosenOneIsDropped) {
  for (int i = 0; i < 2; i++) ASSERT_EQ(POLL_PENDING, Come(i));
  One();
  EXPECT_EQ(1, probes_[0].wakes());
  Drop(0);
  EXPECT_EQ(1, probes_[1].wakes())
      << "N5: it was chosen and never came: the next one is";
  Drop(1);
  EXPECT_TRUE(TakePermit()) << "N5: nobody is left: it is a permit again";
  End();
}

TEST_F(NotifyStep, OneOfAllIsDropped) {
  for (int i = 0; i < 2; i++) ASSERT_EQ(POLL_PENDING, Come(i));
  All();
  ASSERT_EQ(POLL_PENDING, Come(2));
  Drop(0);
  EXPECT_EQ(0, probes_[2].wakes()) << "N5: it has nothing to give on";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(1);
  EXPECT_EQ(0, probes_[2].wakes()) << "N5: what was taken is gone";
  Drop(2);
  EXPECT_FALSE(TakePermit()) << "N5: a turn that nobody has had goes on";
  End();
}

TEST_F(NotifyStep, DroppedWhileItWaits) {
  for (int i = 0; i < 2; i++) ASSERT_EQ(POLL_PENDING, Come(i));
  Drop(0);
  ASSERT_EQ(0, probes_[0].live()) << "P5: no waker is left";
  ASSERT_EQ(&waits_[1].waiter.link, notify_.waiters.next)
      << "P5: it has gone, and stands in the list still";
  memset(&waits_[0], 0xdd, sizeof waits_[0]);
  EXPECT_EQ(0, probes_[1].wakes()) << "N5: it was not chosen";
  One();
  EXPECT_EQ(1, probes_[1].wakes()) << "N1: the second is the first now";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(1);
  Init(2);
  Drop(2);
  EXPECT_FALSE(TakePermit()) << "P1";
  End();
}

TEST_F(NotifyStep, TheNewestWakerAndNoLock) {
  LockLooker looker(&notify_.lock);
  Init(0);
  ASSERT_EQ(POLL_PENDING, Poll(Future(0), probes_[0]));
  ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  EXPECT_EQ(0, probes_[0].live()) << "P3: the old one is given back";
  ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  ASSERT_TRUE(looker.always_free())
      << "W1: a waker that another one replaces is dropped without the lock";
  Init(1);
  ASSERT_EQ(POLL_PENDING, PollWith(Future(1), looker));
  Init(2);
  ASSERT_EQ(POLL_PENDING, PollWith(Future(2), looker));
  Drop(2);
  ASSERT_TRUE(looker.always_free())
      << "W1: who goes drops its waker without the lock";
  One();
  EXPECT_EQ(1, looker.wakes()) << "P3";
  Drop(0);
  EXPECT_EQ(2, looker.wakes()) << "N5: a turn that nobody has had goes on";
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  Drop(1);
  End();
}

TEST_F(NotifyStep, ItMayMoveAndAllocatesNothing) {
  struct notified made;
  long before = Allocations::total();
  notified_init(&made, &notify_);
  waits_[0] = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollIt(0));
  One();
  ASSERT_EQ(POLL_READY, PollIt(0)) << "P6";
  EXPECT_EQ(before, Allocations::total()) << "P7";
  Drop(0);
  End();
}

// More than are woken in one go. The first that is woken polls the last, which
// is ready; drops the one before; waits again itself; and notifies one.
TEST_F(NotifyStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 4;
  struct notified waits[kMany], again;
  WakerProbe probe("notified"), later("later");
  ActingWaker first([&] {
    EXPECT_EQ(POLL_READY, Poll(&waits[kMany - 1].base.base, probe))
        << "N3: it was there at that moment, though no wake has come yet";
    future_drop(&waits[kMany - 1].base.base);
    EXPECT_FALSE(waiter_waits(&waits[kMany - 1].waiter))
        << "P5: it was ready, and was dropped, and stands in the list of those "
           "that are to be woken still. Ready or not: a drop leaves whatever "
           "list it is in";
    future_drop(&waits[kMany - 2].base.base);
    if (!HasFailure()) memset(&waits[kMany - 2], 0xdd, 2 * sizeof waits[0]);
    notified_init(&again, &notify_);
    EXPECT_EQ(POLL_PENDING, Poll(&again.base.base, later))
        << "N3: who comes meanwhile is for the next time";
    One();
  });
  for (auto &wait : waits) {
    notified_init(&wait, &notify_);
    ASSERT_EQ(POLL_PENDING, future_poll(&wait.base.base,
                                        &wait == &waits[0] ? first.context()
                                                           : probe.context()));
  }
  All();
  EXPECT_EQ(kMany - 3, probe.wakes()) << "N3: each of the others, once";
  EXPECT_EQ(0, probe.live());
  EXPECT_EQ(1, later.wakes()) << "N1: notify_one() is for one who waits still, "
                                 "and not for one that was woken";
  for (int i = 0; i < kMany - 2; i++) {
    ASSERT_EQ(POLL_READY, Poll(&waits[i].base.base, probe));
    future_drop(&waits[i].base.base);
  }
  ASSERT_EQ(POLL_READY, Poll(&again.base.base, later));
  future_drop(&again.base.base);
  EXPECT_FALSE(TakePermit());
  End();
}

// A notify in the middle of a poll, and of a drop.
TEST_F(NotifyStep, OneDuringAPoll) {
  WakerProbe probe("notified");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    bool notified = false;
    Init(0);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(Future(0), probe.context()); },
        [&] {
          if (!IsFree(&notify_.lock)) return;
          notified = true;
          One();
        });
    if (!notified) One();
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes())
          << "P2: a permit came after the look, and before it waited: look "
             "again, with the lock held";
      poll = Poll(Future(0), probe);
    }
    ASSERT_EQ(POLL_READY, poll);
    Drop(0);
    EXPECT_FALSE(TakePermit()) << "N1: it was taken";
  }
  End();
}

TEST_F(NotifyStep, OneDuringADrop) {
  WakerProbe first("first"), second("second");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    second.Reset();
    bool notified = false;
    Init(0);
    Init(1);
    ASSERT_EQ(POLL_PENDING, Poll(Future(0), first));
    ASSERT_EQ(POLL_PENDING, Poll(Future(1), second));
    came = gate::InterruptAt(
        nth, [&] { Drop(0); },
        [&] {
          if (!IsFree(&notify_.lock)) return;
          notified = true;
          One();
        });
    if (!notified) One();
    EXPECT_EQ(1, second.wakes()) << "N5: it is not lost";
    ASSERT_EQ(POLL_READY, Poll(Future(1), second));
    Drop(1);
  }
  End();
}

TEST_F(NotifyStep, EverythingUnderTheLock) {
  Init(0);
  Init(1);
  EXPECT_TRUE(TouchesLocked([&] {
    PollIt(0);
    PollIt(1);
    One();
    Drop(0);
    All();
    PollIt(1);
    Drop(1);
    One();
  })) << "the permit and the list are under the lock, to look at them, too: "
         "without it that is a data race";
  EXPECT_TRUE(TakePermit());
  End();
}

TEST_F(NotifyStep, NotAfterItWasReady) {
  One();
  ASSERT_EQ(POLL_READY, Come(0));
  EXPECT_TRUE(Panics([&] { PollIt(0); }, "P4"))
      << "P4: polled after POLL_READY it panics";
  Drop(0);
  ASSERT_EQ(POLL_PENDING, Come(1));
  EXPECT_TRUE(Panics([&] { notify_end(&notify_); }, "somebody waits"))
      << "a notify that ends while somebody waits panics";
  Drop(1);
  End();
}

TEST_F(NotifyStep, ANotifiedPays) {
  struct notify notifies[2];
  struct notified notified[3];
  for (struct notify &notify : notifies) {
    notify_init(&notify);
    notify_one(&notify);
  }
  notified_init(&notified[0], &notifies[0]);
  notified_init(&notified[1], &notifies[1]);
  notified_init(&notified[2], &notifies[0]);
  gate::CheckItPays(&notified[0].base.base, &notified[1].base.base,
                    &notified[2].base.base);
  for (struct notify &notify : notifies) notify_end(&notify);
  End();
}
