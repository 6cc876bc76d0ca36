/* places.c - one of everything. */
#include "tests/explore/programs/places.h"

#include <stdlib.h>
#include <string.h>

int places_none(int number) { return number + 1; }

int places_load(const int *from) { return *from; }

void places_store(int *to, int value) { *to = value; }

/* Where a store follows a load at once, clang has a hook for the store only. */
__attribute__((noinline)) static int next(int number) { return number + 1; }

void places_update(int *value) { *value = next(*value); }

int places_add(int *value) {
  return __atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
}

int places_swap(int *value, int old, int to) {
  return __atomic_compare_exchange_n(value, &old, to, 0, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED);
}

/* gcc warns of the built-in function that ThreadSanitizer knows no fence. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wtsan"
#endif
void places_fence(int *first, int *second) {
  *first = 1;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  *second = 1;
}

void places_copy(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
}

void places_move(void *to, const void *from, size_t size) {
  memmove(to, from, size);
}

void places_fill(void *to, int byte, size_t size) { memset(to, byte, size); }

void places_locked(pthread_mutex_t *lock, int *value) {
  pthread_mutex_lock(lock);
  *value = 1;
  pthread_mutex_unlock(lock);
}

void *places_allocate(size_t size) { return malloc(size); }

void places_free(void *memory) { free(memory); }

__attribute__((noinline)) static void inner(int *value) { *value = 1; }

void places_outer(int *value) { inner(value); }
