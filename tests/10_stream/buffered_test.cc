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
#include "chapters/04_executor/executor.h"
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
  // All that are due: "2 0", in their order.
  std::string Due() {
    std::string due;
    slot_wakers_gather(all_);
    for (int n = 0; n < 100; n++) {
      size_t slot = slot_wakers_take(all_);
      if (slot == SLOT_NONE) return due;
      due += (due.empty() ? "" : " ") + std::to_string(slot);
    }
    return due + " and so on: a list that never ends";
  }
  WakerProbe owner_{"owner"};
  struct slot_wakers *all_ = nullptr;
};

TEST_F(WakersStep, AFlagAndAWake) {
  Make(3);
  slot_wakers_register(all_, owner_.waker());
  Wake(1);
  EXPECT_EQ(1, owner_.wakes()) << "K1 of slot_wakers.h: the owner is woken";
  EXPECT_EQ("1", Due())
      << "K2 of slot_wakers.h: this one was woken, and no other";
  EXPECT_EQ("", Due()) << "K2 of slot_wakers.h: once";
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
  EXPECT_EQ("0 1", Due())
      << "K2 of slot_wakers.h: each of them is due, once, however often it was "
         "woken";
  slot_wakers_register(all_, owner_.waker());
  Wake(0);
  EXPECT_EQ(3, owner_.wakes())
      << "K1 of slot_wakers.h: the flag was taken since";
  EXPECT_EQ("0", Due()) << "K2 of slot_wakers.h: it was woken anew";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, InTheOrderOfTheirWakes) {
  Make(5);
  Wake(3);
  Wake(0);
  Wake(4);
  slot_wakers_gather(all_);
  Wake(1);
  EXPECT_EQ(3u, slot_wakers_take(all_))
      << "K2 of slot_wakers.h: the first who was woken is the first who is "
         "due. The list of the woken begins with the latest";
  EXPECT_EQ("0 4 1", Due())
      << "K2 of slot_wakers.h: who was woken later comes behind those who are "
         "due already. Was somebody lost, or given twice?";
  EXPECT_EQ("", Due()) << "K2 of slot_wakers.h: each once";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, LaterWakesWait) {
  Make(2);
  Wake(0);
  slot_wakers_gather(all_);
  Wake(1);
  EXPECT_EQ(0u, slot_wakers_take(all_)) << "K2 of slot_wakers.h: it is due";
  Wake(0);  // it wakes itself while it is polled
  EXPECT_EQ(SLOT_NONE, slot_wakers_take(all_))
      << "K2 of slot_wakers.h: nothing was gathered since, so nobody is due. "
         "Two that wake one another would never let the owner go";
  EXPECT_EQ("1 0", Due())
      << "K2 of slot_wakers.h: they are due the next time. A flag that is "
         "cleared too late, or not at all, swallows the wake";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, ACloneIsOfTheSameSlot) {
  Make(3);
  struct waker clone = Clone(1), copy = waker_clone(&clone);
  waker_wake_by_ref(&clone);
  EXPECT_EQ("1", Due())
      << "K1 of slot_wakers.h: the clone of a slot's waker sets that slot's "
         "flag";
  waker_wake(&copy);
  EXPECT_EQ("1", Due())
      << "K1 of slot_wakers.h: and so does the clone of a clone";
  waker_drop(&clone);
  slot_wakers_end(all_);
}

TEST_F(WakersStep, TheOwnersOwnFlag) {
  Make(2);
  slot_wakers_register(all_, owner_.waker());
  slot_wakers_set(all_, 1);
  EXPECT_EQ(0, owner_.wakes()) << "it is the owner's turn: nobody is woken";
  EXPECT_EQ(1u, slot_wakers_take(all_)) << "K2 of slot_wakers.h: it is due";
  slot_wakers_end(all_);
}

TEST_F(WakersStep, TheListComesFirst) {
  Make(1);
  std::string saw;
  ActingWaker looker([&] { saw = Due(); });
  slot_wakers_register(all_, looker.waker());
  Wake(0);
  EXPECT_EQ("0", saw)
      << "K1 of slot_wakers.h: the owner was woken, looked at once, and saw "
         "nothing. The slot has to be in the list before the wake";
  slot_wakers_end(all_);
}

// The places of the code under test that it takes: each access to memory is
// one. Linear in the number of slots would be ten times as many as allowed.
TEST_F(WakersStep, NobodyLooksThroughAllOfThem) {
  constexpr size_t kSlots = 10000;
  Make(kSlots);
  slot_wakers_register(all_, owner_.waker());
  bool is_costly = gate::InterruptAt(
      1000,
      [&] {
        for (size_t slot : {7u, 9999u, 5000u}) {
          Wake(slot);
          slot_wakers_gather(all_);
          EXPECT_EQ(slot, slot_wakers_take(all_))
              << "K2 of slot_wakers.h: it was woken";
        }
      },
      [] {});
  EXPECT_FALSE(is_costly)
      << "K5 of slot_wakers.h: three of 10,000 were woken, and it took more "
         "than 1,000 accesses to memory to know which. With a look at each "
         "slot, N futures cost N times N looks";
  for (size_t slot = 0; slot < 1000; slot++) Wake(slot);
  is_costly = gate::InterruptAt(
      20000, [&] { slot_wakers_gather(all_); }, [] {});
  EXPECT_FALSE(is_costly)
      << "K5 of slot_wakers.h: 1,000 were woken, and to gather them took more "
         "than 20,000 accesses to memory. Does each of them look for the end "
         "of the list anew?";
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
  EXPECT_EQ("0", Due()) << "K1 of slot_wakers.h: a wake sets the flag";
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
          slot_wakers_gather(all_);
          taken = slot_wakers_take(all_) == 0;
        },
        [&] { Wake(0); });
    if (came && !taken) {
      EXPECT_EQ(1, owner_.wakes()) << "K3 of slot_wakers.h: it was woken while "
                                      "it registered and looked. It has seen "
                                      "nothing, and nobody wakes it";
      EXPECT_EQ("0", Due())
          << "K2 of slot_wakers.h: the list of the woken was emptied by "
             "somebody who has not seen all of it. To take it and to empty it "
             "have to be one step";
    }
    slot_wakers_end(all_);
  }
}

// Slot 0 is woken, and again at every place of the owner's work with it.
TEST_F(WakersStep, AWakeWhileItIsTaken) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(2);
    Wake(0);
    Wake(1);
    bool is_late = false, was_taken = false;
    came = gate::InterruptAt(
        nth,
        [&] {
          slot_wakers_gather(all_);
          EXPECT_EQ(0u, slot_wakers_take(all_))
              << "K2 of slot_wakers.h: it was woken first";
          EXPECT_EQ(1u, slot_wakers_take(all_))
              << "K2 of slot_wakers.h: slot 0 was woken again while it was "
                 "taken, and slot 1, which stood behind it, is lost. Who sets "
                 "a clear flag writes the slot's link: read it before you "
                 "clear the flag";
          was_taken = true;
        },
        [&] {
          is_late = all_->slots[0].is_woken == 0;
          Wake(0);
        });
    std::string due = Due();
    if (came && is_late && was_taken) {
      EXPECT_EQ("0", due)
          << "K1 of slot_wakers.h: its flag was clear, so this wake has put it "
             "into the list anew. It is lost";
    }
    if (came && !is_late) {
      EXPECT_EQ("", due) << "K1 of slot_wakers.h: the flag was set still, so "
                            "the wake that is seen was this one, too";
    }
    slot_wakers_end(all_);
  }
}

// A wake is interrupted by another one, at every place.
TEST_F(WakersStep, TwoWakesAtTheSameTime) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Make(3);
    Wake(2);
    came = gate::InterruptAt(
        nth, [&] { Wake(0); }, [&] { Wake(1); });
    std::string due = Due();
    if (came) {
      EXPECT_TRUE(due == "2 0 1" || due == "2 1 0")
          << "K1, K2 of slot_wakers.h: three were woken, two of them at the "
             "same time, and due are: "
          << due;
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
  for (int n = 0; n < 100; n++) Due();
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
  EXPECT_EQ("item 50", AskIt())
      << "B3: as they came. Both are there, and this one came first";
  EXPECT_EQ("item 51", AskIt())
      << "B3: as they came. Looked for from the first place always, a result "
         "in a late place may wait for ever";
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

// A future that pays one operation, twice: it has two awaits.
struct Payer {
  struct int_future base;
  int paid;
  static inline int polls, in_vain, wanted;
  static enum poll PollIt(struct future *self, struct context *cx) {
    auto *payer = reinterpret_cast<Payer *>(self);
    polls++;
    for (; payer->paid < wanted; payer->paid++) {
      int left = gate::Budget::left();
      if (left == 0) {
        waker_wake_by_ref(cx->waker);
        in_vain += payer->paid == 0;
        return POLL_PENDING;
      }
      if (left > 0) gate::Budget::Set(left - 1);
    }
    return POLL_READY;
  }
  static constexpr struct future_ops kOps = {PollIt, [](struct future *) {}};
  static struct int_future *Make(void *, void *, void *place) {
    auto *payer = static_cast<Payer *>(place);
    *payer = {{{&kOps}, 0}, 0};
    return &payer->base;
  }
};

// All at once. Turns are given as an executor does; after each one of them a
// neighbour would have its own.
TEST_F(BufferedStep, TenThousandInOneTask) {
  for (size_t count : {100u, 1000u, 10000u}) {
    for (int wanted : {1, 2}) {
      for (int operations : {int(gate::kTurn), int(gate::kNoLimit)}) {
        SCOPED_TRACE(std::to_string(count) + " futures, a budget of " +
                     std::to_string(operations));
        StreamProbe source(std::vector<int>(count, 1));
        struct buffered_options options = {count, sizeof(Payer), Payer::Make,
                                           nullptr, &room_};
        ASSERT_EQ(0, stream_concurrently_init(&all_, source.stream(), &options))
            << "there is memory, so it can be made";
        Payer::polls = Payer::in_vain = 0;
        Payer::wanted = wanted;
        size_t turns = 0;
        enum poll poll = POLL_PENDING;
        for (; poll == POLL_PENDING && !HasFailure(); turns++) {
          int before = Payer::polls;
          gate::Budget budget(operations);
          probe_.Reset();
          poll = PollAll();
          if (poll == POLL_PENDING) {
            EXPECT_LE(1, probe_.wakes())
                << "B9: it goes on in its next turn, and nobody else knows";
          }
          if (operations > 0) {
            EXPECT_GE(int(gate::kTurn) + 1, Payer::polls - before)
                << "B9: a turn ends when the budget is spent. The others are "
                   "polled in vain, each of them";
          }
          EXPECT_GE(2 * count + 2, turns) << "B7: it has an end";
        }
        EXPECT_EQ(0, Payer::in_vain)
            << "B9: nothing was left of the turn's budget, and futures were "
               "polled all the same, in vain. With N at once that is N / 4 "
               "polls an item";
        EXPECT_GE(int(count) * 2, Payer::polls)
            << "B10: two polls an item at most, whatever their number";
        if (operations > 0) {
          EXPECT_LE(count * size_t(wanted) / gate::kTurn, turns)
              << "B9: so many turns for the neighbours";
        }
        future_drop(&all_.base.base);
      }
    }
  }
}

// Each access to memory of the code under test is a step (interrupt.h).
TEST_F(BufferedStep, StepsAnItem) {
  constexpr size_t kCount = 2000, kStepsAnItem = 200;
  for (bool is_ordered : {false, true}) {
    StreamProbe source(std::vector<int>(kCount, 1));
    struct buffered_options options = {kCount, sizeof(Payer), Payer::Make,
                                       nullptr, &room_};
    Payer::wanted = 1;
    ASSERT_EQ(0, is_ordered ? stream_buffered_init(&buffered_, source.stream(),
                                                   &options)
                            : stream_buffer_unordered_init(
                                  &buffered_, source.stream(), &options))
        << "there is memory, so it can be made";
    size_t given = 0;
    bool is_costly = gate::InterruptAt(
        long(kCount * kStepsAnItem),
        [&] {
          for (std::string got; got != "end" && given <= kCount; given++) {
            gate::Budget budget;
            got = AskIt();
            if (got == "pending") given--;
          }
        },
        [] {});
    EXPECT_EQ(kCount + 1, given) << "B1: each item once, and the end";
    EXPECT_FALSE(is_costly)
        << "B10: 2,000 at once, and an item took more than 200 accesses to "
           "memory. Who looks through all places for one that is free, done or "
           "was woken needs as many as there are places";
    Drop();
  }
}

TEST_F(BufferedStep, TheBudgetIsSpent) {
  StreamProbe source({0, 1, 2, 3});
  source.Pay();
  Unordered(source, 4);
  gate::Budget budget(2);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(2, source.polls())
      << "B9: two operations, two items. The stream inside was asked again, in "
         "vain";
  EXPECT_EQ(0, jobs_[0].polls()) << "B9: nothing is left for a future";
  EXPECT_EQ(1, probe_.wakes())
      << "B9: it is pending, and only itself can wake it: once";
  probe_.Reset();
  gate::Budget::Set(10);
  EXPECT_EQ("pending", AskIt()) << "S3: there is nothing to give now";
  EXPECT_EQ(4, source.given()) << "B2: now every place is filled";
  for (int i = 0; i < 4; i++)
    EXPECT_EQ(1, jobs_[i].polls()) << "B9: they stayed due";
  EXPECT_EQ(0, probe_.wakes()) << "B9: there is something left: they wait";
  jobs_[3].Complete(53);
  gate::Budget::Set(0);
  probe_.Reset();
  EXPECT_EQ("pending", AskIt()) << "B9: it was woken, and stays due";
  EXPECT_EQ(1, probe_.wakes()) << "B9: it wakes itself, once";
  gate::Budget::Set(10);
  EXPECT_EQ("item 53", AskIt()) << "B9: in its next turn it goes on";
  Drop();
}

// Three that never end and spend all there is, and one that is woken once.
TEST_F(BufferedStep, BesideEndlessOnes) {
  static std::string order;
  struct Endless {
    struct int_future base;
    int number;
    static enum poll PollIt(struct future *self, struct context *cx) {
      order += std::to_string(reinterpret_cast<Endless *>(self)->number);
      gate::Budget::Set(gate::Budget::left() - 1);
      waker_wake_by_ref(cx->waker);
      return POLL_PENDING;
    }
  };
  static constexpr struct future_ops kOps = {Endless::PollIt,
                                             [](struct future *) {}};
  StreamProbe source({0, 1, 2, 3});
  struct buffered_options options = {
      4, std::max(sizeof(Endless), sizeof(gate::probe_future)),
      [](void *data, void *item, void *place) {
        int number;
        std::memcpy(&number, item, sizeof number);
        if (number == 3) return MakeJob(data, item, place);
        *static_cast<Endless *>(place) = {{{&kOps}, 0}, number};
        return static_cast<struct int_future *>(place);
      },
      this, &room_};
  ASSERT_EQ(0,
            stream_buffer_unordered_init(&buffered_, source.stream(), &options))
      << "there is memory, so it can be made";
  order.clear();
  for (int turn = 0; turn < 6; turn++) {
    gate::Budget budget(2);
    EXPECT_EQ("pending", AskIt()) << "they never end";
  }
  EXPECT_EQ(1, jobs_[3].polls()) << "B4: it is new, and then it waits";
  EXPECT_EQ("012012012012", order + (order.size() == 11 ? "2" : ""))
      << "B4, B9: two operations a turn, and three who want them: in the order "
         "of their wakes, so that none of them waits for ever";
  jobs_[3].Complete(53);
  std::string got = "pending";
  for (int turn = 0; turn < 3 && got == "pending"; turn++) {
    gate::Budget budget(2);
    got = AskIt();
  }
  EXPECT_EQ("item 53", got)
      << "B4, B9: it was woken behind three others, and two are polled a turn";
  Drop();
}

// On an executor, with a neighbour who wants to know how many were done before
// each of its turns.
TEST_F(BufferedStep, ANeighbourHasItsTurns) {
  struct Neighbour {
    struct int_future base;
    int seen, most;
    static enum poll PollIt(struct future *self, struct context *cx) {
      auto *neighbour = reinterpret_cast<Neighbour *>(self);
      neighbour->most =
          std::max(neighbour->most, Payer::polls - neighbour->seen);
      neighbour->seen = Payer::polls;
      static_cast<struct int_future *>(&neighbour->base)->result =
          neighbour->most;
      if (Payer::polls >= 1000) return POLL_READY;
      waker_wake_by_ref(cx->waker);
      return POLL_PENDING;
    }
  };
  static constexpr struct future_ops kOps = {Neighbour::PollIt,
                                             [](struct future *) {}};
  struct executor executor;
  struct join_handle all, other;
  ASSERT_EQ(0, executor_init(&executor)) << "there is memory";
  StreamProbe source(std::vector<int>(1000, 1));
  struct buffered_options options = {1000, sizeof(Payer), Payer::Make, nullptr,
                                     &room_};
  Payer::polls = 0;
  Payer::wanted = 1;
  ASSERT_EQ(0, stream_concurrently_init(&all_, source.stream(), &options))
      << "there is memory, so it can be made";
  Neighbour neighbour = {{{&kOps}, 0}, 0, 0};
  ASSERT_EQ(0, executor_spawn(&executor, &all_.base, sizeof all_, &all));
  ASSERT_EQ(
      0, executor_spawn(&executor, &neighbour.base, sizeof neighbour, &other));
  executor_run(&executor);
  EXPECT_EQ(POLL_READY, Poll(&other.base.base, probe_)) << "it has ended";
  EXPECT_EQ(1000, Payer::polls) << "B10: a poll an item";
  EXPECT_GE(int(gate::kTurn), other.base.result)
      << "B9: so many were polled in one turn, while a neighbour waited";
  future_drop(&other.base.base);
  join_handle_detach(&all);
  executor_end(&executor);
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
