// waker_test.cc - steps 3.1 to 3.3: wakers of one's own making.
#include <thread>
#include <vector>

#include "chapters/03_waker/counted_flag.h"
#include "chapters/03_waker/flag_waker.h"
#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/probes.h"

using gate::WakerProbe;

// ---------------------------------------------------------------- step 3.1

class FlagWakerStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    flag_init(&flag_);
  }
  struct flag flag_;
};

TEST_F(FlagWakerStep, AWakeSetsTheFlag) {
  struct waker waker = flag_waker(&flag_);
  EXPECT_FALSE(flag_take(&flag_)) << "nobody has woken it yet";
  waker_wake_by_ref(&waker);
  EXPECT_TRUE(flag_take(&flag_)) << "a wake sets the flag that is its data";
  EXPECT_FALSE(flag_take(&flag_))
      << "W4: taking the flag clears it, or one wake is seen for ever";
  waker_drop(&waker);
}

TEST_F(FlagWakerStep, BothKindsOfWakeSetTheFlag) {
  struct waker waker = flag_waker(&flag_);
  struct waker clone = waker_clone(&waker);
  waker_wake(&clone);
  EXPECT_TRUE(flag_take(&flag_)) << "W2: a wake by value is a wake as well";
  waker_wake_by_ref(&waker);
  waker_wake_by_ref(&waker);
  EXPECT_TRUE(flag_take(&flag_));
  EXPECT_FALSE(flag_take(&flag_)) << "W4: many wakes may count as one";
  waker_drop(&waker);
}

// A wake at every place of a take that finds nothing yet.
TEST_F(FlagWakerStep, AWakeInTheMiddleOfATake) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool taken = false;
    struct waker waker = flag_waker(&flag_);
    came = gate::InterruptAt(
        nth, [&] { taken = flag_take(&flag_); },
        [&] { waker_wake_by_ref(&waker); });
    if (came) {
      EXPECT_TRUE(taken || flag_take(&flag_))
          << "W4: a wake that came while the flag was being taken is lost: "
             "look and clear in one operation";
    }
  }
}

TEST_F(FlagWakerStep, ADropIsNoWake) {
  struct waker waker = flag_waker(&flag_);
  struct waker clone = waker_clone(&waker);
  waker_drop(&clone);
  waker_drop(&waker);
  EXPECT_FALSE(flag_take(&flag_)) << "W2: a drop gives back, and wakes nobody";
}

TEST_F(FlagWakerStep, EachFlagHasItsOwnWaker) {
  struct flag other;
  flag_init(&other);
  struct waker waker = flag_waker(&other);
  waker_wake(&waker);
  EXPECT_FALSE(flag_take(&flag_)) << "the data pointer says which flag";
  EXPECT_TRUE(flag_take(&other));
}

TEST_F(FlagWakerStep, AnyThreadMayWake) {
  struct waker waker = flag_waker(&flag_);
  int news = 0;
  std::thread thread([&] {
    news = 7;
    waker_wake(&waker);
  });
  EXPECT_TRUE(gate::Eventually("the flag is set", [&] {
    return flag_take(&flag_);
  })) << "W3: any thread may use a waker";
  EXPECT_EQ(7, news) << "what came before the wake is seen after the take";
  thread.join();
}

// ---------------------------------------------------------------- step 3.2

class CountedFlagStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    flag_ = counted_flag_create();
    ASSERT_NE(nullptr, flag_);
  }
  struct counted_flag *flag_;
};

TEST_F(CountedFlagStep, TheMakerOwnsAShare) {
  EXPECT_EQ(1, gate::Allocations::live());
  counted_flag_unref(flag_);
  EXPECT_EQ(0, gate::Allocations::live())
      << "C2: the last owner to let go frees the flag";
}

TEST_F(CountedFlagStep, AWakerOwnsAShare) {
  struct waker waker = counted_flag_waker(flag_);
  counted_flag_unref(flag_);
  ASSERT_EQ(1, gate::Allocations::live())
      << "C1: the waker owns the flag, too, so it must be there still";
  struct waker clone = waker_clone(&waker);
  waker_drop(&waker);
  ASSERT_EQ(1, gate::Allocations::live()) << "C1: so does a clone";
  waker_wake_by_ref(&clone);
  ASSERT_EQ(1, gate::Allocations::live())
      << "C3: a wake by reference gives nothing up";
  waker_drop(&clone);
  EXPECT_EQ(0, gate::Allocations::live())
      << "C2: the last owner to let go frees the flag";
}

TEST_F(CountedFlagStep, AWakeByValueConsumes) {
  struct waker waker = counted_flag_waker(flag_);
  struct waker clone = waker_clone(&waker);
  waker_wake(&waker);
  EXPECT_TRUE(counted_flag_take(flag_)) << "C3: it sets the flag";
  counted_flag_unref(flag_);
  ASSERT_EQ(1, gate::Allocations::live()) << "C1: the clone owns a share";
  waker_wake(&clone);
  EXPECT_EQ(0, gate::Allocations::live())
      << "C3: a wake by value sets the flag and gives up its share (W2)";
  EXPECT_FALSE(gate::Allocations::written_after_free())
      << "C2: set the flag first and let go second: when the last owner has "
         "let go, the flag is not there any more";
}

TEST_F(CountedFlagStep, OneAllocationHoweverManyWakers) {
  std::vector<struct waker> wakers;
  wakers.reserve(100);
  for (int i = 0; i < 100; i++) wakers.push_back(counted_flag_waker(flag_));
  EXPECT_EQ(1, gate::Allocations::total()) << "a clone is a count, no memory";
  for (struct waker &waker : wakers) waker_drop(&waker);
  counted_flag_unref(flag_);
  EXPECT_EQ(0, gate::Allocations::live()) << "C2: freed by the last owner";
}

// At every place of one owner's unref the other one lets go, too.
TEST_F(CountedFlagStep, TwoOwnersLetGoAtOnce) {
  gate::Allocations::FillFreedWith(0);  // a count that is gone reads as nought
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct counted_flag *flag = counted_flag_create();
    struct waker other = counted_flag_waker(flag);
    came = gate::InterruptAt(
        nth, [flag] { counted_flag_unref(flag); },
        [&other] { waker_drop(&other); });
    waker_drop(&other);
    EXPECT_FALSE(gate::Allocations::freed_twice())
        << "C2: who frees is decided by the value that the subtraction "
           "returned: only one owner sees the count at its end there";
    EXPECT_EQ(1, gate::Allocations::live()) << "C2: and one owner must";
  }
  counted_flag_unref(flag_);
}

TEST_F(CountedFlagStep, ManyThreadsShareIt) {
  struct waker waker = counted_flag_waker(flag_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([mine = waker_clone(&waker)]() mutable {
      for (int round = 0; round < 1000; round++) {
        struct waker clone = waker_clone(&mine);
        if (round % 2)
          waker_wake(&clone);
        else
          waker_drop(&clone);
      }
      waker_drop(&mine);
    });
  for (std::thread &thread : threads) thread.join();
  waker_drop(&waker);
  EXPECT_EQ(1, gate::Allocations::live()) << "W3: counts of any thread add up";
  EXPECT_TRUE(counted_flag_take(flag_));
  counted_flag_unref(flag_);
}

// ---------------------------------------------------------------- step 3.3

class CloneFromStep : public gate::Step {};

TEST_F(CloneFromStep, SameTaskSameAnswer) {
  WakerProbe one("one"), other("other");
  struct waker clone = waker_clone(one.waker());
  EXPECT_TRUE(waker_will_wake(one.waker(), &clone))
      << "the same operations on the same data wake the same task";
  EXPECT_FALSE(waker_will_wake(one.waker(), other.waker()))
      << "other data is another task";
  struct waker noop = noop_waker();
  noop.data = clone.data;
  EXPECT_FALSE(waker_will_wake(&noop, &clone))
      << "other operations on the same data are another kind of waker";
  waker_drop(&clone);
}

TEST_F(CloneFromStep, AnEmptyOneIsFilled) {
  WakerProbe probe;
  struct waker kept = {nullptr, nullptr};
  waker_clone_from(&kept, probe.waker());
  ASSERT_EQ(1, probe.clones()) << "P3: there was none, so one is cloned";
  waker_wake(&kept);
  EXPECT_EQ(1, probe.wakes());
}

TEST_F(CloneFromStep, AThousandPollsAreOneClone) {
  WakerProbe probe;
  struct waker kept = {nullptr, nullptr};
  for (int poll = 0; poll < 1000; poll++)
    waker_clone_from(&kept, probe.waker());
  EXPECT_EQ(1, probe.clones())
      << "the kept waker would wake the same task: no clone is needed";
  EXPECT_EQ(0, probe.drops());
  waker_drop(&kept);
}

TEST_F(CloneFromStep, TheNewestWins) {
  WakerProbe first("first"), second("second");
  struct waker kept = {nullptr, nullptr};
  waker_clone_from(&kept, first.waker());
  waker_clone_from(&kept, second.waker());
  EXPECT_EQ(1, second.clones()) << "P3: the task has a new waker: keep that";
  EXPECT_EQ(1, first.drops()) << "W2: and give the old one back";
  ASSERT_NE(nullptr, kept.ops);
  waker_wake(&kept);
  EXPECT_EQ(0, first.wakes()) << "P3: the stale waker must not be woken";
  EXPECT_EQ(1, second.wakes());
}
