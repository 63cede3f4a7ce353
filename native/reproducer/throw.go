package main

/*
// Frame pointers so that a symbolizer that walks them finds our callers; the libraries have none.
#cgo CFLAGS: -O2 -g -fno-omit-frame-pointer
#cgo CXXFLAGS: -O2 -g -fno-omit-frame-pointer
#cgo LDFLAGS: -Wl,--wrap=x_cgo_callers
#include "counters.h"
#include "throw.h"
*/
import "C"

import "runtime"

// maxThreads is the number of threads that the counters object has room for.
const maxThreads = C.CGO_DEADLOCK_SLOTS

// startThrowing starts threads that throw for ever, each inside one cgo call on its own goroutine.
func startThrowing(threads int) {
	C.keep_terminated_threads()
	for i := 0; i < threads; i++ {
		go C.throw_for_ever()
	}
}

// totals are the counters added up over all throwing threads.
type totals struct {
	throws, signals, unwinds, exposures uint64
}

// readTotals reads the counters in place: no cgo call, so that the reader is never itself in C when
// a signal comes.
func readTotals() totals {
	var sum totals
	for i := range C.cgo_deadlock_counters.slot {
		slot := &C.cgo_deadlock_counters.slot[i]
		sum.throws += uint64(slot.throws)
		sum.signals += uint64(slot.signals)
		sum.unwinds += uint64(slot.unwinds)
		sum.exposures += uint64(slot.exposures)
	}
	return sum
}

// terminatedThread is the id of a thread that reached std::terminate, or 0.
func terminatedThread() uint32 {
	return uint32(C.cgo_deadlock_counters.terminated_tid)
}

// warmSymbolizer makes the symbolizer look up one C function, so that what it does on first use is
// done (cgosymbolizer's first lookup takes the loader's lock, and would wait for a stuck thread).
// Without a symbolizer it does nothing.
func warmSymbolizer() {
	runtime.CallersFrames([]uintptr{uintptr(C.throw_and_catch)}).Next()
}
