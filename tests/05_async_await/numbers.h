// numbers.h - a source of numbers that the test gives, one by one.
#ifndef TESTS_05_ASYNC_AWAIT_NUMBERS_H
#define TESTS_05_ASYNC_AWAIT_NUMBERS_H

#include <memory>
#include <string>
#include <vector>

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/05_async_await/source.h"
}

// The first numbers may be there already; each further one is pending until
// the test gives it.
class Numbers {
 public:
  explicit Numbers(std::vector<int> ready = {}) : ready_(std::move(ready)) {
    handle_.source.next = Next;
    handle_.self = this;
  }

  struct source *source() {
    return &handle_.source;
  }
  int asked() const { return static_cast<int>(probes_.size()); }
  gate::FutureProbe &number(int i) { return *probes_.at(size_t(i)); }
  gate::FutureProbe &last() { return *probes_.back(); }
  void Give(int value) { last().Complete(value); }

  // How many of those asked for are not dropped.
  int alive() const {
    int count = 0;
    for (const auto &probe : probes_) count += probe->drops() == 0;
    return count;
  }

 private:
  struct Handle {
    struct source source;  // first: the code under test sees only this
    Numbers *self;
  };

  static struct int_future *Next(struct source *source) {
    Numbers *self = reinterpret_cast<Handle *>(source)->self;
    EXPECT_EQ(0, self->alive())
        << "one number at a time: the one before has to be dropped first";
    size_t i = self->probes_.size();
    std::string name = "number " + std::to_string(i + 1);
    bool is_ready = i < self->ready_.size();
    self->probes_.push_back(std::make_unique<gate::FutureProbe>(
        name.c_str(), is_ready ? 0 : -1, is_ready ? self->ready_[i] : 0));
    return self->probes_.back()->int_future();
  }

  Handle handle_;
  std::vector<int> ready_;
  std::vector<std::unique_ptr<gate::FutureProbe>> probes_;
};

// What other calls leave on the stack between two polls.
__attribute__((noinline)) inline void ScribbleOnTheStack() {
  volatile char bytes[4096];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = char(0xa5);
}

#endif
