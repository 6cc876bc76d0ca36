// worker_test.cc - every run of a scheduler with one worker, which is given a
// task and comes to its end.
#include "tests/explore/explore.h"

extern "C" {
#include "chapters/12_work_stealing/worker.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct work_stealing stealing;
explore::Var<int> news;
explore::Counter polls, drops;

const struct future_ops kReadyOps = {
    [](struct future *, struct context *) {
      polls.Add();
      Check(news.Get() == 1, "S7: a turn sees what came before the spawn");
      return POLL_READY;
    },
    [](struct future *) { drops.Add(); }};

void MakeScheduler() {
  Check(work_stealing_prepare(&stealing, 1, nullptr) == 0, "memory");
  explore::Name(&stealing.idle.state, "idle.state");
  explore::Name(&stealing.open, "open");
  explore::Name(&stealing.is_finished, "is_finished");
  explore::Name(&stealing.workers[0].sleeper.bed.state, "bed.state");
  explore::Name(&stealing.injector.length, "injector.length");
  news.Init(0, "news");
  polls.Reset();
  drops.Reset();
}

void Work() { worker_run(&stealing.workers[0]); }

void CloseHomes() {
  uint32_t empty = home_close(&stealing.outside->home);
  empty += home_close(&stealing.workers[0].branch.home);
  worker_finish_homes(&stealing, empty);
}

}  // namespace

// -------------------------------------------------------------- step 12.11

using WorkerRuns = ::testing::Test;

TEST_F(WorkerRuns, TheLastHomeIsClosed) {
  Scenario scenario;
  scenario.setup = MakeScheduler;
  scenario.Thread("worker", Work);
  for (const char *name : {"closes", "closes too"})
    scenario.Thread(name, [] { worker_finish_homes(&stealing, 1); });
  scenario.finish = [] { work_stealing_release(&stealing); };
  EXPECT_HOLDS(scenario);
}

TEST_F(WorkerRuns, ATaskIsSpawnedAndAllEnds) {
  Scenario scenario;
  scenario.setup = MakeScheduler;
  scenario.Thread("worker", Work);
  scenario.Thread("spawns", [] {
    static const struct int_future future = {{&kReadyOps}, 0};
    news.Set(1);
    Check(work_stealing_spawn(&stealing, &future, sizeof future, nullptr) == 0,
          "memory");
    CloseHomes();
  });
  scenario.finish = [] {
    Check(drops.value() == 1 && polls.value() <= 1, "S7: one turn, or none");
    work_stealing_release(&stealing);
  };
  // There are some hundred thousand executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}
