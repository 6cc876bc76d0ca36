/* chat_task.h - chapter 01's chat, with two tasks a client.
 *
 *     join GROUP          -> ok
 *     post GROUP TEXT     -> ok            every member gets: GROUP TEXT
 *     leave GROUP         -> ok
 *     anything else       -> error WHY
 *
 *   F1  `ok` to a post means: the message is in the mailbox of every member.
 *       It reaches those that stay and read, also when the server stops.
 *   F2  A line that makes no sense gets an error as its answer, and so does one
 *       with a control character in it: what one client types must not command
 *       another's terminal. An overlong line, or a zero byte, ends the
 *       connection (line.h of chapter 01).
 *   F3  A reader that has no room for its answers, or for its post in some
 *       member's mailbox, waits and reads no more: so its peer has to wait,
 *       too. A client that does not read holds up those that post to its
 *       groups for the hall's patience, once, and nobody else (B3).
 *   F4  When the connection ends, for whatever reason, what is in the mailbox
 *       is still sent, and then the end: the reader lingers (linger.h). A peer
 *       that has not taken it after CHAT_FAREWELL_MS is cut off for good.
 *
 * Reading and writing are separate tasks, each with its half of the socket:
 * the one that writes may be stuck behind a slow peer for as long as it
 * likes. Lines and commands are those of chapter 01, as they stand. */
#ifndef CHAPTERS_REACTOR_CHAT_TASK_H
#define CHAPTERS_REACTOR_CHAT_TASK_H

#include "chapters/01_blocking_server/chat.h"
#include "chapters/01_blocking_server/line.h"
#include "chapters/02_future/select.h"
#include "chapters/06_reactor/chat_hall.h"
#include "chapters/06_reactor/halves.h"
#include "chapters/06_reactor/linger.h"
#include "chapters/06_reactor/patience.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CHAT_FAREWELL_MS = 5000
};

/* Obeys the lines of one client, and spawns the chat_writer. */
struct chat_reader {
    struct async async;
    struct chat_hall *hall;
    struct acceptor *acceptor;
    struct socket socket; /* until it is split; and while it lingers */
    struct read_half half;
    struct chat_client *client;

    struct line_buffer lines;
    struct chat_command command; /* the line that is obeyed ... */
    const char *why;             /* ... or why it is not */
    struct chat_client *full;    /* a reference: who has no room; or NULL */
    int error;                   /* with which it ends; 0 */

    /* What it waits for: the first of two, one out of each union. */
    struct int_future *first_of[2];
    struct select select;
    union {
        struct mailbox_room room;
        struct socket_linger linger;
    };
    union {
        struct socket_read read;
        struct patience patience;
    };
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

/* For acceptor_options, with the struct chat_hall as data (chat_hall_stop()
 * belongs there, too). */
void chat_reader_make(void *frame, struct acceptor *acceptor,
                      struct socket socket);

/* The writer takes over its half and one reference to the client. */
void chat_writer_init(struct chat_writer *writer, struct write_half half,
                      struct chat_client *client);

#ifdef __cplusplus
}
#endif

#endif
