/* hello_server.c - "Hello, World!" to every HTTP request, until Ctrl-C.
 *
 *     hello_server [PORT]        and then:  ab -k -c 100 -n 100000
 *                                               http://127.0.0.1:PORT/
 *
 * As much HTTP as a load generator needs: a request ends with an empty line,
 * and a connection goes on if its peer wants that. A peer that says nothing
 * for IDLE_SECONDS is closed: that is what timeout is for. */
#include "chapters/06_reactor/serve.h"
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/timeout.h"

#include "chapters/common/container_of.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <async_macros.h>

enum {
    IDLE_SECONDS = 10,
    HEAD_LIMIT = 1024, /* bytes of a request */
};

struct hello_task {
    struct async async;
    struct acceptor *acceptor;
    struct socket socket;
    struct timeout timeout;
    struct socket_read read;
    struct socket_write_all write;
    bool is_last; /* no request after this one */
    size_t length;
    char head[HEAD_LIMIT + 1];
};

static const char keep_answer[] = "HTTP/1.1 200 OK\r\n"
                                  "Connection: keep-alive\r\n"
                                  "Content-Type: text/plain\r\n"
                                  "Content-Length: 14\r\n\r\n"
                                  "Hello, World!\n";
static const char last_answer[] = "HTTP/1.1 200 OK\r\n"
                                  "Connection: close\r\n"
                                  "Content-Type: text/plain\r\n"
                                  "Content-Length: 14\r\n\r\n"
                                  "Hello, World!\n";

/* The end of the first request that has arrived, or NULL. */
static char *end_of_head(struct hello_task *task)
{
    char *end;

    task->head[task->length] = '\0';
    end = strstr(task->head, "\r\n\r\n");
    return end == NULL ? NULL : end + 4;
}

/* HTTP/1.0 ends unless it says otherwise; HTTP/1.1 the other way round. */
static bool wants_the_end(const char *head)
{
    const char *line_end = strstr(head, "\r\n");

    if (line_end - head >= 8 && memcmp(line_end - 8, "HTTP/1.0", 8) == 0)
        return strcasestr(head, "\r\nConnection: keep-alive") == NULL;
    return strcasestr(head, "\r\nConnection: close") != NULL;
}

/* Takes the first request out, and sends the answer. */
static void answer(struct hello_task *task, char *end)
{
    char last = *end;

    *end = '\0';
    task->is_last = wants_the_end(task->head);
    *end = last;
    task->length -= (size_t)(end - task->head);
    memmove(task->head, end, task->length);
    if (task->is_last)
        socket_write_all_init(&task->write, &task->socket, last_answer,
                              sizeof last_answer - 1);
    else
        socket_write_all_init(&task->write, &task->socket, keep_answer,
                              sizeof keep_answer - 1);
}

static enum poll hello_body(struct async *self, struct context *cx)
{
    struct hello_task *task = container_of(self, struct hello_task, async);
    struct runtime *runtime = task->acceptor->options.data;
    char *end;

    ASYNC(self);
    while (!task->is_last && task->length < HEAD_LIMIT) {
        socket_read_init(&task->read, &task->socket, task->head + task->length,
                         HEAD_LIMIT - task->length);
        timeout_init(&task->timeout, &runtime->timer, &task->read.io.base,
                     SECONDS(IDLE_SECONDS));
        TRY_AWAIT(&task->timeout.base);
        if (self->base.result == 0)
            ASYNC_RETURN(0);
        task->length += (size_t)self->base.result;
        while (!task->is_last && (end = end_of_head(task)) != NULL) {
            answer(task, end);
            TRY_AWAIT(&task->write.io.base);
        }
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void hello_cleanup(struct async *self)
{
    struct hello_task *task = container_of(self, struct hello_task, async);

    socket_close(&task->socket);
    acceptor_ended(task->acceptor);
}

static void hello_make(void *frame, struct acceptor *acceptor,
                       struct socket socket)
{
    static const struct async_function function = {ASYNC_OPS, hello_body,
                                                   hello_cleanup};
    struct hello_task *task = frame;

    async_init(&task->async, &function);
    task->acceptor = acceptor;
    task->socket = socket;
    task->is_last = false;
    task->length = 0;
}

int main(int count, char **arguments)
{
    struct runtime runtime;
    struct acceptor_options options = {
        .port = count > 1 ? (uint16_t)atoi(arguments[1]) : 0,
        .size = sizeof(struct hello_task),
        .make = hello_make,
        .data = &runtime,
    };
    int error = runtime_init(&runtime);

    if (error == 0) {
        error = serve_on(&runtime.executor, &runtime.reactor, &options);
        timer_end(&runtime.timer);
        reactor_end(&runtime.reactor);
    }
    if (error < 0)
        fprintf(stderr, "hello_server: %s\n", strerror(-error));
    return error < 0;
}
