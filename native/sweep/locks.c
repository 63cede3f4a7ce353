#include "locks.h"

#include <stdlib.h>

#include "instruction.h"

static struct numbers copy_stack(const struct trail *trail, struct target *target, int place) {
  struct numbers stack = {0};
  numbers_add(&stack, place);
  calls_number(&trail->calls, target, &stack);
  return stack;
}

void trail_note(struct trail *trail, struct target *target) {
  const struct user_regs_struct *regs = &target->tracee.regs;
  unsigned char bytes[INSTRUCTION_BYTES + 1];
  uint64_t memory = 0;
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
  int place = places_number(&target->places, regs->rip);
  more[trail->count++] = (struct access){memory, kind, place, copy_stack(trail, target, place)};
}

struct access *trail_take(struct trail *trail, size_t *count) {
  *count = trail->count;
  return trail->accesses;
}

void accesses_forget(struct access *accesses, size_t count) {
  for (size_t i = 0; i < count; i++)
    free(accesses[i].stack.list);
  free(accesses);
}
