// Reproducer: throws C++ exceptions for ever in one cgo call while the Go side profiles itself, so
// that SIGPROF handlers unwind the C stack in the middle of a throw.
package main

import (
	"fmt"
	"io/ioutil"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// Exit codes besides 0: sysexits.h's EX_USAGE for a bad flag, 1 for a thread in std::terminate or no profile.
const (
	exitFailed = 1
	exitUsage  = 64
)

func main() {
	options, err := readOptions(os.Args[1:], os.LookupEnv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "reproducer: %v\n", err)
		os.Exit(exitUsage)
	}
	if options.help != "" {
		fmt.Print(options.help)
		return
	}
	runtime.GOMAXPROCS(options.gomaxprocs)
	if options.spin {
		if err := spin(); err != nil {
			fmt.Fprintf(os.Stderr, "reproducer: CPU profile: %v\n", err)
			os.Exit(exitFailed)
		}
		return
	}
	if options.warm {
		warmSymbolizer()
	}
	startThrowing(options.threads)
	loop(options)
	if tid := terminatedThread(); tid != 0 {
		os.Exit(exitFailed)
	}
}

// loop prints the counters, dumps the goroutines and profiles, again and again until the duration is
// over. The last thing it does is to print the counters.
func loop(options options) {
	start := time.Now()
	for n := 1; ; n++ {
		t := readTotals()
		fmt.Printf("Loop #%d throws=%d signals=%d unwinds=%d exposures=%d\n",
			n, t.throws, t.signals, t.unwinds, t.exposures)
		round := time.Second
		if options.duration > 0 {
			left := options.duration - time.Since(start)
			if left <= 0 {
				return
			}
			if left < round {
				round = left
			}
		}
		if options.goroutines {
			dumpGoroutines()
		}
		if options.profile {
			profile(round, options.profileRate)
		} else {
			time.Sleep(round)
		}
	}
}

// dumpGoroutines makes the text of all goroutines' stacks and drops it. For a goroutine that a
// signal interrupted in C this calls the symbolizer, with the world stopped.
func dumpGoroutines() {
	if err := pprof.Lookup("goroutine").WriteTo(ioutil.Discard, 2); err != nil {
		fmt.Fprintf(os.Stderr, "reproducer: goroutine dump: %v\n", err)
	}
}

const defaultProfileRate = 100

// profile takes a CPU profile and drops it. Another rate than pprof's own can be had only by setting
// it first; pprof then tries to set its own, and the runtime refuses with one line on stderr.
func profile(length time.Duration, rate int) {
	if rate != defaultProfileRate {
		runtime.SetCPUProfileRate(rate)
	}
	if err := pprof.StartCPUProfile(ioutil.Discard); err != nil {
		fmt.Fprintf(os.Stderr, "reproducer: CPU profile: %v\n", err)
		return
	}
	time.Sleep(length)
	pprof.StopCPUProfile()
}
