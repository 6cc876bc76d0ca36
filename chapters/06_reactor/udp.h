/* udp.h - datagrams: each arrives whole, or not at all.
 *
 *   D1  udp_receive: the next datagram. Its size may be 0. What does not fit
 *       is lost, and the result is then more than `size`.
 *   D2  udp_send: hands one datagram over to the kernel, whole.
 *   D3  `from` is the sender's port on 127.0.0.1, valid with the result.
 *
 * Rust: tokio::net::UdpSocket. Its recv_from() returns the size of the buffer
 * when a datagram is cut, and nobody learns of it (seen with 1.54.1). */
#ifndef CHAPTERS_REACTOR_UDP_H
#define CHAPTERS_REACTOR_UDP_H

#include "chapters/06_reactor/socket.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A socket on 127.0.0.1; port 0 lets the kernel choose. */
int udp_bind(struct socket *socket, struct reactor *reactor, uint16_t port);

struct udp_receive {
    struct io_operation io; /* result: the datagram's size, or -errno */
    void *bytes;
    size_t size;
    uint16_t from;
};

struct udp_send {
    struct io_operation io; /* result: the size, or -errno */
    const void *bytes;
    size_t size;
    uint16_t to; /* a port on 127.0.0.1 */
};

void udp_receive_init(struct udp_receive *receive, const struct socket *socket,
                      void *bytes, size_t size);
void udp_send_init(struct udp_send *send, const struct socket *socket,
                   const void *bytes, size_t size, uint16_t to);

#ifdef __cplusplus
}
#endif

#endif
