/* two_jobs.c - five ticks, a channel, and two jobs at a time.
 *
 * ticker forwards interval.take(5) into a channel of one place, and ends.
 * worker makes a job of each tick, a sleep of five milliseconds, with two under
 * way at most. Ticks come faster than that: see them wait. */
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/sleep.h"
#include "chapters/10_stream/buffered.h"
#include "chapters/10_stream/channel_sink.h"
#include "chapters/10_stream/fold.h"
#include "chapters/10_stream/forward.h"
#include "chapters/10_stream/source.h"
#include "chapters/10_stream/take.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <async_macros.h>

struct ticker {
    struct async async;
    struct interval interval;
    struct channel_sender sender;
    struct interval_stream ticks;
    struct stream_take take;
    struct channel_sink sink;
    struct stream_forward forward;
    int64_t room;
};

static enum poll ticker_body(struct async *self, struct context *cx)
{
    struct ticker *ticker = container_of(self, struct ticker, async);

    ASYNC(self);
    interval_stream_init(&ticker->ticks, &ticker->interval);
    stream_take_init(&ticker->take, &ticker->ticks.base, 5);
    channel_sink_init(&ticker->sink, &ticker->sender);
    stream_forward_init(&ticker->forward, &ticker->take.base,
                        &ticker->sink.base, &ticker->room);
    AWAIT(&ticker->forward.base);
    printf("ticker: that was all\n");
    ASYNC_RETURN(0);
    ASYNC_END;
}

struct worker {
    struct async async;
    struct timer *timer;
    int64_t start;
    struct channel_receiver receiver;
    struct channel_stream ticks;
    struct stream_buffered jobs;
    struct stream_fold fold;
    int64_t room;
    int result;
};

static double milliseconds(const struct worker *worker, int64_t time)
{
    return (double)(time - worker->start) / 1e6;
}

static struct int_future *make_job(void *data, void *item, void *place)
{
    struct worker *worker = data;
    struct sleep *job = place;

    printf("worker: tick %2.0f, begun at %4.1f\n",
           milliseconds(worker, *(int64_t *)item),
           milliseconds(worker, timer_now(worker->timer)));
    sleep_init(job, worker->timer, MILLISECONDS(5));
    return &job->base;
}

static int job_done(void *state, void *item)
{
    struct worker *worker = state;

    (void)item;
    printf("worker: one done at  %4.1f\n",
           milliseconds(worker, timer_now(worker->timer)));
    return 0;
}

static enum poll worker_body(struct async *self, struct context *cx)
{
    struct worker *worker = container_of(self, struct worker, async);
    struct buffered_options options = {.limit = 2,
                                       .size = sizeof(struct sleep),
                                       .make = make_job,
                                       .data = worker,
                                       .room = &worker->room};

    ASYNC(self);
    channel_stream_init(&worker->ticks, &worker->receiver);
    if (stream_buffer_unordered_init(&worker->jobs, &worker->ticks.base,
                                     &options) < 0)
        ASYNC_RETURN(-1);
    stream_fold_init(&worker->fold, &worker->jobs.base, job_done, worker,
                     &worker->result);
    AWAIT(&worker->fold.base);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static int spawn_both(struct runtime *runtime)
{
    static const struct async_function ticker_function = {ASYNC_OPS,
                                                          ticker_body, NULL};
    static const struct async_function worker_function = {ASYNC_OPS,
                                                          worker_body, NULL};
    static const struct item_type tick = {sizeof(int64_t), NULL};
    struct ticker ticker = {0};
    struct worker worker = {.timer = &runtime->timer,
                            .start = timer_now(&runtime->timer)};

    if (channel_create(&ticker.sender, &worker.receiver, &tick, 1) < 0)
        return -1;
    interval_init(&ticker.interval, &runtime->timer, MILLISECONDS(2),
                  INTERVAL_BURST);
    async_init(&ticker.async, &ticker_function);
    async_init(&worker.async, &worker_function);
    if (executor_spawn(&runtime->executor, &ticker.async.base, sizeof ticker,
                       NULL) < 0)
        return -1;
    return executor_spawn(&runtime->executor, &worker.async.base, sizeof worker,
                          NULL);
}

int main(void)
{
    struct runtime runtime;

    if (runtime_init(&runtime) < 0 || spawn_both(&runtime) < 0) {
        fprintf(stderr, "two_jobs: no memory, or no descriptors\n");
        return 1;
    }
    executor_run(&runtime.executor);
    runtime_end(&runtime);
    return 0;
}
