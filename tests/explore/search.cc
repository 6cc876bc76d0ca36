// search.cc - depth first through all executions that differ.
//
// An execution is a row of nodes: who went on, and with which of its options.
// The next one repeats the row up to the deepest node that has something left
// to try. What is worth trying is found as we go (source-DPOR, Abdulla et al.
// 2014): when an operation could as well have come before an earlier one of
// another thread, and that would make a difference, then at the earlier node
// a thread is noted that leads there. And a thread that was tried at a node
// sleeps in what is tried there next, until something that it depends on is
// done; when that was a store, it wakes up to read just that.
#include <cstring>
#include <string>

#include "tests/explore/run.h"
#include "tests/explore/state.h"

namespace explore {

Node nodes[kMaxEvents];
long executions_cut, steps_done;

namespace {

int prefix;   // nodes below it are given
int fresh;    // events from here on were not looked at before
int deepest;  // the last node of this execution
bool replays;
uint64_t random_state;
uint32_t priorities[kThreads];
int switches[64];  // where the running thread drops to the lowest priority
uint32_t lowest;
int longest;

bool IsRandom() { return options.random_runs > 0; }
bool IsBounded() { return options.preemptions >= 0; }

uint8_t Bit(int thread) { return uint8_t(1 << thread); }

uint64_t Random() {  // xorshift64*
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 0x2545F4914F6CDD1Du;
}

// ------------------------------------------------------------------- choosing

// Asleep, and no store has come that it was not offered before.
bool IsAsleep(int t) {
  int mark = state.sleep[t];
  if (mark < 0) return false;
  const Pending &pending = state.threads[t].pending;
  if (pending.touch != Touch::kReads && pending.touch != Touch::kUpdates)
    return true;
  const Object &object = state.objects[pending.object];
  for (int rank = object.stores - 1; rank >= 0; rank--)
    if (object.order[rank] >= mark) return false;
  return true;
}

// Goes on with this thread if it can; else with the next.
int Default(uint8_t candidates) {
  if (candidates & Bit(state.self)) return state.self;
  return __builtin_ctz(candidates);
}

int ByPriority(uint8_t enabled, int number) {
  for (int i = 0; i < options.random_switches && i < 64; i++)
    if (switches[i] == number) priorities[state.self] = lowest--;
  int best = -1;
  for (int t = 1; t < state.thread_count; t++)
    if (enabled & Bit(t) && (best < 0 || priorities[t] > priorities[best]))
      best = t;
  return best;
}

uint8_t Allowed(uint8_t enabled) {
  if (state.preemptions < options.preemptions) return enabled;
  return enabled & Bit(state.self) ? Bit(state.self) : enabled;
}

bool NewNode(Node *node, uint8_t enabled) {
  uint8_t candidates = 0, half_asleep = 0;
  node->done = 0;
  node->went_on = false;
  node->option = 0;
  node->options = 1;
  node->stores = state.stores_used;
  node->enabled = enabled;
  memcpy(node->mark, state.sleep, sizeof node->mark);
  for (int t = 1; t < state.thread_count; t++) {
    node->count[t] = state.threads[t].events;
    if (!(enabled & Bit(t)) || IsAsleep(t)) continue;
    candidates |= Bit(t);
    if (state.sleep[t] >= 0) half_asleep |= Bit(t);
  }
  node->awake = candidates;
  if (candidates == 0) return false;
  // One that may find nothing new to read comes last.
  if (candidates & ~half_asleep && !IsRandom() && !IsBounded())
    candidates &= uint8_t(~half_asleep);
  if (IsRandom()) {
    node->chosen = uint8_t(ByPriority(enabled, state.events_used));
    node->backtrack = Bit(node->chosen);
  } else if (IsBounded()) {
    node->backtrack = Allowed(candidates);
    node->chosen = uint8_t(Default(node->backtrack));
  } else {
    node->chosen = uint8_t(Default(candidates));
    node->backtrack = Bit(node->chosen);
  }
  return true;
}

// Who sleeps after this node: who slept before, and who was tried here.
void PutToSleep(const Node &node) {
  if (IsRandom() || IsBounded() || replays) return;
  for (int t = 1; t < state.thread_count; t++)
    state.sleep[t] = node.done & Bit(t) ? node.stores : node.mark[t];
  state.restricted = node.mark[node.chosen];
  state.sleep[node.chosen] = -1;
}

// ------------------------------------------------------------------ racing

// The first event of a thread after `number`, if it had to run before an
// event of `last` with this cause, or is that one; and if nothing after
// `number` had to run before it.
bool IsInitial(int t, const Node &node, int last, const Clocks &cause) {
  const Thread &thread = state.threads[t];
  const Clocks *mine = &cause;
  if (node.count[t] < thread.events) {
    if (cause.at[t] <= node.count[t]) return false;
    mine = &state.events[state.event_of[t][node.count[t]]].cause;
  } else if (t != last) {
    return false;
  }
  for (int u = 1; u < state.thread_count; u++)
    if (u != t && mine->at[u] > node.count[u]) return false;
  return true;
}

void TryInstead(int number, const Clocks &cause) {
  Node &node = nodes[number];
  uint8_t initials = 0;
  for (int t = 1; t < state.thread_count; t++)
    if (t != node.chosen && IsInitial(t, node, state.self, cause))
      initials |= Bit(t);
  if (initials & node.backtrack) return;
  initials &= node.enabled;
  if (initials & Bit(state.self))
    node.backtrack |= Bit(state.self);
  else if (initials != 0)
    node.backtrack |= Bit(__builtin_ctz(initials));
  else
    node.backtrack |= node.enabled;  // it was to wait there: try all
}

void NewPriorities() {
  for (int t = 1; t < kThreads; t++)
    priorities[t] = uint32_t(Random() >> 33) | 0x40000000u;
  lowest = 0x3fffffff;
  for (int &at : switches)
    at = int(Random() % uint64_t(longest > 0 ? longest : 1));
}

}  // namespace

int Pick(uint8_t enabled) {
  int number = state.events_used;
  Node &node = nodes[number];
  deepest = number;
  if (number >= prefix && !NewNode(&node, enabled)) {
    deepest = number - 1;
    return -1;
  }
  if (node.chosen != state.self && enabled & Bit(state.self))
    state.preemptions++;
  if (number < prefix && !(enabled & Bit(node.chosen)))
    Fail("the explorer: this is not the execution that it was before");
  PutToSleep(node);
  return node.chosen;
}

int Choose(int count, const bool *skips) {
  if (state.phase != Phase::kThreads) return 0;
  int number = state.events_used;
  Node &node = nodes[number];
  if (number >= prefix && IsRandom() && count > 1 && Random() >> 63)
    node.option = int((Random() >> 33) % uint64_t(count));
  if (skips != nullptr) {
    while (count > 0 && skips[count - 1]) count--;
    while (node.option < count && skips[node.option]) node.option++;
  }
  node.options = count;
  if (count == 0) Cut();
  node.went_on = true;
  if (node.option >= count)
    Fail("the explorer: this is not the execution that it was before");
  return node.option;
}

void FindRaces(Touch touch, int object, const Clocks &before) {
  if (state.events_used < fresh || IsRandom() || IsBounded()) return;
  for (int i = state.objects[object].last_event; i >= 0;
       i = state.events[i].previous) {
    const Event &event = state.events[i];
    if (event.thread == state.self || !Conflicts(event.touch, touch)) continue;
    if (event.cause.at[event.thread] <= before.at[event.thread]) continue;
    TryInstead(i, before);
  }
}

void BeginSearch() {
  prefix = fresh = 0;
  deepest = -1;
  longest = 0;
  replays = false;
  random_state =
      uint64_t(options.seed) * 0x9E3779B97F4A7C15u + 88172645463325252;
  NewPriorities();
}

bool NextExecution() {
  steps_done += state.events_used;
  if (IsRandom()) {
    if (deepest > longest) longest = deepest;
    NewPriorities();
    return true;
  }
  for (int number = deepest; number >= 0; number--) {
    Node &node = nodes[number];
    prefix = number + 1;
    fresh = number;
    if (node.option + 1 < node.options) {
      node.option++;
      return true;
    }
    node.done |= Bit(node.chosen);
    uint8_t left = uint8_t(node.backtrack & ~node.done);
    if (left == 0 && node.options == 0 && !node.went_on) {
      // It was asleep after all: so it was no choice, and another must be.
      left = uint8_t(node.awake & ~node.done);
      left &= uint8_t(-left);
      node.backtrack |= left;
    }
    if (left == 0) continue;
    node.chosen = uint8_t(__builtin_ctz(left));
    node.option = 0;
    node.options = 1;
    return true;
  }
  return false;
}

// A letter a thread, the option after it if it is not the first, and how
// often that comes in a row: "b12a1c3a".
std::string Choices() {
  std::string text;
  for (int i = 0; i <= deepest;) {
    const Node &node = nodes[i];
    int again = 0;
    while (i + again <= deepest && nodes[i + again].chosen == node.chosen &&
           nodes[i + again].option == node.option)
      again++;
    text += char('a' + node.chosen - 1);
    if (node.option > 0) text += std::to_string(node.option);
    if (again > 1) text += "x" + std::to_string(again);
    i += again;
    if (i <= deepest) text += ".";
  }
  return text;
}

bool UseChoices(const std::string &text) {
  int used = 0;
  size_t at = 0;
  auto number = [&] {
    int n = 0;
    while (at < text.size() && isdigit(text[at])) n = 10 * n + text[at++] - '0';
    return n;
  };
  while (at < text.size()) {
    int thread = text[at++] - 'a' + 1, option = number(), again = 1;
    if (thread < 1 || thread >= kThreads) return false;
    if (at < text.size() && text[at] == 'x') at++, again = number();
    for (; again > 0; again--) {
      if (used == kMaxEvents) return false;
      nodes[used] = Node();
      nodes[used].chosen = uint8_t(thread);
      nodes[used].option = option;
      for (int &mark : nodes[used].mark) mark = -1;
      used++;
    }
    if (at < text.size() && text[at++] != '.') return false;
  }
  prefix = used;
  fresh = kMaxEvents;
  deepest = used - 1;
  replays = true;
  return true;
}

}  // namespace explore
