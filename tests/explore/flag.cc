// flag.cc - what a test needs of its own: an atomic, a wait without a loop.
#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

int BeginFlag(const uint32_t *word, Need need, const char *verb,
              const void *pc) {
  int number = ObjectAt(word);
  Visible({Touch::kAll, need, 0, number, verb, pc, word});
  if (recording)
    TellLine(pc, "%s %s", verb, TellName(reinterpret_cast<uintptr_t>(word), 4));
  Commit(Touch::kAll, number, -1);
  return number;
}

void Learn(int number) {
  self().now.Join(state.objects[number].released);
  self().acquired.Join(state.objects[number].released);
}

}  // namespace

void Atomic::Init(uint32_t value, const char *name) {
  if (name != nullptr) Name(&value_, name);
  value_ = value;
}

uint32_t Atomic::Load(int order) {
  if (state.phase == Phase::kOff) return value_;
  return uint32_t(AtomicLoad(&value_, 4, order, __builtin_return_address(0)));
}

void Atomic::Store(uint32_t value, int order) {
  if (state.phase == Phase::kOff)
    value_ = value;
  else
    AtomicStore(&value_, 4, value, order, __builtin_return_address(0));
}

uint32_t Atomic::Add(uint32_t value, int order) {
  auto add = [](uint64_t old, uint64_t more) { return old + more; };
  if (state.phase == Phase::kOff) return value_ += value, value_ - value;
  return uint32_t(AtomicUpdate(&value_, 4, add, value, order, "fetch_add",
                               __builtin_return_address(0)));
}

void Flag::Reset(const char *name) {
  set_ = 0;
  Name(&set_, name);
}

void Flag::Set() {
  int number =
      BeginFlag(&set_, Need::kNone, "set", __builtin_return_address(0));
  state.objects[number].released.Join(self().now);
  set_ = 1;
  End();
}

void Flag::SetSilently() {
  BeginFlag(&set_, Need::kNone, "set", __builtin_return_address(0));
  set_ = 1;
  End();
}

void Flag::Wait() {
  int number =
      BeginFlag(&set_, Need::kFlag, "wait for", __builtin_return_address(0));
  Learn(number);
  End();
}

bool Flag::Take() {
  int number =
      BeginFlag(&set_, Need::kNone, "take", __builtin_return_address(0));
  bool was_set = set_ != 0;
  if (was_set) Learn(number);
  set_ = 0;
  End();
  return was_set;
}

void Flag::WaitAndTake() {
  int number =
      BeginFlag(&set_, Need::kFlag, "wait for", __builtin_return_address(0));
  Learn(number);
  set_ = 0;
  End();
}

}  // namespace explore
