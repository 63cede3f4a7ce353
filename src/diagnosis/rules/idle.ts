import type { Finding } from '../finding.js'
import type { Scene, Waiter } from '../scene.js'
import { framesOf } from '../words.js'
import type { Waiting } from '../waiting.js'

/**
 * Every thread waits for work: on a condition variable, in poll or epoll, asleep, in the Go scheduler, for another
 * thread's end, for input. A pool of workers looks so all its life. Nobody waits for a lock.
 */
export function idle(scene: Scene): Finding | null {
  const { threads } = scene.process
  if (threads.length === 0 || scene.lockWaiters.length > 0) return null
  if (scene.waiters.length < threads.length) return null
  const known = scene.waiters.filter(({ waiting }) => waiting.kind !== 'unknown')
  const [first] = scene.waiters
  if (first === undefined || known.length === 0) return null
  return {
    class: 'idle',
    failure: 'none',
    confidence: known.length === threads.length ? 'strong' : 'weak',
    headline: `Nothing is stuck: ${threads.length === 1 ? 'the only thread waits' : `all ${String(threads.length)} threads wait`} for work (${census(scene.waiters)}).`,
    story: [
      {
        text: 'Every thread sleeps in a function that waits for something to do, and none of them for a lock.',
        rests: framesOf(first.thread, [first.waiting.frame]),
      },
    ],
    culprits: [],
    victims: [],
    lock: null,
    advice: [],
    raise: 'Whether the work that they wait for will ever come, a dump cannot tell.',
  }
}

/** `4 on a condition variable, 1 in poll`, most first. */
function census(waiters: readonly Waiter[]): string {
  const counts = new Map<Waiting['kind'], number>()
  for (const { waiting } of waiters) counts.set(waiting.kind, (counts.get(waiting.kind) ?? 0) + 1)
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${String(count)} ${PLACES[kind]}`)
    .join(', ')
}

const PLACES: Record<Waiting['kind'], string> = {
  mutex: 'for a mutex with a time limit',
  'rwlock-read': 'for a read-write lock with a time limit',
  'rwlock-write': 'for a read-write lock with a time limit',
  condvar: 'on a condition variable',
  semaphore: 'on a semaphore',
  barrier: 'at a barrier',
  join: 'for another thread to end',
  once: 'for a once-function with a time limit',
  'malloc-arena': 'for malloc with a time limit',
  stdio: 'for a stdio stream with a time limit',
  loader: 'for the loader with a time limit',
  'low-level-lock': 'for a lock with a time limit',
  'go-runtime': 'in the Go scheduler',
  poll: 'in poll or epoll',
  sleep: 'asleep',
  io: 'for input or output',
  unknown: 'for something unknown',
}
