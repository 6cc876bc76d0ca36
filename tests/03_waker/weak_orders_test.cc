// weak_orders_test.cc - every run of two or three threads: what cannot be seen
// on this machine, because its loads are never old, is found here.
#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/completion.h"
#include "chapters/03_waker/counted_flag.h"
#include "chapters/03_waker/flag_waker.h"
#include "chapters/03_waker/parker.h"
#include "chapters/03_waker/waker_cell.h"
#include "tests/explore/explore.h"
#include "tests/explore/waker.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"

using explore::Check;
using explore::Name;
using explore::Scenario;

namespace {

// A scenario's threads share these; its setup makes them anew.
struct {
  struct flag flag, second_flag;
  struct parker parker;
  struct completion completion;
  struct completion_wait wait;
  struct waker_cell cell;
  int results[2];
} shared;
struct counted_flag *counted;
explore::Var<int> news, more_news;
explore::Atomic is_there, more_is_there;
explore::TestWaker task, other_task;

}  // namespace

// ---------------------------------------------------------------- step 3.1

using FlagWakerRuns = gate::Step;

TEST_F(FlagWakerRuns, WhoTakesTheFlagSeesTheNews) {
  Scenario scenario;
  scenario.setup = [] {
    flag_init(&shared.flag);
    Name(&shared.flag, "flag");
    news.Init(0, "news");
  };
  scenario.Thread("wakes", [] {
    news.Set(1);
    struct waker waker = flag_waker(&shared.flag);
    waker_wake(&waker);
  });
  scenario.Thread("takes", [] {
    if (flag_take(&shared.flag))
      Check(news.Get() == 1, "the news of the wake that was taken");
  });
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 3.2

using CountedFlagRuns = gate::Step;

TEST_F(CountedFlagRuns, TheLastOwnerFreesOnWhateverThread) {
  static struct waker wakers[2];
  Scenario scenario;
  scenario.setup = [] {
    counted = counted_flag_create();
    wakers[0] = counted_flag_waker(counted);
    wakers[1] = counted_flag_waker(counted);
    news.Init(0, "news");
  };
  scenario.Thread("wakes", [] {
    news.Set(1);
    waker_wake(&wakers[0]);
  });
  scenario.Thread("clones", [] {
    struct waker clone = waker_clone(&wakers[1]);
    waker_drop(&wakers[1]);
    waker_drop(&clone);
  });
  scenario.Thread("takes", [] {
    if (counted_flag_take(counted))
      Check(news.Get() == 1, "C3: the news of the wake that was taken");
    counted_flag_unref(counted);
  });
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 3.4

using ParkerRuns = gate::Step;

namespace {

void MakeParker() {
  parker_init(&shared.parker);
  Name(&shared.parker, "parker.state");
  flag_init(&shared.flag);
  Name(&shared.flag, "flag");
  news.Init(0, "news");
  more_news.Init(0, "more news");
}

}  // namespace

TEST_F(ParkerRuns, AParkAndAnUnparkInEveryOrder) {
  Scenario scenario;
  scenario.setup = MakeParker;
  scenario.Thread("parks", [] {
    parker_park(&shared.parker);
    Check(news.Get() == 1, "K3: what came before the unpark is seen");
  });
  scenario.Thread("unparks", [] {
    news.Set(1);
    parker_unpark(&shared.parker);
  });
  explore::Options options;
  options.spurious_wakes = 2;
  EXPECT_HOLDS(scenario, options);
}

TEST_F(ParkerRuns, TheNextUnparkEndsTheNextPark) {
  static explore::Flag again;
  Scenario scenario;
  scenario.setup = [] {
    MakeParker();
    again.Reset("again");
  };
  scenario.Thread("parks", [] {
    parker_park(&shared.parker);
    Check(news.Get() == 1, "K3: what came before the unpark is seen");
    again.Set();
    parker_park(&shared.parker);
    Check(more_news.Get() == 1, "K3: what came before the unpark is seen");
  });
  scenario.Thread("unparks", [] {
    news.Set(1);
    parker_unpark(&shared.parker);
    again.Wait();
    more_news.Set(1);
    parker_unpark(&shared.parker);
  });
  EXPECT_HOLDS(scenario);
}

// Two unparks may count as one: then that park has the news of both.
TEST_F(ParkerRuns, TwoUnparksAtOnce) {
  Scenario scenario;
  scenario.setup = [] {
    MakeParker();
    flag_init(&shared.second_flag);
    Name(&shared.second_flag, "second flag");
  };
  scenario.Thread("parks", [] {
    for (int seen = 0; seen < 2;) {
      parker_park(&shared.parker);
      seen += flag_take(&shared.flag) + flag_take(&shared.second_flag);
    }
  });
  scenario.Thread("unparks", [] {
    struct waker waker = flag_waker(&shared.flag);
    waker_wake(&waker);
    parker_unpark(&shared.parker);
  });
  scenario.Thread("unparks too", [] {
    struct waker waker = flag_waker(&shared.second_flag);
    waker_wake(&waker);
    parker_unpark(&shared.parker);
  });
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 3.5

using BlockOnRuns = gate::Step;

namespace {

// The first poll leaves its waker to the other thread; a later one looks.
struct waker left;
bool has_left;
explore::Flag is_left;

const struct future_ops kLeavingOps = {
    [](struct future *self, struct context *cx) {
      if (!has_left) {
        has_left = true;
        left = waker_clone(cx->waker);
        is_left.Set();
      }
      if (is_there.Load(__ATOMIC_ACQUIRE) == 0) return POLL_PENDING;
      reinterpret_cast<struct int_future *>(self)->result = news.Get();
      return POLL_READY;
    },
    [](struct future *) {}};

}  // namespace

TEST_F(BlockOnRuns, AValueFromAnotherThread) {
  static struct int_future future;
  Scenario scenario;
  scenario.setup = [] {
    has_left = false;
    is_left.Reset("waker");
    is_there.Init(0, "is there");
    news.Init(0, "news");
    future = {{&kLeavingOps}, 0};
  };
  scenario.Thread("blocks", [] {
    Check(block_on(&future) == 7, "B1: the future's result");
  });
  scenario.Thread("wakes", [] {
    is_left.Wait();
    news.Set(7);
    is_there.Store(1, __ATOMIC_RELEASE);
    waker_wake(&left);  // the thread may have returned by now (B4)
  });
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 3.6

using CompletionRuns = gate::Step;

namespace {

void MakeCompletion() {
  completion_init(&shared.completion);
  completion_wait_init(&shared.wait, &shared.completion);
  Name(&shared.completion, "completion");
  task.Reset();
  news.Init(0, "news");
}

void EndCompletion() {
  future_drop(&shared.wait.base.base);
  completion_end(&shared.completion);
  task.CheckAllGivenBack();
}

}  // namespace

TEST_F(CompletionRuns, AWaitAndASetInEveryOrder) {
  Scenario scenario;
  scenario.setup = MakeCompletion;
  scenario.Thread("polls", [] {
    if (future_poll(&shared.wait.base.base, task.context()) == POLL_PENDING) {
      task.Wait();
      Check(future_poll(&shared.wait.base.base, task.context()) == POLL_READY,
            "D2: it is set: a poll is ready");
    }
    Check(shared.wait.base.result == 7, "D1: the value that was set");
    Check(news.Get() == 1, "D1: and what came before");
  });
  scenario.Thread("sets", [] {
    news.Set(1);
    Check(completion_set(&shared.completion, 7) == 0,
          "D3: the first one counts");
  });
  scenario.finish = EndCompletion;
  EXPECT_HOLDS(scenario);
}

TEST_F(CompletionRuns, OnlyOneOfTwoSetsCounts) {
  Scenario scenario;
  scenario.setup = MakeCompletion;
  for (int i = 0; i < 2; i++)
    scenario.Thread(i == 0 ? "sets 1" : "sets 2", [i] {
      shared.results[i] = completion_set(&shared.completion, i + 1);
    });
  scenario.Thread("polls", [] {
    if (future_poll(&shared.wait.base.base, task.context()) == POLL_PENDING)
      task.Wait();
  });
  scenario.finish = [] {
    Check((shared.results[0] == 0) != (shared.results[1] == 0),
          "D3: only the first counts");
    Check(future_poll(&shared.wait.base.base, task.context()) == POLL_READY,
          "D2: it is set: a poll is ready");
    Check(shared.wait.base.result == (shared.results[0] == 0 ? 1 : 2),
          "D3: the first one's value");
    EndCompletion();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(CompletionRuns, AWaitIsDroppedWhileItIsSet) {
  Scenario scenario;
  scenario.setup = MakeCompletion;
  scenario.Thread("drops", [] {
    if (future_poll(&shared.wait.base.base, task.context()) == POLL_PENDING)
      future_drop(&shared.wait.base.base);
    task.CheckAllGivenBack();
  });
  scenario.Thread("sets", [] { (void)completion_set(&shared.completion, 7); });
  scenario.finish = EndCompletion;
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 3.7

using WakerCellRuns = gate::Step;

namespace {

void MakeCell() {
  waker_cell_init(&shared.cell);
  Name(&shared.cell.state, "cell.state");
  Name(&shared.cell.waker, "cell.waker");
  task.Reset("the wake");
  other_task.Reset("the other wake");
  is_there.Init(0, "is there");
  more_is_there.Init(0, "more is there");
  news.Init(0, "news");
  more_news.Init(0, "more news");
}

void EndCell() {
  waker_cell_end(&shared.cell);
  task.CheckAllGivenBack();
  other_task.CheckAllGivenBack();
}

void Publish(explore::Var<int> *value, explore::Atomic *flag_of_it) {
  value->Set(1);
  flag_of_it->Store(1);  // relaxed: the cell does the rest
  waker_cell_wake(&shared.cell);
}

}  // namespace

TEST_F(WakerCellRuns, ARegistrationAndAWakeInEveryOrder) {
  Scenario scenario;
  scenario.setup = MakeCell;
  scenario.Thread("registers", [] {
    waker_cell_register(&shared.cell, task.waker());
    if (is_there.Load() != 0) return;
    task.Wait();  // G4: no wake is lost
    Check(is_there.Load() == 1, "G4: the poll after the wake sees why");
    Check(news.Get() == 1, "G4: and what came before");
  });
  scenario.Thread("wakes", [] { Publish(&news, &is_there); });
  scenario.finish = EndCell;
  EXPECT_HOLDS(scenario);
}

TEST_F(WakerCellRuns, ARegistrationAndTwoWakes) {
  Scenario scenario;
  scenario.setup = MakeCell;
  scenario.Thread("registers", [] {
    bool seen = false, more_seen = false;
    for (;;) {
      waker_cell_register(&shared.cell, task.waker());
      seen = is_there.Load() != 0;
      more_seen = more_is_there.Load() != 0;
      if (seen && more_seen) return;
      task.Wait();  // G4: no wake is lost
    }
  });
  scenario.Thread("wakes", [] { Publish(&news, &is_there); });
  scenario.Thread("wakes too", [] { Publish(&more_news, &more_is_there); });
  scenario.finish = EndCell;
  EXPECT_HOLDS(scenario);
}

// The cell holds a waker already, and the task has moved on to another.
TEST_F(WakerCellRuns, AnotherWakerIsRegisteredDuringAWake) {
  Scenario scenario;
  scenario.setup = [] {
    MakeCell();
    waker_cell_register(&shared.cell, other_task.waker());
  };
  scenario.Thread("registers", [] {
    waker_cell_register(&shared.cell, task.waker());
    if (is_there.Load() != 0) return;
    task.Wait();  // G4: no wake is lost
    Check(is_there.Load() == 1, "G4: the poll after the wake sees why");
    Check(news.Get() == 1, "G4: and what came before");
  });
  scenario.Thread("wakes", [] { Publish(&news, &is_there); });
  scenario.finish = EndCell;
  EXPECT_HOLDS(scenario);
}

TEST_F(WakerCellRuns, AWaitEndsWhileItIsWoken) {
  Scenario scenario;
  scenario.setup = MakeCell;
  scenario.Thread("registers", [] {
    waker_cell_register(&shared.cell, task.waker());
    waker_cell_clear(&shared.cell);
    waker_cell_register(&shared.cell, other_task.waker());
    if (is_there.Load() == 0) other_task.Wait();
  });
  scenario.Thread("wakes", [] { Publish(&news, &is_there); });
  scenario.finish = EndCell;
  EXPECT_HOLDS(scenario);
}
