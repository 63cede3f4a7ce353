// The counters object, and the hook that counts signals without changing what a symbolizer sees.
#define _GNU_SOURCE
#include "counters.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "spin.h"

_Static_assert(sizeof(struct cgo_deadlock_slot) == 64, "slot layout");
_Static_assert(offsetof(struct cgo_deadlock_table, slot) == 64, "header layout");

__attribute__((visibility("default"), used, aligned(64)))
struct cgo_deadlock_table cgo_deadlock_counters = {
    .magic = {'c', 'g', 'o', '-', 'd', 'e', 'a', 'd', 'l', 'o', 'c', 'k', '-', 'c', 'n', 't'},
    .version = 1,
    .slots = CGO_DEADLOCK_SLOTS,
    .stride = sizeof(struct cgo_deadlock_slot),
};

typedef void resume_function(uintptr_t signal, void *info, void *context);

// initial-exec: a load relative to the thread pointer. The general model may allocate on a thread's
// first access, which a signal handler must not do.
#define THREAD_LOCAL static __thread __attribute__((tls_model("initial-exec")))
THREAD_LOCAL struct cgo_deadlock_slot *own_slot;
THREAD_LOCAL resume_function *own_resume;
THREAD_LOCAL struct cgo_deadlock_tracebacks *own_tracebacks;
THREAD_LOCAL uintptr_t *own_callers;
THREAD_LOCAL uint64_t own_begin;

struct cgo_deadlock_slot *take_slot(void) {
  static unsigned taken;
  if (own_slot == NULL) {
    unsigned index = __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
    if (index < CGO_DEADLOCK_SLOTS) {
      own_slot = &cgo_deadlock_counters.slot[index];
      own_slot->tid = (uint64_t)syscall(SYS_gettid);
    }
  }
  return own_slot;
}

// The linker's --wrap option sends the Go runtime's calls of x_cgo_callers here (its handler jumps
// there for a signal that interrupts C code; Go's src/runtime/cgo/gcc_traceback.c: it calls the
// traceback function, then `resume`, the rest of the handler). So we count before it and between its
// two calls.
//
// Both functions must end in a jump, not a call, and so leave no frame: cgosymbolizer's traceback
// function skips exactly three frames (itself, x_cgo_callers, the signal frame) and ends its walk
// when the next one is not on the interrupted stack. -O2 makes these jumps, and the tests look.
void __real_x_cgo_callers(uintptr_t signal, void *info, void *context, void (*traceback)(void *),
                          uintptr_t *callers, resume_function *resume)
    // Weak, since cgo links this file once without the runtime to see what it imports.
    __attribute__((weak));

// The room that Go's runtime has for one traceback (cgoCallers of src/runtime/traceback.go).
#define CALLERS_MAX 32

uint64_t monotonic_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void watch_tracebacks(struct cgo_deadlock_tracebacks *seen) { own_tracebacks = seen; }

static void count_unwind_and_resume(uintptr_t signal, void *info, void *context) {
  own_slot->unwinds++;
  own_resume(signal, info, context);
}

// The two below call others before they jump: they are for the one thread whose tracebacks are watched.
static void count_traceback_and_resume(uintptr_t signal, void *info, void *context) {
  own_tracebacks->nanoseconds += monotonic_nanoseconds() - own_begin;
  own_tracebacks->made++;
  for (int i = 0; i < CALLERS_MAX && own_callers[i] != 0; i++) own_tracebacks->frames++;
  count_unwind_and_resume(signal, info, context);
}

static __attribute__((noinline)) void watch_callers(uintptr_t signal, void *info, void *context,
                                                    void (*traceback)(void *), uintptr_t *callers) {
  own_callers = callers;
  own_begin = monotonic_nanoseconds();
  __real_x_cgo_callers(signal, info, context, traceback, callers, count_traceback_and_resume);
}

void __wrap_x_cgo_callers(uintptr_t signal, void *info, void *context, void (*traceback)(void *),
                          uintptr_t *callers, resume_function *resume) {
  struct cgo_deadlock_slot *slot = own_slot;
  if (slot != NULL) {
    slot->signals++;
    if (slot->in_throw) slot->exposures++;
    own_resume = resume;
    resume = count_unwind_and_resume;
    if (own_tracebacks != NULL) {
      watch_callers(signal, info, context, traceback, callers);
      return;
    }
  }
  __real_x_cgo_callers(signal, info, context, traceback, callers, resume);
}
