// story.h - a failing execution, told.
#ifndef TESTS_EXPLORE_STORY_H
#define TESTS_EXPLORE_STORY_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace explore {

struct Scenario;

// While an execution runs: short texts, good until some more are asked for.
const char *TellName(uintptr_t address, size_t size);
const char *TellValue(uint64_t value);
const char *TellPlace(const void *pc);  // a mark, resolved in the end
const char *TellThread(int thread);
const char *TellThreadPlace(const char *what, int thread, const void *pc);
const char *TellOrder(int order);

// Lines of the schedule; only when `recording`.
void TellLine(const void *pc, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void TellCall(const char *verb, const void *memory, const void *pc);
void TellPlain(uintptr_t address, size_t size, bool writes, const void *pc);

void ResetStory(const Scenario *scenario);
void ResetNames();
// All of it: columns, what failed, how to replay.
std::string Story(const Scenario &scenario, const std::string &failure,
                  const std::string &replay);
}  // namespace explore

#endif
