// stream_fixture.h - streams that are scripted and counted, items that own
// something, and a clock that the test holds.
#ifndef TESTS_STREAM_STREAM_FIXTURE_H
#define TESTS_STREAM_STREAM_FIXTURE_H

#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/budget.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/03_waker/waker.h"
#include "chapters/07_timer/timer.h"
#include "chapters/10_stream/stream.h"
}

inline const struct item_type kInt = {sizeof(int), nullptr};

// An item that owns something: who is dropped, in which order, is noted.
struct Thing {
  int id;
  static inline std::vector<int> dropped;
  static void Drop(void *item) {
    dropped.push_back(static_cast<Thing *>(item)->id);
  }
};
inline const struct item_type kThing = {sizeof(Thing), Thing::Drop};
static_assert(sizeof(Thing) == sizeof(int), "both can be asked for by Ask()");

// An item that owns something and is no int: larger, and of an odd size. How
// often each was dropped is counted, and whether it was whole.
struct Parcel {
  int id;
  unsigned char rest[13];
  static Parcel Make(int id) {
    Parcel parcel = {id, {}};
    for (size_t i = 0; i < sizeof parcel.rest; i++)
      parcel.rest[i] = Byte(id, i);
    return parcel;
  }
  bool IsWhole() const {
    for (size_t i = 0; i < sizeof rest; i++)
      if (rest[i] != Byte(id, i)) return false;
    return true;
  }
  static inline std::map<int, int> drops;
  static inline int broken;
  static void Drop(void *item) {
    Parcel parcel;
    std::memcpy(&parcel, item, sizeof parcel);
    drops[parcel.id]++;
    broken += !parcel.IsWhole();
  }
  static unsigned char Byte(int id, size_t i) {
    return static_cast<unsigned char>(unsigned(id) * 31 + i * 7 + 1);
  }
};
inline const struct item_type kParcel = {sizeof(Parcel), Parcel::Drop};

// A stream that gives what the test has put in, and is pending else.
class StreamProbe {
 public:
  enum Items { kInts, kThings, kParcels };
  explicit StreamProbe(Items items = kInts)
      : own_{{&kOps,
              items == kInts     ? &kInt
              : items == kThings ? &kThing
                                 : &kParcel,
              0},
             this} {}
  StreamProbe(std::vector<int> items, int result = 0) : StreamProbe() {
    items_.assign(items.begin(), items.end());
    ends_ = true;
    result_ = result;
  }
  ~StreamProbe() {
    EXPECT_FALSE(polled_after_end_) << "S4: polled after its end";
    EXPECT_FALSE(polled_after_drop_) << "S8: polled after its drop";
    EXPECT_LE(drops_, 1) << "S5: dropped twice";
    waker_drop(&waker_);
  }
  StreamProbe(const StreamProbe &) = delete;
  StreamProbe &operator=(const StreamProbe &) = delete;

  struct stream *stream() {
    return &own_.base;
  }

  // An item is there, or the end; who waits is woken.
  void Push(int item) {
    items_.push_back(item);
    Wake();
  }
  void End(int result = 0) {
    ends_ = true;
    result_ = result;
    Wake();
  }
  // From now on each answer comes after so many pending polls, each of which
  // wakes itself.
  void Stutter(int pending_polls) { stutter_ = left_ = pending_polls; }
  // Always another item, from 0 on.
  void Flow() { flows_ = true; }
  // It counts against the budget of the turn, like a channel's.
  void Pay() { pays_ = true; }

  int polls() const { return polls_; }
  int given() const { return given_; }
  int drops() const { return drops_; }
  bool has_ended() const { return has_ended_; }
  bool holds_waker() const { return waker_.ops != nullptr; }

 private:
  struct Own {
    struct stream base;  // first
    StreamProbe *self;
  };
  static StreamProbe *Self(struct stream *stream) {
    return reinterpret_cast<Own *>(stream)->self;
  }
  void Wake() {
    if (waker_.ops != nullptr) waker_wake(&waker_);
  }
  static enum stream_poll PollNext(struct stream *stream, struct context *cx,
                                   void *item) {
    return Self(stream)->Answer(cx, item);
  }
  enum stream_poll Answer(struct context *cx, void *item) {
    polls_++;
    if (drops_ > 0) polled_after_drop_ = true;
    if (has_ended_) polled_after_end_ = true;
    if (has_ended_ || drops_ > 0) return STREAM_END;
    if (left_ > 0) {
      left_--;
      waker_wake_by_ref(cx->waker);
      return STREAM_PENDING;
    }
    left_ = stutter_;
    if (pays_ && gate::Budget::left() == 0) {
      waker_wake_by_ref(cx->waker);
      return STREAM_PENDING;
    }
    if (pays_ && gate::Budget::left() > 0 && (flows_ || !items_.empty()))
      gate::Budget::Set(gate::Budget::left() - 1);
    if (flows_) items_.push_back(given_);
    if (!items_.empty()) {
      Parcel parcel = Parcel::Make(items_.front());  // it begins with an int
      std::memcpy(item, &parcel, own_.base.type->size);
      items_.pop_front();
      given_++;
      return STREAM_ITEM;
    }
    if (ends_) {
      has_ended_ = true;
      own_.base.result = result_;
      return STREAM_END;
    }
    waker_clone_from(&waker_, cx->waker);
    return STREAM_PENDING;
  }
  static void Drop(struct stream *stream) {
    StreamProbe *self = Self(stream);
    self->drops_++;
    waker_drop(&self->waker_);
  }
  static constexpr struct stream_ops kOps = {PollNext, Drop};

  Own own_;
  struct waker waker_ = {};
  std::deque<int> items_;
  bool ends_ = false, flows_ = false, pays_ = false;
  int result_ = 0, stutter_ = 0, left_ = 0;
  int polls_ = 0, given_ = 0, drops_ = 0;
  bool has_ended_ = false, polled_after_end_ = false,
       polled_after_drop_ = false;
};

// Asks for an int, or a Thing: "item 5", "pending", "end" or "end -5".
inline std::string Ask(struct stream *stream, gate::WakerProbe &waker) {
  int item = 0;
  switch (stream_poll_next(stream, waker.context(), &item)) {
    case STREAM_PENDING:
      return "pending";
    case STREAM_ITEM:
      return "item " + std::to_string(item);
    default:
      return stream->result == 0 ? "end"
                                 : "end " + std::to_string(stream->result);
  }
}

// All items up to the end, of a stream that needs nobody but its waker. What is
// pending without a wake due, or never ends, is noted behind the items as -1.
inline std::vector<int> All(struct stream *stream, gate::WakerProbe &waker) {
  std::vector<int> items;
  for (int polls = 0; polls < 10000; polls++) {
    int item = 0;
    waker.Reset();
    enum stream_poll poll = stream_poll_next(stream, waker.context(), &item);
    if (poll == STREAM_END) return items;
    if (poll == STREAM_ITEM) items.push_back(item);
    if (poll == STREAM_PENDING && waker.wakes() == 0) break;
  }
  items.push_back(-1);
  return items;
}

class StreamFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    Thing::dropped.clear();
    Parcel::drops.clear();
    Parcel::broken = 0;
  }
};

// A stream around another one. What holds for all of them is looked at in one
// place, so that the tenth is held to it like the first.
struct Around {
  const char *name;
  // Makes it, around that stream of parcels.
  std::function<struct stream *(struct stream *)> make;
};

// Asks until it is pending or has ended, and drops what comes. The result of
// the end, or 1 for pending.
inline int AskToTheEnd(struct stream *stream, gate::WakerProbe &waker) {
  alignas(16) unsigned char item[256];
  for (int polls = 0; polls < 100; polls++) {
    switch (stream_poll_next(stream, waker.context(), item)) {
      case STREAM_PENDING:
        return 1;
      case STREAM_ITEM:
        item_drop(stream->type, item);
        break;
      case STREAM_END:
        return stream->result;
    }
  }
  ADD_FAILURE() << "S4: it gives items, and never ends";
  return 1;
}

inline void EachWasDroppedOnce(const char *who, int parcels) {
  for (int id = 0; id < parcels; id++)
    EXPECT_EQ(1, Parcel::drops[id])
        << "S2, S5: " << who
        << ": each item is given once or dropped once. 0: one was "
           "forgotten, with what it owns; 2: one was dropped by two";
  EXPECT_EQ(0, Parcel::broken)
      << "S2: " << who
      << ": an item came without all of its bytes. Its type says how many "
         "it has";
  Parcel::drops.clear();
  Parcel::broken = 0;
}

// The stream inside ends with that result, after some items.
inline void ItEndsAsItsStream(const Around &around, int result,
                              gate::WakerProbe &waker) {
  StreamProbe source(StreamProbe::kParcels);
  struct stream *stream = around.make(source.stream());
  for (int id = 0; id < 4; id++) source.Push(id);
  EXPECT_EQ(1, AskToTheEnd(stream, waker))
      << "S3: " << around.name
      << ": the stream inside is pending, and so is the one around it";
  source.Push(4);
  source.End(result);
  EXPECT_EQ(result, AskToTheEnd(stream, waker))
      << "S4: " << around.name
      << ": it ends with the result of the stream inside: an error that is "
         "not passed on looks like all there was";
  EXPECT_EQ(1, source.drops())
      << "S8: " << around.name
      << ": the stream inside has ended, and is dropped in that poll. It was "
         "kept until somebody drops the one around it";
  stream_drop(stream);
  EXPECT_EQ(1, source.drops())
      << "S5: " << around.name << ": the stream inside is dropped once";
  EachWasDroppedOnce(around.name, 5);
}

// It is dropped while it waits, after so many items; -1: it was never asked.
inline void ItIsDroppedEarly(const Around &around, int items,
                             gate::WakerProbe &waker) {
  StreamProbe source(StreamProbe::kParcels);
  struct stream *stream = around.make(source.stream());
  for (int id = 0; id < items; id++) source.Push(id);
  if (items >= 0) AskToTheEnd(stream, waker);
  EXPECT_EQ(0, source.drops())
      << "S8: " << around.name << ": the stream inside has not ended";
  stream_drop(stream);
  EXPECT_EQ(1, source.drops())
      << "S5, S8: " << around.name
      << ": it is dropped early, and the stream inside with it. Nobody "
         "else will";
  EXPECT_EQ(0, waker.live()) << "S5: " << around.name
                             << ": no waker is left, in "
                                "the stream inside or in a timer";
  EachWasDroppedOnce(around.name, items > 0 ? items : 0);
}

inline void HoldToTheContract(const std::vector<Around> &streams) {
  gate::WakerProbe waker("who asks");
  for (const Around &around : streams) {
    ItEndsAsItsStream(around, 0, waker);
    ItEndsAsItsStream(around, -EIO, waker);
    for (int items = -1; items < 4; items++)
      ItIsDroppedEarly(around, items, waker);
    if (::testing::Test::HasFailure()) return;
  }
}

// The same, with a timer on a paused clock.
class StreamTimeFixture : public StreamFixture {
 protected:
  void SetUp() override {
    StreamFixture::SetUp();
    clock_init_paused(&clock_, kStart);
    clock_.advances_by_itself = false;
    timer_init(&timer_, &clock_, &nobody_);
  }
  void TearDown() override {
    if (!HasFailure()) timer_end(&timer_);
    StreamFixture::TearDown();
  }
  // Time passes, and who is due is woken.
  void Pass(int64_t milliseconds) {
    clock_advance(&clock_, MILLISECONDS(milliseconds));
    driver_park(&timer_.driver, 0);
  }

  static constexpr int64_t kStart = SECONDS(1000);
  static bool Park(struct driver *, int64_t) { return false; }
  static struct waker Unparker(struct driver *) { return {}; }
  static constexpr struct driver_ops kOps = {Park, Unparker};
  struct driver nobody_ = {&kOps};
  struct clock clock_;
  struct timer timer_;
};

#endif
