// stream_test.cc - steps 10.1 and 10.3 to 10.5: one stream in another one, on
// one task and without a clock.
#include "tests/10_stream/stream_fixture.h"
#include "tests/support/panics.h"

#include <cerrno>
#include <climits>
#include <memory>
#include <random>

extern "C" {
#include "chapters/10_stream/array_stream.h"
#include "chapters/10_stream/chunks.h"
#include "chapters/10_stream/fold.h"
#include "chapters/10_stream/map.h"
#include "chapters/10_stream/next.h"
#include "chapters/10_stream/take.h"
}

namespace {

using gate::Allocations;
using gate::Poll;
using gate::WakerProbe;

// --------------------------------------------------------------- step 10.1

class NextStep : public StreamFixture {
 protected:
  void Init(struct stream *stream) { stream_next_init(&next_, stream, &item_); }
  enum poll PollIt() { return Poll(&next_.base.base, probe_); }
  void Drop() { future_drop(&next_.base.base); }

  WakerProbe probe_{"asker"};
  struct stream_next next_;
  int item_ = 0;
};

TEST_F(NextStep, TheStreamIsOnlyLent) {
  StreamProbe source;
  Init(source.stream());
  EXPECT_EQ(0, source.polls()) << "P1: nothing before the first poll";
  ASSERT_EQ(POLL_PENDING, PollIt()) << "N1: there is no item yet";
  Drop();
  EXPECT_EQ(0, source.drops()) << "N2: the stream goes on";
  source.Push(5);
  Init(source.stream());
  ASSERT_EQ(POLL_READY, PollIt()) << "N1: an item is there, or the end";
  EXPECT_EQ(5, item_) << "N2: what came between two futures is not lost";
  Drop();
  EXPECT_EQ(0, source.drops()) << "N2: the stream is lent, and goes on";
  stream_drop(source.stream());
}

TEST_F(NextStep, OneItemAfterTheOther) {
  int items[3] = {7, 8, 9};
  struct array_stream array;
  array_stream_init(&array, &kInt, items, 3);
  for (int i = 0; i < 3; i++) {
    Init(&array.base);
    ASSERT_EQ(POLL_READY, PollIt()) << "A1: it is never pending";
    ASSERT_EQ(1, next_.base.result) << "N1: an item is there";
    ASSERT_EQ(7 + i, item_) << "A1: the items come in order, each once";
    Drop();
  }
  Init(&array.base);
  ASSERT_EQ(POLL_READY, PollIt())
      << "A1: all items are there, so it is never pending";
  EXPECT_EQ(0, next_.base.result) << "N1: the end is 0, and no item";
  Drop();
  stream_drop(&array.base);
}

TEST_F(NextStep, AnErrorIsTheEnd) {
  StreamProbe source({}, -EIO);
  Init(source.stream());
  ASSERT_EQ(POLL_READY, PollIt()) << "N1: an item is there, or the end";
  EXPECT_EQ(-EIO, next_.base.result) << "N1: the stream ended with an error";
  Drop();
  stream_drop(source.stream());
}

TEST_F(NextStep, WhatIsLeftIsDropped) {
  Thing things[4] = {{1}, {2}, {3}, {4}};
  struct array_stream array;
  array_stream_init(&array, &kThing, things, 4);
  ASSERT_EQ("item 1", Ask(&array.base, probe_))
      << "A1: all items are there, so it is never pending";
  stream_drop(&array.base);
  EXPECT_EQ((std::vector<int>{2, 3, 4}), Thing::dropped)
      << "A2: what nobody has asked for is dropped, and what was given is not";
}

TEST_F(NextStep, AllBytesOfAnItem) {
  Parcel parcels[4];
  for (int id = 0; id < 4; id++) parcels[id] = Parcel::Make(id);
  struct array_stream array;
  array_stream_init(&array, &kParcel, parcels, 4);
  for (int id = 0; id < 2; id++) {
    Parcel got = {};
    ASSERT_EQ(STREAM_ITEM,
              stream_poll_next(&array.base, probe_.context(), &got))
        << "A1: all items are there, so it is never pending";
    ASSERT_EQ(id, got.id) << "A1: the items come in order. From one to the "
                             "next it is as far as their type says";
    EXPECT_TRUE(got.IsWhole())
        << "A1: an item has as many bytes as its type says, and not as an int";
    Parcel::Drop(&got);
  }
  stream_drop(&array.base);
  EachWasDroppedOnce("the array", 4);
}

TEST_F(NextStep, AnEmptyArray) {
  struct array_stream array;
  array_stream_init(&array, &kInt, nullptr, 0);
  EXPECT_EQ("end", Ask(&array.base, probe_))
      << "A1: all items are there, so it is never pending";
  stream_drop(&array.base);
}

// --------------------------------------------------------------- step 10.3

void Double(void *data, void *in, void *out) {
  ++*static_cast<int *>(data);
  *static_cast<int *>(out) = 2 * *static_cast<int *>(in);
}
bool IsEven(void *data, const void *item) {
  if (data != nullptr) ++*static_cast<int *>(data);
  return *static_cast<const int *>(item) % 2 == 0;
}
// The sum so far; the end when it is more than 10.
bool SumUpToTen(void *state, void *in, void *out) {
  int *sum = static_cast<int *>(state);
  *sum += *static_cast<int *>(in);
  if (*sum > 10) return false;
  *static_cast<int *>(out) = *sum;
  return true;
}
struct Numbered {
  size_t index;
  int item;
};
const struct item_type kNumbered = {sizeof(Numbered), nullptr};

class MapStep : public StreamFixture {
 protected:
  WakerProbe probe_{"asker"};
  int calls_ = 0, room_ = 0, sum_ = 0;
  struct stream_map map_;
  struct stream_filter filter_;
  struct stream_scan scan_;
  struct stream_enumerate enumerate_;
};

TEST_F(MapStep, EachItemThroughTheFunction) {
  StreamProbe source;
  stream_map_init(&map_, source.stream(), &kInt, Double, &calls_, &room_);
  EXPECT_EQ(0, source.polls()) << "S1: nothing before it is asked";
  source.Push(1);
  source.Push(2);
  EXPECT_EQ("item 2", Ask(&map_.base, probe_))
      << "M1: what the function made of the item";
  EXPECT_EQ(1, calls_) << "M5: once for each item, and not ahead";
  EXPECT_EQ(1, source.given()) << "S1: it takes what it needs";
  EXPECT_EQ("item 4", Ask(&map_.base, probe_))
      << "M1: what the function made of the item";
  EXPECT_EQ("pending", Ask(&map_.base, probe_)) << "S3: there is nothing now";
  EXPECT_EQ(2, calls_) << "M5: there was no item";
  source.End();
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken";
  EXPECT_EQ("end", Ask(&map_.base, probe_))
      << "S4: the end, with the result of the stream inside";
  EXPECT_EQ(1, source.drops()) << "S8: dropped as soon as it has ended";
  stream_drop(&map_.base);
  EXPECT_EQ(1, source.drops()) << "S5: and not again";
}

TEST_F(MapStep, AnErrorGoesThrough) {
  StreamProbe source({1}, -EIO);
  stream_map_init(&map_, source.stream(), &kInt, Double, &calls_, &room_);
  EXPECT_EQ("item 2", Ask(&map_.base, probe_))
      << "M1: what the function made of the item";
  EXPECT_EQ("end -5", Ask(&map_.base, probe_))
      << "S4: the stream inside has failed, and this is the result of both";
  stream_drop(&map_.base);
}

TEST_F(MapStep, TheFilterAsksOn) {
  StreamProbe source({1, 3, 4, 5, 6, 7});
  stream_filter_init(&filter_, source.stream(), IsEven, &calls_);
  ASSERT_EQ("item 4", Ask(&filter_.base, probe_))
      << "M2: the next one is asked for in the same poll. Pending would be "
         "wrong: nobody would ever wake it";
  EXPECT_EQ(3, source.given()) << "S1: no further than the item";
  EXPECT_EQ("item 6", Ask(&filter_.base, probe_))
      << "M2: the next item that the function wants";
  EXPECT_EQ("end", Ask(&filter_.base, probe_))
      << "S4: the end, with the result of the stream inside";
  EXPECT_EQ(6, calls_) << "M5: once for each";
  EXPECT_EQ(1, source.drops()) << "S8: the stream inside is dropped as soon as "
                                  "it has ended or is not needed";
  stream_drop(&filter_.base);
}

TEST_F(MapStep, WhatIsLeftOutIsDropped) {
  StreamProbe source(StreamProbe::kThings);
  for (int id = 1; id <= 4; id++) source.Push(id);
  stream_filter_init(&filter_, source.stream(), IsEven, nullptr);
  EXPECT_EQ("item 2", Ask(&filter_.base, probe_))
      << "M2: the next item that the function wants";
  EXPECT_EQ("item 4", Ask(&filter_.base, probe_))
      << "M2: the next item that the function wants";
  EXPECT_EQ((std::vector<int>{1, 3}), Thing::dropped)
      << "M2: what is left out is dropped, and what is given is not";
  EXPECT_EQ("pending", Ask(&filter_.base, probe_))
      << "S3: there is nothing now";
  stream_drop(&filter_.base);
  EXPECT_EQ(1, source.drops()) << "S5: the stream inside goes with it";
}

TEST_F(MapStep, AScanEndsWhenItWants) {
  StreamProbe source({1, 2, 3, 4, 5, 6});
  stream_scan_init(&scan_, source.stream(), &kInt, SumUpToTen, &sum_, &room_);
  EXPECT_EQ("item 1", Ask(&scan_.base, probe_)) << "M3: what the function made";
  EXPECT_EQ("item 3", Ask(&scan_.base, probe_)) << "M3: it has a state";
  EXPECT_EQ("item 6", Ask(&scan_.base, probe_)) << "M3: what the function made";
  EXPECT_EQ("item 10", Ask(&scan_.base, probe_))
      << "M3: what the function made";
  EXPECT_EQ("end", Ask(&scan_.base, probe_)) << "M3: the function has said so";
  EXPECT_EQ(1, source.drops())
      << "M3: the stream inside is not needed any more, and dropped at once";
  EXPECT_EQ(5, source.given()) << "S1: nothing before it is asked";
  stream_drop(&scan_.base);
}

TEST_F(MapStep, AScanOfAllThereIs) {
  StreamProbe source({1, 2}, -EIO);
  stream_scan_init(&scan_, source.stream(), &kInt, SumUpToTen, &sum_, &room_);
  EXPECT_EQ("item 1", Ask(&scan_.base, probe_)) << "M3: what the function made";
  EXPECT_EQ("item 3", Ask(&scan_.base, probe_)) << "M3: what the function made";
  EXPECT_EQ("end -5", Ask(&scan_.base, probe_))
      << "S4: the end, with the result of the stream inside";
  stream_drop(&scan_.base);
}

TEST_F(MapStep, NumbersFromNought) {
  StreamProbe source({5, 6, 7});
  source.Stutter(2);
  stream_enumerate_init(&enumerate_, source.stream(), &kNumbered);
  for (size_t i = 0; i < 3; i++) {
    Numbered got = {99, 99};
    enum stream_poll poll = STREAM_PENDING;
    for (int polls = 0; poll == STREAM_PENDING && polls < 5; polls++)
      poll = stream_poll_next(&enumerate_.base, probe_.context(), &got);
    ASSERT_EQ(STREAM_ITEM, poll) << "M4: an item behind its number";
    EXPECT_EQ(i, got.index)
        << "M4: items are counted from 0, and polls are not counted";
    EXPECT_EQ(5 + int(i), got.item) << "M4: the item stands behind its number";
  }
  stream_drop(&enumerate_.base);
  EXPECT_EQ(1, source.drops())
      << "S5: who is dropped drops the stream inside, once";
}

TEST_F(MapStep, DroppedBeforeTheEnd) {
  StreamProbe mapped, scanned, numbered;
  stream_map_init(&map_, mapped.stream(), &kInt, Double, &calls_, &room_);
  stream_scan_init(&scan_, scanned.stream(), &kInt, SumUpToTen, &sum_, &room_);
  stream_enumerate_init(&enumerate_, numbered.stream(), &kNumbered);
  EXPECT_EQ("pending", Ask(&map_.base, probe_))
      << "S3: there is nothing to give now";
  EXPECT_EQ("pending", Ask(&scan_.base, probe_))
      << "S3: there is nothing to give now";
  stream_drop(&map_.base);
  stream_drop(&scan_.base);
  stream_drop(&enumerate_.base);
  EXPECT_EQ(1, mapped.drops()) << "S5: a map owns the stream inside";
  EXPECT_EQ(1, scanned.drops()) << "S5: a scan owns the stream inside";
  EXPECT_EQ(1, numbered.drops()) << "S5: also if nobody ever asked";
  EXPECT_EQ(0, probe_.live()) << "S5: no waker is left";
}

// What moves in goes out again.
void MoveParcel(void *, void *in, void *out) {
  std::memcpy(out, in, sizeof(Parcel));
}
bool ScanParcel(void *, void *in, void *out) {
  std::memcpy(out, in, sizeof(Parcel));
  return true;
}
bool EvenParcel(void *, const void *item) {
  return static_cast<const Parcel *>(item)->id % 2 == 0;
}
struct NumberedParcel {
  size_t index;
  Parcel parcel;
};
static_assert(offsetof(NumberedParcel, parcel) == sizeof(size_t),
              "as stream_enumerate_init() wants it");
const struct item_type kNumberedParcel = {
    sizeof(NumberedParcel), [](void *item) {
      Parcel::Drop(static_cast<char *>(item) + sizeof(size_t));
    }};

TEST_F(MapStep, EachIsHeldToTheContract) {
  Parcel room;
  HoldToTheContract({
      {"a map",
       [&](struct stream *inner) {
         stream_map_init(&map_, inner, &kParcel, MoveParcel, nullptr, &room);
         return &map_.base;
       }},
      {"a filter",
       [&](struct stream *inner) {
         stream_filter_init(&filter_, inner, EvenParcel, nullptr);
         return &filter_.base;
       }},
      {"a scan",
       [&](struct stream *inner) {
         stream_scan_init(&scan_, inner, &kParcel, ScanParcel, nullptr, &room);
         return &scan_.base;
       }},
      {"an enumerate",
       [&](struct stream *inner) {
         stream_enumerate_init(&enumerate_, inner, &kNumberedParcel);
         return &enumerate_.base;
       }},
  });
}

TEST_F(MapStep, AScanThatEndsHasItsItem) {
  StreamProbe source(StreamProbe::kParcels);
  Parcel room;
  for (int id = 0; id < 3; id++) source.Push(id);
  stream_scan_init(
      &scan_, source.stream(), &kParcel,
      [](void *, void *in, void *out) {
        bool goes_on = static_cast<Parcel *>(in)->id < 2;
        goes_on ? (void)std::memcpy(out, in, sizeof(Parcel)) : Parcel::Drop(in);
        return goes_on;
      },
      nullptr, &room);
  EXPECT_EQ(0, AskToTheEnd(&scan_.base, probe_)) << "M3: it ends with 0";
  EXPECT_EQ(1, Parcel::drops[2])
      << "M3: the item moved into the function, also when that says that this "
         "is the end. 2: the scan dropped it as well";
  stream_drop(&scan_.base);
  EachWasDroppedOnce("the scan", 3);
}

TEST_F(MapStep, LawAgainstAList) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<int> items(random() % 12), want;
    for (int &item : items) item = int(random() % 20);
    for (int item : items)
      if (item % 2 == 0) want.push_back(2 * item);
    StreamProbe source(items);
    source.Stutter(int(random() % 3));
    stream_filter_init(&filter_, source.stream(), IsEven, nullptr);
    stream_map_init(&map_, &filter_.base, &kInt, Double, &calls_, &room_);
    EXPECT_EQ(want, All(&map_.base, probe_))
        << "M1, M2: a filter and a map make of a stream what they make of a "
           "list. (-1: it was pending there with no wake due, or never ended.)";
    stream_drop(&map_.base);
  }
}

// --------------------------------------------------------------- step 10.4

class TakeStep : public StreamFixture {
 protected:
  struct Pair {
    int left, right;
  };
  static constexpr struct item_type kPair = {sizeof(Pair), nullptr};

  void Zip(StreamProbe &left, StreamProbe &right) {
    stream_zip_init(&zip_, {left.stream(), &rooms_[0], false},
                    {right.stream(), &rooms_[1], false}, &kPair,
                    offsetof(Pair, right));
  }
  // "1 2", "pending", "end" or "end -5".
  std::string AskZip() {
    Pair pair = {};
    switch (stream_poll_next(&zip_.base, probe_.context(), &pair)) {
      case STREAM_PENDING:
        return "pending";
      case STREAM_ITEM:
        return std::to_string(pair.left) + " " + std::to_string(pair.right);
      default:
        return zip_.base.result == 0
                   ? "end"
                   : "end " + std::to_string(zip_.base.result);
    }
  }

  WakerProbe probe_{"asker"};
  int rooms_[2] = {};
  struct stream_take take_;
  struct stream_skip skip_;
  struct stream_chain chain_;
  struct stream_zip zip_;
};

TEST_F(TakeStep, TheFirstTwo) {
  StreamProbe source;
  source.Flow();
  stream_take_init(&take_, source.stream(), 2);
  EXPECT_EQ("item 0", Ask(&take_.base, probe_))
      << "T1: so many items, and then the end";
  EXPECT_EQ(0, source.drops()) << "T1: there is one more to come";
  EXPECT_EQ("item 1", Ask(&take_.base, probe_))
      << "T1: so many items, and then the end";
  EXPECT_EQ(1, source.drops())
      << "T1: with the last item the stream inside is dropped, and not when "
         "somebody asks once more";
  EXPECT_EQ("end", Ask(&take_.base, probe_))
      << "T1: so many items, and then the end";
  EXPECT_EQ(2, source.polls()) << "T1: not asked for one more than was wanted";
  stream_drop(&take_.base);
}

TEST_F(TakeStep, NoneOfThem) {
  StreamProbe source;
  source.Flow();
  stream_take_init(&take_, source.stream(), 0);
  EXPECT_EQ("end", Ask(&take_.base, probe_))
      << "T1: so many items, and then the end";
  EXPECT_EQ(0, source.polls()) << "T1: of none it is not asked at all";
  EXPECT_EQ(1, source.drops()) << "S8: the stream inside is dropped as soon as "
                                  "it has ended or is not needed";
  stream_drop(&take_.base);
}

TEST_F(TakeStep, FewerThanThat) {
  StreamProbe source({1}, -EIO);
  stream_take_init(&take_, source.stream(), 5);
  EXPECT_EQ("item 1", Ask(&take_.base, probe_))
      << "T1: so many items, and then the end";
  EXPECT_EQ("end -5", Ask(&take_.base, probe_))
      << "S4: the end, with the result of the stream inside";
  EXPECT_EQ(1, source.drops()) << "S8: the stream inside is dropped as soon as "
                                  "it has ended or is not needed";
  stream_drop(&take_.base);
}

TEST_F(TakeStep, ATakePendsAsItsStreamDoes) {
  StreamProbe source;
  stream_take_init(&take_, source.stream(), 1);
  EXPECT_EQ("pending", Ask(&take_.base, probe_)) << "S3: there is nothing now";
  EXPECT_EQ(0, source.drops()) << "T1: a poll that brought nothing is no item";
  source.Push(3);
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken";
  EXPECT_EQ("item 3", Ask(&take_.base, probe_))
      << "T1: items count, and polls do not";
  stream_drop(&take_.base);
  EXPECT_EQ(1, source.drops())
      << "S5: who is dropped drops the stream inside, once";
}

TEST_F(TakeStep, WithoutTheFirstTwo) {
  StreamProbe source(StreamProbe::kThings);
  for (int id = 1; id <= 4; id++) source.Push(id);
  source.Stutter(1);
  stream_skip_init(&skip_, source.stream(), 2);
  std::string got = "pending";
  for (int i = 0; i < 10 && got == "pending"; i++) {
    probe_.Reset();
    got = Ask(&skip_.base, probe_);
    if (got != "pending") break;
    ASSERT_EQ(1, probe_.wakes())
        << "T2, S3: it is pending although an item was there. Who is skipped "
           "wakes nobody: ask on in the same poll";
  }
  EXPECT_EQ("item 3", got) << "T2: items are skipped, and polls are not";
  EXPECT_EQ((std::vector<int>{1, 2}), Thing::dropped)
      << "T2: what is skipped is dropped";
  stream_drop(&skip_.base);
}

TEST_F(TakeStep, MoreThanThereAre) {
  StreamProbe source({1, 2}, -EIO);
  stream_skip_init(&skip_, source.stream(), 5);
  EXPECT_EQ("end -5", Ask(&skip_.base, probe_))
      << "T2, S4: the stream ended before so many were skipped";
  stream_drop(&skip_.base);
}

// A zip with a stream that always has one: who drops a pair drops its left.
TEST_F(TakeStep, EachIsHeldToTheContract) {
  struct Half {
    Parcel left;
    int right;
  };
  static constexpr struct item_type kLeft = {sizeof(Half), Parcel::Drop};
  struct Mirrored {
    int left;
    Parcel right;
  };
  static constexpr struct item_type kRight = {
      sizeof(Mirrored),
      [](void *item) { Parcel::Drop(&static_cast<Mirrored *>(item)->right); }};
  Parcel room;
  int number = 0;
  std::vector<std::unique_ptr<StreamProbe>> others;
  auto other = [&](StreamProbe::Items items) {
    others.push_back(std::make_unique<StreamProbe>(items));
    return others.back().get();
  };
  auto flowing = [&] {
    StreamProbe *ints = other(StreamProbe::kInts);
    ints->Flow();
    return ints->stream();
  };
  auto empty = [&] {
    StreamProbe *parcels = other(StreamProbe::kParcels);
    parcels->End();
    return parcels->stream();
  };
  HoldToTheContract({
      {"a take",
       [&](struct stream *inner) {
         stream_take_init(&take_, inner, 100);
         return &take_.base;
       }},
      {"a skip",
       [&](struct stream *inner) {
         stream_skip_init(&skip_, inner, 1);
         return &skip_.base;
       }},
      {"the first of a chain",
       [&](struct stream *inner) {
         stream_chain_init(&chain_, inner, empty());
         return &chain_.base;
       }},
      {"the second of a chain",
       [&](struct stream *inner) {
         stream_chain_init(&chain_, empty(), inner);
         return &chain_.base;
       }},
      {"the left one of a zip",
       [&](struct stream *inner) {
         stream_zip_init(&zip_, {inner, &room, false},
                         {flowing(), &number, false}, &kLeft,
                         offsetof(Half, right));
         return &zip_.base;
       }},
      {"the right one of a zip",
       [&](struct stream *inner) {
         stream_zip_init(&zip_, {flowing(), &number, false},
                         {inner, &room, false}, &kRight,
                         offsetof(Mirrored, right));
         return &zip_.base;
       }},
  });
}

TEST_F(TakeStep, ItemsThatAreLent) {
  StreamProbe source;
  source.Flow();
  stream_take_lent_init(&take_, source.stream(), 2);
  EXPECT_EQ("item 0", Ask(&take_.base, probe_)) << "T1: the first of two";
  EXPECT_EQ("item 1", Ask(&take_.base, probe_)) << "T1: the last of two";
  ASSERT_EQ(0, source.drops())
      << "T1, S9: the last item is lent. With the stream inside it would be "
         "gone before anybody has looked at it";
  EXPECT_EQ("end", Ask(&take_.base, probe_)) << "T1: that was all";
  EXPECT_EQ(2, source.polls()) << "T1: not asked for one more than was wanted";
  EXPECT_EQ(1, source.drops())
      << "T1: asked once more, it is done with the last item, and drops the "
         "stream inside";
  stream_drop(&take_.base);
  EXPECT_EQ(1, source.drops()) << "S5: once";
}

TEST_F(TakeStep, OneAndThenTheOther) {
  StreamProbe first, second({8, 9});
  stream_chain_init(&chain_, first.stream(), second.stream());
  first.Push(1);
  EXPECT_EQ("item 1", Ask(&chain_.base, probe_))
      << "T3: the first stream, and then the second";
  EXPECT_EQ("pending", Ask(&chain_.base, probe_))
      << "T3: the first stream, and then the second";
  EXPECT_EQ(0, second.polls()) << "T3: its turn has not come";
  first.End();
  EXPECT_EQ("item 8", Ask(&chain_.base, probe_))
      << "T3: in the poll that sees the first one's end. Nobody would wake it";
  EXPECT_EQ(1, first.drops()) << "S8: the stream inside is dropped as soon as "
                                 "it has ended or is not needed";
  EXPECT_EQ("item 9", Ask(&chain_.base, probe_))
      << "T3: the first stream, and then the second";
  EXPECT_EQ("end", Ask(&chain_.base, probe_))
      << "T3: the first stream, and then the second";
  stream_drop(&chain_.base);
  EXPECT_EQ(1, second.drops())
      << "S5: who is dropped drops the stream inside, once";
}

TEST_F(TakeStep, AnErrorEndsBoth) {
  StreamProbe first({1}, -EIO), second({8, 9});
  stream_chain_init(&chain_, first.stream(), second.stream());
  EXPECT_EQ("item 1", Ask(&chain_.base, probe_))
      << "T3: the first stream, and then the second";
  EXPECT_EQ("end -5", Ask(&chain_.base, probe_))
      << "T3: an error of the first is the end of both";
  EXPECT_EQ(1, second.drops()) << "S8: it is not needed any more";
  stream_drop(&chain_.base);
}

TEST_F(TakeStep, AChainOwnsBoth) {
  StreamProbe first, second;
  stream_chain_init(&chain_, first.stream(), second.stream());
  stream_drop(&chain_.base);
  EXPECT_EQ(1, first.drops())
      << "S5: who is dropped drops the stream inside, once";
  EXPECT_EQ(1, second.drops()) << "S5: also the one whose turn never came";
}

TEST_F(TakeStep, OneOfEach) {
  StreamProbe left, right;
  Zip(left, right);
  EXPECT_EQ("pending", AskZip()) << "T4: a pair, when there is one of each";
  EXPECT_EQ(1, left.polls()) << "T4: a pair, when there is one of each";
  EXPECT_EQ(1, right.polls()) << "T4: both are asked in the same poll, so that "
                                 "they wait at the same time";
  right.Push(2);
  EXPECT_EQ("pending", AskZip()) << "T4: there is no partner yet";
  right.Push(4);
  left.Push(1);
  EXPECT_EQ("1 2", AskZip())
      << "T4: who has one already keeps it until the other has one, too";
  EXPECT_EQ(1, right.given()) << "T4: and is not asked for the next one before";
  left.Push(3);
  EXPECT_EQ("3 4", AskZip()) << "T4: a pair, when there is one of each";
  stream_drop(&zip_.base);
}

TEST_F(TakeStep, TheRightOneEndsFirst) {
  StreamProbe left, right({}, -EIO);
  Zip(left, right);
  EXPECT_EQ("end -5", AskZip())
      << "T4: the right one has ended, whether the left one has an item or "
         "not. Pending would be wrong: who has ended is never asked again";
  EXPECT_EQ(1, left.drops()) << "S8: it is not needed any more";
  EXPECT_EQ(1, right.drops()) << "S8: it has ended";
  stream_drop(&zip_.base);
}

TEST_F(TakeStep, BothEndInOnePoll) {
  StreamProbe left({}, -EIO), right({}, -EPIPE);
  Zip(left, right);
  EXPECT_EQ("end -5", AskZip()) << "T4: if both end, the left one's result is "
                                   "that of the zip";
  stream_drop(&zip_.base);
}

TEST_F(TakeStep, AnItemWithoutAPartner) {
  StreamProbe left(StreamProbe::kThings), right(StreamProbe::kThings);
  Zip(left, right);
  left.Push(1);
  EXPECT_EQ("pending", AskZip()) << "T4: a pair, when there is one of each";
  right.End(-EIO);
  EXPECT_EQ("end -5", AskZip()) << "T4: it ends with the first that ends";
  EXPECT_EQ((std::vector<int>{1}), Thing::dropped)
      << "T4: an item without a partner is dropped";
  EXPECT_EQ(1, left.drops()) << "S8: the stream inside is dropped as soon as "
                                "it has ended or is not needed";
  EXPECT_EQ(1, right.drops()) << "S8: the stream inside is dropped as soon as "
                                 "it has ended or is not needed";
  stream_drop(&zip_.base);
}

TEST_F(TakeStep, DroppedWithHalfAPair) {
  StreamProbe left(StreamProbe::kThings), right(StreamProbe::kThings);
  Zip(left, right);
  right.Push(2);
  EXPECT_EQ("pending", AskZip()) << "T4: a pair, when there is one of each";
  stream_drop(&zip_.base);
  EXPECT_EQ((std::vector<int>{2}), Thing::dropped)
      << "S5: what was taken and not given is dropped, once";
  EXPECT_EQ(1, left.drops()) << "S5: both streams, once";
  EXPECT_EQ(1, right.drops()) << "S5: both streams, once";
}

TEST_F(TakeStep, LawAgainstAList) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<int> items(random() % 12);
    for (int &item : items) item = int(random() % 100);
    size_t skipped = random() % 6, taken = random() % 6;
    std::vector<int> want;
    for (size_t i = skipped; i < items.size() && i < skipped + taken; i++)
      want.push_back(items[i]);
    size_t pulled = taken == 0 ? 0 : std::min(items.size(), skipped + taken);
    want.push_back(77);

    StreamProbe source(items), last({77});
    source.Stutter(int(random() % 3));
    stream_skip_init(&skip_, source.stream(), skipped);
    stream_take_init(&take_, &skip_.base, taken);
    stream_chain_init(&chain_, &take_.base, last.stream());
    EXPECT_EQ(want, All(&chain_.base, probe_))
        << "T1, T2, T3: as with a list: in order, none lost, none twice. (-1: "
           "it was pending there with no wake due, or never ended.)";
    EXPECT_EQ(int(pulled), source.given())
        << "S1: not one more was taken than was asked for";
    stream_drop(&chain_.base);
  }
}

// --------------------------------------------------------------- step 10.5

int AddUp(void *state, void *item) {
  int value = *static_cast<int *>(item);
  if (value < 0) return value;
  *static_cast<int *>(state) += value;
  return 0;
}

class FoldStep : public StreamFixture {
 protected:
  enum poll PollFold() { return Poll(&fold_.base.base, probe_); }
  enum poll PollCollect() { return Poll(&collect_.fold.base.base, probe_); }
  int result() const { return fold_.base.result; }
  void MakeChunks(StreamProbe &source, size_t most) {
    ASSERT_EQ(0, stream_chunks_init(&chunks_, source.stream(), most))
        << "there is memory, so it can be made";
  }
  // "[1 2]", "pending", "end" or "end -5".
  std::string AskChunk() {
    struct chunk chunk = {};
    switch (stream_poll_next(&chunks_.base, probe_.context(), &chunk)) {
      case STREAM_PENDING:
        return "pending";
      case STREAM_END:
        return chunks_.base.result == 0
                   ? "end"
                   : "end " + std::to_string(chunks_.base.result);
      default:
        break;
    }
    std::string text = "[";
    for (size_t i = 0; i < chunk.count; i++) {
      int item;
      std::memcpy(&item, chunk.items + i * sizeof item, sizeof item);
      text += (i > 0 ? " " : "") + std::to_string(item);
    }
    return text + "]";
  }

  WakerProbe probe_{"asker"};
  int sum_ = 0, room_ = 0;
  struct stream_fold fold_;
  struct stream_collect collect_;
  struct stream_chunks chunks_;
};

TEST_F(FoldStep, NoMoreThanAResultCanCount) {
  StreamProbe source({1});
  EXPECT_TRUE(gate::Panics(
      [&] {
        stream_collect_init(&collect_, source.stream(), &room_,
                            size_t(INT_MAX) + 1);
      },
      "F2"))
      << "F2: room for more items than a result can count panics";
}

TEST_F(FoldStep, UntilTheEnd) {
  StreamProbe source;
  stream_fold_init(&fold_, source.stream(), AddUp, &sum_, &room_);
  EXPECT_EQ(0, source.polls()) << "P1: nothing before the first poll";
  source.Push(1);
  source.Push(2);
  EXPECT_EQ(POLL_PENDING, PollFold())
      << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(3, sum_) << "F1: what is there is taken in one poll";
  source.Push(3);
  source.End();
  EXPECT_EQ(1, probe_.wakes()) << "P2: who waits is woken";
  ASSERT_EQ(POLL_READY, PollFold())
      << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(0, result()) << "F1: the stream's result";
  EXPECT_EQ(6, sum_) << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(1, source.drops()) << "F3: the stream is dropped when it is ready";
  future_drop(&fold_.base.base);
}

TEST_F(FoldStep, AnErrorOfTheStream) {
  StreamProbe source({1}, -EIO);
  stream_fold_init(&fold_, source.stream(), AddUp, &sum_, &room_);
  ASSERT_EQ(POLL_READY, PollFold())
      << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(-EIO, result()) << "F1: the stream's result";
  future_drop(&fold_.base.base);
}

TEST_F(FoldStep, AnErrorOfTheFunction) {
  StreamProbe source({1, -EINVAL, 5});
  stream_fold_init(&fold_, source.stream(), AddUp, &sum_, &room_);
  ASSERT_EQ(POLL_READY, PollFold())
      << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(-EINVAL, result()) << "F1: what the function returned";
  EXPECT_EQ(2, source.given()) << "F1: nothing more is asked then";
  EXPECT_EQ(1, source.drops()) << "F3: the stream is dropped when it is ready";
  future_drop(&fold_.base.base);
}

TEST_F(FoldStep, WhatMovedIntoTheFunction) {
  StreamProbe source(StreamProbe::kParcels);
  Parcel room;
  for (int id = 0; id < 3; id++) source.Push(id);
  stream_fold_init(
      &fold_, source.stream(),
      [](void *, void *item) {
        Parcel::Drop(item);
        return static_cast<Parcel *>(item)->id == 1 ? -EINVAL : 0;
      },
      nullptr, &room);
  ASSERT_EQ(POLL_READY, PollFold()) << "F1: the function has failed";
  EXPECT_EQ(-EINVAL, result()) << "F1: what the function returned";
  future_drop(&fold_.base.base);
  EXPECT_EQ(1, Parcel::drops[0])
      << "F1: the item moved into the function. 2: the fold dropped it, too";
  EXPECT_EQ(1, Parcel::drops[1])
      << "F1: the item moved into the function, also into one that fails";
}

TEST_F(FoldStep, AFoldGivesUpItsTurn) {
  StreamProbe source;
  for (int i = 0; i < FOLD_STREAK + 5; i++) source.Push(1);
  source.End();
  stream_fold_init(&fold_, source.stream(), AddUp, &sum_, &room_);
  ASSERT_EQ(POLL_PENDING, PollFold())
      << "F4: so many items in one poll, and nobody else had a turn";
  EXPECT_EQ(int(FOLD_STREAK), source.given())
      << "F4: so many items in one poll, and nobody else had a turn";
  EXPECT_EQ(1, probe_.wakes())
      << "F4, P2: it is pending, and nobody but itself could wake it";
  ASSERT_EQ(POLL_READY, PollFold())
      << "F1: it asks until the stream has ended, or is pending";
  EXPECT_EQ(FOLD_STREAK + 5, sum_)
      << "F1: it asks until the stream has ended, or is pending";
  future_drop(&fold_.base.base);
}

TEST_F(FoldStep, AFoldIsDropped) {
  StreamProbe source;
  stream_fold_init(&fold_, source.stream(), AddUp, &sum_, &room_);
  EXPECT_EQ(POLL_PENDING, PollFold()) << "F1: there is no item now";
  future_drop(&fold_.base.base);
  EXPECT_EQ(1, source.drops()) << "F3, P5: the stream is the fold's";
  EXPECT_EQ(0, probe_.live()) << "P5: no waker is left";
}

TEST_F(FoldStep, IntoAnArray) {
  StreamProbe source({1, 2, 3});
  source.Stutter(1);
  int items[5] = {};
  stream_collect_init(&collect_, source.stream(), items, 5);
  ASSERT_TRUE(gate::PollToEnd(&collect_.fold.base.base, probe_, 20))
      << "F2: it goes on until it is ready, and is woken each time";
  EXPECT_EQ(3, collect_.fold.base.result) << "F2: how many there are";
  EXPECT_EQ((std::vector<int>{1, 2, 3}), std::vector<int>(items, items + 3))
      << "F2: in order";
  EXPECT_EQ(1, source.drops()) << "F3: the stream is dropped when it is ready";
  future_drop(&collect_.fold.base.base);
}

TEST_F(FoldStep, TheArrayIsFull) {
  StreamProbe source;
  source.Flow();
  int items[3] = {};
  stream_collect_init(&collect_, source.stream(), items, 2);
  ASSERT_EQ(POLL_READY, PollCollect())
      << "F2: ready when the stream has ended or the array is full";
  EXPECT_EQ(2, collect_.fold.base.result)
      << "F2: ready when the stream has ended or the array is full";
  EXPECT_EQ(2, source.polls()) << "F2: a full array asks for no more";
  EXPECT_EQ(0, items[2]) << "F2: nothing is written behind the end";
  EXPECT_EQ(1, source.drops())
      << "F3: it is ready, and the stream is dropped in that poll: also if it "
         "has not ended";
  future_drop(&collect_.fold.base.base);
}

TEST_F(FoldStep, AnArrayOfNone) {
  StreamProbe source({5});
  int behind[4] = {-7};
  stream_collect_init(&collect_, source.stream(), behind, 0);
  ASSERT_EQ(POLL_READY, PollCollect()) << "F2: it is full from the beginning";
  EXPECT_EQ(0, source.polls())
      << "F2: a full array asks for no more. Look before you ask, and not only "
         "after an item";
  EXPECT_EQ(-7, behind[0]) << "F2: written behind the end of the array";
  EXPECT_EQ(0, collect_.fold.base.result) << "F2: how many there are";
  EXPECT_EQ(1, source.drops()) << "F3: dropped when it is ready";
  future_drop(&collect_.fold.base.base);
}

TEST_F(FoldStep, ParcelsInAnArray) {
  StreamProbe source(StreamProbe::kParcels);
  for (int id = 0; id < 3; id++) source.Push(id);
  source.End(-EIO);
  Parcel items[4] = {};
  stream_collect_init(&collect_, source.stream(), items, 4);
  ASSERT_EQ(POLL_READY, PollCollect()) << "F2: the stream has ended";
  EXPECT_EQ(-EIO, collect_.fold.base.result) << "F2: the error is the result";
  future_drop(&collect_.fold.base.base);
  EXPECT_TRUE(Parcel::drops.empty())
      << "F2: the items in the array are the caller's in any case, and were "
         "dropped behind its back";
  for (int id = 0; id < 3; id++) {
    ASSERT_EQ(id, items[id].id) << "F2: each has a place as large as its type";
    ASSERT_TRUE(items[id].IsWhole())
        << "F2: one item was written over the end of another one";
  }
}

TEST_F(FoldStep, ACollectIsCutOff) {
  StreamProbe source({1, 2}, -EIO);
  int items[5] = {};
  stream_collect_init(&collect_, source.stream(), items, 5);
  ASSERT_EQ(POLL_READY, PollCollect())
      << "F2: ready when the stream has ended or the array is full";
  EXPECT_EQ(-EIO, collect_.fold.base.result) << "F2: the error is the result";
  EXPECT_EQ(2u, collect_.count) << "F2: what came before is the caller's";
  future_drop(&collect_.fold.base.base);
}

TEST_F(FoldStep, ACollectGivesUpItsTurn) {
  StreamProbe source;
  source.Flow();
  int items[FOLD_STREAK + 1];
  stream_collect_init(&collect_, source.stream(), items, FOLD_STREAK + 1);
  ASSERT_EQ(POLL_PENDING, PollCollect())
      << "F4: so many items in one poll, and nobody else had a turn";
  EXPECT_EQ(1, probe_.wakes())
      << "F4, P2: it is pending, and only itself could wake it";
  EXPECT_EQ(POLL_READY, PollCollect())
      << "F2: ready when the stream has ended or the array is full";
  future_drop(&collect_.fold.base.base);
}

TEST_F(FoldStep, TwoAtATime) {
  StreamProbe source({1, 2, 3, 4, 5});
  MakeChunks(source, 2);
  EXPECT_EQ(0, source.polls()) << "S1: nothing before it is asked";
  EXPECT_EQ("[1 2]", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  EXPECT_EQ(2, source.given()) << "S1: no more than the chunk needs";
  EXPECT_EQ("[3 4]", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  ASSERT_EQ("[5]", AskChunk()) << "C1: the last one has what is left";
  EXPECT_EQ("end", AskChunk()) << "C1: an empty chunk is none";
  EXPECT_EQ(1, source.drops()) << "S8: the stream inside is dropped as soon as "
                                  "it has ended or is not needed";
  stream_drop(&chunks_.base);
}

TEST_F(FoldStep, AChunkWaitsUntilItIsFull) {
  StreamProbe source;
  MakeChunks(source, 3);
  source.Push(1);
  EXPECT_EQ("pending", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  source.Push(2);
  EXPECT_EQ("pending", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  source.Push(3);
  EXPECT_EQ("[1 2 3]", AskChunk())
      << "S3: what was taken in earlier polls is not lost";
  stream_drop(&chunks_.base);
}

TEST_F(FoldStep, AnEvenEnd) {
  StreamProbe source({1, 2});
  MakeChunks(source, 2);
  EXPECT_EQ("[1 2]", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  EXPECT_EQ("end", AskChunk()) << "C1: an empty chunk is none";
  stream_drop(&chunks_.base);
}

TEST_F(FoldStep, TheItemsBeforeTheError) {
  StreamProbe source({1}, -EIO);
  MakeChunks(source, 2);
  EXPECT_EQ("[1]", AskChunk()) << "C1: the error comes after the items";
  EXPECT_EQ("end -5", AskChunk()) << "C1: and it comes";
  stream_drop(&chunks_.base);
}

TEST_F(FoldStep, ChunksThatOwnSomething) {
  StreamProbe source(StreamProbe::kThings);
  for (int id = 1; id <= 3; id++) source.Push(id);
  MakeChunks(source, 2);
  struct chunk chunk = {};
  ASSERT_EQ(STREAM_ITEM,
            stream_poll_next(&chunks_.base, probe_.context(), &chunk))
      << "S2: there is something to give";
  EXPECT_TRUE(Thing::dropped.empty()) << "C2: they are the caller's now";
  item_drop(chunks_.base.type, &chunk);
  EXPECT_EQ((std::vector<int>{1, 2}), Thing::dropped)
      << "C2: a chunk that is dropped drops its items";
  EXPECT_EQ("pending", AskChunk())
      << "C1: so many items a chunk, in order, and the last has what is left";
  stream_drop(&chunks_.base);
  EXPECT_EQ((std::vector<int>{1, 2, 3}), Thing::dropped)
      << "C4: what was taken and not given is dropped with the stream";
  EXPECT_EQ(1, source.drops())
      << "S5: who is dropped drops the stream inside, once";
}

TEST_F(FoldStep, ChunksAreHeldToTheContract) {
  HoldToTheContract({{"chunks of two", [&](struct stream *inner) {
                        EXPECT_EQ(0, stream_chunks_init(&chunks_, inner, 2))
                            << "C5: there is memory";
                        return &chunks_.base;
                      }}});
}

TEST_F(FoldStep, TheEndOfWhatIsInside) {
  StreamProbe source({1}, -EIO);
  MakeChunks(source, 2);
  EXPECT_EQ("[1]", AskChunk()) << "C1: the rest is given first";
  EXPECT_EQ(1, source.drops())
      << "C1, S8: the stream inside has ended in this poll, and is dropped in "
         "it, although there was something left to give";
  EXPECT_EQ("end -5", AskChunk()) << "C1: the error comes after the items";
  stream_drop(&chunks_.base);
}

TEST_F(FoldStep, AChunkThroughATake) {
  int items[4] = {1, 2, 3, 4};
  struct array_stream array;
  struct stream_take take;
  struct chunk chunk = {};
  struct stream_next next;
  array_stream_init(&array, &kInt, items, 4);
  Allocations::FillFreedWith(0xee);
  ASSERT_EQ(0, stream_chunks_init(&chunks_, &array.base, 2))
      << "C5: what the init returns";
  stream_take_lent_init(&take, &chunks_.base, 1);
  stream_next_init(&next, &take.base, &chunk);
  ASSERT_EQ(POLL_READY, Poll(&next.base.base, probe_)) << "N1: it is there";
  future_drop(&next.base.base);
  ASSERT_EQ(2u, chunk.count) << "C1: two at a time";
  int last = 0;
  std::memcpy(&last, chunk.items + sizeof last, sizeof last);
  EXPECT_EQ(2, last) << "C2, S9: a chunk is good until the next poll. This one "
                        "points to memory that was given back";
  stream_drop(&take.base);
}

TEST_F(FoldStep, MemoryForChunks) {
  StreamProbe source;
  EXPECT_EQ(-EINVAL, stream_chunks_init(&chunks_, source.stream(), 0))
      << "C5: what the init returns";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, stream_chunks_init(&chunks_, source.stream(), 4))
      << "C5: what the init returns";
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(-ENOMEM, stream_chunks_init(&chunks_, source.stream(), SIZE_MAX))
      << "C5: so much cannot even be counted";
#endif  // they do not return NULL for it, but stop
  EXPECT_EQ(0, source.drops()) << "after a failure it is the caller's still";
  MakeChunks(source, 4);
  long total = Allocations::total();
  source.Push(1);
  EXPECT_EQ("pending", AskChunk()) << "S3: there is nothing to give now";
  EXPECT_EQ(total, Allocations::total()) << "S7: a poll does not allocate";
  stream_drop(&chunks_.base);
  EXPECT_EQ(0, Allocations::live()) << "C5: the memory is given back";
}

TEST_F(FoldStep, LawAgainstAList) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<int> items(random() % 15);
    for (int &item : items) item = int(random() % 100);
    size_t most = 1 + random() % 4;
    std::string want, got;
    for (size_t i = 0; i < items.size(); i += most) {
      want += "[";
      for (size_t k = i; k < items.size() && k < i + most; k++)
        want += (k > i ? " " : "") + std::to_string(items[k]);
      want += "]";
    }
    StreamProbe source(items);
    source.Stutter(int(random() % 3));
    MakeChunks(source, most);
    for (int polls = 0; polls < 200; polls++) {
      std::string chunk = AskChunk();
      if (chunk == "end") break;
      if (chunk != "pending") got += chunk;
    }
    EXPECT_EQ(want, got) << "C1: in order, none lost, none twice";
    stream_drop(&chunks_.base);
  }
}

}  // namespace
