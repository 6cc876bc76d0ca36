// local_queue_test.cc - every run of a ring's owner and of its thieves. Here a
// ring has 4 slots.
#include "tests/explore/explore.h"
#include "tests/explore/tasks.h"

extern "C" {
#include "chapters/12_work_stealing/local_queue.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew. The owner's
// ring is `rings[0]`; those of thieves follow.
struct local_queue rings[3];
struct injector the_injector;
explore::Tasks tasks;

void MakeRings() {
  tasks.Reset();
  injector_init(&the_injector);
  for (struct local_queue &ring : rings) local_queue_init(&ring);
  explore::Name(&rings[0].head, "head");
  explore::Name(&rings[0].tail, "tail");
  explore::Name(&rings[0].slots, "slots");
  explore::Name(&rings[1].head, "the thief's head");
  explore::Name(&rings[1].tail, "the thief's tail");
  explore::Name(&rings[1].slots, "the thief's slots");
}

void Push(int ring, int number) {
  local_queue_push(&rings[ring], &the_injector, tasks.Make(number));
}

void Pop(int ring) { tasks.Take(local_queue_pop(&rings[ring])); }

// One theft; what it brings into the thief's ring stays there.
void Steal(int from, int to) {
  uint32_t stolen = 0;
  tasks.Take(local_queue_steal(&rings[from], &rings[to], &stolen));
  Check(stolen <= LOCAL_QUEUE_SLOTS / 2, "L4: half of a ring at most");
}

void Empty(int ring) {
  while (struct task *task = local_queue_pop(&rings[ring])) tasks.Take(task);
}

// A theft by one who looks at all that it has got.
void StealAndTake(int from, int to) {
  Steal(from, to);
  Empty(to);
}

// All tasks that were made have come out.
void CheckAllTaken() {
  for (int ring = 0; ring < 3; ring++) Empty(ring);
  while (struct task *task = injector_pop(&the_injector)) tasks.Take(task);
  injector_end(&the_injector);
  tasks.CheckEachOnce();
  for (const struct local_queue &ring : rings)
    Check(ring.head >> 32 == (ring.head & 0xffffffff),
          "L2: a theft is over, and `steal` is not where `real` is: finish "
          "until it works");
}

// The owner's ring has so many tasks, 0 and up, before the threads begin.
struct RingScenario : Scenario {
  explicit RingScenario(int queued = 0) {
    setup = [queued] {
      MakeRings();
      for (int i = 0; i < queued; i++) Push(0, i);
    };
    finish = CheckAllTaken;
  }
};

}  // namespace

// --------------------------------------------------------------- step 12.2

using RingRuns = ::testing::Test;

TEST_F(RingRuns, ALengthOnAnotherThread) {
  RingScenario scenario;
  scenario.Thread("owner", [] {
    Push(0, 0);
    Pop(0);
  });
  scenario.Thread("looks", [] {
    Check(local_queue_length(&rings[0]) <= 1,
          "a guess, but never less than none");
  });
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 12.3

using OverflowRuns = ::testing::Test;

TEST_F(OverflowRuns, AFullRingIsRobbed) {
  RingScenario scenario(LOCAL_QUEUE_SLOTS);
  scenario.Thread("owner", [] {
    Push(0, 4);
    Pop(0);
    Push(0, 5);
  });
  scenario.Thread("thief", [] { StealAndTake(0, 1); });
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 12.4

using StealRuns = ::testing::Test;

TEST_F(StealRuns, APushAndATheft) {
  RingScenario scenario;
  scenario.Thread("owner", [] { Push(0, 0); });
  scenario.Thread("thief", [] { StealAndTake(0, 1); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, APopAndATheft) {
  RingScenario scenario;
  scenario.Thread("owner", [] {
    Push(0, 0);
    Pop(0);
  });
  scenario.Thread("thief", [] { StealAndTake(0, 1); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, PushesAPopAndATheft) {
  RingScenario scenario(1);
  scenario.Thread("owner", [] {
    Push(0, 1);
    Pop(0);
    Push(0, 2);
  });
  scenario.Thread("thief", [] { StealAndTake(0, 1); });
  EXPECT_HOLDS(scenario);
}

// However often the owner moves the head before a theft is finished.
TEST_F(StealRuns, PopsAndATheft) {
  RingScenario scenario(2);
  scenario.Thread("owner", [] {
    for (int i = 2; i < 5; i++) {
      Pop(0);
      Push(0, i);
    }
  });
  scenario.Thread("thief", [] { Steal(0, 1); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, SlotsAreUsedAgain) {
  RingScenario scenario(LOCAL_QUEUE_SLOTS);
  scenario.Thread("owner", [] {
    Push(0, 4);
    Push(0, 5);
  });
  scenario.Thread("thief", [] { StealAndTake(0, 1); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, TwoThieves) {
  RingScenario scenario(2);
  scenario.Thread("owner", [] { Push(0, 2); });
  scenario.Thread("thief", [] { Steal(0, 1); });
  scenario.Thread("second", [] { Steal(0, 2); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, AThiefIsRobbed) {
  RingScenario scenario(LOCAL_QUEUE_SLOTS);
  scenario.Thread("thief", [] {
    Steal(0, 1);
    Push(1, 4);
  });
  scenario.Thread("second", [] { StealAndTake(1, 2); });
  EXPECT_HOLDS(scenario);
}

TEST_F(StealRuns, AThiefIsRobbedWhileItSteals) {
  RingScenario scenario(LOCAL_QUEUE_SLOTS);
  scenario.setup = [fill = scenario.setup] {
    fill();
    for (int i = 4; i < 7; i++) Push(1, i);
  };
  scenario.Thread("thief", [] {
    Pop(1);
    Steal(0, 1);
  });
  scenario.Thread("second", [] { StealAndTake(1, 2); });
  EXPECT_HOLDS(scenario);
}
