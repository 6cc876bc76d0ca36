// state.h - what one execution consists of: threads, memory, events.
//
// One execution is a row of events, each a visible operation of one thread.
// Everything here is in plain arrays which the next execution uses again:
// nothing is allocated while a scenario runs. An index of -1 is none.
#ifndef TESTS_EXPLORE_STATE_H
#define TESTS_EXPLORE_STATE_H

#include <cstddef>
#include <cstdint>

#include "tests/explore/clocks.h"
#include "tests/explore/explore.h"

namespace explore {

// What an operation does to its object: who of two comes first matters only
// for some pairs (depend.cc).
enum class Touch : uint8_t {
  kNothing,   // fences, starts: independent of everything
  kReads,     // may read an old store
  kCompares,  // a compare-exchange that failed
  kWrites,
  kUpdates,  // read-modify-write; or a compare-exchange yet to come
  kSleeps,   // a futex wait: reads the newest store, joins the queue
  kWakes,    // a futex wake
  kLocks,
  kTries,
  kUnlocks,
  kAll,     // depends on all other operations on the object
  kQueues,  // a wait of a queue: as kAll, but not on one another
};

// Why a thread may be unable to go on.
enum class Need : uint8_t {
  kNone,
  kMutex,   // the object is free
  kWoken,   // somebody has woken it
  kFlag,    // *word is not 0
  kOthers,  // somebody else has done something (a yield)
};

struct Pending {
  Touch touch;
  Need need;
  uint8_t order;  // __ATOMIC_RELAXED ... __ATOMIC_SEQ_CST
  int object;
  const char *verb;  // "load", "cas", "lock": for the story
  const void *pc;
  const uint32_t *word;
};

constexpr int kPeriods = 4;  // a loop of up to so many operations: spin.cc
constexpr int kRing = 2 * kPeriods;

struct Thread {
  Pending pending;
  bool started, ended, woken, spins;
  bool is_timed, timed_out;  // a wait with a timeout; it is over by that
  uint64_t others_then;      // events of others when it yielded or spun
  uint64_t changes_then;     // writes of others, likewise
  uint32_t events;
  Clocks now;        // all that happens before what it does next
  Clocks before;     // and before the operation at hand
  Clocks elsewhere;  // and before those just now on the same object
  int last_object;
  Clocks acquired;  // and what an acquire fence would add
  Clocks released;  // as of its last release fence
  Clocks cause;     // events, not clocks: what had to run before (search.cc)
  uint64_t ring[kRing];  // what its last operations were (spin.cc)
  uint32_t ring_used, last_write, last_update;
  uint32_t same[kPeriods + 1];
  bool spins_alone;
};

// A store in a location's modification order.
struct Store {
  uint64_t value;
  Clocks released;  // what an acquire load of it learns
  Clocks cause;
  uint32_t clock;
  int16_t thread;
  bool updated;  // a read-modify-write has read it, and follows at once
  int location;
  int rank;  // place in the order
};

// A read or write of a location, for coherence and for seq_cst.
struct Access {
  int store;
  uint32_t clock;
  int16_t thread;
  int8_t node;  // in the graph of seq_cst operations
  bool writes;
  uint64_t fences;  // seq_cst fences that happen before it
  Clocks now;       // what happens before it
  int by_thread;    // the one before by this thread, here
  int before;       // the one before, here
};

// An atomic location, a mutex, a condition variable, a flag: by address.
struct Object {
  uintptr_t address;
  uint8_t size;    // of an atomic; 0: it is none (yet)
  bool rewritten;  // by a plain write: its value is in memory
  int16_t rewriter;
  uint32_t rewritten_at;
  int *order;  // stores, oldest first
  int stores, room;
  int last_access;
  int last_by[kThreads];
  int owner;  // mutex: who has it, or -1
  const void *owner_pc;
  Clocks released;  // mutex, flag: what the next owner learns
  int last_event;
  // What the next operation depends on, by kind (depend.cc).
  Clocks strong_cause, queue_cause, write_cause, read_cause;
  uint8_t waiters;  // a bit a thread
};

struct Event {
  uint8_t thread;
  Touch touch;
  int object;
  int previous;  // on the object
  Clocks cause;  // including itself
};

// A decision: who goes on, and with which of its options. One for each event.
struct Node {
  uint8_t chosen, backtrack, done, enabled;
  uint8_t awake;             // of the enabled
  bool went_on;              // somebody that was chosen had an option
  int mark[kThreads];        // asleep: all that reads stores below it was tried
  uint32_t count[kThreads];  // events before
  int stores;
  int option, options;
};

enum class Phase : uint8_t { kOff, kSetup, kThreads, kFinish };

constexpr int kMaxEvents = 20000;
constexpr int kMaxStores = 3 * kMaxEvents;
constexpr int kMaxObjects = 4096;

struct State {
  Phase phase;
  int self;          // the thread that runs
  int thread_count;  // with 0
  Thread threads[kThreads];
  int stores_used, accesses_used, objects_used, events_used;
  uint64_t all_changes, changes_by[kThreads];
  int sleep[kThreads];
  int restricted;  // the thread that runs reads no store below it
  int spurious, spurious_wakes, timeouts, preemptions;
  Store stores[kMaxStores];
  Access accesses[kMaxStores];
  Object objects[kMaxObjects];
  Event events[kMaxEvents];
  int event_of[kThreads][kMaxEvents];
};

extern State state;
extern Node nodes[kMaxEvents];
extern Options options;
extern bool recording;  // this execution will be told

inline Thread &self() { return state.threads[state.self]; }

// ---------------------------------------------------------------- schedule.cc

// The thread's next operation; returns when it is to be done.
void Visible(const Pending &pending);
// It is done. What the thread does from here on comes after it, and is not
// released by it.
inline void End() { self().now.at[state.self]++; }
// As the scenario begins: the threads, until all have ended.
void RunThreads();
[[noreturn]] void Cut();  // this execution is the same as another
[[noreturn]] void Fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

// ------------------------------------------------------------------ search.cc

int Pick(uint8_t enabled);  // the next thread; -1: all of that was tried
// Which of `count` options this time. Those that it `skips` were tried
// before; if it skips all, the execution is given up.
int Choose(int count, const bool *skips = nullptr);

// ------------------------------------------------------------------ depend.cc

// The operation is decided: `touch` as it turned out, having read `store`.
void Commit(Touch touch, int object, int store);
bool Conflicts(Touch first, Touch second);
// Finds what ran on the object before and might as well run after: search.cc.
void FindRaces(Touch touch, int object, const Clocks &before);
bool StaysAsleep(Touch sleeper, Touch done);

// -------------------------------------------------------------------- spin.cc

// The thread did this once more.
enum class Effect { kNone, kSame, kChanges };
void NoteSpin(uint64_t key, Effect effect);
uint64_t SpinKey(const void *pc, int object, uint64_t what);

// --------------------------------------------------------------------
// memory.cc

int ObjectAt(const volatile void *address);  // made if need be
uint64_t AtomicLoad(volatile void *address, int size, int order,
                    const void *pc);
void AtomicStore(volatile void *address, int size, uint64_t value, int order,
                 const void *pc);
// `change` makes the new value of the old one.
uint64_t AtomicUpdate(volatile void *address, int size,
                      uint64_t (*change)(uint64_t, uint64_t), uint64_t operand,
                      int order, const char *verb, const void *pc);
bool AtomicCompare(volatile void *address, int size, uint64_t *expected,
                   uint64_t wanted, int order, int failure, bool weak,
                   const void *pc);
void Fence(int order, const void *pc);
int WordAt(volatile void *address, int size);  // as a location, now
int NewestStore(int object);
void SeeStore(int object, int store);  // a relaxed load of it
uint64_t NewestValue(int object);
void ResetMemory();
void RewriteLocations(uintptr_t address, size_t size);

// ---------------------------------------------------------------------
// order.cc

struct Place {  // an access that is yet to be made
  int object, rank;
  bool writes;
};
void ResetOrder();
void NoteElsewhere(int object);  // an operation on it begins
bool OrderAllows(const Place &place, const Clocks &now, bool is_seq_cst);
int OrderAdd(const Place &place, const Clocks &now, bool is_seq_cst);
void OrderFence(const Clocks &now);
uint64_t FencesBefore(const Clocks &now);

// --------------------------------------------------------------------
// shadow.cc

enum class Mode : uint8_t { kRead, kWrite, kAtomicRead, kAtomicWrite, kFree };
void ResetShadow();
void Plain(uintptr_t address, size_t size, Mode mode, const void *pc);

// ----------------------------------------------------------------------
// heap.cc

void ResetHeap();
bool InHeap(uintptr_t address);
void *HeapAllocate(size_t size, size_t alignment, const void *pc);
void HeapFree(void *memory, const void *pc);
size_t HeapSize(void *memory);
void CheckHeap(uintptr_t address, size_t size, const void *pc);
void CheckLeaks();
// "block 2 + 8"; false if it is in none.
bool HeapName(uintptr_t address, char *text, size_t size);

}  // namespace explore

#endif
