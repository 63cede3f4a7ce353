/* One signal, from its arrival to its handler's return. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "course.h"
#include "locks.h"

/* The handler runs at full speed. Afterwards the thread stands where it stood, or the course is over. */
void interrupt_here(struct course *course);

/* The handler is walked step by step, and what it locks is noted. */
void interrupt_stepwise(struct course *course, struct trail *trail);

#endif
