// kernel.h - as much of a kernel as a reactor needs: one epoll, one eventfd,
// and descriptors with the events that a scenario gives them.
//
// The code under test calls epoll_ctl() and the like as ever; while a scenario
// runs, this answers. It is edge-triggered, and has no timeouts but none and
// without end. What it orders: who gets an event comes after the epoll_ctl()
// that told its token. A write to the eventfd ends a sleep, and shows nothing
// of what came before it: that is for the code under test.
#ifndef TESTS_EXPLORE_KERNEL_H
#define TESTS_EXPLORE_KERNEL_H

#include <sys/epoll.h>
#include <sys/types.h>

#include "tests/explore/explore.h"

namespace explore {

class Kernel {
 public:
  // In setup.
  void Reset();
  // A descriptor to be registered. These events, if there are any, are news as
  // soon as it is watched.
  int Open(uint32_t events);

  // For one who is no reactor: sleeps until the eventfd is written to.
  void SleepOnEventfd();
  int eventfd_writes() const { return writes_.value(); }

  // What accept4() answers: a descriptor, or a negative errno.
  int (*accept)() = nullptr;

  // The calls.
  int Create();  // of an epoll
  int Eventfd();
  int Control(int operation, int descriptor, const struct epoll_event *event);
  int Wait(struct epoll_event *events, int timeout);
  void Write();
  void Close(int descriptor);
  static bool Has(int descriptor) { return descriptor >= kFirst; }

 private:
  // No descriptor of the process has such a number.
  static constexpr int kFirst = 1 << 20, kEventfd = 0, kMost = 4;
  struct File {
    bool is_open, is_watched;
    uint32_t events;
    epoll_data_t data;
    Flag news;
  };
  File &Of(int descriptor) { return files_[descriptor - kFirst]; }
  void Report(File *file);

  File files_[kMost];
  int opened_ = 0;
  Flag bell_;  // rings for any news
  Counter writes_;
};

extern Kernel kernel;

}  // namespace explore

#endif
