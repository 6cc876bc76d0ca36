// tasks.h - tasks for scenarios about queues: each comes out once, and whoever
// takes it sees what was done before it was queued.
#ifndef TESTS_EXPLORE_TASKS_H
#define TESTS_EXPLORE_TASKS_H

#include <cstring>

#include "tests/explore/explore.h"

extern "C" {
#include "chapters/04_executor/task.h"
}

namespace explore {

class Tasks {
 public:
  // In setup.
  void Reset() {
    memset(tasks_, 0, sizeof tasks_);
    made_.Reset();
    for (int i = 0; i < kMost; i++) {
      taken_[i].Reset();
      news_[i].Init(0, "what a task brings");
    }
  }
  // Task `number`, to be queued; they count from 0.
  struct task *Make(int number) {
    news_[number].Set(1);
    made_.Add();
    return &tasks_[number];
  }
  // A queue gave it, or NULL.
  void Take(struct task *task) {
    if (task == nullptr) return;
    Check(task >= tasks_ && task < tasks_ + kMost, "what comes out is a task");
    Check(news_[task - tasks_].Get() == 1, "with what came before its push");
    taken_[task - tasks_].Add();
  }
  void CheckEachOnce() const {
    for (int i = 0; i < made_.value(); i++)
      Check(taken_[i].value() == 1, "each task comes out, and once");
  }

 private:
  static constexpr int kMost = 16;
  struct task tasks_[kMost];
  Counter made_, taken_[kMost];
  Var<int> news_[kMost];
};

}  // namespace explore

#endif
