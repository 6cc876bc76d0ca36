// time_test.cc - steps 10.2 and 10.6: ticks, channels and connections as
// streams; and streams that keep an eye on the clock.
#include <sys/socket.h>

#include <cerrno>

#include "tests/10_stream/inner_futures.h"
#include "tests/10_stream/stream_fixture.h"
#include "tests/support/client.h"
#include "tests/support/sockets.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
#include "chapters/10_stream/chunks.h"
#include "chapters/10_stream/map.h"
#include "chapters/10_stream/source.h"
#include "chapters/10_stream/throttle.h"
}

namespace {

using gate::Allocations;
using gate::Sockets;
using gate::WakerProbe;

// --------------------------------------------------------------- step 10.2

class SourceStep : public StreamTimeFixture {
 protected:
  void MakeInterval() {
    struct interval interval;
    interval_init(&interval, &timer_, MILLISECONDS(10), INTERVAL_BURST);
    interval_stream_init(&ticks_, &interval);
  }
  // When the tick was due, in milliseconds since the start; -1: pending.
  int64_t Tick() {
    int64_t due = 0;
    if (stream_poll_next(&ticks_.base, probe_.context(), &due) != STREAM_ITEM)
      return -1;
    return (due - kStart) / MILLISECONDS(1);
  }
  void MakeChannel(const struct item_type *type = &kInt) {
    struct channel_receiver receiver;
    ASSERT_EQ(0, channel_create(&sender_, &receiver, type, 4));
    channel_stream_init(&items_, &receiver);
  }
  int Send(int item) { return channel_try_send(&sender_, &item); }

  WakerProbe probe_{"asker"};
  struct interval_stream ticks_;
  struct channel_sender sender_ = {};
  struct channel_stream items_;
  struct listener_stream connections_;
};

TEST_F(SourceStep, Ticks) {
  MakeInterval();
  EXPECT_EQ(0u, timer_.live) << "S1: nothing before it is asked";
  EXPECT_EQ(0, Tick()) << "O1: the first tick is due at once";
  EXPECT_EQ(-1, Tick()) << "O1: the next tick is a period later. Was the one "
                           "that was ready polled again?";
  EXPECT_EQ(1u, timer_.live) << "S3: the timer knows of it";
  Pass(10);
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken";
  EXPECT_EQ(10, Tick()) << "O1: the item is when the tick was due";
  Pass(25);
  EXPECT_EQ(20, Tick()) << "O1: one item for each tick";
  EXPECT_EQ(30, Tick()) << "O1: the ticks do not drift";
  EXPECT_EQ(-1, Tick()) << "O1: one item for each tick";
  stream_drop(&ticks_.base);
  EXPECT_EQ(0u, timer_.live) << "S5: nothing is left in the timer";
  EXPECT_EQ(0, probe_.live()) << "S5: nothing is left behind";
}

TEST_F(SourceStep, ATickIsMadeOnce) {
  MakeInterval();
  EXPECT_EQ(0, Tick()) << "O1: the first tick is due at once";
  EXPECT_EQ(-1, Tick()) << "O1: the next tick is not due yet";
  EXPECT_EQ(-1, Tick()) << "O1: the next tick is not due yet";
  ASSERT_EQ(1u, timer_.live)
      << "S3: it was polled twice for the same item. The tick of the first "
         "poll is in the timer still, and a second one was made on top of it";
  stream_drop(&ticks_.base);
  EXPECT_EQ(0u, timer_.live) << "S5: nothing is left behind";
}

TEST_F(SourceStep, ItMovesBeforeItsFirstPoll) {
  struct interval_stream before;
  struct interval interval;
  interval_init(&interval, &timer_, MILLISECONDS(10), INTERVAL_BURST);
  interval_stream_init(&before, &interval);
  std::memcpy(&ticks_, &before, sizeof ticks_);
  std::memset(&before, 0x5a, sizeof before);
  EXPECT_EQ(0, Tick()) << "S6: it may move until its first poll";
  EXPECT_EQ(-1, Tick()) << "O1: the next tick is not due yet";
  stream_drop(&ticks_.base);
}

TEST_F(SourceStep, ATickThatWasMissed) {
  for (enum interval_missed missed :
       {INTERVAL_BURST, INTERVAL_DELAY, INTERVAL_SKIP}) {
    struct interval interval;
    interval_init(&interval, &timer_, MILLISECONDS(10), missed);
    int64_t start = interval.due, due = 0;
    interval_stream_init(&ticks_, &interval);
    for (int i = 0; i < 2; i++) {
      ASSERT_EQ(STREAM_ITEM,
                stream_poll_next(&ticks_.base, probe_.context(), &due))
          << "O1: it is due";
      if (i == 0) Pass(47);
    }
    EXPECT_EQ(10, (due - start) / MILLISECONDS(1))
        << "O1: the item is when this tick was due (V3 of interval.h), however "
           "late it was and whenever the next one is";
    stream_drop(&ticks_.base);
  }
}

TEST_F(SourceStep, DroppedAtAnyTime) {
  MakeInterval();
  stream_drop(&ticks_.base);  // never asked
  MakeInterval();
  EXPECT_EQ(0, Tick()) << "O1: the first tick is due at once";
  stream_drop(&ticks_.base);  // between two items
  EXPECT_EQ(0u, timer_.live) << "S5: nothing is left behind";
}

TEST_F(SourceStep, WhatComesOutOfAChannel) {
  MakeChannel();
  EXPECT_EQ("pending", Ask(&items_.base, probe_))
      << "O2: what was sent, in order";
  EXPECT_EQ(0, Send(5)) << "there is room in the channel";
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken";
  EXPECT_EQ(0, Send(6)) << "there is room in the channel";
  EXPECT_EQ("item 5", Ask(&items_.base, probe_))
      << "O2: what was sent, in order";
  EXPECT_EQ("item 6", Ask(&items_.base, probe_))
      << "O2: what was sent, in order";
  EXPECT_EQ("pending", Ask(&items_.base, probe_))
      << "O2: what was sent, in order";
  channel_sender_drop(&sender_);
  EXPECT_EQ("end", Ask(&items_.base, probe_))
      << "O2: no sender is left. That is the end, and no error";
  stream_drop(&items_.base);
  EXPECT_EQ(0, Allocations::live())
      << "O2: the receiver is the stream's, and was not dropped with it";
}

TEST_F(SourceStep, AnotherRoomAtEachPoll) {
  MakeChannel();
  int first = -1, second = -1;
  EXPECT_EQ(STREAM_PENDING,
            stream_poll_next(&items_.base, probe_.context(), &first))
      << "S3: there is nothing to give now";
  EXPECT_EQ(0, Send(5)) << "there is room in the channel";
  EXPECT_EQ(STREAM_ITEM,
            stream_poll_next(&items_.base, probe_.context(), &second))
      << "S2: there is something to give";
  EXPECT_EQ(-1, first) << "S2: written to the room of a poll that is over";
  EXPECT_EQ(5, second) << "S2: the item goes where this poll wants it";
  channel_sender_drop(&sender_);
  stream_drop(&items_.base);
}

TEST_F(SourceStep, TheReceiverIsTheStreams) {
  MakeChannel(&kThing);
  EXPECT_EQ("pending", Ask(&items_.base, probe_))
      << "S3: there is nothing to give now";
  EXPECT_EQ(0, Send(1)) << "there is room in the channel";
  stream_drop(&items_.base);
  EXPECT_EQ((std::vector<int>{1}), Thing::dropped)
      << "O2, S5: what was sent, and nobody took, is dropped";
  EXPECT_EQ(-EPIPE, Send(2)) << "O2: with the stream the receiver has gone";
  EXPECT_EQ(0, probe_.live()) << "S5: no waker is left";
  channel_sender_drop(&sender_);
}

TEST_F(SourceStep, DroppedWhileItWaits) {
  MakeChannel();
  EXPECT_EQ("pending", Ask(&items_.base, probe_)) << "O2: nothing was sent";
  EXPECT_EQ(1, probe_.live()) << "S3: the channel knows who waits";
  stream_drop(&items_.base);
  EXPECT_EQ(0, probe_.live())
      << "S5: the waker is in the channel still, which the senders keep alive. "
         "The receive that waits is dropped first, and the receiver then";
  channel_sender_drop(&sender_);
}

TEST_F(SourceStep, Connections) {
  struct reactor reactor;
  struct socket listener, *connection;
  ASSERT_EQ(0, reactor_init(&reactor));
  ASSERT_EQ(0, tcp_listen(&listener, &reactor, 0));
  int port = tcp_port(&listener);
  listener_stream_init(&connections_, &listener);
  struct socket got = {};
  connection = &got;
  auto ask = [&] {
    return stream_poll_next(&connections_.base, probe_.context(), connection);
  };
  EXPECT_EQ(STREAM_PENDING, ask()) << "O3: a connection, when there is one";
  Client client(port);
  reactor_turn(&reactor, 1000);
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken";
  ASSERT_EQ(STREAM_ITEM, ask()) << "O3: a connection is an item";
  item_drop(connections_.base.type, &got);
  EXPECT_EQ("", client.Receive()) << "O3: a connection nobody wants is closed";
  EXPECT_EQ(STREAM_PENDING, ask()) << "O3: a connection, when there is one";
  stream_drop(&connections_.base);
  EXPECT_EQ(0, probe_.live()) << "S5: no waker is left";
  EXPECT_FALSE(Client(port).is_connected())
      << "O3: the stream owns the listener, and has closed it";
  reactor_end(&reactor);
}

TEST_F(SourceStep, NoDescriptorIsLeft) {
  struct reactor reactor;
  struct socket listener, got = {};
  ASSERT_EQ(0, reactor_init(&reactor));
  ASSERT_EQ(0, tcp_listen(&listener, &reactor, 0));
  listener_stream_init(&connections_, &listener);
  EXPECT_EQ(nullptr, listener.source) << "O3: the socket is the stream's now";
  Client client(tcp_port(&connections_.listener));
  auto ask = [&] {
    return stream_poll_next(&connections_.base, probe_.context(), &got);
  };
  EXPECT_EQ(STREAM_PENDING, ask()) << "S3: there is nothing to give now";
  Sockets::FailAccepts(EMFILE, 1);
  reactor_turn(&reactor, 1000);
  EXPECT_EQ(STREAM_END, ask()) << "O3: an error is the end";
  EXPECT_EQ(-EMFILE, connections_.base.result)
      << "O3: a connection, when there is one";
  Sockets::Reset();
  stream_drop(&connections_.base);
  reactor_end(&reactor);
}

// What the stream made for itself in all the tests above.
TEST_F(SourceStep, EachFutureInsideIsDropped) { CheckInnerFutures(); }

// --------------------------------------------------------------- step 10.6

class TimeStep : public StreamTimeFixture {
 protected:
  void Throttle(StreamProbe &source) {
    stream_throttle_init(&throttle_, source.stream(), &timer_,
                         MILLISECONDS(10));
  }
  void Timeout(StreamProbe &source) {
    stream_timeout_init(&timeout_, source.stream(), &timer_, MILLISECONDS(10));
  }
  void Chunks(StreamProbe &source, size_t most) {
    ASSERT_EQ(0, stream_chunks_timeout_init(&chunks_, source.stream(), most,
                                            &timer_, MILLISECONDS(10)))
        << "there is memory, so it can be made";
  }
  std::string AskChunk() {
    struct chunk chunk = {};
    enum stream_poll poll =
        stream_poll_next(&chunks_.base, probe_.context(), &chunk);
    if (poll == STREAM_PENDING) return "pending";
    if (poll == STREAM_END) return "end";
    std::string text = "[";
    for (size_t i = 0; i < chunk.count; i++) {
      int item;
      std::memcpy(&item, chunk.items + i * sizeof item, sizeof item);
      text += (i > 0 ? " " : "") + std::to_string(item);
    }
    return text + "]";
  }

  WakerProbe probe_{"asker"};
  struct stream_throttle throttle_;
  struct stream_timeout timeout_;
  struct stream_chunks chunks_;
};

TEST_F(TimeStep, ARestAfterEachItem) {
  StreamProbe source;
  source.Flow();
  Throttle(source);
  EXPECT_EQ("item 0", Ask(&throttle_.base, probe_)) << "H1: the first at once";
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_)) << "H1: it rests";
  Pass(9);
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_)) << "H1: not long enough";
  EXPECT_EQ(1, source.polls())
      << "H1: nothing is taken meanwhile. Who sends has to wait";
  probe_.Reset();
  Pass(1);
  EXPECT_EQ(1, probe_.wakes()) << "H1, S3: it is over, and who waits is woken";
  EXPECT_EQ("item 1", Ask(&throttle_.base, probe_))
      << "H1: an item, and then a rest";
  stream_drop(&throttle_.base);
  EXPECT_EQ(0u, timer_.live) << "H3: nothing is left in the timer";
  EXPECT_EQ(1, source.drops()) << "S5: nothing is left behind";
}

TEST_F(TimeStep, TheRestCountsFromTheItem) {
  StreamProbe source;
  Throttle(source);
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_))
      << "S3: there is nothing to give now";
  EXPECT_EQ(0u, timer_.live) << "H1: there was no item to rest from";
  source.Push(7);
  EXPECT_EQ("item 7", Ask(&throttle_.base, probe_))
      << "H1: it rests from an item, and not from a poll that brought none";
  source.Push(8);
  Pass(10);
  EXPECT_EQ("item 8", Ask(&throttle_.base, probe_))
      << "H1: time passes also while nobody asks";
  source.End(-EIO);
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_))
      << "H1: an item, and then a rest";
  Pass(10);
  EXPECT_EQ("end -5", Ask(&throttle_.base, probe_))
      << "S4: the end of the stream inside";
  EXPECT_EQ(1, source.drops())
      << "S8: the stream inside has ended, and is dropped";
  stream_drop(&throttle_.base);
}

TEST_F(TimeStep, ALateReader) {
  StreamProbe source;
  source.Flow();
  Throttle(source);
  EXPECT_EQ("item 0", Ask(&throttle_.base, probe_)) << "H1: the first at once";
  Pass(47);
  EXPECT_EQ("item 1", Ask(&throttle_.base, probe_)) << "H1: it is rested";
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_))
      << "H1: the rest counts from when the item was given. Counted from the "
         "rest before, a late reader gets all that it has missed in a burst";
  Pass(9);
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_)) << "H1: not long enough";
  Pass(1);
  EXPECT_EQ("item 2", Ask(&throttle_.base, probe_)) << "H1: long enough";
  stream_drop(&throttle_.base);
}

TEST_F(TimeStep, ARestIsOver) {
  StreamProbe source;
  Throttle(source);
  source.Push(1);
  EXPECT_EQ("item 1", Ask(&throttle_.base, probe_)) << "H1: it is there";
  Pass(10);
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_)) << "S3: there is none";
  EXPECT_FALSE(throttle_.is_resting)
      << "P4: its sleep was ready, and is to be dropped: at the next poll it "
         "would be polled again";
  stream_drop(&throttle_.base);
}

TEST_F(TimeStep, EachIsHeldToTheContract) {
  HoldToTheContract({
      {"a throttle",
       [&](struct stream *inner) {
         stream_throttle_init(&throttle_, inner, &timer_, 0);
         return &throttle_.base;
       }},
      {"a timeout",
       [&](struct stream *inner) {
         stream_timeout_init(&timeout_, inner, &timer_, MILLISECONDS(10));
         return &timeout_.base;
       }},
      {"chunks with a limit",
       [&](struct stream *inner) {
         EXPECT_EQ(0, stream_chunks_timeout_init(&chunks_, inner, 2, &timer_,
                                                 MILLISECONDS(10)))
             << "C5: there is memory";
         return &chunks_.base;
       }},
  });
  EXPECT_EQ(0u, timer_.live) << "H3: nothing is left in the timer";
}

TEST_F(TimeStep, DroppedAtRest) {
  StreamProbe source;
  source.Flow();
  Throttle(source);
  EXPECT_EQ("item 0", Ask(&throttle_.base, probe_))
      << "S2: there is something to give";
  EXPECT_EQ("pending", Ask(&throttle_.base, probe_))
      << "S3: there is nothing to give now";
  EXPECT_EQ(1u, timer_.live) << "S3: who waits is woken";
  stream_drop(&throttle_.base);
  EXPECT_EQ(0u, timer_.live) << "H3: a sleep was left in the timer";
  EXPECT_EQ(0, probe_.live()) << "S5: nothing is left behind";
}

TEST_F(TimeStep, NoneInTime) {
  StreamProbe source;
  Timeout(source);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_)) << "H2: the time is not up";
  Pass(6);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_)) << "H2: the time is not up";
  Pass(4);
  EXPECT_EQ(1, probe_.wakes()) << "S3: the time is up, and who waits is woken";
  EXPECT_EQ("end -110", Ask(&timeout_.base, probe_))
      << "H2: time counts from the first poll that found nothing, and not anew "
         "from each";
  EXPECT_EQ(1, source.drops()) << "H2: dropped in the poll that is too late";
  EXPECT_EQ(0u, timer_.live) << "H3: nothing is left in the timer";
  stream_drop(&timeout_.base);
}

TEST_F(TimeStep, OnlyAWake) {
  StreamProbe source;
  Timeout(source);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_)) << "H2: there is none yet";
  EXPECT_EQ(1u, timer_.live)
      << "S3, H2: the timer has to know from the first poll on that finds "
         "nothing. A sleep that was made and not polled wakes nobody (S1 of "
         "sleep.h)";
  Pass(10);
  ASSERT_EQ(1, probe_.wakes())
      << "S3: it was polled once, and nobody polls again without a wake";
  EXPECT_EQ("end -110", Ask(&timeout_.base, probe_)) << "H2: the time is up";
  stream_drop(&timeout_.base);
}

// A filter that wants nothing of a stream that always has something: its poll
// ends when the budget is spent. A turn a millisecond.
TEST_F(TimeStep, NoneInTimeOfEndlessOnes) {
  StreamProbe source;
  source.Flow();
  source.Pay();
  struct stream_filter filter;
  stream_filter_init(
      &filter, source.stream(), [](void *, const void *) { return false; },
      nullptr);
  stream_timeout_init(&timeout_, &filter.base, &timer_, MILLISECONDS(10));
  std::string got;
  int turns = 0;
  for (; turns < 20 && got != "end -110"; turns++) {
    if (turns > 0) Pass(1);
    gate::Budget budget;
    got = Ask(&timeout_.base, probe_);
  }
  EXPECT_EQ("end -110", got)
      << "H2: ready work has spent the budget of each turn, and so the "
         "deadline was never looked at";
  EXPECT_GE(12, turns) << "H2: in time";
  stream_drop(&timeout_.base);
}

TEST_F(TimeStep, AnItemThatIsThereCounts) {
  StreamProbe source;
  Timeout(source);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_))
      << "S3: there is nothing to give now";
  Pass(20);
  source.Push(5);
  EXPECT_EQ("item 5", Ask(&timeout_.base, probe_))
      << "H2: an item that is there counts, also if the time is up";
  EXPECT_EQ(0u, timer_.live) << "H3: nobody waits now";
  stream_drop(&timeout_.base);
}

TEST_F(TimeStep, AnewForEachItem) {
  StreamProbe source;
  Timeout(source);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_))
      << "S3: there is nothing to give now";
  Pass(9);
  source.Push(1);
  EXPECT_EQ("item 1", Ask(&timeout_.base, probe_)) << "H2: the time is not up";
  EXPECT_EQ(0u, timer_.live) << "H3: nobody waits now";
  Pass(50);
  ASSERT_EQ("pending", Ask(&timeout_.base, probe_))
      << "H2: while nobody asks no time runs";
  Pass(9);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_))
      << "H2: time counts anew for each item";
  source.End();
  EXPECT_EQ("end", Ask(&timeout_.base, probe_))
      << "S4: the end of the stream inside";
  EXPECT_EQ(0u, timer_.live) << "H3: nothing is left in the timer";
  stream_drop(&timeout_.base);
  EXPECT_EQ(1, source.drops())
      << "S8: the stream inside has ended, and is dropped";
}

TEST_F(TimeStep, ATimeoutIsDropped) {
  StreamProbe source;
  Timeout(source);
  EXPECT_EQ("pending", Ask(&timeout_.base, probe_))
      << "S3: there is nothing to give now";
  stream_drop(&timeout_.base);
  EXPECT_EQ(0u, timer_.live) << "H3: a sleep was left in the timer";
  EXPECT_EQ(1, source.drops()) << "S5: nothing is left behind";
}

TEST_F(TimeStep, AChunkHasWaited) {
  StreamProbe source;
  Chunks(source, 5);
  EXPECT_EQ("pending", AskChunk())
      << "C3: the first item has not waited long enough";
  EXPECT_EQ(0u, timer_.live) << "C3: without an item no time runs";
  Pass(100);
  EXPECT_EQ("pending", AskChunk()) << "C3: an empty chunk is never given";
  source.Push(1);
  EXPECT_EQ("pending", AskChunk())
      << "C3: the first item has not waited long enough";
  Pass(6);
  source.Push(2);
  EXPECT_EQ("pending", AskChunk())
      << "C3: the first item has not waited long enough";
  probe_.Reset();
  Pass(4);
  EXPECT_EQ(1, probe_.wakes()) << "C3, S3: the first item has waited so long";
  EXPECT_EQ("[1 2]", AskChunk())
      << "C3: time counts from the first item of the chunk, not the last";
  EXPECT_EQ("pending", AskChunk()) << "C3: and not for the next chunk";
  EXPECT_EQ(0u, timer_.live) << "C3: the first item has not waited long enough";
  stream_drop(&chunks_.base);
}

TEST_F(TimeStep, AFullChunkWaitsForNothing) {
  StreamProbe source;
  Chunks(source, 2);
  source.Push(1);
  EXPECT_EQ("pending", AskChunk()) << "S3: there is nothing to give now";
  source.Push(2);
  EXPECT_EQ("[1 2]", AskChunk()) << "C1: full, or all that is left";
  EXPECT_EQ(0u, timer_.live) << "S5: nobody waits for that any more";
  source.Push(3);
  Pass(6);
  EXPECT_EQ("pending", AskChunk()) << "S3: there is nothing to give now";
  Pass(6);
  EXPECT_EQ("pending", AskChunk()) << "C3: a chunk's own first item counts";
  source.End();
  EXPECT_EQ("[3]", AskChunk()) << "C1: full, or all that is left";
  EXPECT_EQ("end", AskChunk()) << "C1: full, or all that is left";
  EXPECT_EQ(0u, timer_.live) << "S5: nothing is left behind";
  stream_drop(&chunks_.base);
}

TEST_F(TimeStep, AChunkIsDropped) {
  StreamProbe source(StreamProbe::kThings);
  Chunks(source, 2);
  source.Push(1);
  EXPECT_EQ("pending", AskChunk()) << "S3: there is nothing to give now";
  EXPECT_EQ(1u, timer_.live) << "C3: the first item has not waited long enough";
  stream_drop(&chunks_.base);
  EXPECT_EQ(0u, timer_.live) << "S5: a sleep was left in the timer";
  EXPECT_EQ((std::vector<int>{1}), Thing::dropped)
      << "C4: what was taken and not given is dropped";
}

}  // namespace
