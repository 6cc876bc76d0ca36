/* trace.c - one block_on and two threads that it waits for, for the figure.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * Two threads work for a while, each on its own; the main thread joins both
 * with one block_on() and sleeps in between. */
#include "chapters/02_future/join.h"
#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/completion.h"
#include "chapters/common/container_of.h"

#include <stdio.h>
#include <time.h>

struct worker {
    const char *name;
    long milliseconds; /* of work, which is a sleep here */
    pthread_t thread;
    struct completion done;
    struct completion_wait wait;
};

/* block_on() wants a result: the sum of all. */
struct sum {
    struct int_future base;
    struct join join;
    struct worker *workers;
};

static void *worker_run(void *data)
{
    struct worker *worker = data;
    struct timespec time = {0, worker->milliseconds * 1000000};

    trace(TRACE_NAME, NULL, NULL, worker->name);
    trace(TRACE_BEGIN, NULL, NULL, "works");
    nanosleep(&time, NULL);
    trace(TRACE_END, NULL, NULL, NULL);
    completion_set(&worker->done, (int)worker->milliseconds);
    return NULL;
}

static int worker_start(struct worker *worker, const char *name, long work)
{
    worker->name = name;
    worker->milliseconds = work;
    completion_init(&worker->done);
    completion_wait_init(&worker->wait, &worker->done);
    trace(TRACE_NAME, &worker->wait, NULL, name);
    return pthread_create(&worker->thread, NULL, worker_run, worker);
}

static enum poll sum_poll(struct future *self, struct context *cx)
{
    struct sum *sum = container_of(self, struct sum, base.base);

    if (future_poll(&sum->join.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    sum->base.result =
        sum->workers[0].wait.base.result + sum->workers[1].wait.base.result;
    return POLL_READY;
}

static void sum_drop(struct future *self)
{
    future_drop(&container_of(self, struct sum, base.base)->join.base);
}

static const struct future_ops sum_ops = {sum_poll, sum_drop};

int main(void)
{
    struct worker workers[2];
    struct int_future *waits[] = {&workers[0].wait.base, &workers[1].wait.base};
    struct sum sum = {.base = {{&sum_ops}, 0}, .workers = workers};

    trace(TRACE_NAME, NULL, NULL, "main");
    join_init(&sum.join, waits, 2);
    trace(TRACE_NAME, &sum, NULL, "sum");
    trace(TRACE_NAME, &sum.join, NULL, "join");
    if (worker_start(&workers[0], "quick", 5) != 0 ||
        worker_start(&workers[1], "slow", 40) != 0) {
        fprintf(stderr, "trace: no thread\n");
        return 1;
    }
    int result = block_on(&sum.base);

    printf("%d ms of work\n", result < 0 ? 0 : result);
    for (int i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
        completion_end(&workers[i].done);
    }
    return result < 0;
}
