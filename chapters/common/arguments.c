/* arguments.c - numbers that people type. */
#include "chapters/common/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int number_parse(const char *text, long least, long most, long *number)
{
    const char *digit = text + (*text == '-' && least < 0);
    char *end;

    if (*digit < '0' || *digit > '9')
        return -EINVAL; /* strtol() would take spaces and a '+' */
    errno = 0;
    long value = strtol(text, &end, 10);

    if (*end != '\0')
        return -EINVAL;
    if (errno == ERANGE || value < least || value > most)
        return -ERANGE;
    *number = value;
    return 0;
}

long number_argument(char **arguments, int count, int index, const char *name,
                     long least, long most, long otherwise)
{
    long number = otherwise;

    if (index >= count ||
        number_parse(arguments[index], least, most, &number) == 0)
        return number;
    fprintf(stderr, "%s: %s is a number from %ld to %ld, not '%s'\n",
            arguments[0], name, least, most, arguments[index]);
    exit(2);
}

uint16_t port_argument(int count, char **arguments)
{
    if (count > 2) {
        fprintf(stderr, "usage: %s [PORT]\n", arguments[0]);
        exit(2);
    }
    return (uint16_t)number_argument(arguments, count, 1, "PORT", 0, 65535, 0);
}
