// acceptor_test.cc - every run of an acceptor for which no descriptor is left,
// and of a connection that ends just then.
#include <cerrno>
#include <cstring>

#include "tests/explore/explore.h"
#include "tests/explore/kernel.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/reactor.h"
}

namespace {

using explore::Check;
using explore::kernel;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct reactor the_reactor;
struct acceptor acceptor;
explore::TestWaker accepting;
explore::Flag is_room;  // one descriptor more, in the kernel

// A runtime that keeps the task for the scenario to poll.
alignas(16) unsigned char task[1024];
struct int_future *Task() {
  return reinterpret_cast<struct int_future *>(task);
}
const struct spawner_ops kKeepOps = {[](struct spawner *,
                                        const struct int_future *future,
                                        size_t size, struct join_handle *) {
  Check(size <= sizeof task, "there is room for the task");
  memcpy(task, future, size);
  return 0;
}};
struct spawner keeper = {&kKeepOps};

// Full until a connection has ended. Then the listener fails for good, as the
// scenario has seen enough.
int Accept() { return is_room.Take() ? -EINVAL : -EMFILE; }

void MakeAcceptor(size_t live) {
  kernel.Reset();
  kernel.accept = Accept;
  Check(reactor_init(&the_reactor) == 0, "memory");
  acceptor = {};
  acceptor.spawner = &keeper;
  acceptor.live = acceptor.accepted = live;
  waker_cell_init(&acceptor.room);
  Check(reactor_register(&the_reactor, kernel.Open(EPOLLIN), READY_READ,
                         &acceptor.listener.source) == 0,
        "memory");
  Check(reactor_register(&the_reactor, kernel.Open(0), 0,
                         &acceptor.alarm.socket.source) == 0,
        "memory");
  Check(acceptor_spawn(&acceptor, nullptr) == 0, "memory");
  explore::Name(&acceptor.live, "live");
  explore::Name(&acceptor.room.state, "the room's cell");
  accepting.Reset("the acceptor's wake");
  is_room.Reset("a descriptor");
}

// As a connection's frame does.
void EndConnection() {
  is_room.SetSilently();
  acceptor_ended(&acceptor);
}

void AcceptToEnd() {
  explore::PollToEnd(&Task()->base, &accepting);
  Check(Task()->result == -EINVAL, "A3: it goes on when a connection ends");
  future_drop(&Task()->base);
}

void EndAcceptor() {
  acceptor_end(&acceptor);
  reactor_end(&the_reactor);
  accepting.CheckAllGivenBack();
}

}  // namespace

// --------------------------------------------------------------- step 6.13

using AcceptorRuns = ::testing::Test;

// Another one lives on: nothing but this end brings room.
TEST_F(AcceptorRuns, OneOfTwoConnectionsEnds) {
  Scenario scenario;
  scenario.setup = [] { MakeAcceptor(2); };
  scenario.Thread("accepts", AcceptToEnd);
  scenario.Thread("ends", EndConnection);
  scenario.finish = EndAcceptor;
  EXPECT_HOLDS(scenario);
}

TEST_F(AcceptorRuns, TheOnlyConnectionEnds) {
  Scenario scenario;
  scenario.setup = [] { MakeAcceptor(1); };
  scenario.Thread("accepts", AcceptToEnd);
  scenario.Thread("ends", EndConnection);
  scenario.finish = EndAcceptor;
  EXPECT_HOLDS(scenario);
}
