// context.h - logical threads: a stack and a copy of the thread-local
// variables each, all on one thread of the machine.
#ifndef TESTS_EXPLORE_CONTEXT_H
#define TESTS_EXPLORE_CONTEXT_H

#include <cstdint>

namespace explore {

constexpr int kMainContext = 5;  // the search itself, on the real stack

void PrepareContexts();  // before each exploration, on its thread
void ResetContext(int thread, void (*run)());  // it begins there, at its turn
void SwitchContext(int from, int to);
[[noreturn]] void LeaveContext(int from, int to);  // `from` never goes on

// Thread-local variables of the program and of its own shared objects: memory
// that is no race.
bool IsThreadLocal(uintptr_t address);
// The guard page below a stack: somebody calls too deep.
bool IsGuard(uintptr_t address);

}  // namespace explore

#endif
