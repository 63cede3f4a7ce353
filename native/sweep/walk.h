/* One passage through the function, step by step. */
#ifndef WALK_H
#define WALK_H

#include "passage.h"

/* The thread stands at the function. Afterwards it stands at the passage's end, unless it failed or is gone. */
void passage_make(struct target *target, struct passage *passage);
void passage_forget(struct passage *passage);

#endif
