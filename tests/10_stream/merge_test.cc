// merge_test.cc - step 10.7: several streams, and none is forgotten.
#include <cerrno>
#include <map>
#include <memory>
#include <random>

#include "tests/10_stream/stream_fixture.h"

extern "C" {
#include "chapters/10_stream/merge.h"
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
    ASSERT_EQ(0, stream_set_init(&set_, &kInt, capacity));
    set_.ended = Ended;
    set_.data = this;
  }
  void Add(int64_t key, StreamProbe &source) {
    ASSERT_EQ(0, stream_set_add(&set_, key, source.stream())) << "G3";
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
  EXPECT_EQ(0, left.polls()) << "S1";
  EXPECT_EQ("item 0", Ask(&merge_.base, probe_)) << "G1";
  EXPECT_EQ("item 100", Ask(&merge_.base, probe_))
      << "G2: a stream that always has one keeps the other waiting";
  EXPECT_EQ("item 1", Ask(&merge_.base, probe_)) << "G2";
  EXPECT_EQ("item 101", Ask(&merge_.base, probe_)) << "G2";
  EXPECT_EQ("item 2", Ask(&merge_.base, probe_)) << "G2";
  EXPECT_EQ("item 3", Ask(&merge_.base, probe_))
      << "G1: the other one has none now";
  stream_drop(&merge_.base);
  EXPECT_EQ(1, left.drops()) << "S5";
  EXPECT_EQ(1, right.drops()) << "S5";
}

TEST_F(MergeStep, BothKnowWhoWaits) {
  StreamProbe left, right;
  Merge(left, right);
  EXPECT_EQ("pending", Ask(&merge_.base, probe_)) << "G1";
  EXPECT_TRUE(left.holds_waker()) << "S3: either may have the next item";
  EXPECT_TRUE(right.holds_waker()) << "S3: either may have the next item";
  right.Push(5);
  EXPECT_EQ(1, probe_.wakes()) << "S3";
  EXPECT_EQ("item 5", Ask(&merge_.base, probe_)) << "G1";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, TheEndOfBoth) {
  StreamProbe left({1}), right;
  Merge(left, right);
  EXPECT_EQ("item 1", Ask(&merge_.base, probe_)) << "G1";
  EXPECT_EQ("pending", Ask(&merge_.base, probe_))
      << "G1: one of them goes on still";
  EXPECT_EQ(1, left.drops()) << "S8";
  right.Push(2);
  EXPECT_EQ("item 2", Ask(&merge_.base, probe_)) << "G1";
  right.End();
  EXPECT_EQ("end", Ask(&merge_.base, probe_)) << "G1: both have ended";
  EXPECT_EQ(1, right.drops()) << "S8";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, AnErrorOfEither) {
  StreamProbe left, right({}, -EIO);
  Merge(left, right);
  EXPECT_EQ("end -5", Ask(&merge_.base, probe_)) << "G1: the first error";
  EXPECT_EQ(1, left.drops()) << "S8: the other one is not needed any more";
  EXPECT_EQ(1, right.drops()) << "S8";
  stream_drop(&merge_.base);
}

TEST_F(MergeStep, ASetHasKeys) {
  StreamProbe sources[3];
  MakeSet(3);
  for (int i = 0; i < 3; i++) Add(10 * (i + 1), sources[i]);
  EXPECT_EQ("pending", AskSet()) << "G3";
  for (StreamProbe &source : sources)
    EXPECT_TRUE(source.holds_waker())
        << "S3: any of them may have the next item";
  sources[1].Push(5);
  EXPECT_EQ(1, probe_.wakes()) << "S3";
  EXPECT_EQ("20: item 5", AskSet()) << "G3: the key says from which it is";
  sources[2].Push(6);
  EXPECT_EQ("30: item 6", AskSet()) << "G3";
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

TEST_F(MergeStep, WhoEndsLeaves) {
  StreamProbe failed({}, -EIO), ended({}, 0), waiting, also;
  MakeSet(4);
  Add(1, failed);
  Add(2, ended);
  Add(3, waiting);
  Add(4, also);
  EXPECT_EQ("pending", AskSet()) << "G4: the others go on";
  EXPECT_EQ("1:-5 2:0 ", ended_) << "G4: its key and its result are told";
  EXPECT_EQ(1, failed.drops()) << "G4";
  EXPECT_EQ(1, ended.drops()) << "G4";
  ASSERT_TRUE(waiting.holds_waker())
      << "S3: the stream that moved up into the place of one that has ended "
         "was not asked. Nobody will wake for it";
  ASSERT_TRUE(also.holds_waker()) << "S3: each one has to be asked";
  waiting.End();
  also.End();
  EXPECT_EQ("end", AskSet()) << "G5: an empty set is at its end";
  stream_drop(&set_.base);
}

TEST_F(MergeStep, ASetGoesOn) {
  StreamProbe first({1}), second({2});
  MakeSet(1);
  EXPECT_EQ("end", AskSet()) << "G5";
  Add(1, first);
  EXPECT_EQ("1: item 1", AskSet()) << "G5: it may be asked again";
  EXPECT_EQ("end", AskSet()) << "G5";
  Add(2, second);
  EXPECT_EQ("2: item 2", AskSet()) << "G5";
  stream_drop(&set_.base);
  EXPECT_EQ(1, second.drops()) << "S5";
}

TEST_F(MergeStep, OneIsRemoved) {
  StreamProbe sources[3];
  MakeSet(3);
  for (int i = 0; i < 3; i++) {
    sources[i].Flow();
    Add(10 * (i + 1), sources[i]);
  }
  EXPECT_EQ("10: item 0", AskSet()) << "G3";
  EXPECT_EQ(0, stream_set_remove(&set_, 10)) << "G5";
  EXPECT_EQ(1, sources[0].drops()) << "G5: who is removed is dropped";
  EXPECT_EQ("", ended_) << "G4: it has not ended";
  EXPECT_EQ("20: item 0", AskSet())
      << "G2: whose turn it was, it is still, although all have moved up";
  EXPECT_EQ("30: item 0", AskSet()) << "G2";
  EXPECT_EQ(-ENOENT, stream_set_remove(&set_, 10)) << "G5";
  stream_drop(&set_.base);
}

TEST_F(MergeStep, WhatASetRefuses) {
  StreamProbe sources[3];
  EXPECT_EQ(-EINVAL, stream_set_init(&set_, &kInt, 0)) << "G6";
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, stream_set_init(&set_, &kInt, 4)) << "G6";
  MakeSet(2);
  Add(1, sources[0]);
  EXPECT_EQ(-EEXIST, stream_set_add(&set_, 1, sources[1].stream())) << "G3";
  Add(2, sources[1]);
  EXPECT_EQ(-ENOSPC, stream_set_add(&set_, 3, sources[2].stream())) << "G6";
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
