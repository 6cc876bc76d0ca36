/* crash.h - what crash.c does to a gate. */
#ifndef TESTS_SUPPORT_PLANTED_CRASH_H
#define TESTS_SUPPORT_PLANTED_CRASH_H

#include <pthread.h>

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"

void planted_poll(struct future *future, struct context *context);
void planted_call(void (*function)(void));
void planted_copy(char *to);
int planted_overflow(void);
void planted_exit(void);
void planted_thread(void);
void planted_drop(pthread_mutex_t *lock, struct waker *waker);

#endif
