// server_fixture.h - a server that every step starts, watches and stops.
#ifndef TESTS_BLOCKING_SERVER_SERVER_FIXTURE_H
#define TESTS_BLOCKING_SERVER_SERVER_FIXTURE_H

#include <map>
#include <memory>
#include <mutex>

#include "chapters/01_blocking_server/server.h"
#include "tests/support/client.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

class ServerFixture : public gate::Step {
 protected:
  using Serve = int (*)(struct connection *, void *);

  void TearDown() override {
    if (running_) Stop();
    // After a failure threads may still use it; the process is over soon.
    if (HasFailure()) server_.release();
    if (!HasFailure()) End();
    gate::Step::TearDown();
  }

  // What is to end when the server has.
  virtual void End() {}

  // serve() gets `data`; the fixture keeps the log.
  void Start(Serve serve, void *data = nullptr, int send_timeout = 100) {
    shared_ = std::make_unique<Shared>();
    shared_->serve = serve;
    shared_->data = data;
    struct server_options options = {};
    options.send_timeout = send_timeout;
    options.serve = [](struct connection *connection, void *shared) {
      Shared *self = static_cast<Shared *>(shared);
      return self->serve(connection, self->data);
    };
    options.log = [](int error, void *shared) {
      static_cast<Shared *>(shared)->Log(error);
    };
    options.data = shared_.get();
    server_ = std::make_unique<struct server>();
    running_ = server_start(server_.get(), &options) == 0;
    ASSERT_TRUE(running_);
    port_ = server_port(server_.get());
  }

  int port() const { return port_; }
  struct server *server() {
    return server_.get();
  }

  // Every step before 1.5 stops a server that has nothing left to do.
  void Stop() {
    gate::Eventually("only the acceptor is left",
                     [] { return gate::LiveThreads() <= 1; });
    StopNow();
  }

  void StopNow() {
    running_ = false;
    server_stop(server_.get());
  }

  int Failures(int error) {
    std::lock_guard<std::mutex> guard(shared_->lock);
    return shared_->failures[error];
  }

  // The latest timed wait is for an hour at most, on a clock that nobody sets.
  static bool WaitsOnMonotonicClock() {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return gate::LatestTimedWait() < now.tv_sec + 3600;
  }

  // The descriptor at the other end of a client's connection, or -1.
  static int ServersEndOf(const Client &client) {
    struct sockaddr_in wanted = {}, peer = {};
    socklen_t size = sizeof wanted;
    getsockname(client.socket_descriptor(),
                reinterpret_cast<struct sockaddr *>(&wanted), &size);
    for (int socket = 0; socket < 1024; socket++, size = sizeof peer)
      if (getpeername(socket, reinterpret_cast<struct sockaddr *>(&peer),
                      &size) == 0 &&
          peer.sin_port == wanted.sin_port)
        return socket;
    return -1;
  }

  // More calls of accept4() than pauses of a tenth of a second allow for.
  bool spun() const {
    return gate::Sockets::accepts() > 10 + watch_.wall_seconds() * 20;
  }

 private:
  struct Shared {
    Serve serve;
    void *data;
    std::mutex lock;
    std::map<int, int> failures;
    void Log(int error) {
      std::lock_guard<std::mutex> guard(lock);
      failures[error]++;
    }
  };
  std::unique_ptr<Shared> shared_;
  std::unique_ptr<struct server> server_;
  gate::Stopwatch watch_;
  bool running_ = false;
  int port_ = 0;
};

#endif
