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

/* Is the byte before this one a \r? */
static bool follows_return(const unsigned char *bytes, size_t index)
{
    return index > 0 && bytes[index - 1] == '\r';
}

/* The byte at `index` is no \n, and there was nothing wrong with those before
 * it: 0; or -EMSGSIZE or -EBADMSG if it cannot stand in a line. */
static int line_check(const struct codec *self, const unsigned char *bytes,
                      size_t index)
{
    /* begin 10.11: too long, with this one (a \r does not count: it may belong
     * to the end); or a control character (below 32, or 127) that is neither a
     * tab nor a \r; or it follows a \r, which did not belong to the end */
    unsigned char byte = bytes[index];
    size_t length = byte == '\r' ? index : index + 1;

    if (length > self->limit)
        return -EMSGSIZE;
    if ((byte < 32 && byte != '\t' && byte != '\r') || byte == 127)
        return -EBADMSG;
    if (follows_return(bytes, index))
        return -EBADMSG;
    /* end 10.11: (void)self, (void)bytes, (void)index, (void)follows_return; */
    return 0;
}

static long line_decode(const struct codec *self, const unsigned char *bytes,
                        size_t size, size_t *seen, struct frame *frame)
{
    /* begin 10.11: byte by byte, from the first that was not seen: a \n ends
     * it, and a \r before that is not text; any other is checked (D4). At the
     * end of what is there: how many were seen? */
    for (size_t i = *seen; i < size; i++) {
        if (bytes[i] == '\n') {
            *frame = (struct frame){bytes, i - follows_return(bytes, i)};
            return (long)i + 1;
        }
        int error = line_check(self, bytes, i);

        if (error < 0)
            return error;
    }
    *seen = size;
    /* end 10.11: (void)self, (void)bytes, (void)size, (void)seen, (void)frame;
    (void)line_check; */
    return 0;
}

/* 0; or -EMSGSIZE or -EBADMSG if this is no text of a line. */
static int text_check(const struct codec *self, const struct frame *frame)
{
    /* begin 10.11: each byte of it; and a \r is no text, nowhere */
    for (size_t i = 0; i < frame->size; i++) {
        int error = line_check(self, frame->bytes, i);

        if (error < 0)
            return error;
    }
    if (follows_return(frame->bytes, frame->size))
        return -EBADMSG;
    /* end 10.11: (void)self, (void)frame; */
    return 0;
}

static long line_encode(const struct codec *self, const struct frame *frame,
                        unsigned char *bytes)
{
    int error = 0;

    /* begin 10.11: check it; copy it; and a \n */
    error = text_check(self, frame);
    if (error < 0)
        return error;
    memcpy(bytes, frame->bytes, frame->size);
    bytes[frame->size] = '\n';
    /* end 10.11: (void)bytes, (void)error, (void)text_check; */
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
                          size_t size, size_t *seen, struct frame *frame)
{
    long used = 0;

    (void)seen; /* it looks at four bytes, however many there are */
    /* begin 10.11: four bytes, the highest first, are the length; check it
     * before you wait for that many */
    if (size < LENGTH_SIZE)
        return 0;
    uint32_t length = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                      (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];

    if (length > INT32_MAX)
        return -EBADMSG;
    if (length > self->limit)
        return -EMSGSIZE;
    if (size - LENGTH_SIZE < length)
        return 0;
    *frame = (struct frame){bytes + LENGTH_SIZE, length};
    used = (long)length + LENGTH_SIZE;
    /* end 10.11: (void)frame; */
    return used;
}

static long length_encode(const struct codec *self, const struct frame *frame,
                          unsigned char *bytes)
{
    size_t size = frame->size;

    /* begin 10.11: check it; four bytes; copy it */
    if (size > self->limit)
        return -EMSGSIZE;
    for (int i = 0; i < LENGTH_SIZE; i++)
        bytes[i] = (unsigned char)(size >> (24 - 8 * i));
    memcpy(bytes + LENGTH_SIZE, frame->bytes, size);
    /* end 10.11: (void)bytes; */
    return (long)size + LENGTH_SIZE;
}

void length_codec_init(struct codec *codec, size_t limit)
{
    static const struct codec_ops ops = {length_decode, length_encode};

    *codec = (struct codec){&ops, limit, LENGTH_SIZE};
}
