// panics.h - code that must end in a panic, tried in a process of its own.
#ifndef TESTS_SUPPORT_PANICS_H
#define TESTS_SUPPORT_PANICS_H

#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace gate {

// True if `what` panics with such a message; in a process of its own.
template <typename F>
bool Panics(F what, const char *message) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  pid_t process = fork();
  if (process == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    what();
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char bytes[512];
  for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0;)
    said.append(bytes, size_t(n));
  close(ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  return WIFSIGNALED(status) && said.find(message) != std::string::npos;
}

}  // namespace gate

#endif
