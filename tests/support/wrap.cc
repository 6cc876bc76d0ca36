// wrap.cc - counts the allocations and threads of the code under test.
//
// The linker sends its calls of malloc, pthread_create and their families
// here (--wrap, see tools/chapter.bzl). Live allocations are kept in a table
// of pointers, because free() is also called on memory that libc allocated
// by itself, which must not count. While the explorer runs the code, its
// memory is the explorer's, who counts for itself.
#include <malloc.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "tests/explore/calls.h"
#include "tests/support/board.h"
#include "tests/support/probes.h"

#define CALLER __builtin_return_address(0)

extern "C" {
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
int __real_pthread_join(pthread_t thread, void **result);
int __real_pthread_detach(pthread_t thread);
int __real_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
}

namespace {

// Open addressing; a freed place is marked so that searches go on past it.
constexpr size_t kTableSize = size_t(1) << 22;
constexpr uintptr_t kFreed = 1;
std::atomic<uintptr_t> table[kTableSize];
std::atomic<long> live, total, live_before, total_before, until_failure;
std::atomic<bool> failure_armed, failed;
std::atomic<int> live_threads, condition_waits;
std::atomic<long> until_no_thread;  // 0: threads are there for all

size_t Place(const void *memory) {
  return (reinterpret_cast<uintptr_t>(memory) >> 4) * 0x9E3779B97F4A7C15u >> 42;
}

void *Remember(void *memory) {
  if (memory == nullptr) return nullptr;
  live++;
  total++;
  for (size_t i = Place(memory), n = 0; n < kTableSize; n++, i++) {
    std::atomic<uintptr_t> &entry = table[i % kTableSize];
    uintptr_t empty = entry.load();
    if (empty > kFreed) continue;
    if (entry.compare_exchange_strong(empty,
                                      reinterpret_cast<uintptr_t>(memory)))
      break;
  }
  return memory;
}

// True if `memory` was remembered; it is not any more.
bool Forget(void *memory) {
  uintptr_t wanted = reinterpret_cast<uintptr_t>(memory);
  for (size_t i = Place(memory), n = 0; n < kTableSize; n++, i++) {
    std::atomic<uintptr_t> &entry = table[i % kTableSize];
    uintptr_t seen = entry.load();
    if (seen == 0) return false;
    if (seen == wanted && entry.compare_exchange_strong(seen, kFreed)) {
      live--;
      return true;
    }
  }
  return false;
}

// Freed blocks rest for a while, filled with a pattern: then a write after
// the free can be seen, a read finds nonsense, and a second free is known for
// what it is. Sanitizers see more than that, and do it themselves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBlocksRest = false;
#else
constexpr bool kBlocksRest = true;
#endif
constexpr size_t kResting = 64, kLargest = 4096;
unsigned char pattern = 0xdd;

struct Block {
  unsigned char *memory;
  size_t size;
};
std::mutex resting_lock;
Block resting[kResting];
size_t oldest;
std::atomic<bool> written_after_free, freed_twice;

void EndRest(Block *block) {
  for (size_t i = 0; i < block->size; i++)
    if (block->memory[i] != pattern) written_after_free = true;
  __real_free(block->memory);
  *block = {nullptr, 0};
}

void Rest(void *memory) {
  size_t size = malloc_usable_size(memory);
  if (!kBlocksRest || size > kLargest) return __real_free(memory);
  std::lock_guard<std::mutex> guard(resting_lock);
  if (resting[oldest].memory != nullptr) EndRest(&resting[oldest]);
  memset(memory, pattern, size);
  resting[oldest] = {static_cast<unsigned char *>(memory), size};
  oldest = (oldest + 1) % kResting;
}

bool IsResting(void *memory) {
  std::lock_guard<std::mutex> guard(resting_lock);
  for (Block &block : resting)
    if (block.memory == memory) return true;
  return false;
}

void EndAllRests() {
  std::lock_guard<std::mutex> guard(resting_lock);
  for (Block &block : resting)
    if (block.memory != nullptr) EndRest(&block);
}

// What malloc() gives may have been somebody else's: an init sets all of it.
constexpr unsigned char kOld = 0xa5;
constexpr size_t kMostFilled = size_t(1) << 20;

void *Old(void *memory, size_t size) {
  if (memory != nullptr && size <= kMostFilled) memset(memory, kOld, size);
  return memory;
}

bool MustFail() {
  if (!failure_armed.load()) return false;
  if (--until_failure != 0) return false;
  failure_armed = false;
  failed = true;
  errno = ENOMEM;
  return true;
}

struct Start {
  void *(*start)(void *);
  void *argument;
};

void ThreadEnds(void *) { live_threads--; }

void *Run(void *data) {
  Start start = *static_cast<Start *>(data);
  __real_free(data);
  void *result;
  pthread_cleanup_push(ThreadEnds, nullptr);  // pthread_exit ends here, too
  result = start.start(start.argument);
  pthread_cleanup_pop(1);
  return result;
}

}  // namespace

extern "C" {

void *__wrap_malloc(size_t size) {
  explore::Call call;
  if (explore::IsRunning()) return explore::Allocate(size, 16, CALLER);
  return MustFail() ? nullptr : Remember(Old(__real_malloc(size), size));
}

void *__wrap_calloc(size_t count, size_t size) {
  explore::Call call;
  if (explore::IsRunning()) return explore::AllocateZeroed(count, size, CALLER);
  return MustFail() ? nullptr : Remember(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size) {
  explore::Call call;
  if (explore::IsRunning()) return explore::Reallocate(memory, size, CALLER);
  if (MustFail()) return nullptr;
  bool known = memory != nullptr && Forget(memory);
  void *moved = __real_realloc(memory, size);
  if (moved == nullptr && size != 0) {
    if (known) Remember(memory), total--;
    return nullptr;
  }
  return Remember(moved);
}

void __wrap_free(void *memory) {
  explore::Call call;
  if (memory == nullptr || explore::Free(memory, CALLER)) return;
  if (Forget(memory))
    Rest(memory);
  else if (kBlocksRest && IsResting(memory))
    freed_twice = true;
  else
    __real_free(memory);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  explore::Call call;
  if (explore::IsRunning()) return explore::Allocate(size, alignment, CALLER);
  return MustFail()
             ? nullptr
             : Remember(Old(__real_aligned_alloc(alignment, size), size));
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  explore::Call call;
  if (MustFail()) return ENOMEM;
  int error = __real_posix_memalign(memory, alignment, size);
  if (error == 0) Remember(Old(*memory, size));
  return error;
}

char *__wrap_strdup(const char *text) {
  explore::Call call;
  if (MustFail()) return nullptr;
  return static_cast<char *>(Remember(__real_strdup(text)));
}

char *__wrap_strndup(const char *text, size_t size) {
  explore::Call call;
  if (MustFail()) return nullptr;
  return static_cast<char *>(Remember(__real_strndup(text, size)));
}

// By a name that the compiler puts there (EXPLORED_COPTS): gcc's own library
// has a __wrap_pthread_create, for stacks that grow, and a shared object gets
// that.
int explore_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                           void *(*start)(void *), void *argument) {
  explore::Call call;
  if (until_no_thread > 0 && --until_no_thread == 0) return EAGAIN;
  Start *data = static_cast<Start *>(__real_malloc(sizeof(Start)));
  if (data == nullptr) return EAGAIN;
  *data = {start, argument};
  live_threads++;
  int error = pthread_create(thread, attributes, Run, data);
  if (error != 0) {
    live_threads--;
    __real_free(data);
  }
  return error;
}

int __wrap_pthread_join(pthread_t thread, void **result) {
  explore::Call call;
  return __real_pthread_join(thread, result);
}

int __wrap_pthread_detach(pthread_t thread) {
  explore::Call call;
  return __real_pthread_detach(thread);
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition,
                             pthread_mutex_t *mutex) {
  explore::Call call;
  if (explore::IsRunning())
    return explore::ConditionWait(condition, mutex, CALLER);
  condition_waits++;
  explore::TellOfUnlock(mutex);
  return __real_pthread_cond_wait(condition, mutex);
}

// A gate's own todo_reached(): no word now, but it explains the failure.
void todo_reached(const char *step) {
  const char *dot = strchr(step, '.');
  int minor = dot != nullptr ? atoi(dot + 1) : 0;
  gate::board()->todos |= uint64_t(1) << (minor & 63);
}

}  // extern "C"

namespace gate {

void Allocations::Begin() {
  FillFreedWith(0xdd);
  ::written_after_free = ::freed_twice = false;
  live_before = ::live.load();
  total_before = ::total.load();
}
long Allocations::live() { return ::live - live_before; }
long Allocations::total() { return ::total - total_before; }
bool Allocations::failed() { return ::failed; }
void Allocations::FillFreedWith(unsigned char byte) {
  EndAllRests();
  pattern = byte;
}
bool Allocations::freed_twice() { return ::freed_twice; }
bool Allocations::written_after_free() {
  EndAllRests();
  return ::written_after_free;
}

void Allocations::FailNth(long nth) {
  ::failed = false;
  until_failure = nth;
  failure_armed = nth > 0;
}

void FailNthThread(long nth) { until_no_thread = nth; }
int LiveThreads() { return live_threads; }

int ConditionWaits() { return condition_waits; }
int TimedConditionWaits() { return explore::timed_waits; }
long LatestTimedWait() { return explore::latest_timed_wait; }

}  // namespace gate
