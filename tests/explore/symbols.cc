// symbols.cc - addr2line, asked once.
#include "tests/explore/symbols.h"

#include <link.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace explore {
namespace {

std::map<const void *, std::string> known;

uintptr_t Base() {
  uintptr_t base = 0;
  dl_iterate_phdr(
      [](struct dl_phdr_info *info, size_t, void *data) {
        *static_cast<uintptr_t *>(data) = info->dlpi_addr;
        return 1;
      },
      &base);
  return base;
}

}  // namespace

const char *ShortName(const char *file) {
  const char *slash = strrchr(file, '/');
  return slash != nullptr ? slash + 1 : file;
}

namespace {

// "…/chapters/03_waker/parker.c:51 (discriminator 2)": the last part.
std::string Short(const char *line) {
  std::string text = ShortName(line);
  text = text.substr(0, text.find_first_of(" \n"));
  return text.find('?') == std::string::npos ? text : "?";
}

}  // namespace

std::string Mark(const void *pc) {
  char text[40];
  if (pc == nullptr) return "";
  snprintf(text, sizeof text, "\1%llx\2",
           (unsigned long long)reinterpret_cast<uintptr_t>(pc));
  return text;
}

std::vector<const void *> MarksIn(const std::string &text) {
  std::vector<const void *> places;
  for (size_t at = 0; (at = text.find('\1', at)) != std::string::npos; at++)
    places.push_back(reinterpret_cast<const void *>(
        strtoull(text.c_str() + at + 1, nullptr, 16)));
  return places;
}

void LookUp(const std::vector<const void *> &places) {
  char program[1000];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0) return;
  program[length] = 0;
  std::string command = std::string("addr2line -e '") + program + "'";
  std::vector<const void *> asked;
  for (const void *pc : places) {
    char number[40];
    if (pc == nullptr || known.count(pc) != 0) continue;
    known[pc] = "?";
    // A return address: the call is before it.
    snprintf(
        number, sizeof number, " %#llx",
        (unsigned long long)(reinterpret_cast<uintptr_t>(pc) - Base() - 1));
    command += number;
    asked.push_back(pc);
  }
  if (asked.empty()) return;
  FILE *answer = popen((command + " 2>/dev/null").c_str(), "r");
  if (answer == nullptr) return;
  char line[2000];
  for (size_t i = 0; i < asked.size() && fgets(line, sizeof line, answer); i++)
    known[asked[i]] = Short(line);
  pclose(answer);
}

std::string Resolve(const std::string &text) {
  std::string resolved;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] != '\1') {
      resolved += text[at];
      continue;
    }
    const void *pc = reinterpret_cast<const void *>(
        strtoull(text.c_str() + at + 1, nullptr, 16));
    auto found = known.find(pc);
    resolved += found != known.end() ? found->second : "?";
    at = text.find('\2', at);
  }
  return resolved;
}

}  // namespace explore
