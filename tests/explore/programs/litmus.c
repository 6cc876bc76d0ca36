/* litmus.c - the compiler hands an order that is no constant on as it is. */
#include "tests/explore/programs/litmus.h"

#include <stdatomic.h>

static atomic_int locations[LITMUS_LOCATIONS];

void litmus_reset(void) {
  for (int i = 0; i < LITMUS_LOCATIONS; i++) atomic_init(&locations[i], 0);
}

int litmus_load(int location, int order) {
  return atomic_load_explicit(&locations[location], order);
}

void litmus_store(int location, int value, int order) {
  atomic_store_explicit(&locations[location], value, order);
}

int litmus_exchange(int location, int value, int order) {
  return atomic_exchange_explicit(&locations[location], value, order);
}

int litmus_add(int location, int value, int order) {
  return atomic_fetch_add_explicit(&locations[location], value, order);
}

void litmus_fence(int order) { atomic_thread_fence(order); }

void *litmus_address(int location) { return &locations[location]; }
