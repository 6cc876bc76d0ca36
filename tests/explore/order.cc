// order.cc - seq_cst operations, and the orders that they rule out.
//
// RC11 (Lahav et al. 2017) asks that there is no circle in a relation "psc"
// between the seq_cst operations and fences: roughly, program order and the
// coherence of each location, where a fence stands for all that happens
// before or after it. We keep that relation as a graph, and an operation is
// refused an option that would close a circle. The order in which we run
// things has no part in it.
//
// New edges come from the operation at hand, in both directions: into it
// from what is before it; and, when it reads an old store or is placed before
// a newer one, out of it as well. Only then can there be a circle.
#include "tests/explore/state.h"

namespace explore {
namespace {

constexpr int kMaxNodes = 64;  // more than these order nothing (README.md)

struct SeqCst {
  uint32_t clock, elsewhere;  // the thread's first operation on another object
  int16_t thread;
  int object;  // -1: a fence
  Clocks now;
} graph[kMaxNodes];
uint64_t after[kMaxNodes];  // direct successors
int count;
uint64_t fences;  // which of them are fences

uint64_t Bit(int node) { return uint64_t(1) << node; }
bool IsFence(int node) { return fences & Bit(node); }

bool HappensBefore(const Access &access, const Clocks &now) {
  return now.Has(access.thread, access.clock);
}

int Rank(const Access &access) { return state.stores[access.store].rank; }

uint64_t FencesAfter(const Access &access) {
  uint64_t mask = 0;
  for (int i = 0; i < count; i++)
    if (IsFence(i) && HappensBefore(access, graph[i].now)) mask |= Bit(i);
  return mask;
}

// By program order, perhaps with "happens before" in its middle.
uint64_t BeforeInProgram() {
  const Thread &thread = self();
  uint64_t mask = 0;
  for (int i = 0; i < count; i++) {
    const SeqCst &node = graph[i];
    bool is_before = node.thread == state.self;
    if (IsFence(i))
      is_before |= thread.before.Has(node.thread, node.clock);
    else if (node.elsewhere != 0)
      is_before |= thread.elsewhere.Has(node.thread, node.elsewhere);
    if (is_before) mask |= Bit(i);
  }
  return mask;
}

// And by the coherence of its location.
uint64_t Predecessors(const Place &place, const Clocks &now) {
  uint64_t mask = BeforeInProgram();
  for (int i = state.objects[place.object].last_access; i >= 0;
       i = state.accesses[i].before) {
    const Access &access = state.accesses[i];
    bool is_before = place.writes && Rank(access) <= place.rank;
    if (!is_before && !HappensBefore(access, now)) continue;
    if (access.node >= 0) mask |= Bit(access.node);
    mask |= access.fences;
  }
  return mask;
}

// What comes after an access by coherence: `writes` of the location, and
// what stands for them; and fences after the reads of those.
struct After {
  uint64_t writes, reads;
};

After Successors(const Place &place) {
  After mask = {0, 0};
  for (int i = state.objects[place.object].last_access; i >= 0;
       i = state.accesses[i].before) {
    const Access &access = state.accesses[i];
    if (Rank(access) <= place.rank) continue;
    if (!access.writes) {
      mask.reads |= FencesAfter(access);
      continue;
    }
    if (access.node >= 0) mask.writes |= Bit(access.node);
    mask.writes |= FencesAfter(access);
  }
  return mask;
}

uint64_t Reachable(uint64_t from) {
  uint64_t reached = from, todo = from;
  while (todo != 0) {
    int node = __builtin_ctzll(todo);
    todo &= todo - 1;
    uint64_t fresh = after[node] & ~reached;
    reached |= fresh;
    todo |= fresh;
  }
  return reached;
}

int AddNode(uint64_t before, int object, const Clocks &now) {
  if (count == kMaxNodes) return -1;
  graph[count] = {now.at[state.self], 0, int16_t(state.self), object, now};
  after[count] = 0;
  for (int i = 0; i < count; i++)
    if (before & Bit(i)) after[i] |= Bit(count);
  return count++;
}

// The last in one location's coherence of what happens before a fence: the
// last write, and the last of all.
struct Last {
  int write, any;
  bool any_reads;
};

Last LastBefore(int object, const Clocks &now) {
  Last last = {-1, -1, false};
  for (int i = state.objects[object].last_access; i >= 0;
       i = state.accesses[i].before) {
    const Access &access = state.accesses[i];
    int rank = Rank(access);
    if (!HappensBefore(access, now)) continue;
    if (access.writes && rank > last.write) last.write = rank;
    if (rank > last.any) last.any_reads = false;
    if (rank >= last.any) last.any_reads |= !access.writes;
    if (rank > last.any) last.any = rank;
  }
  return last;
}

// Does it happen before another access of the location, and that before now?
bool HappensBeforeAnother(int object, const Access &access, const Clocks &now) {
  for (int i = state.objects[object].last_access; i >= 0;
       i = state.accesses[i].before) {
    const Access &other = state.accesses[i];
    if (&other != &access && HappensBefore(access, other.now) &&
        HappensBefore(other, now))
      return true;
  }
  return false;
}

uint64_t BeforeFence(int object, const Clocks &now) {
  Last last = LastBefore(object, now);
  uint64_t mask = 0;
  for (int i = state.objects[object].last_access; i >= 0;
       i = state.accesses[i].before) {
    const Access &access = state.accesses[i];
    int rank = Rank(access);
    bool is_before = rank < last.write;
    if (is_before || rank < last.any ||
        (rank == last.any && access.writes && last.any_reads))
      mask |= access.fences;
    if (access.node >= 0 &&
        (is_before || HappensBeforeAnother(object, access, now)))
      mask |= Bit(access.node);
  }
  return mask;
}

}  // namespace

void ResetOrder() {
  count = 0;
  fences = 0;
}

void NoteElsewhere(int object) {
  for (int i = 0; i < count; i++)
    if (graph[i].thread == state.self && graph[i].elsewhere == 0 &&
        !IsFence(i) && graph[i].object != object)
      graph[i].elsewhere = self().now.at[state.self];
}

uint64_t FencesBefore(const Clocks &now) {
  uint64_t mask = 0;
  if (fences == 0) return 0;
  for (int i = 0; i < count; i++)
    if (IsFence(i) && now.Has(graph[i].thread, graph[i].clock)) mask |= Bit(i);
  return mask;
}

bool OrderAllows(const Place &place, const Clocks &now, bool is_seq_cst) {
  if (count == 0) return true;
  uint64_t before = FencesBefore(now);
  if (!is_seq_cst && before == 0) return true;
  After next = Successors(place);
  if (before & Reachable(next.writes | next.reads)) return false;
  return !is_seq_cst || !(Predecessors(place, now) & Reachable(next.writes));
}

int OrderAdd(const Place &place, const Clocks &now, bool is_seq_cst) {
  if (state.phase != Phase::kThreads) return -1;  // all is ordered there
  if (count == 0 && !is_seq_cst) return -1;
  After next = Successors(place);
  uint64_t before = FencesBefore(now);
  for (int i = 0; i < count; i++)
    if (before & Bit(i)) after[i] |= next.writes | next.reads;
  if (!is_seq_cst) return -1;
  int node = AddNode(Predecessors(place, now), place.object, now);
  if (node >= 0) after[node] = next.writes;
  return node;
}

void OrderFence(const Clocks &now) {
  if (state.phase != Phase::kThreads) return;
  uint64_t before = FencesBefore(now);
  for (int i = 0; i < count; i++)
    if (graph[i].thread == state.self ||
        now.Has(graph[i].thread, graph[i].clock + 1))
      before |= Bit(i);
  for (int o = 0; o < state.objects_used; o++) before |= BeforeFence(o, now);
  int node = AddNode(before, -1, now);
  if (node >= 0) fences |= Bit(node);
}

}  // namespace explore
