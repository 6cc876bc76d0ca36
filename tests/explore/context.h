// context.h - logical threads: a stack and a copy of the thread-local
// variables each, all on one thread of the machine.
#ifndef TESTS_EXPLORE_CONTEXT_H
#define TESTS_EXPLORE_CONTEXT_H

#include <cstdint>

namespace explore {

constexpr int kMainContext = 5;  // the search itself, on the real stack

void PrepareContexts();                        // once
void ResetContext(int thread, void (*run)());  // it begins there, at its turn
void SwitchContext(int from, int to);
[[noreturn]] void LeaveContext(int from, int to);  // `from` never goes on

// Thread-local variables of the program: memory that is no race.
bool IsThreadLocal(uintptr_t address);
// The guard page below a stack: somebody calls too deep.
bool IsGuard(uintptr_t address);

}  // namespace explore

#endif
