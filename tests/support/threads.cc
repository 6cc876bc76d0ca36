// threads.cc - what the threads of a step are doing, as /proc tells it.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "tests/support/calm.h"
#include "tests/support/probes.h"
#include "tests/support/run.h"

namespace gate {
namespace {

std::string ReadFile(const std::string &path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<int> NumbersIn(const std::string &folder) {
  std::vector<int> numbers;
  DIR *directory = opendir(folder.c_str());
  if (directory == nullptr) return numbers;
  while (struct dirent *entry = readdir(directory))
    if (int number = atoi(entry->d_name)) numbers.push_back(number);
  closedir(directory);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The fields of a stat file after the name, which may hold anything.
std::vector<std::string> StatFields(const std::string &path) {
  std::string text = ReadFile(path);
  std::istringstream rest(
      text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

// What a thread waits in, by its number on the kernel that runs: that of
// x86-64, or the one of arm64 and all newer processors. Under emulation the
// program is for one of them and the kernel the other, so no header tells.
struct SystemCall {
  long on_x86_64, on_others;  // -1: it has none
  const char *name;
  bool is_sleep = false;
};

constexpr SystemCall kRead = {0, 63, "read()"};
constexpr SystemCall kSystemCalls[] = {
    kRead,
    {202, 98, "a futex: a lock, a condition, a join or a park"},
    {45, 207, "recv()"},
    {47, 212, "recvmsg()"},
    {1, 64, "write()"},
    {44, 206, "send()"},
    {43, 202, "accept()"},
    {288, 242, "accept4()"},
    {42, 203, "connect()"},
    {232, -1, "epoll_wait()"},
    {281, 22, "epoll_wait()"},  // as epoll_pwait()
    {7, -1, "poll()"},
    {271, 73, "poll()"},  // as ppoll()
    {23, -1, "select()"},
    {270, 72, "select()"},  // as pselect()
    {35, 101, "a sleep", true},
    {230, 115, "a sleep", true},  // as clock_nanosleep()
    {61, 260, "waitpid()"},
    {34, -1, "pause()"},
};

// The number of the system call that a thread is in; -1: in none, or /proc does
// not say.
long CallNumber(const std::string &task) {
  std::istringstream text(ReadFile(task + "/syscall"));
  long number;
  return text >> number ? number : -1;
}

// Whose numbers the kernel has: a thread that looks at itself is in a read.
enum class Numbers { kUnknown, kX86_64, kOthers };
Numbers FindNumbers() {
  long reads = CallNumber("/proc/thread-self");
  return reads == kRead.on_x86_64   ? Numbers::kX86_64
         : reads == kRead.on_others ? Numbers::kOthers
                                    : Numbers::kUnknown;
}

const SystemCall *FindCall(const std::string &task) {
  static const Numbers numbers = FindNumbers();
  long number = CallNumber(task);
  if (number < 0 || numbers == Numbers::kUnknown) return nullptr;
  for (const SystemCall &call : kSystemCalls)
    if (number ==
        (numbers == Numbers::kX86_64 ? call.on_x86_64 : call.on_others))
      return &call;
  return nullptr;
}

bool IsStopState(const std::string &state) {
  return state == "T" || state == "t";
}

std::string DescribeThread(const std::string &task) {
  std::vector<std::string> fields = StatFields(task + "/stat");
  if (fields.empty()) return "gone";
  if (IsStopState(fields[0])) return "stopped by a signal";
  if (fields[0] == "R") return "running";
  const SystemCall *call = FindCall(task);
  return std::string("asleep in ") +
         (call != nullptr ? call->name : "a system call");
}

}  // namespace

bool IsStopped(int process) {
  auto fields = StatFields("/proc/" + std::to_string(process) + "/stat");
  return !fields.empty() && IsStopState(fields[0]);
}

std::string DescribeThreads(int process) {
  std::string folder = "/proc/" + std::to_string(process) + "/task/", text;
  std::map<std::string, int> counts;
  for (int thread : NumbersIn(folder))
    if (thread == process)
      text = "  the main thread: " +
             DescribeThread(folder + std::to_string(thread)) + "\n";
    else
      counts[DescribeThread(folder + std::to_string(thread))]++;
  for (auto &[what, count] : counts)
    text += "  " + std::to_string(count) + " other thread(s): " + what + "\n";
  return text;
}

namespace {

// What the threads in a task folder do, but for one; `sum` changes with it.
long ActivityIn(const std::string &folder, int except) {
  long sum = 0;
  for (int thread : NumbersIn(folder)) {
    if (thread == except) continue;
    std::vector<std::string> fields =
        StatFields(folder + std::to_string(thread) + "/stat");
    if (fields.size() < 13 || fields[0] == "R") return kRunnable;
    std::string status = ReadFile(folder + std::to_string(thread) + "/status");
    for (size_t at = 0;
         (at = status.find("ctxt_switches:", at)) != std::string::npos; at++)
      sum += atol(status.c_str() + at + 14);
    const SystemCall *call = FindCall(folder + std::to_string(thread));
    if (call != nullptr && call->is_sleep) return kSleeping;
    sum += thread;
  }
  return sum;
}

}  // namespace

long Activity(int group, int except) {
  long sum = 0;
  for (int process : NumbersIn("/proc")) {
    if (getpgid(process) != group) continue;
    long some =
        ActivityIn("/proc/" + std::to_string(process) + "/task/", except);
    if (some < 0) return some;
    sum += some;
  }
  return sum;
}

// Where the kernel keeps no such account, nobody ever waits.
static ThreadTime TimeOf(const std::string &task) {
  ThreadTime time;
  std::istringstream account(ReadFile(task + "/schedstat"));
  if (!(account >> time.ran >> time.waited)) return ThreadTime();
  time.ran /= 1e9;
  time.waited /= 1e9;
  std::vector<std::string> fields = StatFields(task + "/stat");
  time.is_runnable = !fields.empty() && fields[0] == "R";
  return time;
}

ThreadTimes TimesOf(int group) {
  ThreadTimes times;
  for (int process : NumbersIn("/proc")) {
    if (getpgid(process) != group) continue;
    std::string folder = "/proc/" + std::to_string(process) + "/task/";
    for (int thread : NumbersIn(folder))
      times[thread] = TimeOf(folder + std::to_string(thread));
  }
  ThreadTime own = TimeOf("/proc/thread-self");
  own.is_runnable = false;  // it runs
  times[gettid()] = own;
  return times;
}

bool IsAsleep(int thread) {
  auto fields =
      StatFields("/proc/self/task/" + std::to_string(thread) + "/stat");
  return !fields.empty() && fields[0] == "S";
}

}  // namespace gate
