// channel_fixture.h - items that are counted, and wakers that look at a lock.
#ifndef TESTS_CHANNEL_CHANNEL_FIXTURE_H
#define TESTS_CHANNEL_CHANNEL_FIXTURE_H

#include <pthread.h>

#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/gate.h"
#include "tests/support/lock_looker.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/08_channel/channel.h"
#include "chapters/08_channel/item.h"
}

inline const struct item_type kInt = {sizeof(int), nullptr};

// An item that owns something: who drops it, and in which order, is noted.
struct Thing {
  int id;
  static constexpr int kMost = 64;
  static inline int dropped[kMost];  // ids, in order
  static inline int drops;
  static inline pthread_mutex_t *watched;  // free at each drop?
  static inline bool was_locked;
  static inline std::function<void()> on_drop;  // at the first one

  static void Reset() {
    drops = 0;
    watched = nullptr;
    was_locked = false;
    on_drop = nullptr;
  }
  static void Drop(void *item) {
    if (watched != nullptr && pthread_mutex_trylock(watched) != 0)
      was_locked = true;
    else if (watched != nullptr)
      pthread_mutex_unlock(watched);
    if (drops < kMost) dropped[drops] = static_cast<Thing *>(item)->id;
    if (drops++ == 0 && on_drop) on_drop();
  }
};
inline const struct item_type kThing = {sizeof(Thing), Thing::Drop};

using gate::IsFree;
using gate::LockLooker;
using gate::TakesLock;

inline enum poll PollWith(struct future *future, LockLooker &looker) {
  return future_poll(future, looker.context());
}

// A channel of ints with one sender, as large as the test wants it.
class ChannelFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    Thing::Reset();
  }
  void Make(size_t capacity, const struct item_type *type = &kInt) {
    ASSERT_EQ(0, channel_create(&sender_, &receiver_, type, capacity));
    channel_ = sender_.channel;
  }
  void End() {
    if (sender_.channel != nullptr) channel_sender_drop(&sender_);
    if (receiver_.channel != nullptr) channel_receiver_drop(&receiver_);
  }
  int TrySend(int item) { return channel_try_send(&sender_, &item); }
  // The item, or the error.
  int TryReceive() {
    int item = 0, result = channel_try_receive(&receiver_, &item);
    return result < 0 ? result : item;
  }
  void Fill() {
    int item = 0;
    while (TrySend(++item) == 0 && item < 1000) {
    }
  }
  pthread_mutex_t *lock() { return &channel_->lock; }

  struct channel_sender sender_ = {};
  struct channel_receiver receiver_ = {};
  struct channel *channel_ = nullptr;
};

#endif
