/* budget.c - one number a thread. */
#include "chapters/common/budget.h"

_Thread_local int budget_left = BUDGET_NONE;
