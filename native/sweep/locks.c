#include "locks.h"

#include <stdlib.h>

#include "instruction.h"

enum { CALL_SHORTEST = 2, CALL_LONGEST = 8 };

static int *copy_stack(const struct trail *trail, struct target *target, uint64_t pc) {
  int *stack = malloc((trail->depth + 2) * sizeof *stack);
  if (stack == NULL)
    abort();
  stack[0] = places_number(&target->places, pc);
  for (size_t i = 0; i < trail->depth; i++)
    stack[i + 1] = places_number(&target->places, trail->calls[trail->depth - 1 - i].from);
  stack[trail->depth + 1] = -1;
  return stack;
}

void trail_note(struct trail *trail, struct target *target) {
  const struct user_regs_struct *regs = &target->tracee.regs;
  unsigned char bytes[INSTRUCTION_BYTES + 1];
  uint64_t memory = 0;
  trail->before = *regs;
  if (!tracee_read(target->tracee.pid, regs->rip, bytes, sizeof bytes))
    return;
  const char *kind = instruction_locked(bytes, regs, &memory);
  for (size_t i = 0; kind != NULL && i < trail->count; i++)
    if (trail->accesses[i].memory == memory)
      kind = NULL; /* the first one tells enough */
  if (kind == NULL)
    return;
  struct access *more = realloc(trail->accesses, (trail->count + 1) * sizeof *more);
  if (more == NULL)
    abort();
  trail->accesses = more;
  more[trail->count++] =
      (struct access){memory, kind, places_number(&target->places, regs->rip), copy_stack(trail, target, regs->rip)};
}

void trail_follow(struct trail *trail, struct target *target) {
  const struct user_regs_struct *regs = &target->tracee.regs;
  uint64_t returns_to = 0;
  while (trail->depth > 0 && trail->calls[trail->depth - 1].rsp < regs->rsp)
    trail->depth--;
  if (regs->rsp != trail->before.rsp - 8 || trail->depth == DEPTH_MAX)
    return;
  if (!tracee_read(target->tracee.pid, regs->rsp, &returns_to, sizeof returns_to))
    return;
  if (returns_to < trail->before.rip + CALL_SHORTEST || returns_to > trail->before.rip + CALL_LONGEST)
    return;
  trail->calls[trail->depth].rsp = regs->rsp;
  trail->calls[trail->depth++].from = trail->before.rip;
}

struct access *trail_take(struct trail *trail, size_t *count) {
  *count = trail->count;
  return trail->accesses;
}

void accesses_forget(struct access *accesses, size_t count) {
  for (size_t i = 0; i < count; i++)
    free(accesses[i].stack);
  free(accesses);
}
