/* echo_server.c - chapter 01's echo server on one thread, until Ctrl-C.
 *
 *     echo_server [PORT]        and then:  nc 127.0.0.1 PORT */
#include "chapters/06_reactor/echo_task.h"
#include "chapters/06_reactor/serve.h"

#include <stdlib.h>

int main(int count, char **arguments)
{
    struct acceptor_options options = {
        .port = count > 1 ? (uint16_t)atoi(arguments[1]) : 0,
        .size = sizeof(struct echo_task),
        .make = echo_task_make,
    };

    return serve_until_signal(&options);
}
