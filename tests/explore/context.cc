// context.cc - coroutines by hand: a switch is some twenty instructions.
//
// The thread-local variables of a program lie in one block a module (the
// program itself, each shared object) and thread. They cannot move, so at a
// switch their bytes do. Those of the system's libraries stay: libc's belong to
// the thread of the machine (a cache of malloc), but for errno.
#include "tests/explore/context.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace explore {
namespace {

constexpr size_t kStack = 256 << 10, kLocals = 8192;
constexpr int kModules = 64;

struct Context {
  void *stack_pointer;
  char *stack;
  int error;
  char locals[kLocals];
};

// The thread-local variables of a module.
struct Locals {
  char *here;         // on the thread of the machine that explores
  const char *first;  // as they are written
  size_t first_size, size;

  bool Has(uintptr_t address) const {
    return address - reinterpret_cast<uintptr_t>(here) < size;
  }
};

Context contexts[kMainContext + 1];
Locals modules[kModules];
int module_count;
uintptr_t lowest_local, after_locals;
std::string system_folder;  // where libc is, and what comes with it

[[noreturn]] void Refuse(const char *what, const char *file) {
  fprintf(stderr, "the explorer cannot run here: %s (%s)\n", what,
          *file != 0 ? file : "the program");
  abort();
}

Locals LocalsOf(const struct dl_phdr_info *module) {
  for (int i = 0; i < module->dlpi_phnum; i++) {
    const ElfW(Phdr) &part = module->dlpi_phdr[i];
    if (part.p_type != PT_TLS) continue;
    return {static_cast<char *>(module->dlpi_tls_data),
            reinterpret_cast<const char *>(module->dlpi_addr + part.p_vaddr),
            part.p_filesz, part.p_memsz};
  }
  return {};
}

std::string FolderOf(const char *file) {
  char path[PATH_MAX];
  std::string text = realpath(file, path) != nullptr ? path : file;
  return text.substr(0, text.rfind('/') + 1);
}

// libc is where errno is.
int FindSystem(struct dl_phdr_info *module, size_t, void *) {
  if (!LocalsOf(module).Has(reinterpret_cast<uintptr_t>(&errno))) return 0;
  if (strchr(module->dlpi_name, '/') == nullptr)
    Refuse("libc must be a shared object, its variables stay", "");
  system_folder = FolderOf(module->dlpi_name);
  return 1;
}

bool IsOfSystem(const char *file) {
  return strchr(file, '/') != nullptr && FolderOf(file) == system_folder;
}

int AddModule(struct dl_phdr_info *module, size_t, void *) {
  Locals locals = LocalsOf(module);
  if (locals.size == 0 || IsOfSystem(module->dlpi_name)) return 0;
  if (locals.here == nullptr)
    Refuse("thread-local variables of what was loaded later have no place",
           module->dlpi_name);
  if (module_count == kModules)
    Refuse("too many modules have thread-local variables", module->dlpi_name);
  modules[module_count++] = locals;
  return 0;
}

// From the lowest of them to the highest: most memory is not in there.
void MeasureLocals() {
  size_t size = 0;
  lowest_local = UINTPTR_MAX;
  after_locals = 0;
  for (int i = 0; i < module_count; i++) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(modules[i].here);
    lowest_local = std::min(lowest_local, begin);
    after_locals = std::max(after_locals, begin + modules[i].size);
    size += modules[i].size;
  }
  if (size > kLocals)
    Refuse("it has room for 8 KiB of thread-local variables: kLocals", "");
}

// For each exploration: each thread of the machine has its own.
void FindLocals() {
  if (system_folder.empty()) dl_iterate_phdr(FindSystem, nullptr);
  if (system_folder.empty()) Refuse("no module has errno", "libc");
  module_count = 0;
  dl_iterate_phdr(AddModule, nullptr);
  MeasureLocals();
}

// As they are when a thread begins.
void ResetLocals(char *copy) {
  for (int i = 0; i < module_count; i++) {
    const Locals &locals = modules[i];
    memcpy(copy, locals.first, locals.first_size);
    memset(copy + locals.first_size, 0, locals.size - locals.first_size);
    copy += locals.size;
  }
}

void SwitchLocals(char *old, const char *next) {
  for (int i = 0; i < module_count; i++) {
    const Locals &locals = modules[i];
    memcpy(old, locals.here, locals.size);
    memcpy(locals.here, next, locals.size);
    old += locals.size;
    next += locals.size;
  }
}

size_t GuardSize() {
  static const size_t size = size_t(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

// explore_switch() leaves the registers that a function keeps for its caller on
// top of its stack, and the stack pointer in *from; it takes those of `to`.
extern "C" void explore_switch(void **from, void *to);

#if defined(__x86_64__)

struct Frame {
  void *saved[6];
  void (*go_on)();
  void *caller;  // of the function that a context begins with: nobody
};

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

#elif defined(__aarch64__)

struct Frame {
  void *saved[10];   // x19 to x28
  double floats[8];  // d8 to d15
  void *frame_pointer, *caller;
  void (*go_on)();
  void *unused;  // a stack pointer is a multiple of 16
};

// x30 is the caller's address. It stands in the frame twice, for the function
// that a context begins with goes on somewhere and has no caller.
asm(R"(
.text
.type explore_switch, %function
explore_switch:
    sub sp, sp, #176
    stp x19, x20, [sp]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp d8, d9, [sp, #80]
    stp d10, d11, [sp, #96]
    stp d12, d13, [sp, #112]
    stp d14, d15, [sp, #128]
    stp x29, x30, [sp, #144]
    str x30, [sp, #160]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp d8, d9, [sp, #80]
    ldp d10, d11, [sp, #96]
    ldp d12, d13, [sp, #112]
    ldp d14, d15, [sp, #128]
    ldp x29, x30, [sp, #144]
    ldr x9, [sp, #160]
    add sp, sp, #176
    ret x9
.size explore_switch, . - explore_switch
)");
static_assert(sizeof(Frame) == 176 && offsetof(Frame, go_on) == 160);

#else
#error "The explorer switches stacks by hand: write it here for your processor"
#endif

void PrepareContexts() {
  FindLocals();
  if (contexts[0].stack != nullptr) return;
  for (int i = 0; i < kMainContext; i++) {
    void *memory = mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    mprotect(memory, GuardSize(), PROT_NONE);
    contexts[i].stack = static_cast<char *>(memory);
  }
}

void ResetContext(int thread, void (*run)()) {
  Context &context = contexts[thread];
  Frame *frame = reinterpret_cast<Frame *>(context.stack + kStack) - 1;
  *frame = {};
  frame->go_on = run;
  context.stack_pointer = frame;
  context.error = 0;
  ResetLocals(context.locals);
}

void SwitchContext(int from, int to) {
  Context &old = contexts[from], &next = contexts[to];
  old.error = errno;
  errno = next.error;
  SwitchLocals(old.locals, next.locals);
  explore_switch(&old.stack_pointer, next.stack_pointer);
}

void LeaveContext(int from, int to) {
  SwitchContext(from, to);
  abort();
}

bool IsThreadLocal(uintptr_t address) {
  if (address < lowest_local || address >= after_locals) return false;
  for (int i = 0; i < module_count; i++)
    if (modules[i].Has(address)) return true;
  return false;
}

bool IsGuard(uintptr_t address) {
  for (int i = 0; i < kMainContext; i++)
    if (address - reinterpret_cast<uintptr_t>(contexts[i].stack) < GuardSize())
      return true;
  return false;
}

}  // namespace explore
