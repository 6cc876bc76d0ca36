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
    /* begin 12.10: into the LIFO slot; what was there goes to the ring */
    struct task *before = worker->lifo;

    worker->lifo = task;
    if (before != NULL)
        push(worker, before);
    /* end 12.10: (void)worker, (void)task, (void)push; */
}

/* begin 12.10 */
/* The task in the slot, unless it is the ring's turn (S2). */
static struct task *take_lifo(struct worker *worker)
{
    struct task *task = worker->lifo;

    if (task == NULL)
        return NULL;
    worker->lifo = NULL;
    if (worker->lifo_streak++ < LIFO_STREAK) {
        worker->lifo_row++;
        metrics_add(&worker->metrics.lifo_polls, 1);
        return task;
    }
    push(worker, task);
    return NULL;
}
/* end 12.10 */

/* A task that this worker has; or NULL. */
static struct task *take_own(struct worker *worker)
{
    struct task *task = NULL;

    /* begin 12.10: the slot, then the ring */
    task = take_lifo(worker);
    if (task != NULL)
        return task;
    worker->lifo_streak = worker->lifo_row = 0;
    task = local_queue_pop(&worker->queue);
    /* end 12.10: (void)worker; */
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

    /* begin 12.10: an equal share for each worker, and one; not more than half
     * a ring */
    struct injector *injector = &worker->branch.scheduler->injector;
    size_t share =
        injector_length(injector) / worker->branch.scheduler->count + 1;
    struct run_queue tasks;
    struct task *task;
    size_t count;

    run_queue_init(&tasks);
    if (share > LOCAL_QUEUE_SLOTS / 2)
        share = LOCAL_QUEUE_SLOTS / 2;
    count = injector_pop_batch(injector, &tasks, share);
    metrics_add(&worker->metrics.injected, count);
    first = run_queue_pop(&tasks);
    while ((task = run_queue_pop(&tasks)) != NULL)
        local_queue_push(&worker->queue, injector, task);
    local_queue_keep(&worker->queue);
    if (count > 1) /* in our hands nobody saw them; who fell asleep meanwhile */
        idle_notify(&worker->branch.scheduler->idle); /* has to know */
    /* end 12.10: (void)worker; */
    return first;
}

/* The next task that is here without a search; or NULL. */
static struct task *take(struct worker *worker)
{
    struct task *task = NULL;

    /* begin 12.10: while `tick` is even the injector comes first (S4) */
    if (worker->tick % 2 == 0)
        task = take_injected(worker);
    if (task == NULL)
        task = take_own(worker);
    if (task == NULL)
        task = take_share(worker);
    /* end 12.10: (void)take_own, (void)take_injected, (void)take_share; */
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

/* begin 12.11 */
static struct task *rob(struct worker *worker, struct worker *victim)
{
    uint32_t stolen;
    struct task *task;

    if (victim == worker)
        return NULL;
    task = local_queue_steal(&victim->queue, &worker->queue, &stolen);
    if (task != NULL) {
        metrics_add(&worker->metrics.steals, 1);
        metrics_add(&worker->metrics.stolen, stolen);
    }
    return task;
}
/* end 12.11 */

/* A task from somebody else, or from the injector; NULL if there is none, or
 * if enough others search. */
static struct task *search(struct worker *worker)
{
    struct task *task = NULL;

    /* begin 12.11: as a searcher, rob all others, from a random one on; then
     * ask the injector */
    struct work_stealing *scheduler = worker->branch.scheduler;
    uint32_t start = draw(worker) % scheduler->count;

    if (!worker->is_searching)
        worker->is_searching = idle_start_search(&scheduler->idle);
    if (!worker->is_searching)
        return NULL;
    for (uint32_t i = 0; i < scheduler->count && task == NULL; i++)
        task = rob(worker, &scheduler->workers[(start + i) % scheduler->count]);
    if (task == NULL)
        task = take_share(worker);
    /* end 12.11: (void)worker, (void)draw; */
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

/* begin 12.11 */
/* In bed, until somebody has chosen this worker, the driver has brought it
 * something to do, or all is finished. (Looked at after it has joined the
 * sleepers, each of them: who comes too late for the look finds a sleeper.) */
static void sleep_until_wanted(struct worker *worker)
{
    struct work_stealing *scheduler = worker->branch.scheduler;
    struct sleeper_link *sleeper = &worker->sleeper;

    while (!is_finished(scheduler) && !has_own(worker) &&
           idle_is_asleep(&scheduler->idle, sleeper)) {
        metrics_add(&worker->metrics.parks, 1);
        if (idle_is_deputy(&scheduler->idle, sleeper)) {
            bed_doze(&sleeper->bed);
            idle_relieve(&scheduler->idle, sleeper);
        } else {
            bed_sleep(&sleeper->bed);
        }
    }
    worker->is_searching = !idle_get_up(&scheduler->idle, sleeper);
}
/* end 12.11 */

/* This worker has no hand free for the driver: it has something to do (S5). */
static void hand_on(struct work_stealing *scheduler)
{
    /* begin 12.11: is the driver free? Then somebody who sleeps is the deputy
     */
    if (driver_slot_is_free(&scheduler->slot))
        idle_appoint(&scheduler->idle);
    /* end 12.11: (void)scheduler; */
}

static void fall_asleep(struct worker *worker)
{
    struct work_stealing *scheduler = worker->branch.scheduler;

    worker->is_asleep = true;
    /* begin 12.11: among the sleepers; if nobody searches then, look once more,
     * and wake somebody (it may be this one) if there is anything */
    if (idle_fall_asleep(&scheduler->idle, &worker->sleeper,
                         worker->is_searching) &&
        is_anything_queued(scheduler))
        idle_notify(&scheduler->idle);
    sleep_until_wanted(worker);
    /* end 12.11: (void)scheduler, (void)is_anything_queued;
    (void)has_own, (void)is_finished; */
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
    /* begin 12.12: a budget, but not for the second and third turn in a row out
     * of the slot */
    if (worker->lifo_row <= 1)
        budget_begin(BUDGET_TURN);
    /* end 12.12 */
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
