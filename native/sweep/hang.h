/* Tells a thread that hangs from one that is slow. */
#ifndef HANG_H
#define HANG_H

#include "passage.h"

/*
 * The thread has not stopped within the limit. Watches it until it does (returns how), or until it is a failure, which
 * the passage then holds: asleep on a futex in two equal samples is a deadlock; half a second more of CPU time
 * and no end is a livelock, since a handler's walk takes less than a thousandth of that.
 */
enum stop hang_watch(struct target *target, struct passage *passage, enum request request);

#endif
