// reactor_test.cc - every run of a thread that turns a reactor and of others
// that register, close and wake meanwhile.
#include "tests/explore/explore.h"
#include "tests/explore/kernel.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
}

namespace {

using explore::Check;
using explore::kernel;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct reactor the_reactor;
struct waker unparker;
struct io_source *sources[2];
int descriptors[2];
explore::Var<int> news;
explore::Atomic is_there;
explore::TestWaker reading, writing;

void MakeReactor() {
  kernel.Reset();
  Check(reactor_init(&the_reactor) == 0, "memory");
  explore::NameRange(the_reactor.wakeup, sizeof(uint32_t), "wakeup.state");
  explore::Name(&the_reactor.sources.lock, "the table's lock");
  unparker = driver_unparker(&the_reactor.driver);
  descriptors[0] = kernel.Open(EPOLLIN);
  descriptors[1] = kernel.Open(0);
  news.Init(0, "news");
  is_there.Init(0, "is there");
  reading.Reset("the reader's wake");
  writing.Reset("the writer's wake");
}

struct io_source *Register(int number) {
  Check(reactor_register(&the_reactor, descriptors[number], 0,
                         &sources[number]) == 0,
        "memory");
  return sources[number];
}

void NameSource(struct io_source *source) {
  explore::Name(&source->readiness.word, "readiness");
  explore::Name(&source->owners, "owners");
  explore::Name(&source->generation, "generation");
  explore::Name(&source->wakers[IO_READ].state, "the reader's cell");
  explore::Name(&source->wakers[IO_WRITE].state, "the writer's cell");
}

// Its events are in the kernel already.
void MakeSource() {
  MakeReactor();
  NameSource(Register(0));
}

bool Poll(struct io_source *source, enum io_direction direction,
          explore::TestWaker *task) {
  struct ready_event ready;
  return io_source_poll_ready(source, direction, task->context(), &ready) ==
         POLL_READY;
}

void EndReactor() {
  waker_drop(&unparker);
  reactor_end(&the_reactor);
  reading.CheckAllGivenBack();
  writing.CheckAllGivenBack();
}

}  // namespace

// ---------------------------------------------------------------- step 6.2

using TableRuns = ::testing::Test;

// Writes to what is the owner's alone, as who registers does.
void Use(struct io_source *source) {
  explore::PlainWrite(&source->descriptor, sizeof source->descriptor,
                      __builtin_return_address(0));
  source->descriptor = explore::Self();
}

TEST_F(TableRuns, TwoTakeAndFreeAndAThirdLooks) {
  static struct source_table table;
  Scenario scenario;
  scenario.setup = [] {
    source_table_init(&table);
    explore::Name(&table.lock, "the table's lock");
  };
  for (const char *name : {"takes", "takes too"})
    scenario.Thread(name, [] {
      struct io_source *source = source_table_take(&table);
      Use(source);
      pthread_mutex_lock(&table.lock);
      Check(source_table_find(&table, source_token(source)) == source,
            "G3: it is found");
      pthread_mutex_unlock(&table.lock);
      Check(source->descriptor == explore::Self(), "G2: nobody else has it");
      source_table_free(&table, source);
    });
  scenario.Thread("looks", [] {
    pthread_mutex_lock(&table.lock);
    (void)source_table_find(&table, 0);
    pthread_mutex_unlock(&table.lock);
  });
  scenario.finish = [] { source_table_end(&table); };
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 6.4

using TurnRuns = ::testing::Test;

TEST_F(TurnRuns, ADescriptorIsRegisteredDuringASleep) {
  Scenario scenario;
  scenario.setup = MakeReactor;
  scenario.Thread("registers", [] {
    Register(0);
    while (!Poll(sources[0], IO_READ, &reading)) reading.Wait();
  });
  scenario.Thread("turns", [] { reactor_turn(&the_reactor, -1); });
  scenario.finish = [] {
    io_source_close(sources[0]);
    EndReactor();
  };
  EXPECT_HOLDS(scenario);
}

// The next one in the slot is another one: no event of the first reaches it,
// and a late wake only wakes it in vain.
TEST_F(TurnRuns, ASourceIsClosedWhileItsEventIsInHand) {
  Scenario scenario;
  scenario.setup = [] {
    MakeSource();
    Check(!Poll(sources[0], IO_READ, &reading), "nothing is there yet");
  };
  scenario.Thread("turns", [] { reactor_turn(&the_reactor, 0); });
  scenario.Thread("closes", [] {
    io_source_close(sources[0]);
    Register(1);
    Check(!Poll(sources[1], IO_READ, &writing),
          "I4: an event of the one before reaches nobody");
  });
  scenario.finish = [] {
    Check(sources[0] == sources[1], "G2: a slot is used again");
    Check(!Poll(sources[1], IO_READ, &writing),
          "I4: an event of the one before reaches nobody");
    io_source_close(sources[1]);
    EndReactor();
  };
  EXPECT_HOLDS(scenario);
}

// The slot that one gives back is the next one's on another thread, who leaves
// a waker there.
TEST_F(TurnRuns, ASlotGoesFromThreadToThread) {
  Scenario scenario;
  scenario.setup = [] {
    MakeReactor();
    NameSource(Register(1));
    Check(!Poll(sources[1], IO_READ, &writing), "nothing is there yet");
  };
  scenario.Thread("closes", [] { io_source_close(sources[1]); });
  scenario.Thread("opens", [] {
    Register(0);
    while (!Poll(sources[0], IO_READ, &reading)) reading.Wait();
  });
  scenario.Thread("turns", [] { reactor_turn(&the_reactor, -1); });
  scenario.finish = [] {
    io_source_close(sources[0]);
    EndReactor();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, TwoOwnersCloseWhileAnEventIsInHand) {
  Scenario scenario;
  scenario.setup = [] {
    MakeSource();
    io_source_share(sources[0]);
    Check(!Poll(sources[0], IO_READ, &reading), "nothing is there yet");
  };
  scenario.Thread("turns", [] { reactor_turn(&the_reactor, 0); });
  for (const char *name : {"closes", "closes too"})
    scenario.Thread(name, [] { io_source_close(sources[0]); });
  scenario.finish = EndReactor;
  EXPECT_HOLDS(scenario);
}

// The task that is woken closes on its own thread, while the reactor goes on to
// the writer of the same source.
TEST_F(TurnRuns, AWokenTaskClosesBeforeTheSecondWake) {
  Scenario scenario;
  scenario.setup = [] {
    MakeReactor();
    descriptors[0] = kernel.Open(EPOLLIN | EPOLLOUT);
    NameSource(Register(0));
    Check(!Poll(sources[0], IO_READ, &reading), "nothing is there yet");
    Check(!Poll(sources[0], IO_WRITE, &writing), "nothing is there yet");
  };
  scenario.Thread("turns", [] { reactor_turn(&the_reactor, 0); });
  scenario.Thread("closes", [] {
    reading.Wait();
    io_source_close(sources[0]);
  });
  scenario.finish = EndReactor;
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 6.5

using ParkRuns = ::testing::Test;

TEST_F(ParkRuns, AParkAndAWake) {
  Scenario scenario;
  scenario.setup = MakeReactor;
  scenario.Thread("parks", [] {
    Check(driver_park(&the_reactor.driver, -1), "D2: a wake is news");
    Check(news.Get() == 1, "U3: what came before the wake is seen");
  });
  scenario.Thread("wakes", [] {
    news.Set(1);
    waker_wake_by_ref(&unparker);
  });
  scenario.finish = EndReactor;
  EXPECT_HOLDS(scenario);
}

// A look says that there was a wake and does not spend it.
TEST_F(ParkRuns, ALookAndAWake) {
  Scenario scenario;
  scenario.setup = MakeReactor;
  scenario.Thread("looks", [] {
    if (driver_park(&the_reactor.driver, 0))
      Check(news.Get() == 1, "D2: who is told of a wake sees what came before");
    driver_park(&the_reactor.driver, -1);
  });
  scenario.Thread("wakes", [] {
    news.Set(1);
    waker_wake_by_ref(&unparker);
  });
  scenario.finish = EndReactor;
  EXPECT_HOLDS(scenario);
}

// A sleep ends by an event and another one by the wake, in whatever order.
TEST_F(ParkRuns, AnEventAndAWake) {
  Scenario scenario;
  scenario.setup = MakeSource;
  scenario.Thread("parks", [] {
    while (is_there.Load() == 0) driver_park(&the_reactor.driver, -1);
  });
  scenario.Thread("wakes", [] {
    is_there.Store(1);
    waker_wake_by_ref(&unparker);
  });
  scenario.finish = [] {
    io_source_close(sources[0]);
    EndReactor();
  };
  EXPECT_HOLDS(scenario);
}
