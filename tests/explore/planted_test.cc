// planted_test.cc - a bug that is there is found, and soon; a program that has
// none is searched to the end.
#include <gtest/gtest.h>

#include <pthread.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <thread>

#include "tests/explore/explore.h"
#include "tests/explore/programs/apart/apart.h"
#include "tests/explore/programs/planted.h"

namespace {

using explore::Check;
using explore::Options;
using explore::Result;
using explore::Scenario;

Scenario Dekker(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { dekker_reset(bug); };
  for (int side = 0; side < 2; side++)
    scenario.Thread(side == 0 ? "left" : "right", [side] {
      if (dekker_enter(side)) dekker_work();
    });
  return scenario;
}

Scenario Once(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { once_reset(bug); };
  for (const char *name : {"first", "second"})
    scenario.Thread(name, [] { Check(once_get() == 42, "it is made once"); });
  return scenario;
}

Scenario Spin(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { spin_reset(bug); };
  for (const char *name : {"first", "second"})
    scenario.Thread(name, spin_count);
  scenario.finish = [] { Check(spin_value() == 2, "all have counted"); };
  return scenario;
}

Scenario Stack(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] {
    stack_reset(bug);
    stack_push(1);
    stack_push(2);
  };
  scenario.Thread("pushes", [] { stack_push(3); });
  for (const char *name : {"pops", "pops too"})
    scenario.Thread(name, [] { Check(stack_pop() > 0, "one is there"); });
  scenario.finish = stack_end;
  return scenario;
}

Scenario Doze(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { doze_reset(bug); };
  scenario.Thread("sleeps", [] {
    doze_sleep();
    Check(doze_news() == 1, "the news are there");
  });
  scenario.Thread("wakes", doze_wake);
  return scenario;
}

Scenario Pair(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { pair_reset(bug); };
  scenario.Thread("there", [] { pair_move(0); });
  scenario.Thread("back", [] { pair_move(1); });
  scenario.finish = [] { Check(pair_sum() == 20, "nothing is lost"); };
  return scenario;
}

Scenario Slot(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { slot_reset(bug); };
  scenario.Thread("gets", [] { Check(slot_get() == 1, "what was put"); });
  scenario.Thread("puts", [] { slot_put(1); });
  return scenario;
}

Scenario Owners(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { owner_reset(bug); };
  for (const char *name : {"first", "second"})
    scenario.Thread(name, owner_use_and_drop);
  return scenario;
}

Scenario Seqlock(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { seqlock_reset(bug); };
  scenario.Thread("writes", [] {
    seqlock_write(1);
    seqlock_write(2);
  });
  scenario.Thread("reads", [] {
    int first, second;
    if (seqlock_read(&first, &second))
      Check(first == second, "both halves are of one write");
  });
  return scenario;
}

Scenario Ring(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { ring_of_two_reset(bug); };
  scenario.Thread("pushes", [] {
    for (int i = 1; i <= 3; i++) ring_of_two_push(i);
  });
  scenario.Thread("pops", [] {
    int last = 0;
    for (int i = 0; i < 3; i++) {
      int value = ring_of_two_pop();
      Check(value < 0 || value > last, "first in, first out");
      if (value > 0) last = value;
    }
  });
  return scenario;
}

Scenario Forever(planted_bug bug) {
  Scenario scenario;
  scenario.setup = [bug] { forever_reset(bug); };
  scenario.Thread("waits", forever_wait);
  scenario.Thread("ends", forever_end);
  return scenario;
}

struct Planted {
  const char *name;
  Scenario (*make)(planted_bug bug);
  planted_bug bug;
  const char *what;  // how the story begins; nullptr: it holds
  long executions;   // at most so many until then, or in all
};

const Planted kPlanted[] = {
    {"Dekker", Dekker, PLANTED_NOTHING, nullptr, 10},
    {"DekkerRelAcq", Dekker, PLANTED_ORDER, "data race", 10},
    {"Once", Once, PLANTED_NOTHING, nullptr, 20},
    {"OnceRelaxed", Once, PLANTED_ORDER, "data race", 20},
    {"OnceWithoutRecheck", Once, PLANTED_RECHECK, "", 20},
    {"SpinLock", Spin, PLANTED_NOTHING, nullptr, 2000},
    {"SpinLockRelaxedUnlock", Spin, PLANTED_ORDER, "data race", 10},
    {"Stack", Stack, PLANTED_NOTHING, nullptr, 2000},
    {"StackRelaxedPush", Stack, PLANTED_ORDER, "data race", 2000},
    {"StackUseAfterFree", Stack, PLANTED_FREE, "", 2000},
    {"Doze", Doze, PLANTED_NOTHING, nullptr, 50},
    {"DozeRelaxed", Doze, PLANTED_ORDER, "data race", 50},
    {"DozeWithoutRecheck", Doze, PLANTED_RECHECK, "deadlock", 50},
    {"DozeWokenTooEarly", Doze, PLANTED_LOCKS, "deadlock", 50},
    {"TwoLocks", Pair, PLANTED_NOTHING, nullptr, 10},
    {"TwoLocksInAnyOrder", Pair, PLANTED_LOCKS, "deadlock", 10},
    {"Slot", Slot, PLANTED_NOTHING, nullptr, 10},
    {"SlotWithoutLook", Slot, PLANTED_RECHECK, "deadlock", 10},
    {"Owners", Owners, PLANTED_NOTHING, nullptr, 10},
    {"OwnersRelaxed", Owners, PLANTED_ORDER, "data race", 10},
    {"OwnersInTwoSteps", Owners, PLANTED_FREE, "", 50},
    {"Seqlock", Seqlock, PLANTED_NOTHING, nullptr, 1000},
    {"SeqlockWithoutFences", Seqlock, PLANTED_ORDER, "both halves", 1000},
    {"Ring", Ring, PLANTED_NOTHING, nullptr, 1000},
    {"RingRelaxed", Ring, PLANTED_ORDER, "data race", 1000},
    {"WaitsForever", Forever, PLANTED_NOTHING, nullptr, 20},
    {"WaitsForeverForNobody", Forever, PLANTED_RECHECK, "livelock", 20},
};

class PlantedTest : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedTest, IsFound) {
  if (!explore::IsOn()) GTEST_SKIP();
  const Planted &planted = GetParam();
  Result result = explore::Explore(planted.make(planted.bug));
  printf("%s: %ld runs, %ld cut, %ld steps, %.1f ms\n%s", planted.name,
         result.executions, result.cut, result.steps, result.seconds * 1000,
         result.story.c_str());
  EXPECT_LE(result.executions + result.cut, planted.executions);
  if (planted.what == nullptr) {
    EXPECT_FALSE(result.failed) << result.story;
    EXPECT_TRUE(result.complete);
  } else {
    EXPECT_TRUE(result.failed);
    EXPECT_EQ(0u, result.what.find(planted.what)) << result.what;
  }
}

// By chance, too: the same bugs, with a seed.
TEST_P(PlantedTest, IsFoundByRandomPriorities) {
  if (!explore::IsOn()) GTEST_SKIP();
  const Planted &planted = GetParam();
  Options options;
  options.random_runs = 20000;
  Result result = explore::Explore(planted.make(planted.bug), options);
  EXPECT_EQ(planted.what != nullptr, result.failed) << result.story;
}

// And with all interleavings of at most two preemptions.
TEST_P(PlantedTest, IsFoundWithTwoPreemptions) {
  if (!explore::IsOn()) GTEST_SKIP();
  const Planted &planted = GetParam();
  Options options;
  options.preemptions = 2;
  Result result = explore::Explore(planted.make(planted.bug), options);
  EXPECT_EQ(planted.what != nullptr, result.failed) << result.story;
}

INSTANTIATE_TEST_SUITE_P(All, PlantedTest, ::testing::ValuesIn(kPlanted),
                         [](const ::testing::TestParamInfo<Planted> &info) {
                           return std::string(info.param.name);
                         });

// ------------------------------------------------------------ the explorer's
// own

TEST(ExploreTest, TwoSearchesAreTheSame) {
  if (!explore::IsOn()) GTEST_SKIP();
  Result first = explore::Explore(Stack(PLANTED_NOTHING));
  Result second = explore::Explore(Stack(PLANTED_NOTHING));
  EXPECT_EQ(first.executions, second.executions);
  EXPECT_EQ(first.cut, second.cut);
  EXPECT_EQ(first.steps, second.steps);
}

TEST(ExploreTest, AFailureIsReplayed) {
  if (!explore::IsOn()) GTEST_SKIP();
  Result found = explore::Explore(Doze(PLANTED_RECHECK));
  ASSERT_TRUE(found.failed);
  // Another number for the second exploration of this test.
  std::string replay = found.replay;
  replay.insert(replay.find(':'), "#2");
  setenv("EXPLORE_REPLAY", replay.c_str(), 1);
  Result again = explore::Explore(Doze(PLANTED_RECHECK));
  unsetenv("EXPLORE_REPLAY");
  EXPECT_TRUE(again.failed);
  EXPECT_EQ(found.what, again.what);
  EXPECT_EQ(found.story.substr(0, found.story.find("again:")),
            again.story.substr(0, again.story.find("again:")));
}

// In the program or in a shared object: each logical thread has its own.
void ExpectLocalOfAThread(int *(*local)(), int at_first) {
  *local() = 100;
  Scenario scenario;
  for (int i = 0; i < 3; i++)
    scenario.Thread("counts", [=] {
      Check(*local() == at_first, "it begins as it is written");
      *local() = i;
      explore::Yield();
      planted_plain_add(local());
      apart_add(local());
      explore::Yield();
      Check(*local() == i + 2, "and is nobody else's");
    });
  EXPECT_HOLDS(scenario);
  EXPECT_EQ(100, *local());
}

void ExpectLocalsOfAThread() {
  ExpectLocalOfAThread(planted_thread_local, 5);
  ExpectLocalOfAThread(apart_written, 7);
  ExpectLocalOfAThread(apart_zero, 0);
}

TEST(ExploreTest, ThreadLocalVariablesAreOfALogicalThread) {
  if (!explore::IsOn()) GTEST_SKIP();
  ExpectLocalsOfAThread();
}

TEST(ExploreTest, AnyThreadMayExplore) {
  if (!explore::IsOn()) GTEST_SKIP();
  ExpectLocalsOfAThread();
  std::thread(ExpectLocalsOfAThread).join();
  ExpectLocalsOfAThread();
}

TEST(ExploreTest, APlaceInASharedObjectIsTold) {
  if (!explore::IsOn()) GTEST_SKIP();
  static int shared;
  Scenario scenario;
  scenario.Thread("adds", [] { apart_add(&shared); });
  scenario.Thread("adds too", [] { planted_plain_add(&shared); });
  std::string story = explore::Explore(scenario).story;
  EXPECT_NE(std::string::npos, story.find("at apart.c:1")) << story;
  EXPECT_NE(std::string::npos, story.find("at planted.c:3")) << story;
}

TEST(ExploreTest, ACrashInASharedObjectIsTold) {
  if (!explore::IsOn()) GTEST_SKIP();
  Scenario scenario;
  scenario.Thread("crashes", [] { apart_add(reinterpret_cast<int *>(16)); });
  Result result = explore::Explore(scenario);
  EXPECT_EQ("crash: a null pointer is used", result.what);
  EXPECT_NE(std::string::npos, result.story.find("at apart.c:10"))
      << result.story;
}

TEST(ExploreTest, MemoryOfARunIsGoneAfterIt) {
  if (!explore::IsOn()) GTEST_SKIP();
  Scenario scenario;
  scenario.Thread("allocates", [] {
    for (int i = 0; i < 100; i++) free(malloc(10000));
  });
  scenario.Thread("allocates too", [] {
    for (int i = 0; i < 100; i++) free(malloc(10000));
  });
  Options options;
  options.random_runs = 3000;
  EXPECT_HOLDS(scenario, options);
  scenario.setup = [] { owner_reset(PLANTED_NOTHING); };  // and no drop
  EXPECT_EQ("leak: 1 block(s) never freed", explore::Explore(scenario).what);
}

TEST(ExploreTest, PlainMemoryOfATestIsCheckedForRaces) {
  if (!explore::IsOn()) GTEST_SKIP();
  static explore::Var<int> news;
  static explore::Atomic flag;
  for (int order : {__ATOMIC_RELEASE, __ATOMIC_RELAXED}) {
    Scenario scenario;
    scenario.setup = [] {
      news.Init(0, "news");
      flag.Init(0, "flag");
    };
    scenario.Thread("tells", [order] {
      news.Set(1);
      flag.Store(1, order);
    });
    scenario.Thread("asks", [] {
      if (flag.Load(__ATOMIC_ACQUIRE)) Check(news.Get() == 1, "the news");
    });
    EXPECT_EQ(order == __ATOMIC_RELAXED, explore::Explore(scenario).failed);
  }
}

TEST(ExploreTest, ACrashIsAFailureOfItsRun) {
  if (!explore::IsOn()) GTEST_SKIP();
  Scenario scenario;
  scenario.Thread("crashes",
                  [] { planted_plain_add(reinterpret_cast<int *>(16)); });
  EXPECT_EQ("crash: a null pointer is used", explore::Explore(scenario).what);
}

TEST(ExploreTest, ATimedWaitTimesOut) {
  if (!explore::IsOn()) GTEST_SKIP();
  static pthread_mutex_t lock;
  static pthread_cond_t condition;
  static int ended;
  std::set<int> seen;
  Scenario scenario;
  scenario.setup = [] {
    pthread_mutex_init(&lock, nullptr);
    pthread_cond_init(&condition, nullptr);
  };
  scenario.Thread("waits", [] {
    struct timespec until = {0, 0};
    pthread_mutex_lock(&lock);
    ended = pthread_cond_timedwait(&condition, &lock, &until);
    pthread_mutex_unlock(&lock);
  });
  scenario.Thread("signals", [] { pthread_cond_signal(&condition); });
  scenario.finish = [&] { seen.insert(ended); };
  EXPECT_HOLDS(scenario);
  EXPECT_EQ((std::set<int>{0, ETIMEDOUT}), seen);
}

}  // namespace
