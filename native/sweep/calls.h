/* The calls that a stepped thread is in. A call is told by what it does: the stack grows by the address behind the instruction. */
#ifndef CALLS_H
#define CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "passage.h"

enum { DEPTH_MAX = 64 };

struct calls {
  struct { uint64_t rsp, from, step; } list[DEPTH_MAX]; /* the outermost first: the slot of the return address, the instruction, its step */
  size_t depth;
  uint64_t rip, rsp; /* before the step under way */
};

/* The thread is about to make a step, and has made it: `steps` in all. Pairs of steps are added for each call that is over. */
void calls_note(struct calls *calls, const struct target *target);
void calls_follow(struct calls *calls, const struct target *target, uint64_t steps, struct numbers *made);
/* Nothing more is followed: what is still open ends here. */
void calls_end(struct calls *calls, uint64_t steps, struct numbers *made);
/* Numbers of the places that were called from, the innermost first. */
void calls_number(const struct calls *calls, struct target *target, struct numbers *numbers);

#endif
