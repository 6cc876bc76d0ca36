// results.cc - the same verdicts for machines.
#include <cstdio>

#include "tests/support/report.h"

namespace gate {
namespace {

std::string Escape(const std::string &text) {
  std::string escaped;
  for (unsigned char c : text) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:  // control characters are not allowed in XML at all
        escaped +=
            (c >= ' ' && c != 127) || c == '\n' || c == '\t' ? char(c) : '?';
    }
  return escaped;
}

bool HasNotRun(const Outcome &outcome) {
  return outcome.verdict == Verdict::kWaiting ||
         outcome.verdict == Verdict::kSkip;
}

int Count(const std::vector<Outcome> &outcomes, bool waiting) {
  int count = 0;
  for (const Outcome &outcome : outcomes)
    count += waiting ? HasNotRun(outcome)
                     : outcome.verdict != Verdict::kPass && !HasNotRun(outcome);
  return count;
}

}  // namespace

void WriteResults(const char *path, const std::vector<Outcome> &outcomes) {
  FILE *file = fopen(path, "w");
  if (file == nullptr) {
    fprintf(stderr, "cannot write %s: %m\n", path);
    return;
  }
  for (size_t i = 0; i < outcomes.size(); i++)
    fprintf(file, "%s %s %.0f\n", kSteps[i].number,
            VerdictName(outcomes[i].verdict), outcomes[i].seconds * 1000);
  fclose(file);
}

void WriteXml(const char *path, const std::vector<Outcome> &outcomes) {
  FILE *file = fopen(path, "w");
  if (file == nullptr) return;
  fprintf(
      file,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "<testsuite name=\"%s\" tests=\"%zu\" failures=\"%d\" skipped=\"%d\">\n",
      kChapter, outcomes.size(), Count(outcomes, false), Count(outcomes, true));
  for (size_t i = 0; i < outcomes.size(); i++) {
    const Outcome &outcome = outcomes[i];
    fprintf(file,
            "<testcase name=\"%s %s\" classname=\"%s\" time=\"%.3f\" "
            "result=\"%s\">",
            kSteps[i].number, Escape(kSteps[i].title).c_str(), kChapter,
            outcome.seconds, VerdictName(outcome.verdict));
    if (HasNotRun(outcome))
      fprintf(file, "<skipped message=\"%s\"/>", Escape(outcome.what).c_str());
    else if (outcome.verdict != Verdict::kPass)
      fprintf(file, "<failure message=\"%s\">%s</failure>",
              VerdictName(outcome.verdict),
              Escape(Explain(kSteps[i], outcome, Style())).c_str());
    fprintf(file, "</testcase>\n");
  }
  fprintf(file, "</testsuite>\n</testsuites>\n");
  fclose(file);
}

}  // namespace gate
