/* bridge.h - from a plain function into an async one.
 *
 *   E1  sum_now() runs a sum to its end and returns its result. It blocks;
 *       the thread sleeps while nothing is to do.
 *   E2  It is for threads that are not inside a task: there it panics,
 *       since the task that it waits for might be the one it blocks.
 *
 * Rust: Runtime::block_on, and its panic "Cannot start a runtime from within
 * a runtime". */
#ifndef CHAPTERS_ASYNC_AWAIT_BRIDGE_H
#define CHAPTERS_ASYNC_AWAIT_BRIDGE_H

#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

int sum_now(struct source *source);

#ifdef __cplusplus
}
#endif

#endif
