// kernel.cc - events as flags; and the calls, as the code under exploration
// makes them.
#include "tests/explore/kernel.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

#include "tests/explore/calls.h"

namespace explore {

Kernel kernel;

void Kernel::Reset() {
  static const char *const names[kMost] = {"news of the eventfd", "news",
                                           "other news", "more news"};
  for (int i = 0; i < kMost; i++) {
    files_[i].is_open = files_[i].is_watched = false;
    files_[i].news.Reset(names[i]);
  }
  files_[kEventfd].events = EPOLLIN;
  opened_ = kEventfd + 1;
  bell_.Reset("epoll_wait");
  writes_.Reset();
  accept = nullptr;
}

int Kernel::Open(uint32_t events) {
  File &file = files_[opened_];
  file.is_open = true;
  file.events = events;
  return kFirst + opened_++;
}

// What is no flag here changes in one step with a flag that the others look at:
// so the search knows that it matters who comes first.

void Kernel::Report(File *file) {
  file->news.Set();
  bell_.SetSilently();
}

void Kernel::SleepOnEventfd() { files_[kEventfd].news.WaitAndTake(); }

int Kernel::Create() { return kFirst + kMost; }

int Kernel::Eventfd() {
  files_[kEventfd].is_open = true;
  return kFirst + kEventfd;
}

int Kernel::Control(int operation, int descriptor,
                    const struct epoll_event *event) {
  File &file = Of(descriptor);
  if (operation == EPOLL_CTL_DEL) {
    file.news.Take();  // and no more come
    file.is_watched = false;
    return 0;
  }
  file.is_watched = true;
  file.data = event->data;
  if (&file != &files_[kEventfd] && file.events != 0) Report(&file);
  return 0;
}

int Kernel::Wait(struct epoll_event *events, int timeout) {
  for (;;) {
    int count = 0;
    for (int i = 0; i < opened_; i++) {
      File &file = files_[i];
      if (!file.news.Take() || !file.is_watched) continue;
      events[count].events = file.events;
      events[count++].data = file.data;
    }
    if (count > 0 || timeout == 0) return count;
    bell_.WaitAndTake();
  }
}

void Kernel::Write() {
  writes_.Add();
  files_[kEventfd].news.SetSilently();
  bell_.SetSilently();
}

void Kernel::Close(int descriptor) {
  if (descriptor == kFirst + kMost) return;
  File &file = Of(descriptor);
  file.news.Take();
  Check(file.is_open, "a descriptor is closed once");
  file.is_open = file.is_watched = false;
}

}  // namespace explore

using explore::IsRunning;
using explore::kernel;

extern "C" {

int __real_accept4(int listener, struct sockaddr *address, socklen_t *size,
                   int flags);
int __real_close(int descriptor);
int __real_epoll_create1(int flags);
int __real_epoll_ctl(int epoll, int operation, int descriptor,
                     struct epoll_event *event);
int __real_epoll_wait(int epoll, struct epoll_event *events, int size,
                      int timeout);
int __real_eventfd(unsigned initial, int flags);
int __real_timerfd_settime(int descriptor, int flags,
                           const struct itimerspec *value,
                           struct itimerspec *old);
ssize_t __real_write(int descriptor, const void *bytes, size_t size);

int __wrap_accept4(int listener, struct sockaddr *address, socklen_t *size,
                   int flags) {
  explore::Call call;
  if (!IsRunning()) return __real_accept4(listener, address, size, flags);
  int result = kernel.accept();
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

int __wrap_close(int descriptor) {
  explore::Call call;
  if (!IsRunning() || !explore::Kernel::Has(descriptor))
    return __real_close(descriptor);
  kernel.Close(descriptor);
  return 0;
}

int __wrap_epoll_create1(int flags) {
  explore::Call call;
  return IsRunning() ? kernel.Create() : __real_epoll_create1(flags);
}

int __wrap_epoll_ctl(int epoll, int operation, int descriptor,
                     struct epoll_event *event) {
  explore::Call call;
  return IsRunning() ? kernel.Control(operation, descriptor, event)
                     : __real_epoll_ctl(epoll, operation, descriptor, event);
}

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int size,
                      int timeout) {
  explore::Call call;
  return IsRunning() ? kernel.Wait(events, timeout)
                     : __real_epoll_wait(epoll, events, size, timeout);
}

int __wrap_eventfd(unsigned initial, int flags) {
  explore::Call call;
  return IsRunning() ? kernel.Eventfd() : __real_eventfd(initial, flags);
}

// Who sets an alarm here waits for something else, too: it does not go off.
int __wrap_timerfd_settime(int descriptor, int flags,
                           const struct itimerspec *value,
                           struct itimerspec *old) {
  explore::Call call;
  if (!IsRunning() || !explore::Kernel::Has(descriptor))
    return __real_timerfd_settime(descriptor, flags, value, old);
  return 0;
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size) {
  explore::Call call;
  if (!IsRunning() || !explore::Kernel::Has(descriptor))
    return __real_write(descriptor, bytes, size);
  kernel.Write();
  return ssize_t(size);
}

}  // extern "C"
