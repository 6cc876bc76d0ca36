/* block_on.h - from the world of threads into that of futures.
 *
 *   B1  Polls the future once, and then once after every wake: never
 *       without one. Wakes that come during a poll lead to one poll more.
 *   B2  Between polls the thread sleeps and uses no CPU time.
 *   B3  The future is dropped before block_on() returns.
 *   B4  A waker that outlives the call is harmless (W5).
 *
 * Returns the future's result, or -ENOMEM; the future is then dropped
 * without a poll. Any thread may call it; not from inside a poll, which
 * must not block (P7): there it panics. Rust: futures::executor::block_on. */
#ifndef CHAPTERS_WAKER_BLOCK_ON_H
#define CHAPTERS_WAKER_BLOCK_ON_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

int block_on(struct int_future *future);

#ifdef __cplusplus
}
#endif

#endif
