/* linger.h - a close that destroys nothing of what was sent.
 *
 * When close(2) finds bytes that nobody has read, or bytes come after it, the
 * kernel sends a reset instead of an end, and throws away what it had still to
 * send. So who closes first, after an error or a last answer, lingers:
 *
 *   L1  socket_linger sends the end (S5), then reads and throws away what it
 *       reads, until the peer's end. The peer gets every byte that the kernel
 *       had taken, and the end behind them, whatever it sends meanwhile.
 *   L2  Its result is 0 after the peer's end. It is an error that ended the
 *       reading, such as -ECONNRESET; or -EMSGSIZE when more than LINGER_BYTES
 *       came. The peer may have lost something then.
 *   L3  The socket is its own from its init on. It is closed when the future
 *       is ready; and at once when it is dropped before, in any state. So a
 *       deadline is a timeout around it (chapter 07). Without one it is as
 *       patient as its peer.
 *   L4  read_half_linger_init() leaves sending the end to the writing half,
 *       which may have bytes to send; for the rest it is the same.
 *   L5  It needs no memory of its own, and pays for each read (O5).
 *
 * Whoever has read the peer's end has nothing to wait for, and just closes.
 *
 *     socket_linger_init(&task->linger, &task->socket);
 *     AWAIT(&task->linger.io.base);
 *
 * RFC 9112, 9.6, and RFC 1122, 4.2.2.13. The same: nginx's lingering_close.
 * Tokio has no such thing: by hand, shutdown() and then reads. */
#ifndef CHAPTERS_REACTOR_LINGER_H
#define CHAPTERS_REACTOR_LINGER_H

#include "chapters/06_reactor/halves.h"
#include "chapters/06_reactor/socket.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* A peer may have sent so much before it can know of the end: with less,
     * one that stops then would lose its answer. The kernel's buffers hold 6
     * MiB here and 4 there (tcp(7)). With more, one that never stops would
     * be read for longer. */
    LINGER_BYTES = 16 << 20
};

struct socket_linger {
    struct io_operation io; /* result: 0, or a negative errno (L2) */
    struct socket socket;   /* closed when it is ready */
    size_t left;            /* bytes that it still throws away */
    bool owes_the_end;      /* it has still to shut down writing */
};

/* The socket is spent, as by socket_split(). */
void socket_linger_init(struct socket_linger *linger, struct socket *socket);
void read_half_linger_init(struct socket_linger *linger,
                           struct read_half *half);

#ifdef __cplusplus
}
#endif

#endif
