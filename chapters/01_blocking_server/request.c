/* request.c - resolve, connect, send, read to the end.
 *
 * Four places to wait in, and in each of them this thread does nothing
 * else: that is the picture to keep in mind for the rest of the course. */
#include "chapters/01_blocking_server/request.h"

#include "chapters/01_blocking_server/net.h"
#include "chapters/common/arguments.h"
#include "chapters/common/todo.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int cheapo_request(const char *host, const char *port, const char *path,
                   struct response *response)
{
    /* TODO(1.2): Refuse a host or path with a space or line break; resolve
     * the host, connect to the first address that answers, send the request
     * and read to the end (Q1 to Q6). */
    TODO(1.2);
    return -ENOSYS;
}

void response_end(struct response *response)
{
    free(response->bytes);
    *response = (struct response){0};
}
