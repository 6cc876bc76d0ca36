/* echo.c - receive, send back, and wait in both. */
#include "chapters/01_blocking_server/echo.h"

#include "chapters/common/todo.h"

#include <errno.h>

int echo_serve(struct connection *connection, void *data)
{
    (void)data;
    /* TODO(1.4): Send back what comes, until the end of the stream. */
    TODO(1.4);
    return -ENOSYS;
}
