/* then.h - one future, and then another that depends on its result.
 *
 *   N1  then        goes on with any result,
 *       and_then    only with a value (>= 0); an error is the result,
 *       or_else     only with an error (< 0); a value is the result.
 *   N2  To go on, `next` is called, once, with the first future's result.
 *       It makes the second future, unpolled, and returns it; the second's
 *       result is the result. If the chain does not go on, `next` is not
 *       called and no second future ever exists.
 *   N3  The second future has its first poll in the same poll that finds the
 *       first one ready.
 *   N4  Both are owned (O1 to O3). The first is dropped before `next` is
 *       called, so the second may be made in the same memory (a union).
 *
 * Nothing here allocates: `data` is usually the struct that has room for the
 * second future, and `next` initialises it there.
 *
 * Rust: futures::FutureExt::then, TryFutureExt::and_then and or_else. */
#ifndef CHAPTERS_FUTURE_THEN_H
#define CHAPTERS_FUTURE_THEN_H

#include "chapters/02_future/future.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum then_when {
    THEN_ALWAYS,
    THEN_ON_VALUE,
    THEN_ON_ERROR,
};

struct then {
    struct int_future base;
    struct int_future *child; /* the first, later the second */
    bool is_second;           /* which of them `child` is */
    enum then_when when;
    struct int_future *(*next)(void *data, int result);
    void *data; /* handed to next */
};

void then_init(struct then *then, struct int_future *first,
               struct int_future *(*next)(void *data, int result), void *data);
void and_then_init(struct then *then, struct int_future *first,
                   struct int_future *(*next)(void *data, int result),
                   void *data);
void or_else_init(struct then *then, struct int_future *first,
                  struct int_future *(*next)(void *data, int result),
                  void *data);

#ifdef __cplusplus
}
#endif

#endif
