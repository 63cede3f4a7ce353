import type { Frame, Lock, Thread } from '../gdb/types.js'
import type { Finding } from './finding.js'
import {
  isNamed,
  isNamelessLibc,
  lockArgument,
  RELEASES_LOCK,
  SLEEPS_FOR_LOCK,
  TAKES_LOCK,
} from './frame-names.js'
import { isSameLock, lockOf, ownerOf, type Scene, type Waiter } from './scene.js'
import { type SignalRef, signalOfHandler } from './signals.js'
import { type HandlerOnStack, handlersOn } from './stack.js'
import { type Subsystem, takenBy } from './subsystems.js'
import { holdersByStack } from './wait-for.js'
import type { Waiting } from './waiting.js'

/** One thread that waits, in a signal handler, for a lock that the code under the handler has. */
export interface Reentry {
  readonly thread: Thread
  readonly waiting: Waiting
  readonly lock: Lock | null
  readonly handler: HandlerOnStack
  readonly signal: SignalRef
  /** Innermost interrupted frame that says why the lock is taken */
  readonly interrupted: Frame | null
  /** Null when neither the frames nor the lock's fields tell */
  readonly window: 'lock' | 'unlock' | 'held' | null
  readonly confidence: Finding['confidence']
  /** It may equally have been interrupted before it got the lock */
  readonly doubtful: boolean
  /** No frame and no owner says that the interrupted code has the lock: concluded from everything else */
  readonly inferred: boolean
}

/** The re-entry on this thread's stack, if there is one; the pattern is told at the rule signal-deadlock. */
export function readReentry(
  scene: Scene,
  { thread, waiting }: Waiter,
  hasRival: (waiting: Waiting) => boolean,
): Reentry | null {
  for (const handler of handlersOn(thread)) {
    if (handler.index <= waiting.index) continue
    const lock = lockOf(scene, waiting)
    const why = whyTaken(scene, thread, waiting, handler.interrupted)
    if (why === null || contradicts(scene, thread, lock, why.window)) continue
    const doubtful = why.doubtful || hasRival(waiting)
    const window = why.window ?? windowByFields(lock) ?? windowByNames(lock, waiting, why.frame)
    return {
      thread,
      waiting,
      lock,
      handler,
      signal: signalOfHandler(handler),
      interrupted: why.frame,
      window,
      confidence: confidenceOf(lock, { ...why, window, doubtful }),
      doubtful,
      inferred: why.inferred === true,
    }
  }
  return null
}

/**
 * Tells whether somebody else may hold a lock: one without an owner field may as well be held by another thread that is at
 * work inside the same subsystem and does not wait for it. The answer is kept for each lock.
 */
export function makeRivalCheck(scene: Scene): (waiting: Waiting) => boolean {
  const holders = holdersByStack(scene)
  const known = new Map<string, boolean>()
  const look = (waiting: Waiting): boolean => {
    if (waiting.subsystem === null || (lockOf(scene, waiting)?.owner ?? null) !== null) return false
    return (holders.get(waiting.subsystem.id) ?? []).some((other) => {
      const theirs = scene.byThread.get(other)
      return theirs === undefined || !isSameLock(theirs, waiting)
    })
  }
  return (waiting) => {
    const key = `${waiting.subsystem?.id ?? ''} ${waiting.address ?? ''}`
    const found = known.get(key) ?? look(waiting)
    known.set(key, found)
    return found
  }
}

interface Why {
  readonly window: Reentry['window']
  readonly frame: Frame | null
  /** Interrupted in the wait itself: it has the lock only if the wait had just returned */
  readonly doubtful: boolean
  /** Neither a frame nor the lock's owner says so */
  readonly inferred?: boolean
}

/** Why the interrupted code has the lock that the handler waits for; null when nothing says that it has. */
function whyTaken(
  scene: Scene,
  thread: Thread,
  waiting: Waiting,
  interrupted: readonly Frame[],
): Why | null {
  const entry = lockEntry(interrupted)
  if (entry !== null) return isSameEntry(waiting, interrupted, entry) ? entry : null
  const owner = lockOf(scene, waiting)?.owner ?? null
  const inside = waiting.subsystem === null ? null : holder(interrupted, waiting.subsystem)
  if (owner !== null && owner !== 0 && owner === thread.lwp)
    return { window: 'held', frame: inside ?? firstReal(interrupted), doubtful: false }
  if (inside === null || waiting.subsystem === null)
    return inlined(waiting.subsystem, interrupted) ?? hidden(scene, waiting, interrupted)
  if (!waiting.subsystem.recursive) return { window: 'held', frame: inside, doubtful: false }
  return atItsEdge(interrupted, waiting.subsystem)
    ? { window: null, frame: firstReal(interrupted), doubtful: false }
    : null
}

/**
 * A lock without an owner that is taken inline, in the function which everybody calls (`__libc_malloc`, the arena's lock):
 * interrupted in that very function, before it called anything, it has the lock or is about to take it.
 */
function inlined(subsystem: Subsystem | null, [first]: readonly Frame[]): Why | null {
  if (subsystem === null || subsystem.recursive || first === undefined) return null
  return isNamed(first, subsystem.takes) ? { window: 'held', frame: first, doubtful: false } : null
}

/**
 * A recursive lock that is properly held lets the handler in, so it must be a window: inlined into the function that
 * takes the lock (`_IO_puts`), or in a helper without a name just under it (a stripped libc's unlock).
 */
function atItsEdge(interrupted: readonly Frame[], subsystem: Subsystem): boolean {
  const [first, second] = interrupted
  if (first === undefined) return false
  if (first.lock !== undefined && isNamelessLibc(first)) return true
  if (subsystem.id === 'stdio' && isNamed(first, subsystem.takes)) return true
  return isNamelessLibc(first) && second !== undefined && isNamed(second, subsystem.takes)
}

/**
 * The stack does not tell whose lock it is: the C library has no names, or the lock is the program's own. Where every
 * other thread sleeps too, only the interrupted code can hold the lock; elsewhere it is no more than a hint.
 */
function hidden(scene: Scene, waiting: Waiting, interrupted: readonly Frame[]): Why | null {
  const owner = lockOf(scene, waiting)?.owner ?? null
  if (owner !== null || waiting.subsystem !== null || interrupted.length === 0) return null
  const frame = interrupted.find((each) => each.function !== null) ?? firstReal(interrupted)
  return { window: 'held', frame, doubtful: !scene.nobodyLeft, inferred: true }
}

interface Entry extends Why {
  readonly window: 'lock' | 'unlock'
  /** Index of the entry's outermost frame in the interrupted frames */
  readonly index: number
  readonly frame: Frame
}

/** The lock function that the signal interrupted, if it did: the innermost frames, inlined ones included. */
function lockEntry(interrupted: readonly Frame[]): Entry | null {
  let found: Entry | null = null
  let slept = false
  for (const [index, frame] of interrupted.entries()) {
    const window = isNamed(frame, TAKES_LOCK)
      ? 'lock'
      : isNamed(frame, RELEASES_LOCK)
        ? 'unlock'
        : null
    const sleeps = isNamed(frame, SLEEPS_FOR_LOCK)
    if (window === null && !sleeps && !(index === 0 && isNamelessLibc(frame))) break
    slept ||= sleeps
    if (window !== null) found = { window, frame, index, doubtful: slept && window === 'lock' }
  }
  return found
}

/** By address where both are known, else by whose lock it is; unknown on both sides counts as the same. */
function isSameEntry(waiting: Waiting, interrupted: readonly Frame[], entry: Entry): boolean {
  const address = interrupted
    .slice(0, entry.index + 1)
    .map(lockArgument)
    .find((each) => each !== null)
  if (address !== undefined && waiting.address !== null) return address === waiting.address
  const subsystem = takenBy(interrupted.slice(entry.index + 1))
  return subsystem?.id === waiting.subsystem?.id
}

/** The interrupted frame inside which the subsystem's lock is held; by its caller where a stripped libc has no names. */
function holder(interrupted: readonly Frame[], subsystem: Subsystem): Frame | null {
  const named = interrupted.find((frame) => isNamed(frame, subsystem.holds))
  if (named !== undefined) return named
  const index = interrupted.findIndex((frame) => !isNamelessLibc(frame))
  const caller = interrupted[index]
  return index > 0 && caller !== undefined && isNamed(caller, subsystem.takes) ? caller : null
}

function firstReal(frames: readonly Frame[]): Frame | null {
  return frames.find((frame) => !frame.inlined) ?? frames[0] ?? null
}

/** Another thread owns the lock, or nobody has it: then this thread does not wait for itself. */
function contradicts(
  scene: Scene,
  thread: Thread,
  lock: Lock | null,
  window: Reentry['window'],
): boolean {
  if (lock === null) return false
  if (lock.word === 0 && lock.kind.includes('mutex')) return true
  const owner = ownerOf(scene, lock)
  if (owner !== null) return owner !== thread
  return window !== 'held' && lock.owner !== null && lock.owner !== 0
}

/**
 * Where the frames do not name the function: taking sets `__count` before `__owner` and `__nusers` after it, giving
 * back clears `__owner` before it counts `__nusers` down.
 */
function windowByFields(lock: Lock | null): Reentry['window'] {
  if (lock?.owner !== 0) return null
  if (lock.users === 1) return 'unlock'
  return lock.count === 1 ? 'lock' : null
}

/**
 * A stripped libc keeps the names of what it exports: `pthread_mutex_lock`, but since 2.34 not
 * `__pthread_mutex_unlock_usercnt`. Where the handler's wait shows the name of the function that takes the lock, code of
 * the same library without a name is not that function; with the word taken and no owner it gives the lock back.
 */
function windowByNames(
  lock: Lock | null,
  waiting: Waiting,
  interrupted: Frame | null,
): Reentry['window'] {
  const { frame } = waiting
  if (lock?.owner !== 0 || !lock.word || frame === null || interrupted === null) return null
  const named = isNamed(frame, TAKES_LOCK) && frame.library !== null
  return named && interrupted.function === null && interrupted.library === frame.library
    ? 'unlock'
    : null
}

/** Held: proven by the owner, or by the word of a lock that has none; a hint where another thread may hold it. */
function heldConfidence(lock: Lock | null, why: Why): Finding['confidence'] {
  if (why.doubtful) return 'weak'
  return why.inferred !== true && lock?.word !== null && lock?.word !== undefined
    ? 'proven'
    : 'strong'
}

function confidenceOf(lock: Lock | null, why: Why): Finding['confidence'] {
  const taken = lock?.word !== null && lock?.word !== undefined && lock.word !== 0
  if (why.inferred === true || why.window === 'held') return heldConfidence(lock, why)
  const consistent = lock?.owner === 0
  if (taken && consistent && why.window !== null && !why.doubtful) return 'proven'
  return why.doubtful && !taken ? 'weak' : 'strong'
}
