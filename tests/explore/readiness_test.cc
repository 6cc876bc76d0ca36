// readiness_test.cc - every run of a reactor that reports and of tasks that
// look, wait, clear, forget and close meanwhile.
#include <cerrno>

#include "tests/explore/explore.h"
#include "tests/explore/kernel.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/06_reactor/io_operation.h"
#include "chapters/06_reactor/reactor.h"
}

namespace {

using explore::Check;
using explore::kernel;
using explore::PollToEnd;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct readiness word;
struct reactor the_reactor;
struct io_source *source;
explore::Var<int> news;
explore::TestWaker reading, writing;

// What the descriptor has in the kernel: who takes it, sees nothing else.
explore::Flag bytes, more_bytes;

void MakeWord(uint16_t bits) {
  readiness_init(&word, bits);
  explore::Name(&word.word, "readiness");
  news.Init(0, "news");
  bytes.Reset("bytes");
  more_bytes.Reset("more bytes");
}

void MakeSource(uint16_t bits) {
  kernel.Reset();
  Check(reactor_init(&the_reactor) == 0, "memory");
  Check(reactor_register(&the_reactor, kernel.Open(0), bits, &source) == 0,
        "memory");
  explore::Name(&source->readiness.word, "readiness");
  explore::Name(&source->owners, "owners");
  explore::Name(&source->descriptor, "the descriptor");
  explore::Name(&source->wakers[IO_READ].state, "the reader's cell");
  explore::Name(&source->wakers[IO_WRITE].state, "the writer's cell");
  explore::Name(&the_reactor.sources.lock, "the table's lock");
  reading.Reset("the reader's wake");
  writing.Reset("the writer's wake");
  MakeWord(0);
}

void CheckWakers() {
  reading.CheckAllGivenBack();
  writing.CheckAllGivenBack();
}

void EndReactor() {
  reactor_end(&the_reactor);
  CheckWakers();
}

void EndSource() {
  io_source_close(source);
  EndReactor();
}

// As the reactor does with an event for it.
void Report(uint16_t bits) {
  pthread_mutex_lock(&the_reactor.sources.lock);
  io_source_report(source, bits, &the_reactor.sources.lock);
}

// Waits as an operation does that makes no call.
void WaitUntilReady(enum io_direction direction, explore::TestWaker *task) {
  struct ready_event ready;
  while (io_source_poll_ready(source, direction, task->context(), &ready) ==
         POLL_PENDING)
    task->Wait();
}

int TakeBytes(struct io_operation *) {
  return bytes.Take() || more_bytes.Take() ? 1 : -EAGAIN;
}

const struct io_function kRead = {IO_OPERATION_OPS, IO_READ, TakeBytes};

void ReadOnce() {
  static struct io_operation operation;
  io_operation_init(&operation, &kRead, source);
  PollToEnd(&operation.base.base, &reading);
  Check(operation.base.result == 1, "O1: what the call returned");
  future_drop(&operation.base.base);
}

}  // namespace

// ---------------------------------------------------------------- step 6.1

using ReadinessRuns = ::testing::Test;

TEST_F(ReadinessRuns, WhoSeesABitSeesWhatCameBefore) {
  Scenario scenario;
  scenario.setup = [] { MakeWord(0); };
  scenario.Thread("reports", [] {
    news.Set(1);
    readiness_add(&word, READY_READ);
  });
  scenario.Thread("looks", [] {
    if (readiness_look(&word, IO_READ).bits != 0)
      Check(news.Get() == 1, "what came before the report is seen");
  });
  EXPECT_HOLDS(scenario);
}

// A clear by one of two tasks takes nothing away from the other.
TEST_F(ReadinessRuns, OneClearsWhatTheOtherIsToSee) {
  Scenario scenario;
  scenario.setup = [] { MakeWord(0); };
  scenario.Thread("reports", [] {
    news.Set(1);
    readiness_add(&word, READY_READ | READY_WRITE);
  });
  scenario.Thread(
      "clears", [] { readiness_clear(&word, readiness_look(&word, IO_READ)); });
  scenario.Thread("looks", [] {
    if (readiness_look(&word, IO_WRITE).bits != 0)
      Check(news.Get() == 1, "what came before the report is seen");
  });
  scenario.finish = [] {
    Check(readiness_look(&word, IO_WRITE).bits == READY_WRITE,
          "N2: only what was seen is taken back");
  };
  EXPECT_HOLDS(scenario);
}

// The call finds nothing and the bytes come just then.
TEST_F(ReadinessRuns, BytesComeDuringACallInVain) {
  static explore::Counter taken;
  Scenario scenario;
  scenario.setup = [] {
    MakeWord(READY_READ);
    taken.Reset();
  };
  scenario.Thread("reports", [] {
    bytes.SetSilently();
    readiness_add(&word, READY_READ);
  });
  scenario.Thread("reads", [] {
    struct ready_event seen = readiness_look(&word, IO_READ);
    if (bytes.Take())
      taken.Add();
    else
      readiness_clear(&word, seen);
  });
  scenario.finish = [] {
    Check(taken.value() == 1 || readiness_look(&word, IO_READ).bits != 0,
          "N2: no news is lost");
  };
  explore::Options options;
  options.spurious = 2;
  EXPECT_HOLDS(scenario, options);
}

// ---------------------------------------------------------------- step 6.3

using SourceRuns = ::testing::Test;

TEST_F(SourceRuns, ATaskWaitsForAReport) {
  Scenario scenario;
  scenario.setup = [] { MakeSource(0); };
  scenario.Thread("waits", [] {
    WaitUntilReady(IO_READ, &reading);
    Check(news.Get() == 1, "what came before the report is seen");
  });
  scenario.Thread("reports", [] {
    news.Set(1);
    Report(READY_READ);
  });
  scenario.finish = EndSource;
  EXPECT_HOLDS(scenario);
}

TEST_F(SourceRuns, AReaderAndAWriterWaitForOneReport) {
  Scenario scenario;
  scenario.setup = [] { MakeSource(0); };
  scenario.Thread("reads", [] { WaitUntilReady(IO_READ, &reading); });
  scenario.Thread("writes", [] { WaitUntilReady(IO_WRITE, &writing); });
  scenario.Thread("reports", [] { Report(READY_READ | READY_WRITE); });
  scenario.finish = EndSource;
  EXPECT_HOLDS(scenario);
}

TEST_F(SourceRuns, ATaskForgetsDuringAReport) {
  Scenario scenario;
  scenario.setup = [] { MakeSource(0); };
  scenario.Thread("forgets", [] {
    struct ready_event ready;
    (void)io_source_poll_ready(source, IO_READ, reading.context(), &ready);
    io_source_forget(source, IO_READ);
  });
  scenario.Thread("reports", [] { Report(READY_READ); });
  scenario.finish = [] {
    struct ready_event ready;
    Check(io_source_poll_ready(source, IO_READ, reading.context(), &ready) ==
              POLL_READY,
          "I2: the next one finds it ready");
    EndSource();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SourceRuns, TheLastOfTwoOwnersCloses) {
  Scenario scenario;
  scenario.setup = [] {
    MakeSource(0);
    io_source_share(source);
  };
  for (const char *name : {"closes", "closes too"})
    scenario.Thread(name, [] { io_source_close(source); });
  scenario.finish = EndReactor;
  EXPECT_HOLDS(scenario);
}

// One shares while the other closes: nothing happens to who is left.
TEST_F(SourceRuns, AShareAndAClose) {
  Scenario scenario;
  scenario.setup = [] {
    MakeSource(0);
    io_source_share(source);
  };
  scenario.Thread("shares", [] {
    io_source_share(source);
    io_source_close(source);
  });
  scenario.Thread("closes", [] { io_source_close(source); });
  scenario.finish = EndSource;
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 6.6

using OperationRuns = ::testing::Test;

// It is ready by mistake; so the first call may be in vain.
TEST_F(OperationRuns, BytesComeDuringACallInVain) {
  Scenario scenario;
  scenario.setup = [] { MakeSource(READY_READ); };
  scenario.Thread("reads", ReadOnce);
  scenario.Thread("reports", [] {
    bytes.SetSilently();
    Report(READY_READ);
  });
  scenario.finish = EndSource;
  EXPECT_HOLDS(scenario);
}

// The second report finds the bit of the first, or not.
TEST_F(OperationRuns, TwoReadsAndTwoReports) {
  Scenario scenario;
  scenario.setup = [] { MakeSource(0); };
  scenario.Thread("reads", [] {
    ReadOnce();
    ReadOnce();
  });
  scenario.Thread("reports", [] {
    bytes.SetSilently();
    Report(READY_READ);
    more_bytes.SetSilently();
    Report(READY_READ);
  });
  scenario.finish = EndSource;
  EXPECT_HOLDS(scenario);
}
