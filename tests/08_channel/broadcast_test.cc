// broadcast_test.cc - step 8.10: every item to every receiver.
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/support/budget.h"
#include "tests/08_channel/channel_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/interrupt.h"

extern "C" {
#include "chapters/08_channel/broadcast.h"
}

using gate::Allocations;
using gate::Poll;
using gate::WakerProbe;

class BroadcastStep : public gate::Step {
 protected:
  void Make(size_t capacity) {
    ASSERT_EQ(0, broadcast_create(&sender_, &receiver_, sizeof(int), capacity));
  }
  void End() {
    if (sender_.shared != nullptr) broadcast_sender_drop(&sender_);
    if (receiver_.shared != nullptr) broadcast_receiver_drop(&receiver_);
  }
  int Send(int item) { return broadcast_send(&sender_, &item); }
  // The item, or the error.
  int Read(struct broadcast_receiver &receiver) {
    int item = -1, result = broadcast_try_receive(&receiver, &item, &missed_);
    return result < 0 ? result : item;
  }
  void Init(struct broadcast_receive *receive) {
    broadcast_receive_init(receive, &receiver_, &item_);
  }
  enum poll PollIt(struct broadcast_receive &receive, WakerProbe &probe) {
    return Poll(&receive.base.base, probe);
  }
  void Drop(struct broadcast_receive &receive) {
    future_drop(&receive.base.base);
  }
  pthread_mutex_t *lock() { return &sender_.shared->lock; }

  struct broadcast_sender sender_ = {};
  struct broadcast_receiver receiver_ = {};
  uint64_t missed_ = 0;
  int item_ = -1;
  WakerProbe probe_{"receiver"};
};

TEST_F(BroadcastStep, ToEveryReceiver) {
  ASSERT_NO_FATAL_FAILURE(Make(4));
  struct broadcast_receiver other = broadcast_subscribe(&sender_);
  EXPECT_EQ(2, Send(1)) << "B1: to so many";
  EXPECT_EQ(2, Send(2));
  for (auto *receiver : {&receiver_, &other}) {
    EXPECT_EQ(1, Read(*receiver)) << "B2: every item to every receiver";
    EXPECT_EQ(2, Read(*receiver)) << "B2: in order";
    EXPECT_EQ(-EAGAIN, Read(*receiver));
  }
  broadcast_receiver_drop(&other);
  EXPECT_EQ(1, Send(3)) << "B1: the number of receivers, or -EPIPE";
  EXPECT_EQ(3, Read(receiver_));
  End();
}

TEST_F(BroadcastStep, FromWhenItCame) {
  ASSERT_NO_FATAL_FAILURE(Make(4));
  EXPECT_EQ(1, Send(1));
  struct broadcast_receiver late = broadcast_subscribe(&sender_);
  EXPECT_EQ(-EAGAIN, Read(late)) << "B2: what was sent before is not for it";
  EXPECT_EQ(2, Send(2));
  EXPECT_EQ(2, Read(late));
  EXPECT_EQ(1, Read(receiver_));
  broadcast_receiver_drop(&late);
  End();
}

TEST_F(BroadcastStep, ToNobody) {
  ASSERT_NO_FATAL_FAILURE(Make(4));
  broadcast_receiver_drop(&receiver_);
  EXPECT_EQ(-EPIPE, Send(1)) << "B1: the number of receivers, or -EPIPE";
  receiver_ = broadcast_subscribe(&sender_);
  EXPECT_EQ(-EAGAIN, Read(receiver_)) << "B1: it was not kept";
  EXPECT_EQ(1, Send(2)) << "B1: there is one again";
  EXPECT_EQ(2, Read(receiver_));
  End();
}

TEST_F(BroadcastStep, TheSlowOneIsTold) {
  for (int capacity : {1, 2, 5}) {
    ASSERT_NO_FATAL_FAILURE(Make(size_t(capacity)));
    for (int i = 0; i < capacity; i++) EXPECT_EQ(1, Send(i));
    EXPECT_EQ(0, Read(receiver_)) << "B3: just in time";
    for (int i = 0; i < capacity + 3; i++) EXPECT_EQ(1, Send(100 + i));
    ASSERT_EQ(-EOVERFLOW, Read(receiver_)) << "B3: with room for " << capacity;
    EXPECT_EQ(uint64_t(capacity - 1 + 3), missed_)
        << "B3: so many are gone, with room for " << capacity;
    for (int i = 0; i < capacity; i++)
      EXPECT_EQ(103 + i, Read(receiver_)) << "B3: on with the oldest";
    EXPECT_EQ(-EAGAIN, Read(receiver_));
    End();
    receiver_ = {}, sender_ = {};
  }
}

TEST_F(BroadcastStep, TheFastOneIsNotTold) {
  ASSERT_NO_FATAL_FAILURE(Make(2));
  struct broadcast_receiver slow = broadcast_subscribe(&sender_);
  for (int i = 0; i < 10; i++) {
    Send(i);
    EXPECT_EQ(i, Read(receiver_)) << "B3: each has its own position";
  }
  EXPECT_EQ(-EOVERFLOW, Read(slow));
  EXPECT_EQ(8u, missed_);
  EXPECT_EQ(8, Read(slow));
  broadcast_receiver_drop(&slow);
  End();
}

TEST_F(BroadcastStep, AnItemThatComes) {
  struct broadcast_receive receive;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  EXPECT_EQ(1, probe_.live()) << "P2: one waker, however often it is polled";
  Send(7);
  EXPECT_EQ(1, probe_.wakes())
      << "P2: who is pending has its waker there, and is woken";
  Send(8);
  EXPECT_EQ(1, probe_.wakes()) << "once: it has not been polled since";
  ASSERT_EQ(POLL_READY, PollIt(receive, probe_));
  EXPECT_EQ(0, receive.base.result);
  EXPECT_EQ(7, item_);
  Drop(receive);
  Init(&receive);
  for (int i = 0; i < 4; i++) Send(i);
  ASSERT_EQ(POLL_READY, PollIt(receive, probe_));
  EXPECT_EQ(-EOVERFLOW, receive.base.result)
      << "B3: who is too slow is told, once";
  EXPECT_EQ(3u, receive.missed) << "B3: who is too slow is told, once";
  Drop(receive);
  End();
}

TEST_F(BroadcastStep, TheEnd) {
  struct broadcast_receive receive;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  struct broadcast_sender other = broadcast_sender_clone(&sender_);
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  broadcast_sender_drop(&sender_);
  EXPECT_EQ(0, probe_.wakes()) << "B4: there is still one";
  int item = 7;
  EXPECT_EQ(1, broadcast_send(&other, &item));
  broadcast_sender_drop(&other);
  ASSERT_EQ(POLL_READY, PollIt(receive, probe_));
  EXPECT_EQ(7, item_) << "B4: what is left, first";
  Drop(receive);
  EXPECT_EQ(-EPIPE, Read(receiver_))
      << "B4: the senders have gone: what is left, then -EPIPE";
  End();
}

TEST_F(BroadcastStep, TheEndWhileItWaits) {
  struct broadcast_receive receive;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  broadcast_sender_drop(&sender_);
  EXPECT_EQ(1, probe_.wakes()) << "B4: nobody else would ever say so";
  ASSERT_EQ(POLL_READY, PollIt(receive, probe_));
  EXPECT_EQ(-EPIPE, receive.base.result)
      << "B4: the senders have gone: what is left, then -EPIPE";
  Drop(receive);
  End();
}

TEST_F(BroadcastStep, DroppedWhileItWaits) {
  struct broadcast_receive receive;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  Drop(receive);
  memset(&receive, 0xdd, sizeof receive);
  EXPECT_EQ(0, probe_.live()) << "P5: a drop leaves nothing behind";
  EXPECT_EQ(1, Send(7));
  EXPECT_EQ(0, probe_.wakes()) << "B5: a receive that was dropped is not woken";
  EXPECT_EQ(7, Read(receiver_)) << "B5: it has taken nothing";
  End();
}

TEST_F(BroadcastStep, TheNewestWaker) {
  struct broadcast_receive receive;
  WakerProbe newest("newest");
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollIt(receive, probe_));
  ASSERT_EQ(POLL_PENDING, PollIt(receive, newest));
  Send(1);
  EXPECT_EQ(0, probe_.wakes()) << "P3: the newest waker is the one to wake";
  EXPECT_EQ(1, newest.wakes()) << "P3: the newest waker is the one to wake";
  Drop(receive);
  End();
}

TEST_F(BroadcastStep, WhatItIsWokenForIsThere) {
  struct broadcast_receive receive;
  int read = 0;
  ActingWaker waker([&] { read = Read(receiver_); });
  ASSERT_NO_FATAL_FAILURE(Make(2));
  for (int expected : {7, -EPIPE}) {
    Init(&receive);
    ASSERT_EQ(POLL_PENDING, future_poll(&receive.base.base, waker.context()));
    gate::Note("a wake that reads: if it does not return, the lock is held");
    if (expected == 7)
      Send(7);
    else
      broadcast_sender_drop(&sender_);
    EXPECT_EQ(expected, read) << "B2, B4: first the item or the end, then the "
                                 "wake";
    Drop(receive);
  }
  End();
}

TEST_F(BroadcastStep, TheLockIsTaken) {
  struct broadcast_receive receive;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  LockLooker looker(lock());
  EXPECT_TRUE(TakesLock(lock(), [&] { Send(1); }))
      << "a send writes without the lock";
  EXPECT_EQ(1, Read(receiver_));
  Init(&receive);
  ASSERT_EQ(POLL_PENDING, PollWith(&receive.base.base, looker));
  EXPECT_TRUE(TakesLock(lock(), [&] { Drop(receive); }))
      << "B5: a receive leaves the list without the lock";
  EXPECT_TRUE(looker.always_free()) << "W1: no lock is held";
  End();
}

TEST_F(BroadcastStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 5;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  LockLooker looker(lock());
  struct broadcast_receiver receivers[kMany];
  struct broadcast_receive receives[kMany];
  int items[kMany];
  for (int i = 0; i < kMany; i++) {
    receivers[i] = broadcast_subscribe(&sender_);
    broadcast_receive_init(&receives[i], &receivers[i], &items[i]);
    ASSERT_EQ(POLL_PENDING, PollWith(&receives[i].base.base, looker));
  }
  EXPECT_EQ(kMany + 1, Send(7)) << "B1: the number of receivers, or -EPIPE";
  EXPECT_EQ(kMany, looker.wakes()) << "B2: all of them";
  for (int i = 0; i < kMany; i++) {
    ASSERT_EQ(POLL_READY, PollWith(&receives[i].base.base, looker));
    EXPECT_EQ(7, items[i]);
    future_drop(&receives[i].base.base);
    broadcast_receiver_drop(&receivers[i]);
  }
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  End();
}

TEST_F(BroadcastStep, MemoryOnce) {
  EXPECT_EQ(-EINVAL, broadcast_create(&sender_, &receiver_, 4, 0));
  EXPECT_EQ(-ENOMEM,
            broadcast_create(&sender_, &receiver_, 8, SIZE_MAX / 8 + 2));
  for (long nth = 1;; nth++) {
    Allocations::FailNth(nth);
    int result = broadcast_create(&sender_, &receiver_, 4, 2);
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

TEST_F(BroadcastStep, ASendDuringAPoll) {
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    struct broadcast_receive receive;
    enum poll poll = POLL_PENDING;
    bool sent = false;
    ASSERT_NO_FATAL_FAILURE(Make(2));
    Init(&receive);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&receive.base.base, probe.context()); },
        [&] {
          if (IsFree(lock())) sent = Send(5) == 1;
        });
    if (sent && poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "P2: an item came after the look, and "
                                     "before it waited: look again, "
                                     "with the lock held";
      poll = PollIt(receive, probe);
    }
    if (sent) {
      ASSERT_EQ(POLL_READY, poll);
    }
    Drop(receive);
    End();
  }
}

TEST_F(BroadcastStep, AReceivePays) {
  struct broadcast_receive receives[3];
  Make(4);
  for (int i = 0; i < 2; i++) EXPECT_EQ(1, Send(i)) << "B1: one receiver";
  for (struct broadcast_receive &receive : receives) Init(&receive);
  gate::CheckItPays(&receives[0].base.base, &receives[1].base.base,
                    &receives[2].base.base);
  End();
}
