// chat_test.cc - steps 1.6 to 1.9: lines, a chat, a slow reader, the bill.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "chapters/01_blocking_server/chat.h"
#include "chapters/01_blocking_server/line.h"
#include "chapters/01_blocking_server/thread_cost.h"
#include "tests/support/client.h"
#include "tests/01_blocking_server/server_fixture.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"
#include "tests/support/sockets.h"

// ---------------------------------------------------------------- step 1.6

class LineStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    line_buffer_init(&buffer_);
  }
  // Hands over `text`, at most `piece` bytes at a time, and collects lines.
  void Arrive(const std::string &text, size_t piece) {
    for (size_t at = 0; at < text.size();) {
      size_t room;
      char *space = line_buffer_space(&buffer_, &room);
      ASSERT_NE(0u, room) << "I2: the buffer is full and has no line in it: "
                             "that is -EMSGSIZE, before there is no room";
      size_t size = std::min({room, piece, text.size() - at});
      memcpy(space, text.data() + at, size);
      line_buffer_fill(&buffer_, size);
      at += size;
      for (char *line; (result_ = line_buffer_next(&buffer_, &line)) > 0;)
        lines_.push_back(line);
      if (result_ < 0) return;
    }
  }
  using Lines = std::vector<std::string>;
  struct line_buffer buffer_;
  Lines lines_;
  int result_ = 0;
};

TEST_F(LineStep, ALineEndsWithANewline) {
  Arrive("one\n", 100);
  EXPECT_EQ(Lines{"one"}, lines_) << "I1: the newline is not part of it";
  EXPECT_EQ(0, result_) << "I1: no other line is complete";
}

TEST_F(LineStep, ManyAtOnce) {
  Arrive("one\ntwo\r\n\nfour\nfi", 100);
  EXPECT_EQ((Lines{"one", "two", "", "four"}), lines_)
      << "I1: four lines that came at once, and a part of the fifth";
  Arrive("ve\n", 100);
  EXPECT_EQ("five", lines_.back()) << "I1: the rest of a line comes later";
}

TEST_F(LineStep, AByteAtATime) {
  Arrive("one\r\ntwo\n", 1);
  EXPECT_EQ((Lines{"one", "two"}), lines_) << "I1: however the bytes arrive";
}

TEST_F(LineStep, TheLongestLineAndOneLonger) {
  for (size_t piece : {1, 7, 1000}) {
    line_buffer_init(&buffer_);
    lines_.clear();
    Arrive(std::string(LINE_LIMIT, 'x') + "\r\n", piece);
    ASSERT_EQ(0, result_) << "I2: LINE_LIMIT bytes are allowed";
    EXPECT_EQ(Lines{std::string(LINE_LIMIT, 'x')}, lines_)
        << "I2: LINE_LIMIT bytes are allowed";
    Arrive(std::string(LINE_LIMIT + 1, 'x') + "\n", piece);
    EXPECT_EQ(-EMSGSIZE, result_) << "I2: one more is too long";
  }
}

TEST_F(LineStep, ALineWithoutEndIsRefused) {
  Arrive(std::string(100000, 'x'), 64);
  EXPECT_EQ(-EMSGSIZE, result_) << "I2: without waiting for its end";
}

TEST_F(LineStep, OneReturnAtTheEndIsNoPartOfALine) {
  Arrive("a\r\r\nb\rc\n\r\n", 100);
  EXPECT_EQ((Lines{"a\r", "b\rc", ""}), lines_)
      << "I1: of several \\r only the one before \\n ends the line";
}

TEST_F(LineStep, ReturnsWithoutEndAreRefused) {
  Arrive(std::string(LINE_LIMIT + 1, '\r'), 1);
  ASSERT_EQ(0, result_) << "I2: LINE_LIMIT bytes, and a \\r whose \\n may come";
  Arrive("\r", 1);
  EXPECT_EQ(-EMSGSIZE, result_)
      << "I2: only the last \\r can be part of the line's end";
}

TEST_F(LineStep, AZeroByteIsRefused) {
  for (const std::string &text :
       {std::string("a\0b\n", 4), std::string("a\0\n", 3),
        std::string("\0", 1)}) {
    line_buffer_init(&buffer_);
    Arrive(text, 100);
    EXPECT_EQ(-EBADMSG, result_)
        << "I3: a zero byte is refused, before its line's end has come, too: "
        << testing::PrintToString(text);
  }
}

// Lines of all lengths near the limit, with every sort of end, and of errors.
static std::string RandomText(unsigned *seed) {
  std::string text;
  for (int part = 0; part < 4; part++) {
    size_t length = size_t(LINE_LIMIT) - 2 + size_t(rand_r(seed)) % 6;
    if (rand_r(seed) % 2 == 0) length = size_t(rand_r(seed)) % 4;
    text += std::string(length, 'x');
    for (int ends = rand_r(seed) % 4; ends > 0; ends--)
      text += "\r\n\0x"[rand_r(seed) % 4];
  }
  return text;
}

TEST_F(LineStep, OneErrorForTheSameBytes) {
  unsigned seed = 1;
  for (int round = 0; round < 500; round++) {
    std::string text = RandomText(&seed);
    Lines lines;
    int result = 0;
    for (size_t piece : {1, 2, 3, 511, 512, 513, 1000}) {
      line_buffer_init(&buffer_);
      lines_.clear();
      Arrive(text, piece);
      if (piece == 1) lines = lines_, result = result_;
      ASSERT_TRUE(lines == lines_) << "I4: in pieces of " << piece;
      ASSERT_EQ(strerror(-result), std::string(strerror(-result_)))
          << "I4: the error of bytes that come one by one, and of the same "
             "bytes in pieces of "
          << piece << ": of a line that is too long, and has a zero byte "
          << "behind that, the first is true";
    }
  }
}

TEST_F(LineStep, LinesBeforeAZeroByteAreGiven) {
  Arrive(std::string("a\nb\0\n", 5), 100);
  EXPECT_EQ(Lines{"a"}, lines_) << "I3: the line before is a line";
  EXPECT_EQ(-EBADMSG, result_) << "I3: the one with the zero byte is none";
}

TEST_F(LineStep, AThousandLinesThroughOneBuffer) {
  std::string text;
  for (int i = 0; i < 1000; i++) text += std::to_string(i) + "\n";
  Arrive(text, 333);
  ASSERT_EQ(1000u, lines_.size()) << "I1: none lost, none doubled";
  EXPECT_EQ("999", lines_.back());
}

// ---------------------------------------------------------------- step 1.7

class ChatStep : public ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    group_table_init(&table_);
  }
  void End() override { group_table_end(&table_); }
  struct group_table table_;
};

TEST_F(ChatStep, ACommandIsUnderstood) {
  char line[] = "post cats  they  sleep ";
  struct chat_command command;
  const char *why;
  ASSERT_EQ(0, chat_parse(line, &command, &why)) << "H2: nothing is wrong";
  EXPECT_EQ(CHAT_POST, command.verb) << "the first word";
  EXPECT_STREQ("cats", command.group) << "the second word";
  EXPECT_STREQ(" they  sleep ", command.text)
      << "all that follows the one space after the group";
}

TEST_F(ChatStep, NonsenseIsNot) {
  for (auto [nonsense, wanted] :
       {std::pair("hello", "unknown command"),
        {" ", "unknown command"},
        {"", "unknown command"},
        {"JOIN cats", "unknown command"},
        {"join", "no group"},
        {"leave ", "no group"},
        {"post", "no group"},
        {"post cats", "nothing to post"},
        {"post cats  ", "nothing to post"},
        {"join cats dogs", "too many words"},
        {"leave cats  x", "too many words"},
        {"post cats \x1b[2J", "control character"},
        {"post cats me\rbob hi", "control character"},
        {"post cats a\bb", "control character"},
        {"post cats \x7f", "control character"},
        {"post cats \x9b 2J", "control character"},
        {"post cats \xc2\x9b 2J", "control character"},
        {"join c\x1b"
         "ats",
         "control character"},
        {"hell\x07", "control character"}}) {
    std::string line = nonsense;
    struct chat_command command;
    const char *why = nullptr;
    EXPECT_EQ(-EBADMSG, chat_parse(&line[0], &command, &why))
        << "H2: the line '" << nonsense << "' cannot be obeyed";
    EXPECT_STREQ(wanted, why) << "H2: the answer to '" << nonsense << "'";
  }
}

TEST_F(ChatStep, LettersAreNoControlCharacters) {
  // Their bytes 0x9b, 0x98 and 0x80 alone would be control characters.
  for (const char *text : {"\xc3\x9b", "\xf0\x9f\x98\x80", "\t", "\xfc"}) {
    std::string line = std::string("post cats ") + text;
    struct chat_command command;
    const char *why = "none";
    EXPECT_EQ(0, chat_parse(&line[0], &command, &why))
        << "X2, X3: text in UTF-8 passes, and a tab: "
        << testing::PrintToString(text) << ", not: " << why;
  }
}

TEST_F(ChatStep, AnOutboxTakesAllOrNothing) {
  auto outbox = std::make_unique<struct outbox>();
  static char taken[OUTBOX_LIMIT];
  outbox_init(outbox.get());
  std::string half(OUTBOX_LIMIT / 2, 'x'), rest(OUTBOX_LIMIT / 2 + 1, 'y');
  EXPECT_EQ(0, outbox_push(outbox.get(), half.data(), half.size()))
      << "O1: there is room";
  EXPECT_EQ(-EAGAIN, outbox_push(outbox.get(), rest.data(), rest.size()))
      << "O1: what does not fit is not taken, and nobody waits";
  EXPECT_EQ(0, outbox_push(outbox.get(), half.data(), half.size()))
      << "O1: this one fits, to the last byte";
  ASSERT_EQ(size_t(OUTBOX_LIMIT), outbox_take(outbox.get(), taken))
      << "O2: all that is there";
  EXPECT_EQ('x', taken[OUTBOX_LIMIT - 1]) << "O1: no part of the other text";
  EXPECT_EQ(0, outbox_push(outbox.get(), "bye", 3)) << "O1: there is room";
  outbox_close(outbox.get());
  EXPECT_EQ(-EPIPE, outbox_push(outbox.get(), "late", 4))
      << "O3: after outbox_close() nothing is taken in";
  EXPECT_EQ(3u, outbox_take(outbox.get(), taken))
      << "O3: what is inside can still be taken";
  EXPECT_EQ(0u, outbox_take(outbox.get(), taken)) << "O2: closed and empty";
  outbox_end(outbox.get());
}

TEST_F(ChatStep, TakingWaits) {
  auto outbox = std::make_unique<struct outbox>();
  outbox_init(outbox.get());
  size_t taken = 0;
  std::atomic<bool> returned = false;
  int waits = gate::ConditionWaits();
  std::thread taker([&] {
    static char bytes[OUTBOX_LIMIT];
    taken = outbox_take(outbox.get(), bytes);
    returned = true;
  });
  gate::Eventually("outbox_take() waits on its condition variable",
                   [&] { return returned || gate::ConditionWaits() > waits; });
  // A wake that means nothing, as pthread_cond_wait() may have at any time.
  pthread_mutex_lock(&outbox->lock);
  pthread_cond_broadcast(&outbox->changed);
  pthread_mutex_unlock(&outbox->lock);
  gate::Eventually("outbox_take() looks again, and waits again", [&] {
    return returned || gate::ConditionWaits() > waits + 1;
  });
  EXPECT_FALSE(returned) << "O2: it was woken and found nothing: it waits on, "
                            "because the wait is in a loop";
  EXPECT_EQ(0, outbox_push(outbox.get(), "hello", 5));
  gate::Note("a taker that waits for what was pushed");
  taker.join();
  EXPECT_EQ(5u, taken) << "O2: it waits until there is something";
  outbox_end(outbox.get());
}

TEST_F(ChatStep, MembersGetWhatIsPosted) {
  Start(chat_serve, &table_);
  Client ann(port()), bob(port()), eve(port());
  for (Client *client : {&ann, &bob}) {
    ASSERT_TRUE(client->Send("join cats\n"));
    ASSERT_EQ("ok", client->Line());
  }
  ASSERT_TRUE(eve.Send("join dogs\r\n"));
  ASSERT_EQ("ok", eve.Line());
  ASSERT_TRUE(ann.Send("post cats they sleep\n"));
  EXPECT_EQ("cats they sleep", bob.Line()) << "H1: every member gets it";
  EXPECT_EQ("cats they sleep", ann.Line()) << "who posts is a member, too";
  EXPECT_EQ("ok", ann.Line());
  ASSERT_TRUE(eve.Send("post dogs they bark\n"));
  EXPECT_EQ("dogs they bark", eve.Line()) << "and nothing of other groups";
}

TEST_F(ChatStep, EveryLineIsAnswered) {
  Start(chat_serve, &table_);
  Client client(port());
  ASSERT_TRUE(
      client.Send("hello\njoin\npost cats hi\nleave cats\n"
                  "join cats\njoin cats\nleave cats\npost cats\n"));
  for (const char *answer :
       {"error unknown command", "error no group", "error not joined",
        "error not joined", "ok", "error already joined", "ok",
        "error nothing to post"})
    EXPECT_EQ(answer, client.Line())
        << "H2: every line is answered, in the words of chat.h";
}

TEST_F(ChatStep, SoManyGroupsAndNoMore) {
  Start(chat_serve, &table_);
  Client client(port());
  for (int i = 0; i <= GROUPS_A_CLIENT; i++) {
    ASSERT_TRUE(client.Send("join group" + std::to_string(i) + "\n"));
    EXPECT_EQ(i < GROUPS_A_CLIENT ? "ok" : "error too many groups",
              client.Line())
        << "G5: what a client can make is bounded";
  }
  ASSERT_TRUE(client.Send("leave group7\njoin other\n"));
  EXPECT_EQ("ok", client.Line());
  EXPECT_EQ("ok", client.Line()) << "G5: it has left one";
}

TEST_F(ChatStep, AnOverlongLineEndsTheConnection) {
  Start(chat_serve, &table_);
  Client client(port());
  ASSERT_TRUE(client.Send("join cats\n"));
  ASSERT_EQ("ok", client.Line());
  ASSERT_TRUE(client.Send(std::string(LINE_LIMIT + 3, 'x')));
  EXPECT_EQ("(end)", client.Line()) << "H2: disconnected";
  EXPECT_TRUE(gate::Eventually("it is logged",
                               [&] { return Failures(-EMSGSIZE) == 1; }));
}

TEST_F(ChatStep, OneThatLeavesWithoutAWordIsForgotten) {
  Start(chat_serve, &table_);
  Client ann(port());
  ASSERT_TRUE(ann.Send("join cats\n"));
  ASSERT_EQ("ok", ann.Line());
  {
    Client bob(port());
    ASSERT_TRUE(bob.Send("join cats\n"));
    ASSERT_EQ("ok", bob.Line());
    bob.Reset();
  }
  ASSERT_TRUE(ann.Send("post cats anybody\n"));
  EXPECT_EQ("cats anybody", ann.Line());
  EXPECT_EQ("ok", ann.Line()) << "G4: nobody holds a pointer to it";
}

TEST_F(ChatStep, AllSeeTheSameOrder) {
  Start(chat_serve, &table_);
  const int kClients = 4, kPosts = 50;
  std::vector<Client> clients;
  for (int i = 0; i < kClients; i++) {
    clients.emplace_back(port());
    ASSERT_TRUE(clients.back().Send("join cats\n"));
    ASSERT_EQ("ok", clients.back().Line());
  }
  std::vector<std::vector<std::string>> seen(kClients);
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; i++)
    threads.emplace_back([&, i] {
      for (int n = 0; n < kPosts; n++)
        clients[size_t(i)].Send("post cats " + std::to_string(i) + "." +
                                std::to_string(n) + "\n");
      while (seen[size_t(i)].size() < size_t(kClients * kPosts)) {
        std::string line = clients[size_t(i)].Line();
        if (line == "(end)") break;
        if (line != "ok") seen[size_t(i)].push_back(line);
      }
    });
  for (std::thread &thread : threads) thread.join();
  for (int i = 0; i < kClients; i++) {
    EXPECT_EQ(size_t(kClients * kPosts), seen[size_t(i)].size())
        << "H1: none lost";
    EXPECT_TRUE(seen[0] == seen[size_t(i)]) << "G2: the same order for all";
  }
}

TEST_F(ChatStep, NothingAcknowledgedIsLostByAStop) {
  Start(chat_serve, &table_, 5000);
  Client ann(port()), bob(port());
  for (Client *client : {&ann, &bob}) {
    ASSERT_TRUE(client->Send("join cats\n"));
    ASSERT_EQ("ok", client->Line());
  }
  for (int i = 0; i < 20; i++) {
    ASSERT_TRUE(ann.Send("post cats " + std::to_string(i) + "\n"));
    ASSERT_EQ("cats " + std::to_string(i), ann.Line());
    ASSERT_EQ("ok", ann.Line());
  }
  StopNow();
  for (int i = 0; i < 20; i++)
    ASSERT_EQ("cats " + std::to_string(i), bob.Line())
        << "H1: `ok` was said, so it arrives";
  EXPECT_EQ("(end)", bob.Line());
}

// ---------------------------------------------------------------- step 1.8

// Two members without connections: what is in their outboxes stays there until
// the test takes it.
class SlowReaderStep : public ChatStep {
 protected:
  void SetUp() override {
    ChatStep::SetUp();
    for (auto *member : {&fast_, &slow_}) {
      *member = std::make_unique<struct client>();
      client_init(member->get(), &table_, nullptr);
      ASSERT_EQ(0, group_join(&table_, "cats", member->get()));
    }
  }
  void TearDown() override {
    if (poster_.joinable()) poster_.join();
    for (auto *member : {&fast_, &slow_}) {
      group_leave_all(&table_, member->get());
      client_end(member->get());
    }
    ChatStep::TearDown();
  }
  // In a thread of its own, until it is done or waits for a condition.
  template <typename F>
  void Begin(F post) {
    int waits = gate::ConditionWaits();
    returned_ = false;
    poster_ = std::thread([this, post] {
      post();
      returned_ = true;
    });
    gate::Eventually("it is posted, or waits for room", [&] {
      return returned_ || gate::ConditionWaits() > waits;
    });
  }
  void BeginPost(const std::string &text) {
    Begin([this, text] {
      group_post(&table_, "cats", fast_.get(), text.data(), text.size());
    });
  }
  void FillOutbox(struct client *client) {
    std::string text(OUTBOX_LIMIT, 'x');
    ASSERT_EQ(0, outbox_push(&client->outbox, text.data(), text.size()));
  }
  // Closed first, so that nobody waits for what is not there.
  std::string Take(struct client *client) {
    static char bytes[OUTBOX_LIMIT];
    struct outbox *outbox = &client->outbox;
    pthread_mutex_lock(&outbox->lock);
    bool is_empty = outbox->length == 0;
    pthread_mutex_unlock(&outbox->lock);
    return is_empty ? "" : std::string(bytes, outbox_take(outbox, bytes));
  }
  bool LockIsFree() {
    return gate::Eventually("the table's lock is free", [&] {
      if (pthread_mutex_trylock(&table_.lock) != 0) return false;
      pthread_mutex_unlock(&table_.lock);
      return true;
    });
  }

  std::unique_ptr<struct client> fast_, slow_;
  std::thread poster_;
  std::atomic<bool> returned_{false};
};

TEST_F(SlowReaderStep, AFullOutboxIsWaitedForWithoutTheLock) {
  FillOutbox(slow_.get());
  BeginPost("news");
  EXPECT_FALSE(returned_) << "G2: there is no room for the text, so "
                             "group_post() waits: nothing is lost";
  EXPECT_TRUE(LockIsFree())
      << "G2: it waits without the lock: pthread_cond_wait() on the group's "
         "`room`. Whoever posts, joins or leaves elsewhere needs the lock";
  if (!LockIsFree()) return;
  EXPECT_EQ("", Take(fast_.get()))
      << "G2: no member has it yet, or another post could come in between, "
         "and their order would not be the same for all";
  EXPECT_EQ(size_t(OUTBOX_LIMIT), Take(slow_.get()).size());
  client_tell_of_room(slow_.get());
  gate::Note("a post that waits for room, and there is room");
  poster_.join();
  EXPECT_EQ("news", Take(slow_.get())) << "G3: a burst disconnects nobody";
  EXPECT_EQ("news", Take(fast_.get())) << "G2: every member gets it";
}

TEST_F(SlowReaderStep, AWakeIsNoRoom) {
  FillOutbox(slow_.get());
  BeginPost("news");
  int waits = gate::ConditionWaits();
  client_tell_of_room(fast_.get());  // of some other outbox
  gate::Eventually("it has looked again",
                   [&] { return returned_ || gate::ConditionWaits() > waits; });
  EXPECT_FALSE(returned_) << "G2: it was woken and finds no room: it waits on, "
                             "because the wait is in a loop";
  Take(slow_.get());
  client_tell_of_room(slow_.get());
  poster_.join();
  EXPECT_EQ("news", Take(slow_.get())) << "G2";
}

TEST_F(SlowReaderStep, AnAnswerWaitsForRoom) {
  FillOutbox(slow_.get());
  Begin([this] { client_deliver(slow_.get(), "ok\n", 3); });
  EXPECT_FALSE(returned_) << "H3: a client's own answers have filled its "
                             "outbox: its reader waits, and nothing is lost";
  Take(slow_.get());
  client_tell_of_room(slow_.get());
  gate::Note("an answer that waits for room, and there is room");
  poster_.join();
  EXPECT_EQ("ok\n", Take(slow_.get())) << "H3: then the answer is sent";
}

TEST_F(SlowReaderStep, AClosedOutboxEndsTheWait) {
  FillOutbox(slow_.get());
  BeginPost("news");
  outbox_close(&slow_->outbox);
  client_tell_of_room(slow_.get());
  gate::Note("a post that waits for room, and the member is gone");
  poster_.join();
  EXPECT_EQ("news", Take(fast_.get()))
      << "G3: the others get it; nobody waits for one that is gone";
  EXPECT_EQ(size_t(OUTBOX_LIMIT), Take(slow_.get()).size())
      << "O3: what was in its outbox is not thrown away";
}

TEST_F(SlowReaderStep, IsDisconnected) {
  Start(chat_serve, &table_);
  Client slow(port(), 4096), fast(port());
  for (Client *client : {&slow, &fast}) {
    ASSERT_TRUE(client->Send("join dogs\n"));
    ASSERT_EQ("ok", client->Line());
  }
  gate::Note("posting to a member that does not read");
  std::string text(400, 'x');
  while (Failures(-EAGAIN) == 0 && !gate::TodoReached()) {
    ASSERT_TRUE(fast.Send("post dogs " + text + "\n"));
    ASSERT_EQ("dogs " + text, fast.Line())
        << "H3: a client that does not read stops nobody for long";
    ASSERT_EQ("ok", fast.Line());
  }
  EXPECT_EQ(1, Failures(-EAGAIN))
      << "H3: a member that has taken nothing for send_timeout is disconnected";
  ASSERT_TRUE(fast.Send("post dogs still here\n"));
  EXPECT_EQ("dogs still here", fast.Line()) << "H3";
}

TEST_F(SlowReaderStep, ABurstDisconnectsNobody) {
  Start(chat_serve, &table_, 20000);
  Client bob(port()), ann(port());
  for (Client *client : {&bob, &ann}) {
    ASSERT_TRUE(client->Send("join dogs\n"));
    ASSERT_EQ("ok", client->Line());
  }
  std::string burst, text(400, 'x');
  for (int i = 0; i < 200; i++) burst += "post dogs " + text + "\n";
  std::thread poster([&] { ann.Send(burst); });
  int got = 0, answers = 0;
  std::thread reader([&] {
    for (; answers < 400 && ann.Line() != "(end)"; answers++) continue;
  });
  for (; got < 200 && bob.Line() == "dogs " + text; got++) continue;
  poster.join();
  reader.join();
  EXPECT_EQ(200, got) << "H3: 80 kB at once, and who reads gets all of it";
  EXPECT_EQ(400, answers) << "H3: and so does who has sent it";
}

// ---------------------------------------------------------------- step 1.9

class CostStep : public gate::Step {};

TEST_F(CostStep, IsMeasured) {
  struct thread_cost cost;
  ASSERT_EQ(0, thread_cost_measure(64, &cost));
  EXPECT_EQ(64u, cost.count);
  EXPECT_LT(100000, cost.reserved) << "address space for a stack";
  EXPECT_LT(0, cost.create_time);
  EXPECT_LT(0, cost.switch_time);
}

TEST_F(CostStep, WithoutMemoryItSaysSo) {
  struct thread_cost cost;
  gate::Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, thread_cost_measure(64, &cost));
}
