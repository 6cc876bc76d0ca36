/* chat_server.c - the chat server, until you press Ctrl-C.
 *
 *     chat_server [PORT]        and then:  nc 127.0.0.1 PORT */
#include "chapters/01_blocking_server/chat.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void log_error(int error, void *data)
{
    (void)data;
    fprintf(stderr, "a connection ended: %s\n", strerror(-error));
}

/* Blocks SIGINT and SIGTERM, for this thread and all that it starts. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

int main(int count, char **arguments)
{
    struct server server;
    struct group_table groups;
    struct server_options options = {
        .port = count > 1 ? (uint16_t)atoi(arguments[1]) : 0,
        .serve = chat_serve,
        .log = log_error,
        .data = &groups,
    };
    sigset_t signals;
    int signal;

    block_signals(&signals);
    group_table_init(&groups);
    int error = server_start(&server, &options);

    if (error < 0) {
        fprintf(stderr, "chat_server: %s\n", strerror(-error));
        return 1;
    }
    printf("listening on 127.0.0.1, port %d\n", server_port(&server));
    fflush(stdout);
    sigwait(&signals, &signal);
    server_stop(&server);
    group_table_end(&groups);
    return 0;
}
