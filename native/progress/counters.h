/*
 * The counters that a program of ours keeps in an object named `cgo_deadlock_counters`: a header, then 256 entries of 64
 * bytes, one a thread. They are read out of its memory without stopping it, and trusted for nothing but their values.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { COUNTER_SLOTS = 256, COUNTER_STRIDE = 64 };

struct counter_slot {
  uint64_t tid; /* 0: unused */
  uint64_t throws, signals, unwinds, exposures, in_throw;
  uint64_t spare[2];
};

struct counters {
  char magic[16];
  uint32_t version, slots, stride, terminated;
  char zeros[32];
  struct counter_slot slot[COUNTER_SLOTS];
};

/* The address of the object in a running process, 0 when its executable has none. */
uint64_t counters_find(int process_directory);

/* Reads the object; false when it is not there or not one of ours. */
bool counters_read(pid_t pid, int process_directory, uint64_t address, struct counters *counters);

#endif
