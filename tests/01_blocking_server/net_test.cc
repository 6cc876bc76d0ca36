// net_test.cc - steps 1.1 and 1.2: bytes, and a request.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "chapters/01_blocking_server/net.h"
#include "chapters/01_blocking_server/request.h"
#include "chapters/common/deadline.h"
#include "tests/support/client.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

using gate::Sockets;

constexpr int kNoLimit = -1;

// The gate's own deadline.h: the same clock, or one that goes on by a
// millisecond whenever somebody looks at it.
static std::atomic<int64_t> clock_that_counts;

extern "C" int64_t deadline_in(int milliseconds) {
  if (milliseconds < 0) return DEADLINE_NEVER;
  int64_t now = clock_that_counts;
  if (now == 0) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    now = time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
  }
  return now + milliseconds * INT64_C(1000000);
}

extern "C" int deadline_left(int64_t deadline) {
  if (deadline == DEADLINE_NEVER) return -1;
  if (clock_that_counts != 0) clock_that_counts += 1000000;
  int64_t left = deadline - deadline_in(0);
  return left <= 0 ? 0 : int((left + 999999) / 1000000);
}

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
  int result = net_send_all(ends_[0], text.data(), text.size(), kNoLimit);
  shutdown(ends_[0], SHUT_WR);
  reader.join();
  EXPECT_EQ(0, result) << "N1: when there is no room, it waits for some";
  // How much the kernel took at once is its own affair.
  EXPECT_TRUE(got.size() == text.size())
      << "N1: every byte is sent. send() takes what there is room for";
  EXPECT_TRUE(text == got) << "N1: and in order";
}

TEST_F(NetStep, AShortSendIsNoError) {
  Sockets::ShortTransfers(3);
  std::string text = "ten bytes.", got;
  EXPECT_EQ(0, net_send_all(ends_[0], text.data(), text.size(), kNoLimit));
  shutdown(ends_[0], SHUT_WR);
  EXPECT_EQ(text, ReadToEnd()) << "N1: go on with the rest";
  EXPECT_EQ(4, Sockets::sends()) << "3 + 3 + 3 + 1 bytes";
}

TEST_F(NetStep, ASignalInterruptsNothing) {
  Sockets::Interrupt(true);
  Sockets::ShortTransfers(4);
  std::string text = "ten bytes.";
  EXPECT_EQ(0, net_send_all(ends_[0], text.data(), text.size(), kNoLimit))
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
  EXPECT_EQ(-EPIPE, net_send_all(ends_[0], "x", 1, kNoLimit))
      << "N3: not the end of the process by SIGPIPE";
  EXPECT_EQ(-EBADF, net_receive(-1, nullptr, 0)) << "errors are -errno";
}

TEST_F(NetStep, APeerThatTakesNothingIsGivenUp) {
  std::string much(4 << 20, 'x');
  gate::Note("sending to a peer that reads nothing");
  EXPECT_EQ(-EAGAIN, net_send_all(ends_[0], much.data(), much.size(), 1))
      << "N6: after the time limit that is an error";
}

TEST_F(NetStep, TheTimeLimitIsThatOfAllBytes) {
  // A byte is taken, then none, and so on; a millisecond is over at each look
  // at the clock. The kernel has room for that many bytes, one by one.
  Sockets::ShortTransfers(1);
  Sockets::SendNothing(1000, 2);
  clock_that_counts = 1;
  int result = net_send_all(ends_[0], std::string(100, 'x').data(), 100, 20);
  clock_that_counts = 0;
  EXPECT_EQ(-EAGAIN, result)
      << "N6: the deadline is fixed once. A peer that takes a byte now and "
         "then does not get a new one with each of them";
}

TEST_F(NetStep, WithoutALimitItWaits) {
  Sockets::SendNothing(3);
  EXPECT_EQ(0, net_send_all(ends_[0], "x", 1, kNoLimit))
      << "N6: EAGAIN is no error before the deadline: await_room(), and again";
  EXPECT_EQ(4, Sockets::sends());
}

TEST_F(NetStep, NothingToSendIsSentAtOnce) {
  EXPECT_EQ(0, net_send_all(ends_[0], nullptr, 0, kNoLimit));
  EXPECT_EQ(0, Sockets::sends()) << "no byte, no system call";
}

// ---------------------------------------------------------------- step 1.2

// A web server for one request: it keeps what it was asked and sends what it
// is told to. Nobody has to ask it; the test's end is its end.
class RequestStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    listener_ = net_listen(0);
    ASSERT_LE(0, listener_);
    port_ = std::to_string(net_port(listener_));
  }
  void TearDown() override {
    over_ = true;
    if (server_.joinable()) server_.join();
    close(listener_);
    gate::Step::TearDown();
  }
  // For a request of just so many bytes.
  static std::string PathOfRequest(size_t size) {
    size_t others = strlen("GET  HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    return "/" + std::string(size - others - 1, 'x');
  }
  // False when the test is over and nothing has come.
  bool Await(int socket) {
    struct pollfd readable = {socket, POLLIN, 0};
    while (poll(&readable, 1, 20) == 0)
      if (over_ || gate::TodoReached()) return false;
    return true;
  }
  void Serve(std::string answer) {
    server_ = std::thread([this, answer] {
      if (!Await(listener_)) return;
      int socket = accept(listener_, nullptr, nullptr);
      char bytes[2000];
      while (asked_.find("\r\n\r\n") == std::string::npos &&
             asked_.size() < REQUEST_LIMIT && Await(socket)) {
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
  int Get(const std::string &path, const char *host = "127.0.0.1") {
    return cheapo_request(host, port_.c_str(), path.c_str(), &response_);
  }

  int listener_ = -1;
  std::string port_, asked_;
  std::thread server_;
  std::atomic<bool> over_ = false;
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
      << "Q5: the request, to the letter";
  response_end(&response_);
}

TEST_F(RequestStep, InPiecesAndInterrupted) {
  Sockets::ShortTransfers(5);
  Sockets::Interrupt(true);
  Serve("HTTP/1.0 200 OK\r\n\r\nHello");
  ASSERT_EQ(0, Get("/"));
  EXPECT_STREQ("HTTP/1.0 200 OK\r\n\r\nHello", response_.bytes)
      << "Q1: the whole answer, also in pieces of five bytes and with "
         "interrupted calls: net_send_all() and net_receive() see to that, "
         "the latter until it returns 0";
  response_end(&response_);
}

TEST_F(RequestStep, AnInterruptedConnectGoesOn) {
  // The kernel connects all the same; only the call says EINTR.
  Sockets::FailConnect(EINTR);
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  ASSERT_EQ(0, Get("/"))
      << "Q2: an interrupted connect() has not failed and is not called "
         "again: poll() for POLLOUT, then ask SO_ERROR";
  response_end(&response_);
}

TEST_F(RequestStep, AnEmptyAnswerIsAnAnswer) {
  Serve("");
  ASSERT_EQ(0, Get("/")) << "Q1: a server may close without a word";
  EXPECT_EQ(0u, response_.length) << "Q1: then the answer is empty";
  EXPECT_STREQ("", response_.bytes) << "Q1: with a NUL after it";
  response_end(&response_);
}

TEST_F(RequestStep, TheLongestAnswer) {
  Serve(std::string(RESPONSE_LIMIT, 'x'));
  ASSERT_EQ(0, Get("/")) << "Q6: RESPONSE_LIMIT bytes are allowed";
  EXPECT_EQ(size_t(RESPONSE_LIMIT), response_.length) << "Q6: all of them";
  EXPECT_EQ('\0', response_.bytes[response_.length]) << "and a NUL after them";
  response_end(&response_);
}

TEST_F(RequestStep, AnAnswerWithoutEndIsRefused) {
  Serve(std::string(RESPONSE_LIMIT + 1, 'x'));
  EXPECT_EQ(-EMSGSIZE, Get("/"))
      << "Q6: memory is bounded by RESPONSE_LIMIT, whatever comes";
  EXPECT_EQ(0, gate::Allocations::live()) << "Q3: on failure nothing is left";
}

TEST_F(RequestStep, NobodyListens) {
  DeadPort dead;
  std::string port = std::to_string(dead.number());
  EXPECT_EQ(-ECONNREFUSED,
            cheapo_request("127.0.0.1", port.c_str(), "/", &response_))
      << "Q2: the error of the last address, if none connects";
  EXPECT_EQ(-EHOSTUNREACH,
            cheapo_request("127.0.0.1", "no port", "/", &response_))
      << "Q1: what getaddrinfo() does not resolve is -EHOSTUNREACH";
}

TEST_F(RequestStep, ASocketThatIsConnectedToItselfIsNot) {
  DeadPort dead(DeadPort::kShared);
  std::string port = std::to_string(dead.number());
  Sockets::ConnectFromThePortItself();
  EXPECT_EQ(-ECONNREFUSED,
            cheapo_request("127.0.0.1", port.c_str(), "/", &response_))
      << "Q2: the kernel chose the very port that was asked for, and nobody "
         "but this socket is there: getsockname() and getpeername() agree";
}

TEST_F(RequestStep, APortIsANumberOrAName) {
  for (const char *port :
       {"70000", "65536", "4294967376", "-1", "+80", " 80", "", "0"})
    EXPECT_EQ(-EINVAL, cheapo_request("127.0.0.1", port, "/", &response_))
        << "Q4: '" << port << "' is no port; getaddrinfo() may take it for one";
}

TEST_F(RequestStep, EveryAddressIsTried) {
  // Two addresses; nobody listens on the first of them.
  Sockets::ResolveTo("127.0.0.2", "127.0.0.1");
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  ASSERT_EQ(0, Get("/"))
      << "Q2: the first address refuses; the next one would connect";
  response_end(&response_);
}

TEST_F(RequestStep, ALineBreakInThePathIsRefused) {
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  for (const char *path : {"/ HTTP/1.0\r\nCookie: x", "/\n", "/\r", "/a b"})
    ASSERT_EQ(-EINVAL, Get(path))
        << "Q4: the path is " << testing::PrintToString(path)
        << ", and could be a header of somebody else's choice";
}

TEST_F(RequestStep, ALineBreakInTheHostIsRefused) {
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  for (const char *host : {"here\r\nCookie: x", "here\n", "here\r", "he re"}) {
    Sockets::ResolveTo("127.0.0.1", "127.0.0.1");  // whatever its name
    ASSERT_EQ(-EINVAL, Get("/", host))
        << "Q4: the host is " << testing::PrintToString(host)
        << ", and is sent in a header";
  }
}

TEST_F(RequestStep, TheLongestRequest) {
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  ASSERT_EQ(0, Get(PathOfRequest(REQUEST_LIMIT)))
      << "Q5: a request of REQUEST_LIMIT bytes is allowed";
  server_.join();
  EXPECT_EQ(size_t(REQUEST_LIMIT), asked_.size()) << "Q5: all of it is sent";
  response_end(&response_);
}

TEST_F(RequestStep, ALongerRequestIsRefused) {
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  EXPECT_EQ(-ENAMETOOLONG, Get(PathOfRequest(REQUEST_LIMIT + 1)))
      << "Q5: one byte more than REQUEST_LIMIT is too long, and not cut short";
}

TEST_F(RequestStep, AFailureLeavesNoDescriptor) {
  int before = gate::OpenDescriptors();
  Serve("HTTP/1.0 200 OK\r\n\r\n");
  gate::Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, Get("/")) << "Q3: there was no memory for the answer";
  over_ = true;
  server_.join();
  EXPECT_EQ(before, gate::OpenDescriptors()) << "Q3: the socket is closed";
}
