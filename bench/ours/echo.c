/* echo.c - the echo server of chapter 06. */
#include "bench/ours/bench.h"
#include "bench/usage.h"
#include "chapters/06_reactor/echo_task.h"

int echo(void)
{
    struct acceptor_options options = {
        .port = (uint16_t)bench_number("port", 0),
        .size = sizeof(struct echo_task),
        .make = echo_task_make,
    };

    answer_usage();
    return bench->serve(&options) < 0;
}
