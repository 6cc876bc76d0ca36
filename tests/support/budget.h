// budget.h - the budget of a turn, held by a test; and does a leaf future pay?
#ifndef TESTS_SUPPORT_BUDGET_H
#define TESTS_SUPPORT_BUDGET_H

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
// chapters/common/budget.h is for C; the number is all that a test needs of it.
extern __thread int budget_left;
}

namespace gate {

enum {
  kTurn = 128,    // BUDGET_TURN
  kNoLimit = -1,  // BUDGET_NONE
};

// As long as it lives, the thread has so much.
class Budget {
 public:
  explicit Budget(int left = kTurn) { Set(left); }
  ~Budget() { Set(kNoLimit); }
  Budget(const Budget &) = delete;
  Budget &operator=(const Budget &) = delete;
  static void Set(int left) { budget_left = left; }
  static int left() { return budget_left; }
};

// `ready` is ready at once, and was never polled before.
inline void CheckOneIsRefused(struct future *ready) {
  WakerProbe probe("who pays");
  Budget budget(0);
  ASSERT_EQ(POLL_PENDING, future_poll(ready, probe.context()))
      << "B4 of budget_poll.h: nothing is left of the turn's budget, and it is "
         "ready all the same: a task that has enough of them never lets others "
         "have a turn";
  EXPECT_EQ(1, probe.wakes()) << "B4 of budget_poll.h: the task wakes itself";
  EXPECT_EQ(0, probe.live())
      << "B4 of budget_poll.h: it was not polled, and so it waits for nothing";
  Budget::Set(1);
  EXPECT_EQ(POLL_READY, future_poll(ready, probe.context()))
      << "B4 of budget_poll.h: in its next turn it goes on";
  EXPECT_EQ(0, Budget::left()) << "B4 of budget_poll.h: it costs one operation";
}

inline void CheckNoneIsRefusedTwice(struct future *ready) {
  WakerProbe probe("who pays");
  Budget budget(0);
  ASSERT_EQ(POLL_PENDING, future_poll(ready, probe.context()))
      << "B4 of budget_poll.h: nothing is left";
  EXPECT_EQ(POLL_READY, future_poll(ready, probe.context()))
      << "B6 of budget_poll.h: it is refused for the second time. Behind work "
         "that spends all there is in each turn, that would go on for ever";
  EXPECT_EQ(0, Budget::left())
      << "B6 of budget_poll.h: there was nothing to pay with, and nothing to "
         "be given back";
}

// Two that are ready at once and one that has to wait, never polled before. All
// three are dropped.
inline void CheckItPays(struct future *ready, struct future *other,
                        struct future *waiting) {
  WakerProbe probe("who waits");
  CheckOneIsRefused(ready);
  CheckNoneIsRefusedTwice(other);
  Budget budget(1);
  EXPECT_EQ(POLL_PENDING, future_poll(waiting, probe.context()))
      << "it has to wait";
  EXPECT_EQ(1, Budget::left())
      << "B4 of budget_poll.h: it has to wait, and so did nothing, and costs "
         "nothing";
  for (struct future *future : {waiting, other, ready}) future_drop(future);
}

}  // namespace gate

#endif
