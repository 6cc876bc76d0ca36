/* panic.h - how a broken contract ends the program.
 *
 * panic() is for mistakes of the program, never for errors of the world
 * (those are negative errno values). It prints file, line and message to
 * standard error and aborts. It is always compiled in. Any thread may
 * call it; it does not allocate. */
#ifndef COMMON_PANIC_H
#define COMMON_PANIC_H

#ifdef __cplusplus
extern "C" {
#endif

#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)

/* Panics unless `condition` holds. The condition is always evaluated. */
#define require(condition, ...) \
    do {                        \
        if (!(condition))       \
            panic(__VA_ARGS__); \
    } while (0)

/* From here on panics of this thread say "in <name>"; NULL: they do not. The
 * name is borrowed. Returns the one before. */
const char *panic_name(const char *name);

__attribute__((noreturn, format(printf, 3, 4))) void
panic_at(const char *file, int line, const char *format, ...);

#ifdef __cplusplus
}
#endif

#endif
