import type { Thread } from '../../gdb/types.js'
import { unwinderAdvice } from '../advice.js'
import type { Finding } from '../finding.js'
import type { Scene } from '../scene.js'
import { handlersOn } from '../stack.js'
import { UNKNOWN_SIGNAL } from '../signals.js'
import { threadName } from '../words.js'

/** Real-time signals that glibc keeps for itself, and SIGKILL and SIGSTOP, can never be blocked: at least so many can. */
const NEARLY_ALL = 58

/** A mutex with waiters has the word 2 (sysdeps/nptl/lowlevellock.h), and waiters say so to the kernel. */
const WITH_WAITERS = 2
const FUTEX_WAIT = 0

/**
 * All that /proc can tell without names: a thread sleeps on a mutex's futex (FUTEX_WAIT, value 2) inside the loader's
 * data, or with a signal frame on its stack, and with every signal blocked, as Go's handlers run. A hint, not more: a
 * worker that blocks all signals can look the same.
 */
export function signalHint(scene: Scene): Finding | null {
  const thread = scene.process.threads.find((each) => looksStuck(scene, each))
  const futex = thread?.observed?.futex ?? null
  if (thread === undefined || futex === null) return null
  const futexFile = thread.observed?.futexFile ?? null
  const blocked = thread.observed?.blocked ?? null
  const rests = `/proc: futex ${futex.address}${futexFile === null ? '' : ` in ${futexFile}`}, value ${String(futex.value)}, SigBlk ${blocked ?? 'not read'}`
  return {
    class: 'signal-reentrancy',
    failure: 'deadlock',
    confidence: 'weak',
    headline: `${threadName(thread)} may be waiting for itself in a signal handler: it sleeps on a lock with every signal blocked, but the dump has no names to prove it.`,
    story: [
      { text: `${threadName(thread)} sleeps until a lock is given back.`, rests },
      {
        text: 'It blocks every signal, which hardly any code does but the handlers of the Go runtime.',
        rests: `/proc: SigBlk ${blocked ?? 'not read'}`,
      },
    ],
    culprits: [
      {
        thread,
        signal: UNKNOWN_SIGNAL,
        interrupted: null,
        waiting: thread.frames[0] ?? null,
        window: null,
      },
    ],
    victims: [],
    lock: null,
    advice: unwinderAdvice(scene.context),
    raise:
      'A backtrace with function names would prove or refute it: install debug symbols of the C library, or dump with gdb while the program hangs.',
  }
}

function looksStuck(scene: Scene, thread: Thread): boolean {
  const futex = thread.observed?.futex ?? null
  if (futex === null || futex.timed || isNamedWait(scene, thread)) return false
  if (futex.op !== FUTEX_WAIT || futex.value !== WITH_WAITERS) return false
  const inLoader = /\/ld[-.\w]*\.so/.test(thread.observed?.futexFile ?? '')
  return (
    blocksNearlyAll(thread.observed?.blocked ?? null) && (inLoader || handlersOn(thread).length > 0)
  )
}

function isNamedWait(scene: Scene, thread: Thread): boolean {
  return (scene.byThread.get(thread)?.frame ?? null) !== null
}

function blocksNearlyAll(mask: string | null): boolean {
  if (mask === null || !/^(0x)?[0-9a-f]{1,16}$/i.test(mask)) return false
  const bits = BigInt(`0x${mask.replace(/^0x/i, '')}`).toString(2)
  return bits.replace(/0/g, '').length >= NEARLY_ALL
}
