#include "course.h"

#include <signal.h>

#include "hang.h"

static void note_stop(struct course *course, enum stop stop) {
  struct passage *passage = course->passage;
  struct tracee *tracee = &course->target->tracee;
  siginfo_t info = {0};
  switch (stop) {
  case STOP_FAULT:
    tracee_fault(tracee, &info);
    passage->failure = FAILURE_CRASH;
    passage->fault = info.si_signo;
    passage->waiting_place = places_number(&course->target->places, tracee->regs.rip);
    break;
  case STOP_GONE:
    passage->gone = true;
    break;
  case STOP_ASKED:
    passage->asked = true;
    break;
  default:
    break;
  }
}

bool course_go_on(struct course *course, enum request request, int signal) {
  struct target *target = course->target;
  enum stop stop = tracee_resume(&target->tracee, request, signal, target->limit_ns);
  if (stop == STOP_LATE)
    stop = hang_watch(target, course->passage, request);
  note_stop(course, stop);
  return stop == STOP_TRAP;
}

void course_fail_at(struct course *course, enum phase phase, uint64_t step, uint64_t pc) {
  course->passage->phase = phase;
  course->passage->failed_step = step;
  course->passage->failed_place = places_number(&course->target->places, pc);
}

bool course_is_over(const struct course *course) {
  const struct passage *passage = course->passage;
  return passage->failure != FAILURE_NONE || passage->trouble != NULL || passage->gone || passage->asked;
}
