/* wakeup.h - how another thread ends a sleep in epoll_wait().
 *
 *   U1  wakeup_prepare() says that the thread is about to sleep. False: there
 *       was a wake since the last wakeup_finish(), so it must not sleep.
 *   U2  A wake between prepare and finish makes the descriptor readable, and
 *       the sleep ends. Of several wakes one makes a system call; a wake
 *       while nobody sleeps makes none, and lets the next prepare fail.
 *   U3  What a thread did before its wake, the sleeper sees after finish.
 *   U4  The memory has owners, as a task has: the reactor, and each waker. A
 *       wake when the reactor is gone is harmless (W5).
 *
 * One thread at a time prepares and finishes; any thread wakes. It is chapter
 * 03's parker with an eventfd(2) for a bed. Rust: mio::Waker. */
#ifndef CHAPTERS_REACTOR_WAKEUP_H
#define CHAPTERS_REACTOR_WAKEUP_H

#include "chapters/03_waker/waker.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wakeup;

/* With one owner. 0, -ENOMEM, -EMFILE or -ENFILE. */
int wakeup_create(struct wakeup **wakeup);

/* Gives up an owner's share. */
void wakeup_unref(struct wakeup *wakeup);

/* For epoll; the wakeup closes it. Edge-triggered, it need not be read. */
int wakeup_descriptor(const struct wakeup *wakeup);

bool wakeup_prepare(struct wakeup *wakeup);
void wakeup_finish(struct wakeup *wakeup);

/* There was a wake since the last wakeup_finish(). */
bool wakeup_is_notified(const struct wakeup *wakeup);

/* A waker that ends the sleep. The caller owns it. */
struct waker wakeup_waker(struct wakeup *wakeup);

#ifdef __cplusplus
}
#endif

#endif
