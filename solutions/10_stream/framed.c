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

    /* begin 10.12: move what is there to the front first, if it is not there:
     * then there is room */
    if (reader->begin > 0)
        memmove(reader->bytes, reader->bytes + reader->begin, length);
    reader->begin = 0;
    reader->end = length;
    /* end 10.12: (void)length; */
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
    /* begin 10.12: begin a read if none is under way; poll it; if it is ready,
     * it is over. Its result: bytes more, or 0: at_end, or an error */
    if (!reader->is_reading)
        read_begin(reader);
    struct future *read = &reader->read.io.base.base;

    if (future_poll(read, cx) == POLL_PENDING)
        return POLL_PENDING;
    future_drop(read);
    reader->is_reading = false;
    *result = reader->read.io.base.result;
    if (*result < 0)
        return POLL_READY;
    reader->end += (size_t)*result;
    reader->at_end = *result == 0;
    *result = 0;
    return POLL_READY;
    /* end 10.12: (void)read_begin;
    return POLL_PENDING; */
}

/* As codec_decode(); and at the end of the bytes, -EPROTO if they end in the
 * middle of a frame. */
static long reader_decode(struct framed_reader *reader, struct frame *frame)
{
    size_t length = reader->end - reader->begin;
    long used = 0;

    /* begin 10.12: decode what is there, with what was seen of it; a frame has
     * been given then, and of the next one nothing was seen. In the middle of
     * one, and no more will come: -EPROTO */
    if (length > 0)
        used = codec_decode(reader->codec, reader->bytes + reader->begin,
                            length, &reader->seen, frame);
    if (used > 0) {
        reader->begin += (size_t)used;
        reader->seen = 0;
    }
    if (used == 0 && length > 0 && reader->at_end)
        return -EPROTO;
    /* end 10.12: (void)length, (void)frame; */
    return used;
}

static enum stream_poll reader_poll_next(struct stream *self,
                                         struct context *cx, void *item)
{
    struct framed_reader *reader = reader_of(self);

    /* begin 10.12: decode: a frame, an error, or it needs more: that is the end
     * if no more will come; else fill, and again */
    for (;;) {
        long used = reader_decode(reader, item);
        int error = 0;

        if (used > 0)
            return STREAM_ITEM;
        if (used < 0 || reader->at_end)
            return stream_end(self, (int)used);
        if (reader_fill(reader, cx, &error) == POLL_PENDING)
            return STREAM_PENDING;
        if (error < 0)
            return stream_end(self, error);
    }
    /* end 10.12: (void)reader, (void)item;
    (void)reader_decode, (void)reader_fill;
    return STREAM_PENDING; */
}

static void reader_drop(struct stream *self)
{
    struct framed_reader *reader = reader_of(self);

    /* begin 10.12: the read, if it is under way; and the memory */
    if (reader->is_reading)
        future_drop(&reader->read.io.base.base);
    free(reader->bytes);
    /* end 10.12: (void)reader; */
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

    /* begin 10.12: as long as something is there: begin a write if none is
     * under way, poll it, and count what it has written. An error is the
     * result; in the end all the room is free */
    struct socket_write *write = &writer->write;

    while (writer->done < writer->end) {
        if (!writer->is_writing)
            socket_write_init(write, writer->socket,
                              writer->bytes + writer->done,
                              writer->end - writer->done);
        writer->is_writing = true;
        if (future_poll(&write->io.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        future_drop(&write->io.base.base);
        writer->is_writing = false;
        if (write->io.base.result < 0)
            return sink_ready(self, write->io.base.result);
        writer->done += (size_t)write->io.base.result;
    }
    writer->done = writer->end = 0;
    /* end 10.12: (void)writer; */
    return sink_ready(self, 0);
}

static enum poll writer_ready(struct sink *self, struct context *cx)
{
    struct framed_writer *writer = writer_of(self);

    /* begin 10.12: if there is room for the largest frame it is ready; else it
     * is when all is written */
    if (writer->capacity - writer->end >= codec_most(writer->codec))
        return sink_ready(self, 0);
    return writer_flush(self, cx);
    /* end 10.12: (void)writer;
    return POLL_PENDING; */
}

static int writer_send(struct sink *self, void *item)
{
    struct framed_writer *writer = writer_of(self);
    long used = 0;

    /* begin 10.12: encode it, behind what is there */
    used = codec_encode(writer->codec, item, writer->bytes + writer->end);
    if (used < 0)
        return (int)used;
    writer->end += (size_t)used;
    /* end 10.12: (void)writer, (void)item, (void)used; */
    return 0;
}

static enum poll writer_close(struct sink *self, struct context *cx)
{
    struct framed_writer *writer = writer_of(self);

    /* begin 10.12: flush; then there will be no more (socket_shutdown) */
    if (writer_flush(self, cx) == POLL_PENDING)
        return POLL_PENDING;
    if (self->result == 0)
        self->result = socket_shutdown(writer->socket);
    return POLL_READY;
    /* end 10.12: (void)writer;
    return POLL_PENDING; */
}

static void writer_drop(struct sink *self)
{
    struct framed_writer *writer = writer_of(self);

    /* begin 10.12: the write, if it is under way; and the memory */
    if (writer->is_writing)
        future_drop(&writer->write.io.base.base);
    free(writer->bytes);
    /* end 10.12: (void)writer; */
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
