// waiter_test.cc - step 8.3: who waits, in order.
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "tests/08_channel/channel_fixture.h"
#include "tests/support/acting_waker.h"

namespace {

using gate::WakerProbe;

class WaiterStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    list_init(&list_);
  }
  void Wait(struct waiter *waiter, const struct waker *waker) {
    struct waker spare = waker_clone(waker);
    pthread_mutex_lock(&lock_);
    waiter_wait(waiter, &list_, &spare);
    pthread_mutex_unlock(&lock_);
    waker_drop(&spare);
  }
  void Leave(struct waiter *waiter) {
    pthread_mutex_lock(&lock_);
    struct waker waker = waiter_leave(waiter);
    pthread_mutex_unlock(&lock_);
    waker_drop(&waker);
  }
  void WakeFirst() {
    pthread_mutex_lock(&lock_);
    struct waker waker = waiters_take_first(&list_);
    pthread_mutex_unlock(&lock_);
    waker_wake_if_any(&waker);
  }
  void WakeAll() {
    pthread_mutex_lock(&lock_);
    gate::Note("waking all who wait");
    waiters_wake_all(&list_, &lock_);
    ASSERT_TRUE(IsFree(&lock_)) << "A4: it returns without the lock";
  }

  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  struct list list_;
};

TEST_F(WaiterStep, InOrder) {
  struct waiter waiters[3];
  WakerProbe probes[3] = {WakerProbe("first"), WakerProbe("second"),
                          WakerProbe("third")};
  for (int i = 0; i < 3; i++) {
    waiter_init(&waiters[i]);
    EXPECT_FALSE(waiter_waits(&waiters[i]))
        << "A1: it has a waker if and only if it waits";
    Wait(&waiters[i], probes[i].waker());
    EXPECT_TRUE(waiter_waits(&waiters[i]))
        << "A1: it has a waker if and only if it waits";
  }
  for (int i = 0; i < 3; i++) {
    WakeFirst();
    EXPECT_EQ(1, probes[i].wakes()) << "A2: in order";
    EXPECT_FALSE(waiter_waits(&waiters[i])) << "A1: woken, it waits no more";
    if (i < 2) {
      EXPECT_EQ(0, probes[i + 1].wakes()) << "only the first";
    }
  }
  WakeFirst();
  EXPECT_TRUE(list_is_empty(&list_));
}

TEST_F(WaiterStep, ItKeepsItsPlace) {
  struct waiter first, second;
  WakerProbe old("old"), newest("newest"), other("other");
  waiter_init(&first);
  waiter_init(&second);
  Wait(&first, old.waker());
  Wait(&second, other.waker());
  Wait(&first, newest.waker());
  EXPECT_EQ(0, old.live()) << "A2: the old waker is given back";
  WakeFirst();
  EXPECT_EQ(0, other.wakes()) << "A2: who was polled again is first still";
  EXPECT_EQ(1, newest.wakes()) << "A2, P3";
  WakeFirst();
  EXPECT_EQ(1, other.wakes());
}

TEST_F(WaiterStep, ItLeaves) {
  struct waiter waiters[3];
  WakerProbe probe("waiter");
  for (auto &waiter : waiters) {
    waiter_init(&waiter);
    Wait(&waiter, probe.waker());
  }
  Leave(&waiters[1]);
  Leave(&waiters[1]);  // once is enough
  EXPECT_EQ(2, probe.live()) << "its waker is given back";
  WakeFirst();
  WakeFirst();
  EXPECT_TRUE(list_is_empty(&list_));
  Leave(&waiters[0]);  // it was woken: nothing
  EXPECT_EQ(2, probe.wakes());
}

TEST_F(WaiterStep, ItWaitsAgain) {
  struct waiter waiter, never;
  WakerProbe probe("waiter");
  waiter_init(&waiter);
  waiter_init(&never);
  Leave(&never);  // it never waited: nothing
  for (int i = 1; i <= 3; i++) {
    Wait(&waiter, probe.waker());
    WakeFirst();
    EXPECT_EQ(i, probe.wakes())
        << "A1: woken, it is in no list, and may join one";
  }
}

TEST_F(WaiterStep, ItMayMoveWhileItDoesNotWait) {
  struct waiter made, moved;
  WakerProbe probe("waiter");
  waiter_init(&made);
  moved = made;
  memset(&made, 0xdd, sizeof made);
  Wait(&moved, probe.waker());
  WakeFirst();
  EXPECT_EQ(1, probe.wakes()) << "A5: it may move while it does not wait";
}

TEST_F(WaiterStep, All) {
  for (int count :
       {0, 1, WAKE_BATCH - 1, 0 + WAKE_BATCH, WAKE_BATCH + 1, 3 * WAKE_BATCH}) {
    std::vector<struct waiter> waiters(count);
    WakerProbe probe("waiter");
    for (auto &waiter : waiters) {
      waiter_init(&waiter);
      Wait(&waiter, probe.waker());
    }
    WakeAll();
    EXPECT_EQ(count, probe.wakes()) << "A4: each of " << count << ", once";
    EXPECT_TRUE(list_is_empty(&list_));
    EXPECT_EQ(0, probe.live());
  }
}

TEST_F(WaiterStep, WithoutTheLock) {
  LockLooker looker(&lock_);
  std::vector<struct waiter> waiters(WAKE_BATCH + 2);
  for (auto &waiter : waiters) {
    waiter_init(&waiter);
    Wait(&waiter, looker.waker());
    Wait(&waiter, looker.waker());
  }
  WakeAll();
  EXPECT_EQ(WAKE_BATCH + 2, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "A3, W1";
}

// Each waits again as soon as it is woken, as a task does that is quick.
TEST_F(WaiterStep, WhoComesWhileAllAreWoken) {
  std::vector<struct waiter> waiters(WAKE_BATCH + 4);
  std::vector<std::unique_ptr<ActingWaker>> wakers;
  int wakes = 0;
  const int kMost = 3 * int(waiters.size());
  for (auto &waiter : waiters) {
    waiter_init(&waiter);
    wakers.emplace_back(new ActingWaker([&, waiter = &waiter] {
      if (++wakes < kMost) Wait(waiter, wakers[waiter - &waiters[0]]->waker());
    }));
    Wait(&waiter, wakers.back()->waker());
  }
  WakeAll();
  EXPECT_EQ(int(waiters.size()), wakes)
      << "A4: who comes later waits for the next time";
  for (auto &waiter : waiters) Leave(&waiter);
}

// The first wake makes others leave, who would come in a later batch.
TEST_F(WaiterStep, WhoLeavesWhileAllAreWoken) {
  std::vector<struct waiter> waiters(2 * WAKE_BATCH);
  struct waiter late;
  WakerProbe probe("waiter"), newcomer("who comes later");
  waiter_init(&late);
  ActingWaker first([&] {
    for (size_t i = WAKE_BATCH; i < waiters.size() - 1; i++) {
      Leave(&waiters[i]);
      memset(&waiters[i], 0xdd, sizeof waiters[i]);
    }
    Wait(&late, newcomer.waker());
  });
  for (auto &waiter : waiters) {
    waiter_init(&waiter);
    Wait(&waiter, &waiter == &waiters[0] ? first.waker() : probe.waker());
  }
  WakeAll();
  EXPECT_EQ(WAKE_BATCH, probe.wakes())
      << "A4: who has left is not woken, and not touched";
  EXPECT_EQ(0, newcomer.wakes()) << "A4: who comes later is not woken in place "
                                    "of one who has left";
  EXPECT_EQ(0, probe.live());
  Leave(&late);
}

}  // namespace
