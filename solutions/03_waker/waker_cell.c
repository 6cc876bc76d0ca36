/* waker_cell.c - registration and wake, each of which may find the other
 * half-way through.
 *
 * The scheme is that of AtomicWaker in Rust's futures crate, whose source
 * documents it. The one race that matters: a wake arrives between the two
 * halves of a registration. It must not touch the waker that is being
 * replaced and must not wait; so it leaves WAKING behind and goes, and the
 * registration, when it tries to finish, sees the bit and wakes. */
#include "chapters/03_waker/waker_cell.h"

#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

enum {
    CELL_REGISTERING = 1,
    CELL_WAKING = 2,
};

void waker_cell_init(struct waker_cell *cell)
{
    atomic_init(&cell->state, 0);
    cell->waker = (struct waker){0};
}

void waker_cell_end(struct waker_cell *cell)
{
    waker_drop(&cell->waker);
}

/* Turns REGISTERING on if the cell is at rest. Returns the state before.
 * Acquire: pairs with the release of whoever had the waker last. */
static uint32_t cell_begin_register(struct waker_cell *cell)
{
    uint32_t state = 0;

    atomic_compare_exchange_strong_explicit(
        &cell->state, &state, CELL_REGISTERING, memory_order_acquire,
        memory_order_acquire);
    return state;
}

/* Turns REGISTERING off. False if a wake came meanwhile: the cell is still
 * ours then. Release: gives the waker to the next. Relaxed, on failure: the
 * wake's news are acquired when we leave the cell, below. */
static bool cell_finish_register(struct waker_cell *cell)
{
    uint32_t state = CELL_REGISTERING;

    return atomic_compare_exchange_strong_explicit(
        &cell->state, &state, 0, memory_order_release, memory_order_relaxed);
}

void waker_cell_register(struct waker_cell *cell, const struct waker *waker)
{
    /* begin 3.7: Between cell_begin_register() and cell_finish_register() the
     * waker is yours. Mind both cases in which a wake was there. */
    uint32_t before = cell_begin_register(cell);

    if (before == CELL_WAKING) { /* G3: a wake is under way just now */
        waker_wake_by_ref(waker);
        return;
    }
    require(before == 0, "waker_cell: two tasks register at once");
    waker_clone_from(&cell->waker, waker);
    if (cell_finish_register(cell))
        return;
    struct waker taken = waker_take(&cell->waker); /* G2: the wake is ours */
    /* Release: the cell, empty, to the next. Acquire, so an exchange and no
     * store: the poll that follows must see the news of the wake that came,
     * and of any that set WAKING again since we looked: it has left, relying
     * on ours. */
    (void)atomic_exchange_explicit(&cell->state, 0, memory_order_acq_rel);
    waker_wake(&taken);
    /* end 3.7: (void)cell_begin_register, (void)cell_finish_register; */
}

/* Takes the waker if the cell is at rest, else leaves word that it was
 * wanted and returns an empty one. */
static struct waker cell_take(struct waker_cell *cell)
{
    struct waker taken = {0};

    /* begin 3.7: Turn WAKING on; if the cell was at rest, take the waker and
     * turn WAKING off again. */
    /* Acquire: the registration's waker. Release: what happened before
     * this wake, for a registration that finds WAKING. */
    if (atomic_fetch_or_explicit(&cell->state, CELL_WAKING,
                                 memory_order_acq_rel) == 0) {
        taken = waker_take(&cell->waker);
        /* Release: the cell, empty, to the next registration. */
        atomic_fetch_and_explicit(&cell->state, ~(uint32_t)CELL_WAKING,
                                  memory_order_release);
    }
    /* end 3.7 */
    return taken;
}

void waker_cell_wake(struct waker_cell *cell)
{
    struct waker taken = cell_take(cell);

    if (taken.ops != NULL)
        waker_wake(&taken);
}

void waker_cell_clear(struct waker_cell *cell)
{
    struct waker taken = cell_take(cell);

    waker_drop(&taken);
}
