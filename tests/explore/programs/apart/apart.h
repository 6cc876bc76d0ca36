/* apart.h - code under exploration in a shared object of its own, as the
 * chapters' is, or a mutant put before it: its variables and its lines. */
#ifndef TESTS_EXPLORE_PROGRAMS_APART_APART_H
#define TESTS_EXPLORE_PROGRAMS_APART_APART_H

#ifdef __cplusplus
extern "C" {
#endif

int *apart_written(void); /* of this thread; 7 when it begins */
int *apart_zero(void);    /* of this thread, too */
void apart_add(int *value);

#ifdef __cplusplus
}
#endif

#endif
