/* shared_counter.c - one number, four tasks, one thread or two.
 *
 *     shared_counter
 *
 * Each task adds one to the same number, again and again, with no await between
 * read and write: on one thread that is enough. On two it is not, unless the
 * number is atomic, or a lock is held. What adding costs is said, too. */
#include "chapters/03_waker/block_on.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/yield.h"
#include "chapters/11_threads/pool.h"

#include "chapters/common/container_of.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <async_macros.h>

enum {
    TASKS = 4,
    TURNS = 200,   /* of each task */
    TIMES = 10000, /* that it adds one in a turn */
};

/* Read, add, write: what `number++` is, and yet defined in C (a plain
 * variable that two threads use at once is not). */
static atomic_long number;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void add_plainly(void)
{
    long value = atomic_load_explicit(&number, memory_order_relaxed);

    atomic_store_explicit(&number, value + 1, memory_order_relaxed);
}

static void add_atomically(void)
{
    atomic_fetch_add_explicit(&number, 1, memory_order_relaxed);
}

static void add_under_the_lock(void)
{
    pthread_mutex_lock(&lock);
    add_plainly();
    pthread_mutex_unlock(&lock);
}

struct adder {
    struct async async;
    void (*add)(void);
    int turns;
    struct yield yield;
};

static enum poll adder_body(struct async *self, struct context *cx)
{
    struct adder *adder = container_of(self, struct adder, async);

    ASYNC(self);
    for (; adder->turns > 0; adder->turns--) {
        for (int i = 0; i < TIMES; i++)
            adder->add();
        yield_init(&adder->yield);
        AWAIT(&adder->yield.base);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static double nanoseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void spawn_all(struct spawner *spawner, void (*add)(void),
                      struct join_handle *handles)
{
    static const struct async_function function = {ASYNC_OPS, adder_body, NULL};
    struct adder adder = {.add = add, .turns = TURNS};

    async_init(&adder.async, &function);
    for (int i = 0; i < TASKS; i++)
        if (spawner_spawn(spawner, &adder.async.base, sizeof adder,
                          &handles[i]) < 0)
            exit(1);
}

static void print(double start)
{
    double spent = nanoseconds() - start;
    long all = (long)TASKS * TURNS * TIMES, lost = all - atomic_load(&number);

    printf("  %8ld lost   %5.1f ns", lost, spent / (double)all);
    atomic_store(&number, 0);
}

static void on_one_thread(void (*add)(void))
{
    struct executor executor;
    struct join_handle handles[TASKS];

    if (executor_init(&executor) < 0)
        exit(1);
    double start = nanoseconds();

    spawn_all(&executor.spawner, add, handles);
    executor_run(&executor);
    print(start);
    for (int i = 0; i < TASKS; i++)
        future_drop(&handles[i].base.base);
    executor_end(&executor);
}

static void on_two_threads(void (*add)(void))
{
    struct pool pool;
    struct join_handle handles[TASKS];

    if (pool_init(&pool, 2) < 0)
        exit(1);
    double start = nanoseconds();

    spawn_all(&pool.spawner, add, handles);
    for (int i = 0; i < TASKS; i++)
        block_on(&handles[i].base);
    print(start);
    pool_end(&pool);
}

static void compare(const char *name, void (*add)(void))
{
    printf("  %-10s", name);
    on_one_thread(add);
    printf("   ");
    on_two_threads(add);
    printf("\n");
}

int main(void)
{
    printf("%d tasks add 1 to a number, %d times in all\n", TASKS,
           TASKS * TURNS * TIMES);
    printf("              one thread                 two workers\n");
    compare("plainly", add_plainly);
    compare("atomically", add_atomically);
    compare("locked", add_under_the_lock);
    return 0;
}
