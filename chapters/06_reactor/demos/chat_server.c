/* chat_server.c - chapter 01's chat on one thread, until Ctrl-C.
 *
 *     chat_server [PORT]        and then:  nc 127.0.0.1 PORT
 *     join cats
 *     post cats hello */
#include "chapters/06_reactor/chat_task.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/common/arguments.h"

int main(int count, char **arguments)
{
    struct chat_hall hall;
    struct acceptor_options options = {
        .port = port_argument(count, arguments),
        .size = sizeof(struct chat_reader),
        .make = chat_reader_make,
        .data = &hall,
        .stop = chat_hall_stop,
    };
    int status;

    chat_hall_init(&hall);
    status = serve_until_signal(&options);
    chat_hall_end(&hall);
    return status;
}
