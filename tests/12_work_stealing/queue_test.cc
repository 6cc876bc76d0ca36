// queue_test.cc - steps 12.1 to 12.4: the injector, and a ring from which
// others steal.
#include <atomic>
#include <deque>

#include "tests/12_work_stealing/queue_fixture.h"

using namespace stealing_test;

// --------------------------------------------------------------- step 12.1

class InjectorStep : public QueueStep {
 protected:
  struct run_queue Batch(int first, int count) {
    struct run_queue tasks;
    run_queue_init(&tasks);
    for (int id = first; id < first + count; id++)
      run_queue_push(&tasks, Task(id));
    return tasks;
  }
  void PushBatch(int first, int count) {
    struct run_queue tasks = Batch(first, count);
    injector_push_batch(&injector_, &tasks, size_t(count));
    EXPECT_EQ(nullptr, run_queue_pop(&tasks))
        << "the batch has moved: the caller's queue is empty";
  }
  std::vector<int> PopBatch(size_t limit) {
    struct run_queue tasks;
    run_queue_init(&tasks);
    size_t count = injector_pop_batch(&injector_, &tasks, limit);
    std::vector<int> ids;
    while (struct task *task = run_queue_pop(&tasks)) ids.push_back(Id(task));
    EXPECT_EQ(ids.size(), count) << "it returns how many it has moved";
    return ids;
  }
  size_t Length() { return injector_length(&injector_); }
};

TEST_F(InjectorStep, FirstInFirstOut) {
  EXPECT_EQ(nullptr, injector_pop(&injector_)) << "a new injector is empty";
  for (int id = 0; id < 3; id++) injector_push(&injector_, Task(id));
  EXPECT_EQ(3u, Length()) << "J3: each push counts";
  EXPECT_EQ(From(0, 3), DrainInjector()) << "J1: first in, first out";
  EXPECT_EQ(0u, Length()) << "J3: and each pop";
}

TEST_F(InjectorStep, ABatchStaysInOnePiece) {
  injector_push(&injector_, Task(0));
  PushBatch(1, 5);
  injector_push(&injector_, Task(6));
  EXPECT_EQ(7u, Length()) << "J3: the whole batch counts";
  EXPECT_EQ(From(0, 7), DrainInjector())
      << "J2: in order, behind what was there, before what comes";
}

TEST_F(InjectorStep, ABatchForAnEmptyOne) {
  PushBatch(0, 3);
  PushBatch(3, 2);
  EXPECT_EQ(From(0, 5), DrainInjector()) << "J2";
}

TEST_F(InjectorStep, NoBatchAtAll) {
  PushBatch(0, 0);
  EXPECT_EQ(0u, Length());
  injector_push(&injector_, Task(0));
  struct run_queue none = Batch(0, 0);
  none.last = Task(99);  // an empty queue's last one means nothing
  injector_push_batch(&injector_, &none, 0);
  injector_push(&injector_, Task(1));
  EXPECT_EQ(From(0, 2), DrainInjector())
      << "a batch of none changes nothing, and what comes after it is queued";
}

TEST_F(InjectorStep, TakesAsManyAsItMay) {
  PushBatch(0, 10);
  EXPECT_EQ(From(0, 4), PopBatch(4)) << "the oldest four";
  EXPECT_EQ(6u, Length()) << "J3: and the others are counted still";
  EXPECT_EQ(std::vector<int>(), PopBatch(0)) << "none, if none may be taken";
  EXPECT_EQ(From(4, 6), PopBatch(100)) << "all that there are";
  EXPECT_EQ(0u, Length());
  EXPECT_EQ(std::vector<int>(), PopBatch(100));
}

// The batch goes behind what the caller has.
TEST_F(InjectorStep, ToTheEndOfTheCallersQueue) {
  PushBatch(5, 2);
  struct run_queue mine = Batch(0, 1);
  EXPECT_EQ(2u, injector_pop_batch(&injector_, &mine, 9));
  EXPECT_EQ(0, Id(run_queue_pop(&mine))) << "what was in the queue stays first";
  EXPECT_EQ(5, Id(run_queue_pop(&mine)));
  EXPECT_EQ(6, Id(run_queue_pop(&mine)));
}

// A worker asks at every second turn: then there must be no lock in it.
TEST_F(InjectorStep, NoLockIfThereIsNothing) {
  std::atomic<bool> is_done{false};
  pthread_mutex_lock(&injector_.lock);
  std::atomic<int> id{0};
  std::thread asks([&] {
    id = gettid();
    injector_length(&injector_);
    injector_pop(&injector_);
    is_done = true;
  });
  gate::Note("an empty injector, while somebody else has its lock");
  gate::Eventually("it has looked, or waits for the lock",
                   [&] { return is_done || gate::IsAsleep(id); });
  EXPECT_TRUE(is_done) << "J3: an empty injector is asked without its lock";
  pthread_mutex_unlock(&injector_.lock);
  asks.join();
}

// The last one is wanted by two: in the middle of a pop the other one takes it.
TEST_F(InjectorStep, TheLastOneIsTaken) {
  gate::Note(
      "a pop of the last task, and somebody else pops it before the lock is "
      "taken: with the lock, look again what is there");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Reset();
    injector_push(&injector_, Task(0));
    std::vector<int> ids;
    int popped = -1;
    came = InterruptAt(
        nth, [&] { popped = Id(injector_pop(&injector_)); },
        [&] {
          if (IsFree(&injector_.lock)) Add(&ids, DrainInjector());
        });
    if (popped != -1) ids.push_back(popped);
    EXPECT_EQ("", Missing(ids, 1))
        << "J1: two want the last one: with the lock, look again";
    EXPECT_TRUE(IsFree(&injector_.lock))
        << "J1: a pop that came too late has returned, and has the lock still: "
           "give it back, whatever you have found; the next one to use the "
           "injector would wait for ever";
    EXPECT_EQ(0u, Length()) << "J3";
  }
}

// Somebody else pushes, or pops, in the middle of a push or a pop.
TEST_F(InjectorStep, TwoAtATime) {
  for (int what = 0; what < 4; what++) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      PushBatch(0, 4);
      int pushed = 0, popped = -1, theirs = -1;
      came = InterruptAt(
          nth,
          [&] {
            if (what < 2) {
              injector_push(&injector_, Task(4));
            } else {
              popped = Id(injector_pop(&injector_));
            }
          },
          [&] {
            if (!IsFree(&injector_.lock)) return;
            if (what % 2 == 0) {
              injector_push(&injector_, Task(5));
              pushed = 1;
            } else {
              theirs = Id(injector_pop(&injector_));
            }
          });
      pushed += what < 2;
      std::vector<int> ids;
      for (int id : {popped, theirs})
        if (id != -1) ids.push_back(id);
      EXPECT_EQ(size_t(4 + pushed) - ids.size(), Length())
          << "J3: the count has to change with the lock held";
      Add(&ids, DrainInjector());
      for (int &id : ids)
        if (id == 5 && pushed == 1) id = 4;
      EXPECT_EQ("", Missing(ids, 4 + pushed))
          << "J1: two used the injector at the same time";
    }
  }
}

// --------------------------------------------------------------- step 12.2

class RingStep : public QueueStep {};

TEST_F(RingStep, FirstInFirstOut) {
  EXPECT_EQ(-1, Pop()) << "a new queue is empty";
  EXPECT_EQ(0, Push(0, 3)) << "there is room: nothing overflows";
  EXPECT_EQ(3u, local_queue_length(&queue_)) << "it has three";
  EXPECT_EQ(0, Pop()) << "L1: first in, first out";
  EXPECT_EQ(0, Push(3));
  EXPECT_EQ(1, Pop());
  EXPECT_EQ(2, Pop());
  EXPECT_EQ(3, Pop()) << "L1";
  EXPECT_EQ(-1, Pop()) << "it is empty again";
  EXPECT_EQ(0u, local_queue_length(&queue_));
}

TEST_F(RingStep, AllSlotsAreUsed) {
  EXPECT_EQ(0, Push(0, LOCAL_QUEUE_SLOTS)) << "as many as there are slots";
  EXPECT_EQ(unsigned(LOCAL_QUEUE_SLOTS), local_queue_length(&queue_));
  EXPECT_EQ(0u, injector_length(&injector_));
  EXPECT_EQ(From(0, LOCAL_QUEUE_SLOTS), Drain(&queue_));
}

TEST_F(RingStep, RoundAndRound) {
  int next = 0, popped = 0;
  for (int round = 0; round < 20 && !HasFailure(); round++) {
    EXPECT_EQ(0, Push(next, 130)) << "there is room again after the pops";
    next += 130;
    for (int i = 0; i < 130; i++) EXPECT_EQ(popped++, Pop()) << "L1";
  }
}

// The counters run freely: they wrap around one day, and nothing happens.
TEST_F(RingStep, TheCountersWrapAround) {
  for (uint32_t start : {0xffffffffu, 0xfffffff0u, 0x7ffffff0u}) {
    queue_.head = uint64_t(start) << 32 | start;
    queue_.tail = start;
    EXPECT_EQ(0, Push(0, 40)) << "L6: counters run freely, modulo 2^32";
    EXPECT_EQ(40u, local_queue_length(&queue_))
        << "L6: the length is a difference modulo 2^32";
    EXPECT_EQ(From(0, 40), Drain(&queue_))
        << "L6: the counters had wrapped around, and pops found nothing: "
           "compare "
           "their difference, not the counters";
    EXPECT_EQ(-1, Pop()) << "L6: all tasks were popped, and there was one more";
  }
}

// With a thief at work (`steal` behind `real`) the pop leaves it alone.
TEST_F(RingStep, APopWhileAThiefCopies) {
  Push(0, 6);
  queue_.head = uint64_t(0) << 32 | 3;  // a thief has claimed 0 to 2
  EXPECT_EQ(3, Pop()) << "L2: `real` is the next task";
  EXPECT_EQ(uint64_t(0) << 32 | 4, queue_.head)
      << "L2: `steal` is the thief's as long as it copies";
  EXPECT_EQ(4, Pop());
  EXPECT_EQ(5, Pop());
  EXPECT_EQ(-1, Pop());
}

// A thief has claimed all that there was. The slots behind are not empty:
// earlier tasks lie there.
TEST_F(RingStep, NothingIsLeftWhileAThiefCopies) {
  Push(0, LOCAL_QUEUE_SLOTS);
  Drain(&queue_);
  Push(0, 3);
  uint32_t tail = queue_.tail;
  uint64_t head = uint64_t(tail - 3) << 32 | tail;
  queue_.head = head;
  EXPECT_EQ(-1, Pop())
      << "L2: what a thief has claimed is not yours, and there is nothing "
         "else: to know if anything is left, compare `real` with the tail";
  EXPECT_EQ(head, queue_.head)
      << "L2: nothing was left, and the head was moved: compare `real` with "
         "the tail";
}

TEST_F(RingStep, BothCountersWithoutAThief) {
  Push(0, 2);
  EXPECT_EQ(0, Pop());
  EXPECT_EQ(uint64_t(1) << 32 | 1, queue_.head)
      << "L2: with no thief about they are equal";
}

// A thief claims half in the middle of a pop.
TEST_F(RingStep, AThiefComesInTheMiddleOfAPop) {
  for (int count : {1, 2, 3, 8}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      Push(0, count);
      int popped = -1;
      uint32_t claimed = 0, first = 0;
      came = InterruptAt(
          nth, [&] { popped = Pop(); },
          [&] {  // what a thief does first, and leaves it at that
            uint32_t real = uint32_t(queue_.head), tail = queue_.tail;
            claimed = tail - real - (tail - real) / 2;
            first = real;
            if (claimed > 0)
              queue_.head = queue_.head >> 32 << 32 | (real + claimed);
          });
      std::vector<int> ids = Drain(&queue_);
      EXPECT_FALSE(popped == -1 && !ids.empty())
          << "L2: a thief was faster with one task, but another is left: look "
             "again, and take that";
      Add(&ids, From(int(first), int(claimed)));
      if (popped != -1) ids.push_back(popped);
      EXPECT_EQ("", Missing(ids, count))
          << "L3: a thief has claimed it, or the owner has: look and move the "
             "head in one step";
    }
  }
}

// The slot is written before the tail says so: a thief that comes in between
// finds the task, or does not see it yet.
TEST_F(RingStep, AThiefComesInTheMiddleOfAPush) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Reset();
    bool is_seen = false;
    struct task *seen = nullptr;
    came = InterruptAt(
        nth, [&] { Push(7); },
        [&] {
          is_seen = queue_.tail != 0;
          seen = queue_.slots[0];
        });
    if (is_seen) {
      EXPECT_EQ(7, Id(seen)) << "the tail covers a slot that is not written";
    }
    EXPECT_EQ(7, Pop());
  }
}

// --------------------------------------------------------------- step 12.3

class OverflowStep : public QueueStep {};

TEST_F(OverflowStep, TheOlderHalfAndTheNewOne) {
  Push(0, LOCAL_QUEUE_SLOTS);
  EXPECT_EQ(1, Push(LOCAL_QUEUE_SLOTS)) << "L5: it says that it overflowed";
  EXPECT_EQ(128u, local_queue_length(&queue_)) << "L5: half of them stay";
  EXPECT_EQ(129u, injector_length(&injector_))
      << "L5: half of them and the new one";
  EXPECT_EQ(From(128, 128), Drain(&queue_)) << "L5: the younger half stays";
  std::vector<int> expected = From(0, 128);
  expected.push_back(LOCAL_QUEUE_SLOTS);
  EXPECT_EQ(expected, DrainInjector())
      << "L5: the older half, with the new task behind it";
}

TEST_F(OverflowStep, WithRoomThereafter) {
  Push(0, LOCAL_QUEUE_SLOTS + 1);
  EXPECT_EQ(0, Push(300, 128)) << "there is room for another half";
  EXPECT_EQ(1, Push(500)) << "and then it is full again";
  EXPECT_EQ(258u, injector_length(&injector_));
}

// At no place is the half in the injector, and the new task not yet.
TEST_F(OverflowStep, InOnePiece) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Reset();
    Push(0, LOCAL_QUEUE_SLOTS);
    size_t length = 0;
    came = InterruptAt(
        nth, [&] { Push(LOCAL_QUEUE_SLOTS); },
        [&] {
          if (IsFree(&injector_.lock)) length = injector_length(&injector_);
        });
    DrainInjector();
    EXPECT_TRUE(length == 0 || length == 129)
        << "L5: the half and the new task go together, with one lock: who "
           "pops in between finds one without the other";
  }
}

TEST_F(OverflowStep, WhileAThiefIsAtWork) {
  Push(0, LOCAL_QUEUE_SLOTS);
  queue_.head = uint64_t(0) << 32 | 128;  // it copies 0 to 127
  EXPECT_EQ(1, Push(LOCAL_QUEUE_SLOTS)) << "L5: no slot is free yet";
  size_t length = injector_length(&injector_);
  EXPECT_EQ(From(LOCAL_QUEUE_SLOTS, 1), DrainInjector())
      << "L5: while a thief is at work only the new task goes";
  EXPECT_EQ(1u, length)
      << "L5: one task went to the injector, and is counted as one";
  EXPECT_EQ(uint64_t(0) << 32 | 128, queue_.head)
      << "L5: the thief's claim is left alone";
  EXPECT_EQ(From(128, 128), Drain(&queue_));
}

TEST_F(OverflowStep, TheCountersWrapAround) {
  queue_.head = uint64_t(0xffffffc0u) << 32 | 0xffffffc0u;
  queue_.tail = queue_.kept = 0xffffffc0u;
  EXPECT_EQ(1, Push(0, LOCAL_QUEUE_SLOTS + 1)) << "L6: it is full at 256";
  EXPECT_EQ(From(128, 128), Drain(&queue_)) << "L6";
  EXPECT_EQ(129u, injector_length(&injector_)) << "L6";
  std::vector<int> expected = From(0, 128);
  expected.push_back(LOCAL_QUEUE_SLOTS);
  EXPECT_EQ(expected, DrainInjector())
      << "L6: the half may begin before the counters wrap around, and end "
         "after: never compare two of them with <";
}

// What has been in the injector is not sent back there.
TEST_F(OverflowStep, WhatIsKeptStays) {
  for (uint32_t start : {0u, 0xfffffffeu, 0xffffff80u}) {
    SCOPED_TRACE("counters from " + std::to_string(start));
    Reset();
    queue_.head = uint64_t(start) << 32 | start;
    queue_.tail = queue_.kept = start;
    Push(0, 3);
    local_queue_keep(&queue_);
    Push(3, LOCAL_QUEUE_SLOTS - 3);
    for (int kept = 3; kept > 0; kept--) {
      int extra = 1000 + kept;
      EXPECT_EQ(1, Push(extra)) << "L5: the ring is full";
      EXPECT_EQ(From(extra, 1), DrainInjector())
          << "L7: the oldest task came from elsewhere, and is kept: only the "
             "new one goes to the injector";
      EXPECT_EQ(3 - kept, Pop()) << "L7: and it is the next";
      Push(2000 + kept);
    }
    EXPECT_EQ(1, Push(3000)) << "L5: the ring is full";
    EXPECT_EQ(129u, injector_length(&injector_))
        << "L5: nothing that was kept is left: half of the ring, and the new "
           "one";
  }
}

// A thief claims, or has finished, in the middle of an overflow.
TEST_F(OverflowStep, AThiefComesInTheMiddle) {
  for (bool finishes : {false, true}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      Push(0, LOCAL_QUEUE_SLOTS);
      uint32_t first = 0, claimed = 0;
      struct task *links[LOCAL_QUEUE_SLOTS];
      came = InterruptAt(
          nth, [&] { Push(LOCAL_QUEUE_SLOTS); },
          [&] {
            uint32_t real = uint32_t(queue_.head), tail = queue_.tail;
            claimed = (tail - real) / 2;
            first = real;
            uint64_t steal = finishes ? real + claimed : queue_.head >> 32;
            queue_.head = steal << 32 | (real + claimed);
            for (uint32_t i = 0; i < claimed; i++)
              links[i] = Task(int(first + i))->next;
          });
      if (came && !finishes) {
        EXPECT_EQ(first, uint32_t(queue_.head >> 32))
            << "L2: a thief is at work, and `steal` was moved: look at both "
               "counters in the same word that you change";
      }
      size_t injected = injector_length(&injector_);
      if (came && finishes) {
        EXPECT_TRUE(injected == 0 || injected == 129)
            << "L5: a thief was faster and has finished: there is room, and "
               "no task has to go to the injector";
      }
      std::vector<int> ids = Drain(&queue_);
      EXPECT_TRUE(InOrder(ids)) << "L1: first in, first out";
      Add(&ids, From(int(first), int(claimed)));
      Add(&ids, DrainInjector());
      EXPECT_EQ("", Missing(ids, LOCAL_QUEUE_SLOTS + 1))
          << "L5: the half has to be claimed in one step with the look";
      for (uint32_t i = 0; i < claimed; i++)
        EXPECT_EQ(Id(links[i]), Id(Task(int(first + i))->next))
            << "L3: a task was written to that a thief had claimed: claim the "
               "half before you touch it";
    }
  }
}

// A full ring with a thief at work that finishes: there is room then.
TEST_F(OverflowStep, WhenTheThiefHasFinished) {
  Push(0, LOCAL_QUEUE_SLOTS);
  queue_.head = uint64_t(128) << 32 | 128;
  EXPECT_EQ(0, Push(256, 128)) << "what was stolen leaves room";
  EXPECT_EQ(From(128, 256), Drain(&queue_));
  EXPECT_EQ(0u, injector_length(&injector_));
}

// --------------------------------------------------------------- step 12.4

class StealStep : public QueueStep {};

TEST_F(StealStep, HalfRoundedUp) {
  for (int count : {0, 1, 2, 3, 4, 5, 100, 255, 256}) {
    SCOPED_TRACE(std::to_string(count) + " tasks");
    Push(0, count);
    int half = (count + 1) / 2;
    uint32_t stolen = 0;
    EXPECT_EQ(From(0, half), Steal(&queue_, &other_, &stolen))
        << "L4: half, rounded up, and the oldest; the last of them returned";
    EXPECT_EQ(unsigned(half), stolen)
        << "`stolen` counts the one that is returned, too";
    EXPECT_EQ(From(half, count - half), Drain(&queue_))
        << "L1: the owner has the others, in order";
  }
}

TEST_F(StealStep, ToTheEndOfTheThiefsOwn) {
  Push(0, 6);
  local_queue_push(&other_, &injector_, Task(10));
  local_queue_push(&other_, &injector_, Task(11));
  uint32_t stolen = 0;
  EXPECT_EQ(2, Id(local_queue_steal(&queue_, &other_, &stolen)));
  EXPECT_EQ((std::vector<int>{10, 11, 0, 1}), Drain(&other_))
      << "L1: what the thief had comes first";
}

TEST_F(StealStep, NotIfTheThiefIsRich) {
  uint32_t stolen = 77;
  Push(0, 10);
  for (int id = 0; id < 129; id++)
    local_queue_push(&other_, &injector_, Task(1000 + id));
  EXPECT_EQ(nullptr, local_queue_steal(&queue_, &other_, &stolen))
      << "L4: its own queue is more than half full";
  EXPECT_EQ(77u, stolen) << "nothing happened";
  EXPECT_EQ(1000, Id(local_queue_pop(&other_)));
  EXPECT_EQ(4, Id(local_queue_steal(&queue_, &other_, &stolen)))
      << "L4: half full is not more than half";
  EXPECT_EQ(132u, local_queue_length(&other_))
      << "L4: four more lie in its ring, and the fifth was returned";
}

// What others are copying out of the thief's own queue is in the way, too.
TEST_F(StealStep, NotIntoSlotsThatAreBeingCopied) {
  uint32_t stolen = 0;
  Push(0, LOCAL_QUEUE_SLOTS);
  for (int id = 0; id < 200; id++)
    local_queue_push(&other_, &injector_, Task(1000 + id));
  other_.head = uint64_t(0) << 32 | 150;  // a thief of the thief
  EXPECT_EQ(nullptr, local_queue_steal(&queue_, &other_, &stolen))
      << "L4: 200 slots of its own queue are in use, though 50 tasks are left";
}

TEST_F(StealStep, WhatIsStolenIsKept) {
  uint32_t stolen = 0;
  Push(0, 8);
  EXPECT_EQ(3, Id(local_queue_steal(&queue_, &other_, &stolen)));
  for (int id = 1000; id < 1000 + LOCAL_QUEUE_SLOTS - 3; id++)
    local_queue_push(&other_, &injector_, Task(id));
  local_queue_push(&other_, &injector_, Task(2000));
  EXPECT_EQ(From(2000, 1), DrainInjector())
      << "L7: what was stolen is kept: when the thief's ring is full only the "
         "new task goes to the injector, or else one that came from there "
         "could go round for ever";
  EXPECT_EQ(0, Id(local_queue_pop(&other_))) << "L1: and it comes first";
}

TEST_F(StealStep, OneThiefAtATime) {
  uint32_t stolen = 0;
  Push(0, 8);
  queue_.head = uint64_t(0) << 32 | 2;
  EXPECT_EQ(nullptr, local_queue_steal(&queue_, &other_, &stolen))
      << "L2: another thief is at work: the next goes away empty-handed";
  EXPECT_EQ(uint64_t(0) << 32 | 2, queue_.head) << "L2: and changes nothing";
}

TEST_F(StealStep, BothCountersAfterwards) {
  uint32_t stolen = 0;
  Push(0, 8);
  local_queue_steal(&queue_, &other_, &stolen);
  EXPECT_EQ(uint64_t(4) << 32 | 4, queue_.head)
      << "L2: the theft is over, and the slots are the owner's again";
}

TEST_F(StealStep, TheCountersWrapAround) {
  queue_.head = uint64_t(0xfffffffeu) << 32 | 0xfffffffeu;
  queue_.tail = 0xfffffffeu;
  other_.head = uint64_t(0xffffffffu) << 32 | 0xffffffffu;
  other_.tail = 0xffffffffu;
  Push(0, 8);
  EXPECT_EQ(From(0, 4), Steal()) << "L6: counters run freely, modulo 2^32";
  EXPECT_EQ(From(4, 4), Drain(&queue_)) << "L6";
}

// In the middle of a theft the owner pops.
TEST_F(StealStep, TheOwnerPopsMeanwhile) {
  for (int count : {1, 2, 5})
    for (int pops : {count == 5 ? 2 : 9}) {
      bool came = true;
      for (long nth = 1; came && !HasFailure(); nth++) {
        Reset();
        Push(0, count);
        std::vector<int> ids, popped;
        int last = -1;
        came = InterruptAt(
            nth,
            [&] {
              uint32_t stolen = 0;
              last = Id(local_queue_steal(&queue_, &other_, &stolen));
            },
            [&] {
              for (int i = 0, id; i < pops && (id = Pop()) != -1; i++)
                popped.push_back(id);
            });
        EXPECT_TRUE(InOrder(popped)) << "L1: first in, first out";
        EXPECT_EQ(queue_.head >> 32, queue_.head & 0xffffffffu)
            << "L2: the theft is over, but `steal` is not where `real` is: the "
               "owner has popped meanwhile; finish to what `real` is now";
        std::vector<int> left = Drain(&queue_);
        EXPECT_FALSE(last == -1 && !left.empty())
            << "L2: nobody else steals, and tasks are left: if the owner was "
               "faster, look again";
        if (last != -1) ids.push_back(last);
        Add(&ids, popped);
        Add(&ids, Drain(&other_));
        Add(&ids, left);
        EXPECT_EQ("", Missing(ids, count))
            << "L3: claim before you read; the owner may take what you look at";
      }
    }
}

// Or pushes, as much as it can: the slots that are being copied stay.
TEST_F(StealStep, TheOwnerPushesMeanwhile) {
  for (int pushes : {1, 300}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      Push(0, 7);
      int pushed = 0, last = -1;
      uint32_t stolen = 0;
      std::vector<int> ids;
      came = InterruptAt(
          nth, [&] { last = Id(local_queue_steal(&queue_, &other_, &stolen)); },
          [&] {
            Push(7, pushes);
            pushed = pushes;
          });
      EXPECT_LE(stolen, LOCAL_QUEUE_SLOTS / 2u)
          << "L4: it claimed more than half a ring: the tail that it saw is "
             "older than the head. Look at the head first, then at the tail, "
             "and at both again if the head has moved";
      if (last != -1) ids.push_back(last);
      Add(&ids, Drain(&other_));
      Add(&ids, Drain(&queue_));
      Add(&ids, DrainInjector());
      EXPECT_EQ("", Missing(ids, 7 + pushed))
          << "L3: slots are used again only when the thief has moved `steal`";
    }
  }
}

// Or a second thief comes.
TEST_F(StealStep, ASecondThiefComes) {
  for (int count : {1, 4}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      Push(0, count);
      int mine = -1, theirs = -1;
      auto steal = [&](struct local_queue *to) {
        uint32_t stolen = 0;
        return Id(local_queue_steal(&queue_, to, &stolen));
      };
      came = InterruptAt(
          nth, [&] { mine = steal(&other_); },
          [&] { theirs = steal(&third_); });
      std::vector<int> ids;
      for (int id : {mine, theirs})
        if (id != -1) ids.push_back(id);
      Add(&ids, Drain(&other_));
      Add(&ids, Drain(&third_));
      Add(&ids, Drain(&queue_));
      EXPECT_EQ("", Missing(ids, count)) << "L2: one thief at a time";
      EXPECT_EQ(queue_.head >> 32, queue_.head & 0xffffffffu)
          << "L2: both have finished";
    }
  }
}

// What a thief has just stolen, another one steals from it.
TEST_F(StealStep, AThiefOfTheThief) {
  for (int count : {4}) {
    bool came = true;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Reset();
      Push(0, count);
      int mine = -1, theirs = -1;
      came = InterruptAt(
          nth,
          [&] {
            uint32_t stolen = 0;
            mine = Id(local_queue_steal(&queue_, &other_, &stolen));
          },
          [&] {
            uint32_t stolen = 0;
            theirs = Id(local_queue_steal(&other_, &third_, &stolen));
          });
      std::vector<int> ids;
      for (int id : {mine, theirs})
        if (id != -1) ids.push_back(id);
      Add(&ids, Drain(&queue_));
      Add(&ids, Drain(&other_));
      Add(&ids, Drain(&third_));
      EXPECT_EQ("", Missing(ids, count))
          << "the slots are written before the thief's tail says so";
    }
  }
}

// A thief comes in the middle of the owner's push and pop, the real one.
TEST_F(StealStep, InTheMiddleOfWhatTheOwnerDoes) {
  for (int count : {1, 2, 256})
    for (bool pushes : {true, false}) {
      bool came = true;
      for (long nth = 1; came && !HasFailure(); nth++) {
        Reset();
        Push(0, count);
        int popped = -1, last = -1;
        came = InterruptAt(
            nth,
            [&] {
              if (pushes)
                Push(count);
              else
                popped = Pop();
            },
            [&] {
              uint32_t stolen = 0;
              last = Id(local_queue_steal(&queue_, &other_, &stolen));
            });
        std::vector<int> ids;
        for (int id : {popped, last})
          if (id != -1) ids.push_back(id);
        Add(&ids, Drain(&other_));
        Add(&ids, Drain(&queue_));
        Add(&ids, DrainInjector());
        EXPECT_EQ("", Missing(ids, count + pushes))
            << "S7: a task is neither lost nor taken twice";
      }
    }
}

// Whatever is done: each queue is what a list would be.
TEST_F(StealStep, AsChanceHasIt) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::deque<int> mine, theirs, injected;
    int next = 0;
    Reset();
    while (next < 1500 && !HasFailure()) {
      switch (random() % 8) {
        case 0: {
          int popped = Pop();
          ASSERT_EQ(mine.empty() ? -1 : mine.front(), popped) << "L1";
          if (!mine.empty()) mine.pop_front();
          break;
        }
        case 1: {
          size_t half =
              theirs.size() > LOCAL_QUEUE_SLOTS / 2 ? 0 : (mine.size() + 1) / 2;
          uint32_t stolen = 0;
          int last = Id(local_queue_steal(&queue_, &other_, &stolen));
          ASSERT_EQ(half == 0 ? -1 : mine[half - 1], last) << "L4";
          for (size_t i = 0; i + 1 < half; i++) theirs.push_back(mine[i]);
          mine.erase(mine.begin(), mine.begin() + long(half));
          break;
        }
        case 2: {
          int popped = Id(local_queue_pop(&other_));
          ASSERT_EQ(theirs.empty() ? -1 : theirs.front(), popped) << "L1";
          if (!theirs.empty()) theirs.pop_front();
          break;
        }
        default:
          for (int i = int(random() % 40); i > 0 && next < 1500; i--, next++) {
            bool is_full = mine.size() == LOCAL_QUEUE_SLOTS;
            ASSERT_EQ(is_full ? 1 : 0, Push(next)) << "L5";
            for (int half = 0; is_full && half < 128; half++) {
              injected.push_back(mine.front());
              mine.pop_front();
            }
            (is_full ? injected : mine).push_back(next);
          }
      }
      ASSERT_EQ(mine.size(), local_queue_length(&queue_));
      ASSERT_EQ(injected.size(), injector_length(&injector_));
    }
    EXPECT_EQ(std::vector<int>(injected.begin(), injected.end()),
              DrainInjector())
        << "L5";
  }
}

// An owner and two thieves, each with a thread.
TEST_F(StealStep, ThreeThreads) {
  gate::Note("an owner and two thieves, 4,000 tasks");
  std::atomic<bool> is_done{false};
  std::vector<int> taken[3];
  auto thief = [&](struct local_queue *own, std::vector<int> *ids) {
    bool is_last;
    do {
      is_last = is_done;
      uint32_t stolen = 0;
      struct task *task = local_queue_steal(&queue_, own, &stolen);
      for (; task != nullptr; task = local_queue_pop(own))
        ids->push_back(Id(task));
      std::this_thread::yield();
    } while (!is_last);
  };
  std::thread first(thief, &other_, &taken[1]);
  std::thread second(thief, &third_, &taken[2]);
  for (int id = 0; id < 4000; id++) {
    Push(id);
    if (id % 3 == 0) {
      int popped = Pop();
      if (popped != -1) taken[0].push_back(popped);
    }
  }
  is_done = true;
  first.join();
  second.join();
  std::vector<int> ids = Drain(&queue_);
  for (const std::vector<int> &some : taken) Add(&ids, some);
  Add(&ids, DrainInjector());
  EXPECT_EQ("", Missing(ids, 4000))
      << "S7: a task is neither lost nor taken twice";
}
