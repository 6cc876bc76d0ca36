// idle_test.cc - every run of workers that fall asleep and of others that queue
// a task just then.
#include "tests/explore/explore.h"
#include "tests/explore/tasks.h"

extern "C" {
#include "chapters/12_work_stealing/idle.h"
#include "chapters/12_work_stealing/injector.h"
#include "chapters/12_work_stealing/local_queue.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct idle the_idle;
struct driver_slot slot;
struct sleeper_link workers[2];
explore::Atomic queued;  // a queue, for all that matters here
struct injector the_injector;
struct local_queue ring;
explore::Tasks tasks;

void MakeWorkers(uint32_t count) {
  idle_init(&the_idle, count);
  driver_slot_init(&slot, nullptr);
  for (struct sleeper_link &worker : workers) {
    list_init(&worker.link);
    bed_init(&worker.bed, &slot);
  }
  explore::Name(&the_idle.state, "idle.state");
  explore::Name(&the_idle.lock, "idle.lock");
  explore::Name(&workers[0].link, "a sleeper's link");
  queued.Init(0, "queued");
}

void MakeQueues() {
  tasks.Reset();
  injector_init(&the_injector);
  local_queue_init(&ring);
  explore::Name(&the_injector.length, "injector.length");
  explore::Name(&ring.tail, "tail");
}

// As a worker does: it looks once more if nobody else will.
void FallAsleep(int worker, bool was_searching) {
  if (idle_fall_asleep(&the_idle, &workers[worker], was_searching) &&
      queued.Load() != 0)
    idle_notify(&the_idle);
}

void QueueATask() {
  queued.Store(1);
  idle_notify(&the_idle);
}

void CheckAwake(int worker) {
  Check(!idle_is_asleep(&the_idle, &workers[worker]),
        "I5: nobody sleeps while a task is queued");
  idle_end(&the_idle);
}

}  // namespace

// --------------------------------------------------------------- step 12.8

using SleepersRuns = ::testing::Test;

// The two halves of the word.
uint32_t Awake() { return the_idle.state >> 16; }
uint32_t Searching() { return the_idle.state & 0xffff; }

TEST_F(SleepersRuns, TwoBeginToSearch) {
  static explore::Counter searching;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(4);
    searching.Reset();
  };
  for (const char *name : {"searches", "searches too"})
    scenario.Thread(name, [] { searching.Add(idle_start_search(&the_idle)); });
  scenario.finish = [] {
    Check(Searching() == uint32_t(searching.value()),
          "each that searches is counted");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SleepersRuns, OneGetsUpWhileAllAreWoken) {
  static explore::Counter chosen;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(2);
    chosen.Reset();
    for (int i = 0; i < 2; i++) idle_fall_asleep(&the_idle, &workers[i], false);
  };
  scenario.Thread("gets up",
                  [] { chosen.Add(!idle_get_up(&the_idle, &workers[0])); });
  scenario.Thread("wakes all", [] { idle_notify_all(&the_idle); });
  scenario.finish = [] {
    Check(Awake() == 2, "I3: each is counted awake, once");
    Check(Searching() == 1 + uint32_t(chosen.value()),
          "I3: who was chosen searches, and nobody else");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

// A search begins without the lock, whoever has it.

TEST_F(SleepersRuns, OneIsChosenWhileAnotherBeginsToSearch) {
  static explore::Counter searching;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(4);
    searching.Reset();
    idle_fall_asleep(&the_idle, &workers[0], false);
  };
  scenario.Thread("wakes all", [] { idle_notify_all(&the_idle); });
  scenario.Thread("searches",
                  [] { searching.Add(idle_start_search(&the_idle)); });
  scenario.finish = [] {
    Check(Awake() == 4, "I3: who was chosen is awake");
    Check(Searching() == 1 + uint32_t(searching.value()),
          "who was chosen searches, and so does who began just then");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SleepersRuns, OneGetsUpWhileAnotherBeginsToSearch) {
  static explore::Counter searching;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(4);
    searching.Reset();
    idle_fall_asleep(&the_idle, &workers[0], false);
  };
  scenario.Thread("gets up", [] { idle_get_up(&the_idle, &workers[0]); });
  scenario.Thread("searches",
                  [] { searching.Add(idle_start_search(&the_idle)); });
  scenario.finish = [] {
    Check(Awake() == 4, "who got up is awake");
    Check(Searching() == uint32_t(searching.value()),
          "who began to search just when another got up is counted");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SleepersRuns, OneFallsAsleepWhileAnotherBeginsToSearch) {
  static explore::Counter searching;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(4);
    searching.Reset();
    idle_start_search(&the_idle);
  };
  scenario.Thread("falls asleep",
                  [] { idle_fall_asleep(&the_idle, &workers[0], true); });
  scenario.Thread("searches",
                  [] { searching.Add(idle_start_search(&the_idle)); });
  scenario.finish = [] {
    Check(Awake() == 3, "who fell asleep is not awake");
    Check(Searching() == uint32_t(searching.value()),
          "who began to search just when another fell asleep is counted");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SleepersRuns, OneLooksIfItIsAsleepWhileAllAreWoken) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(1);
    idle_fall_asleep(&the_idle, &workers[0], false);
  };
  scenario.Thread("looks", [] { idle_is_asleep(&the_idle, &workers[0]); });
  scenario.Thread("wakes all", [] { idle_notify_all(&the_idle); });
  scenario.finish = [] {
    Check(!idle_is_asleep(&the_idle, &workers[0]), "it was chosen");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 12.9

using IdleRuns = ::testing::Test;

TEST_F(IdleRuns, ATaskIsQueuedWhileTheLastFallsAsleep) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(1);
    Check(idle_start_search(&the_idle), "I1: one may search");
  };
  scenario.Thread("worker", [] { FallAsleep(0, true); });
  scenario.Thread("queues", QueueATask);
  scenario.finish = [] { CheckAwake(0); };
  EXPECT_HOLDS(scenario);
}

TEST_F(IdleRuns, ASearchBeginsAndEndsMeanwhile) {
  Scenario scenario;
  scenario.setup = [] { MakeWorkers(1); };
  scenario.Thread("worker", [] {
    bool is_searching = idle_start_search(&the_idle);
    if (queued.Load() == 0)
      FallAsleep(0, is_searching);
    else if (is_searching)
      idle_found(&the_idle);
  });
  scenario.Thread("queues", QueueATask);
  scenario.finish = [] { CheckAwake(0); };
  EXPECT_HOLDS(scenario);
}

TEST_F(IdleRuns, OneFindsWhileAnotherFallsAsleep) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(2);
    Check(idle_start_search(&the_idle), "I1: one may search");
    queued.Init(1, "queued");
  };
  scenario.Thread("finds", [] { idle_found(&the_idle); });
  scenario.Thread("sleeps", [] { FallAsleep(1, false); });
  scenario.finish = [] { CheckAwake(1); };
  EXPECT_HOLDS(scenario);
}

// Nor does one that ends need the lock.
TEST_F(IdleRuns, OneFindsWhileAnotherIsChosen) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(4);
    idle_fall_asleep(&the_idle, &workers[0], false);
    Check(idle_start_search(&the_idle), "I1: one may search");
    Check(idle_start_search(&the_idle), "I1: two of four may search");
  };
  scenario.Thread("finds", [] { idle_found(&the_idle); });
  scenario.Thread("wakes all", [] { idle_notify_all(&the_idle); });
  scenario.finish = [] {
    Check(Awake() == 4, "I3: who was chosen is awake");
    Check(Searching() == 2,
          "of two that searched one has found something, and one was chosen");
    idle_end(&the_idle);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(IdleRuns, OneFindsAnotherSleepsAndAThirdQueues) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(2);
    Check(idle_start_search(&the_idle), "I1: one may search");
  };
  scenario.Thread("finds", [] { idle_found(&the_idle); });
  scenario.Thread("sleeps", [] { FallAsleep(1, false); });
  scenario.Thread("queues", QueueATask);
  scenario.finish = [] { CheckAwake(1); };
  EXPECT_HOLDS(scenario);
}

TEST_F(IdleRuns, TwoTasksWakeOne) {
  static explore::Counter woken;
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(1);
    woken.Reset();
    Check(idle_fall_asleep(&the_idle, &workers[0], false), "nobody searches");
  };
  for (const char *name : {"queues", "queues too"})
    scenario.Thread(name, [] { woken.Add(idle_notify(&the_idle)); });
  scenario.finish = [] {
    Check(woken.value() == 1, "I3: a sleeper is chosen once");
    CheckAwake(0);
  };
  EXPECT_HOLDS(scenario);
}

// With real queues: their lengths are what the last look looks at.

TEST_F(IdleRuns, ATaskIsInjectedWhileTheLastFallsAsleep) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(1);
    MakeQueues();
    Check(idle_start_search(&the_idle), "I1: one may search");
  };
  scenario.Thread("worker", [] {
    if (idle_fall_asleep(&the_idle, &workers[0], true) &&
        injector_length(&the_injector) > 0)
      idle_notify(&the_idle);
  });
  scenario.Thread("injects", [] {
    injector_push(&the_injector, tasks.Make(0));
    idle_notify(&the_idle);
  });
  scenario.finish = [] {
    CheckAwake(0);
    injector_end(&the_injector);
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(IdleRuns, ATaskIsPushedWhileTheLastFallsAsleep) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkers(2);
    MakeQueues();
    Check(idle_start_search(&the_idle), "I1: one may search");
  };
  scenario.Thread("worker", [] {
    if (idle_fall_asleep(&the_idle, &workers[0], true) &&
        local_queue_length(&ring) > 0)
      idle_notify(&the_idle);
  });
  scenario.Thread("pushes", [] {
    local_queue_push(&ring, &the_injector, tasks.Make(0));
    idle_notify(&the_idle);
  });
  scenario.finish = [] {
    CheckAwake(0);
    injector_end(&the_injector);
  };
  EXPECT_HOLDS(scenario);
}

// The driver is free, and one who sleeps does not know it: who gives it back
// sees the sleeper, or the sleeper finds it free.

namespace {

explore::Atomic was_in_driver;

const struct waker_ops kUnparkerOps = {[](void *) {
                                         return waker{&kUnparkerOps, nullptr};
                                       },
                                       [](void *) {}, [](void *) {},
                                       [](void *) {}};
const struct driver_ops kDriverOps = {[](struct driver *, int64_t timeout) {
                                        if (timeout != 0)
                                          was_in_driver.Store(1);
                                        return true;
                                      },
                                      [](struct driver *) {
                                        return waker{&kUnparkerOps, nullptr};
                                      }};
struct driver the_driver = {&kDriverOps};

void MakeWorkersAndADriver() {
  MakeWorkers(2);
  driver_slot_init(&slot, &the_driver);
  explore::Name(&slot.is_taken, "is_taken");
  explore::Name(&workers[0].bed.state, "bed.state");
  was_in_driver.Init(0, "was in the driver");
}

// As a worker does, until it was in the driver.
void SleepUntilInTheDriver() {
  while (was_in_driver.Load() == 0)
    if (idle_is_deputy(&the_idle, &workers[0])) {
      bed_doze(&workers[0].bed);
      idle_relieve(&the_idle, &workers[0]);
    } else {
      bed_sleep(&workers[0].bed);
    }
}

void HandOn() {
  if (driver_slot_is_free(&slot)) idle_appoint(&the_idle);
}

}  // namespace

TEST_F(IdleRuns, TheDriverIsLeftWhileOneFallsAsleep) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkersAndADriver();
    Check(driver_slot_take(&slot), "B1: it is free at first");
  };
  scenario.Thread("leaves the driver", [] {
    driver_slot_release(&slot);
    HandOn();
  });
  scenario.Thread("sleeps", [] {
    idle_fall_asleep(&the_idle, &workers[0], false);
    SleepUntilInTheDriver();
  });
  scenario.finish = [] { idle_end(&the_idle); };
  EXPECT_HOLDS(scenario);
}

// Just when the deputy has dozed, and goes to bed.
TEST_F(IdleRuns, TheDriverIsLeftWhileTheDeputyIsRelieved) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWorkersAndADriver();
    idle_fall_asleep(&the_idle, &workers[0], false);
    Check(idle_appoint(&the_idle), "I7: one sleeps");
    Check(driver_slot_take(&slot), "B1: it is free at first");
  };
  scenario.Thread("leaves the driver", [] {
    driver_slot_release(&slot);
    HandOn();
  });
  scenario.Thread("is the deputy", SleepUntilInTheDriver);
  scenario.finish = [] { idle_end(&the_idle); };
  EXPECT_HOLDS(scenario);
}
