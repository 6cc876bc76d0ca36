// symbols.h - which line of source an instruction belongs to.
//
// While executions run, nobody asks: an address is noted as a mark in the
// text. Only what is told is looked up, all of it at once, by addr2line.
#ifndef TESTS_EXPLORE_SYMBOLS_H
#define TESTS_EXPLORE_SYMBOLS_H

#include <string>
#include <vector>

namespace explore {

std::string Mark(const void *pc);  // "\1" hex "\2"; "" for none
std::vector<const void *> MarksIn(const std::string &text);
void LookUp(const std::vector<const void *> &places);
std::string Resolve(const std::string &text);  // marks become "file.c:12"
// What an instruction before a return address belongs to: its function, and
// around it those into which the compiler has put it.
struct Frame {
  std::string function, file;
  int line;
};
std::vector<Frame> FramesAt(const void *pc);
const char *ShortName(const char *file);  // without its folders

}  // namespace explore

#endif
