/* codec.h - where a frame begins and ends in a run of bytes.
 *
 *     line:     h e l l o \n               or with \r\n
 *     length:   0 0 0 5 h e l l o          four bytes, the highest first
 *
 *   D1  codec_decode() looks at the first `size` bytes. If a whole frame is
 *       there, `frame` points into them, and the answer is how many bytes it
 *       takes up, with its wrapping: at least 1. What follows is left alone.
 *   D2  0: this may become a frame; more bytes are needed.
 *   D3  -EMSGSIZE: a frame of more than `limit` bytes. It is known as early
 *       as possible: from the length, or when a line has become too long. Of
 *       codec_most() bytes or more the answer is never 0.
 *   D4  -EBADMSG: this is no frame. In a line: a control character other than
 *       a tab (also in one that has no end yet, and a \r that is not the last
 *       before the \n). In a length: a highest bit that is set; that is no
 *       length, and so never too long. In a line that is both, too long and
 *       none, either answer will do.
 *   D5  codec_encode() writes a frame, with its wrapping, to `bytes`, where
 *       there is room for codec_most() of them; returns how many it wrote.
 *       A line ends with a \n alone. -EMSGSIZE and -EBADMSG as above: nothing
 *       was written. What was encoded is decoded to the same.
 *   D6  A codec keeps nothing from call to call: it is constant, and may be
 *       shared.
 *
 * Rust: tokio_util::codec, with LinesCodec and LengthDelimitedCodec. */
#ifndef CHAPTERS_STREAM_CODEC_H
#define CHAPTERS_STREAM_CODEC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Some bytes that somebody else keeps. */
struct frame {
    const unsigned char *bytes;
    size_t size; /* 0: an empty frame, and a frame */
};

struct codec {
    const struct codec_ops *ops;
    size_t limit;    /* bytes of a frame, without its wrapping */
    size_t wrapping; /* bytes of that, at most */
};

struct codec_ops {
    long (*decode)(const struct codec *self, const unsigned char *bytes,
                   size_t size, struct frame *frame);
    long (*encode)(const struct codec *self, const struct frame *frame,
                   unsigned char *bytes);
};

/* The limit is at most INT_MAX - 4. */
void line_codec_init(struct codec *codec, size_t limit);
void length_codec_init(struct codec *codec, size_t limit);

/* The most that a frame takes up, with its wrapping. */
static inline size_t codec_most(const struct codec *codec)
{
    return codec->limit + codec->wrapping;
}

static inline long codec_decode(const struct codec *codec,
                                const unsigned char *bytes, size_t size,
                                struct frame *frame)
{
    return codec->ops->decode(codec, bytes, size, frame);
}

static inline long codec_encode(const struct codec *codec,
                                const struct frame *frame, unsigned char *bytes)
{
    return codec->ops->encode(codec, frame, bytes);
}

#ifdef __cplusplus
}
#endif

#endif
