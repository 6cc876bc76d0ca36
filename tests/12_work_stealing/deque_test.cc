// deque_test.cc - step 12.5: the Chase-Lev deque.
#include <atomic>
#include <deque>

#include "tests/12_work_stealing/queue_fixture.h"

extern "C" {
#include "chapters/12_work_stealing/deque.h"
}

using namespace stealing_test;

class DequeStep : public QueueStep {
 protected:
  void SetUp() override {
    QueueStep::SetUp();
    deque_init(&deque_);
  }
  bool PushOne(int id) { return deque_push(&deque_, Task(id)); }
  void PushMany(int first, int count) {
    for (int id = first; id < first + count; id++)
      EXPECT_TRUE(PushOne(id)) << "D4: there is room";
  }
  int PopOne() { return Id(deque_pop(&deque_)); }
  // The task, or -1; tries again as long as it should.
  int StealOne() {
    struct task *task = nullptr;
    enum steal steal = deque_steal(&deque_, &task);
    if (steal != STEAL_TASK) {
      EXPECT_EQ(nullptr, task) << "`task` is set only with STEAL_TASK";
      return -1;
    }
    return Id(task);
  }
  std::vector<int> DrainDeque() {
    std::vector<int> ids;
    for (int id; (id = PopOne()) != -1; ids.push_back(id))
      if (int(ids.size()) > kMost) break;
    std::reverse(ids.begin(), ids.end());
    return ids;
  }

  struct deque deque_;
};

TEST_F(DequeStep, LastInFirstOut) {
  EXPECT_EQ(-1, PopOne()) << "a new deque is empty";
  PushMany(0, 3);
  EXPECT_EQ(2, PopOne()) << "D1: the owner has the youngest first";
  PushMany(3, 1);
  EXPECT_EQ(3, PopOne()) << "D1: the owner has the youngest first";
  EXPECT_EQ(1, PopOne()) << "D1: then the one before it";
  EXPECT_EQ(0, PopOne()) << "D1: the last task was there and was not popped: a "
                            "pop of an empty deque "
                            "puts the bottom back where it was";
  EXPECT_EQ(-1, PopOne()) << "it is empty again";
  EXPECT_EQ(-1, PopOne()) << "and stays so";
  PushMany(4, 2);
  EXPECT_EQ(5, PopOne()) << "a pop of nothing leaves the ends as they were";
}

TEST_F(DequeStep, ThievesTakeTheOldest) {
  struct task *task = nullptr;
  EXPECT_EQ(STEAL_EMPTY, deque_steal(&deque_, &task)) << "D3: nothing there";
  PushMany(0, 4);
  EXPECT_EQ(STEAL_TASK, deque_steal(&deque_, &task)) << "D3";
  EXPECT_EQ(0, Id(task)) << "D1: from the top";
  EXPECT_EQ(1, StealOne()) << "D1";
  EXPECT_EQ(3, PopOne()) << "D1: the owner is at the other end";
  EXPECT_EQ(2, StealOne()) << "D1: and the last one is anybody's";
  EXPECT_EQ(-1, StealOne());
  EXPECT_EQ(-1, PopOne());
}

TEST_F(DequeStep, Full) {
  PushMany(0, DEQUE_SLOTS);
  EXPECT_FALSE(PushOne(1000)) << "D4: full";
  EXPECT_EQ(0, StealOne());
  EXPECT_TRUE(PushOne(1000)) << "D4: a theft makes room";
  EXPECT_FALSE(PushOne(1001)) << "D4: for one";
  std::vector<int> expected = From(1, DEQUE_SLOTS - 1);
  expected.push_back(1000);
  EXPECT_EQ(expected, DrainDeque()) << "D4: what was refused is not in it";
}

TEST_F(DequeStep, RoundAndRound) {
  for (int round = 0; round < 10 && !HasFailure(); round++) {
    PushMany(0, 100);
    for (int id = 0; id < 100; id++) EXPECT_EQ(id, StealOne()) << "D1";
  }
}

// A thief comes in the middle of a pop.
TEST_F(DequeStep, AThiefInAPop) {
  for (int count : {0, 1, 2, 3})
    for (int thefts : {1, 2, 3}) {
      bool came = true;
      for (long nth = 1; came && !HasFailure(); nth++) {
        deque_init(&deque_);
        PushMany(0, count);
        int popped = -1;
        std::vector<int> ids;
        came = InterruptAt(
            nth, [&] { popped = PopOne(); },
            [&] {
              for (int i = 0, id; i < thefts && (id = StealOne()) != -1; i++)
                ids.push_back(id);
            });
        EXPECT_TRUE(InOrder(ids)) << "D1: thieves take the oldest";
        if (popped != -1) ids.push_back(popped);
        Add(&ids, DrainDeque());
        EXPECT_EQ("", Missing(ids, count))
            << "D2: for the last task the owner and a thief have to agree";
        PushMany(0, 2);
        EXPECT_EQ(From(0, 2), DrainDeque())
            << "D2: whoever won, the ends fit together afterwards";
      }
    }
}

// A thief that has looked at both ends before the pop began, and takes the top
// one in the middle of the pop: with the last task this is the race that the
// owner may lose.
TEST_F(DequeStep, AThiefThatHasLookedAlready) {
  for (int count : {1, 2, 3}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      deque_init(&deque_);
      PushMany(0, count);
      int popped = -1;
      std::vector<int> ids;
      came = InterruptAt(
          nth, [&] { popped = PopOne(); },
          [&] {  // the last thing that such a thief does
            if (deque_.top != 0) return;
            deque_.top = 1;
            ids.push_back(0);
          });
      if (popped != -1) ids.push_back(popped);
      EXPECT_FALSE(count == 1 && ids.size() > 1)
          << "D2: a thief has taken the last task, and the owner has it, too: "
             "only who moves the top from where it saw it has the task";
      Add(&ids, DrainDeque());
      EXPECT_EQ("", Missing(ids, count))
          << "D2: for the last task the owner and a thief have to agree";
      EXPECT_EQ(deque_.top, deque_.bottom)
          << "D2: whoever won, an empty deque's ends are at the same place";
      PushMany(0, 2);
      EXPECT_EQ(From(0, 2), DrainDeque())
          << "D2: whoever won, the ends fit together afterwards";
    }
  }
}

// The owner pops, or pushes, in the middle of a theft.
TEST_F(DequeStep, TheOwnerInATheft) {
  for (int count : {0, 1, 2, 3})
    for (int pops : {0, 1, 2, 3}) {
      bool came = true;
      for (long nth = 1; came && !HasFailure(); nth++) {
        deque_init(&deque_);
        PushMany(0, count);
        int pushed = 0;
        std::vector<int> ids;
        struct task *task = nullptr;
        enum steal steal = STEAL_EMPTY;
        came = InterruptAt(
            nth, [&] { steal = deque_steal(&deque_, &task); },
            [&] {
              if (pops == 0) {
                pushed = 1;
                deque_push(&deque_, Task(count));
              }
              for (int i = 0, id; i < pops && (id = PopOne()) != -1; i++)
                ids.push_back(id);
            });
        if (steal == STEAL_TASK) {
          ids.push_back(Id(task));
        } else {
          EXPECT_EQ(nullptr, task) << "D3: a race that is lost brings nothing";
        }
        Add(&ids, DrainDeque());
        EXPECT_EQ("", Missing(ids, count + pushed))
            << "D2: for the last task the owner and a thief have to agree";
      }
    }
}

// A slot may be used anew while a thief looks at it: what it read is worth
// nothing then, and its compare-and-swap says so.
TEST_F(DequeStep, ASlotThatIsUsedAnew) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    deque_init(&deque_);
    PushMany(0, DEQUE_SLOTS);
    int stolen = -1, other = -1;
    bool is_pushed = false;
    came = InterruptAt(
        nth,
        [&] {
          struct task *task = nullptr;
          if (deque_steal(&deque_, &task) == STEAL_TASK) stolen = Id(task);
        },
        [&] {
          other = StealOne();
          is_pushed = deque_push(&deque_, Task(DEQUE_SLOTS));
        });
    std::vector<int> ids = DrainDeque();
    for (int id : {stolen, other})
      if (id != -1) ids.push_back(id);
    EXPECT_EQ("", Missing(ids, DEQUE_SLOTS + is_pushed))
        << "read, then take: if the top has moved meanwhile, nothing is taken";
  }
}

TEST_F(DequeStep, TwoThieves) {
  for (int count : {1, 2, 3}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      deque_init(&deque_);
      PushMany(0, count);
      struct task *task = nullptr;
      enum steal steal = STEAL_EMPTY;
      std::vector<int> ids;
      came = InterruptAt(
          nth, [&] { steal = deque_steal(&deque_, &task); },
          [&] {
            int id = StealOne();
            if (id != -1) ids.push_back(id);
          });
      EXPECT_FALSE(came && count > 1 && steal == STEAL_EMPTY)
          << "D3: there is a task left; a lost race is no empty deque";
      if (steal == STEAL_TASK) ids.push_back(Id(task));
      Add(&ids, DrainDeque());
      EXPECT_EQ("", Missing(ids, count)) << "D2: each task has one taker";
    }
  }
}

TEST_F(DequeStep, AsChanceHasIt) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::deque<int> model;
    int next = 0;
    deque_init(&deque_);
    while (next < 1000 && !HasFailure()) {
      switch (random() % 4) {
        case 0:
          ASSERT_EQ(model.empty() ? -1 : model.back(), PopOne()) << "D1";
          if (!model.empty()) model.pop_back();
          break;
        case 1:
          ASSERT_EQ(model.empty() ? -1 : model.front(), StealOne()) << "D1";
          if (!model.empty()) model.pop_front();
          break;
        default:
          ASSERT_EQ(model.size() < DEQUE_SLOTS, PushOne(next)) << "D4";
          if (model.size() < DEQUE_SLOTS) model.push_back(next);
          next++;
      }
    }
  }
}

TEST_F(DequeStep, ThreeThreads) {
  gate::Note("an owner and two thieves, 4,000 tasks");
  std::atomic<bool> is_done{false};
  std::vector<int> taken[3];
  auto thief = [&](std::vector<int> *ids) {
    bool is_last;
    do {
      is_last = is_done;
      struct task *task = nullptr;
      enum steal steal;
      while ((steal = deque_steal(&deque_, &task)) != STEAL_EMPTY)
        if (steal == STEAL_TASK) ids->push_back(Id(task));
      std::this_thread::yield();
    } while (!is_last);
  };
  std::thread first(thief, &taken[1]), second(thief, &taken[2]);
  for (int id = 0; id < 4000;) {
    if (PushOne(id)) id++;
    if (id % 3 == 0) {
      int popped = PopOne();
      if (popped != -1) taken[0].push_back(popped);
    }
  }
  is_done = true;
  first.join();
  second.join();
  std::vector<int> ids = DrainDeque();
  for (const std::vector<int> &some : taken) Add(&ids, some);
  EXPECT_EQ("", Missing(ids, 4000)) << "D2: each task has one taker";
}
