// buffered_test.cc - steps 10.8 and 10.9: many futures in one task, and each of
// them knows its own waker.
#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include "tests/10_stream/stream_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/interrupt.h"

extern "C" {
#include "chapters/03_waker/waker_cell.h"
#include "chapters/10_stream/buffered.h"
#include "chapters/10_stream/fold.h"
}

namespace {

using gate::Allocations;
using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

// --------------------------------------------------------------- step 10.8

class WakersStep : public StreamFixture {
 protected:
  void Make(size_t count) {
    all_ = slot_wakers_create(count);
    ASSERT_NE(nullptr, all_) << "there is memory, so it can be made";
  }
  void Wake(size_t slot) {
    struct waker lent = slot_wakers_lend(all_, slot);
    waker_wake_by_ref(&lent);
  }
  struct waker Clone(size_t slot) {
    struct waker lent = slot_wakers_lend(all_, slot);
    return waker_clone(&lent);
  }
  WakerProbe owner_{"owner"};
  struct slot_wakers *all_ = nullptr;
};

TEST_F(WakersStep, AFlagAndAWake) {
  Make(3);
  slot_wakers_register(all_, owner_.waker());
  Wake(1);
  EXPECT_EQ(1, owner_.wakes()) << "K1 of slot_wakers.h: the owner is woken";
  EXPECT_FALSE(slot_wakers_take(all_, 0))
      << "K1 of slot_wakers.h: another slot's flag";
  EXPECT_FALSE(slot_wakers_take(all_, 2))
      << "K1 of slot_wakers.h: another slot's flag";
  EXPECT_TRUE(slot_wakers_take(all_, 1))
      << "K2 of slot_wakers.h: this one was woken";
  EXPECT_FALSE(slot_wakers_take(all_, 1)) << "K2 of slot_wakers.h: once";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, TheOwnerKnowsAlready) {
  Make(2);
  slot_wakers_register(all_, owner_.waker());
  Wake(0);
  slot_wakers_register(all_, owner_.waker());
  Wake(0);
  EXPECT_EQ(1, owner_.wakes())
      << "K1 of slot_wakers.h: the flag was set already, so the owner knows";
  Wake(1);
  EXPECT_EQ(2, owner_.wakes())
      << "K1 of slot_wakers.h: this one it does not know";
  EXPECT_TRUE(slot_wakers_take(all_, 0))
      << "K2 of slot_wakers.h: the flag was set";
  slot_wakers_register(all_, owner_.waker());
  Wake(0);
  EXPECT_EQ(3, owner_.wakes())
      << "K1 of slot_wakers.h: the flag was taken since";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, ACloneIsOfTheSameSlot) {
  Make(3);
  struct waker clone = Clone(1), copy = waker_clone(&clone);
  waker_wake_by_ref(&clone);
  EXPECT_TRUE(slot_wakers_take(all_, 1))
      << "K1 of slot_wakers.h: the clone of a slot's waker sets that slot's "
         "flag";
  waker_wake(&copy);
  EXPECT_TRUE(slot_wakers_take(all_, 1))
      << "K1 of slot_wakers.h: and so does the clone of a clone";
  EXPECT_FALSE(slot_wakers_take(all_, 0))
      << "K1 of slot_wakers.h: another slot's flag";
  waker_drop(&clone);
  slot_wakers_end(all_);
}

TEST_F(WakersStep, TheOwnersOwnFlag) {
  Make(2);
  slot_wakers_register(all_, owner_.waker());
  slot_wakers_set(all_, 1);
  EXPECT_EQ(0, owner_.wakes()) << "it is the owner's turn: nobody is woken";
  EXPECT_TRUE(slot_wakers_take(all_, 1))
      << "K2 of slot_wakers.h: the flag was set";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, TheFlagComesFirst) {
  Make(1);
  bool saw = false;
  ActingWaker looker([&] { saw = slot_wakers_take(all_, 0); });
  slot_wakers_register(all_, looker.waker());
  Wake(0);
  EXPECT_TRUE(saw)
      << "K1 of slot_wakers.h: the owner was woken, looked at once, and saw "
         "nothing. The flag has to be set before the wake";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, AWakerOutlivesTheOwner) {
  Make(2);
  slot_wakers_register(all_, owner_.waker());
  struct waker kept = Clone(0), woken = Clone(1), other = waker_clone(&kept);
  slot_wakers_end(all_);
  EXPECT_EQ(0, owner_.live())
      << "K4 of slot_wakers.h: the owner's waker is given back";
  ASSERT_LT(0, Allocations::live()) << "K4 of slot_wakers.h: the memory was "
                                       "freed, and somebody has a waker still";
  waker_wake(&woken);
  EXPECT_EQ(0, owner_.wakes())
      << "K4 of slot_wakers.h: nobody is there to be woken";
  waker_drop(&other);
  waker_drop(&kept);
  EXPECT_EQ(0, Allocations::live())
      << "K4 of slot_wakers.h: the last who goes frees the memory";
  EXPECT_FALSE(Allocations::written_after_free())
      << "K4 of slot_wakers.h: written to memory that was freed";
}

TEST_F(WakersStep, WakersAreCounted) {
  Make(1);
  struct waker first = Clone(0);
  waker_drop(&first);
  struct waker second = Clone(0);
  waker_wake(&second);
  EXPECT_TRUE(slot_wakers_take(all_, 0))
      << "K1 of slot_wakers.h: a wake sets the flag";
  EXPECT_LT(0, Allocations::live())
      << "K4 of slot_wakers.h: the owner is there still";
  slot_wakers_end(all_);
  EXPECT_EQ(0, Allocations::live())
      << "K4 of slot_wakers.h: the owner was the last";
}

TEST_F(WakersStep, WithoutMemory) {
  Allocations::FailNth(1);
  EXPECT_EQ(nullptr, slot_wakers_create(4)) << "no memory: NULL";
}

TEST_F(WakersStep, AWakeWhileTheOwnerLooks) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool taken = false;
    Make(1);
    owner_.Reset();
    came = gate::InterruptAt(
        nth,
        [&] {
          slot_wakers_register(all_, owner_.waker());
          taken = slot_wakers_take(all_, 0);
        },
        [&] { Wake(0); });
    if (came && !taken) {
      EXPECT_EQ(1, owner_.wakes()) << "K3 of slot_wakers.h: it was woken while "
                                      "it registered and looked. It has seen "
                                      "nothing, and nobody wakes it";
      EXPECT_TRUE(slot_wakers_take(all_, 0))
          << "K2 of slot_wakers.h: the wake's flag was cleared by somebody who "
             "has not seen it. "
             "To look and to clear have to be one step";
    }
    slot_wakers_end(all_);
  }
}

TEST_F(WakersStep, WakersOnOtherThreads) {
  Make(2);
  std::thread threads[2];
  for (size_t i = 0; i < 2; i++) {
    struct waker waker = Clone(i);
    threads[i] = std::thread([waker]() mutable {
      for (int n = 0; n < 200; n++) {
        struct waker copy = waker_clone(&waker);
        waker_wake(&copy);
      }
      waker_drop(&waker);
    });
  }
  slot_wakers_register(all_, owner_.waker());
  slot_wakers_take(all_, 0);
  slot_wakers_end(all_);
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(0, Allocations::live())
      << "K4 of slot_wakers.h: the last who goes frees the memory";
}

// --------------------------------------------------------------- step 10.9

// The item is the number of a job, which is a probe.
class BufferedStep : public StreamFixture {
 protected:
  static struct int_future *MakeJob(void *data, void *item, void *place) {
    auto *step = static_cast<BufferedStep *>(data);
    int number;
    std::memcpy(&number, item, sizeof number);
    std::memcpy(place, &step->jobs_[number].value(),
                sizeof(gate::probe_future));
    return static_cast<struct int_future *>(place);
  }
  struct buffered_options Options(size_t limit) {
    return {limit, sizeof(gate::probe_future), MakeJob, this, &room_};
  }
  void Buffered(StreamProbe &source, size_t limit) {
    struct buffered_options options = Options(limit);
    ASSERT_EQ(0, stream_buffered_init(&buffered_, source.stream(), &options))
        << "there is memory, so it can be made";
  }
  void Unordered(StreamProbe &source, size_t limit) {
    struct buffered_options options = Options(limit);
    ASSERT_EQ(
        0, stream_buffer_unordered_init(&buffered_, source.stream(), &options))
        << "there is memory, so it can be made";
  }
  void Concurrently(StreamProbe &source, size_t limit) {
    struct buffered_options options = Options(limit);
    ASSERT_EQ(0, stream_concurrently_init(&all_, source.stream(), &options))
        << "there is memory, so it can be made";
  }
  std::string AskIt() { return Ask(&buffered_.base, probe_); }
  void Drop() { stream_drop(&buffered_.base); }
  enum poll PollAll() { return Poll(&all_.base.base, probe_); }

  WakerProbe probe_{"asker"};
  FutureProbe jobs_[5] = {FutureProbe("job 0"), FutureProbe("job 1"),
                          FutureProbe("job 2"), FutureProbe("job 3"),
                          FutureProbe("job 4")};
  int room_ = 0;
  struct stream_buffered buffered_;
  struct stream_concurrently all_;
};

TEST_F(BufferedStep, TwoAtATime) {
  StreamProbe source({0, 1, 2});
  Buffered(source, 2);
  EXPECT_EQ(0, source.polls()) << "S1: nothing before it is asked";
  EXPECT_EQ("pending", AskIt())
      << "B1: each item becomes a future, and is under way";
  EXPECT_EQ(2, source.given()) << "B2: there are two places";
  EXPECT_EQ(1, jobs_[0].polls()) << "B4: new ones are polled";
  EXPECT_EQ(1, jobs_[1].polls()) << "B1: they are worked on at the same time";
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(2, source.polls()) << "B2: no place, so nothing is asked";
  EXPECT_EQ(1, jobs_[0].polls())
      << "B4: nobody has woken it, so it is not polled";
  Drop();
  EXPECT_EQ(1, jobs_[0].drops())
      << "B5: those that are left go with the stream";
  EXPECT_EQ(1, jobs_[1].drops())
      << "B5: those that are left go with the stream";
}

TEST_F(BufferedStep, OnlyWhoWasWoken) {
  StreamProbe source({0, 1, 2});
  Unordered(source, 3);
  EXPECT_EQ("pending", AskIt())
      << "B1: each item becomes a future, and is under way";
  probe_.Reset();
  jobs_[1].Complete(51);
  EXPECT_EQ(1, probe_.wakes()) << "S3: the task is woken";
  EXPECT_EQ("item 51", AskIt()) << "B3: as they come";
  EXPECT_EQ(2, jobs_[1].polls()) << "B4: polled when it is new, or was woken";
  EXPECT_EQ(1, jobs_[1].drops()) << "B5: dropped when it is ready";
  EXPECT_EQ(1, jobs_[0].polls()) << "B4: nobody has woken this one";
  EXPECT_EQ(1, jobs_[2].polls()) << "B4: nobody has woken this one";
  Drop();
  EXPECT_EQ(1, jobs_[0].drops()) << "B5: those that are left go with it";
  EXPECT_EQ(1, jobs_[2].drops()) << "B5: those that are left go with it";
}

TEST_F(BufferedStep, InOrder) {
  StreamProbe source({0, 1, 2, 3});
  Buffered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  jobs_[1].Complete(51);
  EXPECT_EQ("pending", AskIt()) << "B3: job 0 was first";
  EXPECT_EQ(2, source.given())
      << "B2: a result that waits for its turn takes a place, too";
  jobs_[0].Complete(50);
  EXPECT_EQ("item 50", AskIt())
      << "B3: in order if asked so, else as they come";
  EXPECT_EQ("item 51", AskIt())
      << "B3: in order if asked so, else as they come";
  EXPECT_EQ(3, source.given())
      << "B2: a poll fills every free place first, and "
         "gives a result then, also one that was "
         "there before";
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(4, source.given()) << "B2: two places are free again";
  jobs_[3].Complete(53);
  jobs_[2].Complete(52);
  EXPECT_EQ("item 52", AskIt())
      << "B3: in order if asked so, else as they come";
  EXPECT_EQ("item 53", AskIt())
      << "B3: in order if asked so, else as they come";
  EXPECT_EQ("end", AskIt()) << "B6: the end comes after all results";
  EXPECT_EQ(1, source.drops())
      << "S8: the stream inside has ended, and is dropped";
  Drop();
}

TEST_F(BufferedStep, AsTheyCome) {
  StreamProbe source({0, 1, 2, 3});
  Unordered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  jobs_[1].Complete(51);
  EXPECT_EQ("item 51", AskIt()) << "B3: it does not wait for job 0";
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(3, source.given()) << "B2: a place is free again";
  jobs_[2].Complete(52);
  EXPECT_EQ("item 52", AskIt())
      << "B3: in order if asked so, else as they come";
  jobs_[0].Complete(50);
  EXPECT_EQ("item 50", AskIt())
      << "B3: in order if asked so, else as they come";
  EXPECT_EQ("pending", AskIt()) << "B6: one is under way still";
  jobs_[3].Complete(-EIO);
  EXPECT_EQ("item -5", AskIt()) << "B1: a negative result is an item as well";
  EXPECT_EQ("end", AskIt()) << "B6: the end comes after all results";
  Drop();
}

TEST_F(BufferedStep, ResultsTakeTurns) {
  StreamProbe source({0, 1, 2});
  Unordered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "B1: two are under way";
  jobs_[0].Complete(50);
  jobs_[1].Complete(51);
  jobs_[2].Complete(52);
  EXPECT_EQ("item 50", AskIt()) << "B3: both are there";
  EXPECT_EQ("item 51", AskIt())
      << "B3: the places take turns. Looked at from the first one always, a "
         "result in a late place may wait for ever";
  EXPECT_EQ("item 52", AskIt()) << "B3: this one came later";
  EXPECT_EQ("end", AskIt()) << "B6: all results are given";
  Drop();
}

TEST_F(BufferedStep, AResultThatWaitsHasNoFuture) {
  StreamProbe source({0, 1});
  Buffered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "B1: two are under way";
  jobs_[1].Complete(51);
  EXPECT_EQ("pending", AskIt()) << "B3: job 0 was first";
  EXPECT_EQ(1, jobs_[1].drops())
      << "B5: a future is dropped when it is ready, and not when its result is "
         "given: it may hold a socket";
  Drop();
  EXPECT_EQ(1, jobs_[1].drops()) << "B5: once";
}

TEST_F(BufferedStep, EachIsHeldToTheContract) {
  static constexpr struct future_ops kOps = {
      [](struct future *, struct context *) { return POLL_READY; },
      [](struct future *) {}};
  Parcel room;
  struct buffered_options options = {
      2, sizeof(struct int_future),
      [](void *, void *item, void *place) {
        Parcel::Drop(item);  // it moved into the function
        auto *future = static_cast<struct int_future *>(place);
        *future = {{&kOps}, 0};
        return future;
      },
      nullptr, &room};
  HoldToTheContract({
      {"buffered",
       [&](struct stream *inner) {
         EXPECT_EQ(0, stream_buffered_init(&buffered_, inner, &options))
             << "B8: there is memory";
         return &buffered_.base;
       }},
      {"buffer_unordered",
       [&](struct stream *inner) {
         EXPECT_EQ(0, stream_buffer_unordered_init(&buffered_, inner, &options))
             << "B8: there is memory";
         return &buffered_.base;
       }},
  });
}

// What stands first at the place is another future, which nobody returned.
TEST_F(BufferedStep, AFutureInsideOfSomething) {
  struct Task {
    struct int_future other;
    gate::probe_future future;
  };
  static constexpr struct future_ops kOther = {
      [](struct future *, struct context *) { return POLL_PENDING; },
      [](struct future *) {}};
  StreamProbe source({0});
  struct buffered_options options = {
      1, sizeof(Task),
      [](void *data, void *, void *place) {
        auto *task = static_cast<Task *>(place);
        task->other = {{&kOther}, 0};
        std::memcpy(&task->future, &static_cast<FutureProbe *>(data)->value(),
                    sizeof task->future);
        return &task->future.base;
      },
      &jobs_[0], &room_};
  ASSERT_EQ(0, stream_buffered_init(&buffered_, source.stream(), &options))
      << "B8: there is memory";
  EXPECT_EQ("pending", AskIt()) << "B1: it is under way";
  EXPECT_EQ(1, jobs_[0].polls())
      << "B1: the future is what `make` returns, and not what stands first at "
         "its place";
  if (!HasFailure()) jobs_[0].Complete(50);
  EXPECT_EQ("item 50", AskIt()) << "B1: and so is its result";
  Drop();
}

TEST_F(BufferedStep, TheErrorComesLast) {
  StreamProbe source({0}, -EIO);
  Buffered(source, 3);
  EXPECT_EQ("pending", AskIt())
      << "B6: the stream inside has failed, and one is under way still";
  jobs_[0].Complete(50);
  EXPECT_EQ("item 50", AskIt()) << "B6: the end comes after all results";
  EXPECT_EQ("end -5", AskIt()) << "B6: the end comes after all results";
  Drop();
}

TEST_F(BufferedStep, MoreComesLater) {
  StreamProbe source;
  Buffered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  source.Push(0);
  EXPECT_EQ(1, probe_.wakes()) << "S3: the stream inside wakes the task";
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(1, jobs_[0].polls()) << "B4: a new one is polled";
  Drop();
  EXPECT_EQ(1, source.drops()) << "S5: the stream inside goes with it";
  EXPECT_EQ(1, jobs_[0].drops())
      << "B5: dropped once, when it is ready or with the stream";
}

TEST_F(BufferedStep, TheNewestWaker) {
  WakerProbe second("second");
  StreamProbe source({0});
  Buffered(source, 2);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ("pending", Ask(&buffered_.base, second))
      << "S3: there is nothing to give now";
  jobs_[0].Complete(50);
  EXPECT_EQ(1, second.wakes()) << "P3: the waker of the latest poll is woken";
  EXPECT_EQ("item 50", AskIt()) << "S2: there is something to give";
  Drop();
  EXPECT_EQ(0, second.live()) << "S5: no waker is left";
  EXPECT_EQ(0, probe_.live()) << "S5: no waker is left";
}

TEST_F(BufferedStep, OneThatWakesItself) {
  FutureProbe eager("eager", 3, 7);
  StreamProbe source({0});
  Unordered(source, 1);
  buffered_.options.data = &eager;
  buffered_.options.make = [](void *data, void *, void *place) {
    std::memcpy(place, &static_cast<FutureProbe *>(data)->value(),
                sizeof(gate::probe_future));
    return static_cast<struct int_future *>(place);
  };
  for (int i = 0; i < 3; i++) {
    probe_.Reset();
    ASSERT_EQ("pending", AskIt())
        << "B1: each item becomes a future, and is under way";
    ASSERT_EQ(1, probe_.wakes())
        << "S3: a future has woken itself in its own poll, and the task has to "
           "come again";
    ASSERT_EQ(i + 1, eager.polls())
        << "B4: each future at most once in a poll. Who wakes itself meanwhile "
           "has its turn in the next one";
  }
  EXPECT_EQ("item 7", AskIt())
      << "B1: each item becomes a future, and is under way";
  Drop();
}

TEST_F(BufferedStep, MemoryForPlaces) {
  StreamProbe source;
  struct buffered_options options = Options(0);
  EXPECT_EQ(-EINVAL,
            stream_buffered_init(&buffered_, source.stream(), &options))
      << "B8: no place at all";
  options.limit = 2;
  for (int nth = 1; nth <= 2; nth++) {
    Allocations::FailNth(nth);
    EXPECT_EQ(-ENOMEM,
              stream_buffered_init(&buffered_, source.stream(), &options))
        << "B8: the memory is there, or the init says so, and it is given back";
    EXPECT_EQ(0, Allocations::live()) << "B8: a failure leaves nothing";
  }
  Allocations::FailNth(0);
  EXPECT_EQ(0, source.drops()) << "after a failure it is the caller's still";
  Buffered(source, 2);
  long total = Allocations::total();
  source.Push(0);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(total, Allocations::total()) << "S7: a poll does not allocate";
  Drop();
  EXPECT_EQ(0, Allocations::live()) << "B8: the memory is given back";
}

// A job that can be completed at any place: no lock.
struct SimpleJob {
  struct int_future base;
  struct waker_cell cell;
  volatile int done;
  static enum poll PollIt(struct future *self, struct context *cx) {
    auto *job = *reinterpret_cast<SimpleJob **>(
        reinterpret_cast<struct int_future *>(self) + 1);
    waker_cell_register(&job->cell, cx->waker);
    if (job->done == 0) return POLL_PENDING;
    reinterpret_cast<struct int_future *>(self)->result = 9;
    return POLL_READY;
  }
  static void Drop(struct future *) {}
};
struct SimpleFuture {
  struct int_future base;
  SimpleJob *job;
};

TEST_F(BufferedStep, ReadyWhileItIsPolled) {
  static constexpr struct future_ops kOps = {SimpleJob::PollIt,
                                             SimpleJob::Drop};
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    SimpleJob job = {};
    waker_cell_init(&job.cell);
    StreamProbe source({0});
    struct buffered_options options = {
        1, sizeof(SimpleFuture),
        [](void *data, void *, void *place) {
          auto *future = static_cast<SimpleFuture *>(place);
          *future = {{{&kOps}, 0}, static_cast<SimpleJob *>(data)};
          return &future->base;
        },
        &job, &room_};
    ASSERT_EQ(
        0, stream_buffer_unordered_init(&buffered_, source.stream(), &options))
        << "there is memory, so it can be made";
    AskIt();  // the job is begun, and waits
    probe_.Reset();
    std::string got;
    int item = 0;
    enum stream_poll poll = STREAM_PENDING;
    came = gate::InterruptAt(
        nth,
        [&] {
          poll = stream_poll_next(&buffered_.base, probe_.context(), &item);
        },
        [&] {
          job.done = 1;
          waker_cell_wake(&job.cell);
        });
    if (came && poll == STREAM_PENDING) {
      EXPECT_LE(1, probe_.wakes())
          << "K3 of slot_wakers.h, B4: a future was woken during the poll, was "
             "not polled, and "
             "the task is not woken. Register first, and look then";
      EXPECT_EQ("item 9", AskIt()) << "B4: it was woken, and has to be polled";
    }
    Drop();
    waker_cell_end(&job.cell);
  }
}

TEST_F(BufferedStep, AllOfThem) {
  StreamProbe source({0, 1, 2});
  Concurrently(source, 2);
  EXPECT_EQ(0, source.polls()) << "P1: nothing before the first poll";
  EXPECT_EQ(POLL_PENDING, PollAll())
      << "B7: until all are done, or one has failed";
  EXPECT_EQ(2, source.given()) << "B2: as many as there are places";
  jobs_[1].Complete(1);
  EXPECT_EQ(POLL_PENDING, PollAll())
      << "B7: until all are done, or one has failed";
  EXPECT_EQ(3, source.given()) << "B7: a result that nobody wants is out of "
                                  "the way at once";
  jobs_[0].Complete();
  jobs_[2].Complete();
  ASSERT_EQ(POLL_READY, PollAll())
      << "B7: until all are done, or one has failed";
  EXPECT_EQ(0, all_.base.result) << "B7: the result of the stream";
  EXPECT_EQ(1, source.drops())
      << "S8: the stream inside has ended, and is dropped";
  EXPECT_EQ(0, Allocations::live())
      << "B8: the memory is there, or the init says so, and it is given back";
  future_drop(&all_.base.base);
}

TEST_F(BufferedStep, TheFirstError) {
  StreamProbe source({0, 1, 2});
  Concurrently(source, 2);
  EXPECT_EQ(POLL_PENDING, PollAll()) << "B7: some are under way still";
  jobs_[1].Complete(-EIO);
  ASSERT_EQ(POLL_READY, PollAll()) << "B7: at once";
  EXPECT_EQ(-EIO, all_.base.result)
      << "B7: until all are done, or one has failed";
  EXPECT_EQ(1, jobs_[0].drops()) << "B7: the others are dropped";
  EXPECT_EQ(1, source.drops()) << "B7: and so is the stream";
  future_drop(&all_.base.base);
}

TEST_F(BufferedStep, TheErrorOfTheStream) {
  StreamProbe source({0}, -EIO);
  Concurrently(source, 2);
  EXPECT_EQ(POLL_PENDING, PollAll()) << "B7: one is under way still";
  jobs_[0].Complete(0);
  ASSERT_EQ(POLL_READY, PollAll()) << "B7: all are done";
  EXPECT_EQ(-EIO, all_.base.result)
      << "B7: the result is that of the stream, which has failed. 0 would say "
         "that all there was is done";
  future_drop(&all_.base.base);
}

TEST_F(BufferedStep, DroppedMeanwhile) {
  StreamProbe source({0, 1, 2});
  Concurrently(source, 2);
  EXPECT_EQ(POLL_PENDING, PollAll()) << "B7: some are under way still";
  future_drop(&all_.base.base);
  EXPECT_EQ(1, jobs_[0].drops())
      << "B5, P5: those that are under way go with it";
  EXPECT_EQ(1, jobs_[1].drops())
      << "B5, P5: those that are under way go with it";
  EXPECT_EQ(0, jobs_[2].polls()) << "S1: it was never begun";
  EXPECT_EQ(0, Allocations::live())
      << "B8: the memory is there, or the init says so, and it is given back";
}

// A future that is ready at once.
TEST_F(BufferedStep, ItGivesUpItsTurn) {
  static constexpr struct future_ops kOps = {
      [](struct future *, struct context *) { return POLL_READY; },
      [](struct future *) {}};
  StreamProbe source;
  source.Flow();
  struct buffered_options options = {
      1, sizeof(struct int_future),
      [](void *, void *, void *place) {
        auto *future = static_cast<struct int_future *>(place);
        *future = {{&kOps}, 0};
        return future;
      },
      nullptr, &room_};
  ASSERT_EQ(0, stream_concurrently_init(&all_, source.stream(), &options))
      << "there is memory, so it can be made";
  ASSERT_EQ(POLL_PENDING, PollAll())
      << "B7: so many in one poll, and nobody else had a turn";
  EXPECT_EQ(int(FOLD_STREAK), source.given())
      << "B7: until all are done, or one has failed";
  EXPECT_LE(1, probe_.wakes())
      << "B7, P2: it is pending, and only itself could "
         "wake it";
  future_drop(&all_.base.base);
}

// Jobs that are pending for a random number of polls.
TEST_F(BufferedStep, LawAgainstAList) {
  struct Job {
    struct int_future base;
    BufferedStep *step;
    int left, number;
  };
  static int alive, most;
  static constexpr struct future_ops kOps = {
      [](struct future *self, struct context *cx) {
        auto *job = reinterpret_cast<Job *>(self);
        if (job->left-- == 0) {
          job->base.result = job->number;
          return POLL_READY;
        }
        waker_wake_by_ref(cx->waker);
        return POLL_PENDING;
      },
      [](struct future *) { alive--; }};
  static std::mt19937 random;
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random.seed(seed);
    alive = most = 0;
    std::vector<int> items(random() % 15);
    for (int &item : items) item = int(random() % 100);
    bool is_ordered = seed % 2 == 0;
    struct buffered_options options = {1 + random() % 4, sizeof(Job),
                                       [](void *data, void *item, void *place) {
                                         auto *job = static_cast<Job *>(place);
                                         *job = {
                                             {{&kOps}, 0},
                                             static_cast<BufferedStep *>(data),
                                             int(random() % 4),
                                             *static_cast<int *>(item)};
                                         most = std::max(most, ++alive);
                                         return &job->base;
                                       },
                                       this, &room_};
    StreamProbe source(items);
    source.Stutter(int(random() % 2));
    ASSERT_EQ(0, is_ordered ? stream_buffered_init(&buffered_, source.stream(),
                                                   &options)
                            : stream_buffer_unordered_init(
                                  &buffered_, source.stream(), &options))
        << "there is memory, so it can be made";
    std::vector<int> got = All(&buffered_.base, probe_);
    if (!is_ordered) {
      std::sort(got.begin(), got.end());
      std::sort(items.begin(), items.end());
    }
    EXPECT_EQ(items, got)
        << "B3: none lost, none twice; in order if asked so. "
           "(-1: it was pending there with no wake due, or never ended.)";
    EXPECT_LE(most, int(options.limit)) << "B2: more were alive than allowed";
    EXPECT_EQ(0, alive)
        << "B5: dropped once, when it is ready or with the stream";
    Drop();
  }
}

}  // namespace
