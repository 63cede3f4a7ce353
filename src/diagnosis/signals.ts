import type { Frame, FrameSignal } from '../gdb/types.js'
import { plainName } from './frame-names.js'
import type { HandlerOnStack } from './stack.js'

/** A signal by number (null when only the name is known) and name. */
export interface SignalRef {
  readonly number: number | null
  readonly name: string
}

/** Linux on x86-64 and arm64: include/uapi/asm-generic/signal.h. Index is the number. */
const NAMES = [
  '',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
] as const

const FIRST_REALTIME = 32
const LAST = 64

/** What is said where the dump does not tell which signal it was. */
export const UNKNOWN_SIGNAL: SignalRef = { number: null, name: 'unknown signal' }

/** The signal with this number, or null if Linux has none. Real-time signals are named as gdb does: `SIG34`. */
export function signalByNumber(number: number): SignalRef | null {
  const name = NAMES[number]
  if (name !== undefined && name !== '') return { number, name }
  const realtime = number >= FIRST_REALTIME && number <= LAST
  return realtime ? { number, name: `SIG${number}` } : null
}

/** The signal with this name (`SIGPROF` or `PROF`), or null. */
export function signalByName(name: string): SignalRef | null {
  const full = name.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  const number = NAMES.findIndex((known) => known === full)
  return number > 0 ? { number, name: full } : null
}

/** Functions that send a signal: their `sig=` is not the one that is being handled. */
const SENDS =
  /^(raise|kill|tgkill|pthread_kill\w*|sigqueue|abort|runtime\.(raise|tgkill|dieFromSignal))/

/** Functions that stand for one signal: Go's profiler and its preemption requests (runtime/signal_unix.go). */
const NAMED_HANDLERS: readonly (readonly [RegExp, string])[] = [
  [/^runtime\.(sigprof|sigprofNonGo|\(\*cpuProfile\))/, 'SIGPROF'],
  [/^runtime\.(doSigPreempt|wantAsyncPreempt)/, 'SIGURG'],
  [/^runtime\.(sigpanic)/, 'SIGSEGV'],
]

/**
 * Which signal a handler was called for: from the siginfo that the kernel left on its stack, if the dump has it; from
 * the handler's frames (innermost first, its entry last): `x_cgo_callers (sig=27, …)` → SIGPROF; from a function that
 * stands for one signal; else `unknown signal`.
 */
export function signalOfHandler({ mark, handler }: HandlerOnStack): SignalRef {
  if (isPlausible(mark)) return { number: mark.signal.number, name: mark.signal.name }
  const outwards = [...handler].reverse()
  return firstOf(outwards, signalArgument) ?? firstOf(outwards, signalByFunction) ?? UNKNOWN_SIGNAL
}

/**
 * The kernel fills in the siginfo only for handlers that asked for it (SA_SIGINFO); otherwise the place on the stack
 * holds what was there before. `si_code` is one of a few small numbers (asm-generic/siginfo.h), rubbish hardly ever is.
 */
function isPlausible(mark: Frame): mark is Frame & { readonly signal: FrameSignal } {
  const { signal } = mark
  if (signal === undefined || signalByNumber(signal.number) === null) return false
  return signal.code === SI_KERNEL || (signal.code >= -7 && signal.code <= 16)
}

const SI_KERNEL = 128

function firstOf(
  frames: readonly Frame[],
  read: (frame: Frame) => SignalRef | null,
): SignalRef | null {
  for (const frame of frames) {
    const found = read(frame)
    if (found !== null) return found
  }
  return null
}

/** Who sent the signal, from `si_code` (asm-generic/siginfo.h), as it reads after a comma; empty where not known. */
export function senderOf(mark: Frame): string {
  return isPlausible(mark) ? (SENDERS[mark.signal.code] ?? '') : ''
}

const SENDERS: Readonly<Record<number, string>> = {
  [-2]: 'sent by a timer',
  [-6]: 'sent by a thread of a program (tgkill)',
  128: 'sent by the kernel',
}

function signalArgument(frame: Frame): SignalRef | null {
  if (SENDS.test(plainName(frame) ?? '')) return null
  const found =
    /\b(?:sig|signo|signum|signal|sig_num|signr|signalNumber|sig_no)(?:=\w+@entry)?=(0x[0-9a-f]+|\d+|SIG[A-Z0-9]+)\b/.exec(
      frame.args ?? '',
    )?.[1]
  if (found === undefined) return null
  return found.startsWith('SIG') ? signalByName(found) : signalByNumber(Number(found))
}

function signalByFunction(frame: Frame): SignalRef | null {
  const name = frame.function ?? ''
  const known = NAMED_HANDLERS.find(([pattern]) => pattern.test(name))
  if (known !== undefined) return signalByName(known[1])
  const spelled = /(?:^|[^a-z])sig_?([a-z]+[12]?)(?![a-z])/i.exec(name)?.[1]
  return spelled === undefined ? null : signalByName(spelled)
}
