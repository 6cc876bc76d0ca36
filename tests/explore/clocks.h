// clocks.h - a vector clock over the few threads of a run.
#ifndef TESTS_EXPLORE_CLOCKS_H
#define TESTS_EXPLORE_CLOCKS_H

#include <cstdint>

namespace explore {

constexpr int kThreads = 5;  // 0 runs setup and finish; the scenario's: 1..4

struct Clocks {
  uint32_t at[8];  // 8 and not 5: a join is one vector operation

  void Join(const Clocks &other) {
    for (int i = 0; i < 8; i++)
      at[i] = at[i] > other.at[i] ? at[i] : other.at[i];
  }
  bool Has(int thread, uint32_t clock) const { return clock <= at[thread]; }
};

}  // namespace explore

#endif
