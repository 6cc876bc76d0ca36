/* chat_task.c - a reader and a writer a client, as in chapter 01's chat.c.
 *
 * The two share a struct chat_client and each owns half of the socket. The
 * reader ends with its peer; it closes the mailbox, and the writer, when it
 * has emptied that, ends too. Or the mailbox is closed first, and the reader
 * ends with it. */
#include "chapters/06_reactor/chat_task.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <async_macros.h>

static enum poll writer_body(struct async *self, struct context *cx)
{
    struct chat_writer *writer = container_of(self, struct chat_writer, async);

    ASYNC(self);
    /* begin 6.14: take; nothing is the end; write all of it, free() it; an
     * error closes the mailbox and shuts the socket down (SHUT_RDWR), so that
     * the reader ends, too */
    for (;;) {
        mailbox_take_init(&writer->take, &writer->client->mailbox);
        AWAIT(&writer->take.base);
        if (self->base.result == 0)
            ASYNC_RETURN(0);
        writer->bytes = writer->take.bytes;
        socket_write_all_init(&writer->write, &writer->half.socket,
                              writer->bytes, (size_t)self->base.result);
        AWAIT(&writer->write.io.base);
        free(writer->bytes);
        writer->bytes = NULL;
        if (self->base.result < 0) {
            mailbox_close(&writer->client->mailbox);
            shutdown(socket_descriptor(&writer->half.socket), SHUT_RDWR);
            ASYNC_RETURN(self->base.result);
        }
    }
    /* end 6.14: (void)writer;
    ASYNC_RETURN(-ENOSYS); */
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

enum {
    /* Room for all that one line leads to: a post of its own, and the answer.
     */
    ANSWER_MOST = 100,
    POST_MOST = 2 * LINE_LIMIT,
    ROOM = POST_MOST + ANSWER_MOST,
};

static void answer(struct chat_client *client, const char *why)
{
    char text[ANSWER_MOST];
    int length = why == NULL ? snprintf(text, sizeof text, "ok\n")
                             : snprintf(text, sizeof text, "error %s\n", why);

    chat_client_deliver(client, text, (size_t)length);
}

static int post(struct chat_reader *reader, const struct chat_command *command)
{
    char text[POST_MOST];
    int length =
        snprintf(text, sizeof text, "%s %s\n", command->group, command->text);

    return chat_hall_post(reader->hall, command->group, reader->client, text,
                          (size_t)length);
}

static const char *join(struct chat_reader *reader,
                        const struct chat_command *command)
{
    switch (chat_hall_join(reader->hall, command->group, reader->client)) {
    case 0:
        return NULL;
    case -EEXIST:
        return "already joined";
    case -EDQUOT:
        return "too many groups";
    default:
        return "out of memory";
    }
}

/* NULL, or why not. */
static const char *obey(struct chat_reader *reader,
                        const struct chat_command *command)
{
    switch (command->verb) {
    case CHAT_JOIN:
        return join(reader, command);
    case CHAT_POST:
        return post(reader, command) ? "not joined" : NULL;
    case CHAT_LEAVE:
        return chat_hall_leave(reader->hall, command->group, reader->client)
                   ? "not joined"
                   : NULL;
    }
    return "unknown command";
}

/* Takes the next line, and finds out what it says. False: there is none yet,
 * or it is none (`error`), or nobody would hear the answer. */
static bool next_line(struct chat_reader *reader)
{
    char *line;
    int got = line_buffer_next(&reader->lines, &line);

    if (got < 0)
        reader->error = got;
    if (got <= 0 || reader->client->mailbox.is_closed)
        return false;
    (void)chat_parse(line, &reader->command, &reader->why);
    return true;
}

/* Whose mailbox has no room for what the line leads to; or NULL (F3). */
static struct chat_client *full_one(struct chat_reader *reader)
{
    if (!mailbox_has_room(&reader->client->mailbox, ROOM))
        return reader->client;
    if (reader->why != NULL || reader->command.verb != CHAT_POST)
        return NULL;
    return chat_hall_full_member(reader->hall, reader->command.group,
                                 reader->client, ROOM);
}

static struct reactor *reactor_of(const struct chat_reader *reader)
{
    return reader->half.socket.source->reactor;
}

/* Room in the mailbox of `full`, or the end of patience with another. */
static void wait_for_room(struct chat_reader *reader)
{
    struct chat_client *full = reader->full;
    bool is_own = full == reader->client;

    full->owners++; /* it may end meanwhile */
    mailbox_room_init(&reader->room, &full->mailbox, ROOM);
    reader->first_of[0] = &reader->room.base;
    if (!is_own)
        patience_init(&reader->patience, reactor_of(reader),
                      reader->hall->patience_ms -
                          mailbox_waits_ms(&full->mailbox));
    reader->first_of[1] = &reader->patience.io.base;
    select_init(&reader->select, reader->first_of, is_own ? 1 : 2);
}

static void let_go(struct chat_reader *reader)
{
    if (reader->full != NULL)
        chat_client_unref(reader->full);
    reader->full = NULL;
}

/* More bytes, or the closing of the own mailbox: by whoever cuts the client
 * off, by its writer, or at a stop. */
static void listen_to_both(struct chat_reader *reader)
{
    size_t size;
    char *space = line_buffer_space(&reader->lines, &size);

    mailbox_room_init(&reader->room, &reader->client->mailbox, MAILBOX_NEVER);
    reader->first_of[0] = &reader->room.base;
    socket_read_init(&reader->read, &reader->half.socket, space, size);
    reader->first_of[1] = &reader->read.io.base;
    select_init(&reader->select, reader->first_of, 2);
}

/* After either: false if the peer has ended. */
static bool heard(struct chat_reader *reader, int which)
{
    int result = reader->read.io.base.result;

    if (which == 0)
        return true; /* the mailbox: nothing was read */
    if (result > 0)
        line_buffer_fill(&reader->lines, (size_t)result);
    else
        reader->error = result;
    return result > 0;
}

/* F4. The descriptor is kept until one of the two has happened. */
static void linger(struct chat_reader *reader)
{
    patience_init(&reader->patience, reactor_of(reader), CHAT_FAREWELL_MS);
    reader->first_of[1] = &reader->patience.io.base;
    reader->socket.source = io_source_share(reader->half.socket.source);
    read_half_linger_init(&reader->linger, &reader->half);
    reader->first_of[0] = &reader->linger.io.base;
    select_init(&reader->select, reader->first_of, 2);
}

/* Makes the client and its writer's task. 0 or -ENOMEM, -ECANCELED. */
static int reader_begin(struct chat_reader *reader)
{
    struct chat_writer writer;
    struct write_half half;
    int error;

    reader->client = chat_client_create(reader->hall, reader->acceptor);
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

/* Nothing more is posted, nor taken in; the writer empties the mailbox. */
static void leave_and_close(struct chat_reader *reader)
{
    chat_hall_leave_all(reader->hall, reader->client);
    mailbox_close(&reader->client->mailbox);
}

/* The result, and an error in the hall's books. */
static int told(struct chat_reader *reader)
{
    int error = reader->error;

    if (error == 0 && reader->client != NULL && reader->client->was_cut_off)
        error = -EAGAIN;
    if (error < 0) {
        reader->hall->failures++;
        reader->hall->last_error = error;
    }
    return error;
}

static enum poll reader_body(struct async *self, struct context *cx)
{
    struct chat_reader *reader = container_of(self, struct chat_reader, async);

    ASYNC(self);
    reader->error = reader_begin(reader);
    if (reader->error < 0)
        ASYNC_RETURN(told(reader));
    for (;;) {
        while (next_line(reader)) {
            while ((reader->full = full_one(reader)) != NULL) {
                wait_for_room(reader);
                AWAIT(&reader->select.base);
                let_go(reader);
            }
            if (reader->why == NULL)
                reader->why = obey(reader, &reader->command);
            answer(reader->client, reader->why);
        }
        if (reader->error < 0 || reader->client->mailbox.is_closed)
            break;
        listen_to_both(reader);
        AWAIT(&reader->select.base);
        if (!heard(reader, self->base.result))
            ASYNC_RETURN(told(reader));
    }
    leave_and_close(reader);
    linger(reader);
    AWAIT(&reader->select.base);
    if (self->base.result == 1) /* the farewell has been long enough */
        shutdown(socket_descriptor(&reader->socket), SHUT_RDWR);
    ASYNC_RETURN(told(reader));
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
    let_go(reader);
    leave_and_close(reader);
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
    reader->full = NULL;
    reader->error = 0;
    line_buffer_init(&reader->lines);
}
