/* patient.h - a stream of lines and a sink for them, each for so long.
 *
 *   U1  patient_lines gives the lines of a framed_reader. It ends when they
 *       end, and always with 0: so what was made of the lines before is still
 *       flushed (W3 of forward.h). `error` says what the end was.
 *   U2  One of its ends is -ETIMEDOUT: nothing has come for IDLE_SECONDS, or a
 *       line that has begun is not whole after LINE_SECONDS. A byte now and
 *       then wins no time.
 *   U3  patient_sink hands all to a framed_writer. When bytes lie there and
 *       cannot all be written for TAKE_SECONDS, that is the error -ETIMEDOUT.
 *
 * Each owns what is inside. The deadlines are one sleep each, which is asked
 * only when there is something to wait for. */
#ifndef CHAPTERS_STREAM_PATIENT_H
#define CHAPTERS_STREAM_PATIENT_H

#include "chapters/07_timer/sleep.h"
#include "chapters/10_stream/framed.h"
#include "chapters/common/container_of.h"

#include <errno.h>
#include <stdbool.h>

enum {
    IDLE_SECONDS = 60, /* somebody types */
    LINE_SECONDS = 10,
    TAKE_SECONDS = 10,
};

/* A time that runs while something is waited for. */
struct running {
    struct timer *timer;
    struct sleep sleep;
    bool is_running;
};

static inline void running_stop(struct running *running)
{
    if (running->is_running)
        future_drop(&running->sleep.base.base);
    running->is_running = false;
}

/* Runs from the first call on. True if the time is up; else the task is woken
 * when it is. */
static inline bool running_is_over(struct running *running, int64_t duration,
                                   struct context *cx)
{
    if (!running->is_running)
        sleep_init(&running->sleep, running->timer, duration);
    running->is_running = true;
    return future_poll(&running->sleep.base.base, cx) == POLL_READY;
}

/* ----------------------------------------------------------------- lines */

struct patient_lines {
    struct stream base;
    struct framed_reader *reader;
    struct running running;
    bool has_begun; /* the time is that of a line */
    int error;
};

static inline enum stream_poll patient_end(struct patient_lines *lines,
                                           int error)
{
    lines->error = error;
    running_stop(&lines->running);
    return stream_end(&lines->base, 0);
}

static inline enum stream_poll patient_poll_next(struct stream *self,
                                                 struct context *cx, void *item)
{
    struct patient_lines *lines =
        container_of(self, struct patient_lines, base);
    enum stream_poll poll = stream_poll_next(&lines->reader->base, cx, item);
    bool has_begun = lines->reader->end > lines->reader->begin;

    if (poll == STREAM_END)
        return patient_end(lines, lines->reader->base.result);
    if (poll == STREAM_ITEM || has_begun != lines->has_begun)
        running_stop(&lines->running);
    lines->has_begun = has_begun;
    if (poll == STREAM_PENDING &&
        running_is_over(&lines->running,
                        SECONDS(has_begun ? LINE_SECONDS : IDLE_SECONDS), cx))
        return patient_end(lines, -ETIMEDOUT);
    return poll;
}

static inline void patient_lines_drop(struct stream *self)
{
    struct patient_lines *lines =
        container_of(self, struct patient_lines, base);

    running_stop(&lines->running);
    stream_drop(&lines->reader->base);
}

static inline void patient_lines_init(struct patient_lines *lines,
                                      struct framed_reader *reader,
                                      struct timer *timer)
{
    static const struct stream_ops ops = {patient_poll_next,
                                          patient_lines_drop};

    *lines = (struct patient_lines){.base = {&ops, &frame_type, 0},
                                    .reader = reader,
                                    .running = {.timer = timer}};
}

/* ------------------------------------------------------------------ sink */

struct patient_sink {
    struct sink base;
    struct framed_writer *writer;
    struct running running;
};

/* What the writer has said to one of the three. */
static inline enum poll patient_said(struct patient_sink *sink, enum poll poll,
                                     struct context *cx)
{
    if (sink->writer->end == 0)
        running_stop(&sink->running); /* all is written */
    if (poll == POLL_READY)
        return sink_ready(&sink->base, sink->writer->base.result);
    if (running_is_over(&sink->running, SECONDS(TAKE_SECONDS), cx))
        return sink_ready(&sink->base, -ETIMEDOUT);
    return POLL_PENDING;
}

static inline struct patient_sink *patient_sink_of(struct sink *self)
{
    return container_of(self, struct patient_sink, base);
}

static inline enum poll patient_ready(struct sink *self, struct context *cx)
{
    struct patient_sink *sink = patient_sink_of(self);

    return patient_said(sink, sink_poll_ready(&sink->writer->base, cx), cx);
}

static inline int patient_send(struct sink *self, void *item)
{
    return sink_send(&patient_sink_of(self)->writer->base, item);
}

static inline enum poll patient_flush(struct sink *self, struct context *cx)
{
    struct patient_sink *sink = patient_sink_of(self);

    return patient_said(sink, sink_poll_flush(&sink->writer->base, cx), cx);
}

static inline enum poll patient_close(struct sink *self, struct context *cx)
{
    struct patient_sink *sink = patient_sink_of(self);

    return patient_said(sink, sink_poll_close(&sink->writer->base, cx), cx);
}

static inline void patient_sink_drop(struct sink *self)
{
    struct patient_sink *sink = patient_sink_of(self);

    running_stop(&sink->running);
    sink_drop(&sink->writer->base);
}

static inline void patient_sink_init(struct patient_sink *sink,
                                     struct framed_writer *writer,
                                     struct timer *timer)
{
    static const struct sink_ops ops = {patient_ready, patient_send,
                                        patient_flush, patient_close,
                                        patient_sink_drop};

    *sink = (struct patient_sink){.base = {&ops, &frame_type, 0},
                                  .writer = writer,
                                  .running = {.timer = timer}};
}

#endif
