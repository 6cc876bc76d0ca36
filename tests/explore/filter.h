// filter.h - a filter that matches nothing must not look like a test that
// passes. GoogleTest runs no test then, and says that all went well.
#ifndef TESTS_EXPLORE_FILTER_H
#define TESTS_EXPLORE_FILTER_H

#include <string>
#include <vector>

namespace explore {

// The tests of this program, each as `Suite.Name`.
std::vector<std::string> AllTests();

// As GoogleTest reads a filter: patterns between colons, with * and ?, and
// after a minus those that are left out.
bool Matches(const std::string &filter, const std::string &test);

// The first of the wanted patterns that matches no test of this program, or the
// whole filter if it leaves all of them out; empty if the filter is sound.
std::string PatternWithoutTest(const std::string &filter);

}  // namespace explore

#endif
