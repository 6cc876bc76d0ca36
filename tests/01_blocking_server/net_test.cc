// net_test.cc - steps 1.1 and 1.2: bytes, and a request.
#include <cerrno>
#include <thread>

#include "chapters/01_blocking_server/net.h"
#include "chapters/01_blocking_server/request.h"
#include "tests/support/client.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

using gate::Sockets;

// ---------------------------------------------------------------- step 1.1

class NetStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends_));
  }
  void TearDown() override {
    for (int end : ends_)
      if (end >= 0) close(end);
    gate::Step::TearDown();
  }
  // What arrives at the other end until the sender closes.
  std::string ReadToEnd() {
    std::string all;
    char bytes[65536];
    for (ssize_t n; (n = ::read(ends_[1], bytes, sizeof bytes)) > 0;)
      all.append(bytes, size_t(n));
    return all;
  }
  int ends_[2] = {-1, -1};
};

TEST_F(NetStep, SendsEveryByte) {
  // Far more than a socket's buffer holds: one send() cannot take it all.
  std::string text(4 << 20, 'x'), got;
  text += "end";
  std::thread reader([&] { got = ReadToEnd(); });
  int result = net_send_all(ends_[0], text.data(), text.size());
  shutdown(ends_[0], SHUT_WR);
  reader.join();
  EXPECT_EQ(0, result);
  EXPECT_EQ(text.size(), got.size()) << "N1: every byte is sent";
  EXPECT_TRUE(text == got) << "N1: and in order";
}

TEST_F(NetStep, AShortSendIsNoError) {
  Sockets::ShortTransfers(3);
  std::string text = "ten bytes.", got;
  EXPECT_EQ(0, net_send_all(ends_[0], text.data(), text.size()));
  shutdown(ends_[0], SHUT_WR);
  EXPECT_EQ(text, ReadToEnd()) << "N1: go on with the rest";
  EXPECT_EQ(4, Sockets::sends()) << "3 + 3 + 3 + 1 bytes";
}

TEST_F(NetStep, ASignalInterruptsNothing) {
  Sockets::Interrupt(true);
  Sockets::ShortTransfers(4);
  std::string text = "ten bytes.";
  EXPECT_EQ(0, net_send_all(ends_[0], text.data(), text.size()))
      << "N2: EINTR is no error: the call is made again";
  shutdown(ends_[0], SHUT_WR);
  EXPECT_EQ(text, ReadToEnd());
}

TEST_F(NetStep, ReceivesWhatIsThereAndThenTheEnd) {
  ASSERT_EQ(3, ::write(ends_[1], "abc", 3));
  char bytes[10];
  EXPECT_EQ(3, net_receive(ends_[0], bytes, sizeof bytes));
  EXPECT_EQ("abc", std::string(bytes, 3));
  shutdown(ends_[1], SHUT_WR);
  Sockets::Reset();
  Sockets::Interrupt(true);  // the first call, and every second one after it
  EXPECT_EQ(0, net_receive(ends_[0], bytes, sizeof bytes))
      << "N2: EINTR is no error; the end of the stream is 0";
}

TEST_F(NetStep, APeerThatIsGoneIsAnError) {
  close(ends_[1]);
  ends_[1] = -1;
  EXPECT_EQ(-EPIPE, net_send_all(ends_[0], "x", 1))
      << "N3: not the end of the process by SIGPIPE";
  EXPECT_EQ(-EBADF, net_receive(-1, nullptr, 0)) << "errors are -errno";
}

TEST_F(NetStep, NothingToSendIsSentAtOnce) {
  EXPECT_EQ(0, net_send_all(ends_[0], nullptr, 0));
  EXPECT_EQ(0, Sockets::sends()) << "no byte, no system call";
}

// ---------------------------------------------------------------- step 1.2

// A web server for one request: it keeps what it was asked and sends what it
// is told to.
class RequestStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    listener_ = net_listen(0);
    ASSERT_LE(0, listener_);
    port_ = std::to_string(net_port(listener_));
  }
  void TearDown() override {
    if (server_.joinable()) server_.join();
    close(listener_);
    gate::Step::TearDown();
  }
  void Serve(std::string answer) {
    server_ = std::thread([this, answer] {
      struct pollfd descriptor = {listener_, POLLIN, 0};
      while (poll(&descriptor, 1, 20) == 0)
        if (gate::TodoReached()) return;
      int socket = accept(listener_, nullptr, nullptr);
      char bytes[2000];
      while (asked_.find("\r\n\r\n") == std::string::npos) {
        ssize_t n = ::read(socket, bytes, sizeof bytes);
        if (n <= 0) break;
        asked_.append(bytes, size_t(n));
      }
      for (size_t sent = 0; sent < answer.size();) {
        ssize_t n =
            PlainSend(socket, answer.data() + sent, answer.size() - sent);
        if (n <= 0) break;
        sent += size_t(n);
      }
      close(socket);
    });
  }
  int Get(const char *path) {
    return cheapo_request("127.0.0.1", port_.c_str(), path, &response_);
  }

  int listener_ = -1;
  std::string port_, asked_;
  std::thread server_;
  struct response response_ = {nullptr, 0};
};

TEST_F(RequestStep, AsksAndReadsToTheEnd) {
  Serve("HTTP/1.0 200 OK\r\n\r\nHello, World!");
  int result = Get("/greeting");
  server_.join();
  ASSERT_EQ(0, result);
  EXPECT_STREQ("HTTP/1.0 200 OK\r\n\r\nHello, World!", response_.bytes)
      << "Q1: everything until the server closes";
  EXPECT_EQ(32u, response_.length);
  EXPECT_EQ("GET /greeting HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", asked_)
      << "the request, to the letter";
  response_end(&response_);
}

TEST_F(RequestStep, InPiecesAndInterrupted) {
  Sockets::ShortTransfers(5);
  Sockets::Interrupt(true);
  Serve("HTTP/1.0 200 OK\r\n\r\nHello");
  ASSERT_EQ(0, Get("/"));
  EXPECT_STREQ("HTTP/1.0 200 OK\r\n\r\nHello", response_.bytes)
      << "N1, N2: through net_send_all() and net_receive()";
  response_end(&response_);
}

TEST_F(RequestStep, AnEmptyAnswerIsAnAnswer) {
  Serve("");
  ASSERT_EQ(0, Get("/"));
  EXPECT_EQ(0u, response_.length);
  EXPECT_STREQ("", response_.bytes);
  response_end(&response_);
}

TEST_F(RequestStep, AnAnswerWithoutEndIsRefused) {
  Serve(std::string(RESPONSE_LIMIT + 1, 'x'));
  EXPECT_EQ(-EMSGSIZE, Get("/"))
      << "RESPONSE_LIMIT: memory is bounded, whatever comes";
  EXPECT_EQ(0, gate::Allocations::live()) << "Q3: on failure nothing is left";
}

TEST_F(RequestStep, NobodyListens) {
  std::string port = port_;
  close(listener_);
  listener_ = net_listen(0);
  EXPECT_EQ(-ECONNREFUSED,
            cheapo_request("127.0.0.1", port.c_str(), "/", &response_));
  EXPECT_EQ(-EHOSTUNREACH,
            cheapo_request("127.0.0.1", "no port", "/", &response_))
      << "what does not resolve is unreachable";
}

TEST_F(RequestStep, EveryAddressIsTried) {
  // Two addresses; nobody listens on the first of them.
  Sockets::ResolveTo("127.0.0.2", "127.0.0.1");
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  int result = Get("/");
  if (result < 0) Client(atoi(port_.c_str())).Send("\r\n\r\n");
  ASSERT_EQ(0, result) << "Q2: go on with the next address";
  response_end(&response_);
}

TEST_F(RequestStep, ALineBreakInThePathIsRefused) {
  EXPECT_EQ(-EINVAL, Get("/ HTTP/1.0\r\nCookie: x"))
      << "Q4: it would be a header of somebody else's choice";
}

TEST_F(RequestStep, AFailureLeavesNoDescriptor) {
  int before = gate::OpenDescriptors();
  std::string long_path(2000, 'x');
  EXPECT_EQ(-ENAMETOOLONG, Get(long_path.c_str()));
  EXPECT_EQ(before, gate::OpenDescriptors()) << "Q3";
  gate::Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, Get("/"));
  EXPECT_EQ(before, gate::OpenDescriptors()) << "Q3: the socket is closed";
}
