// merge_test.cc - step 10.7: several streams, and none is forgotten.
#include <cerrno>
#include <map>
#include <memory>
#include <random>

#include "tests/10_stream/stream_fixture.h"

extern "C" {
#include "chapters/10_stream/merge.h"
#include "chapters/10_stream/source.h"
}

namespace {

using gate::Allocations;
using gate::WakerProbe;

class MergeStep : public StreamFixture {
 protected:
  void Merge(StreamProbe &left, StreamProbe &right) {
    stream_merge_init(&merge_, left.stream(), right.stream());
  }
  void MakeSet(size_t capacity) {
    ASSERT_EQ(0, stream_set_init(&set_, &kInt, capacity))
        << "there is memory, so it can be made";
    set_.ended = Ended;
    set_.data = this;
  }
  void Add(int64_t key, StreamProbe &source) {
    ASSERT_EQ(0, stream_set_add(&set_, key, source.stream()))
        << "G3: the item, and the key of its stream";
  }
  // "10: item 5", "pending", "end".
  std::string AskSet() {
    std::string got = Ask(&set_.base, probe_);
    return got.substr(0, 4) == "item" ? std::to_string(set_.key) + ": " + got
                                      : got;
  }
  static void Ended(void *data, int64_t key, int result) {
    static_cast<MergeStep *>(data)->ended_ +=
        std::to_string(key) + ":" + std::to_string(result) + " ";
  }

  WakerProbe probe_{"asker"};
  struct stream_merge merge_;
  struct stream_set set_;
  std::string ended_;
};

TEST_F(MergeStep, InTurns) {
  StreamProbe left, right;
  left.Flow();
  for (int item : {100, 101}) right.Push(item);
  Merge(left, right);
  EXPECT_EQ(0, left.polls()) << "S1: nothing before it is asked";
  EXPECT_EQ("item 0", Ask(&merge_.base, probe_)) << "G1: whoever has an item";
  EXPECT_EQ("item 100", Ask(&merge_.base, probe_))
      << "G2: a stream that always has one keeps the other waiting";
  EXPECT_EQ("item 1", Ask(&merge_.base, probe_)) << "G2: they take turns";
  EXPECT_EQ("item 101", Ask(&merge_.base, probe_)) << "G2: they take turns";
  EXPECT_EQ("item 2", Ask(&merge_.base, probe_)) << "G2: they take turns";
  EXPECT_EQ("item 3", Ask(&merge_.base, probe_))
      << "G1: the other one has none now";
  stream_drop(&merge_.base);
  EXPECT_EQ(1, left.drops()) << "S5: it owns them, and drops them once";
  EXPECT_EQ(1, right.drops()) << "S5: it owns them, and drops them once";
}

// A turn a millisecond; the budget of each is spent by the endless one.
TEST_F(MergeStep, AnIntervalBesideAnEndlessStream) {
  struct clock clock;
  struct timer timer;
  struct interval interval;
  struct interval_stream ticks;
  static constexpr struct driver_ops kOps = {
      [](struct driver *, int64_t) { return false; },
      [](struct driver *) { return waker{}; }};
  static const struct item_type kLong = {sizeof(int64_t), nullptr};
  struct driver nobody = {&kOps};
  for (bool is_left : {true, false}) {
    clock_init_paused(&clock, 0);
    clock.advances_by_itself = false;
    timer_init(&timer, &clock, &nobody);
    interval_init(&interval, &timer, MILLISECONDS(10), INTERVAL_BURST);
    interval_stream_init(&ticks, &interval);
    StreamProbe endless;
    endless.Flow();
    endless.Pay();
    struct stream *sides[] = {endless.stream(), &ticks.base};
    endless.stream()->type = &kLong;
    stream_merge_init(&merge_, sides[is_left], sides[!is_left]);
    for (int turn = 0; turn <= 50; turn++) {
      gate::Budget budget(16);
      int64_t item[8];
      while (stream_poll_next(&merge_.base, probe_.context(), item) ==
             STREAM_ITEM)
        continue;
      clock_advance(&clock, MILLISECONDS(1));
      driver_park(&timer.driver, 0);
    }
    EXPECT_LE(MILLISECONDS(50), ticks.interval.due)
        << "G2: after an item of the one the other is asked first. The "
           "interval has not ticked beside a stream that always has an item";
    EXPECT_LE(700, endless.given()) << "G1: and that goes on, too";
    stream_drop(&merge_.base);
    timer_end(&timer);
  }
}

TEST_F(MergeStep, BothKnowWhoWaits) {
  StreamProbe left, right;
  Merge(left, right);
  EXPECT_EQ("pending", Ask(&merge_.base, probe_)) << "G1: whoever has an item";
  EXPECT_TRUE(left.holds_waker()) << "S3: either may have the next item";
  EXPECT_TRUE(right.holds_waker()) << "S3: either may have the next item";
  right.Push(5);
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken, once";
  EXPECT_EQ("item 5", Ask(&merge_.base, probe_)) << "G1: whoever has an item";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, TheEndOfBoth) {
  StreamProbe left({1}), right;
  Merge(left, right);
  EXPECT_EQ("item 1", Ask(&merge_.base, probe_)) << "G1: whoever has an item";
  EXPECT_EQ("pending", Ask(&merge_.base, probe_))
      << "G1: one of them goes on still";
  EXPECT_EQ(1, left.drops())
      << "S8: it has ended or is not needed, and is dropped";
  right.Push(2);
  EXPECT_EQ("item 2", Ask(&merge_.base, probe_)) << "G1: whoever has an item";
  right.End();
  EXPECT_EQ("end", Ask(&merge_.base, probe_)) << "G1: both have ended";
  EXPECT_EQ(1, right.drops())
      << "S8: it has ended or is not needed, and is dropped";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, AnErrorOfEither) {
  StreamProbe left, right({}, -EIO);
  Merge(left, right);
  EXPECT_EQ("end -5", Ask(&merge_.base, probe_)) << "G1: the first error";
  EXPECT_EQ(1, left.drops()) << "S8: the other one is not needed any more";
  EXPECT_EQ(1, right.drops())
      << "S8: it has ended or is not needed, and is dropped";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, WhoseTurnItIs) {
  StreamProbe left, right;
  Merge(left, right);
  left.Push(1);
  EXPECT_EQ("item 1", Ask(&merge_.base, probe_)) << "G1: the left one's";
  EXPECT_EQ("pending", Ask(&merge_.base, probe_)) << "G1: there is none";
  left.Push(2);
  right.Push(20);
  EXPECT_EQ("item 20", Ask(&merge_.base, probe_))
      << "G2: the latest item was the left one's, so the right one is asked "
         "first. A poll that found nothing is no turn";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, EachIsHeldToTheContract) {
  std::vector<std::unique_ptr<StreamProbe>> others;
  auto empty = [&] {
    others.push_back(std::make_unique<StreamProbe>(StreamProbe::kParcels));
    others.back()->End();
    return others.back()->stream();
  };
  HoldToTheContract({
      {"the left one of a merge",
       [&](struct stream *inner) {
         stream_merge_init(&merge_, inner, empty());
         return &merge_.base;
       }},
      {"the right one of a merge",
       [&](struct stream *inner) {
         stream_merge_init(&merge_, empty(), inner);
         return &merge_.base;
       }},
  });
}

TEST_F(MergeStep, ASetHasKeys) {
  StreamProbe sources[3];
  MakeSet(3);
  for (int i = 0; i < 3; i++) Add(10 * (i + 1), sources[i]);
  EXPECT_EQ("pending", AskSet()) << "G3: the item, and the key of its stream";
  for (StreamProbe &source : sources)
    EXPECT_TRUE(source.holds_waker())
        << "S3: any of them may have the next item";
  sources[1].Push(5);
  EXPECT_EQ(1, probe_.wakes()) << "S3: who waits is woken, once";
  EXPECT_EQ("20: item 5", AskSet()) << "G3: the key says from which it is";
  sources[2].Push(6);
  EXPECT_EQ("30: item 6", AskSet())
      << "G3: the item, and the key of its stream";
  stream_drop(&set_.base);
  for (StreamProbe &source : sources)
    EXPECT_EQ(1, source.drops()) << "S5: the set owns them all";
}

TEST_F(MergeStep, ASetIsFair) {
  StreamProbe sources[3];
  MakeSet(3);
  for (int i = 0; i < 3; i++) {
    sources[i].Flow();
    Add(10 * (i + 1), sources[i]);
  }
  std::string got;
  for (int i = 0; i < 6; i++) got += AskSet() + ", ";
  EXPECT_EQ(
      "10: item 0, 20: item 0, 30: item 0, 10: item 1, 20: item 1, "
      "30: item 1, ",
      got)
      << "G2: all three always have one, so they take turns";
  stream_drop(&set_.base);
}

TEST_F(MergeStep, ASetWhoseBudgetIsSpent) {
  constexpr int kStreams = 100;
  std::deque<StreamProbe> sources;
  MakeSet(kStreams);
  for (int i = 0; i < kStreams; i++) {
    sources.emplace_back();
    sources.back().Flow();
    sources.back().Pay();
    Add(i, sources.back());
  }
  int items = 0, turns = 0;
  for (; items < 1000 && !HasFailure(); turns++) {
    gate::Budget budget(10);
    probe_.Reset();
    std::string got;
    while ((got = AskSet()) != "pending" && !HasFailure()) {
      EXPECT_EQ(items % kStreams, set_.key)
          << "G2, G7: in the next turn it goes on with the one whose turn it "
             "is";
      items++;
    }
    EXPECT_EQ(1, probe_.wakes())
        << "G7: it is pending as the budget is spent, and so it wakes itself, "
           "once. 0: nobody will; more: it has asked others, in vain";
  }
  int polls = 0;
  for (StreamProbe &source : sources) polls += source.polls();
  EXPECT_EQ(1000, polls)
      << "G7: a poll an item. Nothing was left of the turn's budget, and "
         "others were asked all the same";
  EXPECT_EQ(100, turns) << "G7: with ten operations a turn";
  stream_drop(&set_.base);
}

TEST_F(MergeStep, WhoEndsLeaves) {
  StreamProbe failed({}, -EIO), ended({}, 0), waiting, also;
  MakeSet(4);
  Add(1, failed);
  Add(2, ended);
  Add(3, waiting);
  Add(4, also);
  EXPECT_EQ("pending", AskSet()) << "G4: the others go on";
  EXPECT_EQ("1:-5 2:0 ", ended_) << "G4: its key and its result are told";
  EXPECT_EQ(1, failed.drops()) << "G4: who ends leaves, and is dropped";
  EXPECT_EQ(1, ended.drops()) << "G4: who ends leaves, and is dropped";
  ASSERT_TRUE(waiting.holds_waker())
      << "S3: the stream that moved up into the place of one that has ended "
         "was not asked. Nobody will wake for it";
  ASSERT_TRUE(also.holds_waker()) << "S3: each one has to be asked";
  waiting.End();
  also.End();
  EXPECT_EQ("end", AskSet()) << "G5: an empty set is at its end";
  stream_drop(&set_.base);
}

// A set of `count` whose turn is at `first`: an item of the one before it has
// been given.
struct SetOfProbes {
  std::vector<std::unique_ptr<StreamProbe>> probes;
  std::vector<int> polls;
  void Remember() {
    polls.clear();
    for (auto &probe : probes) polls.push_back(probe->polls());
  }
};

TEST_F(MergeStep, WhoeverEndsWheneverItIs) {
  WakerProbe second("second");
  for (unsigned count = 1; count <= 4; count++) {
    for (unsigned first = 0; first < count; first++) {
      for (unsigned ending = 0; ending + 1 < 1u << count; ending++) {
        std::string where = "Of " + std::to_string(count) +
                            " streams, the turn is at number " +
                            std::to_string(first) + ", and these end:";
        for (unsigned i = 0; i < count; i++)
          if (ending >> i & 1) where += " " + std::to_string(i);
        SetOfProbes all;
        MakeSet(count);
        for (unsigned i = 0; i < count; i++) {
          all.probes.push_back(std::make_unique<StreamProbe>());
          Add(i, *all.probes[i]);
        }
        unsigned before = (first + count - 1) % count;
        all.probes[before]->Push(1);
        AskSet();
        for (unsigned i = 0; i < count; i++)
          if (ending >> i & 1) all.probes[i]->End();
        all.Remember();
        ASSERT_EQ("pending", Ask(&set_.base, second))
            << "G4: some have ended, and the others go on";
        for (unsigned i = 0; i < count; i++)
          ASSERT_EQ(1, all.probes[i]->polls() - all.polls[i])
              << "G2, S3: each stream of the set is asked once in a poll, also "
                 "when one before or behind it leaves. 0: it was passed over, "
                 "and has nobody to wake; 2: it was asked in another one's "
                 "place. "
              << where;
        stream_drop(&set_.base);
      }
    }
  }
}

TEST_F(MergeStep, WhoseTurnItIsWhenOneLeaves) {
  for (unsigned count = 2; count <= 4; count++) {
    for (unsigned first = 0; first < count; first++) {
      for (unsigned leaving = 0; leaving < 2 * count; leaving++) {
        unsigned gone = leaving / 2;
        bool ends = leaving % 2 == 0;
        std::string where = "Of " + std::to_string(count) +
                            " streams, the turn is at number " +
                            std::to_string(first) + ", and number " +
                            std::to_string(gone) + " leaves";
        SetOfProbes all;
        MakeSet(count);
        for (unsigned i = 0; i < count; i++) {
          all.probes.push_back(std::make_unique<StreamProbe>());
          Add(i, *all.probes[i]);
        }
        all.probes[(first + count - 1) % count]->Push(1);
        AskSet();
        if (ends)
          all.probes[gone]->End();
        else
          ASSERT_EQ(0, stream_set_remove(&set_, gone)) << "G5: it is there";
        std::string want, got;
        for (unsigned i = 0; i < count; i++) {
          unsigned key = (first + i) % count;
          if (key == gone) continue;
          all.probes[key]->Flow();
          want += std::to_string(key) + " ";
        }
        for (unsigned i = 1; i < count; i++) {
          AskSet();
          got += std::to_string(set_.key) + " ";
        }
        ASSERT_EQ(want, got)
            << "G2: these are the keys. All that are left always have one, so "
               "they take turns, from the one whose turn it was; who leaves "
               "changes nothing for the others. "
            << where;
        stream_drop(&set_.base);
      }
    }
  }
}

TEST_F(MergeStep, ASetGoesOn) {
  StreamProbe first({1}), second({2});
  MakeSet(1);
  EXPECT_EQ("end", AskSet())
      << "G5: streams come and go, and an empty set is at its end";
  Add(1, first);
  EXPECT_EQ("1: item 1", AskSet()) << "G5: it may be asked again";
  EXPECT_EQ("end", AskSet())
      << "G5: streams come and go, and an empty set is at its end";
  Add(2, second);
  EXPECT_EQ("2: item 2", AskSet())
      << "G5: streams come and go, and an empty set is at its end";
  stream_drop(&set_.base);
  EXPECT_EQ(1, second.drops()) << "S5: it owns them, and drops them once";
}

TEST_F(MergeStep, OneIsRemoved) {
  StreamProbe sources[3];
  MakeSet(3);
  for (int i = 0; i < 3; i++) {
    sources[i].Flow();
    Add(10 * (i + 1), sources[i]);
  }
  EXPECT_EQ("10: item 0", AskSet())
      << "G3: the item, and the key of its stream";
  EXPECT_EQ(0, stream_set_remove(&set_, 10))
      << "G5: streams come and go, and an empty set is at its end";
  EXPECT_EQ(1, sources[0].drops()) << "G5: who is removed is dropped";
  EXPECT_EQ("", ended_) << "G4: it has not ended";
  EXPECT_EQ("20: item 0", AskSet())
      << "G2: whose turn it was, it is still, although all have moved up";
  EXPECT_EQ("30: item 0", AskSet()) << "G2: they take turns";
  EXPECT_EQ(-ENOENT, stream_set_remove(&set_, 10))
      << "G5: streams come and go, and an empty set is at its end";
  stream_drop(&set_.base);
}

TEST_F(MergeStep, WhatASetRefuses) {
  StreamProbe sources[3];
  EXPECT_EQ(-EINVAL, stream_set_init(&set_, &kInt, 0))
      << "G6: what there is room for";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, stream_set_init(&set_, &kInt, 4))
      << "G6: what there is room for";
  MakeSet(2);
  Add(1, sources[0]);
  EXPECT_EQ(-EEXIST, stream_set_add(&set_, 1, sources[1].stream()))
      << "G3: the item, and the key of its stream";
  Add(2, sources[1]);
  EXPECT_EQ(-ENOSPC, stream_set_add(&set_, 3, sources[2].stream()))
      << "G6: what there is room for";
  stream_drop(&set_.base);
  EXPECT_EQ(0, sources[2].drops()) << "who was refused is the caller's still";
  EXPECT_EQ(0, Allocations::live()) << "G6: the memory is given back";
}

TEST_F(MergeStep, LawAgainstLists) {
  for (unsigned seed = 1; seed <= 100 && !HasFailure(); seed++) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<StreamProbe>> sources;
    std::map<int64_t, std::vector<int>> want, got;
    MakeSet(4);
    for (int64_t key = 0; key < 4; key++) {
      for (unsigned count = random() % 6; count > 0; count--)
        want[key].push_back(int(random() % 100));
      sources.push_back(std::make_unique<StreamProbe>(want[key]));
      sources.back()->Stutter(int(random() % 3));
      Add(key, *sources.back());
      if (want[key].empty()) want.erase(key);
    }
    for (int polls = 0; polls < 200; polls++) {
      int item = 0;
      probe_.Reset();
      enum stream_poll poll =
          stream_poll_next(&set_.base, probe_.context(), &item);
      if (poll == STREAM_END) break;
      if (poll == STREAM_ITEM) got[set_.key].push_back(item);
      ASSERT_TRUE(poll == STREAM_ITEM || probe_.wakes() > 0)
          << "S3: pending, and nobody will wake it";
    }
    EXPECT_EQ(want, got)
        << "G1, G3: each stream's items in its own order, none lost";
    stream_drop(&set_.base);
  }
}

}  // namespace
