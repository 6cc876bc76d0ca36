/* alarm.h - a wait for some time, before there are timers.
 *
 *   Q1  alarm_wait is ready `milliseconds` after its first poll, or later, with
 *       0. One at a time for an alarm.
 *   Q2  The alarm is a descriptor that is taken when it is made: so it can be
 *       waited for when there is no other left. A wait takes none, and no
 *       memory.
 *   Q3  A wait that is dropped leaves the alarm as it was. It may still go off:
 *       that is one event for nobody.
 *
 * For one or two of a kind. For one a task there is chapter 07, where any
 * number of timers shares the sleep of the driver. timerfd_create(2). */
#ifndef CHAPTERS_REACTOR_ALARM_H
#define CHAPTERS_REACTOR_ALARM_H

#include "chapters/06_reactor/socket.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct alarm {
    struct socket socket; /* a timerfd */
};

struct alarm_wait {
    struct io_operation io; /* result: 0, or a negative errno */
    int milliseconds;
    bool is_set;
};

/* 0 or a negative errno. */
int alarm_init(struct alarm *alarm, struct reactor *reactor);

/* Does nothing for one that is ended already. */
void alarm_end(struct alarm *alarm);

void alarm_wait_init(struct alarm_wait *wait, const struct alarm *alarm,
                     int milliseconds);

#ifdef __cplusplus
}
#endif

#endif
