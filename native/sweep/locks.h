/* Locked instructions met on the way, each with the calls that led there. */
#ifndef LOCKS_H
#define LOCKS_H

#include "passage.h"

enum { DEPTH_MAX = 64 };

/* A thread's way, step by step. Calls are told by what they do: the stack grows by the address behind the instruction. */
struct trail {
  struct user_regs_struct before;
  struct { uint64_t rsp, from; } calls[DEPTH_MAX];
  size_t depth;
  struct access *accesses;
  size_t count;
};

/* The thread stands at an instruction. */
void trail_note(struct trail *trail, struct target *target);
/* It has made that step. */
void trail_follow(struct trail *trail, struct target *target);
/* Hands over what was found. */
struct access *trail_take(struct trail *trail, size_t *count);
void accesses_forget(struct access *accesses, size_t count);

#endif
