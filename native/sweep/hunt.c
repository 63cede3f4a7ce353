#include "hunt.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "prey.h"
#include "sample.h"

enum { THREADS_MAX = 16384, PROCESSES_MAX = 64, LOOK_AGAIN_MS = 100, LEAVE_S = 5 };

static const long OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;

struct thread {
  struct tracee tracee;
  bool stopped; /* and not let go on yet */
};

struct pack {
  const struct hunt *hunt;
  struct thread *threads;
  size_t count;
  struct prey prey[PROCESSES_MAX];
  size_t preys;
  bool no_breakpoint;
  uint64_t uncaught, blocked; /* signals that the last one at the function would not have taken */
};

static pid_t process_of(pid_t tid) {
  char name[64], line[256];
  pid_t pid = tid;
  snprintf(name, sizeof name, "/proc/%d/status", tid);
  FILE *status = fopen(name, "re");
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (sscanf(line, "Tgid: %d", &pid) == 1)
      break;
  if (status != NULL)
    fclose(status);
  return pid;
}

static struct prey *prey_of(struct pack *pack, pid_t pid) {
  for (size_t i = 0; i < pack->preys; i++)
    if (pack->prey[i].pid == pid)
      return &pack->prey[i];
  if (pack->preys == PROCESSES_MAX)
    return NULL;
  pack->prey[pack->preys] = (struct prey){.pid = pid};
  return &pack->prey[pack->preys++];
}

static struct thread *thread_of(struct pack *pack, pid_t tid) {
  for (size_t i = pack->count; i > 0; i--)
    if (pack->threads[i - 1].tracee.tid == tid)
      return &pack->threads[i - 1];
  if (pack->count == THREADS_MAX)
    return NULL;
  struct thread *thread = &pack->threads[pack->count++];
  memset(thread, 0, sizeof *thread);
  thread->tracee.tid = tid;
  thread->tracee.pid = process_of(tid);
  return thread;
}

static void forget(struct pack *pack, struct thread *thread) { *thread = pack->threads[--pack->count]; }

/* Sets what a stopped thread is to stop at. */
static void arm(struct pack *pack, struct thread *thread) {
  struct prey *prey = prey_of(pack, thread->tracee.pid);
  for (int i = 0; prey != NULL && i < BREAKPOINTS; i++) {
    uint64_t address = prey->entry != 0 ? (i == 0 ? prey->entry : 0) : (size_t)i < prey->addresses ? prey->address[i] : 0;
    if (!tracee_break(thread->tracee.tid, i, address) && errno != ESRCH)
      pack->no_breakpoint = true;
  }
}

static void let_go_on(struct thread *thread, int signal) {
  thread->stopped = false;
  ptrace(PTRACE_CONT, thread->tracee.tid, NULL, (void *)(long)signal);
}

/* A breakpoint: the program's beginning, or the function. True at the latter. */
static bool take_trap(struct pack *pack, struct thread *thread) {
  struct tracee *tracee = &thread->tracee;
  struct prey *prey = prey_of(pack, tracee->pid);
  ptrace(PTRACE_GETREGS, tracee->tid, NULL, &tracee->regs);
  if (prey == NULL)
    return false;
  if (prey->entry != 0 && tracee->regs.rip == prey->entry) {
    prey->entry = 0;
    prey_look_up(prey, pack->hunt->function);
    arm(pack, thread);
    /* A program may begin with the function itself, and would come here but once. */
  }
  return prey->entry == 0 && prey_at_function(prey, tracee->regs.rip);
}

/* The program may call the function before it has set its handlers up, and threads of it may keep signals out. */
static bool takes_signals(struct pack *pack, const struct tracee *tracee) {
  struct readiness readiness = sample_readiness(tracee->pid, tracee->tid);
  pack->uncaught = pack->hunt->signals & ~readiness.caught;
  pack->blocked = pack->hunt->signals & readiness.blocked;
  return pack->uncaught == 0 && pack->blocked == 0;
}

static void take_event(struct pack *pack, struct thread *thread, int event) {
  if (event == PTRACE_EVENT_EXEC) {
    pid_t pid = thread->tracee.tid;
    struct prey *prey = prey_of(pack, pid);
    thread->tracee.pid = pid;
    if (prey != NULL)
      *prey = (struct prey){.pid = pid, .entry = prey_entry(pid)};
  }
  arm(pack, thread);
  let_go_on(thread, 0);
}

/* One stop of one thread; true when it stands at the function. */
static bool take_stop(struct pack *pack, struct thread *thread, int status) {
  int signal = WSTOPSIG(status), event = status >> 16;
  thread->stopped = true;
  if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
    thread->stopped = false;
    ptrace(PTRACE_LISTEN, thread->tracee.tid, NULL, NULL);
    return false;
  }
  if (event != 0) {
    take_event(pack, thread, event);
    return false;
  }
  if (signal == SIGTRAP) {
    if (take_trap(pack, thread) && takes_signals(pack, &thread->tracee))
      return true;
    let_go_on(thread, 0);
    return false;
  }
  bool keep = pack->hunt->signals & (UINT64_C(1) << (signal - 1));
  if (keep && thread->tracee.stashed < STASH_MAX)
    ptrace(PTRACE_GETSIGINFO, thread->tracee.tid, NULL, &thread->tracee.stash[thread->tracee.stashed++]);
  let_go_on(thread, keep ? 0 : signal);
  return false;
}

/* A file may be loaded later (dlopen): looks again, and when there is more, stops all threads for a moment to arm them. */
static void look_again(struct pack *pack) {
  for (size_t i = 0; i < pack->preys; i++) {
    struct prey *prey = &pack->prey[i];
    size_t before = prey->files;
    if (prey->entry != 0)
      continue;
    prey_look_up(prey, pack->hunt->function);
    if (prey->files == before || prey->addresses == 0)
      continue;
    for (size_t t = 0; t < pack->count; t++)
      if (pack->threads[t].tracee.pid == prey->pid)
        ptrace(PTRACE_INTERRUPT, pack->threads[t].tracee.tid, NULL, NULL);
  }
}

static bool seize_all(struct pack *pack, pid_t pid) {
  char name[64];
  bool any = false, more = true;
  snprintf(name, sizeof name, "/proc/%d/task", pid);
  /* Threads may start while this looks: until a whole round finds nobody new. */
  while (more) {
    more = false;
    DIR *tasks = opendir(name);
    for (struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
      pid_t tid = atoi(entry->d_name);
      bool known = false;
      for (size_t i = 0; i < pack->count; i++)
        known = known || pack->threads[i].tracee.tid == tid;
      if (tid <= 0 || known || ptrace(PTRACE_SEIZE, tid, NULL, (void *)OPTIONS) != 0)
        continue;
      any = more = true;
      if (thread_of(pack, tid) == NULL)
        break;
      if (!pack->hunt->held)
        ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
    }
    if (tasks != NULL)
      closedir(tasks);
  }
  return any;
}

/* Lets every thread but one go for good, wherever it is. */
static void leave_others(struct pack *pack, const struct thread *kept) {
  int64_t limit = clock_ns() + LEAVE_S * SECOND_NS;
  for (size_t i = 0; i < pack->count; i++)
    if (&pack->threads[i] != kept && !pack->threads[i].stopped)
      ptrace(PTRACE_INTERRUPT, pack->threads[i].tracee.tid, NULL, NULL);
  for (size_t i = 0; i < pack->count; i++) {
    struct thread *thread = &pack->threads[i];
    int status = 0;
    if (thread == kept)
      continue;
    while (!thread->stopped && clock_ns() < limit) {
      pid_t got = waitpid(thread->tracee.tid, &status, __WALL);
      if (got < 0 && errno == EINTR)
        continue;
      thread->stopped = true;
      if (got == thread->tracee.tid && WIFSTOPPED(status) && status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP &&
          thread->tracee.stashed < STASH_MAX)
        ptrace(PTRACE_GETSIGINFO, thread->tracee.tid, NULL, &thread->tracee.stash[thread->tracee.stashed++]);
    }
    tracee_leave(&thread->tracee, false);
  }
}

static int first_of(uint64_t signals) { return signals == 0 ? 0 : __builtin_ctzll(signals) + 1; }

static enum hunt_result why_never(const struct pack *pack) {
  if (pack->uncaught != 0)
    return HUNT_NOT_HANDLED;
  if (pack->blocked != 0)
    return HUNT_BLOCKED;
  for (size_t i = 0; i < pack->preys; i++)
    if (pack->prey[i].indirect)
      return HUNT_INDIRECT;
  for (size_t i = 0; i < pack->preys; i++)
    if (pack->prey[i].addresses > 0)
      return HUNT_NEVER;
  return HUNT_NO_FUNCTION;
}

static enum hunt_result follow(struct pack *pack, struct thread **found) {
  int64_t limit = clock_ns() + pack->hunt->limit_ns, next = 0;
  while (pack->count > 0) {
    int status = 0;
    if (clock_asked_to_end())
      return HUNT_ASKED;
    if (pack->no_breakpoint)
      return HUNT_NO_BREAKPOINT;
    if (clock_ns() >= limit)
      return why_never(pack);
    if (clock_ns() >= next) {
      look_again(pack);
      next = clock_ns() + LOOK_AGAIN_MS * MS_NS;
    }
    /* A stop that was taken is also dealt with: a signal would be lost, and the thread be waited for. */
    pid_t tid = waitpid(-1, &status, __WALL);
    struct thread *thread = tid > 0 ? thread_of(pack, tid) : NULL;
    if (thread == NULL)
      continue;
    if (!WIFSTOPPED(status)) {
      forget(pack, thread);
      continue;
    }
    if (take_stop(pack, thread, status)) {
      *found = thread;
      return HUNT_FOUND;
    }
  }
  return HUNT_GONE;
}

enum hunt_result hunt(const struct hunt *hunt, struct quarry *quarry) {
  struct pack pack = {.hunt = hunt, .threads = calloc(THREADS_MAX, sizeof *pack.threads)};
  struct thread *thread = NULL;
  if (pack.threads == NULL)
    return HUNT_REFUSED;
  errno = 0;
  if (!seize_all(&pack, hunt->pid)) {
    free(pack.threads);
    return errno == ESRCH || errno == ENOENT ? HUNT_GONE : HUNT_REFUSED;
  }
  /* The gate's own files are of no interest: until it becomes the program there is nothing to look up. */
  struct prey *first = prey_of(&pack, hunt->pid);
  if (hunt->held && first != NULL)
    first->entry = 1;
  enum hunt_result result = follow(&pack, &thread);
  leave_others(&pack, thread);
  quarry->lacking = first_of(pack.uncaught != 0 ? pack.uncaught : pack.blocked);
  if (thread != NULL) {
    quarry->tracee = thread->tracee;
    quarry->function = thread->tracee.regs.rip;
    tracee_clear(thread->tracee.tid);
    ptrace(PTRACE_SETOPTIONS, thread->tracee.tid, NULL, (void *)(long)PTRACE_O_TRACEEXEC);
    images_read(&quarry->images, thread->tracee.pid);
  }
  free(pack.threads);
  return result;
}
