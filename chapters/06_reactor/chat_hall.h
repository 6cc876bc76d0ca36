/* chat_hall.h - who is in which group, on one thread.
 *
 *   B1  A group is there from its first join to its last leave.
 *   B2  chat_hall_post() puts the text into the mailbox of every member, in
 *       the same order for all, or, when one of them has no room for it, of
 *       none.
 *   B3  A full mailbox is no crime: it may be a burst. A member is cut off when
 *       its mailbox is full and nothing was taken from it for `patience_ms`:
 *       the mailbox closes, so that its two tasks come to an end, but what is
 *       inside is still sent.
 *   B4  After chat_hall_leave_all() nobody holds a pointer to the client.
 *   B5  What a peer controls is searched in bounded time: a client is in
 *       CHAT_GROUPS groups at most, and a group is found by a hash that no
 *       peer can foresee.
 *   B6  After chat_hall_stop() nothing is posted: all mailboxes are closed.
 *
 * The group table of chapter 01 without its lock: all tasks are on one
 * thread, and none of this waits in the middle. */
#ifndef CHAPTERS_REACTOR_CHAT_HALL_H
#define CHAPTERS_REACTOR_CHAT_HALL_H

#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/mailbox.h"
#include "chapters/common/list.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CHAT_GROUPS = 32, /* of a client, as in chapter 01 */
    CHAT_BUCKETS = 1024,
    CHAT_PATIENCE_MS = 5000,
};

struct chat_hall {
    struct list buckets[CHAT_BUCKETS]; /* of groups, by the name's hash */
    uint64_t secret;
    struct list clients;
    int patience_ms; /* B3; CHAT_PATIENCE_MS, unless you change it */
    bool is_stopping;

    unsigned long failures; /* connections that ended with an error ... */
    int last_error;         /* ... and which the last one was */
};

/* One connection, shared by the task that reads and the one that writes. */
struct chat_client {
    int owners;
    struct acceptor *acceptor;
    struct list link; /* of the hall's clients */
    struct mailbox mailbox;
    bool was_cut_off; /* B3, or no memory was left for a text */
    struct list memberships;
    int membership_count;
};

void chat_hall_init(struct chat_hall *hall);
void chat_hall_end(struct chat_hall *hall); /* it must be empty */

/* With one owner; NULL without memory. */
struct chat_client *chat_client_create(struct chat_hall *hall,
                                       struct acceptor *acceptor);
void chat_client_unref(struct chat_client *client);

/* Puts a text into the client's mailbox, which has room. Without memory the
 * client is cut off. */
void chat_client_deliver(struct chat_client *client, const char *text,
                         size_t size);

/* 0, -EEXIST if the client is in it already, -EDQUOT if it is in too many
 * (B5), or -ENOMEM. */
int chat_hall_join(struct chat_hall *hall, const char *name,
                   struct chat_client *client);

/* 0, or -ENOENT if the client is not in it. */
int chat_hall_leave(struct chat_hall *hall, const char *name,
                    struct chat_client *client);

void chat_hall_leave_all(struct chat_hall *hall, struct chat_client *client);

/* 0, -ENOENT if the client is not in the group, or -EAGAIN (B2). */
int chat_hall_post(struct chat_hall *hall, const char *name,
                   struct chat_client *client, const char *text, size_t size);

/* A member of that group that has no room for so many bytes, or NULL. Members
 * with whom patience is over are cut off first (B3), and are none. */
struct chat_client *chat_hall_full_member(struct chat_hall *hall,
                                          const char *name,
                                          struct chat_client *client,
                                          size_t size);

/* For acceptor_options (B6); `hall` is the struct chat_hall. */
void chat_hall_stop(void *hall);

#ifdef __cplusplus
}
#endif

#endif
