// idle_test.cc - steps 12.8 and 12.9: who sleeps, who searches, whom to wake.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/12_work_stealing/bed_fixture.h"
#include "tests/support/lock_looker.h"

extern "C" {
#include "chapters/12_work_stealing/idle.h"
}

using namespace stealing_test;
using gate::IsFree;

class IdleStep : public gate::Step {
 protected:
  static constexpr int kMost = 8;

  void TearDown() override {
    End();
    gate::Step::TearDown();
  }
  void End() {
    if (!is_made_) return;
    idle_end(&idle_);
    driver_slot_end(&slot_);
    is_made_ = false;
  }
  void Make(unsigned workers) {
    End();
    is_made_ = true;
    idle_init(&idle_, workers);
    driver_slot_init(&slot_, &driver_);
    for (struct sleeper_link &worker : workers_) {
      list_init(&worker.link);
      bed_init(&worker.bed, &slot_);
    }
  }
  bool Sleep(int i, bool was_searching = false) {
    return idle_fall_asleep(&idle_, &workers_[i], was_searching);
  }
  bool IsAsleep(int i) { return idle_is_asleep(&idle_, &workers_[i]); }
  bool GetUp(int i) { return idle_get_up(&idle_, &workers_[i]); }
  bool Search() { return idle_start_search(&idle_); }
  bool Notify() { return idle_notify(&idle_); }
  void Found() { idle_found(&idle_); }
  bool Appoint() { return idle_appoint(&idle_); }
  bool IsDeputy(int i) { return idle_is_deputy(&idle_, &workers_[i]); }
  // Forwards and backwards; -1 if that differs.
  int InTheList() {
    int forwards = 0, backwards = 0;
    const struct list *head = &idle_.sleepers, *link;
    for (link = head->next; link != head && forwards < 99; link = link->next)
      forwards++;
    for (link = head->prev; link != head && backwards < 99; link = link->prev)
      backwards++;
    return forwards == backwards ? forwards : -1;
  }
  // The two halves of the word.
  int Awake() const { return int(idle_.state >> 16); }
  int Searching() const { return int(idle_.state & 0xffff); }
  // Who is not in the list is counted, and nobody else is.
  bool Fits() {
    int asleep = 0;
    for (uint32_t i = 0; i < idle_.workers; i++) asleep += IsAsleep(int(i));
    return asleep + Awake() == int(idle_.workers);
  }
  // Was its bed woken since it was asked last?
  bool WasWoken(int i) {
    int sleeps = driver_.sleeps;
    bed_sleep(&workers_[i].bed);
    return driver_.sleeps == sleeps;
  }

  FakeDriver driver_;
  struct driver_slot slot_;
  struct idle idle_;
  struct sleeper_link workers_[kMost];
  bool is_made_ = false;
};

// --------------------------------------------------------------- step 12.8

class SleepersStep : public IdleStep {};

TEST_F(SleepersStep, AmongTheSleepers) {
  Make(3);
  EXPECT_FALSE(IsAsleep(0)) << "all are awake at first";
  Sleep(0);
  EXPECT_TRUE(IsAsleep(0)) << "it has joined the sleepers";
  EXPECT_FALSE(IsAsleep(1)) << "and nobody else";
  EXPECT_TRUE(GetUp(0)) << "it got up before anybody chose it";
  EXPECT_FALSE(IsAsleep(0)) << "it is awake again";
  Sleep(0);
  EXPECT_TRUE(IsAsleep(0)) << "and may fall asleep again";
  GetUp(0);
}

TEST_F(SleepersStep, HalfOfAllMaySearch) {
  for (int workers : {1, 2, 3, 4, 7, 8}) {
    SCOPED_TRACE(std::to_string(workers) + " workers");
    Make(unsigned(workers));
    int searching = 0;
    while (searching <= workers && Search()) searching++;
    EXPECT_EQ((workers + 1) / 2, searching)
        << "I1: one may search unless half of all do already";
  }
}

TEST_F(SleepersStep, WhoSleepsDoesNotSearch) {
  Make(2);
  ASSERT_TRUE(Search());
  EXPECT_FALSE(Search()) << "I1: one of two searches";
  Sleep(0, true);
  EXPECT_TRUE(Search()) << "it fell asleep, and does not search any more";
  Sleep(1, true);
  GetUp(0);
  GetUp(1);
  EXPECT_TRUE(Search()) << "who got up by itself does not search";
}

TEST_F(SleepersStep, TheLastLook) {
  Make(6);
  ASSERT_TRUE(Search());
  ASSERT_TRUE(Search());
  EXPECT_FALSE(Sleep(0, true)) << "I5: another one searches still";
  EXPECT_FALSE(Sleep(1, false)) << "I5: another one searches";
  EXPECT_TRUE(Sleep(2, true)) << "I5: it was the last to search";
  EXPECT_TRUE(Sleep(3, false))
      << "I5: nobody searches, whether it did so itself or not: a task that "
         "was queued just now would be seen by nobody";
  for (int i = 0; i < 4; i++) GetUp(i);
}

TEST_F(SleepersStep, AllAreWoken) {
  Make(4);
  for (int i = 0; i < 3; i++) Sleep(i);
  idle_notify_all(&idle_);
  for (int i = 0; i < 3; i++) {
    EXPECT_FALSE(IsAsleep(i)) << "every sleeper is chosen";
    EXPECT_TRUE(WasWoken(i)) << "and its bed is woken";
    EXPECT_FALSE(GetUp(i)) << "I3: it was chosen, so it is searching";
  }
  EXPECT_FALSE(WasWoken(3)) << "who was awake is left alone";
  EXPECT_FALSE(Search()) << "I3: three of four search";
  idle_notify_all(&idle_);  // nobody sleeps: nothing happens
}

TEST_F(SleepersStep, ChosenAndThenUp) {
  Make(2);
  Sleep(0);
  idle_notify_all(&idle_);
  EXPECT_FALSE(GetUp(0)) << "I3: it was chosen before: it is searching";
  EXPECT_FALSE(Search()) << "I3: and is counted so, once";
  Sleep(0, true);
  EXPECT_TRUE(Search()) << "and not any more, when it sleeps";
}

// While one falls asleep another does, or gets up, or all are woken.
TEST_F(SleepersStep, TwoAtATime) {
  for (int what = 0; what < 3; what++) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Make(4);
      Sleep(2);
      Sleep(3);
      bool is_last = true, has_come = false;
      came = InterruptAt(
          nth, [&] { is_last = Sleep(0); },
          [&] {
            if (!IsFree(&idle_.lock)) return;
            has_come = true;
            if (what == 0) Sleep(1);
            if (what == 1) GetUp(2);
            if (what == 2) idle_notify_all(&idle_);
          });
      EXPECT_TRUE(is_last || what == 2) << "I5: nobody searches";
      int asleep = InTheList();
      if (what == 0) {
        EXPECT_EQ(has_come ? 4 : 3, asleep) << "the lock is for the list";
      }
      if (what == 1) {
        EXPECT_EQ(has_come ? 2 : 3, asleep) << "the lock is for the list";
      }
      // All up again: then the counts are as in the beginning.
      for (int i = 0; i < 4; i++)
        if (IsAsleep(i) && !GetUp(i)) ADD_FAILURE() << "it was asleep";
      int searching = 0;
      while (Search()) searching++;
      if (what != 2) {
        EXPECT_EQ(2, searching) << "I1: nobody searched";
      }
    }
  }
}

// What is chosen is woken without the lock.
TEST_F(SleepersStep, WokenWithoutTheLock) {
  Make(2);
  bool was_free = false;
  driver_.on_sleep = [&] {
    driver_.on_wake = [&] { was_free = IsFree(&idle_.lock); };
    idle_notify_all(&idle_);
  };
  Sleep(0);
  bed_sleep(&workers_[0].bed);
  driver_.on_sleep = driver_.on_wake = nullptr;
  EXPECT_EQ(1, driver_.wakes);
  EXPECT_TRUE(was_free) << "I6: the lock is not held over a wake";
}

TEST_F(SleepersStep, HalfOfAllAndNotOfThoseAwake) {
  Make(4);
  Sleep(0);
  Sleep(1);
  EXPECT_TRUE(Search());
  EXPECT_TRUE(Search())
      << "I1: half of all workers may search, asleep or awake";
  EXPECT_FALSE(Search()) << "I1";
}

TEST_F(SleepersStep, TheLastToFallAsleepIsTheFirst) {
  Make(3);
  for (int i = 0; i < 3; i++) {
    Sleep(i);
    EXPECT_TRUE(idle_.sleepers.next == &workers_[i].link)
        << "who falls asleep is the first of the sleepers: its caches are "
           "the warmest";
  }
  for (int i = 0; i < 3; i++) GetUp(i);
}

TEST_F(SleepersStep, TheCounts) {
  Make(4);
  auto expect = [&](int awake, int searching, const char *when) {
    EXPECT_EQ(awake, Awake()) << "how many are counted as awake " << when;
    EXPECT_EQ(searching, Searching())
        << "how many are counted as searching " << when;
  };
  expect(4, 0, "at first");
  Search();
  Sleep(0, true);
  expect(3, 0, "when one who searched has fallen asleep");
  Sleep(1);
  expect(2, 0, "when one more has fallen asleep");
  EXPECT_TRUE(GetUp(1));
  expect(3, 0, "when one of two got up by itself");
  idle_notify_all(&idle_);
  expect(4, 1, "when the other one was chosen: it is both (I3)");
  EXPECT_FALSE(GetUp(0));
  expect(4, 1, "when who was chosen has got up: it was counted before");
}

// In the middle of whatever is done the list and the counts agree, whenever the
// lock is free.
TEST_F(SleepersStep, ListAndCountsAgree) {
  for (int what = 0; what < 4; what++) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Make(4);
      Sleep(1);
      Sleep(2);
      bool fits = true;
      came = InterruptAt(
          nth,
          [&] {
            if (what == 0) Sleep(0);
            if (what == 1) GetUp(1);
            if (what == 2) GetUp(2);
            if (what == 3) idle_notify_all(&idle_);
          },
          [&] {
            if (IsFree(&idle_.lock)) fits = Fits();
          });
      EXPECT_TRUE(fits)
          << "somebody looked while the lock was free, and found one asleep "
             "that is counted as awake, or the other way round: who joins or "
             "leaves the list leaves or joins the counts under the same lock";
      EXPECT_TRUE(Fits());
    }
  }
}

// It is chosen just when it gets up by itself.
TEST_F(SleepersStep, ChosenWhileItGetsUp) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(2);
    Sleep(0);
    bool has_come = false, by_itself = false;
    came = InterruptAt(
        nth, [&] { by_itself = GetUp(0); },
        [&] {
          if (!IsFree(&idle_.lock)) return;
          has_come = true;
          idle_notify_all(&idle_);
        });
    EXPECT_EQ(2, Awake())
        << "I3: it got up just when it was chosen, and is counted awake twice: "
           "look with the lock held";
    if (has_come) {
      EXPECT_EQ(by_itself ? 0 : 1, Searching())
          << "I3: who was chosen is searching, and nobody else";
    }
  }
}

// Two begin to search at once.
TEST_F(SleepersStep, TwoBeginToSearch) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(8);
    bool mine = false, theirs = false;
    came = InterruptAt(
        nth, [&] { mine = Search(); },
        [&] {
          if (IsFree(&idle_.lock)) theirs = Search();
        });
    EXPECT_EQ(mine + theirs, Searching())
        << "two began to search at once, and one of them is not counted: add "
           "to the count in one step";
  }
}

// One begins to search in the middle of whatever is done. It takes no lock for
// that, so it may come where the list is changed, too.
TEST_F(SleepersStep, ASearchBeginsMeanwhile) {
  Make(8);
  bool locks = gate::TakesLock(&idle_.lock, [&] { Search(); });
  const char *const kWhat[] = {"another fell asleep", "another got up",
                               "others were chosen"};
  for (int what = 0; what < 3; what++) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Make(8);
      Sleep(1);
      Sleep(2);
      bool searches = false;
      came = InterruptAt(
          nth,
          [&] {
            if (what == 0) Sleep(0);
            if (what == 1) GetUp(1);
            if (what == 2) idle_notify_all(&idle_);
          },
          [&] {
            if (!locks || IsFree(&idle_.lock)) searches = Search();
          });
      int who_searches = searches + (what == 2 ? 2 : 0);
      EXPECT_EQ(who_searches, Searching())
          << "I1: one began to search just when " << kWhat[what]
          << ", and is not counted: a search begins without the lock, so the "
             "word is to be changed in one step, whoever has the lock";
      EXPECT_EQ(what == 0   ? 5
                : what == 1 ? 7
                            : 8,
                Awake())
          << "how many are counted as awake";
    }
  }
}

// Its link is plain memory: while another takes it out of the list, a look
// without the lock is a data race, whatever it finds.
TEST_F(SleepersStep, TheLinkIsUnderTheLock) {
  Make(2);
  Sleep(0);
  EXPECT_TRUE(gate::TakesLock(&idle_.lock, [&] { IsAsleep(0); }))
      << "idle_is_asleep() looked at the worker's link without the lock, and "
         "another thread may be changing it: a data race";
  GetUp(0);
}

TEST_F(SleepersStep, AllOfAllAreWoken) {
  for (int workers : {1, 2, 4}) {
    Make(unsigned(workers));
    for (int i = 0; i < workers; i++) Sleep(i);
    idle_notify_all(&idle_);
    for (int i = 0; i < workers; i++) {
      EXPECT_FALSE(IsAsleep(i)) << "every sleeper is chosen, the last one, too";
      EXPECT_TRUE(WasWoken(i)) << "and its bed is woken";
    }
  }
}

// --------------------------------------------------------------- step 12.9

class NotifyStep : public IdleStep {};

TEST_F(NotifyStep, NobodySleeps) {
  Make(2);
  EXPECT_FALSE(Notify()) << "I2: there is nobody to wake";
  EXPECT_TRUE(Search()) << "and nobody searches";
}

TEST_F(NotifyStep, WakesOne) {
  Make(3);
  Sleep(0);
  Sleep(1);
  EXPECT_TRUE(Notify()) << "I2: two sleep, and nobody searches";
  EXPECT_FALSE(IsAsleep(1)) << "the last one to fall asleep is the first";
  EXPECT_TRUE(IsAsleep(0)) << "I2: one, and not all";
  EXPECT_TRUE(WasWoken(1)) << "I2: and its bed is woken";
  EXPECT_FALSE(WasWoken(0));
  EXPECT_FALSE(GetUp(1)) << "I3: it is searching";
  GetUp(0);
}

TEST_F(NotifyStep, AHundredTasksAtOnce) {
  Make(4);
  for (int i = 0; i < 3; i++) Sleep(i);
  EXPECT_TRUE(Notify());
  for (int i = 0; i < 99; i++)
    EXPECT_FALSE(Notify())
        << "I3: the one that was chosen is searching from then on";
  EXPECT_TRUE(IsAsleep(0));
  EXPECT_TRUE(IsAsleep(1));
  EXPECT_FALSE(IsAsleep(2));
  GetUp(0);
  GetUp(1);
}

TEST_F(NotifyStep, NotWhileSomebodySearches) {
  Make(4);
  Sleep(0);
  ASSERT_TRUE(Search());
  EXPECT_FALSE(Notify()) << "I2: whoever searches will find it";
  EXPECT_TRUE(IsAsleep(0));
  Sleep(1, true);
  EXPECT_TRUE(Notify()) << "I2: nobody searches any more";
  EXPECT_FALSE(IsAsleep(1));
  GetUp(0);
}

TEST_F(NotifyStep, TheLastWhoFindsWakesTheNext) {
  Make(6);
  Sleep(0);
  Sleep(1);
  ASSERT_TRUE(Search());
  ASSERT_TRUE(Search());
  Found();
  EXPECT_TRUE(IsAsleep(1)) << "I4: another one searches still";
  Found();
  EXPECT_FALSE(IsAsleep(1)) << "I4: the last one wakes the next";
  EXPECT_TRUE(IsAsleep(0)) << "I4: and not all";
  EXPECT_TRUE(WasWoken(1));
  Found();  // worker 1 found something
  EXPECT_FALSE(IsAsleep(0)) << "I4: one after the other";
  EXPECT_TRUE(WasWoken(0));
  Found();
  EXPECT_FALSE(Notify()) << "I2: all are awake";
  EXPECT_TRUE(Search()) << "I4: nobody searches any more";
}

// One begins to search while another, that is not the last, says that it has
// found something.
TEST_F(NotifyStep, ASearchBeginsMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(8);
    ASSERT_TRUE(Search());
    ASSERT_TRUE(Search());
    bool searches = false;
    came = InterruptAt(
        nth, [&] { Found(); },
        [&] {
          if (IsFree(&idle_.lock)) searches = Search();
        });
    int who_searches = 1 + searches;
    EXPECT_EQ(who_searches, Searching())
        << "I4: one began to search just when another found something, and is "
           "not counted: take one off the word in one step";
  }
}

TEST_F(NotifyStep, WokenWithoutTheLock) {
  Make(2);
  bool was_free = false;
  driver_.on_sleep = [&] {
    driver_.on_wake = [&] { was_free = IsFree(&idle_.lock); };
    Notify();
  };
  Sleep(0);
  bed_sleep(&workers_[0].bed);
  driver_.on_sleep = driver_.on_wake = nullptr;
  EXPECT_EQ(1, driver_.wakes);
  EXPECT_TRUE(was_free) << "I6: the lock is not held over a wake";
}

// Two notify at the same time: one worker for both.
TEST_F(NotifyStep, TwoNotify) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(4);
    for (int i = 0; i < 3; i++) Sleep(i);
    bool mine = false, theirs = false;
    came = InterruptAt(
        nth, [&] { mine = Notify(); },
        [&] {
          if (!IsFree(&idle_.lock)) return;
          theirs = Notify();
        });
    EXPECT_TRUE(mine || theirs) << "I2: three sleep, and nobody is woken";
    EXPECT_FALSE(mine && theirs)
        << "I3: two are woken: look once more when you have the lock";
    int asleep = 0;
    for (int i = 0; i < 3; i++) asleep += IsAsleep(i);
    EXPECT_EQ(2, asleep) << "I3";
  }
}

// The one that is to be woken gets up by itself.
TEST_F(NotifyStep, GetsUpMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(2);
    Sleep(0);
    bool mine = false, was_asleep = false, has_come = false;
    came = InterruptAt(
        nth, [&] { mine = Notify(); },
        [&] {
          if (!IsFree(&idle_.lock)) return;
          has_come = true;
          was_asleep = GetUp(0);
        });
    if (!has_come) continue;
    EXPECT_NE(mine, was_asleep)
        << "I3: it was chosen and is searching, or it got up by itself";
    EXPECT_EQ(!mine, Search()) << "I3: the count says the same";
  }
}

// The protocol: somebody queues a task while the last worker goes to sleep.
TEST_F(NotifyStep, ATaskComesWhileTheLastOneFallsAsleep) {
  for (bool was_searching : {true, false}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Make(2);
      volatile int queued = 0;
      if (was_searching) {
        ASSERT_TRUE(Search());
      }
      came = InterruptAt(
          nth,
          [&] {
            if (Sleep(0, was_searching) && queued > 0) Notify();
          },
          [&] {
            if (!IsFree(&idle_.lock)) return;
            queued = queued + 1;
            Notify();
          });
      if (queued > 0) {
        EXPECT_FALSE(IsAsleep(0))
            << "I5: the task is in a queue, and its worker sleeps";
        EXPECT_TRUE(WasWoken(0)) << "I5";
      }
    }
  }
}

// Somebody who searches finds another task, and a second one goes to sleep
// without a search, since there was one who did: who takes the task that came?
TEST_F(NotifyStep, WhoSearchedFindsSomethingElse) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(2);
    volatile int queued = 1;  // while the first one searches
    ASSERT_TRUE(Search());
    ASSERT_FALSE(Search());  // the second may not
    bool has_come = false;
    came = InterruptAt(
        nth,
        [&] {
          if (Sleep(1, false) && queued > 0) Notify();
        },
        [&] {
          if (!IsFree(&idle_.lock)) return;
          has_come = true;
          Found();
        });
    if (!has_come) Found();
    EXPECT_FALSE(IsAsleep(1))
        << "I5: a task lies in a queue, the only one awake is busy, and the "
           "other sleeps";
  }
}

// At every push: so there must be no lock in it if there is nobody to wake.
TEST_F(NotifyStep, NoLockIfThereIsNoNeed) {
  for (bool is_searching : {false, true}) {
    Make(4);
    if (is_searching) {
      Sleep(0);
      ASSERT_TRUE(Search());
    }
    bool takes_lock = gate::TakesLock(&idle_.lock, [&] { Notify(); });
    EXPECT_FALSE(takes_lock && is_searching)
        << "I2: somebody searches: one look at the word tells it, without the "
           "lock";
    EXPECT_FALSE(takes_lock && !is_searching)
        << "I2: all are awake: one look at the word tells it, without the lock";
    if (is_searching) GetUp(0);
  }
}

// The driver is left. Who watches it?
TEST_F(NotifyStep, ADeputy) {
  Make(3);
  EXPECT_FALSE(Appoint()) << "I7: nobody sleeps";
  Sleep(0);
  Sleep(1);
  EXPECT_TRUE(Appoint()) << "I7: two sleep, and nobody is the deputy";
  EXPECT_TRUE(IsDeputy(1)) << "I7: the last one to fall asleep";
  EXPECT_FALSE(IsDeputy(0)) << "I7: one, and not all";
  EXPECT_TRUE(WasWoken(1)) << "I7: it has to get up, in order to doze";
  EXPECT_FALSE(WasWoken(0));
  EXPECT_TRUE(IsAsleep(1)) << "I7: it counts as asleep all the time";
  EXPECT_EQ(1, Awake()) << "I7";
  EXPECT_EQ(0, Searching()) << "I7: it has not been chosen";
  GetUp(0);
  GetUp(1);
}

TEST_F(NotifyStep, OneDeputyAtATime) {
  Make(3);
  Sleep(0);
  Sleep(1);
  ASSERT_TRUE(Appoint());
  WasWoken(1);
  EXPECT_FALSE(Appoint()) << "I7: there is a deputy";
  EXPECT_FALSE(WasWoken(1))
      << "I7: the deputy was woken again: each piece of news would cost a "
         "wake, and not one in DOZE_NS";
  EXPECT_FALSE(IsDeputy(0)) << "I7: one at a time";
  idle_relieve(&idle_, &workers_[0]);
  EXPECT_TRUE(IsDeputy(1)) << "I7: who is not the deputy relieves nobody";
  idle_relieve(&idle_, &workers_[1]);
  EXPECT_FALSE(IsDeputy(1)) << "I7: it has dozed";
  EXPECT_TRUE(Appoint()) << "I7: and may be the deputy again";
  GetUp(0);
  GetUp(1);
}

// Chosen, or up by itself: it has something else to do.
TEST_F(NotifyStep, ADeputyThatIsUp) {
  for (bool is_chosen : {true, false}) {
    Make(3);
    Sleep(0);
    Sleep(1);
    ASSERT_TRUE(Appoint());
    if (is_chosen)
      ASSERT_TRUE(Notify());
    else
      ASSERT_TRUE(GetUp(1));
    ASSERT_FALSE(IsAsleep(1));
    EXPECT_TRUE(Appoint()) << "I7: who was the deputy is up: another one";
    EXPECT_TRUE(IsDeputy(0)) << "I7";
    EXPECT_TRUE(WasWoken(0)) << "I7";
    GetUp(0);
  }
}

TEST_F(NotifyStep, TwoAppoint) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(4);
    for (int i = 0; i < 3; i++) Sleep(i);
    bool mine = false, theirs = false;
    came = InterruptAt(
        nth, [&] { mine = Appoint(); },
        [&] {
          if (IsFree(&idle_.lock)) theirs = Appoint();
        });
    EXPECT_TRUE(mine || theirs) << "I7: three sleep, and there is no deputy";
    EXPECT_FALSE(mine && theirs) << "I7: one deputy: look with the lock";
    EXPECT_TRUE(IsDeputy(2)) << "I7";
    for (int i = 0; i < 3; i++) GetUp(i);
  }
}

TEST_F(NotifyStep, AppointedWithoutTheLock) {
  Make(2);
  EXPECT_FALSE(gate::TakesLock(&idle_.lock, [&] { Appoint(); }))
      << "I7: all are awake: one look at the word tells it, without the lock";
  bool was_free = false;
  driver_.on_sleep = [&] {
    driver_.on_wake = [&] { was_free = IsFree(&idle_.lock); };
    Appoint();
  };
  Sleep(0);
  bed_sleep(&workers_[0].bed);
  driver_.on_sleep = driver_.on_wake = nullptr;
  EXPECT_EQ(1, driver_.wakes) << "I7: the deputy is woken, wherever it sleeps";
  EXPECT_TRUE(was_free) << "I6: the lock is not held over a wake";
  GetUp(0);
}

TEST_F(NotifyStep, AsChanceHasIt) {
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    enum { kAwake, kSearching, kAsleep };
    int state[kMost] = {};
    std::vector<int> sleepers;
    Make(kMost);
    auto count = [&](int what) {
      return int(std::count(state, state + kMost, what));
    };
    auto notified = [&] {
      if (count(kSearching) > 0 || sleepers.empty()) return false;
      state[sleepers.back()] = kSearching;
      sleepers.pop_back();
      return true;
    };
    for (int turn = 0; turn < 200 && !HasFailure(); turn++) {
      int i = int(random() % kMost);
      if (state[i] == kAsleep && random() % 3 == 0) {
        ASSERT_TRUE(GetUp(i));
        state[i] = kAwake;
        sleepers.erase(std::find(sleepers.begin(), sleepers.end(), i));
      } else if (state[i] == kAwake && random() % 2 == 0) {
        bool may = 2 * count(kSearching) < kMost;
        ASSERT_EQ(may, Search()) << "I1";
        if (may) state[i] = kSearching;
      } else if (state[i] == kSearching && random() % 2 == 0) {
        state[i] = kAwake;
        if (count(kSearching) == 0) notified();
        Found();
      } else if (state[i] != kAsleep && random() % 2 == 0) {
        bool was_searching = state[i] == kSearching;
        state[i] = kAsleep;
        sleepers.push_back(i);
        ASSERT_EQ(count(kSearching) == 0, Sleep(i, was_searching)) << "I5";
      } else {
        bool expected = notified();
        ASSERT_EQ(expected, Notify()) << "I2";
      }
      for (int j = 0; j < kMost; j++)
        ASSERT_EQ(state[j] == kAsleep, IsAsleep(j))
            << "I2, I4: the last to fall asleep is the first to be woken";
    }
  }
}
