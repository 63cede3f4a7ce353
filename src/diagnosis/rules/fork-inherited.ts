import type { Lock } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { lockOf, type Scene, type Waiter } from '../scene.js'
import { framesOf, lockFields, lockName, threadName } from '../words.js'

/**
 * Thread ids are handed out in order, so the parent's thread that held the lock has an id a little below the child's.
 * Further away it may as well be an id of another pid namespace.
 */
const NEAR = 64

/**
 * A child made by fork in a program with threads: it inherits the memory, held locks included, but only the thread
 * that called fork (POSIX fork; sysdeps/nptl/fork.h resets glibc's own locks, nobody resets the program's). The owner
 * field then holds the id of a thread of the parent: below every id of this process.
 */
export function forkInherited(scene: Scene): Finding | null {
  for (const waiter of scene.lockWaiters) {
    const lock = lockOf(scene, waiter.waiting)
    const confidence = lock === null ? null : isInherited(scene, lock)
    if (lock !== null && confidence !== null) return finding(waiter, lock, confidence)
  }
  return null
}

function isInherited(scene: Scene, lock: Lock): Finding['confidence'] | null {
  const { owner } = lock
  if (owner === null || owner === 0 || lock.word === 0 || scene.byLwp.has(owner)) return null
  if (scene.context.parentLwps?.includes(owner) === true) return 'proven'
  const smallest = scene.smallestLwp
  if (scene.byLwp.size === 0 || owner > smallest) return null
  return scene.byLwp.size === 1 && smallest - owner <= NEAR && !lock.guessed ? 'strong' : 'weak'
}

function finding(
  { thread, waiting }: Waiter,
  lock: Lock,
  confidence: Finding['confidence'],
): Finding {
  const name = lockName(waiting, lock)
  const owner = String(lock.owner)
  return {
    class: 'fork-inherited',
    failure: 'deadlock',
    confidence,
    headline: `${threadName(thread)} waits for ever for ${name}: it was held by thread ${owner} of the parent process when that called fork, and the child got the held lock but not the thread.`,
    story: [
      {
        text: `${threadName(thread)} waits for ${name}.`,
        rests: framesOf(thread, [waiting.frame]),
      },
      {
        text: `The lock says that thread ${owner} holds it; that id is older than this process, so it belongs to the one that forked it.`,
        rests: lockFields(lock),
      },
      {
        text: 'fork copies the memory with every lock as it was, but only one thread: whoever held the lock does not exist here, so nobody will ever give it back.',
        rests: 'POSIX, fork()',
      },
    ],
    culprits: [],
    victims: [thread],
    lock,
    advice: [
      {
        text: 'Between fork and exec call nothing but async-signal-safe functions; better, use posix_spawn.',
        copy: 'posix_spawn(&pid, path, NULL, NULL, argv, environ);',
      },
      {
        text: 'Where the child must go on without exec, take the lock before the fork and give it back on both sides.',
        copy: 'pthread_atfork(lock_it, unlock_it, unlock_it);',
      },
    ],
    raise:
      confidence === 'proven'
        ? null
        : `A list of the parent's threads would prove it: ${owner} must be one of them.`,
  }
}
