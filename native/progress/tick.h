/* One look at everything: who moved, who stands still and where, the counters, and where the busy ones run. */
#ifndef TICK_H
#define TICK_H

#include "table.h"

void tick(struct table *table, struct json *json, int64_t now);

/* Takes everything as it is now for the start: what happened while a debugger held the processes is nobody's progress. */
void tick_afresh(struct table *table, int64_t now);

#endif
