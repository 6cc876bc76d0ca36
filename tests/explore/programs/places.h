/* places.h - short functions, for a test that counts where they can be
 * interrupted. */
#ifndef TESTS_EXPLORE_PROGRAMS_PLACES_H
#define TESTS_EXPLORE_PROGRAMS_PLACES_H

#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int places_none(int number); /* of a register */
int places_load(const int *from);
void places_store(int *to, int value);
void places_update(int *value);               /* a load, and a store */
int places_add(int *value);                   /* in one atomic step */
int places_swap(int *value, int old, int to); /* compare and exchange */
void places_fence(int *first, int *second);   /* a fence between two stores */
void places_copy(void *to, const void *from, size_t size);
void places_move(void *to, const void *from, size_t size);
void places_fill(void *to, int byte, size_t size);
void places_locked(pthread_mutex_t *lock, int *value); /* lock, store, unlock */
void *places_allocate(size_t size);
void places_free(void *memory);
void places_outer(int *value); /* a store, in a function that it calls */

#ifdef __cplusplus
}
#endif

#endif
