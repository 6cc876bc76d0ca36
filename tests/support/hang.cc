// hang.cc - a signal asks, the board answers.
#include "tests/support/hang.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace gate {
namespace {

enum { kNone, kReady, kTold, kDoubted };
constexpr int kQuestion = SIGUSR2;
constexpr int kQuestions = 20;

std::function<std::string()> told_on_hang;
bool is_doubted;  // what is told may be true for a moment only

void Tell(int) {
  is_doubted = false;
  std::string story = told_on_hang();
  snprintf(board()->story, sizeof board()->story, "%s", story.c_str());
  board()->story_state = is_doubted ? kDoubted : kTold;
}

// Ten seconds at most: on a busy machine an answer takes its time, and one
// that hangs for good does not answer.
void Ask(int process, Board *board) {
  board->story_state = kReady;
  kill(process, kQuestion);
  for (int i = 0; i < 1000 && board->story_state == kReady; i++) usleep(10000);
}

}  // namespace

bool IsHeld(pthread_mutex_t *lock) {
  if (pthread_mutex_trylock(lock) != 0) return is_doubted = true;
  pthread_mutex_unlock(lock);
  return false;
}

void OnHang(std::function<std::string()> story) {
  told_on_hang = std::move(story);
  signal(kQuestion, Tell);
  board()->story_state = kReady;
}

void NoStory() {
  board()->story_state = kNone;
  told_on_hang = nullptr;
}

void AskForStory(int process, Board *board) {
  if (board->story_state != kReady) return;
  Ask(process, board);
  for (int i = 1; i < kQuestions && board->story_state == kDoubted; i++)
    Ask(process, board);
}

}  // namespace gate
