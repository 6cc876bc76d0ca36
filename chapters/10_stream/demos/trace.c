/* trace.c - three ticks of an interval, each of them asked for.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * One task folds interval.take(TICKS). With the last tick the take drops the
 * interval, and all is over in that poll. Recorded, a run becomes the figure in
 * the lesson: with more than three ticks nobody could read it. */
#include "chapters/07_timer/runtime.h"
#include "chapters/10_stream/fold.h"
#include "chapters/10_stream/source.h"
#include "chapters/10_stream/take.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <async_macros.h>

enum {
    TICKS = 3
};

struct ticker {
    struct async async;
    struct interval interval;
    int64_t start;
    struct interval_stream ticks;
    struct stream_take take;
    struct stream_fold fold;
    int64_t room;
};

static int print_tick(void *state, void *item)
{
    struct ticker *ticker = state;

    printf("tick %lld ms\n",
           (long long)((*(int64_t *)item - ticker->start) / MILLISECONDS(1)));
    return 0;
}

static enum poll ticker_body(struct async *self, struct context *cx)
{
    struct ticker *ticker = container_of(self, struct ticker, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, "ticker");
    interval_stream_init(&ticker->ticks, &ticker->interval);
    stream_take_init(&ticker->take, &ticker->ticks.base, TICKS);
    stream_fold_init(&ticker->fold, &ticker->take.base, print_tick, ticker,
                     &ticker->room);
    AWAIT(&ticker->fold.base);
    printf("that was all\n");
    ASYNC_RETURN(0);
    ASYNC_END;
}

int main(void)
{
    static const struct async_function function = {ASYNC_OPS, ticker_body,
                                                   NULL};
    struct ticker ticker = {0};
    struct runtime runtime;

    if (runtime_init(&runtime) < 0)
        return 1;
    interval_init(&ticker.interval, &runtime.timer, MILLISECONDS(2),
                  INTERVAL_BURST);
    ticker.start = ticker.interval.due;
    async_init(&ticker.async, &function);
    if (executor_spawn(&runtime.executor, &ticker.async.base, sizeof ticker,
                       NULL) < 0)
        return 1;
    executor_run(&runtime.executor);
    runtime_end(&runtime);
    return 0;
}
