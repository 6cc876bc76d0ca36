// plain_wrap.cc - for the explorer's own tests: what tests/support/wrap.cc
// does for gates, without its counts.
#include <pthread.h>

#include <cstdlib>

#include "tests/explore/calls.h"

#define CALLER __builtin_return_address(0)

extern "C" {

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);

void *__wrap_malloc(size_t size) {
  explore::Call call;
  return explore::IsRunning() ? explore::Allocate(size, 16, CALLER)
                              : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  explore::Call call;
  return explore::IsRunning() ? explore::AllocateZeroed(count, size, CALLER)
                              : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
  explore::Call call;
  return explore::IsRunning() ? explore::Reallocate(memory, size, CALLER)
                              : __real_realloc(memory, size);
}

void __wrap_free(void *memory) {
  explore::Call call;
  if (memory != nullptr && !explore::Free(memory, CALLER)) __real_free(memory);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  explore::Call call;
  return explore::IsRunning() ? explore::Allocate(size, alignment, CALLER)
                              : __real_aligned_alloc(alignment, size);
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition,
                             pthread_mutex_t *mutex) {
  explore::Call call;
  return explore::IsRunning() ? explore::ConditionWait(condition, mutex, CALLER)
                              : __real_pthread_cond_wait(condition, mutex);
}

}  // extern "C"
