// wheel_test.cc - steps 7.1 to 7.3: where a deadline is, and when it comes out.
#include <memory>
#include <vector>

#include "tests/07_timer/wheel_model.h"
#include "tests/support/gate.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

namespace {

class WheelFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    StartAt(0);
  }
  void StartAt(uint64_t now) {
    wheel_init(&wheel_, now);
    for (auto &entry : entries_) wheel_entry_init(&entry);
  }
  bool Insert(int entry, uint64_t deadline) {
    return wheel_insert(&wheel_, &entries_[entry], deadline);
  }
  void Remove(int entry) { wheel_remove(&wheel_, &entries_[entry]); }
  bool IsOccupied(int level, int slot) const {
    return (wheel_.occupied[level] >> slot & 1) != 0;
  }
  // The numbers of the entries that come out.
  std::vector<int> Advance(uint64_t now) {
    std::vector<int> out;
    struct list expired;
    list_init(&expired);
    wheel_advance(&wheel_, now, &expired);
    while (struct list *link = list_pop_front(&expired))
      out.push_back(
          int(container_of(link, struct wheel_entry, link) - entries_));
    return out;
  }
  uint64_t Next() {
    uint64_t tick = 0;
    return wheel_next(&wheel_, &tick) ? tick : 0;
  }

  using Out = std::vector<int>;
  struct wheel wheel_;
  struct wheel_entry entries_[8];
};

// ---------------------------------------------------------------- step 7.1

class InsertStep : public WheelFixture {};

TEST_F(InsertStep, TheHighestDigitThatDiffers) {
  const struct {
    uint64_t now, deadline;
    int level, slot;
  } kTable[] = {
      {0, 1, 0, 1},
      {0, 63, 0, 63},
      {0, 64, 1, 1},
      {0, 65, 1, 1},
      {0, 4095, 1, 63},
      {0, 4096, 2, 1},
      {0, 1 << 18, 3, 1},
      {0, 1 << 24, 4, 1},
      {0, 1 << 30, 5, 1},
      {0, WHEEL_HORIZON - 1, 5, 63},
      {100, 101, 0, 37},
      {100, 127, 0, 63},
      {100, 128, 1, 2},
      {63, 64, 1, 1},
      {4095, 4096, 2, 1},
      {4096 + 70, 4096 + 64 + 7, 0, 7},
      {WHEEL_HORIZON - 1, WHEEL_HORIZON, 5, 0},
  };
  for (const auto &row : kTable) {
    StartAt(row.now);
    ASSERT_TRUE(Insert(0, row.deadline));
    EXPECT_EQ(row.level, int(entries_[0].level))
        << "W1: the level of " << row.deadline << ", at time " << row.now;
    EXPECT_EQ(row.slot, int(entries_[0].slot))
        << "W1: the slot of " << row.deadline << ", at time " << row.now;
    EXPECT_FALSE(list_is_empty(&wheel_.slots[row.level][row.slot]))
        << "W1: it is linked into its slot: " << row.slot << " of level "
        << row.level;
    EXPECT_TRUE(IsOccupied(row.level, row.slot))
        << "W1: the bit of its slot is set: " << row.slot << " of level "
        << row.level;
    EXPECT_EQ(row.deadline, entries_[0].deadline);
  }
}

TEST_F(InsertStep, WhatIsDueStaysOutside) {
  StartAt(100);
  EXPECT_FALSE(Insert(0, 100)) << "it is due";
  EXPECT_FALSE(Insert(0, 3)) << "it is overdue";
  EXPECT_EQ(nullptr, entries_[0].link.next);
}

TEST_F(InsertStep, TooFarIsAtTheTop) {
  for (uint64_t now : {uint64_t(0), uint64_t(1000), WHEEL_HORIZON - 7}) {
    StartAt(now);
    for (uint64_t deadline :
         {now + WHEEL_HORIZON, now + 5 * WHEEL_HORIZON, UINT64_MAX}) {
      wheel_entry_init(&entries_[0]);
      ASSERT_TRUE(Insert(0, deadline));
      EXPECT_EQ(WHEEL_LEVELS - 1, int(entries_[0].level))
          << "W5: what is too far is at the highest level";
      EXPECT_EQ(deadline, entries_[0].deadline) << "W5: it is not forgotten";
    }
  }
}

TEST_F(InsertStep, TwoInASlot) {
  ASSERT_TRUE(Insert(0, 70));
  ASSERT_TRUE(Insert(1, 100));
  EXPECT_EQ(entries_[0].slot, entries_[1].slot);
  struct list *slot = &wheel_.slots[1][1];
  EXPECT_NE(slot->next, slot->prev) << "W1: both are in it";
  EXPECT_EQ(slot, slot->next->next->next) << "W1: and nobody else";
}

TEST_F(InsertStep, TwiceIsAMistake) {
  ASSERT_TRUE(Insert(0, 70));
  EXPECT_TRUE(gate::Panics([&] { Insert(0, 80); }, "inserted twice"));
}

TEST_F(InsertStep, NothingIsAllocated) {
  long before = gate::Allocations::total();
  for (int i = 0; i < 8; i++) Insert(i, uint64_t(1) << (4 * i));
  EXPECT_EQ(before, gate::Allocations::total()) << "W2";
}

// ---------------------------------------------------------------- step 7.2

class RemoveStep : public WheelFixture {};

TEST_F(RemoveStep, OutOfItsSlot) {
  ASSERT_TRUE(Insert(0, 70));
  Remove(0);
  EXPECT_FALSE(list_is_linked(&entries_[0].link));
  EXPECT_TRUE(list_is_empty(&wheel_.slots[1][1]));
  EXPECT_FALSE(IsOccupied(1, 1))
      << "W1: an empty slot whose bit is set would be visited for nobody";
}

TEST_F(RemoveStep, OthersStay) {
  ASSERT_TRUE(Insert(0, 70));
  ASSERT_TRUE(Insert(1, 100));
  ASSERT_TRUE(Insert(2, 200));
  Remove(0);
  EXPECT_TRUE(IsOccupied(1, 1)) << "W1: somebody is still in that slot";
  EXPECT_TRUE(list_is_linked(&entries_[1].link));
  Remove(1);
  EXPECT_FALSE(IsOccupied(1, 1)) << "W1: now it is empty";
  EXPECT_TRUE(IsOccupied(1, 3)) << "W1: and that of another is as it was";
}

TEST_F(RemoveStep, AllSixtyFourBits) {
  for (int i = 0; i < 3; i++) ASSERT_TRUE(Insert(i, uint64_t(30 + 10 * i)));
  Remove(1);
  EXPECT_FALSE(IsOccupied(0, 40)) << "W1: slot 40 is empty";
  EXPECT_TRUE(IsOccupied(0, 30)) << "W1: slot 30 is not";
  EXPECT_TRUE(IsOccupied(0, 50)) << "W1: slot 50 is not";
}

TEST_F(RemoveStep, OutOfAListOfTheDue) {
  struct list due;
  list_init(&due);
  ASSERT_TRUE(Insert(0, 5));
  // As wheel_advance() does it, in the next step.
  list_remove(&entries_[0].link);
  list_push_back(&due, &entries_[0].link);
  wheel_.occupied[0] = 0;
  Remove(0);
  EXPECT_TRUE(list_is_empty(&due)) << "W6";
  EXPECT_EQ(0u, wheel_.occupied[0])
      << "W6, W1: its slot was empty before, and its bit is clear";
}

TEST_F(RemoveStep, NowhereIsNothing) {
  Remove(0);
  ASSERT_TRUE(Insert(0, 5));
  Remove(0);
  Remove(0);
  EXPECT_EQ(0u, wheel_.occupied[0]) << "W6";
  ASSERT_TRUE(Insert(0, 6)) << "W6: it may be inserted again";
  EXPECT_TRUE(IsOccupied(0, 6));
}

TEST_F(RemoveStep, WhereItWasPutAndNotWhereItWouldBe) {
  ASSERT_TRUE(Insert(0, 70));
  wheel_.now = 64;  // as if it had been advanced, and the slot not opened
  Remove(0);
  EXPECT_FALSE(IsOccupied(1, 1)) << "W1: the entry says where it is";
}

// ---------------------------------------------------------------- step 7.3

class AdvanceStep : public WheelFixture {};

TEST_F(AdvanceStep, EmptyHasNoNext) {
  uint64_t tick = 7;
  EXPECT_FALSE(wheel_next(&wheel_, &tick));
  EXPECT_EQ(7u, tick) << "outputs are untouched";
  EXPECT_EQ(Out(), Advance(1000));
  EXPECT_EQ(1000u, wheel_.now)
      << "W3: the wheel was advanced to 1000, and its time stood still: an "
         "empty wheel has a time, too";
}

TEST_F(AdvanceStep, NearIsExact) {
  ASSERT_TRUE(Insert(0, 5));
  EXPECT_EQ(5u, Next());
  EXPECT_EQ(Out(), Advance(4)) << "W3: not before its time";
  EXPECT_EQ(Out{0}, Advance(5))
      << "W3: time went from 4 to 5, and the entry that is due at 5 was not "
         "handed out";
  EXPECT_EQ(0u, Next()) << "W3: once";
  EXPECT_EQ(0u, wheel_.occupied[0]) << "W1: its slot is empty";
}

TEST_F(AdvanceStep, TheEarliestFirst) {
  for (int i : {3, 0, 2, 1}) ASSERT_TRUE(Insert(i, uint64_t(10 + i)));
  EXPECT_EQ(10u, Next());
  EXPECT_EQ((Out{0, 1, 2, 3}), Advance(60))
      << "W3: an advance hands out all entries that are due, the earliest "
         "deadline first; these were due at 10 to 13";
}

TEST_F(AdvanceStep, AcrossLevels) {
  const uint64_t kDeadlines[] = {5, 70, 130, 5000, 1 << 20, uint64_t(1) << 33};
  for (int i = 5; i >= 0; i--) ASSERT_TRUE(Insert(i, kDeadlines[i]));
  EXPECT_EQ((Out{0, 1, 2, 3, 4, 5}), Advance(uint64_t(1) << 34))
      << "W3: the entries of all levels were handed out, and not the earliest "
         "deadline first: a low level is due before a high one";
}

TEST_F(AdvanceStep, ACascade) {
  ASSERT_TRUE(Insert(0, 64 + 7));
  EXPECT_EQ(64u, Next()) << "W4: the slot has to be sorted out by then";
  EXPECT_EQ(Out(), Advance(64)) << "W3: it is not due yet";
  EXPECT_EQ(0, int(entries_[0].level)) << "W4: but a level down";
  EXPECT_EQ(64u + 7, Next());
  EXPECT_EQ(Out{0}, Advance(64 + 7)) << "W3";
}

TEST_F(AdvanceStep, DueAtACascade) {
  ASSERT_TRUE(Insert(0, 4096));
  EXPECT_EQ(4096u, Next());
  EXPECT_EQ(Out{0}, Advance(4096)) << "W3: due at the very tick of its slot";
}

TEST_F(AdvanceStep, AtMostOneVisitALevel) {
  ASSERT_TRUE(Insert(0, WHEEL_HORIZON - 1));
  int visits = 0;
  for (Out out; out.empty(); visits++) {
    ASSERT_LT(visits, 20) << "W4";
    out = Advance(Next());
  }
  EXPECT_EQ(WHEEL_LEVELS, visits)
      << "W4: down a level each time, and no tick in between";
}

TEST_F(AdvanceStep, BeyondTheHorizon) {
  for (uint64_t start : {uint64_t(0), uint64_t(77), WHEEL_HORIZON - 3}) {
    StartAt(start);
    uint64_t deadline = start + 3 * WHEEL_HORIZON + 12345;
    ASSERT_TRUE(Insert(0, deadline));
    int visits = 0;
    Out out;
    for (; out.empty() && visits < 100; visits++) {
      uint64_t next = Next();
      ASSERT_LT(wheel_.now, next) << "next is after the wheel's time";
      ASSERT_LE(next, deadline) << "W5";
      out = Advance(next);
    }
    EXPECT_EQ(Out{0}, out) << "W5: looked at now and then, and not forgotten";
    EXPECT_EQ(deadline, wheel_.now) << "W3: and not early";
  }
}

TEST_F(AdvanceStep, RemovedFromTheListOfTheDue) {
  for (int i = 0; i < 3; i++) ASSERT_TRUE(Insert(i, 5));
  struct list expired;
  list_init(&expired);
  wheel_advance(&wheel_, 5, &expired);
  Remove(1);
  EXPECT_FALSE(list_is_linked(&entries_[1].link)) << "W6";
  int left = 0;
  while (list_pop_front(&expired) != nullptr) left++;
  EXPECT_EQ(2, left) << "W6: the others are still in it";
}

TEST_F(AdvanceStep, InsertedAgainInBetween) {
  ASSERT_TRUE(Insert(0, 10));
  EXPECT_EQ(Out{0}, Advance(20));
  ASSERT_TRUE(Insert(0, 30));
  EXPECT_EQ(30u, Next());
  EXPECT_EQ(Out{0}, Advance(30));
}

// Random operations on a wheel and on a sorted list.
TEST_F(AdvanceStep, LikeASortedList) {
  using namespace wheel_test;
  for (unsigned seed = 1; seed <= 300; seed++) {
    Script script = RandomScript(seed, 120);
    if (Play(script).empty()) continue;
    Script shrunk = Shrink(script);
    FAIL() << "W3: " << Play(shrunk) << ". Seed " << seed
           << "; the shortest way there that was found:" << Print(shrunk);
  }
}

}  // namespace
