// channel_test.cc - every run of two or three threads that send, receive,
// close and leave.
#include <cerrno>

#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/08_channel/channel.h"
#include "chapters/08_channel/oneshot.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"
}

namespace {

using explore::Check;
using explore::PollToEnd;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct oneshot_sender sender;
struct oneshot_receiver receiver;
struct channel_sender inlet;
struct channel_receiver outlet;
explore::Var<int> news;
explore::TestWaker receiving, sending;
explore::Counter dropped;
int received, result;

const struct item_type kNumber = {sizeof(int), nullptr};
const struct item_type kCounted = {
    sizeof(int), [](void *item) {
      explore::PlainRead(item, sizeof(int), __builtin_return_address(0));
      dropped.Add();
    }};

void MakeOneshot(const struct item_type *type) {
  Check(oneshot_create(&sender, &receiver, type, &received) == 0, "memory");
  receiving.Reset("the receiver's wake");
  sending.Reset("the sender's wake");
  news.Init(0, "news");
  dropped.Reset();
  received = 0;
}

void MakeChannel(size_t capacity) {
  Check(channel_create(&inlet, &outlet, &kCounted, capacity) == 0, "memory");
  receiving.Reset("the receiver's wake");
  sending.Reset("the sender's wake");
  news.Init(0, "news");
  dropped.Reset();
}

void CheckWakers() {
  receiving.CheckAllGivenBack();
  sending.CheckAllGivenBack();
}

// The next item, or a negative errno.
int Receive() {
  static struct channel_receive receive;
  static int item;
  channel_receive_init(&receive, &outlet, &item);
  PollToEnd(&receive.base.base, &receiving);
  int ended = receive.base.result;
  future_drop(&receive.base.base);
  return ended == 0 ? item : ended;
}

int Send(struct channel_sender *from, int item) {
  static struct channel_send send;
  channel_send_init(&send, from, &item);
  PollToEnd(&send.base.base, &sending);
  int ended = send.base.result;
  future_drop(&send.base.base);
  return ended;
}

}  // namespace

// ---------------------------------------------------------------- step 8.1

using OneshotRuns = ::testing::Test;

TEST_F(OneshotRuns, AValueArrivesInEveryOrder) {
  Scenario scenario;
  scenario.setup = [] { MakeOneshot(&kNumber); };
  scenario.Thread("sends", [] {
    static const int seven = 7;
    news.Set(1);
    Check(oneshot_send(&sender, &seven) == 0, "O1: it is sent");
  });
  scenario.Thread("receives", [] {
    PollToEnd(&receiver.base.base, &receiving);
    Check(receiver.base.result == 0 && received == 7, "O1: the value");
    Check(news.Get() == 1, "O1: and what came before");
  });
  scenario.finish = [] {
    future_drop(&receiver.base.base);
    CheckWakers();
  };
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 8.2

using GoneRuns = ::testing::Test;

TEST_F(GoneRuns, TheSenderLeavesInEveryOrder) {
  Scenario scenario;
  scenario.setup = [] { MakeOneshot(&kNumber); };
  scenario.Thread("leaves", [] {
    news.Set(1);
    oneshot_sender_drop(&sender);
  });
  scenario.Thread("receives", [] {
    PollToEnd(&receiver.base.base, &receiving);
    Check(receiver.base.result == -EPIPE, "O2: none will come");
    Check(news.Get() == 1, "O2: and what came before the end is seen");
    future_drop(&receiver.base.base);
  });
  scenario.finish = CheckWakers;
  EXPECT_HOLDS(scenario);
}

TEST_F(GoneRuns, AValueIsSentAndNobodyTakesIt) {
  Scenario scenario;
  scenario.setup = [] { MakeOneshot(&kCounted); };
  scenario.Thread("sends", [] {
    static const int seven = 7;
    result = oneshot_send(&sender, &seven);
  });
  scenario.Thread("leaves", [] { future_drop(&receiver.base.base); });
  scenario.finish = [] {
    Check(dropped.value() == (result == 0 ? 1 : 0),
          "a value that was sent is dropped, one that was not is the sender's");
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(GoneRuns, AValueIsSentWhileTheReceiverCloses) {
  Scenario scenario;
  scenario.setup = [] { MakeOneshot(&kNumber); };
  scenario.Thread("sends", [] {
    static const int seven = 7;
    result = oneshot_send(&sender, &seven);
  });
  scenario.Thread("closes", [] {
    oneshot_close(&receiver);
    PollToEnd(&receiver.base.base, &receiving);
  });
  scenario.finish = [] {
    Check(receiver.base.result == result, "both sides know the same");
    Check(received == (result == 0 ? 7 : 0), "it has moved, or it has not");
    future_drop(&receiver.base.base);
    CheckWakers();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(GoneRuns, TheSenderWaitsForTheEnd) {
  Scenario scenario;
  scenario.setup = [] { MakeOneshot(&kNumber); };
  scenario.Thread("waits", [] {
    static struct oneshot_closed closed;
    oneshot_closed_init(&closed, &sender);
    PollToEnd(&closed.base.base, &sending);
    Check(news.Get() == 1, "what came before the close is seen");
    future_drop(&closed.base.base);
    oneshot_sender_drop(&sender);
  });
  scenario.Thread("leaves", [] {
    news.Set(1);
    future_drop(&receiver.base.base);
  });
  scenario.finish = CheckWakers;
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 8.5

using ReceiveRuns = ::testing::Test;

TEST_F(ReceiveRuns, TwoItemsAndTheEnd) {
  Scenario scenario;
  scenario.setup = [] { MakeChannel(2); };
  scenario.Thread("sends", [] {
    for (int i = 1; i <= 2; i++)
      Check(channel_try_send(&inlet, &i) == 0, "C1: there is a place");
    channel_sender_drop(&inlet);
  });
  scenario.Thread("receives", [] {
    Check(Receive() == 1, "C1: the first");
    Check(Receive() == 2, "C1: the second");
    Check(Receive() == -EPIPE, "C7: and no more");
    channel_receiver_drop(&outlet);
  });
  scenario.finish = CheckWakers;
  // There are very many executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}

// ---------------------------------------------------------------- step 8.7

using SendRuns = ::testing::Test;

TEST_F(SendRuns, TwoItemsThroughOnePlace) {
  Scenario scenario;
  scenario.setup = [] { MakeChannel(1); };
  scenario.Thread("sends", [] {
    for (int i = 1; i <= 2; i++)
      Check(Send(&inlet, i) == 0, "C2: it waits for a place");
    channel_sender_drop(&inlet);
  });
  scenario.Thread("receives", [] {
    Check(Receive() == 1, "C1: the first");
    Check(Receive() == 2, "C1: the second");
    Check(Receive() == -EPIPE, "C7: and no more");
    channel_receiver_drop(&outlet);
  });
  scenario.finish = CheckWakers;
  // There are very many executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}

// ---------------------------------------------------------------- step 8.8

using CloseRuns = ::testing::Test;

TEST_F(CloseRuns, AnItemIsSentWhileTheReceiverLeaves) {
  Scenario scenario;
  scenario.setup = [] { MakeChannel(1); };
  scenario.Thread("sends", [] {
    result = (Send(&inlet, 1) == 0) + (Send(&inlet, 2) == 0);
    channel_sender_drop(&inlet);
  });
  scenario.Thread("leaves", [] { channel_receiver_drop(&outlet); });
  scenario.finish = [] {
    Check(dropped.value() == result, "C8: what was sent is dropped, once");
    CheckWakers();
  };
  EXPECT_HOLDS(scenario);
}
