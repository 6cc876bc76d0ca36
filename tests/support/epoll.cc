// epoll.cc - a script in front of epoll (--wrap, see tools/chapter.bzl).
#include "tests/support/epoll.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "tests/explore/ticks.h"

extern "C" {
int __real_epoll_ctl(int epoll, int operation, int descriptor,
                     struct epoll_event *event);
int __real_epoll_wait(int epoll, struct epoll_event *events, int size,
                      int timeout);
int __real_eventfd(unsigned initial, int flags);
ssize_t __real_write(int descriptor, const void *bytes, size_t size);
}

namespace {

struct Script {
  bool is_set = false;
  std::vector<std::pair<uint64_t, uint32_t>> events;
};

struct State {
  std::mutex lock;
  Script script;
  std::map<int, struct epoll_event> added;
  std::set<int> eventfds;
};

// Never destroyed: threads of the code under test may outlive main.
State &state() {
  static State *state = new State;
  return *state;
}

std::atomic<int> wait_error, add_error, waits, sleeps, last_timeout, last_room,
    adds, changes, removes, eventfd_writes, sleeping;
std::atomic<bool> silent;

int Fail(std::atomic<int> &error) {
  errno = error.exchange(0);
  return -1;
}

// What the script says, if there is one; else -1.
int Scripted(struct epoll_event *events, int size) {
  std::lock_guard<std::mutex> guard(state().lock);
  Script &script = state().script;
  if (!script.is_set) return -1;
  int count = std::min(size, int(script.events.size()));
  for (int i = 0; i < count; i++) {
    events[i].data.u64 = script.events[size_t(i)].first;
    events[i].events = script.events[size_t(i)].second;
  }
  script.events.erase(script.events.begin(), script.events.begin() + count);
  script.is_set = !script.events.empty();
  return count;
}

struct epoll_event Added(int descriptor) {
  std::lock_guard<std::mutex> guard(state().lock);
  auto found = state().added.find(descriptor);
  return found == state().added.end() ? epoll_event{} : found->second;
}

}  // namespace

extern "C" {

int __wrap_epoll_ctl(int epoll, int operation, int descriptor,
                     struct epoll_event *event) {
  explore::Call call;
  if (operation == EPOLL_CTL_ADD && add_error != 0) return Fail(add_error);
  int result = __real_epoll_ctl(epoll, operation, descriptor, event);
  if (operation == EPOLL_CTL_MOD) changes++;
  if (result != 0) return result;
  if (operation == EPOLL_CTL_DEL) removes++;
  if (operation == EPOLL_CTL_ADD) {
    adds++;
    std::lock_guard<std::mutex> guard(state().lock);
    state().added[descriptor] = *event;
  }
  return result;
}

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int size,
                      int timeout) {
  explore::Call call;
  waits++;
  last_timeout = timeout;
  last_room = size;
  if (timeout != 0) sleeps++;
  if (wait_error != 0) return Fail(wait_error);
  int scripted = Scripted(events, size);
  if (scripted >= 0) return scripted;
  if (silent) return 0;
  if (timeout != 0) sleeping++;
  int result = __real_epoll_wait(epoll, events, size, timeout);
  int error = errno;
  if (timeout != 0) sleeping--;
  errno = error;
  return result;
}

int __wrap_eventfd(unsigned initial, int flags) {
  explore::Call call;
  int descriptor = __real_eventfd(initial, flags);
  std::lock_guard<std::mutex> guard(state().lock);
  if (descriptor >= 0) state().eventfds.insert(descriptor);
  return descriptor;
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size) {
  explore::Call call;
  if (size == sizeof(uint64_t)) {
    std::lock_guard<std::mutex> guard(state().lock);
    if (state().eventfds.count(descriptor) != 0) eventfd_writes++;
  }
  return __real_write(descriptor, bytes, size);
}

}  // extern "C"

namespace gate {

void Epoll::Reset() {
  std::lock_guard<std::mutex> guard(state().lock);
  state().script = {};
  wait_error = add_error = ::waits = ::sleeps = ::last_timeout = 0;
  ::last_room = ::adds = ::changes = ::removes = ::eventfd_writes = 0;
  silent = false;
}

void Epoll::DeliverTokens(
    const std::vector<std::pair<uint64_t, uint32_t>> &events) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().script.is_set = true;
  state().script.events = events;
}

void Epoll::Deliver(const std::vector<Event> &events) {
  std::vector<std::pair<uint64_t, uint32_t>> tokens;
  for (const Event &event : events)
    tokens.push_back({token_of(event.descriptor), event.events});
  DeliverTokens(tokens);
}

void Epoll::FailNextWait(int error) { wait_error = error; }
void Epoll::FailNextAdd(int error) { add_error = error; }
void Epoll::Silence(bool on) { silent = on; }
int Epoll::waits() { return ::waits; }
int Epoll::sleeps() { return ::sleeps; }
int Epoll::last_timeout() { return ::last_timeout; }
int Epoll::last_room() { return ::last_room; }
int Epoll::adds() { return ::adds; }
int Epoll::changes() { return ::changes; }
int Epoll::removes() { return ::removes; }
int Epoll::eventfd_writes() { return ::eventfd_writes; }
bool Epoll::is_sleeping() { return sleeping > 0; }
uint32_t Epoll::events_of(int descriptor) { return Added(descriptor).events; }
uint64_t Epoll::token_of(int descriptor) { return Added(descriptor).data.u64; }

}  // namespace gate
