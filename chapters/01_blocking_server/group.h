/* group.h - who is in which group, shared by all threads.
 *
 *   G1  A group is there from its first join to its last leave.
 *   G2  group_post() puts the text into the outbox of every member, in the
 *       same order for all, and never waits for any of them.
 *   G3  A member whose outbox is full is disconnected: its outbox closes
 *       and its socket is shut down for reading, so its thread comes to an
 *       end by itself.
 *   G4  After group_leave_all() a client is in no group, and nobody holds a
 *       pointer to it.
 *
 * Any thread may call any of this. Lock order: table, then outbox. */
#ifndef CHAPTERS_BLOCKING_SERVER_GROUP_H
#define CHAPTERS_BLOCKING_SERVER_GROUP_H

#include "chapters/01_blocking_server/outbox.h"
#include "chapters/common/list.h"

#ifdef __cplusplus
extern "C" {
#endif

struct client {
    int socket;
    int send_error; /* the sender's, until it is joined */
    struct outbox outbox;
    struct list memberships; /* protected by the table's lock */
};

struct group_table {
    pthread_mutex_t lock;
    struct list groups;
};

void group_table_init(struct group_table *table);
void group_table_end(struct group_table *table); /* it must be empty */

/* 0, -EEXIST if the client is in it already, or -ENOMEM. */
int group_join(struct group_table *table, const char *name,
               struct client *client);

/* 0, or -ENOENT if the client is not in it. */
int group_leave(struct group_table *table, const char *name,
                struct client *client);

void group_leave_all(struct group_table *table, struct client *client);

/* Puts a text into the client's outbox, or disconnects it (G3). */
void client_deliver(struct client *client, const char *text, size_t size);

/* 0, or -ENOENT if the client is not in the group. */
int group_post(struct group_table *table, const char *name,
               struct client *client, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
