// tidy.cc - GoogleTest's wording of a failure, in a learner's order: first
// what the test says about it, then expected and actual.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "tests/support/crash.h"
#include "tests/support/report.h"

namespace gate {
namespace {

std::vector<std::string> Lines(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool StartsWith(const std::string &line, const char *start) {
  return line.rfind(start, 0) == 0;
}

// Fills paragraphs at 76 columns, indented by two.
std::string Fill(const std::string &text) {
  std::string filled;
  for (const std::string &line : Lines(text)) {
    std::istringstream words(line);
    size_t column = 0;
    for (std::string word; words >> word;) {
      if (column > 0 && column + 1 + word.size() > 76) {
        filled += "\n";
        column = 0;
      }
      filled += column == 0 ? "  " : " ";
      column += (column == 0 ? 2 : 1) + word.size();
      filled += word;
    }
    filled += "\n";
  }
  return filled;
}

// The course's errors are negative errno: "-90" becomes "-90 = -EMSGSIZE".
// Not so -1, which is more often just a number than EPERM.
std::string WithErrorName(const std::string &value) {
  char *end;
  long number = strtol(value.c_str(), &end, 10);
  if (value[0] != '-' || *end != '\0' || number > -2) return value;
  const char *name = strerrorname_np(static_cast<int>(-number));
  return name == nullptr ? value : value + " = -" + name;
}

// "Expected equality of these values:" and the up to four lines after it.
size_t Equality(const std::vector<std::string> &lines, size_t at,
                std::string *facts) {
  const char *labels[] = {"  expected  ", "  actual    "};
  at++;
  for (const char *label : labels) {
    if (at >= lines.size()) break;
    std::string expression = lines[at++].substr(2);
    if (at < lines.size() && StartsWith(lines[at], "    Which is: "))
      expression =
          WithErrorName(lines[at++].substr(14)) + "   (" + expression + ")";
    *facts += label + WithErrorName(expression) + "\n";
  }
  return at;
}

bool IsNumber(const std::string &text) {
  size_t at = text[0] == '-' ? 1 : 0;
  return at < text.size() &&
         text.find_first_not_of("0123456789", at) == std::string::npos;
}

// "2" and ">=" and "polls": what is expected of polls.
std::string Bound(const std::string &sign) {
  if (sign == "<=") return "at most ";
  if (sign == ">=") return "at least ";
  if (sign == "<") return "less than ";
  if (sign == ">") return "more than ";
  return "other than ";
}

std::string Turned(const std::string &sign) {
  if (sign[0] == '<') return ">" + sign.substr(1);
  if (sign[0] == '>') return "<" + sign.substr(1);
  return sign;
}

struct Comparison {
  std::string left, sign, right;  // as they are written
  std::string values[2];
};

// "Expected: (0) <= (socket), actual: 0 vs -103".
bool ReadComparison(const std::string &line, Comparison *read) {
  size_t comma = line.find("), actual: "), open = line.find('(');
  if (comma == std::string::npos || open != 10) return false;
  size_t middle = std::string::npos;
  for (const char *sign : {"<=", ">=", "<", ">", "!="}) {
    middle = line.find(") " + std::string(sign) + " (");
    read->sign = sign;
    if (middle < comma) break;
  }
  size_t versus = line.find(" vs ", comma);
  if (middle >= comma || versus == std::string::npos) return false;
  read->left = line.substr(open + 1, middle - open - 1);
  size_t right = middle + 4 + read->sign.size();
  read->right = line.substr(right, comma - right);
  read->values[0] = line.substr(comma + 11, versus - comma - 11);
  read->values[1] = line.substr(versus + 4);
  return true;
}

// A number on one side is the bound; the other side is what is judged.
std::string TellComparison(const std::string &line) {
  Comparison read;
  if (!ReadComparison(line, &read))
    return "  expected  " + line.substr(10) + "\n";
  bool is_turned = IsNumber(read.left);
  if (!is_turned && !IsNumber(read.right))
    return "  expected  " + read.left + " " + read.sign + " " + read.right +
           "\n  actual    " + WithErrorName(read.values[0]) + " and " +
           WithErrorName(read.values[1]) + "\n";
  const std::string &judged = is_turned ? read.right : read.left;
  const std::string &bound = is_turned ? read.left : read.right;
  return "  expected  " + Bound(is_turned ? Turned(read.sign) : read.sign) +
         WithErrorName(bound) + "\n  actual    " +
         WithErrorName(read.values[is_turned ? 1 : 0]) + "   (" + judged +
         ")\n";
}

size_t DigitsAt(const std::string &text, size_t at, int (*is_digit)(int)) {
  size_t end = at;
  while (end < text.size() && is_digit(static_cast<unsigned char>(text[end])))
    end++;
  return end - at;
}

// True behind the name of a source: "parker.c:".
bool EndsAFile(const std::string &text) {
  for (const char *end : {".c:", ".cc:", ".h:"})
    if (text.size() > strlen(end) &&
        text.compare(text.size() - strlen(end), strlen(end), end) == 0)
      return true;
  return false;
}

}  // namespace

// Replaces what differs from run to run, "0x7ffe1234" by "0x...", or when
// the source is edited elsewhere, "parker.c:51" by "parker.c".
std::string WithoutNumbers(const std::string &text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    bool is_address = text.compare(at, 2, "0x") == 0;
    size_t digits = is_address ? DigitsAt(text, at + 2, isxdigit) : 0;
    size_t line = EndsAFile(result) ? DigitsAt(text, at, isdigit) : 0;
    if (line > 0) result.pop_back();
    result += digits >= 5 ? "0x..." : line > 0 ? "" : text.substr(at, 1);
    at += digits >= 5 ? 2 + digits : line > 0 ? line : 1;
  }
  return result;
}

bool IsSentence(const std::string &said) {
  constexpr int kFewest = 7;  // words
  std::istringstream words(said);
  int count = 0;
  for (std::string word; words >> word;) {
    bool is_clause = count == 0 && isupper(word[0]) && word.size() <= 4 &&
                     (word.back() == ':' || word.back() == ',');
    if (!is_clause) count++;
  }
  return count >= kFewest;
}

namespace {

// What was said, and what was found, of one failure.
struct Parts {
  std::string said, facts;
  std::string judged;     // what who judges for the test has said
  std::string condition;  // "Value of", and whether it was true
};

// "  Actual: false (a waker was dropped)": who judges has told more.
void Judge(const std::string &actual, Parts *parts) {
  size_t open = actual.find(" (");
  if (open == std::string::npos || actual.back() != ')') {
    parts->condition += "  actual    " + actual + "\n";
    return;
  }
  parts->judged = actual.substr(open + 2, actual.size() - open - 3);
  parts->condition += "  actual    " + actual.substr(0, open) + "\n";
}

// "A3, W1: it may want the lock" and "a waker was dropped ..." become "A3, W1:
// a waker was dropped ...", and the test's own words, if they are a sentence.
void Join(Parts *parts) {
  if (parts->judged.empty()) return;
  size_t colon = parts->said.find(':');
  bool has_rest = colon != std::string::npos;
  std::string clauses = parts->said.substr(0, has_rest ? colon : 0);
  if (!has_rest) clauses = parts->said.substr(0, parts->said.find('\n'));
  std::string rest = has_rest ? parts->said.substr(colon + 1) : "";
  parts->said = clauses + (clauses.empty() ? "" : ": ") + parts->judged + "\n" +
                (IsSentence(rest) ? rest : "");
}

Parts Read(const std::vector<std::string> &lines) {
  Parts parts;
  for (size_t at = 0; at < lines.size();) {
    const std::string &line = lines[at];
    if (StartsWith(line, "Expected equality of these values:")) {
      at = Equality(lines, at, &parts.facts);
      continue;
    }
    if (line == "With diff:") {  // the two values say as much
      while (at < lines.size() && !lines[at].empty()) at++;
    } else if (line == "Failed") {
    } else if (StartsWith(line, "Value of: ")) {
      parts.condition = "  what      " + line.substr(10) + "\n";
    } else if (StartsWith(line, "  Actual: ") && !parts.condition.empty()) {
      Judge(line.substr(10), &parts);
    } else if (line == "Expected: true" || line == "Expected: false") {
      size_t actual = parts.condition.find("  actual ");
      parts.condition.insert(
          actual == std::string::npos ? parts.condition.size() : actual,
          "  expected  " + line.substr(10) + "\n");
    } else if (StartsWith(line, "Expected: ")) {
      parts.facts += TellComparison(line);
    } else if (StartsWith(line, "  ")) {
      parts.facts += line + "\n";
    } else {
      parts.said += line + "\n";
    }
    at++;
  }
  Join(&parts);
  return parts;
}

}  // namespace

std::string Said(const std::string &failure) {
  return Read(Lines(TellPlaces(failure))).said;
}

std::string Tidy(const std::string &failure, Style style) {
  Parts parts = Read(Lines(TellPlaces(failure)));
  // Beside a sentence the gate's own condition says nothing more.
  if (!IsSentence(parts.said)) parts.facts = parts.condition + parts.facts;
  std::string text = Fill(parts.said) + parts.facts;
  return style.plain ? WithoutNumbers(text) : text;
}

}  // namespace gate
