/* line_server.c - says every line in capitals, until Ctrl-C.
 *
 *     line_server [PORT]        and then:  nc 127.0.0.1 PORT
 *
 * A connection is a stream of lines that is forwarded into a sink for lines,
 * with a map in between. Whoever sends a line of more than LINE_LIMIT bytes, or
 * something that is no text, is closed, and the server says why; but first it
 * answers the lines before. So is who is silent, leaves a line unfinished or
 * takes no answers for too long (patient.h). */
#include "chapters/06_reactor/linger.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/timeout.h"
#include "chapters/10_stream/demos/patient.h"
#include "chapters/10_stream/forward.h"
#include "chapters/10_stream/framed.h"
#include "chapters/10_stream/map.h"

#include "chapters/common/arguments.h"
#include "chapters/common/container_of.h"
#include "chapters/common/log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <async_macros.h>

enum {
    LINE_LIMIT = 80,
    LINGER_SECONDS = 5,
};

struct line_task {
    struct async async;
    struct acceptor *acceptor;
    struct socket socket;
    struct codec codec;
    struct framed_reader reader;
    struct patient_lines patient;
    struct stream_map map;
    struct framed_writer writer;
    struct patient_sink sink;
    struct stream_forward forward;
    struct frame read_room, room;
    unsigned char line[LINE_LIMIT];
    struct socket_linger linger;
    struct timeout timeout;
};

static struct log report;

static void in_capitals(void *data, void *in, void *out)
{
    struct line_task *task = data;
    struct frame *from = in, *to = out;

    for (size_t i = 0; i < from->size; i++)
        task->line[i] = (unsigned char)toupper(from->bytes[i]);
    *to = (struct frame){task->line, from->size};
}

static struct timer *timer_of(const struct line_task *task)
{
    struct runtime *runtime = task->acceptor->options.data;

    return &runtime->timer;
}

/* Reader, map, writer and forward, one around the other. */
static int connect_all(struct line_task *task)
{
    line_codec_init(&task->codec, LINE_LIMIT);
    int error = framed_reader_init(&task->reader, &task->socket, &task->codec);

    if (error < 0)
        return error;
    error = framed_writer_init(&task->writer, &task->socket, &task->codec, 4);
    if (error < 0) {
        stream_drop(&task->reader.base);
        return error;
    }
    patient_lines_init(&task->patient, &task->reader, timer_of(task));
    patient_sink_init(&task->sink, &task->writer, timer_of(task));
    stream_map_init(&task->map, &task->patient.base, &frame_type, in_capitals,
                    task, &task->read_room);
    stream_forward_init(&task->forward, &task->map.base, &task->sink.base,
                        &task->room);
    return 0;
}

static void tell(int error)
{
    log_line(&report, "a connection ended: %s", strerror(-error));
}

static void begin_linger(struct line_task *task)
{
    socket_linger_init(&task->linger, &task->socket);
    timeout_init(&task->timeout, timer_of(task), &task->linger.io.base,
                 SECONDS(LINGER_SECONDS));
}

static enum poll line_body(struct async *self, struct context *cx)
{
    struct line_task *task = container_of(self, struct line_task, async);

    ASYNC(self);
    if (connect_all(task) < 0)
        ASYNC_RETURN(-1);
    AWAIT(&task->forward.base);
    if (self->base.result < 0)
        tell(self->base.result); /* of the socket, or it takes nothing */
    if (self->base.result < 0 || task->patient.error == 0)
        ASYNC_RETURN(0);
    tell(task->patient.error); /* and every answer before is on its way */
    begin_linger(task);
    AWAIT(&task->timeout.base);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void line_cleanup(struct async *self)
{
    struct line_task *task = container_of(self, struct line_task, async);

    socket_close(&task->socket);
    acceptor_ended(task->acceptor);
}

static void line_make(void *frame, struct acceptor *acceptor,
                      struct socket socket)
{
    static const struct async_function function = {ASYNC_OPS, line_body,
                                                   line_cleanup};
    struct line_task *task = frame;

    *task = (struct line_task){.acceptor = acceptor, .socket = socket};
    async_init(&task->async, &function);
}

int main(int count, char **arguments)
{
    struct runtime runtime;
    struct acceptor_options options = {
        .port = port_argument(count, arguments),
        .size = sizeof(struct line_task),
        .make = line_make,
        .data = &runtime,
    };
    int error = runtime_init(&runtime);

    if (error == 0) {
        log_start(&report, STDOUT_FILENO);
        error = serve_on(&runtime.executor, &runtime.reactor, &options);
        log_end(&report);
        timer_end(&runtime.timer);
        reactor_end(&runtime.reactor);
    }
    if (error < 0)
        fprintf(stderr, "line_server: %s\n", strerror(-error));
    return error < 0;
}
