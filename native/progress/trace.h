/* Where a running thread is: a stop of some microseconds by ptrace. */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Stops one thread, reads its program counter and lets it go. A signal that arrives in that moment is handed on. True
 * when `pc` was read; otherwise `*why` is a reason when it was refused, and NULL when the thread was only slow or ended.
 *
 * No thread is ever left stopped: PTRACE_O_EXITKILL is not set, so the kernel lets it run when this process dies, and
 * one that had not stopped in time (it was in a long system call, or the machine is loaded) is waited for by
 * trace_settle; the next call for it gives where it was then.
 */
bool trace_pc(int tid, uint64_t *pc, const char **why);

/* Drops answers that came late: what they tell is of before a pause. */
void trace_forget(void);

/* Lets go of threads that stopped late; true while there are some left. Call it every millisecond until then. */
bool trace_settle(void);

#endif
