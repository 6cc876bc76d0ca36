// stream_fixture.h - streams that are scripted and counted, items that own
// something, and a clock that the test holds.
#ifndef TESTS_STREAM_STREAM_FIXTURE_H
#define TESTS_STREAM_STREAM_FIXTURE_H

#include <cstring>
#include <deque>
#include <string>
#include <vector>

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

// A stream that gives what the test has put in, and is pending else.
class StreamProbe {
 public:
  enum Items { kInts, kThings };
  explicit StreamProbe(Items items = kInts)
      : own_{{&kOps, items == kInts ? &kInt : &kThing, 0}, this} {}
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
    if (flows_) items_.push_back(given_);
    if (!items_.empty()) {
      std::memcpy(item, &items_.front(), sizeof(int));
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
  bool ends_ = false, flows_ = false;
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
  }
};

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
