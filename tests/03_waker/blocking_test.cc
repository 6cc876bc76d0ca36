// blocking_test.cc - steps 3.4 to 3.6: threads that sleep and wake.
#include <dirent.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/completion.h"
#include "chapters/03_waker/parker.h"
#include "tests/support/crash.h"
#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

namespace {

bool EventuallyAsleep(const std::atomic<pid_t> &thread) {
  return gate::Eventually("the thread sleeps", [&] {
    return thread != 0 && gate::IsAsleep(thread);
  });
}

// What another thread has used; a park that spins uses more and more.
double CpuSecondsOf(std::thread &thread) {
  clockid_t clock;
  struct timespec now = {0, 0};
  if (pthread_getcpuclockid(thread.native_handle(), &clock) == 0)
    clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

double ThreadCpuSeconds() {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

}  // namespace

// ---------------------------------------------------------------- step 3.4

class ParkerStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    parker_init(&parker_);
  }
  struct parker parker_;
};

// A park that returns at once where it should sleep is the starter's: it
// must fail here, not hang.
TEST_F(ParkerStep, AParkSleepsUntilTheUnpark) {
  std::atomic<pid_t> thread_id{0};
  std::atomic<bool> returned{false};
  std::thread thread([&] {
    thread_id = gettid();
    parker_park(&parker_);
    returned = true;
  });
  bool spins = false;
  gate::Eventually("the thread sleeps, spins or returns", [&] {
    spins = CpuSecondsOf(thread) > 0.5;
    return spins || returned || (thread_id != 0 && gate::IsAsleep(thread_id));
  });
  bool too_early = returned;
  parker_unpark(&parker_);
  thread.join();
  EXPECT_FALSE(spins) << "K4: park looks again and again instead of sleeping";
  EXPECT_FALSE(too_early) << "K1: nobody has unparked: park must sleep";
}

TEST_F(ParkerStep, AnUnparkBeforeTheParkIsRemembered) {
  gate::Note("parking after an unpark: it must return at once");
  parker_unpark(&parker_);
  parker_park(&parker_);
  SUCCEED() << "K2: an unpark that comes first is not lost";
}

TEST_F(ParkerStep, ManyUnparksBeforeOneParkAreOne) {
  std::atomic<pid_t> thread_id{0};
  std::atomic<int> parks{0};
  std::thread thread([&] {
    for (int i = 0; i < 3; i++) parker_unpark(&parker_);
    parker_park(&parker_);
    parks++;
    thread_id = gettid();
    parker_park(&parker_);
    parks++;
  });
  gate::Eventually("the second park sleeps or returns", [&] {
    return parks == 2 || (thread_id != 0 && gate::IsAsleep(thread_id));
  });
  int parks_before = parks;
  parker_unpark(&parker_);
  thread.join();
  EXPECT_EQ(1, parks_before)
      << "K2: several unparks before one park count as one";
}

// The kernel may end a futex wait for no reason; a signal does it on demand.
TEST_F(ParkerStep, ASignalDoesNotEndThePark) {
  struct sigaction action = {}, old;
  static std::atomic<int> signals;
  signals = 0;
  action.sa_handler = [](int) { signals++; };
  ASSERT_EQ(0, sigaction(SIGUSR1, &action, &old));
  std::atomic<pid_t> thread_id{0};
  std::atomic<bool> returned{false};
  std::thread thread([&] {
    thread_id = gettid();
    parker_park(&parker_);
    returned = true;
  });
  ASSERT_TRUE(EventuallyAsleep(thread_id));
  pthread_kill(thread.native_handle(), SIGUSR1);
  gate::Eventually("the handler has run and the thread sleeps again", [&] {
    return returned || (signals == 1 && gate::IsAsleep(thread_id));
  });
  bool too_early = returned;
  parker_unpark(&parker_);
  thread.join();
  sigaction(SIGUSR1, &old, nullptr);
  EXPECT_FALSE(too_early)
      << "K4: a futex wait may end for no reason: look at the state again";
}

// At every place of an unpark the other thread goes to sleep.
TEST_F(ParkerStep, AThreadParksInTheMiddleOfAnUnpark) {
  gate::Note("a thread that parks in the middle of an unpark");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    std::atomic<pid_t> thread_id{0};
    std::atomic<bool> returned{false};
    std::thread thread;
    auto park = [&] {
      thread = std::thread([&] {
        thread_id = gettid();
        parker_park(&parker_);
        returned = true;
      });
      gate::Eventually("the thread sleeps or returns", [&] {
        return returned || (thread_id != 0 && gate::IsAsleep(thread_id));
      });
    };
    came = gate::InterruptAt(
        nth, [&] { parker_unpark(&parker_); }, park);
    if (!came) park();
    // It was asleep or had returned; an unpark that wakes it makes it run.
    gate::Eventually("the park returns or sleeps on",
                     [&] { return returned || gate::IsAsleep(thread_id); });
    EXPECT_TRUE(returned) << "K2: an unpark was lost: the state has to be "
                             "changed and looked at in one operation";
    if (!returned)  // so that the test can end
      syscall(SYS_futex, &parker_.state, FUTEX_WAKE_PRIVATE, 1, nullptr,
              nullptr, 0);
    thread.join();
    parker_init(&parker_);
  }
}

// Two threads hand a turn back and forth: a single unpark lost on the way
// hangs them.
TEST_F(ParkerStep, NoUnparkIsLostInTenThousand) {
  gate::Note("two threads that unpark one another, 10,000 times");
  struct parker other;
  parker_init(&other);
  int turns = 0;
  std::thread thread([&] {
    for (int i = 0; i < 10000; i++) {
      parker_park(&other);
      turns++;  // K3: no lock needed
      parker_unpark(&parker_);
    }
  });
  for (int i = 0; i < 10000; i++) {
    turns++;
    parker_unpark(&other);
    parker_park(&parker_);
  }
  thread.join();
  EXPECT_EQ(20000, turns) << "K3: what came before the unpark is seen";
}

TEST_F(ParkerStep, AParkedThreadUsesNoProcessor) {
  std::atomic<pid_t> thread_id{0};
  std::atomic<double> used{0};
  std::thread thread([&] {
    double before = ThreadCpuSeconds();
    thread_id = gettid();
    parker_park(&parker_);
    used = ThreadCpuSeconds() - before;
  });
  EXPECT_TRUE(EventuallyAsleep(thread_id)) << "K4: it sleeps, it does not spin";
  // 0.2 s of this thread's CPU time, as work, not as a wait for time to pass.
  double until = ThreadCpuSeconds() + 0.2;
  while (ThreadCpuSeconds() < until) continue;
  parker_unpark(&parker_);
  thread.join();
  EXPECT_LT(used, 0.1) << "K4: it sleeps, it does not spin";
}

// ---------------------------------------------------------------- step 3.5

class BlockOnStep : public gate::Step {};

TEST_F(BlockOnStep, AReadyFutureIsPolledOnce) {
  FutureProbe leaf("leaf", 0, 42);
  EXPECT_EQ(42, block_on(leaf.int_future())) << "it returns the result";
  EXPECT_EQ(1, leaf.polls()) << "B1: one poll is enough";
  EXPECT_EQ(1, leaf.drops()) << "B3: the future is dropped";
}

// A future whose poll blocks.
TEST_F(BlockOnStep, NotInsideAnother) {
  static const struct future_ops ops = {[](struct future *, struct context *) {
                                          FutureProbe leaf("leaf", 0, 1);
                                          block_on(leaf.int_future());
                                          return POLL_READY;
                                        },
                                        [](struct future *) {}};
  struct int_future blocks = {{&ops}, 0};
  EXPECT_TRUE(gate::Panics([&] { block_on(&blocks); }, "block_on() inside"))
      << "B1: block_on() inside of a future that a block_on() polls would wait "
         "for itself, some day: it panics";
}

TEST_F(BlockOnStep, OnePollAWake) {
  FutureProbe leaf("leaf", 3, 7);
  EXPECT_EQ(7, block_on(leaf.int_future()));
  EXPECT_EQ(4, leaf.polls()) << "B1: once, and once after each of three wakes";
  EXPECT_EQ(1, leaf.drops());
}

// The result does not come before the sleeper was seen to sleep.
TEST_F(BlockOnStep, DoesNotSpinWhilePending) {
  FutureProbe leaf("leaf");
  std::atomic<pid_t> thread_id{0};
  std::thread thread([&] {
    thread_id = gettid();
    block_on(leaf.int_future());
  });
  bool asleep = gate::Eventually("it sleeps, or polls again and again", [&] {
    return leaf.polls() > 1 ||
           (leaf.polls() == 1 && thread_id != 0 && gate::IsAsleep(thread_id));
  });
  int polls = leaf.polls();
  leaf.Complete(0);
  thread.join();
  EXPECT_TRUE(asleep);
  EXPECT_TRUE(polls == 1) << "B1: never a poll without a wake; B2: it sleeps";
}

TEST_F(BlockOnStep, SleepsUntilAnotherThreadWakes) {
  gate::Note("block_on() a future that another thread completes");
  FutureProbe leaf("leaf");
  std::thread thread([&] {
    // Not a poll that has begun, but one that has left its waker.
    gate::Eventually("the future was polled",
                     [&] { return leaf.holds_waker() || leaf.drops() > 0; });
    leaf.Complete(5);
  });
  int result = block_on(leaf.int_future());
  thread.join();
  ASSERT_EQ(5, result) << "B1: a wake from another thread leads to a poll";
  EXPECT_TRUE(leaf.polls() == 2) << "B1: one poll, one wake, one poll";
}

TEST_F(BlockOnStep, AWakerMayOutliveTheCall) {
  // A future that gives its waker away and is ready at once.
  struct Giver {
    struct int_future base;
    struct waker given;
  };
  static const struct future_ops ops = {
      [](struct future *self, struct context *cx) {
        Giver *giver = reinterpret_cast<Giver *>(self);
        giver->given = waker_clone(cx->waker);
        giver->base.result = 3;
        return POLL_READY;
      },
      [](struct future *) {}};
  Giver giver = {{{&ops}, 0}, {nullptr, nullptr}};
  ASSERT_EQ(3, block_on(&giver.base));
  EXPECT_EQ(1, gate::Allocations::live()) << "B4: the waker keeps its thread";
  waker_wake_by_ref(&giver.given);
  waker_wake(&giver.given);
  EXPECT_EQ(0, gate::Allocations::live()) << "C2: freed by the last owner";
}

TEST_F(BlockOnStep, WithoutMemoryItSaysSo) {
  FutureProbe leaf("leaf", 0, 42);
  gate::Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, block_on(leaf.int_future()));
  EXPECT_EQ(0, leaf.polls());
  EXPECT_EQ(1, leaf.drops()) << "B3: dropped in this case, too";
}

// ---------------------------------------------------------------- step 3.6

class CompletionStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    completion_init(&completion_);
    completion_wait_init(&wait_, &completion_);
  }
  void TearDown() override {
    completion_end(&completion_);
    gate::Step::TearDown();
  }
  struct future *wait() {
    return &wait_.base.base;
  }

  struct completion completion_;
  struct completion_wait wait_;
};

TEST_F(CompletionStep, SetBeforeTheFirstPoll) {
  WakerProbe probe;
  EXPECT_EQ(0, completion_set(&completion_, 9));
  ASSERT_EQ(POLL_READY, Poll(wait(), probe)) << "D2: it is set already";
  EXPECT_EQ(9, wait_.base.result);
  future_drop(wait());
  EXPECT_EQ(0, probe.live()) << "D4: nothing is left behind";
}

TEST_F(CompletionStep, SetWhilePending) {
  WakerProbe probe;
  ASSERT_EQ(POLL_PENDING, Poll(wait(), probe));
  EXPECT_EQ(1, probe.live()) << "P2: a pending wait keeps a waker to call";
  ASSERT_EQ(0, completion_set(&completion_, 9));
  EXPECT_EQ(1, probe.wakes()) << "D1: the waiting task is woken, once";
  EXPECT_EQ(0, probe.live()) << "W2: the waker is given back";
  ASSERT_EQ(POLL_READY, Poll(wait(), probe));
  EXPECT_EQ(9, wait_.base.result);
  future_drop(wait());
}

TEST_F(CompletionStep, OnlyTheFirstSetCounts) {
  WakerProbe probe;
  EXPECT_EQ(0, completion_set(&completion_, 1));
  EXPECT_EQ(-EALREADY, completion_set(&completion_, 2))
      << "D3: later ones are refused";
  ASSERT_EQ(POLL_READY, Poll(wait(), probe));
  EXPECT_EQ(1, wait_.base.result) << "D3: the first value stays";
  future_drop(wait());
}

TEST_F(CompletionStep, TheNewestWakerIsWoken) {
  WakerProbe first("first"), second("second");
  ASSERT_EQ(POLL_PENDING, Poll(wait(), first));
  ASSERT_EQ(POLL_PENDING, Poll(wait(), second));
  EXPECT_EQ(0, first.live()) << "P3: the older waker is given back";
  completion_set(&completion_, 1);
  EXPECT_EQ(0, first.wakes()) << "P3: the waker of an earlier poll is stale";
  EXPECT_EQ(1, second.wakes()) << "P3: the latest waker is the one to wake";
  future_drop(wait());
}

TEST_F(CompletionStep, ManyPollsLeakNoWaker) {
  WakerProbe probe;
  for (int i = 0; i < 10; i++) ASSERT_EQ(POLL_PENDING, Poll(wait(), probe));
  EXPECT_EQ(1, probe.live()) << "W2: a re-poll gives the older clone back";
  future_drop(wait());
  EXPECT_EQ(0, probe.live()) << "D4: dropped while pending: no waker is left";
  completion_set(&completion_, 1);
  EXPECT_EQ(0, probe.wakes()) << "D4: nobody waits any more";
}

// A waker is code that we do not know: this one uses the completion itself,
// in each of its operations. With the lock held that is a deadlock.
namespace {
struct Meddler {
  struct completion *completion;
  int clones, wakes, drops, value_seen;
};

void Meddle(void *data, const char *done) {
  Meddler *meddler = static_cast<Meddler *>(data);
  if (pthread_mutex_trylock(&meddler->completion->lock) != 0) {
    ADD_FAILURE() << "W1: a waker was " << done
                  << " with the completion's lock held" << gate::Callers()
                  << ": if it took that lock, this would be a deadlock";
    return;
  }
  meddler->value_seen = meddler->completion->value;
  pthread_mutex_unlock(&meddler->completion->lock);
}

const struct waker_ops kMeddlerOps = {[](void *data) {
                                        static_cast<Meddler *>(data)->clones++;
                                        Meddle(data, "cloned");
                                        return waker{&kMeddlerOps, data};
                                      },
                                      [](void *data) {
                                        static_cast<Meddler *>(data)->wakes++;
                                        Meddle(data, "woken");
                                      },
                                      [](void *data) {
                                        static_cast<Meddler *>(data)->wakes++;
                                        Meddle(data, "woken");
                                      },
                                      [](void *data) {
                                        static_cast<Meddler *>(data)->drops++;
                                        Meddle(data, "dropped");
                                      }};
}  // namespace

TEST_F(CompletionStep, NoLockIsHeldAroundAWaker) {
  Meddler meddler = {&completion_, 0, 0, 0, 0};
  struct waker waker = {&kMeddlerOps, &meddler};
  struct context cx = {&waker};
  ASSERT_EQ(POLL_PENDING, future_poll(wait(), &cx));
  ASSERT_EQ(POLL_PENDING, future_poll(wait(), &cx));
  ASSERT_EQ(0, completion_set(&completion_, 9));
  EXPECT_EQ(1, meddler.wakes) << "D1: woken once";
  EXPECT_EQ(9, meddler.value_seen)
      << "D1: the value is stored before the wake: who is woken looks at once";
  EXPECT_EQ(meddler.clones, meddler.wakes + meddler.drops)
      << "W2: every clone is consumed";
  future_drop(wait());
}

TEST_F(CompletionStep, FromAnotherThread) {
  gate::Note("block_on() a completion that another thread sets");
  std::thread thread([&] { completion_set(&completion_, 77); });
  int result = block_on(&wait_.base);
  thread.join();
  EXPECT_EQ(77, result) << "D2: whichever comes first, the wait gets the value";
}

TEST_F(CompletionStep, AThousandRaces) {
  gate::Note("a thousand completions, each set by a second thread");
  for (int round = 0; round < 1000; round++) {
    struct completion completion;
    struct completion_wait wait;
    completion_init(&completion);
    completion_wait_init(&wait, &completion);
    std::thread thread([&] { completion_set(&completion, round); });
    ASSERT_EQ(round, block_on(&wait.base)) << "D2";
    thread.join();
    completion_end(&completion);
  }
}
