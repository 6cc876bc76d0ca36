// socket_test.cc - steps 6.6 to 6.12: calls as futures.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "tests/06_reactor/reactor_fixture.h"
#include "tests/support/client.h"
#include "tests/support/sockets.h"

extern "C" {
#include "chapters/02_future/ready.h"
#include "chapters/02_future/select.h"
#include "chapters/04_executor/executor.h"
#include "chapters/06_reactor/halves.h"
#include "chapters/06_reactor/linger.h"
#include "chapters/06_reactor/socket.h"
#include "chapters/06_reactor/tcp.h"
#include "chapters/06_reactor/udp.h"
#include "chapters/common/budget.h"
extern __thread int budget_left;  // budget.h, which is for C
}

namespace {

using gate::Allocations;
using gate::Epoll;
using gate::FutureProbe;
using gate::Poll;
using gate::Sockets;
using gate::WakerProbe;

bool IsOpen(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// A socket under test and, by plain calls, its peer.
class SocketFixture : public ReactorFixture {
 protected:
  void SetUp() override {
    ReactorFixture::SetUp();
    Open(&socket_, peer_.TakeNear());
  }
  void TearDown() override {
    if (!HasFailure()) socket_close(&socket_);
    ReactorFixture::TearDown();
  }
  void Open(struct socket *socket, int descriptor, int bits = 0) {
    ASSERT_EQ(0, socket_open(socket, &reactor_, descriptor, uint16_t(bits)));
    Turn();  // that it may be written to is no news any more
  }
  template <typename Operation>
  enum poll PollIt(Operation &operation, WakerProbe &probe) {
    return Poll(&operation.io.base.base, probe);
  }
  template <typename Operation>
  void Drop(Operation &operation) {
    future_drop(&operation.io.base.base);
  }

  // One read from beginning to end: what came, or "?" while it is pending.
  std::string Read(size_t size = sizeof bytes_) {
    struct socket_read read;
    socket_read_init(&read, &socket_, bytes_, size);
    enum poll poll = PollIt(read, reader_);
    result_ = poll == POLL_READY ? read.io.base.result : -EINPROGRESS;
    Drop(read);
    if (poll == POLL_PENDING) return "?";
    return result_ > 0 ? std::string(bytes_, size_t(result_)) : "";
  }

  // All that there is to read without another event.
  std::string ReadAll() {
    std::string all, more;
    while ((more = Read()) != "?" && !more.empty()) all += more;
    return all;
  }

  // From now on the socket under test is another one.
  void Swap(int descriptor) {
    socket_close(&socket_);
    Open(&socket_, descriptor);
  }

  // Until the kernel has so many bytes for it, read or not: over TCP they come
  // when they come.
  void AwaitBytes(size_t count) {
    gate::Eventually("the bytes are there", [&] {
      // tcpi_bytes_received of linux/tcp.h, which libc's does not have.
      uint64_t info[17] = {};
      socklen_t size = sizeof info;
      getsockopt(socket_descriptor(&socket_), IPPROTO_TCP, TCP_INFO, info,
                 &size);
      return info[16] >= count;
    });
  }

  // Writes until the kernel takes no more.
  size_t Fill() {
    static char bytes[65536];
    size_t written = 0;
    for (;;) {
      struct socket_write write;
      socket_write_init(&write, &socket_, bytes, sizeof bytes);
      enum poll poll = PollIt(write, writer_);
      int result = write.io.base.result;
      Drop(write);
      if (poll == POLL_PENDING) return written;
      EXPECT_LT(0, result) << "S2: writing as long as there is room";
      if (result <= 0) return written;
      written += size_t(result);
    }
  }

  RawPair peer_;
  struct socket socket_ = {};
  char bytes_[4096];
  int result_ = 0;
  WakerProbe reader_{"reader"}, writer_{"writer"};
};

void SendWithDescriptor(int socket, const char *text) {
  struct iovec piece = {const_cast<char *>(text), strlen(text)};
  alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  struct msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &socket, sizeof socket);
  syscall(SYS_sendmsg, socket, &message, 0);
}

// From another process, which does nothing else.
void SendByAnother(int socket, const char *text) {
  pid_t child = fork();
  if (child == 0) {
    PlainSend(socket, text, strlen(text));
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

// A pair over TCP, for what only TCP does.
class TcpPair {
 public:
  TcpPair() {
    int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<struct sockaddr *>(&address), size) ||
        listen(listener, 1) ||
        getsockname(listener, reinterpret_cast<struct sockaddr *>(&address),
                    &size))
      abort();
    far = std::make_unique<Client>(ntohs(address.sin_port));
    near = accept(listener, nullptr, nullptr);
    fcntl(near, F_SETFL, O_NONBLOCK);
    close(listener);
  }
  int near;  // the test's to close
  std::unique_ptr<Client> far;
};

// ---------------------------------------------------------------- step 6.6

class ReadWriteStep : public SocketFixture {};

TEST_F(ReadWriteStep, BytesThatAreThere) {
  peer_.Say("hello");
  Turn();
  EXPECT_EQ("hello", Read()) << "S1";
  EXPECT_EQ(1, Sockets::receives()) << "O1: one call";
}

TEST_F(ReadWriteStep, PendingUntilThereAreSome) {
  struct socket_read read;
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  EXPECT_EQ(0, reader_.clones()) << "P1";
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_)) << "S1: there is nothing";
  EXPECT_EQ(0, Sockets::receives())
      << "O1: it is known that there is nothing: no call";
  EXPECT_EQ(1, reader_.live()) << "P2: its waker is kept";
  peer_.Say("hello");
  Turn();
  EXPECT_EQ(1, reader_.wakes()) << "P2: bytes have come";
  ASSERT_EQ(POLL_READY, PollIt(read, reader_));
  EXPECT_EQ(5, read.io.base.result) << "S1";
  Drop(read);
}

TEST_F(ReadWriteStep, AShortReadOfTcpSparesTheNextCall) {
  TcpPair pair;
  Swap(pair.near);
  for (int round = 1; round <= 2; round++) {
    ASSERT_TRUE(pair.far->Send("hello"));
    AwaitBytes(5 * round);
    Turn();
    EXPECT_EQ("hello", Read());
    EXPECT_EQ("?", Read()) << "there is nothing more";
    EXPECT_EQ(round, Sockets::receives())
        << "S8: a read of TCP that got less than it asked for says so already: "
           "no second call that finds nothing";
  }
}

// Bytes before and after an urgent one. It is not among them: it is out of
// band. When do they come: all before the first event, or some after it?
TEST_F(ReadWriteStep, UrgentDataCutsAReadShort) {
  for (bool is_first : {false, true})
    for (bool is_inline : {false, true}) {
      TcpPair pair;
      int value = is_inline, far = pair.far->socket_descriptor();
      setsockopt(pair.near, SOL_SOCKET, SO_OOBINLINE, &value, sizeof value);
      Swap(pair.near);
      ASSERT_TRUE(pair.far->Send("abc"));
      AwaitBytes(3);
      if (is_first) Turn();
      ASSERT_EQ(1, PlainSend(far, "!", 1, MSG_OOB));
      ASSERT_TRUE(pair.far->Send("def"));
      AwaitBytes(7);
      Turn();
      EXPECT_EQ(is_inline ? "abc!def" : "abcdef", ReadAll())
          << "S8: the first read stops short before the urgent byte; there is "
             "no other event for what is behind it";
      ASSERT_TRUE(pair.far->Send("ghi"));
      AwaitBytes(10);
      Turn();
      EXPECT_EQ("ghi", ReadAll()) << "and it goes on";
    }
}

// Sockets in this machine: what was sent with a descriptor, by somebody else,
// or as a message, is not read together with the rest.
TEST_F(ReadWriteStep, WhatElseCutsAReadShort) {
  enum Cut { kDescriptor, kSender, kUrgent, kMessage };
  for (Cut cut : {kDescriptor, kSender, kUrgent, kMessage}) {
    int ends[2], yes = 1;
    ASSERT_EQ(0, socketpair(AF_UNIX,
                            (cut == kMessage ? SOCK_SEQPACKET : SOCK_STREAM) |
                                SOCK_NONBLOCK,
                            0, ends));
    if (cut == kSender)
      setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
    Swap(ends[0]);
    if (cut == kDescriptor)
      SendWithDescriptor(ends[1], "abc");
    else
      PlainSend(ends[1], "abc", 3);
    if (cut == kUrgent && PlainSend(ends[1], "!", 1, MSG_OOB) < 0)
      PlainSend(ends[1], "", 0);  // before Linux 5.15 there is none
    if (cut == kSender)
      SendByAnother(ends[1], "def");
    else
      PlainSend(ends[1], "def", 3);
    Turn();
    EXPECT_EQ("abcdef", ReadAll())
        << "S8: the first read stops short "
        << (cut == kDescriptor ? "behind bytes that came with a descriptor"
            : cut == kSender   ? "where another process has gone on sending"
            : cut == kUrgent   ? "before an urgent byte"
                               : "at the end of a message")
        << "; there is no other event for the rest";
    close(ends[1]);
  }
}

TEST_F(ReadWriteStep, AShortWriteIsNoSignThatThereIsNoRoom) {
  Sockets::ShortTransfers(3);
  for (const char *text : {"hello", "again"}) {
    struct socket_write write;
    socket_write_init(&write, &socket_, text, 5);
    ASSERT_EQ(POLL_READY, PollIt(write, writer_))
        << "S8: the first write was short, and nobody has said EAGAIN";
    EXPECT_EQ(3, write.io.base.result) << "S2";
    Drop(write);
  }
  EXPECT_EQ("helaga", peer_.Hear());
}

// struct ready is a future of chapter 02; what was seen at a look has another
// name. So one file can have both.
TEST_F(ReadWriteStep, BesideAFutureThatIsReady) {
  struct ready at_once;
  struct socket_read read;
  struct int_future *children[] = {&read.io.base, &at_once.base};
  struct select select;
  ready_init(&at_once, 7);
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  select_init(&select, children, 2);
  ASSERT_EQ(POLL_READY, Poll(&select.base.base, reader_));
  EXPECT_EQ(1, select.base.result) << "there is nothing to read";
  future_drop(&select.base.base);
}

TEST_F(ReadWriteStep, WhatIsLeftIsReadWithoutAnEvent) {
  peer_.Say("12345678");
  Turn();
  EXPECT_EQ("1234", Read(4));
  EXPECT_EQ("5678", Read(4))
      << "I3: edge-triggered: there is no other event for the second half";
  EXPECT_EQ("?", Read(4));
  EXPECT_EQ(3, Sockets::receives())
      << "I3: only a call that finds nothing takes the readiness back";
}

TEST_F(ReadWriteStep, TheEndIsZero) {
  peer_.Say("bye");
  peer_.CloseFar();
  Turn();
  EXPECT_EQ("bye", Read()) << "S1: first what is left";
  EXPECT_EQ("", Read()) << "S1: then the end";
  EXPECT_EQ(0, result_);
  EXPECT_EQ("", Read()) << "N3: and it stays the end";
  EXPECT_EQ(0, result_);
}

TEST_F(ReadWriteStep, TheEndWakesAReaderThatWaits) {
  struct socket_read read;
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_));
  peer_.CloseFar();
  Turn();
  EXPECT_EQ(1, reader_.wakes());
  ASSERT_EQ(POLL_READY, PollIt(read, reader_));
  EXPECT_EQ(0, read.io.base.result) << "S1";
  Drop(read);
}

TEST_F(ReadWriteStep, ReadyInVain) {
  struct socket_read read;
  Epoll::Deliver({{socket_descriptor(&socket_), EPOLLIN}});
  Turn();
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_))
      << "O1: ready, but the call finds nothing (EAGAIN)";
  EXPECT_EQ(1, Sockets::receives()) << "O1: one call, and then it waits";
  EXPECT_EQ(1, reader_.live())
      << "P2: who is pending has left a waker, after a call in vain, too";
  peer_.Say("hello");
  Turn();
  EXPECT_EQ(1, reader_.wakes()) << "P2";
  ASSERT_EQ(POLL_READY, PollIt(read, reader_));
  Drop(read);
}

TEST_F(ReadWriteStep, ASignalIsNoResult) {
  Sockets::Interrupt(true);
  peer_.Say("hello");
  Turn();
  EXPECT_EQ("hello", Read()) << "O2: EINTR: the call is made again";
  struct socket_write write;
  socket_write_init(&write, &socket_, "world", 5);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_)) << "O2";
  EXPECT_EQ(5, write.io.base.result) << "O2";
  Drop(write);
  EXPECT_EQ("world", peer_.Hear());
}

TEST_F(ReadWriteStep, WritingUntilThereIsNoRoom) {
  size_t written = Fill();
  EXPECT_LT(0u, written) << "S2";
  struct socket_write write;
  socket_write_init(&write, &socket_, "x", 1);
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_)) << "S2: there is no room";
  EXPECT_EQ(1, writer_.live()) << "P2";
  for (size_t heard = 0; heard < written;) heard += peer_.Hear().size();
  Turn();
  EXPECT_LE(1, writer_.wakes()) << "P2: now there is room";
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(1, write.io.base.result);
  Drop(write);
}

TEST_F(ReadWriteStep, APeerThatIsGone) {
  peer_.CloseFar();
  Turn();
  struct socket_write write;
  socket_write_init(&write, &socket_, "x", 1);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(-EPIPE, write.io.base.result) << "S6";
  EXPECT_FALSE(Sockets::sent_without_nosignal())
      << "S6: without MSG_NOSIGNAL the process would have died";
  Drop(write);
}

TEST_F(ReadWriteStep, AResetInEveryState) {
  for (bool reads : {true, false})
    for (bool waits : {true, false}) {
      TcpPair pair;
      struct socket socket;
      struct socket_read read;
      struct socket_write write;
      WakerProbe probe("a task");
      ASSERT_NO_FATAL_FAILURE(Open(&socket, pair.near));
      std::swap(socket, socket_);
      if (!reads && waits) Fill();
      socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
      socket_write_init(&write, &socket_, bytes_, sizeof bytes_);
      struct future *future = reads ? &read.io.base.base : &write.io.base.base;
      if (waits) {
        ASSERT_EQ(POLL_PENDING, Poll(future, probe));
      }
      pair.far->Reset();
      Turn();
      if (waits) {
        EXPECT_EQ(1, probe.wakes()) << "a reset wakes who waits";
      }
      ASSERT_EQ(POLL_READY, Poll(future, probe));
      EXPECT_EQ(-ECONNRESET, reads ? read.io.base.result : write.io.base.result)
          << "S6: while it " << (waits ? "waits to " : "is about to ")
          << (reads ? "read" : "write");
      future_drop(future);
      EXPECT_NE("?", Read()) << "N3: nobody waits any more after that";
      std::swap(socket, socket_);
      socket_close(&socket);
    }
}

TEST_F(ReadWriteStep, DroppedWhileItWaits) {
  struct socket_read read;
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_));
  Drop(read);
  EXPECT_EQ(0, reader_.live()) << "P5: its waker is given back";
  peer_.Say("hello");
  Turn();
  EXPECT_EQ(0, reader_.wakes());
  EXPECT_EQ("hello", Read()) << "O3: nothing is lost";
}

TEST_F(ReadWriteStep, ReadingAndWritingAtOnce) {
  struct socket_read read;
  struct socket_write write;
  size_t written = Fill();
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  socket_write_init(&write, &socket_, "x", 1);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_));
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_));
  EXPECT_EQ(1, reader_.live()) << "O4: both wait, each with its own waker";
  EXPECT_EQ(1, writer_.live()) << "O4: both wait, each with its own waker";
  peer_.Say("hello");
  Turn();
  EXPECT_EQ(1, reader_.wakes()) << "O4";
  ASSERT_EQ(POLL_READY, PollIt(read, reader_));
  Drop(read);
  for (size_t heard = 0; heard < written;) heard += peer_.Hear().size();
  Turn();
  ASSERT_EQ(POLL_READY, PollIt(write, writer_)) << "O4";
  Drop(write);
}

TEST_F(ReadWriteStep, ADropLeavesTheOtherDirectionAlone) {
  struct socket_read read;
  struct socket_write write;
  size_t written = Fill();
  socket_read_init(&read, &socket_, bytes_, sizeof bytes_);
  socket_write_init(&write, &socket_, "x", 1);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_));
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_));
  Drop(read);
  EXPECT_EQ(1, writer_.live()) << "O4: the writer waits on";
  for (size_t heard = 0; heard < written;) heard += peer_.Hear().size();
  Turn();
  EXPECT_EQ(1, writer_.wakes()) << "O4: and is woken";
  Drop(write);
}

// A call that finds nothing, while the reactor, elsewhere, has news.
int newsworthy_attempts;
int NewsworthyAttempt(struct io_operation *self) {
  if (++newsworthy_attempts > 1) return 7;
  Report(self->source, READY_READ);
  return -EAGAIN;
}

TEST_F(ReadWriteStep, NewsDuringACallInVain) {
  static const struct io_function kFunction = {IO_OPERATION_OPS, IO_READ,
                                               NewsworthyAttempt};
  struct io_operation operation;
  newsworthy_attempts = 0;
  Report(socket_.source, READY_READ);
  io_operation_init(&operation, &kFunction, socket_.source);
  ASSERT_EQ(POLL_READY, Poll(&operation.base.base, reader_))
      << "I3: clear with what was seen before the call: what has come since is "
         "news, and the call is made again";
  EXPECT_EQ(7, operation.base.result);
  future_drop(&operation.base.base);
}

TEST_F(ReadWriteStep, NoAllocation) {
  long before = Allocations::total();
  for (int i = 0; i < 10; i++) {
    peer_.Say("hello");
    Turn();
    EXPECT_EQ("hello", Read());
  }
  EXPECT_EQ(before, Allocations::total()) << "P7";
}

TEST_F(ReadWriteStep, EachReadIsPaidFor) {
  budget_left = 3;
  EXPECT_EQ("?", Read(1)) << "there is nothing yet, and that costs nothing";
  peer_.Say("12345");
  Turn();
  for (const char *byte : {"1", "2", "3"})
    ASSERT_EQ(byte, Read(1)) << "O5: the turn's budget was 3";
  int receives = Sockets::receives();
  EXPECT_EQ("?", Read(1)) << "O5: the turn's budget is spent";
  EXPECT_EQ(receives, Sockets::receives()) << "O5: before any call";
  EXPECT_EQ(1, reader_.wakes())
      << "O5: it wakes itself, since nobody else will: it is ready";
  budget_left = BUDGET_TURN;
  EXPECT_EQ("4", Read(1)) << "O5: the next turn goes on";
  budget_left = BUDGET_NONE;
}

// A task that reads byte by byte from a source that never runs dry, and one
// that counts its own turns meanwhile.
struct greedy {
  struct int_future base;
  struct socket *socket;
  struct socket_read read;
  char byte;
  int left;
};

enum poll GreedyPoll(struct future *self, struct context *cx) {
  auto *greedy = reinterpret_cast<struct greedy *>(self);
  for (; greedy->left > 0; greedy->left--) {
    if (future_poll(&greedy->read.io.base.base, cx) == POLL_PENDING)
      return POLL_PENDING;
    future_drop(&greedy->read.io.base.base);
    socket_read_init(&greedy->read, greedy->socket, &greedy->byte, 1);
  }
  return POLL_READY;
}

void GreedyDrop(struct future *self) {
  future_drop(&reinterpret_cast<struct greedy *>(self)->read.io.base.base);
}

TEST_F(ReadWriteStep, OthersHaveTheirTurn) {
  static const struct future_ops kOps = {GreedyPoll, GreedyDrop};
  struct executor executor;
  ASSERT_EQ(0, executor_init(&executor));
  executor_set_driver(&executor, &reactor_.driver);
  constexpr int kBytes = 10 * BUDGET_TURN;
  peer_.Say(std::string(kBytes, 'x'));
  Turn();
  struct greedy greedy = {{{&kOps}, 0}, &socket_, {}, 0, kBytes};
  socket_read_init(&greedy.read, &socket_, nullptr, 1);
  greedy.read.bytes = bytes_;  // the frame is about to move
  FutureProbe other("a task beside it", 9);
  ASSERT_EQ(0, executor_spawn(&executor, &greedy.base, sizeof greedy, nullptr));
  ASSERT_EQ(0, executor_spawn(&executor, &other.value().base,
                              sizeof(gate::probe_future), nullptr));
  for (int turn = 0; turn < 10; turn++)
    ASSERT_TRUE(executor_try_turn(&executor));
  EXPECT_EQ(5, other.polls()) << "O5: of ten turns the task beside a source "
                                 "that never runs dry has five";
  executor_run(&executor);
  EXPECT_EQ(1, other.drops());
  executor_end(&executor);
}

// ---------------------------------------------------------------- step 6.7

class AllStep : public SocketFixture {
 protected:
  std::string Pattern(size_t size) {
    std::string text(size, ' ');
    for (size_t i = 0; i < size; i++) text[i] = char(i * 31 + i / 251);
    return text;
  }
};

TEST_F(AllStep, AMillionBytesThroughASmallWindow) {
  std::string text = Pattern(1000000), heard;
  struct socket_write_all write;
  socket_write_all_init(&write, &socket_, text.data(), text.size());
  while (PollIt(write, writer_) == POLL_PENDING) {
    ASSERT_LT(heard.size(), text.size()) << "S3: all is sent, so it is ready";
    ASSERT_EQ(1, writer_.live()) << "P2: pending, with nobody to wake";
    size_t before = heard.size();
    while (heard.size() < write.done) heard += peer_.Hear();
    ASSERT_LT(before, heard.size()) << "S3: it goes on where it stopped";
    Turn();
    ASSERT_LE(1, writer_.wakes()) << "P2: there is room again";
    writer_.Reset();
  }
  EXPECT_EQ(0, write.io.base.result)
      << "S3: the write failed, though the peer reads";
  EXPECT_EQ(text.size(), write.done)
      << "S3: the write was ready before all bytes were sent: a short send is "
         "not the end";
  while (heard.size() < text.size()) {
    std::string more = peer_.Hear();
    if (more.empty()) break;
    heard += more;
  }
  EXPECT_TRUE(text == heard) << "S3: every byte, once, in order";
  EXPECT_FALSE(Sockets::sent_without_nosignal())
      << "S6: it was sent without MSG_NOSIGNAL: a peer that is gone would end "
         "the program";
  Drop(write);
}

TEST_F(AllStep, ASmallOneIsOneCall) {
  struct socket_write_all write;
  socket_write_all_init(&write, &socket_, "hello", 5);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(1, Sockets::sends()) << "no call that nobody needs";
  EXPECT_EQ("hello", peer_.Hear());
  Drop(write);
}

TEST_F(AllStep, CancelledInTheMiddle) {
  std::string text = Pattern(1000000), heard;
  struct socket_write_all write;
  socket_write_all_init(&write, &socket_, text.data(), text.size());
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_));
  size_t done = write.done;
  Drop(write);
  EXPECT_EQ(0, writer_.live()) << "P5";
  while (heard.size() < done) heard += peer_.Hear();
  EXPECT_EQ("", peer_.Hear()) << "S3: `done` counts what the kernel took";
  EXPECT_TRUE(text.substr(0, done) == heard) << "S3";
}

TEST_F(AllStep, ThePeerLeavesInTheMiddle) {
  std::string text = Pattern(1000000);
  struct socket_write_all write;
  socket_write_all_init(&write, &socket_, text.data(), text.size());
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_));
  peer_.CloseFar();
  Turn();
  EXPECT_EQ(1, writer_.wakes()) << "an end wakes a writer, too";
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(-EPIPE, write.io.base.result) << "S3: the error that came first";
  EXPECT_LT(write.done, text.size()) << "S3";
  Drop(write);
}

TEST_F(AllStep, PiecesGoInOneCall) {
  char hello[] = "hello", comma[] = ", ", world[] = "world";
  struct iovec pieces[] = {{hello, 5}, {comma, 2}, {world, 5}};
  struct socket_write_vector write;
  socket_write_vector_init(&write, &socket_, pieces, 3);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(12, write.io.base.result) << "S4: the bytes of all pieces";
  EXPECT_EQ(1, Sockets::sends()) << "S4: by one call";
  EXPECT_FALSE(Sockets::sent_without_nosignal())
      << "S6: the pieces were sent without MSG_NOSIGNAL: a peer that is gone "
         "would end the program";
  EXPECT_EQ("hello, world", peer_.Hear()) << "S4";
  Drop(write);
}

TEST_F(AllStep, PiecesWaitForRoom) {
  char hello[] = "hello";
  struct iovec pieces[] = {{hello, 5}, {hello, 5}};
  struct socket_write_vector write;
  size_t written = Fill();
  socket_write_vector_init(&write, &socket_, pieces, 2);
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_)) << "S4: there is no room";
  for (size_t heard = 0; heard < written;) heard += peer_.Hear().size();
  Turn();
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  EXPECT_EQ(10, write.io.base.result);
  Drop(write);
}

TEST_F(AllStep, AShortSendIsNoSignThatThereIsNoRoom) {
  struct socket_write_all write;
  Sockets::ShortTransfers(3);
  socket_write_all_init(&write, &socket_, "hello, world", 12);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_))
      << "S8: nobody has said EAGAIN, so nobody will say that there is room";
  EXPECT_EQ(4, Sockets::sends());
  EXPECT_EQ("hello, world", peer_.Hear()) << "S3";
  Drop(write);
}

TEST_F(AllStep, ShutDownAtTheEnd) {
  TcpPair reset, ended;
  Swap(reset.near);
  reset.far->Reset();
  Turn();
  EXPECT_EQ(0, socket_shutdown(&socket_))
      << "S5: a client that has reset its connection is no error of ours";
  Swap(ended.near);
  ended.far->EndSending();
  Turn();
  for (int i = 0; i < 2; i++)
    EXPECT_EQ(0, socket_shutdown(&socket_)) << "S5: both ways are shut";
}

TEST_F(AllStep, ShutDownForWriting) {
  struct socket_write_all write;
  socket_write_all_init(&write, &socket_, "bye", 3);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_));
  Drop(write);
  EXPECT_EQ(0, socket_shutdown(&socket_)) << "S5: the shutdown failed";
  EXPECT_EQ("bye", peer_.Hear()) << "S5: first what is under way";
  char byte;
  EXPECT_EQ(0, ::read(peer_.far, &byte, 1))
      << "S5: the peer has read what was sent, and did not see the end of the "
         "stream behind it: shutdown() for writing tells it";
  peer_.Say("still here");
  Turn();
  EXPECT_EQ("still here", Read()) << "S5: only writing was shut down, and a "
                                     "read did not get the bytes that "
                                     "came later";
}

// ---------------------------------------------------------------- step 6.8

class AcceptStep : public ReactorFixture {
 protected:
  void SetUp() override {
    ReactorFixture::SetUp();
    ASSERT_EQ(0, tcp_listen(&listener_, &reactor_, 0));
    port_ = tcp_port(&listener_);
    ASSERT_LT(0, port_);
  }
  void TearDown() override {
    if (!HasFailure()) socket_close(&listener_);
    ReactorFixture::TearDown();
  }
  // One accept from beginning to end; the test closes the socket.
  enum poll Accept(struct socket *socket) {
    struct tcp_accept accept;
    tcp_accept_init(&accept, &listener_);
    enum poll poll = Poll(&accept.io.base.base, probe_);
    result_ = accept.io.base.result;
    future_drop(&accept.io.base.base);
    *socket = accept.socket;
    return poll;
  }

  static int NoDelay(const struct socket &socket) {
    int value = -1;
    socklen_t size = sizeof value;
    getsockopt(socket_descriptor(&socket), IPPROTO_TCP, TCP_NODELAY, &value,
               &size);
    return value;
  }

  struct socket listener_ = {};
  int port_ = 0, result_ = 0;
  WakerProbe probe_{"acceptor"};
};

TEST_F(AcceptStep, TheNextConnection) {
  Client client(port_);
  struct socket socket = {};
  Turn();
  ASSERT_EQ(POLL_READY, Accept(&socket)) << "C1: somebody is waiting";
  ASSERT_EQ(0, result_) << "C1";
  int descriptor = socket_descriptor(&socket);
  EXPECT_NE(0, fcntl(descriptor, F_GETFL) & O_NONBLOCK)
      << "a read of it would block the thread, and all tasks";
  EXPECT_NE(0, fcntl(descriptor, F_GETFD) & FD_CLOEXEC)
      << "a child process would inherit it";
  ASSERT_TRUE(client.Send("hello"));
  struct socket_read read;
  char bytes[10];
  socket_read_init(&read, &socket, bytes, sizeof bytes);
  Turn();
  ASSERT_EQ(POLL_READY, Poll(&read.io.base.base, probe_));
  EXPECT_EQ(5, read.io.base.result);
  future_drop(&read.io.base.base);
  socket_close(&socket);
}

TEST_F(AcceptStep, PendingUntilSomebodyComes) {
  struct tcp_accept accept;
  tcp_accept_init(&accept, &listener_);
  ASSERT_EQ(POLL_PENDING, Poll(&accept.io.base.base, probe_)) << "C1";
  EXPECT_EQ(0, Sockets::accepts()) << "O1: no call in vain";
  Client client(port_);
  Turn();
  EXPECT_EQ(1, probe_.wakes()) << "C1: somebody has come";
  ASSERT_EQ(POLL_READY, Poll(&accept.io.base.base, probe_));
  EXPECT_EQ(0, accept.io.base.result);
  future_drop(&accept.io.base.base);
  socket_close(&accept.socket);
}

TEST_F(AcceptStep, ThreeAtOnceAreOneEvent) {
  Client one(port_), two(port_), three(port_);
  struct socket socket;
  Turn();
  for (int i = 0; i < 3; i++) {
    ASSERT_EQ(POLL_READY, Accept(&socket))
        << "I3: edge-triggered: there is no other event for the others";
    ASSERT_EQ(0, result_);
    socket_close(&socket);
  }
  EXPECT_EQ(POLL_PENDING, Accept(&socket)) << "C1: and then nobody waits";
}

TEST_F(AcceptStep, OneThatFailedIsPassedOver) {
  for (int error : {ECONNABORTED, EPROTO, EHOSTUNREACH}) {
    Client client(port_);
    struct socket socket = {};
    Turn();
    Sockets::FailAccepts(error, 3);
    ASSERT_EQ(POLL_READY, Accept(&socket)) << "C1";
    EXPECT_EQ(0, result_) << "C1: that was another connection's error";
    socket_close(&socket);
  }
  Client client(port_);
  struct socket socket = {};
  Turn();
  Sockets::FailAccepts(EINTR, 1);
  ASSERT_EQ(POLL_READY, Accept(&socket));
  EXPECT_EQ(0, result_) << "O2: EINTR";
  socket_close(&socket);
}

TEST_F(AcceptStep, NoDescriptorIsLeft) {
  Client client(port_);
  struct socket socket = {};
  Turn();
  Sockets::FailAccepts(EMFILE, 1);
  ASSERT_EQ(POLL_READY, Accept(&socket)) << "C1: an error is a result";
  EXPECT_EQ(-EMFILE, result_) << "C1: no descriptor was left, and the accept "
                                 "went on all the same: that "
                                 "error is not of one connection";
  ASSERT_EQ(POLL_READY, Accept(&socket))
      << "C1: the connection still waits, and no event will say so again";
  ASSERT_EQ(0, result_);
  socket_close(&socket);
}

TEST_F(AcceptStep, NoPlaceInTheReactor) {
  Client client(port_);
  struct socket socket = {};
  Turn();
  Epoll::FailNextAdd(ENOSPC);
  ASSERT_EQ(POLL_READY, Accept(&socket));
  EXPECT_EQ(-ENOSPC, result_) << "and the descriptor is closed (see leaks)";
}

TEST_F(AcceptStep, NothingIsHeldBack) {
  Client client(port_);
  struct socket socket = {};
  Turn();
  int before = Sockets::options();
  ASSERT_EQ(POLL_READY, Accept(&socket));
  EXPECT_EQ(1, NoDelay(socket))
      << "C5: else a last piece of an answer waits for the client to "
         "acknowledge the piece before, and that takes it 40 ms";
  EXPECT_EQ(before + 1, Sockets::options()) << "C5: one call";
  socket_close(&socket);
}

TEST_F(AcceptStep, OneThatCannotBeSetUpIsPassedOver) {
  Client first(port_), second(port_);
  struct socket socket = {};
  Turn();
  Sockets::FailOption(EINVAL);
  ASSERT_EQ(POLL_READY, Accept(&socket));
  ASSERT_EQ(0, result_) << "C1, C5: that was the first connection's error";
  char byte;
  EXPECT_EQ(0, ::read(first.socket_descriptor(), &byte, 1))
      << "C5: the first connection is closed";
  socket_close(&socket);
}

TEST_F(AcceptStep, DroppedWhileItWaits) {
  struct socket socket;
  ASSERT_EQ(POLL_PENDING, Accept(&socket));
  EXPECT_EQ(0, probe_.live()) << "P5";
}

// ---------------------------------------------------------------- step 6.9

class ConnectStep : public AcceptStep {
 protected:
  enum poll PollConnect(struct tcp_connect &connect) {
    return Poll(&connect.io.base.base, probe_);
  }
  // To its end, by as many turns as the kernel needs.
  void Finish(struct tcp_connect &connect) {
    enum poll poll = PollConnect(connect);
    for (int i = 0; i < 100 && poll == POLL_PENDING; i++) {
      ASSERT_EQ(1, probe_.live() + probe_.wakes()) << "P2";
      probe_.Reset();
      reactor_turn(&reactor_, 100);
      poll = PollConnect(connect);
    }
    ASSERT_EQ(POLL_READY, poll) << "C2: the kernel has an answer";
  }
  void Drop(struct tcp_connect &connect) { future_drop(&connect.io.base.base); }
};

TEST_F(ConnectStep, ToAListener) {
  struct tcp_connect connect;
  int before = gate::OpenDescriptors();
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  EXPECT_EQ(before, gate::OpenDescriptors()) << "P1: nothing happens yet";
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  ASSERT_EQ(0, connect.io.base.result) << "C2";
  Drop(connect);
  ASSERT_NE(nullptr, connect.socket.source) << "C3: the socket is ours";
  struct socket accepted = {};
  Turn();
  ASSERT_EQ(POLL_READY, Accept(&accepted));
  struct socket_write write;
  socket_write_init(&write, &connect.socket, "hello", 5);
  ASSERT_EQ(POLL_READY, Poll(&write.io.base.base, probe_))
      << "who is connected can write";
  EXPECT_EQ(5, write.io.base.result);
  future_drop(&write.io.base.base);
  Turn();
  struct socket_read read;
  char bytes[10];
  socket_read_init(&read, &connect.socket, bytes, sizeof bytes);
  gate::Note("reading from a connection that was just made");
  EXPECT_EQ(POLL_PENDING, Poll(&read.io.base.base, probe_))
      << "and there is nothing to read yet: not even an end";
  future_drop(&read.io.base.base);
  socket_close(&accepted);
  socket_close(&connect.socket);
}

TEST_F(ConnectStep, Refused) {
  struct tcp_connect connect;
  DeadPort dead;
  tcp_connect_init(&connect, &reactor_, uint16_t(dead.number()));
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  EXPECT_EQ(-ECONNREFUSED, connect.io.base.result)
      << "C2: the peer has refused: the "
         "event is the end of a connect, and SO_ERROR tells which";
  EXPECT_EQ(nullptr, connect.socket.source) << "C2: there is no socket";
  Drop(connect);
}

TEST_F(ConnectStep, RefusedAtOnce) {
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  Sockets::FailConnect(EADDRNOTAVAIL);
  ASSERT_EQ(POLL_READY, PollConnect(connect)) << "C2";
  EXPECT_EQ(-EADDRNOTAVAIL, connect.io.base.result) << "C2";
  Drop(connect);
}

TEST_F(ConnectStep, InterruptedIsUnderWay) {
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  Sockets::FailConnect(EINTR);
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  EXPECT_EQ(0, connect.io.base.result)
      << "C2: connect(2): after EINTR it goes on by itself";
  EXPECT_EQ(1, Sockets::connects()) << "C2: a second connect would fail";
  Drop(connect);
  socket_close(&connect.socket);
}

TEST_F(ConnectStep, NothingIsHeldBack) {
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  ASSERT_EQ(0, connect.io.base.result);
  EXPECT_EQ(1, NoDelay(connect.socket)) << "C5: at this end, too";
  Drop(connect);
  socket_close(&connect.socket);
}

TEST_F(ConnectStep, OneThatCannotBeSetUp) {
  struct tcp_connect connect;
  int before = gate::OpenDescriptors();
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  Sockets::FailOption(EINVAL);
  ASSERT_EQ(POLL_READY, PollConnect(connect));
  EXPECT_EQ(-EINVAL, connect.io.base.result) << "C2, C5";
  EXPECT_EQ(before, gate::OpenDescriptors()) << "C5: and it is closed";
  Drop(connect);
}

TEST_F(ConnectStep, ToItself) {
  struct tcp_connect connect;
  int dead = DeadPort().number();  // and it is free again
  int before = gate::OpenDescriptors();
  tcp_connect_init(&connect, &reactor_, uint16_t(dead));
  Sockets::ConnectFromThePortItself();
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  EXPECT_EQ(-ECONNREFUSED, connect.io.base.result)
      << "C2: nobody listens there: who answered was the socket itself";
  EXPECT_EQ(before, gate::OpenDescriptors()) << "C2: there is no socket";
  Drop(connect);
}

TEST_F(ConnectStep, NoPlaceInTheReactor) {
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  Epoll::FailNextAdd(ENOSPC);
  ASSERT_EQ(POLL_READY, PollConnect(connect));
  EXPECT_EQ(-ENOSPC, connect.io.base.result) << "and nothing is left open";
  Drop(connect);
}

// Nobody accepts, and there is no room to wait: the kernel drops the packets
// of whoever comes second, and that one tries and tries.
class SlowListener {
 public:
  SlowListener() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    struct sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<struct sockaddr *>(&address), size) ||
        listen(listener_, 0) ||
        getsockname(listener_, reinterpret_cast<struct sockaddr *>(&address),
                    &size))
      abort();
    port = ntohs(address.sin_port);
    first_ = std::make_unique<Client>(port);
  }
  ~SlowListener() { close(listener_); }
  int port;

 private:
  int listener_;
  std::unique_ptr<Client> first_;
};

TEST_F(ConnectStep, ASlowOneIsGivenUp) {
  SlowListener slow;
  struct tcp_connect connect;
  int before = gate::OpenDescriptors();
  tcp_connect_init(&connect, &reactor_, uint16_t(slow.port));
  ASSERT_EQ(POLL_PENDING, PollConnect(connect)) << "C2: no answer yet";
  Turn();
  ASSERT_EQ(POLL_PENDING, PollConnect(connect)) << "C2: no answer yet";
  Drop(connect);
  EXPECT_EQ(before, gate::OpenDescriptors())
      << "C3: a connect that is given up closes its descriptor";
  EXPECT_EQ(0, probe_.live()) << "P5";
}

TEST_F(ConnectStep, AnEventThatIsNotTheAnswer) {
  SlowListener slow;
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(slow.port));
  ASSERT_EQ(POLL_PENDING, PollConnect(connect)) << "C2: no answer yet";
  Epoll::Deliver({{socket_descriptor(&connect.socket), EPOLLOUT}});
  Turn();
  EXPECT_EQ(POLL_PENDING, PollConnect(connect))
      << "I3: an event is a hint; without a peer there is no connection";
  EXPECT_EQ(1, probe_.live()) << "P2: and it waits on";
  Drop(connect);
}

TEST_F(ConnectStep, NotDroppedTwice) {
  struct tcp_connect connect;
  tcp_connect_init(&connect, &reactor_, uint16_t(port_));
  ASSERT_NO_FATAL_FAILURE(Finish(connect));
  socket_close(&connect.socket);
  RawPair pair;
  struct io_source *next = nullptr;
  struct ready_event ready;
  ASSERT_EQ(0, reactor_register(&reactor_, pair.TakeNear(), 0, &next));
  ASSERT_EQ(POLL_PENDING,
            io_source_poll_ready(next, IO_WRITE, probe_.context(), &ready));
  Drop(connect);  // late; its slot is somebody else's by now
  EXPECT_EQ(1, probe_.live()) << "C3: a late drop must not touch the source";
  io_source_close(next);
}

// --------------------------------------------------------------- step 6.10

class HalvesStep : public SocketFixture {
 protected:
  void SetUp() override {
    SocketFixture::SetUp();
    if (HasFatalFailure()) return;
    number_ = socket_descriptor(&socket_);
    socket_split(&socket_, &read_half_, &write_half_);
    ASSERT_NE(nullptr, read_half_.socket.source) << "V1";
    ASSERT_EQ(read_half_.socket.source, write_half_.socket.source)
        << "V1: two halves of one source";
  }
  void TearDown() override {
    if (!HasFailure()) {
      read_half_close(&read_half_);
      write_half_close(&write_half_);
    }
    SocketFixture::TearDown();
  }
  bool PeerSeesTheEnd() {
    char byte;
    return ::read(peer_.far, &byte, 1) == 0;
  }
  struct read_half read_half_ = {};
  struct write_half write_half_ = {};
  int number_ = -1;
};

TEST_F(HalvesStep, TheWriterGoesFirst) {
  ASSERT_EQ(nullptr, socket_.source) << "V1: it is in two halves now";
  write_half_close(&write_half_);
  EXPECT_TRUE(PeerSeesTheEnd())
      << "V2: the descriptor is open still, so it has to be shut down";
  EXPECT_TRUE(IsOpen(number_)) << "V3: there is another half";
  peer_.Say("still here");
  Turn();
  std::swap(socket_, read_half_.socket);
  EXPECT_EQ("still here", Read()) << "V2: the other half reads on";
  std::swap(socket_, read_half_.socket);
  read_half_close(&read_half_);
  EXPECT_FALSE(IsOpen(number_)) << "V3: that was the second half";
}

TEST_F(HalvesStep, TheWholeIsSpent) {
  EXPECT_EQ(nullptr, socket_.source) << "V1";
  socket_close(&socket_);
  EXPECT_TRUE(IsOpen(number_)) << "V1: closing what is spent does nothing";
}

// Each half on a thread of its own, and the reactor on a third.
TEST_F(HalvesStep, OnTwoThreads) {
  constexpr int kBytes = 63;
  std::atomic<int> left{2}, received{0};
  std::thread reading([&] {
    while (received < kBytes && !gate::TodoReached()) {
      struct socket_read read;
      reader_.Reset();
      socket_read_init(&read, &read_half_.socket, bytes_, 7);
      enum poll poll = future_poll(&read.io.base.base, reader_.context());
      if (poll == POLL_READY && read.io.base.result <= 0) break;
      if (poll == POLL_READY) received += read.io.base.result;
      if (poll == POLL_PENDING && !gate::Eventually("the reader is woken", [&] {
            return reader_.wakes() > 0;
          }))
        break;
      Drop(read);
    }
    read_half_close(&read_half_);
    left--;
  });
  std::thread writing([&] {
    for (int sent = 0; sent < kBytes && !gate::TodoReached(); sent++) {
      struct socket_write write;
      socket_write_init(&write, &write_half_.socket, "x", 1);
      future_poll(&write.io.base.base, writer_.context());  // there is room
      Drop(write);
      peer_.Say("y");
    }
    write_half_close(&write_half_);
    left--;
  });
  gate::Note("a half that reads and one that writes, on two threads");
  while (left > 0) Turn();
  reading.join();
  writing.join();
  EXPECT_LE(kBytes, received) << "V1, I6";
  EXPECT_FALSE(IsOpen(number_)) << "V3, I6: the last of two threads closes";
}

TEST_F(HalvesStep, EachHalfWaits) {
  struct socket_read read;
  struct socket_write write;
  std::swap(socket_, write_half_.socket);
  size_t written = Fill();
  std::swap(socket_, write_half_.socket);
  socket_read_init(&read, &read_half_.socket, bytes_, sizeof bytes_);
  socket_write_init(&write, &write_half_.socket, "x", 1);
  ASSERT_EQ(POLL_PENDING, PollIt(read, reader_));
  ASSERT_EQ(POLL_PENDING, PollIt(write, writer_));
  peer_.Say("hello");
  Turn();
  EXPECT_EQ(1, reader_.wakes()) << "O4: the reader";
  EXPECT_EQ(0, writer_.wakes()) << "O4: and not the writer";
  ASSERT_EQ(POLL_READY, PollIt(read, reader_));
  Drop(read);
  for (size_t heard = 0; heard < written;) heard += peer_.Hear().size();
  Turn();
  ASSERT_EQ(POLL_READY, PollIt(write, writer_)) << "O4: then the writer";
  Drop(write);
}

TEST_F(HalvesStep, TheReaderGoesFirst) {
  read_half_close(&read_half_);
  EXPECT_TRUE(IsOpen(number_)) << "V3: there is another half";
  struct socket_write write;
  socket_write_init(&write, &write_half_.socket, "hello", 5);
  ASSERT_EQ(POLL_READY, PollIt(write, writer_)) << "V3: it writes on";
  Drop(write);
  EXPECT_EQ("hello", peer_.Hear());
  write_half_close(&write_half_);
  EXPECT_FALSE(IsOpen(number_)) << "V3: that was the second half";
  read_half_close(&read_half_);  // does nothing any more
}

// --------------------------------------------------------------- step 6.11

// A TCP connection that has sent all that goes, to a client that has read
// nothing and goes on sending.
class LingerStep : public SocketFixture {
 protected:
  void SetUp() override {
    SocketFixture::SetUp();
    if (HasFatalFailure()) return;
    socket_close(&socket_);
    fcntl(pair_.far->socket_descriptor(), F_SETFL, O_NONBLOCK);
    number_ = pair_.near;
    Open(&socket_, pair_.near);
  }
  void Linger() { socket_linger_init(&linger_, &socket_); }
  enum poll PollLinger() { return PollIt(linger_, reader_); }
  // What the client has got by now; `end_` says how it ended, if it did.
  size_t Hear() {
    static char bytes[1 << 16];
    for (;;) {
      ssize_t n = ::read(pair_.far->socket_descriptor(), bytes, sizeof bytes);
      if (n > 0) heard_ += size_t(n);
      if (n == 0) end_ = "the end";
      if (n < 0 && errno != EAGAIN) end_ = strerror(errno);
      if (n <= 0) return heard_;
    }
  }
  // The client reads to its end, while the future is polled when it is woken.
  void HearAll() {
    gate::Eventually("the client gets an end", [&] {
      reactor_turn(&reactor_, 1);
      if (!is_over_ && reader_.wakes() > 0) {
        reader_.Reset();
        is_over_ = PollLinger() == POLL_READY;
      }
      Hear();
      return !end_.empty();
    });
  }
  // Until the future is ready, when its client has done all that it will.
  bool Ends() {
    return gate::Eventually("who lingers is ready", [&] {
      reactor_turn(&reactor_, 1);
      if (is_over_ || reader_.wakes() == 0) return is_over_;
      reader_.Reset();
      return is_over_ = PollLinger() == POLL_READY;
    });
  }
  TcpPair pair_;
  struct socket_linger linger_ = {};
  int number_ = -1;
  size_t heard_ = 0;
  std::string end_;
  bool is_over_ = false;
};

TEST_F(LingerStep, TheEndIsSentFirst) {
  struct pollfd client = {pair_.far->socket_descriptor(), POLLIN, 0};
  Linger();
  ASSERT_EQ(POLL_PENDING, PollLinger()) << "L1: the client has not ended yet";
  ASSERT_EQ(1, poll(&client, 1, 1000)) << "L1: the client waits for an end";
  Hear();
  EXPECT_EQ("the end", end_) << "L1";
  Drop(linger_);
  EXPECT_EQ(nullptr, linger_.socket.source) << "L3: dropped: closed at once";
}

TEST_F(LingerStep, EveryByteArrives) {
  size_t written = Fill();
  ASSERT_TRUE(pair_.far->Send(std::string(1000, 'x')));
  Turn();
  Linger();
  EXPECT_EQ(nullptr, socket_.source) << "L3: it is the future's now";
  ASSERT_EQ(POLL_PENDING, PollLinger()) << "L1: the client has not ended yet";
  EXPECT_TRUE(IsOpen(number_)) << "L1: closed beside what comes, it resets";
  HearAll();
  EXPECT_EQ(written, heard_) << "L1: all that the kernel had taken";
  EXPECT_EQ("the end", end_) << "L1: and the end behind it";
  EXPECT_FALSE(is_over_) << "L1: the client has not ended yet";
  pair_.far->EndSending();
  ASSERT_TRUE(Ends()) << "L2: the client has ended";
  EXPECT_EQ(0, linger_.io.base.result) << "L2";
  EXPECT_FALSE(IsOpen(number_)) << "L3: closed when it is ready";
  Drop(linger_);
}

TEST_F(LingerStep, WhateverIsSentMeanwhile) {
  size_t written = Fill();
  Linger();
  ASSERT_EQ(POLL_PENDING, PollLinger()) << "L1: the client has not ended yet";
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(pair_.far->Send(std::string(5000, 'x')));
    reactor_turn(&reactor_, 100);
    ASSERT_EQ(POLL_PENDING, PollLinger())
        << "L1: all that comes is thrown away, not only the first of it";
  }
  HearAll();
  EXPECT_EQ(written, heard_) << "L1: all that the kernel had taken";
  EXPECT_EQ("the end", end_) << "L1: and the end behind it";
  Drop(linger_);
}

TEST_F(LingerStep, AClientThatHasEnded) {
  pair_.far->EndSending();
  Turn();
  Linger();
  ASSERT_EQ(POLL_READY, PollLinger()) << "L2: there is nothing to wait for";
  EXPECT_EQ(0, linger_.io.base.result) << "L2";
  EXPECT_EQ(1, Sockets::receives()) << "and nothing more to read";
  EXPECT_FALSE(IsOpen(number_)) << "L3";
  EXPECT_EQ(nullptr, linger_.socket.source) << "L3";
  Drop(linger_);
}

TEST_F(LingerStep, AnErrorIsAnEnd) {
  Linger();
  ASSERT_EQ(POLL_PENDING, PollLinger());
  pair_.far->Reset();
  ASSERT_TRUE(Ends()) << "L2: nothing will come any more";
  EXPECT_EQ(-ECONNRESET, linger_.io.base.result)
      << "L2: who lingers says that the client was cut off";
  EXPECT_FALSE(IsOpen(number_)) << "L3";
  Drop(linger_);
}

TEST_F(LingerStep, OneThatNeverStops) {
  Linger();
  ASSERT_EQ(POLL_PENDING, PollLinger());
  std::string text(1 << 16, 'x');
  size_t sent = 0;
  gate::Note("throwing away what a client sends and sends");
  while (sent < 2 * size_t(LINGER_BYTES) && !is_over_) {
    ssize_t n = PlainSend(pair_.far->socket_descriptor(), text.data(),
                          text.size(), MSG_DONTWAIT);
    if (n > 0) sent += size_t(n);
    reactor_turn(&reactor_, n > 0 ? 0 : 1);
    is_over_ = PollLinger() == POLL_READY;
  }
  ASSERT_TRUE(is_over_) << "L2: " << sent << " bytes, and it still reads";
  EXPECT_EQ(-EMSGSIZE, linger_.io.base.result) << "L2";
  EXPECT_LE(size_t(LINGER_BYTES), sent) << "L2: not too soon, either";
  EXPECT_FALSE(IsOpen(number_)) << "L3";
  Drop(linger_);
}

TEST_F(LingerStep, DroppedInEveryState) {
  for (int polls : {0, 1, 2}) {
    TcpPair pair;
    struct socket socket;
    ASSERT_NO_FATAL_FAILURE(Open(&socket, pair.near));
    socket_linger_init(&linger_, &socket);
    for (int i = 0; i < polls; i++) {
      ASSERT_EQ(POLL_PENDING, PollLinger());
      ASSERT_TRUE(pair.far->Send("x"));
      reactor_turn(&reactor_, 100);
    }
    Drop(linger_);
    EXPECT_EQ(nullptr, linger_.socket.source) << "L3: closed at once";
    EXPECT_FALSE(IsOpen(pair.near)) << "L3: closed at once";
    EXPECT_EQ(0, reader_.live()) << "P5";
  }
}

TEST_F(LingerStep, TheWriterEndsItsHalf) {
  struct read_half reader;
  struct write_half writer;
  socket_split(&socket_, &reader, &writer);
  ASSERT_TRUE(pair_.far->Send(std::string(1000, 'x')));
  Turn();
  read_half_linger_init(&linger_, &reader);
  EXPECT_EQ(nullptr, reader.socket.source) << "L3: it is the future's now";
  ASSERT_EQ(POLL_PENDING, PollLinger()) << "L1: the client has not ended yet";
  std::swap(socket_, writer.socket);
  size_t written = Fill();
  std::swap(socket_, writer.socket);
  EXPECT_LT(0u, written) << "L4: the end is the writer's to send";
  write_half_close(&writer);
  HearAll();
  EXPECT_EQ(written, heard_) << "L4";
  EXPECT_EQ("the end", end_) << "L4: the writer has ended, so this is the end";
  pair_.far->EndSending();
  ASSERT_TRUE(Ends()) << "L2: the client has ended";
  EXPECT_FALSE(IsOpen(number_)) << "V3: both halves are closed";
  Drop(linger_);
}

TEST_F(LingerStep, NoAllocation) {
  long before = Allocations::total();
  Linger();
  ASSERT_EQ(POLL_PENDING, PollLinger());
  Drop(linger_);
  EXPECT_EQ(before, Allocations::total()) << "L5";
}

// --------------------------------------------------------------- step 6.12

class UdpStep : public ReactorFixture {
 protected:
  void SetUp() override {
    ReactorFixture::SetUp();
    for (struct socket &socket : sockets_)
      ASSERT_EQ(0, udp_bind(&socket, &reactor_, 0));
    Turn();
    port_ = uint16_t(tcp_port(&sockets_[0]));
    other_port_ = uint16_t(tcp_port(&sockets_[1]));
  }
  void TearDown() override {
    if (!HasFailure())
      for (struct socket &socket : sockets_) socket_close(&socket);
    ReactorFixture::TearDown();
  }
  // From the second socket to the first.
  int Send(const std::string &text) {
    struct udp_send send;
    udp_send_init(&send, &sockets_[1], text.data(), text.size(), port_);
    enum poll poll = Poll(&send.io.base.base, probe_);
    future_drop(&send.io.base.base);
    return poll == POLL_READY ? send.io.base.result : -EINPROGRESS;
  }
  std::string Receive(size_t size = 100) {
    struct udp_receive receive;
    char bytes[100];
    udp_receive_init(&receive, &sockets_[0], bytes, size);
    enum poll poll = Poll(&receive.io.base.base, probe_);
    result_ = receive.io.base.result;
    from_ = receive.from;
    future_drop(&receive.io.base.base);
    if (poll == POLL_PENDING) return "?";
    return result_ < 0 ? ""
                       : std::string(bytes, std::min(size, size_t(result_)));
  }
  struct socket sockets_[2] = {};
  uint16_t port_, other_port_, from_ = 0;
  int result_ = 0;
  WakerProbe probe_{"receiver"};
};

TEST_F(UdpStep, ADatagramArrives) {
  EXPECT_EQ(5, Send("hello")) << "D2";
  Turn();
  EXPECT_EQ("hello", Receive()) << "D1";
  EXPECT_EQ(5, result_) << "D1";
  EXPECT_TRUE(other_port_ == from_) << "D3: and whom it is from";
}

TEST_F(UdpStep, PendingUntilOneComes) {
  struct udp_receive receive;
  char bytes[10];
  udp_receive_init(&receive, &sockets_[0], bytes, sizeof bytes);
  ASSERT_EQ(POLL_PENDING, Poll(&receive.io.base.base, probe_)) << "D1";
  ASSERT_EQ(2, Send("hi"));
  Turn();
  EXPECT_EQ(1, probe_.wakes()) << "P2";
  ASSERT_EQ(POLL_READY, Poll(&receive.io.base.base, probe_));
  EXPECT_EQ(2, receive.io.base.result);
  future_drop(&receive.io.base.base);
}

TEST_F(UdpStep, EachIsWhole) {
  ASSERT_EQ(3, Send("one"));
  ASSERT_EQ(0, Send("")) << "D1: one without bytes is a datagram, too";
  ASSERT_EQ(3, Send("two"));
  Turn();
  EXPECT_EQ("one", Receive()) << "D1: not mixed with the next";
  EXPECT_EQ("", Receive()) << "D1: not an end, either";
  EXPECT_EQ(0, result_);
  EXPECT_EQ("two", Receive())
      << "D1: a short datagram does not mean that no other waits";
  EXPECT_EQ("?", Receive());
}

TEST_F(UdpStep, OneThatDoesNotFit) {
  ASSERT_EQ(10, Send("0123456789"));
  Turn();
  EXPECT_EQ("0123", Receive(4)) << "D1: the rest is lost";
  EXPECT_EQ(10, result_) << "D1: and the result says how long it was";
  EXPECT_EQ("?", Receive());
}

TEST_F(UdpStep, ASignalIsNoResult) {
  Sockets::Interrupt(true);
  EXPECT_EQ(5, Send("hello")) << "O2";
  Turn();
  EXPECT_EQ("hello", Receive()) << "O2";
}

TEST_F(UdpStep, NoRoomToSend) {
  Sockets::SendNothing(1);
  EXPECT_EQ(-EINPROGRESS, Send("hello")) << "O1: EAGAIN: it waits";
  Epoll::Deliver({{socket_descriptor(&sockets_[1]), EPOLLOUT}});
  Turn();
  EXPECT_EQ(5, Send("hello"));
}

TEST_F(UdpStep, APairInThisMachine) {
  struct socket ends[2] = {};
  ASSERT_EQ(0, socket_pair(ends, &reactor_));
  struct socket_write write;
  struct socket_read read;
  char bytes[10];
  socket_write_init(&write, &ends[0], "hello", 5);
  socket_read_init(&read, &ends[1], bytes, sizeof bytes);
  ASSERT_EQ(POLL_READY, Poll(&write.io.base.base, probe_))
      << "a new pair can be written to at once";
  Turn();
  ASSERT_EQ(POLL_READY, Poll(&read.io.base.base, probe_));
  EXPECT_EQ(5, read.io.base.result);
  future_drop(&write.io.base.base);
  future_drop(&read.io.base.base);
  for (struct socket &end : ends) socket_close(&end);
  for (int nth = 1; nth <= 2; nth++) {
    Epoll::FailNextAdd(ENOSPC);
    EXPECT_EQ(-ENOSPC, socket_pair(ends, &reactor_)) << "nothing is left open";
  }
}

}  // namespace
