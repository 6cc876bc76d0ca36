/* notify.h - something has happened; look for yourself.
 *
 *     NEW --> DONE                 there was a permit
 *     NEW --> WAITING --> ONE --> DONE      by notify_one()
 *             WAITING --> ALL --> DONE      by notify_all()
 *
 *   N1  notify_one() wakes the first who waits. If nobody waits, it leaves a
 *       permit, and the next one to come takes it and does not wait.
 *   N2  There is at most one permit: two notify_one() with nobody there are
 *       like one.
 *   N3  notify_all() wakes all who wait at that moment, each once. It leaves no
 *       permit and does not touch one that is there; who comes later waits.
 *   N4  A notified is one of those who wait from its first poll on.
 *   N5  One that notify_one() chose, and that is dropped before its poll, gives
 *       its turn on: to the next who waits, or it is a permit again. One that
 *       notify_all() woke has nothing to give.
 *
 * What it is for: state of your own that others change. Who waits for a
 * change by notify_one() looks at the state and then waits, in a loop: what
 * comes in between is the permit. With notify_all() that is not enough: poll
 * the notified first, and look at the state then.
 *
 * Any thread may notify. Rust: tokio::sync::Notify; there a notified costs
 * nothing of a turn's budget, as seen with Tokio 1.54.1. */
#ifndef CHAPTERS_MUTEX_NOTIFY_H
#define CHAPTERS_MUTEX_NOTIFY_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct notify {
    pthread_mutex_t lock;
    /* Under the lock. If anybody waits, there is no permit. */
    bool has_permit;
    struct list waiters; /* WAITING, in order */
};

enum notified_state {
    NOTIFIED_NEW,
    NOTIFIED_WAITING,
    NOTIFIED_ONE,
    NOTIFIED_ALL,
    NOTIFIED_DONE,
};

struct notified {
    struct int_future base; /* 0 */
    struct notify *notify;
    bool was_refused; /* B6 of budget_poll.h */
    /* Under the notify's lock: */
    enum notified_state state;
    struct waiter waiter; /* waits: WAITING, or its wake is due */
};

void notify_init(struct notify *notify);

/* Nobody waits, and nobody uses it any more. */
void notify_end(struct notify *notify);

void notify_one(struct notify *notify);
void notify_all(struct notify *notify);

/* The notify outlives the future. */
void notified_init(struct notified *notified, struct notify *notify);

#ifdef __cplusplus
}
#endif

#endif
