import { plainAddress } from './frame.js'
import { isLowLevel, isRelease, outsideCall, ownerOfLock, plainName, waitingCall } from './names.js'
import { futexWait, isTimed, syscallKind, syscallName, type SystemCall } from './syscalls.js'
import type { Frame, Lock, Wait } from './types.js'

/** What is known of a thread beside its frames. */
export interface WaitFacts {
  /** Innermost first */
  readonly frames: readonly Frame[]
  /** `none` when the thread was not in a system call; null when that is not known (plain text) */
  readonly syscall: SystemCall | 'none' | null
  /** As gdb names it: `i386:x86-64`, `aarch64` */
  readonly architecture: string | null
  /** glibc's minor version: 31 for 2.31 */
  readonly libcMinor: number | null
}

/** A wait, with what the lock's decoding needs beside it. */
export interface DecodedWait {
  readonly wait: Wait
  readonly role: Lock['role']
  /** The futex word itself, when a system call gave it */
  readonly word: string | null
  /** What the word is expected to hold while it waits */
  readonly value: number | null
  /** True where the lock's address was inferred from the word's without debug information */
  readonly guessed: boolean
  /** Level of the frame that asked for the lock */
  readonly level: number | null
}

/** Frames looked at for the wait: glibc's own never are as deep. */
const SECTION_FRAMES = 12

/**
 * What a thread waits for: by its futex system call, by the names of its frames, by their arguments. Null for a thread
 * that runs. Rules: glibc nptl/ (lowlevellock.c, pthread_mutex_lock.c, pthread_rwlock_common.c, pthread_cond_wait.c).
 */
export function decodeWait(facts: WaitFacts): DecodedWait | null {
  if (facts.syscall === 'none') return null
  const section = ownSection(facts.frames)
  const call = findCall(section)
  if (facts.syscall === null) return byFrames(section, call)
  const name = syscallName(facts.architecture, facts.syscall)
  if (name === 'restart_syscall') return restarted(facts.syscall, section, call, facts.libcMinor)
  if (name !== 'futex')
    return outside(syscallKind(name), isTimed(name, facts.syscall), `${name} system call`)
  const futex = futexWait(facts.syscall)
  return futex === null ? null : byFutex(futex, section, call, facts.libcMinor)
}

/**
 * A timed wait that a debugger interrupted before goes on as `restart_syscall`, with the registers of the first call.
 * Besides futex only sleeps and polls do so; they are known by their function.
 */
function restarted(
  syscall: SystemCall,
  section: readonly Frame[],
  call: Call | null,
  libcMinor: number | null,
): DecodedWait | null {
  const kind = outsideCall(plainName(section[0]?.function ?? null))
  if (kind !== null)
    return outside(kind, true, `restarted system call in ${section[0]?.function ?? ''}`)
  const futex = futexWait(syscall)
  return futex === null ? null : byFutex(futex, section, call, libcMinor)
}

/** The frames from the innermost to the first signal frame. */
function ownSection(frames: readonly Frame[]): readonly Frame[] {
  const signal = frames.findIndex((frame) => frame.signalFrame)
  return frames.slice(0, signal < 0 ? SECTION_FRAMES : Math.min(signal, SECTION_FRAMES))
}

interface Call {
  readonly kind: Wait['kind']
  /** The frame that waits, and the function that asked for it */
  readonly frame: Frame
  readonly caller: Frame | null
  /** Frames below it (further in) */
  readonly depth: number
}

/** The innermost frame that tells what is waited for. */
function findCall(section: readonly Frame[]): Call | null {
  let low: { frame: Frame; depth: number } | null = null
  for (const [depth, frame] of section.entries()) {
    const name = plainName(frame.function)
    const kind = waitingCall(name)
    if (kind !== null) return { kind, frame, depth, caller: callerOf(section, depth, kind) }
    if (isLowLevel(name)) low = { frame, depth }
    else if (name !== '') break
  }
  if (low === null || !/lll_|L_lock/.test(low.frame.function ?? '')) return null
  return { kind: 'low-level-lock', ...low, caller: callerOf(section, low.depth, 'low-level-lock') }
}

/**
 * glibc's internal locks without its symbols: the innermost frame has no name but lies in libc, and the futex word is
 * expected to be 2, taken with waiters (nptl/lowlevellock.c).
 */
function hiddenLock(section: readonly Frame[], value: number): Call | null {
  const frame = section[0]
  if (value !== 2 || frame === undefined || frame.function !== null) return null
  if (!/\/lib(?:c|pthread)[-.][^/]*$/.test(frame.library ?? '')) return null
  return { kind: 'low-level-lock', frame, depth: 0, caller: callerOf(section, 0, 'low-level-lock') }
}

/**
 * The frame that called for the lock, past its aliases. glibc's internal locks are asked for by functions that often have
 * no name (`_int_malloc`): there frames without one are passed too.
 */
function callerOf(section: readonly Frame[], depth: number, kind: Wait['kind']): Frame | null {
  const found = section.slice(depth + 1, depth + 5).find((frame) => {
    const name = plainName(frame.function)
    if (name === '') return kind !== 'low-level-lock'
    return waitingCall(name) !== kind && !isLowLevel(name)
  })
  return found ?? null
}

function byFutex(
  futex: { word: string; operation: string; value: number; timed: boolean },
  section: readonly Frame[],
  named: Call | null,
  libcMinor: number | null,
): DecodedWait {
  const call = named ?? hiddenLock(section, futex.value)
  const system = `${futex.operation} system call on ${futex.word}, expecting ${futex.value}`
  if (call === null) {
    const wait: Wait = {
      kind: futex.operation.startsWith('FUTEX_LOCK_PI') ? 'mutex' : 'unknown',
      address: futex.word,
      timed: futex.timed,
      lwp: null,
      evidence: system,
    }
    return { wait, role: null, word: futex.word, value: futex.value, guessed: false, level: null }
  }
  const role = ownerOfLock(call.kind, plainName(call.caller?.function ?? null))
  const given = lockArgument(section.slice(0, call.depth + 1), call.kind)
  const inferred = lockAddress(call.kind, futex, libcMinor)
  const wait: Wait = {
    kind: kindOf(call, role),
    address: given ?? inferred.address,
    timed: futex.timed,
    lwp: call.kind === 'join' ? futex.value : null,
    evidence: `${system}, in ${inWords(call)}`,
  }
  return {
    wait,
    role,
    word: futex.word,
    value: futex.value,
    guessed: (given === null && inferred.guessed) || named === null,
    level: call.frame.level,
  }
}

function kindOf(call: Call, role: Lock['role']): Wait['kind'] {
  if (role === 'loader-load-lock' || role === 'loader-write-lock') return 'loader'
  if (call.kind === 'mutex' && isLoader(call.caller?.library ?? null)) return 'loader'
  return role ?? call.kind
}

/** True for the dynamic loader itself: `/lib64/ld-linux-x86-64.so.2`, `/lib/x86_64-linux-gnu/ld-2.31.so`. */
export function isLoader(path: string | null): boolean {
  return path !== null && /\/ld(?:-linux[^/]*|-\d[^/]*)\.so[^/]*$/.test(path)
}

function inWords(call: Call): string {
  const name = call.frame.function ?? 'an unnamed function of libc'
  return call.caller?.function ? `${name} called by ${call.caller.function}` : name
}

/**
 * The lock object that a futex word lies in. Readers of a rwlock wait for `__wrphase_futex` (+8, values 2 and 3) or,
 * where writers are preferred, `__readers` (+0); writers for `__wrphase_futex` or `__writers_futex` (+12). A condition
 * variable has two words, at +40 and +44 up to glibc 2.40, at +32 and +36 since. A barrier's is `current_round` (+4).
 * Objects are 8-byte aligned.
 */
function lockAddress(
  kind: Wait['kind'],
  futex: { word: string; value: number },
  libcMinor: number | null,
): { address: string; guessed: boolean } {
  const word = BigInt(futex.word)
  const odd = word % 8n === 4n
  const at = (offset: bigint, guessed = false): { address: string; guessed: boolean } => ({
    address: `0x${(word > offset ? word - offset : word).toString(16)}`,
    guessed,
  })
  if (kind === 'condvar') {
    const base = libcMinor !== null && libcMinor >= 41 ? 32n : 40n
    return at(base + (odd ? 4n : 0n), libcMinor === null)
  }
  if (kind === 'rwlock-read') return futex.value === 2 || futex.value === 3 ? at(8n) : at(0n, true)
  if (kind === 'rwlock-write') return at(odd ? 12n : 8n)
  if (kind === 'barrier') return at(odd ? 4n : 0n)
  return at(0n)
}

/** Finds an address among a frame's arguments: `mutex=mutex@entry=0x7f12 <_rtld_global+2352>` → `0x7f12`. */
function parameter(names: string): RegExp {
  return new RegExp(
    `(?:^|[ ,(])(?:${names})=(?:\\w{1,40}@entry=)?(?:\\([^()]{0,60}\\) ?)?(0x[0-9a-fA-F]{1,16})`,
  )
}

/** Parameters that hold the lock, by kind; `futex` and `futex_word` only where the word is the lock. */
const PARAMETERS: Partial<Record<Wait['kind'], RegExp>> = {
  mutex: parameter('mutex|futex|futex_word'),
  'rwlock-read': parameter('rwlock'),
  'rwlock-write': parameter('rwlock'),
  condvar: parameter('cond'),
  semaphore: parameter('sem|isem|futex_word'),
  barrier: parameter('barrier'),
  once: parameter('once_control'),
  'low-level-lock': parameter('futex|futex_word'),
  'go-runtime': parameter('addr'),
}
const RELEASE_PARAMETER = parameter('mutex|rwlock|futex|decr')

/** The lock's address as debug information gives it in the frames' arguments, outermost of them first; or null. */
function lockArgument(frames: readonly Frame[], kind: Wait['kind']): string | null {
  const pattern = PARAMETERS[kind]
  if (pattern === undefined) return null
  const found = frames.toReversed().map((frame) => addressArgument(frame, pattern))
  return found.find((address) => address !== null) ?? null
}

function addressArgument(frame: Frame, pattern: RegExp): string | null {
  const address = frame.args === null ? undefined : pattern.exec(frame.args)?.[1]
  return address === undefined || /^0x0*$/.test(address) ? null : plainAddress(address)
}

/** The lock that a frame takes, releases or waits for, by its arguments; null for all other frames. */
export function lockOfFrame(frame: Frame): string | null {
  if (frame.args === null || frame.args === '') return null
  const name = plainName(frame.function)
  if (isRelease(name)) return addressArgument(frame, RELEASE_PARAMETER)
  const pattern =
    PARAMETERS[waitingCall(name) ?? (name.startsWith('lll_') ? 'low-level-lock' : 'unknown')]
  return pattern === undefined ? null : addressArgument(frame, pattern)
}

/** Without registers: a thread waits when it is in the wait's own primitives, not merely in a function that may wait. */
function byFrames(section: readonly Frame[], call: Call | null): DecodedWait | null {
  const innermost = section[0]
  if (innermost === undefined) return null
  if (call === null) {
    const kind = outsideCall(plainName(innermost.function))
    return kind === null
      ? null
      : outside(kind, kind === 'sleep', `frame ${innermost.function ?? ''}`)
  }
  const mayRun = call.kind === 'mutex' && call.depth === 0
  if (mayRun || /futex_wake|lll_unlock|lll_lock_wake/.test(innermost.function ?? '')) return null
  const role = ownerOfLock(call.kind, plainName(call.caller?.function ?? null))
  const frames = section.slice(0, call.depth + 1)
  const wait: Wait = {
    kind: kindOf(call, role),
    address: lockArgument(frames, call.kind),
    timed: isTimedByFrames(frames),
    lwp: null,
    evidence: `frame ${inWords(call)}`,
  }
  return { wait, role, word: null, value: null, guessed: true, level: call.frame.level }
}

/** By the time limit among the arguments, or, without arguments, by the functions' names. */
function isTimedByFrames(frames: readonly Frame[]): boolean {
  if (frames.some((frame) => /(?:abstime|abs_timeout)=/.test(frame.args ?? ''))) {
    return frames.some((frame) =>
      /(?:abstime|abs_timeout)=(?:\w+@entry=)?0x0*[1-9a-f]/.test(frame.args ?? ''),
    )
  }
  return frames.some((frame) =>
    /timedwait|timedlock|clockwait|timedjoin/.test(frame.function ?? ''),
  )
}

function outside(kind: Wait['kind'], timed: boolean, evidence: string): DecodedWait {
  const wait: Wait = { kind, address: null, timed, lwp: null, evidence }
  return { wait, role: null, word: null, value: null, guessed: false, level: null }
}
