// inner_futures.cc - stands in for the functions that make them, and puts its
// own operations before theirs.
#include "tests/10_stream/inner_futures.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

extern "C" {
#include "chapters/02_future/future.h"
#include "chapters/06_reactor/io_operation.h"
#include "chapters/06_reactor/socket.h"
#include "chapters/06_reactor/tcp.h"
#include "chapters/07_timer/interval.h"
#include "chapters/08_channel/permit.h"
#include "chapters/08_channel/receive.h"
}

namespace {

enum Kind { kTick, kReceive, kAccept, kReserve, kRead, kWrite };
constexpr const char *kNames[] = {"a tick",    "a receive", "an accept",
                                  "a reserve", "a read",    "a write"};

struct State {
  Kind kind;
  bool was_polled;
};
std::map<struct future *, State> open;  // made, and not dropped
std::string wrong;                      // the first thing that was

void Note(Kind kind, const char *what) {
  if (wrong.empty()) wrong = std::string(kNames[kind]) + what;
}

template <Kind kind>
struct Watched {
  // An operation on a socket has more than a future's operations.
  static void BeginIo(struct io_operation *io) {
    static struct io_function mine;
    struct future *future = &io->base.base;
    mine = *reinterpret_cast<const struct io_function *>(future->ops);
    mine.ops = kOps;
    Begin(future);
    future->ops = &mine.ops;
  }
  static void Begin(struct future *future) {
    auto before = open.find(future);
    if (before != open.end() && before->second.was_polled)
      Note(before->second.kind,
           " was not dropped when the next one was made in its place");
    open[future] = {kind, false};
    real = future->ops;
    future->ops = &kOps;
  }
  static enum poll Poll(struct future *self, struct context *cx) {
    open[self] = {kind, true};  // it may have moved before
    return real->poll(self, cx);
  }
  static void Drop(struct future *self) {
    if (open.erase(self) == 0) Note(kind, " was dropped twice");
    real->drop(self);
  }
  static constexpr struct future_ops kOps = {Poll, Drop};
  static inline const struct future_ops *real;
};

// The function of that name behind this one.
template <typename F>
F *Next(F *, const char *name) {
  return reinterpret_cast<F *>(dlsym(RTLD_NEXT, name));
}
#define NEXT(name) Next(&name, #name)

}  // namespace

void CheckInnerFutures() {
  for (const auto &each : open)
    if (each.second.was_polled)
      Note(each.second.kind, " was polled, and was never dropped");
  if (!wrong.empty())
    ADD_FAILURE() << "P5: " << wrong
                  << ". A future is dropped once, ready or not";
}

extern "C" {

void interval_tick_init(struct interval_tick *tick, struct interval *interval) {
  static const auto next = NEXT(interval_tick_init);
  next(tick, interval);
  Watched<kTick>::Begin(&tick->base.base);
}

void channel_receive_init(struct channel_receive *receive,
                          struct channel_receiver *receiver, void *item) {
  static const auto next = NEXT(channel_receive_init);
  next(receive, receiver, item);
  Watched<kReceive>::Begin(&receive->base.base);
}

void channel_reserve_init(struct channel_reserve *reserve,
                          struct channel_sender *sender) {
  static const auto next = NEXT(channel_reserve_init);
  next(reserve, sender);
  Watched<kReserve>::Begin(&reserve->base.base);
}

void tcp_accept_init(struct tcp_accept *accept, const struct socket *listener) {
  static const auto next = NEXT(tcp_accept_init);
  next(accept, listener);
  Watched<kAccept>::BeginIo(&accept->io);
}

void socket_read_init(struct socket_read *read, const struct socket *socket,
                      void *bytes, size_t size) {
  static const auto next = NEXT(socket_read_init);
  next(read, socket, bytes, size);
  Watched<kRead>::BeginIo(&read->io);
}

void socket_write_init(struct socket_write *write, const struct socket *socket,
                       const void *bytes, size_t size) {
  static const auto next = NEXT(socket_write_init);
  next(write, socket, bytes, size);
  Watched<kWrite>::BeginIo(&write->io);
}

}  // extern "C"
