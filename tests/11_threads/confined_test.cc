// confined_test.cc - step 11.1: whose thread is it.
#include "tests/11_threads/threads_fixture.h"

extern "C" {
#include "chapters/11_threads/confined.h"
}

namespace {

using namespace threads_test;
using gate::FutureProbe;
using gate::WakerProbe;

constexpr char kForeign[] = "panic at";  // whatever it says

class ConfinedStep : public ScriptStep {
 protected:
  void SetUp() override {
    ScriptStep::SetUp();
    memset(&thing_, kOld, sizeof thing_);
    confined_init(&thing_);
  }
  void Elsewhere(const std::function<void()> &what) {
    std::thread other(what);
    other.join();
  }
  struct confined thing_;
};

TEST_F(ConfinedStep, ItBelongsToWhoMadeIt) {
  uintptr_t owner = thing_.thread;
  ASSERT_NE(0u, owner);
  for (int i = 0; i < 3; i++) confined_check(&thing_, "thing");
  EXPECT_TRUE(thing_.thread == owner)
      << "C1: it belongs to who made it, and a check changes nothing";
}

TEST_F(ConfinedStep, AnotherThreadPanics) {
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { confined_check(&thing_, "the thing"); }); },
             kForeign))
      << "C1: on any other thread a check panics";
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { confined_check(&thing_, "the thing"); }); },
             "the thing"))
      << "C1: and says what it is that belongs to another thread";
}

TEST_F(ConfinedStep, HandedOverItBelongsToWhoLooksFirst) {
  confined_hand_over(&thing_, "thing");
  ASSERT_TRUE(thing_.thread == 0) << "C2: handed over, it belongs to nobody";
  uintptr_t here = 0, there = 0;
  Elsewhere([&] {
    struct confined other;
    confined_init(&other);
    here = other.thread;
    confined_check(&thing_, "thing");
    there = thing_.thread;
  });
  EXPECT_TRUE(here == there) << "C1: who looks first is the new owner";
}

TEST_F(ConfinedStep, WhoHandedItOverIsAStranger) {
  confined_hand_over(&thing_, "thing");
  EXPECT_TRUE(Panics(
      [&] {
        Latch checked, done;
        std::thread other([&] {
          confined_check(&thing_, "thing");
          checked.Open();
          done.Pass();  // as long as it lives, its name is its own
        });
        checked.Pass();
        confined_check(&thing_, "thing");
        done.Open();
        other.join();
      },
      kForeign))
      << "C2: it is the other one's now, and not ours any more";
}

TEST_F(ConfinedStep, OnlyItsOwnerHandsItOver) {
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { confined_hand_over(&thing_, "thing"); }); },
             kForeign))
      << "C2: only its owner hands it over";
  confined_hand_over(&thing_, "thing");
  confined_check(&thing_, "thing");
  confined_hand_over(&thing_, "thing");
  EXPECT_TRUE(thing_.thread == 0) << "C2: and any number of times";
}

TEST_F(ConfinedStep, WhatIsNobodysIsHandedOverAnew) {
  auto twice = [&] {
    confined_hand_over(&thing_, "thing");
    confined_hand_over(&thing_, "thing");
  };
  EXPECT_FALSE(Panics(twice, kForeign))
      << "C2: it panics when it hands over what is nobody's: that becomes the "
         "caller's by the check, and is handed over anew";
  confined_hand_over(&thing_, "thing");
  EXPECT_FALSE(
      Panics([&] { Elsewhere([&] { confined_hand_over(&thing_, "thing"); }); },
             kForeign))
      << "C2: on any thread";
}

// A stranger looks, and we ask at each place of that whose it is. In a process
// of its own each time, since it has to panic.
TEST_F(ConfinedStep, AStrangerTakesNothing) {
  constexpr char kAsItWas[] = "it is the other thread's still";
  bool came = CanInterrupt();
  for (long nth = 1; came && !HasFailure(); nth++) {
    auto look = [&] {
      uintptr_t other = thing_.thread + 1;
      thing_.thread = other;
      InterruptAt(
          nth, [&] { confined_check(&thing_, "thing"); },
          [&] {
            if (thing_.thread != other) _exit(0);
            panic("%s", kAsItWas);
          });
    };
    came = Panics(look, kAsItWas);
    EXPECT_TRUE(Panics(look, kForeign))
        << "C1: a check takes it from another thread, and panics then: until "
           "the program ends there, that thread is a stranger to what it uses. "
           "Only what is nobody's is taken";
  }
}

// Somebody else looks first, at each place of our look. In a process of its own
// each time, since one of the two has to panic.
TEST_F(ConfinedStep, TwoLookFirst) {
  auto look = [&] { confined_check(&thing_, "thing"); };
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    confined_hand_over(&thing_, "thing");
    came = InterruptAt(nth, look, [] {});
    confined_hand_over(&thing_, "thing");
    auto both_look = [&] {
      bool is_theirs = false;
      InterruptAt(nth, look, [&] {
        is_theirs = thing_.thread == 0;
        if (is_theirs) thing_.thread = 1;
      });
      if (is_theirs) _exit(0);  // and our check has let us in as well
      panic("%s", kForeign);    // and we are the other one
    };
    EXPECT_TRUE(Panics(both_look, kForeign))
        << "C1: of two that look at the same time, one is the owner and the "
           "other panics: look and take in one step";
  }
}

class ConfinedFutureStep : public ConfinedStep {
 protected:
  void SetUp() override {
    ConfinedStep::SetUp();
    memset(&future_, kOld, sizeof future_);
    confined_future_init(&future_, "her frame", leaf_.int_future());
  }
  struct future *future() {
    return &future_.base.base;
  }
  // A child that ends the process, in silence, if it is touched elsewhere.
  struct int_future *Guarded() {
    int home = ThisThread();
    auto look = [home] {
      if (ThisThread() != home) _exit(0);
    };
    Script &script = New([look](struct context *) {
      look();
      return POLL_PENDING;
    });
    script.OnDrop(look);
    return script.future();
  }
  WakerProbe waker_{"waker"};
  FutureProbe leaf_{"leaf", 1, 7};
  struct confined_future future_;
};

TEST_F(ConfinedFutureStep, AtHomeItIsItsChild) {
  EXPECT_EQ(POLL_PENDING, Poll(future(), waker_)) << "C3: as its child";
  EXPECT_EQ(1, waker_.wakes());
  ASSERT_EQ(POLL_READY, Poll(future(), waker_)) << "C3: as its child";
  EXPECT_EQ(7, future_.base.result) << "C3: its result is that of its child";
  EXPECT_EQ(2, leaf_.polls()) << "C3: a poll of it is a poll of its child";
  future_drop(future());
  EXPECT_EQ(1, leaf_.drops()) << "its child is dropped with it";
}

TEST_F(ConfinedFutureStep, PolledElsewhere) {
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { Poll(future(), waker_); }); }, "her frame"))
      << "C3: polled on another thread it panics, and says its name";
  future_drop(future());
}

TEST_F(ConfinedFutureStep, DroppedElsewhere) {
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { future_drop(future()); }); }, "her frame"))
      << "C3: a drop on another thread panics, too: it would free what "
         "belongs to the first one";
  future_drop(future());
  EXPECT_EQ(1, leaf_.drops())
      << "C3: its child is dropped once, at home: check first";
}

TEST_F(ConfinedFutureStep, DroppedElsewhereWhenItIsReady) {
  EXPECT_EQ(POLL_PENDING, Poll(future(), waker_)) << "C3: as its child";
  ASSERT_EQ(POLL_READY, Poll(future(), waker_)) << "C3: as its child";
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { future_drop(future()); }); }, "her frame"))
      << "C3: ready or not, it is dropped on the thread that made it: a poll "
         "that is ready hands nothing over, and a drop is looked at always";
  future_drop(future());
  EXPECT_EQ(1, leaf_.drops()) << "C3: its child is dropped once, at home";
}

TEST_F(ConfinedFutureStep, PolledAtHomeAndThenElsewhere) {
  EXPECT_EQ(POLL_PENDING, Poll(future(), waker_)) << "C3: as its child";
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { Poll(future(), waker_); }); }, "her frame"))
      << "C3: each poll is looked at, not only the first; and a poll does not "
         "hand it over";
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { future_drop(future()); }); }, "her frame"))
      << "C3: and the drop is, too";
  future_drop(future());
}

TEST_F(ConfinedFutureStep, TheCheckComesFirst) {
  confined_future_init(&future_, "her frame", Guarded());
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { Poll(future(), waker_); }); }, "her frame"))
      << "C3: polled on another thread it panics before its child is polled "
         "there: check first";
  EXPECT_TRUE(
      Panics([&] { Elsewhere([&] { future_drop(future()); }); }, "her frame"))
      << "C3: dropped on another thread it panics before its child is dropped "
         "there: check first";
  future_drop(future());
}

}  // namespace
