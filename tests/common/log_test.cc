// log_test.cc - readers that do not read, and readers that are gone.
//
// A write that waits would hang the test: the alarm is for that.
#include "chapters/common/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

// All that is there now; nothing waits.
std::string Drain(int descriptor) {
  std::string all;
  char bytes[65536];
  struct pollfd readable = {descriptor, POLLIN, 0};
  while (poll(&readable, 1, 0) == 1 && (readable.revents & POLLIN) != 0) {
    ssize_t n = read(descriptor, bytes, sizeof bytes);
    if (n <= 0) break;
    all.append(bytes, size_t(n));
  }
  return all;
}

std::vector<std::string> Lines(const std::string &text) {
  std::vector<std::string> lines(1);
  for (char c : text)
    if (c == '\n')
      lines.emplace_back();
    else if (c != '\r')
      lines.back() += c;
  EXPECT_EQ("", lines.back()) << "K2: every line is whole";
  lines.pop_back();
  return lines;
}

// Two ends; what is written to [1] is read from [0].
struct Ends {
  int of[2] = {-1, -1};
  ~Ends() {
    CloseReader();
    if (of[1] >= 0) close(of[1]);
  }
  void CloseReader() {
    if (of[0] >= 0) close(of[0]);
    of[0] = -1;
  }
};

void OpenPipe(Ends *ends) { ASSERT_EQ(0, pipe(ends->of)); }

void OpenSocket(Ends *ends) {
  ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends->of));
}

void OpenTerminal(Ends *ends) {
  ends->of[0] = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_LE(0, ends->of[0]);
  ASSERT_EQ(0, grantpt(ends->of[0]));
  ASSERT_EQ(0, unlockpt(ends->of[0]));
  char name[100];
  ASSERT_EQ(0, ptsname_r(ends->of[0], name, sizeof name));
  ends->of[1] = open(name, O_RDWR | O_NOCTTY);
  ASSERT_LE(0, ends->of[1]);
}

class LogTest : public testing::TestWithParam<void (*)(Ends *)> {
 protected:
  void SetUp() override {
    alarm(60);
    GetParam()(&ends_);
    flags_ = fcntl(ends_.of[1], F_GETFL);
    log_start(&log_, ends_.of[1]);
  }
  void TearDown() override {
    EXPECT_EQ(flags_, fcntl(ends_.of[1], F_GETFL))
        << "K5: the descriptor stays as it was";
    log_end(&log_);
    alarm(0);
  }
  bool IsTerminal() const { return isatty(ends_.of[1]) == 1; }
  // Far more than fits, of which `written` lines did.
  void Fill() {
    for (int i = 0; i < 5000; i++)
      log_line(&log_, "line %04d of many that nobody reads", i);
  }
  Ends ends_;
  struct log log_;
  int flags_;
};

INSTANTIATE_TEST_SUITE_P(, LogTest,
                         testing::Values(OpenPipe, OpenSocket, OpenTerminal),
                         [](const auto &info) {
                           return info.index == 0   ? "Pipe"
                                  : info.index == 1 ? "Socket"
                                                    : "Terminal";
                         });

TEST_P(LogTest, ALineIsALine) {
  log_line(&log_, "a connection ended: %s", "no reason");
  EXPECT_EQ(std::vector<std::string>{"a connection ended: no reason"},
            Lines(Drain(ends_.of[0])));
}

TEST_P(LogTest, NobodyReads) {
  Fill();  // K1: it comes back
  std::string text = Drain(ends_.of[0]);
  bool is_cut = text.back() != '\n';  // a terminal takes what has room
  std::vector<std::string> before = Lines(is_cut ? text + "\n" : text);
  if (is_cut) before.pop_back();
  ASSERT_LT(10u, before.size());
  log_line(&log_, "read again");
  std::vector<std::string> after = Lines(Drain(ends_.of[0]));
  EXPECT_EQ(is_cut, after[0].empty()) << "a line that was cut ends there";
  ASSERT_LE(2u, after.size()) << "K3: the count, and the line";
  EXPECT_EQ("read again", after.back()) << "K3: with room it goes on";
  unsigned long lost = 0;
  EXPECT_EQ(1,
            sscanf(after[after.size() - 2].c_str(), "(lines lost: %lu)", &lost))
      << "K3: " << after[after.size() - 2];
  EXPECT_EQ(5000u, before.size() + lost) << "K3: each is written or counted";
  log_line(&log_, "once");
  EXPECT_EQ(std::vector<std::string>{"once"}, Lines(Drain(ends_.of[0])))
      << "K3: the count is told once";
}

TEST_P(LogTest, TheReaderIsGone) {
  ends_.CloseReader();
  for (int i = 0; i < 3; i++) log_line(&log_, "to nobody");
  EXPECT_EQ(3u, log_.lost) << "K4: lost, and no signal has ended this process";
  sigset_t pending;
  sigpending(&pending);
  EXPECT_FALSE(sigismember(&pending, SIGPIPE)) << "K4: none is left to come";
}

TEST_P(LogTest, TheSignalsOfTheCallerStay) {
  sigset_t pipes, before, after, pending;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipes, &before);
  raise(SIGPIPE);
  ends_.CloseReader();
  log_line(&log_, "to nobody");
  sigpending(&pending);
  EXPECT_TRUE(sigismember(&pending, SIGPIPE))
      << "K4: what was pending before is not taken away";
  struct timespec at_once = {};
  sigtimedwait(&pipes, nullptr, &at_once);
  pthread_sigmask(SIG_SETMASK, &before, &after);
  EXPECT_TRUE(sigismember(&after, SIGPIPE)) << "the mask is as it was";
}

TEST_P(LogTest, LinesOfManyThreadsDoNotMix) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([this, i] {
      for (int n = 0; n < 25; n++)
        log_line(&log_, "%s", std::string(60, char('a' + i)).c_str());
    });
  for (std::thread &thread : threads) thread.join();
  std::vector<std::string> lines = Lines(Drain(ends_.of[0]));
  EXPECT_EQ(100u, lines.size());
  for (const std::string &line : lines)
    EXPECT_EQ(std::string(60, line[0]), line) << "K2: a line is one write";
}

TEST_P(LogTest, ALongLineIsCut) {
  if (IsTerminal()) GTEST_SKIP() << "a terminal keeps lines of its own length";
  log_line(&log_, "%s", std::string(10000, 'x').c_str());
  EXPECT_EQ(std::string(LOG_LIMIT - 1, 'x') + "\n", Drain(ends_.of[0]))
      << "K2: with its newline";
  static_assert(LOG_LIMIT + 64 <= PIPE_BUF, "K2: one write, whole or not");
}

TEST_P(LogTest, APeersWordsAreHarmless) {
  log_line(&log_, "it said \x1b[2J\r\b\x7f\xc2\x9b\x9b\nx, \xc3\xa9\t.");
  std::string line = Drain(ends_.of[0]);
  EXPECT_EQ(IsTerminal() ? "\r\n" : "\n", line.substr(line.find('.') + 1))
      << "K6: one line";
  EXPECT_EQ("it said ?[2J???????x, \xc3\xa9", line.substr(0, 24)) << "K6";
}

TEST_P(LogTest, WithoutADescriptorToBeHad) {
  struct log poor;
  struct rlimit files, none;
  getrlimit(RLIMIT_NOFILE, &files);
  none = {1, files.rlim_max};  // poll(2) asks for as many as it is given
  setrlimit(RLIMIT_NOFILE, &none);
  log_start(&poor, ends_.of[1]);
  log_line(&poor, "asking");
  setrlimit(RLIMIT_NOFILE, &files);
  EXPECT_EQ(LOG_ASKING, poor.way);
  for (int i = 0; i < 5000; i++)
    log_line(&poor, "%s", std::string(900, 'x').c_str());
  EXPECT_LT(0u, poor.lost) << "K1: it came back; what found no room is lost";
  EXPECT_EQ("asking", Lines(Drain(ends_.of[0]) + "\n")[0]);
  log_end(&poor);
}

TEST(Log, AStoppedTerminal) {
  alarm(60);
  Ends ends;
  OpenTerminal(&ends);
  struct log log;
  log_start(&log, ends.of[1]);
  ASSERT_EQ(0, tcflow(ends.of[1], TCOOFF));  // what Ctrl-S does
  log_line(&log, "stopped");                 // K1: it comes back
  log_line(&log, "stopped");
  ASSERT_EQ(0, tcflow(ends.of[1], TCOON));
  log_line(&log, "goes on");
  EXPECT_EQ((std::vector<std::string>{"(lines lost: 2)", "goes on"}),
            Lines(Drain(ends.of[0])))
      << "K3";
  log_end(&log);
  alarm(0);
}

TEST(Log, AFileTakesEverything) {
  char name[] = "/tmp/log_test_XXXXXX";
  int file = mkstemp(name);
  struct log log;
  log_start(&log, file);
  EXPECT_EQ(LOG_PLAIN, log.way);
  EXPECT_EQ(2, write(file, "0\n", 2));
  log_line(&log, "1");
  EXPECT_EQ(2, write(file, "2\n", 2));
  char bytes[100];
  EXPECT_EQ("0\n1\n2\n", std::string(bytes, size_t(pread(file, bytes, 100, 0))))
      << "in order with what others write through the same description";
  log_end(&log);
  close(file);
  unlink(name);
}

TEST(Log, NoDescriptorIsNoFailure) {
  struct log log;
  log_start(&log, -1);
  log_line(&log, "to nobody");
  EXPECT_EQ(1u, log.lost);
  log_end(&log);
}

TEST(Log, ErrnoStays) {
  struct log log;
  log_start(&log, -1);
  errno = EXDEV;
  log_line(&log, "to nobody");
  EXPECT_EQ(EXDEV, errno);
  log_end(&log);
}

// In processes of their own: the disposition of a signal is the process's.
TEST(BrokenPipes, AreSurvived) {
  EXPECT_EXIT(
      {
        int ends[2];
        survive_broken_pipes();
        if (pipe(ends) != 0) exit(1);
        close(ends[0]);
        exit(write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(BrokenPipes, EndAProgramThatIsStarted) {
  survive_broken_pipes();
  int status = system("kill -PIPE $$; exit 0");
  EXPECT_TRUE((WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
              (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE))
      << "a child has SIGPIPE's default, not that of this process: status "
      << status;
  signal(SIGPIPE, SIG_DFL);
}

}  // namespace
