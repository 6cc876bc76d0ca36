// tidy.cc - GoogleTest's wording of a failure, in a learner's order: first
// what the test says about it, then expected and actual.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <sstream>

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

// "Expected: (0) <= (socket), actual: 0 vs -103".
std::string Comparison(const std::string &line) {
  size_t comma = line.find(", actual: ");
  if (comma == std::string::npos)
    return "  expected  " + line.substr(10) + "\n";
  std::string actual = line.substr(comma + 10);
  size_t second = actual.find(" vs ");
  if (second != std::string::npos)
    actual =
        actual.substr(0, second + 4) + WithErrorName(actual.substr(second + 4));
  return "  expected  " + line.substr(10, comma - 10) + "\n" + "  actual    " +
         actual + "\n";
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

}  // namespace

std::string Tidy(const std::string &failure, Style style) {
  std::string said, facts;
  std::vector<std::string> lines = Lines(failure);
  for (size_t at = 0; at < lines.size();) {
    const std::string &line = lines[at];
    if (StartsWith(line, "Expected equality of these values:")) {
      at = Equality(lines, at, &facts);
      continue;
    }
    if (line == "With diff:") {  // the two values say as much
      while (at < lines.size() && !lines[at].empty()) at++;
    } else if (line == "Failed") {
    } else if (StartsWith(line, "Value of: ")) {
      facts += "  what      " + line.substr(10) + "\n";
    } else if (StartsWith(line, "  Actual: ")) {
      facts += "  actual    " + line.substr(10) + "\n";
    } else if (StartsWith(line, "Expected: ")) {
      facts += Comparison(line);
    } else if (StartsWith(line, "  ")) {
      facts += line + "\n";
    } else {
      said += line + "\n";
    }
    at++;
  }
  std::string text = Fill(said) + facts;
  return style.plain ? WithoutNumbers(text) : text;
}

}  // namespace gate
