/* codec.c - two ways to say where a frame ends. */
#include "chapters/10_stream/codec.h"

#include "chapters/common/todo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ----------------------------------------------------------------- lines */

enum {
    LINE_WRAPPING = 2 /* \r and \n */
};

/* 0; or -EMSGSIZE or -EBADMSG if these bytes cannot stand in a line. */
static int line_check(const struct codec *self, const unsigned char *bytes,
                      size_t size)
{
    /* TODO(10.11): too long; or with a control character (below 32, or 127)
     * that is not a tab */
    TODO(10.11);
    (void)self, (void)bytes, (void)size;
    return 0;
}

static long line_decode(const struct codec *self, const unsigned char *bytes,
                        size_t size, struct frame *frame)
{
    long used = 0;

    /* TODO(10.11): look for the \n; a \r before it, or at the very end of
     * what is there, does not count as text. Check the text, also if there
     * is no \n yet */
    TODO(10.11);
    (void)line_check, (void)frame;
    return used;
}

static long line_encode(const struct codec *self, const struct frame *frame,
                        unsigned char *bytes)
{
    int error = 0;

    /* TODO(10.11): check it; copy it; and a \n */
    TODO(10.11);
    (void)bytes, (void)error;
    return (long)frame->size + 1;
}

void line_codec_init(struct codec *codec, size_t limit)
{
    static const struct codec_ops ops = {line_decode, line_encode};

    *codec = (struct codec){&ops, limit, LINE_WRAPPING};
}

/* --------------------------------------------------------------- lengths */

enum {
    LENGTH_SIZE = 4
};

static long length_decode(const struct codec *self, const unsigned char *bytes,
                          size_t size, struct frame *frame)
{
    long used = 0;

    /* TODO(10.11): four bytes, the highest first, are the length; check it
     * before you wait for that many */
    TODO(10.11);
    (void)frame;
    return used;
}

static long length_encode(const struct codec *self, const struct frame *frame,
                          unsigned char *bytes)
{
    size_t size = frame->size;

    /* TODO(10.11): check it; four bytes; copy it */
    TODO(10.11);
    (void)bytes;
    return (long)size + LENGTH_SIZE;
}

void length_codec_init(struct codec *codec, size_t limit)
{
    static const struct codec_ops ops = {length_decode, length_encode};

    *codec = (struct codec){&ops, limit, LENGTH_SIZE};
}
