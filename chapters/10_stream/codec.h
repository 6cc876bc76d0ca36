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
 *       length, and so never too long. In a line the first byte decides with
 *       which it cannot be one any more; a byte that is wrong in both ways is
 *       too much. So the answer is the same however the bytes arrive.
 *   D5  codec_encode() writes a frame, with its wrapping, to `bytes`, where
 *       there is room for codec_most() of them; returns how many it wrote.
 *       A line ends with a \n alone. -EMSGSIZE and -EBADMSG as above: nothing
 *       was written. What was encoded is decoded to the same.
 *   D6  A codec keeps nothing from call to call: it is constant, and may be
 *       shared.
 *   D7  What there is to keep is its caller's: `*seen`, 0 for a new frame. An
 *       answer of 0 leaves in it how many bytes need no second look, and they
 *       get none in the next call, with the same bytes and more. So a line that
 *       comes byte by byte costs one look a byte.
 *
 * Rust: tokio_util::codec, with LinesCodec (which keeps next_index for D7, and
 * so is not shared) and LengthDelimitedCodec. LinesCodec::new_with_max_length
 * of tokio-util 0.7.20 is another language, though: there a \r counts towards
 * the limit ("hello\r\n" is too much for 5); control characters and a lone \r
 * are text, and bytes that are no UTF-8 an error (here they are text); what has
 * no \n at the end of all is a line (here -EPROTO, R3 of framed.h); encode
 * takes what is too long or has a newline inside; and after an error come
 * `None` and then further lines. Ours refuses what it cannot read back the same
 * way. */
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
                   size_t size, size_t *seen, struct frame *frame);
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
                                size_t *seen, struct frame *frame)
{
    return codec->ops->decode(codec, bytes, size, seen, frame);
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
