/* bed.h - how a worker sleeps: on a futex, or in the driver if that is free.
 *
 *                    bed_wake                bed_sleep, wakes up
 *              +-----------------> NOTIFIED ---------------------+
 *              |                      ^                          v
 *      AWAKE --|                      | bed_wake               AWAKE
 *              |                      |
 *              +--> ON_FUTEX ---------+  a futex wake
 *              +--> IN_DRIVER --------+  the driver's unparker
 *               bed_sleep   |
 *                           +----------------------------> AWAKE
 *                             news: the driver's park ends
 *
 *   B1  There is one driver (driver.h) for all workers. Whoever goes to bed
 *       while it is free takes it along and sleeps in it: news from sockets
 *       and timers ends that sleep. All others sleep on a futex.
 *   B2  bed_sleep() returns after a bed_wake() since the last sleep returned,
 *       before it or during it; in the driver, also after news, and
 *       whenever else the one park() returns (D1). A wake is never lost, and
 *       never costs a system call if nobody sleeps.
 *   B3  The driver is free again when bed_sleep() returns.
 *   B4  What a thread did before bed_wake(), the worker sees when it is up.
 *   B5  bed_doze() is a sleep on the futex, whether the driver is free or not;
 *       it ends after DOZE_NS at the latest.
 *
 * One worker sleeps; any thread wakes. Rust: tokio's multi_thread/park.rs. */
#ifndef CHAPTERS_WORK_STEALING_BED_H
#define CHAPTERS_WORK_STEALING_BED_H

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/driver.h"
#include "chapters/common/atomics.h"

#include <stdbool.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* So long, and no longer, nobody may be in the driver while a worker is
     * idle (S5). With less, the deputy's own sleeps would show in the CPU time
     * of a server that is half idle; with more, news would be late by more
     * than what a timer of chapter 07 promises. */
    DOZE_NS = 5 * 1000 * 1000
};

/* The driver, and whether a worker has it. */
struct driver_slot {
    struct driver *driver; /* or NULL */
    struct waker unparker;
    atomic_member(bool) is_taken;
    struct timespec doze; /* DOZE_NS; tests set another */
};

void driver_slot_init(struct driver_slot *slot, struct driver *driver);
void driver_slot_end(struct driver_slot *slot);

/* Is there a driver that nobody has? It may be a moment old, but for whoever
 * has just given it back. */
bool driver_slot_is_free(const struct driver_slot *slot);

/* Takes the driver, if there is one and it is free. */
bool driver_slot_take(struct driver_slot *slot);
void driver_slot_release(struct driver_slot *slot);

/* Looks for news without sleeping, if the driver is free. */
void driver_slot_look(struct driver_slot *slot);

struct bed {
    atomic_member(uint32_t) state; /* a futex */
    struct driver_slot *slot;
};

void bed_init(struct bed *bed, struct driver_slot *slot);
void bed_sleep(struct bed *bed);
void bed_doze(struct bed *bed);
void bed_wake(struct bed *bed);

#ifdef __cplusplus
}
#endif

#endif
