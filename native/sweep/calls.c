#include "calls.h"

enum { CALL_SHORTEST = 2, CALL_LONGEST = 8 };

void calls_note(struct calls *calls, const struct target *target) {
  calls->rip = target->tracee.regs.rip;
  calls->rsp = target->tracee.regs.rsp;
}

static void end_last(struct calls *calls, uint64_t steps, struct numbers *made) {
  calls->depth--;
  if (made == NULL)
    return;
  numbers_add(made, (int)calls->list[calls->depth].step);
  numbers_add(made, (int)steps);
}

void calls_end(struct calls *calls, uint64_t steps, struct numbers *made) {
  while (calls->depth > 0)
    end_last(calls, steps, made);
}

void calls_follow(struct calls *calls, const struct target *target, uint64_t steps, struct numbers *made) {
  const struct user_regs_struct *regs = &target->tracee.regs;
  uint64_t returns_to = 0;
  while (calls->depth > 0 && calls->list[calls->depth - 1].rsp < regs->rsp)
    end_last(calls, steps, made);
  if (regs->rsp != calls->rsp - 8 || calls->depth == DEPTH_MAX)
    return;
  if (!tracee_read(target->tracee.pid, regs->rsp, &returns_to, sizeof returns_to))
    return;
  if (returns_to < calls->rip + CALL_SHORTEST || returns_to > calls->rip + CALL_LONGEST)
    return;
  calls->list[calls->depth].rsp = regs->rsp;
  calls->list[calls->depth].step = steps - 1;
  calls->list[calls->depth++].from = calls->rip;
}

void calls_number(const struct calls *calls, struct target *target, struct numbers *numbers) {
  for (size_t i = calls->depth; i > 0; i--)
    numbers_add(numbers, places_number(&target->places, calls->list[i - 1].from));
}
