// reactor_fixture.h - a reactor that every step from 6.4 on starts with.
#ifndef TESTS_REACTOR_REACTOR_FIXTURE_H
#define TESTS_REACTOR_REACTOR_FIXTURE_H

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/acting_waker.h"
#include "tests/support/client.h"
#include "tests/support/epoll.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
}

// Two connected descriptors that do not block. The test closes what nobody
// has taken over.
struct RawPair {
  int near, far;
  RawPair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) abort();
    near = ends[0];
    far = ends[1];
  }
  ~RawPair() {
    CloseNear();
    CloseFar();
  }
  int TakeNear() {
    int taken = near;
    near = -1;
    return taken;
  }
  void CloseNear() { Close(near); }
  void CloseFar() { Close(far); }
  // The other side's bytes; not by the calls that are counted.
  void Say(const std::string &text) {
    PlainSend(far, text.data(), text.size());
  }
  std::string Hear() {
    char bytes[65536];
    ssize_t n = ::read(far, bytes, sizeof bytes);
    return n > 0 ? std::string(bytes, size_t(n)) : "";
  }

 private:
  static void Close(int &descriptor) {
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }
};

// Reports to a source of a reactor, as its turn would.
inline void Report(struct io_source *source, int bits) {
  pthread_mutex_t *lock = &source->reactor->sources.lock;
  pthread_mutex_lock(lock);
  io_source_report(source, uint16_t(bits), lock);
}

class ReactorFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    ASSERT_EQ(0, reactor_init(&reactor_));
  }
  void TearDown() override {
    if (!HasFailure()) reactor_end(&reactor_);
    gate::Step::TearDown();
  }

  // Asks the kernel, or the script, once.
  int Turn() { return reactor_turn(&reactor_, 0); }

  struct reactor reactor_ = {};
};

#endif
