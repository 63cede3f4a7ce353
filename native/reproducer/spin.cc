#include "spin.h"

#include "counters.h"

static const uint64_t ROUNDS = 1000000;

extern "C" {

// The names that a good symbolizer shows. The empty asm keeps each call a call, and the loop a loop.
__attribute__((noinline, noclone)) void spin_inner(uint64_t until) {
  do {
    for (uint64_t round = 0; round < ROUNDS; round++) asm volatile("" ::: "memory");
  } while (monotonic_nanoseconds() < until);
}

__attribute__((noinline, noclone)) void spin_middle(uint64_t until) {
  spin_inner(until);
  asm volatile("" ::: "memory");
}

cgo_deadlock_tracebacks spin_outer(uint64_t nanoseconds) {
  cgo_deadlock_tracebacks seen = {};
  if (take_slot() == nullptr) return seen;
  watch_tracebacks(&seen);
  spin_middle(monotonic_nanoseconds() + nanoseconds);
  watch_tracebacks(nullptr);
  return seen;
}

} // extern "C"
