import type { Lock, Thread } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { lockOf, ownerOf, type Scene, shownLock, type Waiter } from '../scene.js'
import { realFrames } from '../stack.js'
import {
  capital,
  frameName,
  framesOf,
  lockFields,
  lockName,
  threadInside,
  threadList,
} from '../words.js'

/**
 * Threads wait for a lock whose owner lives (and may be slow), or whose owner is not known. Not a deadlock by itself:
 * the owner may still give it back. Takes the lock that most threads wait for.
 */
export function lockWait(scene: Scene): Finding | null {
  const groups = new Map<string, Waiter[]>()
  for (const waiter of scene.lockWaiters) {
    const key = waiter.waiting.address ?? waiter.waiting.subsystem?.id ?? ''
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [waiter])
    else group.push(waiter)
  }
  const hasOwner = (group: readonly Waiter[]): number =>
    group[0] !== undefined && ownerOf(scene, lockOf(scene, group[0].waiting)) !== null ? 1 : 0
  const [most] = [...groups.values()].toSorted(
    (one, other) => other.length - one.length || hasOwner(other) - hasOwner(one),
  )
  const first = most?.[0]
  if (most === undefined || first === undefined) return null
  const lock = shownLock(scene, first.waiting)
  return finding(scene, first, most, lock, ownerOf(scene, lock))
}

function finding(
  scene: Scene,
  first: Waiter,
  waiters: readonly Waiter[],
  lock: Lock | null,
  owner: Thread | null,
): Finding {
  const name = lockName(first.waiting, lock)
  const threads = waiters.map(({ thread }) => thread)
  const who = `${capital(threadList(threads))} ${threads.length > 1 ? 'wait' : 'waits'} for ${name}`
  const state = owner === null ? null : stateOf(scene, owner)
  return {
    class: 'lock-wait',
    failure: 'unknown',
    confidence: owner === null ? 'weak' : 'strong',
    headline:
      owner === null
        ? `${who}; the dump does not say who holds it, so this may or may not end by itself.`
        : `${who}, which ${threadInside(owner)} holds; that one ${state?.text ?? 'lives'}, so this can end by itself.`,
    story: [
      { text: `${who}.`, rests: framesOf(first.thread, [first.waiting.frame]) },
      ...(owner === null || lock === null
        ? []
        : [
            { text: `${capital(threadInside(owner))} holds it.`, rests: lockFields(lock) },
            { text: `That thread ${state?.text ?? 'lives'}.`, rests: state?.rests ?? '' },
          ]),
    ],
    culprits:
      owner === null
        ? []
        : [
            {
              thread: owner,
              signal: null,
              interrupted: null,
              waiting: scene.byThread.get(owner)?.frame ?? null,
              window: 'held',
            },
          ],
    victims: threads,
    lock,
    advice: [],
    raise:
      owner === null
        ? "Reading the lock's owner from the stopped process would tell who holds it."
        : `A second dump some seconds later would show whether ${threadInside(owner)} has moved.`,
  }
}

function stateOf(scene: Scene, owner: Thread): { text: string; rests: string } {
  const waiting = scene.byThread.get(owner)
  const frame = waiting?.frame ?? realFrames(owner)[0]
  const where = frame === undefined ? 'an unknown place' : frameName(frame)
  return {
    text: waiting === undefined ? `is running (${where})` : `is waiting itself (${where})`,
    rests: framesOf(owner, [frame]),
  }
}
