/*
 * sweep [options] PID PASSAGE... [next PASSAGE...]...
 *
 * Puts a signal at every instruction of a function, and sees whether each handler comes back. It traces the process, waits
 * until a thread of it comes to the function, and makes the passages asked for with that thread, one each time that it
 * comes there, while all other threads run free. What it finds is printed as JSON lines (src/sweep/events.ts).
 *
 * A PASSAGE is one of
 *   skip          goes through the function untouched
 *   plain         steps through it and tells its way
 *   SIG/STRIDE+N  a signal at step N and at each STRIDE-th after it
 *   SIG@FILE+0xOFFSET#TURN  runs to an instruction, for the so manieth time; sends one signal there; runs on
 *   locks=SIG     steps through it and through the handler of one signal, and tells the memory that both lock
 *   sample=N      runs free; tells where N stops at random moments found the thread
 *
 * What comes behind `next` is made with the next process that the gate has ready, whose first throw is as cold as the first
 * one's was.
 *
 * It ends at the first failure. The process then is as the failure left it, for a debugger: a thread that hangs goes on to
 * hang; before a crash or std::terminate the whole process is stopped. Otherwise the process goes on as if nothing had been.
 * With --keep failed it is killed unless it has failed, with --keep none always.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "gate.h"
#include "hunt.h"
#include "options.h"
#include "rescue.h"
#include "tell.h"
#include "walk.h"

enum { LIMIT_MS = 300, FIND_S = 20, AGAIN_S = 20, GATE_TRIES = 16 };
/* How the part for one process ends: all is well, or there is no sense in another one. */
enum { CODE_DONE = 0, CODE_OVER = 10 };

#define THROW "__cxa_throw"

/* What one process's plain passage has shown holds for the next. */
struct known {
  uint64_t plain;
  enum until until;
};

static uint64_t signals_of(const struct options *options) {
  uint64_t bits = 0;
  for (int i = 0; i < options->count; i++)
    if (options->plans[i].signal > 0)
      bits |= UINT64_C(1) << (options->plans[i].signal - 1);
  return bits;
}

/* The function that Go's handlers call to walk a C stack: what runtime.SetCgoTraceback was given (Go, src/runtime/symtab... cgoTraceback). */
static uint64_t find_observed(const struct options *options, struct target *target) {
  struct symbol found;
  uint64_t address = 0;
  if (options->observe != NULL)
    return images_look_up(&target->images, options->observe, &found, 1) == 1 ? found.address : 0;
  if (images_look_up(&target->images, "runtime.cgoTraceback", &found, 1) == 1)
    tracee_read(target->tracee.pid, found.address, &address, sizeof address);
  /* Go hands the pointer through as unsafe.Pointer to the function's code; what is not in any file is none. */
  return images_find(&target->images, address) == NULL ? 0 : address;
}

/* Every function of that name: libc has its own of some that libpthread defines. */
static void avoid(struct target *target, const char *name) {
  struct symbol found[BREAKPOINTS];
  size_t count = images_look_up(&target->images, name, found, BREAKPOINTS);
  for (size_t i = 0; i < count && target->avoided < sizeof target->avoid / sizeof *target->avoid; i++) {
    target->avoid[target->avoided][0] = found[i].address;
    target->avoid[target->avoided++][1] = found[i].address + found[i].size;
  }
}

static void find_functions(const struct options *options, struct target *target) {
  struct symbol found[BREAKPOINTS];
  target->observed = find_observed(options, target);
  if (images_look_up(&target->images, "_ZSt9terminatev", found, 1) == 1)
    target->terminate = found[0].address;
  if (strcmp(options->function, THROW) == 0) {
    target->catchers = images_look_up(&target->images, "__cxa_begin_catch", found, BREAKPOINTS);
    for (size_t i = 0; i < target->catchers; i++)
      target->caught[i] = found[i].address;
  }
  for (size_t i = 0; i < options->avoided; i++)
    avoid(target, options->avoid[i]);
}

static const char *describe(enum hunt_result result) {
  switch (result) {
  case HUNT_REFUSED:
    return "refused";
  case HUNT_NO_FUNCTION:
    return "no-function";
  case HUNT_INDIRECT:
    return "indirect";
  case HUNT_NEVER:
    return "never-reached";
  case HUNT_NOT_HANDLED:
    return "not-handled";
  case HUNT_BLOCKED:
    return "blocked";
  case HUNT_NO_BREAKPOINT:
    return "no-breakpoint";
  case HUNT_ASKED:
    return "asked";
  default:
    return "gone";
  }
}

/* What there is to say to that; valid until the next call. */
static const char *detail(enum hunt_result result, const struct quarry *quarry, int error) {
  static char text[64];
  if (result == HUNT_REFUSED)
    return strerror(error);
  if (result != HUNT_NOT_HANDLED && result != HUNT_BLOCKED)
    return NULL;
  snprintf(text, sizeof text, "signal %d", quarry->lacking);
  return text;
}

/* Lets the thread run until it comes to the function again. */
static const char *arrive(struct target *target, int64_t limit_s) {
  struct tracee *tracee = &target->tracee;
  int64_t limit = clock_ns() + limit_s * SECOND_NS;
  tracee_clear(tracee->tid);
  if (!tracee_break(tracee->tid, 0, target->function))
    return "no-breakpoint";
  enum stop stop = tracee_resume(tracee, REQUEST_CONTINUE, 0, limit_s * SECOND_NS);
  while (stop == STOP_TRAP && tracee->regs.rip != target->function && clock_ns() < limit)
    stop = tracee_resume(tracee, REQUEST_CONTINUE, 0, limit_s * SECOND_NS);
  if (stop == STOP_LATE)
    return tracee_interrupt(tracee) ? "never-again" : "gone";
  if (stop == STOP_TRAP)
    tracee_clear(tracee->tid);
  return stop == STOP_TRAP ? NULL : stop == STOP_ASKED ? "asked" : stop == STOP_FAULT ? "crashed" : "gone";
}

/* One passage and what comes before it. Returns why the sweep is over, or NULL. */
static const char *make_passage(const struct options *options, struct target *target, struct json *json, int index,
                                enum failure *failure) {
  struct passage passage = {.plan = options->plans[index]};
  bool there = target->tracee.regs.rip == target->function;
  const char *over = there ? NULL : arrive(target, options->again_s);
  if (over != NULL)
    return over;
  passage_make(target, &passage);
  if (passage.plan.kind == PASSAGE_PLAIN && passage.failure == FAILURE_NONE && passage.trouble == NULL) {
    target->plain = passage.steps;
    target->until = passage.ended;
  }
  /* What is left where it stands must not be taken for a new arrival. */
  if (passage.plan.kind == PASSAGE_SKIP || passage.plan.kind == PASSAGE_SAMPLE)
    over = passage.gone ? "gone" : arrive(target, options->again_s);
  if (!passage.gone && !passage.asked)
    tell_passage(json, target, &passage, index);
  if (!json_flush(json, STDOUT_FILENO))
    clock_ask_to_end();
  *failure = passage.failure;
  if (over == NULL)
    over = passage.failure != FAILURE_NONE ? "failed"
           : passage.trouble != NULL       ? "trouble"
           : passage.gone                  ? "gone"
           : passage.asked                 ? "asked"
                                           : NULL;
  passage_forget(&passage);
  return over;
}

/* Lets the process go as was asked for. */
static void part(const struct options *options, struct target *target, enum failure failure) {
  bool failed = failure != FAILURE_NONE;
  if (options->keep == KEEP_NONE || (options->keep == KEEP_FAILED && !failed))
    ptrace(PTRACE_SETOPTIONS, target->tracee.tid, NULL, (void *)(long)PTRACE_O_EXITKILL);
  else if (tracee_interrupt(&target->tracee))
    tracee_leave(&target->tracee, failure == FAILURE_CRASH || failure == FAILURE_TERMINATE);
}

/* All passages of one process. */
static int sweep_process(const struct options *options, int process, struct known *known, struct json *json) {
  int first = options->begins[process];
  int last = process + 1 < options->processes ? options->begins[process + 1] : options->count;
  struct target target = {.until = known->until, .plain = known->plain, .limit_ns = options->limit_ms * MS_NS};
  struct hunt plan = {.pid = options->pid,
                      .held = options->held,
                      .function = options->function,
                      .signals = signals_of(options),
                      .limit_ns = options->find_s * SECOND_NS};
  struct quarry quarry = {0};
  enum hunt_result result = HUNT_GONE;
  for (int tries = 0; tries < GATE_TRIES; tries++) {
    if (options->held && (plan.pid = gate_find(options->pid)) == 0) {
      tell_end(json, "no-gate", NULL);
      return CODE_OVER;
    }
    errno = 0;
    result = hunt(&plan, &quarry);
    /* A process has one tracer. Where another sweep was quicker, what the gate has ready next is as good. */
    if (!options->held || result != HUNT_REFUSED || !gate_is_taken(plan.pid))
      break;
  }
  if (result != HUNT_FOUND) {
    tell_end(json, describe(result), detail(result, &quarry, errno));
    return CODE_OVER;
  }
  target.tracee = quarry.tracee;
  target.function = quarry.function;
  target.images = quarry.images;
  rescue_on_fault(&target.tracee);
  find_functions(options, &target);
  tell_ready(json, &target, process, options->held);
  enum failure failure = FAILURE_NONE;
  const char *over = NULL;
  for (int i = first; over == NULL && i < last; i++)
    over = make_passage(options, &target, json, i, &failure);
  part(options, &target, failure);
  *known = (struct known){target.plain, target.until};
  tell_end(json, over == NULL ? "done" : over, NULL);
  return over == NULL ? CODE_DONE : CODE_OVER;
}

/* Each process is swept by one of our own: a tracer that ends takes with it what it was told to. */
static int sweep_apart(const struct options *options, int process, struct known *known) {
  struct json json = {0};
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* if this one is killed, that one still lets the process go */
    clock_start();
    int code = sweep_process(options, process, known, &json);
    _exit(json_flush(&json, STDOUT_FILENO) ? code : CODE_OVER);
  }
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    if (clock_asked_to_end())
      kill(child, SIGTERM);
  return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : CODE_OVER;
}

int main(int argc, char **argv) {
  struct options options = {.function = THROW, .limit_ms = LIMIT_MS, .find_s = FIND_S, .again_s = AGAIN_S};
  int wrong = options_read(argc, argv, &options);
  if (wrong != 0)
    return wrong;
  struct known *known = mmap(NULL, sizeof *known, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (known == MAP_FAILED)
    return 1;
  known->until = options.until;
  clock_start();
  for (int i = 0; i < options.processes; i++)
    if (sweep_apart(&options, i, known) != CODE_DONE)
      break;
  return 0;
}
