// thread_calls.cc - mutexes, condition variables, futexes, and panics, as
// the code under exploration calls them; outside of one, the real ones.
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>

#include "tests/explore/calls.h"
#include "tests/explore/queue.h"
#include "tests/explore/state.h"
#include "tests/explore/story.h"
#include "tests/explore/symbols.h"

#define CALLER __builtin_return_address(0)

extern "C" {
int __real_pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int __real_pthread_mutex_destroy(pthread_mutex_t *);
int __real_pthread_mutex_lock(pthread_mutex_t *);
int __real_pthread_mutex_trylock(pthread_mutex_t *);
int __real_pthread_mutex_unlock(pthread_mutex_t *);
int __real_pthread_cond_init(pthread_cond_t *, const pthread_condattr_t *);
int __real_pthread_cond_destroy(pthread_cond_t *);
int __real_pthread_cond_signal(pthread_cond_t *);
int __real_pthread_cond_broadcast(pthread_cond_t *);
int __real_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *,
                                  const struct timespec *);
int __real_sched_yield(void);
long __real_syscall(long, ...);
__attribute__((noreturn)) void __real_panic_at(const char *, int, const char *,
                                               ...);
}

namespace explore {

std::atomic<long> live_locks;
std::atomic<void (*)(pthread_mutex_t *)> told_of_unlocks;
std::atomic<long> latest_timed_wait;
std::atomic<int> timed_waits;

namespace {

uintptr_t Number(const volatile void *address) {
  return reinterpret_cast<uintptr_t>(address);
}

// The first bytes stand for all of the object.
void Note(const volatile void *object, Mode mode, const void *pc) {
  if (InHeap(Number(object))) CheckHeap(Number(object), 4, pc);
  Plain(Number(object), 4, mode, pc);
}

int Begin(const volatile void *address, Touch touch, Need need,
          const char *verb, const void *pc) {
  Note(address, Mode::kAtomicWrite, pc);
  int object = ObjectAt(address);
  Visible({touch, need, 0, object, verb, pc, nullptr});
  Note(address, Mode::kAtomicWrite, pc);
  if (recording) TellLine(pc, "%s %s", verb, TellName(Number(address), 4));
  return object;
}

// ------------------------------------------------------------------- mutexes

void Own(int number, const void *pc) {
  Object &mutex = state.objects[number];
  mutex.owner = state.self;
  mutex.owner_pc = pc;
  self().now.Join(mutex.released);
  self().acquired.Join(mutex.released);
}

void Lock(pthread_mutex_t *address, const void *pc) {
  int number = Begin(address, Touch::kLocks, Need::kMutex, "lock", pc);
  if (state.objects[number].owner >= 0)  // in setup or finish
    Fail("deadlock: [setup] or [end] locks what is locked\n%s",
         TellThreadPlace("by", state.self, pc));
  Commit(Touch::kLocks, number, -1);
  Own(number, pc);
  End();
}

int TryLock(pthread_mutex_t *address, const void *pc) {
  int number = Begin(address, Touch::kTries, Need::kNone, "trylock", pc);
  bool is_free = state.objects[number].owner < 0;
  Commit(Touch::kTries, number, -1);
  if (is_free) Own(number, pc);
  NoteSpin(SpinKey(pc, number, is_free),
           is_free ? Effect::kChanges : Effect::kNone);
  End();
  return is_free ? 0 : EBUSY;
}

void Unlock(pthread_mutex_t *address, const void *pc) {
  int number = Begin(address, Touch::kUnlocks, Need::kNone, "unlock", pc);
  Object &mutex = state.objects[number];
  if (mutex.owner != state.self)
    Fail("unlock of %s by who has not locked it\n%s",
         TellName(Number(address), 4), TellThreadPlace("by", state.self, pc));
  mutex.owner = -1;
  mutex.released = self().now;
  Commit(Touch::kUnlocks, number, -1);
  End();
}

void Reset(const volatile void *address, const char *what, const void *pc) {
  Note(address, Mode::kWrite, pc);
  Object &object = state.objects[ObjectAt(address)];
  if (object.owner >= 0 || object.waiters != 0)
    Fail("%s is %s while it is in use\n%s", TellName(Number(address), 4), what,
         TellThreadPlace("by", state.self, pc));
}

// ------------------------------------------------------- condition variables

int Wait(pthread_cond_t *condition, pthread_mutex_t *mutex, bool is_timed,
         const void *pc) {
  int number = Begin(condition, Touch::kQueues, Need::kNone, "cond_wait", pc);
  Wake ending = ChooseWake(is_timed);
  Commit(Touch::kQueues, number, -1);
  bool timed_out = ending == Wake::kTimedOut;
  if (ending == Wake::kWoken) Enqueue(number, is_timed);
  End();
  Unlock(mutex, pc);
  if (ending == Wake::kWoken) timed_out = !Sleep(number, "cond_wait", pc);
  Lock(mutex, pc);
  return timed_out ? ETIMEDOUT : 0;
}

void Signal(pthread_cond_t *condition, int most, const char *verb,
            const void *pc) {
  int number = Begin(condition, Touch::kAll, Need::kNone, verb, pc);
  uint8_t waiters = ChooseWaiters(number, most);
  Commit(Touch::kAll, number, -1);
  WakeWaiters(number, waiters);
  End();
}

// -------------------------------------------------------------------- futexes

long FutexWait(uint32_t *word, uint32_t value, bool is_timed, const void *pc) {
  if (InHeap(Number(word))) CheckHeap(Number(word), 4, pc);
  int number = WordAt(word, 4);
  Visible({Touch::kSleeps, Need::kNone, 0, number, "futex_wait", pc, nullptr});
  Note(word, Mode::kAtomicRead, pc);
  WordAt(word, 4);
  bool sleeps = NewestValue(number) == value;
  Wake ending = sleeps ? ChooseWake(is_timed) : Wake::kSpuriously;
  if (recording)
    TellLine(pc, "futex_wait %s %s %s%s", TellName(Number(word), 4),
             sleeps ? "==" : "!=", TellValue(value),
             !sleeps                     ? ": returns"
             : ending == Wake::kWoken    ? ": sleeps"
             : ending == Wake::kTimedOut ? ": timed out"
                                         : ": returns for no reason");
  int newest = NewestStore(number);
  Commit(Touch::kSleeps, number, newest);
  SeeStore(number, newest);
  if (sleeps && ending == Wake::kWoken) Enqueue(number, is_timed);
  if (!sleeps) NoteSpin(SpinKey(pc, number, uint64_t(newest)), Effect::kNone);
  End();
  int error = sleeps ? 0 : EAGAIN;
  if (ending == Wake::kTimedOut) error = ETIMEDOUT;
  if (sleeps && ending == Wake::kSpuriously) error = EINTR;
  if (sleeps && ending == Wake::kWoken && !Sleep(number, "futex_wait", pc))
    error = ETIMEDOUT;
  if (error == 0) return 0;
  errno = error;
  return -1;
}

long FutexWake(uint32_t *word, int most, const void *pc) {
  // The address alone counts: the memory may be gone by now.
  int number = ObjectAt(word);
  Visible({Touch::kWakes, Need::kNone, 0, number, "futex_wake", pc, nullptr});
  uint8_t waiters = ChooseWaiters(number, most);
  if (recording)
    TellLine(pc, "futex_wake %s: %d", TellName(Number(word), 4),
             __builtin_popcount(waiters));
  Commit(Touch::kWakes, number, -1);
  WakeWaiters(number, waiters);
  End();
  return __builtin_popcount(waiters);
}

long Futex(uint32_t *word, long operation, long value, long timeout,
           const void *pc) {
  switch (operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      return FutexWait(word, uint32_t(value), timeout != 0, pc);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return FutexWake(word, int(value), pc);
    default:
      Fail("unsupported: futex operation %ld", operation);
  }
}

}  // namespace

void Yield() {
  if (state.phase != Phase::kThreads) return;
  Visible({Touch::kNothing, Need::kOthers, 0, -1, "yield", CALLER, nullptr});
  Commit(Touch::kNothing, -1, -1);
  End();
}

int ConditionWait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                  const void *pc) {
  return Wait(condition, mutex, false, pc);
}

}  // namespace explore

using explore::IsRunning;

extern "C" {

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes) {
  explore::Call call;
  if (IsRunning())
    explore::Reset(mutex, "made anew", CALLER);
  else
    explore::live_locks++;
  return __real_pthread_mutex_init(mutex, attributes);
}

int __wrap_pthread_mutex_destroy(pthread_mutex_t *mutex) {
  explore::Call call;
  if (!IsRunning()) {
    explore::live_locks--;
    return __real_pthread_mutex_destroy(mutex);
  }
  explore::Reset(mutex, "destroyed", CALLER);
  return 0;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
  explore::Call call;
  if (!IsRunning()) return __real_pthread_mutex_lock(mutex);
  explore::Lock(mutex, CALLER);
  return 0;
}

int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex) {
  explore::Call call;
  if (!IsRunning()) return __real_pthread_mutex_trylock(mutex);
  return explore::TryLock(mutex, CALLER);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex) {
  explore::Call call;
  if (!IsRunning()) {
    explore::TellOfUnlock(mutex);
    return __real_pthread_mutex_unlock(mutex);
  }
  explore::Unlock(mutex, CALLER);
  return 0;
}

int __wrap_pthread_cond_init(pthread_cond_t *condition,
                             const pthread_condattr_t *attributes) {
  explore::Call call;
  if (IsRunning()) explore::Reset(condition, "made anew", CALLER);
  return __real_pthread_cond_init(condition, attributes);
}

int __wrap_pthread_cond_destroy(pthread_cond_t *condition) {
  explore::Call call;
  if (!IsRunning()) return __real_pthread_cond_destroy(condition);
  explore::Reset(condition, "destroyed", CALLER);
  return 0;
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *condition,
                                  pthread_mutex_t *mutex,
                                  const struct timespec *until) {
  explore::Call call;
  if (!IsRunning()) {
    explore::latest_timed_wait = until->tv_sec;
    explore::timed_waits++;
    explore::TellOfUnlock(mutex);
    return __real_pthread_cond_timedwait(condition, mutex, until);
  }
  return explore::Wait(condition, mutex, true, CALLER);
}

int __wrap_pthread_cond_signal(pthread_cond_t *condition) {
  explore::Call call;
  if (!IsRunning()) return __real_pthread_cond_signal(condition);
  explore::Signal(condition, 1, "signal", CALLER);
  return 0;
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *condition) {
  explore::Call call;
  if (!IsRunning()) return __real_pthread_cond_broadcast(condition);
  explore::Signal(condition, INT_MAX, "broadcast", CALLER);
  return 0;
}

int __wrap_sched_yield(void) {
  explore::Call call;
  if (!IsRunning()) return __real_sched_yield();
  explore::Yield();
  return 0;
}

long __wrap_syscall(long number, ...) {
  explore::Call call;
  long all[6];
  va_list arguments;
  va_start(arguments, number);
  for (long &argument : all) argument = va_arg(arguments, long);
  va_end(arguments);
  if (IsRunning() && number == SYS_futex)
    return explore::Futex(reinterpret_cast<uint32_t *>(all[0]), all[1],
                          int(all[2]), all[3], CALLER);
  return __real_syscall(number, all[0], all[1], all[2], all[3], all[4], all[5]);
}

void __wrap_panic_at(const char *file, int line, const char *format, ...) {
  explore::Call call;
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (IsRunning())
    explore::Fail("panic at %s:%d: %s", explore::ShortName(file), line, text);
  __real_panic_at(file, line, "%s", text);
}

}  // extern "C"
