/* waker_cell.h - room for one waker, without a lock.
 *
 *    bit 1        bit 0
 *   +------------+--------------+
 *   |  WAKING    | REGISTERING  |       0: the cell is at rest
 *   +------------+--------------+
 *
 *   G1  Whoever turns one bit on while the word is 0 has the waker to
 *       itself until it turns the bit off. Nobody ever waits for a bit.
 *   G2  waker_cell_wake() takes the waker and wakes it. If a registration
 *       is under way it leaves WAKING behind, and the registering side
 *       does the wake.
 *   G3  A registration that meets WAKING wakes its own waker at once.
 *   G4  So of a registration and a wake at the same time, at least one
 *       sees the other. Register, then look again at what you wait for:
 *       no wake is lost.
 *   G5  Registering a waker that the cell holds already costs no clone.
 *
 * One task registers and clears; any thread wakes.
 * Rust: AtomicWaker of the futures crate. */
#ifndef CHAPTERS_WAKER_WAKER_CELL_H
#define CHAPTERS_WAKER_WAKER_CELL_H

#include "chapters/03_waker/waker.h"
#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct waker_cell {
    atomic_member(uint32_t) state;
    struct waker waker; /* belongs to whoever turned a bit on (G1) */
};

void waker_cell_init(struct waker_cell *cell);

/* Drops the waker that is left. Nobody uses the cell any more. */
void waker_cell_end(struct waker_cell *cell);

/* Keeps a clone of `waker`, in place of the one before. */
void waker_cell_register(struct waker_cell *cell, const struct waker *waker);

/* Wakes the registered waker, if there is one, and leaves the cell empty. */
void waker_cell_wake(struct waker_cell *cell);

/* Drops the registered waker without a wake. The registering task only. */
void waker_cell_clear(struct waker_cell *cell);

#ifdef __cplusplus
}
#endif

#endif
