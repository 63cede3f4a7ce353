// Counters of the throwing threads, readable from outside while the program runs or hangs.
//
// A reader finds the object by its name in the executable's symbol table and copies it through
// /proc/PID/mem. The layout is fixed; all numbers are in the machine's byte order (little-endian on
// every architecture whose Go runtime unwinds C in a signal handler):
//
//   offset size
//        0   16  magic, "cgo-deadlock-cnt", no terminating zero
//       16    4  version, 1
//       20    4  slots, 256
//       24    4  stride, 64: bytes from one slot to the next
//       28    4  terminated_tid: thread that reached std::terminate, 0 while none has
//       32   32  zero
//       64       slots
//
// One slot, for one throwing thread; unused while its tid is 0:
//
//        0    8  tid, as gettid() in the program's own pid namespace
//        8    8  throws: throws that were caught
//       16    8  signals: signals whose handler entered the C traceback
//       24    8  unwinds: C tracebacks that returned
//       32    8  exposures: those of the signals that came between a throw and its catch
//       40    8  in_throw: 1 between a throw and its catch
//       48   16  zero
//
// No field has two writers that can meet. The thread writes tid, throws and in_throw; its signal
// handler writes the others, and Go's handlers run with all signals blocked, so it is never
// interrupted by itself. Plain volatile stores are enough.
#ifndef CGO_DEADLOCK_COUNTERS_H
#define CGO_DEADLOCK_COUNTERS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CGO_DEADLOCK_SLOTS 256

struct cgo_deadlock_slot {
  volatile uint64_t tid;
  volatile uint64_t throws;
  volatile uint64_t signals;
  volatile uint64_t unwinds;
  volatile uint64_t exposures;
  volatile uint64_t in_throw;
  uint64_t reserved[2];
};

struct cgo_deadlock_table {
  char magic[16];
  uint32_t version;
  uint32_t slots;
  uint32_t stride;
  volatile uint32_t terminated_tid;
  uint32_t reserved[8];
  struct cgo_deadlock_slot slot[CGO_DEADLOCK_SLOTS];
};

extern struct cgo_deadlock_table cgo_deadlock_counters;

// The calling thread's slot, taken on the first call; null when all slots are taken.
struct cgo_deadlock_slot *take_slot(void);

// The monotonic clock; a signal handler may read it.
uint64_t monotonic_nanoseconds(void);

struct cgo_deadlock_tracebacks;

// From now on the tracebacks of the calling thread, which must have a slot, are timed and their frames
// are counted there; null: no longer.
void watch_tracebacks(struct cgo_deadlock_tracebacks *seen);

#ifdef __cplusplus
}
#endif

#endif
