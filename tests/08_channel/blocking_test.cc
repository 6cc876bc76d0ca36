// blocking_test.cc - step 8.9: the ends of a channel on plain threads.
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "tests/08_channel/channel_fixture.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/03_waker/block_on.h"
#include "chapters/08_channel/blocking.h"
#include "chapters/common/inside.h"
}

using gate::Eventually;

class BlockingStep : public ChannelFixture {};

TEST_F(BlockingStep, NothingToWaitFor) {
  int item = 7, received = 0;
  ASSERT_NO_FATAL_FAILURE(Make(2));
  EXPECT_EQ(0, channel_send_blocking(&sender_, &item))
      << "T1: it does what the future does, and waits";
  EXPECT_EQ(0, channel_receive_blocking(&receiver_, &received))
      << "T1: it does what the future does, and waits";
  EXPECT_EQ(7, received);
  End();
}

TEST_F(BlockingStep, ASenderWaitsForAPlace) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  Fill();
  std::atomic<int> result{1};
  std::thread thread([&] {
    int item = 7;
    result = channel_send_blocking(&sender_, &item);
  });
  gate::Note("a thread that sends to a full channel");
  bool waits = Eventually("the thread waits for a place", [&] {
    pthread_mutex_lock(lock());
    bool is_there = !list_is_empty(&channel_->reserves);
    pthread_mutex_unlock(lock());
    return is_there;
  });
  int first = TryReceive();
  if (!waits) channel_close(&receiver_);
  thread.join();
  ASSERT_TRUE(waits) << "T1: it waits for a place";
  EXPECT_EQ(1, first);
  EXPECT_EQ(0, result) << "T1: it does what the future does, and waits";
  EXPECT_EQ(7, TryReceive());
  End();
}

TEST_F(BlockingStep, AReceiverWaitsForAnItem) {
  ASSERT_NO_FATAL_FAILURE(Make(1));
  std::atomic<int> result{1};
  int received = 0;
  std::atomic<int> id{0};
  std::thread thread([&] {
    id = gettid();
    result = channel_receive_blocking(&receiver_, &received);
  });
  gate::Note("a thread that receives from an empty channel");
  bool sleeps =
      Eventually("the thread sleeps", [&] { return gate::IsAsleep(id); });
  EXPECT_TRUE(sleeps) << "T1: it sleeps until there is an item";
  EXPECT_EQ(0, TrySend(7));
  thread.join();
  EXPECT_EQ(0, result) << "T1: it does what the future does, and waits";
  EXPECT_EQ(7, received);
  End();
}

TEST_F(BlockingStep, TheEnd) {
  int item = 7, received = 0;
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_sender_drop(&sender_);
  EXPECT_EQ(-EPIPE, channel_receive_blocking(&receiver_, &received))
      << "C7: the last sender has gone: -EPIPE";
  End();
  ASSERT_NO_FATAL_FAILURE(Make(1));
  channel_receiver_drop(&receiver_);
  EXPECT_EQ(-EPIPE, channel_send_blocking(&sender_, &item))
      << "C8: the receiver has gone";
  End();
}

TEST_F(BlockingStep, AnAnswer) {
  struct oneshot_sender sender;
  struct oneshot_receiver receiver;
  int answer = 0;
  ASSERT_EQ(0, oneshot_create(&sender, &receiver, &kInt, &answer));
  std::thread thread([&] {
    int item = 42;
    EXPECT_EQ(0, oneshot_send(&sender, &item));
  });
  gate::Note("a thread that waits for a oneshot");
  EXPECT_EQ(0, oneshot_receive_blocking(&receiver))
      << "T1: it does what the future does, and waits";
  thread.join();
  EXPECT_EQ(42, answer);
  ASSERT_EQ(0, oneshot_create(&sender, &receiver, &kInt, &answer));
  oneshot_sender_drop(&sender);
  EXPECT_EQ(-EPIPE, oneshot_receive_blocking(&receiver))
      << "O2: the sender has gone without a value: that is -EPIPE";
}

namespace {

struct blocker {
  struct int_future base;
  struct channel_receiver *receiver;
};
enum poll BlockerPoll(struct future *self, struct context *) {
  int item;
  channel_receive_blocking(reinterpret_cast<blocker *>(self)->receiver, &item);
  return POLL_READY;
}
void BlockerDrop(struct future *) {}

}  // namespace

TEST_F(BlockingStep, NotInsideATask) {
  static const struct future_ops kOps = {BlockerPoll, BlockerDrop};
  ASSERT_NO_FATAL_FAILURE(Make(1));
  ASSERT_EQ(0, TrySend(1));
  struct blocker blocker = {{{&kOps}, 0}, &receiver_};
  EXPECT_TRUE(gate::Panics([&] { block_on(&blocker.base); }, "panic at"))
      << "T2: always, and not only when there is nothing to receive";
  inside_begin("a task");
  int item = 1;
  bool panics = gate::Panics(
      [&] {
        EXPECT_EQ(1, TryReceive());
        channel_send_blocking(&sender_, &item);
      },
      "panic at");
  inside_end();
  EXPECT_TRUE(panics) << "T2: a send, too, and not only when there is no place";
  End();
}

// Many threads, little room: each sender's items stay in order, and all come.
TEST_F(BlockingStep, FourThreads) {
  constexpr int kThreads = 4, kItems = 500;
  ASSERT_NO_FATAL_FAILURE(Make(3));
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; i++) {
    struct channel_sender own = channel_sender_clone(&sender_);
    threads.emplace_back([i, own, &failures]() mutable {
      for (int j = 0; j < kItems; j++) {
        int item = i * kItems + j;
        if (channel_send_blocking(&own, &item) != 0) failures++;
      }
      channel_sender_drop(&own);
    });
  }
  channel_sender_drop(&sender_);
  int next[kThreads] = {}, out_of_order = 0, count = 0, item = 0;
  gate::Note("four threads that send to one");
  while (channel_receive_blocking(&receiver_, &item) == 0) {
    int who = item / kItems;
    if (who < 0 || who >= kThreads || item % kItems != next[who]++)
      out_of_order++;
    count++;
  }
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(0, failures);
  EXPECT_EQ(0, out_of_order) << "C1: every item once, in order";
  EXPECT_EQ(kThreads * kItems, count) << "C1, C7: all of them, once";
  End();
}
