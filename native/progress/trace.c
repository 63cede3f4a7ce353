#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

enum { LATE_MAX = 8, WAIT_STEP_NS = 50000, WAIT_STEPS = 100 };

/* A thread that was asked to stop and had not done so in time; once it has, where it was then. */
struct late {
  int tid;
  bool answered;
  uint64_t pc;
};

static struct late late[LATE_MAX];
static int late_count;

static bool read_pc(int tid, uint64_t *pc) {
#if defined(__x86_64__)
  struct user_regs_struct registers;
  struct iovec vector = {&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) != 0)
    return false;
  *pc = registers.rip;
  return true;
#elif defined(__aarch64__)
  struct user_regs_struct registers;
  struct iovec vector = {&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) != 0)
    return false;
  *pc = registers.pc;
  return true;
#else
  (void)tid, (void)pc;
  return false;
#endif
}

/* A stop for a signal that was on its way hands it on; any other stop is ours or a group stop and hands on nothing. */
static void let_go(int tid, int status) {
  bool ours = status >> 16 == PTRACE_EVENT_STOP;
  ptrace(PTRACE_DETACH, tid, NULL, (void *)(long)(ours ? 0 : WSTOPSIG(status)));
}

/* 1 stopped, 0 not yet, -1 ended. */
static int has_stopped(int tid, int *status) {
  pid_t found = waitpid(tid, status, __WALL | WNOHANG);
  if (found == 0)
    return 0;
  return found == tid && WIFSTOPPED(*status) ? 1 : -1;
}

static int wait_stopped(int tid, int *status) {
  struct timespec step = {0, WAIT_STEP_NS};
  int stopped = has_stopped(tid, status);
  for (int i = 0; stopped == 0 && i < WAIT_STEPS; i++) {
    nanosleep(&step, NULL);
    stopped = has_stopped(tid, status);
  }
  return stopped;
}

static struct late *find_late(int tid) {
  for (int i = 0; i < late_count; i++)
    if (late[i].tid == tid)
      return &late[i];
  return NULL;
}

static void forget(struct late *one) {
  *one = late[--late_count];
}

static void forget_answered(void) {
  for (int i = late_count - 1; i >= 0; i--)
    if (late[i].answered)
      forget(&late[i]);
}

/* The answer of a thread that is waited for already; false when it has not come yet. */
static bool take_answer(struct late *one, uint64_t *pc) {
  if (!one->answered)
    return false;
  *pc = one->pc;
  forget(one);
  return true;
}

bool trace_pc(int tid, uint64_t *pc, const char **why) {
  int status = 0;
  *why = NULL;
  struct late *known = find_late(tid);
  if (known != NULL)
    return take_answer(known, pc);
  if (late_count == LATE_MAX)
    forget_answered();
  if (late_count == LATE_MAX)
    return false;
  if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0) {
    *why = errno == ESRCH ? NULL : strerror(errno);
    return false;
  }
  ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
  int stopped = wait_stopped(tid, &status);
  if (stopped == 0)
    late[late_count++] = (struct late){.tid = tid};
  if (stopped != 1)
    return false;
  bool read = read_pc(tid, pc);
  let_go(tid, status);
  return read;
}

static void settle(struct late *one) {
  int status = 0;
  int stopped = has_stopped(one->tid, &status);
  if (stopped == 1) {
    one->answered = read_pc(one->tid, &one->pc);
    let_go(one->tid, status);
  }
  if (stopped != 0 && !one->answered)
    forget(one);
}

bool trace_settle(void) {
  bool open = false;
  for (int i = late_count - 1; i >= 0; i--)
    if (!late[i].answered)
      settle(&late[i]);
  for (int i = 0; i < late_count; i++)
    open = open || !late[i].answered;
  return open;
}

void trace_forget(void) {
  forget_answered();
}
