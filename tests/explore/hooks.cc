// hooks.cc - what the compiler calls for every access to memory.
//
// Code that is compiled with -fsanitize=thread calls these functions, which
// usually come with ThreadSanitizer's library; here they are ours. Outside of
// an exploration an atomic operation is done for real, by one instruction, and
// a plain access is nothing; but each is a tick first (ticks.h).
#include <cstddef>
#include <cstdint>

#include "tests/explore/state.h"
#include "tests/explore/ticks.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#define HOOK extern "C"
#define CALLER __builtin_return_address(0)

using explore::Mode;
using explore::Phase;

namespace {

// What to do with an access: the explorer does it, or it is a tick, and real.
inline bool IsExplored(const volatile void *address = nullptr,
                       size_t size = 0) {
  if (__builtin_expect(explore::state.phase != Phase::kOff, 0)) return true;
  explore::Tick(address, size);
  return false;
}

inline void Note(volatile void *address, size_t size, Mode mode,
                 const void *pc) {
  explore::Plain(reinterpret_cast<uintptr_t>(address), size, mode, pc);
}

uint64_t Set(uint64_t, uint64_t value) { return value; }
uint64_t Add(uint64_t old, uint64_t value) { return old + value; }
uint64_t Sub(uint64_t old, uint64_t value) { return old - value; }
uint64_t And(uint64_t old, uint64_t value) { return old & value; }
uint64_t Or(uint64_t old, uint64_t value) { return old | value; }
uint64_t Xor(uint64_t old, uint64_t value) { return old ^ value; }
uint64_t Nand(uint64_t old, uint64_t value) { return ~(old & value); }

}  // namespace

// ------------------------------------------------------------- plain accesses

#define PLAIN(name, size, mode)                                             \
  HOOK void name(void *address) {                                           \
    if (IsExplored(address, size)) Note(address, size, Mode::mode, CALLER); \
  }
PLAIN(__tsan_read1, 1, kRead)
PLAIN(__tsan_read2, 2, kRead)
PLAIN(__tsan_read4, 4, kRead)
PLAIN(__tsan_read8, 8, kRead)
PLAIN(__tsan_read16, 16, kRead)
PLAIN(__tsan_write1, 1, kWrite)
PLAIN(__tsan_write2, 2, kWrite)
PLAIN(__tsan_write4, 4, kWrite)
PLAIN(__tsan_write8, 8, kWrite)
PLAIN(__tsan_write16, 16, kWrite)
PLAIN(__tsan_unaligned_read2, 2, kRead)
PLAIN(__tsan_unaligned_read4, 4, kRead)
PLAIN(__tsan_unaligned_read8, 8, kRead)
PLAIN(__tsan_unaligned_read16, 16, kRead)
PLAIN(__tsan_unaligned_write2, 2, kWrite)
PLAIN(__tsan_unaligned_write4, 4, kWrite)
PLAIN(__tsan_unaligned_write8, 8, kWrite)
PLAIN(__tsan_unaligned_write16, 16, kWrite)
PLAIN(__tsan_volatile_read1, 1, kRead)
PLAIN(__tsan_volatile_read2, 2, kRead)
PLAIN(__tsan_volatile_read4, 4, kRead)
PLAIN(__tsan_volatile_read8, 8, kRead)
PLAIN(__tsan_volatile_read16, 16, kRead)
PLAIN(__tsan_volatile_write1, 1, kWrite)
PLAIN(__tsan_volatile_write2, 2, kWrite)
PLAIN(__tsan_volatile_write4, 4, kWrite)
PLAIN(__tsan_volatile_write8, 8, kWrite)
PLAIN(__tsan_volatile_write16, 16, kWrite)

HOOK void __tsan_read_range(void *address, size_t size) {
  if (IsExplored(address, size)) Note(address, size, Mode::kRead, CALLER);
}
HOOK void __tsan_write_range(void *address, size_t size) {
  if (IsExplored(address, size)) Note(address, size, Mode::kWrite, CALLER);
}
HOOK void __tsan_vptr_read(void **) {}
HOOK void __tsan_vptr_update(void **, void *) {}

// Each file of such code calls this as it is loaded.
HOOK void __tsan_init() { explore::has_hooks = true; }

HOOK void __tsan_func_entry(void *) {}
HOOK void __tsan_func_exit() { (void)IsExplored(); }

// ------------------------------------------------------------ atomic accesses

// For real: an order is a constant only if it is written as one, and these
// are not. On x86-64 all but a seq_cst store cost the same.
#define ATOMIC(bits)                                                           \
  HOOK uint##bits##_t __tsan_atomic##bits##_load(                              \
      const volatile uint##bits##_t *address, int order) {                     \
    if (!IsExplored(address, bits / 8))                                        \
      return __atomic_load_n(address, __ATOMIC_SEQ_CST);                       \
    return uint##bits##_t(explore::AtomicLoad(                                 \
        const_cast<uint##bits##_t *>(address), bits / 8, order, CALLER));      \
  }                                                                            \
  HOOK void __tsan_atomic##bits##_store(volatile uint##bits##_t *address,      \
                                        uint##bits##_t value, int order) {     \
    if (IsExplored(address, bits / 8))                                         \
      explore::AtomicStore(address, bits / 8, value, order, CALLER);           \
    else if (order == __ATOMIC_SEQ_CST)                                        \
      __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                      \
    else                                                                       \
      __atomic_store_n(address, value, __ATOMIC_RELEASE);                      \
  }                                                                            \
  UPDATE(bits, exchange, __atomic_exchange_n, Set)                             \
  UPDATE(bits, fetch_add, __atomic_fetch_add, Add)                             \
  UPDATE(bits, fetch_sub, __atomic_fetch_sub, Sub)                             \
  UPDATE(bits, fetch_and, __atomic_fetch_and, And)                             \
  UPDATE(bits, fetch_or, __atomic_fetch_or, Or)                                \
  UPDATE(bits, fetch_xor, __atomic_fetch_xor, Xor)                             \
  UPDATE(bits, fetch_nand, __atomic_fetch_nand, Nand)                          \
  COMPARE(bits, strong, false)                                                 \
  COMPARE(bits, weak, true)                                                    \
  HOOK uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(              \
      volatile uint##bits##_t *address, uint##bits##_t expected,               \
      uint##bits##_t wanted, int order, int failure) {                         \
    if (IsExplored(address, bits / 8)) {                                       \
      uint64_t seen = expected;                                                \
      explore::AtomicCompare(address, bits / 8, &seen, wanted, order, failure, \
                             false, CALLER);                                   \
      return uint##bits##_t(seen);                                             \
    }                                                                          \
    __atomic_compare_exchange_n(address, &expected, wanted, false,             \
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
    return expected;                                                           \
  }

#define UPDATE(bits, verb, real, change)                                       \
  HOOK uint##bits##_t __tsan_atomic##bits##_##verb(                            \
      volatile uint##bits##_t *address, uint##bits##_t value, int order) {     \
    if (!IsExplored(address, bits / 8))                                        \
      return real(address, value, __ATOMIC_SEQ_CST);                           \
    return uint##bits##_t(explore::AtomicUpdate(address, bits / 8, change,     \
                                                value, order, #verb, CALLER)); \
  }

#define COMPARE(bits, kind, weak)                                             \
  HOOK int __tsan_atomic##bits##_compare_exchange_##kind(                     \
      volatile uint##bits##_t *address, uint##bits##_t *expected,             \
      uint##bits##_t wanted, int order, int failure) {                        \
    if (!IsExplored(address, bits / 8))                                       \
      return __atomic_compare_exchange_n(address, expected, wanted, weak,     \
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    uint64_t seen = *expected;                                                \
    bool done = explore::AtomicCompare(address, bits / 8, &seen, wanted,      \
                                       order, failure, weak, CALLER);         \
    if (!done) *expected = uint##bits##_t(seen);                              \
    return done;                                                              \
  }

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

HOOK void __tsan_atomic_thread_fence(int order) {
  if (IsExplored())
    explore::Fence(order, CALLER);
  else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
HOOK void __tsan_atomic_signal_fence(int) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#endif
