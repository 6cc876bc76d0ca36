// memory.cc - what an atomic operation may read, and where a store may go.
//
// Each location has its stores in modification order. A thread may read any
// that is not older than what it knows: the newest store or read of this
// location that happens before (C11: read-read, write-read coherence). A new
// store goes anywhere after that, but never between a read-modify-write and
// the store that it read. So relations like "happens before" decide, and not
// the order in which we ran things.
#include <cstdio>
#include <cstring>

#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

// The options of the operation at hand. Those that were tried in another
// execution are skipped, but keep their numbers: see search.cc.
constexpr int kMostChoices = 1024;
int choices[kMostChoices];
bool skips[kMostChoices];
int choices_used;

void Offer(int choice, int store) {
  if (choices_used == kMostChoices) return;
  skips[choices_used] = store < state.restricted;
  choices[choices_used++] = choice;
}

int Chosen() { return choices[Choose(choices_used, skips)]; }

bool IsAcquire(int order) {
  return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME ||
         order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

bool IsRelease(int order) {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ||
         order == __ATOMIC_SEQ_CST;
}

// ---------------------------------------------------------------- locations

// By address; entries of executions before do not count.
constexpr size_t kTable = 2 * kMaxObjects;
struct Entry {
  uintptr_t address;
  uint64_t run;
  int object;
} table[kTable];
uint64_t run;

int orders[8 * kMaxStores];  // room for the orders of all locations
int orders_used;

uint64_t MemoryAt(uintptr_t address, int size) {
  uint64_t value = 0;
  memcpy(&value, reinterpret_cast<const void *>(address), size_t(size));
  return value;
}

void WriteMemory(uintptr_t address, int size, uint64_t value) {
  memcpy(reinterpret_cast<void *>(address), &value, size_t(size));
}

int StoreAt(const Object &object, int rank) { return object.order[rank]; }

// Makes room at `rank` and puts the store there.
void Insert(Object *object, int rank, int store) {
  if (object->stores == object->room) {
    int room = object->room == 0 ? 8 : 2 * object->room;
    int *order = orders + orders_used;
    orders_used += room;
    if (orders_used > int(sizeof orders / sizeof *orders))
      Fail("unsupported: too many stores in one execution");
    memcpy(order, object->order, sizeof(int) * size_t(object->stores));
    object->order = order;
    object->room = room;
  }
  for (int i = object->stores++; i > rank; i--) {
    object->order[i] = object->order[i - 1];
    state.stores[object->order[i]].rank = i;
  }
  object->order[rank] = store;
  state.stores[store].rank = rank;
}

int NewStore(int location, int thread, uint32_t clock, uint64_t value) {
  if (state.stores_used == kMaxStores)
    Fail("unsupported: too many stores in one execution");
  Store &store = state.stores[state.stores_used];
  store = Store();
  store.value = value;
  store.clock = clock;
  store.thread = int16_t(thread);
  store.location = location;
  return state.stores_used++;
}

int NewAccess() {
  if (state.accesses_used == kMaxStores)
    Fail("unsupported: too many operations in one execution");
  return state.accesses_used++;
}

// The value that plain code has left there becomes a store, the newest.
void AddPlainStore(int number, int thread, uint32_t clock) {
  Object &object = state.objects[number];
  uint64_t value = MemoryAt(object.address, object.size);
  int store = NewStore(number, thread, clock, value);
  Insert(&object, object.stores, store);
  object.rewritten = false;
  if (clock == 0) return;  // it was there first
  int i = NewAccess();
  state.accesses[i] = {store,
                       clock,
                       int16_t(thread),
                       -1,
                       true,
                       0,
                       Clocks(),
                       object.last_by[thread],
                       object.last_access};
  object.last_by[thread] = object.last_access = i;
}

int LocationAt(volatile void *address, int size) {
  int number = ObjectAt(address);
  Object &object = state.objects[number];
  if (object.size == 0) {
    object.size = uint8_t(size);
    AddPlainStore(number, 0, 0);
  } else if (object.size != size) {
    Fail("unsupported: atomic operations of %d and of %d bytes on %s",
         object.size, size, TellName(object.address, size_t(size)));
  }
  return number;
}

// ---------------------------------------------------------------- coherence

// The rank of the oldest store that the thread may still read.
int Oldest(const Object &object) {
  const Clocks &now = self().now;
  int rank = 0;
  for (int t = 0; t < state.thread_count; t++) {
    int i = object.last_by[t];
    while (i >= 0 && !now.Has(t, state.accesses[i].clock))
      i = state.accesses[i].by_thread;
    if (i < 0) continue;
    int seen = state.stores[state.accesses[i].store].rank;
    if (seen > rank) rank = seen;
  }
  return rank;
}

void AddAccess(int number, int store, bool writes, int node) {
  Object &object = state.objects[number];
  int i = NewAccess();
  state.accesses[i] = {store,
                       self().now.at[state.self],
                       int16_t(state.self),
                       int8_t(node),
                       writes,
                       FencesBefore(self().now),
                       self().now,
                       object.last_by[state.self],
                       object.last_access};
  object.last_by[state.self] = object.last_access = i;
}

Clocks NowAfterReading(int store, int order) {
  Clocks now = self().now;
  if (IsAcquire(order)) now.Join(state.stores[store].released);
  return now;
}

bool MayRead(int number, int rank, int order) {
  Object &object = state.objects[number];
  int store = StoreAt(object, rank);
  if (rank == object.stores - 1) return true;
  if (!options.stale_loads || self().spins) return false;
  return OrderAllows({number, rank, false}, NowAfterReading(store, order),
                     order == __ATOMIC_SEQ_CST);
}

// May a store come right after this one? For a read-modify-write, which has
// read it: `order` is its order.
bool MayFollow(int number, int rank, int order, bool updates) {
  Object &object = state.objects[number];
  int store = StoreAt(object, rank);
  if (rank == object.stores - 1) return true;
  if (!options.reorder_stores || state.stores[store].updated) return false;
  if (updates && self().spins) return false;
  return OrderAllows({number, rank, true},
                     updates ? NowAfterReading(store, order) : self().now,
                     order == __ATOMIC_SEQ_CST);
}

// ------------------------------------------------------------- the operations

int Begin(Touch touch, volatile void *address, int size, int order,
          const char *verb, const void *pc) {
  if (size > 8) Fail("unsupported: atomic operations of 16 bytes");
  uintptr_t number = reinterpret_cast<uintptr_t>(address);
  if (number % uintptr_t(size) != 0 || number < 4096)
    Fail("atomic %s at a bad address, %#lx\n%s", verb, (unsigned long)number,
         TellThreadPlace("by", state.self, pc));
  if (InHeap(number)) CheckHeap(number, size_t(size), pc);
  int object = LocationAt(address, size);
  Visible({touch, Need::kNone, uint8_t(order), object, verb, pc, nullptr});
  // Much may have happened before it was this thread's turn.
  Plain(number, size_t(size),
        touch == Touch::kReads ? Mode::kAtomicRead : Mode::kAtomicWrite, pc);
  Object &location = state.objects[object];
  if (location.rewritten)
    AddPlainStore(object, location.rewriter, location.rewritten_at);
  return object;
}

void Acquire(const Store &store, int order) {
  Thread &thread = self();
  thread.acquired.Join(store.released);
  if (IsAcquire(order)) thread.now.Join(store.released);
}

uint64_t Read(int number, int store, int order) {
  Place place = {number, state.stores[store].rank, false};
  Acquire(state.stores[store], order);
  int node = OrderAdd(place, self().now, order == __ATOMIC_SEQ_CST);
  AddAccess(number, store, false, node);
  return state.stores[store].value;
}

// A new store after `rank`; `updated` is the store that it has read, or -1.
void Write(int number, int rank, uint64_t value, int order, int updated) {
  Object &object = state.objects[number];
  Thread &thread = self();
  if (updated >= 0) Acquire(state.stores[updated], order);
  int node =
      OrderAdd({number, rank, true}, thread.now, order == __ATOMIC_SEQ_CST);
  int created = NewStore(number, state.self, thread.now.at[state.self], value);
  Store &store = state.stores[created];
  store.released = IsRelease(order) ? thread.now : thread.released;
  store.cause = thread.cause;
  if (updated >= 0) {
    // A release sequence goes on through read-modify-writes, and only them
    // (C++20; C11 had stores of the same thread as well).
    store.released.Join(state.stores[updated].released);
    state.stores[updated].updated = true;
  }
  Insert(&object, rank + 1, created);
  AddAccess(number, created, true, node);
  if (rank + 2 == object.stores)
    WriteMemory(object.address, object.size, value);
}

// ", an old value: the newest is 2", if it is one.
const char *TellStale(const Object &object, int rank) {
  static char text[100];
  text[0] = 0;
  if (rank < object.stores - 1)
    snprintf(text, sizeof text, " (old; the newest is %s)",
             TellValue(state.stores[StoreAt(object, object.stores - 1)].value));
  return text;
}

uint64_t Mask(int size) {
  return size == 8 ? ~uint64_t(0) : (uint64_t(1) << (8 * size)) - 1;
}

}  // namespace

void ResetMemory() {
  run++;
  orders_used = 0;
  state.objects_used = state.stores_used = state.accesses_used = 0;
}

int ObjectAt(const volatile void *address) {
  uintptr_t wanted = reinterpret_cast<uintptr_t>(address);
  size_t i = (wanted >> 2) * 0x9E3779B97F4A7C15u >> 51;
  for (;; i++) {
    Entry &entry = table[i % kTable];
    if (entry.run == run && entry.address == wanted) return entry.object;
    if (entry.run == run) continue;
    if (state.objects_used == kMaxObjects)
      Fail("unsupported: more than %d atomic objects", kMaxObjects);
    entry = {wanted, run, state.objects_used};
    Object &object = state.objects[state.objects_used];
    object = Object();
    object.address = wanted;
    object.owner = object.last_access = object.last_event = -1;
    for (int &last : object.last_by) last = -1;
    return state.objects_used++;
  }
}

uint64_t AtomicLoad(volatile void *address, int size, int order,
                    const void *pc) {
  int number = Begin(Touch::kReads, address, size, order, "load", pc);
  Object &object = state.objects[number];
  int oldest = Oldest(object);
  choices_used = 0;
  for (int rank = object.stores - 1; rank >= oldest; rank--)
    if (MayRead(number, rank, order)) Offer(rank, StoreAt(object, rank));
  int rank = Chosen(), store = StoreAt(object, rank);
  if (recording)
    TellLine(pc, "load %s: %s%s %s", TellName(object.address, size_t(size)),
             TellValue(state.stores[store].value), TellStale(object, rank),
             TellOrder(order));
  Commit(Touch::kReads, number, store);
  uint64_t value = Read(number, store, order);
  NoteSpin(SpinKey(pc, number, uint64_t(store)), Effect::kNone);
  End();
  return value;
}

void AtomicStore(volatile void *address, int size, uint64_t value, int order,
                 const void *pc) {
  int number = Begin(Touch::kWrites, address, size, order, "store", pc);
  Object &object = state.objects[number];
  int oldest = Oldest(object);
  choices_used = 0;
  for (int rank = object.stores - 1; rank >= oldest; rank--)
    if (MayFollow(number, rank, order, false)) Offer(rank, kMaxStores);
  int rank = Chosen();
  if (recording)
    TellLine(pc, "store %s = %s%s %s", TellName(object.address, size_t(size)),
             TellValue(value),
             rank < object.stores - 1 ? " (before a newer store)" : "",
             TellOrder(order));
  Commit(Touch::kWrites, number, -1);
  Write(number, rank, value, order, -1);
  NoteSpin(SpinKey(pc, number, value), Effect::kChanges);
  End();
}

uint64_t AtomicUpdate(volatile void *address, int size,
                      uint64_t (*change)(uint64_t, uint64_t), uint64_t operand,
                      int order, const char *verb, const void *pc) {
  int number = Begin(Touch::kUpdates, address, size, order, verb, pc);
  Object &object = state.objects[number];
  int oldest = Oldest(object);
  choices_used = 0;
  for (int rank = object.stores - 1; rank >= oldest; rank--)
    if (MayFollow(number, rank, order, true))
      Offer(rank, StoreAt(object, rank));
  int rank = Chosen(), store = StoreAt(object, rank);
  uint64_t old = state.stores[store].value;
  uint64_t value = change(old, operand) & Mask(size);
  if (recording)
    TellLine(pc, "%s %s: %s -> %s%s %s", verb,
             TellName(object.address, size_t(size)), TellValue(old),
             TellValue(value), TellStale(object, rank), TellOrder(order));
  Commit(Touch::kUpdates, number, store);
  Write(number, rank, value, order, store);
  if (old == value) state.all_changes--, state.changes_by[state.self]--;
  NoteSpin(SpinKey(pc, number, old * 31 + value),
           old == value ? Effect::kSame : Effect::kChanges);
  End();
  return old;
}

namespace {

enum Verdict { kSucceeds, kFails, kFailsForNoReason };

// The options of a compare-exchange: 3 * rank + verdict.
void OfferCompares(int number, uint64_t expected, int order, int failure,
                   bool weak) {
  Object &object = state.objects[number];
  int oldest = Oldest(object);
  choices_used = 0;
  bool may_spuriously = weak && state.spurious < options.spurious &&
                        state.phase == Phase::kThreads;
  for (int rank = object.stores - 1; rank >= oldest; rank--) {
    int store = StoreAt(object, rank);
    bool same = state.stores[store].value == expected;
    if (same && MayFollow(number, rank, order, true))
      Offer(3 * rank + kSucceeds, store);
    if (!same && MayRead(number, rank, failure))
      Offer(3 * rank + kFails, store);
    if (same && may_spuriously && MayRead(number, rank, failure))
      Offer(3 * rank + kFailsForNoReason, store);
  }
}

}  // namespace

bool AtomicCompare(volatile void *address, int size, uint64_t *expected,
                   uint64_t wanted, int order, int failure, bool weak,
                   const void *pc) {
  int number = Begin(Touch::kUpdates, address, size, order, "cas", pc);
  Object &object = state.objects[number];
  OfferCompares(number, *expected, order, failure, weak);
  int choice = Chosen(), rank = choice / 3;
  int store = StoreAt(object, rank);
  uint64_t old = state.stores[store].value;
  bool succeeds = choice % 3 == kSucceeds;
  if (choice % 3 == kFailsForNoReason) state.spurious++;
  if (recording && succeeds)
    TellLine(pc, "cas %s: %s -> %s%s %s",
             TellName(object.address, size_t(size)), TellValue(old),
             TellValue(wanted), TellStale(object, rank), TellOrder(order));
  if (recording && !succeeds)
    TellLine(pc, "cas %s fails: it is %s%s%s %s",
             TellName(object.address, size_t(size)), TellValue(old),
             TellStale(object, rank), old == *expected ? " (spurious)" : "",
             TellOrder(failure));
  Commit(succeeds ? Touch::kUpdates : Touch::kCompares, number, store);
  if (succeeds)
    Write(number, rank, wanted & Mask(size), order, store);
  else
    *expected = Read(number, store, failure);
  NoteSpin(succeeds ? SpinKey(pc, number, old * 31 + wanted)
                    : SpinKey(pc, number, uint64_t(store)),
           succeeds ? Effect::kChanges : Effect::kNone);
  End();
  return succeeds;
}

void Fence(int order, const void *pc) {
  Visible(
      {Touch::kNothing, Need::kNone, uint8_t(order), -1, "fence", pc, nullptr});
  Thread &thread = self();
  if (recording) TellLine(pc, "fence %s", TellOrder(order));
  Commit(Touch::kNothing, -1, -1);
  if (IsAcquire(order)) thread.now.Join(thread.acquired);
  if (order == __ATOMIC_SEQ_CST) OrderFence(thread.now);
  if (IsRelease(order)) thread.released = thread.now;
  End();
}

uint64_t NewestValue(int number) {
  Object &object = state.objects[number];
  int store = StoreAt(object, object.stores - 1);
  return state.stores[store].value;
}

int NewestStore(int number) {
  Object &object = state.objects[number];
  return StoreAt(object, object.stores - 1);
}

int WordAt(volatile void *address, int size) {
  int number = LocationAt(address, size);
  Object &location = state.objects[number];
  if (location.rewritten)
    AddPlainStore(number, location.rewriter, location.rewritten_at);
  return number;
}

void SeeStore(int number, int store) { Read(number, store, __ATOMIC_RELAXED); }

void RewriteLocations(uintptr_t address, size_t size) {
  for (int i = 0; i < state.objects_used; i++) {
    Object &object = state.objects[i];
    if (object.size == 0 || object.address + object.size <= address ||
        address + size <= object.address)
      continue;
    object.rewritten = true;
    object.rewriter = int16_t(state.self);
    object.rewritten_at = self().now.at[state.self];
  }
}

}  // namespace explore
