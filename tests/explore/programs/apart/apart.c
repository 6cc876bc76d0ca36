#include "tests/explore/programs/apart/apart.h"

static _Thread_local int written = 7;
static _Thread_local int zero;

int *apart_written(void) { return &written; }

int *apart_zero(void) { return &zero; }

void apart_add(int *value) { (*value)++; }
