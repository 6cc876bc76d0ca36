/* halves.h - a socket in two, for a task that reads and one that writes.
 *
 *   V1  socket_split() makes two halves of a socket; the whole is spent.
 *   V2  Closing the writing half shuts down writing: the peer reads the end.
 *       The other half reads on.
 *   V3  The descriptor is closed with the second half, whichever that is.
 *
 * Each half belongs to one task; the two may be polled and closed on two
 * threads at the same time.
 * Rust: TcpStream::into_split. */
#ifndef CHAPTERS_REACTOR_HALVES_H
#define CHAPTERS_REACTOR_HALVES_H

#include "chapters/06_reactor/socket.h"

#ifdef __cplusplus
extern "C" {
#endif

struct read_half {
    struct socket socket; /* for socket_read_init() */
};

struct write_half {
    struct socket socket; /* for the other ones */
};

void socket_split(struct socket *whole, struct read_half *reader,
                  struct write_half *writer);

/* Do nothing for a half that is closed. */
void read_half_close(struct read_half *half);
void write_half_close(struct write_half *half);

#ifdef __cplusplus
}
#endif

#endif
