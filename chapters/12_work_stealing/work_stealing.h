/* work_stealing.h - a scheduler with a queue for each worker.
 *
 *                    wakes and spawns from outside
 *                                 |
 *                                 v
 *             +----------- [   injector   ] <--------- overflow
 *             |                   |
 *             v                   v
 *      worker 0              worker 1              worker 2
 *      [lifo]                [lifo]                [lifo]
 *      [ ring of 256 ]  <--  [ ring of 256 ]       [ ring of 256 ]
 *             |     steals half   |                     |
 *             v                   v                     v
 *           turn                turn                  asleep, one of them
 *                                                     in the driver
 *
 *   S1  As Z1, Z3, Z4, Z5 and Z6 of pool.h.
 *   S2  A task that is woken or spawned by a task on a worker goes to that
 *       worker's LIFO slot: it is next, while its data is in the cache. What
 *       was in the slot goes to the ring. After LIFO_STREAK turns out of the
 *       slot, in a row or with others between them, the ring has its turn.
 *   S3  A task that wakes itself goes to the end of the ring.
 *   S4  Nothing waits for ever. Of every 2 turns of a worker one is the
 *       injector's, and of every TURNS_A_ROUND one is the ring's, whatever else
 *       there is. So a task with n tasks in front of it in its queue has its
 *       turn within TURNS_A_ROUND * (n + 1) turns of its worker; what is in
 *       the slot counts as the last of the ring. A share of the injector (S9)
 *       and a theft bring no task further back. An overflow (L5) does, to the
 *       injector's end, but only once before its turn (L7). News waits for
 *       DRIVER_INTERVAL turns, or DOZE_NS if a worker is idle (S5).
 *   S5  Every DRIVER_INTERVAL turns a worker looks at the driver, if it is
 *       free. Who goes to bed while it is free sleeps in it, the others on
 *       their futexes. However long a turn lasts, nobody is in the driver for
 *       DOZE_NS at most while another worker is idle: who leaves the driver for
 *       a turn appoints a deputy among the sleepers (I7), and so does who has
 *       looked. When all are idle one sleeps in the driver, and nobody dozes.
 *   S6  A turn has a budget of BUDGET_TURN operations (budget.h); turns in a
 *       row out of the LIFO slot share the one of the first.
 *   S7  A task is neither lost nor run twice, whatever is stolen from whom.
 *   S8  Nobody sleeps on while a task lies in the injector or in a ring, unless
 *       somebody searches. What is in a slot waits for its worker's turn to
 *       end: nobody can steal it.
 *   S9  A worker with nothing of its own takes from the injector what is its
 *       share: as much as each worker would get, and one; but no more than
 *       half a ring. For an injector that is full, one lock.
 *
 * Rust: tokio's multi_thread runtime. */
#ifndef CHAPTERS_WORK_STEALING_WORK_STEALING_H
#define CHAPTERS_WORK_STEALING_WORK_STEALING_H

#include "chapters/04_executor/driver.h"
#include "chapters/04_executor/join_handle.h"
#include "chapters/04_executor/spawner.h"
#include "chapters/11_threads/home.h"
#include "chapters/11_threads/visits.h"
#include "chapters/12_work_stealing/bed.h"
#include "chapters/12_work_stealing/idle.h"
#include "chapters/12_work_stealing/injector.h"
#include "chapters/12_work_stealing/metrics.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct worker;

enum {
    LIFO_STREAK = 3,
    /* The injector has every second turn. Of the others LIFO_STREAK in a row
     * may be the slot's, and then one is the ring's. */
    TURNS_A_ROUND = 2 * (LIFO_STREAK + 1)
};

struct work_stealing {
    struct spawner spawner;
    struct injector injector;
    struct idle idle;
    struct driver_slot slot;
    struct visits visits;
    struct worker *workers;
    unsigned count;
    struct branch *outside;          /* home of what is spawned outside */
    atomic_member(uint32_t) open;    /* homes that are not empty and closed */
    atomic_member(bool) is_finished; /* all homes are */
};

/* With `workers` threads (0: cpus_available()) that sleep in `driver`, which
 * outlives it; or in none, if it is NULL. 0, -ENOMEM, -EINVAL for more than
 * IDLE_MOST, or -EAGAIN if there are no more threads; then nothing is left
 * behind. It must not move afterwards. Counterpart: work_stealing_end(). */
int work_stealing_init(struct work_stealing *scheduler, unsigned workers,
                       struct driver *driver);

/* As pool_spawn(). */
int work_stealing_spawn(struct work_stealing *scheduler,
                        const struct int_future *future, size_t size,
                        struct join_handle *handle);

/* What worker number `index`, below `count`, has done so far. Any thread. */
const struct metrics *
work_stealing_metrics(const struct work_stealing *scheduler, unsigned index);

/* As pool_end(). */
void work_stealing_end(struct work_stealing *scheduler);

#ifdef __cplusplus
}
#endif

#endif
