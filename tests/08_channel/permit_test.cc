// permit_test.cc - steps 8.6 and 8.7: places, in order, and none is lost.
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
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

// ---------------------------------------------------------------- step 8.6

class PermitStep : public ChannelFixture {
 protected:
  void Init(struct channel_reserve *reserve) {
    channel_reserve_init(reserve, &sender_);
  }
  enum poll PollIt(struct channel_reserve &reserve, WakerProbe &probe) {
    return Poll(&reserve.base.base, probe);
  }
  int Commit(struct channel_reserve &reserve, int item) {
    return channel_commit(&reserve.permit, &item);
  }
  void Drop(struct channel_reserve &reserve) {
    future_drop(&reserve.base.base);
  }
  WakerProbe probes_[3] = {WakerProbe("first"), WakerProbe("second"),
                           WakerProbe("third")};
  struct channel_reserve reserves_[3];
};

TEST_F(PermitStep, OneItemForOnePermit) {
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]))
      << "M1: the place is its own now";
  EXPECT_TRUE(gate::Panics([&] { PollIt(reserves_[0], probes_[0]); }, "P4"))
      << "P4: polled after POLL_READY it panics";
  ASSERT_EQ(0, Commit(reserves_[0], 5));
  EXPECT_TRUE(gate::Panics([&] { Commit(reserves_[0], 6); }, "spent"))
      << "M3: a permit is for one item: a commit with a spent one panics";
  EXPECT_EQ(5, TryReceive());
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, APlaceThatIsFree) {
  ASSERT_NO_FATAL_FAILURE(Make(2));
  Init(&reserves_[0]);
  EXPECT_EQ(0u, channel_->permits) << "P1: not before the first poll";
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]))
      << "M1: the place is its own now";
  EXPECT_EQ(0, reserves_[0].base.result) << "M1: the place is its own now";
  EXPECT_EQ(1u, channel_->permits) << "C2: a permit is out";
  EXPECT_EQ(0, probes_[0].clones()) << "no waker is needed for that";
  EXPECT_EQ(-EAGAIN, TryReceive()) << "a permit is no item";
  EXPECT_EQ(0, Commit(reserves_[0], 5))
      << "M3: a commit is an item for the receiver";
  EXPECT_EQ(0u, channel_->permits) << "C2: it is an item now";
  EXPECT_EQ(5, TryReceive());
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, PermitsCount) {
  ASSERT_NO_FATAL_FAILURE(Make(2));
  for (int i = 0; i < 2; i++) {
    Init(&reserves_[i]);
    ASSERT_EQ(POLL_READY, PollIt(reserves_[i], probes_[i]));
  }
  EXPECT_EQ(-EAGAIN, TrySend(1)) << "C2: both places are somebody's";
  EXPECT_EQ(0, Commit(reserves_[1], 1));
  EXPECT_EQ(0, Commit(reserves_[0], 2));
  EXPECT_EQ(1, TryReceive()) << "C1: in the order of the commits";
  EXPECT_EQ(2, TryReceive());
  Drop(reserves_[0]);
  Drop(reserves_[1]);
  End();
}

TEST_F(PermitStep, ACommitWakesTheReceiver) {
  struct channel_receive receive;
  WakerProbe receiver("receiver");
  int item = 0;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.base.base, receiver));
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  EXPECT_EQ(0, receiver.wakes()) << "a permit is no news for the receiver";
  EXPECT_EQ(0, Commit(reserves_[0], 5));
  EXPECT_EQ(1, receiver.wakes()) << "M3: an item has come";
  ASSERT_EQ(POLL_READY, Poll(&receive.base.base, receiver));
  EXPECT_EQ(5, item);
  future_drop(&receive.base.base);
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, TheItemIsThereWhenItIsWoken) {
  struct channel_receive receive;
  int item = 0, received = 0;
  ActingWaker waker([&] { received = TryReceive(); });
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_receive_init(&receive, &receiver_, &item);
  ASSERT_EQ(POLL_PENDING, future_poll(&receive.base.base, waker.context()));
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  gate::Note("a wake that receives: if it does not return, the lock is held");
  EXPECT_EQ(0, Commit(reserves_[0], 5));
  EXPECT_EQ(5, received) << "M3: first the item, then the wake";
  future_drop(&receive.base.base);
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, TheLockIsTaken) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  EXPECT_TRUE(TakesLock(lock(), [&] { Commit(reserves_[0], 5); }))
      << "a commit changes the buffer without the lock";
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, AReceiveInVainGrantsNothing) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  for (int i = 0; i < 2; i++) Init(&reserves_[i]);
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[1], probes_[1]))
      << "C3: there is room for one item, and a second permit was given before "
         "the first was used";
  EXPECT_EQ(-EAGAIN, TryReceive());
  EXPECT_EQ(0, probes_[1].wakes()) << "C4: no place got free";
  ASSERT_EQ(0, Commit(reserves_[0], 1));
  EXPECT_EQ(1, TryReceive());
  ASSERT_EQ(POLL_READY, PollIt(reserves_[1], probes_[1]));
  ASSERT_EQ(0, Commit(reserves_[1], 2));
  for (int i = 0; i < 2; i++) Drop(reserves_[i]);
  End();
}

TEST_F(PermitStep, InOrderOfComing) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  for (int i = 0; i < 3; i++) {
    Init(&reserves_[i]);
    ASSERT_EQ(POLL_PENDING, PollIt(reserves_[i], probes_[i])) << "C2: full";
    EXPECT_EQ(1, probes_[i].live())
        << "P2: who is pending has its waker there, and is woken";
  }
  EXPECT_EQ(1, TryReceive());
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(1, probes_[i].wakes()) << "C4: the place belongs to the first";
    for (int j = i + 1; j < 3; j++) {
      EXPECT_EQ(0, probes_[j].wakes()) << "C4: and only that one is woken";
    }
    EXPECT_EQ(1u, channel_->permits) << "C4, M2: the place is its own already";
    EXPECT_EQ(-EAGAIN, TrySend(99)) << "C3: who comes now has to wait";
    if (i < 2) {
      ASSERT_EQ(POLL_PENDING, PollIt(reserves_[i + 1], probes_[i + 1]))
          << "C3: the next one, polled for another reason, has none";
    }
    ASSERT_EQ(POLL_READY, PollIt(reserves_[i], probes_[i]))
        << "M1: the place is its own now";
    ASSERT_EQ(0, Commit(reserves_[i], 10 + i));
    EXPECT_EQ(10 + i, TryReceive());
  }
  EXPECT_EQ(0u, channel_->permits);
  EXPECT_EQ(0, TrySend(1)) << "nobody waits: the place is free";
  for (auto &reserve : reserves_) Drop(reserve);
  End();
}

TEST_F(PermitStep, ANewcomerDoesNotGetBefore) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[0], probes_[0]));
  EXPECT_EQ(1, TryReceive());
  Init(&reserves_[1]);
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[1], probes_[1]))
      << "C3: the place was given away, though nobody has taken it yet";
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  ASSERT_EQ(0, Commit(reserves_[0], 2));
  EXPECT_EQ(2, TryReceive());
  ASSERT_EQ(POLL_READY, PollIt(reserves_[1], probes_[1]));
  ASSERT_EQ(0, Commit(reserves_[1], 3));
  Drop(reserves_[0]);
  Drop(reserves_[1]);
  End();
}

TEST_F(PermitStep, TheNewestWaker) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[0], probes_[0]));
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[0], probes_[1]));
  EXPECT_EQ(0, probes_[0].live()) << "the old one is given back";
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(1, probes_[1].wakes()) << "P3: the newest waker is the one to wake";
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[1]));
  ASSERT_EQ(0, Commit(reserves_[0], 1));
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, WithoutTheLock) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  LockLooker looker(lock());
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_PENDING, PollWith(&reserves_[0].base.base, looker));
  ASSERT_EQ(POLL_PENDING, PollWith(&reserves_[0].base.base, looker));
  EXPECT_EQ(1, TryReceive());
  ASSERT_EQ(1, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  ASSERT_EQ(POLL_READY, PollWith(&reserves_[0].base.base, looker));
  ASSERT_EQ(0, Commit(reserves_[0], 1));
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, NoAllocation) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  long before = Allocations::total();
  Init(&reserves_[0]);
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[0], probes_[0]));
  EXPECT_EQ(1, TryReceive());
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]));
  ASSERT_EQ(0, Commit(reserves_[0], 1));
  EXPECT_EQ(before, Allocations::total()) << "C9, P7: the last handle frees";
  Drop(reserves_[0]);
  End();
}

TEST_F(PermitStep, ItMayMoveBeforeItsFirstPoll) {
  struct channel_reserve made;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  Init(&made);
  reserves_[0] = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollIt(reserves_[0], probes_[0]));
  EXPECT_EQ(1, TryReceive());
  ASSERT_EQ(POLL_READY, PollIt(reserves_[0], probes_[0]))
      << "P6: it may move before its first poll";
  ASSERT_EQ(0, Commit(reserves_[0], 1));
  Drop(reserves_[0]);
  End();
}

// A place gets free in the middle of a poll that finds none.
TEST_F(PermitStep, AReceiveDuringAPoll) {
  WakerProbe probe("sender");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    bool received = false;
    ASSERT_NO_FATAL_FAILURE(Make(1));
    Fill();
    Init(&reserves_[0]);
    came = gate::InterruptAt(
        nth,
        [&] { poll = future_poll(&reserves_[0].base.base, probe.context()); },
        [&] {
          if (IsFree(lock())) received = TryReceive() == 1;
        });
    if (!received) received = TryReceive() == 1;
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes())
          << "P2: a place got free after the look, and before it waited: look "
             "again, with the lock held";
      poll = PollIt(reserves_[0], probe);
    }
    ASSERT_EQ(POLL_READY, poll);
    ASSERT_EQ(0, Commit(reserves_[0], 1));
    Drop(reserves_[0]);
    End();
  }
}

// ---------------------------------------------------------------- step 8.7

class SendStep : public ChannelFixture {
 protected:
  void Init(struct channel_send *send, const int *item) {
    channel_send_init(send, &sender_, item);
  }
  enum poll PollIt(struct channel_send &send, WakerProbe &probe) {
    return Poll(&send.base.base, probe);
  }
  void Drop(struct channel_send &send) { future_drop(&send.base.base); }
  bool IsAtRest() {
    return channel_->permits == 0 && list_is_empty(&channel_->reserves);
  }

  WakerProbe probes_[3] = {WakerProbe("first"), WakerProbe("second"),
                           WakerProbe("third")};
  struct channel_send sends_[3];
  int items_[3] = {10, 11, 12};
};

TEST_F(SendStep, APlaceThatIsFree) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Init(&sends_[0], &items_[0]);
  EXPECT_EQ(-EAGAIN, TryReceive())
      << "P1: nothing happens before the first poll";
  ASSERT_EQ(POLL_READY, PollIt(sends_[0], probes_[0]))
      << "S1: 0 when the item has moved";
  EXPECT_EQ(0, sends_[0].base.result) << "S1: 0 when the item has moved";
  EXPECT_EQ(0, probes_[0].clones()) << "no waker is needed for that";
  EXPECT_EQ(10, TryReceive());
  Drop(sends_[0]);
  EXPECT_TRUE(IsAtRest());
  End();
}

TEST_F(SendStep, Backpressure) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  Init(&sends_[0], &items_[0]);
  ASSERT_EQ(POLL_PENDING, PollIt(sends_[0], probes_[0])) << "S1: it is full";
  items_[0] = 20;  // the item moves in the poll that is ready
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(1, probes_[0].wakes())
      << "C4: a place that gets free is the first one's";
  EXPECT_EQ(-EAGAIN, TryReceive()) << "S1: it has a place, and no item there";
  ASSERT_EQ(POLL_READY, PollIt(sends_[0], probes_[0]));
  EXPECT_EQ(20, TryReceive()) << "S1: the send was ready, and its item was not "
                                 "in the channel: it has a "
                                 "place of its own, which it uses";
  Drop(sends_[0]);
  EXPECT_TRUE(IsAtRest());
  End();
}

TEST_F(SendStep, ItDoesNotGetBefore) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  for (int i = 0; i < 2; i++) {
    Init(&sends_[i], &items_[i]);
    ASSERT_EQ(POLL_PENDING, PollIt(sends_[i], probes_[i]));
  }
  EXPECT_EQ(1, TryReceive());
  Init(&sends_[2], &items_[2]);
  ASSERT_EQ(POLL_PENDING, PollIt(sends_[2], probes_[2]))
      << "C3: places are given in order of coming";
  ASSERT_EQ(POLL_PENDING, PollIt(sends_[1], probes_[1]))
      << "C3: places are given in order of coming";
  for (int i = 0; i < 3; i++) {
    ASSERT_EQ(POLL_READY, PollIt(sends_[i], probes_[i])) << "C3: in order";
    EXPECT_EQ(10 + i, TryReceive())
        << "C3: places are given in order of coming";
    Drop(sends_[i]);
  }
  EXPECT_TRUE(IsAtRest());
  End();
}

TEST_F(SendStep, DroppedWhileItWaits) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  for (int i = 0; i < 3; i++) {
    Init(&sends_[i], &items_[i]);
    ASSERT_EQ(POLL_PENDING, PollIt(sends_[i], probes_[i]));
  }
  Drop(sends_[1]);
  memset(&sends_[1], 0xdd, sizeof sends_[1]);
  EXPECT_EQ(0, probes_[1].live()) << "P5: no waker is left";
  Drop(sends_[0]);
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(1, probes_[2].wakes()) << "C5: the third is the first now";
  ASSERT_EQ(POLL_READY, PollIt(sends_[2], probes_[2]));
  EXPECT_EQ(12, TryReceive()) << "C5, S2: the others have sent nothing";
  EXPECT_EQ(-EAGAIN, TryReceive());
  Drop(sends_[2]);
  EXPECT_TRUE(IsAtRest());
  End();
}

TEST_F(SendStep, DroppedWithAPlaceThatItHasNotTaken) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  for (int i = 0; i < 2; i++) {
    Init(&sends_[i], &items_[i]);
    ASSERT_EQ(POLL_PENDING, PollIt(sends_[i], probes_[i]));
  }
  EXPECT_EQ(1, TryReceive());
  EXPECT_EQ(1, probes_[0].wakes());
  Drop(sends_[0]);  // in a select, something else was ready first
  EXPECT_EQ(1, probes_[1].wakes())
      << "C5: the place goes on to the next; else it is lost, and all who wait "
         "with it";
  ASSERT_EQ(POLL_READY, PollIt(sends_[1], probes_[1]));
  EXPECT_EQ(11, TryReceive());
  Drop(sends_[1]);
  EXPECT_TRUE(IsAtRest()) << "C5: no place is lost";
  EXPECT_EQ(0, TrySend(5)) << "C5: the place is there";
  End();
}

TEST_F(SendStep, DroppedBeforeAndAfter) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Init(&sends_[0], &items_[0]);
  Drop(sends_[0]);
  EXPECT_EQ(-EAGAIN, TryReceive())
      << "P1: nothing happens before the first poll";
  Init(&sends_[1], &items_[1]);
  ASSERT_EQ(POLL_READY, PollIt(sends_[1], probes_[1]));
  Drop(sends_[1]);
  EXPECT_TRUE(IsAtRest()) << "C5: what was sent is sent";
  EXPECT_EQ(11, TryReceive());
  End();
}

// It found a place at once: in no list, and without a place of its own.
TEST_F(SendStep, ADropThatHasNothingToGiveBack) {
  bool came = true, is_free = true;
  for (long nth = 1; came && is_free && !HasFailure(); nth++) {
    struct channel_reserve reserve;
    ASSERT_NO_FATAL_FAILURE(Make(1));
    channel_reserve_init(&reserve, &sender_);
    ASSERT_EQ(POLL_READY, Poll(&reserve.base.base, probes_[0]));
    came = gate::InterruptAt(
        nth, [&] { future_drop(&reserve.base.base); },
        [&] { is_free = IsFree(lock()); });
    channel_permit_drop(&reserve.permit);
    End();
  }
  EXPECT_TRUE(is_free) << "C10: a drop that has nothing to do takes no lock";
}

TEST_F(SendStep, APermitThatIsNotUsed) {
  struct channel_reserve first, second;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_reserve_init(&first, &sender_);
  channel_reserve_init(&second, &sender_);
  ASSERT_EQ(POLL_READY, Poll(&first.base.base, probes_[0]));
  ASSERT_EQ(POLL_PENDING, Poll(&second.base.base, probes_[1]));
  future_drop(&first.base.base);
  EXPECT_EQ(1u, channel_->permits) << "M1: the permit is its owner's: the "
                                      "future's drop does not take it back";
  channel_permit_drop(&first.permit);
  channel_permit_drop(&first.permit);  // spent: nothing
  EXPECT_EQ(1, probes_[1].wakes()) << "C5: no place is lost";
  ASSERT_EQ(POLL_READY, Poll(&second.base.base, probes_[1]));
  future_drop(&second.base.base);  // one that has waited
  EXPECT_EQ(1u, channel_->permits) << "M1: the permit is its owner's: the "
                                      "future's drop does not take it back";
  channel_permit_drop(&second.permit);
  EXPECT_TRUE(IsAtRest());
  End();
}

TEST_F(SendStep, WithoutTheLock) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  LockLooker looker(lock());
  for (int i = 0; i < 3; i++) {
    Init(&sends_[i], &items_[i]);
    ASSERT_EQ(POLL_PENDING, PollWith(&sends_[i].base.base, looker));
  }
  Drop(sends_[1]);
  EXPECT_EQ(1, TryReceive());
  Drop(sends_[0]);
  EXPECT_EQ(2, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  Drop(sends_[2]);
  End();
}

// The place is granted in the middle of the drop.
TEST_F(SendStep, AReceiveDuringADrop) {
  WakerProbe first("first"), second("second");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    first.Reset();
    second.Reset();
    bool received = false;
    ASSERT_NO_FATAL_FAILURE(Make(1));
    Fill();
    for (int i = 0; i < 2; i++) {
      Init(&sends_[i], &items_[i]);
      ASSERT_EQ(POLL_PENDING, PollIt(sends_[i], i == 0 ? first : second));
    }
    came = gate::InterruptAt(
        nth, [&] { Drop(sends_[0]); },
        [&] {
          if (IsFree(lock())) received = TryReceive() == 1;
        });
    if (!received) received = TryReceive() == 1;
    EXPECT_EQ(1, second.wakes()) << "C5: the place is not lost";
    ASSERT_EQ(POLL_READY, PollIt(sends_[1], second));
    Drop(sends_[1]);
    EXPECT_TRUE(IsAtRest()) << "C5: no place is lost";
    End();
  }
}

// Senders and a receiver that are polled and dropped as chance has it. What
// was sent is received, once and in order, and at the end nothing is out.
TEST_F(SendStep, NothingIsLostWhateverHappens) {
  constexpr int kSenders = 4;
  std::vector<std::unique_ptr<WakerProbe>> probes;
  for (int i = 0; i < kSenders; i++)
    probes.emplace_back(new WakerProbe("sender"));
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    std::mt19937 random(seed);
    size_t capacity = 1 + random() % 3;
    ASSERT_NO_FATAL_FAILURE(Make(capacity));
    struct channel_send sends[kSenders];
    bool is_out[kSenders] = {};
    int items[kSenders], next = 0;
    std::deque<int> sent;
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int turn = 0; turn < 120 && !HasFailure(); turn++) {
      int who = int(random() % kSenders);
      switch (random() % 4) {
        case 0:
        case 1:
          if (!is_out[who]) {
            items[who] = ++next;
            Init(&sends[who], &items[who]);
            is_out[who] = true;
          }
          if (PollIt(sends[who], *probes[who]) == POLL_READY) {
            sent.push_back(items[who]);
            Drop(sends[who]);
            is_out[who] = false;
          }
          break;
        case 2:
          if (is_out[who]) Drop(sends[who]);
          is_out[who] = false;
          break;
        default:
          int expected = sent.empty() ? -EAGAIN : sent.front();
          ASSERT_EQ(expected, TryReceive()) << "C1: once, and in order";
          if (!sent.empty()) sent.pop_front();
      }
      ASSERT_LE(channel_->ring.length + channel_->permits, capacity)
          << "C2: never more items and permits than the capacity";
      if (!list_is_empty(&channel_->reserves)) {
        ASSERT_EQ(capacity, channel_->ring.length + channel_->permits)
            << "C4: somebody waits, and there is a free place";
      }
    }
    for (int i = 0; i < kSenders; i++)
      if (is_out[i]) Drop(sends[i]);
    for (; !sent.empty(); sent.pop_front())
      EXPECT_EQ(sent.front(), TryReceive());
    EXPECT_TRUE(IsAtRest()) << "C5: no place is lost";
    End();
  }
}

TEST_F(SendStep, ASendPays) {
  struct channel_send sends[3];
  int item = 7;
  Make(2);
  for (struct channel_send &send : sends)
    channel_send_init(&send, &sender_, &item);
  gate::CheckItPays(&sends[0].base.base, &sends[1].base.base,
                    &sends[2].base.base);
  End();
}

TEST_F(SendStep, AReservePays) {
  struct channel_reserve reserves[3];
  Make(2);
  for (struct channel_reserve &reserve : reserves)
    channel_reserve_init(&reserve, &sender_);
  gate::CheckItPays(&reserves[0].base.base, &reserves[1].base.base,
                    &reserves[2].base.base);
  for (int i = 0; i < 2; i++) channel_permit_drop(&reserves[i].permit);
  End();
}
