// named_test.cc - step 11.12: whose panic is it.
#include "tests/11_threads/threads_fixture.h"

extern "C" {
#include "chapters/11_threads/named.h"
}

namespace {

using namespace threads_test;
using gate::FutureProbe;
using gate::WakerProbe;

// The name that a panic would say here and now.
std::string NameNow() {
  const char *name = panic_name(nullptr);
  panic_name(name);
  return name == nullptr ? "nobody" : name;
}

class NamedStep : public ScriptStep {
 protected:
  void TearDown() override {
    panic_name(nullptr);
    ScriptStep::TearDown();
  }
  // A future that notes under which name it is polled and dropped.
  struct int_future *Noting(enum poll poll) {
    Script &script = New([this, poll](struct context *) {
      polled_as_ = NameNow();
      return poll;
    });
    script.OnDrop([this] { dropped_as_ = NameNow(); });
    return script.future();
  }
  struct future *future() {
    return &named_.base.base;
  }
  WakerProbe waker_{"waker"};
  struct named named_;
  std::string polled_as_ = "not at all", dropped_as_ = "not at all";
};

TEST_F(NamedStep, ItIsItsChild) {
  FutureProbe leaf("leaf", 1, 7);
  named_init(&named_, "baker", leaf.int_future());
  EXPECT_EQ(POLL_PENDING, Poll(future(), waker_)) << "N2: as its child";
  ASSERT_EQ(POLL_READY, Poll(future(), waker_)) << "N2: as its child";
  EXPECT_EQ(7, named_.base.result) << "N2: the same result";
  EXPECT_EQ(2, leaf.polls()) << "N2: the same polls";
  future_drop(future());
  EXPECT_EQ(1, leaf.drops()) << "N2: its child is dropped with it";
}

TEST_F(NamedStep, PolledAndDroppedUnderItsName) {
  named_init(&named_, "baker", Noting(POLL_PENDING));
  EXPECT_EQ(POLL_PENDING, Poll(future(), waker_)) << "N2: as its child";
  EXPECT_EQ("baker", polled_as_) << "N1: while it is polled";
  EXPECT_EQ("nobody", NameNow()) << "N1: between two polls it is nobody's turn";
  future_drop(future());
  EXPECT_EQ("baker", dropped_as_) << "N1: while it is dropped, too";
  EXPECT_EQ("nobody", NameNow()) << "N1: after the drop it is gone";
}

TEST_F(NamedStep, NamesNest) {
  struct named inner;
  std::string between, dropping;
  FutureProbe leaf("leaf", 0);
  Script &outer_child = New([&](struct context *cx) {
    enum poll poll = future_poll(&inner.base.base, cx);
    between = NameNow();
    return poll;
  });
  outer_child.OnDrop([&] {
    future_drop(&inner.base.base);
    dropping = NameNow();
  });
  named_init(&inner, "oven", Noting(POLL_READY));
  named_init(&named_, "baker", outer_child.future());
  panic_name("bakery");
  ASSERT_EQ(POLL_READY, Poll(future(), waker_)) << "N2: as its child";
  EXPECT_EQ("oven", polled_as_) << "N1: the innermost name";
  EXPECT_EQ("baker", between) << "N1: behind it, the name before: names nest";
  EXPECT_EQ("bakery", NameNow()) << "N1: around that, what it was before";
  future_drop(future());
  EXPECT_EQ("baker", dropping) << "N1: names nest in drops, too";
  EXPECT_EQ("bakery", NameNow()) << "N1: around that, what it was before";
}

TEST_F(NamedStep, ThePanicOfATaskOfAPool) {
  EXPECT_TRUE(Panics(
      [] {
        struct pool pool;
        struct named named;
        Script child(
            [](struct context *) -> enum poll { panic("the bread is burnt"); });
        struct join_handle handle;
        if (pool_init(&pool, 2) < 0) _exit(1);
        // Both live on this stack, which waits.
        named_init(&named, "baker", child.future());
        if (pool_spawn(&pool, &named.base, sizeof named, &handle) < 0) _exit(1);
        block_on(&handle.base);
        _exit(1);
      },
      "in baker: the bread is burnt"))
      << "N1: the panic of a task says which task it was";
}

}  // namespace
