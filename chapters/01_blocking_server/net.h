/* net.h - sockets without their surprises.
 *
 *   N1  net_send_all() sends every byte or reports why not. A short send is
 *       no error: it goes on with the rest.
 *   N2  A signal (EINTR) interrupts nothing: the call is made again.
 *   N3  Sending to a peer that is gone is -EPIPE or -ECONNRESET, never the
 *       end of the process by SIGPIPE.
 *   N4  net_accept() passes over connections that failed before they were
 *       accepted (ECONNABORTED and its like).
 *   N5  A program that is started does not inherit what net_accept() returns
 *       (SOCK_CLOEXEC).
 *   N6  The time limit of net_send_all() is that of all bytes together: a peer
 *       that takes one now and then gains nothing by it.
 *   N7  What was sent before net_linger() reaches a peer that reads, whatever
 *       the peer sends meanwhile. Its time is limited, whatever the peer
 *       sends.
 *
 * All of them block. Any thread may call them; two threads that send on one
 * socket at a time mix their bytes.
 *
 * Rust: std::net::TcpStream, write_all(), and std's own handling of EINTR
 * and SIGPIPE. */
#ifndef CHAPTERS_BLOCKING_SERVER_NET_H
#define CHAPTERS_BLOCKING_SERVER_NET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 when all `size` bytes are sent, or a negative errno: -EAGAIN if the peer
 * has not taken them after `timeout` milliseconds; negative: no limit. */
int net_send_all(int socket, const void *bytes, size_t size, int timeout);

/* Waits for bytes: how many came (at most `size`), 0 at the end of the
 * stream, or a negative errno. */
ssize_t net_receive(int socket, void *bytes, size_t size);

/* To be called before close(): says that nothing more comes, then reads and
 * throws away what arrives until the peer closes or fails, or is silent and
 * its kernel has everything, or `timeout` milliseconds are over.
 *
 * To close a socket with bytes unread, or to get some after the close, makes
 * the kernel send a reset, which takes back what the peer has not received
 * yet. RFC 9112, 9.6, tells servers to close in these stages, and that they
 * may end when the client's acknowledgement has come; nginx calls it a
 * lingering close, after which this is named. */
void net_linger(int socket, int timeout);

/* A socket that listens on 127.0.0.1; port 0 lets the kernel choose.
 * Returns a descriptor that the caller closes, or a negative errno. */
int net_listen(uint16_t port);

/* The port that a listening socket has, or a negative errno. */
int net_port(int socket);

/* The next connection: a descriptor that the caller closes, or a negative
 * errno: -EMFILE and -ENFILE mean that there is no descriptor left. */
int net_accept(int listener);

#ifdef __cplusplus
}
#endif

#endif
