/** Linux's signals from 1 on, the same on x86-64 and ARM (include/uapi/asm-generic/signal.h). */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  )

/** `27` → `SIGPROF`; `35` → `SIGRTMIN+1` (glibc keeps 32 and 33 for itself). */
export function signalName(number: number): string {
  const name = NAMES[number - 1]
  if (name !== undefined) return `SIG${name}`
  return number >= 34 ? `SIGRTMIN${number === 34 ? '' : `+${number - 34}`}` : `signal ${number}`
}

/** `SIGPROF` → `27`, or null for a name that Linux does not have. */
export function signalNumber(name: string): number | null {
  const index = NAMES.indexOf(name.replace(/^SIG/, ''))
  return index < 0 ? null : index + 1
}
