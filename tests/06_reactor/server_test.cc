// server_test.cc - steps 6.13 and 6.14: the servers of chapter 01, as tasks.
#include <netinet/tcp.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "tests/06_reactor/reactor_fixture.h"
#include "tests/support/client.h"
#include "tests/support/panics.h"
#include "tests/support/sockets.h"

extern "C" {
#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/chat_task.h"
#include "chapters/06_reactor/echo_task.h"
#include "chapters/06_reactor/mailbox.h"
#include "chapters/06_reactor/patience.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/common/container_of.h"
}

namespace {

using gate::Allocations;
using gate::Epoll;
using gate::FutureProbe;
using gate::Poll;
using gate::Sockets;
using gate::WakerProbe;

// A server that has its turns when the test says so: Until() runs it, and
// between two calls of it nothing happens.
class TaskServer : public ReactorFixture {
 protected:
  template <typename Frame>
  void Start(void (*make)(void *, struct acceptor *, struct socket),
             void *data = nullptr, void (*log)(int, void *) = nullptr) {
    struct acceptor_options options = {};
    options.size = sizeof(Frame);
    options.make = make;
    options.log = log;
    options.data = data;
    ASSERT_EQ(0, executor_init(&executor_));
    executor_set_driver(&executor_, &reactor_.driver);
    ASSERT_EQ(
        0, acceptor_init(&acceptor_, &executor_.spawner, &reactor_, &options));
    port_ = tcp_port(&acceptor_.listener);
    ASSERT_EQ(0, acceptor_spawn(&acceptor_, &handle_));
    is_running_ = true;
  }
  void TearDown() override {
    if (is_running_ && !HasFailure()) Stop();
    ReactorFixture::TearDown();
  }
  // Ends everything, finished or not.
  void Stop() {
    is_running_ = false;
    executor_end(&executor_);
    future_drop(&handle_.base.base);
    acceptor_end(&acceptor_);
  }

  // Gives all tasks that are due their turns, and the reactor one.
  void Step() {
    while (executor_try_turn(&executor_)) continue;
    reactor_turn(&reactor_, 1);
  }
  template <typename F>
  bool Until(const char *what, F condition) {
    return gate::Eventually(what, [&] {
      Step();
      return condition();
    });
  }
  std::string Line(Client &client) {
    gate::Note("waiting for a line from the server");
    if (!Until("a line comes back", [&] { return client.HasLine(); }))
      return "(nothing)";
    return client.Line();
  }
  std::string Bytes(Client &client, size_t size) {
    if (!Until("bytes come back", [&] { return client.HasBytes(size); }))
      return "(nothing)";
    return client.Receive(size);
  }
  void UntilLive(size_t count) {
    EXPECT_TRUE(Until("connections come and go",
                      [&] { return acceptor_.live == count; }))
        << acceptor_.live << " connection(s) are live, not " << count;
  }
  int port() const { return port_; }

  // Of the server, for what it sends: so a slow reader is noticed soon.
  int SmallBuffers() {
    int small = 4096;  // accepted sockets inherit it from their listener
    setsockopt(socket_descriptor(&acceptor_.listener), SOL_SOCKET, SO_SNDBUF,
               &small, sizeof small);
    return small;
  }

  struct executor executor_ = {};
  struct acceptor acceptor_ = {};
  struct join_handle handle_ = {};

 private:
  int port_ = 0;
  bool is_running_ = false;
};

// --------------------------------------------------------------- step 6.13

class EchoStep : public TaskServer {
 protected:
  void StartEcho() {
    Start<struct echo_task>(echo_task_make, &told_, [](int error, void *told) {
      static_cast<std::vector<int> *>(told)->push_back(error);
    });
  }
  std::vector<int> told_;  // what the log was told
};

TEST_F(EchoStep, WhatGoesInComesOut) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client client(port());
  for (const char *text : {"hello\n", "world\n"}) {
    ASSERT_TRUE(client.Send(text));
    EXPECT_EQ(text, Line(client) + "\n") << "H1";
  }
}

TEST_F(EchoStep, TheEndComesBack) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client client(port());
  ASSERT_TRUE(client.Send("bye\n"));
  client.EndSending();
  EXPECT_EQ("bye", Line(client)) << "H2: first the last byte";
  EXPECT_EQ("(end)", Line(client)) << "H2: then the end";
  UntilLive(0);
}

TEST_F(EchoStep, AnErrorDestroysNothing) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client client(port());
  ASSERT_TRUE(client.Send("hello\n"));
  ASSERT_TRUE(Until("it comes back", [&] { return client.HasLine(); }));
  Sockets::FailSend(ENOMEM);
  ASSERT_TRUE(client.Send(std::string(2 * ECHO_BYTES, 'x')));
  struct pollfd ended = {client.socket_descriptor(), POLLIN, 0};
  ASSERT_TRUE(Until("an end comes", [&] { return poll(&ended, 1, 0) == 1; }));
  EXPECT_EQ("hello", client.Line());
  char byte;
  EXPECT_EQ(0, ::read(client.socket_descriptor(), &byte, 1))
      << "H4: an end, and no reset: a reset destroys what comes before it";
  client.EndSending();
  UntilLive(0);
}

TEST_F(EchoStep, ManyAtOnce) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  std::vector<Client> clients;
  for (int i = 0; i < 100; i++) clients.emplace_back(port());
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < clients.size(); i++)
      ASSERT_TRUE(clients[i].Send(std::to_string(i) + "\n"));
    for (size_t i = clients.size(); i-- > 0;)
      ASSERT_EQ(std::to_string(i), Line(clients[i]))
          << "A1: each has a task of its own, and none waits for another";
  }
  EXPECT_EQ(100u, acceptor_.live);
  clients.clear();
  UntilLive(0);
  EXPECT_EQ(100u, acceptor_.accepted);
}

TEST_F(EchoStep, AMillionBytesForASlowReader) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  SmallBuffers();
  Client client(port());
  std::string text(1000000, ' ');
  for (size_t i = 0; i < text.size(); i++) text[i] = char('a' + i % 23);
  std::thread sender([&] {
    client.Send(text);
    client.EndSending();
  });
  for (int i = 0; i < 50; i++) Step();  // nobody reads what comes back
  std::string heard = Bytes(client, text.size());
  sender.join();
  EXPECT_TRUE(text == heard) << "H1: every byte, in order";
}

TEST_F(EchoStep, AResetStopsNobody) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client stays(port());
  for (int i = 0; i < 5; i++) {
    Client client(port());
    ASSERT_TRUE(client.Send("hello\n"));
    if (i % 2 == 0) {
      EXPECT_EQ("hello", Line(client));
    }
    client.Reset();
  }
  ASSERT_TRUE(stays.Send("still here\n"));
  EXPECT_EQ("still here", Line(stays)) << "A2";
  UntilLive(1);
}

TEST_F(EchoStep, TooLargeAFrame) {
  struct acceptor_options options = {};
  options.size = ACCEPTOR_FRAME + 1;
  EXPECT_TRUE(gate::Panics(
      [&] { acceptor_init(&acceptor_, nullptr, &reactor_, &options); },
      "too large"))
      << "A1: a frame for which an acceptor has no room panics";
}

TEST_F(EchoStep, NoDescriptorIsLeft) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Sockets::HoldAlarms(true);
  auto one = std::make_unique<Client>(port());
  ASSERT_TRUE(one->Send("one\n"));
  ASSERT_EQ("one", Line(*one));
  Sockets::FailAccepts(EMFILE, 100);
  Client two(port());
  ASSERT_TRUE(two.Send("two\n"));
  for (int i = 0; i < 20; i++) Step();
  EXPECT_EQ(1u, acceptor_.pauses)
      << "A3: it waits until a connection ends, and does not try and try";
  Sockets::FailAccepts(0, 0);
  one.reset();
  EXPECT_EQ("two", Line(two))
      << "A3: a connection has ended: there is room for the one that waits";
}

// What accept(2) names, and what it does not name but happens: no place in
// epoll, and an error that nobody has heard of yet.
const int kPassing[] = {EMFILE,     ENFILE,          ENOBUFS,         ENOMEM,
                        ENOSPC,     EPERM,           ENOSR,           ETIMEDOUT,
                        EOPNOTSUPP, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EDQUOT};

// Nobody is connected who could end; so the end of a pause is all that comes.
TEST_F(EchoStep, EveryOtherErrorPasses) {
  for (int error : kPassing) {
    ASSERT_NO_FATAL_FAILURE(StartEcho());
    Sockets::HoldAlarms(true);
    gate::Note("an acceptor that was told: %s", strerror(error));
    int accepts = Sockets::accepts();
    Sockets::FailAccepts(error, 2);
    Client client(port());
    ASSERT_TRUE(client.Send("still here\n"));
    for (unsigned nth = 1; nth <= 2; nth++) {
      Until("it has tried", [&] { return acceptor_.pauses >= nth; });
      for (int i = 0; i < 5; i++) Step();
      ASSERT_EQ(nth, acceptor_.pauses)
          << "A3: it pauses, and neither ends nor tries and tries: "
          << strerror(error);
      EXPECT_EQ(accepts + int(nth), Sockets::accepts()) << "A3: one try";
      EXPECT_EQ(ACCEPTOR_PAUSE, Sockets::alarm_milliseconds())
          << "A3: nobody is connected who could end: so it waits for time";
      Sockets::RingAlarm();
    }
    ASSERT_EQ("still here", Line(client))
        << "A3: the pause is over, and so is the trouble";
    ASSERT_EQ(std::vector<int>{-error}, told_)
        << "A3: the log is told, once for the two of a row";
    told_.clear();
    Stop();
  }
}

// The one who is connected stays; a descriptor comes back all the same.
TEST_F(EchoStep, OthersGiveDescriptorsBack) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Sockets::HoldAlarms(true);
  Client stays(port());
  ASSERT_TRUE(stays.Send("one\n"));
  ASSERT_EQ("one", Line(stays));
  Sockets::FailAccepts(EMFILE, 1);
  Client next(port());
  ASSERT_TRUE(next.Send("two\n"));
  ASSERT_TRUE(Until("it pauses", [&] { return acceptor_.pauses == 1; }));
  Sockets::RingAlarm();
  EXPECT_EQ("two", Line(next)) << "A3: after a pause it tries again";
}

// An old alarm that goes off late is no pause.
TEST_F(EchoStep, EachPauseIsWhole) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Sockets::HoldAlarms(true);
  auto one = std::make_unique<Client>(port());
  ASSERT_TRUE(one->Send("one\n"));
  ASSERT_EQ("one", Line(*one));
  Sockets::FailAccepts(EMFILE, 2);
  Client two(port());
  ASSERT_TRUE(two.Send("two\n"));
  ASSERT_TRUE(Until("it pauses", [&] { return acceptor_.pauses == 1; }));
  one.reset();  // the first pause ends so, and a second begins
  ASSERT_TRUE(
      Until("it has tried again", [&] { return acceptor_.pauses == 2; }));
  for (int i = 0; i < 5; i++) Step();
  ASSERT_EQ(2u, acceptor_.pauses) << "Q1: the alarm was set anew";
  Sockets::RingAlarm();
  EXPECT_EQ("two", Line(two)) << "A3";
}

TEST_F(EchoStep, AcceptingFailsForGood) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client one(port());
  ASSERT_TRUE(one.Send("one\n"));
  ASSERT_EQ("one", Line(one));
  WakerProbe probe("who waits for the acceptor");
  ASSERT_EQ(POLL_PENDING, Poll(&handle_.base.base, probe));
  Sockets::FailAccepts(EINVAL, 1);
  Client two(port());
  for (int i = 0; i < 20; i++) Step();
  ASSERT_EQ(1, probe.wakes())
      << "A4: no time makes a listener of it, so whoever joins it is told";
  ASSERT_EQ(POLL_READY, Poll(&handle_.base.base, probe));
  EXPECT_EQ(-EINVAL, handle_.base.result) << "A4";
  EXPECT_EQ(0u, acceptor_.pauses) << "A4: nobody waits for that to pass";
}

// What cannot accept any more serves nobody: the program around it ends, and
// its exit status says so.
TEST_F(EchoStep, AServerEndsWithItsAcceptor) {
  struct executor executor;
  struct acceptor_options options = {};
  options.port = uint16_t(DeadPort().number());
  options.size = sizeof(struct echo_task);
  options.make = echo_task_make;
  ASSERT_EQ(0, executor_init(&executor));
  executor_set_driver(&executor, &reactor_.driver);
  Sockets::FailAccepts(EINVAL, 1);
  std::thread client([&] {
    gate::Eventually("the server listens",
                     [&] { return Client(options.port).is_connected(); });
  });
  gate::Note("a server whose acceptor has ended");
  int out = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
  fflush(stdout);
  dup2(nowhere, STDOUT_FILENO);  // where it says that it listens
  int error = serve_on(&executor, &reactor_, &options);
  dup2(out, STDOUT_FILENO);
  close(out);
  close(nowhere);
  client.join();
  EXPECT_EQ(-EINVAL, error) << "A4: the result of the acceptor's task";
}

TEST_F(EchoStep, WithoutAnAcceptor) {
  struct socket ends[2] = {};
  struct echo_task echo;
  ASSERT_EQ(0, socket_pair(ends, &reactor_));
  echo_task_init(&echo, nullptr, ends[0]);
  WakerProbe probe("an echo");
  ASSERT_EQ(POLL_PENDING, Poll(&echo.async.base.base, probe));
  socket_close(&ends[1]);
  Turn();
  ASSERT_EQ(POLL_READY, Poll(&echo.async.base.base, probe)) << "H2";
  future_drop(&echo.async.base.base);
}

TEST_F(EchoStep, APortThatIsTaken) {
  struct acceptor other;
  struct acceptor_options options = {};
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  options.port = uint16_t(port());
  EXPECT_EQ(-EADDRINUSE,
            acceptor_init(&other, &executor_.spawner, &reactor_, &options))
      << "and nothing is left open";
  Epoll::FailNextAdd(ENOSPC);
  EXPECT_EQ(-ENOSPC,
            acceptor_init(&other, &executor_.spawner, &reactor_, &options))
      << "and nothing is left open";
}

// The descriptor of the connection that was made last.
int made;
void MakeEcho(void *frame, struct acceptor *acceptor, struct socket socket) {
  made = socket_descriptor(&socket);
  echo_task_make(frame, acceptor, socket);
}

TEST_F(EchoStep, TheKernelWatchesThePeer) {
  ASSERT_NO_FATAL_FAILURE(Start<struct echo_task>(MakeEcho));
  Client client(port());
  UntilLive(1);
  int patience = 0;
  socklen_t size = sizeof patience;
  ASSERT_EQ(0,
            getsockopt(made, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, &size));
  EXPECT_EQ(ECHO_PATIENCE_MS, patience)
      << "H1: a peer that takes nothing is waited for no longer";
}

TEST_F(EchoStep, NoMemoryForATask) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  {
    Client first(port());  // for the source table, which may have to grow
    ASSERT_TRUE(first.Send("first\n"));
    ASSERT_EQ("first", Line(first));
  }
  UntilLive(0);
  Client refused(port());
  Allocations::FailNth(1);
  EXPECT_EQ("(end)", Line(refused)) << "A2: that connection is closed";
  ASSERT_TRUE(Allocations::failed());
  Client next(port());
  ASSERT_TRUE(next.Send("next\n"));
  EXPECT_EQ("next", Line(next)) << "A2: and the acceptor goes on";
  UntilLive(1);
}

TEST_F(EchoStep, AConnectionIsOneAllocation) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  std::vector<Client> clients;
  clients.emplace_back(port());
  UntilLive(1);
  long before = Allocations::live();
  for (int i = 0; i < 10; i++) clients.emplace_back(port());
  UntilLive(11);
  EXPECT_EQ(before + 10, Allocations::live()) << "H3: the task, and no other";
}

TEST_F(EchoStep, CancelledInEveryState) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Client idle(port()), busy(port()), stuck(port());
  ASSERT_TRUE(busy.Send("hello\n"));
  ASSERT_EQ("hello", Line(busy));
  UntilLive(3);
  std::thread sender([&] { stuck.Send(std::string(8 << 20, 'x')); });
  for (int i = 0; i < 50; i++) Step();  // until its echo is stuck
  Stop();
  sender.join();
  EXPECT_EQ(0u, acceptor_.live) << "A1: each frame closes its socket";
  EXPECT_EQ("(end)", idle.Line()) << "A1";
}

// A server that runs, on a thread of its own.
TEST_F(EchoStep, ARequestCostsThreeCalls) {
  constexpr int kRequests = 300;
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  FutureProbe stop("the end of the test");
  struct join_handle stopped;
  ASSERT_EQ(0, executor_spawn(&executor_, &stop.value().base,
                              sizeof(gate::probe_future), &stopped));
  std::thread server([&] { executor_run_until(&executor_, &stopped); });
  {
    Client client(port());
    for (int i = 0; i < kRequests && client.Send("hello\n"); i++)
      if (client.Line() != "hello") break;
    gate::Eventually("the stop is waited for",
                     [&] { return stop.holds_waker(); });
    stop.Complete();
    gate::Note("a server that is told to stop");
    server.join();
  }
  future_drop(&stopped.base.base);
  int bound = kRequests + kRequests / DRIVER_INTERVAL + 10;
  EXPECT_LE(kRequests, Sockets::receives());
  EXPECT_GE(bound, Sockets::receives()) << "one recv() a request";
  EXPECT_GE(bound, Sockets::sends()) << "one send() a request";
  EXPECT_GE(bound, Epoll::waits()) << "one epoll_wait() a request, at most";
  EXPECT_EQ(0, Epoll::changes()) << "T1: and no epoll_ctl()";
}

TEST_F(EchoStep, AbortedWhileItWaitsForRoom) {
  ASSERT_NO_FATAL_FAILURE(StartEcho());
  Sockets::HoldAlarms(true);
  Client one(port());
  ASSERT_TRUE(one.Send("one\n"));
  ASSERT_EQ("one", Line(one));
  Sockets::FailAccepts(EMFILE, 100);
  Client two(port());
  ASSERT_TRUE(two.Send("two\n"));
  for (int i = 0; i < 20; i++) Step();
  ASSERT_EQ(1u, acceptor_.pauses) << "A3: it waits";
  join_handle_abort(&handle_);
  for (int i = 0; i < 20; i++) Step();
  EXPECT_EQ(nullptr, acceptor_.room.waker.ops)
      << "P5: the acceptor's task is gone, and its waker is there still, and "
         "keeps its memory";
}

// --------------------------------------------------------------- step 6.14

class ChatTaskStep : public TaskServer {
 protected:
  void SetUp() override {
    TaskServer::SetUp();
    chat_hall_init(&hall_);
  }
  void TearDown() override {
    TaskServer::TearDown();
    if (!HasFailure()) chat_hall_end(&hall_);
  }
  void StartChat() { Start<struct chat_reader>(chat_reader_make, &hall_); }
  void Join(Client &client) {
    ASSERT_TRUE(client.Send("join cats\n"));
    ASSERT_EQ("ok", Line(client));
  }
  bool SomebodyWasCutOff() const {
    struct list *link;
    list_for_each(
        link, &hall_.clients) if (container_of(link, struct chat_client, link)
                                      ->was_cut_off) return true;
    return false;
  }

  static constexpr int kSmall = 4096;  // a buffer
  static constexpr int kBurst = 120;   // posts of 500 bytes: four mailboxes
  struct chat_hall hall_ = {};
};

TEST_F(ChatTaskStep, AMailboxTakesAllOrNothing) {
  struct mailbox mailbox;
  mailbox_init(&mailbox);
  std::string half(MAILBOX_LIMIT / 2, 'x'), rest(MAILBOX_LIMIT / 2 + 1, 'y');
  EXPECT_EQ(0, mailbox_push(&mailbox, half.data(), half.size()));
  EXPECT_EQ(-EAGAIN, mailbox_push(&mailbox, rest.data(), rest.size())) << "M1";
  EXPECT_EQ(0, mailbox_push(&mailbox, half.data(), half.size())) << "M1";
  mailbox_close(&mailbox);
  EXPECT_EQ(-EPIPE, mailbox_push(&mailbox, "late", 4)) << "M3";
  WakerProbe probe("taker");
  for (int wanted : {int(MAILBOX_LIMIT), 0}) {
    struct mailbox_take take;
    mailbox_take_init(&take, &mailbox);
    ASSERT_EQ(POLL_READY, Poll(&take.base.base, probe))
        << "M2, M3: the mailbox was closed, and its taker waited: what is left "
           "comes first, and then the end";
    EXPECT_EQ(wanted, take.base.result) << "M2: all of it, then the end";
    future_drop(&take.base.base);
    free(take.bytes);
  }
  mailbox_end(&mailbox);
}

TEST_F(ChatTaskStep, TakingWaits) {
  struct mailbox mailbox;
  struct mailbox_take take;
  WakerProbe probe("taker");
  mailbox_init(&mailbox);
  mailbox_take_init(&take, &mailbox);
  ASSERT_EQ(POLL_PENDING, Poll(&take.base.base, probe)) << "M2: it is empty";
  ASSERT_EQ(1, probe.live()) << "P2: the mailbox keeps the waker";
  ASSERT_EQ(0, mailbox_push(&mailbox, "hello", 5));
  EXPECT_EQ(1, probe.wakes()) << "M2: now there is something";
  ASSERT_EQ(POLL_READY, Poll(&take.base.base, probe));
  EXPECT_EQ(5, take.base.result) << "M2";
  future_drop(&take.base.base);
  free(take.bytes);
  mailbox_take_init(&take, &mailbox);
  ASSERT_EQ(POLL_PENDING, Poll(&take.base.base, probe)) << "M4: empty again";
  mailbox_close(&mailbox);
  EXPECT_EQ(2, probe.wakes()) << "M3: nothing more will come";
  ASSERT_EQ(POLL_READY, Poll(&take.base.base, probe)) << "M2";
  EXPECT_EQ(0, take.base.result) << "M2";
  future_drop(&take.base.base);
  mailbox_end(&mailbox);
}

TEST_F(ChatTaskStep, MembersGetWhatIsPosted) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port()), bob(port()), eve(port());
  Join(ann);
  Join(bob);
  ASSERT_TRUE(eve.Send("join dogs\r\n"));
  ASSERT_EQ("ok", Line(eve));
  ASSERT_TRUE(ann.Send("post cats they sleep\n"));
  EXPECT_EQ("cats they sleep", Line(bob)) << "F1: every member gets it";
  EXPECT_EQ("cats they sleep", Line(ann)) << "who posts is a member, too";
  EXPECT_EQ("ok", Line(ann));
  ASSERT_TRUE(eve.Send("post dogs they bark\n"));
  EXPECT_EQ("dogs they bark", Line(eve)) << "and nothing of other groups";
}

TEST_F(ChatTaskStep, EveryLineIsAnswered) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  ASSERT_TRUE(
      client.Send("hello\njoin\npost cats hi\nleave cats\n"
                  "join cats\njoin cats\nleave cats\npost cats\n"));
  for (const char *answer :
       {"error unknown command", "error no group", "error not joined",
        "error not joined", "ok", "error already joined", "ok",
        "error nothing to post"})
    EXPECT_EQ(answer, Line(client)) << "F2";
}

TEST_F(ChatTaskStep, LinesInPieces) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  for (char byte : std::string("join cats\r\n")) {
    ASSERT_TRUE(client.Send(std::string(1, byte)));
    for (int i = 0; i < 3; i++) Step();
  }
  EXPECT_EQ("ok", Line(client)) << "F2: however the bytes arrive";
}

TEST_F(ChatTaskStep, AnOverlongLineEndsTheConnection) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  Join(client);
  ASSERT_TRUE(client.Send(std::string(LINE_LIMIT + 3, 'x')));
  EXPECT_EQ("(end)", Line(client)) << "F2: disconnected";
  client.Close();
  UntilLive(0);
  EXPECT_EQ(-EMSGSIZE, hall_.last_error) << "F2";
}

TEST_F(ChatTaskStep, AZeroByteEndsTheConnection) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  ASSERT_TRUE(client.Send(std::string("a\0b\n", 4)));
  EXPECT_EQ("(end)", Line(client)) << "F2: disconnected";
  client.Close();
  UntilLive(0);
  EXPECT_EQ(-EBADMSG, hall_.last_error) << "F2";
}

TEST_F(ChatTaskStep, AWriteThatFailsEndsTheReader) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  Join(client);
  Sockets::FailSend(EPIPE);
  ASSERT_TRUE(client.Send("meow\n"));
  gate::Note("the end of a connection whose writer has failed");
  EXPECT_EQ("(end)", Line(client))
      << "B3: who cannot be written to is no client any more: the writer shuts "
         "the socket down, and the reader ends";
  UntilLive(0);
}

TEST_F(ChatTaskStep, OneThatLeavesWithoutAWordIsForgotten) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port());
  Join(ann);
  {
    Client bob(port());
    Join(bob);
    bob.Reset();
  }
  ASSERT_TRUE(ann.Send("post cats anybody\n"));
  EXPECT_EQ("cats anybody", Line(ann));
  EXPECT_EQ("ok", Line(ann)) << "B4: nobody holds a pointer to it";
  UntilLive(1);
}

TEST_F(ChatTaskStep, WhatIsInTheMailboxIsStillSent) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  std::string lines;
  for (int i = 0; i < 20; i++) lines += "nonsense\n";
  ASSERT_TRUE(client.Send(lines));
  client.EndSending();
  for (int i = 0; i < 20; i++)
    ASSERT_EQ("error unknown command", Line(client)) << "F4";
  EXPECT_EQ("(end)", Line(client)) << "F4: and then the end";
}

TEST_F(ChatTaskStep, RoomIsWaitedFor) {
  struct mailbox mailbox;
  struct mailbox_room room, closing;
  WakerProbe probe("one that waits for room"), last("one that waits for ever");
  mailbox_init(&mailbox);
  std::string text(MAILBOX_LIMIT, 'x');
  ASSERT_EQ(0, mailbox_push(&mailbox, text.data(), text.size()));
  mailbox_room_init(&room, &mailbox, 1);
  mailbox_room_init(&closing, &mailbox, MAILBOX_NEVER);
  ASSERT_EQ(POLL_PENDING, Poll(&room.base.base, probe)) << "M5: it is full";
  ASSERT_EQ(POLL_PENDING, Poll(&closing.base.base, last))
      << "M5: of a text that never fits, it waits for the closing";
  ASSERT_EQ(1, probe.live()) << "P2: the mailbox keeps the waker";

  struct mailbox_take take;
  WakerProbe taker("taker");
  mailbox_take_init(&take, &mailbox);
  ASSERT_EQ(POLL_READY, Poll(&take.base.base, taker));
  future_drop(&take.base.base);
  free(take.bytes);
  EXPECT_EQ(1, probe.wakes()) << "M5: now there is room";
  EXPECT_EQ(0, last.wakes()) << "M5: not for a text that never fits";
  ASSERT_EQ(POLL_READY, Poll(&room.base.base, probe))
      << "M5: the text fits by now, and nothing else is waited for";
  future_drop(&room.base.base);
  mailbox_close(&mailbox);
  EXPECT_EQ(1, last.wakes()) << "M5: it is closed";
  ASSERT_EQ(POLL_READY, Poll(&closing.base.base, last))
      << "M5: the mailbox is closed, and that is what it waited for";
  future_drop(&closing.base.base);
  mailbox_end(&mailbox);
}

TEST_F(ChatTaskStep, RoomIsWaitedForNoMore) {
  struct mailbox mailbox;
  struct mailbox_room room;
  WakerProbe probe("one that waits for room");
  mailbox_init(&mailbox);
  mailbox_room_init(&room, &mailbox, MAILBOX_NEVER);
  ASSERT_EQ(POLL_PENDING, Poll(&room.base.base, probe));
  future_drop(&room.base.base);
  EXPECT_EQ(0, probe.live()) << "P5: a drop leaves nothing behind";
  mailbox_close(&mailbox);
  EXPECT_EQ(0, probe.wakes());
  mailbox_end(&mailbox);
}

TEST_F(ChatTaskStep, PatienceEnds) {
  struct patience patience;
  WakerProbe probe("one with no patience");
  patience_init(&patience, &reactor_, 0);
  ASSERT_EQ(POLL_PENDING, Poll(&patience.io.base.base, probe));
  EXPECT_TRUE(gate::Eventually("a while of no time has passed", [&] {
    Turn();
    return probe.wakes() == 1;
  })) << "Y1";
  EXPECT_EQ(POLL_READY, Poll(&patience.io.base.base, probe)) << "Y1";
  future_drop(&patience.io.base.base);
  patience_init(&patience, &reactor_, 1000000);
  EXPECT_EQ(POLL_PENDING, Poll(&patience.io.base.base, probe)) << "Y1";
  future_drop(&patience.io.base.base);
  EXPECT_EQ(0, probe.live()) << "P5: a drop leaves nothing behind";
}

TEST_F(ChatTaskStep, ABurstCutsNobodyOff) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  SmallBuffers();
  Client ann(port()), bob(port(), kSmall);
  Join(ann);
  Join(bob);
  std::string posts, all, text(490, 'x');
  for (int i = 0; i < kBurst; i++) {
    std::string post = "cats " + std::to_string(1000 + i) + text + "\n";
    posts += "post " + post;
    all += post;
  }
  ASSERT_TRUE(ann.Send(posts));
  for (int i = 0; i < 100; i++) Step();  // nobody reads
  EXPECT_FALSE(SomebodyWasCutOff())
      << "B3: a full mailbox may be a burst; nobody's patience is over";
  EXPECT_TRUE(all == Bytes(bob, all.size()))
      << "F3: the reader waits until a post has room, and then goes on";
  for (int i = 0; i < kBurst; i++) {
    ASSERT_TRUE("cats " + std::to_string(1000 + i) + text == Line(ann))
        << "F3: who posts gets its own posts, in order, as all others do";
    ASSERT_EQ("ok", Line(ann)) << "F3: each post is acknowledged, in order";
  }
}

TEST_F(ChatTaskStep, AnswersWaitForRoom) {
  constexpr int kLines = 3000;
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  ASSERT_TRUE(client.Send(std::string(kLines, '\n')));
  for (int i = 0; i < 100; i++) Step();  // it does not read
  EXPECT_EQ(0u, hall_.failures)
      << "F3: a client's own answers cut it off no more than others' posts";
  std::string answer = "error unknown command\n", all;
  for (int i = 0; i < kLines; i++) all += answer;
  EXPECT_TRUE(all == Bytes(client, all.size())) << "F3: every answer";
}

TEST_F(ChatTaskStep, OneThatDoesNotReadHoldsUpNobodyElse) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  SmallBuffers();
  Client slow(port(), kSmall), fast(port()), other(port());
  Join(slow);
  Join(fast);
  ASSERT_TRUE(other.Send("join dogs\n"));
  ASSERT_EQ("ok", Line(other));
  for (int i = 0; i < kBurst; i++)
    ASSERT_TRUE(fast.Send("post cats " + std::string(490, 'x') + "\n"));
  for (int i = 0; i < 100; i++) Step();
  ASSERT_TRUE(other.Send("post dogs hello\n"));
  EXPECT_EQ("dogs hello", Line(other)) << "F3: another group";
  EXPECT_EQ("ok", Line(other)) << "F3: another group";
  slow.Close();
  for (int i = 0; i < 2 * kBurst; i++)
    ASSERT_NE("(nothing)", Line(fast)) << "F3: it is gone, and none waits";
}

TEST_F(ChatTaskStep, OneThatDoesNotReadIsCutOff) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  hall_.patience_ms = 0;
  SmallBuffers();
  Client slow(port(), kSmall), fast(port());
  Join(slow);
  Join(fast);
  std::string text(400, 'x');
  int posts = 0;
  gate::Note("posting to a member that does not read");
  for (; posts < 100000; posts++) {
    ASSERT_TRUE(fast.Send("post cats " + std::to_string(posts) + text + "\n"));
    ASSERT_TRUE("cats " + std::to_string(posts) + text == Line(fast))
        << "F3: one member does not read, and is waited for beyond its "
           "patience";
    ASSERT_EQ("ok", Line(fast)) << "F3: each post is acknowledged in the end";
    if (SomebodyWasCutOff()) break;
  }
  ASSERT_TRUE(SomebodyWasCutOff())
      << "B3: its mailbox is full, and patience is over";
  // The last one was posted when it was cut off.
  for (int i = 0; i < posts; i++)
    ASSERT_TRUE("cats " + std::to_string(i) + text == Line(slow))
        << "B3: what is in its mailbox is still sent";
  EXPECT_EQ("(end)", Line(slow)) << "F4";
  slow.Close();
  UntilLive(1);
  EXPECT_EQ(-EAGAIN, hall_.last_error)
      << "B3: the hall tells why the last connection has ended";
  ASSERT_TRUE(fast.Send("post cats still here\n"));
  EXPECT_EQ("cats still here", Line(fast))
      << "F3: the others go on when one is cut off";
}

TEST_F(ChatTaskStep, ControlCharactersAreRefused) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port()), bob(port());
  Join(ann);
  Join(bob);
  for (const char *bad :
       {"post cats \x1b[2J", "post cats me\rbob hello", "post cats \b\b",
        "join \x1b]0;owned\a", "post cats \x7f",
        "post cats \xc2\x9b"
        "2J"}) {
    ASSERT_TRUE(ann.Send(std::string(bad) + "\n"));
    EXPECT_EQ("error control character", Line(ann))
        << "F2: a terminal obeys these, and it is somebody else's";
  }
  for (const char *good : {"gr\xc3\xbc\xc3\x9f", "a\ttab", "\xe4\xbd\xa0"}) {
    ASSERT_TRUE(ann.Send(std::string("post cats ") + good + "\n"));
    EXPECT_EQ(std::string("cats ") + good, Line(bob)) << "F2: text";
  }
}

TEST_F(ChatTaskStep, GroupsOfAClientHaveALimit) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client client(port());
  auto ask = [&](const std::string &line) {
    client.Send(line + "\n");
    return Line(client);
  };
  for (int i = 0; i < CHAT_GROUPS; i++)
    ASSERT_EQ("ok", ask("join " + std::to_string(i)));
  EXPECT_EQ("error too many groups", ask("join more"))
      << "B5: a client is in CHAT_GROUPS groups, and asks for one more";
  EXPECT_EQ("error already joined", ask("join 3"));
  EXPECT_EQ("ok", ask("leave 3"));
  EXPECT_EQ("ok", ask("join more")) << "B5: one less, one more";
  EXPECT_EQ("error too many groups", ask("join 3"))
      << "B5: the group that it left counts no more, the new one does";
}

TEST_F(ChatTaskStep, WhatLiesUnreadDestroysNothing) {
  constexpr int kPosts = 40;
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port()), bob(port(), kSmall);
  Join(ann);
  Join(bob);
  std::string text(400, 'x');
  for (int i = 0; i < kPosts; i++) {
    ASSERT_TRUE(ann.Send("post cats " + text + "\n"));
    ASSERT_TRUE("cats " + text == Line(ann));
    ASSERT_EQ("ok", Line(ann));
  }
  ASSERT_TRUE(bob.Send(std::string(3000, 'x') + "\nleave cats\n"));
  for (int i = 0; i < 50; i++) Step();
  for (int i = 0; i < kPosts; i++)
    ASSERT_TRUE("cats " + text == Line(bob))
        << "F4: a close beside unread bytes is a reset, which takes along what "
           "was still to be sent";
  EXPECT_EQ("(end)", Line(bob)) << "F4";
}

TEST_F(ChatTaskStep, AStopDelivers) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  SmallBuffers();
  Client ann(port()), bob(port(), kSmall);
  Join(ann);
  Join(bob);
  std::string text(400, 'x');
  int acknowledged = 0;
  for (int i = 0; i < 30; i++) {
    ASSERT_TRUE(ann.Send("post cats " + text + "\n"));
    for (int k = 0; k < 5; k++) Step();
  }
  ASSERT_TRUE(bob.Send("leave cats\n"));
  chat_hall_stop(&hall_);
  for (std::string line; (line = Line(ann)) != "(end)";)
    acknowledged += line == "ok";
  ASSERT_LT(10, acknowledged);
  for (int i = 0; i < acknowledged; i++)
    ASSERT_TRUE("cats " + text == Line(bob)) << "F1: it was acknowledged";
  EXPECT_EQ("(end)", Line(bob)) << "F1: and then the end";
  ann.Close();
  bob.Close();
  UntilLive(0);
}

TEST_F(ChatTaskStep, ATakeThatIsDroppedWhileItWaits) {
  struct mailbox mailbox;
  struct mailbox_take take;
  WakerProbe probe("taker");
  memset(&mailbox, 0xa5, sizeof mailbox);  // as somebody else left it
  mailbox_init(&mailbox);
  mailbox_take_init(&take, &mailbox);
  ASSERT_EQ(POLL_PENDING, Poll(&take.base.base, probe)) << "M2: it is empty";
  future_drop(&take.base.base);
  EXPECT_EQ(0, probe.live()) << "P5: it is gone, and its waker is there still";
  mailbox_end(&mailbox);
}

TEST_F(ChatTaskStep, CancelledInTheMiddleOfAWrite) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port());
  Join(ann);
  int sends = Sockets::sends();
  Sockets::SendNothing(1000);
  ASSERT_TRUE(ann.Send("join dogs\n"));
  ASSERT_TRUE(Until("the writer tries", [&] {
    return Sockets::sends() > sends;
  })) << "F1: there is an answer";
  gate::Note("what the writer was writing is freed, or it is a leak");
  Stop();
}

TEST_F(ChatTaskStep, CancelledInEveryState) {
  ASSERT_NO_FATAL_FAILURE(StartChat());
  Client ann(port()), bob(port());
  Join(ann);
  ASSERT_TRUE(bob.Send("join ca"));
  for (int i = 0; i < 20; i++) Step();
  Stop();
  EXPECT_EQ("(end)", ann.Line()) << "V3: both halves are closed";
  EXPECT_EQ("(end)", bob.Line()) << "V3: both halves are closed";
}

TEST_F(ChatTaskStep, EachAllocationFails) {
  for (long nth = 1; nth < 20; nth++) {
    ASSERT_NO_FATAL_FAILURE(StartChat());
    {
      Client client(port());
      ASSERT_TRUE(client.Send("join cats\nleave cats\n"));
      client.EndSending();
      Allocations::FailNth(nth);
      // The answers, or some of them, and the end: an error or none, but an
      // end, whatever fails.
      while (Line(client) != "(end)") continue;
      Allocations::FailNth(0);
      UntilLive(0);
    }
    Stop();
    if (HasFailure()) return;
  }
}

}  // namespace
