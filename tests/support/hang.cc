// hang.cc - a signal asks, the board answers.
#include "tests/support/hang.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "tests/explore/calls.h"
#include "tests/support/turns.h"

namespace gate {
namespace {

// At kDoubted + n the story waits for n locks that somebody held.
enum { kNone, kReady, kAsked, kTurnsAreOver, kTold, kDoubted };
constexpr int kQuestion = SIGUSR2;
constexpr int kAnswerIn = 10000;  // milliseconds; what hangs may not answer
constexpr int kTurnsIn = 60000;   // milliseconds, on a busy machine
constexpr int kRounds = 2 * kWatchedLocks;

// A lock that a story found held. Nobody knows whether it stays held before
// all threads had their turns.
enum { kUnknown, kStaysHeld, kIsGivenBack };
struct Watched {
  std::atomic<pthread_mutex_t *> lock;
  std::atomic<int> answer;
};

std::function<std::string()> told_on_hang;
Watched watched[kWatchedLocks];
std::atomic<int> teller;   // the thread that tells the story now, or 0
bool is_doubted;           // the teller's: what it tells may not stay true
pthread_mutex_t *in_hand;  // the teller's: a lock that it is giving back

Watched *Find(pthread_mutex_t *lock) {
  for (Watched &each : watched)
    if (each.lock == lock) return &each;
  return nullptr;
}

int CountWatched() {
  int count = 0;
  for (Watched &each : watched) count += each.lock != nullptr;
  return count;
}

void Watch(pthread_mutex_t *lock) {
  is_doubted = true;
  Watched *place = Find(lock);
  if (place == nullptr) place = Find(nullptr);
  if (place == nullptr) return;  // too many: no story
  place->answer = kUnknown;
  place->lock = lock;
}

bool IsFreeNow(pthread_mutex_t *lock) {
  if (pthread_mutex_trylock(lock) != 0) return false;
  pthread_mutex_unlock(lock);
  return true;
}

// In a signal handler another thread may have the lock in its hand: whoever
// told the story now could see what the lock protects change. So a lock that is
// given back now and then is waited for.
bool StaysHeld(pthread_mutex_t *lock) {
  if (lock == in_hand || IsFreeNow(lock)) return false;
  Watched *place = Find(lock);
  int answer = place != nullptr ? place->answer.load() : int(kUnknown);
  if (answer == kIsGivenBack && in_hand != nullptr) return false;
  if (answer != kStaysHeld) Watch(lock);
  return true;
}

void TellStory() {
  is_doubted = false;
  std::string story = told_on_hang ? told_on_hang() : "";
  snprintf(board()->story, sizeof board()->story, "%s",
           is_doubted ? "" : story.c_str());
  board()->story_state = is_doubted ? kDoubted + CountWatched() : int(kTold);
}

bool IsAsked(int state) {
  return state == kAsked || state == kTurnsAreOver || state >= kDoubted;
}

// Whoever finds another one telling leaves it to that one.
void Tell(pthread_mutex_t *given_back) {
  int nobody = 0;
  if (!teller.compare_exchange_strong(nobody, gettid())) return;
  in_hand = given_back;
  int state = board()->story_state;
  if (state == kTurnsAreOver)
    for (Watched &each : watched)
      if (each.answer == kUnknown) each.answer = kStaysHeld;
  if (IsAsked(state)) TellStory();
  teller = 0;
}

// Just before a thread gives a lock back: what the lock protects is its own,
// and in order.
void HearOfUnlock(pthread_mutex_t *lock) {
  Watched *place = Find(lock);
  if (place == nullptr) return;
  place->answer = kIsGivenBack;
  Tell(lock);
}

void HearQuestion(int) {
  explore::told_of_unlocks = HearOfUnlock;
  Tell(nullptr);
}

bool WaitFor(int milliseconds, const std::function<bool()> &condition) {
  constexpr int kStep = 10;
  for (; milliseconds > 0 && !condition(); milliseconds -= kStep)
    usleep(kStep * 1000);
  return condition();
}

bool Ask(int process, Board *board, int question) {
  board->story_state = question;
  kill(process, kQuestion);
  return WaitFor(kAnswerIn, [&] { return board->story_state != question; });
}

}  // namespace

bool IsHeld(pthread_mutex_t *lock) {
  return teller == gettid() ? StaysHeld(lock) : !IsFreeNow(lock);
}

void OnHang(std::function<std::string()> story) {
  told_on_hang = std::move(story);
  signal(kQuestion, HearQuestion);
  board()->story_state = kReady;
}

void NoStory() {
  board()->story_state = kNone;
  told_on_hang = nullptr;
}

void AskForStory(int process, Board *board) {
  if (board->story_state != kReady || !Ask(process, board, kAsked)) return;
  for (int round = 0; round < kRounds && board->story_state >= kDoubted;
       round++) {
    int doubt = board->story_state;
    Turns turns(process);
    auto is_known = [&] {
      return board->story_state != doubt || turns.AreOver();
    };
    if (!WaitFor(kTurnsIn, is_known)) return;
    if (board->story_state == doubt && !Ask(process, board, kTurnsAreOver))
      return;
  }
}

}  // namespace gate
