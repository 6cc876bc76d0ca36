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

/* 0 when all `size` bytes are sent, or a negative errno. */
int net_send_all(int socket, const void *bytes, size_t size);

/* Waits for bytes: how many came (at most `size`), 0 at the end of the
 * stream, or a negative errno. */
ssize_t net_receive(int socket, void *bytes, size_t size);

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
