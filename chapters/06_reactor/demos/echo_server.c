/* echo_server.c - chapter 01's echo server on one thread, until Ctrl-C.
 *
 *     echo_server [PORT]        and then:  nc 127.0.0.1 PORT */
#include "chapters/06_reactor/echo_task.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/common/arguments.h"

int main(int count, char **arguments)
{
    struct acceptor_options options = {
        .port = port_argument(count, arguments),
        .size = sizeof(struct echo_task),
        .make = echo_task_make,
    };

    return serve_until_signal(&options);
}
