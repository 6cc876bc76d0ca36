// heap.cc - memory that an execution allocates.
//
// Each logical thread has a region of its own, so that an address does not
// depend on who allocated first; and nothing is used again within a run: a
// use after the free always finds the block freed. Between two blocks is a
// gap, which finds who writes past the end.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

// Free on all processors: where an arm64 has the smallest address space, of 39
// bits, it is below the program.
constexpr uintptr_t kBase = uintptr_t(0x2eed) << 24;
constexpr size_t kRegion = 16 << 20, kGrain = 16;
constexpr int kMaxBlocks = 8192;

enum Status : uint8_t { kGap, kLive, kFreed };

struct Block {
  uintptr_t address;
  size_t size;
  const void *made, *freed;
  int maker, freer;
};

Status status[kThreads][kRegion / kGrain];
size_t used[kThreads];
Block blocks[kMaxBlocks];
int blocks_used, live;
bool is_mapped;

void Map() {
  void *memory = mmap(
      reinterpret_cast<void *>(kBase), kThreads * kRegion,
      PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory != reinterpret_cast<void *>(kBase)) abort();
  is_mapped = true;
}

Status &StatusOf(uintptr_t address) {
  size_t offset = address - kBase;
  return status[offset / kRegion][offset % kRegion / kGrain];
}

Block *BlockOf(uintptr_t address) {
  for (int i = 0; i < blocks_used; i++)
    if (address - blocks[i].address < (blocks[i].size | 1)) return &blocks[i];
  return nullptr;
}

}  // namespace

void ResetHeap() {
  if (!is_mapped) Map();
  for (int i = 0; i < kThreads; i++) {
    memset(status[i], kGap, used[i] / kGrain);
    used[i] = 0;
  }
  blocks_used = live = 0;
}

bool InHeap(uintptr_t address) { return address - kBase < kThreads * kRegion; }

void *HeapAllocate(size_t size, size_t alignment, const void *pc) {
  size_t &top = used[state.self];
  size_t begin = (top + kGrain + alignment - 1) / alignment * alignment;
  size_t end = (begin + size + 1 + kGrain - 1) / kGrain * kGrain;
  if (size > kRegion || end > kRegion || blocks_used == kMaxBlocks)
    return nullptr;
  uintptr_t address = kBase + size_t(state.self) * kRegion + begin;
  void *memory = reinterpret_cast<void *>(address);
  for (size_t i = begin; i < end; i += kGrain)
    status[state.self][i / kGrain] = kLive;
  top = end;
  blocks[blocks_used++] = {address, size, pc, nullptr, state.self, -1};
  live++;
  memset(memory, 0xaa, size);
  if (recording) TellCall("malloc", memory, pc);
  return memory;
}

void HeapFree(void *memory, const void *pc) {
  uintptr_t address = reinterpret_cast<uintptr_t>(memory);
  Block *block = BlockOf(address);
  if (block == nullptr || block->address != address)
    Fail("free() of an address that malloc() did not return\n%s",
         TellPlace(pc));
  if (block->freed != nullptr)
    Fail("double free of %s\n%s\n%s", TellName(address, 1),
         TellThreadPlace("freed by", block->freer, block->freed),
         TellThreadPlace("and again by", state.self, pc));
  if (recording) TellCall("free", memory, pc);
  // All uses happen before the free, or they race with it.
  Plain(address, block->size, Mode::kFree, pc);
  for (size_t i = 0; i <= block->size; i += kGrain)
    StatusOf(address + i) = kFreed;
  block->freed = pc;
  block->freer = state.self;
  live--;
}

size_t HeapSize(void *memory) {
  Block *block = BlockOf(reinterpret_cast<uintptr_t>(memory));
  return block != nullptr ? block->size : 0;
}

void CheckHeap(uintptr_t address, size_t size, const void *pc) {
  if (StatusOf(address) == kLive && StatusOf(address + size - 1) == kLive)
    return;
  Block *block = BlockOf(address);
  if (block == nullptr || block->freed == nullptr)
    Fail("access outside of any allocated block\n%s",
         TellThreadPlace("by", state.self, pc));
  Fail("use after free of %s\n%s\n%s\n%s", TellName(address, size),
       TellThreadPlace("allocated by", block->maker, block->made),
       TellThreadPlace("freed by", block->freer, block->freed),
       TellThreadPlace("used by", state.self, pc));
}

void CheckLeaks() {
  if (live == 0) return;
  for (int i = 0; i < blocks_used; i++)
    if (blocks[i].freed == nullptr)
      Fail("leak: %d block(s) never freed\n%s", live,
           TellThreadPlace("the first, allocated by", blocks[i].maker,
                           blocks[i].made));
}

bool HeapName(uintptr_t address, char *text, size_t size) {
  if (!InHeap(address)) return false;
  Block *block = BlockOf(address);
  if (block == nullptr) return false;
  int number = int(block - blocks) + 1;
  size_t offset = address - block->address;
  if (offset == 0)
    snprintf(text, size, "block %d", number);
  else
    snprintf(text, size, "block %d + %zu", number, offset);
  return true;
}

}  // namespace explore
