// memory_calls.cc - malloc and its family, and memcpy and its, as the code
// under exploration calls them.
//
// malloc comes by way of the linker (--wrap, tests/support/wrap.cc). memcpy
// does not, because the explorer calls it, too: code that is built for an
// exploration has it renamed (-Dmemcpy=explore_memcpy, tools/chapter.bzl).
#include <cstring>

#include "tests/explore/calls.h"
#include "tests/explore/state.h"

namespace explore {

bool IsRunning() { return state.phase != Phase::kOff; }

void *Allocate(size_t size, size_t alignment, const void *pc) {
  return HeapAllocate(size, alignment < 16 ? 16 : alignment, pc);
}

void *AllocateZeroed(size_t count, size_t size, const void *pc) {
  size_t all;
  if (__builtin_mul_overflow(count, size, &all)) return nullptr;
  void *memory = Allocate(all, 16, pc);
  if (memory != nullptr) memset(memory, 0, all);
  return memory;
}

void *Reallocate(void *memory, size_t size, const void *pc) {
  void *moved = Allocate(size, 16, pc);
  if (moved == nullptr || memory == nullptr) return moved;
  size_t old = HeapSize(memory);
  memcpy(moved, memory, old < size ? old : size);
  HeapFree(memory, pc);
  return moved;
}

bool Free(void *memory, const void *pc) {
  if (!InHeap(reinterpret_cast<uintptr_t>(memory))) return false;
  if (IsRunning()) HeapFree(memory, pc);  // else it is left from a failed run
  return true;
}

namespace {

void Note(const void *memory, size_t size, Mode mode, const void *pc) {
  if (IsRunning()) Plain(reinterpret_cast<uintptr_t>(memory), size, mode, pc);
}

}  // namespace

extern "C" {

void *explore_memcpy(void *to, const void *from, size_t size) {
  Call call;
  Note(from, size, Mode::kRead, __builtin_return_address(0));
  Note(to, size, Mode::kWrite, __builtin_return_address(0));
  return memcpy(to, from, size);
}

void *explore_memmove(void *to, const void *from, size_t size) {
  Call call;
  Note(from, size, Mode::kRead, __builtin_return_address(0));
  Note(to, size, Mode::kWrite, __builtin_return_address(0));
  return memmove(to, from, size);
}

void *explore_memset(void *to, int byte, size_t size) {
  Call call;
  Note(to, size, Mode::kWrite, __builtin_return_address(0));
  return memset(to, byte, size);
}

}  // extern "C"
}  // namespace explore
