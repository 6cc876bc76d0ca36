/* limits.c - the same work with one, two, four, ... at a time.
 *
 * Sixty-four requests, each of which takes ten milliseconds of waiting, as a
 * stream through stream_concurrently(). What changes is the limit. */
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/sleep.h"
#include "chapters/10_stream/array_stream.h"
#include "chapters/10_stream/buffered.h"

#include <stdio.h>

enum {
    REQUESTS = 64
};

struct run {
    struct timer *timer;
    int alive;
    int most;
};

struct request {
    struct int_future base;
    struct run *run;
    struct sleep sleep;
};

static enum poll request_poll(struct future *self, struct context *cx)
{
    struct request *request = (struct request *)(void *)self;

    return future_poll(&request->sleep.base.base, cx);
}

static void request_drop(struct future *self)
{
    struct request *request = (struct request *)(void *)self;

    future_drop(&request->sleep.base.base);
    request->run->alive--;
}

static struct int_future *make_request(void *data, void *item, void *place)
{
    static const struct future_ops ops = {request_poll, request_drop};
    struct request *request = place;
    struct run *run = data;

    (void)item;
    *request = (struct request){.base = {{&ops}, 0}, .run = run};
    sleep_init(&request->sleep, run->timer, MILLISECONDS(10));
    if (++run->alive > run->most)
        run->most = run->alive;
    return &request->base;
}

/* The frame of a task is copied when it is spawned, and these futures point
 * into it: so what is spawned is only a pointer to them. */
struct lender {
    struct int_future base;
    struct int_future *lent;
};

static enum poll lender_poll(struct future *self, struct context *cx)
{
    struct lender *lender = (struct lender *)(void *)self;

    return future_poll(&lender->lent->base, cx);
}

static void lender_drop(struct future *self)
{
    future_drop(&((struct lender *)(void *)self)->lent->base);
}

static int run_with(struct runtime *runtime, size_t limit)
{
    static const struct future_ops ops = {lender_poll, lender_drop};
    static const struct item_type number = {sizeof(int), NULL};
    struct run run = {.timer = &runtime->timer};
    struct array_stream requests;
    struct stream_concurrently all;
    int numbers[REQUESTS] = {0}, room;
    struct buffered_options options = {limit, sizeof(struct request),
                                       make_request, &run, &room};
    int64_t start = timer_now(&runtime->timer);
    unsigned long polls = runtime->executor.polls;

    array_stream_init(&requests, &number, numbers, REQUESTS);
    if (stream_concurrently_init(&all, &requests.base, &options) < 0)
        return -1;
    struct lender lender = {{{&ops}, 0}, &all.base};

    if (executor_spawn(&runtime->executor, &lender.base, sizeof lender, NULL) <
        0)
        return -1;
    executor_run(&runtime->executor);
    printf("%5zu %10d %8.0f ms %8lu\n", limit, run.most,
           (double)(timer_now(&runtime->timer) - start) / 1e6,
           runtime->executor.polls - polls);
    return 0;
}

int main(void)
{
    struct runtime runtime;

    if (runtime_init(&runtime) < 0)
        return 1;
    printf("limit most alive        time    polls\n");
    for (size_t limit = 1; limit <= REQUESTS; limit *= 2) {
        if (run_with(&runtime, limit) < 0)
            return 1;
    }
    runtime_end(&runtime);
    return 0;
}
