/* chat.c - a reader and a writer a client.
 *
 * The connection's thread reads and does what the lines say. A second
 * thread sends what is in the outbox: that one may be stuck behind a slow
 * peer for as long as it likes, and stops nobody. */
#include "chapters/01_blocking_server/chat.h"

#include "chapters/01_blocking_server/line.h"
#include "chapters/common/text.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Cuts the first word off *rest. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " ");
    char *end = word + strcspn(word, " ");

    *rest = end + (*end != '\0');
    *end = '\0';
    return word;
}

/* The verb of a word, or -1. */
static int find_verb(const char *word)
{
    static const char *const verbs[] = {"join", "post", "leave"};

    for (int verb = 0; verb < 3; verb++)
        if (strcmp(word, verbs[verb]) == 0)
            return verb;
    return -1;
}

int chat_parse(char *line, struct chat_command *command, const char **why)
{
    /* begin 1.7: Split the line into verb, group and text; say why if it makes
     * no sense, or orders (text_find_control()). */
    size_t size = strlen(line);
    bool has_control = text_find_control(line, size) < size;
    int verb = find_verb(next_word(&line));
    const char *group = next_word(&line);

    bool has_text = line[strspn(line, " ")] != '\0';

    *why = has_control                      ? "control character"
           : verb < 0                       ? "unknown command"
           : *group == '\0'                 ? "no group"
           : verb == CHAT_POST && !has_text ? "nothing to post"
           : verb != CHAT_POST && has_text  ? "too many words"
                                            : NULL;
    if (*why != NULL)
        return -EBADMSG;
    *command = (struct chat_command){(enum chat_verb)verb, group, line};
    return 0;
    /* end 1.7: (void)find_verb, (void)next_word;
    *why = "not implemented";
    return -EBADMSG; */
}

/* Sends what the outbox holds until it is closed and empty, or the peer
 * takes no more: then nobody waits for room in it any more, and the reader
 * comes to its end. */
static void *client_send(void *data)
{
    struct client *client = data;
    char bytes[OUTBOX_LIMIT];
    size_t size;

    while (client->send_error == 0 &&
           (size = outbox_take(&client->outbox, bytes)) > 0) {
        client_tell_of_room(client);
        client->send_error = connection_send(client->connection, bytes, size);
    }
    if (client->send_error < 0) {
        outbox_close(&client->outbox);
        client_tell_of_room(client);
        shutdown(client->connection->socket, SHUT_RDWR);
    }
    return NULL;
}

static void client_answer(struct client *client, const char *why)
{
    char text[100];
    int length = why == NULL ? snprintf(text, sizeof text, "ok\n")
                             : snprintf(text, sizeof text, "error %s\n", why);

    client_deliver(client, text, (size_t)length);
}

static int client_post(struct client *client, struct group_table *table,
                       const struct chat_command *command)
{
    char text[2 * LINE_LIMIT];
    int length =
        snprintf(text, sizeof text, "%s %s\n", command->group, command->text);

    return group_post(table, command->group, client, text, (size_t)length);
}

static const char *client_do(struct client *client, struct group_table *table,
                             const struct chat_command *command)
{
    switch (command->verb) {
    case CHAT_JOIN:
        switch (group_join(table, command->group, client)) {
        case 0:
            return NULL;
        case -EEXIST:
            return "already joined";
        case -EDQUOT:
            return "too many groups";
        default:
            return "out of memory";
        }
    case CHAT_POST:
        return client_post(client, table, command) ? "not joined" : NULL;
    case CHAT_LEAVE:
        return group_leave(table, command->group, client) ? "not joined" : NULL;
    }
    return "unknown command";
}

static void client_line(struct client *client, struct group_table *table,
                        char *line)
{
    struct chat_command command;
    const char *why;

    if (chat_parse(line, &command, &why) == 0)
        why = client_do(client, table, &command);
    client_answer(client, why);
}

/* Receives and obeys until the stream ends. */
static int client_receive(struct client *client, struct group_table *table)
{
    struct line_buffer buffer;
    size_t size;
    char *line;

    line_buffer_init(&buffer);
    for (;;) {
        int got;

        while ((got = line_buffer_next(&buffer, &line)) > 0)
            client_line(client, table, line);
        if (got < 0)
            return got;
        char *space = line_buffer_space(&buffer, &size);
        ssize_t received = connection_receive(client->connection, space, size);

        if (received <= 0)
            return (int)received;
        line_buffer_fill(&buffer, (size_t)received);
    }
}

int chat_serve(struct connection *connection, void *data)
{
    struct client *client = malloc(sizeof *client);
    pthread_t sender;

    if (client == NULL)
        return -ENOMEM;
    client_init(client, data, connection);
    int error = -pthread_create(&sender, NULL, client_send, client);

    if (error == 0) {
        error = client_receive(client, data);
        group_leave_all(data, client);
        outbox_close(&client->outbox); /* the sender empties it and ends */
        pthread_join(sender, NULL);
        if (client->send_error < 0)
            error = client->send_error; /* if the reader's failed, too: why */
    }
    client_end(client);
    free(client);
    return error;
}
