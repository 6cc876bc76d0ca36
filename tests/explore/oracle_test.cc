// oracle_test.cc - programs by chance, with any orders: the explorer finds
// the outcomes that the axioms allow, all and no others.
#include "tests/explore/oracle.h"

#include <cstdlib>
#include <random>

namespace {

class Programs {
 public:
  explicit Programs(unsigned seed) : random_(seed) {}

  Litmus Next() {
    Litmus litmus = {"random", {}, "xy", ""};
    int threads = 2 + int(random_() % 2);
    int most = threads == 2 ? 4 : 3;
    for (int t = 0; t < threads; t++) {
      std::string text;
      for (int n = 1 + int(random_() % unsigned(most)); n > 0; n--)
        text += Operation() + " ";
      litmus.threads.push_back(text);
    }
    return litmus;
  }

 private:
  const char *OneOf(std::vector<const char *> words) {
    return words[random_() % words.size()];
  }
  std::string Operation() {
    std::string where = OneOf({"x", "y"});
    std::string value = std::to_string(1 + random_() % 2);
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return "R" + where + OneOf({".rlx", ".rlx", ".acq", ".sc"});
      case 3:
      case 4:
      case 5:
        return "W" + where + value + OneOf({".rlx", ".rlx", ".rel", ".sc"});
      case 6:
        return OneOf({"X", "A"}) + where + value +
               OneOf({".rlx", ".acq", ".rel", ".ar", ".sc"});
      default:
        return std::string("F") + OneOf({".acq", ".rel", ".ar", ".sc", ".sc"});
    }
  }

  std::mt19937 random_;
};

std::string Text(const Litmus &litmus) {
  std::string text;
  for (const std::string &thread : litmus.threads) text += "{ " + thread + "} ";
  return text;
}

TEST(OracleTest, KnowsTheLitmusTests) {
  Litmus dekker = {"", {"Wx1.rlx Ry.rlx", "Wy1.rlx Rx.rlx"}, "", ""};
  EXPECT_EQ("00 01 10 11", Oracle(dekker).Outcomes());
  Litmus passing = {"", {"Wx1.rlx Wy1.rel", "Ry.acq Rx.rlx"}, "", ""};
  EXPECT_EQ("00 01 11", Oracle(passing).Outcomes());
  Litmus z6u = {
      "", {"Wx1.sc Wy1.rel", "Ay1.sc Ry.rlx", "Wy3.sc Rx.sc"}, "", ""};
  EXPECT_NE(std::string::npos, Oracle(z6u).Outcomes().find("130"));
}

TEST(OracleTest, AgreesWithTheExplorerOnRandomPrograms) {
  if (!explore::IsOn()) GTEST_SKIP();
  const char *seed = getenv("ORACLE_SEED"), *count = getenv("ORACLE_PROGRAMS");
  Programs programs(seed != nullptr ? unsigned(atoi(seed)) : 1);
  int failures = 0;
  for (int i = count != nullptr ? atoi(count) : 300; i > 0; i--) {
    Litmus litmus = programs.Next();
    explore::Result result;
    std::string found = OutcomesOf(litmus, &result);
    std::string allowed = Oracle(litmus).Outcomes();
    EXPECT_EQ(allowed, found) << Text(litmus) << result.story;
    if (allowed != found && ++failures == 5) break;
  }
}

}  // namespace
