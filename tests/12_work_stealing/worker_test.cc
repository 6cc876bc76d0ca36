// worker_test.cc - steps 12.10 and 12.11: which task is next, and what to do
// without one.
#include "tests/12_work_stealing/worker_fixture.h"

using namespace stealing_test;

// -------------------------------------------------------------- step 12.10

class NextStep : public BenchStep {};

TEST_F(NextStep, FromOutside) {
  Prepare(1);
  for (const char *name : {"a", "b", "c", "d"}) Spawn(NewReady(name));
  Run();
  EXPECT_EQ("a b c d", Story()) << "J1: first in, first out";
  EXPECT_EQ(4u, Metric(&metrics::polls)) << "M1: each turn counts";
  EXPECT_EQ(4u, Metric(&metrics::injected)) << "M1: all came from there";
  EXPECT_EQ(0u, Metric(&metrics::lifo_polls));
  Release();
}

TEST_F(NextStep, WhatIsSpawnedLastIsNext) {
  Prepare(1);
  Script &b = NewReady("b"), &c = NewReady("c"), &d = NewReady("d");
  Spawn(New("a", [&](Script &, struct context *) {
    Spawn(b);
    Spawn(c);
    Spawn(d);
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ("a d b c", Story())
      << "S2: the last one is in the slot, and those before it went to the "
         "ring";
  EXPECT_EQ(1u, Metric(&metrics::lifo_polls)) << "M1: one came from the slot";
  Release();
}

TEST_F(NextStep, WhoIsWokenIsNext) {
  Prepare(1);
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  Spawn(New("a", [&](Script &self, struct context *cx) {
    if (self.polls() == 1) {
      context_wake(cx);  // behind b and c
      return POLL_PENDING;
    }
    waiter.Wake();
    return POLL_READY;
  }));
  Spawn(NewYielding("b", 3));
  Spawn(NewYielding("c", 3));
  Run();
  EXPECT_EQ("w a b c a w b c b c b c", Story())
      << "S2: who is woken by a task has the slot, and is next";
  Release();
}

TEST_F(NextStep, WhoWakesItselfIsLast) {
  Prepare(1);
  Spawn(NewYielding("a", 2));
  Spawn(NewYielding("b", 1));
  Spawn(NewReady("c"));
  Run();
  EXPECT_EQ("a b c a b a", Story())
      << "S3: to the end of the ring, and S4: at every second turn, the even "
         "ones, the injector comes first";
  EXPECT_EQ(0u, Metric(&metrics::lifo_polls)) << "S3: and not to the slot";
  Release();
}

// Two tasks that wake one another, and one that waits for its turn.
TEST_F(NextStep, TheSlotDoesNotKeepTheRing) {
  Prepare(1);
  Script *ping = nullptr, *pong = nullptr;
  bool is_over = false;
  auto hit = [&](Script **other) {
    return [&is_over, other](Script &self, struct context *cx) {
      if (is_over || self.polls() > 50) {
        if ((*other)->has_waker()) (*other)->Wake();
        return POLL_READY;
      }
      self.Wait(cx);
      if ((*other)->has_waker()) (*other)->Wake();
      return POLL_PENDING;
    };
  };
  ping = &New("ping", hit(&pong));
  pong = &New("pong", hit(&ping));
  Spawn(*ping);
  Spawn(*pong);
  Spawn(New("ring", [&](Script &, struct context *) {
    is_over = true;
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ("ping pong ping pong ping ring", Story().substr(0, 29))
      << "S2, S4: after LIFO_STREAK turns in a row out of the slot the ring "
         "has "
         "its turn, and the injector has every second turn, not each";
  EXPECT_EQ(1, Turns("ring"));
  Release();
}

// All three at once: the slot and the injector are never empty.
TEST_F(NextStep, TheSlotAndTheInjectorDoNotKeepTheRing) {
  Prepare(1);
  Script *ping = nullptr, *pong = nullptr;
  bool is_over = false;
  auto hit = [&](Script **other) {
    return [&, other](Script &self, struct context *cx) {
      if (is_over || self.polls() > 100) {
        if ((*other)->has_waker()) (*other)->Wake();
        return POLL_READY;
      }
      self.Wait(cx);
      if ((*other)->has_waker()) (*other)->Wake();
      return POLL_PENDING;
    };
  };
  ping = &New("x", hit(&pong));
  pong = &New("x", hit(&ping));
  SpawnTo(0, *ping);
  SpawnTo(0, *pong);
  SpawnTo(0, New("ring", [&](Script &, struct context *) {
            is_over = true;
            return POLL_READY;
          }));
  for (int i = 0; i < 200; i++) Spawn(NewReady("injected"));
  Run();
  long before = std::find(log_.begin(), log_.end(), "ring") - log_.begin();
  long rounds = 3;  // two others were in front of it
  EXPECT_LE(before, rounds * TURNS_A_ROUND)
      << "S4: two tasks wake one another, 200 lie in the injector, and one "
         "waits in the ring: a turn from the injector must not begin a new "
         "row out of the slot, or else the two of them have all turns";
  Release();
}

// A task comes from the injector with a share. Before its turn another one
// spawns more than the ring holds.
TEST_F(NextStep, AShareIsNotSentBack) {
  Prepare(1);
  Spawn(New("first", [&](Script &, struct context *) {
    Outside([&] {
      for (int i = 0; i < 100; i++) Spawn(NewReady("injected"));
    });
    for (int i = 0; i < LOCAL_QUEUE_SLOTS + 50; i++) Spawn(NewReady("spawned"));
    return POLL_READY;
  }));
  Spawn(NewReady("shared"));
  Run();
  long before = std::find(log_.begin(), log_.end(), "shared") - log_.begin();
  EXPECT_LE(before, TURNS_A_ROUND)
      << "L7: it was in the injector, and came with a share. Then the ring "
         "overflowed, and it went back to the injector's end, behind those "
         "that came later: so it could go round for ever";
  Release();
}

// After the ring's turn the slot may be used again, as often.
TEST_F(NextStep, ANewRowBeginsAfterTheRing) {
  Prepare(1);
  Script *ping = nullptr, *pong = nullptr;
  auto hit = [&](Script **other) {
    return [other](Script &self, struct context *cx) {
      if (self.polls() <= 20) self.Wait(cx);
      if ((*other)->has_waker()) (*other)->Wake();
      return self.polls() > 20 ? POLL_READY : POLL_PENDING;
    };
  };
  ping = &New("x", hit(&pong));
  pong = &New("x", hit(&ping));
  Spawn(*ping);
  Spawn(*pong);
  Spawn(NewYielding("ring", 4));
  Run();
  int row = 0, longest = 0, shortest = 99;
  long rings = 0;
  for (const std::string &name : log_) {
    if (name == "x") {
      row++;
      continue;
    }
    if (rings++ > 0) {  // the first row has the turns of the spawns in it
      longest = std::max(longest, row);
      shortest = std::min(shortest, row);
    }
    row = 0;
  }
  EXPECT_LE(longest, LIFO_STREAK + 1)
      << "S2: after LIFO_STREAK turns out of the slot the ring has its turn";
  EXPECT_GE(shortest, LIFO_STREAK)
      << "S2: a new row begins after the ring's turn";
  Release();
}

// Each spawns the next: after LIFO_STREAK out of the slot one goes by the ring.
TEST_F(NextStep, WhatGoesByTheRingIsNotCounted) {
  Prepare(1);
  const char *names[] = {"a", "b", "c", "d", "e"};
  Script *tasks[5];
  for (size_t i = 0; i < 5; i++)
    tasks[i] = &New(names[i], [&, i](Script &, struct context *) {
      if (i < 4) Spawn(*tasks[i + 1]);
      return POLL_READY;
    });
  Spawn(*tasks[0]);
  Run();
  EXPECT_EQ("a b c d e", Story());
  EXPECT_EQ(uint64_t(LIFO_STREAK), Metric(&metrics::lifo_polls))
      << "M1: b, c and d had their turns out of the slot; e was in it, too, "
         "but went to the ring, and its turn came from there";
  Release();
}

// A row is over when the slot is empty, whether the ring has something or not.
TEST_F(NextStep, AnEmptySlotEndsTheRow) {
  Prepare(1);
  const char *names[] = {"a", "b", "c", "d"};
  Script *tasks[4], &x = NewReady("x"), &y = NewReady("y");
  x.OnPoll([&](Script &) {
    Log("x");
    Spawn(y);
  });
  for (size_t i = 0; i < 4; i++)
    tasks[i] = &New(names[i], [&, i](Script &, struct context *) {
      if (i < 3) Spawn(*tasks[i + 1]);
      if (i == 3) Outside([&] { Spawn(x); });
      return POLL_READY;
    });
  Spawn(*tasks[0]);
  Run();
  EXPECT_EQ("a b c d x y", Story());
  EXPECT_EQ(4u, Metric(&metrics::lifo_polls))
      << "S2: b, c and d were a row out of the slot; then the slot was empty, "
         "and the ring as well, and x came from outside: with y a new row "
         "begins";
  Release();
}

// However long the row was.
TEST_F(NextStep, AShortRowEndsToo) {
  for (int length = 1; length <= LIFO_STREAK && !HasFailure(); length++) {
    Prepare(1);
    std::function<void(int)> chain = [&](int left) {
      Spawn(New("slot", [&, left](Script &, struct context *) {
        if (left > 1) chain(left - 1);
        return POLL_READY;
      }));
    };
    Script &x = New("x", [&](Script &, struct context *) {
      chain(LIFO_STREAK);
      return POLL_READY;
    });
    Script &last = New("last", [&](Script &, struct context *) {
      Outside([&] { Spawn(x); });
      return POLL_READY;
    });
    std::function<void(int)> row = [&](int left) {
      Spawn(left == 1 ? last
                      : New("slot", [&, left](Script &, struct context *) {
                          row(left - 1);
                          return POLL_READY;
                        }));
    };
    // So that x comes when the ring has been asked: at an odd turn.
    if (length % 2 == 0) Spawn(NewReady("before"));
    Spawn(New("first", [&](Script &, struct context *) {
      row(length);
      return POLL_READY;
    }));
    Run();
    EXPECT_EQ(uint64_t(length + LIFO_STREAK), Metric(&metrics::lifo_polls))
        << "S2: a row of " << length << " out of the slot, then the slot and "
        << "the ring were empty: a new row begins, of LIFO_STREAK";
    Release();
  }
}

// A ring that never gets empty, and a task from outside.
TEST_F(NextStep, TheRingDoesNotKeepTheInjector) {
  Prepare(1);
  Script &late = NewReady("late");
  Spawn(New("a", [&](Script &self, struct context *cx) {
    if (self.polls() == 5) Outside([&] { Spawn(late); });
    if (self.polls() > 20) return POLL_READY;
    context_wake(cx);
    return POLL_PENDING;
  }));
  Spawn(NewYielding("b", 20));
  Run();
  size_t at = 0, spawned = 0, turns = 0;
  for (size_t i = 0; i < log_.size(); i++) {
    if (log_[i] == "a" && ++turns == 5) spawned = i;
    if (log_[i] == "late") at = i;
  }
  EXPECT_GT(at, spawned);
  EXPECT_LE(at, spawned + 2)
      << "S4: at every second turn the injector comes first";
  Release();
}

// Nor do two that have the slot between them.
TEST_F(NextStep, TheSlotDoesNotKeepTheInjector) {
  Prepare(1);
  Script &late = NewReady("late");
  Script *ping = nullptr, *pong = nullptr;
  auto hit = [&](Script **other) {
    return [&, other](Script &self, struct context *cx) {
      if (self.polls() == 10 && &self == ping) Outside([&] { Spawn(late); });
      if (self.polls() > 30) {
        if ((*other)->has_waker()) (*other)->Wake();
        return POLL_READY;
      }
      self.Wait(cx);
      if ((*other)->has_waker()) (*other)->Wake();
      return POLL_PENDING;
    };
  };
  ping = &New("ping", hit(&pong));
  pong = &New("pong", hit(&ping));
  Spawn(*ping);
  Spawn(*pong);
  Run();
  size_t at = 0;
  for (size_t i = 0; i < log_.size(); i++)
    if (log_[i] == "late") at = i;
  EXPECT_GT(at, 0u) << "S4: it never had a turn";
  EXPECT_LT(at, 26u) << "S4: who waits in the injector has its turn, though "
                        "the slot is never empty";
  Release();
}

TEST_F(NextStep, MoreThanTheRingHolds) {
  Prepare(1);
  Spawn(New("a", [&](Script &, struct context *) {
    for (int i = 0; i < 600; i++) Spawn(NewReady("b"));
    return POLL_READY;
  }));
  Run();
  EXPECT_EQ(600, Turns("b")) << "S7: each has its turn, once";
  // 599 go to the ring: at the 257th it overflows, then after each 129.
  EXPECT_EQ(3u, Metric(&metrics::overflows)) << "M1, L5";
  EXPECT_EQ(601u, Metric(&metrics::polls));
  Release();
}

// A share, and not all: the others want something, too.
TEST_F(NextStep, AShareOfTheInjector) {
  Prepare(4);
  size_t left = 0;
  for (int i = 0; i < 200; i++)
    Spawn(New("a", [&](Script &, struct context *) {
      if (left == 0) left = Injected();
      return POLL_READY;
    }));
  Run();
  EXPECT_EQ(200u - 51, left) << "S9: of 200 tasks for four workers, 50 and one";
  EXPECT_EQ(200, Turns("a"));
  EXPECT_EQ(200u, Metric(&metrics::injected)) << "M1";
  Release();
}

TEST_F(NextStep, NotMoreThanHalfARing) {
  Prepare(1);
  size_t left = 0;
  for (int i = 0; i < 500; i++)
    Spawn(New("a", [&](Script &, struct context *) {
      if (left == 0) left = Injected();
      return POLL_READY;
    }));
  Run();
  EXPECT_EQ(500u - 128, left) << "S9: no more than half a ring";
  EXPECT_EQ(500, Turns("a"));
  Release();
}

// A share that others may want to steal: who sleeps has to know.
TEST_F(NextStep, AShareIsAnnounced) {
  Prepare(4);
  for (unsigned i = 1; i < 4; i++) FallAsleep(i);
  unsigned woken = 0;
  for (int i = 0; i < 8; i++)
    Spawn(New("a", [&](Script &, struct context *) {
      for (unsigned other = 1; other < 4; other++) woken += !IsAsleep(other);
      return POLL_READY;
    }));
  // The spawns have woken one, who does not run; it went back to sleep.
  for (unsigned i = 1; i < 4; i++)
    if (!IsAsleep(i))
      idle_fall_asleep(&scheduler_->idle, &Worker(i).sleeper, true);
  Run();
  EXPECT_GE(woken, 1u)
      << "S8: two tasks more lie in a ring; nobody searches, and one is awake";
  Release();
}

// A task that is pushed out of the slot may be stolen: somebody has to know.
TEST_F(NextStep, WhatGoesToTheRingIsAnnounced) {
  Prepare(2);
  FallAsleep(1);
  bool after_one = true, after_two = true;
  SpawnTo(0, New("a", [&](Script &, struct context *) {
            // The spawn that brought this task here has woken worker 1.
            if (!IsAsleep(1))
              idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
            Spawn(NewReady("b"));
            after_one = IsAsleep(1);
            Spawn(NewReady("c"));
            after_two = IsAsleep(1);
            return POLL_READY;
          }));
  Run();
  EXPECT_TRUE(after_one) << "S2: what is in the slot is nobody else's";
  EXPECT_FALSE(after_two) << "S8: what is in the ring may be stolen";
  Release();
}

// Who has had its turns out of the slot goes by the ring, like any other.
TEST_F(NextStep, WhatGoesByTheRingIsAnnounced) {
  Prepare(2);
  FallAsleep(1);
  bool is_told = false;
  std::function<void(int)> chain = [&](int left) {
    Spawn(New("a", [&, left](Script &, struct context *) {
      if (left == 0) is_told = !IsAsleep(1);
      if (left > 0) chain(left - 1);
      return POLL_READY;
    }));
  };
  SpawnTo(0, New("first", [&](Script &, struct context *) {
            // The spawn that brought this task here has woken worker 1.
            if (!IsAsleep(1))
              idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
            chain(LIFO_STREAK);
            return POLL_READY;
          }));
  Run();
  EXPECT_TRUE(is_told) << "S8: after LIFO_STREAK turns the slot's task goes to "
                          "the ring, where it may be stolen: push() tells";
  Release();
}

// From when they have left the injector another worker falls asleep, at each
// place.
TEST_F(NextStep, AShareIsToldOfWhenItIsThere) {
  enum { kInTheInjector, kOnTheWay, kLater } where = kInTheInjector;
  bool is_lost = false;
  auto interrupted = [&](long nth) {
    scripts_.clear();
    Prepare(2);
    bool has_begun = false;
    for (int i = 0; i < 2; i++)  // a share of two: one of them for the ring
      Spawn(New("a", [&](Script &, struct context *) {
        if (!has_begun)
          is_lost = IsAsleep(1) && local_queue_length(&Worker(0).queue) > 0;
        has_begun = true;
        return POLL_READY;
      }));
    bool came = InterruptAt(
        nth, [&] { RunHere(); },
        [&] {
          where = has_begun        ? kLater
                  : Injected() > 0 ? kInTheInjector
                                   : kOnTheWay;
          if (where == kOnTheWay && IsFree(&scheduler_->idle.lock))
            LookAndFallAsleep(1);
        });
    Release();
    return came;
  };
  bool came = true;
  for (long nth = 1; came && !is_lost && where != kLater; nth++)
    came = interrupted(nth);
  EXPECT_FALSE(is_lost)
      << "S8: of its share of the injector a task lies in a ring, and a worker "
         "sleeps that fell asleep while nobody could see it: first all of them "
         "into the ring, then idle_notify()";
}

TEST_F(NextStep, LooksAtTheDriver) {
  Prepare(1);
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  Spawn(NewYielding("a", 3 * DRIVER_INTERVAL));
  driver_.on_look = [&] {
    if (waiter.has_waker()) waiter.Wake();
  };
  Run();
  EXPECT_EQ(3, driver_.looks) << "S5: every DRIVER_INTERVAL turns";
  EXPECT_EQ(0, driver_.sleeps) << "S5: it looks, and does not sleep";
  EXPECT_EQ(3u, Metric(&metrics::looks)) << "M1";
  EXPECT_EQ(2, waiter.polls()) << "S5: what the driver brought has its turn";
  Release();
}

TEST_F(NextStep, EndsWithTheLastTask) {
  Prepare(2);
  Spawn(NewReady("a"));
  Run(1);
  EXPECT_EQ("a", Story());
  Run(0);  // nothing is left: it ends at once
  EXPECT_EQ(0, driver_.sleeps) << "it sleeps, though all is over";
  Release();
}

// -------------------------------------------------------------- step 12.11

class SearchStep : public BenchStep {
 protected:
  // Spawned from outside while the worker sleeps.
  void Inject(struct task *task) {
    injector_push(&scheduler_->injector, task);
    idle_notify(&scheduler_->idle);
  }
};

TEST_F(SearchStep, StealsHalf) {
  Prepare(2);
  for (int i = 0; i < 8; i++) SpawnTo(1, NewReady("a"));
  Run();
  EXPECT_EQ(8, Turns("a")) << "the other's tasks have their turns here";
  EXPECT_EQ(4u, Metric(&metrics::steals))
      << "M1: each theft counts; L4: 4, then 2, then 1, and 1";
  EXPECT_EQ(8u, Metric(&metrics::stolen)) << "M1: all of them";
  EXPECT_EQ(0, driver_.sleeps);
  Release();
}

TEST_F(SearchStep, FromWhoeverHasSome) {
  for (unsigned victim = 1; victim < 5; victim++) {
    Prepare(5);
    for (int i = 0; i < 3; i++) SpawnTo(victim, NewReady("a"));
    Run();
    EXPECT_EQ(3, Turns("a")) << "it tries each of the others";
    Release();
  }
}

// However many there are, and whoever is asked first: one walk tries them all.
TEST_F(SearchStep, InOneWalk) {
  for (unsigned workers = 2; workers < 7; workers++)
    for (unsigned victim = 1; victim < workers; victim++) {
      Prepare(workers);
      bool is_first_walk = false;
      SpawnTo(victim, New("a", [&](Script &, struct context *) {
                is_first_walk = NeverWentToBed(0);
                return POLL_READY;
              }));
      Run();
      EXPECT_TRUE(is_first_walk)
          << "one other worker had a task, and the walk did not come by: it "
             "fell asleep first; rob all others, each of them once";
      Release();
      if (HasFailure()) return;
    }
}

TEST_F(SearchStep, NotAllFromTheSame) {
  std::string first;
  bool is_same = true;
  for (unsigned thief = 3; thief < 7; thief++) {
    Prepare(7);
    for (unsigned i = 0; i < 7; i++)
      if (i != thief) SpawnTo(i, NewReady(std::to_string(i)));
    Run(thief);
    if (log_.empty()) break;
    if (thief == 3) first = log_[0];
    is_same = is_same && log_[0] == first;
    Release();
  }
  EXPECT_FALSE(is_same) << "four thieves all robbed the same worker first: "
                           "begin with a random one";
}

// Eight tasks come while it walks: it takes its share of them, and not one.
TEST_F(SearchStep, ASearchTakesAShare) {
  bool came = true, has_shared = false, was_searching = false;
  for (long nth = 1; came && !HasFailure() && !has_shared; nth++) {
    scripts_.clear();
    Prepare(2);
    struct task *tasks[8];
    size_t left = 99;
    bool is_injected = false, is_first_walk = false, is_searching = false;
    for (auto &task : tasks)
      task = SpawnNowhere(New("a", [&](Script &, struct context *) {
        if (left == 99) {
          left = Injected();
          is_first_walk = NeverWentToBed(0);
        }
        return POLL_READY;
      }));
    auto inject = [&] {
      for (auto &task : tasks) injector_push(&scheduler_->injector, task);
      is_injected = true;
    };
    on_idle_ = [&] {
      if (is_injected) return Finish();
      inject();
      idle_notify(&scheduler_->idle);
    };
    came = InterruptAt(
        nth, [&] { RunHere(); },
        [&] {
          if (is_injected || !IsFree(&scheduler_->injector.lock)) return;
          is_searching = Searching() == 1;
          inject();
        });
    was_searching = was_searching || is_searching;
    has_shared = is_searching && is_first_walk && left == 8 - 5;
    Release();
    if (driver_.sleeps > 0) break;  // from here on it is the same
  }
  if (was_searching) {
    EXPECT_TRUE(has_shared)
        << "S9: eight tasks came while it searched, and it never took its "
           "share of them: of eight for two workers, four and one";
  }
}

TEST_F(SearchStep, OwnTasksFirst) {
  Prepare(2);
  SpawnTo(1, NewReady("other's"));
  SpawnTo(0, NewReady("own"));
  Run();
  EXPECT_EQ("own other's", Story()) << "who has work does not steal";
  Release();
}

TEST_F(SearchStep, SleepsInTheDriver) {
  Prepare(1);
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  int polls = 0, searching = -1, awake = -1;
  on_idle_ = [&] {
    polls = waiter.polls();
    waiter.OnPoll([&](Script &) {
      searching = Searching();
      awake = Awake();
    });
    waiter.Wake();
  };
  Run();
  EXPECT_EQ(0, searching)
      << "I3: news ended its sleep, and nobody chose it: "
         "it does not search, and is not to be counted so; nor "
         "does it when it went to bed: was_searching";
  EXPECT_EQ(1, awake) << "I3: it got up, and is counted as awake, once";
  EXPECT_EQ(1, polls) << "it sleeps when there is nothing to do";
  EXPECT_EQ(1, driver_.sleeps) << "S5: in the driver, and until there is news";
  EXPECT_EQ(1u, Metric(&metrics::parks)) << "M1";
  EXPECT_EQ(2, waiter.polls()) << "S5: what the driver brought is its own";
  Release();
}

// News that is for somebody else, or for nobody: it goes back to bed.
TEST_F(SearchStep, NothingForIt) {
  Prepare(1);
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  on_idle_ = [&] {
    if (driver_.sleeps == 3) waiter.Wake();
  };
  Run();
  EXPECT_EQ(3, driver_.sleeps);
  EXPECT_EQ(3u, Metric(&metrics::parks)) << "M1: each time it goes to bed";
  EXPECT_EQ(2, waiter.polls()) << "a sleep may end for no reason";
  Release();
}

TEST_F(SearchStep, OneNewsNeedsNobodyElse) {
  Prepare(2);
  FallAsleep(1);
  Script &waiter = NewWaiting("w");
  SpawnTo(0, waiter);
  bool is_alone = false;
  on_idle_ = [&] {
    if (!IsAsleep(1))  // woken by the spawn
      idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
    waiter.OnPoll([&](Script &) { is_alone = IsAsleep(1); });
    waiter.Wake();
  };
  Run();
  EXPECT_TRUE(is_alone) << "the driver brought one task: it is done here";
  Release();
}

// It leaves the driver with one task, and nobody knows how long that takes.
TEST_F(SearchStep, WhoLeavesTheDriverAppointsADeputy) {
  Prepare(2);
  FallAsleep(1);
  Script &waiter = NewWaiting("w");
  SpawnTo(0, waiter);
  bool is_deputy = false, is_asleep = false;
  on_idle_ = [&] {
    if (!IsAsleep(1))  // woken by the spawn
      idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
    waiter.OnPoll([&](Script &) {
      is_deputy = IsDeputy(1);
      is_asleep = IsAsleep(1);
    });
    waiter.Wake();
  };
  Run();
  EXPECT_TRUE(is_deputy)
      << "S5: the driver brought one task, and the worker left it for its "
         "turn. Another one sleeps on, whatever news there is, however long "
         "that turn is: appoint a deputy";
  EXPECT_TRUE(is_asleep) << "I7: it is no searcher: there is nothing to find";
  Release();
}

// After a look, too: who went to bed during it has found the driver taken.
TEST_F(SearchStep, WhoLooksAppointsADeputy) {
  Prepare(2);
  bool is_deputy = false;
  Spawn(New("a", [&](Script &self, struct context *cx) {
    is_deputy = IsDeputy(1);
    if (self.polls() > DRIVER_INTERVAL + 1) return POLL_READY;
    context_wake(cx);
    return POLL_PENDING;
  }));
  driver_.on_look = [&] { FallAsleep(1); };
  Run();
  EXPECT_TRUE(is_deputy)
      << "S5: the other worker fell asleep while this one looked at the "
         "driver, and found it taken; now it is free, and nobody is there";
  Release();
}

TEST_F(SearchStep, TheDeputyDozes) {
  Prepare(1);
  scheduler_->slot.doze = {0, 1};
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  std::vector<bool> is_deputy;
  on_idle_ = [&] {
    is_deputy.push_back(IsDeputy(0));
    if (driver_.sleeps == 1)
      idle_appoint(&scheduler_->idle);
    else
      waiter.Wake();
  };
  Run();
  EXPECT_EQ((std::vector<bool>{false, false}), is_deputy)
      << "I7: the deputy dozes on its futex, and goes to the driver when it "
         "is relieved, not before";
  EXPECT_EQ(3u, Metric(&metrics::parks))
      << "M1: in the driver, then a doze, then in the driver";
  EXPECT_EQ(2, driver_.sleeps);
  Release();
}

TEST_F(SearchStep, ManyNewsAreForMany) {
  Prepare(2);
  FallAsleep(1);
  std::vector<Script *> waiters;
  bool is_told = false;
  for (int i = 0; i < 5; i++) {
    waiters.push_back(&NewWaiting("w"));
    SpawnTo(0, *waiters.back());
  }
  on_idle_ = [&] {
    if (!IsAsleep(1))
      idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
    for (Script *waiter : waiters) {
      waiter->OnPoll([&](Script &) { is_told = is_told || !IsAsleep(1); });
      waiter->Wake();
    }
  };
  Run();
  EXPECT_TRUE(is_told) << "S8: the driver brought five, and others sleep";
  EXPECT_EQ(1, driver_.sleeps);
  Release();
}

TEST_F(SearchStep, IsWokenFromOutside) {
  Prepare(1);
  Script &a = NewReady("a");
  struct task *task = SpawnNowhere(a);
  on_idle_ = [&] {
    if (task != nullptr) Inject(task);
    task = nullptr;
  };
  Run();
  EXPECT_EQ("a", Story()) << "I2: whoever queues a task wakes a worker";
  EXPECT_EQ(1, driver_.wakes) << "B2: in the driver";
  Release();
}

// Two tasks from outside: who is woken wakes the next.
TEST_F(SearchStep, WhoWasWokenWakesTheNext) {
  Prepare(3);
  FallAsleep(1);
  FallAsleep(2);
  struct task *tasks[3];
  for (auto &task : tasks) task = SpawnNowhere(NewReady("a"));
  for (unsigned i = 1; i < 3; i++)
    if (!IsAsleep(i))
      idle_fall_asleep(&scheduler_->idle, &Worker(i).sleeper, true);
  bool is_asleep = true;
  scripts_.front().OnPoll([&](Script &) {
    is_asleep = IsAsleep(1) && IsAsleep(2);
    Log("a");
  });
  bool is_done = false;
  on_idle_ = [&] {
    if (!is_done)
      for (auto &task : tasks) Inject(task);
    is_done = true;
  };
  Run();
  EXPECT_FALSE(is_asleep)
      << "I4: it has found something; there may be more, so the next one";
  EXPECT_EQ(3, Turns("a"));
  Release();
}

// Half of all search already: to bed at once, and no walk over the queues.
TEST_F(SearchStep, EnoughDoSearch) {
  Prepare(2);
  bool is_searching = true;
  ASSERT_TRUE(idle_start_search(&scheduler_->idle));  // worker 1
  SpawnTo(1, NewReady("a"));
  on_idle_ = [&] {
    EXPECT_EQ(0, Turns("a")) << "I1: half of all search already";
    if (is_searching) idle_found(&scheduler_->idle);  // which wakes worker 0
    is_searching = false;
  };
  Run();
  EXPECT_EQ(1, driver_.wakes) << "I4: who searched has found something";
  EXPECT_EQ(1u, Metric(&metrics::steals)) << "I3: it was chosen, and searches";
  Release();
}

// At every place up to the first sleep a task comes from outside, or to
// another worker's ring.
TEST_F(SearchStep, ATaskComesOnTheWayToBed) {
  for (bool to_ring : {false, true}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      scripts_.clear();
      Prepare(2);
      struct task *task = SpawnNowhere(NewReady("a"));
      std::atomic<bool> is_queued{false}, has_slept{false};
      bool is_stuck = false;
      auto queue = [&] {
        is_queued = true;
        if (to_ring)
          local_queue_push(&Worker(1).queue, &scheduler_->injector, task);
        else
          injector_push(&scheduler_->injector, task);
        idle_notify(&scheduler_->idle);
      };
      on_idle_ = [&] {
        has_slept = true;
        if (!is_queued) return queue();
        is_stuck = driver_.wakes == 0;
        if (is_stuck) Finish();
      };
      came = InterruptAt(
          nth, [&] { RunHere(); },
          [&] {
            if (!has_slept && IsFree(&scheduler_->idle.lock) &&
                IsFree(&scheduler_->injector.lock))
              queue();
          });
      EXPECT_FALSE(is_stuck)
          << "S8: a task lies in a queue, and the worker went to bed: who "
             "falls asleep looks once more when all can see it";
      if (is_stuck) break;
      Release();
      if (has_slept) came = false;  // from here on it is the same
    }
  }
}

// A task comes at every place on the way to bed, and nobody has told of
// it yet: who finds it there is up again, and tells of what it pushes.
TEST_F(SearchStep, WhoIsUpAgainTellsOthers) {
  bool came = true, is_over = false;
  for (long nth = 1; came && !is_over && !HasFailure(); nth++) {
    scripts_.clear();
    Prepare(2);
    bool is_queued = false, has_slept = false, is_told = false;
    struct task *task = SpawnNowhere(New("a", [&](Script &, struct context *) {
      if (!IsAsleep(1))
        idle_fall_asleep(&scheduler_->idle, &Worker(1).sleeper, true);
      Spawn(NewReady("b"));
      Spawn(NewReady("c"));  // pushes b out of the slot
      is_told = !IsAsleep(1);
      return POLL_READY;
    }));
    FallAsleep(1);
    auto queue = [&] {
      injector_push(&scheduler_->injector, task);
      is_queued = true;
    };
    on_idle_ = [&] {
      if (has_slept) return Finish();
      has_slept = true;
      if (!is_queued) queue();
      idle_notify(&scheduler_->idle);
    };
    came = InterruptAt(
        nth, [&] { RunHere(); },
        [&] {
          is_over = has_slept;
          if (!is_over && IsFree(&scheduler_->idle.lock) &&
              IsFree(&scheduler_->injector.lock))
            queue();
        });
    EXPECT_TRUE(is_told)
        << "S8: it is up, and pushed a task to its ring while another worker "
           "sleeps, and nobody was told: it still counts as asleep";
    Release();
  }
}

// The driver has brought it a task, and at every place from there on
// somebody else chooses it.
TEST_F(SearchStep, ChosenWhileItGetsUp) {
  enum { kBeforeItSleeps, kBeforeItsTurn, kLater } when = kBeforeItSleeps;
  int searching, awake;
  auto interrupted = [&](long nth) {
    scripts_.clear();
    Prepare(1);
    bool has_slept = false, is_up = false;
    searching = awake = -1;
    struct task *task = SpawnNowhere(New("a", [&](Script &, struct context *) {
      searching = Searching();
      awake = Awake();
      is_up = true;
      return POLL_READY;
    }));
    on_idle_ = [&] {
      if (has_slept) return Finish();
      has_slept = true;
      worker_schedule(&Worker(0), task);
    };
    bool came = InterruptAt(
        nth, [&] { RunHere(); },
        [&] {
          when = is_up ? kLater : has_slept ? kBeforeItsTurn : kBeforeItSleeps;
          if (when == kBeforeItsTurn && IsFree(&scheduler_->idle.lock))
            idle_notify(&scheduler_->idle);
        });
    Release();
    return came;
  };
  bool came = true;
  for (long nth = 1; came && !HasFailure() && when != kLater; nth++) {
    came = interrupted(nth);
    EXPECT_EQ(0, searching)
        << "I3: it got up for news and was chosen at the same time; it has "
           "found something, and is counted as searching for ever: ask "
           "idle_get_up() whether it was chosen, and nobody else";
    EXPECT_EQ(1, awake) << "I3: it is awake, and counted once";
  }
}

// At every place on its way to bed the last home closes.
TEST_F(SearchStep, TheEndComesOnTheWayToBed) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Prepare(1);
    bool is_stuck = false, has_slept = false;
    on_idle_ = [&] {
      has_slept = !is_finished_;
      if (has_slept) return Finish();
      is_stuck = driver_.wakes == 0;
      idle_notify_all(&scheduler_->idle);  // so that it ends
    };
    came = InterruptAt(
        nth, [&] { RunHere(); },
        [&] {
          if (IsFree(&scheduler_->idle.lock)) Finish();
        });
    EXPECT_FALSE(is_stuck)
        << "Z5: all is over, and the worker sleeps: who joins the sleepers "
           "after the last one was woken has to look if all is finished";
    if (is_stuck) break;
    Release();
    if (has_slept) break;  // from here on it is the same
  }
}

TEST_F(SearchStep, AllIsOver) {
  Prepare(2);
  Script &waiter = NewWaiting("w");
  Spawn(waiter);
  on_idle_ = [&] { Outside([&] { waiter.Wake(); }); };
  Run();
  EXPECT_EQ(2, waiter.polls());
  Run(1);
  EXPECT_EQ(1, driver_.sleeps) << "all is over: nobody goes to bed";
  Release();
}
