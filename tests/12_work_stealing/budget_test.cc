// budget_test.cc - step 12.12: how much a task may do in one turn.
#include "tests/12_work_stealing/worker_fixture.h"

extern "C" {
#include "chapters/08_channel/permit.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"
#include "chapters/09_mutex/notify.h"
#include "chapters/09_mutex/semaphore.h"
#include "chapters/12_work_stealing/budgeted.h"

// budget.h is for C; the number is all that a test needs of it.
extern __thread int budget_left;
}

using namespace stealing_test;

enum {
  kTurn = 128  // BUDGET_TURN
};

class BudgetStep : public BenchStep {
 protected:
  void TearDown() override {
    budget_left = -1;
    BenchStep::TearDown();
  }
  static enum poll PollOnce(struct budgeted &budgeted, struct context *cx) {
    return future_poll(&budgeted.base.base, cx);
  }
  // `ready` is ready at once, `waiting` has to wait.
  static void CheckTheyPay(struct future *ready, struct future *waiting) {
    gate::WakerProbe probe;
    budget_left = 0;
    EXPECT_EQ(POLL_PENDING, future_poll(ready, probe.context()))
        << "B4: with nothing left there is no poll";
    EXPECT_EQ(1, probe.wakes()) << "B4: the task wakes itself";
    EXPECT_EQ(0, probe.live()) << "B4: and waits for nothing else";
    budget_left = 1;
    EXPECT_EQ(POLL_READY, future_poll(ready, probe.context()));
    EXPECT_EQ(0, budget_left) << "B4: one operation";
    budget_left = 1;
    EXPECT_EQ(POLL_PENDING, future_poll(waiting, probe.context()));
    EXPECT_EQ(1, budget_left) << "B4: it has to wait, and so did nothing";
    future_drop(waiting);
    future_drop(ready);
  }
};

TEST_F(BudgetStep, PaysForWhatIsReady) {
  gate::FutureProbe child("child", 0, 7);
  gate::WakerProbe probe;
  struct budgeted budgeted;
  budgeted_init(&budgeted, child.int_future());
  budget_left = 10;
  EXPECT_EQ(POLL_READY, PollOnce(budgeted, probe.context()));
  EXPECT_EQ(9, budget_left) << "G1: one operation";
  EXPECT_EQ(7, budgeted.base.result) << "G3: the child's result";
  EXPECT_EQ(0, probe.wakes()) << "G1: there is budget left: no wake";
  future_drop(&budgeted.base.base);
  EXPECT_EQ(1, child.drops()) << "G3: dropped with it";
}

TEST_F(BudgetStep, DoesNotPayForWaiting) {
  gate::FutureProbe child("child");
  gate::WakerProbe probe;
  struct budgeted budgeted;
  budgeted_init(&budgeted, child.int_future());
  budget_left = 10;
  EXPECT_EQ(POLL_PENDING, PollOnce(budgeted, probe.context()));
  EXPECT_EQ(10, budget_left) << "G1: it had to wait, and so did nothing";
  EXPECT_EQ(1, probe.live()) << "P2: the child keeps the waker";
  EXPECT_EQ(0, probe.wakes()) << "G1: it waits for its child";
  budget_left = 1;
  EXPECT_EQ(POLL_PENDING, PollOnce(budgeted, probe.context()));
  EXPECT_EQ(1, budget_left) << "G1: given back to the last one";
  child.Complete(3);
  EXPECT_EQ(POLL_READY, PollOnce(budgeted, probe.context()));
  EXPECT_EQ(0, budget_left) << "G1: now it is paid";
  EXPECT_EQ(3, budgeted.base.result) << "G3";
  future_drop(&budgeted.base.base);
}

TEST_F(BudgetStep, WithNothingLeft) {
  gate::FutureProbe child("child", 0, 7);
  gate::WakerProbe probe;
  struct budgeted budgeted;
  budgeted_init(&budgeted, child.int_future());
  budget_left = 0;
  EXPECT_EQ(POLL_PENDING, PollOnce(budgeted, probe.context()))
      << "G2: nothing is left";
  EXPECT_EQ(0, child.polls()) << "G2: the child is not polled";
  EXPECT_EQ(1, probe.wakes()) << "G2: the task wakes itself";
  EXPECT_EQ(0, budget_left) << "G2: it stays at nothing";
  budget_left = kTurn;  // the next turn
  EXPECT_EQ(POLL_READY, PollOnce(budgeted, probe.context()));
  EXPECT_EQ(7, budgeted.base.result);
  future_drop(&budgeted.base.base);
}

TEST_F(BudgetStep, WithoutALimit) {
  gate::WakerProbe probe;
  budget_left = -1;  // BUDGET_NONE
  for (int i = 0; i < 1000 && !HasFailure(); i++) {
    gate::FutureProbe child("child", i % 2 == 0 ? 0 : -1, 7);
    struct budgeted budgeted;
    budgeted_init(&budgeted, child.int_future());
    EXPECT_EQ(i % 2 == 0 ? POLL_READY : POLL_PENDING,
              PollOnce(budgeted, probe.context()))
        << "outside of a scheduler there is no limit";
    EXPECT_EQ(-1, budget_left);
    future_drop(&budgeted.base.base);
  }
}

TEST_F(BudgetStep, DroppedBeforeItsPoll) {
  gate::FutureProbe child("child");
  struct budgeted budgeted;
  budgeted_init(&budgeted, child.int_future());
  future_drop(&budgeted.base.base);
  EXPECT_EQ(1, child.drops()) << "G3";
}

TEST_F(BudgetStep, EachTurnHasOne) {
  Prepare(1);
  std::vector<int> seen;
  for (int i = 0; i < 3; i++)
    Spawn(New("a", [&](Script &, struct context *) {
      seen.push_back(budget_left);
      budget_left = 5;
      return POLL_READY;
    }));
  Run();
  EXPECT_EQ((std::vector<int>{kTurn, kTurn, kTurn}), seen)
      << "S6: what one task spends is not another's";
  Release();
}

// A task for which everything is always ready, and one that waits behind it.
TEST_F(BudgetStep, AGreedyTask) {
  Prepare(1);
  int done = 0, done_before = -1;
  Spawn(New("greedy", [&](Script &, struct context *cx) {
    while (done < 1000) {
      gate::FutureProbe child("ready", 0, 0);
      struct budgeted budgeted;
      budgeted_init(&budgeted, child.int_future());
      enum poll poll = PollOnce(budgeted, cx);
      future_drop(&budgeted.base.base);
      if (poll == POLL_PENDING) return POLL_PENDING;
      done++;
    }
    return POLL_READY;
  }));
  Spawn(New("modest", [&](Script &, struct context *) {
    done_before = done;
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ(1000, done) << "G2: it goes on in its next turn";
  EXPECT_EQ(kTurn, done_before)
      << "S6, G2: after BUDGET_TURN operations it is the next one's turn";
  EXPECT_EQ(8, Turns("greedy")) << "1,000 operations, 128 a turn";
  Release();
}

// Three that hand the slot on: the last one has what the first has left.
TEST_F(BudgetStep, TheSlotSharesOne) {
  Prepare(1);
  std::vector<int> seen;
  Script *next[3];
  for (int i = 2; i >= 0; i--)
    next[i] = &New("slot", [&, i](Script &, struct context *) {
      seen.push_back(budget_left);
      if (budget_left > 0) budget_left -= 10;
      if (i < 2) Spawn(*next[i + 1]);
      return POLL_READY;
    });
  Spawn(New("ring", [&](Script &, struct context *) {
    Spawn(*next[0]);
    return POLL_READY;
  }));
  Run();
  ASSERT_EQ(3u, seen.size());
  EXPECT_EQ(seen[0] - 10, seen[1])
      << "S6: turns in a row out of the slot share one budget: or else two "
         "tasks that wake one another have the worker for themselves";
  EXPECT_EQ(seen[1] - 10, seen[2]) << "S6";
  Release();
}

// The first of them leaves nothing.
TEST_F(BudgetStep, WhatTheSlotHasSpentIsSpent) {
  Prepare(1);
  std::vector<int> seen;
  Script &second = New("second", [&](Script &, struct context *) {
    seen.push_back(budget_left);
    return POLL_READY;
  });
  Script &first = New("first", [&](Script &, struct context *) {
    budget_left = 0;
    Spawn(second);
    return POLL_READY;
  });
  Spawn(New("ring", [&](Script &, struct context *) {
    Spawn(first);
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ(std::vector<int>{0}, seen)
      << "S6: turns in a row out of the slot share one budget, also if it is "
         "spent: the next one gives way, and goes on with one of its own";
  Release();
}

TEST_F(BudgetStep, AfterTheSlotANewOne) {
  Prepare(1);
  int seen = 0;
  Script &second = New("second", [&](Script &, struct context *) {
    budget_left = 1;
    return POLL_READY;
  });
  Spawn(New("first", [&](Script &, struct context *) {
    Spawn(second);
    return POLL_READY;
  }));
  Spawn(New("ring", [&](Script &, struct context *) {
    seen = budget_left;
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ(kTurn, seen)
      << "S6: who comes from the ring has a budget of its own";
  Release();
}

// What the driver brings is first in the slot, after a sleep.
TEST_F(BudgetStep, AfterASleep) {
  Prepare(1);
  int seen = 0;
  Spawn(New("w", [&](Script &self, struct context *cx) {
    seen = budget_left;
    budget_left = 0;
    return self.polls() == 1 ? self.Wait(cx) : POLL_READY;
  }));
  on_idle_ = [&] { scripts_.front().Wake(); };
  Run();
  EXPECT_EQ(kTurn, seen) << "S6: the first turn of a row has a budget of its "
                            "own, whatever was left before the sleep";
  Release();
}

// Two turns out of the slot, and one from outside between them: three budgets.
TEST_F(BudgetStep, NoRowGoesPastTheInjector) {
  Prepare(1);
  std::vector<int> seen;
  auto spend = [&](Script &, struct context *) {
    seen.push_back(budget_left);
    budget_left = 0;
    return POLL_READY;
  };
  Script &second = New("second", spend);
  Script &first = New("first", [&](Script &self, struct context *cx) {
    Spawn(second);
    return spend(self, cx);
  });
  Spawn(New("before", [&](Script &self, struct context *cx) {
    Outside([&] { Spawn(New("outside", spend)); });
    Outside([&] { Spawn(New("outside", spend)); });
    Spawn(first);
    return spend(self, cx);
  }));
  Run();
  EXPECT_EQ((std::vector<int>{kTurn, kTurn, kTurn, kTurn, kTurn}), seen)
      << "S6: a turn from the injector ends the row: it has a budget of its "
         "own, and so has the next one out of the slot";
  Release();
}

// The leaves of the chapters before.
TEST_F(BudgetStep, AChannelPays) {
  static const struct item_type numbers = {sizeof(int), nullptr};
  struct channel_sender sender;
  struct channel_receiver receiver;
  struct channel_send send, blocked_send;
  struct channel_receive receive, blocked_receive;
  struct channel_reserve reserve, blocked_reserve;
  int item = 7, received = 0;
  ASSERT_EQ(0, channel_create(&sender, &receiver, &numbers, 1));
  channel_send_init(&send, &sender, &item);
  channel_send_init(&blocked_send, &sender, &item);
  CheckTheyPay(&send.base.base, &blocked_send.base.base);
  channel_receive_init(&receive, &receiver, &received);
  channel_receive_init(&blocked_receive, &receiver, &received);
  CheckTheyPay(&receive.base.base, &blocked_receive.base.base);
  EXPECT_EQ(7, received);
  channel_reserve_init(&reserve, &sender);
  channel_reserve_init(&blocked_reserve, &sender);
  CheckTheyPay(&reserve.base.base, &blocked_reserve.base.base);
  channel_permit_drop(&reserve.permit);
  channel_sender_drop(&sender);
  channel_receiver_drop(&receiver);
}

TEST_F(BudgetStep, ASemaphoreAndANotifyPay) {
  struct semaphore semaphore;
  struct semaphore_acquire acquire, blocked_acquire;
  semaphore_init(&semaphore, 1, 1);
  semaphore_acquire_init(&acquire, &semaphore, 1);
  semaphore_acquire_init(&blocked_acquire, &semaphore, 1);
  CheckTheyPay(&acquire.base.base, &blocked_acquire.base.base);
  EXPECT_EQ(0, semaphore_release(&semaphore, 1));
  semaphore_end(&semaphore);

  struct notify notify;
  struct notified notified, blocked_notified;
  notify_init(&notify);
  notify_one(&notify);
  notified_init(&notified, &notify);
  notified_init(&blocked_notified, &notify);
  CheckTheyPay(&notified.base.base, &blocked_notified.base.base);
  notify_end(&notify);
}

// The executor of chapter 4, too, begins a budget at each turn.
TEST_F(BudgetStep, OnAnExecutor) {
  struct executor executor;
  std::vector<int> seen;
  ASSERT_EQ(0, executor_init(&executor));
  for (int i = 0; i < 2; i++) {
    Script &task = New("a", [&](Script &, struct context *) {
      seen.push_back(budget_left);
      budget_left = 5;
      return POLL_READY;
    });
    ASSERT_EQ(0, executor_spawn(&executor, task.future(), kSize, nullptr));
  }
  executor_run(&executor);
  EXPECT_EQ((std::vector<int>{kTurn, kTurn}), seen) << "B1";
  EXPECT_EQ(-1, budget_left) << "B1: between turns there is no limit";
  executor_end(&executor);
}
