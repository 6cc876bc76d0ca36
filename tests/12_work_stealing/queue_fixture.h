// queue_fixture.h - tasks that are only moved about, and who has them.
#ifndef TESTS_WORK_STEALING_QUEUE_FIXTURE_H
#define TESTS_WORK_STEALING_QUEUE_FIXTURE_H

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/04_executor/task.h"
#include "chapters/12_work_stealing/injector.h"
#include "chapters/12_work_stealing/local_queue.h"
}

namespace stealing_test {

using gate::InterruptAt;
using gate::IsFree;

inline std::string Join(const std::vector<int> &ids) {
  std::string text;
  for (int id : ids) text += (text.empty() ? "" : " ") + std::to_string(id);
  return text;
}

class QueueStep : public gate::Step {
 protected:
  static constexpr int kMost = 4096;

  void SetUp() override {
    gate::Step::SetUp();
    injector_init(&injector_);
    Reset();
  }
  void TearDown() override {
    injector_end(&injector_);
    gate::Step::TearDown();
  }
  void Reset() {
    injector_end(&injector_);
    injector_init(&injector_);
    local_queue_init(&queue_);
    local_queue_init(&other_);
    local_queue_init(&third_);
  }
  struct task *Task(int id) {
    return &tasks_[id];
  }
  // -1: no task. -2: what is no task at all.
  int Id(const struct task *task) const {
    if (task == nullptr) return -1;
    if (task < &tasks_[0] || task >= &tasks_[0] + kMost) return -2;
    return int(task - &tasks_[0]);
  }
  // `count` tasks, from `first` on; how many pushes went to the injector.
  int Push(int first, int count = 1) {
    int overflows = 0;
    for (int id = first; id < first + count; id++)
      overflows += local_queue_push(&queue_, &injector_, Task(id));
    return overflows;
  }
  int Pop() { return Id(local_queue_pop(&queue_)); }
  // What is in there, which is empty then.
  std::vector<int> Drain(struct local_queue *queue) {
    std::vector<int> ids;
    for (int id; (id = Id(local_queue_pop(queue))) != -1; ids.push_back(id))
      if (int(ids.size()) > kMost) break;
    return ids;
  }
  std::vector<int> DrainInjector() {
    std::vector<int> ids;
    for (int id; (id = Id(injector_pop(&injector_))) != -1; ids.push_back(id))
      if (int(ids.size()) > kMost) break;
    return ids;
  }
  // What a theft takes, in the order in which it was in the victim: the one
  // that is returned is the last. The thief's own queue is empty then.
  std::vector<int> Steal(struct local_queue *from, struct local_queue *to,
                         uint32_t *stolen) {
    struct task *last = local_queue_steal(from, to, stolen);
    std::vector<int> ids = Drain(to);
    if (last != nullptr) ids.push_back(Id(last));
    return ids;
  }
  std::vector<int> Steal() {
    uint32_t stolen = 0;
    return Steal(&queue_, &other_, &stolen);
  }
  static std::vector<int> From(int first, int count) {
    std::vector<int> ids;
    for (int id = first; id < first + count; id++) ids.push_back(id);
    return ids;
  }
  static bool InOrder(const std::vector<int> &ids) {
    return std::is_sorted(ids.begin(), ids.end());
  }
  // Of 0 to count - 1 each is in there once; or what is wrong.
  static std::string Missing(std::vector<int> ids, int count) {
    std::sort(ids.begin(), ids.end());
    for (size_t i = 0; i < ids.size(); i++)
      if (ids[i] < 0 || ids[i] >= count) return "something that was no task";
    for (size_t i = 1; i < ids.size(); i++)
      if (ids[i] == ids[i - 1]) return "a task twice";
    return int(ids.size()) == count ? "" : "a task was lost";
  }

  struct injector injector_;
  struct local_queue queue_, other_, third_;

 private:
  std::unique_ptr<struct task[]> tasks_{new struct task[kMost]()};
};

inline void Add(std::vector<int> *to, const std::vector<int> &ids) {
  to->insert(to->end(), ids.begin(), ids.end());
}

}  // namespace stealing_test

#endif
