// watch_test.cc - step 8.11: the latest value.
#include <cerrno>
#include <cstring>
#include <vector>

#include "tests/support/budget.h"
#include "tests/08_channel/channel_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/interrupt.h"

extern "C" {
#include "chapters/08_channel/watch.h"
}

using gate::Allocations;
using gate::Poll;
using gate::WakerProbe;

class WatchStep : public gate::Step {
 protected:
  void Make() {
    int first = 1;
    ASSERT_EQ(0, watch_create(&sender_, &receiver_, &first, sizeof first));
  }
  void End() {
    if (sender_.shared != nullptr) watch_sender_drop(&sender_);
    if (receiver_.shared != nullptr) watch_receiver_drop(&receiver_);
  }
  int Send(int value) { return watch_send(&sender_, &value); }
  int Read(struct watch_receiver &receiver) {
    int value = -1;
    watch_read(&receiver, &value);
    return value;
  }
  // The result of `changed`, polled once: -EAGAIN if it is pending.
  int Changed(struct watch_receiver &receiver) {
    struct watch_changed changed;
    WakerProbe probe("once");
    watch_changed_init(&changed, &receiver);
    enum poll poll = Poll(&changed.base.base, probe);
    int result = poll == POLL_READY ? changed.base.result : -EAGAIN;
    future_drop(&changed.base.base);
    return result;
  }
  pthread_mutex_t *lock() { return &receiver_.shared->lock; }

  struct watch_sender sender_ = {};
  struct watch_receiver receiver_ = {};
  WakerProbe probe_{"receiver"};
};

TEST_F(WatchStep, TheFirstValue) {
  ASSERT_NO_FATAL_FAILURE(Make());
  EXPECT_EQ(-EAGAIN, Changed(receiver_)) << "V3: the first counts as seen";
  EXPECT_EQ(1, Read(receiver_))
      << "V2: the latest value, which has been seen then";
  End();
}

TEST_F(WatchStep, OnlyTheLatest) {
  ASSERT_NO_FATAL_FAILURE(Make());
  EXPECT_EQ(0, Send(2)) << "V1: -EPIPE without a receiver, else 0";
  EXPECT_EQ(0, Send(3));
  EXPECT_EQ(0, Changed(receiver_)) << "V3: news is what was not seen yet";
  EXPECT_EQ(-EAGAIN, Changed(receiver_)) << "V3: once, however many came";
  EXPECT_EQ(3, Read(receiver_)) << "V2: the latest";
  EXPECT_EQ(0, Send(4));
  EXPECT_EQ(4, Read(receiver_))
      << "V2: the latest value, which has been seen then";
  EXPECT_EQ(-EAGAIN, Changed(receiver_)) << "V2: what was read has been seen";
  EXPECT_EQ(0, Send(4));
  EXPECT_EQ(0, Changed(receiver_)) << "V3: a value, though it is the same";
  End();
}

TEST_F(WatchStep, AValueThatComes) {
  struct watch_changed changed;
  ASSERT_NO_FATAL_FAILURE(Make());
  watch_changed_init(&changed, &receiver_);
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, probe_));
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, probe_));
  EXPECT_EQ(1, probe_.live()) << "P2: one waker, however often it is polled";
  Send(2);
  EXPECT_EQ(1, probe_.wakes()) << "V5: who waits is woken";
  Send(3);
  EXPECT_EQ(1, probe_.wakes()) << "V5: it has not been polled since";
  ASSERT_EQ(POLL_READY, Poll(&changed.base.base, probe_));
  EXPECT_EQ(0, changed.base.result) << "V3: news is what was not seen yet";
  EXPECT_EQ(3, Read(receiver_));
  future_drop(&changed.base.base);
  End();
}

TEST_F(WatchStep, EachHasSeenWhatItHasSeen) {
  ASSERT_NO_FATAL_FAILURE(Make());
  Send(2);
  struct watch_receiver other = watch_receiver_clone(&receiver_);
  EXPECT_EQ(0, Changed(receiver_));
  EXPECT_EQ(0, Changed(other)) << "V3: this one has not seen it yet";
  struct watch_receiver third = watch_receiver_clone(&receiver_);
  EXPECT_EQ(-EAGAIN, Changed(third)) << "a clone has seen what its origin has";
  watch_receiver_drop(&other);
  watch_receiver_drop(&third);
  End();
}

TEST_F(WatchStep, TheSenderGoes) {
  struct watch_changed changed;
  ASSERT_NO_FATAL_FAILURE(Make());
  watch_changed_init(&changed, &receiver_);
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, probe_));
  watch_sender_drop(&sender_);
  EXPECT_EQ(1, probe_.wakes()) << "V5: nobody else would ever say so";
  ASSERT_EQ(POLL_READY, Poll(&changed.base.base, probe_));
  EXPECT_EQ(-EPIPE, changed.base.result)
      << "V4: the sender has gone: news first, then -EPIPE";
  future_drop(&changed.base.base);
  EXPECT_EQ(1, Read(receiver_)) << "V4: the value is there still";
  End();
}

TEST_F(WatchStep, TheLastWord) {
  ASSERT_NO_FATAL_FAILURE(Make());
  Send(2);
  watch_sender_drop(&sender_);
  EXPECT_EQ(0, Changed(receiver_)) << "V4: a value that was not seen, first";
  EXPECT_EQ(-EPIPE, Changed(receiver_))
      << "V4: the sender has gone: news first, then -EPIPE";
  EXPECT_EQ(2, Read(receiver_));
  End();
}

TEST_F(WatchStep, TheReceiversGo) {
  ASSERT_NO_FATAL_FAILURE(Make());
  struct watch_receiver other = watch_receiver_clone(&receiver_);
  watch_receiver_drop(&receiver_);
  EXPECT_EQ(0, Send(2)) << "V1: there is still one";
  watch_receiver_drop(&other);
  EXPECT_EQ(-EPIPE, Send(3)) << "V1: -EPIPE without a receiver, else 0";
  End();
  EXPECT_EQ(0, Allocations::live());
}

TEST_F(WatchStep, DroppedWhileItWaits) {
  struct watch_changed changed;
  ASSERT_NO_FATAL_FAILURE(Make());
  watch_changed_init(&changed, &receiver_);
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, probe_));
  future_drop(&changed.base.base);
  memset(&changed, 0xdd, sizeof changed);
  EXPECT_EQ(0, probe_.live()) << "P5: a drop leaves nothing behind";
  EXPECT_EQ(0, Send(2));
  EXPECT_EQ(0, probe_.wakes());
  EXPECT_EQ(0, Changed(receiver_)) << "it has seen nothing";
  End();
}

TEST_F(WatchStep, TheNewestWaker) {
  struct watch_changed changed;
  WakerProbe newest("newest");
  ASSERT_NO_FATAL_FAILURE(Make());
  watch_changed_init(&changed, &receiver_);
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, probe_));
  ASSERT_EQ(POLL_PENDING, Poll(&changed.base.base, newest));
  Send(2);
  EXPECT_EQ(0, probe_.wakes()) << "P3: the newest waker is the one to wake";
  EXPECT_EQ(1, newest.wakes()) << "P3: the newest waker is the one to wake";
  future_drop(&changed.base.base);
  End();
}

TEST_F(WatchStep, WhatItIsWokenForIsThere) {
  struct watch_changed changed;
  ASSERT_NO_FATAL_FAILURE(Make());
  for (int expected : {0, -EPIPE}) {
    int result = 1;
    ActingWaker waker([&] { result = Changed(receiver_); });
    watch_changed_init(&changed, &receiver_);
    ASSERT_EQ(POLL_PENDING, future_poll(&changed.base.base, waker.context()));
    gate::Note("a wake that looks: if it does not return, the lock is held");
    if (expected == 0)
      Send(2);
    else
      watch_sender_drop(&sender_);
    EXPECT_EQ(expected, result)
        << "V5: first the value or the end, then the wake";
    future_drop(&changed.base.base);
  }
  End();
}

TEST_F(WatchStep, TheLockIsTaken) {
  struct watch_changed changed;
  ASSERT_NO_FATAL_FAILURE(Make());
  LockLooker looker(lock());
  EXPECT_TRUE(TakesLock(lock(), [&] { Send(2); }))
      << "a send writes without the lock";
  EXPECT_TRUE(TakesLock(lock(), [&] { Read(receiver_); }))
      << "a value is read without the lock";
  watch_changed_init(&changed, &receiver_);
  ASSERT_EQ(POLL_PENDING, PollWith(&changed.base.base, looker));
  EXPECT_TRUE(TakesLock(lock(), [&] { future_drop(&changed.base.base); }))
      << "who waits leaves the list without the lock";
  EXPECT_TRUE(looker.always_free()) << "W1: no lock is held";
  End();
}

TEST_F(WatchStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 5;
  ASSERT_NO_FATAL_FAILURE(Make());
  LockLooker looker(lock());
  struct watch_receiver receivers[kMany];
  struct watch_changed changes[kMany];
  for (int i = 0; i < kMany; i++) {
    receivers[i] = watch_receiver_clone(&receiver_);
    watch_changed_init(&changes[i], &receivers[i]);
    ASSERT_EQ(POLL_PENDING, PollWith(&changes[i].base.base, looker));
  }
  Send(7);
  EXPECT_EQ(kMany, looker.wakes()) << "V5: all of them";
  for (int i = 0; i < kMany; i++) {
    ASSERT_EQ(POLL_READY, PollWith(&changes[i].base.base, looker));
    EXPECT_EQ(7, Read(receivers[i]));
    future_drop(&changes[i].base.base);
    watch_receiver_drop(&receivers[i]);
  }
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  End();
}

TEST_F(WatchStep, MemoryOnce) {
  int first = 1;
  for (long nth = 1;; nth++) {
    Allocations::FailNth(nth);
    int result = watch_create(&sender_, &receiver_, &first, sizeof first);
    bool failed = Allocations::failed();
    Allocations::FailNth(0);
    if (!failed) break;
    ASSERT_EQ(-ENOMEM, result);
    ASSERT_EQ(0, Allocations::live()) << "nothing is left of a failure";
  }
  long before = Allocations::total();
  for (int i = 0; i < 10; i++) Send(i);
  Read(receiver_);
  EXPECT_EQ(before, Allocations::total()) << "a send costs no allocation";
  End();
}

TEST_F(WatchStep, ASendDuringAPoll) {
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    struct watch_changed changed;
    enum poll poll = POLL_PENDING;
    bool sent = false;
    ASSERT_NO_FATAL_FAILURE(Make());
    watch_changed_init(&changed, &receiver_);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&changed.base.base, probe.context()); },
        [&] {
          if (IsFree(lock())) sent = Send(5) == 0;
        });
    if (sent && poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "P2: a value came after the look, and "
                                     "before it waited: look again, "
                                     "with the lock held";
      poll = Poll(&changed.base.base, probe);
    }
    if (sent) {
      ASSERT_EQ(POLL_READY, poll);
      EXPECT_EQ(5, Read(receiver_));
    }
    future_drop(&changed.base.base);
    End();
  }
}

TEST_F(WatchStep, AChangePays) {
  struct watch_receiver other;
  struct watch_changed changed[3];
  Make();
  Send(2);
  other = watch_receiver_clone(&receiver_);
  watch_changed_init(&changed[0], &receiver_);
  watch_changed_init(&changed[1], &other);
  watch_changed_init(&changed[2], &receiver_);
  gate::CheckItPays(&changed[0].base.base, &changed[1].base.base,
                    &changed[2].base.base);
  watch_receiver_drop(&other);
  End();
}
