// threads.cc - what the threads of a step are doing, as /proc tells it.
#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

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

std::vector<int> Numbers(const std::string &folder) {
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

const std::map<long, const char *> &SystemCalls() {
  static const std::map<long, const char *> names = {
      {SYS_futex, "a futex: a lock, a condition, a join or a park"},
      {SYS_read, "read()"},
      {SYS_recvfrom, "recv()"},
      {SYS_recvmsg, "recvmsg()"},
      {SYS_write, "write()"},
      {SYS_sendto, "send()"},
      {SYS_accept, "accept()"},
      {SYS_accept4, "accept4()"},
      {SYS_connect, "connect()"},
      {SYS_epoll_wait, "epoll_wait()"},
      {SYS_epoll_pwait, "epoll_pwait()"},
      {SYS_poll, "poll()"},
      {SYS_ppoll, "poll()"},
      {SYS_select, "select()"},
      {SYS_nanosleep, "a sleep"},
      {SYS_clock_nanosleep, "a sleep"},
      {SYS_wait4, "waitpid()"},
      {SYS_pause, "pause()"},
  };
  return names;
}

std::string DescribeThread(const std::string &task) {
  std::vector<std::string> fields = StatFields(task + "/stat");
  if (fields.empty()) return "gone";
  if (fields[0] == "T" || fields[0] == "t") return "stopped by a signal";
  if (fields[0] == "R") return "running";
  long call = atol(ReadFile(task + "/syscall").c_str());
  auto found = SystemCalls().find(call);
  if (found == SystemCalls().end()) return "asleep in a system call";
  return std::string("asleep in ") + found->second;
}

}  // namespace

std::string DescribeThreads(int process) {
  std::string folder = "/proc/" + std::to_string(process) + "/task/", text;
  std::map<std::string, int> counts;
  for (int thread : Numbers(folder))
    if (thread == process)
      text = "  the main thread: " +
             DescribeThread(folder + std::to_string(thread)) + "\n";
    else
      counts[DescribeThread(folder + std::to_string(thread))]++;
  for (auto &[what, count] : counts)
    text += "  " + std::to_string(count) + " other thread(s): " + what + "\n";
  return text;
}

long Activity(int group) {
  long sum = 0;
  for (int process : Numbers("/proc")) {
    if (getpgid(process) != group) continue;
    std::string folder = "/proc/" + std::to_string(process) + "/task/";
    for (int thread : Numbers(folder)) {
      std::vector<std::string> fields =
          StatFields(folder + std::to_string(thread) + "/stat");
      if (fields.size() < 13 || fields[0] == "R") return kRunnable;
      std::string status =
          ReadFile(folder + std::to_string(thread) + "/status");
      for (size_t at = 0;
           (at = status.find("ctxt_switches:", at)) != std::string::npos; at++)
        sum += atol(status.c_str() + at + 14);
      long call =
          atol(ReadFile(folder + std::to_string(thread) + "/syscall").c_str());
      if (call == SYS_nanosleep || call == SYS_clock_nanosleep)
        return kSleeping;
      sum += thread;
    }
  }
  return sum;
}

bool IsAsleep(int thread) {
  auto fields =
      StatFields("/proc/self/task/" + std::to_string(thread) + "/stat");
  return !fields.empty() && fields[0] == "S";
}

}  // namespace gate
