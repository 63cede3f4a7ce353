/* Locked instructions met on the way, each with the calls that led there. */
#ifndef LOCKS_H
#define LOCKS_H

#include "calls.h"

/* A thread's way, step by step. */
struct trail {
  struct calls calls;
  struct access *accesses;
  size_t count;
};

/* The thread stands at an instruction. */
void trail_note(struct trail *trail, struct target *target);
/* Hands over what was found. */
struct access *trail_take(struct trail *trail, size_t *count);
void accesses_forget(struct access *accesses, size_t count);

#endif
