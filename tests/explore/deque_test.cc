// deque_test.cc - every run of a deque's owner and of its thieves. Here it has
// 4 slots.
#include "tests/explore/explore.h"
#include "tests/explore/tasks.h"

extern "C" {
#include "chapters/12_work_stealing/deque.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct deque the_deque;
explore::Tasks tasks;

bool Push(int number) { return deque_push(&the_deque, tasks.Make(number)); }

void Pop() { tasks.Take(deque_pop(&the_deque)); }

void Steal() {
  struct task *task = nullptr;
  if (deque_steal(&the_deque, &task) != STEAL_TASK) return;
  Check(task != nullptr, "D3: a steal returns a task");
  tasks.Take(task);
}

void MakeDeque(int count) {
  tasks.Reset();
  deque_init(&the_deque);
  explore::Name(&the_deque.top, "top");
  explore::Name(&the_deque.bottom, "bottom");
  explore::Name(&the_deque.slots, "slots");
  for (int i = 0; i < count; i++) Check(Push(i), "D4: there is room");
}

void CheckAllTaken() {
  while (struct task *task = deque_pop(&the_deque)) tasks.Take(task);
  tasks.CheckEachOnce();
}

}  // namespace

// --------------------------------------------------------------- step 12.5

using DequeRuns = ::testing::Test;

TEST_F(DequeRuns, APushAndASteal) {
  Scenario scenario;
  scenario.setup = [] { MakeDeque(0); };
  scenario.Thread("owner", [] { Push(0); });
  scenario.Thread("thief", Steal);
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(DequeRuns, TheLastTaskIsWanted) {
  Scenario scenario;
  scenario.setup = [] { MakeDeque(0); };
  scenario.Thread("owner", [] {
    Push(0);
    Pop();
    Push(1);
  });
  scenario.Thread("thief", Steal);
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(DequeRuns, AThiefSeesTheBottomOfAPop) {
  Scenario scenario;
  scenario.setup = [] { MakeDeque(0); };
  scenario.Thread("owner", [] {
    Push(0);
    Push(1);
    Pop();
  });
  scenario.Thread("thief", Steal);
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(DequeRuns, APopAndTwoSteals) {
  Scenario scenario;
  scenario.setup = [] { MakeDeque(2); };
  scenario.Thread("owner", Pop);
  scenario.Thread("thief", [] {
    Steal();
    Steal();
  });
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(DequeRuns, APopAndTwoThieves) {
  Scenario scenario;
  scenario.setup = [] { MakeDeque(2); };
  scenario.Thread("owner", Pop);
  scenario.Thread("thief", Steal);
  scenario.Thread("second", Steal);
  scenario.finish = CheckAllTaken;
  EXPECT_HOLDS(scenario);
}

TEST_F(DequeRuns, ASlotIsUsedAgain) {
  static bool is_full;
  static struct task *late;
  Scenario scenario;
  scenario.setup = [] {
    MakeDeque(DEQUE_SLOTS);
    late = tasks.Make(DEQUE_SLOTS);
  };
  scenario.Thread("owner", [] { is_full = !deque_push(&the_deque, late); });
  scenario.Thread("thief", Steal);
  scenario.finish = [] {
    if (is_full) tasks.Take(late);  // D4: it is the caller's still
    CheckAllTaken();
  };
  EXPECT_HOLDS(scenario);
}
