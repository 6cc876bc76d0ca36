/* visits.c - a count of those who are inside. */
#include "chapters/11_threads/visits.h"

#include "chapters/common/todo.h"

#include <sched.h>

void visits_init(struct visits *visits)
{
    atomic_init(&visits->inside, 0);
}

void visits_begin(struct visits *visits)
{
    /* begin 11.6: one guest more */
    /* Relaxed: what comes next, the hand-over of the task, is what makes it
     * visible to whoever ends the pool. */
    atomic_fetch_add_explicit(&visits->inside, 1, memory_order_relaxed);
    /* end 11.6: (void)visits; */
}

void visits_end(struct visits *visits)
{
    /* begin 11.6: one guest less */
    /* Release: the visit is over before the house is pulled down. */
    atomic_fetch_sub_explicit(&visits->inside, 1, memory_order_release);
    /* end 11.6: (void)visits; */
}

void visits_wait(const struct visits *visits)
{
    /* begin 11.6: until nobody is inside */
    while (atomic_load_explicit(&visits->inside, memory_order_acquire) != 0)
        sched_yield();
    /* end 11.6: (void)visits; */
}
