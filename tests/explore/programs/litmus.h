/* litmus.h - single operations, for programs that are given as a table. */
#ifndef TESTS_EXPLORE_PROGRAMS_LITMUS_H
#define TESTS_EXPLORE_PROGRAMS_LITMUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum { LITMUS_LOCATIONS = 4 };

void litmus_reset(void);
int litmus_load(int location, int order);
void litmus_store(int location, int value, int order);
int litmus_exchange(int location, int value, int order);
int litmus_add(int location, int value, int order);
void litmus_fence(int order);
void *litmus_address(int location);

#ifdef __cplusplus
}
#endif

#endif
