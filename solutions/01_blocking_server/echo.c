/* echo.c - receive, send back, and wait in both. */
#include "chapters/01_blocking_server/echo.h"

#include "chapters/common/todo.h"

#include <errno.h>

int echo_serve(struct connection *connection, void *data)
{
    (void)data;
    /* begin 1.4: Send back what comes, until the end of the stream. */
    char bytes[4096];
    ssize_t received;

    while ((received = connection_receive(connection, bytes, sizeof bytes)) >
           0) {
        int error = connection_send(connection, bytes, (size_t)received);

        if (error < 0)
            return error;
    }
    return (int)received;
    /* end 1.4: return -ENOSYS; */
}
