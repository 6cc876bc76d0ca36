/* counted_flag.h - a flag that lives as long as somebody may set it.
 *
 *   C1  Every owner holds one reference: its maker, and each waker.
 *   C2  The last owner to let go frees the flag, on whatever thread.
 *   C3  waker_wake() sets the flag and gives up the waker's reference;
 *       waker_wake_by_ref() sets it and gives up nothing.
 *
 * Any thread may do any of this. Rust: Arc<T> with impl Wake for T. */
#ifndef CHAPTERS_WAKER_COUNTED_FLAG_H
#define CHAPTERS_WAKER_COUNTED_FLAG_H

#include "chapters/03_waker/waker.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct counted_flag;

/* A clear flag that the caller owns; NULL without memory. */
struct counted_flag *counted_flag_create(void);

/* The caller's reference is given up. */
void counted_flag_unref(struct counted_flag *flag);

/* True if the flag was set; it is clear afterwards. */
bool counted_flag_take(struct counted_flag *flag);

/* A waker for the flag: one owner more. */
struct waker counted_flag_waker(struct counted_flag *flag);

#ifdef __cplusplus
}
#endif

#endif
