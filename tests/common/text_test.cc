// text_test.cc - letters pass, orders to a terminal do not.
#include "chapters/common/text.h"

#include <gtest/gtest.h>

#include <string>

namespace {

size_t Find(const std::string &text) {
  return text_find_control(text.data(), text.size());
}

TEST(Text, EveryByteAlone) {
  for (int byte = 0; byte < 256; byte++) {
    bool is_control =
        (byte < 32 && byte != '\t') || (byte >= 127 && byte < 160);
    EXPECT_EQ(is_control ? 1u : 3u,
              Find("a" + std::string(1, char(byte)) + "b"))
        << "X1, X3: byte " << byte;
  }
}

TEST(Text, EveryCharacterOfUtf8) {
  for (unsigned code = 0x80; code < 0x110000; code++) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text;
    if (code < 0x800) {
      text = {char(0xC0 | code >> 6), char(0x80 | (code & 63))};
    } else if (code < 0x10000) {
      text = {char(0xE0 | code >> 12), char(0x80 | (code >> 6 & 63)),
              char(0x80 | (code & 63))};
    } else {
      text = {char(0xF0 | code >> 18), char(0x80 | (code >> 12 & 63)),
              char(0x80 | (code >> 6 & 63)), char(0x80 | (code & 63))};
    }
    ASSERT_EQ(code < 0xA0 ? 0u : text.size(), Find(text))
        << "X2: U+" << std::hex << code;
  }
}

// The bytes after an E, F or C that do not make a character stand alone.
TEST(Text, NothingHidesBehindALeadByte) {
  for (const char *text :
       {"\xE2\x9B", "\xE2\x9Bx", "\xE0\x9B\x80", "\xF0\x8F\x9B\x80",
        "\xED\xA0\x9B", "\xF4\x90\x9B\x80", "\xC1\x9B", "\xF5\x9B\x80\x80",
        "\xC3"
        "\x1B",
        "\xE2\x82\x1B", "\xC3\xC2\x9B"})
    EXPECT_GT(std::string(text).size(), Find(text))
        << "X1: " << testing::PrintToString(text);
}

TEST(Text, TheEndOfTheTextIsTheEnd) {
  EXPECT_EQ(0u, Find("")) << "nothing is in no text";
  EXPECT_EQ(1u, text_find_control("\xC3\x9B", 1))
      << "a part of a character; the byte behind it is not looked at";
  EXPECT_EQ(3u, Find(std::string("a\tb\0", 4))) << "X1: a zero byte, too";
}

}  // namespace
