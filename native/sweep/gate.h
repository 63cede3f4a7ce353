/* The gate (native/gate) that holds a program at its beginning. */
#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The process that waits for a tracer: `pid` itself, or one below it, such as the gate's children where that starts the
 * program again and again. Waits a moment for one; 0 when there is none.
 */
pid_t gate_find(pid_t pid);

/* Whether a process that was found so waits no more: another tracer was quicker. */
bool gate_is_taken(pid_t pid);

#endif
