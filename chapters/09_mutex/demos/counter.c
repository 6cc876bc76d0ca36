/* counter.c - ten tasks add to one number; and what a lock costs.
 *
 *     counter
 *
 * Each task adds one, a hundred times: it reads the number, lets the others
 * have a turn (as if it asked a data base), and writes. First without a lock,
 * then with one. Then nanoseconds: to lock and unlock with nobody there, and
 * with ten tasks that queue. */
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/yield.h"
#include "chapters/09_mutex/mutex.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <async_macros.h>

enum {
    TASKS = 10,
    TIMES = 100,
    ROUNDS = 1000000,     /* with nobody there */
    TASK_ROUNDS = 100000, /* of each task, in the queue */
};

struct shared {
    struct mutex mutex;
    bool locks;
    long value;
};

struct adder {
    struct async async;
    struct shared *shared;
    long times;
    long read;
    struct mutex_lock lock;
    struct yield yield;
};

static enum poll adder_body(struct async *self, struct context *cx)
{
    struct adder *adder = container_of(self, struct adder, async);

    ASYNC(self);
    for (; adder->times > 0; adder->times--) {
        if (adder->shared->locks) {
            mutex_lock_init(&adder->lock, &adder->shared->mutex, "adder");
            AWAIT(&adder->lock.base);
        }
        adder->read = adder->shared->value;
        yield_init(&adder->yield);
        AWAIT(&adder->yield.base);
        adder->shared->value = adder->read + 1;
        mutex_unlock(&adder->lock.guard);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void adder_cleanup(struct async *self)
{
    mutex_unlock(&container_of(self, struct adder, async)->lock.guard);
}

/* What ten tasks of `times` make of the number. */
static long count(bool locks, long times)
{
    static const struct async_function function = {ASYNC_OPS, adder_body,
                                                   adder_cleanup};
    struct shared shared = {.locks = locks};
    struct adder adder = {.shared = &shared, .times = times};
    struct executor executor;

    mutex_init(&shared.mutex, "number");
    if (executor_init(&executor) < 0)
        exit(1);
    async_init(&adder.async, &function);
    for (int i = 0; i < TASKS; i++)
        if (executor_spawn(&executor, &adder.async.base, sizeof adder, NULL) <
            0)
            exit(1);
    while (executor_try_turn(&executor))
        continue;
    if (executor.live > 0) { /* the mutex is not written yet, perhaps */
        printf("%zu tasks are left, and none has anything to do\n",
               executor.live);
        exit(1);
    }
    executor_end(&executor);
    mutex_end(&shared.mutex);
    return shared.value;
}

static double nanoseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* A waker that is never needed: nobody waits. */
static struct waker clone_nothing(void *data)
{
    (void)data;
    abort();
}

static void do_nothing(void *data)
{
    (void)data;
}

static double cost_of_mutex(void)
{
    static const struct waker_ops ops = {clone_nothing, do_nothing, do_nothing,
                                         do_nothing};
    struct waker waker = {&ops, NULL};
    struct context cx = {&waker};
    struct mutex mutex;
    struct mutex_lock lock;

    mutex_init(&mutex, "number");
    double start = nanoseconds();

    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock_init(&lock, &mutex, "main");
        if (future_poll(&lock.base.base, &cx) == POLL_PENDING)
            abort();
        mutex_unlock(&lock.guard);
        future_drop(&lock.base.base);
    }
    double spent = nanoseconds() - start;

    mutex_end(&mutex);
    return spent / ROUNDS;
}

static double cost_of_try_lock(void)
{
    struct mutex mutex;
    struct mutex_guard guard;

    mutex_init(&mutex, "number");
    double start = nanoseconds();

    for (int i = 0; i < ROUNDS; i++) {
        if (mutex_try_lock(&mutex, &guard, "main") < 0)
            abort();
        mutex_unlock(&guard);
    }
    double spent = nanoseconds() - start;

    mutex_end(&mutex);
    return spent / ROUNDS;
}

static double cost_of_pthread_mutex(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    double start = nanoseconds();

    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
    return (nanoseconds() - start) / ROUNDS;
}

/* Per lock, with everybody in the queue: a wake, a poll, and the yield's. */
static double cost_in_a_queue(bool locks)
{
    double start = nanoseconds();

    count(locks, TASK_ROUNDS);
    return (nanoseconds() - start) / TASK_ROUNDS / TASKS;
}

static pthread_mutex_t asleep = PTHREAD_MUTEX_INITIALIZER;

static void *sleep_until_the_end(void *nothing)
{
    pthread_mutex_lock(&asleep);
    pthread_mutex_unlock(&asleep);
    return nothing;
}

int main(void)
{
    pthread_t other;

    /* In a process of one thread glibc's locks leave the atomics out. Here is
     * a second thread, as in every program that needs locks of threads. */
    pthread_mutex_lock(&asleep);
    if (pthread_create(&other, NULL, sleep_until_the_end, NULL) != 0)
        return 1;
    printf("%d tasks add 1 to a number, %d times each\n", TASKS, TIMES);
    printf("  without a lock    %5ld\n", count(false, TIMES));
    printf("  with a mutex      %5ld\n", count(true, TIMES));
    printf("lock and unlock, with nobody there\n");
    printf("  mutex             %5.1f ns\n", cost_of_mutex());
    printf("  mutex, try_lock   %5.1f ns\n", cost_of_try_lock());
    printf("  pthread mutex     %5.1f ns\n", cost_of_pthread_mutex());
    printf("read, yield, write\n");
    printf("  without a lock    %5.1f ns\n", cost_in_a_queue(false));
    printf("  ten in the queue  %5.1f ns\n", cost_in_a_queue(true));
    pthread_mutex_unlock(&asleep);
    pthread_join(other, NULL);
    return 0;
}
