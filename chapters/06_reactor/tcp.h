/* tcp.h - listening, accepting, connecting.
 *
 *   C1  tcp_accept: the next connection, in `socket`. Connections that failed
 *       before they were accepted are passed over. -EMFILE and -ENFILE: no
 *       descriptor is left; the connection waits in the kernel.
 *   C2  tcp_connect: tries the address, in `socket` when the result is 0.
 *       Otherwise what went wrong: -ECONNREFUSED, -ETIMEDOUT, ... Connected
 *       to itself, which a dead port may be answered with, is -ECONNREFUSED.
 *   C3  Dropping a tcp_connect that is under way gives it up and closes its
 *       descriptor. A socket that is ready is the caller's to close, for
 *       both (P5: a drop leaves the output alone).
 *   C4  Everything here is IPv4 on 127.0.0.1: what this course needs.
 *   C5  Both set TCP_NODELAY: no byte waits for a peer to acknowledge those
 *       before it. A socket that refuses is closed; C1 passes over it, C2 says
 *       why. So write an answer in one call (S3, S4): each is a packet now.
 *
 * Rust: tokio::net's TcpListener and TcpStream::connect. */
#ifndef CHAPTERS_REACTOR_TCP_H
#define CHAPTERS_REACTOR_TCP_H

#include "chapters/06_reactor/socket.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Listens at once; port 0 lets the kernel choose. 0 or a negative errno. */
int tcp_listen(struct socket *listener, struct reactor *reactor, uint16_t port);

/* The port that a socket is bound to. */
int tcp_port(const struct socket *socket);

struct tcp_accept {
    struct io_operation io; /* result: 0, or a negative errno */
    struct socket socket;
};

struct tcp_connect {
    struct io_operation io; /* result: 0, or a negative errno */
    struct socket socket;
    struct reactor *reactor;
    uint16_t port;
    bool has_begun; /* connect(2) was called */
};

void tcp_accept_init(struct tcp_accept *accept, const struct socket *listener);
void tcp_connect_init(struct tcp_connect *connect, struct reactor *reactor,
                      uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
