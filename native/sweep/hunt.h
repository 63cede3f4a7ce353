/* From a process, or from one that the gate still holds, to the thread that comes to a function. */
#ifndef HUNT_H
#define HUNT_H

#include "image.h"
#include "tracee.h"

enum hunt_result {
  HUNT_FOUND,      /* the thread stands at the function's first instruction */
  HUNT_REFUSED,    /* tracing is not allowed; errno says why */
  HUNT_NO_FUNCTION,/* no file of the process has it */
  HUNT_INDIRECT,   /* nobody came in time; the loader has another function called in its place, chosen at the start */
  HUNT_NEVER,      /* nobody came in time */
  HUNT_NOT_HANDLED,/* somebody came, but the process had no handler for a signal; `lacking` says for which */
  HUNT_BLOCKED,    /* somebody came, but that thread had blocked a signal; `lacking` says which */
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

struct quarry {
  struct tracee tracee; /* stands at the function */
  uint64_t function;
  struct images images;
  int lacking; /* a signal that could not be sent to who came, 0 when nobody did */
};

/*
 * Follows all threads, and the processes that they start, until one comes to the function that would take all signals;
 * lets all others go.
 */
enum hunt_result hunt(const struct hunt *hunt, struct quarry *quarry);

#endif
