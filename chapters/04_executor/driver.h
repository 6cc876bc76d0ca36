/* driver.h - where an executor sleeps, if not in a parker of its own.
 *
 * A reactor (chapter 06) sleeps in the kernel until a socket has news; a
 * timer (07) sleeps until the next deadline. Whoever brings news sleeps in
 * the executor's place, so that there is one sleep and it ends for all.
 *
 *   D1  park() sleeps until it has news or `timeout` nanoseconds have
 *       passed, wakes whoever waits for the news, and says if there was
 *       any. It may return early. A timeout of 0 only looks; a negative one
 *       has no end.
 *   D2  A wake of the unparker ends the sleep, or else the next one before
 *       it begins, and is news. It is never lost. Any thread may wake it,
 *       also when the driver is gone (W5).
 *   D3  The executor's thread parks; nobody parks from inside a poll.
 *
 * Rust: tokio's runtime::driver::Driver and its Unpark handle. */
#ifndef CHAPTERS_EXECUTOR_DRIVER_H
#define CHAPTERS_EXECUTOR_DRIVER_H

#include "chapters/02_future/context.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct driver {
    const struct driver_ops *ops;
};

struct driver_ops {
    bool (*park)(struct driver *self, int64_t timeout);
    struct waker (*unparker)(struct driver *self); /* the caller's to drop */
};

static inline bool driver_park(struct driver *driver, int64_t timeout)
{
    return driver->ops->park(driver, timeout);
}

static inline struct waker driver_unparker(struct driver *driver)
{
    return driver->ops->unparker(driver);
}

#ifdef __cplusplus
}
#endif

#endif
