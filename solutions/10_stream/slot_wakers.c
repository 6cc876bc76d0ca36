/* slot_wakers.c - who was woken? A flag for each, and one waker for all. */
#include "chapters/10_stream/slot_wakers.h"

#include "chapters/common/todo.h"

#include <stdlib.h>

struct slot_wakers *slot_wakers_create(size_t count)
{
    struct slot_wakers *all =
        calloc(1, sizeof *all + count * sizeof all->slots[0]);

    if (all == NULL)
        return NULL;
    atomic_init(&all->owners, 1);
    waker_cell_init(&all->owner);
    for (size_t i = 0; i < count; i++)
        all->slots[i].all = all;
    return all;
}

/* One owner less; the last frees. Release: what this one did comes before the
 * free; acquire: so did what all the others have done. */
static void release(struct slot_wakers *all)
{
    /* begin 10.8: count down; the last one ends the cell, and frees */
    if (atomic_fetch_sub_explicit(&all->owners, 1, memory_order_acq_rel) > 1)
        return;
    waker_cell_end(&all->owner);
    free(all);
    /* end 10.8: (void)all; */
}

void slot_wakers_end(struct slot_wakers *all)
{
    /* begin 10.8: no wake reaches the task any more (waker_cell_clear) */
    waker_cell_clear(&all->owner);
    /* end 10.8 */
    release(all);
}

void slot_wakers_register(struct slot_wakers *all, const struct waker *owner)
{
    waker_cell_register(&all->owner, owner);
}

void slot_wakers_set(struct slot_wakers *all, size_t slot)
{
    atomic_store_explicit(&all->slots[slot].is_woken, 1, memory_order_relaxed);
}

bool slot_wakers_take(struct slot_wakers *all, size_t slot)
{
    /* begin 10.8: say if the flag is set and clear it, in one step. Acquire: it
     * pairs with the wake's release */
    return atomic_exchange_explicit(&all->slots[slot].is_woken, 0,
                                    memory_order_acquire) != 0;
    /* end 10.8: (void)all, (void)slot;
    return false; */
}

/* ------------------------------------------------------------ the waker */

static struct waker flag_clone(void *data);

static void flag_wake_by_ref(void *data)
{
    struct slot_flag *flag = data;

    /* begin 10.8: set the flag; if it was not set, wake the owner's cell.
     * Release: see take */
    /* It acquires nothing: the flag is there before the wake, as that one
     * releases. */
    if (atomic_exchange_explicit(&flag->is_woken, 1, memory_order_release) == 0)
        waker_cell_wake(&flag->all->owner);
    /* end 10.8: (void)flag; */
}

static void flag_drop(void *data)
{
    release(((struct slot_flag *)data)->all);
}

static void flag_wake(void *data)
{
    flag_wake_by_ref(data);
    flag_drop(data);
}

static const struct waker_ops flag_ops = {flag_clone, flag_wake,
                                          flag_wake_by_ref, flag_drop};

static struct waker flag_clone(void *data)
{
    struct slot_flag *flag = data;

    /* begin 10.8: one owner more. Relaxed: whoever clones has one already */
    atomic_fetch_add_explicit(&flag->all->owners, 1, memory_order_relaxed);
    /* end 10.8: (void)flag; */
    return (struct waker){&flag_ops, data};
}

struct waker slot_wakers_lend(struct slot_wakers *all, size_t slot)
{
    return (struct waker){&flag_ops, &all->slots[slot]};
}
