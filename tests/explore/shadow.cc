// shadow.cc - who read and wrote each piece of plain memory, and when.
//
// Two accesses to the same bytes, of which one writes and not both are
// atomic, must be ordered by "happens before": else it is a data race,
// whatever we saw them read. For each eight bytes we keep the last accesses by
// thread, bytes and kind, as FastTrack and ThreadSanitizer do.
#include "tests/explore/context.h"
#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

constexpr int kSlots = 12;

struct Slot {
  uint32_t clock;
  uint8_t bytes;  // a bit each
  int8_t thread;
  Mode mode;
  const void *pc;
};

struct Cell {
  int used, oldest;
  bool atomic;
  Slot slots[kSlots];
};

constexpr size_t kCells = 1 << 14, kTable = 2 * kCells;
struct Entry {
  uintptr_t address;
  uint64_t run;
  int cell;
} table[kTable];
Cell cells[kCells];
int cells_used;
uint64_t run;

Cell *CellAt(uintptr_t address) {
  size_t i = (address >> 3) * 0x9E3779B97F4A7C15u >> 49;
  for (;; i++) {
    Entry &entry = table[i % kTable];
    if (entry.run == run && entry.address == address) return &cells[entry.cell];
    if (entry.run == run) continue;
    if (cells_used == int(kCells))
      Fail("unsupported: more than %zu KiB of shared memory",
           kCells * 8 / 1024);
    entry = {address, run, cells_used};
    cells[cells_used].used = cells[cells_used].oldest = 0;
    cells[cells_used].atomic = false;
    return &cells[cells_used++];
  }
}

bool IsAtomic(Mode mode) {
  return mode == Mode::kAtomicRead || mode == Mode::kAtomicWrite;
}

bool IsRead(Mode mode) {
  return mode == Mode::kRead || mode == Mode::kAtomicRead;
}

const char *ModeName(Mode mode) {
  switch (mode) {
    case Mode::kRead:
      return "read by";
    case Mode::kWrite:
      return "written by";
    case Mode::kFree:
      return "freed by";
    case Mode::kAtomicRead:
      return "read (atomically) by";
    default:
      return "written (atomically) by";
  }
}

[[noreturn]] void FailRace(const Slot &slot, uintptr_t address, size_t size,
                           Mode mode, const void *pc) {
  Fail("data race on %s: neither happens before the other\n%s\n%s",
       TellName(address, size),
       TellThreadPlace(ModeName(slot.mode), slot.thread, slot.pc),
       TellThreadPlace(ModeName(mode), state.self, pc));
}

void TouchCell(Cell *cell, uint8_t bytes, uintptr_t address, size_t size,
               Mode mode, const void *pc) {
  const Clocks &now = self().now;
  Slot fresh = {now.at[state.self], bytes, int8_t(state.self), mode, pc};
  Slot *place = nullptr;
  for (int i = 0; i < cell->used; i++) {
    Slot &slot = cell->slots[i];
    if (!(slot.bytes & bytes)) continue;
    if (slot.thread == state.self) {
      if (slot.bytes == bytes && slot.mode == mode) place = &slot;
      continue;
    }
    if (IsRead(slot.mode) && IsRead(mode)) continue;
    if (IsAtomic(slot.mode) && IsAtomic(mode)) continue;
    if (!now.Has(slot.thread, slot.clock))
      FailRace(slot, address, size, mode, pc);
  }
  if (place == nullptr && cell->used < kSlots)
    place = &cell->slots[cell->used++];
  if (place == nullptr) {
    place = &cell->slots[cell->oldest];
    cell->oldest = (cell->oldest + 1) % kSlots;
  }
  *place = fresh;
}

bool Rewrites(Mode mode) { return mode == Mode::kWrite; }

}  // namespace

void ResetShadow() {
  run++;
  cells_used = 0;
}

void Plain(uintptr_t address, size_t size, Mode mode, const void *pc) {
  if (size == 0) return;
  if (IsThreadLocal(address)) return;
  if (InHeap(address) && !IsAtomic(mode)) CheckHeap(address, size, pc);
  if (state.phase != Phase::kThreads) {  // ordered with everything
    if (Rewrites(mode)) RewriteLocations(address, size);
    return;
  }
  if (recording && !IsAtomic(mode) && mode != Mode::kFree)
    TellPlain(address, size, mode == Mode::kWrite, pc);
  bool atomic = false;
  for (uintptr_t at = address & ~uintptr_t(7); at < address + size; at += 8) {
    unsigned first = at < address ? unsigned(address - at) : 0;
    size_t end = address + size - at;
    uint8_t bytes = uint8_t(0xff << first);
    if (end < 8) bytes &= uint8_t((1 << end) - 1);
    Cell *cell = CellAt(at);
    TouchCell(cell, bytes, address, size, mode, pc);
    cell->atomic |= IsAtomic(mode);
    atomic |= cell->atomic;
  }
  if (atomic && Rewrites(mode)) RewriteLocations(address, size);
}

}  // namespace explore
