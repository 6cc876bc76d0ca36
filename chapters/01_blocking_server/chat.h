/* chat.h - a group chat, a line a message.
 *
 *     join GROUP          -> ok
 *     post GROUP TEXT     -> ok            every member gets: GROUP TEXT
 *     leave GROUP         -> ok
 *     anything else       -> error WHY
 *
 *   H1  `ok` to a post means: the message is in the outbox of every member.
 *       It reaches those that stay and read, also when the server stops.
 *   H2  A line that makes no sense gets an error as its answer. An overlong
 *       one (I2) ends the connection.
 *   H3  A client that does not read stops nobody: its outbox fills, and it
 *       is disconnected (G3). */
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

/* Splits a line in place. 0, or -EBADMSG with *why set to a few words. */
int chat_parse(char *line, struct chat_command *command, const char **why);

/* For a server's serve(); `data` is the struct group_table. */
int chat_serve(struct connection *connection, void *data);

#ifdef __cplusplus
}
#endif

#endif
