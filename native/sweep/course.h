/* A passage under way, as the files that make it share it. */
#ifndef COURSE_H
#define COURSE_H

#include "passage.h"

enum { STEPS_MAX = 3000000 }; /* no function takes so many */

struct course {
  struct target *target;
  struct passage *passage;
  struct user_regs_struct first; /* at the function's first instruction */
  uint64_t returns_to;
  uint64_t catching_to, catching_rsp; /* where __cxa_begin_catch returns to, while it runs */
};

/* Lets the thread go on and bears with it as long as it makes sense. True when it has stopped as it should. */
bool course_go_on(struct course *course, enum request request, int signal);

/* It has failed, or cannot go on. */
bool course_is_over(const struct course *course);

/* The instruction to be named for what has gone wrong. */
void course_fail_at(struct course *course, enum phase phase, uint64_t step, uint64_t pc);

#endif
