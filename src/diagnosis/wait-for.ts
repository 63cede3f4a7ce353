import type { Thread } from '../gdb/types.js'
import { heldByStack, joinedBy, lockOf, ownerOf, type Scene, shownLock } from './scene.js'
import { isLockWait, type Waiting } from './waiting.js'
import { frameName, lockFields, lockName, threadInside } from './words.js'

/** One thread waits for another: for a lock that it holds, or for its end. */
export interface Dependency {
  readonly from: Thread
  readonly to: Thread
  readonly waiting: Waiting
  /** False where the holder was only inferred from its stack */
  readonly proven: boolean
  /** What is waited for, as it reads in a sentence: `the mutex g_a`, `the end of thread 3` */
  readonly what: string
  readonly evidence: string
}

/**
 * Whom each waiting thread waits for. A lock's owner field decides; a join names its thread; where a lock has no owner
 * field (malloc's, the loader's in a dump without memory) the only other thread whose stack is inside its code does.
 * Waits with a time limit end by themselves and are left out.
 */
export function readDependencies(scene: Scene): ReadonlyMap<Thread, Dependency> {
  const holders = holdersByStack(scene)
  return new Map(
    scene.waiters.flatMap(({ thread, waiting }) => {
      const found = waiting.timed ? null : dependency(scene, thread, waiting, holders)
      return found === null ? [] : [[thread, found]]
    }),
  )
}

function dependency(
  scene: Scene,
  from: Thread,
  waiting: Waiting,
  holders: ReadonlyMap<string, readonly Thread[]>,
): Dependency | null {
  const joined = joinedBy(scene, waiting)
  if (joined !== null)
    return {
      ...{ from, to: joined, waiting, proven: true },
      what: `the end of ${threadInside(joined)}`,
      evidence: waiting.evidence,
    }
  if (!isLockWait(waiting)) return null
  const lock = lockOf(scene, waiting)
  const owner = ownerOf(scene, lock)
  if (owner !== null && lock !== null)
    return {
      from,
      to: owner,
      waiting,
      proven: true,
      what: nameOf(scene, waiting),
      evidence: lockFields(lock),
    }
  const known = lock?.owner !== null && lock?.owner !== undefined && lock.owner !== 0
  if (known || waiting.subsystem === null) return null
  const holding = holders.get(waiting.subsystem.id) ?? []
  if (holding.length > 2) return null
  const [to, ...more] = holding.filter((thread) => thread !== from)
  if (to === undefined || more.length > 0) return null
  const inside = to.frames.find((frame) => waiting.subsystem?.holds.test(frame.function ?? ''))
  const evidence = `${threadInside(to)} is inside ${waiting.subsystem.name}${inside === undefined ? '' : ` (${frameName(inside)})`}`
  return { from, to, waiting, proven: false, what: nameOf(scene, waiting), evidence }
}

function nameOf(scene: Scene, waiting: Waiting): string {
  return lockName(waiting, shownLock(scene, waiting))
}

/** Subsystem → the threads whose stack is inside it; only for subsystems that somebody waits for. */
export function holdersByStack(scene: Scene): ReadonlyMap<string, readonly Thread[]> {
  const wanted = new Set(scene.lockWaiters.map(({ waiting }) => waiting.subsystem?.id))
  const holders = new Map<string, Thread[]>()
  if (wanted.size === 0 || (wanted.size === 1 && wanted.has(undefined))) return holders
  for (const thread of scene.process.threads) {
    for (const { id } of heldByStack(scene, thread)) {
      const known = holders.get(id)
      if (known === undefined) holders.set(id, [thread])
      else known.push(thread)
    }
  }
  return holders
}

/** The circles in who waits for whom; each thread waits for at most one other, so each is in at most one circle. */
export function findCycles(dependencies: ReadonlyMap<Thread, Dependency>): Dependency[][] {
  const done = new Set<Thread>()
  const cycles: Dependency[][] = []
  for (const start of dependencies.keys()) {
    const path: Dependency[] = []
    const position = new Map<Thread, number>()
    let thread: Thread | undefined = start
    while (thread !== undefined && !done.has(thread) && !position.has(thread)) {
      const next: Dependency | undefined = dependencies.get(thread)
      position.set(thread, path.length)
      if (next !== undefined) path.push(next)
      thread = next?.to
    }
    const begin = thread === undefined ? undefined : position.get(thread)
    if (begin !== undefined && !done.has(path[begin]?.from ?? start)) cycles.push(path.slice(begin))
    for (const visited of position.keys()) done.add(visited)
  }
  return cycles.filter((cycle) => cycle.length > 0)
}
