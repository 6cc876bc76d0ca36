// wheel_model.h - a wheel beside a sorted list, and the shortest difference.
//
// A script is a list of operations with numbers. It runs on a wheel and on a
// std::multimap at once; whatever they do not agree on is the failure. A
// script that fails is made shorter as long as it still fails, and what is
// left is printed as the calls that it is.
#ifndef TESTS_TIMER_WHEEL_MODEL_H
#define TESTS_TIMER_WHEEL_MODEL_H

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" {
#include "chapters/07_timer/wheel.h"
#include "chapters/common/container_of.h"
}

namespace wheel_test {

enum class Kind { kInsert, kRemove, kAdvance, kStep };

struct Operation {
  Kind kind;
  int entry;        // of insert and remove
  uint64_t amount;  // ticks from now
};

using Script = std::vector<Operation>;

constexpr int kEntries = 12;

class Run {
 public:
  Run() : wheel_(std::make_unique<struct wheel>()) {
    wheel_init(wheel_.get(), 0);
    for (auto &entry : entries_) wheel_entry_init(&entry);
  }

  // What went wrong, in a few words; empty if nothing did.
  std::string Play(const Script &script) {
    for (const Operation &operation : script) {
      std::string wrong = Apply(operation);
      if (wrong.empty()) wrong = CheckNext();
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  bool Contains(int entry) {
    for (auto &item : model_)
      if (item.second == entry) return true;
    return false;
  }

  void Erase(int entry) {
    for (auto it = model_.begin(); it != model_.end(); ++it)
      if (it->second == entry) {
        model_.erase(it);
        return;
      }
  }

  std::string Apply(const Operation &operation) {
    switch (operation.kind) {
      case Kind::kInsert: {
        if (Contains(operation.entry)) return "";
        uint64_t deadline = now_ + operation.amount;
        bool inserted = wheel_insert(
            wheel_.get(), &entries_[size_t(operation.entry)], deadline);
        if (inserted != (operation.amount > 0))
          return "insert says the wrong thing about what is due already";
        if (inserted) model_.insert({deadline, operation.entry});
        return "";
      }
      case Kind::kRemove:
        wheel_remove(wheel_.get(), &entries_[size_t(operation.entry)]);
        Erase(operation.entry);
        return "";
      case Kind::kAdvance:
        return AdvanceTo(now_ + operation.amount);
      case Kind::kStep: {
        uint64_t tick;
        if (!wheel_next(wheel_.get(), &tick)) return "";
        return AdvanceTo(tick);
      }
    }
    return "";
  }

  std::string AdvanceTo(uint64_t now) {
    struct list expired;
    list_init(&expired);
    now_ = now;
    wheel_advance(wheel_.get(), now, &expired);
    uint64_t latest = 0;
    while (struct list *link = list_pop_front(&expired)) {
      auto *entry = container_of(link, struct wheel_entry, link);
      int index = int(entry - entries_.data());
      if (!Contains(index)) return "an entry came out that was not inside";
      if (entry->deadline > now) return "an entry came out before its time";
      if (entry->deadline < latest) return "entries came out in a wrong order";
      latest = entry->deadline;
      Erase(index);
    }
    if (!model_.empty() && model_.begin()->first <= now)
      return "an entry that is due did not come out";
    return "";
  }

  std::string CheckNext() {
    uint64_t tick;
    bool there_is = wheel_next(wheel_.get(), &tick);
    if (there_is != !model_.empty())
      return there_is ? "next finds an entry in an empty wheel"
                      : "next finds no entry where there is one";
    if (!there_is) return "";
    if (tick <= now_) return "next is not after the wheel's time";
    if (tick > model_.begin()->first)
      return "the next visit is after a deadline";
    return "";
  }

  std::unique_ptr<struct wheel> wheel_;
  std::array<struct wheel_entry, kEntries> entries_;
  std::multimap<uint64_t, int> model_;
  uint64_t now_ = 0;
};

inline std::string Play(const Script &script) { return Run().Play(script); }

// Durations of all sizes: a random number of random length.
inline Script RandomScript(unsigned seed, int length) {
  std::mt19937_64 random(seed);
  Script script;
  for (int i = 0; i < length; i++) {
    Operation operation;
    unsigned die = unsigned(random() % 10);
    operation.kind = die < 5   ? Kind::kInsert
                     : die < 7 ? Kind::kRemove
                     : die < 9 ? Kind::kAdvance
                               : Kind::kStep;
    operation.entry = int(random() % kEntries);
    operation.amount = random() >> (24 + random() % 40);
    if (die == 0) operation.amount = random() % 3 * 64;
    script.push_back(operation);
  }
  return script;
}

// The same failure with as little as possible: pieces go, then numbers.
inline Script Shrink(Script script) {
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (size_t size = script.size() / 2; size >= 1; size /= 2)
      for (size_t at = 0; at + size <= script.size();) {
        Script without = script;
        without.erase(without.begin() + long(at),
                      without.begin() + long(at + size));
        if (Play(without).empty()) {
          at += size;
        } else {
          script = without;
          shorter = true;
        }
      }
    for (size_t i = 0; i < script.size(); i++)
      for (uint64_t part = script[i].amount; part >= 1; part /= 2) {
        Script other = script;  // large steps first, then smaller ones
        other[i].amount -= part;
        if (Play(other).empty()) continue;
        script = other;
        shorter = true;
        break;
      }
  }
  return script;
}

inline std::string Print(const Script &script) {
  std::ostringstream text;
  for (const Operation &operation : script) {
    text << "\n    ";
    switch (operation.kind) {
      case Kind::kInsert:
        text << "insert entry " << operation.entry << " at now + "
             << operation.amount;
        break;
      case Kind::kRemove:
        text << "remove entry " << operation.entry;
        break;
      case Kind::kAdvance:
        text << "advance to now + " << operation.amount;
        break;
      case Kind::kStep:
        text << "advance to next";
        break;
    }
  }
  return text.str();
}

}  // namespace wheel_test

#endif
