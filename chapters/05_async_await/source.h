/* source.h - where numbers come from, one at a time, some day.
 *
 * The functions of this chapter wait for numbers. Who makes them is not
 * their business: a socket in chapter 06, a test here. */
#ifndef CHAPTERS_ASYNC_AWAIT_SOURCE_H
#define CHAPTERS_ASYNC_AWAIT_SOURCE_H

#include "chapters/02_future/future.h"

struct source {
    /* Makes the future of the next number, unpolled: a result >= 0, or a
     * negative errno. Whoever asked owns it (O1) and has dropped it before
     * it asks again; its memory is the source's. */
    struct int_future *(*next)(struct source *source);
};

#endif
