// client.h - a client of the servers under test, over the loopback.
#ifndef TESTS_SUPPORT_CLIENT_H
#define TESTS_SUPPORT_CLIENT_H

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "tests/support/probes.h"

// send() by another name, which is neither counted nor scripted: what the
// test itself sends. No SIGPIPE.
inline ssize_t PlainSend(int socket, const void *bytes, size_t size,
                         int flags = 0) {
  return syscall(SYS_sendto, socket, bytes, size, flags | MSG_NOSIGNAL, nullptr,
                 0);
}

// A port of 127.0.0.1 where nobody listens. It is taken as long as this lives:
// else the kernel might give it to another program, or to the very socket that
// connects, which is then connected to itself. If it is shared, that may be
// done on purpose (Sockets::ConnectFromThePortItself).
class DeadPort {
 public:
  enum Use { kAlone, kShared };
  explicit DeadPort(Use use = kAlone)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    int is_shared = use == kShared;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &is_shared, sizeof is_shared);
    struct sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(0, bind(socket_, reinterpret_cast<sockaddr *>(&address), size));
    EXPECT_EQ(
        0, getsockname(socket_, reinterpret_cast<sockaddr *>(&address), &size));
    number_ = ntohs(address.sin_port);
  }
  ~DeadPort() { close(socket_); }
  DeadPort(const DeadPort &) = delete;
  DeadPort &operator=(const DeadPort &) = delete;
  int number() const { return number_; }

 private:
  int socket_, number_;
};

class Client {
 public:
  // With a small buffer for what it receives, one that does not read is noticed
  // soon. After connecting it would be too late: a window never shrinks.
  explicit Client(int port, int receive_buffer = 0)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    struct sockaddr_in address = {};
    if (receive_buffer > 0)
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                 sizeof receive_buffer);
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (syscall(SYS_connect, socket_, &address, sizeof address) != 0) Close();
  }
  ~Client() { Close(); }
  Client(Client &&other) : socket_(other.socket_), rest_(other.rest_) {
    other.socket_ = -1;
  }

  bool is_connected() const { return socket_ >= 0; }
  int socket_descriptor() const { return socket_; }

  bool Send(const std::string &text) {
    for (size_t sent = 0; sent < text.size();) {
      ssize_t n = PlainSend(socket_, text.data() + sent, text.size() - sent);
      if (n <= 0) return false;
      sent += size_t(n);
    }
    return true;
  }

  // One more piece of the stream; empty at its end, on an error, or when the
  // code that should send it is not there yet.
  std::string Receive() {
    struct pollfd descriptor = {socket_, POLLIN, 0};
    while (poll(&descriptor, 1, 20) == 0)
      if (gate::TodoReached()) return "";
    char bytes[65536];
    ssize_t n = ::read(socket_, bytes, sizeof bytes);
    return n > 0 ? std::string(bytes, size_t(n)) : "";
  }

  // Exactly so many bytes, or what came before the end.
  std::string Receive(size_t size) {
    while (rest_.size() < size) {
      std::string more = Receive();
      if (more.empty()) break;
      rest_ += more;
    }
    return Take(size);
  }

  // The next line, without its newline; "(end)" at the end of the stream.
  std::string Line() {
    size_t end;
    while ((end = rest_.find('\n')) == std::string::npos) {
      std::string more = Receive();
      if (more.empty()) return "(end)";
      rest_ += more;
    }
    std::string line = Take(end + 1);
    line.pop_back();
    return line;
  }

  // Takes in what has come, without waiting: for tests whose server runs on
  // the same thread. True if there is a line now, so many bytes, or the end.
  bool HasLine() { return TakeIn() || rest_.find('\n') != std::string::npos; }
  bool HasBytes(size_t size) { return TakeIn() || rest_.size() >= size; }

  // Bytes that were received and not asked for yet.
  size_t Rest() const { return rest_.size(); }

  void EndSending() { shutdown(socket_, SHUT_WR); }

  // Ends the connection with a reset instead of an orderly end.
  void Reset() {
    struct linger at_once = {1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    Close();
  }

  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  // True at the end of the stream, or after an error.
  bool TakeIn() {
    char bytes[65536];
    for (;;) {
      struct pollfd descriptor = {socket_, POLLIN, 0};
      if (poll(&descriptor, 1, 0) == 0) return false;
      ssize_t n = ::read(socket_, bytes, sizeof bytes);
      if (n <= 0) return true;
      rest_.append(bytes, size_t(n));
    }
  }

  std::string Take(size_t size) {
    std::string taken = rest_.substr(0, size);
    rest_.erase(0, size);
    return taken;
  }

  int socket_;
  std::string rest_;
};

#endif
