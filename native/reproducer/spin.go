package main

/*
#include "spin.h"
*/
import "C"

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime/pprof"
	"time"
)

// spinTime is long enough for about a hundred samples at the usual rate.
const spinTime = time.Second

// spin takes a CPU profile of C++ code that throws nothing and prints it: what the symbolizer sees
// of C, and what that costs.
func spin() error {
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return err
	}
	seen := C.spin_outer(C.uint64_t(spinTime))
	pprof.StopCPUProfile()
	fmt.Printf("Spin tracebacks=%d frames=%d nanoseconds=%d profile=%s\n",
		uint64(seen.made), uint64(seen.frames), uint64(seen.nanoseconds),
		base64.StdEncoding.EncodeToString(profile.Bytes()))
	return nil
}
