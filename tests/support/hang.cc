// hang.cc - a signal asks, the board answers.
#include "tests/support/hang.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace gate {
namespace {

enum { kNone, kReady, kTold };
constexpr int kQuestion = SIGUSR2;

std::function<std::string()> told_on_hang;

void Tell(int) {
  std::string story = told_on_hang();
  snprintf(board()->story, sizeof board()->story, "%s", story.c_str());
  board()->story_state = kTold;
}

}  // namespace

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
  kill(process, kQuestion);
  // Ten seconds at most: on a busy machine an answer takes its time, and one
  // that hangs for good does not answer.
  for (int i = 0; i < 1000 && board->story_state != kTold; i++) usleep(10000);
}

}  // namespace gate
