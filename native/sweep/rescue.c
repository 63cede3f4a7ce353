#include "rescue.h"

#include <stddef.h>
#include <unistd.h>

static struct tracee *volatile kept;

static void let_go(int number) {
  static const char text[] = "sweep: a fault of its own; the program goes on\n";
  struct tracee *tracee = kept;
  kept = NULL;
  if (tracee != NULL && tracee_interrupt(tracee))
    tracee_leave(tracee, false);
  ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
  signal(number, SIG_DFL);
  raise(number);
  _exit(written < 0 ? 4 : 3);
}

void rescue_on_fault(struct tracee *tracee) {
  static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
  struct sigaction action = {.sa_handler = let_go, .sa_flags = SA_RESETHAND | SA_NODEFER};
  kept = tracee;
  for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++)
    sigaction(FAULTS[i], &action, NULL);
}
