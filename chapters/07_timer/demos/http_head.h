/* http_head.h - the head of a request: as much HTTP as hello_server needs.
 *
 *   Q1  A head is a request line and lines `name: value`, each with its \r\n,
 *       and an empty line. Before it empty lines are passed over.
 *   Q2  head_parse() looks at the bytes that have arrived: how many the first
 *       head takes up, with `request` set; 0 if it is not complete; or the
 *       status of the answer to what is none, negative, as soon as that is
 *       certain. What follows then is no request either.
 *   Q3  -400: a control character, a NUL too, or lines of another form, or a
 *       length that is none. -431: HEAD_LIMIT bytes and no end. -501: a body
 *       in pieces (Transfer-Encoding), of which the end is not known.
 *
 * RFC 9112: 2.1 to 3.2, 5.1, 6.1 to 6.3, 9.3. */
#ifndef CHAPTERS_TIMER_HTTP_HEAD_H
#define CHAPTERS_TIMER_HTTP_HEAD_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum {
    HEAD_LIMIT = 1024, /* bytes */
    LENGTH_DIGITS = 15 /* of a body */
};

struct request {
    bool is_last;   /* the peer wants the end after its answer */
    long long body; /* bytes behind the head that are no request; or -1 */
};

/* The first character that has no place in a head, or NULL. */
static inline const char *head_bad_character(const char *bytes, size_t size)
{
    for (const char *at = bytes; at < bytes + size; at++)
        if (iscntrl((unsigned char)*at) && *at != '\t' && *at != '\r' &&
            *at != '\n')
            return at;
    return NULL;
}

/* The length of a word of letters, digits and what else a name may have. */
static inline size_t head_token(const char *text)
{
    size_t length = 0;

    while (isalnum((unsigned char)text[length]) ||
           (text[length] != '\0' &&
            strchr("!#$%&'*+-.^_`|~", text[length]) != NULL))
        length++;
    return length;
}

/* METHOD TARGET HTTP/1.x: the digit, or -1. */
static inline int head_version(const char *line, size_t length)
{
    size_t method = head_token(line);
    const char *target = line + method + 1;
    size_t target_length = strcspn(target, " \t\r\n");
    const char *version = target + target_length + 1;

    if (method == 0 || line[method] != ' ' || target_length == 0 ||
        target[target_length] != ' ' || line + length - version != 8 ||
        memcmp(version, "HTTP/1.", 7) != 0)
        return -1;
    return version[7] == '0' || version[7] == '1' ? version[7] - '0' : -1;
}

/* A length of a body; -1 if it is none. */
static inline long long head_length(const char *value, size_t length)
{
    long long number = 0;

    if (length == 0 || length > LENGTH_DIGITS)
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)value[i]))
            return -1;
        number = 10 * number + (value[i] - '0');
    }
    return number;
}

static inline bool head_is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

/* One line `name: value`. 0 or the status. */
static inline int head_field(const char *line, size_t length,
                             struct request *request)
{
    size_t name = head_token(line);
    const char *value = line + name + 1, *end = line + length;

    if (name == 0 || line[name] != ':')
        return -400;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    length = (size_t)(end - value);
    if (head_is(line, name, "Transfer-Encoding"))
        return -501;
    if (head_is(line, name, "Connection"))
        request->is_last =
            head_is(value, length, "close") ||
            (request->is_last && !head_is(value, length, "keep-alive"));
    if (head_is(line, name, "Content-Length")) {
        long long body = head_length(value, length);

        if (body < 0 || (request->body >= 0 && request->body != body))
            return -400;
        request->body = body;
    }
    return 0;
}

/* The lines of a whole head, which ends with an empty one. 0 or the status. */
static inline int head_lines(const char *line, struct request *request)
{
    size_t length = strcspn(line, "\r\n");
    int version = head_version(line, length), error = 0;

    if (version < 0)
        return -400;
    *request = (struct request){.is_last = version == 0, .body = -1};
    while (error == 0) {
        if (line[length] != '\r' || line[length + 1] != '\n')
            return -400; /* one without the other */
        line += length + 2;
        length = strcspn(line, "\r\n");
        if (length == 0)
            return 0;
        error = head_field(line, length, request);
    }
    return error;
}

static inline int head_parse(const char *bytes, size_t size,
                             struct request *request)
{
    size_t begin = 0;

    while (size - begin >= 2 && memcmp(bytes + begin, "\r\n", 2) == 0)
        begin += 2;
    const char *end = memmem(bytes + begin, size - begin, "\r\n\r\n", 4);
    size_t length = end != NULL ? (size_t)(end + 4 - bytes) : size;

    if (head_bad_character(bytes + begin, length - begin) != NULL)
        return -400;
    if (end == NULL)
        return size < HEAD_LIMIT ? 0 : -431;
    int error = head_lines(bytes + begin, request);

    return error < 0 ? error : (int)length;
}

#endif
