// worker_waits_test.cc - step 12.10: loads that chance has made up, and how
// long anything waits in them, wherever it lies. A load that fails is made
// smaller as long as it fails: what is left of it is what matters.
#include <random>
#include <unordered_map>

#include "tests/12_work_stealing/worker_fixture.h"

using namespace stealing_test;

namespace {

struct Load {
  unsigned seed;
  int turns;     // before all of it ends
  int slot;      // of 100 turns: so many wake another task
  int ring;      // tasks that wake themselves, each time
  int injector;  // so many are there, again and again
  int bursts;    // of 1,000 turns: so many spawn 300 tasks
  int thefts;    // of 1,000 turns: in so many half of the ring is stolen
  int news;      // tasks that the driver wakes at a look

  std::vector<int *> parts() {
    return {&turns, &slot, &ring, &injector, &bursts, &thefts, &news};
  }
};

Load Draw(unsigned seed) {
  std::mt19937 random(seed);
  auto one_of = [&](std::initializer_list<int> all) {
    return *(all.begin() + random() % all.size());
  };
  return {seed,
          300,
          one_of({0, 50, 100, 100}),
          one_of({1, 1, 3, 40}),
          one_of({0, 1, 20, 200}),
          one_of({0, 0, 10, 30}),
          one_of({0, 0, 20}),
          one_of({0, 0, 1, 5})};
}

std::string Tell(const Load &load) {
  char text[300];
  snprintf(text, sizeof text,
           "seed %u, %d turns: %d of 100 turns wake another task; %d tasks "
           "wake themselves; %d lie in the injector, each turn anew; of 1,000 "
           "turns %d spawn 300 tasks, and in %d half of the ring is stolen; a "
           "look at the driver wakes %d",
           load.seed, load.turns, load.slot, load.ring, load.injector,
           load.bursts, load.thefts, load.news);
  return text;
}

}  // namespace

class FairStep : public BenchStep {
 protected:
  enum Place { kNowhere, kSlot, kRing, kInjector };
  struct Wait {
    Place place = kNowhere;  // where it was when the last turn ended
    long seen = -1;          // which turn that was
    long since = 0;          // when it was first seen, or had overflowed
    long in_front = 0;       // of it, then
    long until = 0;          // its turn comes then, at the latest
    bool has_overflowed = false;
  };
  static constexpr size_t kTasks = 1500;

  // What is wrong with it, or nothing.
  std::string Try(const Load &load) {
    load_ = load;
    random_.seed(load.seed);
    turn_ = 0;
    wrong_.clear();
    scripts_.clear();
    waits_.clear();
    waiters_.clear();
    fresh_.clear();
    Prepare(2);
    for (size_t i = 0; i < kTasks; i++) {
      bool yields = i < size_t(load_.ring);
      fresh_.push_back(SpawnNowhere(
          New("task", [this, yields](Script &self, struct context *cx) {
            return Turn(self, yields, cx);
          })));
    }
    std::reverse(fresh_.begin(), fresh_.end());
    driver_.on_look = [this] { News(load_.news); };
    for (int i = 0; i < load_.ring + 10; i++)
      injector_push(&scheduler_->injector, Fresh());
    FallAsleep(1);  // it is there to be robbed, and is never run
    Run();
    if (!HasFailure()) Release();
    return wrong_;
  }
  // Smaller, as long as it fails.
  Load Shrink(Load load) {
    for (bool is_smaller = true; is_smaller;) {
      is_smaller = false;
      for (size_t i = 0; i < load.parts().size(); i++)
        for (int less : {*load.parts()[i] / 2, *load.parts()[i] - 1}) {
          Load smaller = load;
          *smaller.parts()[i] = less;
          if (less < 0 || less == *load.parts()[i] || smaller.ring == 0)
            continue;
          if (Try(smaller).empty()) continue;
          load = smaller;
          is_smaller = true;
          break;
        }
    }
    return load;
  }

 private:
  bool Chance(int count, int of) {
    return int(random_() % unsigned(of)) < count;
  }
  bool IsOver() const { return turn_ >= load_.turns || !wrong_.empty(); }
  struct task *Fresh() {
    if (fresh_.empty()) return nullptr;
    struct task *task = fresh_.back();
    fresh_.pop_back();
    return task;
  }
  void ToSlot(struct task *task) {
    if (task != nullptr) worker_schedule(&Worker(0), task);
  }
  void WakeOne() {
    if (waiters_.empty()) return;
    size_t i = random_() % waiters_.size();
    Script *script = waiters_[i];
    waiters_.erase(waiters_.begin() + long(i));
    script->Wake();
  }
  void News(int count) {
    for (int i = 0; i < count && !IsOver(); i++) WakeOne();
  }
  // What is left comes to the worker, for its last turn.
  void Flush() {
    while (!waiters_.empty()) WakeOne();
    while (struct task *task = local_queue_pop(&Worker(1).queue))
      injector_push(&scheduler_->injector, task);
    while (struct task *task = Fresh())
      injector_push(&scheduler_->injector, task);
  }
  enum poll Turn(Script &self, bool yields, struct context *cx) {
    turn_++;
    waits_[&self] = Wait{};
    if (IsOver()) {
      Flush();
      return POLL_READY;
    }
    Act(yields);
    Look();
    if (yields) {
      context_wake(cx);
      return POLL_PENDING;
    }
    if (self.polls() > 20 || waiters_.size() > 30) return POLL_READY;
    waiters_.push_back(&self);
    return self.Wait(cx);
  }
  void Act(bool stays) {
    if (Chance(load_.slot, 100)) WakeOne();
    if (Chance(load_.bursts, 1000))
      for (int i = 0; i < 300; i++) ToSlot(Fresh());
    while (int(Injected()) < load_.injector && !fresh_.empty())
      injector_push(&scheduler_->injector, Fresh());
    if (Chance(load_.thefts, 1000) && stays) {
      uint32_t stolen;
      struct task *task =
          local_queue_steal(&Worker(0).queue, &Worker(1).queue, &stolen);
      if (task != nullptr)
        local_queue_push(&Worker(1).queue, &scheduler_->injector, task);
    }
  }
  // Where everybody is, and since when.
  void Look() {
    struct worker &worker = Worker(0);
    uint32_t real = uint32_t(worker.queue.head), tail = worker.queue.tail;
    if (worker.lifo != nullptr) See(worker.lifo, kSlot, tail - real + 1);
    for (uint32_t at = real; at != tail; at++)
      See(worker.queue.slots[at % LOCAL_QUEUE_SLOTS], kRing, at - real);
    uint32_t place = 0;
    for (struct task *task = scheduler_->injector.tasks.first; task != nullptr;
         task = task->next)
      See(task, kInjector, place++);
  }
  void See(struct task *task, Place place, uint32_t in_front) {
    auto *future = reinterpret_cast<struct script_future *>(task_future(task));
    Wait &wait = waits_[future->script];
    if (wait.seen != turn_ - 1) wait = Wait{};  // it has just come
    bool is_new = wait.place == kNowhere;
    bool overflows = place == kInjector && !is_new && wait.place != kInjector;
    if (overflows && wait.has_overflowed)
      Wrong("a task went from the ring to the injector twice in one wait");
    if (is_new || overflows) {
      wait.since = turn_;
      wait.in_front = in_front;
      wait.until = turn_ + TURNS_A_ROUND * (long(in_front) + 1);
    }
    wait.has_overflowed = wait.has_overflowed || overflows;
    wait.place = place;
    wait.seen = turn_;
    if (turn_ >= wait.until) TooLate(wait);
  }
  void TooLate(const Wait &wait) {
    static const char *const kNames[] = {"nowhere", "the slot", "the ring",
                                         "the injector"};
    Wrong("a task in " + std::string(kNames[wait.place]) + " with " +
          std::to_string(wait.in_front) + " in front of it has waited for " +
          std::to_string(turn_ - wait.since) +
          " turns: that is TURNS_A_ROUND for each of them and for itself, and "
          "its own turn has not come");
  }
  void Wrong(const std::string &what) {
    if (wrong_.empty()) wrong_ = what;
  }

  Load load_;
  std::mt19937 random_;
  long turn_ = 0;
  std::string wrong_;
  std::unordered_map<Script *, Wait> waits_;
  std::vector<Script *> waiters_;
  std::vector<struct task *> fresh_;
};

TEST_F(FairStep, NobodyWaitsForEver) {
  for (unsigned seed = 1; seed <= 60 && !HasFailure(); seed++) {
    Load load = Draw(seed);
    if (Try(load).empty()) continue;
    load = Shrink(load);
    ADD_FAILURE() << "S4: " << Try(load) << "\n(" << Tell(load) << ")";
  }
}
