/* idle.h - who sleeps, who searches, and whom to wake.
 *
 *      31            16 15             0
 *     +----------------+----------------+
 *     |     awake      |   searching    |     one word, for a quick look
 *     +----------------+----------------+
 *
 * A wake costs a system call and a thief's walk over all queues, so not every
 * new task should cause one; but a task must never lie in a queue while its
 * only worker is busy and all the others sleep.
 *
 *   I1  A worker without work searches before it sleeps, unless half of all
 *       search already: then it goes to sleep at once.
 *   I2  Whoever queues a task wakes one worker, unless somebody searches: that
 *       one will find it. Or unless nobody sleeps.
 *   I3  Whoever is woken so is searching already, from the moment it is chosen.
 *       So a hundred new tasks at once wake one worker, not a hundred.
 *   I4  When the last one to search has found something, it wakes the next:
 *       there may be more. So workers come up one after the other as long as
 *       there is work for them.
 *   I5  Who falls asleep and leaves nobody behind who searches looks over all
 *       queues once more, after it has joined the sleepers. Either the look
 *       finds a new task, or whoever queued it finds the sleeper (I2): no
 *       task is left behind. Both sides write, then read what the other has
 *       written: that needs seq_cst fences.
 *   I6  The lock is held for a few instructions, and never over a wake.
 *   I7  Whoever leaves the driver and has something to do cannot know how long
 *       its turn will last. If somebody sleeps it appoints a deputy, unless
 *       there is one: a sleeper that gets up, dozes for a moment (B5), and goes
 *       to bed again, in the driver if that is free by then. The deputy counts
 *       as asleep all the time, and whoever is chosen is free of the duty.
 *
 * Any thread. Rust: tokio's multi_thread/idle.rs; Go's proc.go, "Worker thread
 * parking/unparking", explains the same protocol at length. */
#ifndef CHAPTERS_WORK_STEALING_IDLE_H
#define CHAPTERS_WORK_STEALING_IDLE_H

#include "chapters/12_work_stealing/bed.h"
#include "chapters/common/atomics.h"
#include "chapters/common/list.h"

#include <pthread.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    IDLE_MOST = 65535 /* workers: what fits into half a word */
};

struct sleeper_link;

struct idle {
    atomic_member(uint32_t) state;
    uint32_t workers; /* how many there are: at most IDLE_MOST */
    pthread_mutex_t lock;
    struct list sleepers;        /* the last to fall asleep first */
    struct sleeper_link *deputy; /* under the lock, as the list. NULL, or not in
                                  * the list: none */
};

/* A worker, as `idle` knows it. */
struct sleeper_link {
    struct list link; /* under the lock; list_init() before its first sleep */
    struct bed bed;
};

/* All `workers` are awake, and none searches. */
void idle_init(struct idle *idle, uint32_t workers);
void idle_end(struct idle *idle);

/* There is a new task in a queue: wakes one worker if that is needed (I2).
 * True if it did. */
bool idle_notify(struct idle *idle);

/* The worker may search, and counts as searching. False: enough do (I1). If
 * two begin at once they may be one too many: that does no harm. */
bool idle_start_search(struct idle *idle);

/* It does not search any more, for it has found something. Wakes the next
 * worker if this was the last to search (I4). */
void idle_found(struct idle *idle);

/* The worker is among the sleepers from here on, the first of them. True if
 * nobody searches then: it has to look over all queues once more (I5). What
 * the caller reads after this it reads behind a seq_cst fence. */
bool idle_fall_asleep(struct idle *idle, struct sleeper_link *worker,
                      bool was_searching);

/* Is it still asleep, for all that others know? If not, somebody has chosen it
 * (I3), and it is searching. */
bool idle_is_asleep(struct idle *idle, const struct sleeper_link *worker);

/* The worker got up by itself, since the driver brought it work. True if it
 * did so before anybody chose it: then it is not searching. */
bool idle_get_up(struct idle *idle, struct sleeper_link *worker);

/* The driver is free, and the caller has something to do: appoints a deputy and
 * wakes it, if that is needed (I7). True if it did. */
bool idle_appoint(struct idle *idle);

/* Is the worker, which sleeps, the deputy? Then it has to doze. */
bool idle_is_deputy(struct idle *idle, const struct sleeper_link *worker);

/* The worker has dozed: it is not the deputy any more. */
void idle_relieve(struct idle *idle, const struct sleeper_link *worker);

/* Wakes every sleeper, as if each was chosen: the end. */
void idle_notify_all(struct idle *idle);

#ifdef __cplusplus
}
#endif

#endif
