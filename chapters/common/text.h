/* text.h - what may be shown to somebody else.
 *
 * A terminal obeys control characters: ESC sequences clear it, retitle it and
 * move about in it, a \r or \b writes over what stands there. Text that one
 * peer sends and another sees must have none.
 *
 *   X1  Control characters are those below 32 but for the tab, 127 (DEL), and
 *       128 to 159 (C1: 155 alone is what ESC [ is in two).
 *   X2  UTF-8 is text. Its characters from 160 on pass, although their bytes
 *       may be of 128 to 159. U+0080 to U+009F are C1 there, too.
 *   X3  Other bytes from 160 on pass: somebody's Latin-1.
 *
 * Any thread may call it. Rust: char::is_control(), on a str that is UTF-8 for
 * sure. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the first control character begins; `size` if there is none. */
size_t text_find_control(const char *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
