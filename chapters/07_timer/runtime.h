/* runtime.h - everything that was built so far, on one thread.
 *
 *     executor --> timer --> reactor --> epoll_wait()
 *
 * Four parts that know nothing of the next one but the driver; here is the
 * order in which they are made and ended. Rust: tokio's current_thread
 * runtime with enable_all(). */
#ifndef CHAPTERS_TIMER_RUNTIME_H
#define CHAPTERS_TIMER_RUNTIME_H

#include "chapters/04_executor/executor.h"
#include "chapters/06_reactor/reactor.h"
#include "chapters/07_timer/timer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct runtime {
    struct clock clock;
    struct reactor reactor;
    struct timer timer;
    struct executor executor;
};

/* With a real clock. 0 or a negative errno. It must not move afterwards. */
int runtime_init(struct runtime *runtime);

/* Cancels all tasks that are left, and gives everything back. Sockets that no
 * task owns are closed before, or it panics. */
void runtime_end(struct runtime *runtime);

#ifdef __cplusplus
}
#endif

#endif
