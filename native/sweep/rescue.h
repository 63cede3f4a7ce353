/* A last hand for the swept thread when this program itself fails. */
#ifndef RESCUE_H
#define RESCUE_H

#include "tracee.h"

/*
 * From now on a fault of this program lets the thread go before it ends: a thread that is left with a step or a breakpoint
 * set would die of SIGTRAP. Against SIGKILL nothing helps (the kernel leaves both as they are, kernel/ptrace.c exit_ptrace).
 */
void rescue_on_fault(struct tracee *tracee);

#endif
