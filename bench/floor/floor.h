/* floor.h - the same work without a runtime: what nobody can be faster than,
 * or at least what it costs in bare C. Not the same service: see README.md. */
#ifndef BENCH_FLOOR_FLOOR_H
#define BENCH_FLOOR_FLOOR_H

/* ../README.md: a program that does not have a workload. */
enum {
    FLOOR_MISSING = 3
};

long floor_number(const char *key, long otherwise);
const char *floor_text(const char *key, const char *otherwise);

/* Calls `round` once, then `rounds` times, and prints what an operation of
 * those cost. */
void floor_measure(void (*round)(void), long rounds, long operations);

int spawn_join(void);
int yield_many(void);
int mpsc(void);
int mutex(void);
int echo(void);

#endif
