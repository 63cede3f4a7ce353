/* The sweep's lines. src/sweep/events.ts is their schema. */
#ifndef TELL_H
#define TELL_H

#include "passage.h"

void tell_ready(struct json *json, struct target *target, int process, bool held);
void tell_passage(struct json *json, struct target *target, const struct passage *passage, int index);
void tell_end(struct json *json, const char *reason, const char *detail);

#endif
