/* arguments.h - what a program was told when it was started.
 *
 *   J1  A number is the whole of its text: decimal digits, and a '-' before
 *       them where negative numbers are allowed. Not "80x", " 80", "+80" or
 *       "".
 *   J2  A number out of its range is an error, and never another number:
 *       port 70000 is not port 4464.
 *   J3  On a mistake the program says on standard error what it has got and
 *       what it takes, and ends with status 2, before it does anything.
 *
 * Rust: str::parse::<u16>(), and clap's value_parser!(u16). */
#ifndef COMMON_ARGUMENTS_H
#define COMMON_ARGUMENTS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 with *number set, -EINVAL (J1) or -ERANGE (J2). */
int number_parse(const char *text, long least, long most, long *number);

/* Argument `index` of main()'s, which must be from least to most, or
 * `otherwise` if there is none; exits on a mistake (J3). `name` is what it
 * is called in that sentence: "the number of tasks". */
long number_argument(char **arguments, int count, int index, const char *name,
                     long least, long most, long otherwise);

/* For a program that takes [PORT] and nothing else: 0 (the kernel chooses)
 * if there is none. Exits on a mistake (J3), and when there is more. */
uint16_t port_argument(int count, char **arguments);

#ifdef __cplusplus
}
#endif

#endif
