#define _GNU_SOURCE
#include "framepointer.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// What a function's prologue leaves at its frame pointer, the same on amd64 and arm64.
struct frame {
  uintptr_t caller; // the caller's frame pointer
  uintptr_t return_address;
};

struct registers {
  uintptr_t pc, frame_pointer, stack_pointer;
};

static struct registers registers_of(const ucontext_t *context) {
#if defined(__x86_64__)
  const greg_t *r = context->uc_mcontext.gregs;
  return (struct registers){(uintptr_t)r[REG_RIP], (uintptr_t)r[REG_RBP], (uintptr_t)r[REG_RSP]};
#elif defined(__aarch64__)
  const mcontext_t *m = &context->uc_mcontext;
  return (struct registers){m->pc, m->regs[29], m->sp};
#else
#error "framepointer knows the registers of amd64 and arm64 only"
#endif
}

// arm64 may sign a return address in bits that no user address uses.
static uintptr_t without_signature(uintptr_t address) {
#if defined(__aarch64__)
  return address & 0x0000ffffffffffffu;
#else
  return address;
#endif
}

// Whether the 8 bytes at the address can be read, asked of the kernel: rt_sigprocmask copies the new
// mask in first (EFAULT if it cannot) and refuses an unknown `how` after that (EINVAL), changing
// nothing (Linux kernel/signal.c). process_vm_readv would be plainer, but Docker's seccomp profile
// denies it.
static int is_readable(uintptr_t address) {
  const int unknown_how = -1;
  return syscall(SYS_rt_sigprocmask, unknown_how, address, NULL, 8) != -1 || errno != EFAULT;
}

// Library code is built without frame pointers and may keep anything in that register. A frame is
// believed only if it lies on the same stack above all that came before, within what one function
// may reasonably use; aligned to 16, as both ABIs have it, it is whole in one page.
static int is_plausible(uintptr_t frame, uintptr_t lowest) {
  const uintptr_t largest_frame = 256 * 1024;
  return frame % 16 == 0 && frame >= lowest && frame - lowest < largest_frame && is_readable(frame);
}

void framepointer_traceback(void *argument) {
  const struct traceback_argument *arg = argument;
  const int interrupted_errno = errno;
  uintptr_t count = 0, frame_pointer, lowest;
  if (arg->signal_context != 0) {
    struct registers r = registers_of((const ucontext_t *)arg->signal_context);
    if (arg->max > 0) arg->pcs[count++] = r.pc;
    frame_pointer = r.frame_pointer;
    lowest = r.stack_pointer;
  } else {
    frame_pointer = lowest = (uintptr_t)__builtin_frame_address(0);
  }
  while (count < arg->max && is_plausible(frame_pointer, lowest)) {
    const struct frame *frame = (const struct frame *)frame_pointer;
    uintptr_t return_address = without_signature(frame->return_address);
    if (framepointer_object_of(return_address) == NULL) break;
    // Go wants the call, not the instruction after it.
    arg->pcs[count++] = return_address - 1;
    lowest = frame_pointer + sizeof *frame;
    // Below C's frames are Go's, on a goroutine's stack at lower addresses: the walk ends there.
    frame_pointer = frame->caller;
  }
  if (count < arg->max) arg->pcs[count] = 0;
  errno = interrupted_errno;
}
