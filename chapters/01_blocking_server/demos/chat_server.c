/* chat_server.c - the chat server, until you press Ctrl-C.
 *
 *     chat_server [PORT]        and then:  nc 127.0.0.1 PORT */
#include "chapters/01_blocking_server/chat.h"

#include "chapters/common/arguments.h"
#include "chapters/common/log.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct log out, errors;

static void log_error(int error, void *data)
{
    (void)data;
    log_line(&errors, "a connection ended: %s", strerror(-error));
}

/* Blocks SIGINT and SIGTERM, for this thread and all that it starts. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static int serve_until_signal(const struct server_options *options)
{
    struct server server;
    sigset_t signals;
    int signal;

    block_signals(&signals);
    int error = server_start(&server, options);

    if (error < 0)
        return error;
    log_line(&out, "listening on 127.0.0.1, port %d", server_port(&server));
    sigwait(&signals, &signal);
    server_stop(&server);
    return 0;
}

int main(int count, char **arguments)
{
    struct group_table groups;
    struct server_options options = {
        .port = port_argument(count, arguments),
        .serve = chat_serve,
        .log = log_error,
        .data = &groups,
    };

    group_table_init(&groups);
    survive_broken_pipes();
    log_start(&out, STDOUT_FILENO);
    log_start(&errors, STDERR_FILENO);
    int error = serve_until_signal(&options);

    if (error < 0)
        log_line(&errors, "chat_server: %s", strerror(-error));
    group_table_end(&groups);
    log_end(&errors);
    log_end(&out);
    return error < 0;
}
