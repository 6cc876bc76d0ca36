// deadline_test.cc - moments, and what is left until them.
#include "chapters/common/deadline.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <climits>

namespace {

TEST(Deadline, WhatIsLeft) {
  EXPECT_EQ(0, deadline_left(deadline_in(0))) << "over at once";
  EXPECT_EQ(-1, deadline_left(deadline_in(-1))) << "never, as poll(2) has it";
  EXPECT_EQ(-1, deadline_left(DEADLINE_NEVER));
  int left = deadline_left(deadline_in(1000000));
  EXPECT_LT(0, left);
  EXPECT_GE(1000000, left) << "never more than was asked for";
  EXPECT_EQ(INT_MAX, deadline_left(DEADLINE_NEVER - 1)) << "no overflow";
}

TEST(Deadline, IsNotOverBeforeItIs) {
  // Less than a millisecond is one, not none: poll(..., 0) does not wait.
  int64_t now = deadline_in(0);
  EXPECT_LE(0, deadline_left(now + 1));
  for (int64_t ns = 1; ns < 1000000000; ns *= 10) {
    int64_t until = deadline_in(0) + ns;
    if (deadline_left(until) == 0) {
      EXPECT_LE(until, deadline_in(0)) << "0 means that it is over";
    }
  }
}

TEST(Deadline, AConditionWaitsForIt) {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition;
  deadline_condition_init(&condition);
  int64_t deadline = deadline_in(1);
  struct timespec until = deadline_time(deadline);
  int result;
  pthread_mutex_lock(&lock);
  while ((result = pthread_cond_timedwait(&condition, &lock, &until)) == 0)
    continue;
  pthread_mutex_unlock(&lock);
  EXPECT_EQ(ETIMEDOUT, result);
  EXPECT_EQ(0, deadline_left(deadline)) << "on the same clock: not before";
  pthread_cond_destroy(&condition);
}

}  // namespace
