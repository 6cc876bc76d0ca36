// report.cc - a verdict becomes a page that helps.
#include "tests/support/report.h"

#include <cstdio>
#include <sstream>

#include "tests/support/crash.h"
#include "tests/support/strays.h"
#include "tests/support/visible.h"

namespace gate {
namespace {

const char *Headline(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTodo:
      return "is not implemented yet";
    case Verdict::kCrash:
      return "crashed";
    case Verdict::kRace:
      return "has a data race";
    case Verdict::kHang:
      return "hangs";
    case Verdict::kSpin:
      return "spins";
    case Verdict::kLeak:
      return "leaks";
    case Verdict::kBusy:
      return "has no verdict";
    default:
      return "failed";
  }
}

std::string Paint(const std::string &text, const char *code, Style style) {
  return style.colour ? "\033[" + std::string(code) + "m" + text + "\033[0m"
                      : text;
}

std::string DescribeFuture(const FutureSlot &slot) {
  std::string text = std::string(slot.name) + ": ";
  int polls = slot.polls;
  text += "pending, polled " + std::to_string(polls) +
          (polls == 1 ? " time" : " times");
  if (slot.holds_waker)
    return text + "; it holds a waker and was not completed";
  if (slot.ready_at == -2)
    return text +
           "; it completed and woke its waker, but was not polled "
           "again: a lost wakeup";
  return text + "; nobody holds a waker for it";
}

std::string Pending(const Board &board) {
  std::string text;
  for (const FutureSlot &slot : board.futures)
    if (slot.used && !slot.ready && !slot.drops && slot.polls > 0)
      text += Wrapped("  pending   ", DescribeFuture(slot));
  for (const WakerSlot &slot : board.wakers) {
    if (!slot.used || slot.clones + slot.wakes == 0) continue;
    std::string line = std::string(slot.name) + ": " +
                       std::to_string(slot.clones) + " clones, " +
                       std::to_string(slot.wakes) + " wakes, " +
                       std::to_string(slot.live) + " still held";
    // Unless the step tells another story.
    if (slot.wakes == 0 && slot.live == 0 && !board.story[0])
      line += ": dropped without a wake: a lost wakeup";
    text += Wrapped("  waker     ", line);
  }
  return text;
}

// A panic or a sanitizer's summary, out of all that the step printed.
std::string TellingLines(const std::string &output) {
  std::string text;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("panic at ", 0) == 0 ||
        line.find("runtime error:") != std::string::npos ||
        line.rfind("SUMMARY: ", 0) == 0)
      text += "  it said   " + line + "\n";
  return text;
}

// A line may be as long as all that was kept of the output.
std::string LastOf(const std::string &line) {
  constexpr size_t kMost = 400;
  if (line.size() <= kMost) return line;
  size_t at = line.size() - kMost;
  while (at < line.size() && (line[at] & 0xc0) == 0x80) at++;  // whole ones
  return "... " + line.substr(at);
}

std::string LastLines(const std::string &output, size_t limit) {
  size_t at = output.size();
  for (size_t lines = 0; at > 0 && lines <= limit; at--)
    if (output[at - 1] == '\n' && ++lines > limit) break;
  std::string text, line;
  std::istringstream stream(output.substr(at));
  while (std::getline(stream, line)) text += "  | " + LastOf(line) + "\n";
  return text;
}

// A panic has its place in its message.
std::string Where(const Outcome &outcome, Style style) {
  if (outcome.output.find("panic at ") != std::string::npos) return "";
  std::string place = CrashPlace(*outcome.board);
  if (style.plain) place = WithoutNumbers(place);
  return place.empty() ? "" : Wrapped("  where     ", place);
}

std::string Stuck(const Outcome &outcome, Style style) {
  std::string text;
  if (outcome.verdict == Verdict::kSpin)
    text += Wrapped("  what      ",
                    "it kept the processor busy and came to no end: a loop "
                    "that never ends, or a poll without a wake");
  else if (outcome.is_stopped)
    text += Wrapped("  what      ",
                    "a signal stopped it (SIGSTOP or its kin), and nothing "
                    "lets it go on");
  else
    text += Wrapped("  what      ",
                    "everything is asleep and nothing will wake it");
  if (outcome.board->note[0])
    text += Wrapped("  while     ", outcome.board->note);
  std::istringstream story(outcome.board->story);
  for (std::string line; std::getline(story, line);)
    text += Wrapped("  stuck     ", line);
  text += Pending(*outcome.board);
  if (!style.plain) text += outcome.threads;
  return text;
}

std::string Details(const StepInfo &step, const Outcome &outcome, Style style) {
  switch (outcome.verdict) {
    case Verdict::kTodo:
      return Wrapped("  task      ", step.task) + "  where     grep -n 'TODO(" +
             step.number + ")' chapters/" + kChapter + "/*.[ch]\n";
    case Verdict::kHang:
      return Stuck(outcome, style);
    case Verdict::kSpin:
      if (outcome.board->failure[0]) return Tidy(outcome.board->failure, style);
      return Stuck(outcome, style);
    case Verdict::kBusy:
      return Wrapped("  what      ",
                     "this machine was too busy: the step had next to nothing "
                     "of a processor. That says nothing of your code: try "
                     "again when other programs have ended");
    case Verdict::kCrash:
    case Verdict::kRace:
      return Wrapped("  what      ", outcome.what) + Where(outcome, style) +
             TellingLines(outcome.output) +
             (outcome.board->note[0]
                  ? Wrapped("  while     ", outcome.board->note)
                  : "");
    default:
      break;
  }
  if (!outcome.what.empty())
    return Wrapped("  what      ", outcome.what) + TellingLines(outcome.output);
  if (outcome.board->failure[0] == 0) return "";  // what it left is all
  return Tidy(outcome.board->failure, style);
}

}  // namespace

std::string Wrapped(const char *label, const std::string &text) {
  std::string result = label, indent(12, ' ');
  size_t column = result.size();
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column + word.size() > 78) {
      result.pop_back();
      result += "\n" + indent;
      column = indent.size();
    }
    result += word + " ";
    column += word.size() + 1;
  }
  result.pop_back();
  return result + "\n";
}

std::string Explain(const StepInfo &step, const Outcome &outcome, Style style) {
  bool todo = outcome.verdict == Verdict::kTodo;
  std::string head = Paint(
      "step " + std::string(step.number) + " " + Headline(outcome.verdict),
      todo ? "1;33" : "1;31", style);
  std::string text = ": " + std::string(step.title) + "\n\n";
  text += Details(step, outcome, style);
  if (!outcome.strays.empty())
    text += Wrapped("  left      ", DescribeStrays(outcome.strays));
  text += "\n";
  bool is_busy = outcome.verdict == Verdict::kBusy;
  if (!todo && !is_busy) {
    if (outcome.board->test[0])
      text += "  test      " + std::string(outcome.board->test) + "\n";
    // One text a step: beside a sentence about this failure it only distracts.
    if (!IsSentence(Said(outcome.board->failure)))
      text += Wrapped("  usually   ", step.cause);
  }
  text += "  read      \"" + std::string(step.number) + " " + step.section +
          "\" in chapters/" + kChapter + "/README.md\n";
  text += "  hint      ./course hint " + std::to_string(atoi(kChapter)) + "\n";
  if (!style.plain && !outcome.output.empty())
    text += "\n  It printed, at last:\n" + LastLines(outcome.output, 20);
  return head + Visible(text);
}

// "3.3 to 3.7 are", or "3.7 is"; between those that have run, no range.
static std::string Waiting(const std::vector<Outcome> &outcomes, size_t first) {
  size_t last = first;
  for (size_t i = first; i < outcomes.size(); i++)
    if (outcomes[i].verdict == Verdict::kWaiting) last = i;
  for (size_t i = first; i < last; i++)
    if (outcomes[i].verdict != Verdict::kWaiting) return "the others are";
  std::string text = kSteps[first].number;
  if (first == last) return text + " is";
  return text + " to " + kSteps[last].number + " are";
}

std::string BoardOf(const std::vector<Outcome> &outcomes, Style style) {
  std::string text;
  size_t blocking = outcomes.size();
  for (size_t i = 0; i < outcomes.size(); i++) {
    Verdict verdict = outcomes[i].verdict;
    if (verdict == Verdict::kWaiting) continue;
    bool passed = verdict == Verdict::kPass;
    bool is_over = passed || verdict == Verdict::kSkip;
    if (!is_over && blocking == outcomes.size()) blocking = i;
    char number[16], time[32] = "";
    snprintf(number, sizeof number, "  %-5s ", kSteps[i].number);
    if (!style.plain)
      snprintf(time, sizeof time, " (%.0f ms)", outcomes[i].seconds * 1000);
    text += number +
            Paint(passed ? "ok" : VerdictName(verdict),
                  passed    ? "32"
                  : is_over ? "1;33"
                            : "1;31",
                  style) +
            ": " + kSteps[i].title + time + "\n";
    if (verdict == Verdict::kSkip)
      text += Wrapped("        ", "(" + outcomes[i].what + ")");
  }
  if (blocking + 1 < outcomes.size() &&
      outcomes[blocking + 1].verdict == Verdict::kWaiting)
    text += "  " + Waiting(outcomes, blocking + 1) + " waiting for " +
            kSteps[blocking].number + "\n";
  return text;
}

}  // namespace gate
