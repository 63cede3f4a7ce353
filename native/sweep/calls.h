/* The calls that a stepped thread is in. A call is told by what it does: the stack grows by the address behind the instruction. */
#ifndef CALLS_H
#define CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "passage.h"

enum { DEPTH_MAX = 64 };

struct calls {
  struct { uint64_t rsp, from; } list[DEPTH_MAX]; /* the outermost first: the slot of the return address, the instruction */
  size_t depth;
  uint64_t rip, rsp; /* before the step under way */
};

/* The thread is about to make a step, and has made it. */
void calls_note(struct calls *calls, const struct target *target);
void calls_follow(struct calls *calls, const struct target *target);
/* Numbers of the places that were called from, the innermost first. */
void calls_number(const struct calls *calls, struct target *target, struct numbers *numbers);

#endif
