/* chat_task.c - a reader and a writer a client, as in chapter 01's chat.c.
 *
 * The two share a struct chat_client and each owns half of the socket. The
 * reader ends with its peer; it closes the mailbox, and the writer, when it
 * has emptied that, ends too. */
#include "chapters/06_reactor/chat_task.h"

#include "chapters/01_blocking_server/chat.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <async_macros.h>

static enum poll writer_body(struct async *self, struct context *cx)
{
    struct chat_writer *writer = container_of(self, struct chat_writer, async);

    ASYNC(self);
    /* TODO(6.14): take; nothing is the end; write all of it, free() it; an
     * error closes the mailbox and shuts the socket down (SHUT_RDWR), so
     * that the reader ends, too */
    TODO(6.14);
    (void)writer;
    ASYNC_RETURN(-ENOSYS);
    ASYNC_END;
}

static void writer_cleanup(struct async *self)
{
    struct chat_writer *writer = container_of(self, struct chat_writer, async);

    free(writer->bytes);
    write_half_close(&writer->half);
    chat_client_unref(writer->client);
}

void chat_writer_init(struct chat_writer *writer, struct write_half half,
                      struct chat_client *client)
{
    static const struct async_function function = {ASYNC_OPS, writer_body,
                                                   writer_cleanup};

    async_init(&writer->async, &function);
    writer->half = half;
    writer->client = client;
    writer->bytes = NULL;
}

static void answer(struct chat_client *client, const char *why)
{
    char text[100];
    int length = why == NULL ? snprintf(text, sizeof text, "ok\n")
                             : snprintf(text, sizeof text, "error %s\n", why);

    chat_client_deliver(client, text, (size_t)length);
}

static int post(struct chat_reader *reader, const struct chat_command *command)
{
    char text[2 * LINE_LIMIT];
    int length =
        snprintf(text, sizeof text, "%s %s\n", command->group, command->text);

    return chat_hall_post(reader->hall, command->group, reader->client, text,
                          (size_t)length);
}

/* NULL, or why not. */
static const char *obey(struct chat_reader *reader,
                        const struct chat_command *command)
{
    switch (command->verb) {
    case CHAT_JOIN:
        switch (chat_hall_join(reader->hall, command->group, reader->client)) {
        case 0:
            return NULL;
        case -EEXIST:
            return "already joined";
        default:
            return "out of memory";
        }
    case CHAT_POST:
        return post(reader, command) ? "not joined" : NULL;
    case CHAT_LEAVE:
        return chat_hall_leave(reader->hall, command->group, reader->client)
                   ? "not joined"
                   : NULL;
    }
    return "unknown command";
}

/* Obeys each line that has arrived. 0 or a negative errno. */
static int obey_lines(struct chat_reader *reader)
{
    char *line;
    int got;

    while ((got = line_buffer_next(&reader->lines, &line)) > 0) {
        struct chat_command command;
        const char *why;

        if (chat_parse(line, &command, &why) == 0)
            why = obey(reader, &command);
        answer(reader->client, why);
    }
    return got;
}

/* Makes the client and its writer's task. 0 or -ENOMEM, -ECANCELED. */
static int reader_begin(struct chat_reader *reader)
{
    struct chat_writer writer;
    struct write_half half;
    int error;

    reader->client = chat_client_create(reader->acceptor,
                                        socket_descriptor(&reader->socket));
    if (reader->client == NULL)
        return -ENOMEM;
    socket_split(&reader->socket, &reader->half, &half);
    reader->client->owners++;
    chat_writer_init(&writer, half, reader->client);
    error = spawner_spawn(reader->acceptor->spawner, &writer.async.base,
                          sizeof writer, NULL);
    if (error < 0)
        future_drop(&writer.async.base.base);
    return error;
}

static void reader_read(struct chat_reader *reader)
{
    size_t size;
    char *space = line_buffer_space(&reader->lines, &size);

    socket_read_init(&reader->read, &reader->half.socket, space, size);
}

/* Keeps an error for the hall's books; returns it. */
static int told(struct chat_reader *reader, int result)
{
    if (result == 0 && reader->client != NULL &&
        reader->client->mailbox.was_full)
        result = -EAGAIN;
    if (result < 0) {
        reader->hall->failures++;
        reader->hall->last_error = result;
    }
    return result;
}

static enum poll reader_body(struct async *self, struct context *cx)
{
    struct chat_reader *reader = container_of(self, struct chat_reader, async);
    int error;

    ASYNC(self);
    error = reader_begin(reader);
    if (error < 0)
        ASYNC_RETURN(told(reader, error));
    for (;;) {
        reader_read(reader);
        AWAIT(&reader->read.io.base);
        if (self->base.result <= 0)
            ASYNC_RETURN(told(reader, self->base.result));
        line_buffer_fill(&reader->lines, (size_t)self->base.result);
        error = obey_lines(reader);
        if (error < 0)
            ASYNC_RETURN(told(reader, error));
    }
    ASYNC_END;
}

static void reader_cleanup(struct async *self)
{
    struct chat_reader *reader = container_of(self, struct chat_reader, async);

    socket_close(&reader->socket);
    read_half_close(&reader->half);
    if (reader->client == NULL) {
        acceptor_ended(reader->acceptor);
        return;
    }
    chat_hall_leave_all(reader->hall, reader->client);
    mailbox_close(&reader->client->mailbox); /* the writer empties it first */
    chat_client_unref(reader->client);
}

void chat_reader_make(void *frame, struct acceptor *acceptor,
                      struct socket socket)
{
    static const struct async_function function = {ASYNC_OPS, reader_body,
                                                   reader_cleanup};
    struct chat_reader *reader = frame;

    async_init(&reader->async, &function);
    reader->hall = acceptor->options.data;
    reader->acceptor = acceptor;
    reader->socket = socket;
    reader->half.socket.source = NULL;
    reader->client = NULL;
    line_buffer_init(&reader->lines);
}
