// test_main.cc - the explorer's own tests are plain GoogleTest programs.
#include <gtest/gtest.h>

int main(int count, char **arguments) {
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
