/* slot_wakers.h - a waker for each of many, and a list of those who were woken.
 *
 *     wake of slot 2 --> flags:  [ ] [ ] [x] [ ]    is it in a list already?
 *                          |
 *                          +--> woken:  2 -> 0      the latest first
 *                          |              |
 *                          |              +--gather--> due:  0 -> 2 -> take
 *                          +--> owner (the task that polls all of them)
 *
 *   K1  A wake of a slot's waker sets the slot's flag, puts the slot into the
 *       list of the woken, and then wakes the owner. If the flag is set already
 *       the owner knows, and is not woken again.
 *   K2  slot_wakers_gather() moves the slots that were woken until now to the
 *       list of those that are due, in the order of their wakes, behind those
 *       that are there. slot_wakers_take() gives the first that is due, and
 *       clears its flag. What the waking thread did before is seen then.
 *   K3  The owner registers, and gathers then (G4 of waker_cell.h): no wake is
 *       lost.
 *   K4  A slot's waker may outlive the owner; a wake does nothing then (W5
 *       of waker.h). The memory is freed by the last who goes.
 *   K5  A wake and a take cost the same whatever the number of slots, and a
 *       gather as much as slots were woken: nobody looks through all of them.
 *
 * One task owns it. Wakers are for any thread; there is no lock.
 * Rust: the inside of FuturesUnordered. */
#ifndef CHAPTERS_STREAM_SLOT_WAKERS_H
#define CHAPTERS_STREAM_SLOT_WAKERS_H

#include "chapters/03_waker/waker_cell.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct slot_wakers;

struct slot_flag {
    struct slot_wakers *all;
    /* Whoever sets the flag has `next` until the slot is in the list of the
     * woken; whoever gathers has it then, until the flag is cleared. */
    atomic_member(uint32_t) is_woken; /* 0 or 1 */
    struct slot_flag *next;
};

struct slot_wakers {
    atomic_member(uint32_t) owners; /* the task, and each waker */
    struct waker_cell owner;
    atomic_member(struct slot_flag *) woken; /* the latest first */
    /* The owner's: those that are due. */
    struct slot_flag *first; /* NULL: none */
    struct slot_flag *last;
    struct slot_flag slots[];
};

/* No slot. */
#define SLOT_NONE ((size_t)-1)

/* With `count` slots, none of which was woken. NULL without memory. */
struct slot_wakers *slot_wakers_create(size_t count);

/* The task gives it up; no wake reaches it any more. */
void slot_wakers_end(struct slot_wakers *all);

/* From here on wakes go to this waker. */
void slot_wakers_register(struct slot_wakers *all, const struct waker *owner);

/* The slot is due, and nobody is woken: for the owner, whose turn it is. */
void slot_wakers_set(struct slot_wakers *all, size_t slot);

/* K2. Those that are woken later have to wait for the next time. */
void slot_wakers_gather(struct slot_wakers *all);

/* K2. SLOT_NONE: none is due. */
size_t slot_wakers_take(struct slot_wakers *all);

/* The slot's waker, lent for one poll: it is not to be dropped. Who wants to
 * keep it clones it. */
struct waker slot_wakers_lend(struct slot_wakers *all, size_t slot);

#ifdef __cplusplus
}
#endif

#endif
