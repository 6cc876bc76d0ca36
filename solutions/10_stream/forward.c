/* forward.c - a place first, and an item then. */
#include "chapters/10_stream/forward.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static void forward_drop(struct future *self)
{
    struct stream_forward *forward =
        container_of(self, struct stream_forward, base.base);

    /* begin 10.10: both, if they are there still */
    stream_child_drop(&forward->stream);
    if (forward->sink != NULL)
        sink_drop(forward->sink);
    forward->sink = NULL;
    /* end 10.10: (void)forward; */
}

static enum poll forward_end(struct stream_forward *forward, int result)
{
    forward->base.result = result;
    forward_drop(&forward->base.base);
    return POLL_READY;
}

/* The stream has ended, with `base.result`. */
static enum poll forward_close(struct stream_forward *forward,
                               struct context *cx)
{
    /* begin 10.10: after an error: flush what was sent before it, and whatever
     * comes of that, the error is the result. Else the result of the close is
     * the result of all */
    if (forward->base.result < 0) {
        if (sink_poll_flush(forward->sink, cx) == POLL_PENDING)
            return POLL_PENDING;
        return forward_end(forward, forward->base.result);
    }
    if (sink_poll_close(forward->sink, cx) == POLL_PENDING)
        return POLL_PENDING;
    return forward_end(forward, forward->sink->result);
    /* end 10.10: (void)forward, (void)forward_end;
    return POLL_PENDING; */
}

/* The stream has nothing now. */
static enum poll forward_flush(struct stream_forward *forward,
                               struct context *cx)
{
    /* begin 10.10: flush; an error is the end, and nothing else is */
    if (sink_poll_flush(forward->sink, cx) == POLL_READY &&
        forward->sink->result < 0)
        return forward_end(forward, forward->sink->result);
    /* end 10.10: (void)forward; */
    return POLL_PENDING;
}

/* The stream has ended. */
static enum poll forward_ended(struct stream_forward *forward,
                               struct context *cx)
{
    /* begin 10.10: keep its result, drop it, and close */
    forward->base.result = forward->stream->result;
    stream_child_drop(&forward->stream);
    /* end 10.10 */
    return forward_close(forward, cx);
}

static enum poll forward_poll(struct future *self, struct context *cx)
{
    struct stream_forward *forward =
        container_of(self, struct stream_forward, base.base);

    /* begin 10.10: without a stream: close. Else FOLD_STREAK times at most: a
     * place, an item, send. A sink that is not ready or fails is the end of the
     * poll; so is a stream that is pending (flush) or has ended. Then give up
     * the turn */
    if (forward->stream == NULL)
        return forward_close(forward, cx);
    for (int i = 0; i < FOLD_STREAK; i++) {
        if (sink_poll_ready(forward->sink, cx) == POLL_PENDING)
            return POLL_PENDING;
        if (forward->sink->result < 0)
            return forward_end(forward, forward->sink->result);
        enum stream_poll poll =
            stream_poll_next(forward->stream, cx, forward->room);

        if (poll == STREAM_PENDING)
            return forward_flush(forward, cx);
        if (poll == STREAM_END)
            return forward_ended(forward, cx);
        int error = sink_send(forward->sink, forward->room);

        if (error < 0)
            return forward_end(forward, error);
    }
    waker_wake_by_ref(cx->waker);
    /* end 10.10: (void)forward, (void)forward_flush, (void)forward_ended; */
    return POLL_PENDING;
}

void stream_forward_init(struct stream_forward *forward, struct stream *stream,
                         struct sink *sink, void *room)
{
    static const struct future_ops ops = {forward_poll, forward_drop};

    *forward = (struct stream_forward){{{&ops}, 0}, stream, sink, room};
}
