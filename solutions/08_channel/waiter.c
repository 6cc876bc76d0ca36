/* waiter.c - wakers move under the lock; everything else is done without. */
#include "chapters/08_channel/waiter.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

void waiter_init(struct waiter *waiter)
{
    *waiter = (struct waiter){.waker.ops = NULL};
}

void waiter_wait(struct waiter *waiter, struct list *list, struct waker *spare)
{
    /* begin 8.3: swap the wakers; join at the end, if it does not wait yet */
    if (!waiter_waits(waiter))
        list_push_back(list, &waiter->link);
    waker_swap(&waiter->waker, spare);
    /* end 8.3 */
}

struct waker waiter_leave(struct waiter *waiter)
{
    /* begin 8.3: out of the list, if it is in one; its waker out of it */
    if (waiter_waits(waiter))
        list_remove(&waiter->link);
    /* end 8.3 */
    return waker_take(&waiter->waker);
}

struct waker waiters_take_first(struct list *list)
{
    struct list *first = list_first(list);

    /* begin 8.3: the first leaves */
    if (first != NULL)
        return waiter_leave(container_of(first, struct waiter, link));
    /* end 8.3: (void)first; */
    return (struct waker){NULL, NULL};
}

/* Takes out as many as a batch has room for. */
static size_t take_batch(struct list *list, struct waker *batch)
{
    size_t count = 0;

    while (count < WAKE_BATCH && !list_is_empty(list))
        batch[count++] = waiters_take_first(list);
    return count;
}

void waiters_wake_all(struct list *list, pthread_mutex_t *lock)
{
    struct waker batch[WAKE_BATCH];
    struct list due;

    list_init(&due);
    /* begin 8.3: move all to `due`; then a batch after the other, each woken
     * without the lock */
    list_splice_back(&due, list);
    for (;;) {
        size_t count = take_batch(&due, batch);

        pthread_mutex_unlock(lock);
        for (size_t i = 0; i < count; i++)
            waker_wake(&batch[i]);
        if (count < WAKE_BATCH)
            return;
        pthread_mutex_lock(lock);
    }
    /* end 8.3: (void)batch, (void)take_batch;
    pthread_mutex_unlock(lock); */
}
