// turns.cc - processor time and switches of each thread, as /proc tells them.
#include "tests/support/turns.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace gate {
namespace {

constexpr double kQuarter = 0.25, kSecond = 1;
constexpr int kTurnsASecond = 20;  // a turn: 50 ms of processor time

double Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

std::string ReadAll(const std::string &path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The name, in brackets, may hold anything; state is field 3, processor time in
// user mode and in the kernel are fields 14 and 15.
void ReadStat(const std::string &text, char *state, long *ticks) {
  size_t end = text.rfind(')');
  if (end == std::string::npos) return;
  std::istringstream rest(text.substr(end + 1));
  std::string field;
  for (int number = 3; number <= 15 && rest >> field; number++) {
    if (number == 3) *state = field[0];
    if (number >= 14) *ticks += atol(field.c_str());
  }
}

long Switches(const std::string &status) {
  static const std::string kWord = "ctxt_switches:";
  long sum = 0;
  for (size_t at = 0; (at = status.find(kWord, at)) != std::string::npos;) {
    at += kWord.size();
    sum += atol(status.c_str() + at);
  }
  return sum;
}

}  // namespace

Turns::Turns(int process) : process_(process), began_(Now()), first_(Look()) {}

Turns::All Turns::Look() const {
  All all;
  std::string folder = "/proc/" + std::to_string(process_) + "/task/";
  DIR *directory = opendir(folder.c_str());
  if (directory == nullptr) return all;
  while (struct dirent *entry = readdir(directory)) {
    int thread = atoi(entry->d_name);
    if (thread == 0) continue;
    Turn turn;
    ReadStat(ReadAll(folder + entry->d_name + "/stat"), &turn.state,
             &turn.ticks);
    turn.switches = Switches(ReadAll(folder + entry->d_name + "/status"));
    all[thread] = turn;
  }
  closedir(directory);
  return all;
}

bool Turns::HasMoved(const All &now) const {
  if (now.size() != first_.size()) return true;
  for (const auto &[thread, turn] : now) {
    auto before = first_.find(thread);
    if (before == first_.end() || turn.state == 'R' ||
        turn.switches != before->second.switches)
      return true;
  }
  return false;
}

// A thread that was not there before begins its turn now.
bool Turns::EachHadOne(const All &now) {
  bool each = true;
  long enough = sysconf(_SC_CLK_TCK) / kTurnsASecond;
  for (const auto &[thread, turn] : now) {
    const Turn &before = first_.emplace(thread, turn).first->second;
    if (turn.state == 'R' && turn.ticks - before.ticks < enough) each = false;
  }
  return each;
}

bool Turns::AreOver() {
  All now = Look();
  double seconds = Now() - began_;
  if (seconds >= kQuarter && !HasMoved(now)) return true;
  return EachHadOne(now) && seconds >= kSecond;
}

}  // namespace gate
