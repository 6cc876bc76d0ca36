// mutex_fixture.h - semaphores and who waits for them; tasks in C++; and the
// story that a step tells when it hangs.
#ifndef TESTS_MUTEX_MUTEX_FIXTURE_H
#define TESTS_MUTEX_MUTEX_FIXTURE_H

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/gate.h"
#include "tests/support/hang.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/09_mutex/mutex.h"
#include "chapters/09_mutex/semaphore.h"
}

using gate::Allocations;
using gate::IsFree;
using gate::LockLooker;
using gate::Poll;
using gate::WakerProbe;

// What memory may hold that somebody else had before: an init sets all of it.
constexpr int kOld = 0xa5;

// What a step that hangs says of a lock that nobody gives back.
inline std::string KeptLock(pthread_mutex_t *lock) {
  return !gate::IsHeld(lock)
             ? ""
             : "the pthread lock is held, and whoever wants it sleeps for "
               "ever: somewhere it was not given back, on a path that returns "
               "early, perhaps, or by calling something that needs it, too";
}

// At the end of a test. A lock that is unlocked twice is a lock that two may
// have; glibc counts who has it, and tells when the lock is destroyed.
inline void ExpectAtRest(pthread_mutex_t *lock) {
  std::string kept = KeptLock(lock);
  if (!kept.empty()) FAIL() << "W1: " << kept;
  EXPECT_EQ(0, pthread_mutex_destroy(lock))
      << "W1: the pthread lock was unlocked by one who did not have it: what "
         "it protects was open to everybody. Who unlocks it, you or the "
         "function that you call?";
  pthread_mutex_init(lock, nullptr);
}

// A waker that counts, and acts when it is woken.
class Sleeper {
 public:
  Sleeper() = default;
  Sleeper(const Sleeper &) = delete;
  struct context *context() {
    return &context_;
  }
  int wakes() const { return wakes_; }
  int live() const { return live_; }

  std::function<void()> act;

 private:
  static Sleeper *Self(void *data) { return static_cast<Sleeper *>(data); }
  static struct waker Clone(void *data) {
    Self(data)->live_++;
    return {&kOps, data};
  }
  static void WakeByRef(void *data) {
    Self(data)->wakes_++;
    if (Self(data)->act) Self(data)->act();
  }
  static void Wake(void *data) {
    Self(data)->live_--;
    WakeByRef(data);
  }
  static void Drop(void *data) { Self(data)->live_--; }
  static constexpr struct waker_ops kOps = {Clone, Wake, WakeByRef, Drop};

  struct waker waker_ = {&kOps, this};
  struct context context_ = {&waker_};
  int wakes_ = 0, live_ = 0;
};

// Counts the drops of a future that is part of another one. It is made between
// the init of the whole and its first poll; one at a time.
class Inner {
 public:
  explicit Inner(struct future *future) {
    real_ = future->ops;
    watched_ = future;
    drops_ = 0;
    future->ops = &kOps;
  }
  int drops() const { return drops_; }

 private:
  static enum poll Poll(struct future *self, struct context *cx) {
    return real_->poll(self, cx);
  }
  static void Drop(struct future *self) {
    drops_ += self == watched_;
    real_->drop(self);
  }
  static constexpr struct future_ops kOps = {Poll, Drop};
  static inline const struct future_ops *real_;
  static inline struct future *watched_;
  static inline int drops_;
};

inline enum poll PollWith(struct future *future, LockLooker &looker) {
  return future_poll(future, looker.context());
}

// A semaphore, and acquires that are numbered in the order of their coming.
class SemaphoreFixture : public gate::Step {
 protected:
  static constexpr int kMost = 4;

  void SetUp() override {
    gate::Step::SetUp();
    gate::OnHang([this] { return KeptLock(lock()); });
  }
  void Make(size_t permits, size_t maximum) {
    memset(&semaphore_, kOld, sizeof semaphore_);
    semaphore_init(&semaphore_, permits, maximum);
  }
  // After a failure somebody may wait still; the failure is the news.
  void End() {
    EXPECT_TRUE(list_is_empty(&semaphore_.acquires))
        << "P5: all have gone, and one stands in the list still";
    EXPECT_FALSE(HasWaiters())
        << "WAITERS is set, and nobody waits: from now on every release takes "
           "the lock (S10)";
    ExpectAtRest(lock());
    if (!HasFailure()) semaphore_end(&semaphore_);
  }

  struct future *Init(int i, size_t count) {
    semaphore_acquire_init(&acquires_[i], &semaphore_, count);
    return Future(i);
  }
  struct future *Future(int i) {
    return &acquires_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Come(int i, size_t count) {
    Init(i, count);
    return PollIt(i);
  }
  int Result(int i) { return acquires_[i].base.result; }
  size_t Held(int i) { return acquires_[i].held; }
  void Drop(int i) { future_drop(Future(i)); }
  int Try(size_t count) { return semaphore_try_acquire(&semaphore_, count); }
  int Release(size_t count) { return semaphore_release(&semaphore_, count); }
  bool HasWaiters() { return (semaphore_.state & SEMAPHORE_WAITERS) != 0; }
  size_t Free() { return semaphore_available(&semaphore_); }
  pthread_mutex_t *lock() { return &semaphore_.lock; }

  // Is the lock free at every place of it?
  bool NeedsNoLock(const std::function<void()> &body) {
    bool came = true, is_free = true;
    for (long nth = 1; came && is_free; nth++)
      came = gate::InterruptAt(nth, body, [&] { is_free = IsFree(lock()); });
    return is_free;
  }

  // Takes it out by force: for steps before the one that teaches the drop.
  void Forget(int i) {
    pthread_mutex_lock(lock());
    struct waker waker = waiter_leave(&acquires_[i].waiter);
    acquires_[i].held = 0;
    acquires_[i].is_queued = false;
    if (list_is_empty(&semaphore_.acquires))
      semaphore_.state &= ~SEMAPHORE_WAITERS;
    pthread_mutex_unlock(lock());
    waker_drop(&waker);
  }

  WakerProbe probes_[kMost] = {WakerProbe("first"), WakerProbe("second"),
                               WakerProbe("third"), WakerProbe("fourth")};
  struct semaphore semaphore_;
  struct semaphore_acquire acquires_[kMost];
};

// A task whose poll is a function. It lives where the test put it.
class Script {
 public:
  explicit Script(std::function<enum poll(struct context *)> poll)
      : poll_(std::move(poll)) {}

  void Spawn(struct executor *executor) {
    static const struct future_ops ops = {DoPoll, DoDrop};
    struct own own = {{{&ops}, 0}, this};
    ASSERT_EQ(0, executor_spawn(executor, &own.base, sizeof own, nullptr));
  }

 private:
  struct own {
    struct int_future base;
    Script *script;
  };
  static enum poll DoPoll(struct future *self, struct context *cx) {
    return reinterpret_cast<struct own *>(self)->script->poll_(cx);
  }
  static void DoDrop(struct future *) {}

  std::function<enum poll(struct context *)> poll_;
};

// Who has a mutex and who waits, as its notes say. It asks for no lock: a hang
// may be just that somebody has one.
inline std::string StoryOf(struct mutex *mutex) {
  std::string name = mutex->name, story;
  if (mutex->holder != nullptr)
    story = std::string(mutex->holder) + " has " + name;
  else
    story = "nobody has " + name;
  if (gate::IsHeld(&mutex->semaphore.lock))
    return story +
           "\na pthread lock is held by a thread that sleeps, or by a task "
           "that "
           "is not running: whoever wants it stops this thread, and with it "
           "all "
           "tasks; so nobody will ever give it back";
  struct list *link;
  list_for_each(link, &mutex->pending) {
    auto *lock = reinterpret_cast<struct mutex_lock *>(
        reinterpret_cast<char *>(link) - offsetof(struct mutex_lock, noted));
    story += std::string("\n") + lock->who +
             (lock->acquire.held > 0 ? " was given " : " waits for ") + name;
  }
  return story;
}

#endif
