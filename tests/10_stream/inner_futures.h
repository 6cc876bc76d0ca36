// inner_futures.h - the futures that the code under test makes for itself, one
// after the other in the same place: each is dropped once, ready or not.
#ifndef TESTS_STREAM_INNER_FUTURES_H
#define TESTS_STREAM_INNER_FUTURES_H

// In the last test of a step: fails if in any of its tests one was polled and
// never dropped, was dropped twice, or was made anew before that. Interposed:
// interval_tick_init() and its like, for the whole program.
void CheckInnerFutures();

#endif
