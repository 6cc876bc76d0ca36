// shared_queue_test.cc - every run of workers that take tasks from one queue,
// and of those who push and close.
#include "tests/explore/explore.h"
#include "tests/explore/tasks.h"

extern "C" {
#include "chapters/11_threads/shared_queue.h"
}

namespace {

using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct shared_queue shared;
struct sleeper sleepers[2];
explore::Tasks tasks;

void MakeQueue() {
  tasks.Reset();
  shared_queue_init(&shared);
  for (struct sleeper &sleeper : sleepers) {
    sleeper_init(&sleeper);
    explore::Name(&sleeper.parker.state, "parker.state");
  }
}

void Push(int number) { shared_queue_push(&shared, tasks.Make(number)); }

void TakeOne(int worker) {
  tasks.Take(shared_queue_take(&shared, &sleepers[worker]));
}

void TakeAll(int worker) {
  while (struct task *task = shared_queue_take(&shared, &sleepers[worker]))
    tasks.Take(task);
}

void CheckAllTaken() {
  tasks.CheckEachOnce();
  shared_queue_end(&shared);
}

}  // namespace

// --------------------------------------------------------------- step 11.4

using TakeRuns = ::testing::Test;

TEST_F(TakeRuns, APushAndATake) {
  Scenario scenario;
  scenario.setup = MakeQueue;
  scenario.Thread("takes", [] { TakeOne(0); });
  scenario.Thread("pushes", [] { Push(0); });
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(TakeRuns, TwoPushesForTwo) {
  Scenario scenario;
  scenario.setup = MakeQueue;
  scenario.Thread("takes", [] { TakeOne(0); });
  scenario.Thread("takes too", [] { TakeOne(1); });
  scenario.Thread("pushes", [] {
    Push(0);
    Push(1);
  });
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 11.5

using ClosedQueueRuns = ::testing::Test;

TEST_F(ClosedQueueRuns, APushAndThenTheEnd) {
  Scenario scenario;
  scenario.setup = MakeQueue;
  scenario.Thread("takes", [] { TakeAll(0); });
  scenario.Thread("pushes", [] {
    Push(0);
    shared_queue_close(&shared);
  });
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(ClosedQueueRuns, TheEndForTwo) {
  Scenario scenario;
  scenario.setup = MakeQueue;
  scenario.Thread("takes", [] { TakeAll(0); });
  scenario.Thread("takes too", [] { TakeAll(1); });
  scenario.Thread("closes", [] { shared_queue_close(&shared); });
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}
