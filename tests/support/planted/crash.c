/* crash.c - a learner's functions, each with its own way to end a step. */
#include "tests/support/planted/crash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void planted_poll(struct future *future, struct context *context) {
  future_poll(future, context);
}

void planted_call(void (*function)(void)) { function(); }

void planted_copy(char *to) { strcpy(to, getenv("PATH")); }

static int deeper(volatile int depth) {
  volatile char space[1000];

  space[0] = (char)depth;
  return depth < 0 ? 0 : deeper(depth + 1) + space[0];
}

int planted_overflow(void) { return deeper(1); }

void planted_exit(void) { exit(0); }

static void *write_to_nothing(void *nothing) {
  *(volatile int *)nothing = 1;
  return NULL;
}

void planted_thread(void) {
  pthread_t thread;

  pthread_create(&thread, NULL, write_to_nothing, NULL);
  pthread_join(thread, NULL);
}

void planted_drop(pthread_mutex_t *lock, struct waker *waker) {
  pthread_mutex_lock(lock);
  waker_drop(waker);
  pthread_mutex_unlock(lock);
}
