// Package framepointer, imported for its side effect, makes Go's tracebacks show C frames by walking
// frame pointers. Its traceback function takes no lock, allocates nothing, and never enters an
// unwinder, so a signal may interrupt a C++ throw at any instruction.
package framepointer

/*
#cgo CFLAGS: -O2 -g -fno-omit-frame-pointer
#include "framepointer.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

func init() {
	C.framepointer_find_objects()
	runtime.SetCgoTraceback(0,
		unsafe.Pointer(C.framepointer_traceback), nil, unsafe.Pointer(C.framepointer_symbolize))
}
