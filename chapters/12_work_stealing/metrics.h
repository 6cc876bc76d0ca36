/* metrics.h - what a worker has done, for anybody to read while it runs.
 *
 *   M1  Each number only grows. The worker alone writes; any thread may read,
 *       and reads each one as it was a moment ago.
 *   M2  Counting costs an addition to memory of the worker's own: no lock, no
 *       locked instruction.
 *
 * Rust: tokio::runtime::RuntimeMetrics. */
#ifndef CHAPTERS_WORK_STEALING_METRICS_H
#define CHAPTERS_WORK_STEALING_METRICS_H

#include "chapters/common/atomics.h"

#include <stdint.h>

struct metrics {
    atomic_member(uint64_t) polls;      /* turns */
    atomic_member(uint64_t) lifo_polls; /* of these, out of the LIFO slot */
    atomic_member(uint64_t) parks;      /* calls of bed_sleep() */
    atomic_member(uint64_t) steals;     /* thefts that found something */
    atomic_member(uint64_t) stolen;     /* tasks that came of them */
    atomic_member(uint64_t) injected;   /* tasks from the injector */
    atomic_member(uint64_t) overflows;  /* pushes that found the ring full */
    atomic_member(uint64_t) looks;      /* at the driver, while busy */
};

#ifndef __cplusplus
static inline void metrics_add(_Atomic(uint64_t) *number, uint64_t count)
{
    /* Relaxed, and no read-modify-write: there is one writer. */
    uint64_t old = atomic_load_explicit(number, memory_order_relaxed);

    atomic_store_explicit(number, old + count, memory_order_relaxed);
}
#endif

#endif
