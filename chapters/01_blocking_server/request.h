/* request.h - the cheapest HTTP client there is.
 *
 *   Q1  cheapo_request() resolves, connects, sends one GET and reads until
 *       the server closes. Each step blocks.
 *   Q2  Every address of the host is tried until one connects. An address
 *       where nobody listens refuses, also when the kernel connects the socket
 *       to itself.
 *   Q3  On failure nothing is left: no descriptor, no memory.
 *   Q4  A host or path with a space or a line break in it is -EINVAL, and so
 *       is a port that is neither a service's name nor from 1 to 65535.
 *   Q5  The request is `GET PATH HTTP/1.0\r\nHost: HOST\r\n\r\n` and nothing
 *       else, at most REQUEST_LIMIT bytes; a longer one is -ENAMETOOLONG.
 *   Q6  An answer of up to RESPONSE_LIMIT bytes is taken; a longer one is
 *       -EMSGSIZE.
 *   Q7  The size is bounded, the time is not: a server that sends a byte now
 *       and then is waited for. (Chapter 07 puts a timeout around anything.)
 *
 * Any thread may call it. Rust: std::net::TcpStream and io::Read. */
#ifndef CHAPTERS_BLOCKING_SERVER_REQUEST_H
#define CHAPTERS_BLOCKING_SERVER_REQUEST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    REQUEST_LIMIT = 1024,    /* bytes; no server has to take a longer line */
    RESPONSE_LIMIT = 1 << 20 /* bytes; a server that never stops is cut off */
};

struct response {
    char *bytes; /* status line, headers and body, and a NUL after them */
    size_t length;
};

/* Returns 0 or a negative errno; a name that does not resolve is
 * -EHOSTUNREACH. On success the caller gives the response back with
 * response_end(). */
int cheapo_request(const char *host, const char *port, const char *path,
                   struct response *response);

void response_end(struct response *response);

#ifdef __cplusplus
}
#endif

#endif
