// readiness_test.cc - steps 6.1 to 6.3: the word, the slots, the source.
#include <sys/epoll.h>

#include <cerrno>
#include <thread>
#include <vector>

#include "tests/06_reactor/reactor_fixture.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"

extern "C" {
#include "chapters/06_reactor/source_table.h"
}

namespace {

using gate::Allocations;
using gate::WakerProbe;

// ---------------------------------------------------------------- step 6.1

class ReadinessStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    readiness_init(&readiness_, 0);
  }
  struct ready_event Look(enum io_direction direction = IO_READ) {
    return readiness_look(&readiness_, direction);
  }
  int Add(int bits) { return readiness_add(&readiness_, uint16_t(bits)); }
  void Clear(struct ready_event seen) { readiness_clear(&readiness_, seen); }

  struct readiness readiness_;
};

TEST_F(ReadinessStep, ABitStays) {
  EXPECT_EQ(0, Look().bits);
  Add(READY_READ);
  EXPECT_EQ(READY_READ, Look().bits) << "N1: the kernel reported it";
  EXPECT_EQ(READY_READ, Look().bits) << "N1: and a look takes nothing away";
  Add(READY_WRITE);
  EXPECT_EQ(READY_READ, Look().bits) << "N1: other news does not, either";
}

TEST_F(ReadinessStep, EachDirectionSeesItsOwn) {
  Add(READY_READ | READY_READ_CLOSED);
  EXPECT_EQ(READY_READ | READY_READ_CLOSED, Look(IO_READ).bits);
  EXPECT_EQ(0, Look(IO_WRITE).bits) << "these are no news to a writer";
  readiness_init(&readiness_, READY_WRITE | READY_WRITE_CLOSED);
  EXPECT_EQ(READY_WRITE | READY_WRITE_CLOSED, Look(IO_WRITE).bits);
  EXPECT_EQ(0, Look(IO_READ).bits) << "these are no news to a reader";
  readiness_init(&readiness_, READY_ERROR);
  EXPECT_EQ(READY_ERROR, Look(IO_READ).bits) << "an error is news to both";
  EXPECT_EQ(READY_ERROR, Look(IO_WRITE).bits) << "an error is news to both";
}

TEST_F(ReadinessStep, EachReportIsATick) {
  struct ready_event first = Look();
  Add(READY_READ);
  EXPECT_EQ(first.tick + 1, Look().tick) << "N1: the tick goes up by one";
  Add(READY_READ);
  EXPECT_EQ(first.tick + 2, Look().tick)
      << "N1: with each report, also of what was known";
  Clear(Look());
  EXPECT_EQ(first.tick + 2, Look().tick) << "N1: and only with a report";
}

TEST_F(ReadinessStep, WhatIsNew) {
  EXPECT_EQ(READY_READ, Add(READY_READ)) << "N1: it was not there";
  EXPECT_EQ(0, Add(READY_READ)) << "N1: it was there";
  EXPECT_EQ(READY_WRITE, Add(READY_READ | READY_WRITE))
      << "N1: one of the two was there";
  EXPECT_EQ(0, Add(0)) << "N1: nothing is no news";
  Clear(Look(IO_READ));
  EXPECT_EQ(READY_READ, Add(READY_READ | READY_WRITE))
      << "N1: what was cleared is news again";
}

TEST_F(ReadinessStep, AClearTakesBackWhatWasSeen) {
  Add(READY_READ | READY_WRITE);
  Clear(Look(IO_READ));
  EXPECT_EQ(0, Look(IO_READ).bits) << "N2: the call has found nothing";
  EXPECT_EQ(READY_WRITE, Look(IO_WRITE).bits)
      << "N2: of the other direction nothing was seen";
}

TEST_F(ReadinessStep, NewsSinceTheLookIsKept) {
  Add(READY_READ);
  struct ready_event seen = Look();
  Add(READY_READ);
  Clear(seen);
  EXPECT_EQ(READY_READ, Look().bits)
      << "N2: bytes have come since that look; whoever clears the bit now "
         "sleeps beside them";
  Clear(Look());
  EXPECT_EQ(0, Look().bits) << "N2: with the newest look it can be cleared";
}

TEST_F(ReadinessStep, TheTickGoesRound) {
  for (int i = 0; i < 65535; i++) Add(READY_READ);
  EXPECT_EQ(65535, Look().tick);
  Add(READY_READ);
  EXPECT_EQ(0, Look().tick) << "N1: round the clock";
  EXPECT_EQ(READY_READ, Look().bits) << "N1: and the bits are none the worse";
  EXPECT_EQ(0, Look(IO_WRITE).bits) << "N1: nor are others set";
}

TEST_F(ReadinessStep, ClosedIsForGood) {
  Add(READY_READ | READY_READ_CLOSED | READY_WRITE | READY_WRITE_CLOSED);
  Clear(Look(IO_READ));
  Clear(Look(IO_WRITE));
  EXPECT_EQ(READY_READ_CLOSED, Look(IO_READ).bits)
      << "N3: the clear of a read took away that the peer has closed, which "
         "nobody will report again";
  EXPECT_EQ(READY_WRITE_CLOSED, Look(IO_WRITE).bits)
      << "N3: the clear of a write took away that the peer has closed, which "
         "nobody will report again";
}

TEST_F(ReadinessStep, AnErrorIsToldAndOver) {
  Add(READY_READ | READY_URGENT);
  EXPECT_EQ(READY_READ | READY_URGENT, Look(IO_READ).bits);
  EXPECT_EQ(0, Look(IO_WRITE).bits) << "urgent data does not concern a writer";
  Clear(Look(IO_READ));
  EXPECT_EQ(0, Look(IO_READ).bits) << "N2: urgent data is taken back, too";
  Add(READY_ERROR);
  Clear(Look(IO_READ));
  EXPECT_EQ(0, Look(IO_READ).bits)
      << "N2: an error is told once, by a call; then there may be nothing";
}

TEST_F(ReadinessStep, WhatTheKernelReports) {
  const struct {
    uint32_t events;
    int bits;
    const char *what;
  } kTable[] = {
      {EPOLLIN, READY_READ, "EPOLLIN"},
      {EPOLLPRI, READY_READ | READY_URGENT, "EPOLLPRI: urgent data"},
      {EPOLLOUT, READY_WRITE, "EPOLLOUT"},
      {EPOLLRDHUP, READY_READ_CLOSED, "EPOLLRDHUP: the peer sends no more"},
      {EPOLLHUP, READY_READ_CLOSED | READY_WRITE_CLOSED,
       "EPOLLHUP: neither direction is open"},
      {EPOLLERR, READY_ERROR, "EPOLLERR"},
      {EPOLLIN | EPOLLRDHUP, READY_READ | READY_READ_CLOSED,
       "EPOLLIN and EPOLLRDHUP: the last bytes, and the end"},
  };
  for (const auto &row : kTable)
    EXPECT_EQ(row.bits, ready_of_events(row.events)) << row.what;
}

// News comes while somebody clears, at each place.
TEST_F(ReadinessStep, NewsWhileClearing) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    readiness_init(&readiness_, READY_READ);
    struct ready_event seen = Look();
    was_called = gate::InterruptAt(
        nth, [&] { Clear(seen); }, [&] { Add(READY_READ); });
    if (was_called) {
      ASSERT_EQ(READY_READ, Look().bits)
          << "N4: news that came while the bit was being cleared is lost";
    }
  }
}

// The same old bit is taken back while somebody adds, at each place.
TEST_F(ReadinessStep, AClearWhileAdding) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    readiness_init(&readiness_, READY_READ);
    struct ready_event seen = Look();
    was_called = gate::InterruptAt(
        nth, [&] { Add(READY_READ); }, [&] { Clear(seen); });
    ASSERT_EQ(READY_READ, Look().bits)
        << "N4: the bits and the tick change in one step: between two, a clear "
           "takes the new bit for the old one";
  }
}

// What is new is told of the moment at which it is added: a task that cleared
// the bit just before has gone to sleep, and wants to be woken.
TEST_F(ReadinessStep, AClearBeforeTheNews) {
  bool was_called = true, was_cleared = false;
  for (long nth = 1; was_called; nth++) {
    int added = 0;
    was_cleared = false;
    readiness_init(&readiness_, READY_READ);
    struct ready_event seen = Look();
    was_called = gate::InterruptAt(
        nth, [&] { added = Add(READY_READ); },
        [&] {
          Clear(seen);
          was_cleared = Look().bits == 0;
        });
    ASSERT_EQ(was_cleared ? READY_READ : 0, added)
        << "N1, N4: what is new is asked in the same step in which it is added";
  }
}

TEST_F(ReadinessStep, NewsWhileAdding) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    readiness_init(&readiness_, 0);
    was_called = gate::InterruptAt(
        nth, [&] { Add(READY_READ); }, [&] { Add(READY_WRITE); });
    ASSERT_EQ(READY_READ, Look(IO_READ).bits) << "N4: one of two is lost";
    if (was_called) {
      ASSERT_EQ(READY_WRITE, Look(IO_WRITE).bits) << "N4: one of two is lost";
      ASSERT_EQ(2, Look().tick) << "N4: one of two ticks is lost";
    }
  }
}

// ---------------------------------------------------------------- step 6.2

class SlotStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    source_table_init(&table_);
  }
  void TearDown() override {
    if (!HasFailure()) source_table_end(&table_);
    gate::Step::TearDown();
  }
  struct io_source *Take() {
    struct io_source *source = source_table_take(&table_);
    EXPECT_NE(nullptr, source);
    return source;
  }
  void Free(struct io_source *source) { source_table_free(&table_, source); }
  struct io_source *Find(uint64_t token) {
    pthread_mutex_lock(&table_.lock);
    struct io_source *source = source_table_find(&table_, token);
    pthread_mutex_unlock(&table_.lock);
    return source;
  }

  struct source_table table_;
};

TEST_F(SlotStep, ATokenFindsItsSource) {
  struct io_source *one = Take();
  ASSERT_NE(nullptr, one);
  struct io_source *two = Take();
  ASSERT_NE(one, two) << "G1: each has a slot of its own";
  EXPECT_EQ(2u, table_.live)
      << "G1: the table counts the slots in use: two were taken";
  EXPECT_NE(source_token(one), source_token(two));
  EXPECT_EQ(one, Find(source_token(one)))
      << "G3: the first token did not find its source";
  EXPECT_EQ(two, Find(source_token(two)))
      << "G3: the second token did not find its source";
  Free(one);
  Free(two);
  EXPECT_EQ(0u, table_.live)
      << "G2: both slots were freed, and the table still counts some as in use";
}

TEST_F(SlotStep, AFreedSourceIsNotFound) {
  struct io_source *source = Take();
  ASSERT_NE(nullptr, source);
  uint64_t token = source_token(source);
  Free(source);
  EXPECT_EQ(nullptr, Find(token))
      << "G3: the slot was freed, and its old token found it all the same: "
         "source_free() raises the generation, and a token is good for its own "
         "generation only";
  struct io_source *next = Take();
  ASSERT_EQ(source, next) << "G2: its slot is used again";
  EXPECT_NE(token, source_token(next)) << "G2: with a new generation";
  EXPECT_EQ(nullptr, Find(token)) << "G3: the slot is used again, by the next "
                                     "generation, and the old token "
                                     "found it: compare the generations";
  EXPECT_EQ(next, Find(source_token(next)));
  Free(next);
}

TEST_F(SlotStep, TheLastOneFreedIsTheFirstUsed) {
  struct io_source *one = Take(), *two = Take(), *three = Take();
  ASSERT_NE(nullptr, three);
  Free(one);
  Free(three);
  Free(two);
  EXPECT_EQ(two, Take()) << "G2: its memory is still in the cache";
  EXPECT_EQ(three, Take()) << "G2";
  EXPECT_EQ(one, Take()) << "G2";
  for (struct io_source *source : {one, two, three}) Free(source);
}

TEST_F(SlotStep, ATableThatGrowsMovesNothing) {
  std::vector<struct io_source *> sources;
  std::vector<uint64_t> tokens;
  for (int i = 0; i < 3 * SOURCE_BLOCK; i++) {
    sources.push_back(Take());
    ASSERT_NE(nullptr, sources.back());
    sources.back()->descriptor = i;
    tokens.push_back(source_token(sources.back()));
  }
  for (int i = 0; i < 3 * SOURCE_BLOCK; i++) {
    ASSERT_EQ(sources[size_t(i)], Find(tokens[size_t(i)])) << "G1, G3";
    ASSERT_EQ(i, sources[size_t(i)]->descriptor) << "G1: a slot moved";
  }
  for (struct io_source *source : sources) Free(source);
}

TEST_F(SlotStep, ASlotThatWasUsedCostsNothing) {
  Free(Take());
  long before = Allocations::total();
  for (int i = 0; i < 1000; i++) Free(Take());
  EXPECT_EQ(before, Allocations::total()) << "G4: nothing is allocated";
}

TEST_F(SlotStep, ATokenThatNobodyHas) {
  Free(Take());
  EXPECT_EQ(nullptr, Find(UINT64_MAX)) << "G3: an index out of range";
  EXPECT_EQ(nullptr, Find(uint64_t(SOURCE_BLOCK))) << "G3: one block too far";
  EXPECT_EQ(nullptr, Find(uint64_t(7) << 32)) << "G3: a wrong generation";
}

TEST_F(SlotStep, TheTableIsLocked) {
  struct io_source *source = nullptr;
  EXPECT_TRUE(gate::TakesLock(&table_.lock, [&] {
    source = source_table_take(&table_);
  })) << "G5: any thread may take, so it takes the lock first";
  ASSERT_NE(nullptr, source);
  EXPECT_TRUE(gate::TakesLock(&table_.lock, [&] { Free(source); }))
      << "G5: any thread may free, so it takes the lock first";
  EXPECT_TRUE(gate::IsFree(&table_.lock));
}

TEST_F(SlotStep, TakenAndFreedByThreeThreads) {
  std::atomic<int> shared{0};  // slots that two threads had at once
  auto come_and_go = [&](int id) {
    struct io_source *slots[5];
    for (int round = 0; round < 300; round++) {
      for (struct io_source *&slot : slots) {
        slot = source_table_take(&table_);
        if (slot == nullptr) return;
        slot->descriptor = id;
      }
      for (struct io_source *slot : slots) {
        if (Find(source_token(slot)) != slot || slot->descriptor != id)
          shared++;
        Free(slot);
      }
    }
  };
  gate::Note("three threads that take slots and free them");
  std::thread one(come_and_go, 1), two(come_and_go, 2);
  come_and_go(3);
  one.join();
  two.join();
  EXPECT_EQ(0, shared) << "G5: a slot belongs to one at a time";
  EXPECT_EQ(0u, table_.live) << "G5";
  EXPECT_EQ(1u, table_.block_count) << "G2: and slots are used again";
}

TEST_F(SlotStep, WithoutMemory) {
  for (long nth = 1; nth <= 2; nth++) {
    Allocations::FailNth(nth);
    EXPECT_EQ(nullptr, source_table_take(&table_)) << "no memory, no slot";
    ASSERT_TRUE(Allocations::failed());
  }
  struct io_source *source = Take();
  ASSERT_NE(nullptr, source) << "and with memory there is one again";
  EXPECT_EQ(1u, table_.live);
  Free(source);
}

// ---------------------------------------------------------------- step 6.3

// A source on its own: nobody reports but the test.
class SourceStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    Start(0);
  }
  void TearDown() override {
    for (struct waker_cell &cell : source_.wakers) waker_cell_end(&cell);
    gate::Step::TearDown();
  }
  void Start(int bits) {
    readiness_init(&source_.readiness, uint16_t(bits));
    for (struct waker_cell &cell : source_.wakers) waker_cell_init(&cell);
  }
  enum poll PollReady(enum io_direction direction, WakerProbe &probe) {
    return io_source_poll_ready(&source_, direction, probe.context(), &ready_);
  }
  void Report(int bits) {
    pthread_mutex_lock(&lock_);
    io_source_report(&source_, uint16_t(bits), &lock_);
  }

  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  struct io_source source_ = {};
  struct ready_event ready_ = {0, 0};
  WakerProbe reader_{"reader"}, writer_{"writer"};
};

TEST_F(SourceStep, ReadyAtOnce) {
  Start(READY_READ);
  ASSERT_EQ(POLL_READY, PollReady(IO_READ, reader_)) << "I2";
  EXPECT_EQ(READY_READ, ready_.bits) << "I2: what was seen";
  EXPECT_EQ(0, reader_.clones()) << "nobody has to be woken";
}

TEST_F(SourceStep, PendingUntilThereIsNews) {
  ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, reader_)) << "I2";
  EXPECT_EQ(1, reader_.clones()) << "I2: a pending poll keeps the waker";
  Report(READY_READ);
  EXPECT_EQ(1, reader_.wakes()) << "I1: news wakes";
  ASSERT_EQ(POLL_READY, PollReady(IO_READ, reader_)) << "I2";
  EXPECT_EQ(READY_READ, ready_.bits);
  EXPECT_EQ(1, ready_.tick) << "I2: and with which tick it was seen";
}

TEST_F(SourceStep, AReaderAndAWriter) {
  ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, reader_));
  ASSERT_EQ(POLL_PENDING, PollReady(IO_WRITE, writer_));
  Report(READY_WRITE);
  EXPECT_EQ(1, writer_.wakes()) << "I1: there is room for the writer";
  EXPECT_EQ(0, reader_.wakes()) << "I1: and nothing for the reader";
  Report(READY_READ);
  EXPECT_EQ(1, reader_.wakes()) << "I1: now there is";
  EXPECT_EQ(1, writer_.wakes());
}

TEST_F(SourceStep, AnEndWakesWhomItConcerns) {
  const struct {
    int bits, reader, writer;
    const char *what;
  } kTable[] = {
      {READY_READ_CLOSED, 1, 0, "no more bytes will come"},
      {READY_WRITE_CLOSED, 0, 1, "no more bytes will go"},
      {READY_ERROR, 1, 1, "an error: whoever calls first is told"},
      {READY_READ_CLOSED | READY_WRITE_CLOSED, 1, 1, "the end of both"},
  };
  for (const auto &row : kTable) {
    WakerProbe reader("reader"), writer("writer");
    Start(0);
    ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, reader));
    ASSERT_EQ(POLL_PENDING, PollReady(IO_WRITE, writer));
    Report(row.bits);
    EXPECT_EQ(row.reader, reader.wakes()) << "I1: the reader. " << row.what;
    EXPECT_EQ(row.writer, writer.wakes()) << "I1: the writer. " << row.what;
    for (struct waker_cell &cell : source_.wakers) waker_cell_end(&cell);
  }
  Start(0);
}

TEST_F(SourceStep, WhoIsWokenSeesTheNews) {
  enum poll result = POLL_PENDING;
  ActingWaker polling([&] { result = PollReady(IO_READ, reader_); });
  ASSERT_EQ(POLL_PENDING, io_source_poll_ready(&source_, IO_READ,
                                               polling.context(), &ready_));
  Report(READY_READ);
  EXPECT_EQ(POLL_READY, result)
      << "I2: another thread may poll at once: the news is there first";
}

TEST_F(SourceStep, TheLockIsGivenBackFirst) {
  gate::LockLooker reader(&lock_), writer(&lock_);
  ASSERT_EQ(POLL_PENDING,
            io_source_poll_ready(&source_, IO_READ, reader.context(), &ready_));
  ASSERT_EQ(POLL_PENDING, io_source_poll_ready(&source_, IO_WRITE,
                                               writer.context(), &ready_));
  Report(READY_READ | READY_WRITE);
  EXPECT_EQ(1, reader.wakes());
  EXPECT_EQ(1, writer.wakes());
  EXPECT_TRUE(reader.always_free() && writer.always_free())
      << "W1: a wake may close the source, which takes the lock";
  Report(0);
  EXPECT_TRUE(gate::IsFree(&lock_)) << "whatever there is to report";
}

// Whoever has the lock may free the slot, at any place.
TEST_F(SourceStep, TheNewsComesUnderTheLock) {
  bool was_called = true, is_late = false;
  for (long nth = 1; was_called && !is_late; nth++) {
    Start(0);
    pthread_mutex_lock(&lock_);
    was_called = gate::InterruptAt(
        nth, [&] { io_source_report(&source_, READY_READ, &lock_); },
        [&] {
          is_late = gate::IsFree(&lock_) &&
                    readiness_look(&source_.readiness, IO_READ).bits == 0;
        });
  }
  EXPECT_FALSE(is_late)
      << "T3: the lock was given back before the news was added: by then it "
         "may be another source, for which a close would never be cleared";
}

TEST_F(SourceStep, TheNewestWakerWins) {
  WakerProbe newer("newer");
  ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, reader_));
  ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, newer));
  Report(READY_READ);
  EXPECT_EQ(1, newer.wakes()) << "P3";
  EXPECT_EQ(0, reader_.wakes()) << "P3";
}

TEST_F(SourceStep, ForgottenIsForgotten) {
  ASSERT_EQ(POLL_PENDING, PollReady(IO_READ, reader_));
  ASSERT_EQ(POLL_PENDING, PollReady(IO_WRITE, writer_));
  io_source_forget(&source_, IO_READ);
  EXPECT_EQ(0, reader_.live()) << "the waker is given back";
  Report(READY_READ | READY_WRITE);
  EXPECT_EQ(0, reader_.wakes());
  EXPECT_EQ(1, writer_.wakes()) << "I1: the other direction is not forgotten";
}

// News comes in the middle of a poll, at each place.
TEST_F(SourceStep, RegisterThenLookAgain) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    WakerProbe probe("reader");
    enum poll result = POLL_READY;
    Start(0);
    was_called = gate::InterruptAt(
        nth, [&] { result = PollReady(IO_READ, probe); },
        [&] { Report(READY_READ); });
    if (was_called && result == POLL_PENDING) {
      ASSERT_LE(1, probe.wakes())
          << "I2: the news came before the waker was there, and the poll did "
             "not look again after it had registered";
    }
    waker_cell_end(&source_.wakers[IO_READ]);
  }
  Start(0);
}

// The bit stands. A task has found nothing, clears it and waits, in the middle
// of the next report.
TEST_F(SourceStep, AClearWhileReporting) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    WakerProbe probe("reader");
    enum poll result = POLL_READY;
    Start(READY_READ);
    ASSERT_EQ(POLL_READY, PollReady(IO_READ, probe));
    pthread_mutex_lock(&lock_);
    was_called = gate::InterruptAt(
        nth, [&] { io_source_report(&source_, READY_READ, &lock_); },
        [&] {
          io_source_clear(&source_, ready_);
          result = PollReady(IO_READ, probe);
        });
    if (was_called && result == POLL_PENDING) {
      ASSERT_EQ(1, probe.wakes())
          << "I7: the bit was cleared before the news was added, so it is new, "
             "and somebody waits for it";
    }
    waker_cell_end(&source_.wakers[IO_READ]);
  }
  Start(0);
}

}  // namespace
