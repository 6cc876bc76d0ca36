/* chat_hall.h - who is in which group, on one thread.
 *
 *   B1  A group is there from its first join to its last leave.
 *   B2  chat_hall_post() puts the text into the mailbox of every member, in
 *       the same order for all, and waits for none.
 *   B3  A member whose mailbox is full is disconnected: the mailbox closes
 *       and the socket is shut down, so that its two tasks come to an end.
 *   B4  After chat_hall_leave_all() nobody holds a pointer to the client.
 *
 * The group table of chapter 01 without its lock: all tasks are on one
 * thread, and none of this waits in the middle. */
#ifndef CHAPTERS_REACTOR_CHAT_HALL_H
#define CHAPTERS_REACTOR_CHAT_HALL_H

#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/mailbox.h"
#include "chapters/common/list.h"

#ifdef __cplusplus
extern "C" {
#endif

struct chat_hall {
    struct list groups;
    unsigned long failures; /* connections that ended with an error ... */
    int last_error;         /* ... and which the last one was */
};

/* One connection, shared by the task that reads and the one that writes. */
struct chat_client {
    int owners;
    int descriptor; /* open as long as the client is in a group */
    struct acceptor *acceptor;
    struct mailbox mailbox;
    struct list memberships;
};

void chat_hall_init(struct chat_hall *hall);
void chat_hall_end(struct chat_hall *hall); /* it must be empty */

/* With one owner; NULL without memory. */
struct chat_client *chat_client_create(struct acceptor *acceptor,
                                       int descriptor);
void chat_client_unref(struct chat_client *client);

/* Puts a text into the client's mailbox, or disconnects it (B3). */
void chat_client_deliver(struct chat_client *client, const char *text,
                         size_t size);

/* 0, -EEXIST if the client is in it already, or -ENOMEM. */
int chat_hall_join(struct chat_hall *hall, const char *name,
                   struct chat_client *client);

/* 0, or -ENOENT if the client is not in it. */
int chat_hall_leave(struct chat_hall *hall, const char *name,
                    struct chat_client *client);

void chat_hall_leave_all(struct chat_hall *hall, struct chat_client *client);

/* 0, or -ENOENT if the client is not in the group. */
int chat_hall_post(struct chat_hall *hall, const char *name,
                   struct chat_client *client, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
