// sink_test.cc - steps 10.10 to 10.12: where items go, and frames on a socket.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <random>

#include "tests/10_stream/inner_futures.h"
#include "tests/10_stream/stream_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/client.h"
#include "tests/support/epoll.h"
#include "tests/support/panics.h"
#include "tests/support/sockets.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
#include "chapters/06_reactor/tcp.h"
#include "chapters/08_channel/receive.h"
#include "chapters/10_stream/channel_sink.h"
#include "chapters/10_stream/codec.h"
#include "chapters/10_stream/forward.h"
#include "chapters/10_stream/framed.h"
}

namespace {

using gate::Allocations;
using gate::Epoll;
using gate::Poll;
using gate::Sockets;
using gate::WakerProbe;

// -------------------------------------------------------------- step 10.10

// A sink that takes what it is given, as far as there is room.
class SinkProbe {
 public:
  explicit SinkProbe(int room, const struct item_type *type = &kInt)
      : own_{{&kOps, type, 0}, this}, room_(room) {}
  ~SinkProbe() { waker_drop(&waker_); }
  struct sink *sink() {
    return &own_.base;
  }
  void MakeRoom(int more) {
    room_ += more;
    if (waker_.ops != nullptr) waker_wake(&waker_);
  }
  void FailWith(int error) { error_ = error; }
  void FailSends(int error) { send_error_ = error; }
  void FailFlush(int error) { flush_error_ = error; }
  void FailClose(int error) { close_error_ = error; }
  void HoldClose(bool on) { holds_close_ = on; }
  void HoldFlush(bool on) { holds_flush_ = on; }

  // 1: an item; f: flushed, and there was something to flush; c: closed
  std::string log;
  int drops = 0;

 private:
  struct Own {
    struct sink base;  // first
    SinkProbe *self;
  };
  static SinkProbe *Self(struct sink *sink) {
    return reinterpret_cast<Own *>(sink)->self;
  }
  static enum poll Ready(struct sink *sink, struct context *cx) {
    SinkProbe *self = Self(sink);
    if (self->error_ < 0) return sink_ready(sink, self->error_);
    if (self->room_ > 0) return sink_ready(sink, 0);
    waker_clone_from(&self->waker_, cx->waker);
    return POLL_PENDING;
  }
  static int Send(struct sink *sink, void *item) {
    SinkProbe *self = Self(sink);
    if (self->room_-- <= 0) self->log += "!";
    self->log += std::to_string(*static_cast<int *>(item)) + " ";
    self->is_flushed_ = false;
    item_drop(sink->type, item);
    return self->send_error_;
  }
  static enum poll Flush(struct sink *sink, struct context *cx) {
    if (Self(sink)->holds_flush_) {
      waker_clone_from(&Self(sink)->waker_, cx->waker);
      return POLL_PENDING;
    }
    if (!Self(sink)->is_flushed_) Self(sink)->log += "f ";
    Self(sink)->is_flushed_ = true;
    return sink_ready(sink, Self(sink)->flush_error_);
  }
  static enum poll Close(struct sink *sink, struct context *cx) {
    SinkProbe *self = Self(sink);
    if (self->holds_close_) {
      waker_clone_from(&self->waker_, cx->waker);
      return POLL_PENDING;
    }
    self->log += "c ";
    return sink_ready(sink, self->close_error_);
  }
  static void Drop(struct sink *sink) {
    Self(sink)->drops++;
    waker_drop(&Self(sink)->waker_);
  }
  static constexpr struct sink_ops kOps = {Ready, Send, Flush, Close, Drop};

  Own own_;
  struct waker waker_ = {};
  int room_, error_ = 0, send_error_ = 0, flush_error_ = 0, close_error_ = 0;
  bool holds_close_ = false, holds_flush_ = false, is_flushed_ = true;
};

class SinkStep : public StreamFixture {
 protected:
  void Make(size_t capacity, const struct item_type *type = &kInt) {
    struct channel_sender sender;
    ASSERT_EQ(0, channel_create(&sender, &receiver_, type, capacity));
    channel_sink_init(&sink_, &sender);
  }
  // 0, 1 for pending, or the error.
  int Ready() {
    if (sink_poll_ready(&sink_.base, probe_.context()) == POLL_PENDING)
      return 1;
    return sink_.base.result;
  }
  int Send(int item) { return sink_send(&sink_.base, &item); }
  int Receive() {
    int item = 0, result = channel_try_receive(&receiver_, &item);
    return result < 0 ? result : item;
  }
  void DropSink() { sink_drop(&sink_.base); }
  void Forward(StreamProbe &source, SinkProbe &sink) {
    stream_forward_init(&forward_, source.stream(), sink.sink(), &room_);
  }
  enum poll PollForward() { return Poll(&forward_.base.base, probe_); }
  int result() const { return forward_.base.result; }
  void DropForward() { future_drop(&forward_.base.base); }

  WakerProbe probe_{"asker"};
  struct channel_receiver receiver_ = {};
  struct channel_sink sink_;
  struct stream_forward forward_;
  int room_ = 0;
};

TEST_F(SinkStep, NothingIsSentBeforeItIsReady) {
  Make(1);
  EXPECT_TRUE(gate::Panics([&] { Send(1); }, "K2"))
      << "K2 of sink.h: an item that is sent before the sink was ready panics";
  ASSERT_EQ(0, Ready()) << "Z1: there is a place";
  ASSERT_EQ(0, Send(1));
  EXPECT_TRUE(gate::Panics([&] { Send(2); }, "K2"))
      << "K2 of sink.h: ready is for one item";
  DropSink();
  channel_receiver_drop(&receiver_);
}

TEST_F(SinkStep, APlaceAndThenAnItem) {
  Make(1);
  EXPECT_EQ(0, Ready()) << "Z1: there is a place";
  ASSERT_EQ(0, Ready()) << "K1 of sink.h: it stays ready until an item is sent";
  EXPECT_EQ(-EAGAIN, Receive()) << "Z1: a place is no item";
  EXPECT_EQ(0, Send(5)) << "K2 of sink.h: it has a place, so it moves there";
  EXPECT_EQ(1, Ready()) << "Z1: the channel is full";
  EXPECT_EQ(5, Receive()) << "Z2: what was sent is there, or says why not";
  EXPECT_EQ(1, probe_.wakes()) << "P2: there is a place now";
  ASSERT_EQ(0, Ready())
      << "Z1: a place is free, and it was woken for that. Is there another "
         "reserve at each poll, and did the first one get the place?";
  EXPECT_EQ(0, Send(6)) << "K2 of sink.h: it has a place, so it moves there";
  EXPECT_EQ(6, Receive()) << "Z2: what was sent is there, or says why not";
  DropSink();
  EXPECT_EQ(-EPIPE, Receive()) << "Z3: with the sink the sender has gone";
  channel_receiver_drop(&receiver_);
}

TEST_F(SinkStep, ReadyTwiceIsOnePlace) {
  Make(2);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(1u, receiver_.channel->permits)
      << "K1 of sink.h: asked again, it is ready again: with the place that it "
         "has";
  DropSink();
  EXPECT_EQ(0u, receiver_.channel->permits) << "Z3: a drop gives it back";
  channel_receiver_drop(&receiver_);
}

TEST_F(SinkStep, DroppedWhileItWaits) {
  Make(1);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send(1)) << "K2 of sink.h: it has a place";
  EXPECT_EQ(1, Ready()) << "K1 of sink.h: there is no place";
  DropSink();
  EXPECT_EQ(0, probe_.live())
      << "K6 of sink.h, P5: no waker is left in the channel";
  channel_receiver_drop(&receiver_);
}

TEST_F(SinkStep, NobodyReceives) {
  Make(1, &kThing);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  channel_receiver_drop(&receiver_);
  EXPECT_EQ(-EPIPE, Send(7)) << "Z2: what was sent is there, or says why not";
  EXPECT_EQ((std::vector<int>{7}), Thing::dropped)
      << "K2 of sink.h, Z2: the item is the sink's, also after an error: it is "
         "dropped";
  EXPECT_EQ(-EPIPE, Ready()) << "Z1: a place, or the error of the channel";
  DropSink();
}

TEST_F(SinkStep, ClosingAChannel) {
  Make(1);
  EXPECT_EQ(POLL_READY, sink_poll_flush(&sink_.base, probe_.context()))
      << "Z2: what was sent is there, or says why not";
  EXPECT_EQ(POLL_READY, sink_poll_close(&sink_.base, probe_.context()))
      << "Z3: closing gives the sender up";
  EXPECT_EQ(0, sink_.base.result)
      << "K5 of sink.h: the result says how it went";
  EXPECT_EQ(-EPIPE, Receive()) << "Z3: the sender was given up";
  DropSink();
  channel_receiver_drop(&receiver_);
}

TEST_F(SinkStep, ClosedWithAPlace) {
  Make(2);
  struct channel_sender other = channel_sender_clone(&sink_.sender);
  EXPECT_EQ(0, Ready()) << "Z1: there is a place";
  EXPECT_EQ(POLL_READY, sink_poll_close(&sink_.base, probe_.context()))
      << "Z3: closing does not wait";
  EXPECT_EQ(0u, receiver_.channel->permits)
      << "Z3, C5 of channel.h: it was closed with a place that it had "
         "reserved. "
         "That is lost for all other senders";
  DropSink();
  channel_sender_drop(&other);
  channel_receiver_drop(&receiver_);
}

// Whoever receives is woken when the last sender goes, and looks at once.
TEST_F(SinkStep, WhatTheReceiverSees) {
  for (bool is_waiting : {false, true}) {
    Make(1);
    EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
    if (is_waiting) {
      EXPECT_EQ(0, Send(1)) << "K2 of sink.h: it has a place";
      EXPECT_EQ(1, Ready()) << "K1 of sink.h: there is no place";
      EXPECT_EQ(1, Receive()) << "Z2: what was sent is there";
    }
    bool is_given_back = false;
    ActingWaker looker([&] {
      is_given_back = receiver_.channel->permits == 0 &&
                      list_is_empty(&receiver_.channel->reserves);
    });
    struct channel_receive receive;
    int item = 0;
    channel_receive_init(&receive, &receiver_, &item);
    EXPECT_EQ(POLL_PENDING, future_poll(&receive.base.base, looker.context()))
        << "Z1: a place is no item";
    DropSink();
    EXPECT_TRUE(is_given_back)
        << "Z3: the sender was given up, and its place was still taken. The "
           "place comes first: with the last handle the channel is gone";
    future_drop(&receive.base.base);
    channel_receiver_drop(&receiver_);
  }
}

// The sink has the last handle of the channel.
TEST_F(SinkStep, ThePlaceAndThenTheSender) {
  for (bool is_waiting : {false, true}) {
    Make(1);
    EXPECT_EQ(0, Ready()) << "Z1: there is a place";
    if (is_waiting) {
      EXPECT_EQ(0, Send(1)) << "Z2: it is sent";
      EXPECT_EQ(1, Ready()) << "Z1: the channel is full";
    }
    channel_receiver_drop(&receiver_);
    DropSink();
    EXPECT_EQ(0, Allocations::live()) << "Z3: the sender was given up";
    EXPECT_FALSE(Allocations::written_after_free())
        << "Z3: with the last sender the channel went, and then its place was "
           "given back. The place comes first";
  }
}

TEST_F(SinkStep, AsManyAsThereIsRoomFor) {
  StreamProbe source;
  SinkProbe sink(2);
  for (int item = 1; item <= 4; item++) source.Push(item);
  Forward(source, sink);
  EXPECT_EQ(0, source.polls()) << "P1: nothing before the first poll";
  EXPECT_EQ(POLL_PENDING, PollForward())
      << "W1 of forward.h: as many as there are places";
  EXPECT_EQ("1 2 ", sink.log) << "W1 of forward.h: there was room for two";
  EXPECT_EQ(2, source.given()) << "W1 of forward.h: an item was taken for "
                                  "which there is no place. Ask the sink "
                                  "first";
  sink.MakeRoom(5);
  EXPECT_EQ(1, probe_.wakes()) << "P2: who waits is woken";
  EXPECT_EQ(POLL_PENDING, PollForward())
      << "W2 of forward.h: there is nothing to send now";
  EXPECT_EQ("1 2 3 4 f ", sink.log)
      << "W2 of forward.h: the stream has nothing now, so what was sent is "
         "flushed";
  source.End();
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(0, result())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ("1 2 3 4 f c ", sink.log)
      << "W3 of forward.h: it is closed at the end";
  EXPECT_EQ(1, source.drops()) << "W4 of forward.h: both are dropped, once";
  EXPECT_EQ(1, sink.drops) << "W4 of forward.h: both are dropped, once";
  DropForward();
  EXPECT_EQ(1, sink.drops) << "W4 of forward.h: once";
}

TEST_F(SinkStep, ACloseThatTakesTime) {
  StreamProbe source({1});
  SinkProbe sink(5);
  sink.HoldClose(true);
  Forward(source, sink);
  EXPECT_EQ(POLL_PENDING, PollForward())
      << "W3 of forward.h: closing may have to wait";
  EXPECT_EQ(1, source.drops())
      << "W4 of forward.h: the stream has ended, and is dropped";
  EXPECT_EQ(POLL_PENDING, PollForward())
      << "S4, W3 of forward.h: from now on only the sink is asked";
  sink.HoldClose(false);
  EXPECT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  DropForward();
}

TEST_F(SinkStep, ErrorsOfEither) {
  StreamProbe failing({1}, -EIO);
  SinkProbe sink(5);
  Forward(failing, sink);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(-EIO, result())
      << "W3 of forward.h: the stream's error is the result";
  EXPECT_EQ("1 f ", sink.log)
      << "W3 of forward.h: what was sent before the error (1) is flushed (f). "
         "If the error had come a packet later it would have been. And it is "
         "not closed (c) as if all had been sent";
  EXPECT_EQ(1, sink.drops) << "W4 of forward.h: both are dropped, once";
  DropForward();

  StreamProbe left({1, 2});
  SinkProbe broken(5);
  broken.FailWith(-EPIPE);
  Forward(left, broken);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(-EPIPE, result())
      << "W3 of forward.h: the sink's error is the result";
  EXPECT_EQ(0, left.given()) << "W1 of forward.h: there was no place for it";
  EXPECT_EQ(1, left.drops()) << "W4 of forward.h: both are dropped, once";
  DropForward();

  StreamProbe items({1, 2});
  SinkProbe refusing(5);
  refusing.FailSends(-EMSGSIZE);
  Forward(items, refusing);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(-EMSGSIZE, result()) << "W3 of forward.h: the error of the send";
  DropForward();

  StreamProbe waiting;
  SinkProbe stuck(5);
  stuck.FailFlush(-EIO);
  Forward(waiting, stuck);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(-EIO, result()) << "W3 of forward.h: the error of the flush";
  DropForward();
}

TEST_F(SinkStep, AFlushAfterAnErrorTakesTime) {
  StreamProbe source({1}, -EIO);
  SinkProbe sink(5);
  sink.HoldFlush(true);
  Forward(source, sink);
  ASSERT_EQ(POLL_PENDING, PollForward())
      << "W3 of forward.h: what was sent before the error is on its way still";
  EXPECT_EQ(1, source.drops())
      << "W4 of forward.h: the stream has ended, and is dropped";
  EXPECT_EQ(0, sink.drops) << "W4 of forward.h: the sink is needed still";
  ASSERT_EQ(POLL_PENDING, PollForward())
      << "S4, W3 of forward.h: from now on only the sink is asked";
  sink.HoldFlush(false);
  sink.FailFlush(-EPIPE);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ(-EIO, result())
      << "W3 of forward.h: the stream's error is what went wrong first, "
         "whatever came of the flush";
  EXPECT_EQ("1 f ", sink.log)
      << "W3 of forward.h: flushed, and not closed as if all had been sent";
  DropForward();
  EXPECT_EQ(1, sink.drops) << "W4 of forward.h: both are dropped, once";
}

TEST_F(SinkStep, AnErrorOfTheClose) {
  StreamProbe source({1});
  SinkProbe sink(5);
  sink.FailClose(-EIO);
  Forward(source, sink);
  ASSERT_EQ(POLL_READY, PollForward()) << "W3 of forward.h: the sink is closed";
  EXPECT_EQ(-EIO, result()) << "W3 of forward.h: the result is that of the "
                               "close. With 0 nobody knows that what "
                               "was sent last has not arrived";
  DropForward();
}

TEST_F(SinkStep, AnItemThatIsRefused) {
  StreamProbe source(StreamProbe::kThings);
  SinkProbe sink(5, &kThing);
  source.Push(1);
  sink.FailSends(-EPIPE);
  stream_forward_init(&forward_, source.stream(), sink.sink(), &room_);
  ASSERT_EQ(POLL_READY, PollForward())
      << "W3 of forward.h: the send has failed";
  EXPECT_EQ((std::vector<int>{1}), Thing::dropped)
      << "K2 of sink.h: the item is the sink's, also after an error. The sink "
         "has "
         "dropped it, and so has somebody else";
  DropForward();
}

TEST_F(SinkStep, AForwardGivesUpItsTurn) {
  StreamProbe source;
  SinkProbe sink(1000);
  source.Flow();
  Forward(source, sink);
  ASSERT_EQ(POLL_PENDING, PollForward())
      << "W5 of forward.h: so many items in one poll, and nobody else had a "
         "turn";
  EXPECT_EQ(int(FOLD_STREAK), source.given())
      << "W5 of forward.h: so many items in one poll, and nobody else had a "
         "turn";
  EXPECT_EQ(1, probe_.wakes())
      << "W5 of forward.h, P2: only itself could wake it";
  DropForward();
  EXPECT_EQ(1, source.drops()) << "W4 of forward.h: both are dropped, once";
  EXPECT_EQ(1, sink.drops) << "W4 of forward.h: both are dropped, once";
}

// What the sink made for itself in all the tests above.
TEST_F(SinkStep, EachFutureInsideIsDropped) { CheckInnerFutures(); }

// -------------------------------------------------------------- step 10.11

class CodecStep : public StreamFixture {
 protected:
  // "(hello) 6", "more" or "-74".
  std::string Decode(const struct codec &codec, const std::string &bytes) {
    // Exactly as large, so that a read beyond the end is found out.
    std::vector<unsigned char> copy(bytes.begin(), bytes.end());
    copy.reserve(1);
    struct frame frame = {};
    size_t seen = 0;
    long used = codec_decode(&codec, copy.data(), copy.size(), &seen, &frame);
    if (used == 0) return "more";
    if (used < 0) return std::to_string(used);
    return "(" + Text(frame) + ") " + std::to_string(used);
  }
  static std::string Text(const struct frame &frame) {
    return frame.bytes == nullptr
               ? "?"
               : std::string(reinterpret_cast<const char *>(frame.bytes),
                             frame.size);
  }
  // The bytes, or the error.
  std::string Encode(const struct codec &codec, const std::string &text) {
    unsigned char bytes[64];
    std::memset(bytes, 0x5a, sizeof bytes);
    struct frame frame = {reinterpret_cast<const unsigned char *>(text.data()),
                          text.size()};
    long used = codec_encode(&codec, &frame, bytes);
    if (used < 0 && bytes[0] != 0x5a) return "an error, and something written";
    if (used < 0) return std::to_string(used);
    return std::string(reinterpret_cast<char *>(bytes), size_t(used));
  }
  void SetUp() override {
    StreamFixture::SetUp();
    line_codec_init(&line_, 8);
    length_codec_init(&length_, 8);
  }
  struct codec line_, length_;
};

const std::string kTooLong = std::to_string(-EMSGSIZE);
const std::string kGarbage = std::to_string(-EBADMSG);

TEST_F(CodecStep, Lines) {
  EXPECT_EQ("(hello) 6", Decode(line_, "hello\n"))
      << "D1: a whole line, and how many bytes it takes up";
  EXPECT_EQ("(hello) 6", Decode(line_, "hello\nand more")) << "D1: the first";
  EXPECT_EQ("(hello) 7", Decode(line_, "hello\r\n"))
      << "D1: \\r\\n ends it, too";
  EXPECT_EQ("() 1", Decode(line_, "\n")) << "D1: an empty line is a line";
  EXPECT_EQ("() 2", Decode(line_, "\r\n")) << "D1: an empty line is a line";
  EXPECT_EQ("(a\tb) 4", Decode(line_, "a\tb\n")) << "D4: a tab is text";
}

TEST_F(CodecStep, PartsOfALine) {
  EXPECT_EQ("more", Decode(line_, "")) << "D2: it may become a frame";
  EXPECT_EQ("more", Decode(line_, "hel")) << "D2: it may become a frame";
  EXPECT_EQ("more", Decode(line_, "hello\r")) << "D2: \\n may come";
  EXPECT_EQ("more", Decode(line_, "12345678")) << "D2: it is not too long yet";
  EXPECT_EQ("more", Decode(line_, "12345678\r")) << "D2: nor is this";
}

TEST_F(CodecStep, LinesThatAreTooLong) {
  EXPECT_EQ("(12345678) 9", Decode(line_, "12345678\n")) << "D3: just right";
  EXPECT_EQ("(12345678) 10", Decode(line_, "12345678\r\n"))
      << "D3: the limit is for the text alone";
  EXPECT_EQ(kTooLong, Decode(line_, "123456789\n"))
      << "D3: the limit is for the text alone";
  EXPECT_EQ(kTooLong, Decode(line_, "123456789"))
      << "D3: more than the limit, whatever will come. Do not wait for the "
         "newline";
  EXPECT_EQ(kTooLong, Decode(line_, "123456789\r\n"))
      << "D3: the limit is for the text alone";
}

TEST_F(CodecStep, WhatIsNoLine) {
  EXPECT_EQ(kGarbage, Decode(line_, std::string("a\0b\n", 4)))
      << "D4: a byte of nought is no text";
  EXPECT_EQ(kGarbage, Decode(line_, "a\rb\n"))
      << "D4: a \\r in the middle is no end of a line";
  EXPECT_EQ(kGarbage, Decode(line_, "ab\r\r\n"))
      << "D4: one \\r belongs to the end of a line, and not two";
  EXPECT_EQ(kGarbage, Decode(line_, "a\r\r"))
      << "D4: only the last \\r may belong to the end of a line, also if that "
         "has not come yet";
  EXPECT_NE("more", Decode(line_, std::string(20, '\r')))
      << "D3, D4: of a run of \\r all but the last are text, and no text has "
         "them. Without an answer the reader waits for more for ever";
  EXPECT_EQ(kGarbage, Decode(line_, "\x16\x03\x01"))
      << "D4: it is known before there is an end";
  EXPECT_EQ(kGarbage, Decode(line_, "a\x7f\n")) << "D4: this is no frame";
  EXPECT_EQ("(\xc3\xa4) 3", Decode(line_, "\xc3\xa4\n"))
      << "D4: bytes of 128 and more are text";
}

// The same as Decode(), byte by byte.
TEST_F(CodecStep, TheSameHoweverTheyArrive) {
  const std::string lines[] = {"hello\n",
                               "hello\r\n",
                               "12345678\n",
                               "12345678\r\n",
                               "123456789\n",
                               "ab\r\r\n",
                               "a\rb\n",
                               "a\rb3456789",
                               "1234567\r9",
                               "12345678\r9",
                               "12345678\x01",
                               "1\x01 3456789, and more",
                               "12345678, and then \x01",
                               std::string("12345678\0", 9),
                               std::string(20, '\r')};
  for (const std::string &line : lines) {
    SCOPED_TRACE(::testing::PrintToString(line));
    struct frame frame = {};
    size_t seen = 0, size = 0;
    long used = 0;
    auto *bytes = reinterpret_cast<const unsigned char *>(line.data());
    while (used == 0 && size < line.size())
      used = codec_decode(&line_, bytes, ++size, &seen, &frame);
    std::string got = used > 0 ? "(" + Text(frame) + ") " : "";
    EXPECT_EQ(Decode(line_, line), got + std::to_string(used))
        << "D4: all at once, and then byte by byte. Both too long and no line: "
           "the first byte decides with which it cannot be a line any more. "
           "Look at the bytes in order, and at each in every way";
  }
}

// What was seen is changed: who looks again finds another line.
TEST_F(CodecStep, WhatWasSeen) {
  for (const std::string line : {"hello\n", "hello\r\n", "hello\rx"}) {
    std::string all = line;
    struct frame frame = {};
    size_t seen = 0;
    auto decode = [&](size_t size) {
      return codec_decode(&line_,
                          reinterpret_cast<const unsigned char *>(all.data()),
                          size, &seen, &frame);
    };
    for (size_t size = 1; size < all.size(); size++) {
      ASSERT_EQ(0, decode(size))
          << "D2, D7: it may become a frame. The bytes that were seen before "
             "have become newlines meanwhile, and were looked at again. n "
             "bytes, one at a time, are n times n / 2 looks that way";
      ASSERT_EQ(size, seen)
          << "D7: after an answer of 0: how many bytes need no second look?";
      if (size > 1) all[size - 2] = '\n';
    }
    EXPECT_EQ(line == "hello\rx" ? -EBADMSG : long(line.size()),
              decode(all.size()))
        << "D1, D4, D7: a line that came byte by byte. The byte before the "
           "first that was not seen counts: is it a \\r?";
  }
}

TEST_F(CodecStep, LinesAreWritten) {
  EXPECT_EQ("hello\n", Encode(line_, "hello"))
      << "D5: a line ends with a \\n alone";
  EXPECT_EQ("\n", Encode(line_, ""))
      << "D5: the frame with its wrapping, or the error";
  EXPECT_EQ(kTooLong, Encode(line_, "123456789"))
      << "D5: the frame with its wrapping, or the error";
  EXPECT_EQ(kGarbage, Encode(line_, "a\nb"))
      << "D5: what was encoded is decoded to the same. This would be two lines";
  EXPECT_EQ(kGarbage, Encode(line_, "ab\r"))
      << "D5: what was encoded is decoded to the same. This would be a line "
         "without its last byte";
  EXPECT_EQ(kGarbage, Encode(line_, "a\rb")) << "D4: a \\r is no text";
}

TEST_F(CodecStep, Lengths) {
  const std::string hello("\0\0\0\5hello", 9);
  EXPECT_EQ("(hello) 9", Decode(length_, hello))
      << "D1: four bytes, the highest first, and then so many";
  EXPECT_EQ("(hello) 9", Decode(length_, hello + "and more"))
      << "D1: the first frame, and how much it takes up";
  EXPECT_EQ("() 4", Decode(length_, std::string(4, '\0')))
      << "D1: an empty frame is a frame";
  for (size_t size = 0; size < hello.size(); size++)
    EXPECT_EQ("more", Decode(length_, hello.substr(0, size)))
        << "D2: it may become a frame";
}

TEST_F(CodecStep, EachByteOfALength) {
  struct codec wide;
  length_codec_init(&wide, 100000);
  for (size_t size :
       {127u, 128u, 200u, 255u, 256u, 300u, 32768u, 65535u, 65536u, 100000u}) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(size >> shift);
    bytes += std::string(size, 'x');
    ASSERT_EQ("(" + std::string(size, 'x') + ") " + std::to_string(size + 4),
              Decode(wide, bytes))
        << "D1: the four bytes of a length are without a sign: 128 and more is "
           "not negative";
  }
}

TEST_F(CodecStep, LengthsThatAreTooLong) {
  EXPECT_EQ(kTooLong, Decode(length_, std::string("\0\0\0\11", 4)))
      << "D3: it is known from the length alone";
  EXPECT_EQ("more", Decode(length_, std::string("\0\0\0\10", 4)))
      << "D3: this is just right";
  EXPECT_EQ(kTooLong, Decode(length_, std::string("\1\0\0\1", 4)))
      << "D3: the highest byte comes first";
  EXPECT_EQ(kTooLong, Decode(length_, "GET / HTTP/1.1\r\n"))
      << "D3: somebody speaks another language";
}

TEST_F(CodecStep, WhatIsNoLength) {
  EXPECT_EQ(kGarbage, Decode(length_, "\xff\xff\xff\xff"))
      << "D4: this is no frame";
  EXPECT_EQ(kGarbage, Decode(length_, std::string("\x80\0\0\0", 4)))
      << "D4: this is no frame";
}

TEST_F(CodecStep, LengthsAreWritten) {
  EXPECT_EQ(std::string("\0\0\0\5hello", 9), Encode(length_, "hello"))
      << "D5: the frame with its wrapping, or the error";
  EXPECT_EQ(std::string(4, '\0'), Encode(length_, ""))
      << "D5: the frame with its wrapping, or the error";
  EXPECT_EQ(kTooLong, Encode(length_, "123456789"))
      << "D5: the frame with its wrapping, or the error";
  struct codec wide;
  length_codec_init(&wide, 1000);
  unsigned char bytes[1004];
  std::string text(300, 'x');
  struct frame frame = {reinterpret_cast<const unsigned char *>(text.data()),
                        text.size()};
  ASSERT_EQ(304, codec_encode(&wide, &frame, bytes))
      << "D5: the frame with its wrapping, or the error";
  EXPECT_EQ(1, bytes[2]) << "D5: 300 is 1 and 44";
  EXPECT_EQ(44, bytes[3]) << "D5: 300 is 1 and 44";
}

TEST_F(CodecStep, LawThereAndBackAgain) {
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (const struct codec *codec : {&line_, &length_}) {
      std::string text, bytes;
      for (unsigned size = random() % 9; size > 0; size--)
        text += char(' ' + random() % 90);
      bytes = Encode(*codec, text);
      EXPECT_EQ("(" + text + ") " + std::to_string(bytes.size()),
                Decode(*codec, bytes + "rest"))
          << "D5: what was encoded is decoded to the same";
      for (size_t size = 0; size < bytes.size(); size++)
        EXPECT_EQ("more", Decode(*codec, bytes.substr(0, size)))
            << "D2: a part of a frame is neither a frame nor an error";
    }
  }
}

TEST_F(CodecStep, LawNoiseDoesNoHarm) {
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string noise;
    for (unsigned size = 12 + random() % 20; size > 0; size--)
      noise += char(random() % 4 == 0 ? 0 : random());
    EXPECT_NE("more", Decode(line_, noise))
        << "D3: of codec_most() bytes or more the answer is never 0";
    EXPECT_NE("more", Decode(length_, noise))
        << "D3: of codec_most() bytes or more the answer is never 0";
  }
}

// -------------------------------------------------------------- step 10.12

class FramedStep : public StreamFixture {
 protected:
  void SetUp() override {
    StreamFixture::SetUp();
    ASSERT_EQ(0, reactor_init(&reactor_));
    int ends[2];
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
    far_ = ends[1];
    ASSERT_EQ(0, socket_open(&socket_, &reactor_, ends[0], 0));
    reactor_turn(&reactor_, 0);  // it can be written to
    line_codec_init(&line_, 8);
    length_codec_init(&length_, 8);
  }
  void TearDown() override {
    CloseFar();
    socket_close(&socket_);
    if (!HasFailure()) reactor_end(&reactor_);
    StreamFixture::TearDown();
  }
  void CloseFar() {
    if (far_ >= 0) close(far_);
    far_ = -1;
  }
  void Say(const std::string &text) {
    PlainSend(far_, text.data(), text.size());
    reactor_turn(&reactor_, 0);
  }
  void EndSaying() {
    shutdown(far_, SHUT_WR);
    reactor_turn(&reactor_, 0);
  }
  std::string Hear() {
    char bytes[65536];
    ssize_t n = recv(far_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0) return "(end)";
    return n > 0 ? std::string(bytes, size_t(n)) : "";
  }
  void Reader(const struct codec &codec) {
    ASSERT_EQ(0, framed_reader_init(&reader_, &socket_, &codec))
        << "there is memory, so it can be made";
  }
  // "(hello)", "pending", "end" or "end -71".
  std::string AskFrame() {
    struct frame frame = {};
    switch (stream_poll_next(&reader_.base, probe_.context(), &frame)) {
      case STREAM_PENDING:
        return "pending";
      case STREAM_ITEM:
        return "(" +
               std::string(reinterpret_cast<const char *>(frame.bytes),
                           frame.size) +
               ")";
      default:
        return reader_.base.result == 0
                   ? "end"
                   : "end " + std::to_string(reader_.base.result);
    }
  }
  void DropReader() { stream_drop(&reader_.base); }
  void Writer(const struct codec &codec, size_t frames) {
    ASSERT_EQ(0, framed_writer_init(&writer_, &socket_, &codec, frames))
        << "there is memory, so it can be made";
  }
  // 0, 1 for pending, or the error.
  int Ready() { return Result(sink_poll_ready(&writer_.base, cx())); }
  int Flush() { return Result(sink_poll_flush(&writer_.base, cx())); }
  int CloseIt() { return Result(sink_poll_close(&writer_.base, cx())); }
  int Send(const std::string &text) {
    struct frame frame = {reinterpret_cast<const unsigned char *>(text.data()),
                          text.size()};
    return sink_send(&writer_.base, &frame);
  }
  void DropWriter() { sink_drop(&writer_.base); }
  int Result(enum poll poll) {
    return poll == POLL_PENDING ? 1 : writer_.base.result;
  }
  struct context *cx() {
    return probe_.context();
  }

  WakerProbe probe_{"asker"};
  struct reactor reactor_ = {};
  struct socket socket_ = {};
  int far_ = -1;
  struct codec line_, length_;
  struct framed_reader reader_;
  struct framed_writer writer_;
};

TEST_F(FramedStep, ByteByByte) {
  Reader(line_);
  EXPECT_EQ("pending", AskFrame()) << "R1: each frame, once";
  for (char byte : std::string("hello")) {
    probe_.Reset();
    Say(std::string(1, byte));
    ASSERT_EQ(1, probe_.wakes()) << "S3: bytes have come";
    ASSERT_EQ("pending", AskFrame()) << "R1: it is no whole frame yet";
  }
  Say("\n");
  EXPECT_EQ("(hello)", AskFrame()) << "R1: however the bytes arrive";
  EXPECT_EQ("pending", AskFrame()) << "R1: once";
  Say("no\n");
  EXPECT_EQ("(no)", AskFrame())
      << "R1, D7 of codec.h: of a new frame nothing was seen yet";
  EXPECT_EQ("pending", AskFrame()) << "R1: once";
  DropReader();
  EXPECT_EQ(0, probe_.live()) << "S5: no waker is left";
}

// Lines, by a codec that counts what it is asked to look at.
TEST_F(FramedStep, EachByteIsLookedAtOnce) {
  static struct codec inner;
  static size_t looks;
  static constexpr struct codec_ops kOps = {
      [](const struct codec *, const unsigned char *bytes, size_t size,
         size_t *seen, struct frame *frame) {
        looks += size - *seen;
        return codec_decode(&inner, bytes, size, seen, frame);
      },
      nullptr};
  line_codec_init(&inner, 300);
  const struct codec counting = {&kOps, inner.limit, inner.wrapping};
  looks = 0;
  Reader(counting);
  for (int line = 0; line < 2; line++) {
    for (int i = 0; i < 300; i++) {
      Say("x");
      ASSERT_EQ("pending", AskFrame()) << "R1: it is no whole frame yet";
    }
    Say("\n");
    ASSERT_EQ("(" + std::string(300, 'x') + ")", AskFrame())
        << "R1, D7 of codec.h: however the bytes arrive. Of a new frame "
           "nothing was seen yet";
  }
  EXPECT_EQ(602u, looks)
      << "R2: two lines of 301 bytes came byte by byte, and the codec was "
         "asked to look at so many. What it has seen stays seen: D7 of codec.h";
  DropReader();
}

TEST_F(FramedStep, ManyAtOnce) {
  Reader(line_);
  EXPECT_EQ("pending", AskFrame()) << "S3: there is nothing to give now";
  Say("a\nb\nc\n");
  EXPECT_EQ("(a)", AskFrame()) << "R1: each frame, once";
  int receives = Sockets::receives();
  EXPECT_EQ("(b)", AskFrame()) << "R1: it is there already";
  EXPECT_EQ("(c)", AskFrame()) << "R1: it is there already";
  EXPECT_EQ(receives, Sockets::receives())
      << "R2: it reads only when there is no whole frame";
  EXPECT_EQ("pending", AskFrame()) << "S3: there is nothing to give now";
  DropReader();
}

TEST_F(FramedStep, TheBeginningOfTheNextOne) {
  Reader(line_);
  Say("one\ntwo\nth");
  EXPECT_EQ("(one)", AskFrame()) << "R1: each frame, once";
  EXPECT_EQ("(two)", AskFrame()) << "R1: each frame, once";
  EXPECT_EQ("pending", AskFrame()) << "S3: there is nothing to give now";
  Say("ree\nfour\n");
  EXPECT_EQ("(three)", AskFrame())
      << "R1: the beginning of a frame came with the one before, and the rest "
         "in the next read";
  EXPECT_EQ("(four)", AskFrame()) << "R1: each frame, once";
  DropReader();
}

TEST_F(FramedStep, MoreThanItKeeps) {
  Reader(length_);
  std::string said, want, got;
  for (int i = 0; i < 20; i++) {
    std::string text(size_t(i % 9), char('a' + i));
    said += std::string("\0\0\0", 3) + char(i % 9) + text;
    want += "(" + text + ")";
  }
  Say(said);
  for (int i = 0; i < 20; i++) {
    std::string frame = AskFrame();
    if (frame[0] != '(') break;
    got += frame;
  }
  EXPECT_EQ(want, got)
      << "R1, R2: the room is used again and again, and each frame is whole";
  DropReader();
}

TEST_F(FramedStep, RoomForWhatIsMissing) {
  Reader(line_);
  Say("12345");
  EXPECT_EQ("pending", AskFrame()) << "R1: it is no whole frame yet";
  Say("678\nabcdefgh\nand more, which has no room");
  EXPECT_EQ("(12345678)", AskFrame()) << "R1: the rest of it has come";
  EXPECT_GE(codec_most(&line_), reader_.end)
      << "R2: it keeps no more than codec_most() bytes. A part was there "
         "already, so there is room for so much less: it has read beyond the "
         "end of its memory";
  DropReader();
}

TEST_F(FramedStep, WhereTheBytesMayEnd) {
  Reader(line_);
  Say("a\n");
  EndSaying();
  EXPECT_EQ("(a)", AskFrame()) << "R3: what is there is given first";
  EXPECT_EQ("end", AskFrame()) << "R3: between two frames it is the end";
  DropReader();
}

TEST_F(FramedStep, AnEndInTheMiddle) {
  Reader(length_);
  Say(std::string("\0\0\0\1x\0\0\0\5he", 11));
  EndSaying();
  EXPECT_EQ("(x)", AskFrame()) << "R3: the frames, and then how it ended";
  EXPECT_EQ("end " + std::to_string(-EPROTO), AskFrame())
      << "R3: the peer has gone in the middle of a frame. Whoever takes that "
         "for an end never knows that something was cut off";
  DropReader();
}

TEST_F(FramedStep, TooLongAndGarbage) {
  Reader(line_);
  Say("fine\n123456789");
  EXPECT_EQ("(fine)", AskFrame()) << "R3: after the frames before it";
  EXPECT_EQ("end " + kTooLong, AskFrame())
      << "R3: the frames, and then how it ended";
  DropReader();
  Reader(length_);
  Say("\xff\xff\xff\xff");
  EXPECT_EQ("end " + kGarbage, AskFrame())
      << "R3: the frames, and then how it ended";
  DropReader();
}

TEST_F(FramedStep, TheSocketFails) {
  Reader(line_);
  EXPECT_EQ("pending", AskFrame()) << "S3: there is nothing to give now";
  PlainSend(socket_descriptor(&socket_), "x", 1);  // which nobody will read
  CloseFar();
  reactor_turn(&reactor_, 0);
  EXPECT_EQ("end " + std::to_string(-ECONNRESET), AskFrame())
      << "R3: the error of the socket";
  DropReader();
}

TEST_F(FramedStep, MemoryForFrames) {
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, framed_reader_init(&reader_, &socket_, &line_))
      << "R6: the memory is there, or the init says so";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, framed_writer_init(&writer_, &socket_, &line_, 2))
      << "R6: the memory is there, or the init says so";
  Allocations::FailNth(0);
  EXPECT_EQ(-EINVAL, framed_writer_init(&writer_, &socket_, &line_, 0))
      << "R6: the memory is there, or the init says so";
  long before = Allocations::live();
  Reader(line_);
  Writer(line_, 1);
  DropReader();
  DropWriter();
  EXPECT_EQ(before, Allocations::live()) << "R6: the memory is given back";
}

TEST_F(FramedStep, FramesAreCollected) {
  Writer(line_, 4);
  int sends = Sockets::sends();
  for (const char *text : {"one", "two", "three"}) {
    EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is room for one more";
    EXPECT_EQ(0, Send(text))
        << "K2 of sink.h: it has a place, so it moves there";
  }
  EXPECT_EQ(sends, Sockets::sends()) << "R4: not a send(2) for each";
  EXPECT_EQ(0, Flush()) << "K3 of sink.h: all is where it should be";
  EXPECT_EQ(sends + 1, Sockets::sends()) << "R4: one send(2) for all of them";
  EXPECT_EQ("one\ntwo\nthree\n", Hear()) << "R4: all that was sent, in order";
  EXPECT_EQ(0, Flush()) << "K3 of sink.h: there is nothing more to do";
  EXPECT_EQ(sends + 1, Sockets::sends())
      << "K3 of sink.h: all is where it should be";
  EXPECT_EQ(-EMSGSIZE, Send("123456789")) << "R3: the codec's error";
  DropWriter();
}

TEST_F(FramedStep, FullUp) {
  Writer(line_, 1);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send("12345678")) << "K2 of sink.h: it has a place";
  EXPECT_EQ("", Hear()) << "R4: it is not written before";
  EXPECT_EQ(0, Ready()) << "R4: it is full, and so it is written";
  EXPECT_EQ("12345678\n", Hear()) << "R4: all that was sent, in order";
  EXPECT_EQ(0, Send("1234")) << "K2 of sink.h: it has a place";
  EXPECT_GE(writer_.capacity, writer_.end)
      << "K2 of sink.h: beyond the end of the room";
  EXPECT_EQ(0, Flush()) << "K3 of sink.h: the kernel takes all of it";
  EXPECT_EQ("1234\n", Hear()) << "R4: all that was sent, in order";
  DropWriter();
}

TEST_F(FramedStep, RoomForTheLargest) {
  for (const struct codec *codec : {&line_, &length_}) {
    Writer(*codec, 1);
    for (const char *text : {"", "a", "12345678", "ab", "1234567", "x"}) {
      ASSERT_EQ(0, Ready())
          << "K1 of sink.h: the kernel takes all that there is";
      ASSERT_GE(writer_.capacity, writer_.end + codec_most(codec))
          << "R4: it says that there is a place, and there is no room for the "
             "largest frame with its wrapping (codec_most)";
      ASSERT_EQ(0, Send(text)) << "K2 of sink.h: it has a place";
    }
    DropWriter();
  }
  Hear();
}

// A few bytes at a time, so that it is pending in the middle of a flush, and of
// a frame.
TEST_F(FramedStep, RoomBehindAShortWrite) {
  Writer(line_, 8);
  std::string sent, heard;
  Sockets::SmallRoom(5);
  auto hear = [&] {
    for (std::string some = Hear(); !some.empty(); some = Hear()) heard += some;
  };
  auto again = [&](int result, int polls) {
    if (result == 0) return false;
    EXPECT_EQ(1, result) << "K5 of sink.h: nothing has failed";
    EXPECT_GT(200, polls) << "K1 of sink.h: there has to be a place again";
    hear();
    Epoll::Deliver({{socket_descriptor(&socket_), EPOLLOUT}});
    reactor_turn(&reactor_, 0);
    EXPECT_LE(1, probe_.wakes())
        << "P2, R4: it is pending, and nobody will wake it. The kernel took a "
           "part, and would take more: write on, in the same poll";
    probe_.Reset();
    return !HasFailure();
  };
  for (int i = 0; i < 30; i++) {
    for (int polls = 0; again(Ready(), polls); polls++) continue;
    ASSERT_FALSE(HasFailure());
    ASSERT_GE(writer_.capacity, writer_.end + codec_most(&line_))
        << "R4: it says that there is a place, and there is no room behind "
           "what is there. What is written is free again when all is";
    std::string text(8, char('0' + i));
    ASSERT_EQ(0, Send(text)) << "K2 of sink.h: it has a place";
    sent += text + "\n";
  }
  for (int polls = 0; again(Flush(), polls); polls++) continue;
  hear();
  EXPECT_TRUE(sent == heard)
      << "R4: each byte once, and in order. Were bytes moved while a write was "
         "under way? It writes from where they were";
  Sockets::Reset();
  DropWriter();
}

TEST_F(FramedStep, ShortWrites) {
  Writer(line_, 4);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send("12345678")) << "K2 of sink.h: it has a place";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  Sockets::SmallRoom(2);
  std::string heard;
  for (int i = 0; i < 20 && Flush() == 1; i++) {
    heard += Hear();  // there is room again
    Epoll::Deliver({{socket_descriptor(&socket_), EPOLLOUT}});
    reactor_turn(&reactor_, 0);
  }
  EXPECT_EQ("12345678\nabc\n", heard + Hear())
      << "R4: the kernel took a part of it, and the rest has to follow";
  DropWriter();
}

TEST_F(FramedStep, ThePeerIsSlow) {
  Writer(line_, 4);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  Sockets::SendNothing(1);
  EXPECT_EQ(1, Flush()) << "K3 of sink.h: the kernel takes nothing now";
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is room for more meanwhile";
  EXPECT_EQ(0, Send("def")) << "K2 of sink.h: it has a place";
  DropWriter();
  EXPECT_EQ(0, probe_.live()) << "K6 of sink.h, P5: no waker is left";
}

TEST_F(FramedStep, Closing) {
  Writer(line_, 4);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  EXPECT_EQ(0, CloseIt()) << "K4 of sink.h: nothing stands in its way";
  EXPECT_EQ("abc\n", Hear()) << "R5: flushed first";
  EXPECT_EQ("(end)", Hear()) << "R5: and then the peer sees the end";
  DropWriter();
}

TEST_F(FramedStep, OnlyWritingIsOver) {
  Writer(line_, 4);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is room";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  EXPECT_EQ(0, CloseIt()) << "K4 of sink.h: it can be written at once";
  ASSERT_NE(nullptr, socket_.source)
      << "R5, R6: the socket is lent, and was closed. Its owner will close it, "
         "and may read on";
  DropWriter();
  Reader(line_);
  Say("answer\n");
  EXPECT_EQ("(answer)", AskFrame()) << "R5: reading goes on";
  DropReader();
}

TEST_F(FramedStep, AClosingThatFails) {
  Writer(line_, 4);
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is room";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  CloseFar();
  EXPECT_EQ(-EPIPE, CloseIt()) << "R5, K5 of sink.h: the flush has failed, and "
                                  "that is the result. With 0 nobody "
                                  "knows that what was sent has not arrived";
  DropWriter();
}

// Nothing was under way from here, so nothing is lost.
TEST_F(FramedStep, ClosingAfterAReset) {
  struct socket listener;
  struct tcp_accept accept;
  ASSERT_EQ(0, tcp_listen(&listener, &reactor_, 0));
  Client client(tcp_port(&listener));
  gate::Eventually("the client is there",
                   [&] { return reactor_turn(&reactor_, 1) > 0; });
  tcp_accept_init(&accept, &listener);
  ASSERT_EQ(POLL_READY, Poll(&accept.io.base.base, probe_));
  future_drop(&accept.io.base.base);
  socket_close(&listener);
  std::swap(socket_, accept.socket);
  Writer(line_, 4);
  client.Reset();
  gate::Eventually("the reset is there",
                   [&] { return reactor_turn(&reactor_, 1) > 0; });
  EXPECT_EQ(0, CloseIt()) << "R5: there is nobody to be told of an end, and "
                             "that is no error";
  DropWriter();
  socket_close(&accept.socket);
}

TEST_F(FramedStep, NobodyReadsAnyMore) {
  Writer(line_, 4);
  CloseFar();
  EXPECT_EQ(0, Ready()) << "K1 of sink.h: there is a place";
  EXPECT_EQ(0, Send("abc")) << "K2 of sink.h: it has a place";
  EXPECT_EQ(-EPIPE, Flush()) << "K5 of sink.h: the result says how it went";
  DropWriter();
}

TEST_F(FramedStep, AnEchoOfFrames) {
  struct frame room;
  struct stream_forward echo;
  Reader(line_);
  Writer(line_, 2);
  stream_forward_init(&echo, &reader_.base, &writer_.base, &room);
  EXPECT_EQ(POLL_PENDING, Poll(&echo.base.base, probe_))
      << "W2 of forward.h: there is nothing to send now";
  Say("one\r\ntwo\nth");
  EXPECT_EQ(POLL_PENDING, Poll(&echo.base.base, probe_))
      << "W2 of forward.h: there is nothing to send now";
  EXPECT_EQ("one\ntwo\n", Hear())
      << "R1, R4, W2 of forward.h: what came comes back";
  Say("ree\n");
  EndSaying();
  for (int i = 0; i < 5; i++) {
    if (Poll(&echo.base.base, probe_) == POLL_READY) break;
    reactor_turn(&reactor_, 0);
  }
  EXPECT_EQ(0, echo.base.result)
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ("three\n", Hear()) << "R1, R4: what came comes back";
  EXPECT_EQ("(end)", Hear()) << "R5: the end of all that was sent";
  future_drop(&echo.base.base);
}

TEST_F(FramedStep, AnAnswerBeforeTheGarbage) {
  struct frame room;
  struct stream_forward echo;
  Reader(line_);
  Writer(line_, 2);
  stream_forward_init(&echo, &reader_.base, &writer_.base, &room);
  Say("abc\n\x01\n");
  ASSERT_EQ(POLL_READY, Poll(&echo.base.base, probe_))
      << "W3 of forward.h: garbage is the end";
  EXPECT_EQ(-EBADMSG, echo.base.result)
      << "W3 of forward.h: it is over, and the result says how";
  EXPECT_EQ("abc\n", Hear())
      << "W3 of forward.h: the answer to what came before the garbage. In two "
         "packets it would have been given; in one it has to be, too";
  future_drop(&echo.base.base);
}

TEST_F(FramedStep, LawHoweverTheyAreCut) {
  for (unsigned seed = 1; seed <= 60 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string said, want, got;
    for (unsigned count = random() % 8; count > 0; count--) {
      std::string text(random() % 9, char('a' + random() % 26));
      said += text + (random() % 2 == 0 ? "\n" : "\r\n");
      want += "(" + text + ")";
    }
    Reader(line_);
    for (size_t at = 0; at < said.size();) {
      size_t size = 1 + random() % 6;
      Say(said.substr(at, size));
      at += size;
      for (int polls = 0; polls < 10; polls++) {
        std::string frame = AskFrame();
        if (frame[0] != '(') break;
        got += frame;
      }
    }
    EXPECT_EQ(want, got) << "R1: however the bytes are cut, the frames are the "
                            "same";
    DropReader();
  }
}

// What reader and writer made for itself in all the tests above.
TEST_F(FramedStep, EachFutureInsideIsDropped) { CheckInnerFutures(); }

}  // namespace
