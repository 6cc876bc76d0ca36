// depend.cc - which operations depend on one another, and so which orders of
// them have to be tried.
//
// Two executions in which the same loads read from the same stores, and
// which lock in the same order, are the same: it does not matter in which
// order we ran what is independent. A load may read an old store, and a
// store may be placed before others. So a store that runs before a load
// loses nothing: the load may still read what was there before. Only the
// other way round is something lost, and has to be tried again with the
// store first. Two plain stores may run in any order.
#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

bool Writes(Touch touch) {
  return touch == Touch::kWrites || touch == Touch::kUpdates;
}

bool Reads(Touch touch) {
  return touch == Touch::kReads || touch == Touch::kCompares;
}

// What had to run before this operation, from here on.
void JoinCauses(Touch touch, const Object &object, Clocks *cause) {
  switch (touch) {
    case Touch::kReads:
    case Touch::kCompares:
      if (!options.stale_loads) cause->Join(object.write_cause);
      break;
    case Touch::kWrites:
    case Touch::kUpdates:
      cause->Join(object.queue_cause);
      if (!options.reorder_stores) cause->Join(object.write_cause);
      if (!options.stale_loads) cause->Join(object.read_cause);
      break;
    case Touch::kSleeps:
      cause->Join(object.write_cause);
      cause->Join(object.strong_cause);
      break;
    case Touch::kQueues:
      cause->Join(object.strong_cause);
      break;
    case Touch::kNothing:
      break;
    default:
      cause->Join(object.strong_cause);
      cause->Join(object.queue_cause);
  }
}

void LeaveCause(Touch touch, Object *object, const Clocks &cause) {
  if (Reads(touch))
    object->read_cause.Join(cause);
  else if (Writes(touch))
    object->write_cause.Join(cause);
  else if (touch == Touch::kSleeps || touch == Touch::kQueues)
    object->queue_cause.Join(cause);
  else
    object->strong_cause.Join(cause);
}

bool IsChange(Touch touch) { return touch != Touch::kNothing && !Reads(touch); }

void WakeSleepers(Touch touch, int object) {
  for (int t = 1; t < state.thread_count; t++) {
    const Pending &pending = state.threads[t].pending;
    if (state.sleep[t] >= 0 && object >= 0 && pending.object == object &&
        !StaysAsleep(pending.touch, touch))
      state.sleep[t] = -1;
  }
}

}  // namespace

// Would `second` before `first` be another execution?
bool Conflicts(Touch first, Touch second) {
  if (first == Touch::kAll || second == Touch::kAll) return true;
  switch (second) {
    case Touch::kReads:
      return Writes(first) && !options.stale_loads;
    case Touch::kCompares:
      return first == Touch::kUpdates ||
             (Writes(first) && !options.stale_loads);
    case Touch::kWrites:
    case Touch::kUpdates:
      return first == Touch::kWrites ? !options.reorder_stores
                                     : first != Touch::kWakes;
    case Touch::kSleeps:
      return Writes(first) || first == Touch::kWakes;
    case Touch::kWakes:
      return first == Touch::kSleeps || first == Touch::kWakes;
    case Touch::kLocks:
      return first == Touch::kLocks || first == Touch::kTries;
    case Touch::kTries:
      return true;
    case Touch::kUnlocks:
      return first == Touch::kTries;
    default:
      return false;
  }
}

// `sleeper` was tried, first, from a state before. Now `done` has come. Is
// it still nothing new to let the sleeper go on (but to read newer stores)?
bool StaysAsleep(Touch sleeper, Touch done) {
  switch (sleeper) {
    case Touch::kReads:
      return !Writes(done) || options.stale_loads;
    case Touch::kUpdates:
      return Writes(done) ? options.stale_loads && options.reorder_stores
                          : done != Touch::kSleeps;
    case Touch::kWrites:
      if (Reads(done)) return options.stale_loads;
      return Writes(done) ? options.reorder_stores : done != Touch::kSleeps;
    case Touch::kSleeps:
      return !Writes(done) && done != Touch::kWakes;
    case Touch::kWakes:
      return done != Touch::kSleeps && done != Touch::kWakes;
    case Touch::kQueues:
      return done == Touch::kQueues;
    default:
      return false;
  }
}

void Commit(Touch touch, int object, int store) {
  if (state.phase != Phase::kThreads) return;
  Thread &thread = self();
  int number = state.events_used;
  Event &event = state.events[number];
  if (object >= 0) FindRaces(touch, object, thread.cause);
  event.thread = uint8_t(state.self);
  event.touch = touch;
  event.object = object;
  if (store >= 0) thread.cause.Join(state.stores[store].cause);
  if (object >= 0) JoinCauses(touch, state.objects[object], &thread.cause);
  thread.cause.at[state.self]++;
  event.cause = thread.cause;
  state.event_of[state.self][thread.events++] = number;
  state.events_used++;
  if (object >= 0) {
    LeaveCause(touch, &state.objects[object], thread.cause);
    event.previous = state.objects[object].last_event;
    state.objects[object].last_event = number;
  }
  if (IsChange(touch)) state.all_changes++, state.changes_by[state.self]++;
  WakeSleepers(touch, object);
}

}  // namespace explore
