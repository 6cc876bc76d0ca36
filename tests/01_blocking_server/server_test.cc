// server_test.cc - steps 1.3 to 1.5: a server with a thread a connection.
#include <fcntl.h>
#include <netinet/tcp.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chapters/01_blocking_server/echo.h"
#include "chapters/01_blocking_server/net.h"
#include "chapters/01_blocking_server/server.h"
#include "tests/support/client.h"
#include "tests/01_blocking_server/server_fixture.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

using gate::Sockets;

// ---------------------------------------------------------------- step 1.3

class AcceptStep : public ServerFixture {};

TEST_F(AcceptStep, AcceptsTheNextConnection) {
  int listener = net_listen(0);
  Client client(net_port(listener));
  ASSERT_TRUE(client.is_connected());
  int socket = net_accept(listener);
  EXPECT_LE(0, socket) << "N4: a client waits, so its descriptor is returned";
  EXPECT_EQ(FD_CLOEXEC, fcntl(socket, F_GETFD))
      << "N5: accept4() with SOCK_CLOEXEC: no program inherits it";
  close(socket);
  close(listener);
}

TEST_F(AcceptStep, PassesOverConnectionsThatFailed) {
  int listener = net_listen(0);
  Client client(net_port(listener));
  for (auto [error, name] : {std::pair(EINTR, "EINTR"),
                             {ECONNABORTED, "ECONNABORTED"},
                             {EPROTO, "EPROTO"},
                             {ENETUNREACH, "ENETUNREACH"}}) {
    Sockets::FailAccepts(error, 1);
    Client next(net_port(listener));
    int socket = net_accept(listener);
    EXPECT_LE(0, socket) << "N4: after " << name
                         << " the next connection is accepted: the listener "
                            "is none the worse";
    close(socket);
  }
  Sockets::FailAccepts(EMFILE, 1);
  EXPECT_EQ(-EMFILE, net_accept(listener))
      << "N4: EMFILE is no connection's failure but the process's: it is "
         "returned";
  close(listener);
}

// For this step serve() counts and returns at once: threads are step 1.4's.
TEST_F(AcceptStep, WithoutDescriptorsItPausesAndGoesOn) {
  Sockets::FailAccepts(EMFILE, 3);
  Start([](struct connection *, void *) { return 0; });
  Client client(port());
  EXPECT_TRUE(
      gate::Eventually("accept() is called again after it failed with EMFILE",
                       [] { return Sockets::accepts() >= 4; }))
      << "S3: it goes on after EMFILE";
  EXPECT_EQ(3, Failures(-EMFILE)) << "S2: what went wrong is logged";
  EXPECT_FALSE(spun()) << "S3: it pauses, and does not spin";
  EXPECT_EQ("", client.Receive())
      << "S3: the client that had to wait is served";
  Stop();
}

TEST_F(AcceptStep, ALongShortageIsNoBusyLoop) {
  Sockets::FailAccepts(EMFILE, 1000000);
  Start([](struct connection *, void *) { return 0; });
  Client client(port());
  EXPECT_TRUE(gate::Eventually("it has tried again", [] {
    return Sockets::accepts() >= 3;
  })) << "S3: it tries again after a while";
  EXPECT_FALSE(spun()) << "S3: between two tries it sleeps";
  EXPECT_TRUE(WaitsOnMonotonicClock())
      << "S3: a while is a while, also when somebody sets the time of day";
  Sockets::FailAccepts(0, 0);
  EXPECT_EQ("", client.Receive()) << "S3: then it goes on";
  Stop();
}

TEST_F(AcceptStep, AConnectionThatEndsEndsThePause) {
  // The test says what a connection's thread says at its end, many times. A
  // pause that always lasts a tenth of a second would need 15 seconds.
  Sockets::FailAccepts(EMFILE, 1000000);
  Start([](struct connection *, void *) { return 0; });
  bool ended = gate::Eventually("150 pauses were ended", [&] {
    pthread_mutex_lock(&server()->lock);
    pthread_cond_broadcast(&server()->ended_one);
    pthread_mutex_unlock(&server()->lock);
    return Sockets::accepts() >= 150;
  });
  EXPECT_TRUE(ended) << "S3: a connection that ends ends the pause, and "
                        "accept() is called again: server_pause() does that";
  Sockets::FailAccepts(0, 0);
  Stop();
}

TEST_F(AcceptStep, AStopIsNoFailure) {
  Start([](struct connection *, void *) { return 0; });
  EXPECT_TRUE(gate::Eventually("the server accepts",
                               [] { return Sockets::accepts() >= 1; }));
  Stop();
  EXPECT_EQ(0, Failures(-EINVAL))
      << "S4: the accept that server_stop() ends is not logged";
}

// ---------------------------------------------------------------- step 1.4

class EchoStep : public ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    Start(echo_serve);
  }
};

TEST_F(EchoStep, SendsBackWhatComes) {
  Client client(port());
  ASSERT_TRUE(client.Send("hello"));
  EXPECT_EQ("hello", client.Receive(5)) << "S1: what was sent comes back";
  ASSERT_TRUE(client.Send("again"));
  EXPECT_EQ("again", client.Receive(5))
      << "S1: serve() goes on until the end of the stream: a second message "
         "comes back, too";
  client.EndSending();
  EXPECT_EQ("", client.Receive())
      << "S1: at the end of the stream serve() returns, and the server closes";
}

TEST_F(EchoStep, OneThatIsSilentStopsNobody) {
  Client silent(port());
  Client busy(port());
  ASSERT_TRUE(busy.Send("hello"));
  gate::Note("waiting for an echo, while another client says nothing");
  EXPECT_EQ("hello", busy.Receive(5))
      << "S1: each connection has a thread of its own";
}

TEST_F(EchoStep, AByteAtATime) {
  Client client(port());
  for (char c : std::string("slowly")) {
    ASSERT_TRUE(client.Send(std::string(1, c)));
    EXPECT_EQ(std::string(1, c), client.Receive(1))
        << "S1: a byte comes back when it has come, not when there are more";
  }
}

TEST_F(EchoStep, AThousandClientsAtOnce) {
  std::vector<Client> clients;
  clients.reserve(1000);
  for (int i = 0; i < 1000; i++) {
    clients.emplace_back(port());
    ASSERT_TRUE(clients.back().is_connected()) << "client " << i;
  }
  for (size_t i = 0; i < clients.size(); i++)
    ASSERT_TRUE(clients[i].Send(std::to_string(1000 + i)));
  int right = 0;
  for (size_t i = 0; i < clients.size(); i++)
    right += clients[i].Receive(4) == std::to_string(1000 + i);
  EXPECT_EQ(1000, right) << "S1: each client gets its own bytes back";
}

TEST_F(EchoStep, APeerThatResetsIsLoggedAndOver) {
  Client other(port());
  ASSERT_TRUE(other.Send("x"));
  ASSERT_EQ("x", other.Receive(1));
  {
    Client client(port());
    ASSERT_TRUE(client.Send("x"));
    ASSERT_EQ("x", client.Receive(1));
    client.Reset();
  }
  EXPECT_TRUE(gate::Eventually("the failure is logged", [&] {
    return Failures(-ECONNRESET) == 1;
  })) << "S2: what goes wrong is logged";
  ASSERT_TRUE(other.Send("y"));
  EXPECT_EQ("y", other.Receive(1)) << "S2: and ends that connection only";
}

TEST_F(EchoStep, APeerThatReadsNothingIsGivenUp) {
  // It sends until its own and the server's buffers are full; from then on
  // the server's send() waits, for send_timeout (the fixture's: 100 ms).
  Client client(port());
  std::string much(1 << 20, 'x');
  bool given_up = gate::Eventually("the server gives up", [&] {
    PlainSend(client.socket_descriptor(), much.data(), much.size(),
              MSG_DONTWAIT);
    return Failures(-EAGAIN) == 1;
  });
  EXPECT_TRUE(given_up)
      << "S5: a peer that takes no byte for send_timeout is gone";
}

TEST_F(EchoStep, OptionsAreSetBeforeItsThreadRuns) {
  // The server's lock is held, so connection_start() waits: what comes before
  // it has happened, what comes after it has not.
  EXPECT_TRUE(gate::Eventually("the server accepts",
                               [] { return Sockets::accepts() >= 1; }));
  pthread_mutex_lock(&server()->lock);
  Client client(port());
  bool is_set = gate::Eventually("TCP_NODELAY is set", [&] {
    int yes = 0;
    socklen_t size = sizeof yes;
    getsockopt(ServersEndOf(client), IPPROTO_TCP, TCP_NODELAY, &yes, &size);
    return yes != 0;
  });
  pthread_mutex_unlock(&server()->lock);
  EXPECT_TRUE(is_set) << "S1: its options are set before the thread starts, "
                         "or it may send without";
  ASSERT_TRUE(client.Send("x"));
  EXPECT_EQ("x", client.Receive(1)) << "S1: then its thread runs";
}

TEST_F(EchoStep, WithoutAThreadOneConnectionIsRefused) {
  // No thread can have so large a stack.
  pthread_attr_t usual, huge;
  ASSERT_EQ(0, pthread_getattr_default_np(&usual));
  ASSERT_EQ(0, pthread_getattr_default_np(&huge));
  ASSERT_EQ(0, pthread_attr_setstacksize(&huge, size_t(1) << 62));
  ASSERT_EQ(0, pthread_setattr_default_np(&huge));
  Client refused(port());
  bool closed = gate::Eventually("the client without a thread is refused",
                                 [&] { return refused.HasBytes(1); });
  bool logged = gate::Eventually("the failure is logged",
                                 [&] { return Failures(-EAGAIN) == 1; });
  pthread_setattr_default_np(&usual);
  pthread_attr_destroy(&usual);
  pthread_attr_destroy(&huge);
  EXPECT_TRUE(closed) << "S2: without a thread the connection is closed";
  EXPECT_TRUE(logged) << "S2: and that is logged, as -EAGAIN";
  Client client(port());
  ASSERT_TRUE(client.Send("hello"));
  EXPECT_EQ("hello", client.Receive(5)) << "S2: the server goes on";
}

TEST_F(EchoStep, WithoutMemoryOneConnectionIsRefused) {
  gate::Allocations::FailNth(1);
  Client refused(port());
  EXPECT_EQ("", refused.Receive()) << "S2: this one is closed";
  EXPECT_TRUE(gate::Eventually("the failure is logged", [&] {
    return Failures(-ENOMEM) == 1;
  })) << "S2: and logged";
  Client client(port());
  ASSERT_TRUE(client.Send("hello"));
  EXPECT_EQ("hello", client.Receive(5)) << "S2: the server goes on";
}

TEST_F(EchoStep, WhatEndedIsCleanedUpMeanwhile) {
  for (int i = 0; i < 50; i++) {
    Client client(port());
    ASSERT_TRUE(client.Send("x"));
    ASSERT_EQ("x", client.Receive(1));
    client.EndSending();
    ASSERT_EQ("", client.Receive());
  }
  Client last(port());
  ASSERT_TRUE(last.Send("x"));
  ASSERT_EQ("x", last.Receive(1));
  EXPECT_TRUE(gate::Eventually("their memory is given back", [] {
    return gate::Allocations::live() <= 10;
  })) << "S1: threads that ended are joined while the server runs";
}

// ---------------------------------------------------------------- step 1.5

class StopStep : public ServerFixture {
 protected:
  static void AwaitStop(struct connection *connection) {
    struct pollfd stop = {connection->server->stop_event, POLLIN, 0};
    while (poll(&stop, 1, 20) == 0 && !gate::TodoReached()) continue;
  }
  static void AwaitCutOff(struct connection *connection) {
    struct pollfd cut_off = {connection->socket, 0, 0};
    while (poll(&cut_off, 1, 20) == 0 && !gate::TodoReached()) continue;
  }
  // The server has said its end: the kernel has a reset for what comes, if
  // nobody is to read it.
  static void AwaitServersEnd(const Client &client) {
    gate::Eventually("the server has said its end", [&] {
      struct tcp_info info = {};
      socklen_t size = sizeof info;
      int socket = ServersEndOf(client);
      return socket < 0 ||
             getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
             info.tcpi_state != TCP_ESTABLISHED;
    });
  }
  // What is left in the stream, and how it ends: "" is an orderly end. It
  // sends while it reads the first half of what SendMuch() sends.
  static std::string ReadAndSend(Client *client, size_t *size) {
    struct pollfd readable = {client->socket_descriptor(), POLLIN, 0};
    char bytes[2000];
    for (*size = 0;;) {
      if (*size < kMuch / 2)
        PlainSend(client->socket_descriptor(), "late", 4, MSG_DONTWAIT);
      while (poll(&readable, 1, 20) == 0)
        if (gate::TodoReached()) return "";
      ssize_t n = ::read(client->socket_descriptor(), bytes, sizeof bytes);
      if (n <= 0) return n == 0 ? "" : strerror(errno);
      *size += size_t(n);
    }
  }
  // Serves with far more than a slow client's buffer takes, and leaves unread
  // what that client has sent.
  static int SendMuch(struct connection *connection, void *) {
    struct pollfd readable = {connection->socket, POLLIN, 0};
    poll(&readable, 1, -1);
    SendMuchOn(connection);
    return -EBADMSG;
  }
  static void SendMuchOn(struct connection *connection) {
    int room = 2 * kMuch;
    setsockopt(connection->socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    std::string much(kMuch, 'x');
    EXPECT_EQ(0, connection_send(connection, much.data(), much.size()))
        << "S5: the kernel has room for that";
  }
  static constexpr size_t kMuch = 100000;
};

// The first, because a stop that fails here fails the others now and then.
TEST_F(StopStep, AConnectionThatClosesIsWaitedFor) {
  // close() waits: there are bytes to send, the client takes none, and the
  // socket is to linger. Its connection runs no more, and has not ended.
  static std::atomic<bool> is_full;
  is_full = false;
  Start([](struct connection *connection, void *) {
    struct linger patient = {1, 600};
    setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &patient,
               sizeof patient);
    std::string much(1 << 20, 'x');
    while (PlainSend(connection->socket, much.data(), much.size(),
                     MSG_DONTWAIT) > 0)
      continue;
    is_full = true;
    return 0;
  });
  Client client(port());
  ASSERT_TRUE(gate::Eventually("its thread has left `running`",
                               [&] {
                                 pthread_mutex_lock(&server()->lock);
                                 bool has_left =
                                     list_is_empty(&server()->running);
                                 pthread_mutex_unlock(&server()->lock);
                                 return is_full && has_left;
                               }))
      << "N7: the peer is silent and does not close, and its thread still "
         "waits: a linger has a deadline";
  std::atomic<bool> returned = false;
  int waits = gate::ConditionWaits();
  std::thread reader([&] {
    gate::Eventually("server_stop() waits for the last connection", [&] {
      return returned || gate::ConditionWaits() > waits;
    });
    while (client.Receive() != "") continue;
  });
  StopNow();
  int live = gate::LiveThreads();
  returned = true;
  reader.join();
  EXPECT_EQ(0, live) << "S4: wait until `live` is 0: a connection that has "
                        "left `running` may still close its socket";
}

TEST_F(StopStep, AnErrorTakesNothingBack) {
  Start(SendMuch, nullptr, 20000);
  Client client(port(), 4096);
  ASSERT_TRUE(client.Send("a line that ends in an error"));
  ASSERT_TRUE(gate::Eventually("it has failed",
                               [&] { return Failures(-EBADMSG) == 1; }));
  AwaitServersEnd(client);
  size_t size;
  EXPECT_EQ("", ReadAndSend(&client, &size))
      << "N7: a close with bytes unread, or bytes that come after it, make the "
         "kernel send a reset. net_linger() shuts down for writing only, and "
         "reads until the peer has closed, too";
  EXPECT_EQ(kMuch, size)
      << "N7: a reset takes back what was sent and has not arrived yet";
  client.Close();
}

TEST_F(StopStep, APeerThatNeverClosesIsNotWaitedForForEver) {
  // It does not take everything, either.
  Start(SendMuch);
  Client silent(port(), 4096), busy(port(), 4096);
  ASSERT_TRUE(silent.Send("x"));
  ASSERT_TRUE(busy.Send("x"));
  ASSERT_TRUE(gate::Eventually("both have failed",
                               [&] { return Failures(-EBADMSG) == 2; }));
  EXPECT_TRUE(gate::Eventually("both threads have ended",
                               [&] {
                                 PlainSend(busy.socket_descriptor(), "more", 4,
                                           MSG_DONTWAIT);
                                 return gate::LiveThreads() <= 1;
                               }))
      << "N7: after `timeout` milliseconds it is over, whether the peer is "
         "silent or sends for ever";
}

TEST_F(StopStep, AStopTakesNothingBack) {
  Start(
      [](struct connection *connection, void *data) {
        SendMuchOn(connection);
        return echo_serve(connection, data);
      },
      nullptr, 20000);
  Client client(port(), 4096);
  ASSERT_EQ("x", client.Receive(1));
  size_t size = 0;
  std::string end;
  std::thread reader([&] {
    AwaitServersEnd(client);
    end = ReadAndSend(&client, &size);
    client.Close();
  });
  StopNow();
  reader.join();
  EXPECT_EQ("", end)
      << "S4: what the client sends while the server stops takes nothing back. "
         "After shutdown(SHUT_RD) and our own end the kernel answers it with a "
         "reset";
  EXPECT_LE(kMuch - 1, size + client.Rest()) << "S4: what was sent arrives";
}

TEST_F(StopStep, EndsConnectionsThatWait) {
  Start(echo_serve);
  Client first(port()), second(port());
  for (Client *client : {&first, &second}) {
    ASSERT_TRUE(client->Send("x"));
    ASSERT_EQ("x", client->Receive(1));
  }
  gate::Note("stopping a server with two clients that say nothing");
  StopNow();
  ASSERT_EQ(0, gate::LiveThreads()) << "S4: all threads have ended";
  EXPECT_EQ("", first.Receive()) << "S4: the clients find the end";
  EXPECT_EQ("", second.Receive()) << "S4: the clients find the end";
}

TEST_F(StopStep, WhatArrivedIsAnswered) {
  // serve() waits for the stop, so the client's bytes are in it then, unread.
  Start(
      [](struct connection *connection, void *data) {
        AwaitStop(connection);
        return echo_serve(connection, data);
      },
      nullptr, 5000);
  Client client(port());
  ASSERT_TRUE(client.Send("said before the stop"));
  ASSERT_TRUE(gate::Eventually("the connection is served",
                               [] { return gate::LiveThreads() >= 2; }));
  StopNow();
  ASSERT_EQ(0, gate::LiveThreads()) << "S4: all threads have ended";
  EXPECT_EQ("said before the stop", client.Receive(20))
      << "S4: what has arrived is still read and answered";
}

TEST_F(StopStep, WhoGoesOnReadingIsCutOff) {
  // It never comes to where it would hear of the stop; only the end of both
  // directions ends it.
  Start([](struct connection *connection, void *) {
    AwaitCutOff(connection);
    return 0;
  });
  Client client(port());
  ASSERT_TRUE(gate::Eventually("the connection is served",
                               [] { return gate::LiveThreads() >= 2; }));
  gate::Note("stopping a server with a client that does not come to its end");
  StopNow();
  EXPECT_EQ(0, gate::LiveThreads())
      << "S4: who still reads after half of send_timeout is cut off";
}

TEST_F(StopStep, WhoWasCutOffReadsNoMore) {
  static std::atomic<ssize_t> received;
  received = -1;
  Start([](struct connection *connection, void *) {
    char bytes[4];
    AwaitStop(connection);
    connection_receive(connection, bytes, sizeof bytes);
    AwaitCutOff(connection);
    gate::Eventually("all are told of the end", [&] {
      pthread_mutex_lock(&connection->server->lock);
      bool is_told = connection->server->nobody_reads;
      pthread_mutex_unlock(&connection->server->lock);
      return is_told;
    });
    received = connection_receive(connection, bytes, sizeof bytes);
    return 0;
  });
  Client client(port());
  ASSERT_TRUE(client.Send("more than that one reads in its time"));
  ASSERT_TRUE(gate::Eventually("the connection is served",
                               [] { return gate::LiveThreads() >= 2; }));
  StopNow();
  EXPECT_EQ(0, received) << "S4: megabytes may have arrived. Who has not read "
                            "them by then finds the end, as all do";
}

TEST_F(StopStep, WhoGoesOnAfterTheEndIsCutOff) {
  Start([](struct connection *connection, void *) {
    char bytes[10];
    while (connection_receive(connection, bytes, sizeof bytes) > 0) continue;
    AwaitCutOff(connection);
    return 0;
  });
  Client client(port());
  ASSERT_TRUE(gate::Eventually("the connection is served",
                               [] { return gate::LiveThreads() >= 2; }));
  gate::Note("stopping a server with a client that does not come to its end");
  StopNow();
  EXPECT_EQ(0, gate::LiveThreads())
      << "S4: who has not come to an end after send_timeout is cut off";
  EXPECT_TRUE(WaitsOnMonotonicClock())
      << "S4: no longer than that, also when somebody sets the time of day";
}

// Two connections at a stop: the first comes to the end of what it has at once,
// the second has something left, and reads it when the stop waits for that.
struct Order {
  std::atomic<int> serving{0};
  int timed_waits = 0;
  std::atomic<bool> has_read{false}, end_came_early{false};
};

TEST_F(StopStep, TheEndComesToAllTogether) {
  static Order *order;
  Order own;
  order = &own;
  Start(
      [](struct connection *connection, void *) {
        bool is_first = order->serving++ == 0;
        char bytes[10];
        AwaitStop(connection);
        if (!is_first) {
          struct server *server = connection->server;
          gate::Eventually("server_stop() waits", [] {
            return gate::TimedConditionWaits() > order->timed_waits;
          });
          pthread_mutex_lock(&server->lock);
          if (server->nobody_reads) order->end_came_early = true;
          pthread_mutex_unlock(&server->lock);
          order->has_read =
              connection_receive(connection, bytes, sizeof bytes) == 4;
        }
        while (connection_receive(connection, bytes, sizeof bytes) > 0)
          continue;
        if (!order->has_read) order->end_came_early = true;
        return 0;
      },
      nullptr, 20000);
  Client first(port());
  ASSERT_TRUE(gate::Eventually("the first is served",
                               [] { return order->serving == 1; }));
  Client second(port());
  ASSERT_TRUE(second.Send("post"));
  ASSERT_TRUE(gate::Eventually("the second is served",
                               [] { return order->serving == 2; }));
  own.timed_waits = gate::TimedConditionWaits();
  gate::Note("stopping with one connection that has something left to read");
  StopNow();
  EXPECT_FALSE(own.end_came_early)
      << "S4: the end of the stream comes when nobody has anything left to "
         "read. What the second client posts now, and is told `ok` for, would "
         "not have reached the first";
  EXPECT_TRUE(own.has_read) << "S4: what has arrived is read";
}

TEST_F(StopStep, AHundredClientsInAllStates) {
  Start(echo_serve);
  std::vector<Client> clients;
  for (int i = 0; i < 100; i++) {
    clients.emplace_back(port());
    if (i % 4 == 1) clients.back().Send("x");
    if (i % 4 == 2) clients.back().EndSending();
    if (i % 4 == 3) clients.back().Reset();
  }
  StopNow();
  EXPECT_EQ(0, gate::LiveThreads()) << "S4: all threads have ended";
}

TEST_F(StopStep, WithoutAnyClient) {
  Start(echo_serve);
  StopNow();
  EXPECT_EQ(0, gate::LiveThreads()) << "S4: the acceptor has ended";
}
