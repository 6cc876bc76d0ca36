// pool_fixture.h - a pool and its tasks; and its story when a step hangs.
#ifndef TESTS_THREADS_POOL_FIXTURE_H
#define TESTS_THREADS_POOL_FIXTURE_H

#include "tests/11_threads/threads_fixture.h"

namespace threads_test {

class PoolStep : public ScriptStep {
 protected:
  // After a failure threads may be about still: what they use stays.
  void TearDown() override {
    if (HasFailure()) {
      new std::deque<Script>(std::move(scripts_));
      pool_.release();
    }
    ScriptStep::TearDown();
  }
  bool Start(unsigned workers) {
    memset(pool_.get(), kOld, sizeof *pool_);
    int error = pool_init(pool_.get(), workers);
    EXPECT_EQ(0, error) << "pool_init() is given, and fails";
    if (error == 0) gate::OnHang([this] { return Story(); });
    return error == 0;
  }
  int Spawn(Script &script, struct join_handle *handle = nullptr) {
    return pool_spawn(pool_.get(), script.future(), Script::kSize, handle);
  }
  // Ends the pool when nobody is left at home: for steps before the one that
  // teaches the end.
  void Stop() {
    EXPECT_TRUE(Eventually("the last task has left its home", [&] {
      return Live() == 0;
    })) << "E2: a task is left that should have had a turn";
    gate::Note("joining the workers, at a queue that is closed");
    if (HasFailure()) return;
    shared_queue_close(&pool_->queue);
    for (unsigned i = 0; i < pool_->count; i++) {
      pthread_join(pool_->workers[i].thread, nullptr);
      turns_ += pool_->workers[i].turns;
    }
    pool_->count = 0;
    pool_end(pool_.get());
    gate::NoStory();
  }
  // Has the body the home's lock whenever it looks at what is under it, as long
  // as there are workers?
  bool TouchesHomeLocked(const std::function<void()> &body) {
    struct home *home = &pool_->home;
    auto *first = reinterpret_cast<const char *>(&home->tasks);
    auto *end = reinterpret_cast<const char *>(&home->is_closed + 1);
    bool is_locked = true;
    gate::AtEachAccess(first, size_t(end - first), body, [&] {
      if (pool_->count > 0 && IsFree(&home->lock)) is_locked = false;
    });
    return is_locked;
  }
  size_t Live() {
    pthread_mutex_lock(&pool_->home.lock);
    size_t live = pool_->home.live;
    pthread_mutex_unlock(&pool_->home.lock);
    return live;
  }
  bool IsHomeClosed() {
    pthread_mutex_lock(&pool_->home.lock);
    bool is_closed = pool_->home.is_closed;
    pthread_mutex_unlock(&pool_->home.lock);
    return is_closed;
  }
  bool IsQueueEmpty() {
    pthread_mutex_lock(&pool_->queue.lock);
    bool is_empty = pool_->queue.tasks.first == nullptr;
    pthread_mutex_unlock(&pool_->queue.lock);
    return is_empty;
  }
  bool IsQueueClosed() {
    pthread_mutex_lock(&pool_->queue.lock);
    bool is_closed = pool_->queue.is_closed;
    pthread_mutex_unlock(&pool_->queue.lock);
    return is_closed;
  }
  unsigned Sleepers() {
    unsigned count = 0;
    struct list *link;
    pthread_mutex_lock(&pool_->queue.lock);
    list_for_each(link, &pool_->queue.sleepers) count++;
    pthread_mutex_unlock(&pool_->queue.lock);
    return count;
  }
  bool SoonAllSleep() {
    return Eventually("all workers sleep", [&] {
      return Sleepers() == pool_->count && IsQueueEmpty();
    });
  }
  // A task that holds its worker until the latch opens, then is ready.
  Script &NewHolding(Latch &latch) {
    return New([&latch](struct context *) {
      latch.Pass();
      return POLL_READY;
    });
  }
  bool SoonHeld(Latch &latch, int count = 1) {
    return Eventually("a task runs", [&] { return latch.waiting() >= count; });
  }

  std::unique_ptr<struct pool> pool_ = std::make_unique<struct pool>();
  unsigned long turns_ = 0;  // that all workers gave, after Stop()

 private:
  // All threads stand still: locks are only tried.
  std::string Story() {
    struct shared_queue *queue = &pool_->queue;
    if (gate::IsHeld(&queue->lock) || gate::IsHeld(&pool_->home.lock))
      return "a lock is held by a thread that sleeps";
    std::string guests = GuestsInside(&pool_->visits);
    std::string story =
        pool_->home.live > 0 ? "a task is at home" : "nobody is at home";
    story += queue->tasks.first != nullptr ? "\na task is in the queue"
                                           : "\nthe queue is empty";
    story += queue->is_closed ? ", and closed" : "";
    story += list_is_empty(&queue->sleepers)
                 ? "\nno worker is among the sleepers"
                 : "\na worker is among the sleepers";
    if (!guests.empty()) story += "\n" + guests;
    return story;
  }
};

}  // namespace threads_test

#endif
