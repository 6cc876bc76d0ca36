/* planted.c - the textbook's bugs, in the textbook's programs. */
#include "tests/explore/programs/planted.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum planted_bug planted;

static bool has(enum planted_bug bug) { return planted == bug; }

static memory_order unless(enum planted_bug bug, memory_order order) {
  return has(bug) ? memory_order_relaxed : order;
}

/* ------------------------------------------------------------------ Dekker */

static atomic_int wants[2];
static int dekker_value;

void dekker_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&wants[0], 0);
  atomic_init(&wants[1], 0);
  dekker_value = 0;
}

bool dekker_enter(int side) {
  memory_order order =
      has(PLANTED_ORDER) ? memory_order_release : memory_order_seq_cst;

  atomic_store_explicit(&wants[side], 1, order);
  order = has(PLANTED_ORDER) ? memory_order_acquire : memory_order_seq_cst;
  return atomic_load_explicit(&wants[1 - side], order) == 0;
}

void dekker_work(void) { dekker_value++; }

int dekker_count(void) { return dekker_value; }

/* -------------------------------------------------------------------- once */

static pthread_mutex_t once_lock;
static atomic_int once_made;
static int once_value;

void once_reset(enum planted_bug bug) {
  planted = bug;
  pthread_mutex_init(&once_lock, NULL);
  atomic_init(&once_made, 0);
  once_value = 0;
}

int once_get(void) {
  if (atomic_load_explicit(&once_made,
                           unless(PLANTED_ORDER, memory_order_acquire)))
    return once_value;
  pthread_mutex_lock(&once_lock);
  if (has(PLANTED_RECHECK) ||
      !atomic_load_explicit(&once_made, memory_order_relaxed)) {
    once_value += 42;
    atomic_store_explicit(&once_made, 1, memory_order_release);
  }
  int value = once_value;
  pthread_mutex_unlock(&once_lock);
  return value;
}

/* --------------------------------------------------------------- spin lock */

static atomic_flag spin;
static int spin_counter;

void spin_reset(enum planted_bug bug) {
  planted = bug;
  atomic_flag_clear(&spin);
  spin_counter = 0;
}

void spin_count(void) {
  while (atomic_flag_test_and_set_explicit(&spin, memory_order_acquire))
    ;
  spin_counter++;
  atomic_flag_clear_explicit(&spin,
                             unless(PLANTED_ORDER, memory_order_release));
}

int spin_value(void) { return spin_counter; }

/* ------------------------------------------------------------------- stack */

struct node {
  struct node *next;
  int value;
};

static _Atomic(struct node *) top;
static pthread_mutex_t stack_lock;

void stack_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&top, NULL);
  pthread_mutex_init(&stack_lock, NULL);
}

void stack_push(int value) {
  struct node *node = malloc(sizeof *node);

  node->value = value;
  node->next = atomic_load_explicit(&top, memory_order_relaxed);
  while (!atomic_compare_exchange_weak_explicit(
      &top, &node->next, node, unless(PLANTED_ORDER, memory_order_release),
      memory_order_relaxed))
    ;
}

/* One at a time: else the node may be freed while somebody reads its next. */
int stack_pop(void) {
  if (!has(PLANTED_FREE)) pthread_mutex_lock(&stack_lock);
  struct node *node = atomic_load_explicit(&top, memory_order_acquire);

  while (node != NULL && !atomic_compare_exchange_weak_explicit(
                             &top, &node, node->next, memory_order_acquire,
                             memory_order_acquire))
    ;
  if (!has(PLANTED_FREE)) pthread_mutex_unlock(&stack_lock);
  int value = node != NULL ? node->value : -1;

  free(node);
  return value;
}

void stack_end(void) {
  while (stack_pop() >= 0)
    ;
}

/* -------------------------------------------------------------------- doze */

static atomic_uint doze_word;
static int doze_text;

void doze_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&doze_word, 0);
  doze_text = 0;
}

void doze_sleep(void) {
  while (atomic_load_explicit(&doze_word, memory_order_acquire) == 0) {
    /* The kernel looks again, if it is told at what. */
    unsigned seen = has(PLANTED_RECHECK)
                        ? atomic_load_explicit(&doze_word, memory_order_relaxed)
                        : 0;

    syscall(SYS_futex, &doze_word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  }
}

void doze_wake(void) {
  doze_text = 1;
  if (has(PLANTED_LOCKS)) /* the wake comes before there is a reason */
    syscall(SYS_futex, &doze_word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
  atomic_store_explicit(&doze_word, 1,
                        unless(PLANTED_ORDER, memory_order_release));
  if (!has(PLANTED_LOCKS))
    syscall(SYS_futex, &doze_word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

int doze_news(void) { return doze_text; }

/* ------------------------------------------------------------------- locks */

static pthread_mutex_t locks[2];
static int accounts[2];

void pair_reset(enum planted_bug bug) {
  planted = bug;
  for (int i = 0; i < 2; i++) {
    pthread_mutex_init(&locks[i], NULL);
    accounts[i] = 10;
  }
}

void pair_move(int from) {
  int first = has(PLANTED_LOCKS) ? from : 0;

  pthread_mutex_lock(&locks[first]);
  pthread_mutex_lock(&locks[1 - first]);
  accounts[from]--;
  accounts[1 - from]++;
  pthread_mutex_unlock(&locks[1 - first]);
  pthread_mutex_unlock(&locks[first]);
}

int pair_sum(void) { return accounts[0] + accounts[1]; }

/* -------------------------------------------------------------------- slot */

static pthread_mutex_t slot_lock;
static pthread_cond_t slot_is_full;
static int slot_value;

void slot_reset(enum planted_bug bug) {
  planted = bug;
  pthread_mutex_init(&slot_lock, NULL);
  pthread_cond_init(&slot_is_full, NULL);
  slot_value = -1;
}

void slot_put(int value) {
  pthread_mutex_lock(&slot_lock);
  slot_value = value;
  pthread_mutex_unlock(&slot_lock);
  pthread_cond_signal(&slot_is_full);
}

int slot_get(void) {
  pthread_mutex_lock(&slot_lock);
  if (has(PLANTED_RECHECK)) { /* looks without the lock that it waits with */
    pthread_mutex_unlock(&slot_lock);
    pthread_mutex_lock(&slot_lock);
    pthread_cond_wait(&slot_is_full, &slot_lock);
  } else {
    while (slot_value < 0) pthread_cond_wait(&slot_is_full, &slot_lock);
  }
  int value = slot_value;

  slot_value = -1;
  pthread_mutex_unlock(&slot_lock);
  return value;
}

/* ------------------------------------------------------------------ owners */

struct owned {
  atomic_int references;
  int value;
};

static struct owned *owned;

void owner_reset(enum planted_bug bug) {
  planted = bug;
  owned = malloc(sizeof *owned);
  atomic_init(&owned->references, 2);
  owned->value = 0;
}

void owner_use_and_drop(void) {
  struct owned *mine = owned;
  int value = mine->value;

  (void)value;
  if (has(PLANTED_FREE)) { /* counts in two steps */
    int left = atomic_load(&mine->references) - 1;

    atomic_store(&mine->references, left);
    if (left == 0) free(mine);
  } else if (atomic_fetch_sub_explicit(
                 &mine->references, 1,
                 unless(PLANTED_ORDER, memory_order_acq_rel)) == 1) {
    free(mine);
  }
}

/* ----------------------------------------------------------------- seqlock */

static atomic_int sequence, halves[2];

void seqlock_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&sequence, 0);
  atomic_init(&halves[0], 0);
  atomic_init(&halves[1], 0);
}

void seqlock_write(int value) {
  int odd = atomic_load_explicit(&sequence, memory_order_relaxed) + 1;

  atomic_store_explicit(&sequence, odd, memory_order_relaxed);
  if (!has(PLANTED_ORDER)) atomic_thread_fence(memory_order_release);
  atomic_store_explicit(&halves[0], value, memory_order_relaxed);
  atomic_store_explicit(&halves[1], value, memory_order_relaxed);
  atomic_store_explicit(&sequence, odd + 1,
                        unless(PLANTED_ORDER, memory_order_release));
}

bool seqlock_read(int *first, int *second) {
  int before = atomic_load_explicit(&sequence, memory_order_acquire);

  *first = atomic_load_explicit(&halves[0], memory_order_relaxed);
  *second = atomic_load_explicit(&halves[1], memory_order_relaxed);
  if (!has(PLANTED_ORDER)) atomic_thread_fence(memory_order_acquire);
  return before % 2 == 0 &&
         atomic_load_explicit(&sequence, memory_order_relaxed) == before;
}

/* -------------------------------------------------------------------- ring */

enum { PLACES = 2 };

static int places[PLACES];
static atomic_uint head, tail;

void ring_of_two_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&head, 0);
  atomic_init(&tail, 0);
}

bool ring_of_two_push(int value) {
  unsigned end = atomic_load_explicit(&tail, memory_order_relaxed);

  if (end - atomic_load_explicit(&head, memory_order_acquire) == PLACES)
    return false;
  places[end % PLACES] = value;
  atomic_store_explicit(&tail, end + 1,
                        unless(PLANTED_ORDER, memory_order_release));
  return true;
}

int ring_of_two_pop(void) {
  unsigned begin = atomic_load_explicit(&head, memory_order_relaxed);

  if (begin == atomic_load_explicit(&tail, memory_order_acquire)) return -1;
  int value = places[begin % PLACES];

  atomic_store_explicit(&head, begin + 1, memory_order_release);
  return value;
}

/* ----------------------------------------------------------------- forever */

static atomic_int over;

void forever_reset(enum planted_bug bug) {
  planted = bug;
  atomic_init(&over, 0);
}

void forever_wait(void) {
  while (!atomic_load_explicit(&over, memory_order_relaxed))
    ;
}

void forever_end(void) {
  if (!has(PLANTED_RECHECK))
    atomic_store_explicit(&over, 1, memory_order_relaxed);
}

/* -------------------------------------------------------------------------- */

static _Thread_local int of_this_thread = 5;

int *planted_thread_local(void) { return &of_this_thread; }

void planted_plain_add(int *value) { (*value)++; }
