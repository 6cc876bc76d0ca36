/* throttle.h - not too fast, and not too slow.
 *
 *   H1  stream_throttle: after each item the stream inside is left alone for
 *       `duration`, counted from when the item was given, however late that
 *       was. Nothing is taken meanwhile: who sends waits (S1).
 *   H2  stream_timeout: ends with -ETIMEDOUT when somebody has waited for an
 *       item for `duration`. Time counts from the poll that finds none, and
 *       anew for each item. An item that is there counts, also if the time is
 *       up. The stream inside is dropped in the poll that is too late.
 *   H3  Nothing is left in the timer after the end or a drop, nor when nobody
 *       waits.
 *
 * Rust: tokio_stream's throttle and timeout. That timeout, of tokio-stream
 * 0.1.19, goes on after an error, and counts from when it was made, or from the
 * last item: made 50 ms ago with a limit of 10 ms, its first poll is an error.
 * A slow consumer is punished there; here time counts while somebody waits. */
#ifndef CHAPTERS_STREAM_THROTTLE_H
#define CHAPTERS_STREAM_THROTTLE_H

#include "chapters/07_timer/sleep.h"
#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stream_throttle {
    struct stream base;
    struct stream *inner;
    struct timer *timer;
    int64_t duration;
    bool is_resting; /* the sleep is under way */
    struct sleep sleep;
};

struct stream_timeout {
    struct stream base;
    struct stream *inner;
    struct timer *timer;
    int64_t duration;
    bool is_waiting; /* the sleep is under way */
    struct sleep sleep;
};

void stream_throttle_init(struct stream_throttle *throttle,
                          struct stream *inner, struct timer *timer,
                          int64_t duration);
void stream_timeout_init(struct stream_timeout *timeout, struct stream *inner,
                         struct timer *timer, int64_t duration);

#ifdef __cplusplus
}
#endif

#endif
