// filter.cc - which tests a filter means.
#include "tests/explore/filter.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace explore {
namespace {

using Patterns = std::vector<std::string>;

Patterns Split(const std::string &text) {
  Patterns patterns;
  std::istringstream stream(text);
  for (std::string one; std::getline(stream, one, ':');)
    if (!one.empty()) patterns.push_back(one);
  return patterns;
}

Patterns Wanted(const std::string &filter) {
  Patterns wanted = Split(filter.substr(0, filter.find('-')));
  return wanted.empty() ? Patterns{"*"} : wanted;
}

Patterns LeftOut(const std::string &filter) {
  size_t minus = filter.find('-');
  return minus == std::string::npos ? Patterns()
                                    : Split(filter.substr(minus + 1));
}

bool MatchesOne(const char *pattern, const char *text) {
  if (*pattern == 0) return *text == 0;
  if (*pattern == '*')
    return MatchesOne(pattern + 1, text) ||
           (*text != 0 && MatchesOne(pattern, text + 1));
  return *text != 0 && (*pattern == '?' || *pattern == *text) &&
         MatchesOne(pattern + 1, text + 1);
}

bool MatchesAny(const Patterns &patterns, const std::string &text) {
  for (const std::string &pattern : patterns)
    if (MatchesOne(pattern.c_str(), text.c_str())) return true;
  return false;
}

}  // namespace

bool Matches(const std::string &filter, const std::string &test) {
  return MatchesAny(Wanted(filter), test) && !MatchesAny(LeftOut(filter), test);
}

std::vector<std::string> AllTests() {
  std::vector<std::string> names;
  const auto &program = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); i++) {
    const auto &suite = *program.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); j++)
      names.push_back(std::string(suite.name()) + "." +
                      suite.GetTestInfo(j)->name());
  }
  return names;
}

std::string PatternWithoutTest(const std::string &filter) {
  bool is_any_left = false;
  for (const std::string &test : AllTests())
    is_any_left = is_any_left || Matches(filter, test);
  for (const std::string &pattern : Wanted(filter)) {
    bool is_met = false;
    for (const std::string &test : AllTests())
      is_met = is_met || MatchesAny({pattern}, test);
    if (!is_met) return pattern;
  }
  return is_any_left ? "" : filter;
}

}  // namespace explore
