// bed_test.cc - steps 12.6 and 12.7: how a worker sleeps.
#include "tests/12_work_stealing/bed_fixture.h"

#include <sys/syscall.h>

#include <csignal>
#include <linux/futex.h>

using namespace stealing_test;

namespace {

double ThreadCpuSeconds() {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

}  // namespace

// --------------------------------------------------------------- step 12.6

class BedStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    driver_slot_init(&slot_, nullptr);
    bed_init(&bed_, &slot_);
  }
  void TearDown() override {
    driver_slot_end(&slot_);
    gate::Step::TearDown();
  }
  // A thread that sleeps once.
  struct Sleeper {
    explicit Sleeper(struct bed *bed)
        : thread([this, bed] {
            id = gettid();
            bed_sleep(bed);
            returned = true;
          }) {}
    bool SoonAsleepOrUp() {
      return gate::Eventually("the worker sleeps, or is up", [this] {
        return returned || (id != 0 && gate::IsAsleep(id));
      });
    }
    bool SoonUp() {
      gate::Eventually("the worker is up, or sleeps on", [this] {
        return returned || (id != 0 && gate::IsAsleep(id));
      });
      return returned;
    }
    std::atomic<int> id{0};
    std::atomic<bool> returned{false};
    std::thread thread;
  };
  // So that a test can end that has failed.
  void Force() {
    *reinterpret_cast<volatile uint32_t *>(&bed_.state) = 0;
    syscall(SYS_futex, &bed_.state, FUTEX_WAKE_PRIVATE, 9, nullptr, nullptr, 0);
  }

  struct driver_slot slot_;
  struct bed bed_;
};

TEST_F(BedStep, SleepsUntilItIsWoken) {
  gate::Note("a worker that goes to bed, and is woken");
  Sleeper sleeper(&bed_);
  bool is_settled = sleeper.SoonAsleepOrUp();
  bool too_early = sleeper.returned;
  bed_wake(&bed_);
  bool is_up = sleeper.SoonUp();
  if (!is_up) Force();
  sleeper.thread.join();
  EXPECT_TRUE(is_settled) << "B2: it sleeps; it does not look again and again";
  EXPECT_FALSE(too_early) << "B2: it sleeps until it is woken";
  EXPECT_TRUE(is_up) << "B2: a wake ends the sleep";
}

TEST_F(BedStep, AWakeBeforeTheSleep) {
  gate::Note(
      "two wakes before a sleep: the second finds a notification, and nobody "
      "sleeps, neither on the futex nor in a driver");
  bed_wake(&bed_);
  bed_wake(&bed_);
  Sleeper first(&bed_);
  first.SoonAsleepOrUp();
  bool is_up = first.returned;
  if (!is_up) Force();
  first.thread.join();
  EXPECT_TRUE(is_up) << "B2: a wake before the sleep is not lost";
  if (!is_up) return;
  Sleeper second(&bed_);
  second.SoonAsleepOrUp();
  bool too_early = second.returned;
  bed_wake(&bed_);
  is_up = second.SoonUp();
  if (!is_up) Force();
  second.thread.join();
  EXPECT_FALSE(too_early) << "B2: two wakes before one sleep are one";
  EXPECT_TRUE(is_up) << "B2";
}

// Another thread waits for a change of the bed's word, while the worker is
// awake: a wake that calls the kernel wakes that one.
TEST_F(BedStep, NobodySleeps) {
  gate::Note("wakes of a worker that is awake");
  for (int wakes : {0, 1}) {
    for (int i = 0; i < wakes; i++) bed_wake(&bed_);
    std::atomic<int> id{0};
    std::atomic<bool> is_up{false};
    uint32_t state = bed_.state;
    std::thread other([&] {
      id = gettid();
      syscall(SYS_futex, &bed_.state, FUTEX_WAIT_PRIVATE, state, nullptr,
              nullptr, 0);
      is_up = true;
    });
    gate::Eventually("the other thread sleeps on the bed's futex",
                     [&] { return is_up || (id != 0 && gate::IsAsleep(id)); });
    bed_wake(&bed_);
    long asleep = syscall(SYS_futex, &bed_.state, FUTEX_WAKE_PRIVATE, 9,
                          nullptr, nullptr, 0);
    other.join();
    EXPECT_EQ(1, asleep) << "B2: nobody sleeps in this bed: a wake leaves its "
                            "notification, and does not call the kernel";
  }
}

TEST_F(BedStep, ASignalIsNoWake) {
  struct sigaction action = {}, old;
  static std::atomic<int> signals;
  signals = 0;
  action.sa_handler = [](int) { signals++; };
  ASSERT_EQ(0, sigaction(SIGUSR1, &action, &old));
  Sleeper sleeper(&bed_);
  if (sleeper.SoonAsleepOrUp() && !sleeper.returned)
    pthread_kill(sleeper.thread.native_handle(), SIGUSR1);
  gate::Eventually("the handler has run, and the worker sleeps again", [&] {
    return sleeper.returned || (signals == 1 && gate::IsAsleep(sleeper.id));
  });
  bool too_early = sleeper.returned;
  bed_wake(&bed_);
  bool is_up = sleeper.SoonUp();
  if (!is_up) Force();
  sleeper.thread.join();
  sigaction(SIGUSR1, &old, nullptr);
  EXPECT_FALSE(too_early)
      << "B2: a futex wait may end for no reason: look at the state again";
}

// At every place of a wake the worker goes to bed.
TEST_F(BedStep, GoesToBedInTheMiddleOfAWake) {
  gate::Note("a worker that goes to bed in the middle of a wake");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bed_init(&bed_, &slot_);
    std::unique_ptr<Sleeper> sleeper;
    auto sleep = [&] {
      sleeper = std::make_unique<Sleeper>(&bed_);
      sleeper->SoonAsleepOrUp();
    };
    came = InterruptAt(
        nth, [&] { bed_wake(&bed_); }, sleep);
    if (!came) sleep();
    bool is_up = sleeper->SoonUp();
    EXPECT_TRUE(is_up) << "B2: a wake was lost: change the state and look at "
                          "it in one operation";
    if (!is_up) Force();
    sleeper->thread.join();
  }
}

// At every place up to its sleep the worker is woken.
TEST_F(BedStep, IsWokenOnTheWayToBed) {
  gate::Note("a worker that is woken at every place on its way to bed");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bed_init(&bed_, &slot_);
    std::atomic<bool> is_up{false}, was_woken{false};
    std::atomic<int> id{0};
    std::thread worker([&] {
      id = gettid();
      came = InterruptAt(
          nth, [&] { bed_sleep(&bed_); },
          [&] {
            bed_wake(&bed_);
            was_woken = true;
          });
      is_up = true;
    });
    gate::Eventually("it is up, or sleeps",
                     [&] { return is_up || (id != 0 && gate::IsAsleep(id)); });
    bool is_lost = !is_up && was_woken;
    if (!is_up) bed_wake(&bed_);
    if (is_lost) Force();
    worker.join();
    EXPECT_FALSE(is_lost) << "B2: a wake on the way to bed was lost";
    if (!was_woken) break;  // it sleeps before its nth place
  }
}

// However short: it ends by itself.
TEST_F(BedStep, ADozeEnds) {
  gate::Note("a worker that dozes, and is not woken");
  uint32_t fresh = bed_.state;
  slot_.doze = {0, 1};
  std::atomic<bool> is_up{false};
  std::thread worker([&] {
    bed_doze(&bed_);
    is_up = true;
  });
  bool has_ended = gate::Eventually("time is up", [&] { return bool(is_up); });
  if (!has_ended) Force();
  worker.join();
  EXPECT_TRUE(has_ended) << "B5: nobody wakes it: it ends when time is up";
  EXPECT_EQ(fresh, bed_.state) << "B5: then it is awake, and in no bed";
}

TEST_F(BedStep, ADozeIsASleep) {
  gate::Note("a worker that dozes, for an hour at most, and is woken");
  slot_.doze = {3600, 0};
  for (bool before : {true, false}) {
    std::atomic<int> id{0};
    std::atomic<bool> is_up{false};
    if (before) bed_wake(&bed_);
    std::thread worker([&] {
      id = gettid();
      bed_doze(&bed_);
      is_up = true;
    });
    gate::Eventually("it dozes, or is up",
                     [&] { return is_up || (id != 0 && gate::IsAsleep(id)); });
    bool too_early = is_up && !before;
    if (!before) bed_wake(&bed_);
    gate::Eventually("it is up, or dozes on",
                     [&] { return is_up || (id != 0 && gate::IsAsleep(id)); });
    bool is_woken = is_up;
    if (!is_woken) Force();
    worker.join();
    EXPECT_FALSE(too_early) << "B5: time is not up";
    EXPECT_TRUE(is_woken) << "B5: a wake ends it, before it or during it";
  }
}

TEST_F(BedStep, UsesNoProcessor) {
  std::atomic<double> used{0};
  std::atomic<int> id{0};
  std::atomic<bool> is_up{false};
  std::thread worker([&] {
    double before = ThreadCpuSeconds();
    id = gettid();
    bed_sleep(&bed_);
    used = ThreadCpuSeconds() - before;
    is_up = true;
  });
  EXPECT_TRUE(gate::Eventually("the worker sleeps", [&] {
    return is_up || (id != 0 && gate::IsAsleep(id));
  })) << "B2: it sleeps, it does not spin";
  double until = ThreadCpuSeconds() + 0.2;
  while (ThreadCpuSeconds() < until) continue;
  bed_wake(&bed_);
  worker.join();
  EXPECT_LT(used, 0.1) << "B2: it sleeps, it does not spin";
}

TEST_F(BedStep, BackAndForth) {
  gate::Note("two workers that wake one another, 5,000 times");
  struct bed other;
  bed_init(&other, &slot_);
  int turns = 0;
  std::thread thread([&] {
    for (int i = 0; i < 5000; i++) {
      bed_sleep(&other);
      turns++;  // B4: no lock needed
      bed_wake(&bed_);
    }
  });
  for (int i = 0; i < 5000; i++) {
    turns++;
    bed_wake(&other);
    bed_sleep(&bed_);
  }
  thread.join();
  EXPECT_EQ(10000, turns) << "B4: what came before the wake is seen";
}

// --------------------------------------------------------------- step 12.7

class DriverStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    driver_slot_init(&slot_, &driver_);
    bed_init(&bed_, &slot_);
  }
  void TearDown() override {
    driver_slot_end(&slot_);
    gate::Step::TearDown();
  }

  FakeDriver driver_;
  struct driver_slot slot_;
  struct bed bed_;
};

TEST_F(DriverStep, OneHasIt) {
  EXPECT_TRUE(driver_slot_take(&slot_)) << "B1: it is free at first";
  EXPECT_FALSE(driver_slot_take(&slot_)) << "B1: one has it at a time";
  driver_slot_release(&slot_);
  EXPECT_TRUE(driver_slot_take(&slot_)) << "B3: it is free again";
  driver_slot_release(&slot_);
}

TEST_F(DriverStep, TwoWantIt) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool mine = false, theirs = false;
    came = InterruptAt(
        nth, [&] { mine = driver_slot_take(&slot_); },
        [&] { theirs = driver_slot_take(&slot_); });
    EXPECT_FALSE(mine && theirs)
        << "B1: two have the driver: look and take in one step";
    EXPECT_TRUE(mine || theirs) << "B1: it was free, and nobody got it";
    driver_slot_release(&slot_);
  }
}

TEST_F(DriverStep, NoDriverAtAll) {
  struct driver_slot none;
  driver_slot_init(&none, nullptr);
  EXPECT_FALSE(driver_slot_take(&none)) << "B1: there is none";
  driver_slot_look(&none);
  driver_slot_end(&none);
}

TEST_F(DriverStep, Looks) {
  driver_slot_look(&slot_);
  EXPECT_EQ(1, driver_.looks) << "it looks for news, without sleeping";
  EXPECT_EQ(0, driver_.sleeps) << "a look has a timeout of 0";
  EXPECT_TRUE(driver_slot_take(&slot_)) << "and the driver is free again";
  driver_slot_look(&slot_);
  EXPECT_EQ(1, driver_.looks) << "not while somebody else has it";
  driver_slot_release(&slot_);
}

TEST_F(DriverStep, SleepsInIt) {
  bool was_taken = false;
  driver_.on_sleep = [&] {
    was_taken = !driver_slot_take(&slot_);
    if (!was_taken) driver_slot_release(&slot_);
  };
  bed_sleep(&bed_);
  EXPECT_EQ(1, driver_.sleeps) << "B1: the driver was free: it sleeps there";
  EXPECT_EQ(-1, driver_.timeout) << "B2: without an end but a wake, or news";
  EXPECT_TRUE(was_taken) << "B1: nobody else has it meanwhile";
  EXPECT_TRUE(driver_slot_take(&slot_)) << "B3: and it is free again";
  driver_slot_release(&slot_);
  EXPECT_EQ(0, driver_.wakes);
}

// News, and nobody has called bed_wake(): the next sleep is one, too.
TEST_F(DriverStep, NewsEndOneSleep) {
  bed_sleep(&bed_);
  bed_sleep(&bed_);
  EXPECT_EQ(2, driver_.sleeps)
      << "B2: news ended the first sleep; then it is awake, and the next time "
         "it sleeps again";
  bed_wake(&bed_);
  EXPECT_EQ(0, driver_.wakes)
      << "B2: news ended its sleep: it is awake, and a wake costs nothing";
}

TEST_F(DriverStep, IsWokenInIt) {
  driver_.on_sleep = [&] { bed_wake(&bed_); };
  bed_sleep(&bed_);
  EXPECT_EQ(1, driver_.wakes) << "B2: who sleeps in the driver is woken there";
  EXPECT_FALSE(driver_.is_stuck);
  EXPECT_EQ(1, driver_.wakers)
      << "W2: only the slot keeps an unparker: use it where it is, or drop "
         "your copy of it";
  driver_.on_sleep = nullptr;
  bed_sleep(&bed_);
  EXPECT_EQ(2, driver_.sleeps) << "B2: one wake, one sleep that it ends";
}

TEST_F(DriverStep, AWakeBeforeTheSleep) {
  bed_wake(&bed_);
  bed_sleep(&bed_);
  EXPECT_EQ(0, driver_.sleeps) << "B2: it was woken already";
  EXPECT_EQ(0, driver_.wakes) << "B2: a wake costs nothing if nobody sleeps";
  EXPECT_TRUE(driver_slot_take(&slot_)) << "B3: though it took the driver";
  driver_slot_release(&slot_);
}

TEST_F(DriverStep, ADozeIsNotInTheDriver) {
  slot_.doze = {0, 1};
  bed_doze(&bed_);
  EXPECT_EQ(0, driver_.sleeps) << "B5: it dozes on its futex, though the "
                                  "driver is free";
  EXPECT_TRUE(driver_slot_is_free(&slot_)) << "B3";
}

TEST_F(DriverStep, TheOthersSleepOnTheFutex) {
  gate::Note("a worker that goes to bed while another has the driver");
  ASSERT_TRUE(driver_slot_take(&slot_));
  std::atomic<int> id{0};
  std::atomic<bool> is_up{false};
  std::thread worker([&] {
    id = gettid();
    bed_sleep(&bed_);
    is_up = true;
  });
  gate::Eventually("it sleeps",
                   [&] { return is_up || (id != 0 && gate::IsAsleep(id)); });
  bool too_early = is_up;
  bed_wake(&bed_);
  worker.join();
  EXPECT_FALSE(too_early) << "B1: it sleeps on its futex";
  EXPECT_EQ(0, driver_.sleeps) << "B1: the driver is taken";
  EXPECT_EQ(0, driver_.wakes) << "B2: and who has the driver is left alone";
  EXPECT_FALSE(driver_slot_take(&slot_)) << "B1: the driver is the other's";
  driver_slot_release(&slot_);
}

// A driver that forgets nothing, and a wake on the way into it.
TEST_F(DriverStep, IsWokenOnTheWayToBed) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    driver_.Reset();
    bed_init(&bed_, &slot_);
    bool was_woken = false;
    driver_.on_sleep = [&] { driver_.is_stuck = was_woken && !driver_.wakes; };
    came = InterruptAt(
        nth, [&] { bed_sleep(&bed_); },
        [&] {
          bed_wake(&bed_);
          was_woken = true;
        });
    EXPECT_FALSE(driver_.is_stuck) << "B2: a wake on the way to bed was lost";
    driver_.on_sleep = nullptr;
    EXPECT_TRUE(driver_slot_take(&slot_)) << "B3";
    driver_slot_release(&slot_);
  }
}
