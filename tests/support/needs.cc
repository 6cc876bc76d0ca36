// needs.cc - limits are read, threads and a connection are tried.
#include "tests/support/needs.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace gate {
namespace {

// As most machines have them; no step asks for less.
constexpr rlim_t kDescriptors = 1024, kStack = 8 << 20, kLeastStack = 256 << 10;
// What eats the machine ends itself before it ends anything else.
constexpr rlim_t kMostMemory = rlim_t(24) << 30;

rlim_t HardLimit(__rlimit_resource_t resource) {
  struct rlimit limit = {0, 0};
  getrlimit(resource, &limit);
  return limit.rlim_max;
}

// "it needs 700 open files, and this shell allows 512".
std::string Line(const std::string &wanted, const std::string &fact,
                 const std::string &cure) {
  return "it needs " + wanted + ", and " + fact + ". The cure: " + cure;
}

std::string Count(long count) { return std::to_string(count); }

std::string MissingDescriptors(long wanted) {
  rlim_t limit = HardLimit(RLIMIT_NOFILE);
  if (limit >= rlim_t(wanted)) return "";
  return Line(Count(wanted) + " open files",
              "this shell allows " + Count(long(limit)),
              "`ulimit -n " + Count(wanted) +
                  "`, in a new shell if this one refuses; a container is "
                  "started with --ulimit nofile=" +
                  Count(wanted));
}

std::string MissingMemory(long wanted) {
  rlim_t limit = HardLimit(RLIMIT_AS);
  if (limit >> 30 >= rlim_t(wanted)) return "";
  return Line(Count(wanted) + " GiB of address space",
              "this shell allows " + Count(long(limit >> 20)) + " MiB",
              "`ulimit -v unlimited`, in a new shell if this one refuses");
}

std::string MissingStack() {
  rlim_t limit = HardLimit(RLIMIT_STACK);
  if (limit >= kLeastStack) return "";
  return Line("a stack of " + Count(kLeastStack >> 10) + " KiB",
              "this shell allows " + Count(long(limit >> 10)),
              "`ulimit -s 8192`, in a new shell if this one refuses");
}

void *Sleep(void *) {
  for (;;) pause();
}

// In a process of its own, whose end ends the threads.
[[noreturn]] void TryThreads(long wanted, int answer) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  long count = 0;
  pthread_t thread;
  while (count < wanted &&
         pthread_create(&thread, &attributes, Sleep, nullptr) == 0)
    count++;
  _exit(write(answer, &count, sizeof count) != sizeof count);
}

// How many can be started at once, up to `wanted`; -1: not even a process.
long CountThreads(long wanted) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  fflush(nullptr);
  pid_t process = fork();
  if (process == 0) TryThreads(wanted, ends[1]);
  close(ends[1]);
  long count = -1;
  if (process < 0 || read(ends[0], &count, sizeof count) != sizeof count)
    count = -1;
  close(ends[0]);
  if (process > 0) waitpid(process, nullptr, 0);
  return count;
}

std::string MissingThreads(long wanted) {
  long count = CountThreads(wanted);
  if (count >= wanted) return "";
  std::string fact = count < 0 ? "no process could be started"
                               : "only " + Count(count) + " could be started";
  return Line(Count(wanted) + " threads at once", fact,
              "end programs of yours, or raise `ulimit -u`, in a new shell if "
              "this one refuses; a container is started with --pids-limit=-1");
}

int ConnectTo(const struct sockaddr_in &address) {
  int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (client < 0) return errno;
  int error = 0;
  socklen_t size = sizeof error;
  if (connect(client, reinterpret_cast<const struct sockaddr *>(&address),
              sizeof address) != 0)
    error = errno;
  struct pollfd writable = {client, POLLOUT, 0};
  if (error == EINPROGRESS) {
    error = ETIMEDOUT;
    if (poll(&writable, 1, 5000) > 0)
      getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(client);
  return error;
}

int TryLoopback() {
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto *name = reinterpret_cast<struct sockaddr *>(&address);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0) return errno;
  bool listens = bind(listener, name, size) == 0 && listen(listener, 1) == 0 &&
                 getsockname(listener, name, &size) == 0;
  int error = listens ? ConnectTo(address) : errno;
  close(listener);
  return error;
}

std::string MissingLoopback() {
  int error = TryLoopback();
  if (error == 0) return "";
  return Line("connections to 127.0.0.1",
              std::string("one failed (") + strerror(error) + ")",
              "`ip link set lo up`, or a container or sandbox that has a "
              "network of its own");
}

std::string MissingProc() {
  DIR *directory = opendir("/proc/self/task");
  if (directory != nullptr) return closedir(directory), "";
  return Line("/proc", "it is not mounted here", "mount -t proc proc /proc");
}

void Raise(__rlimit_resource_t resource, rlim_t wanted) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(resource, &limit);
}

}  // namespace

Needs NeedsOf(const char *text) {
  Needs needs;
  std::string all = text;
  std::replace(all.begin(), all.end(), ',', ' ');
  std::istringstream words(all);
  for (std::string word; words >> word;)
    if (word == "loopback")
      needs.loopback = true;
    else if (word == "descriptors")
      words >> needs.descriptors;
    else if (word == "threads")
      words >> needs.threads;
    else if (word == "memory")
      words >> needs.memory;
  return needs;
}

std::string Describe(const Needs &needs) {
  return Count(needs.descriptors) + " open files, " + Count(needs.threads) +
         " threads at once, " + Count(needs.memory) + " GiB of address space" +
         (needs.loopback ? ", connections to 127.0.0.1" : "");
}

std::string Missing(const Needs &needs) {
  for (const std::string &missing :
       {MissingProc(), MissingDescriptors(needs.descriptors),
        MissingMemory(needs.memory), MissingStack(),
        MissingThreads(needs.threads),
        needs.loopback ? MissingLoopback() : std::string()})
    if (!missing.empty()) return missing;
  return "";
}

void RaiseLimits(const Needs &needs) {
  Raise(RLIMIT_NOFILE, std::max(kDescriptors, rlim_t(needs.descriptors)));
  Raise(RLIMIT_STACK, kStack);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  Raise(RLIMIT_AS, kMostMemory);
#endif
  // It was read from the limit when the program began.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_setattr_default_np(&attributes);
}

}  // namespace gate
