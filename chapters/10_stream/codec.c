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
    /* TODO(10.11): too long, with this one (a \r does not count: it may
     * belong to the end); or a control character (below 32, or 127) that is
     * neither a tab nor a \r; or it follows a \r, which did not belong to
     * the end */
    TODO(10.11);
    (void)self, (void)bytes, (void)index, (void)follows_return;
    return 0;
}

static long line_decode(const struct codec *self, const unsigned char *bytes,
                        size_t size, size_t *seen, struct frame *frame)
{
    /* TODO(10.11): byte by byte, from the first that was not seen: a \n
     * ends it, and a \r before that is not text; any other is checked (D4).
     * At the end of what is there: how many were seen? */
    TODO(10.11);
    (void)self, (void)bytes, (void)size, (void)seen, (void)frame;
    (void)line_check;
    return 0;
}

/* 0; or -EMSGSIZE or -EBADMSG if this is no text of a line. */
static int text_check(const struct codec *self, const struct frame *frame)
{
    /* TODO(10.11): each byte of it; and a \r is no text, nowhere */
    TODO(10.11);
    (void)self, (void)frame;
    return 0;
}

static long line_encode(const struct codec *self, const struct frame *frame,
                        unsigned char *bytes)
{
    int error = 0;

    /* TODO(10.11): check it; copy it; and a \n */
    TODO(10.11);
    (void)bytes, (void)error, (void)text_check;
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
