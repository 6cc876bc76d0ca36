/* idle.c - two counts in a word, and a list of who sleeps. */
#include "chapters/12_work_stealing/idle.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <stddef.h>

enum {
    ONE_SEARCHING = 1,
    ONE_AWAKE = 1 << 16,
};

static uint32_t searching(uint32_t state)
{
    return state % ONE_AWAKE;
}

static uint32_t awake(uint32_t state)
{
    return state / ONE_AWAKE;
}

void idle_init(struct idle *idle, uint32_t workers)
{
    atomic_init(&idle->state, workers * ONE_AWAKE);
    idle->workers = workers;
    pthread_mutex_init(&idle->lock, NULL);
    list_init(&idle->sleepers);
    idle->deputy = NULL;
}

void idle_end(struct idle *idle)
{
    pthread_mutex_destroy(&idle->lock);
}

/* begin 12.9 */
static bool is_needed(uint32_t state, uint32_t workers)
{
    return searching(state) == 0 && awake(state) < workers;
}

/* Relaxed: the fence in idle_notify() is before it, or the lock is held. */
static uint32_t look(const struct idle *idle)
{
    return atomic_load_explicit(&idle->state, memory_order_relaxed);
}
/* end 12.9 */

/* The first of the sleepers, who is awake and searching from then on (I3); or
 * NULL. With the lock held. */
static struct sleeper_link *choose(struct idle *idle)
{
    struct list *link = NULL;

    /* begin 12.8: out of the list, into both counts */
    link = list_pop_front(&idle->sleepers);
    if (link != NULL)
        /* Relaxed: who wakes it tells it more, by bed_wake(). */
        atomic_fetch_add_explicit(&idle->state, ONE_AWAKE + ONE_SEARCHING,
                                  memory_order_relaxed);
    /* end 12.8: (void)idle; */
    return link == NULL ? NULL : container_of(link, struct sleeper_link, link);
}

bool idle_notify(struct idle *idle)
{
    bool has_woken = false;

    /* begin 12.9: look; look again with the lock, and choose; wake without the
     * lock */
    struct sleeper_link *chosen = NULL;

    /* The caller's push before this look. Its partner is in
     * idle_fall_asleep(): one of the two sees the other (I5). */
    atomic_thread_fence(memory_order_seq_cst);
    if (!is_needed(look(idle), idle->workers))
        return false;
    pthread_mutex_lock(&idle->lock);
    if (is_needed(look(idle), idle->workers)) /* nobody was chosen meanwhile */
        chosen = choose(idle);
    pthread_mutex_unlock(&idle->lock);
    has_woken = chosen != NULL;
    if (has_woken)
        bed_wake(&chosen->bed);
    /* end 12.9: (void)idle, (void)choose, (void)awake; */
    return has_woken;
}

bool idle_start_search(struct idle *idle)
{
    /* begin 12.8: not more than half of all, or one too many if two begin at
     * once; but each is counted */
    /* Relaxed, both: whoever relies on this search looks at the count before
     * it goes down, and the last who takes it down looks over all queues, or
     * wakes one who will. Two may start at once: no harm. */
    uint32_t state = atomic_load_explicit(&idle->state, memory_order_relaxed);

    if (2 * searching(state) >= idle->workers)
        return false;
    atomic_fetch_add_explicit(&idle->state, ONE_SEARCHING,
                              memory_order_relaxed);
    return true;
    /* end 12.8: (void)idle, (void)searching;
    return true; */
}

void idle_found(struct idle *idle)
{
    /* begin 12.9: one less; the last wakes the next */
    /* Relaxed: the fence that it needs is in idle_notify(). */
    uint32_t old = atomic_fetch_sub_explicit(&idle->state, ONE_SEARCHING,
                                             memory_order_relaxed);

    if (searching(old) == 1)
        idle_notify(idle);
    /* end 12.9: (void)idle; */
}

bool idle_fall_asleep(struct idle *idle, struct sleeper_link *worker,
                      bool was_searching)
{
    bool nobody_searches = false;

    /* begin 12.8: into the list, the last one first; out of the counts; then,
     * before the caller looks over the queues, a seq_cst fence (12.9 says why)
     */
    uint32_t change = ONE_AWAKE + (was_searching ? ONE_SEARCHING : 0);
    uint32_t old;

    pthread_mutex_lock(&idle->lock);
    list_push_front(&idle->sleepers, &worker->link);
    /* Relaxed: the lock orders it for others with the lock, and the fence for
     * those without. */
    old = atomic_fetch_sub_explicit(&idle->state, change, memory_order_relaxed);
    pthread_mutex_unlock(&idle->lock);
    nobody_searches = searching(old - change) == 0;
    /* The counts before the caller's look over the queues: the partner of the
     * fence in idle_notify(). */
    atomic_thread_fence(memory_order_seq_cst);
    /* end 12.8: (void)idle, (void)worker, (void)was_searching; */
    return nobody_searches;
}

bool idle_is_asleep(struct idle *idle, const struct sleeper_link *worker)
{
    bool is_asleep = false;

    /* begin 12.8: is it in the list? With the lock */
    pthread_mutex_lock(&idle->lock);
    is_asleep = list_is_linked(&worker->link);
    pthread_mutex_unlock(&idle->lock);
    /* end 12.8: (void)idle, (void)worker; */
    return is_asleep;
}

bool idle_get_up(struct idle *idle, struct sleeper_link *worker)
{
    bool was_asleep = false;

    /* begin 12.8: out of the list, if it is still there; awake again */
    pthread_mutex_lock(&idle->lock);
    was_asleep = list_is_linked(&worker->link);
    if (was_asleep) {
        list_remove(&worker->link);
        atomic_fetch_add_explicit(&idle->state, ONE_AWAKE,
                                  memory_order_relaxed);
    }
    pthread_mutex_unlock(&idle->lock);
    /* end 12.8: (void)idle, (void)worker; */
    return was_asleep;
}

void idle_notify_all(struct idle *idle)
{
    /* begin 12.8: choose every sleeper, with the lock; wake each without it */
    struct sleeper_link *chosen;

    do {
        pthread_mutex_lock(&idle->lock);
        chosen = choose(idle);
        pthread_mutex_unlock(&idle->lock);
        if (chosen != NULL)
            bed_wake(&chosen->bed);
    } while (chosen != NULL);
    /* end 12.8: (void)idle; */
}

/* begin 12.9 */
/* The first of the sleepers, unless there is a deputy among them; or NULL. With
 * the lock held. */
static struct sleeper_link *find_deputy(struct idle *idle)
{
    if (list_is_empty(&idle->sleepers) ||
        (idle->deputy != NULL && list_is_linked(&idle->deputy->link)))
        return NULL;
    return container_of(list_first(&idle->sleepers), struct sleeper_link, link);
}
/* end 12.9 */

bool idle_appoint(struct idle *idle)
{
    bool has_appointed = false;

    /* begin 12.9: look; find and appoint with the lock; wake without the lock
     */
    struct sleeper_link *found = NULL;

    /* The driver was given back before this look. Its partner is in
     * idle_fall_asleep(), before the sleeper looks if the driver is free. */
    atomic_thread_fence(memory_order_seq_cst);
    if (awake(look(idle)) == idle->workers)
        return false;
    pthread_mutex_lock(&idle->lock);
    found = find_deputy(idle);
    if (found != NULL)
        idle->deputy = found;
    pthread_mutex_unlock(&idle->lock);
    has_appointed = found != NULL;
    if (has_appointed)
        bed_wake(&found->bed);
    /* end 12.9: (void)idle; */
    return has_appointed;
}

bool idle_is_deputy(struct idle *idle, const struct sleeper_link *worker)
{
    bool is_deputy = false;

    /* begin 12.9: with the lock */
    pthread_mutex_lock(&idle->lock);
    is_deputy = idle->deputy == worker;
    pthread_mutex_unlock(&idle->lock);
    /* end 12.9: (void)idle, (void)worker; */
    return is_deputy;
}

void idle_relieve(struct idle *idle, const struct sleeper_link *worker)
{
    /* begin 12.9: if it is the deputy, there is none */
    pthread_mutex_lock(&idle->lock);
    if (idle->deputy == worker)
        idle->deputy = NULL;
    pthread_mutex_unlock(&idle->lock);
    /* end 12.9: (void)idle, (void)worker; */
}
