import type { Lock } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { lockOf, type Scene, victimsOf, type Waiter } from '../scene.js'
import { capital, framesOf, lockFields, lockName, threadList, threadName } from '../words.js'

/** `FUTEX_OWNER_DIED` (linux/futex.h): the kernel sets it in a robust mutex whose owner ended. */
const OWNER_DIED = 0x4000_0000

/**
 * Threads wait for a lock whose owner has ended without giving it back. The owner field (`pthread_mutex_t.__owner`,
 * the thread's id) names nobody in this process, and the number is one that this process's own threads can have had:
 * ids only grow, so an owner below the smallest living id is from before a fork, or from another pid namespace.
 */
export function orphanedLock(scene: Scene): Finding | null {
  const found = scene.lockWaiters.filter(({ waiting }) => isOrphan(scene, lockOf(scene, waiting)))
  const [first] = found
  if (first === undefined) return null
  const lock = lockOf(scene, first.waiting)
  if (lock === null) return null
  const waiters = found.filter(({ waiting }) => waiting.address === first.waiting.address)
  return finding(scene, first, lock, waiters)
}

function isOrphan(scene: Scene, lock: Lock | null): boolean {
  if (lock === null) return false
  if (lock.word !== null && (lock.word & OWNER_DIED) !== 0 && lock.kind.includes('robust'))
    return true
  if (lock.owner === null || lock.owner === 0 || lock.word === 0 || lock.guessed) return false
  if (scene.byLwp.has(lock.owner) || scene.byLwp.size < scene.process.threads.length) return false
  return lock.owner > scene.smallestLwp
}

function finding(scene: Scene, first: Waiter, lock: Lock, waiters: readonly Waiter[]): Finding {
  const name = lockName(first.waiting, lock)
  const threads = waiters.map(({ thread }) => thread)
  const many = threads.length > 1
  return {
    class: 'orphaned-lock',
    failure: 'deadlock',
    confidence: 'proven',
    headline: `${capital(threadList(threads))} ${many ? 'wait' : 'waits'} for ever for ${name}: the thread that held it (LWP ${String(lock.owner)}) has ended without giving it back.`,
    story: [
      {
        text: `${threadName(first.thread)} waits for ${name}.`,
        rests: framesOf(first.thread, [first.waiting.frame]),
      },
      {
        text: `The lock says that thread ${String(lock.owner)} holds it, and no thread of the process has that id any more.`,
        rests: `${lockFields(lock)}; no LWP ${String(lock.owner)} among the threads`,
      },
      {
        text: 'A thread that has ended cannot give anything back, and this kind of lock is not freed when its owner ends.',
        rests: lock.kind,
      },
    ],
    culprits: [],
    victims: [...threads, ...victimsOf(scene, threads, () => false)],
    lock,
    advice: [
      {
        text: 'Let a guard object give the lock back on every way out of the function, exceptions and pthread_exit included.',
        copy: 'std::lock_guard<std::mutex> guard(mutex);',
      },
      {
        text: 'Where a holder may be killed, use a robust mutex: the next one who takes it is told and can repair the data.',
        copy: 'pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);',
      },
    ],
    raise: null,
  }
}
