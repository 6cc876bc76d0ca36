/* slot_wakers.c - who was woken? A flag for each, a list, and one waker for
 * all.
 *
 * The flag says who may put the slot into the list: whoever has set it. So a
 * slot stands there once at most, and its link is enough for both lists. */
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
    atomic_init(&all->woken, NULL);
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

/* ------------------------------------------------------- those that are due */

/* To the end of those that are due. */
static void due_push(struct slot_wakers *all, struct slot_flag *flag)
{
    flag->next = NULL;
    if (all->first == NULL)
        all->first = flag;
    else
        all->last->next = flag;
    all->last = flag;
}

void slot_wakers_set(struct slot_wakers *all, size_t slot)
{
    struct slot_flag *flag = &all->slots[slot];

    /* Relaxed: see orders.txt. If the flag is set, somebody has woken the slot:
     * it is in a list, or will be, and its owner is woken. */
    if (atomic_exchange_explicit(&flag->is_woken, 1, memory_order_relaxed) == 0)
        due_push(all, flag);
}

void slot_wakers_gather(struct slot_wakers *all)
{
    /* begin 10.8: take the whole list of the woken in one step (acquire: it
     * pairs with woken_push); it begins with the latest: turn it round; and
     * each of them is due (due_push) */
    struct slot_flag *flag =
        atomic_exchange_explicit(&all->woken, NULL, memory_order_acquire);
    struct slot_flag *oldest = NULL;

    while (flag != NULL) {
        struct slot_flag *next = flag->next;

        flag->next = oldest;
        oldest = flag;
        flag = next;
    }
    while (oldest != NULL) {
        struct slot_flag *next = oldest->next;

        due_push(all, oldest);
        oldest = next;
    }
    /* end 10.8: (void)all; */
}

size_t slot_wakers_take(struct slot_wakers *all)
{
    struct slot_flag *flag = all->first;

    if (flag == NULL)
        return SLOT_NONE;
    /* begin 10.8: out of the list; and then clear the flag. Acquire: it pairs
     * with the wakes' release; release: whoever sets the flag next may write
     * the link */
    all->first = flag->next;
    /* An exchange and no store: a wake that found the flag set has left its
     * news with it, and is seen only by who reads what it wrote. */
    (void)atomic_exchange_explicit(&flag->is_woken, 0, memory_order_acq_rel);
    /* end 10.8 */
    return (size_t)(flag - all->slots);
}

/* ------------------------------------------------------------ the waker */

static struct waker flag_clone(void *data);

/* Puts the slot in front of the list of the woken. The flag is set, by us. */
static void woken_push(struct slot_flag *flag)
{
    /* begin 10.8: the link, and then the head of the list: compare and swap, in
     * a loop. Release: it pairs with the gather's acquire, for the link */
    struct slot_wakers *all = flag->all;
    struct slot_flag *head =
        atomic_load_explicit(&all->woken, memory_order_relaxed);

    do {
        flag->next = head;
    } while (!atomic_compare_exchange_weak_explicit(
        &all->woken, &head, flag, memory_order_release, memory_order_relaxed));
    /* end 10.8: (void)flag; */
}

static void flag_wake_by_ref(void *data)
{
    struct slot_flag *flag = data;

    /* begin 10.8: set the flag; if it was not set: into the list, and then wake
     * the owner's cell. Release and acquire: see take */
    if (atomic_exchange_explicit(&flag->is_woken, 1, memory_order_acq_rel) != 0)
        return;
    woken_push(flag);
    waker_cell_wake(&flag->all->owner);
    /* end 10.8: (void)flag, (void)woken_push; */
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
