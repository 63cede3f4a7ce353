import type { Finding } from '../finding.js'
import { lockOf, type Scene, shownLock, victimsOf, isSameLock, type Waiter } from '../scene.js'
import { victimSentences } from '../story/victims.js'
import { capital, framesOf, lockFields, lockName, threadList } from '../words.js'

/**
 * Nobody is left: every thread of the process waits, without a time limit, for something that only another of them can
 * give, and at least one waits for a lock. Whoever has that lock, known or not, will not give it back. Finds what has
 * no owner field: two readers of a rwlock that both want to write (`__readers` counts, it does not name), a static
 * variable's guard (`__cxa_guard_acquire`), locks inside a C library without symbols. Where the lock could not be read
 * at all, its holder may also have ended, or been left behind by a fork: then it is a deadlock of unknown kind.
 */
export function nobodyLeft(scene: Scene): Finding | null {
  const first = scene.lockWaiters.find(({ waiting }) => (lockOf(scene, waiting)?.owner ?? 0) === 0)
  if (!scene.nobodyLeft || first === undefined) return null
  const waiters = scene.lockWaiters.filter(({ waiting }) => isSameLock(waiting, first.waiting))
  return finding(scene, first, waiters.length === 0 ? [first] : waiters)
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
