/* pool_cost.c - the same tasks on one thread and on pools: what does it cost?
 *
 *     pool_cost
 *
 * Three loads. "spawn, join": four tasks each spawn children that do nothing, a
 * hundred at a time, and join them. "yield": a hundred tasks that give up
 * their turns. "work, yield": they work for two microseconds first. Each runs
 * on an executor, and on pools of 1, 2 and 4 workers; all of them by the same
 * code, which knows a spawner and nothing else.
 *
 * For the lock, this program has a pthread_mutex_lock() of its own, in front of
 * libc's: it tries the lock first, and measures what a failure costs. */
#include "chapters/11_threads/cpus.h"
#include "chapters/11_threads/demos/load.h"

#include <dlfcn.h>
#include <stdatomic.h>

enum {
    WORKS = 200,   /* of each, if there is work to do in between */
    ROUNDS = 2500, /* of work: some two microseconds */
    PASSES = 7,    /* the best is printed */
};

/* The lock, measured. */
static atomic_ulong locks, taken, waited; /* waited: ns */

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static _Atomic(void *) libc;
    void *next = atomic_load(&libc);
    int error = pthread_mutex_trylock(mutex);

    atomic_fetch_add_explicit(&locks, 1, memory_order_relaxed);
    if (error == 0)
        return 0;
    if (next == NULL) {
        next = dlsym(RTLD_NEXT, "pthread_mutex_lock");
        atomic_store(&libc, next);
    }
    double start = now(CLOCK_MONOTONIC);

    error = ((int (*)(pthread_mutex_t *))next)(mutex);
    atomic_fetch_add_explicit(&waited,
                              (unsigned long)(now(CLOCK_MONOTONIC) - start),
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    return error;
}

static int start_workers(struct spawner *spawner, struct join_handle *handles)
{
    return spawn_yielders(spawner, handles, WORKS, ROUNDS);
}

struct cost {
    double wall, cpu; /* ns */
    unsigned long parks, locks, taken, waited;
};

/* workers 0: on an executor. */
static struct cost measure(load_start *start, unsigned workers)
{
    struct cost cost = {0};

    atomic_store(&locks, 0), atomic_store(&taken, 0), atomic_store(&waited, 0);
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    if (workers == 0)
        run_on_executor(start);
    else
        cost.parks = run_on_pool(start, workers);
    cost.wall = now(CLOCK_MONOTONIC) - wall;
    cost.cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    cost.locks = atomic_load(&locks);
    cost.taken = atomic_load(&taken);
    cost.waited = atomic_load(&waited);
    return cost;
}

static void print_best(const char *name, load_start *start, unsigned workers,
                       double each)
{
    struct cost best = measure(start, workers);

    for (int pass = 1; pass < PASSES; pass++) {
        struct cost cost = measure(start, workers);

        if (cost.wall < best.wall)
            best = cost;
    }
    printf("  %-10s %6.0f %6.0f %9.3f %7.1f %7.1f %% %7.0f\n", name,
           best.wall / each, best.cpu / each, (double)best.parks / each,
           (double)best.locks / each,
           best.locks > 0 ? 100.0 * (double)best.taken / (double)best.locks : 0,
           (double)best.waited / each);
}

static void compare(const char *title, load_start *start, double each)
{
    printf("%s\n", title);
    print_best("executor", start, 0, each);
    print_best("1 worker", start, 1, each);
    print_best("2 workers", start, 2, each);
    print_best("4 workers", start, 4, each);
}

int main(void)
{
    printf("%u processor(s); for each task, or each turn:\n", cpus_available());
    printf("             wall    CPU     parks   locks   taken    waited\n");
    printf("               ns     ns                              ns\n");
    compare("spawn, join", start_parents, (double)PARENTS * BATCH * BATCHES);
    compare("yield", start_yielders, (double)YIELDERS * (YIELDS + 1));
    compare("work, yield", start_workers, (double)YIELDERS * (WORKS + 1));
    return 0;
}
