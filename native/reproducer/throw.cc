#include "throw.h"

#include <exception>
#include <signal.h>
#include <stdexcept>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "counters.h"

// gcc never turns a throw with its own handler in reach into a jump: this always is __cxa_throw,
// _Unwind_RaiseException and the walk that the loader's lock protects.
void throw_and_catch(void) {
  try {
    throw std::runtime_error("thrown by the reproducer");
  } catch (const std::exception &) {
  }
}

// The walk of a throw can lose its way when a handler's walk changed libgcc's cache under it; the
// exception then finds no handler and ends here. All signals are blocked first, so that no handler
// unwinds this stack again and the debugger finds it as it was.
static void keep_this_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const unsigned tid = static_cast<unsigned>(syscall(SYS_gettid));
  cgo_deadlock_counters.terminated_tid = tid;
  dprintf(STDERR_FILENO, "reproducer: thread %u reached std::terminate; kept for a debugger\n", tid);
  for (;;) pause();
}

void keep_terminated_threads(void) { std::set_terminate(keep_this_thread); }
