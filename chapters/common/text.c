/* text.c - UTF-8 taken apart as far as it must be.
 *
 * The bytes 128 to 159 are control characters when they stand alone, and parts
 * of letters inside a character of UTF-8. So it takes the whole table of what
 * is well formed (Unicode 15, table 3-7) to tell which they are: a lead byte
 * that nothing fitting follows must not hide them. */
#include "chapters/common/text.h"

static int is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* How many bytes follow a lead byte; 0 for what is no lead byte. */
static size_t bytes_after(unsigned char lead)
{
    return is_between(lead, 0xC2, 0xDF)   ? 1
           : is_between(lead, 0xE0, 0xEF) ? 2
           : is_between(lead, 0xF0, 0xF4) ? 3
                                          : 0;
}

/* Not the long way round (after E0, F0), no surrogate (ED), nothing past
 * U+10FFFF (F4). */
static int may_follow(unsigned char lead, unsigned char second)
{
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

    return is_between(second, low, high);
}

/* The length of the character of UTF-8 that begins here, if it is one of two
 * bytes or more; else 1. */
static size_t character_size(const unsigned char *bytes, size_t size)
{
    size_t after = bytes_after(bytes[0]);

    if (after == 0 || after >= size || !may_follow(bytes[0], bytes[1]))
        return 1;
    for (size_t i = 2; i <= after; i++)
        if (!is_between(bytes[i], 0x80, 0xBF))
            return 1;
    return after + 1;
}

static int is_control(const unsigned char *character, size_t size)
{
    if (size == 1)
        return (character[0] < 32 && character[0] != '\t') ||
               is_between(character[0], 127, 159);
    return character[0] == 0xC2 && character[1] < 0xA0;
}

size_t text_find_control(const char *bytes, size_t size)
{
    const unsigned char *text = (const unsigned char *)bytes;

    for (size_t at = 0, length; at < size; at += length) {
        length = character_size(text + at, size - at);
        if (is_control(text + at, length))
            return at;
    }
    return size;
}
