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
 * one that had not stopped in time is waited for by trace_settle.
 */
bool trace_pc(int tid, uint64_t *pc, const char **why);

/* Lets go of threads that stopped late; true while there are some left. Call it every millisecond until then. */
bool trace_settle(void);

#endif
