/* line.h - from a stream of bytes to lines, however the bytes arrive.
 *
 *   I1  A line ends with \n or \r\n, which is not part of it; any other \r
 *       is. Bytes may arrive one at a time, or many lines at once.
 *   I2  A line longer than LINE_LIMIT bytes is -EMSGSIZE, as soon as that
 *       is certain. Memory is bounded, whatever the peer sends.
 *   I3  A zero byte is -EBADMSG: it has no place in a line of text. Lines
 *       before it are given first; the end of its own is not waited for.
 *   I4  The same bytes are the same lines and the same error in how many
 *       pieces they may arrive: of two errors the one that comes first.
 *
 * A buffer belongs to one thread. Chapter 10 builds a codec on the same
 * rules. Rust: BufRead::lines, tokio_util's LinesCodec with a limit. */
#ifndef CHAPTERS_BLOCKING_SERVER_LINE_H
#define CHAPTERS_BLOCKING_SERVER_LINE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LINE_LIMIT = 512
};

struct line_buffer {
    char bytes[LINE_LIMIT + 2]; /* with room for \r\n */
    size_t length;              /* bytes that have arrived */
    size_t taken;               /* of these, in lines that were taken */
};

void line_buffer_init(struct line_buffer *buffer);

/* Where arriving bytes go, and how many fit; never 0 after
 * line_buffer_next() has returned 0. */
char *line_buffer_space(struct line_buffer *buffer, size_t *size);

/* `size` bytes have arrived there. */
void line_buffer_fill(struct line_buffer *buffer, size_t size);

/* 1 and the next line, which ends with a NUL and is valid until the next
 * call; 0 if none is complete yet; -EMSGSIZE or -EBADMSG. */
int line_buffer_next(struct line_buffer *buffer, char **line);

#ifdef __cplusplus
}
#endif

#endif
