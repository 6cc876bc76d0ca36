/* hello_server.c - "Hello, World!" to every HTTP request, until Ctrl-C.
 *
 *     hello_server [PORT]        and then:  ab -k -c 100 -n 100000
 *                                               http://127.0.0.1:PORT/
 *
 * As much HTTP as a load generator needs, and an answer to what is none. Each
 * wait for the peer has a deadline: that is what timeout is for. A request has
 * REQUEST_SECONDS from the answer before it to its last byte, so that a byte
 * now and then wins no time. A peer that takes nothing for WRITE_SECONDS is
 * given up. And whoever had its last answer has LINGER_SECONDS to read it. */
#include "chapters/06_reactor/linger.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/07_timer/demos/http_head.h"
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/timeout.h"
#include "chapters/common/arguments.h"
#include "chapters/common/container_of.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <async_macros.h>

enum {
    REQUEST_SECONDS = 10,
    WRITE_SECONDS = 10,
    LINGER_SECONDS = 5,
    OUT_LIMIT = 1024, /* bytes of answers that are sent by one call */
};

struct hello_task {
    struct async async;
    struct acceptor *acceptor;
    struct socket socket;
    struct timeout timeout; /* around one of these */
    union {
        struct socket_read read;
        struct socket_write_all write;
        struct socket_linger linger;
    };
    int64_t deadline;  /* of the request that is awaited */
    bool is_last;      /* no request after this one */
    long long to_skip; /* bytes of a body, in head or still to come */
    size_t length;
    char head[HEAD_LIMIT];
    size_t out_length;
    char out[OUT_LIMIT];
};

#define ANSWER(status, connection, text, length)     \
    "HTTP/1.1 " status "\r\nConnection: " connection \
    "\r\nContent-Type: text/plain\r\nContent-Length: " length "\r\n\r\n" text

static const struct answer {
    int status; /* as of head_parse() */
    const char *text;
} answers[] = {
    {0, ANSWER("200 OK", "keep-alive", "Hello, World!\n", "14")},
    {1, ANSWER("200 OK", "close", "Hello, World!\n", "14")},
    {-400, ANSWER("400 Bad Request", "close", "No.\n", "4")},
    {-431, ANSWER("431 Request Header Fields Too Large", "close", "Too much.\n",
                  "10")},
    {-501, ANSWER("501 Not Implemented", "close", "No pieces.\n", "11")},
};

static const char *answer_to(int status)
{
    const struct answer *answer = answers;

    while (answer->status != status)
        answer++;
    return answer->text;
}

/* Takes bytes out of the front of what has arrived. */
static void take(struct hello_task *task, size_t size)
{
    task->length -= size;
    memmove(task->head, task->head + size, task->length);
}

static void skip_body(struct hello_task *task)
{
    size_t size = task->length;

    if (task->to_skip < (long long)size)
        size = (size_t)task->to_skip;
    task->to_skip -= (long long)size;
    take(task, size);
}

/* Takes the next request out. Its answer; or NULL: there is none yet. */
static const char *next_answer(struct hello_task *task)
{
    struct request request;

    skip_body(task);
    if (task->length == 0 || task->is_last)
        return NULL;
    int used = head_parse(task->head, task->length, &request);

    if (used == 0)
        return NULL;
    task->is_last = used < 0 || request.is_last;
    if (used < 0)
        return answer_to(used);
    take(task, (size_t)used);
    task->to_skip = request.body > 0 ? request.body : 0;
    return answer_to(task->is_last);
}

/* Puts answers together, as many as have room: one call sends them all. True
 * if there is one. */
static bool collect_answers(struct hello_task *task)
{
    const char *answer;

    task->out_length = 0;
    while (task->out_length + 200 <= OUT_LIMIT &&
           (answer = next_answer(task)) != NULL) {
        size_t size = strlen(answer);

        memcpy(task->out + task->out_length, answer, size);
        task->out_length += size;
    }
    return task->out_length > 0;
}

static struct timer *timer_of(const struct hello_task *task)
{
    struct runtime *runtime = task->acceptor->options.data;

    return &runtime->timer;
}

/* The next request has its time from here on. */
static void expect_request(struct hello_task *task)
{
    task->deadline = timer_now(timer_of(task)) + SECONDS(REQUEST_SECONDS);
}

static void begin_read(struct hello_task *task)
{
    socket_read_init(&task->read, &task->socket, task->head + task->length,
                     HEAD_LIMIT - task->length);
    timeout_init(&task->timeout, timer_of(task), &task->read.io.base,
                 task->deadline - timer_now(timer_of(task)));
}

static void begin_write(struct hello_task *task)
{
    socket_write_all_init(&task->write, &task->socket, task->out,
                          task->out_length);
    timeout_init(&task->timeout, timer_of(task), &task->write.io.base,
                 SECONDS(WRITE_SECONDS));
}

static void begin_linger(struct hello_task *task)
{
    socket_linger_init(&task->linger, &task->socket);
    timeout_init(&task->timeout, timer_of(task), &task->linger.io.base,
                 SECONDS(LINGER_SECONDS));
}

static enum poll hello_body(struct async *self, struct context *cx)
{
    struct hello_task *task = container_of(self, struct hello_task, async);

    ASYNC(self);
    expect_request(task);
    while (!task->is_last) {
        begin_read(task);
        AWAIT(&task->timeout.base);
        if (self->base.result == -ETIMEDOUT)
            break;
        if (self->base.result <= 0)
            ASYNC_RETURN(self->base.result);
        task->length += (size_t)self->base.result;
        while (collect_answers(task)) {
            begin_write(task);
            TRY_AWAIT(&task->timeout.base);
            expect_request(task);
        }
    }
    begin_linger(task);
    AWAIT(&task->timeout.base);
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
    task->to_skip = 0;
    task->length = 0;
}

int main(int count, char **arguments)
{
    struct runtime runtime;
    struct acceptor_options options = {
        .port = port_argument(count, arguments),
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
