// calm.h - time as the threads of a step have it.
//
// On a busy machine a thread may wait for a processor for seconds, and a
// runner that is stopped sees a minute pass at once. Neither is time in which a
// step could have done something: whoever has patience with a step counts calm
// time only.
#ifndef TESTS_SUPPORT_CALM_H
#define TESTS_SUPPORT_CALM_H

#include <map>

namespace gate {

// What the kernel knows of a thread, in seconds.
struct ThreadTime {
  double ran = 0;     // on a processor
  double waited = 0;  // for one, while it could have run
  bool is_runnable = false;
};
using ThreadTimes = std::map<int, ThreadTime>;

// How much of the time between two looks, `seconds` apart, was calm.
double CalmPart(double seconds, const ThreadTimes &before,
                const ThreadTimes &now);

// Of all processes of a group, and of the calling thread.
ThreadTimes TimesOf(int group);

class CalmTime {
 public:
  explicit CalmTime(int group) : group_(group) {}
  // Call it several times a second.
  void Look();
  double seconds() const { return calm_; }  // between the first look and now
  double awake() const { return awake_; }   // the same, calm or not
  double busy() const { return awake_ - calm_; }

 private:
  int group_;
  double last_ = -1, calm_ = 0, awake_ = 0;
  ThreadTimes times_;
};

}  // namespace gate

#endif
