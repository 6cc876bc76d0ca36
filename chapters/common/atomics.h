/* atomics.h - C11 atomics in structs that C++ (the gates) must see, too.
 *
 * g++ 12 does not know _Atomic. To C++ such a member is a plain one of the
 * same size and alignment, which it must leave alone. */
#ifndef COMMON_ATOMICS_H
#define COMMON_ATOMICS_H

#include <stdint.h>

#ifdef __cplusplus
#define atomic_member(type) type
#else
#include <stdatomic.h>
#define atomic_member(type) _Atomic(type)
_Static_assert(sizeof(_Atomic(uint32_t)) == sizeof(uint32_t) &&
                   sizeof(_Atomic(uintptr_t)) == sizeof(uintptr_t),
               "an atomic member is laid out as a plain one");
#endif

#endif
