import type { Finding } from '../finding.js'
import { type Scene, shownLock, victimsOf } from '../scene.js'
import { type Dependency, findCycles, readDependencies } from '../wait-for.js'
import { victimSentences } from '../story/victims.js'
import { framesOf, threadInside, threadName } from '../words.js'

/**
 * Two or more threads wait for each other in a circle: each holds what the one before it needs. Locks of any kind and
 * joins may be mixed. From `pthread_mutex_t.__owner`, `pthread_rwlock_t.__cur_writer` and `pthread_join`'s thread; a
 * holder inferred from its stack makes the finding strong and not proven.
 */
export function lockCycle(scene: Scene): Finding | null {
  const cycle = findCycles(readDependencies(scene)).find((each) => each.length > 1)
  return cycle === undefined ? null : describeCycle(scene, cycle)
}

/** The finding for one circle; also what loader-lock builds on. */
export function describeCycle(scene: Scene, cycle: readonly Dependency[]): Finding {
  const threads = cycle.map(({ from }) => from)
  const victims = victimsOf(scene, threads, () => false)
  const proven = cycle.every((each) => each.proven)
  const locked = cycle.find(({ waiting }) => waiting.kind !== 'join') ?? cycle[0]
  return {
    class: 'lock-cycle',
    failure: 'deadlock',
    confidence: proven ? 'proven' : 'strong',
    headline: headline(cycle),
    story: [
      ...cycle.slice(0, 4).map(sentence),
      {
        text:
          cycle.length > 4
            ? `${String(cycle.length - 4)} more threads close the circle; none of them can go on before the next one does.`
            : 'So each waits for the next, the last for the first, and none of them can ever go on.',
        rests: cycle.map(({ from }) => threadInside(from)).join(' → '),
      },
      ...victimSentences(scene, victims),
    ],
    culprits: cycle.map(({ from, waiting }) => ({
      ...{ thread: from, signal: null, interrupted: null, waiting: waiting.frame, window: null },
    })),
    victims,
    lock: locked === undefined ? null : shownLock(scene, locked.waiting),
    advice: cycle.some(({ waiting }) => waiting.kind === 'join') ? JOIN_ADVICE : ORDER_ADVICE,
    raise: proven
      ? null
      : "Reading the locks' owners from the stopped process would prove it; here a holder is known only by its stack.",
  }
}

function headline(cycle: readonly Dependency[]): string {
  const parts = cycle.map(({ from, what }) => `${threadInside(from)} waits for ${what}`)
  const [first, second] = cycle
  if (cycle.length === 2 && first !== undefined && second !== undefined)
    return `${threadName(first.from)} and ${threadInside(second.from)} wait for each other for ever: ${parts.join(', ')}.`
  const shown = parts.length > 4 ? [...parts.slice(0, 3), `${parts.length - 3} more`] : parts
  return `${cycle.length} threads wait for each other in a circle, for ever: ${shown.join(', ')}.`
}

function sentence(each: Dependency): Finding['story'][number] {
  const held = each.waiting.kind === 'join' ? '' : `, which ${threadInside(each.to)} holds`
  return {
    text: `${threadName(each.from)} waits for ${each.what}${held}.`,
    rests: `${framesOf(each.from, [each.waiting.frame])}; ${each.evidence}`,
  }
}

const ORDER_ADVICE: Finding['advice'] = [
  {
    text: 'Take these locks in the same order everywhere, or take them all at once.',
    copy: 'std::scoped_lock both(first, second);',
  },
]

const JOIN_ADVICE: Finding['advice'] = [
  {
    text: 'Give every lock back before waiting for a thread to end: that thread may need it to get there.',
    copy: 'lock.unlock();\nthread.join();',
  },
]
