// visible.cc - what code under test prints may hold anything.
#include "tests/support/visible.h"

#include <cstdint>
#include <cstdio>

namespace gate {
namespace {

// The bits of a first byte that say how long the character is, those of the
// character itself, and the least one that needs so many bytes.
struct Length {
  unsigned char mask, bits;
  uint32_t least;
};
constexpr Length kLengths[] = {{0x80, 0x00, 0},
                               {0xe0, 0xc0, 0x80},
                               {0xf0, 0xe0, 0x800},
                               {0xf8, 0xf0, 0x10000}};

// How many bytes the character at `at` has, and which it is; 0: it is none.
size_t Character(const std::string &text, size_t at, uint32_t *character) {
  unsigned char first = static_cast<unsigned char>(text[at]);
  for (size_t length = 1; length <= 4; length++) {
    const Length &form = kLengths[length - 1];
    if ((first & form.mask) != form.bits) continue;
    if (at + length > text.size()) return 0;
    *character = first & ~uint32_t(form.mask);
    for (size_t i = 1; i < length; i++) {
      unsigned char byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xc0) != 0x80) return 0;
      *character = *character << 6 | (byte & 0x3f);
    }
    bool is_surrogate = *character >= 0xd800 && *character <= 0xdfff;
    bool is_one = *character >= form.least && *character <= 0x10ffff;
    return is_one && !is_surrogate ? length : 0;
  }
  return 0;
}

// C0, C1, and what turns the direction of the text around.
bool Acts(uint32_t character) {
  return (character < ' ' && character != '\n' && character != '\t') ||
         (character >= 0x7f && character < 0xa0) ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string Escaped(const std::string &bytes) {
  if (bytes == "\r") return "\\r";
  std::string text;
  for (char c : bytes) {
    char byte[8];
    snprintf(byte, sizeof byte, "\\x%02x", static_cast<unsigned char>(c));
    text += byte;
  }
  return text;
}

}  // namespace

std::string Visible(const std::string &text) {
  std::string visible;
  for (size_t at = 0; at < text.size();) {
    uint32_t character = 0;
    size_t length = Character(text, at, &character);
    bool is_plain = length > 0 && !Acts(character);
    std::string bytes = text.substr(at, length > 0 ? length : 1);
    visible += is_plain ? bytes : Escaped(bytes);
    at += bytes.size();
  }
  return visible;
}

}  // namespace gate
