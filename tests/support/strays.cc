// strays.cc - /proc tells who is our child.
#include "tests/support/strays.h"

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

namespace gate {
namespace {

struct Child {
  pid_t process;
  std::string name;
  bool is_alive;
};

std::set<pid_t> not_ours;
volatile sig_atomic_t noted_signal;

// The name, in brackets, may hold anything; state and parent come behind it.
bool ReadChild(pid_t process, Child *child) {
  char path[40], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  FILE *file = fopen(path, "r");
  if (file == nullptr) return false;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  std::string stat(text, length);
  size_t begin = stat.find('('), end = stat.rfind(')');
  char state;
  int parent;
  if (begin == std::string::npos || end == std::string::npos ||
      sscanf(stat.c_str() + end + 1, " %c %d", &state, &parent) != 2 ||
      parent != getpid())
    return false;
  *child = {process, stat.substr(begin + 1, end - begin - 1),
            state != 'Z' && state != 'X'};
  return true;
}

std::vector<Child> Children() {
  std::vector<Child> children;
  DIR *directory = opendir("/proc");
  if (directory == nullptr) return children;
  while (struct dirent *entry = readdir(directory)) {
    Child child;
    pid_t process = atoi(entry->d_name);
    if (process > 0 && not_ours.count(process) == 0 &&
        ReadChild(process, &child))
      children.push_back(child);
  }
  closedir(directory);
  return children;
}

double Seconds() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

void Note(int signal) { noted_signal = signal; }

}  // namespace

void AdoptStrays() {
  for (const Child &child : Children()) not_ours.insert(child.process);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

std::vector<std::string> EndStrays() {
  constexpr double kLongest = 20;  // who forks faster than that wins
  std::vector<std::string> names;
  double end = Seconds() + kLongest;
  while (Seconds() < end) {
    std::vector<Child> children = Children();
    if (children.empty()) break;
    for (const Child &child : children) {
      if (child.is_alive) names.push_back(child.name);
      kill(child.process, SIGKILL);
    }
    for (const Child &child : children) waitpid(child.process, nullptr, 0);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A copy that fork() made has our name.
static std::string Name(const std::string &name) {
  static const size_t kLongest = 15;  // the kernel keeps no more
  std::string own = program_invocation_short_name;
  return name == own.substr(0, kLongest) ? "a copy of itself (fork)" : name;
}

std::string DescribeStrays(const std::vector<std::string> &names) {
  std::string text = names.size() == 1
                         ? "a process"
                         : std::to_string(names.size()) + " processes";
  text += " that the step had started still ran: ";
  std::set<std::string> different;
  for (const std::string &name : names) different.insert(Name(name));
  for (const std::string &name : different)
    text += (name == *different.begin() ? "" : ", ") + name;
  return text + ". The gate has ended " +
         (names.size() == 1 ? "it" : "all of them") +
         ". Whoever forks waits for the child";
}

void NoteSignals() {
  struct sigaction action = {};
  action.sa_handler = Note;  // without SA_RESTART: a wait ends
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old;
    sigaction(signal, nullptr, &old);
    if (old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

int NotedSignal() { return noted_signal; }

}  // namespace gate
