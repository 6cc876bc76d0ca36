// turns.h - have the threads of a process had time enough to go on?
//
// On a busy machine a thread may wait for a processor for seconds. Whoever says
// of a thread that it does not do something first lets it have its turn.
#ifndef TESTS_SUPPORT_TURNS_H
#define TESTS_SUPPORT_TURNS_H

#include <map>

namespace gate {

// Since it was made: what the threads of a process did.
class Turns {
 public:
  explicit Turns(int process);
  // True when each thread had its turn: a second has passed in which each
  // thread ran for a while or slept; or, after a quarter of one, none moved.
  bool AreOver();

 private:
  struct Turn {
    char state = 0;     // R: it runs, or could
    long ticks = 0;     // of processor time
    long switches = 0;  // how often it fell asleep, or was taken off
  };
  using All = std::map<int, Turn>;
  All Look() const;
  bool HasMoved(const All &now) const;
  bool EachHadOne(const All &now);

  int process_;
  double began_;
  All first_;  // each thread, as it was first seen
};

}  // namespace gate

#endif
