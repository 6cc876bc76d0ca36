/* socket.h - a socket whose operations are futures.
 *
 *   S1  socket_read: at least one byte, as soon as there is one, or 0 at the
 *       end of the stream. At most `size` bytes.
 *   S2  socket_write: as many bytes as the kernel takes, at least one.
 *   S3  socket_write_all: all of them, or the error that came first; `done`
 *       counts the bytes the kernel has taken, also after an error or a
 *       cancel. Its result is 0.
 *   S4  socket_write_vector: as S2, gathered from several places by one call.
 *   S5  socket_shutdown: the peer reads what is under way, and then the end.
 *       Reading goes on. Of a connection that has ended, by a reset or both
 *       ways, it is 0: there is nothing left to be told. What was lost, reads
 *       and writes say.
 *   S6  A peer that is gone is -ECONNRESET or -EPIPE; never a SIGPIPE.
 *   S7  Sizes are at least 1; above INT_MAX they are cut down to it.
 *   S8  A short read or write is no sign that there is no more, or no more
 * room: only EAGAIN is. One exception: TCP without urgent data, where a read
 *       stops short at nothing else. (So put nothing else below it, such as
 *       TCP_ULP.)
 *
 * A socket is a handle: it may move, also while operations are under way.
 * Bytes are borrowed until the future is dropped. Rust: tokio::net's
 * TcpStream and UnixStream with AsyncReadExt and AsyncWriteExt. */
#ifndef CHAPTERS_REACTOR_SOCKET_H
#define CHAPTERS_REACTOR_SOCKET_H

#include "chapters/06_reactor/io_operation.h"
#include "chapters/06_reactor/reactor.h"

#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct socket {
    struct io_source *source; /* NULL: closed */
};

/* Takes over a descriptor that does not block. 0, or a negative errno; the
 * descriptor is closed then. `bits`: as in reactor_register(). */
int socket_open(struct socket *socket, struct reactor *reactor, int descriptor,
                uint16_t bits);

/* Does nothing for one that is closed already. */
void socket_close(struct socket *socket);

/* The number, for setsockopt(2) and its like. The socket keeps it. */
int socket_descriptor(const struct socket *socket);

/* A connected pair in this machine, socketpair(2). 0 or a negative errno. */
int socket_pair(struct socket ends[2], struct reactor *reactor);

struct socket_read {
    struct io_operation io;
    void *bytes;
    size_t size;
};

struct socket_write {
    struct io_operation io;
    const void *bytes;
    size_t size;
};

struct socket_write_all {
    struct io_operation io;
    const char *bytes;
    size_t size;
    size_t done;
};

struct socket_write_vector {
    struct io_operation io;
    const struct iovec *pieces;
    int count; /* at most IOV_MAX, or -EMSGSIZE */
};

void socket_read_init(struct socket_read *read, const struct socket *socket,
                      void *bytes, size_t size);
void socket_write_init(struct socket_write *write, const struct socket *socket,
                       const void *bytes, size_t size);
void socket_write_all_init(struct socket_write_all *write,
                           const struct socket *socket, const void *bytes,
                           size_t size);
void socket_write_vector_init(struct socket_write_vector *write,
                              const struct socket *socket,
                              const struct iovec *pieces, int count);

/* No more writing (S5). 0 or a negative errno; does not wait. Not for one that
 * never was connected: 0, and nothing happens. */
int socket_shutdown(struct socket *socket);

#ifdef __cplusplus
}
#endif

#endif
