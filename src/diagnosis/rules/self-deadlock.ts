import type { Frame } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { isNamed, lockArgument } from '../frame-names.js'
import { lockOf, type Scene, shownLock, victimsOf, isSameLock, type Waiter } from '../scene.js'
import { handlersOn, realFrames } from '../stack.js'
import { victimSentences } from '../story/victims.js'
import type { Waiting } from '../waiting.js'
import { frameName, framesOf, lockFields, lockName, threadName } from '../words.js'

/**
 * A thread asks again for a lock that it already holds and that does not let its owner in: a normal mutex
 * (nptl/pthread_mutex_lock.c, PTHREAD_MUTEX_TIMED_NP), a rwlock held for writing, a malloc arena entered again from a
 * hook, a once-function that calls itself (nptl/pthread_once.c). No signal has a part in it.
 */
export function selfDeadlock(scene: Scene): Finding | null {
  for (const waiter of scene.lockWaiters) {
    const why = whySelf(scene, waiter)
    if (why !== null) return finding(scene, waiter, why)
  }
  return null
}

interface Why {
  readonly confidence: 'proven' | 'strong'
  readonly rests: string
}

function whySelf(scene: Scene, { thread, waiting }: Waiter): Why | null {
  const lock = lockOf(scene, waiting)
  const owner = lock?.owner ?? 0
  if (lock !== null && owner !== 0) {
    const own = owner === thread.lwp && lock.word !== 0
    return own ? { confidence: 'proven', rests: lockFields(lock) } : null
  }
  const older = olderFrames(handlersOn(thread).length > 0, realFrames(thread), waiting)
  const again = older.find((frame) => holdsIt(frame, waiting))
  return again === undefined ? null : { confidence: 'strong', rests: frameName(again) }
}

/** Frames older than the one that asks for the lock; none when a signal handler lies between (another rule's matter). */
function olderFrames(
  interrupted: boolean,
  frames: readonly Frame[],
  waiting: Waiting,
): readonly Frame[] {
  return interrupted || waiting.index < 0 ? [] : frames.slice(waiting.index + 2)
}

function holdsIt(frame: Frame, waiting: Waiting): boolean {
  if (waiting.kind === 'once') {
    const same = waiting.address === null || lockArgument(frame) === waiting.address
    return isNamed(frame, /^(pthread_once(_slow)?|call_once)$/) && same
  }
  const { subsystem } = waiting
  return subsystem !== null && !subsystem.recursive && isNamed(frame, subsystem.holds)
}

function finding(scene: Scene, { thread, waiting }: Waiter, why: Why): Finding {
  const lock = shownLock(scene, waiting)
  const name = lockName(waiting, lock)
  const victims = victimsOf(scene, [thread], (other) => isSameLock(waiting, other))
  const caller = realFrames(thread)[waiting.index + 1] ?? null
  const where = caller?.function ? ` in ${caller.function}` : ''
  return {
    class: 'self-deadlock',
    failure: 'deadlock',
    confidence: why.confidence,
    headline: `${threadName(thread)} waits for itself for ever: it already holds ${name} and asks for it again${where}.`,
    story: [
      {
        text: `${threadName(thread)} took ${name} earlier and still holds it.`,
        rests: why.rests,
      },
      {
        text: `It now asks for the same lock a second time${where}.`,
        rests: framesOf(thread, [waiting.frame, caller]),
      },
      {
        text: 'This kind of lock does not let its owner in again, so the thread sleeps until the owner gives it back; the owner is the sleeping thread itself.',
        rests:
          lock === null ? framesOf(thread, [waiting.frame]) : `${lock.kind}, ${lockFields(lock)}`,
      },
      ...victimSentences(scene, victims),
    ],
    culprits: [{ thread, signal: null, interrupted: null, waiting: waiting.frame, window: 'held' }],
    victims,
    lock,
    advice: [
      {
        text: 'Give the lock back before calling code that takes it, or split the function into one that takes the lock and one that expects it to be held.',
        copy: null,
      },
      {
        text: 'Where taking it twice is meant, make the mutex recursive.',
        copy: 'std::recursive_mutex mutex;  // C: pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE)',
      },
    ],
    raise:
      why.confidence === 'proven'
        ? null
        : "Reading the lock's owner from the stopped process would prove it.",
  }
}
