/* once.h - a value that is made when it is first wanted, by one of many.
 *
 *     EMPTY      one permit is free
 *     RUNNING    somebody has it, and makes the value
 *     SET        the semaphore is closed
 *
 *   O1  once_run, a future, is ready with the value. Who comes first makes it,
 *       with the initialiser that it was handed; the others wait, in order of
 *       coming (S3).
 *   O2  An initialiser that succeeds (its result, at least 0, is the value) is
 *       the last that ran: the value is set, for ever, before anybody is
 *       told.
 *   O3  One that fails, with a negative result, sets nothing. Its once_run is
 *       ready with that error; the next one who waits runs its own.
 *   O4  A once_run that is dropped while it makes the value drops its
 *       initialiser first, and then the next one runs its own.
 *   O5  Initialisers are owned, and dropped once: when they are ready, or are
 *       not needed since the value is set. One that was not its turn is never
 *       polled.
 *   O6  At most one initialiser runs at a time. One that waits for the same
 *       once waits for itself, for ever.
 *
 * The value is an int; a larger one is where the initialiser put it, and the
 * int says so. Who has the value may read what was written before it was set,
 * on any thread. Rust: tokio::sync::OnceCell, get_or_try_init(). */
#ifndef CHAPTERS_MUTEX_ONCE_H
#define CHAPTERS_MUTEX_ONCE_H

#include "chapters/09_mutex/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif

struct once {
    struct semaphore semaphore; /* of one permit: the right to make it */
    int value;                  /* valid if the semaphore is closed */
};

struct once_run {
    struct int_future base; /* the value, or the initialiser's error */
    struct once *once;
    struct int_future *initialiser; /* NULL: dropped */
    struct semaphore_acquire acquire;
    bool has_turn; /* and has not given it back */
};

void once_init(struct once *once);

/* Nobody uses it any more. */
void once_end(struct once *once);

/* The value, or -EAGAIN if it is not set. */
int once_get(struct once *once);

/* The initialiser is handed over; the once outlives the future. */
void once_run_init(struct once_run *run, struct once *once,
                   struct int_future *initialiser);

#ifdef __cplusplus
}
#endif

#endif
