/* forward.c - a place first, and an item then. */
#include "chapters/10_stream/forward.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static void forward_drop(struct future *self)
{
    struct stream_forward *forward =
        container_of(self, struct stream_forward, base.base);

    /* TODO(10.10): both, if they are there still */
    TODO(10.10);
    (void)forward;
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
    /* TODO(10.10): after an error: flush what was sent before it, and
     * whatever comes of that, the error is the result. Else the result of
     * the close is the result of all */
    TODO(10.10);
    (void)forward, (void)forward_end;
    return POLL_PENDING;
}

/* The stream has nothing now. */
static enum poll forward_flush(struct stream_forward *forward,
                               struct context *cx)
{
    /* TODO(10.10): flush; an error is the end, and nothing else is */
    TODO(10.10);
    (void)forward;
    return POLL_PENDING;
}

/* The stream has ended. */
static enum poll forward_ended(struct stream_forward *forward,
                               struct context *cx)
{
    /* TODO(10.10): keep its result, drop it, and close */
    TODO(10.10);
    return forward_close(forward, cx);
}

static enum poll forward_poll(struct future *self, struct context *cx)
{
    struct stream_forward *forward =
        container_of(self, struct stream_forward, base.base);

    /* TODO(10.10): without a stream: close. Else FOLD_STREAK times at most:
     * a place, an item, send. A sink that is not ready or fails is the end
     * of the poll; so is a stream that is pending (flush) or has ended.
     * Then give up the turn */
    TODO(10.10);
    (void)forward, (void)forward_flush, (void)forward_ended;
    return POLL_PENDING;
}

void stream_forward_init(struct stream_forward *forward, struct stream *stream,
                         struct sink *sink, void *room)
{
    static const struct future_ops ops = {forward_poll, forward_drop};

    *forward = (struct stream_forward){{{&ops}, 0}, stream, sink, room};
}
