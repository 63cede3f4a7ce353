#ifndef CGO_DEADLOCK_SPIN_H
#define CGO_DEADLOCK_SPIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What came of the tracebacks of one spin.
struct cgo_deadlock_tracebacks {
  uint64_t made;
  // Frames of C that they gave, in all
  uint64_t frames;
  uint64_t nanoseconds;
};

// Computes for that long, three functions deep, and throws nothing: no lock is ever held here, so that
// a signal finds code that every symbolizer can unwind.
struct cgo_deadlock_tracebacks spin_outer(uint64_t nanoseconds);

#ifdef __cplusplus
}
#endif

#endif
