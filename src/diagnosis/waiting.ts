import type { Frame, Lock, Thread, Wait } from '../gdb/types.js'
import { plainAddress } from './frame-names.js'
import { realFrames } from './stack.js'
import { isSpecific, type Kind, readWaitShape } from './wait-shape.js'
import { type Subsystem, subsystemById, takenBy } from './subsystems.js'

/** What one thread waits for, from the decoded wait, its frames and what /proc said, in this order. */
export interface Waiting {
  readonly kind: Wait['kind']
  readonly address: string | null
  /** The symbol that gdb printed beside the address, `_rtld_global+2352` */
  readonly symbol: string | null
  readonly timed: boolean
  /** For a join: the LWP waited for, if decoded */
  readonly lwp: number | null
  /** For a join: the pthread id waited for, from the frames' `threadid=` */
  readonly joins: string | null
  /** The outermost frame of the wait itself (`pthread_mutex_lock`), null if the stack has no names */
  readonly frame: Frame | null
  /** Its index in the real frames; the caller is at `index + 1`. -1 without a frame */
  readonly index: number
  readonly subsystem: Subsystem | null
  readonly evidence: string
}

/** What the thread waits for, or null when it runs (or nothing tells). */
export function waitingOf(thread: Thread, locks: ReadonlyMap<string, Lock>): Waiting | null {
  const frames = realFrames(thread)
  const shape = readWaitShape(frames, isKnownToWait(thread))
  const futex = thread.observed?.futex ?? null
  if (thread.wait === null && shape === null && futex === null) return null
  const address = thread.wait?.address ?? shape?.address ?? futex?.address ?? null
  const plain = address === null ? null : plainAddress(address)
  const index = shape?.index ?? -1
  const lock = plain === null ? undefined : locks.get(plain)
  const kind = mergedKind(thread.wait?.kind ?? 'unknown', shape?.kind ?? 'unknown')
  return {
    kind,
    address: plain,
    symbol: shape?.symbol ?? null,
    timed: thread.wait?.timed ?? futex?.timed ?? shape?.timed ?? false,
    lwp: thread.wait?.lwp ?? null,
    joins: shape?.joins ?? null,
    frame: frames[index] ?? null,
    index,
    subsystem: LOCK_KINDS.has(kind)
      ? subsystemOfWait(kind, lock, index < 0 ? [] : frames.slice(index + 1))
      : null,
    evidence: thread.wait?.evidence ?? shape?.evidence ?? 'futex system call seen in /proc',
  }
}

function isKnownToWait(thread: Thread): boolean {
  return thread.wait !== null || (thread.observed?.futex ?? null) !== null
}

function mergedKind(decoded: Kind, shape: Kind): Kind {
  return isSpecific(decoded) || shape === 'unknown' ? decoded : shape
}

function subsystemOfWait(
  kind: Kind,
  lock: Lock | undefined,
  callers: readonly Frame[],
): Subsystem | null {
  const byRole = subsystemById(lock?.role ?? null)
  if (byRole !== null) return byRole
  const byFrames = takenBy(callers)
  if (byFrames !== null) return byFrames
  if (kind === 'malloc-arena' || kind === 'stdio') return subsystemById(kind)
  const loader = kind === 'loader' || /^_rtld_(global|local)\b/.test(lock?.symbol ?? '')
  return loader ? subsystemById('loader-write-lock') : null
}

const LOCK_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  'mutex',
  'rwlock-read',
  'rwlock-write',
  'malloc-arena',
  'stdio',
  'loader',
  'low-level-lock',
  'once',
])

/** Whether the wait is for something that one thread holds and must give back, and that does not end by itself. */
export function isLockWait(waiting: Waiting): boolean {
  return LOCK_KINDS.has(waiting.kind) && !waiting.timed
}

const INTERNAL_KINDS: ReadonlySet<Kind> = new Set<Kind>([
  ...LOCK_KINDS,
  'condvar',
  'semaphore',
  'barrier',
  'join',
])

/** Whether only another thread of the same process can end the wait: no time limit, no input, no event from outside. */
export function isInternalWait(waiting: Waiting): boolean {
  return INTERNAL_KINDS.has(waiting.kind) && !waiting.timed
}
