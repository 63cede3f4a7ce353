import type { Frame, Lock, Thread } from '../../gdb/types.js'
import type { Finding, Party } from '../finding.js'
import {
  isNamed,
  isNamelessLibc,
  lockArgument,
  RELEASES_LOCK,
  SLEEPS_FOR_LOCK,
  TAKES_LOCK,
} from '../frame-names.js'
import {
  isSameLock,
  lockOf,
  ownerOf,
  type Scene,
  shownLock,
  victimsOf,
  type Waiter,
} from '../scene.js'
import { type SignalRef, signalOfHandler } from '../signals.js'
import { type HandlerOnStack, handlersOn } from '../stack.js'
import {
  signalDeadlockAdvice,
  signalDeadlockHeadline,
  signalDeadlockStory,
} from '../story/signal-deadlock.js'
import { type Subsystem, takenBy } from '../subsystems.js'
import { holdersByStack } from '../wait-for.js'
import type { Waiting } from '../waiting.js'

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

/**
 * A thread waits for itself: a signal arrived while it was taking, giving back or holding a lock, and the handler, on
 * the same stack, wants that lock.
 *
 * - `lock`: nptl/pthread_mutex_lock.c sets the lock word by compare-and-swap, then `__count`, then `__owner`. In
 *   between the recursive mutex does not know its owner (word 1 or 2, owner 0).
 * - `unlock`: nptl/pthread_mutex_unlock.c (`__pthread_mutex_unlock_usercnt`) clears `__owner`, counts down `__nusers`,
 *   then frees the word: the mirror image.
 * - `held`: the lock is not recursive and properly held (a malloc arena, a stdio lock of another kind, any normal mutex).
 *
 * For dl_iterate_phdr the lock is ld.so's `_dl_load_write_lock` (elf/dl-iteratephdr.c) and both sides come through
 * libgcc's `_Unwind_Find_FDE` (unwind-dw2-fde-dip.c), up to GCC 11.
 */
export function signalDeadlock(scene: Scene): Finding | null {
  const holders = holdersByStack(scene)
  const found = scene.lockWaiters.flatMap((waiter) => reentryOf(scene, waiter, holders) ?? [])
  const culprits = pickCulprits(found)
  const main = culprits[0]
  if (main === undefined) return null
  const threads = culprits.map(({ thread }) => thread)
  const waits = uniqueLocks(culprits)
  const isTheirs = (waiting: Waiting): boolean => waits.some((each) => isSameLock(each, waiting))
  const victims = victimsOf(scene, threads, isTheirs)
  const shown = shownLock(scene, main.waiting)
  return {
    class: 'signal-reentrancy',
    failure: 'deadlock',
    confidence: main.confidence,
    headline: signalDeadlockHeadline(main, shown, threads),
    story: signalDeadlockStory(main, shown, victims, scene),
    culprits: culprits.map(toParty),
    victims,
    lock: shown,
    advice: signalDeadlockAdvice(main, scene),
    raise: raiseOf(main, shown),
  }
}

/** One wait for each lock: of thousands of threads that look alike, most wait for the same. */
function uniqueLocks(culprits: readonly Reentry[]): Waiting[] {
  return [...new Map(culprits.map(({ waiting }) => [lockKey(waiting), waiting])).values()]
}

function lockKey(waiting: Waiting): string {
  return waiting.address ?? waiting.subsystem?.id ?? ''
}

function toParty(each: Reentry): Party {
  return {
    thread: each.thread,
    signal: each.signal,
    interrupted: each.interrupted,
    waiting: each.waiting.frame ?? each.thread.frames[0] ?? null,
    window: each.window,
  }
}

function raiseOf(main: Reentry, lock: Lock | null): string | null {
  if (main.confidence === 'proven') return null
  if (lock?.word === null || lock?.word === undefined)
    return "Reading the lock's word, owner and count from the stopped process or its core would prove it."
  return 'Debug symbols of the C library (libc6-dbg, or debuginfod) would show which functions lie under the handler.'
}

/** The re-entry on this thread's stack, if there is one; see {@link signalDeadlock} for the pattern. */
function reentryOf(scene: Scene, { thread, waiting }: Waiter, holders: Holders): Reentry | null {
  for (const handler of handlersOn(thread)) {
    if (handler.index <= waiting.index) continue
    const lock = lockOf(scene, waiting)
    const why = whyTaken(scene, thread, waiting, handler.interrupted)
    if (why === null || contradicts(scene, thread, lock, why.window)) continue
    const doubtful = why.doubtful || hasRival(scene, thread, waiting, holders)
    return {
      thread,
      waiting,
      lock,
      handler,
      signal: signalOfHandler(handler),
      interrupted: why.frame,
      window: why.window ?? windowByFields(lock),
      confidence: confidenceOf(lock, { ...why, doubtful }),
      doubtful,
      inferred: why.inferred === true,
    }
  }
  return null
}

type Holders = ReturnType<typeof holdersByStack>

/** A lock without an owner field may as well be held by another thread that is at work inside the same subsystem. */
function hasRival(scene: Scene, thread: Thread, waiting: Waiting, holders: Holders): boolean {
  if (waiting.subsystem === null || (lockOf(scene, waiting)?.owner ?? null) !== null) return false
  const others = holders.get(waiting.subsystem.id) ?? []
  return others.some((other) => {
    const theirs = scene.byThread.get(other)
    return other !== thread && (theirs === undefined || !isSameLock(theirs, waiting))
  })
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
  if (inside === null || waiting.subsystem === null) return hidden(scene, waiting, interrupted)
  if (!waiting.subsystem.recursive) return { window: 'held', frame: inside, doubtful: false }
  return atItsEdge(interrupted, waiting.subsystem)
    ? { window: null, frame: firstReal(interrupted), doubtful: false }
    : null
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
 * The stack does not tell whose lock it is, and the interrupted code has frames of the C library without names. Where
 * every other thread sleeps too, only the interrupted code can hold the lock; elsewhere it is no more than a hint.
 */
function hidden(scene: Scene, waiting: Waiting, interrupted: readonly Frame[]): Why | null {
  const owner = lockOf(scene, waiting)?.owner ?? null
  if (owner !== null || waiting.subsystem !== null || !interrupted.some(isNamelessLibc)) return null
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

/**
 * Several threads may look alike: only one has the lock, the others were interrupted just before they got it. Those
 * interrupted in the wait itself come last; among equals the one that has stood still longest was there first.
 */
function pickCulprits(found: readonly Reentry[]): readonly Reentry[] {
  const groups = new Map<string, Reentry[]>()
  for (const each of found) {
    const group = groups.get(lockKey(each.waiting))
    if (group === undefined) groups.set(lockKey(each.waiting), [each])
    else group.push(each)
  }
  return [...groups.values()].flatMap(pickInGroup)
}

function pickInGroup(group: readonly Reentry[]): readonly Reentry[] {
  const sure = group.filter(({ doubtful }) => !doubtful)
  const left = sure.length > 0 ? sure : group
  const still = left.map(({ thread }) => thread.observed?.stillMs ?? 0)
  const longest = still.reduce((most, each) => Math.max(most, each), 0)
  return left.filter((_, index) => still[index] === longest)
}
