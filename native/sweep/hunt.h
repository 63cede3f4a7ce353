/* From a process, or from one that the gate still holds, to the thread that comes to a function. */
#ifndef HUNT_H
#define HUNT_H

#include "image.h"
#include "tracee.h"

enum hunt_result {
  HUNT_FOUND,      /* the thread stands at the function's first instruction */
  HUNT_REFUSED,    /* tracing is not allowed; errno says why */
  HUNT_NO_FUNCTION,/* no file of the process has it */
  HUNT_NEVER,      /* nobody came in time */
  HUNT_NO_BREAKPOINT,
  HUNT_GONE,
  HUNT_ASKED,
};

struct hunt {
  pid_t pid;            /* the process; below a gate it may be another one that it started */
  bool held;            /* the gate holds it */
  const char *function; /* a symbol, or FILE+0xOFFSET */
  uint64_t signals;     /* bits of signals that are held back until the thread is found */
  int64_t limit_ns;
};

/*
 * Follows all threads, and the processes that they start, until one comes to the function; lets all others go.
 * `images` are those of the process found.
 */
enum hunt_result hunt(const struct hunt *hunt, struct tracee *found, struct images *images, uint64_t *function);

#endif
