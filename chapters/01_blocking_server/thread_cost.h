/* thread_cost.h - what a thread costs, measured here and now.
 *
 * Starts `count` threads that sleep, and looks at the process before and
 * after. Given, not a task. Not for two threads at a time. */
#ifndef CHAPTERS_BLOCKING_SERVER_THREAD_COST_H
#define CHAPTERS_BLOCKING_SERVER_THREAD_COST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct thread_cost {
    size_t count;       /* how many threads there really were */
    double resident;    /* bytes of memory in use, a thread */
    double reserved;    /* bytes of address space, a thread */
    double kernel;      /* bytes of kernel stack, a thread */
    double create_time; /* nanoseconds to create one */
    double switch_time; /* nanoseconds from one thread to another */
};

/* 0, or a negative errno if not even one thread could be made. */
int thread_cost_measure(size_t count, struct thread_cost *cost);

#ifdef __cplusplus
}
#endif

#endif
