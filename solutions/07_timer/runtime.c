/* runtime.c - four parts in order. */
#include "chapters/07_timer/runtime.h"

int runtime_init(struct runtime *runtime)
{
    int error = reactor_init(&runtime->reactor);

    if (error < 0)
        return error;
    error = executor_init(&runtime->executor);
    if (error < 0) {
        reactor_end(&runtime->reactor);
        return error;
    }
    clock_init(&runtime->clock);
    timer_init(&runtime->timer, &runtime->clock, &runtime->reactor.driver);
    executor_set_driver(&runtime->executor, &runtime->timer.driver);
    return 0;
}

void runtime_end(struct runtime *runtime)
{
    executor_end(&runtime->executor); /* its tasks have timers and sockets */
    timer_end(&runtime->timer);
    reactor_end(&runtime->reactor);
}
