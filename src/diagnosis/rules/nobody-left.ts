import type { Finding } from '../finding.js'
import {
  lockOf,
  ownerOf,
  type Scene,
  shownLock,
  victimsOf,
  isSameLock,
  type Waiter,
} from '../scene.js'
import { victimSentences } from '../story/victims.js'
import type { Waiting } from '../waiting.js'
import {
  capital,
  framesOf,
  lockFields,
  lockName,
  threadInside,
  threadList,
  threadName,
} from '../words.js'

/**
 * Nobody is left: every thread of the process waits, without a time limit, for something that only another of them can
 * give, and at least one waits for a lock. Whoever has that lock, known or not, will not give it back. Finds what has
 * no owner field: two readers of a rwlock that both want to write (`__readers` counts, it does not name), a static
 * variable's guard (`__cxa_guard_acquire`), locks inside a C library without symbols. Where the lock could not be read
 * at all, its holder may also have ended, or been left behind by a fork: then it is a deadlock of unknown kind.
 */
export function nobodyLeft(scene: Scene): Finding | null {
  if (!scene.nobodyLeft) return null
  const first = scene.lockWaiters.find(({ waiting }) => (lockOf(scene, waiting)?.owner ?? 0) === 0)
  if (first === undefined) return holderAsleep(scene)
  const waiters = scene.lockWaiters.filter(({ waiting }) => isSameLock(waiting, first.waiting))
  const unread = scene.lockWaiters.every(
    ({ waiting }) => (lockOf(scene, waiting)?.word ?? null) === null,
  )
  const others = scene.lockWaiters.filter(({ waiting }) => isOtherLock(waiting, first.waiting))
  if (unread && others.length > 0) return severalLocks(scene, scene.lockWaiters)
  return finding(scene, first, waiters.length === 0 ? [first] : waiters)
}

/** Known by its address to be another lock, not only for want of one. */
function isOtherLock(one: Waiting, other: Waiting): boolean {
  return one.address !== null && other.address !== null && one.address !== other.address
}

/**
 * The lock's owner lives, but sleeps on a condition variable, a semaphore or a barrier with the lock in its hands, and all
 * who could wake it sleep too: those who need the lock first, among them. A circle with a link that has no owner.
 */
function holderAsleep(scene: Scene): Finding | null {
  for (const { thread, waiting } of scene.lockWaiters) {
    const lock = lockOf(scene, waiting)
    const owner = ownerOf(scene, lock)
    const asleep = owner === null ? undefined : scene.byThread.get(owner)
    if (lock === null || owner === null || asleep === undefined || !WAKES.has(asleep.kind)) continue
    const name = lockName(waiting, lock)
    const place = lockName(asleep, shownLock(scene, asleep))
    const victims = victimsOf(scene, [owner, thread], () => false)
    return {
      class: 'lock-cycle',
      failure: 'deadlock',
      confidence: asleep.kind === 'semaphore' ? 'weak' : 'strong',
      headline: `${threadName(owner)} holds ${name} and sleeps until somebody wakes it at ${place}; ${threadList([thread])} needs ${name} first, and nobody else is awake.`,
      story: [
        {
          text: `${threadName(owner)} holds ${name}.`,
          rests: lockFields(lock),
        },
        {
          text: `With it in its hands it waits at ${place} until another thread wakes it.`,
          rests: framesOf(owner, [asleep.frame]),
        },
        {
          text: `${capital(threadList([thread]))} waits for ${name}.`,
          rests: framesOf(thread, [waiting.frame]),
        },
        {
          text: 'Every thread of the process is asleep and waits without a time limit for another of them, so nobody is left to wake the owner.',
          rests: `${String(scene.process.threads.length)} threads in the dump, all in such waits`,
        },
        ...victimSentences(scene, victims),
      ],
      culprits: [
        { thread: owner, signal: null, interrupted: null, waiting: asleep.frame, window: 'held' },
        { thread, signal: null, interrupted: null, waiting: waiting.frame, window: null },
      ],
      victims,
      lock,
      advice: [
        {
          text: 'Wait on a condition variable or a semaphore only while holding no lock but its own mutex: whoever is to wake the thread may need the other one.',
          copy: null,
        },
      ],
      raise: `The source: who wakes ${threadInside(owner)}, and does it take ${name} before? A signal handler or another process could do it too.`,
    }
  }
  return null
}

const WAKES: ReadonlySet<Waiting['kind']> = new Set(['condvar', 'semaphore', 'barrier'])

/**
 * Several locks are waited for, and none of them could be read: each is held by one of those who wait for another (two
 * threads that took two locks in different order look so), or its holder has ended.
 */
function severalLocks(scene: Scene, waiters: readonly Waiter[]): Finding {
  const threads = waiters.map(({ thread }) => thread)
  const victims = scene.process.threads.filter((thread) => !threads.includes(thread))
  const names = waiters.map(({ waiting }) => lockName(waiting, shownLock(scene, waiting)))
  const who = threadList(threads)
  const lock = waiters[0] === undefined ? null : shownLock(scene, waiters[0].waiting)
  return {
    class: 'lock-cycle',
    failure: 'deadlock',
    confidence: 'strong',
    headline: `No thread can ever go on: ${who} wait for each other's locks (${[...new Set(names)].slice(0, 4).join(', ')}), and all ${String(scene.process.threads.length)} threads are asleep.`,
    story: [
      ...waiters.slice(0, 3).map(({ thread, waiting }, index) => ({
        text: `${capital(threadList([thread]))} waits for ${names[index] ?? 'a lock'}.`,
        rests: framesOf(thread, [waiting.frame]),
      })),
      {
        text: 'Every thread of the process is asleep and waits without a time limit for something that only one of these threads could give.',
        rests: `${String(scene.process.threads.length)} threads in the dump, all in such waits`,
      },
      {
        text: 'The dump does not say who holds which lock; nearly always each of them holds what another needs. Else a thread has ended with a lock in its hands.',
        rests: 'no owner of these locks in the dump',
      },
      ...victimSentences(scene, victims),
    ],
    culprits: threads.map((thread) => ({
      ...{ thread, signal: null, interrupted: null, window: null },
      waiting: scene.byThread.get(thread)?.frame ?? null,
    })),
    victims,
    lock,
    advice: [
      {
        text: 'Take these locks in the same order everywhere, or take them all at once.',
        copy: 'std::scoped_lock both(first, second);',
      },
    ],
    raise:
      "The locks' owners would prove it: dump the live process or its core with this tool, or print each mutex in gdb (print *(pthread_mutex_t *) ADDRESS).",
  }
}

function finding(scene: Scene, first: Waiter, waiters: readonly Waiter[]): Finding {
  const { waiting } = first
  const lock = shownLock(scene, waiting)
  const name = lockName(waiting, lock)
  const threads = waiters.map(({ thread }) => thread)
  const total = scene.process.threads.length
  const who = `${threadList(threads)} ${threads.length > 1 ? 'wait' : 'waits'} for ${name}`
  const victims = victimsOf(scene, threads, (other) => isSameLock(other, waiting))
  const alone = total === 1
  const read = (lockOf(scene, waiting)?.word ?? null) !== null
  return {
    class: read && !alone ? 'lock-cycle' : 'lock-wait',
    failure: 'deadlock',
    confidence: 'strong',
    headline: alone
      ? `The only thread of the process waits for ever for ${name}: nobody else is there to give it back.`
      : `No thread can ever go on: ${who}, nobody is left to give it back, and ${total === 2 ? 'both' : `all ${String(total)}`} threads are asleep.`,
    story: [
      {
        text: `${capital(who)}.`,
        rests:
          framesOf(first.thread, [waiting.frame]) +
          (lockOf(scene, waiting) === null || lock === null ? '' : `; ${lockFields(lock)}`),
      },
      {
        text: alone
          ? 'There is no other thread in the process.'
          : 'Every other thread of the process is asleep too, and waits without a time limit for something that only one of these threads could give.',
        rests: `${String(total)} threads in the dump, all in such waits`,
      },
      {
        text: alone
          ? 'So either this thread holds the lock itself, or it was held when the process was made by fork.'
          : read
            ? 'The lock does not say who holds it, but it must be one of them, so nobody is left to give it back.'
            : 'The dump does not say who holds the lock: one of them, or a thread that has ended. Nobody is left to give it back.',
        rests: lock === null ? name : lock.kind,
      },
      ...victimSentences(scene, victims),
    ],
    culprits: threads.map((thread) => ({
      ...{ thread, signal: null, interrupted: null, window: null },
      waiting: scene.byThread.get(thread)?.frame ?? null,
    })),
    victims,
    lock,
    advice: [
      {
        text: 'Look at what each of these threads holds when it falls asleep: none of them may wait for another while it holds a lock that the other needs.',
        copy: null,
      },
    ],
    raise:
      'Debug symbols of the C library and of the program would show which of them holds the lock.',
  }
}
