import { lockArgument } from './arguments.js'
import { findCall, hiddenLock, isLoader, ownSection, type Call } from './call.js'
import { lockAddress } from './lock-address.js'
import { isLowLevel, outsideCall, ownerOfLock, plainName } from './names.js'
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
  /** Whose mutexes these are; glibc's where it is not said */
  readonly layout?: 'musl'
}

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
  const known = outsideByFrames(section)
  if (known !== null) {
    const timed = known.wait.kind !== 'poll' || isTimed('poll', syscall)
    return { ...known, wait: { ...known.wait, timed } }
  }
  const futex = futexWait(syscall)
  return futex === null ? null : byFutex(futex, section, call, libcMinor)
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

function inWords(call: Call): string {
  const name = call.frame.function ?? 'an unnamed function of libc'
  return call.caller?.function ? `${name} called by ${call.caller.function}` : name
}

/** Without registers: a thread waits when it is in the wait's own primitives, not merely in a function that may wait. */
function byFrames(section: readonly Frame[], call: Call | null): DecodedWait | null {
  const innermost = section[0]
  if (innermost === undefined) return null
  if (call === null) return outsideByFrames(section)
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

/**
 * A call to the world outside, by its function, past what glibc (since 2.41, `__syscall_cancel_arch`) and Go (`Syscall6`)
 * have below it.
 */
function outsideByFrames(section: readonly Frame[]): DecodedWait | null {
  const name = section
    .map((frame) => plainName(frame.function))
    .find((plain) => !isBelowCall(plain))
  const kind = name === undefined ? null : outsideCall(name)
  return kind === null ? null : outside(kind, kind === 'sleep', `frame ${name ?? ''}`)
}

function isBelowCall(name: string): boolean {
  return name === '' || isLowLevel(name) || /\.(?:Raw)?Syscall6?$/.test(name)
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
