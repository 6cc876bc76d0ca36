// report_test.cc - step 9.8: who has which lock, who waits, and the circle.
#include <sstream>

#include "tests/09_mutex/mutex_fixture.h"

extern "C" {
#include "chapters/09_mutex/lock_report.h"
}

class ReportStep : public gate::Step {
 protected:
  static constexpr int kMutexes = 3;
  enum { kLeft, kRight, kTop };
  enum { kAnn, kBob, kEve };

  void SetUp() override {
    gate::Step::SetUp();
    memset(mutexes_, kOld, sizeof mutexes_);
    for (int i = 0; i < kMutexes; i++) {
      mutex_init(&mutexes_[i], kLocks[i]);
      set_[i] = &mutexes_[i];
    }
    gate::OnHang([this]() -> std::string {
      for (auto &mutex : mutexes_) {
        std::string kept = KeptLock(&mutex.semaphore.lock);
        if (!kept.empty()) return kept;
      }
      return "";
    });
  }
  // A task comes for a mutex, as one of its futures.
  struct mutex_lock *Come(int task, int mutex) {
    locks_.emplace_back(new struct mutex_lock);
    struct mutex_lock *lock = locks_.back().get();
    mutex_lock_init(lock, &mutexes_[mutex], kTasks[task]);
    Poll(&lock->base.base, probes_[task]);
    return lock;
  }
  // In the order of coming, so that who waits has it sooner or later.
  void End() {
    for (auto &lock : locks_) {
      if (!lock) continue;
      mutex_unlock(&lock->guard);
      future_drop(&lock->base.base);
    }
    locks_.clear();
    for (auto &mutex : mutexes_)
      if (!HasFailure()) mutex_end(&mutex);
  }
  std::string Report(size_t size = 1000) {
    std::vector<char> text(size + 2, '#');
    text[size + 1] = '\0';
    circle_ = lock_report(set_, kMutexes, text.data(), size);
    EXPECT_EQ('#', text[size]) << "D5: it wrote beyond the end";
    return text.data();
  }

  static constexpr const char *kLocks[kMutexes] = {"left", "right", "top"};
  static constexpr const char *kTasks[3] = {"ann", "bob", "eve"};
  struct mutex mutexes_[kMutexes];
  struct mutex *set_[kMutexes];
  WakerProbe probes_[3] = {WakerProbe("ann"), WakerProbe("bob"),
                           WakerProbe("eve")};
  std::vector<std::unique_ptr<struct mutex_lock>> locks_;
  size_t circle_ = 99;
};

// Line by line, indented: the gate leaves such lines as they are.
static std::string Indented(const std::string &text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) result += "\n    " + line;
  return text.empty() ? "\n    (nothing)" : result;
}

// As EXPECT_EQ(), which would show a text twice: as it is written, and as it
// is.
static testing::AssertionResult Says(const char *, const char *,
                                     const std::string &wanted,
                                     const std::string &said) {
  if (wanted == said) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "  expected" << Indented(wanted) << "\n  actual" << Indented(said);
}
#define EXPECT_SAYS(wanted, said) EXPECT_PRED_FORMAT2(Says, wanted, said)

TEST_F(ReportStep, NothingToSay) {
  EXPECT_SAYS("", Report()) << "D1: nobody has a lock";
  EXPECT_EQ(0u, circle_) << "D4: how many are in the circle";
  End();
}

TEST_F(ReportStep, WhoHasAndWhoWaits) {
  Come(kAnn, kLeft);
  Come(kBob, kLeft);
  Come(kEve, kLeft);
  Come(kEve, kTop);
  EXPECT_SAYS("left: ann has it; bob, eve wait\ntop: eve has it\n", Report())
      << "D1: in order";
  EXPECT_EQ(0u, circle_) << "D4: ann can go on, and then the others";
  End();
}

TEST_F(ReportStep, TwoForks) {
  Come(kAnn, kLeft);
  Come(kBob, kRight);
  Come(kAnn, kRight);
  EXPECT_EQ(0u, (Report(), circle_)) << "D3: bob waits for nobody yet";
  Come(kBob, kLeft);
  EXPECT_SAYS(
      "left: ann has it; bob waits\n"
      "right: bob has it; ann waits\n"
      "ann has left and waits for right; bob has right and waits for left: "
      "nobody can go on\n",
      Report())
      << "D1, D3: a line for each mutex, and then the whole circle, once";
  EXPECT_EQ(2u, circle_) << "D4: how many are in the circle";
  End();
}

TEST_F(ReportStep, ThreeInACircle) {
  Come(kAnn, kLeft);
  Come(kBob, kRight);
  Come(kEve, kTop);
  Come(kAnn, kRight);
  Come(kBob, kTop);
  Come(kEve, kLeft);
  EXPECT_SAYS(
      "left: ann has it; eve waits\n"
      "right: bob has it; ann waits\n"
      "top: eve has it; bob waits\n"
      "ann has left and waits for right; bob has right and waits for top; "
      "eve has top and waits for left: nobody can go on\n",
      Report())
      << "D3: a circle may be as long as there are mutexes";
  EXPECT_EQ(3u, circle_) << "D4: how many are in the circle";
  End();
}

// eve waits for a circle, and is not in it.
TEST_F(ReportStep, BeforeACircle) {
  Come(kEve, kLeft);
  Come(kAnn, kRight);
  Come(kBob, kTop);
  Come(kAnn, kTop);
  Come(kBob, kRight);
  Come(kEve, kTop);
  EXPECT_SAYS(
      "left: eve has it\n"
      "right: ann has it; bob waits\n"
      "top: bob has it; ann, eve wait\n"
      "ann has right and waits for top; bob has top and waits for right: "
      "nobody can go on\n",
      Report())
      << "D3: it starts at the first mutex that is part of the circle; to go "
         "on "
         "until you are back where you started takes for ever if you never are";
  EXPECT_EQ(2u, circle_) << "D4: how many are in the circle";
  End();
}

TEST_F(ReportStep, ForItself) {
  Come(kAnn, kRight);
  Come(kAnn, kRight);
  EXPECT_SAYS(
      "right: ann has it; ann waits\n"
      "ann has right and waits for right: nobody can go on\n",
      Report())
      << "M5, D3: a circle of one";
  EXPECT_EQ(1u, circle_) << "D4: how many are in the circle";
  End();
}

// ann joins two locks: the report follows her to the first of the array, also
// if she came for the other one first, and if that one leads nowhere.
TEST_F(ReportStep, ATaskThatWaitsForTwo) {
  Come(kAnn, kLeft);
  Come(kBob, kRight);
  Come(kEve, kTop);
  Come(kAnn, kTop);
  Come(kAnn, kRight);
  Come(kBob, kLeft);
  EXPECT_SAYS(
      "left: ann has it; bob waits\n"
      "right: bob has it; ann waits\n"
      "top: eve has it; ann waits\n"
      "ann has left and waits for right; bob has right and waits for left: "
      "nobody can go on\n",
      Report())
      << "D3: a task that waits for several is followed to the first of them "
         "in the array";
  EXPECT_EQ(2u, circle_) << "D4: how many are in the circle";
  End();
}

TEST_F(ReportStep, WhoHasWaitedWaitsNoMore) {
  struct mutex_lock *first = Come(kAnn, kTop);
  struct mutex_lock *second = Come(kBob, kTop);
  struct mutex_lock *third = Come(kEve, kTop);
  future_drop(&third->base.base);
  EXPECT_SAYS("top: ann has it; bob waits\n", Report())
      << "D1: a lock that was dropped waits no more, and may be gone";
  mutex_unlock(&first->guard);
  ASSERT_EQ(POLL_READY, Poll(&second->base.base, probes_[kBob]));
  EXPECT_SAYS("top: bob has it\n", Report()) << "D1: it waited, and has it now";
  for (auto &lock : locks_)
    if (lock.get() == third) lock.reset();
  End();
}

// A lock that is in a select, or in a variable: it was given the mutex, and its
// task waits for something else meanwhile.
TEST_F(ReportStep, GivenAndNotTaken) {
  struct mutex_lock *first = Come(kAnn, kTop);
  Come(kBob, kTop);
  Come(kEve, kTop);
  mutex_unlock(&first->guard);
  EXPECT_SAYS("top: given to bob, who has not been polled since; eve waits\n",
              Report())
      << "D2: nobody is inside, and yet it is not free: it was given to one "
         "who has not been polled since";
  EXPECT_EQ(0u, circle_) << "bob can take it";
  Come(kBob, kTop);
  EXPECT_SAYS(
      "top: given to bob, who has not been polled since; eve, bob wait\n"
      "bob has top and waits for top: nobody can go on\n",
      Report())
      << "D2, D3: bob was given it in one future, and waits for it in another";
  End();
}

TEST_F(ReportStep, TwoOfTheSameName) {
  WakerProbe twin("ann");
  struct mutex_lock other;
  Come(kAnn, kLeft);
  mutex_lock_init(&other, &mutexes_[kLeft], "ann");
  ASSERT_EQ(POLL_PENDING, Poll(&other.base.base, twin));
  EXPECT_SAYS("left: ann has it; ann waits\n", Report())
      << "D1, D3: they are two tasks, though of one name: the waker's data "
         "says "
         "so";
  EXPECT_EQ(0u, circle_)
      << "they are two tasks, though of one name: the waker's "
         "data says so";
  future_drop(&other.base.base);
  End();
}

TEST_F(ReportStep, ATaskThatIsNotKnown) {
  struct mutex_guard left = {}, right = {};
  ASSERT_EQ(0, mutex_try_lock(&mutexes_[kLeft], &left, "main"));
  ASSERT_EQ(0, mutex_try_lock(&mutexes_[kRight], &right, "main"));
  EXPECT_SAYS("left: main has it\nright: main has it\n", Report())
      << "D1: a line for each that somebody has, known or not";
  EXPECT_EQ(0u, circle_) << "nobody waits";
  mutex_unlock(&left);
  mutex_unlock(&right);
  End();
}

// A waker without data.
static struct waker CloneOfNobody(void *);
static void DoNothing(void *) {}
static const struct waker_ops kNobody = {CloneOfNobody, DoNothing, DoNothing,
                                         DoNothing};
static struct waker CloneOfNobody(void *) { return {&kNobody, nullptr}; }

// "main" has a lock, and nobody knows which task that is. Somebody waits for it
// whose waker has no data: it is not known either, and not the same.
TEST_F(ReportStep, TwoThatAreNotKnown) {
  struct waker waker = {&kNobody, nullptr};
  struct context context = {&waker};
  struct mutex_guard left = {};
  struct mutex_lock other;
  ASSERT_EQ(0, mutex_try_lock(&mutexes_[kLeft], &left, "main"));
  mutex_lock_init(&other, &mutexes_[kLeft], "ann");
  ASSERT_EQ(POLL_PENDING, future_poll(&other.base.base, &context));
  EXPECT_SAYS("left: main has it; ann waits\n", Report())
      << "D3: a task of 0 is one that is not known: two of them are not the "
         "same, and it closes no circle";
  EXPECT_EQ(0u, circle_) << "D4: how many are in the circle: there is none";
  future_drop(&other.base.base);
  mutex_unlock(&left);
  End();
}

TEST_F(ReportStep, LittleRoom) {
  Come(kAnn, kLeft);
  Come(kBob, kLeft);
  EXPECT_SAYS("left: ann", Report(10)) << "D5: as much as there is room for";
  EXPECT_SAYS("", Report(1)) << "D5: what has no room is cut off";
  Report(0);
  long before = Allocations::total();
  char text[64];
  lock_report(set_, kMutexes, text, sizeof text);
  EXPECT_EQ(before, Allocations::total()) << "D5: what has no room is cut off";
  End();
}

// The philosophers, on an executor that has nothing to do any more.
TEST_F(ReportStep, AnExecutorThatStandsStill) {
  struct executor executor;
  struct mutex_lock locks[2][2];
  int got[2] = {};
  std::vector<std::unique_ptr<Script>> scripts;
  ASSERT_EQ(0, executor_init(&executor));
  for (int i = 0; i < 2; i++) {
    mutex_lock_init(&locks[i][0], &mutexes_[i], kTasks[i]);
    mutex_lock_init(&locks[i][1], &mutexes_[1 - i], kTasks[i]);
    scripts.emplace_back(new Script([&, i](struct context *cx) {
      while (got[i] < 2) {
        if (future_poll(&locks[i][got[i]].base.base, cx) == POLL_PENDING)
          return POLL_PENDING;
        if (++got[i] == 1) {  // thinks for a turn, with one fork
          waker_wake_by_ref(cx->waker);
          return POLL_PENDING;
        }
      }
      return POLL_READY;
    }));
    scripts.back()->Spawn(&executor);
  }
  for (int turns = 0; turns < 100 && executor_try_turn(&executor);) turns++;
  EXPECT_NE(std::string::npos,
            Report().find("ann has left and waits for right; bob has right and "
                          "waits for left: nobody can go on"))
      << "D3: tasks of an executor are told apart, too";
  for (int i = 0; i < 2; i++) mutex_unlock(&locks[i][0].guard);
  executor_run(&executor);
  for (int i = 0; i < 2; i++) mutex_unlock(&locks[i][1].guard);
  for (auto &pair : locks)
    for (auto &lock : pair) future_drop(&lock.base.base);
  executor_end(&executor);
  End();
}

TEST_F(ReportStep, EverythingUnderTheLock) {
  Come(kAnn, kLeft);
  Come(kBob, kRight);
  Come(kAnn, kRight);
  Come(kBob, kLeft);
  for (auto &mutex : mutexes_) {
    EXPECT_TRUE(gate::TouchesLocked(&mutex.pending, &mutex.semaphore.lock,
                                    [&] { Report(); }))
        << "D1: who waits is under the lock of the semaphore, to look at it, "
           "too: without it that is a data race";
  }
  End();
}
