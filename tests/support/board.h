// board.h - what a step's process tells the runner, in shared memory.
//
// The runner maps it before it starts the step and reads it afterwards, so it
// survives whatever becomes of the step. Counters are plain atomics: code
// under test may use probes from any thread. Nothing here holds a pointer
// that the other process would follow.
#ifndef TESTS_SUPPORT_BOARD_H
#define TESTS_SUPPORT_BOARD_H

#include <atomic>
#include <cstdint>

namespace gate {

enum class Kind { kNone, kFail, kLeak, kSpin };

constexpr int kWakerSlots = 512;
constexpr int kFutureSlots = 2048;
constexpr int kCallers = 64;
constexpr int kTextSize = 12000;  // a schedule has some 60 lines

struct WakerSlot {
  std::atomic<int> used, clones, wakes, wakes_by_value, wakes_by_ref, drops;
  std::atomic<int> live, overdropped;
  char name[32];
};

struct FutureSlot {
  std::atomic<int> used, polls, drops, polls_after_ready, polls_after_drop;
  std::atomic<int> moved, ready, ready_at, result, holds_waker, lost_waker;
  std::atomic<uintptr_t> address;
  char name[32];
};

struct Board {
  std::atomic<int> finished;  // the step came to its end by itself
  std::atomic<int> tests_run;
  std::atomic<int> kind;           // Kind of the first failure
  std::atomic<uint64_t> due;       // bit n: TODO(chapter.n) is due by this step
  std::atomic<uint64_t> todos;     // bit n: TODO(chapter.n) was reached
  std::atomic<int> unasked_polls;  // spin: polls of PollToEnd without a wake
  char test[128];                  // the test that runs, or failed first
  char failure[kTextSize];         // the first failure, as GoogleTest words it
  char left_out[256];  // the first test that skipped itself, and why
  char note[256];
  std::atomic<int> caller_count;  // of what ended the step: see crash.h
  uintptr_t callers[kCallers];
  std::atomic<int> story_state;  // see hang.h
  char story[1000];
  WakerSlot wakers[kWakerSlots];
  FutureSlot futures[kFutureSlots];
};

// This process's board: shared in a step, private in a plain run.
Board *board();

// Maps a new board; *descriptor is for the child to inherit.
Board *NewBoard(int *descriptor);
void UseBoard(int descriptor);

// Ends the gate: it cannot have what it runs with, and errno says why.
[[noreturn]] void CannotRun(const char *what);

// Remembers what kind the next failure is, if it is the first.
void FailureIs(Kind kind);

}  // namespace gate

#endif
