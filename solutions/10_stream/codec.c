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
    /* begin 10.11: too long; or with a control character (below 32, or 127)
     * that is not a tab */
    if (size > self->limit)
        return -EMSGSIZE;
    for (size_t i = 0; i < size; i++) {
        if ((bytes[i] < 32 && bytes[i] != '\t') || bytes[i] == 127)
            return -EBADMSG;
    }
    /* end 10.11: (void)self, (void)bytes, (void)size; */
    return 0;
}

static long line_decode(const struct codec *self, const unsigned char *bytes,
                        size_t size, struct frame *frame)
{
    long used = 0;

    /* begin 10.11: look for the \n; a \r before it, or at the very end of what
     * is there, does not count as text. Check the text, also if there is no \n
     * yet */
    const unsigned char *newline = memchr(bytes, '\n', size);
    size_t length = newline != NULL ? (size_t)(newline - bytes) : size;
    bool has_return = length > 0 && bytes[length - 1] == '\r';
    int error = line_check(self, bytes, length - has_return);

    if (error < 0 || newline == NULL)
        return error;
    *frame = (struct frame){bytes, length - has_return};
    used = (long)length + 1;
    /* end 10.11: (void)line_check, (void)frame; */
    return used;
}

static long line_encode(const struct codec *self, const struct frame *frame,
                        unsigned char *bytes)
{
    int error = 0;

    /* begin 10.11: check it; copy it; and a \n */
    error = line_check(self, frame->bytes, frame->size);
    if (error < 0)
        return error;
    memcpy(bytes, frame->bytes, frame->size);
    bytes[frame->size] = '\n';
    /* end 10.11: (void)bytes, (void)error; */
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
