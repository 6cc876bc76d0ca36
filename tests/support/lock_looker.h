// lock_looker.h - who takes a lock, and who has given it back when a waker is
// used.
#ifndef TESTS_SUPPORT_LOCK_LOOKER_H
#define TESTS_SUPPORT_LOCK_LOOKER_H

#include <pthread.h>

#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/crash.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"
}

namespace gate {

inline bool IsFree(pthread_mutex_t *lock) {
  if (pthread_mutex_trylock(lock) != 0) return false;
  pthread_mutex_unlock(lock);
  return true;
}

// True if `operation` waits for the lock while somebody else has it.
inline bool TakesLock(pthread_mutex_t *lock,
                      const std::function<void()> &operation) {
  std::atomic<int> id{0};
  std::atomic<bool> is_done{false};
  pthread_mutex_lock(lock);
  std::thread thread([&] {
    id = gettid();
    operation();
    is_done = true;
  });
  Note("an operation while another thread has the lock");
  Eventually("it waits for the lock", [&] { return is_done || IsAsleep(id); });
  bool waits = !is_done;
  pthread_mutex_unlock(lock);
  thread.join();
  return waits;
}

// W1 says that the lock is free whenever a waker is cloned, woken or dropped.
class LockLooker {
 public:
  explicit LockLooker(pthread_mutex_t *lock)
      : lock_(lock), waker_{&kOps, this}, context_{&waker_} {}
  struct context *context() {
    return &context_;
  }
  const struct waker *waker() const { return &waker_; }
  int wakes() const { return wakes_; }
  // Else it says which of them came first while it was not, and where.
  ::testing::AssertionResult always_free() const {
    if (offence_.empty()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << offence_;
  }

 private:
  void Look(const char *done) {
    if (!offence_.empty() || IsFree(lock_)) return;
    offence_ =
        std::string("a waker was ") + done + " with the lock held" + Callers();
  }
  static LockLooker *Self(void *data) {
    return static_cast<LockLooker *>(data);
  }
  static struct waker Clone(void *data) {
    Self(data)->Look("cloned");
    return {&kOps, data};
  }
  static void Wake(void *data) {
    Self(data)->wakes_++;
    Self(data)->Look("woken");
  }
  static void Drop(void *data) { Self(data)->Look("dropped"); }
  static constexpr struct waker_ops kOps = {Clone, Wake, Wake, Drop};

  pthread_mutex_t *lock_;
  struct waker waker_;
  struct context context_;
  int wakes_ = 0;
  std::string offence_;
};

}  // namespace gate

#endif
