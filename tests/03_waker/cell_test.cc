// cell_test.cc - step 3.7: a wake in the middle of a registration.
//
// The race is not waited for: a waker whose clone() wakes the cell puts the
// wake exactly between the two halves of the registration.
#include <atomic>
#include <thread>

#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/waker_cell.h"
#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/probes.h"

using gate::WakerProbe;

class WakerCellStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    waker_cell_init(&cell_);
  }
  // The bits, as the header draws them.
  uint32_t state() { return __atomic_load_n(&cell_.state, __ATOMIC_SEQ_CST); }
  void set_state(uint32_t bits) {
    __atomic_store_n(&cell_.state, bits, __ATOMIC_SEQ_CST);
  }
  void TearDown() override {
    waker_cell_end(&cell_);
    gate::Step::TearDown();
  }
  struct waker_cell cell_;
};

TEST_F(WakerCellStep, AnEmptyCellWakesNobody) {
  WakerProbe probe;
  waker_cell_wake(&cell_);
  waker_cell_register(&cell_, probe.waker());
  EXPECT_EQ(1, probe.clones()) << "the cell keeps a clone";
  EXPECT_EQ(0, probe.wakes())
      << "a wake that was over before is none for this registration";
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, probe.wakes()) << "G2: the registered waker is woken";
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, probe.wakes()) << "G2: once; then the cell is empty";
  EXPECT_EQ(0, probe.live());
}

TEST_F(WakerCellStep, RegisteringAgainCostsNoClone) {
  WakerProbe probe;
  for (int i = 0; i < 10; i++) waker_cell_register(&cell_, probe.waker());
  EXPECT_EQ(1, probe.clones()) << "G5: the cell holds this waker already";
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, probe.wakes());
}

TEST_F(WakerCellStep, TheNewestRegistrationWins) {
  WakerProbe first("first"), second("second");
  waker_cell_register(&cell_, first.waker());
  waker_cell_register(&cell_, second.waker());
  waker_cell_wake(&cell_);
  EXPECT_EQ(0, first.wakes()) << "P3: the waker before is stale";
  EXPECT_EQ(1, second.wakes());
}

TEST_F(WakerCellStep, AClearedCellWakesNobody) {
  WakerProbe probe;
  waker_cell_register(&cell_, probe.waker());
  waker_cell_clear(&cell_);
  EXPECT_EQ(1, probe.drops());
  waker_cell_wake(&cell_);
  EXPECT_EQ(0, probe.wakes());
  EXPECT_EQ(0, probe.live());
}

namespace {

// A waker whose clone, drop or wake does something to the cell.
struct Intruder {
  struct waker_cell *cell;
  int clones, wakes, drops;
  void (*at_clone)(Intruder *);
  void (*at_wake)(Intruder *);
};

void Wake(Intruder *intruder) { waker_cell_wake(intruder->cell); }

void CallOnce(Intruder *intruder, void (*Intruder::*what)(Intruder *)) {
  void (*call)(Intruder *) = intruder->*what;
  intruder->*what = nullptr;
  if (call != nullptr) call(intruder);
}

Intruder *Self(void *data) { return static_cast<Intruder *>(data); }

const struct waker_ops kIntruderOps = {
    [](void *data) {
      Self(data)->clones++;
      CallOnce(Self(data), &Intruder::at_clone);
      return waker{&kIntruderOps, data};
    },
    [](void *data) {
      Self(data)->wakes++;
      Self(data)->drops++;
      CallOnce(Self(data), &Intruder::at_wake);
    },
    [](void *data) {
      Self(data)->wakes++;
      CallOnce(Self(data), &Intruder::at_wake);
    },
    [](void *data) { Self(data)->drops++; }};

}  // namespace

TEST_F(WakerCellStep, AWakeDuringTheRegistrationIsNotLost) {
  gate::Note("a wake between the two halves of a registration");
  Intruder intruder = {&cell_, 0, 0, 0, Wake, nullptr};
  struct waker waker = {&kIntruderOps, &intruder};
  waker_cell_register(&cell_, &waker);
  EXPECT_EQ(1, intruder.clones);
  EXPECT_EQ(1, intruder.wakes)
      << "G2: the wake came during the registration: the registering side "
         "sees WAKING and wakes";
  EXPECT_EQ(intruder.clones, intruder.drops) << "W2: and consumes its clone";
  ASSERT_EQ(0u, state()) << "G1: both bits are off again: the cell is at rest";
  WakerProbe next("next");
  waker_cell_register(&cell_, next.waker());
  EXPECT_EQ(0, next.wakes()) << "G2: the wake before was not for this one";
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, next.wakes()) << "G2: and it works as before";
}

TEST_F(WakerCellStep, TheRegisteringSideWakesLast) {
  Intruder intruder = {
      &cell_, 0, 0, 0, Wake, [](Intruder *self) {
        EXPECT_EQ(0u, __atomic_load_n(&self->cell->state, __ATOMIC_SEQ_CST))
            << "W1: a waker is woken when the cell is at "
               "rest again: the woken task may register";
      }};
  struct waker waker = {&kIntruderOps, &intruder};
  waker_cell_register(&cell_, &waker);
  EXPECT_EQ(1, intruder.wakes) << "G2: the registering side wakes";
}

TEST_F(WakerCellStep, ARegistrationThatMeetsAWake) {
  // As if another thread were just between taking the waker and turning the
  // bit off.
  constexpr uint32_t kWaking = 2;
  WakerProbe probe;
  set_state(kWaking);
  waker_cell_register(&cell_, probe.waker());
  EXPECT_EQ(1, probe.wakes())
      << "G3: a registration that meets WAKING wakes its own waker at once";
  EXPECT_EQ(0, probe.clones())
      << "G1: the waker inside belongs to the waking side, which may be "
         "taking it just now";
  EXPECT_EQ(kWaking, state()) << "G1: the bit is the waking side's to clear";
  set_state(0);
}

TEST_F(WakerCellStep, AWakeDuringAReRegistrationWakesTheNewest) {
  WakerProbe stale("stale");
  waker_cell_register(&cell_, stale.waker());
  Intruder intruder = {&cell_, 0, 0, 0, Wake, nullptr};
  struct waker waker = {&kIntruderOps, &intruder};
  waker_cell_register(&cell_, &waker);
  EXPECT_EQ(1, intruder.wakes)
      << "G2: the wake came during the registration and is not lost";
  EXPECT_EQ(0, stale.wakes()) << "G1: the waker being replaced is not touched";
  EXPECT_EQ(0, stale.live());
  EXPECT_EQ(intruder.clones, intruder.drops);
}

TEST_F(WakerCellStep, ARegistrationFromInsideAWake) {
  // The woken task polls at once, on the waking thread, and registers.
  static WakerProbe *next;
  WakerProbe probe("next");
  next = &probe;
  Intruder intruder = {&cell_, 0, 0, 0, nullptr, [](Intruder *self) {
                         waker_cell_register(self->cell, next->waker());
                       }};
  struct waker waker = {&kIntruderOps, &intruder};
  waker_cell_register(&cell_, &waker);
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, intruder.wakes);
  EXPECT_EQ(1, probe.clones())
      << "W1: a waker is woken when the cell is at rest again: who registers "
         "from inside the wake finds room";
  waker_cell_wake(&cell_);
  EXPECT_EQ(1, probe.wakes()) << "G4: and the next wake finds it";
}

namespace {

// Ready when `value` is there: register, then look again (G4).
struct Wait {
  struct int_future base;
  struct waker_cell *cell;
  std::atomic<int> *value;
};

const struct future_ops kWaitOps = {
    [](struct future *self, struct context *cx) {
      Wait *wait = reinterpret_cast<Wait *>(self);
      waker_cell_register(wait->cell, cx->waker);
      wait->base.result = *wait->value;
      return wait->base.result == 0 ? POLL_PENDING : POLL_READY;
    },
    [](struct future *self) {
      waker_cell_clear(reinterpret_cast<Wait *>(self)->cell);
    }};

}  // namespace

// A wake at every place of a registration, and the other way round.
TEST_F(WakerCellStep, AWakeAtEveryPlaceOfARegistration) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    WakerProbe probe;
    came = gate::InterruptAt(
        nth, [&] { waker_cell_register(&cell_, probe.waker()); },
        [&] { waker_cell_wake(&cell_); });
    EXPECT_EQ(0u, state()) << "G1: the cell is at rest afterwards";
    EXPECT_EQ(1, probe.wakes() + probe.live())
        << "G4: the waker was woken, or the cell still has it for the next "
           "wake";
    waker_cell_clear(&cell_);
  }
}

TEST_F(WakerCellStep, ARegistrationAtEveryPlaceOfAWake) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    WakerProbe old("old"), probe("new");
    waker_cell_register(&cell_, old.waker());
    came = gate::InterruptAt(
        nth, [&] { waker_cell_wake(&cell_); },
        [&] { waker_cell_register(&cell_, probe.waker()); });
    if (!came) waker_cell_register(&cell_, probe.waker());
    EXPECT_EQ(0u, state()) << "G1: the cell is at rest afterwards";
    EXPECT_EQ(1, probe.wakes() + probe.live())
        << "G4: the new waker was woken, or the cell has it";
    EXPECT_EQ(0, old.live()) << "W2: the old one was woken or given back";
    waker_cell_clear(&cell_);
  }
}

TEST_F(WakerCellStep, AThousandRacesWithAnotherThread) {
  gate::Note("a thousand values, each set and woken for by a second thread");
  for (int round = 1; round <= 1000; round++) {
    std::atomic<int> value{0};
    Wait wait = {{{&kWaitOps}, 0}, &cell_, &value};
    std::thread thread([&] {
      value = round;
      waker_cell_wake(&cell_);
    });
    EXPECT_EQ(round, block_on(&wait.base)) << "G4: no wake is lost";
    thread.join();
  }
}
