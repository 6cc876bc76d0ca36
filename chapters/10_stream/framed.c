/* framed.c - bytes in, frames out; frames in, bytes out. */
#include "chapters/10_stream/framed.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct item_type frame_type = {sizeof(struct frame), NULL};

/* ---------------------------------------------------------------- reader */

static struct framed_reader *reader_of(struct stream *self)
{
    return container_of(self, struct framed_reader, base);
}

/* Begins a read, behind what is there. */
static void read_begin(struct framed_reader *reader)
{
    size_t length = reader->end - reader->begin;

    /* TODO(10.12): move what is there to the front first, if it is not
     * there: then there is room */
    TODO(10.12);
    (void)length;
    socket_read_init(&reader->read, reader->socket, reader->bytes + reader->end,
                     codec_most(reader->codec) - reader->end);
    reader->is_reading = true;
}

/* Ready with 0 when there are more bytes, or none will come; or with an
 * error. */
static enum poll reader_fill(struct framed_reader *reader, struct context *cx,
                             int *result)
{
    *result = 0;
    /* TODO(10.12): begin a read if none is under way; poll it; if it is
     * ready, it is over. Its result: bytes more, or 0: at_end, or an error */
    TODO(10.12);
    (void)read_begin;
    return POLL_PENDING;
}

/* As codec_decode(); and at the end of the bytes, -EPROTO if they end in the
 * middle of a frame. */
static long reader_decode(struct framed_reader *reader, struct frame *frame)
{
    size_t length = reader->end - reader->begin;
    long used = 0;

    /* TODO(10.12): decode what is there, with what was seen of it; a frame
     * has been given then, and of the next one nothing was seen. In the
     * middle of one, and no more will come: -EPROTO */
    TODO(10.12);
    (void)length, (void)frame;
    return used;
}

static enum stream_poll reader_poll_next(struct stream *self,
                                         struct context *cx, void *item)
{
    struct framed_reader *reader = reader_of(self);

    /* TODO(10.12): decode: a frame, an error, or it needs more: that is the
     * end if no more will come; else fill, and again */
    TODO(10.12);
    (void)reader, (void)item;
    (void)reader_decode, (void)reader_fill;
    return STREAM_PENDING;
}

static void reader_drop(struct stream *self)
{
    struct framed_reader *reader = reader_of(self);

    /* TODO(10.12): the read, if it is under way; and the memory */
    TODO(10.12);
    (void)reader;
}

int framed_reader_init(struct framed_reader *reader, struct socket *socket,
                       const struct codec *codec)
{
    static const struct stream_ops ops = {reader_poll_next, reader_drop};
    unsigned char *bytes = malloc(codec_most(codec));

    if (bytes == NULL)
        return -ENOMEM;
    *reader = (struct framed_reader){.base = {&ops, &frame_type, 0},
                                     .socket = socket,
                                     .codec = codec,
                                     .bytes = bytes};
    return 0;
}

/* ---------------------------------------------------------------- writer */

static struct framed_writer *writer_of(struct sink *self)
{
    return container_of(self, struct framed_writer, base);
}

/* Writes all that is there. Ready with 0 when that is done. */
static enum poll writer_flush(struct sink *self, struct context *cx)
{
    struct framed_writer *writer = writer_of(self);

    /* TODO(10.12): as long as something is there: begin a write if none is
     * under way, poll it, and count what it has written. An error is the
     * result; in the end all the room is free */
    TODO(10.12);
    (void)writer;
    return sink_ready(self, 0);
}

static enum poll writer_ready(struct sink *self, struct context *cx)
{
    struct framed_writer *writer = writer_of(self);

    /* TODO(10.12): if there is room for the largest frame it is ready; else
     * it is when all is written */
    TODO(10.12);
    (void)writer;
    return POLL_PENDING;
}

static int writer_send(struct sink *self, void *item)
{
    struct framed_writer *writer = writer_of(self);
    long used = 0;

    /* TODO(10.12): encode it, behind what is there */
    TODO(10.12);
    (void)writer, (void)item, (void)used;
    return 0;
}

static enum poll writer_close(struct sink *self, struct context *cx)
{
    struct framed_writer *writer = writer_of(self);

    /* TODO(10.12): flush; then there will be no more (socket_shutdown) */
    TODO(10.12);
    (void)writer;
    return POLL_PENDING;
}

static void writer_drop(struct sink *self)
{
    struct framed_writer *writer = writer_of(self);

    /* TODO(10.12): the write, if it is under way; and the memory */
    TODO(10.12);
    (void)writer;
}

int framed_writer_init(struct framed_writer *writer, struct socket *socket,
                       const struct codec *codec, size_t frames)
{
    static const struct sink_ops ops = {writer_ready, writer_send, writer_flush,
                                        writer_close, writer_drop};
    size_t capacity = codec_most(codec) * frames;

    if (frames == 0 || capacity / frames != codec_most(codec))
        return -EINVAL;
    unsigned char *bytes = malloc(capacity);

    if (bytes == NULL)
        return -ENOMEM;
    *writer = (struct framed_writer){.base = {&ops, &frame_type, 0},
                                     .socket = socket,
                                     .codec = codec,
                                     .bytes = bytes,
                                     .capacity = capacity};
    return 0;
}
