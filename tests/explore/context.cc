// context.cc - coroutines by hand: a switch is some twenty instructions.
//
// The thread-local variables of the program lie in one block a thread, at a
// constant distance from a register. They cannot move, so at a switch their
// bytes do. errno is libc's own, and goes along.
#include "tests/explore/context.h"

#include <link.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace explore {
namespace {

constexpr size_t kStack = 256 << 10, kGuard = 4096, kLocals = 4096;

struct Context {
  void *stack_pointer;
  char *stack;
  int error;
  char locals[kLocals];
};

Context contexts[kMainContext + 1];
char *locals;  // of the program, on this thread of the machine
const char *first_locals;
size_t locals_size, first_size;

int FindLocals(struct dl_phdr_info *info, size_t, void *) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) &part = info->dlpi_phdr[i];
    if (part.p_type != PT_TLS) continue;
    locals = static_cast<char *>(info->dlpi_tls_data);
    first_locals =
        reinterpret_cast<const char *>(info->dlpi_addr + part.p_vaddr);
    locals_size = locals != nullptr ? part.p_memsz : 0;
    first_size = part.p_filesz;
  }
  return 1;  // the program is the first: no library after it
}

}  // namespace

#if defined(__x86_64__)
extern "C" void explore_switch(void **from, void *to);
asm(R"(
.text
.type explore_switch, @function
explore_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size explore_switch, . - explore_switch
)");
#else
static void explore_switch(void **, void *) { abort(); }
#endif

void PrepareContexts() {
  if (contexts[0].stack != nullptr) return;
  dl_iterate_phdr(FindLocals, nullptr);
  if (locals_size > kLocals) abort();
  for (int i = 0; i < kMainContext; i++) {
    void *memory = mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    mprotect(memory, kGuard, PROT_NONE);
    contexts[i].stack = static_cast<char *>(memory);
  }
}

void ResetContext(int thread, void (*run)()) {
  Context &context = contexts[thread];
  // As explore_switch() left it: six registers, where to go on, and room for
  // a return address, so that the stack is aligned as after a call.
  void **top = reinterpret_cast<void **>(context.stack + kStack) - 1;
  *top = nullptr;
  *--top = reinterpret_cast<void *>(run);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  context.stack_pointer = top;
  context.error = 0;
  memcpy(context.locals, first_locals, first_size);
  memset(context.locals + first_size, 0, locals_size - first_size);
}

void SwitchContext(int from, int to) {
  Context &old = contexts[from], &next = contexts[to];
  old.error = errno;
  errno = next.error;
  if (locals_size > 0) {
    memcpy(old.locals, locals, locals_size);
    memcpy(locals, next.locals, locals_size);
  }
  explore_switch(&old.stack_pointer, next.stack_pointer);
}

void LeaveContext(int from, int to) {
  SwitchContext(from, to);
  abort();
}

bool IsThreadLocal(uintptr_t address) {
  return address - reinterpret_cast<uintptr_t>(locals) < locals_size;
}

bool IsGuard(uintptr_t address) {
  for (int i = 0; i < kMainContext; i++)
    if (address - reinterpret_cast<uintptr_t>(contexts[i].stack) < kGuard)
      return true;
  return false;
}

}  // namespace explore
