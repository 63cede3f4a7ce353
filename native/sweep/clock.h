/* Time on the monotonic clock, and the word that the sweep is to end. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { TICK_MS = 20 };

#define MS_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)

int64_t clock_ns(void);
void clock_sleep(int64_t ns);

/* Interrupts every system call that waits, each TICK_MS, so that each wait can look at the time. */
void clock_start(void);

/* A signal has asked the sweep to end, or its reader has gone. */
bool clock_asked_to_end(void);
void clock_ask_to_end(void);

#endif
