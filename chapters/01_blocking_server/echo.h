/* echo.h - sends back what it receives, until the peer has no more.
 *
 * For a server's serve(). Returns 0 at the end of the stream, or a negative
 * errno. */
#ifndef CHAPTERS_BLOCKING_SERVER_ECHO_H
#define CHAPTERS_BLOCKING_SERVER_ECHO_H

#include "chapters/01_blocking_server/server.h"

#ifdef __cplusplus
extern "C" {
#endif

int echo_serve(struct connection *connection, void *data);

#ifdef __cplusplus
}
#endif

#endif
