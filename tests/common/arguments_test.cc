// arguments_test.cc - the whole text, in its range, or an error.
#include "chapters/common/arguments.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace {

int Parse(const char *text, long least, long most, long *number) {
  *number = -7;
  return number_parse(text, least, most, number);
}

TEST(Arguments, APortIsTheWholeText) {
  long number;
  for (const char *text : {"abc", "80x", " 80", "80 ", "+80", "", "-", "-1",
                           "8 0", "0x50", "80\n", "8.0"}) {
    EXPECT_EQ(-EINVAL, Parse(text, 0, 65535, &number))
        << "J1: '" << text << "'";
    EXPECT_EQ(-7, number) << "untouched on failure";
  }
  EXPECT_EQ(0, Parse("0080", 0, 65535, &number)) << "J1: digits";
  EXPECT_EQ(80, number) << "J1: decimal ones";
}

TEST(Arguments, OutOfRangeIsNotAnotherNumber) {
  long number;
  for (const char *text : {"65536", "70000", "4294967376",
                           "18446744073709551696", "99999999999999999999999"})
    EXPECT_EQ(-ERANGE, Parse(text, 0, 65535, &number)) << "J2: " << text;
  for (const char *text : {"0", "65535"})
    EXPECT_EQ(0, Parse(text, 0, 65535, &number)) << "J2: " << text;
}

TEST(Arguments, NegativeOnesWhereTheyAreAllowed) {
  long number;
  EXPECT_EQ(0, Parse("-5", -5, 5, &number));
  EXPECT_EQ(-5, number);
  EXPECT_EQ(-ERANGE, Parse("-6", -5, 5, &number));
  EXPECT_EQ(-EINVAL, Parse("--5", -5, 5, &number));
  EXPECT_EQ(-EINVAL, Parse("- 5", -5, 5, &number));
}

struct Program {
  explicit Program(std::vector<const char *> arguments) : list(arguments) {
    list.push_back(nullptr);
  }
  uint16_t Port() {
    return port_argument(int(list.size()) - 1,
                         const_cast<char **>(list.data()));
  }
  std::vector<const char *> list;
};

TEST(Arguments, APortOrNone) {
  EXPECT_EQ(0, Program({"server"}).Port()) << "the kernel chooses";
  EXPECT_EQ(7000, Program({"server", "7000"}).Port());
}

TEST(ArgumentsDeathTest, AMistakeEndsTheProgram) {
  EXPECT_EXIT(Program({"server", "70000"}).Port(), testing::ExitedWithCode(2),
              "^server: PORT is a number from 0 to 65535, not '70000'");
  EXPECT_EXIT(Program({"server", ""}).Port(), testing::ExitedWithCode(2),
              "not ''");
  EXPECT_EXIT(Program({"server", "80", "90"}).Port(),
              testing::ExitedWithCode(2), "^usage: server .PORT.");
}

}  // namespace
