// spawner_test.cc - steps 11.10 and 11.11: how many workers, and where to
// spawn.
#include <sched.h>

#include "tests/11_threads/pool_fixture.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/11_threads/cpus.h"
}

namespace {

// What the kernel answers, if a test says so.
struct Answer {
  bool is_scripted = false;
  int error = 0;             // always this, or
  size_t too_small = 0;      // -EINVAL up to so many bytes
  int first = 0, count = 0;  // processors that are ours
  int calls = 0;
} answer;

}  // namespace

// In place of libc's, which asks the kernel.
extern "C" int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *mask) {
  if (!answer.is_scripted) {
    long length = syscall(SYS_sched_getaffinity, thread, size, mask);
    if (length < 0) return -1;
    memset(reinterpret_cast<char *>(mask) + length, 0, size - size_t(length));
    return 0;
  }
  answer.calls++;
  errno = answer.error != 0 ? answer.error : EINVAL;
  size_t wanted = size_t(answer.first + answer.count);
  if (answer.error != 0 || size <= answer.too_small || size * 8 < wanted)
    return -1;
  CPU_ZERO_S(size, mask);
  for (int i = 0; i < answer.count; i++)
    CPU_SET_S(size_t(answer.first + i), size, mask);
  return 0;
}

namespace {

using namespace threads_test;

class CpusStep : public PoolStep {
 protected:
  void SetUp() override {
    PoolStep::SetUp();
    answer = {};
  }
  void TearDown() override {
    answer = {};
    PoolStep::TearDown();
  }
  unsigned Ask(int first, int count, size_t too_small = 0) {
    answer = {};
    answer.is_scripted = true;
    answer.first = first;
    answer.count = count;
    answer.too_small = too_small;
    return cpus_available();
  }
};

TEST_F(CpusStep, ThoseInTheMask) {
  EXPECT_EQ(1u, Ask(5, 1)) << "A1: one processor is ours, of however many the "
                              "machine has";
  EXPECT_EQ(3u, Ask(2, 3)) << "A1: the number of processors in the mask";
  EXPECT_EQ(1024u, Ask(0, 1024)) << "A1: a mask that is just full";
}

TEST_F(CpusStep, AMachineLargerThanTheMask) {
  EXPECT_EQ(600u, Ask(1000, 600, 128))
      << "A1: however large the machine. EINVAL says that the mask is too "
         "small; ask again with a larger one";
  EXPECT_EQ(2u, Ask(9000, 2, 1024)) << "A1: however large the machine";
}

TEST_F(CpusStep, TheKernelDoesNotAnswer) {
  answer.is_scripted = true;
  answer.error = ENOSYS;
  EXPECT_EQ(1u, cpus_available()) << "A1: at least 1";
  EXPECT_EQ(1, answer.calls) << "A1: only EINVAL says that a larger mask helps";
  EXPECT_EQ(1u, Ask(0, 0)) << "A1: at least 1";
  answer.error = EINVAL;
  EXPECT_EQ(1u, cpus_available()) << "A1: a mask that is never large enough: "
                                     "at least 1, and not for ever";
}

TEST_F(CpusStep, ThisThreads) {
  cpu_set_t all, one;
  ASSERT_EQ(0, sched_getaffinity(0, sizeof all, &all));
  EXPECT_EQ(unsigned(CPU_COUNT(&all)), cpus_available())
      << "A1: the mask of the calling thread";
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  ASSERT_EQ(0, sched_setaffinity(0, sizeof one, &one));
  EXPECT_EQ(1u, cpus_available()) << "A1: the mask of the calling thread";
  sched_setaffinity(0, sizeof all, &all);
}

TEST_F(CpusStep, APoolHasAsManyWorkers) {
  answer.is_scripted = true;
  answer.count = 3;
  if (!Start(0)) return;
  EXPECT_EQ(3u, pool_->count) << "0 stands for cpus_available()";
  pool_end(pool_.get());
}

// 11.11: code that does not care which runtime it is given.
class SpawnerStep : public PoolStep {
 protected:
  int SpawnOn(struct spawner *spawner, Script &script,
              struct join_handle *handle = nullptr) {
    return spawner_spawn(spawner, script.future(), Script::kSize, handle);
  }
  void SetClosed(bool is_closed) {
    pthread_mutex_lock(&pool_->home.lock);
    pool_->home.is_closed = is_closed;
    pthread_mutex_unlock(&pool_->home.lock);
  }
  // Code that only spawns: ten children, whose results it adds up.
  Script &NewParent(struct spawner *spawner) {
    auto handles = std::make_shared<std::vector<struct join_handle>>();
    auto sum = std::make_shared<int>(0);
    auto self = std::make_shared<Script *>();
    std::vector<Script *> children;
    for (int i = 1; i <= 10; i++) children.push_back(&NewReady(i));
    Script &parent = New([=](struct context *cx) {
      if (handles->empty()) {
        handles->resize(10);
        for (size_t i = 0; i < 10; i++)
          if (SpawnOn(spawner, *children[i], &(*handles)[i]) < 0)
            return POLL_READY;
      }
      for (; !handles->empty(); handles->pop_back()) {
        if (PollHandle(handles->back(), cx) == POLL_PENDING)
          return POLL_PENDING;
        *sum += handles->back().base.result;
        DropHandle(handles->back());
      }
      (*self)->SetResult(*sum);
      return POLL_READY;
    });
    *self = &parent;
    return parent;
  }
};

TEST_F(SpawnerStep, ALargeFuture) {
  struct Large {
    struct int_future base;
    char bytes[500];
  };
  static const struct future_ops ops = {
      [](struct future *self, struct context *) {
        auto *large = reinterpret_cast<Large *>(self);
        large->base.result = large->bytes[499];
        return POLL_READY;
      },
      [](struct future *) {}};
  Large large = {{{&ops}, 0}, {}};
  struct join_handle handle = {};
  large.bytes[499] = 7;
  if (!Start(1)) return;
  EXPECT_EQ(0,
            spawner_spawn(&pool_->spawner, &large.base, sizeof large, &handle))
      << "Z7: pool_spawn() of the pool";
  ASSERT_NE(nullptr, handle.task) << "Z7: with a handle";
  EXPECT_TRUE(block_on(&handle.base) == 7) << "Z7: all of the future's bytes";
  pool_end(pool_.get());
}

TEST_F(SpawnerStep, OnOneThreadAndOnMany) {
  struct executor executor;
  struct join_handle handle = {};
  ASSERT_EQ(0, executor_init(&executor));
  EXPECT_EQ(0,
            SpawnOn(&executor.spawner, NewParent(&executor.spawner), &handle))
      << "N1: executor_spawn() of the executor";
  executor_run(&executor);
  EXPECT_EQ(55, block_on(&handle.base)) << "N1: ten children, on one thread";
  executor_end(&executor);

  handle = {};
  if (!Start(2)) return;
  EXPECT_EQ(0, SpawnOn(&pool_->spawner, NewParent(&pool_->spawner), &handle))
      << "Z7: pool_spawn() of the pool";
  ASSERT_NE(nullptr, handle.task) << "Z7: with a handle";
  EXPECT_EQ(55, block_on(&handle.base)) << "Z7: ten children, on many threads";
  pool_end(pool_.get());
}

TEST_F(SpawnerStep, TheSameErrors) {
  struct join_handle handle = {};
  Script &script = NewReady();
  if (!Start(1)) return;
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, SpawnOn(&pool_->spawner, script, &handle))
      << "Z7: the same results";
  Allocations::FailNth(0);
  EXPECT_EQ(nullptr, handle.task) << "Z7: on failure the handle is untouched";
  SetClosed(true);  // as pool_end() does first
  EXPECT_EQ(-ECANCELED, SpawnOn(&pool_->spawner, script, &handle))
      << "Z7: the same results";
  EXPECT_EQ(nullptr, handle.task) << "Z7: on failure the handle is untouched";
  SetClosed(false);  // a home is closed once
  pool_end(pool_.get());
}

}  // namespace
