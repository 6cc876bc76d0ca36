// places_test.cc - where InterruptAt() calls its intruder, and how often.
#include <pthread.h>

#include <climits>
#include <string>
#include <thread>

#include "tests/explore/programs/places.h"
#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"

namespace {

using gate::InterruptAt;
using gate::IsFree;
using Function = std::function<void()>;

void Nothing() {}

long Count(const Function &body) {
  long nth = 1;
  while (InterruptAt(nth, body, Nothing)) nth++;
  return nth - 1;
}

class PlacesStep : public gate::Step {
 protected:
  // What `value_` is after an update at whose nth place 41 was stored.
  int Updated(long nth) {
    value_ = 0;
    InterruptAt(
        nth, [&] { places_update(&value_); }, [&] { value_ = 41; });
    return value_;
  }
  void Update() { places_update(&value_); }

  int value_ = 0, other_ = 0;
};

// Each has one more when it returns.
TEST_F(PlacesStep, OneForEachAccess) {
  EXPECT_EQ(0, Count([] { places_none(1); })) << "there is no access";
  EXPECT_EQ(1 + 1, Count([&] { places_load(&value_); }));
  EXPECT_EQ(1 + 1, Count([&] { places_store(&value_, 1); }));
  EXPECT_EQ(2 + 1, Count([&] { places_update(&value_); }));
  EXPECT_EQ(1 + 1, Count([&] { places_add(&value_); }));
  EXPECT_EQ(1 + 1, Count([&] { places_swap(&value_, 1, 2); }));
  EXPECT_EQ(3 + 1, Count([&] { places_fence(&value_, &other_); }));
  EXPECT_EQ(1 + 2, Count([&] { places_outer(&value_); }))
      << "two functions return";
}

TEST_F(PlacesStep, OneForEachCall) {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  char from[40] = "", to[40] = "";
  EXPECT_EQ(1 + 1, Count([&] { places_copy(to, from, 40); }));
  EXPECT_EQ(1 + 1, Count([&] { places_move(to, to + 1, 30); }));
  EXPECT_EQ(1 + 1, Count([&] { places_fill(to, 1, 40); }));
  EXPECT_EQ(3 + 1, Count([&] { places_locked(&lock, &value_); }));
  EXPECT_EQ(4, Count([&] { places_free(places_allocate(10)); }))
      << "two calls, two returns; the stand-ins' own locks are no places";
}

TEST_F(PlacesStep, BeforeTheAccess) {
  EXPECT_EQ(42, Updated(1)) << "before the load";
  EXPECT_EQ(1, Updated(2)) << "between the load and the store";
  EXPECT_EQ(41, Updated(3)) << "after the store";
  EXPECT_EQ(1, Updated(4)) << "never";
}

TEST_F(PlacesStep, BeforeTheCall) {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  std::string seen;
  for (long nth = 1; nth <= 5; nth++) {
    value_ = 0;
    InterruptAt(
        nth, [&] { places_locked(&lock, &value_); },
        [&] {
          seen += IsFree(&lock) ? "free" : "locked";
          seen += value_ == 0 ? " 0, " : " 1, ";
        });
  }
  EXPECT_EQ("free 0, locked 0, locked 1, free 1, ", seen);
  char from[4] = "abc", to[4] = "";
  InterruptAt(
      1, [&] { places_copy(to, from, 4); }, [&] { seen = to; });
  EXPECT_EQ("", seen) << "nothing is copied yet";
  EXPECT_STREQ("abc", to);
}

TEST_F(PlacesStep, OnceOrNotAtAll) {
  int calls = 0;
  auto count = [&] { calls++; };
  auto body = [&] {
    for (int i = 0; i < 100; i++) Update();
  };
  for (long nth = 1; nth <= 300; nth++) {
    calls = 0;
    ASSERT_TRUE(InterruptAt(nth, body, count));
    ASSERT_EQ(1, calls);
  }
  calls = 0;
  EXPECT_FALSE(InterruptAt(301, body, count)) << "it has 300";
  EXPECT_FALSE(InterruptAt(LONG_MAX, body, count));
  EXPECT_FALSE(InterruptAt(1, Nothing, count)) << "nothing happens in there";
  Update();
  EXPECT_EQ(0, calls);
}

TEST_F(PlacesStep, NotInTheIntruder) {
  auto body = [&] {
    Update();
    Update();
  };
  for (long nth = 1; nth <= 6; nth++) {
    int calls = 0;
    ASSERT_TRUE(InterruptAt(nth, body, [&] {
      calls++;
      for (int i = 0; i < 100; i++) Update();
    }));
    ASSERT_EQ(1, calls) << "it does not interrupt itself";
  }
  EXPECT_FALSE(InterruptAt(7, body, Nothing)) << "two updates, three each";
}

TEST_F(PlacesStep, InTheIntruderOfAnother) {
  int calls = 0;
  auto add = [&] { calls++; };
  auto body = [&] { Update(); };
  EXPECT_TRUE(InterruptAt(2, body, [&] {
    calls += 10;
    EXPECT_TRUE(InterruptAt(3, body, add));
    EXPECT_FALSE(InterruptAt(4, body, add));
    Update();
  }));
  EXPECT_EQ(11, calls);
}

// So an init that forgets a field is seen.
TEST_F(PlacesStep, WhatIsAllocatedIsOld) {
  auto *bytes = static_cast<unsigned char *>(places_allocate(10));
  for (int i = 0; i < 10; i++) EXPECT_EQ(0xa5, bytes[i]);
  places_free(bytes);
}

TEST_F(PlacesStep, TwoOneAfterTheOther) {
  std::string seen;
  auto twice = [&](long nth, long later) {
    value_ = 0;
    return gate::InterruptTwice(
        nth, later, [&] { places_update(&value_); },
        [&] { seen += "first " + std::to_string(value_) + ", "; },
        [&] { seen += "second " + std::to_string(value_) + ", "; });
  };
  EXPECT_TRUE(twice(1, 1));
  EXPECT_TRUE(twice(2, 1));
  EXPECT_EQ("first 0, second 0, first 0, second 1, ", seen);
  EXPECT_FALSE(twice(3, 1)) << "an update has three places";
  EXPECT_FALSE(twice(4, 1));
}

TEST_F(PlacesStep, TouchedWithoutTheLock) {
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  auto update = [&] { places_update(&value_); };
  auto locked = [&] { places_locked(&lock, &value_); };
  EXPECT_FALSE(gate::TouchesLocked(&value_, &lock, update));
  EXPECT_TRUE(gate::TouchesLocked(&other_, &lock, update)) << "its neighbour";
  EXPECT_TRUE(gate::TouchesLocked(&value_, &lock, locked));
  auto *last = reinterpret_cast<char *>(&value_) + sizeof value_ - 1;
  EXPECT_FALSE(gate::TouchesLocked(last, &lock, update)) << "a part of it";
  EXPECT_FALSE(gate::TouchesLocked(&value_, &lock, [&] {
    places_add(&value_);
  })) << "an atomic access is one";
  EXPECT_FALSE(gate::TouchesLocked(&value_, &lock, [&] {
    locked();
    update();
    locked();
  }));
}

TEST_F(PlacesStep, InTheBodyOfAnother) {
  int calls = 0;
  auto body = [&] {
    Update();
    EXPECT_TRUE(InterruptAt(
        3, [&] { Update(); }, [&] { calls++; }));
    Update();
  };
  EXPECT_EQ(6, Count(body)) << "the outer one counts its own";
  EXPECT_EQ(7, calls);
}

TEST_F(PlacesStep, OnASecondThread) {
  int mine = 0, theirs = 0;
  auto body = [&] { places_load(&value_); };
  auto second = [&] {
    for (int i = 0; i < 1000; i++)
      InterruptAt(i % 2 + 1, body, [&] { theirs++; });
  };
  std::thread thread(second);
  for (int i = 0; i < 1000; i++) InterruptAt(i % 3 + 1, body, [&] { mine++; });
  thread.join();
  EXPECT_EQ(1000, theirs);
  EXPECT_EQ(334 + 333, mine) << "each thread counts for itself";
}

TEST_F(PlacesStep, NotThoseOfAnotherThread) {
  EXPECT_EQ(3, Count([&] {
              std::thread thread([&] { places_update(&other_); });
              thread.join();
              Update();
            }));
}

}  // namespace
