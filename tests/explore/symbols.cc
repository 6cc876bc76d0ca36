// symbols.cc - addr2line, asked once for each module (the program, a shared
// object) that has a place in it.
#include "tests/explore/symbols.h"

#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace explore {
namespace {

std::map<const void *, std::string> known;

// Where in which file an instruction is.
struct Place {
  uintptr_t address;  // as the program has it in memory
  std::string file;   // empty: in none
  uintptr_t offset;   // as the file has it
};

bool Contains(const struct dl_phdr_info *module, uintptr_t address) {
  for (int i = 0; i < module->dlpi_phnum; i++) {
    const ElfW(Phdr) &part = module->dlpi_phdr[i];
    if (part.p_type == PT_LOAD &&
        address - (module->dlpi_addr + part.p_vaddr) < part.p_memsz)
      return true;
  }
  return false;
}

std::string ProgramFile() {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, size_t(length)) : "";
}

int FindModule(struct dl_phdr_info *module, size_t, void *data) {
  Place *place = static_cast<Place *>(data);
  if (!Contains(module, place->address)) return 0;
  bool is_program = *module->dlpi_name == 0;
  place->file = is_program ? ProgramFile() : module->dlpi_name;
  place->offset = place->address - module->dlpi_addr;
  return 1;
}

// A word of the shell.
std::string Quoted(const std::string &text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
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

void CheckAnswer(int status) {
  static bool told;
  constexpr int kNoCommand = 127;  // of the shell
  if (!WIFEXITED(status) || WEXITSTATUS(status) != kNoCommand || told) return;
  told = true;
  fprintf(stderr,
          "addr2line is missing (Debian's package binutils): "
          "a line of source is told as \"?\"\n");
}

// A mutant was loaded before everything else, by LD_PRELOAD. The shell and
// addr2line cannot do with it.
class WithoutPreload {
 public:
  WithoutPreload() {
    const char *preload = getenv(kName);
    if (preload == nullptr) return;
    preload_ = preload;
    unsetenv(kName);
  }
  ~WithoutPreload() {
    if (!preload_.empty()) setenv(kName, preload_.c_str(), 1);
  }

 private:
  static constexpr const char *kName = "LD_PRELOAD";
  std::string preload_;
};

// On another machine, under emulation, its own cannot read this program.
#if defined(__aarch64__)
constexpr const char *kAddr2line =
    "$(command -v aarch64-linux-gnu-addr2line || echo addr2line)";
#else
constexpr const char *kAddr2line = "addr2line";
#endif

using Asked = std::map<uintptr_t, const void *>;  // by offset in the file

void AskAbout(const std::string &file, const Asked &asked) {
  std::string command = kAddr2line + (" -e " + Quoted(file));
  for (auto &[offset, pc] : asked) {
    char number[40];
    snprintf(number, sizeof number, " %#llx", (unsigned long long)offset);
    command += number;
  }
  WithoutPreload none;
  unsetenv("LD_PRELOAD");  // code under test, and not addr2line's
  FILE *answer = popen((command + " 2>/dev/null").c_str(), "r");
  if (answer == nullptr) return;
  char line[2000];
  for (auto &[offset, pc] : asked)
    if (fgets(line, sizeof line, answer)) known[pc] = Short(line);
  CheckAnswer(pclose(answer));
}

}  // namespace

std::vector<Frame> FramesAt(const void *pc) {
  std::vector<Frame> frames;
  Place place = {reinterpret_cast<uintptr_t>(pc) - 1, "", 0};
  dl_iterate_phdr(FindModule, &place);
  // The system's libraries have no line that we would look for.
  bool is_ours = !place.file.empty() && place.file.rfind("/lib", 0) != 0 &&
                 place.file.rfind("/usr/", 0) != 0;
  if (!is_ours) return frames;
  char offset[40];
  snprintf(offset, sizeof offset, "%#llx", (unsigned long long)place.offset);
  std::string command =
      kAddr2line + (" -f -i -e " + Quoted(place.file) + " " + offset);
  WithoutPreload none;
  FILE *answer = popen((command + " 2>/dev/null").c_str(), "r");
  if (answer == nullptr) return frames;
  char name[500], line[2000];
  while (fgets(name, sizeof name, answer) && fgets(line, sizeof line, answer)) {
    name[strcspn(name, "\n")] = 0;
    std::string file = line;
    size_t colon = file.rfind(':');
    int number = colon == std::string::npos ? 0 : atoi(line + colon + 1);
    if (number > 0) frames.push_back({name, file.substr(0, colon), number});
  }
  CheckAnswer(pclose(answer));
  return frames;
}

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
  std::map<std::string, Asked> asked;
  for (const void *pc : places) {
    if (pc == nullptr || known.count(pc) != 0) continue;
    known[pc] = "?";
    // A return address: the call is before it.
    Place place = {reinterpret_cast<uintptr_t>(pc) - 1, "", 0};
    dl_iterate_phdr(FindModule, &place);
    if (!place.file.empty()) asked[place.file][place.offset] = pc;
  }
  for (auto &[file, offsets] : asked) AskAbout(file, offsets);
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
