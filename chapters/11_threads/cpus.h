/* cpus.h - how many threads can run at once.
 *
 * Not how many processors there are: a container, taskset(1) or a service's
 * settings may leave a program only some of them, and more workers than that
 * only take turns with one another.
 *
 *   A1  The number of processors in the calling thread's affinity mask,
 *       however large the machine; at least 1, and 1 where the kernel does not
 *       answer.
 *
 * sched_getaffinity(2). Rust: std::thread::available_parallelism. */
#ifndef CHAPTERS_THREADS_CPUS_H
#define CHAPTERS_THREADS_CPUS_H

#ifdef __cplusplus
extern "C" {
#endif

unsigned cpus_available(void);

#ifdef __cplusplus
}
#endif

#endif
