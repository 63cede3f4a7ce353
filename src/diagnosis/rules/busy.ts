import type { Thread } from '../../gdb/types.js'
import type { Finding } from '../finding.js'
import { isNamelessLibc } from '../frame-names.js'
import type { Scene } from '../scene.js'
import { realFrames } from '../stack.js'
import { capital, framesOf, functionWords, threadInside, threadList } from '../words.js'

/** Share of a core from which a thread counts as busy, by /proc. */
const BUSY_SHARE = 0.2

/**
 * Threads run and nobody is stuck: the process is at work. A thread that burns CPU while its own counter of progress
 * stands still is named, but what it does is not one of the known circles.
 */
export function busy(scene: Scene): Finding | null {
  const running = scene.process.threads.filter((thread) => runs(scene, thread))
  const [first] = running
  if (first === undefined) return null
  const spinning = scene.context.suspicion?.kind === 'spinning'
  const frame = realFrames(first)[0] ?? null
  const where = frame === null ? '' : ` in ${functionWords(frame)}`
  const share =
    first.observed === null
      ? ''
      : ` (${String(Math.round(first.observed.cpuShare * 100))} % of a core)`
  const seen = first.observed !== null || spinning
  return {
    class: 'busy',
    failure: spinning ? 'unknown' : 'none',
    confidence: seen ? 'strong' : 'weak',
    headline: spinning
      ? `${capital(threadInside(first))} burns CPU${where}${share} and makes no progress; why is not known.`
      : `The program is at work: ${threadList(running)} ${running.length > 1 ? 'run' : 'runs'}${running.length > 1 ? '' : where + share}, and nobody waits for a lock that nobody gives back.`,
    story: [
      {
        text: `${capital(threadList(running))} ${running.length > 1 ? 'were' : 'was'} running when the process was stopped.`,
        rests: framesOf(first, [frame]),
      },
    ],
    culprits: spinning
      ? [{ thread: first, signal: null, interrupted: null, waiting: frame, window: null }]
      : [],
    victims: [],
    lock: null,
    advice: [],
    raise: 'A second dump some seconds later would show whether the same frames are still there.',
  }
}

function runs(scene: Scene, thread: Thread): boolean {
  const suspected = scene.context.suspicion
  if (suspected?.kind === 'spinning' && thread.lwp !== null && suspected.tids.includes(thread.lwp))
    return true
  if (scene.byThread.has(thread)) return false
  if (thread.observed !== null)
    return thread.observed.cpuShare >= BUSY_SHARE || thread.observed.state === 'R'
  // In nameless code of the C library it may as well sleep in a system call.
  const top = realFrames(thread)[0]
  return top !== undefined && !isNamelessLibc(top)
}
