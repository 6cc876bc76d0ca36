// step.cc - the fixture of every step: what was there before is there after,
// and nothing more.
#include "tests/support/gate.h"

#include <sched.h>

#include "tests/explore/calls.h"
#include "tests/support/board.h"
#include "tests/support/epoll.h"
#include "tests/support/hang.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

namespace gate {
namespace {

// Threads that were told to end may need a moment to get there.
int LiveThreadsInTheEnd(int wanted) {
  Eventually("its threads have ended", [&] { return LiveThreads() <= wanted; });
  return LiveThreads();
}

void Leaks(long before, long now, const char *what) {
  if (now <= before) return;
  FailureIs(Kind::kLeak);
  ADD_FAILURE() << now - before << " " << what;
}

}  // namespace

void Step::SetUp() {
  Allocations::Begin();
  Sockets::Reset();
  Epoll::Reset();
  descriptors_ = OpenDescriptors();
  threads_ = LiveThreads();
  locks_ = explore::live_locks;
}

void Step::TearDown() {
  NoStory();
  Allocations::FailNth(0);
  FailNthThread(0);
  // After a failure things are left lying about; the failure is the news.
  if (!HasFailure()) {
    EXPECT_FALSE(Allocations::written_after_free())
        << "memory was written after it had been freed";
    EXPECT_FALSE(Allocations::freed_twice()) << "memory was freed twice";
  }
  if (leaks_allowed_ || HasFailure() || IsSkipped()) return;
  Leaks(threads_, LiveThreadsInTheEnd(threads_),
        "thread(s) still run: each must have ended when the test ends");
  Leaks(0, Allocations::live(), "allocation(s) were never freed");
  Leaks(locks_, explore::live_locks,
        "mutex(es) were never destroyed: what has an init has an end");
  Leaks(explore::live_locks, locks_,
        "mutex(es) were destroyed that nobody had made: pthread_mutex_init()");
  Leaks(descriptors_, OpenDescriptors(),
        "file descriptor(s) were never closed");
}

}  // namespace gate
