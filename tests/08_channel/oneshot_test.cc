// oneshot_test.cc - steps 8.1 and 8.2: one value, and either side that goes.
#include <cerrno>
#include <cstring>

#include "tests/08_channel/channel_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/budget.h"
#include "tests/support/interrupt.h"

extern "C" {
#include "chapters/08_channel/oneshot.h"
}

namespace {

using gate::Allocations;
using gate::Poll;
using gate::WakerProbe;

class OneshotFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    Thing::Reset();
    ASSERT_NO_FATAL_FAILURE(Make());
  }
  void Make() {
    item_ = {-1};
    ASSERT_EQ(0, oneshot_create(&sender_, &receiver_, &kThing, &item_));
  }
  int Send(int id) {
    struct Thing thing = {id};
    return oneshot_send(&sender_, &thing);
  }
  enum poll PollIt(WakerProbe &probe) {
    return Poll(&receiver_.base.base, probe);
  }
  int result() const { return receiver_.base.result; }
  void Drop() { future_drop(&receiver_.base.base); }

  struct oneshot_sender sender_;
  struct oneshot_receiver receiver_;
  struct Thing item_;
  WakerProbe probe_{"receiver"};
};

}  // namespace

// ---------------------------------------------------------------- step 8.1

class OneshotStep : public OneshotFixture {};

TEST_F(OneshotStep, AValueThatIsThere) {
  ASSERT_EQ(0, Send(7))
      << "O1: a value that was sent is there for the receiver";
  ASSERT_EQ(POLL_READY, PollIt(probe_))
      << "O1: a value that was sent is there for the receiver";
  EXPECT_EQ(0, result())
      << "O1: a value that was sent is there for the receiver";
  EXPECT_EQ(7, item_.id) << "O1: the value is in the receiver's item";
  EXPECT_EQ(0, probe_.clones()) << "no waker is needed for that";
  Drop();
}

TEST_F(OneshotStep, AValueThatComes) {
  ASSERT_EQ(POLL_PENDING, PollIt(probe_)) << "O1: there is none yet";
  EXPECT_EQ(1, probe_.live()) << "P2: a pending receiver has a waker there";
  ASSERT_EQ(0, Send(7));
  EXPECT_EQ(1, probe_.wakes())
      << "P2: who is pending has its waker there, and is woken";
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(7, item_.id);
  Drop();
}

TEST_F(OneshotStep, TheNewestWaker) {
  WakerProbe newest("newest");
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  ASSERT_EQ(POLL_PENDING, PollIt(newest));
  ASSERT_EQ(0, Send(1));
  EXPECT_EQ(0, probe_.wakes()) << "P3: the newest waker is the one to wake";
  EXPECT_EQ(1, newest.wakes()) << "P3: the newest waker is the one to wake";
  ASSERT_EQ(POLL_READY, PollIt(newest));
  Drop();
}

TEST_F(OneshotStep, ItemsOfManySizes) {
  struct Large {
    char bytes[1000];
  } sent, received;
  static const struct item_type kLarge = {sizeof(Large), nullptr};
  static const struct item_type kNothing = {0, nullptr};
  memset(&sent, 'x', sizeof sent);
  ASSERT_EQ(0, Send(0));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();

  ASSERT_EQ(0, oneshot_create(&sender_, &receiver_, &kLarge, &received));
  ASSERT_EQ(0, oneshot_send(&sender_, &sent));
  memset(&sent, 'y', sizeof sent);
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ('x', received.bytes[999]) << "the item moves when it is sent";
  Drop();

  ASSERT_EQ(0, oneshot_create(&sender_, &receiver_, &kNothing, &received));
  ASSERT_EQ(0, oneshot_send(&sender_, &sent));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ('x', received.bytes[0]) << "an item of no bytes";
  Drop();
}

TEST_F(OneshotStep, OneAllocation) {
  long before = Allocations::total();
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  ASSERT_EQ(0, Send(1));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(before, Allocations::total()) << "O6: only oneshot_create()";
  Drop();
  EXPECT_EQ(0, Allocations::live()) << "O6: the last who goes frees";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, oneshot_create(&sender_, &receiver_, &kThing, &item_));
  Allocations::FailNth(0);
}

// The value comes in the middle of a poll, at every place in turn.
TEST_F(OneshotStep, ASendDuringAPoll) {
  ASSERT_EQ(0, Send(0));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    ASSERT_NO_FATAL_FAILURE(Make());
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&receiver_.base.base, probe.context()); },
        [&] { Send(5); });
    if (!came) Send(5);
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes())
          << "P2: a value came while it was polled. Who registers and does not "
             "look again is not woken";
      poll = Poll(&receiver_.base.base, probe);
    }
    ASSERT_EQ(POLL_READY, poll);
    EXPECT_EQ(0, result());
    EXPECT_EQ(5, item_.id);
    Drop();
  }
}

TEST_F(OneshotStep, APollDuringASend) {
  ASSERT_EQ(0, Send(0));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    ASSERT_NO_FATAL_FAILURE(Make());
    came = gate::InterruptAt(
        nth, [&] { Send(5); },
        [&] { poll = future_poll(&receiver_.base.base, probe.context()); });
    if (poll == POLL_PENDING && came) {
      EXPECT_EQ(1, probe.wakes()) << "P2: registered before it was sent";
    }
    if (poll == POLL_PENDING) poll = Poll(&receiver_.base.base, probe);
    ASSERT_EQ(POLL_READY, poll);
    EXPECT_EQ(0, result());
    EXPECT_EQ(5, item_.id)
        << "O1: the value is published when it is there, and not before";
    Drop();
  }
}

// ---------------------------------------------------------------- step 8.2

class GoneStep : public OneshotFixture {};

// A wake that looks at once must find what it was woken for.
TEST_F(GoneStep, TheEndIsThereWhenItIsWoken) {
  enum poll poll = POLL_PENDING;
  ActingWaker *self = nullptr;
  ActingWaker waker(
      [&] { poll = future_poll(&receiver_.base.base, self->context()); });
  self = &waker;
  ASSERT_EQ(POLL_PENDING, future_poll(&receiver_.base.base, waker.context()));
  oneshot_sender_drop(&sender_);
  EXPECT_EQ(POLL_READY, poll) << "O2: first ENDED, and then the wake";
  Drop();
}

TEST_F(GoneStep, TheCloseIsThereWhenItIsWoken) {
  struct oneshot_closed closed;
  enum poll poll = POLL_PENDING;
  ActingWaker *self = nullptr;
  ActingWaker waker(
      [&] { poll = future_poll(&closed.base.base, self->context()); });
  self = &waker;
  oneshot_closed_init(&closed, &sender_);
  ASSERT_EQ(POLL_PENDING, future_poll(&closed.base.base, waker.context()));
  oneshot_close(&receiver_);
  EXPECT_EQ(POLL_READY, poll) << "O5: first CLOSED, and then the wake";
  future_drop(&closed.base.base);
  oneshot_sender_drop(&sender_);
  Drop();
}

TEST_F(GoneStep, TheNewestWakerOfASender) {
  struct oneshot_closed closed;
  WakerProbe old("old"), newest("newest");
  oneshot_closed_init(&closed, &sender_);
  ASSERT_EQ(POLL_PENDING, Poll(&closed.base.base, old));
  ASSERT_EQ(POLL_PENDING, Poll(&closed.base.base, newest));
  oneshot_close(&receiver_);
  EXPECT_EQ(1, newest.wakes()) << "P3: the newest waker is the one to wake";
  future_drop(&closed.base.base);
  oneshot_sender_drop(&sender_);
  Drop();
}

TEST_F(GoneStep, APlainValueThatNobodyTakes) {
  struct oneshot_sender sender;
  struct oneshot_receiver receiver;
  int value = 5, item = 0;
  ASSERT_EQ(0, oneshot_create(&sender, &receiver, &kInt, &item));
  ASSERT_EQ(0, oneshot_send(&sender, &value));
  gate::Note("the drop of a value whose type has no drop");
  future_drop(&receiver.base.base);
  oneshot_sender_drop(&sender_);
  Drop();
}

TEST_F(GoneStep, TheSenderGoesWithoutAValue) {
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  oneshot_sender_drop(&sender_);
  EXPECT_EQ(1, probe_.wakes()) << "O2: nobody else would ever wake it";
  ASSERT_EQ(POLL_READY, PollIt(probe_))
      << "O2: the sender has gone without a value: that is -EPIPE";
  EXPECT_EQ(-EPIPE, result())
      << "O2: the sender has gone without a value: that is -EPIPE";
  Drop();
  EXPECT_EQ(0, Thing::drops) << "there was no value";
}

TEST_F(GoneStep, TheSenderHasGoneBefore) {
  oneshot_sender_drop(&sender_);
  oneshot_sender_drop(&sender_);  // spent: nothing
  ASSERT_EQ(POLL_READY, PollIt(probe_))
      << "O2: the sender has gone without a value: that is -EPIPE";
  EXPECT_EQ(-EPIPE, result())
      << "O2: the sender has gone without a value: that is -EPIPE";
  Drop();
}

TEST_F(GoneStep, AValueIsWorthMoreThanTheEnd) {
  ASSERT_EQ(0, Send(3));
  oneshot_sender_drop(&sender_);  // spent by the send: nothing
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(0, result()) << "O1: the value, not the sender's end";
  Drop();
}

TEST_F(GoneStep, TheReceiverHasGone) {
  Drop();
  EXPECT_EQ(-EPIPE, Send(3))
      << "O3: nobody will take it: -EPIPE, and the item stays";
  EXPECT_EQ(0, Thing::drops) << "O3: the item is the sender's still";
}

TEST_F(GoneStep, AValueThatNobodyTakes) {
  ASSERT_EQ(0, Send(3));
  Drop();
  ASSERT_EQ(1, Thing::drops) << "O4: it is dropped, once";
  EXPECT_EQ(3, Thing::dropped[0]);
  EXPECT_EQ(0, Allocations::live())
      << "O6: one block of memory, freed by the last who goes";
}

TEST_F(GoneStep, AValueThatWasTakenIsTheTakers) {
  ASSERT_EQ(0, Send(3));
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  Drop();
  EXPECT_EQ(0, Thing::drops) << "O4: it has moved to whoever has polled";
}

TEST_F(GoneStep, AReceiverThatWaitsAndGoes) {
  ASSERT_EQ(POLL_PENDING, PollIt(probe_));
  Drop();
  EXPECT_EQ(0, probe_.live()) << "P5: no waker is left, although the sender is "
                                 "still there";
  EXPECT_EQ(-EPIPE, Send(3));
  EXPECT_EQ(0, probe_.wakes());
}

TEST_F(GoneStep, Closed) {
  oneshot_close(&receiver_);
  EXPECT_EQ(-EPIPE, Send(3))
      << "O3: nobody will take it: -EPIPE, and the item stays";
  ASSERT_EQ(POLL_READY, PollIt(probe_)) << "O4: none will come any more";
  EXPECT_EQ(-EPIPE, result());
  Drop();
  EXPECT_EQ(0, Thing::drops) << "O4: the sender has it";
}

TEST_F(GoneStep, ClosedWhenItWasThereAlready) {
  ASSERT_EQ(0, Send(3));
  oneshot_close(&receiver_);
  ASSERT_EQ(POLL_READY, PollIt(probe_));
  EXPECT_EQ(0, result()) << "O4: it was sent first";
  EXPECT_EQ(3, item_.id);
  Drop();
  EXPECT_EQ(0, Thing::drops);
}

TEST_F(GoneStep, WhoWaitsForTheReceiversEnd) {
  struct oneshot_closed closed;
  WakerProbe sender("sender");
  oneshot_closed_init(&closed, &sender_);
  ASSERT_EQ(POLL_PENDING, Poll(&closed.base.base, sender))
      << "O5: the sender is told that the receiver has gone";
  Drop();
  EXPECT_EQ(1, sender.wakes())
      << "O5: the sender is told that the receiver has gone";
  ASSERT_EQ(POLL_READY, Poll(&closed.base.base, sender))
      << "O5: the sender is told that the receiver has gone";
  EXPECT_EQ(0, closed.base.result)
      << "O5: the sender is told that the receiver has gone";
  future_drop(&closed.base.base);
  oneshot_sender_drop(&sender_);
  EXPECT_EQ(0, Allocations::live())
      << "O6: one block of memory, freed by the last who goes";
}

TEST_F(GoneStep, WhoDoesNotWaitForItAnyMore) {
  struct oneshot_closed closed;
  WakerProbe sender("sender");
  oneshot_closed_init(&closed, &sender_);
  ASSERT_EQ(POLL_PENDING, Poll(&closed.base.base, sender));
  future_drop(&closed.base.base);
  EXPECT_EQ(0, sender.live()) << "P5: a drop leaves nothing behind";
  oneshot_close(&receiver_);
  EXPECT_EQ(0, sender.wakes());
  oneshot_closed_init(&closed, &sender_);
  EXPECT_EQ(POLL_READY, Poll(&closed.base.base, sender)) << "O5: it is closed";
  future_drop(&closed.base.base);
  oneshot_sender_drop(&sender_);
  Drop();
}

// What may happen in between, at every place. `first` is interrupted by
// `second`; `check` sees what became of it.
#define AT_EVERY_PLACE(first, second, check)           \
  do {                                                 \
    Send(0), Drop();                                   \
    bool came = true;                                  \
    for (long nth = 1; came && !HasFailure(); nth++) { \
      Thing::Reset();                                  \
      ASSERT_NO_FATAL_FAILURE(Make());                 \
      came = gate::InterruptAt(                        \
          nth, [&] { first; }, [&] { second; });       \
      if (!came) {                                     \
        second;                                        \
      }                                                \
      check;                                           \
    }                                                  \
  } while (0)

TEST_F(GoneStep, ASendWhileTheReceiverGoes) {
  int sent = 0;
  AT_EVERY_PLACE(Drop(), sent = Send(3), {
    EXPECT_EQ(sent == 0 ? 1 : 0, Thing::drops)
        << "O4: a value that was sent is dropped by the receiver, one that was "
           "not is the sender's";
    EXPECT_EQ(0, Allocations::live())
        << "O6: one block of memory, freed by the last who goes";
    EXPECT_FALSE(Allocations::written_after_free())
        << "O6: one block of memory, freed by the last who goes";
  });
}

TEST_F(GoneStep, TheReceiverGoesDuringASend) {
  int sent = 0;
  Allocations::FillFreedWith(0);  // who looks again there finds a 0
  AT_EVERY_PLACE(sent = Send(3), Drop(), {
    EXPECT_EQ(sent == 0 ? 1 : 0, Thing::drops)
        << "O4: a value that was sent is dropped by the receiver, one that was "
           "not is the sender's";
    EXPECT_EQ(0, Allocations::live())
        << "O6: one block of memory, freed by the last who goes";
    EXPECT_FALSE(Allocations::freed_twice())
        << "O6: both have freed it: who counts, and looks again, may see the "
           "other one's count";
    EXPECT_FALSE(Allocations::written_after_free())
        << "O6: the memory was used after it was freed";
  });
}

// CLOSED is set before; a value must not even be seen for a moment.
TEST_F(GoneStep, ASendToTheClosedIsNeverSeen) {
  Send(0), Drop();
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    int sent = 0;
    Thing::Reset();
    ASSERT_NO_FATAL_FAILURE(Make());
    oneshot_close(&receiver_);
    came = gate::InterruptAt(
        nth, [&] { sent = Send(3); }, [&] { Drop(); });
    if (!came) Drop();
    EXPECT_EQ(-EPIPE, sent) << "O3: it was closed before";
    EXPECT_EQ(0, Thing::drops)
        << "O4: the sender has it, and the receiver has dropped it: VALUE was "
           "set although CLOSED was";
  }
}

TEST_F(GoneStep, TheSenderGoesDuringAPoll) {
  Send(0), Drop();
  WakerProbe probe("receiver");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    ASSERT_NO_FATAL_FAILURE(Make());
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&receiver_.base.base, probe.context()); },
        [&] { oneshot_sender_drop(&sender_); });
    if (!came) oneshot_sender_drop(&sender_);
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes())
          << "O2, P2: the sender has gone without a value: that is -EPIPE";
      poll = Poll(&receiver_.base.base, probe);
    }
    ASSERT_EQ(POLL_READY, poll)
        << "O2: the sender has gone without a value: that is -EPIPE";
    EXPECT_EQ(-EPIPE, result())
        << "O2: the sender has gone without a value: that is -EPIPE";
    Drop();
  }
}

TEST_F(GoneStep, ACloseWhileTheSenderLooks) {
  Send(0), Drop();
  WakerProbe probe("sender");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    struct oneshot_closed closed;
    enum poll poll = POLL_PENDING;
    ASSERT_NO_FATAL_FAILURE(Make());
    oneshot_closed_init(&closed, &sender_);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&closed.base.base, probe.context()); },
        [&] { oneshot_close(&receiver_); });
    if (!came) oneshot_close(&receiver_);
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "O5: register, then look again";
    }
    future_drop(&closed.base.base);
    oneshot_sender_drop(&sender_);
    Drop();
  }
}

// Of three oneshots two have a value, or a receiver that has closed.
TEST_F(GoneStep, AReceiverPays) {
  struct oneshot_sender senders[3];
  struct oneshot_receiver receivers[3];
  struct Thing items[3], sent = {7};
  for (int i = 0; i < 3; i++)
    ASSERT_EQ(0, oneshot_create(&senders[i], &receivers[i], &kThing, &items[i]))
        << "there is memory";
  oneshot_send(&senders[0], &sent);
  oneshot_send(&senders[1], &sent);
  gate::CheckItPays(&receivers[0].base.base, &receivers[1].base.base,
                    &receivers[2].base.base);
  EXPECT_EQ(7, items[0].id) << "O1: the value is in the receiver's item";
  EXPECT_EQ(7, items[1].id) << "O1: the value is in the receiver's item";
  oneshot_sender_drop(&senders[2]);
  oneshot_sender_drop(&sender_);
  Drop();
}

TEST_F(GoneStep, WaitingForAClosePays) {
  struct oneshot_closed closed[3];
  struct oneshot_sender other;
  struct oneshot_receiver other_receiver;
  struct Thing other_item;
  ASSERT_EQ(0, oneshot_create(&other, &other_receiver, &kThing, &other_item))
      << "there is memory";
  oneshot_close(&receiver_);
  oneshot_closed_init(&closed[0], &sender_);
  oneshot_closed_init(&closed[1], &sender_);
  oneshot_closed_init(&closed[2], &other);
  gate::CheckItPays(&closed[0].base.base, &closed[1].base.base,
                    &closed[2].base.base);
  oneshot_sender_drop(&other);
  oneshot_sender_drop(&sender_);
  future_drop(&other_receiver.base.base);
  Drop();
}
