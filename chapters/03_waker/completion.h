/* completion.h - a result that one thread delivers and one task awaits.
 *
 *   D1  completion_set() stores the value, then wakes the waiting task
 *       once. It never blocks for longer than a few instructions.
 *   D2  A wait that is polled after completion_set() is ready.
 *   D3  Only the first completion_set() counts; later ones return -EALREADY.
 *   D4  Dropping a wait, in any state, leaves no waker behind.
 *   D5  No waker is cloned, woken or dropped with the lock held (W1).
 *
 * Any thread may set; one wait at a time, which belongs to its task.
 * Rust: the receiving end of tokio::sync::oneshot. */
#ifndef CHAPTERS_WAKER_COMPLETION_H
#define CHAPTERS_WAKER_COMPLETION_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

struct completion {
    pthread_mutex_t lock;
    /* protected by lock: */
    bool is_set;
    int value;
    struct waker waker; /* of the wait that is pending; else empty */
};

struct completion_wait {
    struct int_future base; /* result: the value that was set */
    struct completion *completion;
};

void completion_init(struct completion *completion);

/* Nobody uses it any more. */
void completion_end(struct completion *completion);

/* Returns 0, or -EALREADY. */
int completion_set(struct completion *completion, int value);

/* A future that is ready when the completion is set. The completion
 * outlives it. */
void completion_wait_init(struct completion_wait *wait,
                          struct completion *completion);

#ifdef __cplusplus
}
#endif

#endif
