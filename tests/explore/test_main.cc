// test_main.cc - the explorer's own tests are plain GoogleTest programs.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/explore/filter.h"

int main(int count, char **arguments) {
  ::testing::InitGoogleTest(&count, arguments);
  std::string filter = ::testing::GTEST_FLAG(filter);
  std::string unmet = explore::PatternWithoutTest(filter);
  if (unmet.empty() || ::testing::GTEST_FLAG(list_tests))
    return RUN_ALL_TESTS();
  fprintf(stderr, "no test matches %s; --gtest_list_tests names them\n",
          unmet.c_str());
  return 2;
}
