/** With or without our time before it: `SIGSEGV: segmentation violation`, then `PC=0x46d8a1 m=0 sigcode=1` (runtime.sighandler, dieFromSignal's report) */
const FATAL = /^(?:\[ *\d+\.\d+\] )?(SIG[A-Z]+): [^\n]*\nPC=0x[0-9a-f]+ m=\d+ sigcode=/m
/** `[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x46d8a1]` (runtime.printpanics, runtime.fatalthrow) */
const PANIC = /^(?:\[ *\d+\.\d+\] )?\[signal (SIG[A-Z]+)[^\]\n]* pc=0x[0-9a-f]+\]/m
/** Go's runtime ends a crashed program with this code (runtime.exit(2) in runtime/panic.go and signal_unix.go). */
const GO_CRASH_CODE = 2

/**
 * The signal that Go's runtime says it crashed on, or null. Go catches fatal signals, C++ ones too, prints a report and
 * exits with code 2, so neither the engine nor a parent ever sees the signal.
 */
export function findGoCrash(code: number | null, output: string): string | null {
  if (code !== GO_CRASH_CODE) return null
  return FATAL.exec(output)?.[1] ?? PANIC.exec(output)?.[1] ?? null
}
