#include "spin.h"

#include <time.h>

#include "counters.h"

namespace {

const uint64_t ROUNDS = 1000000;

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

} // namespace

extern "C" {

// The names that a good symbolizer shows. The empty asm keeps each call a call, and the loop a loop.
__attribute__((noinline, noclone)) void spin_inner(uint64_t until) {
  do {
    for (uint64_t round = 0; round < ROUNDS; round++) asm volatile("" ::: "memory");
  } while (now() < until);
}

__attribute__((noinline, noclone)) void spin_middle(uint64_t until) {
  spin_inner(until);
  asm volatile("" ::: "memory");
}

cgo_deadlock_tracebacks spin_outer(uint64_t nanoseconds) {
  cgo_deadlock_tracebacks seen = {};
  if (take_slot() == nullptr) return seen;
  watch_tracebacks(&seen);
  spin_middle(now() + nanoseconds);
  watch_tracebacks(nullptr);
  return seen;
}

} // extern "C"
