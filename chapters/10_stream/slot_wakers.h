/* slot_wakers.h - a waker for each of many, to know who was woken.
 *
 *     wake of slot 2 --> flags:  [ ] [ ] [x] [ ]
 *                          |
 *                          +--> owner (the task that polls all of them)
 *
 *   K1  A wake of a slot's waker sets the slot's flag, and then wakes the
 *       owner. If the flag is set already the owner knows, and is not woken
 *       again.
 *   K2  slot_wakers_take() says whether the flag is set, and clears it. What
 *       the waking thread did before is seen then.
 *   K3  The owner registers, and looks at the flags then (G4 of
 *       waker_cell.h): no wake is lost.
 *   K4  A slot's waker may outlive the owner; a wake does nothing then (W5
 *       of waker.h). The memory is freed by the last who goes.
 *
 * One task owns it. Wakers are for any thread; there is no lock.
 * Rust: the inside of FuturesUnordered. */
#ifndef CHAPTERS_STREAM_SLOT_WAKERS_H
#define CHAPTERS_STREAM_SLOT_WAKERS_H

#include "chapters/03_waker/waker_cell.h"

#ifdef __cplusplus
extern "C" {
#endif

struct slot_wakers;

struct slot_flag {
    struct slot_wakers *all;
    atomic_member(uint32_t) is_woken; /* 0 or 1 */
};

struct slot_wakers {
    atomic_member(uint32_t) owners; /* the task, and each waker */
    struct waker_cell owner;
    struct slot_flag slots[];
};

/* With `count` flags, all clear. NULL without memory. */
struct slot_wakers *slot_wakers_create(size_t count);

/* The task gives it up; no wake reaches it any more. */
void slot_wakers_end(struct slot_wakers *all);

/* From here on wakes go to this waker. */
void slot_wakers_register(struct slot_wakers *all, const struct waker *owner);

/* Sets the flag and wakes nobody: for the owner, whose turn it is. */
void slot_wakers_set(struct slot_wakers *all, size_t slot);

/* K2. */
bool slot_wakers_take(struct slot_wakers *all, size_t slot);

/* The slot's waker, lent for one poll: it is not to be dropped. Who wants to
 * keep it clones it. */
struct waker slot_wakers_lend(struct slot_wakers *all, size_t slot);

#ifdef __cplusplus
}
#endif

#endif
