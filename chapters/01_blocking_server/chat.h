/* chat.h - a group chat, a line a message.
 *
 *     join GROUP          -> ok
 *     post GROUP TEXT     -> ok            every member gets: GROUP TEXT
 *     leave GROUP         -> ok
 *     anything else       -> error WHY
 *
 *   H1  `ok` to a post means: the message is in the outbox of every member.
 *       It reaches those that stay and read, also when the server stops.
 *   H2  A line that cannot be obeyed gets an error as its answer, and the
 *       connection goes on. WHY is the first of these that is true:
 *           control character  there is one in it (X1): an order to the
 *                              terminals of all members
 *           unknown command    the first word is none of the three
 *           no group           there is no second word
 *           nothing to post    of a post: nothing but spaces follows
 *           too many words     of the others: anything but spaces follows
 *           already joined     a join of a group that the client is in
 *           too many groups    a join of one more than GROUPS_A_CLIENT
 *           not joined         a post or leave of one that it is not in
 *           out of memory      there was none left for a join
 *       Too long a line, or a zero byte (I2, I3), ends the connection.
 *   H3  A client that does not read is disconnected: after send_timeout in
 *       which it has not taken what was sent (S5). For so long, and once, it
 *       may hold up those that post to its groups, and nobody else. Who reads
 *       is not disconnected, however much comes at once; who sends faster
 *       than it reads its own answers waits for itself. */
#ifndef CHAPTERS_BLOCKING_SERVER_CHAT_H
#define CHAPTERS_BLOCKING_SERVER_CHAT_H

#include "chapters/01_blocking_server/group.h"
#include "chapters/01_blocking_server/server.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chat_verb {
    CHAT_JOIN,
    CHAT_POST,
    CHAT_LEAVE
};

struct chat_command {
    enum chat_verb verb;
    const char *group;
    const char *text; /* of a post; else "" */
};

/* Splits a line in place, at spaces; the text of a post is all that follows
 * the one space after the group. 0, or -EBADMSG with *why set to one of the
 * first five of H2. */
int chat_parse(char *line, struct chat_command *command, const char **why);

/* For a server's serve(); `data` is the struct group_table. */
int chat_serve(struct connection *connection, void *data);

#ifdef __cplusplus
}
#endif

#endif
