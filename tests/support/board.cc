// board.cc - a memfd, made by the runner, mapped by it and by one step.
#include "tests/support/board.h"

#include <cstdio>
#include <sys/mman.h>
#include <unistd.h>

namespace gate {
namespace {

Board *current_board;

Board *Map(int descriptor) {
  void *memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE,
                      MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) CannotRun("shared memory");
  return static_cast<Board *>(memory);
}

}  // namespace

Board *NewBoard(int *descriptor) {
  *descriptor = memfd_create("board", 0);
  if (*descriptor < 0 || ftruncate(*descriptor, sizeof(Board)) != 0)
    CannotRun("shared memory (memfd_create)");
  Board *board = Map(*descriptor);
  // A step inherits no other step's: it could write over it.
  madvise(board, sizeof(Board), MADV_DONTFORK);
  return board;
}

void UseBoard(int descriptor) {
  current_board = Map(descriptor);
  close(descriptor);  // a step's own descriptors are counted
}

Board *board() {
  if (current_board == nullptr) {
    int descriptor;
    current_board = NewBoard(&descriptor);
    close(descriptor);
  }
  return current_board;
}

void CannotRun(const char *what) {
  fprintf(stderr, "the gate cannot run: it was refused %s: %m\n", what);
  _exit(3);
}

void FailureIs(Kind kind) {
  int none = int(Kind::kNone);
  board()->kind.compare_exchange_strong(none, int(kind));
}

}  // namespace gate
