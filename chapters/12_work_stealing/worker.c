/* worker.c - where the next task comes from, and what to do without one. */
#include "chapters/12_work_stealing/worker.h"

#include "chapters/04_executor/executor.h"
#include "chapters/11_threads/turn.h"
#include "chapters/common/budget.h"
#include "chapters/common/inside.h"
#include "chapters/common/todo.h"

static _Thread_local struct worker *this_worker;

struct worker *worker_here(const struct work_stealing *scheduler)
{
    struct worker *worker = this_worker;

    return worker != NULL && worker->branch.scheduler == scheduler ? worker
                                                                   : NULL;
}

/* To the end of the ring; somebody else may want it. */
static void push(struct worker *worker, struct task *task)
{
    struct work_stealing *scheduler = worker->branch.scheduler;

    if (local_queue_push(&worker->queue, &scheduler->injector, task))
        metrics_add(&worker->metrics.overflows, 1);
    if (!worker->is_asleep)
        idle_notify(&scheduler->idle);
}

void worker_schedule(struct worker *worker, struct task *task)
{
    /* TODO(12.10): into the LIFO slot; what was there goes to the ring */
    TODO(12.10);
    (void)worker, (void)task, (void)push;
}

/* A task that this worker has; or NULL. */
static struct task *take_own(struct worker *worker)
{
    struct task *task = NULL;

    /* TODO(12.10): the slot, then the ring */
    TODO(12.10);
    (void)worker;
    return task;
}

/* One task from the injector. */
static struct task *take_injected(struct worker *worker)
{
    struct task *task = injector_pop(&worker->branch.scheduler->injector);

    if (task != NULL) {
        /* A row out of the slot ends here. The streak goes on: this was not
         * the ring's turn. */
        worker->lifo_row = 0;
        metrics_add(&worker->metrics.injected, 1);
    }
    return task;
}

/* This worker's share of what is in the injector: one is returned, the others
 * go to the ring, which is empty. */
static struct task *take_share(struct worker *worker)
{
    struct task *first = NULL;

    /* TODO(12.10): an equal share for each worker, and one; not more than
     * half a ring */
    TODO(12.10);
    (void)worker;
    return first;
}

/* The next task that is here without a search; or NULL. */
static struct task *take(struct worker *worker)
{
    struct task *task = NULL;

    /* TODO(12.10): while `tick` is even the injector comes first (S4) */
    TODO(12.10);
    (void)take_own, (void)take_injected, (void)take_share;
    return task;
}

/* xorshift: which worker to rob first. Marsaglia, 2003. */
static uint32_t draw(struct worker *worker)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 17;
    worker->random ^= worker->random << 5;
    return worker->random;
}

/* A task from somebody else, or from the injector; NULL if there is none, or
 * if enough others search. */
static struct task *search(struct worker *worker)
{
    struct task *task = NULL;

    /* TODO(12.11): as a searcher, rob all others, from a random one on;
     * then ask the injector */
    TODO(12.11);
    (void)worker, (void)draw;
    return task;
}

static bool is_finished(const struct work_stealing *scheduler)
{
    /* Relaxed: as in worker_finish_homes(). */
    return atomic_load_explicit(&scheduler->is_finished, memory_order_relaxed);
}

/* Is there a task in any queue? */
static bool is_anything_queued(const struct work_stealing *scheduler)
{
    for (unsigned i = 0; i < scheduler->count; i++)
        if (local_queue_length(&scheduler->workers[i].queue) > 0)
            return true;
    return injector_length(&scheduler->injector) > 0;
}

static bool has_own(const struct worker *worker)
{
    return worker->lifo != NULL || local_queue_length(&worker->queue) > 0;
}

/* This worker has no hand free for the driver: it has something to do (S5). */
static void hand_on(struct work_stealing *scheduler)
{
    /* TODO(12.11): is the driver free? Then somebody who sleeps is the
     * deputy */
    TODO(12.11);
    (void)scheduler;
}

static void fall_asleep(struct worker *worker)
{
    struct work_stealing *scheduler = worker->branch.scheduler;

    worker->is_asleep = true;
    /* TODO(12.11): among the sleepers; if nobody searches then, look once
     * more, and wake somebody (it may be this one) if there is anything */
    TODO(12.11);
    (void)scheduler, (void)is_anything_queued;
    (void)has_own, (void)is_finished;
    worker->is_asleep = false;
    if (local_queue_length(&worker->queue) > 0)
        idle_notify(&scheduler->idle); /* more than one: somebody may help */
    else if (worker->lifo != NULL)
        hand_on(scheduler);
}

/* The next task, wherever it comes from. NULL: there are none, for good. */
static struct task *next(struct worker *worker)
{
    struct work_stealing *scheduler = worker->branch.scheduler;
    struct task *task;

    if (++worker->tick % DRIVER_INTERVAL == 0) {
        metrics_add(&worker->metrics.looks, 1);
        driver_slot_look(&scheduler->slot);
        hand_on(scheduler); /* who fell asleep just then found it taken */
    }
    while ((task = take(worker)) == NULL && (task = search(worker)) == NULL) {
        if (is_finished(scheduler))
            return NULL;
        fall_asleep(worker);
    }
    if (worker->is_searching) {
        worker->is_searching = false;
        idle_found(&scheduler->idle);
    }
    return task;
}

void worker_finish_homes(struct work_stealing *scheduler, uint32_t homes)
{
    /* Relaxed, here and below: threads end because of it, and read nothing
     * else; what they have done, pthread_join() shows to whoever frees. One
     * that falls asleep just now sees it through the lock of idle.h. */
    if (homes == 0 || atomic_fetch_sub_explicit(&scheduler->open, homes,
                                                memory_order_relaxed) != homes)
        return;
    atomic_store_explicit(&scheduler->is_finished, true, memory_order_relaxed);
    idle_notify_all(&scheduler->idle);
}

static void run_turn(struct worker *worker, struct task *task)
{
    metrics_add(&worker->metrics.polls, 1);
    /* TODO(12.12): a budget, but not for the second and third turn in a row
     * out of the slot */
    TODO(12.12);
    switch (turn_take(task)) {
    case TURN_AGAIN:
        push(worker, task); /* S3 */
        break;
    case TURN_LAST:
        worker_finish_homes(worker->branch.scheduler, 1);
        break;
    default:
        break;
    }
}

void *worker_run(void *argument)
{
    struct worker *worker = argument;
    struct task *task;

    inside_begin("a worker of a scheduler");
    this_worker = worker;
    while ((task = next(worker)) != NULL)
        run_turn(worker, task);
    this_worker = NULL;
    inside_end();
    return NULL;
}
