// visible.h - text that somebody else wrote, fit for a terminal.
#ifndef TESTS_SUPPORT_VISIBLE_H
#define TESTS_SUPPORT_VISIBLE_H

#include <string>

namespace gate {

// The same text, in which nothing acts on the terminal that shows it: control
// characters and what is not UTF-8 are told as in C, "\x1b", "\r". Lines,
// tabs and all other characters stay as they are.
std::string Visible(const std::string &text);

}  // namespace gate

#endif
