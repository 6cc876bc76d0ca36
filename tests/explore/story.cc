// story.cc - a failing execution in columns, a thread each, a line an
// operation, in the order in which they ran.
#include "tests/explore/story.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <map>
#include <sstream>
#include <vector>

#include "tests/explore/state.h"
#include "tests/explore/symbols.h"

namespace explore {
namespace {

struct Named {
  uintptr_t address;
  size_t size;
  const char *name;
};

constexpr int kMaxNames = 128;
Named names[kMaxNames];
int names_used;

struct Line {
  int thread;
  const void *pc;
  std::string text;
};

const Scenario *told;
std::vector<Line> lines;
std::map<uintptr_t, int> strangers;  // addresses without a name: numbered

char *Buffer() {
  static char buffers[16][300];
  static int next;
  return buffers[next++ % 16];
}
constexpr size_t kBuffer = 300;

const Named *NamedAt(uintptr_t address) {
  for (int i = names_used - 1; i >= 0; i--)
    if (address - names[i].address < names[i].size) return &names[i];
  return nullptr;
}

int Stranger(uintptr_t address) {
  return strangers.emplace(address, int(strangers.size()) + 1).first->second;
}

std::string Column(const Line &line, int columns) {
  int width = columns <= 2 ? 24 : columns == 3 ? 16 : 12;
  std::string text(size_t(line.thread > 0 ? (line.thread - 1) * width : 0),
                   ' ');
  text = "  " + text + line.text;
  std::string place = Resolve(Mark(line.pc));
  if (place.empty()) return text + "\n";
  if (text.size() < 60) text.resize(60, ' ');
  return text + "  " + place + "\n";
}

std::string Header(const Scenario &scenario) {
  std::string text = "  ";
  size_t width = scenario.threads.size() <= 2   ? 24
                 : scenario.threads.size() == 3 ? 16
                                                : 12;
  for (size_t i = 0; i < scenario.threads.size(); i++) {
    std::string name = std::string("[") + scenario.threads[i].name + "]";
    text += name;
    if (i + 1 < scenario.threads.size())
      text.append(name.size() < width ? width - name.size() : 1, ' ');
  }
  return text + "\n";
}

std::string Schedule(const Scenario &scenario) {
  constexpr size_t kFirst = 14, kLast = 45;
  std::string text = Header(scenario);
  for (size_t i = 0; i < lines.size(); i++) {
    if (lines.size() > kFirst + kLast + 1 && i == kFirst) {
      text += "  ... " + std::to_string(lines.size() - kFirst - kLast) +
              " operations more ...\n";
      i = lines.size() - kLast;
    }
    text += Column(lines[i], int(scenario.threads.size()));
  }
  return text;
}

// What usually is the cause.
const char *Advice(const std::string &failure) {
  auto is = [&](const char *what) { return failure.rfind(what, 0) == 0; };
  if (is("data race"))
    return "What one thread wrote, another may use only when it has acquired "
           "what the first has released: a store, an unlock.";
  if (is("deadlock"))
    return "Who waits must be seen by who wakes, or must see what that one "
           "did: look again after you have said that you wait.";
  if (is("livelock")) return "A loop waits for what nobody will do any more.";
  if (is("use after free"))
    return "Only the last owner may free; to be the last, count in one atomic "
           "step, with acquire and release.";
  if (is("leak")) return "The last owner frees; here nobody found that it was.";
  return "A load may return an old value, unless its thread has acquired what "
         "the writer released after the newer store.";
}

}  // namespace

void NameRange(const volatile void *memory, size_t size, const char *name) {
  if (names_used < kMaxNames)
    names[names_used++] = {reinterpret_cast<uintptr_t>(memory), size, name};
}

void ResetNames() { names_used = 0; }

void ResetStory(const Scenario *scenario) {
  told = scenario;
  lines.clear();
  strangers.clear();
}

const char *TellName(uintptr_t address, size_t) {
  char *text = Buffer();
  if (const Named *named = NamedAt(address)) {
    size_t offset = address - named->address;
    if (offset == 0) return named->name;
    snprintf(text, kBuffer, "%s + %zu", named->name, offset);
  } else if (!HeapName(address, text, kBuffer)) {
    snprintf(text, kBuffer, "object %d", Stranger(address));
  }
  return text;
}

const char *TellValue(uint64_t value) {
  char *text = Buffer();
  if (value <= 4096)
    snprintf(text, kBuffer, "%d", int(value));
  else if (NamedAt(value) != nullptr || InHeap(value))
    snprintf(text, kBuffer, "&%s", TellName(value, 1));
  else if (value >> 32 == 0 || value >> 48 != 0)
    snprintf(text, kBuffer, "%#llx", (unsigned long long)value);
  else
    snprintf(text, kBuffer, "&object %d", Stranger(value));
  return text;
}

const char *TellOrder(int order) {
  switch (order) {
    case __ATOMIC_RELAXED:
      return "relaxed";
    case __ATOMIC_CONSUME:
    case __ATOMIC_ACQUIRE:
      return "acquire";
    case __ATOMIC_RELEASE:
      return "release";
    case __ATOMIC_ACQ_REL:
      return "acq_rel";
    default:
      return "seq_cst";
  }
}

const char *TellPlace(const void *pc) {
  char *text = Buffer();
  snprintf(text, kBuffer, "%s", Mark(pc).c_str());
  return text;
}

const char *TellThread(int thread) {
  char *text = Buffer();
  if (thread == 0) return state.phase == Phase::kFinish ? "[end]" : "[setup]";
  snprintf(text, kBuffer, "[%s]", told->threads[size_t(thread) - 1].name);
  return text;
}

const char *TellThreadPlace(const char *what, int thread, const void *pc) {
  char *text = Buffer();
  std::string who = TellThread(thread), where = Mark(pc);
  snprintf(text, kBuffer, "  %s %s at %s", what, who.c_str(), where.c_str());
  return text;
}

void TellLine(const void *pc, const char *format, ...) {
  char text[300];
  va_list arguments;
  if (state.phase == Phase::kSetup) return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  lines.push_back({state.self, pc, text});
}

void TellCall(const char *verb, const void *memory, const void *pc) {
  TellLine(pc, "%s %s", verb, TellName(reinterpret_cast<uintptr_t>(memory), 1));
}

// Of plain memory only what the test has named: there is much of it.
void TellPlain(uintptr_t address, size_t size, bool writes, const void *pc) {
  if (NamedAt(address) != nullptr)
    TellLine(pc, "%s %s", writes ? "write" : "read", TellName(address, size));
}

std::string Story(const Scenario &scenario, const std::string &what,
                  const std::string &replay) {
  Line end = {state.self, nullptr, "*** it fails here"};
  lines.push_back(end);
  std::vector<const void *> places = MarksIn(what);
  for (const Line &line : lines) places.push_back(line.pc);
  LookUp(places);
  return Resolve(what) + "\n" + Advice(what) + "\n  \n" + Schedule(scenario) +
         "  \n  again:  EXPLORE_REPLAY='" + replay + "'\n";
}

}  // namespace explore
