/* echo.c - the echo server of chapter 06. */
#include "bench/ours/bench.h"
#include "bench/usage.h"
#include "chapters/06_reactor/echo_task.h"
#include "chapters/common/log.h"

#include <string.h>
#include <unistd.h>

static void log_trouble(int error, void *log)
{
    log_line(log, "cannot accept just now, and tries again: %s",
             strerror(-error));
}

int echo(void)
{
    struct log log;
    struct acceptor_options options = {
        .port = (uint16_t)bench_number("port", 0),
        .size = sizeof(struct echo_task),
        .make = echo_task_make,
        .log = log_trouble,
        .data = &log,
    };

    log_start(&log, STDERR_FILENO);
    answer_usage();
    int error = bench->serve(&options);

    log_line(&log, "cannot serve: %s", strerror(-error));
    return 1;
}
