/* chat_task.h - chapter 01's chat, with two tasks a client.
 *
 *     join GROUP          -> ok
 *     post GROUP TEXT     -> ok            every member gets: GROUP TEXT
 *     leave GROUP         -> ok
 *     anything else       -> error WHY
 *
 *   F1  `ok` to a post means: the message is in the mailbox of every member.
 *   F2  A line that makes no sense gets an error as its answer. An overlong
 *       one ends the connection (line.h of chapter 01).
 *   F3  A client that does not read stops nobody (B3).
 *   F4  When the peer has no more to say, what is in its mailbox is still
 *       sent.
 *
 * Reading and writing are separate tasks, each with its half of the socket:
 * the one that writes may be stuck behind a slow peer for as long as it
 * likes. Lines and commands are those of chapter 01, as they stand. */
#ifndef CHAPTERS_REACTOR_CHAT_TASK_H
#define CHAPTERS_REACTOR_CHAT_TASK_H

#include "chapters/01_blocking_server/line.h"
#include "chapters/06_reactor/chat_hall.h"
#include "chapters/06_reactor/halves.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Obeys the lines of one client, and spawns the chat_writer. */
struct chat_reader {
    struct async async;
    struct chat_hall *hall;
    struct acceptor *acceptor;
    struct socket socket; /* until it is split */
    struct read_half half;
    struct chat_client *client;
    struct socket_read read;
    struct line_buffer lines;
};

/* Sends what the mailbox holds until it is closed and empty. */
struct chat_writer {
    struct async async;
    struct write_half half;
    struct chat_client *client;
    char *bytes; /* what is being sent; or NULL */
    union {
        struct mailbox_take take;
        struct socket_write_all write;
    };
};

/* For acceptor_options, with the struct chat_hall as data. */
void chat_reader_make(void *frame, struct acceptor *acceptor,
                      struct socket socket);

/* The writer takes over its half and one reference to the client. */
void chat_writer_init(struct chat_writer *writer, struct write_half half,
                      struct chat_client *client);

#ifdef __cplusplus
}
#endif

#endif
