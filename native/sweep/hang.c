#include "hang.h"

#include <stddef.h>
#include <sys/ptrace.h>

#include "clock.h"

enum { EQUAL_MS = 100, PATIENCE_S = 20, SPIN_SAMPLES = 16, SPIN_APART_MS = 5 };

static const int64_t LIVELOCK_CPU_NS = 500 * MS_NS;

static void sample_spin(struct target *target, struct passage *passage) {
  for (int i = 0; i < SPIN_SAMPLES && tracee_interrupt(&target->tracee); i++) {
    numbers_add(&passage->spin, places_number(&target->places, target->tracee.regs.rip));
    ptrace(PTRACE_CONT, target->tracee.tid, NULL, NULL);
    clock_sleep(SPIN_APART_MS * MS_NS);
  }
}

static enum stop fail(struct target *target, struct passage *passage, enum failure failure) {
  /* A hang is a signal's doing only after one was sent. */
  if (passage->signals == 0)
    passage->trouble = failure == FAILURE_DEADLOCK ? "the function waits for a lock by itself, without a signal"
                                                   : "the function runs for long by itself, without a signal";
  else
    passage->failure = failure;
  if (failure == FAILURE_LIVELOCK)
    sample_spin(target, passage);
  if (!tracee_interrupt(&target->tracee))
    return STOP_GONE;
  passage->waiting_place = places_number(&target->places, target->tracee.regs.rip);
  return STOP_LATE;
}

enum stop hang_watch(struct target *target, struct passage *passage, enum request request) {
  struct tracee *tracee = &target->tracee;
  int64_t begun = clock_ns(), limit = begun + PATIENCE_S * SECOND_NS;
  struct sample *samples = passage->samples;
  uint64_t cpu_before = sample_read(tracee->pid, tracee->tid).cpu_ns;
  while (clock_ns() < limit) {
    samples[0] = sample_read(tracee->pid, tracee->tid);
    enum stop stop = tracee_wait(tracee, request, EQUAL_MS * MS_NS);
    if (stop != STOP_LATE)
      return stop;
    samples[1] = sample_read(tracee->pid, tracee->tid);
    passage->waited_ns = target->limit_ns + clock_ns() - begun;
    if (sample_on_futex(&samples[0]) && sample_equal(&samples[0], &samples[1]))
      return fail(target, passage, FAILURE_DEADLOCK);
    if (samples[1].cpu_ns > cpu_before + (uint64_t)LIVELOCK_CPU_NS)
      return fail(target, passage, FAILURE_LIVELOCK);
  }
  tracee_interrupt(tracee);
  passage->waiting_place = places_number(&target->places, tracee->regs.rip);
  passage->trouble = "the thread waits in a system call that is no lock, or got no CPU time";
  return STOP_LATE;
}
