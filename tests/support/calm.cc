// calm.cc - from one look to the next, less what somebody had to wait.
#include "tests/support/calm.h"

#include <algorithm>
#include <ctime>

namespace gate {
namespace {

// Who looks less often than that was stopped, or waited itself.
constexpr double kLongest = 0.5;

double Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

// The kernel adds to `waited` when the wait is over. Who waits still has been
// runnable and has not run.
double Waited(double seconds, const ThreadTime &before, const ThreadTime &now) {
  return std::max(now.waited - before.waited,
                  now.is_runnable ? seconds - (now.ran - before.ran) : 0);
}

}  // namespace

double CalmPart(double seconds, const ThreadTimes &before,
                const ThreadTimes &now) {
  seconds = std::min(seconds, kLongest);
  double longest = 0;
  for (const auto &[thread, time] : now) {
    auto old = before.find(thread);
    // A new one has its whole life since the last look.
    longest = std::max(
        longest,
        Waited(seconds, old == before.end() ? ThreadTime() : old->second,
               time));
  }
  return std::max(0.0, seconds - longest);
}

void CalmTime::Look() {
  double now = Now();
  ThreadTimes times = TimesOf(group_);
  if (last_ >= 0) {
    calm_ += CalmPart(now - last_, times_, times);
    awake_ += std::min(now - last_, kLongest);
  }
  last_ = now;
  times_ = std::move(times);
}

}  // namespace gate
