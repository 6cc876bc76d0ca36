/* group.h - who is in which group, shared by all threads.
 *
 *   G1  A group is there from its first join to its last leave.
 *   G2  group_post() puts the text into the outbox of every member, in the
 *       same order for all. While one of them has no room, it waits, without
 *       the lock: others post, join and leave meanwhile.
 *   G3  An outbox that is full says nothing about its client: a burst is
 *       quicker than a thread. It is emptied or, when its client takes
 *       nothing for too long, closed (S5); either ends the wait. So the wait
 *       has an end, and only a client that does not read is disconnected.
 *   G4  After group_leave_all() a client is in no group, and nobody holds a
 *       pointer to it.
 *   G5  What a client can make is bounded: GROUPS_A_CLIENT groups. No list is
 *       searched that is longer; groups are found in a balanced tree, so
 *       nobody's names make it slow.
 *
 * Any thread may call any of this. Lock order: table, then outbox. */
#ifndef CHAPTERS_BLOCKING_SERVER_GROUP_H
#define CHAPTERS_BLOCKING_SERVER_GROUP_H

#include "chapters/01_blocking_server/outbox.h"
#include "chapters/common/list.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GROUPS_A_CLIENT =
        32 /* more than anybody reads, less than a second's work */
};

struct client {
    struct connection *connection;
    struct group_table *table;
    int send_error; /* the sender's, until it is joined */
    struct outbox outbox;

    /* protected by the table's lock */
    struct list memberships;
    int membership_count;
    pthread_cond_t room; /* its outbox was emptied or closed */
};

struct group_table {
    pthread_mutex_t lock;
    void *groups; /* a tree of names, see tsearch(3) */
};

void group_table_init(struct group_table *table);
void group_table_end(struct group_table *table); /* it must be empty */

void client_init(struct client *client, struct group_table *table,
                 struct connection *connection);
void client_end(struct client *client); /* it must be in no group */

/* 0, -EEXIST if the client is in it already, -EDQUOT if it is in
 * GROUPS_A_CLIENT of them, or -ENOMEM. */
int group_join(struct group_table *table, const char *name,
               struct client *client);

/* 0, or -ENOENT if the client is not in it. */
int group_leave(struct group_table *table, const char *name,
                struct client *client);

void group_leave_all(struct group_table *table, struct client *client);

/* Puts a text into the client's outbox, once there is room for it (G3). */
void client_deliver(struct client *client, const char *text, size_t size);

/* To be called when the client's outbox was emptied or closed: wakes those that
 * wait for it, and no others: its own reader, and who posts to its groups. */
void client_tell_of_room(struct client *client);

/* 0, or -ENOENT if the client is not in the group. */
int group_post(struct group_table *table, const char *name,
               struct client *client, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
