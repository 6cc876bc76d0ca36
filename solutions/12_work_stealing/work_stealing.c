/* work_stealing.c - how the workers come and go, and who talks to them. */
#include "chapters/12_work_stealing/work_stealing.h"

#include "chapters/11_threads/cpus.h"
#include "chapters/12_work_stealing/worker.h"
#include "chapters/common/container_of.h"
#include "chapters/common/inside.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>

/* A wake or a spawn from outside: see pool_schedule() for the visit. */
static void inject(struct work_stealing *scheduler, struct task *task)
{
    visits_begin(&scheduler->visits);
    injector_push(&scheduler->injector, task);
    idle_notify(&scheduler->idle);
    visits_end(&scheduler->visits);
}

static void schedule(struct work_stealing *scheduler, struct task *task)
{
    struct worker *worker = worker_here(scheduler);

    if (worker != NULL)
        worker_schedule(worker, task);
    else
        inject(scheduler, task);
}

static void branch_schedule(struct scheduler *self, struct task *task)
{
    schedule(container_of(self, struct branch, home.scheduler)->scheduler,
             task);
}

static const struct scheduler_ops branch_scheduler = {
    branch_schedule,
    home_ref,
    home_unref,
};

static void branch_init(struct branch *branch, struct work_stealing *scheduler)
{
    home_init(&branch->home, &branch_scheduler);
    branch->scheduler = scheduler;
}

static int spawner_spawn_here(struct spawner *self,
                              const struct int_future *future, size_t size,
                              struct join_handle *handle)
{
    return work_stealing_spawn(
        container_of(self, struct work_stealing, spawner), future, size,
        handle);
}

static const struct spawner_ops spawner_ops = {spawner_spawn_here};

int work_stealing_spawn(struct work_stealing *scheduler,
                        const struct int_future *future, size_t size,
                        struct join_handle *handle)
{
    struct worker *worker = worker_here(scheduler);
    struct branch *branch =
        worker != NULL ? &worker->branch : scheduler->outside;
    struct task *task = task_create(&branch->home.scheduler, future, size);
    int error;

    if (task == NULL)
        return -ENOMEM;
    error = home_adopt(&branch->home, task);
    if (error < 0) {
        task_unref(task);
        return error;
    }
    if (handle != NULL)
        join_handle_init(handle, task);
    schedule(scheduler, task);
    return 0;
}

const struct metrics *
work_stealing_metrics(const struct work_stealing *scheduler, unsigned index)
{
    return &scheduler->workers[index].metrics;
}

static void worker_init(struct worker *worker, struct work_stealing *scheduler)
{
    *worker =
        (struct worker){.random = 1 + (uint32_t)(worker - scheduler->workers)};
    branch_init(&worker->branch, scheduler);
    local_queue_init(&worker->queue);
    list_init(&worker->sleeper.link);
    bed_init(&worker->sleeper.bed, &scheduler->slot);
}

/* Waits for the first `count` threads. */
static void join(struct work_stealing *scheduler, unsigned count)
{
    while (count > 0)
        pthread_join(scheduler->workers[--count].thread, NULL);
}

void work_stealing_release(struct work_stealing *scheduler)
{
    for (unsigned i = 0; i < scheduler->count; i++)
        home_end(&scheduler->workers[i].branch.home);
    home_end(&scheduler->outside->home);
    driver_slot_end(&scheduler->slot);
    idle_end(&scheduler->idle);
    injector_end(&scheduler->injector);
    free(scheduler->outside);
    free(scheduler->workers);
}

/* Starts the threads: 0 or -EAGAIN; then none runs. */
static int start(struct work_stealing *scheduler)
{
    for (unsigned i = 0; i < scheduler->count; i++) {
        struct worker *worker = &scheduler->workers[i];

        if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0) {
            /* Relaxed: as in worker_finish_homes(). */
            atomic_store_explicit(&scheduler->is_finished, true,
                                  memory_order_relaxed);
            idle_notify_all(&scheduler->idle);
            join(scheduler, i);
            return -EAGAIN;
        }
    }
    return 0;
}

static int allocate(struct work_stealing *scheduler, unsigned workers)
{
    scheduler->workers =
        aligned_alloc(CACHE_APART, workers * sizeof *scheduler->workers);
    scheduler->outside = malloc(sizeof *scheduler->outside);
    if (scheduler->workers != NULL && scheduler->outside != NULL)
        return 0;
    free(scheduler->workers);
    free(scheduler->outside);
    return -ENOMEM;
}

int work_stealing_prepare(struct work_stealing *scheduler, unsigned workers,
                          struct driver *driver)
{
    int error;

    if (workers == 0)
        workers = cpus_available();
    if (workers > IDLE_MOST)
        return -EINVAL;
    *scheduler = (struct work_stealing){
        .spawner = {&spawner_ops},
        .count = workers,
    };
    error = allocate(scheduler, workers);
    if (error < 0)
        return error;
    injector_init(&scheduler->injector);
    idle_init(&scheduler->idle, workers);
    driver_slot_init(&scheduler->slot, driver);
    visits_init(&scheduler->visits);
    atomic_init(&scheduler->open, workers + 1);
    branch_init(scheduler->outside, scheduler);
    for (unsigned i = 0; i < workers; i++)
        worker_init(&scheduler->workers[i], scheduler);
    return 0;
}

int work_stealing_init(struct work_stealing *scheduler, unsigned workers,
                       struct driver *driver)
{
    int error = work_stealing_prepare(scheduler, workers, driver);

    if (error < 0)
        return error;
    error = start(scheduler);
    if (error < 0)
        work_stealing_release(scheduler);
    return error;
}

/* Every home is closed, and every task has its last turn. */
static void close_homes(struct work_stealing *scheduler)
{
    uint32_t empty = home_close(&scheduler->outside->home);

    for (unsigned i = 0; i < scheduler->count; i++)
        empty += home_close(&scheduler->workers[i].branch.home);
    worker_finish_homes(scheduler, empty);
}

void work_stealing_end(struct work_stealing *scheduler)
{
    inside_begin("work_stealing_end()");
    close_homes(scheduler);
    join(scheduler, scheduler->count);
    visits_wait(&scheduler->visits);
    work_stealing_release(scheduler);
    inside_end();
}
