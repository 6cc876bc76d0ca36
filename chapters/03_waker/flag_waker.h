/* flag_waker.h - the two smallest wakers: nothing to count, nothing to free.
 *
 * A flag waker sets a flag that lives longer than all its clones, such as
 * a static one; so cloning and dropping have nothing to do. The no-op
 * waker does not even that. Any thread may use either.
 *
 * Rust: Waker::noop(), and the tests of many a library. */
#ifndef CHAPTERS_WAKER_FLAG_WAKER_H
#define CHAPTERS_WAKER_FLAG_WAKER_H

#include "chapters/03_waker/waker.h"
#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct flag {
    atomic_member(uint32_t) is_set; /* 0 or 1 */
};

void flag_init(struct flag *flag);

/* True if the flag was set; it is clear afterwards. Any thread. */
bool flag_take(struct flag *flag);

/* A waker that sets `flag`, which must outlive every clone of it. */
struct waker flag_waker(struct flag *flag);

/* A waker that does nothing. */
struct waker noop_waker(void);

#ifdef __cplusplus
}
#endif

#endif
