// channel_test.cc - steps 8.4, 8.5 and 8.8: the buffer, receiving, closing.
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/08_channel/channel_fixture.h"
#include "tests/support/budget.h"
#include "tests/support/acting_waker.h"
#include "tests/support/interrupt.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/08_channel/permit.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"
}

using gate::Allocations;
using gate::Poll;
using gate::WakerProbe;

// ---------------------------------------------------------------- step 8.4

class RingStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    Thing::Reset();
  }
  int Pop() {
    int item = -1;
    ring_pop(&ring_, &item);
    return item;
  }
  void Push(int item) { ring_push(&ring_, &item); }
  struct ring ring_;
};

TEST_F(RingStep, FirstInFirstOut) {
  ASSERT_EQ(0, ring_init(&ring_, &kInt, 3));
  for (int i = 1; i <= 3; i++) Push(i);
  EXPECT_EQ(3u, ring_.length);
  for (int i = 1; i <= 3; i++) EXPECT_EQ(i, Pop()) << "Q1: first in, first out";
  EXPECT_EQ(0u, ring_.length);
  ring_end(&ring_);
}

TEST_F(RingStep, NotBeyondItsEnds) {
  ASSERT_EQ(0, ring_init(&ring_, &kInt, 1));
  EXPECT_TRUE(gate::Panics([&] { Pop(); }, "a ring that is empty"))
      << "a pop from a ring that is empty panics: whoever pops has looked";
  Push(1);
  EXPECT_TRUE(gate::Panics([&] { Push(2); }, "a ring that is full"))
      << "a push to a ring that is full panics: whoever pushes has looked";
  ring_end(&ring_);
}

TEST_F(RingStep, RoundTheEnd) {
  for (size_t capacity : {1, 2, 3, 5}) {
    ASSERT_EQ(0, ring_init(&ring_, &kInt, capacity));
    int in = 0, out = 0;
    for (int round = 0; round < 20; round++) {
      while (ring_.length < capacity) Push(in++);
      for (size_t i = 0; i < 1 + round % capacity; i++)
        ASSERT_EQ(out++, Pop()) << "Q1: with room for " << capacity;
      ASSERT_LT(ring_.head, capacity) << "head is a place";
    }
    ring_end(&ring_);
  }
}

TEST_F(RingStep, MemoryOnce) {
  ASSERT_EQ(0, ring_init(&ring_, &kInt, 100));
  long before = Allocations::total();
  for (int i = 0; i < 100; i++) Push(i);
  EXPECT_EQ(before, Allocations::total()) << "Q2: no memory is taken by a push";
  ring_end(&ring_);
}

TEST_F(RingStep, NoneTooManyAndNoMemory) {
  struct Wide {
    char bytes[64];
  };
  static const struct item_type kWide = {sizeof(Wide), nullptr};
  EXPECT_EQ(-EINVAL, ring_init(&ring_, &kInt, 0));
  EXPECT_EQ(-ENOMEM, ring_init(&ring_, &kWide, SIZE_MAX / 64 + 2))
      << "64 times that is more than a size_t can count: the product wraps "
         "round to something small";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, ring_init(&ring_, &kInt, 3));
  Allocations::FailNth(0);
}

TEST_F(RingStep, WhatIsLeftIsDropped) {
  ASSERT_EQ(0, ring_init(&ring_, &kThing, 3));
  for (int i = 1; i <= 2; i++) Push(i);
  Pop();
  for (int i = 3; i <= 4; i++) Push(i);
  ring_end(&ring_);
  ASSERT_EQ(3, Thing::drops) << "those that were not popped";
  for (int i = 0; i < 3; i++) EXPECT_EQ(i + 2, Thing::dropped[i]) << "in order";
}

class BufferStep : public ChannelFixture {};

TEST_F(BufferStep, InOrderUpToTheCapacity) {
  ASSERT_NO_FATAL_FAILURE(Make(3));
  for (int i = 1; i <= 3; i++) EXPECT_EQ(0, TrySend(i));
  EXPECT_EQ(-EAGAIN, TrySend(4)) << "C2: three are the most";
  for (int i = 1; i <= 3; i++)
    EXPECT_EQ(i, TryReceive()) << "C1: every item once, in order";
  EXPECT_EQ(-EAGAIN, TryReceive()) << "nothing is there, and more may come";
  EXPECT_EQ(0, TrySend(5));
  EXPECT_EQ(5, TryReceive());
  End();
}

TEST_F(BufferStep, PermitsAreNoFreePlaces) {
  ASSERT_NO_FATAL_FAILURE(Make(3));
  channel_->permits = 2;  // as if two had been given away
  EXPECT_EQ(0, TrySend(1));
  EXPECT_EQ(-EAGAIN, TrySend(2)) << "C2: one item and two permits are three";
  channel_->permits = 0;
  End();
}

TEST_F(BufferStep, ManySenders) {
  ASSERT_NO_FATAL_FAILURE(Make(4));
  struct channel_sender other = channel_sender_clone(&sender_);
  EXPECT_EQ(2u, channel_->senders)
      << "C7: a sender was cloned, and the channel counts as many as before";
  EXPECT_EQ(0, TrySend(1));
  channel_sender_drop(&sender_);
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(-EAGAIN, TryReceive()) << "C7: there is still a sender";
  int item = 2;
  EXPECT_EQ(0, channel_try_send(&other, &item));
  channel_sender_drop(&other);
  EXPECT_EQ(2, TryReceive()) << "C7: what is left, first";
  EXPECT_EQ(-EPIPE, TryReceive()) << "C7: and then the end";
  End();
}

TEST_F(BufferStep, NoRoomAtAll) {
  EXPECT_EQ(-EINVAL, channel_create(&sender_, &receiver_, &kInt, 0));
  EXPECT_EQ(-ENOMEM, channel_create(&sender_, &receiver_, &kInt, SIZE_MAX));
  EXPECT_EQ(-ENOMEM,
            channel_create(&sender_, &receiver_, &kInt, SIZE_MAX / 4 + 2));
  EXPECT_EQ(0, Allocations::live()) << "C9: nothing is left of a failure";
}

TEST_F(BufferStep, EachAllocationFailsOnce) {
  for (long nth = 1;; nth++) {
    Allocations::FailNth(nth);
    int result = channel_create(&sender_, &receiver_, &kInt, 3);
    bool failed = Allocations::failed();
    Allocations::FailNth(0);
    if (!failed) {
      ASSERT_EQ(0, result);
      break;
    }
    ASSERT_EQ(-ENOMEM, result) << "C9: the last handle frees";
    ASSERT_EQ(0, Allocations::live()) << "C9: nothing is left of a failure";
  }
  long before = Allocations::total();
  EXPECT_EQ(0, TrySend(1));
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(before, Allocations::total()) << "C9: nothing else allocates";
  channel_ = sender_.channel;
  End();
}

TEST_F(BufferStep, TheLastHandleFrees) {
  ASSERT_NO_FATAL_FAILURE(Make(2));
  struct channel_sender other = channel_sender_clone(&sender_);
  channel_sender_drop(&sender_);
  channel_sender_drop(&other);
  EXPECT_LT(0, Allocations::live()) << "C9: the receiver is there still";
  channel_receiver_drop(&receiver_);
  EXPECT_EQ(0, Allocations::live()) << "C9: the last handle frees";
  EXPECT_FALSE(Allocations::freed_twice());
}

TEST_F(BufferStep, TheLockIsTaken) {
  ASSERT_NO_FATAL_FAILURE(Make(4));
  struct channel_sender other = {};
  EXPECT_TRUE(TakesLock(lock(), [&] { TrySend(1); }))
      << "a send changes the buffer without the lock";
  EXPECT_TRUE(TakesLock(lock(), [&] { TryReceive(); }))
      << "a receive changes the buffer without the lock";
  EXPECT_TRUE(TakesLock(lock(), [&] {
    other = channel_sender_clone(&sender_);
  })) << "a clone counts without the lock";
  channel_sender_drop(&other);
  End();
}

TEST_F(BufferStep, TheLockIsGivenBack) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  EXPECT_EQ(0, TrySend(1));
  EXPECT_TRUE(IsFree(lock())) << "after a send";
  EXPECT_EQ(-EAGAIN, TrySend(2));
  EXPECT_TRUE(IsFree(lock())) << "after a send in vain";
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(-EAGAIN, TryReceive());
  EXPECT_TRUE(IsFree(lock())) << "after a receive in vain";
  End();
}

// ---------------------------------------------------------------- step 8.5

class ReceiveStep : public ChannelFixture {
 protected:
  void Begin(size_t capacity = 3) {
    ASSERT_NO_FATAL_FAILURE(Make(capacity));
    channel_receive_init(&receive_, &receiver_, &item_);
  }
  enum poll PollIt(WakerProbe &probe) {
    return Poll(&receive_.base.base, probe);
  }
  void Drop() { future_drop(&receive_.base.base); }

  struct channel_receive receive_;
  int item_ = -1;
  WakerProbe probe_{"receiver"};
};

TEST_F(ReceiveStep, AnItemThatIsThere) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  ASSERT_EQ(0, TrySend(7));
  ASSERT_EQ(POLL_READY, PollIt(probe_))
      << "R1: 0 and the item, or -EPIPE at the end";
  EXPECT_EQ(0, receive_.base.result)
      << "R1: 0 and the item, or -EPIPE at the end";
  EXPECT_EQ(7, item_) << "R1: 0 and the item, or -EPIPE at the end";
  EXPECT_EQ(0, probe_.clones()) << "no waker is needed for that";
  Drop();
  End();
}

TEST_F(ReceiveStep, AnItemThatComes) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  ASSERT_EQ(POLL_PENDING, PollIt(probe_))
      << "R1: 0 and the item, or -EPIPE at the end";
  EXPECT_EQ(1, probe_.live())
      << "P2: who is pending has its waker there, and is woken";
  ASSERT_EQ(0, TrySend(7));
  EXPECT_EQ(1, probe_.wakes()) << "P2: the sender wakes the receiver";
  ASSERT_EQ(0, TrySend(8));
  EXPECT_EQ(1, probe_.wakes()) << "once: it has not been polled since";
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(7, item_);
  Drop();
  End();
}

TEST_F(ReceiveStep, WokenOnlyIfItWaits) {
  ASSERT_NO_FATAL_FAILURE(Begin(1));
  EXPECT_EQ(-EAGAIN, TryReceive());
  EXPECT_FALSE(channel_->is_awaited) << "C10: who only tries does not wait";
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  EXPECT_TRUE(channel_->is_awaited) << "C10: it has looked, and waits";
  ASSERT_EQ(0, TrySend(7));
  EXPECT_EQ(1, probe_.wakes()) << "P2: the sender wakes the receiver";
  EXPECT_FALSE(channel_->is_awaited)
      << "C10: it is woken once; who sends next need not";
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();
  End();
}

// A send that fails has nothing to tell.
TEST_F(ReceiveStep, ASendInVain) {
  ASSERT_NO_FATAL_FAILURE(Begin(1));
  channel_->permits = 1;  // as if somebody had the only place
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  EXPECT_EQ(-EAGAIN, TrySend(1));
  EXPECT_EQ(0, probe_.wakes()) << "there is nothing new";
  EXPECT_TRUE(channel_->is_awaited)
      << "P2: it waits still; who takes that back has to wake it";
  channel_->permits = 0;
  ASSERT_EQ(0, TrySend(2));
  EXPECT_EQ(1, probe_.wakes()) << "P2: the sender wakes the receiver";
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();
  End();
}

// What is in the cell is not its own: it has found an item at once.
TEST_F(ReceiveStep, ADropThatHasNothingToClear) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  ASSERT_EQ(0, TrySend(7));
  waker_cell_register(&channel_->receiver, probe_.waker());
  WakerProbe other("other");
  ASSERT_EQ(POLL_READY, PollIt(other));
  Drop();
  EXPECT_EQ(1, probe_.live())
      << "C10: it has not waited, and looks into the cell all the same";
  waker_cell_clear(&channel_->receiver);
  End();
}

TEST_F(ReceiveStep, PolledAgain) {
  WakerProbe newest("newest");
  ASSERT_NO_FATAL_FAILURE(Begin());
  for (int i = 0; i < 5; i++) ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  EXPECT_EQ(1, probe_.clones()) << "G5 of waker_cell.h: the same waker again";
  ASSERT_EQ(POLL_PENDING, PollIt(newest));
  ASSERT_EQ(0, TrySend(1));
  EXPECT_EQ(0, probe_.wakes()) << "P3: the newest waker is the one to wake";
  EXPECT_EQ(1, newest.wakes()) << "P3: the newest waker is the one to wake";
  ASSERT_EQ(POLL_READY, PollIt(newest));
  Drop();
  End();
}

TEST_F(ReceiveStep, TheLastSenderGoes) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  struct channel_sender other = channel_sender_clone(&sender_);
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  channel_sender_drop(&sender_);
  EXPECT_EQ(0, probe_.wakes()) << "C7: there is still one";
  channel_sender_drop(&other);
  EXPECT_EQ(1, probe_.wakes()) << "C7: nothing more will come, and nobody else "
                                  "would ever say so";
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(-EPIPE, receive_.base.result)
      << "C7, R1: the last sender has gone: -EPIPE";
  Drop();
  End();
}

TEST_F(ReceiveStep, DroppedItHasTakenNothing) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  ASSERT_EQ(0, TrySend(7));
  EXPECT_EQ(1, probe_.wakes());
  Drop();
  EXPECT_EQ(-1, item_) << "R2: nothing moves before the poll";
  EXPECT_EQ(7, TryReceive()) << "C5: it is there for the next one";
  channel_receive_init(&receive_, &receiver_, &item_);
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  Drop();
  EXPECT_EQ(0, probe_.live()) << "P5: no waker is left in the channel";
  ASSERT_EQ(0, TrySend(8));
  EXPECT_EQ(1, probe_.wakes());
  End();
}

TEST_F(ReceiveStep, TheItemIsThereWhenItIsWoken) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  int received = 0;
  ActingWaker waker([&] { received = TryReceive(); });
  gate::Note("a wake that receives: if it does not return, the lock is held");
  ASSERT_EQ(POLL_PENDING, future_poll(&receive_.base.base, waker.context()));
  ASSERT_EQ(0, TrySend(7));
  EXPECT_EQ(7, received) << "first the item, then the wake";
  Drop();
  End();
}

TEST_F(ReceiveStep, TheEndIsThereWhenItIsWoken) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  int received = 0;
  ActingWaker waker([&] { received = TryReceive(); });
  ASSERT_EQ(POLL_PENDING, future_poll(&receive_.base.base, waker.context()));
  channel_sender_drop(&sender_);
  EXPECT_EQ(-EPIPE, received) << "C7: first the count, then the wake";
  Drop();
  End();
}

TEST_F(ReceiveStep, WithoutTheLock) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  LockLooker looker(lock());
  ASSERT_EQ(POLL_PENDING, PollWith(&receive_.base.base, looker));
  ASSERT_EQ(0, TrySend(1));
  ASSERT_EQ(1, looker.wakes());
  EXPECT_EQ(1, TryReceive());
  ASSERT_EQ(POLL_PENDING, PollWith(&receive_.base.base, looker));
  channel_sender_drop(&sender_);
  ASSERT_EQ(2, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  Drop();
  End();
}

// Woken by the last sender's end, the receiver goes at once.
TEST_F(ReceiveStep, TheReceiverGoesWhenTheSenderDoes) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  ActingWaker waker([&] {
    Drop();
    channel_receiver_drop(&receiver_);
  });
  ASSERT_EQ(POLL_PENDING, future_poll(&receive_.base.base, waker.context()));
  channel_sender_drop(&sender_);
  EXPECT_EQ(0, Allocations::live()) << "C9: the last handle frees";
  EXPECT_FALSE(Allocations::written_after_free())
      << "C9: who wakes still has a handle; else the channel may be gone by "
         "then";
  EXPECT_FALSE(Allocations::freed_twice());
}

// It is polled for another reason, sees the end, and goes: in the middle of the
// drop of the sender that is about to wake it.
TEST_F(ReceiveStep, TheReceiverGoesBeforeItIsWoken) {
  bool came = true;
  Allocations::FillFreedWith(0);
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe_.Reset();
    ASSERT_NO_FATAL_FAILURE(Begin());
    ASSERT_EQ(POLL_PENDING, PollIt(probe_));
    auto go = [&] {
      if (!IsFree(lock()) || PollIt(probe_) == POLL_PENDING) return;
      Drop();
      channel_receiver_drop(&receiver_);
    };
    came = gate::InterruptAt(
        nth, [&] { channel_sender_drop(&sender_); }, go);
    if (receiver_.channel != nullptr) go();
    EXPECT_EQ(0, Allocations::live()) << "C9: the last handle frees";
    EXPECT_FALSE(Allocations::written_after_free())
        << "C9: who wakes still has a handle; else the channel may be gone by "
           "then";
    EXPECT_FALSE(Allocations::freed_twice());
  }
}

TEST_F(ReceiveStep, TheSenderIsTheLastToGo) {
  ASSERT_NO_FATAL_FAILURE(Begin());
  Drop();
  channel_receiver_drop(&receiver_);
  channel_sender_drop(&sender_);
  EXPECT_EQ(0, Allocations::live()) << "C9: the last handle frees";
  EXPECT_FALSE(Allocations::written_after_free())
      << "C9: whoever has given up its handle does not touch the channel: it "
         "may be gone";
}

TEST_F(ReceiveStep, ASendDuringAPoll) {
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    bool sent = false;
    ASSERT_NO_FATAL_FAILURE(Begin());
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&receive_.base.base, probe.context()); },
        [&] {
          if (IsFree(lock())) sent = TrySend(5) == 0;
        });
    if (sent && poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes())
          << "P2: an item came while it was polled. Who registers and does not "
             "look again is not woken";
      poll = Poll(&receive_.base.base, probe);
    }
    if (sent) {
      ASSERT_EQ(POLL_READY, poll);
      EXPECT_EQ(5, item_);
    }
    Drop();
    End();
  }
}

TEST_F(ReceiveStep, AReceivePays) {
  struct channel_receive receives[3];
  int items[3];
  Make(2);
  ASSERT_EQ(0, TrySend(1)) << "C2: there is a place";
  ASSERT_EQ(0, TrySend(2)) << "C2: there is a place";
  for (int i = 0; i < 3; i++)
    channel_receive_init(&receives[i], &receiver_, &items[i]);
  gate::CheckItPays(&receives[0].base.base, &receives[1].base.base,
                    &receives[2].base.base);
  End();
}

// ---------------------------------------------------------------- step 8.8

class CloseStep : public ChannelFixture {
 protected:
  WakerProbe probe_{"sender"}, receiver_probe_{"receiver"};
};

TEST_F(CloseStep, WhoWaitsForAPlace) {
  struct channel_send sends[2];
  int items[2] = {10, 20};
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  for (int i = 0; i < 2; i++) {
    channel_send_init(&sends[i], &sender_, &items[i]);
    ASSERT_EQ(POLL_PENDING, Poll(&sends[i].base.base, probe_));
  }
  channel_close(&receiver_);
  EXPECT_EQ(2, probe_.wakes()) << "C6: nobody will ever have a place";
  for (auto &send : sends) {
    ASSERT_EQ(POLL_READY, Poll(&send.base.base, probe_))
        << "C6: closed: -EPIPE for who wants a place";
    EXPECT_EQ(-EPIPE, send.base.result)
        << "C6, S1: closed: -EPIPE for who wants a place";
    future_drop(&send.base.base);
  }
  EXPECT_EQ(-EPIPE, TrySend(3)) << "C6: who comes later";
  channel_close(&receiver_);
  EXPECT_EQ(1, TryReceive()) << "C6: what is in the buffer";
  EXPECT_EQ(-EPIPE, TryReceive()) << "C6: closed: -EPIPE for who wants a place";
  End();
}

TEST_F(CloseStep, APermitThatIsOut) {
  struct channel_reserve reserve;
  struct channel_receive receive;
  int item = 0, sent = 5;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  channel_close(&receiver_);
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.base.base, receiver_probe_))
      << "C6: somebody has a place still, and may fill it";
  EXPECT_EQ(0, channel_commit(&reserve.permit, &sent)) << "C6: it is good";
  EXPECT_EQ(1, receiver_probe_.wakes());
  ASSERT_EQ(POLL_READY, Poll(&receive.base.base, receiver_probe_));
  EXPECT_EQ(5, item);
  EXPECT_EQ(-EPIPE, TryReceive()) << "C6: closed: -EPIPE for who wants a place";
  future_drop(&receive.base.base);
  future_drop(&reserve.base.base);
  End();
}

TEST_F(CloseStep, TheLastPermitIsNotUsed) {
  struct channel_reserve reserves[2];
  struct channel_receive receive;
  int item = 0;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  for (auto &reserve : reserves) {
    channel_reserve_init(&reserve, &sender_);
    ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  }
  channel_close(&receiver_);
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.base.base, receiver_probe_));
  channel_permit_drop(&reserves[0].permit);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.base.base, receiver_probe_));
  channel_permit_drop(&reserves[1].permit);
  EXPECT_LE(1, receiver_probe_.wakes())
      << "C6: with the last permit the end has come: the receiver has to know";
  ASSERT_EQ(POLL_READY, Poll(&receive.base.base, receiver_probe_));
  EXPECT_EQ(-EPIPE, receive.base.result)
      << "C6: closed: -EPIPE for who wants a place";
  future_drop(&receive.base.base);
  for (auto &reserve : reserves) future_drop(&reserve.base.base);
  End();
}

// The same, and nobody polls the receive in between.
TEST_F(CloseStep, TwoPermitsAreNotUsed) {
  struct channel_reserve reserves[2];
  struct channel_receive receive;
  int item = 0;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  for (auto &reserve : reserves) {
    channel_reserve_init(&reserve, &sender_);
    ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  }
  channel_close(&receiver_);
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.base.base, receiver_probe_));
  for (auto &reserve : reserves) channel_permit_drop(&reserve.permit);
  EXPECT_LE(1, receiver_probe_.wakes())
      << "C6: with the last permit the end has come: the receiver has to know. "
         "(Who takes back that it is awaited has to wake it.)";
  future_drop(&receive.base.base);
  for (auto &reserve : reserves) future_drop(&reserve.base.base);
  End();
}

TEST_F(CloseStep, APlaceThatWasGrantedBefore) {
  struct channel_reserve reserve;
  int sent = 9;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_PENDING, Poll(&reserve.base.base, probe_));
  EXPECT_EQ(1, TryReceive());
  channel_close(&receiver_);
  ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  ASSERT_EQ(0, reserve.base.result) << "C6: the place was given before";
  EXPECT_EQ(0, channel_commit(&reserve.permit, &sent));
  EXPECT_EQ(9, TryReceive());
  future_drop(&reserve.base.base);
  End();
}

TEST_F(CloseStep, TheEndIsThereWhenItIsWoken) {
  struct channel_reserve reserve, permit;
  enum poll poll = POLL_PENDING;
  ActingWaker *self = nullptr;
  ActingWaker waker(
      [&] { poll = future_poll(&reserve.base.base, self->context()); });
  self = &waker;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_reserve_init(&permit, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&permit.base.base, probe_));
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_PENDING, future_poll(&reserve.base.base, waker.context()));
  channel_close(&receiver_);
  EXPECT_EQ(POLL_READY, poll) << "C6: first it is closed, then the wakes";
  future_drop(&reserve.base.base);

  struct channel_receive receive;
  int item = 0, received = 0;
  ActingWaker end([&] { received = TryReceive(); });
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, future_poll(&receive.base.base, end.context()));
  channel_permit_drop(&permit.permit);
  EXPECT_EQ(-EPIPE, received) << "C6: first the permit is gone, then the wake";
  future_drop(&receive.base.base);
  future_drop(&permit.base.base);
  End();
}

TEST_F(CloseStep, TheLastPermitWithoutTheLock) {
  struct channel_reserve reserve;
  struct channel_receive receive;
  int item = 0;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  LockLooker looker(lock());
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  channel_close(&receiver_);
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, PollWith(&receive.base.base, looker));
  channel_permit_drop(&reserve.permit);
  EXPECT_EQ(1, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: no lock is held";
  future_drop(&receive.base.base);
  future_drop(&reserve.base.base);
  End();
}

// The first wake polls another one that stands in a later batch, which is
// ready then, and is dropped.
TEST_F(CloseStep, ReadyBeforeItIsWoken) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  std::vector<struct channel_reserve> reserves(2 * WAKE_BATCH);
  struct channel_reserve &late = reserves[WAKE_BATCH + 3];
  ActingWaker first([&] {
    EXPECT_EQ(POLL_READY, Poll(&late.base.base, probe_)) << "C6: it is closed";
    future_drop(&late.base.base);
    memset(&late, 0xdd, sizeof late);
  });
  for (auto &reserve : reserves) {
    channel_reserve_init(&reserve, &sender_);
    ASSERT_EQ(POLL_PENDING,
              future_poll(&reserve.base.base, &reserve == &reserves[0]
                                                  ? first.context()
                                                  : probe_.context()));
  }
  gate::Note("closing while one that waits is polled and dropped");
  channel_close(&receiver_);
  EXPECT_EQ(2 * WAKE_BATCH - 2, probe_.wakes()) << "C6: all the others";
  for (auto &reserve : reserves)
    if (&reserve != &late) future_drop(&reserve.base.base);
  End();
}

TEST_F(CloseStep, AGrantedSendWhoseReceiverHasGone) {
  struct channel_send send;
  int item = 7;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  channel_send_init(&send, &sender_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&send.base.base, probe_));
  EXPECT_EQ(1, TryReceive());
  channel_receiver_drop(&receiver_);
  ASSERT_EQ(POLL_READY, Poll(&send.base.base, probe_));
  EXPECT_EQ(-EPIPE, send.base.result)
      << "S1, C8: it had a place, and its item has not moved";
  future_drop(&send.base.base);
  End();
}

// The drop of an item commits another one.
TEST_F(CloseStep, ACommitWhileTheReceiverGoes) {
  struct channel_reserve reserve;
  int result = 0;
  ASSERT_NO_FATAL_FAILURE(Make(3, &kThing));
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  for (int i = 1; i <= 2; i++) ASSERT_EQ(0, TrySend(i));
  Thing::on_drop = [&] {
    struct Thing thing = {9};
    result = channel_commit(&reserve.permit, &thing);
  };
  gate::Note("a commit in the drop of an item");
  channel_receiver_drop(&receiver_);
  EXPECT_EQ(-EPIPE, result) << "C8: nobody will receive it";
  future_drop(&reserve.base.base);
  End();
  EXPECT_EQ(2, Thing::drops) << "C8: those that were there, each once";
}

TEST_F(CloseStep, Many) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  LockLooker looker(lock());
  std::vector<struct channel_reserve> reserves(2 * WAKE_BATCH + 1);
  for (auto &reserve : reserves) {
    channel_reserve_init(&reserve, &sender_);
    ASSERT_EQ(POLL_PENDING, PollWith(&reserve.base.base, looker));
  }
  channel_close(&receiver_);
  EXPECT_EQ(int(reserves.size()), looker.wakes()) << "C6: all of them";
  for (auto &reserve : reserves) future_drop(&reserve.base.base);
  EXPECT_TRUE(looker.always_free()) << "W1: no lock is held";
  End();
}

TEST_F(CloseStep, TheReceiverGoes) {
  ASSERT_NO_FATAL_FAILURE(Make(3, &kThing));
  Thing::watched = lock();
  for (int i = 1; i <= 3; i++) ASSERT_EQ(0, TrySend(i));
  channel_receiver_drop(&receiver_);
  ASSERT_EQ(3, Thing::drops) << "C8: nobody will take them";
  for (int i = 0; i < 3; i++)
    EXPECT_EQ(i + 1, Thing::dropped[i]) << "C8: the receiver has gone";
  EXPECT_FALSE(Thing::was_locked)
      << "a drop runs code that may want this very lock";
  EXPECT_EQ(-EPIPE, TrySend(4)) << "C8: the receiver has gone";
  EXPECT_EQ(3, Thing::drops) << "C8: the item is the sender's still";
  Thing::watched = nullptr;
  End();
  EXPECT_EQ(3, Thing::drops) << "C8: each once";
}

TEST_F(CloseStep, ThePermitOfAReceiverThatHasGone) {
  struct channel_reserve reserve;
  ASSERT_NO_FATAL_FAILURE(Make(1, &kThing));
  channel_reserve_init(&reserve, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probe_));
  channel_receiver_drop(&receiver_);
  struct Thing thing = {4};
  EXPECT_EQ(-EPIPE, channel_commit(&reserve.permit, &thing))
      << "C8: the receiver has gone";
  future_drop(&reserve.base.base);
  End();
  EXPECT_EQ(0, Thing::drops) << "C8: the item is the sender's still";
}

TEST_F(CloseStep, TheReceiverGoesWhileSomebodyWaits) {
  struct channel_send send;
  int item = 7;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  channel_send_init(&send, &sender_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&send.base.base, probe_));
  channel_receiver_drop(&receiver_);
  EXPECT_EQ(1, probe_.wakes()) << "C8: the producer stops";
  ASSERT_EQ(POLL_READY, Poll(&send.base.base, probe_));
  EXPECT_EQ(-EPIPE, send.base.result);
  future_drop(&send.base.base);
  End();
}
