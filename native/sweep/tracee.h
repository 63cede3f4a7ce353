/* One traced thread, and the few things that ptrace can do with it. amd64. */
#ifndef TRACEE_H
#define TRACEE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

enum { BREAKPOINTS = 4, STASH_MAX = 32 };

struct tracee {
  pid_t pid;
  pid_t tid;
  struct user_regs_struct regs; /* as of the last stop */
  /* Signals of the program's own, held back so that nothing but the sweep interrupts a throw. */
  siginfo_t stash[STASH_MAX];
  int stashed;
  int lost; /* held back, and more than the stash holds */
};

/* Why a thread that was let go on has stopped, or has not. */
enum stop {
  STOP_TRAP,    /* it made the step, or came to a breakpoint */
  STOP_FAULT,   /* a signal that its own instruction caused, or abort(); it is not delivered yet */
  STOP_LATE,    /* it has not stopped within the limit, and runs or waits on */
  STOP_GONE,    /* it has ended */
  STOP_ASKED,   /* the sweep is to end */
};

enum request { REQUEST_STEP, REQUEST_CONTINUE };

/*
 * Lets the thread make one step or go on, with a signal or 0, and waits. Signals of the program's own that come
 * meanwhile are held back, a stop of the whole process is sat out.
 */
enum stop tracee_resume(struct tracee *tracee, enum request request, int signal, int64_t limit_ns);

/* Waits on after STOP_LATE. */
enum stop tracee_wait(struct tracee *tracee, enum request request, int64_t limit_ns);

/* Stops a thread that runs or waits, if it does not stand yet; false when it has ended. What it was doing goes on afterwards. */
bool tracee_interrupt(struct tracee *tracee);

/* The fault of the last STOP_FAULT. */
bool tracee_fault(const struct tracee *tracee, siginfo_t *info);

/* An address of 0 clears the breakpoint. False where the machine has no such register to give. */
bool tracee_break(pid_t tid, int number, uint64_t address);
void tracee_clear(pid_t tid);

bool tracee_read(pid_t pid, uint64_t address, void *buffer, size_t size);

/* True when the thread would not take the signal now. */
bool tracee_blocks(const struct tracee *tracee, int signal);

/*
 * Gives a stopped thread back what was held back, and lets it go for good. `hold` stops the whole process instead, for a
 * debugger to come: what it was about to die of comes again when it goes on.
 */
void tracee_leave(struct tracee *tracee, bool hold);

#endif
