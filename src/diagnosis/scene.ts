import type { Frame, Lock, StoppedProcess, Thread } from '../gdb/types.js'
import type { DiagnosisContext } from './context.js'
import { isNamed, isNamelessLibc, plainAddress } from './frame-names.js'
import { realFrames } from './stack.js'
import { SUBSYSTEMS, type Subsystem } from './subsystems.js'
import { isInternalWait, isLockWait, type Waiting, waitingOf } from './waiting.js'

/** A thread that waits, and for what. */
export interface Waiter {
  readonly thread: Thread
  readonly waiting: Waiting
}

/** The process as the rules look at it: the dump, the context, and look-ups made once. */
export interface Scene {
  readonly process: StoppedProcess
  readonly context: DiagnosisContext
  /** Every thread that waits for anything */
  readonly waiters: readonly Waiter[]
  /** Those that wait, without a time limit, for a lock */
  readonly lockWaiters: readonly Waiter[]
  readonly byThread: ReadonlyMap<Thread, Waiting>
  readonly byLwp: ReadonlyMap<number, Thread>
  /** Smallest LWP of the process; Infinity where none is known */
  readonly smallestLwp: number
  readonly byPthread: ReadonlyMap<string, Thread>
  readonly locks: ReadonlyMap<string, Lock>
  /** Every thread waits, without a time limit, for something that only another thread of the process can give */
  readonly nobodyLeft: boolean
}

/** Prepares a dump for the rules; linear in threads and frames. */
export function readScene(process: StoppedProcess, context: DiagnosisContext): Scene {
  const locks = new Map(process.locks.map((lock) => [plainAddress(lock.address), lock]))
  const byLwp = new Map(
    process.threads.flatMap((thread) => (thread.lwp === null ? [] : [[thread.lwp, thread]])),
  )
  const waiters = process.threads.flatMap((thread) => {
    const waiting = waitingOf(thread, locks)
    return waiting === null ? [] : [{ thread, waiting: asJoin(waiting, locks, byLwp) }]
  })
  return {
    process,
    context,
    waiters,
    lockWaiters: waiters.filter(({ waiting }) => isLockWait(waiting)),
    byThread: new Map(waiters.map(({ thread, waiting }) => [thread, waiting])),
    byLwp,
    smallestLwp: [...byLwp.keys()].reduce((least, lwp) => Math.min(least, lwp), Infinity),
    byPthread: new Map(
      process.threads.flatMap((thread) =>
        thread.pthread === null ? [] : [[plainAddress(thread.pthread), thread]],
      ),
    ),
    locks,
    nobodyLeft:
      isWhole(process.threads) &&
      waiters.length === process.threads.length &&
      waiters.every(({ waiting }) => isInternalWait(waiting)),
  }
}

/**
 * Whether the dump shows every thread, as far as it can be told: gdb counts from 1 and prints 1 last, so that a text that
 * was cut off, and the backtrace of one thread alone, lack it.
 */
function isWhole(threads: readonly Thread[]): boolean {
  return threads.every(({ number, lwp }) => number === null && lwp !== null)
    ? true
    : threads.some(({ number }) => number === 1)
}

/** The thread's id lies within this many bytes of its descriptor, whose address is the pthread id (nptl/descr.h). */
const DESCRIPTOR_BYTES = 4096n

/**
 * A join without names: the futex word is the `tid` field of another thread's descriptor, which the kernel clears when
 * that thread ends (nptl/pthread_join_common.c).
 */
function asJoin(
  waiting: Waiting,
  locks: ReadonlyMap<string, Lock>,
  byLwp: ReadonlyMap<number, Thread>,
): Waiting {
  const open = waiting.kind === 'unknown' || (waiting.kind === 'join' && waiting.lwp === null)
  if (!open || waiting.address === null) return waiting
  const target = byLwp.get(locks.get(waiting.address)?.word ?? 0)
  const pthread = target?.pthread ?? null
  const inside = pthread === null ? null : distance(pthread, waiting.address)
  if (target === undefined || inside === null || inside < 0n || inside >= DESCRIPTOR_BYTES)
    return waiting
  return { ...waiting, kind: 'join', lwp: target.lwp }
}

function distance(from: string, to: string): bigint | null {
  const hex = /^0x[0-9a-f]{1,16}$/i
  return hex.test(from) && hex.test(to) ? BigInt(to) - BigInt(from) : null
}

/** The thread that a join waits for, or null. */
export function joinedBy(scene: Scene, waiting: Waiting): Thread | null {
  if (waiting.kind !== 'join') return null
  if (waiting.lwp !== null) return scene.byLwp.get(waiting.lwp) ?? null
  return waiting.joins === null ? null : (scene.byPthread.get(plainAddress(waiting.joins)) ?? null)
}

/** The decoded lock that a wait is for, or null when the dump has none for its address. */
export function lockOf(scene: Scene, waiting: Waiting): Lock | null {
  return waiting.address === null ? null : (scene.locks.get(waiting.address) ?? null)
}

/**
 * The lock of a wait as a report shows it: the decoded one, or what the frames tell of it (address, symbol, whose it
 * is) with word, owner and count unknown. Null when not even an address is known.
 */
export function shownLock(scene: Scene, waiting: Waiting): Lock | null {
  const decoded = lockOf(scene, waiting)
  if (decoded !== null) return decoded
  if (waiting.address === null) return null
  const id = waiting.subsystem?.id
  const role =
    id === 'loader-write-lock' ||
    id === 'loader-load-lock' ||
    id === 'malloc-arena' ||
    id === 'stdio'
      ? id
      : null
  return {
    address: waiting.address,
    symbol: waiting.symbol,
    library: null,
    kind: waiting.kind === 'unknown' ? 'futex word' : waiting.kind,
    role,
    word: null,
    owner: null,
    count: null,
    users: null,
    guessed: true,
  }
}

/** The thread that the lock's owner field names, or null (free, unknown, or not of this process). */
export function ownerOf(scene: Scene, lock: Lock | null): Thread | null {
  if (lock?.owner === null || lock?.owner === undefined || lock.owner === 0) return null
  return scene.byLwp.get(lock.owner) ?? null
}

/** Whether two waits are for the same thing: by address, or by subsystem where an address is missing. */
export function isSameLock(one: Waiting, other: Waiting): boolean {
  if (one.address !== null && other.address !== null) return one.address === other.address
  return one.subsystem !== null && one.subsystem.id === other.subsystem?.id
}

/** Subsystems whose lock a thread holds judging by its stack: it is inside one of their guarded functions. */
export function heldByStack(scene: Scene, thread: Thread): Subsystem[] {
  const waiting = scene.byThread.get(thread)
  const frames = realFrames(thread).slice((waiting?.index ?? -1) + 1)
  const asking = waiting?.subsystem ?? null
  return SUBSYSTEMS.filter((subsystem) => {
    // The frames that are just asking for the lock do not hold it yet.
    const begin = subsystem === asking ? frames.findIndex((frame) => !isOwn(frame, subsystem)) : 0
    return begin >= 0 && frames.slice(begin).some((frame) => isNamed(frame, subsystem.holds))
  })
}

function isOwn(frame: Frame, subsystem: Subsystem): boolean {
  return isNamelessLibc(frame) || isNamed(frame, subsystem.takes) || isNamed(frame, subsystem.holds)
}

/**
 * Everyone who waits, directly or through other waiters' locks, for something that the given threads will never give
 * back: threads that wait for one of `addresses`, then threads that wait for a lock owned by those, and so on.
 */
export function victimsOf(
  scene: Scene,
  culprits: readonly Thread[],
  isTheirs: (waiting: Waiting) => boolean,
): Thread[] {
  const behind = waitersBehind(scene)
  const dead = new Set(culprits)
  const open = [...culprits]
  const add = (thread: Thread): void => {
    if (dead.has(thread)) return
    dead.add(thread)
    open.push(thread)
  }
  for (const { thread, waiting } of scene.waiters)
    if (isLockWait(waiting) && isTheirs(waiting)) add(thread)
  for (let thread = open.pop(); thread !== undefined; thread = open.pop())
    behind.get(thread)?.forEach(add)
  for (const culprit of culprits) dead.delete(culprit)
  return scene.process.threads.filter((thread) => dead.has(thread))
}

/** Thread → those that wait for its end or for a lock that it owns. */
function waitersBehind(scene: Scene): ReadonlyMap<Thread, Thread[]> {
  const behind = new Map<Thread, Thread[]>()
  for (const { thread, waiting } of scene.waiters) {
    if (waiting.timed) continue
    const target = joinedBy(scene, waiting) ?? ownerOf(scene, lockOf(scene, waiting))
    if (target === null) continue
    const known = behind.get(target)
    if (known === undefined) behind.set(target, [thread])
    else known.push(thread)
  }
  return behind
}
