// litmus.h - programs of a few operations, and all outcomes that they have.
#ifndef TESTS_EXPLORE_LITMUS_H
#define TESTS_EXPLORE_LITMUS_H

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/explore/explore.h"
#include "tests/explore/programs/litmus.h"

struct Litmus {
  const char *name;
  std::vector<std::string> threads;
  const char *finals;    // locations whose last value counts
  const char *outcomes;  // exactly these
};

struct Operation {
  char what;
  int location, value, order;
};

inline int Order(const std::string &name) {
  if (name == "rlx") return __ATOMIC_RELAXED;
  if (name == "acq") return __ATOMIC_ACQUIRE;
  if (name == "rel") return __ATOMIC_RELEASE;
  if (name == "ar") return __ATOMIC_ACQ_REL;
  EXPECT_EQ("sc", name);
  return __ATOMIC_SEQ_CST;
}

inline std::vector<Operation> Parse(const std::string &text) {
  std::vector<Operation> operations;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    size_t dot = word.find('.');
    Operation operation = {word[0], 0, 0, Order(word.substr(dot + 1))};
    if (dot > 1) operation.location = word[1] - 'w';
    if (dot > 2) operation.value = word[2] - '0';
    operations.push_back(operation);
  }
  return operations;
}

// Fixed arrays: a thread of a scenario leaves nothing behind.
static char seen[4][8];
static int seen_used[4];

inline void Run(const std::vector<Operation> &operations, int thread) {
  for (const Operation &operation : operations) {
    int read = -1;
    switch (operation.what) {
      case 'R':
        read = litmus_load(operation.location, operation.order);
        break;
      case 'W':
        litmus_store(operation.location, operation.value, operation.order);
        break;
      case 'X':
        read = litmus_exchange(operation.location, operation.value,
                               operation.order);
        break;
      case 'A':
        read = litmus_add(operation.location, operation.value, operation.order);
        break;
      default:
        litmus_fence(operation.order);
    }
    if (read >= 0) seen[thread][seen_used[thread]++] = char('0' + read);
  }
}

inline std::string Joined(const std::set<std::string> &words) {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

inline std::string Sorted(const char *text) {
  std::set<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.insert(word);
  return Joined(words);
}

inline std::string OutcomesOf(const Litmus &litmus, explore::Result *result,
                              explore::Options options = {}) {
  std::set<std::string> outcomes;
  explore::Scenario scenario;
  scenario.setup = [] {
    litmus_reset();
    memset(seen, 0, sizeof seen);
    memset(seen_used, 0, sizeof seen_used);
  };
  for (size_t i = 0; i < litmus.threads.size(); i++) {
    std::vector<Operation> operations = Parse(litmus.threads[i]);
    scenario.Thread(litmus.threads[i].c_str(),
                    [operations, i] { Run(operations, int(i)); });
  }
  scenario.finish = [&] {
    std::string outcome;
    for (int i = 0; i < 4; i++) outcome += seen[i];
    if (*litmus.finals) outcome += "|";
    for (const char *c = litmus.finals; *c; c++)
      outcome += char('0' + litmus_load(*c - 'w', __ATOMIC_SEQ_CST));
    outcomes.insert(outcome);
  };
  *result = explore::Explore(scenario, options);
  return Joined(outcomes);
}

#endif
