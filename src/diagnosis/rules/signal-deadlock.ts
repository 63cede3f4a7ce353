import type { Lock } from '../../gdb/types.js'
import type { Finding, Party } from '../finding.js'
import { makeRivalCheck, readReentry, type Reentry } from '../reentry.js'
import { isSameLock, type Scene, shownLock, victimsOf } from '../scene.js'
import {
  signalDeadlockAdvice,
  signalDeadlockHeadline,
  signalDeadlockStory,
} from '../story/signal-deadlock.js'
import type { Waiting } from '../waiting.js'

/**
 * A thread waits for itself: a signal arrived while it was taking, giving back or holding a lock, and the handler, on
 * the same stack, wants that lock.
 *
 * - `lock`: nptl/pthread_mutex_lock.c sets the lock word by compare-and-swap, then `__count`, then `__owner`. In
 *   between the recursive mutex does not know its owner (word 1 or 2, owner 0).
 * - `unlock`: nptl/pthread_mutex_unlock.c (`__pthread_mutex_unlock_usercnt`) clears `__owner`, counts down `__nusers`,
 *   then frees the word: the mirror image.
 * - `held`: the lock does not let its owner in again, and is properly held (a malloc arena, a normal mutex).
 *
 * For dl_iterate_phdr the lock is ld.so's `_dl_load_write_lock` (elf/dl-iteratephdr.c) and both sides come through
 * libgcc's `_Unwind_Find_FDE` (unwind-dw2-fde-dip.c), up to GCC 11.
 */
export function signalDeadlock(scene: Scene): Finding | null {
  const hasRival = makeRivalCheck(scene)
  const found = scene.lockWaiters.flatMap((waiter) => readReentry(scene, waiter, hasRival) ?? [])
  const groups = pickCulprits(found)
  const [first] = groups
  const main = first?.[0]
  if (main === undefined) return null
  const culprits = groups.flat()
  const threads = culprits.map(({ thread }) => thread)
  const waits = uniqueLocks(culprits)
  const isTheirs = (waiting: Waiting): boolean => waits.some((each) => isSameLock(each, waiting))
  const victims = victimsOf(scene, threads, isTheirs)
  const shown = shownLock(scene, main.waiting)
  return {
    class: 'signal-reentrancy',
    failure: 'deadlock',
    confidence: main.confidence,
    headline: signalDeadlockHeadline(main, shown, first?.map(({ thread }) => thread) ?? []),
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

/**
 * The culprits, a group for each lock, the surest lock first; hints only where there is nothing better. In a group
 * several threads may look alike: only one has the lock, the others were interrupted just before they got it. Those
 * interrupted in the wait itself come last; among equals the one that has stood still longest was there first.
 */
function pickCulprits(found: readonly Reentry[]): Reentry[][] {
  const groups = new Map<string, Reentry[]>()
  for (const each of found) {
    const group = groups.get(lockKey(each.waiting))
    if (group === undefined) groups.set(lockKey(each.waiting), [each])
    else group.push(each)
  }
  const picked = [...groups.values()]
    .map(pickInGroup)
    .toSorted(([one], [other]) => rankOf(one) - rankOf(other))
  const sure = picked.filter(([each]) => each?.confidence !== 'weak')
  return sure.length > 0 ? sure : picked
}

function rankOf(each: Reentry | undefined): number {
  return ['proven', 'strong', 'weak'].indexOf(each?.confidence ?? 'weak')
}

function pickInGroup(group: readonly Reentry[]): Reentry[] {
  const sure = group.filter(({ doubtful }) => !doubtful)
  const left = sure.length > 0 ? sure : group
  const still = left.map(({ thread }) => thread.observed?.stillMs ?? 0)
  const longest = still.reduce((most, each) => Math.max(most, each), 0)
  return left.filter((_, index) => still[index] === longest)
}
