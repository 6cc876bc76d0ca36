/* planted.h - small programs, each with a bug that can be turned on. */
#ifndef TESTS_EXPLORE_PROGRAMS_PLANTED_H
#define TESTS_EXPLORE_PROGRAMS_PLANTED_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum planted_bug {
  PLANTED_NOTHING,
  PLANTED_ORDER,   /* a memory order that is too weak */
  PLANTED_RECHECK, /* nobody looks again */
  PLANTED_LOCKS,   /* the other way round; or none */
  PLANTED_FREE,    /* too early, or never */
};

/* Two flags and a critical section: Dekker's, without the turn. */
void dekker_reset(enum planted_bug bug);
bool dekker_enter(int side);
void dekker_work(void);
int dekker_count(void);

/* Made by the first who asks. */
void once_reset(enum planted_bug bug);
int once_get(void);

/* A lock that spins. */
void spin_reset(enum planted_bug bug);
void spin_count(void);
int spin_value(void);

/* A stack of nodes that are freed by who pops them. */
void stack_reset(enum planted_bug bug);
void stack_push(int value);
int stack_pop(void); /* -1: empty */
void stack_end(void);

/* A sleep on a futex, and the wake. */
void doze_reset(enum planted_bug bug);
void doze_sleep(void);
void doze_wake(void);
int doze_news(void);

/* Two locks. */
void pair_reset(enum planted_bug bug);
void pair_move(int from);
int pair_sum(void);

/* A queue of one, with a condition variable. */
void slot_reset(enum planted_bug bug);
void slot_put(int value);
int slot_get(void);

/* Counted owners. */
void owner_reset(enum planted_bug bug);
void owner_use_and_drop(void);

/* A writer that never waits, and readers that try again. */
void seqlock_reset(enum planted_bug bug);
void seqlock_write(int value);
bool seqlock_read(int *first, int *second);

/* A ring between two threads. */
void ring_of_two_reset(enum planted_bug bug);
bool ring_of_two_push(int value);
int ring_of_two_pop(void); /* -1: empty */

/* A loop that waits for what nobody does. */
void forever_reset(enum planted_bug bug);
void forever_wait(void);
void forever_end(void);

int *planted_thread_local(void);
void planted_plain_add(int *value);

#ifdef __cplusplus
}
#endif

#endif
