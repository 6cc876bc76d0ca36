/* framed.h - a socket as a stream of frames, and as a sink for them.
 *
 *            begin        end
 *             v            v
 *     +-------+------------+---------+
 *     | given | a frame, h |  free   |      framed_reader
 *     +-------+------------+---------+
 *
 *   R1  framed_reader gives each frame once, however the bytes arrive: one by
 *       one, or many frames at once. A frame is lent (S9 of stream.h): good
 *       until the next poll or the drop.
 *   R2  It reads only when there is no whole frame, and keeps no more than
 *       codec_most() bytes. Each byte is looked at once, however many reads a
 *       frame takes, and moved once at most.
 *   R3  The peer's end between two frames is the end, with 0. In the middle
 *       of one it is -EPROTO. -EMSGSIZE and -EBADMSG come from the codec, and
 *       after the frames before them; -ECONNRESET and its like from the
 *       socket.
 *   R4  framed_writer collects frames in its memory and writes them when it
 *       is flushed, or full: many small frames are one send(2). It is full
 *       when there is no room for the largest frame behind what is there.
 *       Short writes are gone on with; bytes of a write that is under way
 *       stay where they are.
 *   R5  Closing it flushes, and shuts down writing (S5 of socket.h). An error
 *       of the flush is its result; with nothing under way it is 0, also when
 *       the peer has gone. The socket stays open.
 *   R6  The socket and the codec are lent: they outlive both. Each takes its
 *       memory in its init and gives it back in its drop.
 *
 * One of each for a socket. Rust: tokio_util::codec::FramedRead, FramedWrite.
 */
#ifndef CHAPTERS_STREAM_FRAMED_H
#define CHAPTERS_STREAM_FRAMED_H

#include "chapters/06_reactor/socket.h"
#include "chapters/10_stream/codec.h"
#include "chapters/10_stream/sink.h"
#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A struct frame, as a stream's or a sink's item. It owns nothing. */
extern const struct item_type frame_type;

struct framed_reader {
    struct stream base;
    struct socket *socket;
    const struct codec *codec;
    unsigned char *bytes; /* codec_most() of them */
    size_t begin;         /* what is before was given */
    size_t end;           /* what is from begin to end was read */
    size_t seen;          /* of that, what the codec has looked at (D7) */
    struct socket_read read;
    bool is_reading;
    bool at_end; /* of the socket's bytes */
};

struct framed_writer {
    struct sink base;
    struct socket *socket;
    const struct codec *codec;
    unsigned char *bytes;
    size_t capacity;
    size_t done; /* written */
    size_t end;  /* encoded; both 0 when all is written */
    struct socket_write write;
    bool is_writing;
};

/* 0 or -ENOMEM. */
int framed_reader_init(struct framed_reader *reader, struct socket *socket,
                       const struct codec *codec);

/* `frames`, at least 1: room for so many of the largest. 0, -EINVAL or
 * -ENOMEM. */
int framed_writer_init(struct framed_writer *writer, struct socket *socket,
                       const struct codec *codec, size_t frames);

#ifdef __cplusplus
}
#endif

#endif
