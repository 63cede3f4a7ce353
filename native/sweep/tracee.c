#include "tracee.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "clock.h"

enum { STOPPED_FOR_S = 30, INTERRUPT_S = 2 };

/* Debug register 7: enable bit of breakpoint n for the thread; its type (execution) and length (1) are zero bits. */
static uint64_t enable_bit(int number) { return UINT64_C(1) << (number * 2); }

static bool poke_debug(pid_t tid, int number, uint64_t value) {
  size_t offset = offsetof(struct user, u_debugreg) + (size_t)number * sizeof(uint64_t);
  return ptrace(PTRACE_POKEUSER, tid, (void *)offset, (void *)value) == 0;
}

static uint64_t peek_debug(pid_t tid, int number) {
  size_t offset = offsetof(struct user, u_debugreg) + (size_t)number * sizeof(uint64_t);
  return (uint64_t)ptrace(PTRACE_PEEKUSER, tid, (void *)offset, NULL);
}

bool tracee_break(pid_t tid, int number, uint64_t address) {
  uint64_t control = peek_debug(tid, 7) & ~enable_bit(number);
  if (!poke_debug(tid, 7, control) || !poke_debug(tid, number, address))
    return false;
  return address == 0 || poke_debug(tid, 7, control | enable_bit(number));
}

void tracee_clear(pid_t tid) { poke_debug(tid, 7, 0); }

bool tracee_read(pid_t pid, uint64_t address, void *buffer, size_t size) {
  struct iovec here = {buffer, size}, there = {(void *)(uintptr_t)address, size};
  return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

bool tracee_blocks(const struct tracee *tracee, int signal) {
  uint64_t mask = 0;
  if (ptrace(PTRACE_GETSIGMASK, tracee->tid, (void *)sizeof mask, &mask) != 0)
    return false;
  return mask & (UINT64_C(1) << (signal - 1));
}

static bool go(struct tracee *tracee, enum request request, int signal) {
  return ptrace(request == REQUEST_STEP ? PTRACE_SINGLESTEP : PTRACE_CONT, tracee->tid, NULL, (void *)(long)signal) == 0;
}

/* What an instruction does to its own thread: the kernel says so with a positive code (man 2 sigaction, si_code). */
static bool is_fault(const struct tracee *tracee, const siginfo_t *info) {
  switch (info->si_signo) {
  case SIGSEGV:
  case SIGBUS:
  case SIGFPE:
  case SIGILL:
  case SIGSYS:
    return info->si_code > 0;
  case SIGABRT:
    return info->si_code == SI_TKILL && info->si_pid == tracee->pid;
  default:
    return false;
  }
}

static void forget(struct tracee *tracee, int signal) {
  int kept = 0;
  for (int i = 0; i < tracee->stashed; i++)
    if (tracee->stash[i].si_signo != signal)
      tracee->stash[kept++] = tracee->stash[i];
  tracee->stashed = kept;
}

/* A continuation takes a stop from the queue, and the other way round, as in the kernel (kernel/signal.c, prepare_signal). */
static void hold_back(struct tracee *tracee, const siginfo_t *info) {
  if (info->si_signo == SIGCONT || info->si_signo == SIGTSTP)
    forget(tracee, info->si_signo == SIGCONT ? SIGTSTP : SIGCONT);
  for (int i = 0; info->si_signo < SIGRTMIN && i < tracee->stashed; i++)
    if (tracee->stash[i].si_signo == info->si_signo)
      return; /* two of a kind are one, as in the kernel's own queue */
  if (tracee->stashed < STASH_MAX)
    tracee->stash[tracee->stashed++] = *info;
  else
    tracee->lost++;
}

/* Sits out a stop of the whole process (SIGSTOP, Ctrl-Z); its continuation is a stop of its own. */
static bool sit_out(struct tracee *tracee, int64_t *limit) {
  *limit = clock_ns() + STOPPED_FOR_S * SECOND_NS;
  return ptrace(PTRACE_LISTEN, tracee->tid, NULL, NULL) == 0;
}

static bool is_group_stop(int status) {
  int signal = WSTOPSIG(status);
  return status >> 16 == PTRACE_EVENT_STOP && signal != SIGTRAP;
}

/* Another program now, in which the function and all addresses mean nothing. */
static bool is_exec(int status) { return status >> 16 == PTRACE_EVENT_EXEC; }

/* One stop looked at: true when it is the caller's, else the thread goes on. */
static bool take_stop(struct tracee *tracee, enum request request, int status, int64_t *limit, enum stop *stop) {
  siginfo_t info = {0};
  if (is_group_stop(status))
    return !sit_out(tracee, limit);
  if (is_exec(status)) {
    *stop = STOP_GONE;
    return true;
  }
  if (status >> 16 == 0 && WSTOPSIG(status) == SIGTRAP) {
    *stop = ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs) == 0 ? STOP_TRAP : STOP_GONE;
    return true;
  }
  if (status >> 16 == 0 && ptrace(PTRACE_GETSIGINFO, tracee->tid, NULL, &info) == 0) {
    if (is_fault(tracee, &info)) {
      *stop = ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs) == 0 ? STOP_FAULT : STOP_GONE;
      return true;
    }
    if (info.si_signo != SIGSTOP)
      hold_back(tracee, &info);
  }
  *stop = STOP_GONE;
  return !go(tracee, request, info.si_signo == SIGSTOP ? SIGSTOP : 0);
}

enum stop tracee_wait(struct tracee *tracee, enum request request, int64_t limit_ns) {
  int64_t limit = clock_ns() + limit_ns;
  for (;;) {
    int status = 0;
    enum stop stop = STOP_GONE;
    pid_t found = waitpid(tracee->tid, &status, __WALL);
    if (found == tracee->tid && !WIFSTOPPED(status))
      return STOP_GONE;
    if (found == tracee->tid && take_stop(tracee, request, status, &limit, &stop))
      return stop;
    if (found < 0 && errno != EINTR)
      return STOP_GONE;
    if (clock_asked_to_end())
      return STOP_ASKED;
    if (found < 0 && clock_ns() >= limit)
      return STOP_LATE;
  }
}

enum stop tracee_resume(struct tracee *tracee, enum request request, int signal, int64_t limit_ns) {
  return go(tracee, request, signal) ? tracee_wait(tracee, request, limit_ns) : STOP_GONE;
}

bool tracee_interrupt(struct tracee *tracee) {
  int64_t limit = clock_ns() + INTERRUPT_S * SECOND_NS;
  if (ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs) == 0)
    return true; /* it stands already */
  if (ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL) != 0)
    return false;
  while (clock_ns() < limit) {
    int status = 0;
    pid_t found = waitpid(tracee->tid, &status, __WALL);
    if (found < 0 && errno == EINTR)
      continue;
    if (found != tracee->tid || !WIFSTOPPED(status))
      return false;
    siginfo_t info = {0};
    if (status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP && ptrace(PTRACE_GETSIGINFO, tracee->tid, NULL, &info) == 0)
      hold_back(tracee, &info);
    return ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs) == 0;
  }
  return false;
}

bool tracee_fault(const struct tracee *tracee, siginfo_t *info) {
  return ptrace(PTRACE_GETSIGINFO, tracee->tid, NULL, info) == 0;
}

/*
 * All but the last signal are made to begin: one step each, which ends at the first instruction of a handler. Where the
 * thread stands at no stop for a signal, none can be given back (man 2 ptrace); the kernel then has them still.
 */
static int give_back(struct tracee *tracee) {
  for (int i = 0; i < tracee->stashed; i++) {
    ptrace(PTRACE_SETSIGINFO, tracee->tid, NULL, &tracee->stash[i]);
    if (i == tracee->stashed - 1)
      return tracee->stash[i].si_signo;
    int status = 0;
    if (!go(tracee, REQUEST_STEP, tracee->stash[i].si_signo))
      return 0;
    while (waitpid(tracee->tid, &status, __WALL) < 0 && errno == EINTR)
      continue;
    if (!WIFSTOPPED(status))
      return 0;
  }
  return 0;
}

/* A step or a breakpoint may have queued its SIGTRAP behind the stop that is being looked at; without a tracer it kills. */
static bool has_trap_queued(const struct tracee *tracee) {
  siginfo_t infos[STASH_MAX];
  struct __ptrace_peeksiginfo_args args = {.nr = STASH_MAX};
  long count = ptrace(PTRACE_PEEKSIGINFO, tracee->tid, &args, infos);
  for (long i = 0; i < count; i++)
    if (infos[i].si_signo == SIGTRAP)
      return true;
  return false;
}

static void take_queued_trap(const struct tracee *tracee) {
  int status = 0;
  if (!has_trap_queued(tracee) || ptrace(PTRACE_CONT, tracee->tid, NULL, NULL) != 0)
    return;
  while (waitpid(tracee->tid, &status, __WALL) < 0 && errno == EINTR)
    continue;
}

void tracee_leave(struct tracee *tracee, bool hold) {
  tracee_clear(tracee->tid);
  take_queued_trap(tracee);
  int signal = hold ? SIGSTOP : give_back(tracee);
  ptrace(PTRACE_DETACH, tracee->tid, NULL, (void *)(long)signal);
}
