/* local_queue.h - a worker's own tasks: a ring from which others may steal
 * half.
 *
 *            head (one word of 64 bits)                  tail
 *      +---------------+---------------+           +-------------+
 *      |  steal   (32) |  real    (32) |           |     (32)    |
 *      +---------------+---------------+           +-------------+
 *            |               |                            |
 *     ... [ being copied ] [ ready  ready  ready  ready ] [ free ...
 *
 *   L1  One worker owns the queue: it alone pushes and pops. Any other may
 *       steal. First in, first out, for all of them.
 *   L2  `real` is the next task to take. `steal` is the first one that a thief
 *       has claimed and not finished copying; with no thief about they are
 *       equal. One thief at a time; the next one goes away empty-handed.
 *   L3  A thief claims before it reads: it moves `real` past the tasks that it
 *       wants, in one step with the look at the head. From there on they
 *       are its own, and their slots are not used again until it moves
 *       `steal` up, too.
 *   L4  A theft takes half, rounded up, and at most what leaves room in the
 *       thief's own queue: it takes nothing if that is more than half full.
 *   L5  A push into a full queue takes the older half out and hands it, with
 *       the new task behind it, to the injector: one lock for 129 tasks.
 *       While a thief is at work, or while the oldest task is a kept one
 *       (L7), only the new task goes there.
 *   L6  All three counters run freely, modulo 2^32; a slot is the counter
 *       modulo LOCAL_QUEUE_SLOTS. That `steal` would come round within one
 *       claim takes 2^32 pops: the ABA that it would be does not happen.
 *   L7  What came into the ring from the injector or by a theft is kept: no
 *       overflow gives it away. So a task goes back to the injector's end
 *       once at most before its turn, however the others come and go.
 *
 * Rust: tokio's runtime/scheduler/multi_thread/queue.rs, whose source
 * documents the scheme; Go's runtime has a cousin (runq). */
#ifndef CHAPTERS_WORK_STEALING_LOCAL_QUEUE_H
#define CHAPTERS_WORK_STEALING_LOCAL_QUEUE_H

#include "chapters/12_work_stealing/injector.h"
#include "chapters/common/atomics.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef EXPLORED_SLOTS
enum {
    /* A power of two. More would rarely be used and cost cache; fewer overflow
     * more often. Tokio and Go have 256, too. */
    LOCAL_QUEUE_SLOTS = 256
};
#else /* a few, to come round soon; all files of a program agree on that */
enum {
    LOCAL_QUEUE_SLOTS = EXPLORED_SLOTS
};
#endif

struct local_queue {
    atomic_member(uint64_t) head;
    atomic_member(uint32_t) tail; /* the owner writes it */
    uint32_t kept;                /* the owner's: the tail after the last that
                                   * came from elsewhere (L7) */
    atomic_member(struct task *) slots[LOCAL_QUEUE_SLOTS];
};

void local_queue_init(struct local_queue *queue);

/* To the end. If there is no room, tasks go to the injector (L5). True if so.
 * The owner only. */
bool local_queue_push(struct local_queue *queue, struct injector *injector,
                      struct task *task);

/* All that is in the ring is kept from here on (L7). The owner only. */
void local_queue_keep(struct local_queue *queue);

/* The oldest task, or NULL. The owner only. */
struct task *local_queue_pop(struct local_queue *queue);

/* Moves half of the tasks of `from` to `to`, of which the caller is the owner,
 * but for the last of them, which is returned. NULL: nothing to steal, no
 * room, or another thief is at work. `stolen` becomes how many, with it. */
struct task *local_queue_steal(struct local_queue *from, struct local_queue *to,
                               uint32_t *stolen);

/* Tasks that are ready, thieves' not counted; a guess on any thread but the
 * owner's. */
uint32_t local_queue_length(const struct local_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
