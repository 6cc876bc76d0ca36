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

/* The first of the sleepers, who is awake and searching from then on (I3); or
 * NULL. With the lock held. */
static struct sleeper_link *choose(struct idle *idle)
{
    struct list *link = NULL;

    /* TODO(12.8): out of the list, into both counts */
    TODO(12.8);
    (void)idle;
    return link == NULL ? NULL : container_of(link, struct sleeper_link, link);
}

bool idle_notify(struct idle *idle)
{
    bool has_woken = false;

    /* TODO(12.9): look; look again with the lock, and choose; wake without
     * the lock */
    TODO(12.9);
    (void)idle, (void)choose, (void)awake;
    return has_woken;
}

bool idle_start_search(struct idle *idle)
{
    /* TODO(12.8): not more than half of all, or one too many if two begin
     * at once; but each is counted */
    TODO(12.8);
    (void)idle, (void)searching;
    return true;
}

void idle_found(struct idle *idle)
{
    /* TODO(12.9): one less; the last wakes the next */
    TODO(12.9);
    (void)idle;
}

bool idle_fall_asleep(struct idle *idle, struct sleeper_link *worker,
                      bool was_searching)
{
    bool nobody_searches = false;

    /* TODO(12.8): into the list, the last one first; out of the counts;
     * then, before the caller looks over the queues, a seq_cst fence (12.9
     * says why) */
    TODO(12.8);
    (void)idle, (void)worker, (void)was_searching;
    return nobody_searches;
}

bool idle_is_asleep(struct idle *idle, const struct sleeper_link *worker)
{
    bool is_asleep = false;

    /* TODO(12.8): is it in the list? With the lock */
    TODO(12.8);
    (void)idle, (void)worker;
    return is_asleep;
}

bool idle_get_up(struct idle *idle, struct sleeper_link *worker)
{
    bool was_asleep = false;

    /* TODO(12.8): out of the list, if it is still there; awake again */
    TODO(12.8);
    (void)idle, (void)worker;
    return was_asleep;
}

void idle_notify_all(struct idle *idle)
{
    /* TODO(12.8): choose every sleeper, with the lock; wake each without it */
    TODO(12.8);
    (void)idle;
}

bool idle_appoint(struct idle *idle)
{
    bool has_appointed = false;

    /* TODO(12.9): look; find and appoint with the lock; wake without the
     * lock */
    TODO(12.9);
    (void)idle;
    return has_appointed;
}

bool idle_is_deputy(struct idle *idle, const struct sleeper_link *worker)
{
    bool is_deputy = false;

    /* TODO(12.9): with the lock */
    TODO(12.9);
    (void)idle, (void)worker;
    return is_deputy;
}

void idle_relieve(struct idle *idle, const struct sleeper_link *worker)
{
    /* TODO(12.9): if it is the deputy, there is none */
    TODO(12.9);
    (void)idle, (void)worker;
}
